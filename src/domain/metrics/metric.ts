/**
 * A metric is a definition that stands in one place: an id, a formula in words, what it includes, a
 * unit, and one way of reckoning it that reads customer after customer and keeps only sums. Every figure
 * opens to the rows behind it, the heaviest first. Currencies are never added: there is a figure for each.
 * "Share past due by amount: NZD 2,000.00 of 8,000.00 open is late: 25 %", and the invoices that make it.
 */
import { type Balance, type DatedAmount, settlementsOf } from '../as-of.ts';
import type { Day } from '../day.ts';
import { type OpenItem, openDueItems } from '../due-items.ts';
import type { Currency, Minor } from '../money.ts';
import type { DueItem } from '../receivables.ts';

export type Unit = 'money' | 'days' | 'share' | 'count' | 'index';

export interface MetricContext {
  asOn: Day;
  /** The first day of the period; it ends on `asOn`. */
  from: Day;
  /** Upper bounds of the aging buckets in days: 30, 60, 90. */
  bounds: readonly number[];
  /** Loss in percent per bucket, in place of the book's own history. */
  lossPercents: readonly number[] | null;
}

export interface InvoiceRow extends Balance {
  id: string;
  number: string;
  kind: 'invoice' | 'journal';
  currency: Currency;
  dueOn: Day;
  schedule: readonly DueItem[] | null;
}

export interface CreditRow extends Balance {
  id: string;
  kind: string;
  number: string | null;
  currency: Currency;
}

/** All that one customer ever owed, and the credits. */
export interface CustomerRows {
  id: string;
  name: string;
  invoices: readonly InvoiceRow[];
  credits: readonly CreditRow[];
}

/** A promise that fell due, and what came of it by its day and the grace. */
export interface PromiseRow {
  customerId: string;
  customerName: string;
  currency: Currency;
  payOn: Day;
  promisedMinor: Minor;
  arrivedMinor: Minor;
}

/** An invoice that a step of the policy reached, or that the hold-out kept it from. */
export interface StepRow {
  customerId: string;
  customerName: string;
  invoiceId: string;
  number: string;
  step: string;
  on: Day;
  isHeldOut: boolean;
  /** null: still open. */
  paidOn: Day | null;
}

/** A call that was made. */
export interface CallRow {
  customerId: string;
  customerName: string;
  on: Day;
  reachedPayer: boolean;
}

export interface DrillRow {
  customerId: string;
  customerName: string;
  invoiceId: string | null;
  /** The invoice's number, or what else the row is. */
  label: string;
  /** What it adds to the figure, in the drill-down's unit. */
  contribution: number;
  unit: Unit;
}

export interface Part {
  name: string;
  value: number | null;
  unit: Unit;
}

export interface Figure {
  /** null: of no currency, such as calls. */
  currency: Currency | null;
  value: number | null;
  /** Why there is no figure, or what to know of it. */
  note: string | null;
  parts: Part[];
  rows: DrillRow[];
  /** All rows behind it, of which the heaviest are listed. */
  rowCount: number;
}

/** Reads whatever it needs and keeps sums; memory does not grow with the book. */
export interface Accumulator {
  customer?(rows: CustomerView): void;
  promise?(row: PromiseRow): void;
  step?(row: StepRow): void;
  call?(row: CallRow): void;
  figures(): Figure[];
}

export interface Metric {
  id: string;
  name: string;
  formula: string;
  includes: string;
  unit: Unit;
  begin(context: MetricContext): Accumulator;
}

/** An invoice with its settlements worked out once, for all metrics. */
export class InvoiceView {
  readonly row: InvoiceRow;
  readonly settlements: readonly DatedAmount[];

  constructor(row: InvoiceRow) {
    this.row = row;
    this.settlements = settlementsOf(row);
  }

  openOn(on: Day): Minor {
    return on < this.row.fromOn ? 0 : this.row.totalMinor - this.settledBy(on);
  }

  settledBy(on: Day): Minor {
    return this.settlements.reduce((sum, use) => (use.on <= on ? sum + use.amountMinor : sum), 0);
  }

  /** What is open at the end of a day, by the day each part falls due. */
  itemsOn(on: Day): OpenItem[] {
    const { dueOn, schedule } = this.row;
    return openDueItems({ dueOn, schedule, openMinor: this.openOn(on) });
  }

  /** The day the last of it was settled, when that was by `on`. */
  paidOnBy(on: Day): Day | null {
    if (this.row.totalMinor <= 0 || this.openOn(on) > 0) return null;
    const last = this.settlements.at(-1);
    return last === undefined || last.on > on ? null : last.on;
  }
}

export interface CustomerView {
  id: string;
  name: string;
  /** In the books by the day asked for. */
  invoices: readonly InvoiceView[];
  credits: readonly CreditRow[];
}

export function viewOf(rows: CustomerRows, asOn: Day): CustomerView {
  return {
    id: rows.id,
    name: rows.name,
    invoices: rows.invoices.filter((row) => row.fromOn <= asOn).map((row) => new InvoiceView(row)),
    credits: rows.credits.filter((row) => row.fromOn <= asOn),
  };
}
