/**
 * Aging by due date. Days past due = the day asked for less the due date; an amount due today is not
 * late. Each part of a schedule ages on its own, credits stand in their own column and are never
 * netted into a bucket, and currencies are never added.
 * As of 30 June: 100 due 30 June is current, 100 due 29 June is 1–30, 100 due 30 May is 31–60.
 */
import { type Day, daysBetween } from './day.ts';
import { type OwedInvoice, openDueItems } from './due-items.ts';
import type { Currency, Minor } from './money.ts';

export type Bucket = 'current' | '1-30' | '31-60' | '61-90' | '90+';
export type Buckets = Record<Bucket, Minor>;

export interface AgedInvoice extends OwedInvoice {
  currency: Currency;
}

export interface OpenCredit {
  currency: Currency;
  remainingMinor: Minor;
}

export interface AgingRow {
  currency: Currency;
  buckets: Buckets;
  /** Sum of the buckets. */
  openMinor: Minor;
  /** Credits and payments not yet set against anything. */
  creditsMinor: Minor;
}

export function bucketOf(daysPastDue: number): Bucket {
  if (daysPastDue <= 0) return 'current';
  if (daysPastDue <= 30) return '1-30';
  if (daysPastDue <= 60) return '31-60';
  if (daysPastDue <= 90) return '61-90';
  return '90+';
}

export function emptyBuckets(): Buckets {
  return { current: 0, '1-30': 0, '31-60': 0, '61-90': 0, '90+': 0 };
}

/** One row per currency that holds an open invoice or a credit, in the order of the currency codes. */
export function ageReceivables(
  invoices: readonly AgedInvoice[],
  credits: readonly OpenCredit[],
  asOn: Day,
): AgingRow[] {
  const rows = new Map<Currency, AgingRow>();
  const rowOf = (currency: Currency): AgingRow => {
    const known = rows.get(currency);
    if (known !== undefined) return known;
    const row = { currency, buckets: emptyBuckets(), openMinor: 0, creditsMinor: 0 };
    rows.set(currency, row);
    return row;
  };
  for (const invoice of invoices) {
    const row = rowOf(invoice.currency);
    for (const item of openDueItems(invoice)) {
      row.buckets[bucketOf(daysBetween(item.dueOn, asOn))] += item.openMinor;
      row.openMinor += item.openMinor;
    }
  }
  for (const credit of credits) rowOf(credit.currency).creditsMinor += credit.remainingMinor;
  return [...rows.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1));
}
