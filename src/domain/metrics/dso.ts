/**
 * Days sales outstanding, in the ways the field reckons them: simple over a period, counted back month
 * by month, and invoice by invoice ("true"). Best possible DSO puts what is not yet due on top instead;
 * average days delinquent is the difference, by one and the same method.
 * 212,000 owed by countback 73.71 days, of which not yet due 60: 13.71 days are lateness.
 */
import { daysBetween } from '../day.ts';
import type { Minor } from '../money.ts';
import { invoiceDrill, PerCurrency, TopRows } from './collect.ts';
import { type Countback, countback } from './countback.ts';
import type { Accumulator, Figure, Metric, MetricContext } from './metric.ts';
import { type Month, monthOf } from './month.ts';
import { addSales, newSalesTally, salesMonths, type SalesTally } from './sales.ts';

type Reckon = (
  tally: SalesTally,
  context: MetricContext,
) => Pick<Figure, 'value' | 'note'> & { parts?: Figure['parts'] };

function beginSales(context: MetricContext, reckon: Reckon): Accumulator {
  const tallies = new PerCurrency(newSalesTally);
  return {
    customer: (customer) => addSales(tallies, customer, context),
    figures: () =>
      tallies.figures((tally) => ({
        parts: [
          { name: 'owed', value: tally.owedMinor, unit: 'money' },
          { name: 'not yet due', value: tally.notDueMinor, unit: 'money' },
          { name: 'sales of the period', value: tally.periodSalesMinor, unit: 'money' },
        ],
        ...reckon(tally, context),
        ...tally.rows.list,
      })),
  };
}

function simpleDays(owedMinor: Minor, tally: SalesTally, { from, asOn }: MetricContext) {
  if (tally.periodSalesMinor <= 0) return null;
  return (owedMinor / tally.periodSalesMinor) * (daysBetween(from, asOn) + 1);
}

const NO_SALES = 'Nothing was sold in the period.';

const simple =
  (owed: (tally: SalesTally) => Minor): Reckon =>
  (tally, context) => {
    const value = simpleDays(owed(tally), tally, context);
    return { value, note: value === null ? NO_SALES : null };
  };

const countedBack =
  (owed: (tally: SalesTally) => Minor): Reckon =>
  (tally, { asOn }) => {
    const counted = countback(owed(tally), salesMonths(tally, asOn));
    return { value: counted.days, note: noteOf(counted) };
  };

function noteOf({ days, isExhausted, hasNetCredit }: Countback): string | null {
  const notes = [
    isExhausted ? `≥ ${days}: more is owed than was ever sold (history exhausted).` : '',
    hasNetCredit ? 'A month with more credits than sales counts as one without sales.' : '',
  ].filter((note) => note !== '');
  return notes.length === 0 ? null : notes.join(' ');
}

const owedOf = (tally: SalesTally) => tally.owedMinor;
const notDueOf = (tally: SalesTally) => tally.notDueMinor;

/** The same method for both, or the difference means nothing. */
const delinquent =
  (method: (owed: (tally: SalesTally) => Minor) => Reckon): Reckon =>
  (tally, context) => {
    const [all, best] = [owedOf, notDueOf].map((owed) => method(owed)(tally, context));
    if (all?.value == null || best?.value == null) return { value: null, note: all?.note ?? null };
    return { value: all.value - best.value, note: all.note };
  };

/** Each open invoice: days since its date, times its share of its month's sales. */
function beginTrue({ asOn }: MetricContext): Accumulator {
  const tallies = new PerCurrency(() => ({
    sales: new Map<Month, Minor>(),
    aged: new Map<Month, bigint>(),
    rows: new TopRows(),
  }));
  const sell = (currency: string, month: Month, amountMinor: Minor) => {
    const { sales } = tallies.of(currency);
    sales.set(month, (sales.get(month) ?? 0) + amountMinor);
  };
  return {
    customer(customer) {
      for (const invoice of customer.invoices) {
        const { row } = invoice;
        if (row.kind !== 'invoice') continue;
        const month = monthOf(row.fromOn);
        sell(row.currency, month, row.totalMinor);
        const openMinor = invoice.openOn(asOn);
        if (openMinor <= 0) continue;
        const { aged, rows } = tallies.of(row.currency);
        const weight = BigInt(openMinor) * BigInt(daysBetween(row.fromOn, asOn));
        aged.set(month, (aged.get(month) ?? 0n) + weight);
        rows.add(invoiceDrill(customer, invoice, openMinor, 'money'));
      }
      for (const credit of customer.credits) {
        if (credit.kind !== 'credit_note') continue;
        sell(credit.currency, monthOf(credit.fromOn), -credit.totalMinor);
      }
    },
    figures: () =>
      tallies.figures(({ sales, aged, rows }) => {
        const months = [...aged.entries()].sort(([a], [b]) => a - b);
        const netCredit = months.filter(([month]) => (sales.get(month) ?? 0) <= 0);
        const value = months.reduce((days, [month, weight]) => {
          const sold = sales.get(month) ?? 0;
          return sold <= 0 ? days : days + Number(weight) / sold;
        }, 0);
        const note =
          netCredit.length === 0
            ? null
            : 'Open invoices of a month with no net sales are left out.';
        return { value, note, parts: [], ...rows.list };
      }),
  };
}

