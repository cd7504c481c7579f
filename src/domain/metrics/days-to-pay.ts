/**
 * How long customers take. Days to pay are counted from the invoice date over invoices that were paid in
 * the period, each alike or weighted by amount. Days late are weighted and count what is still open until
 * the day asked for: leaving the open out makes bad payers look good.
 * 140 paid 7 days late, 85 paid 55 late, 214 open and 10 late: (980 + 4,675 + 2,140) ÷ 439 = 17.76 days.
 */
import { daysBetween } from '../day.ts';
import { invoiceDrill, PerCurrency, TopRows, WeightedSum } from './collect.ts';
import type { Accumulator, Metric, MetricContext } from './metric.ts';

function beginPaid({ from, asOn }: MetricContext, isWeighted: boolean): Accumulator {
  const tallies = new PerCurrency(() => ({ days: new WeightedSum(), rows: new TopRows() }));
  return {
    customer(customer) {
      for (const invoice of customer.invoices) {
        const { row } = invoice;
        const paidOn = invoice.paidOnBy(asOn);
        if (row.kind !== 'invoice' || paidOn === null || paidOn < from) continue;
        const days = daysBetween(row.fromOn, paidOn);
        const tally = tallies.of(row.currency);
        tally.days.add(isWeighted ? row.totalMinor : 1, days);
        tally.rows.add(invoiceDrill(customer, invoice, days, 'days'));
      }
    },
    figures: () =>
      tallies.figures(({ days, rows }) => ({
        value: days.mean,
        note: null,
        parts: [],
        ...rows.list,
      })),
  };
}

function beginLate({ from, asOn }: MetricContext): Accumulator {
  const tallies = new PerCurrency(() => ({ days: new WeightedSum(), rows: new TopRows() }));
  return {
    customer(customer) {
      for (const invoice of customer.invoices) {
        const { row } = invoice;
        if (row.kind !== 'invoice' || row.totalMinor <= 0) continue;
        if (row.dueOn < from || row.dueOn >= asOn) continue;
        const days = daysBetween(row.dueOn, invoice.paidOnBy(asOn) ?? asOn);
        const tally = tallies.of(row.currency);
        tally.days.add(row.totalMinor, days);
        tally.rows.add(invoiceDrill(customer, invoice, days, 'days'));
      }
    },
    figures: () =>
      tallies.figures(({ days, rows }) => ({
        value: days.mean,
        note: null,
        parts: [],
        ...rows.list,
      })),
  };
}

const PAID =
  'Invoices whose last part was settled in the period; not journals, drafts, voided or deleted.';

export const DAYS_TO_PAY_METRICS: readonly Metric[] = [
  {
    id: 'days-to-pay',
    name: 'Days to pay',
    formula: 'Mean of the days from invoice date to payment.',
    includes: PAID,
    unit: 'days',
    begin: (context) => beginPaid(context, false),
  },
  {
    id: 'days-to-pay-weighted',
    name: 'Days to pay, weighted',
    formula: 'Days from invoice date to payment, weighted by the invoice total.',
    includes: PAID,
    unit: 'days',
    begin: (context) => beginPaid(context, true),
  },
  {
    id: 'days-late',
    name: 'Days late, counting the open',
    formula:
      'Days from the due date to payment, or to the day asked for while open, weighted by the invoice total; early ones count below zero.',
    includes:
      'Invoices that fell due in the period, paid or open, disputed ones too; not journals.',
    unit: 'days',
    begin: beginLate,
  },
];
