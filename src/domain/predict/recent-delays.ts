/**
 * The latest settled invoices of one customer, as many as habits need: how late each was and on which
 * day the money came. Older ones count half as much for every 180 days that have passed, so a customer
 * who paid 30 days late last winter and on the day since then is soon a punctual one.
 */
import { at } from './numbers.ts';

const HALF_LIFE_DAYS = 180;
/** The middle of a few delays is shaken more easily than a rate, so it remembers longer. */
const MEDIAN_HALF_LIFE_DAYS = 365;
/** An invoice nobody has paid for long says that some are never paid, not when the others are. */
export const OVERDUE_HALF_LIFE_DAYS = 90;
const KEPT = 48;

/** What something `days` ago still counts. */
export function decay(days: number, halfLifeDays = HALF_LIFE_DAYS): number {
  return Math.exp((-Math.LN2 * days) / halfLifeDays);
}

export class RecentDelays {
  /** In the order they became known; the ring overwrites its oldest. */
  readonly delay = new Int16Array(KEPT);
  readonly paidOn = new Int32Array(KEPT);
  count = 0;
  #next = 0;
  /** What every payment there ever was counts, as of `#weighedOn`. */
  #weight = 0;
  #weighedOn = 0;

  add(delay: number, paidOn: number): void {
    this.delay[this.#next] = delay;
    this.paidOn[this.#next] = paidOn;
    this.#next = (this.#next + 1) % KEPT;
    this.count = Math.min(this.count + 1, KEPT);
    this.#weight = this.weightOn(paidOn) + 1;
    this.#weighedOn = paidOn;
  }

  /** Of every payment there ever was, kept or not. */
  weightOn(day: number): number {
    return this.#weight * decay(day - this.#weighedOn, MEDIAN_HALF_LIFE_DAYS);
  }
}

export interface Centre {
  /** NaN when nothing is known. */
  median: number;
  /** Mean distance of what was paid from the median. */
  spread: number;
  weight: number;
}

/** Room for sorting without making garbage a million times. */
const values = new Float64Array(KEPT + 1);
const weights = new Float64Array(KEPT + 1);

/**
 * Where the delays lie, what is still unpaid counting as at least as late as it is: `open.count`
 * invoices that are on average `open.days` overdue.
 */
export function centreOf(
  delays: RecentDelays,
  on: number,
  open: { count: number; days: number },
): Centre {
  let size = 0;
  let weight = 0;
  for (; size < delays.count; size += 1) {
    weight += insert(
      size,
      at(delays.delay, size),
      decay(on - at(delays.paidOn, size), MEDIAN_HALF_LIFE_DAYS),
    );
  }
  if (open.count > 0) {
    const atLeast = size === 0 ? open.days : Math.max(open.days, medianOf(size, weight));
    const counts = open.count * decay(open.days, OVERDUE_HALF_LIFE_DAYS);
    weight += insert(size, atLeast, counts * keptShare(delays, weight, on));
    size += 1;
  }
  const median = medianOf(size, weight);
  return { median, spread: spreadAround(median, delays, on), weight };
}

/**
 * The kept delays of a large customer stand for many more: a hundred overdue of its thousands are to them
 * as they are to all it ever paid.
 */
function keptShare(delays: RecentDelays, keptWeight: number, on: number): number {
  return delays.count < KEPT ? 1 : Math.min(1, keptWeight / delays.weightOn(on));
}

/** Keeps `values` in order; gives the weight back. */
function insert(size: number, value: number, weight: number): number {
  let place = size;
  while (place > 0 && at(values, place - 1) > value) {
    values[place] = at(values, place - 1);
    weights[place] = at(weights, place - 1);
    place -= 1;
  }
  values[place] = value;
  weights[place] = weight;
  return weight;
}

function medianOf(size: number, total: number): number {
  let passed = 0;
  for (let i = 0; i < size; i += 1) {
    passed += at(weights, i);
    if (passed >= total / 2) return at(values, i);
  }
  return Number.NaN;
}

/** Of what was paid only: one invoice nobody ever pays would stretch it without end. */
function spreadAround(median: number, delays: RecentDelays, on: number): number {
  let sum = 0;
  let weight = 0;
  for (let i = 0; i < delays.count; i += 1) {
    const kept = decay(on - at(delays.paidOn, i));
    sum += kept * Math.abs(at(delays.delay, i) - median);
    weight += kept;
  }
  return weight === 0 ? 0 : sum / weight;
}
