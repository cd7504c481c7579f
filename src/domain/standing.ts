/**
 * One invoice by itself: is anything owed on it, does something hold it back, and which step of its
 * policy comes next. An invoice whose step is due now is left open here: whether a letter goes is
 * decided for the customer as a whole.
 * Due 1 June, nothing sent, 4 June: the +3 is due. The same with a promise until the 10th: held.
 */
import { resumeAfterReturn } from './after-return.ts';
import { addDays, type Day, formatDay, latest, soonest } from './day.ts';
import { deadlineAhead } from './deadline.ts';
import type { OpenItem } from './due-items.ts';
import type {
  ChaseInvoice,
  CustomerCase,
  DunningContext,
  Outcome,
  Proposal,
  Reason,
  Rules,
} from './dunning-case.ts';
import { askedMinor, dueMinor, type HoldEffect } from './hold-effect.ts';
import type { Minor } from './money.ts';
import type { OverdueTimeline } from './overdue-timeline.ts';
import { modeOfStep, type Policy, type PolicyStep, toleranceOf } from './policy.ts';
import type { Recipients } from './recipients.ts';
import {
  byDayTaken,
  nextStep,
  type Resume,
  type StepPlace,
  type StepTaken,
  type Waiting,
} from './step-chain.ts';
import { policyPasses, stepPasses, type Subject } from './step-conditions.ts';
import { dayText, moneyText } from './text.ts';
import { ToldReason } from './told-reason.ts';

export interface Verdict {
  outcome: Outcome;
  reason: Reason;
  step: string | null;
  nextOn: Day | null;
  actionKey: string | null;
}

/** An invoice on its way through the rule. */
export interface Standing {
  invoice: ChaseInvoice;
  /** What is open and when it falls due, as agreed. */
  items: readonly OpenItem[];
  rules: Rules;
  dueOn: Day;
  /** What has fallen due, or falls due first. */
  dueMinor: Minor;
  /** The same without what is contested. */
  askedMinor: Minor;
  holds: HoldEffect;
  taken: StepTaken[];
  place: StepPlace | null;
  /** When time alone can put it outside what the policy as a whole is for. */
  policyChangesOn: Day | null;
  isListable: boolean;
  path: Reason[];
  /** null: a step is due now, and the group decides. */
  verdict: Verdict | null;
  recipients: Recipients | null;
  /** The message or task that now follows. */
  proposed: Pick<Proposal, 'step' | 'mode'> | null;
}

export type DueStanding = Standing & { place: StepPlace & { step: PolicyStep } };

export function standingOf(
  invoice: ChaseInvoice,
  holds: HoldEffect,
  history: readonly StepTaken[],
  customer: CustomerCase,
  timeline: OverdueTimeline,
  context: DunningContext,
): Standing {
  const rules = context.rulesFor(invoice);
  const { items } = holds;
  const dueOn = items[0]?.dueOn ?? invoice.dueOn;
  const horizon = Math.max(context.asOn, dueOn) as Day;
  const standing: Standing = {
    invoice,
    rules,
    items,
    dueOn,
    dueMinor: dueMinor(holds, horizon),
    askedMinor: askedMinor(holds, invoice.openMinor, horizon),
    holds,
    taken: takenFor(dueOn, history, rules, context),
    place: null,
    policyChangesOn: null,
    isListable: false,
    path: [],
    verdict: null,
    recipients: null,
    proposed: null,
  };
  const subject: Subject = { invoice, dueOn, customer, timeline };
  standing.verdict =
    notOwed(standing) ??
    heldBack(standing, customer) ??
    handedOver(standing) ??
    notMeant(standing, subject, context) ??
    notYet(standing, subject, context);
  return standing;
}

/** What was done about another due date is not counted. */
function takenFor(
  dueOn: Day,
  history: readonly StepTaken[],
  rules: Rules,
  context: DunningContext,
): StepTaken[] {
  return history
    .filter((entry) => entry.dueOn === dueOn && wasTaken(entry, rules, context))
    .sort(byDayTaken);
}

