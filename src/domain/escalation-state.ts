/**
 * How far an invoice, and a customer, has been taken: in order, from "not due" to "handed over". It is
 * read from the steps that were taken and the due date, each time anew, so a payment needs no repair:
 * the customer stands where its worst open invoice stands, and paying that one calms the account.
 * Due 1 June, friendly reminder on the 4th, called on the 22nd: "called" since 22 June; a promise
 * suspends it there and takes nothing back.
 */
import { addDays, type Day } from './day.ts';
import type { Policy, PolicyStep } from './policy.ts';
import type { StepTaken, TakenState } from './step-chain.ts';
import { dayText } from './text.ts';

export const ESCALATION_STATES = [
  'not_due',
  'reminded',
  'overdue',
  'overdue_reminded',
  'called',
  'escalated',
  'formal',
  'final',
  'handed_over',
] as const;
export type EscalationState = (typeof ESCALATION_STATES)[number];

export const ESCALATION_WORDS: Readonly<Record<EscalationState, string>> = {
  not_due: 'not due',
  reminded: 'reminded before it was due',
  overdue: 'overdue, not yet reminded',
  overdue_reminded: 'reminded',
  called: 'called',
  escalated: 'taken up by a senior',
  formal: 'formal letter',
  final: 'final demand',
  handed_over: 'handed over',
};

export interface Escalation {
  state: EscalationState;
  /** The day it was reached; null: it was so from the beginning. */
  since: Day | null;
  /** What chasing rests for at the moment, as promise or dispute; null: nothing. */
  suspendedBy: string | null;
}

type Taken = Pick<StepTaken, 'step' | 'channel' | 'on' | 'state'>;

/** Reached the customer, or may have. */
const COUNTS: Readonly<Record<TakenState, boolean>> = {
  sending: true,
  sent: true,
  in_doubt: true,
  done: true,
  todo: false,
  skipped: false,
  returned: false,
  shadow: false,
};

export function escalationOf(
  invoice: { dueOn: Day; taken: readonly Taken[]; suspendedBy: string | null },
  policy: Pick<Policy, 'steps'>,
  asOn: Day,
): Escalation {
  const { dueOn, suspendedBy } = invoice;
  const reached = invoice.taken
    .filter((entry) => COUNTS[entry.state])
    .map((entry) => ({ state: stateOfStep(entry, dueOn, policy), since: entry.on }));
  const isOverdue = dueOn < asOn;
  const begun: Pick<Escalation, 'state' | 'since'> = isOverdue
    ? { state: 'overdue', since: addDays(dueOn, 1) }
    : { state: 'not_due', since: null };
  return { ...[begun, ...reached].reduce(further), suspendedBy };
}

function stateOfStep(entry: Taken, dueOn: Day, policy: Pick<Policy, 'steps'>): EscalationState {
  const step = policy.steps.find((known) => known.key === entry.step);
  switch (entry.channel) {
    case 'hand_over':
      return 'handed_over';
    case 'letter':
    case 'formal_notice':
      return isFinalLetter(entry, policy) ? 'final' : 'formal';
    case 'call':
      return isSenior(step) ? 'escalated' : 'called';
    // Work inside the house does not reach the customer.
    case 'task':
      return 'not_due';
    case 'email':
      if (isSenior(step)) return 'escalated';
      return entry.on > dueOn ? 'overdue_reminded' : 'reminded';
  }
}

function isSenior(step: PolicyStep | undefined): boolean {
  return step !== undefined && step.sender !== 'collector';
}

/** A formal notice, or the last of several letters: a policy with one letter has a formal one and no final one. */
function isFinalLetter(entry: Taken, policy: Pick<Policy, 'steps'>): boolean {
  if (entry.channel === 'formal_notice') return true;
  const letters = policy.steps.filter((other) => other.channel === 'letter');
  return letters.length > 1 && letters.at(-1)?.key === entry.step;
}

/**
 * Where a customer stands: as far as the furthest of the invoices that are still open, of two alike the
 * one whose chasing goes on; null: nothing is open.
 */
export function accountEscalation(invoices: readonly Escalation[]): Escalation | null {
  const rests = ({ suspendedBy }: Escalation) => suspendedBy ?? '';
  const [first, ...rest] = invoices.toSorted((a, b) => rests(a).localeCompare(rests(b)));
  return first === undefined ? null : rest.reduce(further, first);
}

export function rankOf(state: EscalationState): number {
  return ESCALATION_STATES.indexOf(state);
}

/** The further of two; of two alike the one that was reached first. */
function further<T extends Pick<Escalation, 'state' | 'since'>>(a: T, b: T): T {
  const ranks = rankOf(b.state) - rankOf(a.state);
  if (ranks !== 0) return ranks > 0 ? b : a;
  return (b.since ?? -Infinity) < (a.since ?? -Infinity) ? b : a;
}

/** "called since 22 Jun 2026, suspended (promise)" */
export function escalationText({ state, since, suspendedBy }: Escalation): string {
  const from = since === null ? '' : ` since ${dayText(since)}`;
  const rests = suspendedBy === null ? '' : `, suspended (${suspendedBy.replaceAll('_', ' ')})`;
  return `${ESCALATION_WORDS[state]}${from}${rests}`;
}

/** Where it stands on a later day by time alone: what was not due has become overdue. */
export function escalationLater(escalation: Escalation, dueOn: Day, on: Day): Escalation {
  const overdue: Pick<Escalation, 'state' | 'since'> = {
    state: 'overdue',
    since: addDays(dueOn, 1),
  };
  return dueOn < on
    ? { ...escalation, ...further<Pick<Escalation, 'state' | 'since'>>(overdue, escalation) }
    : escalation;
}