/**
 * How well the period's money came in: of what could have been collected, the share that was. A quarter
 * counts a third of its sales, so that a long period does not flatter.
 */
const effectiveness: Reckon = (tally, { from, asOn }) => {
  const months = Math.max(1, Math.round((daysBetween(from, asOn) + 1) / 30));
  const value = collectionEffectiveness({
    beginMinor: tally.owedAtStartMinor,
    salesMinor: tally.periodSalesMinor / months,
    endMinor: tally.owedMinor,
    endCurrentMinor: tally.notDueMinor,
  });
  return {
    value,
    note: value === null ? 'Nothing could have been collected: not applicable.' : null,
    parts: [
      { name: 'owed at the start', value: tally.owedAtStartMinor, unit: 'money' },
      {
        name: 'sales of a month of the period',
        value: tally.periodSalesMinor / months,
        unit: 'money',
      },
      { name: 'owed at the end', value: tally.owedMinor, unit: 'money' },
      { name: 'of it not yet due', value: tally.notDueMinor, unit: 'money' },
    ],
  };
};

/** (100 + 50 − 60) ÷ (100 + 50 − 40) = 81.8 %; null when there is nothing to divide by. */
export function collectionEffectiveness(period: {
  beginMinor: Minor;
  salesMinor: Minor;
  endMinor: Minor;
  endCurrentMinor: Minor;
}): number | null {
  const could = period.beginMinor + period.salesMinor;
  const due = could - period.endCurrentMinor;
  // Below nothing when more is not yet due than a month of a long period sold.
  return due <= 0 ? null : (could - period.endMinor) / due;
}

const INCLUDES =
  'Owed: open invoices and journals, disputed ones too; unused credits are not netted. Sales: invoices less credit notes by their dates; not drafts, voided, deleted, or journals.';

export const DSO_METRICS: readonly Metric[] = [
  {
    id: 'dso-simple',
    name: 'DSO, simple',
    formula: 'What is owed at the end ÷ sales of the period × days of the period.',
    includes: INCLUDES,
    unit: 'days',
    begin: (context) => beginSales(context, simple(owedOf)),
  },
  {
    id: 'dso-countback',
    name: 'DSO, countback',
    formula:
      'What is owed at the end, used up by the sales of month after month from the newest back; whole months count their days, the last one its share.',
    includes: INCLUDES,
    unit: 'days',
    begin: (context) => beginSales(context, countedBack(owedOf)),
  },
  {
    id: 'dso-true',
    name: 'DSO, true',
    formula:
      'For each open invoice: days since its date × what is open of it ÷ net sales of its month; added up.',
    includes: 'Open invoices, disputed ones too; not journals, drafts, voided or deleted.',
    unit: 'days',
    begin: beginTrue,
  },
  {
    id: 'bpdso-simple',
    name: 'Best possible DSO, simple',
    formula: 'What is not yet due at the end ÷ sales of the period × days of the period.',
    includes: INCLUDES,
    unit: 'days',
    begin: (context) => beginSales(context, simple(notDueOf)),
  },
  {
    id: 'bpdso-countback',
    name: 'Best possible DSO, countback',
    formula: 'Countback of what is not yet due at the end.',
    includes: INCLUDES,
    unit: 'days',
    begin: (context) => beginSales(context, countedBack(notDueOf)),
  },
  {
    id: 'add-simple',
    name: 'Average days delinquent, simple',
    formula: 'Simple DSO less simple best possible DSO.',
    includes: INCLUDES,
    unit: 'days',
    begin: (context) => beginSales(context, delinquent(simple)),
  },
  {
    id: 'add-countback',
    name: 'Average days delinquent, countback',
    formula: 'Countback DSO less countback best possible DSO.',
    includes: INCLUDES,
    unit: 'days',
    begin: (context) => beginSales(context, delinquent(countedBack)),
  },
  {
    id: 'cei',
    name: 'Collection effectiveness index',
    formula:
      '(Owed at the start + sales − owed at the end) ÷ (owed at the start + sales − not yet due at the end); a period of several months counts the sales of one.',
    includes: INCLUDES,
    unit: 'share',
    begin: (context) => beginSales(context, effectiveness),
  },
];
