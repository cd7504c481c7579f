/**
 * A promise to pay: an amount and a day, in somebody's words. It pauses chasing to its day and a few
 * days' grace, and what arrived by then decides: kept as soon as all of it is there, partly kept or
 * broken when it is not. Nobody can keep a promise of more than was owed, so no more is asked of it.
 * 500.00 promised for the 18th, grace 2: 300.00 on the 19th and 200.00 on the 20th keep it; 200.00 on
 * the 21st would have come too late and left it partly kept.
 */
import { addDays, type Day } from './day.ts';
import { arrivedBy, arrivedOn, type HoldOf, type HoldRules, openAtStart } from './holds.ts';
import type { Currency, Minor } from './money.ts';

/** void: nothing was owed any more when the promise was made, or it was taken off the books. */
export type PromiseState = 'pending' | 'kept' | 'partly_kept' | 'broken' | 'void';

export interface PromiseStanding {
  state: PromiseState;
  /** What has to arrive: the promised amount, or what was open when that was less. */
  dueMinor: Minor;
  arrivedMinor: Minor;
  /** The last day on which a payment still keeps it. */
  lastOn: Day;
  /** The first day on which the state differs by time alone. */
  changesOn: Day | null;
}

export type PromiseHold = HoldOf<'promise'>;

export function promiseStanding(
  hold: Pick<PromiseHold, 'terms' | 'fromOn' | 'arrivals' | 'invoices'>,
  rules: Pick<HoldRules, 'onPromise'>,
  asOn: Day,
): PromiseStanding {
  const lastOn = addDays(hold.terms.payOn, rules.onPromise.graceDays);
  const dueMinor = Math.min(hold.terms.amountMinor, openAtStart(hold));
  const standing = {
    dueMinor,
    arrivedMinor: arrivedBy(hold, Math.min(asOn, lastOn) as Day),
    lastOn,
  };
  if (dueMinor <= 0) return { ...standing, state: 'void', changesOn: null };
  const keptOn = arrivedOn(hold, dueMinor);
  const isKept = keptOn !== null && keptOn <= lastOn;
  if (isKept && keptOn <= asOn) return { ...standing, state: 'kept', changesOn: null };
  if (asOn <= lastOn) {
    return { ...standing, state: 'pending', changesOn: isKept ? keptOn : addDays(lastOn, 1) };
  }
  const state = standing.arrivedMinor > 0 ? 'partly_kept' : 'broken';
  return { ...standing, state, changesOn: null };
}

export interface ReliabilityPrior {
  /** Share of promises kept among customers of this book. */
  share: number;
  /** How many promises of one's own it takes to outweigh that. */
  weight: number;
}

/** About what businesses report of promises by phone; replaced by the book's own share when it has one. */
export const PROMISE_PRIOR: ReliabilityPrior = { share: 0.7, weight: 3 };

export interface PastPromise {
  currency: Currency;
  state: PromiseState;
  dueMinor: Minor;
  arrivedMinor: Minor;
}

export interface Reliability {
  /** Promises whose day has passed, and those kept before it. */
  dueCount: number;
  keptCount: number;
  partlyKeptCount: number;
  brokenCount: number;
  /** Kept in full by number, drawn towards the prior while there are few. */
  keptShare: number;
  /** Arrived in time by value, each currency by itself, drawn in the same way. */
  byValue: { currency: Currency; dueMinor: Minor; arrivedMinor: Minor; share: number }[];
}

/** How far a customer's promises can be counted on. One kept of two, prior 0.7 of weight 3: (1 + 2.1) / 5 = 62 %. */
export function promiseReliability(
  promises: readonly PastPromise[],
  prior: ReliabilityPrior = PROMISE_PRIOR,
): Reliability {
  const due = promises.filter((promise) => isDecided(promise.state));
  const countOf = (state: PromiseState) => due.filter((p) => p.state === state).length;
  const keptCount = countOf('kept');
  const currencies = [...new Set(due.map((promise) => promise.currency))].sort();
  return {
    dueCount: due.length,
    keptCount,
    partlyKeptCount: countOf('partly_kept'),
    brokenCount: countOf('broken'),
    keptShare: shrunken(keptCount, due.length, 1, prior),
    byValue: currencies.map((currency) => valueShare(due, currency, prior)),
  };
}

function isDecided(state: PromiseState): boolean {
  return state === 'kept' || state === 'partly_kept' || state === 'broken';
}

function valueShare(due: readonly PastPromise[], currency: Currency, prior: ReliabilityPrior) {
  const own = due.filter((promise) => promise.currency === currency);
  const dueMinor = own.reduce((sum, promise) => sum + promise.dueMinor, 0);
  const arrivedMinor = own.reduce((sum, p) => sum + Math.min(p.arrivedMinor, p.dueMinor), 0);
  const share = shrunken(arrivedMinor, dueMinor, dueMinor / own.length, prior);
  return { currency, dueMinor, arrivedMinor, share };
}

/** `unit` is the size of one promise, so that the prior weighs as much by value as it does by number. */
function shrunken(part: number, whole: number, unit: number, prior: ReliabilityPrior): number {
  const weight = prior.weight * unit;
  return (part + prior.share * weight) / (whole + weight);
}

/** The book's own share as the prior of its customers, itself drawn towards what is usual. */
export function bookPrior(promises: readonly PastPromise[]): ReliabilityPrior {
  return { ...PROMISE_PRIOR, share: promiseReliability(promises).keptShare };
}
