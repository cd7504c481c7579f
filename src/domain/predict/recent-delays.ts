/**
 * The latest settled invoices of one customer, as many as habits need: how late each was and on which
 * day the money came. Older ones count half as much for every 180 days that have passed.
 */
import { at } from './numbers.ts';

export const HALF_LIFE_DAYS = 180;
const KEPT = 24;

export function decay(days: number, halfLife = HALF_LIFE_DAYS): number {
  return Math.pow(0.5, days / halfLife);
}

export class RecentDelays {
  /** In the order they became known; the ring overwrites its oldest. */
  readonly delay = new Float64Array(KEPT);
  readonly paidOn = new Int32Array(KEPT);
  count = 0;
  #next = 0;

  add(delay: number, paidOn: number): void {
    this.delay[this.#next] = delay;
    this.paidOn[this.#next] = paidOn;
    this.#next = (this.#next + 1) % KEPT;
    this.count = Math.min(this.count + 1, KEPT);
  }
}

/** Room for sorting without making garbage a million times. */
const values = new Float64Array(KEPT + 1);
const weights = new Float64Array(KEPT + 1);

export interface Centre {
  median: number;
  /** Mean distance from the median. */
  spread: number;
  weight: number;
}

/**
 * Where the delays lie, what is still unpaid counting as at least as late as it is: `openCount`
 * invoices that are on average `openDays` overdue.
 */
export function centreOf(
  delays: RecentDelays,
  on: number,
  open: { count: number; days: number },
  into: Centre,
): void {
  let size = 0;
  let total = 0;
  for (let i = 0; i < delays.count; i += 1) {
    total += insert(size, at(delays.delay, i), decay(on - at(delays.paidOn, i)));
    size += 1;
  }
  const settled = medianOf(size, total);
  if (open.count > 0) {
    total += insert(size, Math.max(open.days, size === 0 ? 0 : settled), open.count);
    size += 1;
  }
  into.median = medianOf(size, total);
  into.weight = total;
  let spread = 0;
  for (let i = 0; i < size; i += 1) {
    spread += at(weights, i) * Math.abs(at(values, i) - into.median);
  }
  into.spread = total === 0 ? Number.NaN : spread / total;
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