/** What would have been done in shadow mode counts for as long as the step is in shadow mode. */
function wasTaken(entry: StepTaken, { policy }: Rules, { mode }: DunningContext): boolean {
  if (entry.state !== 'shadow') return true;
  const step = policy.steps.find(({ key }) => key === entry.step);
  return (step === undefined ? mode : modeOfStep(step, policy, mode)) === 'shadow';
}

/** Closes an invoice's case with a reason. */
export function settle(
  standing: Standing,
  outcome: Outcome,
  reason: Reason,
  rest: Partial<Pick<Verdict, 'step' | 'nextOn' | 'actionKey'>> = {},
): Verdict {
  const { step = null, nextOn = null, actionKey = null } = rest;
  standing.path.push(reason);
  standing.verdict = { outcome, reason, step, nextOn, actionKey };
  return standing.verdict;
}

function notOwed(standing: Standing): Verdict | null {
  const { invoice } = standing;
  if (invoice.status === 'draft') {
    return settle(standing, 'none', {
      code: 'draft',
      text: 'A draft: nothing is asked for until it is approved.',
    });
  }
  if (invoice.openMinor <= 0) {
    return settle(standing, 'none', { code: 'nothing_open', text: 'Nothing is open on it.' });
  }
  if (invoice.kind === 'journal') {
    const text = 'A journal line: it counts in the balance, but there is no invoice to remind of.';
    return settle(standing, 'none', { code: 'journal', text });
  }
  standing.isListable = true;
  const toleranceMinor = toleranceOf(standing.rules.policy, invoice.currency);
  if (invoice.openMinor > toleranceMinor) return null;
  return settle(standing, 'none', {
    code: 'tolerance',
    text: `${moneyText(invoice.openMinor, invoice.currency)} open is within the tolerance of ${moneyText(toleranceMinor, invoice.currency)}.`,
    figures: { openMinor: invoice.openMinor, toleranceMinor },
  });
}

function heldBack(standing: Standing, customer: CustomerCase): Verdict | null {
  const { holds } = standing;
  if (customer.debtor.doNotChase) {
    standing.isListable = false;
    return settle(standing, 'hold', {
      code: 'do_not_chase',
      text: `${customer.debtor.name} is set to never be reminded.`,
    });
  }
  standing.path.push(...holds.reasons);
  const { held } = holds;
  if (held === null) return tooLittleUncontested(standing);
  standing.isListable = false;
  const outcome = held.task === null ? 'hold' : 'task';
  return settle(standing, outcome, held.reason, { ...held.task, nextOn: holds.changesOn });
}

function tooLittleUncontested(standing: Standing): Verdict | null {
  const { contestedMinor } = standing.holds;
  const { currency, openMinor } = standing.invoice;
  const restMinor = openMinor - contestedMinor;
  const toleranceMinor = toleranceOf(standing.rules.policy, currency);
  if (contestedMinor === 0 || restMinor > toleranceMinor) return null;
  standing.isListable = false;
  return settle(standing, 'hold', {
    code: 'hold_dispute',
    text: `Only ${moneyText(restMinor, currency)} of it is not in dispute: within the tolerance of ${moneyText(toleranceMinor, currency)}.`,
    figures: { contestedMinor, restMinor, toleranceMinor },
  });
}

const IS_OVER: ReadonlySet<StepTaken['state']> = new Set(['skipped', 'returned']);

/** An agency or a lawyer has it: we are silent. */
function handedOver(standing: Standing): Verdict | null {
  const handOver = standing.taken.findLast((entry) => entry.channel === 'hand_over');
  if (handOver === undefined || IS_OVER.has(handOver.state)) return null;
  standing.isListable = false;
  const { step, actionKey } = handOver;
  if (handOver.state === 'todo') {
    const text = `To be handed over since ${dayText(handOver.on)}; a person does that.`;
    return settle(standing, 'task', { code: 'open_task', text }, { step, actionKey });
  }
  const text = `Handed over on ${dayText(handOver.on)}: no further reminder.`;
  return settle(standing, 'hold', { code: 'handed_over', text }, { step });
}

function laterOf(a: Resume | null, b: Resume | null): Resume | null {
  if (a === null || b === null) return a ?? b;
  return b.on > a.on ? b : a;
}

