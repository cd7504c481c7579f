/**
 * A policy in words, setting by setting, and what differs between two of them. Comparing the words
 * instead of the lines means that a comment or another order of the keys is no difference, and that
 * the difference reads as a person would tell it.
 * "Step second-reminder: 10 days after the due date → 14 days after the due date".
 */
import type { Amounts, Bounds, Conditions } from './conditions.ts';
import type { GoOn, Policy, PolicyCalendar, PolicyStep } from './policy.ts';
import { momentText } from './step-moment.ts';
import { dayText, percentText, plural } from './text.ts';

/** What a setting is called, and what it says. */
export type Setting = readonly [name: string, words: string];

export function policyWords(policy: Policy): Setting[] {
  const { spacing, budgets } = policy;
  return [
    ['Name', policy.name],
    ['Mode', policy.mode],
    ['Grace', plural(policy.graceDays, 'day')],
    ['Missed runs', MISSED_WORDS[policy.missed]],
    ['Tolerance', amountsText(policy.tolerance)],
    ['Only when', conditionsText(policy.when)],
    ['Not when', conditionsText(policy.unless)],
    ['Between two messages to a customer', plural(spacing.customerDays, 'day')],
    ['Between two steps of an invoice', plural(spacing.stepDays, 'day')],
    ['Messages in 7 days', String(budgets.messagesPer7Days)],
    ['Contacts in 7 days', String(budgets.contactsPer7Days)],
    ['Messages to one person in 7 days', String(budgets.personPer7Days)],
    ['Calls in 7 days', String(budgets.callsPer7Days)],
    ['Letters in 7 days', String(budgets.lettersPer7Days)],
    ['Volume breaker', `${budgets.volumeBreaker} times the usual`],
    ...calendarWords(policy.calendar),
    [
      'Freshness',
      policy.freshnessHours === null ? 'as installed' : plural(policy.freshnessHours, 'hour'),
    ],
    ['Held when unapplied credit reaches', percentText(policy.unappliedCreditHoldShare)],
    ['Hold-out', holdOutText(policy.holdOut)],
    ['After a promised day', `wait ${plural(policy.onPromise.graceDays, 'day')}`],
    ['After a broken promise', thenText(policy.onBrokenPromise)],
    [
      'In a dispute',
      `${policy.onDispute.chaseRest ? 'the rest is chased' : 'nothing is chased'}, then ${thenText(policy.onDispute)}`,
    ],
    [
      'In a plan',
      `an instalment may be ${plural(policy.onPlan.graceDays, 'day')} late, then ${thenText(policy.onPlan)}`,
    ],
    ['After a reply', `pause for ${plural(policy.onReply.pauseDays, 'day')}`],
    ['Statements', statementsText(policy)],
  ];
}

export function stepWords(step: PolicyStep): Setting[] {
  return [
    ['name', step.name],
    ['day', momentText(step.at)],
    ['channel', step.channel.replace('_', ' ')],
    ['template', step.template === '' ? 'none' : step.template],
    ['sender', step.sender.replace('_', ' ')],
    ['mode', step.fourEyes ? `${step.mode}, released by two people` : step.mode],
    ['only when', conditionsText(step.when)],
    ['not when', conditionsText(step.unless)],
    [
      'repeats',
      step.repeat === null
        ? 'no'
        : `every ${plural(step.repeat.everyDays, 'day')}, at most ${plural(step.repeat.atMost, 'time')}`,
    ],
    ['attached', attachedText(step)],
  ];
}

/** What is different in `after`, one line for each difference; none when both say the same. */
export function diffPolicies(before: Policy, after: Policy): string[] {
  const steps = new Map(before.steps.map((step) => [step.key, step]));
  const kept = new Set(after.steps.map((step) => step.key));
  return [
    ...diffSettings('', policyWords(before), policyWords(after)),
    ...before.steps
      .filter((step) => !kept.has(step.key))
      .map((step) => `Step ${step.key} is gone: ${briefly(step)}`),
    ...after.steps.flatMap((step) => {
      const was = steps.get(step.key);
      if (was === undefined) return [`Step ${step.key} is new: ${briefly(step)}`];
      return diffSettings(`Step ${step.key}, `, stepWords(was), stepWords(step));
    }),
    ...diffOrder(before, after),
  ];
}

