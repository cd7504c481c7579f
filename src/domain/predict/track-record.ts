/**
 * What is known of every customer's payments on a given day, kept up to date in one pass through time.
 * An outcome is known once the due date has passed, paid or not: an invoice unpaid on the day after its
 * due date is late, and until it is paid it has taken at least as long as it is overdue. Learning from
 * paid invoices only would make bad payers look good. On 10 June nothing of 10 June is known yet.
 */
import { type History, NEVER } from './history.ts';
import { at, clamp } from './numbers.ts';
import { findPayRun, type PayRun } from './pay-run.ts';
import { centreOf, type Centre, decay, RecentDelays } from './recent-delays.ts';

/** The book's own recent lateness forgets faster than a customer's habits. */
const BOOK_HALF_LIFE_DAYS = 60;
const AVERAGE_SHARE = 0.3;
/** A delay beyond this says "very late" and no more. */
export const MAX_DELAY = 365;

/** The facts of one invoice on one day: a row of numbers. */
export const FACT = {
  /** Late and matured invoices, older ones counting less. */
  late: 0,
  matured: 1,
  maturedCount: 2,
  lastThreeLate: 3,
  lastThreeCount: 4,
  delaySum: 5,
  delayWeight: 6,
  lastDelay: 7,
  averageDelay: 8,
  medianDelay: 9,
  spread: 10,
  medianWeight: 11,
  overdueCount: 12,
  overdueShare: 13,
  overdueDays: 14,
  sizeRatio: 15,
  termsDays: 16,
  bookLate: 17,
  bookMatured: 18,
  earlierCount: 19,
  runDelay: 20,
  runTrust: 21,
  dueOn: 22,
} as const;
export const FACTS = Object.keys(FACT).length;

class CustomerRecord {
  late = 0;
  matured = 0;
  maturedOn = 0;
  maturedCount = 0;
  lastThree: number[] = [];
  delaySum = 0;
  delayWeight = 0;
  settledOn = 0;
  lastDelay = Number.NaN;
  averageDelay = Number.NaN;
  readonly recent = new RecentDelays();
  openCount = 0;
  openSize = 0;
  overdueCount = 0;
  overdueSize = 0;
  overdueDueSum = 0;
  earlierCount = 0;
}

class SizeRecord {
  sum = 0;
  count = 0;
}

const centre: Centre = { median: 0, spread: 0, weight: 0 };
const run: PayRun = { kind: 'none', delay: 0, trust: 0 };

export class TrackRecords {
  readonly #history: History;
  readonly customers: CustomerRecord[];
  readonly #byDue: Int32Array;
  readonly #byPaid: Int32Array;
  /** In units of the currency's usual invoice, so that open balances of two currencies can be told apart but weighed alike. */
  readonly #size: Float64Array;
  readonly #sizes = new Map<number, SizeRecord>();
  readonly #currencySizes: SizeRecord[];
  #nextDue = 0;
  #nextPaid = 0;
  #bookLate = 0;
  #bookMatured = 0;
  #bookOn = 0;
  firstLate = 0;
  firstMatured = 0;

  constructor(history: History) {
    this.#history = history;
    this.customers = history.customers.map(() => new CustomerRecord());
    this.#currencySizes = history.currencies.map(() => new SizeRecord());
    this.#byDue = orderOf(history.dueOn);
    this.#byPaid = orderOf(history.paidOn);
    this.#size = new Float64Array(history.count);
  }

  /** Takes in everything that happened before `day`. Days only go forward. */
  advanceTo(day: number): void {
    for (;;) {
      const due = this.#peek(this.#byDue, this.#nextDue, this.#history.dueOn);
      const paid = this.#peek(this.#byPaid, this.#nextPaid, this.#history.paidOn);
      if (Math.min(due, paid) >= day) return;
      if (paid <= due) this.#pay(at(this.#byPaid, this.#nextPaid++));
      else this.#mature(at(this.#byDue, this.#nextDue++));
    }
  }