/** The policy as a whole is for other invoices than this one. */
function notMeant(standing: Standing, subject: Subject, context: DunningContext): Verdict | null {
  const { why, changesOn } = policyPasses(standing.rules.policy, subject, context.asOn);
  if (why === null) {
    standing.policyChangesOn = changesOn;
    return null;
  }
  return settle(standing, 'none', why, { nextOn: changesOn });
}

function notYet(standing: Standing, subject: Subject, context: DunningContext): Verdict | null {
  const { asOn } = context;
  const { dueOn, invoice, taken } = standing;
  const { policy, calendar } = standing.rules;
  const passes = stepPasses(policy, subject);
  const resume = laterOf(standing.holds.resume, resumeAfterReturn(policy, taken));
  const place = nextStep(
    policy,
    {
      dueOn,
      issuedOn: invoice.issuedOn,
      taken,
      resume,
      passes,
      waiting: (step) => waitingOf(step, standing),
    },
    asOn,
    calendar,
  );
  standing.place = place;
  for (const entry of standing.taken) standing.path.push(takenReason(entry));
  standing.path.push(...place.passedOver);
  const openTask = standing.taken.findLast((entry) => entry.state === 'todo');
  if (place.step !== null && place.on <= asOn && !place.isWaiting) return null;
  if (openTask !== undefined) {
    const text = `${nameOf(openTask.step, policy)} is with a person since ${dayText(openTask.on)}.`;
    const rest = { step: openTask.step, actionKey: openTask.actionKey, nextOn: dayOrNull(place) };
    return settle(standing, 'task', { code: 'open_task', text }, rest);
  }
  if (place.step === null) {
    const text =
      place.passedOver.length === 0
        ? 'Every step of the policy has been taken.'
        : 'No step of the policy is left that is meant for it.';
    return settle(standing, 'wait', { code: 'no_step_left', text }, { nextOn: place.changesOn });
  }
  const { step, on } = place;
  const reason = new ToldReason('not_due_yet', () => ({
    text: `${dueText(standing, asOn)}; ${nextText(step, on)}.`,
  }));
  return settle(standing, 'wait', reason, { step: step.key, nextOn: dayOrNull(place) });
}

/** A hand-over waits for the last day that a letter gave; what follows a return keeps its distance. */
function waitingOf(step: PolicyStep, { taken, rules }: Standing): Waiting {
  const returnedOn = taken.findLast((entry) => entry.state === 'returned')?.on ?? null;
  const spacedOn = returnedOn === null ? null : addDays(returnedOn, rules.policy.spacing.stepDays);
  if (step.channel !== 'hand_over') return { until: spacedOn, isForFact: false };
  const { until, isUnposted } = deadlineAhead(taken);
  const afterLetterOn = until === null ? null : addDays(until, 1);
  return { until: latest(spacedOn, afterLetterOn), isForFact: isUnposted };
}

function dayOrNull(place: StepPlace): Day | null {
  const isKnown = place.step !== null && !place.isWaiting;
  return isKnown ? soonest(place.on, place.changesOn) : place.changesOn;
}

function nextText(step: PolicyStep, on: Day): string {
  return `next is "${step.name}" on ${dayText(on)}`;
}

export function dueText(standing: Standing, asOn: Day): string {
  const verb = standing.dueOn < asOn ? 'Was due' : standing.dueOn === asOn ? 'Is due' : 'Falls due';
  return `${verb} on ${dayText(standing.dueOn)}`;
}

const TAKEN_WORDS: Record<StepTaken['state'], string> = {
  sending: 'is being handed to the mail server since',
  sent: 'was sent on',
  in_doubt: 'may have been sent on',
  todo: 'is with a person since',
  done: 'was done on',
  skipped: 'was left out by a person on',
  returned: 'was taken back on',
  shadow: 'would have gone out on',
};

function takenReason(entry: StepTaken): Reason {
  return new ToldReason(`taken:${entry.step}`, () => ({
    text: `Step ${entry.step} ${TAKEN_WORDS[entry.state]} ${dayText(entry.on)}.`,
    figures: { on: formatDay(entry.on) },
  }));
}

function nameOf(key: string, policy: Policy): string {
  return policy.steps.find((step) => step.key === key)?.name ?? key;
}

export function isDue(standing: Standing): standing is DueStanding {
  return standing.verdict === null && standing.place?.step != null;
}
