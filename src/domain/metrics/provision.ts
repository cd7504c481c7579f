/**
 * The provision matrix of IFRS 9 (B5.5.35, simplified approach): what is open in each aging bucket times
 * the share of such balances that is lost. The shares come from the book's own past, of what once stood
 * in the bucket the part still unpaid a year after due, or from the user, who knows what lies ahead.
 * 7.0, 4.0, 2.5 and 1.0 million at 1.5, 3.4, 7.1 and 10.8 % need 526,500.
 */
import { addDays, daysBetween } from '../day.ts';
import type { Minor } from '../money.ts';
import { bucketIndex, bucketNames } from './aging-metrics.ts';
import { invoiceDrill, PerCurrency, shareOf, TopRows } from './collect.ts';
import type { Accumulator, InvoiceView, Metric, MetricContext } from './metric.ts';

/** Unpaid this long after due counts as lost. */
const LOST_DAYS = 365;
/** Losses are read from what fell due in this long before that. */
const HISTORY_DAYS = 2 * 365;

interface ProvisionTally {
  open: Minor[];
  /** What stood in each bucket when it came there, and what of it was lost. */
  reached: Minor[];
  lost: Minor[];
  rows: TopRows;
}

function begin({ asOn, bounds, lossPercents }: MetricContext): Accumulator {
  const names = bucketNames(bounds);
  const zeros = () => names.map((): Minor => 0);
  const tallies = new PerCurrency((): ProvisionTally => ({
    open: zeros(),
    reached: zeros(),
    lost: zeros(),
    rows: new TopRows(),
  }));
  /** The first day past due of each bucket; what is current is read on the due date. */
  const firstDays = [0, 1, ...bounds.map((upper) => upper + 1)];
  const newest = addDays(asOn, -LOST_DAYS);
  const oldest = addDays(newest, -HISTORY_DAYS);
  const learn = (tally: ProvisionTally, invoice: InvoiceView) => {
    const { dueOn } = invoice.row;
    if (dueOn > newest || dueOn < oldest) return;
    const lost = invoice.openOn(addDays(dueOn, LOST_DAYS));
    firstDays.forEach((days, index) => {
      const reached = invoice.openOn(addDays(dueOn, days));
      tally.reached[index] = (tally.reached[index] ?? 0) + reached;
      if (reached > 0) tally.lost[index] = (tally.lost[index] ?? 0) + Math.min(lost, reached);
    });
  };
  return {
    customer(customer) {
      for (const invoice of customer.invoices) {
        const tally = tallies.of(invoice.row.currency);
        for (const item of invoice.itemsOn(asOn)) {
          const index = bucketIndex(daysBetween(item.dueOn, asOn), bounds);
          tally.open[index] = (tally.open[index] ?? 0) + item.openMinor;
        }
        tally.rows.add(invoiceDrill(customer, invoice, invoice.openOn(asOn), 'money'));
        if (lossPercents === null && invoice.row.kind === 'invoice') learn(tally, invoice);
      }
    },
    figures: () =>
      tallies.figures(({ open, reached, lost, rows }) => {
        const shares =
          lossPercents?.map((percent) => percent / 100) ??
          reached.map((amount, index) => shareOf(lost[index] ?? 0, amount));
        const isKnown = shares.some((share) => share !== null);
        const needed = open.map((amount, index) => amount * (shares[index] ?? 0));
        return {
          value: isKnown ? Math.round(needed.reduce((sum, amount) => sum + amount, 0)) : null,
          note: isKnown
            ? null
            : 'No history a year past due to read losses from: give the loss rates.',
          parts: names.flatMap((name, index) => [
            { name: `${name}, open`, value: open[index] ?? 0, unit: 'money' as const },
            { name: `${name}, loss`, value: shares[index] ?? null, unit: 'share' as const },
          ]),
          ...rows.list,
        };
      }),
  };
}

export const PROVISION: Metric = {
  id: 'provision',
  name: 'Provision matrix',
  formula:
    'Open amounts per aging bucket × the share of such balances that is lost (still unpaid 365 days after due), or the rates given.',
  includes:
    'Open invoices and journals by due date; losses from invoices that fell due one to three years ago.',
  unit: 'money',
  begin,
};
