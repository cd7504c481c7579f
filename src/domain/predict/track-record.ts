/**
 * What is known of every customer's payments on a given day, kept up to date in one pass through time.
 * An outcome is known once the due date has passed, paid or not: an invoice unpaid on the day after its
 * due date is late, and until it is paid it has taken at least as long as it is overdue. Learning from
 * paid invoices only would make bad payers look good. On the morning of 10 June nothing of that day is
 * known; an invoice due on the 9th and unpaid is late.
 */
import { FACT } from './facts.ts';
import { type History, NEVER } from './history.ts';
import { at, clamp } from './numbers.ts';
import { findPayRun, type PayRun } from './pay-run.ts';
import { type Centre, centreOf, decay, RecentDelays } from './recent-delays.ts';

/** The book's own recent lateness forgets faster than a customer's habits. */
export const BOOK_HALF_LIFE_DAYS = 60;
/** The share of the latest delay in the moving average. */
const LATEST_SHARE = 0.3;
/** A delay beyond this says "very late" and no more. */
export const MAX_DELAY = 365;

export class CustomerRecord {
  late = 0;
  matured = 0;
  maturedOn = 0;
  maturedCount = 0;
  /** Late ones among the last three, the latest first: 1 or 0 each. */
  last = 0;
  secondLast = 0;
  thirdLast = 0;
  delaySum = 0;
  delayWeight = 0;
  settledOn = 0;
  lastDelay = Number.NaN;
  averageDelay = Number.NaN;
  readonly recent = new RecentDelays();
  openSize = 0;
  overdueCount = 0;
  overdueSize = 0;
  overdueDueSum = 0;
  /** Undefined: to be looked for. */
  payRun: PayRun | null | undefined;
  centre: Centre | undefined;
  centreOn = 0;

  overdueDaysOn(day: number): number {
    return this.overdueCount === 0 ? 0 : day - this.overdueDueSum / this.overdueCount;
  }
}

/** Mean of the logarithms of amounts. */
class SizeRecord {
  sum = 0;
  count = 0;

  add(amount: number): void {
    this.sum += Math.log(amount);
    this.count += 1;
  }
}

function sizeAt(usual: number | undefined): SizeRecord {
  const record = new SizeRecord();
  if (usual !== undefined) record.add(Math.exp(usual));
  return record;
}

/** What is known of the book as a whole, for a history that holds only some of its customers. */
export interface BookSurroundings {
  /** Late and matured invoices of the whole book; see FACT. */
  late: number;
  matured: number;
  /** Mean of the logarithms of amounts, by currency. */
  usualSize: ReadonlyMap<string, number>;
}

export class TrackRecords {
  readonly customers: CustomerRecord[];
  /** Over all customers' first invoices. */
  firstLate = 0;
  firstMatured = 0;
  readonly #history: History;
  readonly #byDue: Int32Array;
  readonly #byPaid: Int32Array;
  /** In units of the currency's usual invoice: so balances in two currencies weigh alike and are never added. */
  readonly #size: Float64Array;
  readonly #accountSizes = new Map<number, SizeRecord>();
  readonly #currencySizes: SizeRecord[];
  readonly #surroundings: BookSurroundings | null;
  #nextDue = 0;
  #nextPaid = 0;
  #bookLate = 0;
  #bookMatured = 0;
  #bookOn = 0;

