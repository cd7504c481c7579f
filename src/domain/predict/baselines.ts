/**
 * What anybody could say without a model: the book's late rate and median delay, the customer's own late
 * rate, the customer's own median delay. A prediction that is not better than these is not worth showing.
 * Like everybody does it, delays are read from paid invoices only.
 */
import { type History, NEVER } from './history.ts';
import { at } from './numbers.ts';

export interface BaselinePrediction {
  overallRate: number;
  customerRate: number;
  /** Days after the due date at 50, 80 and 90 %; null before anything was paid. */
  overallDays: readonly [number, number, number] | null;
  customerDays: readonly [number, number, number] | null;
}

interface PlainRecord {
  late: number;
  matured: number;
  /** Ascending. */
  delays: number[];
}

export class Baselines {
  readonly #history: History;
  readonly #customers: PlainRecord[];
  readonly #book: PlainRecord = { late: 0, matured: 0, delays: [] };
  readonly #byDue: Order;
  readonly #bySettled: Order;
  #bookDays: BaselinePrediction['overallDays'] = null;

  constructor(history: History) {
    this.#history = history;
    this.#customers = history.customers.map(() => ({ late: 0, matured: 0, delays: [] }));
    this.#byDue = new Order(history.dueOn);
    this.#bySettled = new Order(
      history.dueOn.map((dueOn, i) => Math.max(dueOn, at(history.paidOn, i))),
    );
  }

  /** Takes in everything that happened before `day`. */
  advanceTo(day: number): void {
    for (const i of this.#byDue.before(day)) {
      const isLate = at(this.#history.paidOn, i) > at(this.#history.dueOn, i) ? 1 : 0;
      for (const record of [this.#book, this.#recordOf(i)]) {
        record.late += isLate;
        record.matured += 1;
      }
    }
    for (const i of this.#bySettled.before(day)) {
      const delay = at(this.#history.paidOn, i) - at(this.#history.dueOn, i);
      insertSorted(this.#recordOf(i).delays, delay);
      this.#book.delays.push(delay);
    }
  }

  /** Reads the book's quantiles anew, once a month like the model. */
  refresh(): void {
    this.#book.delays.sort((a, b) => a - b);
    this.#bookDays = quantilesOf(this.#book.delays);
  }

  predict(i: number): BaselinePrediction {
    const own = this.#recordOf(i);
    const overallRate = this.#book.matured === 0 ? 0.5 : this.#book.late / this.#book.matured;
    return {
      overallRate,
      customerRate: own.matured === 0 ? overallRate : own.late / own.matured,
      overallDays: this.#bookDays,
      customerDays: quantilesOf(own.delays) ?? this.#bookDays,
    };
  }

  #recordOf(i: number): PlainRecord {
    const record = this.#customers[at(this.#history.customer, i)];
    if (record === undefined) throw new RangeError(`no customer for invoice ${i}`);
    return record;
  }
}

/** Walks through indices in the order of their days. */
class Order {
  readonly #days: Int32Array;
  readonly #order: Int32Array;
  #next = 0;

  constructor(days: Int32Array) {
    this.#days = days;
    this.#order = Int32Array.from(days, (_, i) => i).sort((a, b) => at(days, a) - at(days, b));
  }

  *before(day: number): Generator<number> {
    while (this.#next < this.#order.length) {
      const i = at(this.#order, this.#next);
      const on = at(this.#days, i);
      if (on >= day || on === NEVER) return;
      this.#next += 1;
      yield i;
    }
  }
}

function insertSorted(sorted: number[], value: number): void {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(sorted, middle) <= value) low = middle + 1;
    else high = middle;
  }
  sorted.splice(low, 0, value);
}

function quantilesOf(sorted: readonly number[]): readonly [number, number, number] | null {
  if (sorted.length === 0) return null;
  const read = (share: number): number => at(sorted, Math.ceil(share * sorted.length) - 1);
  return [read(0.5), read(0.8), read(0.9)];
}