function diffSettings(
  prefix: string,
  before: readonly Setting[],
  after: readonly Setting[],
): string[] {
  const was = new Map(before);
  return after.flatMap(([name, words]) => {
    const earlier = was.get(name) ?? '';
    return earlier === words ? [] : [`${prefix}${name}: ${earlier} → ${words}`];
  });
}

function diffOrder(before: Policy, after: Policy): string[] {
  const order = (of: Policy, other: Policy) =>
    of.steps.map(({ key }) => key).filter((key) => other.steps.some((step) => step.key === key));
  const [was, is] = [order(before, after).join(', '), order(after, before).join(', ')];
  return was === is ? [] : [`Order of the steps: ${was} → ${is}`];
}

function briefly(step: PolicyStep): string {
  return `"${step.name}", ${momentText(step.at)}, by ${step.channel.replace('_', ' ')}`;
}

const MISSED_WORDS: Record<Policy['missed'], string> = {
  in_order: 'steps one by one',
  latest: 'on to the latest plain reminder',
  skip: 'late reminders are left out',
};

function amountsText(amounts: Amounts): string {
  const entries = Object.entries(amounts).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return 'none';
  return entries.map(([currency, amount]) => `${currency} ${amount}`).join(', ');
}

function conditionsText(conditions: Conditions | null): string {
  if (conditions === null) return 'always';
  const { amount, overdue, age, overdueCount, score, flags, segment } = conditions;
  const parts = [
    boundsText('amount', amount, amountsText),
    boundsText('overdue', overdue, amountsText),
    boundsText('days past due', age, String),
    boundsText('overdue invoices', overdueCount, String),
    boundsText('score', score, String),
    flags.length === 0 ? null : `flag ${flags.join(' or ')}`,
    segment.length === 0 ? null : `segment ${segment.join(' or ')}`,
  ];
  return parts.filter((part) => part !== null).join('; ');
}

function boundsText<T>(
  what: string,
  bounds: Bounds<T> | null,
  text: (value: T) => string,
): string | null {
  if (bounds === null) return null;
  const { atLeast, below } = bounds;
  const sides = [
    ...(atLeast === null ? [] : [`from ${text(atLeast)}`]),
    ...(below === null ? [] : [`below ${text(below)}`]),
  ];
  return `${what} ${sides.join(' ')}`;
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

function calendarWords(calendar: PolicyCalendar): Setting[] {
  const { sendDays, hours, holidays, extraHolidays, closed } = calendar;
  const spans = closed.map(({ from, until }) => `${dayText(from)} to ${dayText(until)}`);
  return [
    ['Send days', WEEKDAYS.filter((_, index) => sendDays.has(index + 1)).join(', ')],
    ['Hours', hours === null ? 'any' : `${timeText(hours.from)} to ${timeText(hours.until)}`],
    ['Public holidays', holidays ? 'kept' : 'worked'],
    ['Own holidays', extraHolidays.map(dayText).join(', ') || 'none'],
    ['Closed', spans.join(', ') || 'never'],
  ];
}

function timeText(minutes: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function holdOutText(holdOut: Policy['holdOut']): string {
  if (holdOut === null) return 'none';
  return `${percentText(holdOut.share)} hear nothing before ${holdOut.before}`;
}

function thenText({ then }: GoOn): string {
  if (then === 'at_once') return 'the next reminder at once';
  return then === 'in_time' ? 'the next step in its time' : `step ${then}`;
}

function statementsText({ statements }: Policy): string {
  if (statements === null) return 'none';
  const { kind, dayOfMonth, minBalance } = statements;
  const from = Object.keys(minBalance).length === 0 ? '' : ` from ${amountsText(minBalance)}`;
  return `${kind.replace('_', ' ')} on day ${dayOfMonth} of the month${from}`;
}

function attachedText({ attachPdf, attachStatement }: PolicyStep): string {
  const parts = [...(attachPdf ? ['invoices'] : []), ...(attachStatement ? ['statement'] : [])];
  return parts.join(' and ') || 'nothing';
}
