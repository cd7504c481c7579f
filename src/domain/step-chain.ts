/**
 * Where one invoice stands in its policy. Steps are taken in order and each once; what was taken is
 * read from history, never counted, so a missed day, a second run or a changed due date needs no repair.
 * Notices up to the due date have their moment and lapse; reminders after it wait until they are taken.
 * Steps 0, +3, +10; due 1 June; the +3 went on the 8th because runs were missed: the +10 follows on the
 * 13th, five days later, not on the 11th.
 */
import { firstRestDay, lastDayBefore, nextSendDay, type SendCalendar } from './calendar.ts';
import { addDays, type Day, soonest } from './day.ts';
import type { Channel, Policy, PolicyStep } from './policy.ts';
import type { InvoiceId } from './receivables.ts';
import { type InvoiceDates, momentDay } from './step-moment.ts';

/**
 * sending, sent and in_doubt are emails that left or may have; todo and done are work of people;
 * skipped: a person decided against it; returned: handed over, and taken back since; shadow: would have been taken, had the book not been in shadow mode.
 */
export type TakenState =
  'sending' | 'sent' | 'in_doubt' | 'todo' | 'done' | 'skipped' | 'returned' | 'shadow';

/** A step an invoice has had, for the due date it had then. */
export interface StepTaken {
  invoiceId: InvoiceId;
  dueOn: Day;
  step: string;
  channel: Channel;
  actionKey: string;
  on: Day;
  state: TakenState;
  /** The last day that a letter gives; null for anything else. */
  deadlineOn: Day | null;
}

/** In the order in which they were taken; two of one day always in the same. */
export function byDayTaken(a: StepTaken, b: StepTaken): number {
  return a.on - b.on || (a.actionKey < b.actionKey ? -1 : 1);
}

/** Chasing goes on since a day: a broken promise may hurry the next reminder, lead further on, or back. */
export interface Resume {
  on: Day;
  /** `then` of the policy: at_once, or the key of a step. */
  then: string;
}

/** Whether a step may be taken on a day, or why it is passed over. */
export type Passes = (step: PolicyStep, index: number, on: Day) => Passing;

export interface PassedOver {
  code: string;
  text: string;
  /** `needs`: what would have to be, and what is. */
  figures?: { needs: string };
}

export interface Passing {
  /** null: it may be taken. */
  why: PassedOver | null;
  /** The first day after it on which time alone can give another answer; null: only a fact can. */
  changesOn: Day | null;
}

/** What a step waits for besides its own day. */
export interface Waiting {
  /** The first day it may be taken. */
  until: Day | null;
  /** Nobody knows how long: it waits for something to happen. */
  isForFact: boolean;
}

export interface ChainInput extends InvoiceDates {
  taken: readonly StepTaken[];
  resume?: Resume | null;
  waiting?: (step: PolicyStep) => Waiting;
  passes?: Passes;
}

export interface StepPlace {
  /** null: no step is left. */
  step: PolicyStep | null;
  index: number;
  /** 1 for the first time an invoice takes this step. */
  round: number;
  /** The day the policy gives it. */
  dayOn: Day;
  /** The first day from asOn on which the step can be taken; asOn itself when it is due now. */
  on: Day;
  /** It cannot be taken on that day either, before something happens. */
  isWaiting: boolean;
  /** The day on which time alone gives another answer although nothing was done; null: it waits to be taken. */
  changesOn: Day | null;
  /** Steps between the last one taken and this one that conditions leave out. */
  passedOver: PassedOver[];
}

export function isFormal(step: Pick<PolicyStep, 'channel'>): boolean {
  return (
    step.channel === 'letter' || step.channel === 'formal_notice' || step.channel === 'hand_over'
  );
}

interface LastTaken {
  index: number;
  on: Day | null;
}

interface Chain {
  policy: Policy;
  input: ChainInput;
  last: LastTaken;
  asOn: Day;
  calendar: SendCalendar;
}