  constructor(history: History, surroundings: BookSurroundings | null = null) {
    this.#history = history;
    this.#surroundings = surroundings;
    this.customers = history.customers.map(() => new CustomerRecord());
    this.#currencySizes = history.currencies.map((currency) =>
      sizeAt(surroundings?.usualSize.get(currency)),
    );
    this.#byDue = orderOf(history.dueOn);
    this.#byPaid = orderOf(history.paidOn);
    this.#size = new Float64Array(history.count);
  }

  /** Takes in everything that happened before `day`. Days only go forward. */
  advanceTo(day: number): void {
    const { dueOn, paidOn } = this.#history;
    for (;;) {
      const due = this.#peek(this.#byDue, this.#nextDue, dueOn);
      const paid = this.#peek(this.#byPaid, this.#nextPaid, paidOn);
      if (Math.min(due, paid) >= day) return;
      if (paid <= due) {
        this.#pay(at(this.#byPaid, this.#nextPaid));
        this.#nextPaid += 1;
      } else {
        this.#mature(at(this.#byDue, this.#nextDue));
        this.#nextDue += 1;
      }
    }
  }

  #peek(order: Int32Array, next: number, days: Int32Array): number {
    return next < order.length ? at(days, at(order, next)) : NEVER;
  }

  /** The invoice joins what its customer owes. */
  issue(i: number): void {
    const size = this.#sizeOf(i);
    this.#size[i] = size;
    this.#recordOf(i).openSize += size;
    const amount = at(this.#history.amount, i);
    if (Number.isNaN(amount)) return;
    this.#accountSize(i).add(amount);
    if (this.#surroundings === null) this.#currencySize(i).add(amount);
  }

  #pay(i: number): void {
    const record = this.#recordOf(i);
    const paidOn = at(this.#history.paidOn, i);
    const dueOn = at(this.#history.dueOn, i);
    const size = at(this.#size, i);
    record.openSize -= size;
    if (paidOn <= dueOn) return;
    record.overdueCount -= 1;
    record.overdueSize -= size;
    record.overdueDueSum -= dueOn;
    this.#settle(record, i, paidOn);
  }

  #mature(i: number): void {
    const record = this.#recordOf(i);
    const dueOn = at(this.#history.dueOn, i);
    const isLate = at(this.#history.paidOn, i) > dueOn ? 1 : 0;
    this.#countOutcome(record, dueOn, isLate);
    if (isLate === 0) {
      this.#settle(record, i, dueOn);
      return;
    }
    record.overdueCount += 1;
    record.overdueSize += at(this.#size, i);
    record.overdueDueSum += dueOn;
    record.centre = undefined;
  }

  #countOutcome(record: CustomerRecord, dueOn: number, isLate: number): void {
    if (record.maturedCount === 0) {
      this.firstMatured += 1;
      this.firstLate += isLate;
    }
    const kept = decay(dueOn - record.maturedOn);
    record.maturedOn = dueOn;
    record.late = record.late * kept + isLate;
    record.matured = record.matured * kept + 1;
    record.maturedCount += 1;
    record.thirdLast = record.secondLast;
    record.secondLast = record.last;
    record.last = isLate;
    const bookKept = decay(dueOn - this.#bookOn, BOOK_HALF_LIFE_DAYS);
    this.#bookOn = dueOn;
    this.#bookLate = this.#bookLate * bookKept + isLate;
    this.#bookMatured = this.#bookMatured * bookKept + 1;
  }

  /** Paid and past its due date: from here on the delay counts. Early payers must not be known before late ones. */
  #settle(record: CustomerRecord, i: number, on: number): void {
    const paidOn = at(this.#history.paidOn, i);
    const delay = clamp(paidOn - at(this.#history.dueOn, i), -MAX_DELAY, MAX_DELAY);
    const kept = decay(on - record.settledOn);
    record.settledOn = on;
    record.delaySum = record.delaySum * kept + delay;
    record.delayWeight = record.delayWeight * kept + 1;
    record.lastDelay = delay;
    record.averageDelay = Number.isNaN(record.averageDelay)
      ? delay
      : record.averageDelay + LATEST_SHARE * (delay - record.averageDelay);
    record.recent.add(delay, paidOn);
    record.payRun = undefined;
    record.centre = undefined;
  }

  /**
   * Writes what is known of invoice `i` on `day` into `facts` from `offset`: at its issue day before
   * `issue` is called, or later while it is unpaid.
   */
  write(i: number, day: number, facts: Float64Array, offset: number): void {
    const record = this.#recordOf(i);
    this.#writeRates(record, day, facts, offset);
    this.#writeDelays(record, day, facts, offset);
    this.#writeOpen(record, i, day, facts, offset);
    this.#writeRun(record, at(this.#history.dueOn, i), facts, offset);
    facts[offset + FACT.sizeRatio] = this.#sizeRatio(i);
    facts[offset + FACT.termsDays] = at(this.#history.dueOn, i) - at(this.#history.issuedOn, i);
    facts[offset + FACT.dueOn] = at(this.#history.dueOn, i);
  }

  #writeRates(record: CustomerRecord, day: number, facts: Float64Array, offset: number): void {
    const kept = decay(day - record.maturedOn);
    facts[offset + FACT.late] = record.late * kept;
    facts[offset + FACT.matured] = record.matured * kept;
    facts[offset + FACT.maturedCount] = record.maturedCount;
    facts[offset + FACT.lastThreeLate] = record.last + record.secondLast + record.thirdLast;
    facts[offset + FACT.lastThreeCount] = Math.min(record.maturedCount, 3);
    const bookKept = decay(day - this.#bookOn, BOOK_HALF_LIFE_DAYS);
    facts[offset + FACT.bookLate] = this.#surroundings?.late ?? this.#bookLate * bookKept;
    facts[offset + FACT.bookMatured] = this.#surroundings?.matured ?? this.#bookMatured * bookKept;
  }

  #writeDelays(record: CustomerRecord, day: number, facts: Float64Array, offset: number): void {
    const kept = decay(day - record.settledOn);
    if (record.centre === undefined || record.centreOn !== day) {
      const open = { count: record.overdueCount, days: record.overdueDaysOn(day) };
      record.centre = centreOf(record.recent, day, open);
      record.centreOn = day;
    }
    facts[offset + FACT.delaySum] = record.delaySum * kept;
    facts[offset + FACT.delayWeight] = record.delayWeight * kept;
    facts[offset + FACT.lastDelay] = record.lastDelay;
    facts[offset + FACT.averageDelay] = record.averageDelay;
    facts[offset + FACT.medianDelay] = record.centre.median;
    facts[offset + FACT.spread] = record.centre.spread;
    facts[offset + FACT.medianWeight] = record.centre.weight;
  }

  /** What else is open: the invoice itself is left out. */
  #writeOpen(
    record: CustomerRecord,
    i: number,
    day: number,
    facts: Float64Array,
    offset: number,
  ): void {
    const dueOn = at(this.#history.dueOn, i);
    const size = at(this.#size, i);
    const isOverdue = dueOn < day && size > 0;
    const count = record.overdueCount - (isOverdue ? 1 : 0);
    const overdueSize = record.overdueSize - (isOverdue ? size : 0);
    const dueSum = record.overdueDueSum - (isOverdue ? dueOn : 0);
    facts[offset + FACT.overdueCount] = count;
    facts[offset + FACT.overdueShare] =
      count === 0 ? 0 : clamp(overdueSize / Math.max(record.openSize - size, 1e-9), 0, 1);
    facts[offset + FACT.overdueDays] = count === 0 ? 0 : Math.min(day - dueSum / count, MAX_DELAY);
  }

  #writeRun(record: CustomerRecord, dueOn: number, facts: Float64Array, offset: number): void {
    record.payRun ??= record.payRun === undefined ? findPayRun(record.recent) : null;
    const run = record.payRun;
    facts[offset + FACT.runTrust] = run === null ? 0 : run.trust;
    facts[offset + FACT.runDelay] =
      run === null ? 0 : run.runOnOrAfter(dueOn + run.leadDays) - dueOn;
  }

  #recordOf(i: number): CustomerRecord {
    const record = this.customers[at(this.#history.customer, i)];
    if (record === undefined) throw new RangeError(`no customer for invoice ${i}`);
    return record;
  }

  #accountSize(i: number): SizeRecord {
    const { customer, currency, currencies } = this.#history;
    const key = at(customer, i) * currencies.length + at(currency, i);
    const known = this.#accountSizes.get(key);
    if (known !== undefined) return known;
    const made = new SizeRecord();
    this.#accountSizes.set(key, made);
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

  /** The book's usual amount stands in for two invoices of the customer. */
  #sizeRatio(i: number): number {
    const amount = at(this.#history.amount, i);
    const own = this.#accountSize(i);
    const book = this.#currencySize(i);
    if (Number.isNaN(amount) || book.count === 0) return 0;
    const usual = (own.sum + (2 * book.sum) / book.count) / (own.count + 2);
    return clamp(Math.log(amount) - usual, -4, 4);
  }
}

/** Indices in the order of their values, equal ones by index. */
function orderOf(values: Int32Array): Int32Array {
  // One number per pair sorts ten times faster than a comparison; days times invoices stays far below 2^53.
  const count = values.length;
  const keys = Float64Array.from(values, (value, i) => value * count + i).sort();
  return Int32Array.from(keys, (key) => ((key % count) + count) % count);
}
