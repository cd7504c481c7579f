/**
 * Aging as of any day: by due date, where an amount due that day is not late, or by invoice date. What
 * was dated later is not yet known; unused credits stand in a column of their own and are never netted
 * into a bucket. The buckets sum to the open balance.
 * As of 30 June with bounds 30, 60, 90: due 30 June is current, due 29 June is 1–30, due 30 May is 31–60.
 */
import { balanceAsOf } from '../as-of.ts';
import { daysBetween } from '../day.ts';
import type { Minor } from '../money.ts';
import { invoiceDrill, PerCurrency, TopRows } from './collect.ts';
import type { Accumulator, Metric, MetricContext } from './metric.ts';

/** "current", "1–30", "31–60", "61–90", "over 90". */
export function bucketNames(bounds: readonly number[]): string[] {
  const ranges = bounds.map((upper, index) => `${(bounds[index - 1] ?? 0) + 1}–${upper}`);
  return ['current', ...ranges, `over ${bounds.at(-1) ?? 0}`];
}

/** 0 is current; the bucket after the last bound is open. */
export function bucketIndex(daysPast: number, bounds: readonly number[]): number {
  if (daysPast <= 0) return 0;
  const index = bounds.findIndex((upper) => daysPast <= upper);
  return index === -1 ? bounds.length + 1 : index + 1;
}

function beginAging(by: 'due' | 'issued', { asOn, bounds }: MetricContext): Accumulator {
  const names = bucketNames(bounds);
  const tallies = new PerCurrency(() => ({
    buckets: names.map((): Minor => 0),
    creditsMinor: 0,
    rows: new TopRows(),
  }));
  return {
    customer(customer) {
      for (const invoice of customer.invoices) {
        const tally = tallies.of(invoice.row.currency);
        for (const item of invoice.itemsOn(asOn)) {
          const since = by === 'due' ? item.dueOn : invoice.row.fromOn;
          const index = bucketIndex(daysBetween(since, asOn), bounds);
          tally.buckets[index] = (tally.buckets[index] ?? 0) + item.openMinor;
        }
        tally.rows.add(invoiceDrill(customer, invoice, invoice.openOn(asOn), 'money'));
      }
      for (const credit of customer.credits) {
        tallies.of(credit.currency).creditsMinor += balanceAsOf(credit, asOn);
      }
    },
    figures: () =>
      tallies.figures(({ buckets, creditsMinor, rows }) => ({
        value: buckets.reduce((sum, amount) => sum + amount, 0),
        note: null,
        parts: [
          ...buckets.map((value, index) => ({
            name: names[index] ?? '',
            value,
            unit: 'money' as const,
          })),
          { name: 'unused credits', value: creditsMinor, unit: 'money' },
        ],
        ...rows.list,
      })),
  };
}

const INCLUDES =
  'Open invoices and journals, disputed ones too; not drafts, voided or deleted. Payments and credits dated after the day are ignored; unused credits stand apart.';

export const AGING_METRICS: readonly Metric[] = [
  {
    id: 'aging-due',
    name: 'Aging by due date',
    formula: 'Open amounts by the days since each fell due.',
    includes: INCLUDES,
    unit: 'money',
    begin: (context) => beginAging('due', context),
  },
  {
    id: 'aging-issued',
    name: 'Aging by invoice date',
    formula:
      'Open amounts by the days since the invoice date; "current" is the invoice date itself.',
    includes: INCLUDES,
    unit: 'money',
    begin: (context) => beginAging('issued', context),
  },
];