export function nextStep(
  policy: Policy,
  input: ChainInput,
  asOn: Day,
  calendar: SendCalendar,
): StepPlace {
  const chain: Chain = { policy, input, last: lastTaken(policy, input), asOn, calendar };
  const passedOver: StepPlace['passedOver'] = [];
  let passingChangesOn: Day | null = null;
  let chosen: Candidate | null = null;
  for (const place of candidates(chain)) {
    if (chosen !== null && !mayReplace(chain, place)) {
      if (!isFormal(place.step)) chosen.changesOn = soonest(chosen.changesOn, place.dayOn);
      break;
    }
    if (place.changesOn !== null && place.on >= place.changesOn) continue;
    const { why, changesOn } = input.passes?.(place.step, place.index, place.on) ?? FREE;
    passingChangesOn = soonest(passingChangesOn, seenFrom(chain, changesOn));
    if (why !== null) {
      passedOver.push(why);
      passingChangesOn = soonest(passingChangesOn, seenFrom(chain, place.changesOn));
      continue;
    }
    chosen = place;
    if (policy.missed !== 'latest' || isFormal(place.step)) break;
  }
  const place = chosen ?? NO_STEP;
  const isDue = chosen?.on === asOn && !chosen.isWaiting;
  const restsOn = isDue ? firstRestDay(calendar, asOn) : null;
  return { ...place, changesOn: soonest(place.changesOn, passingChangesOn, restsOn), passedOver };
}

const FREE: Passing = { why: null, changesOn: null };

const NO_STEP: StepPlace = {
  step: null,
  index: -1,
  round: 1,
  dayOn: 0 as Day,
  on: 0 as Day,
  isWaiting: false,
  changesOn: null,
  passedOver: [],
};

const NOT_WAITING: Waiting = { until: null, isForFact: false };

type Candidate = StepPlace & { step: PolicyStep };

/** What may follow the last step taken, in order: the same again when it repeats, then those after it. */
function* candidates(chain: Chain): Generator<Candidate> {
  const { policy, last } = chain;
  const again = repeatOf(chain);
  if (again !== null) yield again;
  for (let index = last.index + 1; index < policy.steps.length; index += 1) {
    const step = policy.steps[index];
    if (step !== undefined) yield placeOf(chain, step, index);
  }
}

function repeatOf(chain: Chain): Candidate | null {
  const { policy, input, last, calendar, asOn } = chain;
  const step = policy.steps[last.index];
  if (step?.repeat == null || last.on === null) return null;
  const times = timesTaken(chain, step);
  if (times > step.repeat.atMost) return null;
  const dayOn = addDays(last.on, step.repeat.everyDays);
  const { until, isForFact } = input.waiting?.(step) ?? NOT_WAITING;
  return {
    ...NO_STEP,
    step,
    index: last.index,
    round: times + 1,
    dayOn,
    on: nextSendDay(calendar, Math.max(dayOn, until ?? dayOn, asOn) as Day),
    isWaiting: isForFact,
    changesOn: last.index + 1 < policy.steps.length ? dayOf(chain, last.index + 1) : null,
  };
}

function placeOf(chain: Chain, step: PolicyStep, index: number): Candidate {
  const { input, calendar, asOn } = chain;
  const dayOn = dayOf(chain, index);
  const soonerOn = resumedOn(chain, step, index) ?? dayOn;
  const isSooner = soonerOn < dayOn;
  const { until, isForFact } = input.waiting?.(step) ?? NOT_WAITING;
  const itsOn = isSooner ? soonerOn : Math.max(dayOn, spacedFrom(chain, index));
  const readyOn = Math.max(itsOn, until ?? itsOn) as Day;
  return {
    ...NO_STEP,
    step,
    index,
    round: timesTaken(chain, step) + 1,
    dayOn: isSooner ? soonerOn : dayOn,
    on: nextSendDay(calendar, Math.max(readyOn, asOn) as Day),
    isWaiting: isForFact,
    changesOn: lapsesOn(chain, step, index, readyOn),
  };
}

/**
 * The first step after chasing goes on again need not wait for its own day. A formal one does, unless
 * the policy names it; so does everything that follows, and a notice before the due date.
 */
function resumedOn({ input, last }: Chain, step: PolicyStep, index: number): Day | null {
  const resume = input.resume ?? null;
  if (resume === null || index !== last.index + 1) return null;
  if (isFormal(step) && resume.then !== step.key) return null;
  if (input.taken.some((entry) => entry.on >= resume.on)) return null;
  return Math.max(resume.on, addDays(input.dueOn, 1)) as Day;
}

