/**
 * Where one invoice stands in its policy. Steps are taken in order and each once; what was taken is
 * read from history, never counted, so a missed day, a second run or a changed due date needs no repair.
 * Notices up to the due date have their moment and lapse; reminders after it wait until they are taken.
 * Steps 0, +3, +10; due 1 June; the +3 went on the 8th because runs were missed: the +10 follows on the
 * 13th, five days later, not on the 11th.
 */
import { nextSendDay, type SendCalendar } from './calendar.ts';
import { addDays, type Day, daysBetween } from './day.ts';
import type { Channel, Policy, PolicyStep } from './policy.ts';
import type { InvoiceId } from './receivables.ts';

/**
 * sending, sent and in_doubt are emails that left or may have; todo and done are work of people;
 * skipped: a person decided against it; shadow: would have been taken, had the book not been in shadow mode.
 */
export type TakenState = 'sending' | 'sent' | 'in_doubt' | 'todo' | 'done' | 'skipped' | 'shadow';

/** A step an invoice has had, for the due date it had then. */
export interface StepTaken {
  invoiceId: InvoiceId;
  dueOn: Day;
  step: string;
  channel: Channel;
  actionKey: string;
  on: Day;
  state: TakenState;
}

export interface StepPlace {
  /** null: no step is left. */
  step: PolicyStep | null;
  index: number;
  /** The first day from asOn on which the step can be taken; asOn itself when it is due now. */
  on: Day;
  /** The day on which time alone puts another step in its place; null: it waits to be taken. */
  changesOn: Day | null;
}

const NO_STEP: StepPlace = { step: null, index: -1, on: 0 as Day, changesOn: null };

export function isFormal(step: Pick<PolicyStep, 'channel'>): boolean {
  return step.channel === 'letter' || step.channel === 'hand_over';
}

export function nextStep(
  policy: Policy,
  dueOn: Day,
  taken: readonly StepTaken[],
  asOn: Day,
  calendar: SendCalendar,
): StepPlace {
  const last = lastTaken(policy, dueOn, taken);
  for (let index = last.index + 1; index < policy.steps.length; index += 1) {
    const place = placeOf(policy, index, dueOn, last, asOn, calendar);
    const hasLapsed = place.changesOn !== null && place.on >= place.changesOn;
    if (hasLapsed) continue;
    return policy.missed === 'latest'
      ? skipAhead(policy, place, dueOn, last, asOn, calendar)
      : place;
  }
  return NO_STEP;
}

interface LastTaken {
  index: number;
  on: Day | null;
}

function lastTaken(policy: Policy, dueOn: Day, taken: readonly StepTaken[]): LastTaken {
  let last: LastTaken = { index: -1, on: null };
  for (const entry of taken) {
    const index = indexOfTaken(policy, dueOn, entry);
    const isLater = index > last.index || (index === last.index && entry.on > (last.on ?? 0));
    if (isLater) last = { index, on: entry.on };
  }
  return last;
}

/**
 * A step this policy does not know (the policy was changed since) counts for every plain reminder
 * of the same age: an edited policy never starts again at the friendly letter.
 */
function indexOfTaken(policy: Policy, dueOn: Day, entry: StepTaken): number {
  const known = policy.steps.findIndex((step) => step.key === entry.step);
  if (known !== -1) return known;
  const age = daysBetween(dueOn, entry.on);
  return policy.steps.findLastIndex(
    (step, index) =>
      step.offsetDays <= age && !policy.steps.slice(0, index + 1).some((s) => isFormal(s)),
  );
}

function placeOf(
  policy: Policy,
  index: number,
  dueOn: Day,
  last: LastTaken,
  asOn: Day,
  calendar: SendCalendar,
): StepPlace {
  const step = policy.steps[index];
  if (step === undefined) return NO_STEP;
  const readyOn = Math.max(
    addDays(dueOn, offsetOf(policy, step)),
    spacedFrom(policy, step, last),
    asOn,
  ) as Day;
  return {
    step,
    index,
    on: nextSendDay(calendar, readyOn),
    changesOn: lapsesOn(policy, index, dueOn),
  };
}

function offsetOf(policy: Policy, step: PolicyStep): number {
  return step.offsetDays > 0 ? Math.max(step.offsetDays, policy.graceDays) : step.offsetDays;
}

/** After a late reminder the next one keeps its distance, or the usual spacing when that is shorter. */
function spacedFrom(policy: Policy, step: PolicyStep, last: LastTaken): number {
  const before = policy.steps[last.index];
  if (before === undefined || last.on === null || before.offsetDays <= 0) return -Infinity;
  return last.on + Math.min(policy.spacing.stepDays, step.offsetDays - before.offsetDays);
}

/** A notice before the due date must arrive before it; "due today" gives way to the first reminder. */
function lapsesOn(policy: Policy, index: number, dueOn: Day): Day | null {
  const step = policy.steps[index];
  if (step === undefined || step.offsetDays > 0) return null;
  const next = policy.steps[index + 1];
  if (step.offsetDays < 0) return addDays(dueOn, Math.min(0, next?.offsetDays ?? 0));
  return next === undefined ? null : addDays(dueOn, offsetOf(policy, next));
}

/** After a gap in the runs: go on with the latest plain reminder whose day has come, never past a formal step. */
function skipAhead(
  policy: Policy,
  from: StepPlace,
  dueOn: Day,
  last: LastTaken,
  asOn: Day,
  calendar: SendCalendar,
): StepPlace {
  if (from.step === null || isFormal(from.step)) return from;
  let index = from.index;
  for (let ahead = index + 1; ahead < policy.steps.length; ahead += 1) {
    const step = policy.steps[ahead];
    if (step === undefined || isFormal(step)) break;
    const reachedOn = addDays(dueOn, offsetOf(policy, step));
    if (reachedOn > asOn) {
      const place = placeOf(policy, index, dueOn, last, asOn, calendar);
      return { ...place, changesOn: reachedOn };
    }
    index = ahead;
  }
  return placeOf(policy, index, dueOn, last, asOn, calendar);
}
