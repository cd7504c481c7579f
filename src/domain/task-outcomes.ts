/**
 * What came of a call, and what follows from it: a promise, a dispute, a pause, another try, work for
 * a colleague. A call that leads to nothing written down was for nothing, so each outcome has its
 * consequence here, and a caller is asked for no more than the outcome needs.
 * Voicemail on Monday the 1st: again on the 3rd and, once more in vain, on the 5th; after the third
 * time the next step of the policy takes over.
 */
import { UsageError } from '../errors.ts';
import { nextSendDay, type SendCalendar } from './calendar.ts';
import { addDays, type Day } from './day.ts';
import type { Currency, Minor } from './money.ts';
import { type ReasonCode, REASONS } from './reasons.ts';
import { dayText, moneyText } from './text.ts';

export const CALL_OUTCOMES = [
  'reached',
  'voicemail',
  'unreachable',
  'wrong_contact',
  'invoice_not_received',
  'waiting_for_approval',
  'dispute',
  'will_pay_on',
  'paid_already',
  'payment_run',
] as const;
export type CallOutcome = (typeof CALL_OUTCOMES)[number];

/** `done`: a letter that was posted, a copy that was sent; a call says more. */
export type TaskOutcome = CallOutcome | 'done';

export const FOLLOW_UPS = {
  call_again: { channel: 'call', name: 'Call again' },
  resend_copy: { channel: 'task', name: 'Send a copy of the invoice' },
  find_contact: { channel: 'task', name: 'Find the right person to talk to' },
  ask_remittance: { channel: 'task', name: 'Ask for the remittance advice' },
} as const;
export type FollowUpKind = keyof typeof FOLLOW_UPS;

interface OutcomeRule {
  /** As a note in the ledger says it. */
  words: string;
  day: 'needed' | 'may' | 'none';
  amount: 'may' | 'none';
  /** The reason for not paying that goes without saying; `needed`: the caller names one that contests the amount. */
  reason: ReasonCode | 'needed' | null;
  /** Chasing rests so many business days, or to the day that was named. */
  pauseDays: number | null;
  tryAgain: { afterDays: number; most: number } | null;
  follow: Exclude<FollowUpKind, 'call_again'> | null;
  /** What it says about the number or the person called. */
  contact: ContactSign | null;
}

export type ContactSign = 'good' | 'unreachable' | 'wrong_contact';

const NOTHING: Omit<OutcomeRule, 'words'> = {
  day: 'none',
  amount: 'none',
  reason: null,
  pauseDays: null,
  tryAgain: null,
  follow: null,
  contact: 'good',
};

export const OUTCOME_RULES: Readonly<Record<TaskOutcome, OutcomeRule>> = {
  reached: { ...NOTHING, words: 'spoke to them, nothing agreed' },
  voicemail: {
    ...NOTHING,
    words: 'left a voicemail',
    tryAgain: { afterDays: 2, most: 3 },
    contact: null,
  },
  unreachable: {
    ...NOTHING,
    words: 'could not be reached',
    reason: 'no_answer',
    follow: 'find_contact',
    contact: 'unreachable',
  },
  wrong_contact: {
    ...NOTHING,
    words: 'the wrong person or number',
    follow: 'find_contact',
    contact: 'wrong_contact',
  },
  invoice_not_received: {
    ...NOTHING,
    words: 'they have not received the invoice',
    reason: 'invoice_not_received',
    pauseDays: 5,
    follow: 'resend_copy',
  },
  waiting_for_approval: {
    ...NOTHING,
    words: 'it waits for approval on their side',
    day: 'may',
    reason: 'approval_pending',
    pauseDays: 5,
  },
  dispute: { ...NOTHING, words: 'they dispute it', amount: 'may', reason: 'needed' },
  will_pay_on: { ...NOTHING, words: 'they will pay', day: 'needed', amount: 'may' },
  paid_already: {
    ...NOTHING,
    words: 'they say it is paid',
    pauseDays: 5,
    follow: 'ask_remittance',
  },
  payment_run: {
    ...NOTHING,
    words: 'it is in their next payment run',
    day: 'may',
    reason: 'payment_run',
    pauseDays: 7,
    follow: 'ask_remittance',
  },
  done: { ...NOTHING, words: 'done', contact: null },
};

/** What the person says came of it. */
export interface Said {
  outcome: TaskOutcome;
  on: Day | null;
  amountMinor: Minor | null;
  reason: ReasonCode | null;
}

export interface TaskFacts {
  asOn: Day;
  isCall: boolean;
  /** This one included. */
  tries: number;
  currency: Currency;
  invoices: number;
  totalMinor: Minor;
  calendar: SendCalendar;
}

export interface Consequence {
  /** For the note and the page, ending in no full stop. */
  words: string;
  raises:
    | { kind: 'promise'; on: Day; amountMinor: Minor | null }
    | { kind: 'dispute'; reason: ReasonCode; amountMinor: Minor | null }
    | { kind: 'pause'; untilOn: Day }
    | null;
  reason: ReasonCode | null;
  follow: { kind: FollowUpKind; on: Day } | null;
  /** The day the matter comes up again. */
  followUpOn: Day | null;
}

/** A promise for longer than this is a payment plan or a new term, and somebody has to agree to it. */
const PROMISE_DAYS_MAX = 90;
const PAUSE_DAYS_MAX = 30;