function timesTaken({ input }: Chain, step: PolicyStep): number {
  return input.taken.filter((entry) => entry.step === step.key).length;
}

/** After a gap in the runs, `latest` goes on with the last plain reminder whose day has come, never past a formal step. */
function mayReplace(chain: Chain, next: Candidate): boolean {
  return next.dayOn <= chain.asOn && !isFormal(next.step);
}

/** The first day from which the answer looks ahead to `on`: on days of rest the next send day is asked about. */
function seenFrom({ calendar, asOn }: Chain, on: Day | null): Day | null {
  if (on === null) return null;
  return Math.max(addDays(lastDayBefore(calendar, on), 1), addDays(asOn, 1)) as Day;
}

function lastTaken(policy: Policy, input: ChainInput): LastTaken {
  const { taken, resume = null } = input;
  const target = policy.steps.findIndex((step) => step.key === resume?.then);
  const sinceOn = resume === null || target === -1 ? -Infinity : resume.on;
  let last: LastTaken = { index: Math.max(target, 0) - 1, on: null };
  for (const entry of taken) {
    if (entry.on < sinceOn) continue;
    const index = indexOfTaken(policy, input, entry);
    const isLater = index > last.index || (index === last.index && entry.on > (last.on ?? 0));
    if (isLater) last = { index, on: entry.on };
  }
  return last;
}

/**
 * A step this policy does not know (the policy was changed since) counts for every plain reminder
 * of the same age: an edited policy never starts again at the friendly letter.
 */
function indexOfTaken(policy: Policy, dates: InvoiceDates, entry: StepTaken): number {
  const known = policy.steps.findIndex((step) => step.key === entry.step);
  if (known !== -1) return known;
  return policy.steps.findLastIndex(
    (_step, index) =>
      plannedDay(policy, index, dates) <= entry.on &&
      !policy.steps.slice(0, index + 1).some((s) => isFormal(s)),
  );
}

/** The day a step has by the policy and the invoice's dates alone. */
export function plannedDay(policy: Policy, index: number, dates: InvoiceDates): Day {
  return dayFrom(policy, index, dates, (before) => plannedDay(policy, before, dates));
}

/** The day of a step; one that counts from the step before counts from when that was taken. */
function dayOf(chain: Chain, index: number): Day {
  const { policy, input, last } = chain;
  return dayFrom(policy, index, input, (before) =>
    before === last.index && last.on !== null ? last.on : dayOf(chain, before),
  );
}

function dayFrom(
  policy: Policy,
  index: number,
  dates: InvoiceDates,
  dayBefore: (index: number) => Day,
): Day {
  const step = policy.steps[index];
  if (step === undefined) throw new RangeError(`the policy has no step ${index}`);
  const previousOn = step.at.from === 'previous' ? dayBefore(index - 1) : dates.dueOn;
  const on = momentDay(step.at, dates, previousOn);
  return on > dates.dueOn ? (Math.max(on, addDays(dates.dueOn, policy.graceDays)) as Day) : on;
}

/** After a late reminder the next one keeps its distance, or the usual spacing when that is shorter. */
function spacedFrom({ policy, input, last }: Chain, index: number): number {
  if (last.on === null || last.index < 0) return -Infinity;
  const before = plannedDay(policy, last.index, input);
  if (before <= input.dueOn) return -Infinity;
  const usual = Math.max(1, plannedDay(policy, index, input) - before);
  return last.on + Math.min(policy.spacing.stepDays, usual);
}

/**
 * A notice before the due date must arrive before it; "due today" gives way to the first reminder;
 * under `skip` a plain reminder that could not go within its days is left out.
 */
function lapsesOn(chain: Chain, step: PolicyStep, index: number, readyOn: Day): Day | null {
  const { policy, input, calendar } = chain;
  const dayOn = dayOf(chain, index);
  const isLast = index + 1 >= policy.steps.length;
  if (dayOn < input.dueOn) {
    const next = isLast ? input.dueOn : dayOf(chain, index + 1);
    return Math.min(input.dueOn, next) as Day;
  }
  if (dayOn === input.dueOn) return isLast ? null : dayOf(chain, index + 1);
  if (policy.missed !== 'skip' || isFormal(step)) return null;
  return addDays(nextSendDay(calendar, readyOn), policy.spacing.stepDays + 1);
}