  #peek(order: Int32Array, next: number, days: Int32Array): number {
    return next < order.length ? at(days, at(order, next)) : NEVER;
  }

  /** The invoice joins what its customer owes. */
  issue(i: number): void {
    const record = this.#recordOf(i);
    const size = this.#sizeOf(i);
    this.#size[i] = size;
    record.openCount += 1;
    record.openSize += size;
    record.earlierCount += 1;
    const amount = at(this.#history.amount, i);
    if (Number.isNaN(amount)) return;
    for (const sizes of [this.#accountSizes(i), this.#currencySize(i)]) {
      sizes.sum += Math.log(amount);
      sizes.count += 1;
    }
  }

  #pay(i: number): void {
    const record = this.#recordOf(i);
    const delay = at(this.#history.paidOn, i) - at(this.#history.dueOn, i);
    record.openCount -= 1;
    record.openSize -= at(this.#size, i);
    if (delay <= 0) return;
    record.overdueCount -= 1;
    record.overdueSize -= at(this.#size, i);
    record.overdueDueSum -= at(this.#history.dueOn, i);
    this.#settle(record, i, delay, at(this.#history.paidOn, i));
  }

  #mature(i: number): void {
    const record = this.#recordOf(i);
    const dueOn = at(this.#history.dueOn, i);
    const delay = at(this.#history.paidOn, i) - dueOn;
    const isLate = delay > 0 ? 1 : 0;
    if (record.maturedCount === 0) {
      this.firstMatured += 1;
      this.firstLate += isLate;
    }
    const kept = decay(dueOn - record.maturedOn);
    record.maturedOn = dueOn;
    record.late = record.late * kept + isLate;
    record.matured = record.matured * kept + 1;
    record.maturedCount += 1;
    record.lastThree.push(isLate);
    if (record.lastThree.length > 3) record.lastThree.shift();
    this.#matureBook(dueOn, isLate);
    if (isLate === 0) {
      this.#settle(record, i, delay, dueOn);
      return;
    }
    record.overdueCount += 1;
    record.overdueSize += at(this.#size, i);
    record.overdueDueSum += dueOn;
  }

  #matureBook(dueOn: number, isLate: number): void {
    const kept = decay(dueOn - this.#bookOn, BOOK_HALF_LIFE_DAYS);
    this.#bookOn = dueOn;
    this.#bookLate = this.#bookLate * kept + isLate;
    this.#bookMatured = this.#bookMatured * kept + 1;
  }

  /** Paid, and past its due date: from now on the delay counts. Early payers must not be known before late ones. */
  #settle(record: CustomerRecord, i: number, delay: number, on: number): void {
    const capped = clamp(delay, -MAX_DELAY, MAX_DELAY);
    const kept = decay(on - record.settledOn);
    record.settledOn = on;
    record.delaySum = record.delaySum * kept + capped;
    record.delayWeight = record.delayWeight * kept + 1;
    record.lastDelay = capped;
    record.averageDelay = Number.isNaN(record.averageDelay)
      ? capped
      : record.averageDelay + AVERAGE_SHARE * (capped - record.averageDelay);
    record.recent.add(capped, at(this.#history.paidOn, i));
  }

  /** Writes what is known of invoice `i` on `day` into `facts` from `offset`. Call before `issue`. */
  write(i: number, day: number, facts: Float64Array, offset: number): void {
    const record = this.#recordOf(i);
    const { dueOn, issuedOn } = this.#history;
    const overdueDays =
      record.overdueCount === 0 ? 0 : day - record.overdueDueSum / record.overdueCount;
    const agedMature = decay(day - record.maturedOn);
    const agedSettled = decay(day - record.settledOn);
    centreOf(record.recent, day, { count: record.overdueCount, days: overdueDays }, centre);
    findPayRun(record.recent, at(dueOn, i), run);
    const put = (fact: number, value: number): void => {
      facts[offset + fact] = value;
    };
    put(FACT.late, record.late * agedMature);
    put(FACT.matured, record.matured * agedMature);
    put(FACT.maturedCount, record.maturedCount);
    put(FACT.lastThreeLate, record.lastThree.reduce((sum, late) => sum + late, 0));
    put(FACT.lastThreeCount, record.lastThree.length);
    put(FACT.delaySum, record.delaySum * agedSettled);
    put(FACT.delayWeight, record.delayWeight * agedSettled);
    put(FACT.lastDelay, record.lastDelay);
    put(FACT.averageDelay, record.averageDelay);
    put(FACT.medianDelay, centre.median);
    put(FACT.spread, centre.spread);
    put(FACT.medianWeight, centre.weight);
    put(FACT.overdueCount, record.overdueCount);
    put(FACT.overdueShare, record.openSize > 1e-9 ? clamp(record.overdueSize / record.openSize, 0, 1) : 0);
    put(FACT.overdueDays, Math.min(overdueDays, MAX_DELAY));
    put(FACT.sizeRatio, this.#sizeRatio(i));
    put(FACT.termsDays, at(dueOn, i) - at(issuedOn, i));
    const agedBook = decay(day - this.#bookOn, BOOK_HALF_LIFE_DAYS);
    put(FACT.bookLate, this.#bookLate * agedBook);
    put(FACT.bookMatured, this.#bookMatured * agedBook);
    put(FACT.earlierCount, record.earlierCount);
    put(FACT.runDelay, run.delay);
    put(FACT.runTrust, run.trust);
    put(FACT.dueOn, at(dueOn, i));
  }

  #recordOf(i: number): CustomerRecord {
    const record = this.customers[at(this.#history.customer, i)];
    if (record === undefined) throw new RangeError(`no customer for invoice ${i}`);
    return record;
  }

  #accountSizes(i: number): SizeRecord {
    const key =
      at(this.#history.customer, i) * this.#history.currencies.length +
      at(this.#history.currency, i);
    const known = this.#sizes.get(key);
    if (known !== undefined) return known;
    const made = new SizeRecord();
    this.#sizes.set(key, made);
    return made;
  }

  #currencySize(i: number): SizeRecord {
    const sizes = this.#currencySizes[at(this.#history.currency, i)];
    if (sizes === undefined) throw new RangeError(`no currency for invoice ${i}`);
    return sizes;
  }

  #sizeOf(i: number): number {
    const amount = at(this.#history.amount, i);
    const { sum, count } = this.#currencySize(i);
    if (Number.isNaN(amount) || count === 0) return 1;
    return clamp(amount / Math.exp(sum / count), 0.01, 100);
  }

  /** ln of the amount over the customer's usual one, the book's usual one standing in for three invoices. */
  #sizeRatio(i: number): number {
    const amount = at(this.#history.amount, i);
    const own = this.#accountSizes(i);
    const book = this.#currencySize(i);
    if (Number.isNaN(amount) || own.count + book.count === 0) return 0;
    const usual = book.count === 0 ? own.sum / own.count : book.sum / book.count;
    return clamp(Math.log(amount) - (own.sum + 2 * usual) / (own.count + 2), -4, 4);
  }
}

/** Indices in the order of their values, equal ones by index. */
export function orderOf(values: Int32Array): Int32Array {
  return Int32Array.from(values, (_, i) => i).sort((a, b) => at(values, a) - at(values, b) || a - b);
}