export function consequenceOf(said: Said, task: TaskFacts): Consequence {
  const rule = OUTCOME_RULES[said.outcome];
  check(said, rule, task);
  const raises = raisesOf(said, rule, task);
  const follow = followOf(rule, task);
  const followUpOn =
    raises === null || raises.kind === 'dispute'
      ? (follow?.on ?? null)
      : raises.kind === 'promise'
        ? raises.on
        : raises.untilOn;
  return {
    words: wordsOf(said, rule, raises, follow, task),
    raises,
    reason: said.reason ?? (rule.reason === 'needed' ? null : rule.reason),
    follow,
    followUpOn,
  };
}

function check(said: Said, rule: OutcomeRule, task: TaskFacts): void {
  const { outcome, on, amountMinor, reason } = said;
  if ((outcome === 'done') === task.isCall) {
    const right = task.isCall ? `one of ${CALL_OUTCOMES.join(', ')}` : 'done';
    throw new UsageError(`${outcome} does not fit this task: say ${right}`);
  }
  if (on === null ? rule.day === 'needed' : rule.day === 'none') {
    throw new UsageError(
      on === null ? `${outcome}: say on which day` : `${outcome} takes no day: leave it out`,
    );
  }
  const daysMax = outcome === 'will_pay_on' ? PROMISE_DAYS_MAX : PAUSE_DAYS_MAX;
  if (on !== null && (on < task.asOn || on > addDays(task.asOn, daysMax))) {
    throw new UsageError(
      `${dayText(on)} should be a day from today, ${dayText(task.asOn)}, to ${dayText(addDays(task.asOn, daysMax))}`,
    );
  }
  if (amountMinor !== null) checkAmount(amountMinor, outcome, rule, task);
  if (rule.reason === 'needed' && (reason === null || !REASONS[reason].contests)) {
    throw new UsageError(
      `${outcome}: say what is contested, with a reason like quality or po_missing`,
    );
  }
}

function checkAmount(
  amountMinor: Minor,
  outcome: TaskOutcome,
  rule: OutcomeRule,
  task: TaskFacts,
): void {
  if (rule.amount === 'none') throw new UsageError(`${outcome} takes no amount: leave it out`);
  if (amountMinor <= 0 || amountMinor > task.totalMinor) {
    throw new UsageError(
      `the amount should be more than nothing and at most the ${moneyText(task.totalMinor, task.currency)} that is asked for`,
    );
  }
  if (outcome === 'dispute' && task.invoices !== 1) {
    throw new UsageError('a part in dispute belongs to one invoice: name it');
  }
}

function raisesOf(said: Said, rule: OutcomeRule, task: TaskFacts): Consequence['raises'] {
  const { outcome, on, amountMinor, reason } = said;
  if (outcome === 'will_pay_on' && on !== null) return { kind: 'promise', on, amountMinor };
  if (outcome === 'dispute' && reason !== null) return { kind: 'dispute', reason, amountMinor };
  if (rule.pauseDays === null) return null;
  return {
    kind: 'pause',
    untilOn: on ?? businessDaysAfter(task.calendar, task.asOn, rule.pauseDays),
  };
}

function followOf(rule: OutcomeRule, task: TaskFacts): Consequence['follow'] {
  const { tryAgain, follow } = rule;
  if (tryAgain !== null && task.tries < tryAgain.most) {
    const on = businessDaysAfter(task.calendar, task.asOn, tryAgain.afterDays);
    return { kind: 'call_again', on };
  }
  return follow === null ? null : { kind: follow, on: nextSendDay(task.calendar, task.asOn) };
}

function businessDaysAfter(calendar: SendCalendar, from: Day, count: number): Day {
  let on = from;
  for (let passed = 0; passed < count; passed += 1) on = nextSendDay(calendar, addDays(on, 1));
  return on;
}

function wordsOf(
  said: Said,
  rule: OutcomeRule,
  raises: Consequence['raises'],
  follow: Consequence['follow'],
  task: TaskFacts,
): string {
  const part = said.amountMinor === null ? '' : ` ${moneyText(said.amountMinor, task.currency)}`;
  switch (raises?.kind) {
    case 'promise':
      return `${rule.words}${part} on ${dayText(raises.on)}`;
    case 'dispute':
      return `${rule.words}${part === '' ? '' : `,${part} of it`}: ${REASONS[raises.reason].words.toLowerCase()}`;
    case 'pause':
      return `${rule.words}; left alone to ${dayText(raises.untilOn)}`;
    case undefined:
      break;
  }
  if (rule.tryAgain === null) return rule.words;
  const then = follow === null ? 'no further try' : `again on ${dayText(follow.on)}`;
  return `${rule.words}, try ${task.tries} of ${rule.tryAgain.most}; ${then}`;
}

/** How the customer's contact stands: the latest call that says anything about it. */
export function contactStanding(
  calls: readonly { outcome: string; at: number }[],
): Exclude<ContactSign, 'good'> | null {
  const telling = calls
    .flatMap(({ outcome, at }) => {
      const sign = isTaskOutcome(outcome) ? OUTCOME_RULES[outcome].contact : null;
      return sign === null ? [] : [{ sign, at }];
    })
    .sort((a, b) => a.at - b.at);
  const sign = telling.at(-1)?.sign ?? 'good';
  return sign === 'good' ? null : sign;
}

export function isTaskOutcome(text: string): text is TaskOutcome {
  return Object.hasOwn(OUTCOME_RULES, text);
}
