/**
 * What is late and what becomes of it: the share past due by amount and by number of customers, the part
 * of billing still unpaid ninety days after it fell due, how much of what was owed at the start came in,
 * and how balances roll from one bucket into the next.
 * 2,000 of 8,000 open is late: 25 %. Of 900 that was 1–30 days late a month ago 180 is 31–60 now: 20 %.
 */
import { addDays, daysBetween } from '../day.ts';
import { bucketIndex, bucketNames } from './aging-metrics.ts';
import { customerDrill, invoiceDrill, PerCurrency, shareOf, TopRows } from './collect.ts';
import type { Accumulator, CustomerView, Metric, MetricContext } from './metric.ts';

/** Unpaid this long after the due date is at risk. */
const AT_RISK_DAYS = 90;
/** Balances a month ago and now: a bucket is a month long. */
const ROLL_DAYS = 30;

interface PartTally {
  part: number;
  whole: number;
  rows: TopRows;
}

const newPart = (): PartTally => ({ part: 0, whole: 0, rows: new TopRows() });

function partFigures(
  tallies: PerCurrency<PartTally>,
  names: { part: string; whole: string; unit: 'money' | 'count'; none: string },
) {
  return tallies.figures(({ part, whole, rows }) => ({
    value: shareOf(part, whole),
    note: whole === 0 ? names.none : null,
    parts: [
      { name: names.part, value: part, unit: names.unit },
      { name: names.whole, value: whole, unit: names.unit },
    ],
    ...rows.list,
  }));
}

function beginPastDue({ asOn }: MetricContext): Accumulator {
  const tallies = new PerCurrency(newPart);
  return {
    customer(customer) {
      for (const invoice of customer.invoices) {
        const tally = tallies.of(invoice.row.currency);
        let late = 0;
        for (const item of invoice.itemsOn(asOn)) {
          tally.whole += item.openMinor;
          if (item.dueOn < asOn) late += item.openMinor;
        }
        tally.part += late;
        tally.rows.add(invoiceDrill(customer, invoice, late, 'money'));
      }
    },
    figures: () =>
      partFigures(tallies, {
        part: 'late',
        whole: 'open',
        unit: 'money',
        none: 'Nothing is open.',
      }),
  };
}

function beginPastDueCustomers({ asOn }: MetricContext): Accumulator {
  const tallies = new PerCurrency(newPart);
  return {
    customer(customer) {
      const balances = new Map<string, { open: number; late: number }>();
      for (const invoice of customer.invoices) {
        const { currency } = invoice.row;
        const balance = balances.get(currency) ?? { open: 0, late: 0 };
        balances.set(currency, balance);
        for (const item of invoice.itemsOn(asOn)) {
          balance.open += item.openMinor;
          if (item.dueOn < asOn) balance.late += item.openMinor;
        }
      }
      for (const [currency, { open, late }] of balances) {
        const tally = tallies.of(currency);
        if (open > 0) tally.whole += 1;
        if (late > 0) tally.part += 1;
        tally.rows.add(customerDrill(customer, late, 'money'));
      }
    },
    figures: () =>
      partFigures(tallies, {
        ...{ part: 'customers late', whole: 'customers with anything open', unit: 'count' },
        none: 'Nothing is open.',
      }),
  };
}

function beginAtRisk({ from, asOn }: MetricContext): Accumulator {
  const tallies = new PerCurrency(newPart);
  return {
    customer(customer) {
      for (const invoice of customer.invoices) {
        const { row } = invoice;
        const judgedOn = addDays(row.dueOn, AT_RISK_DAYS);
        if (row.kind !== 'invoice' || judgedOn < from || judgedOn > asOn) continue;
        const tally = tallies.of(row.currency);
        const unpaid = invoice.openOn(judgedOn);
        tally.part += unpaid;
        tally.whole += row.totalMinor;
        tally.rows.add(invoiceDrill(customer, invoice, unpaid, 'money'));
      }
    },
    figures: () =>
      partFigures(tallies, {
        ...{ part: 'unpaid after 90 days', whole: 'billed', unit: 'money' },
        none: 'Nothing reached its 90th day after due in the period.',
      }),
  };
}

function beginCollected({ from, asOn }: MetricContext): Accumulator {
  const tallies = new PerCurrency(newPart);
  return {
    customer(customer) {
      for (const invoice of customer.invoices) {
        const atStart = invoice.openOn(addDays(from, -1));
        const tally = tallies.of(invoice.row.currency);
        const received = invoice.settlements
          .filter((use) => use.on >= from && use.on <= asOn && use.isCredit !== true)
          .reduce((sum, use) => sum + use.amountMinor, 0);
        const collected = Math.min(received, atStart);
        tally.part += collected;
        tally.whole += atStart;
        tally.rows.add(invoiceDrill(customer, invoice, collected, 'money'));
      }
    },
    figures: () =>
      partFigures(tallies, {
        ...{ part: 'collected', whole: 'open at the start', unit: 'money' },
        none: 'Nothing was open at the start.',
      }),
  };
}

function beginRoll({ asOn, bounds }: MetricContext): Accumulator {
  const names = bucketNames(bounds);
  const before = addDays(asOn, -ROLL_DAYS);
  const tallies = new PerCurrency(() => ({
    before: names.map(() => 0),
    rolled: names.map(() => 0),
    rows: new TopRows(),
  }));
  const rollInvoice = (customer: CustomerView, invoice: CustomerView['invoices'][number]) => {
    const tally = tallies.of(invoice.row.currency);
    const now = new Map(invoice.itemsOn(asOn).map((item) => [item.dueOn, item.openMinor]));
    let moved = 0;
    for (const item of invoice.itemsOn(before)) {
      const from = bucketIndex(daysBetween(item.dueOn, before), bounds);
      tally.before[from] = (tally.before[from] ?? 0) + item.openMinor;
      if (bucketIndex(daysBetween(item.dueOn, asOn), bounds) <= from) continue;
      const rolled = Math.min(item.openMinor, now.get(item.dueOn) ?? 0);
      tally.rolled[from] = (tally.rolled[from] ?? 0) + rolled;
      moved += rolled;
    }
    tally.rows.add(invoiceDrill(customer, invoice, moved, 'money'));
  };
  return {
    customer(customer) {
      for (const invoice of customer.invoices) rollInvoice(customer, invoice);
    },
    figures: () =>
      tallies.figures(({ before: start, rolled, rows }) => {
        // The last bucket has nowhere to roll to.
        const buckets = start.slice(0, -1);
        const whole = buckets.reduce((sum, amount) => sum + amount, 0);
        const part = rolled.reduce((sum, amount) => sum + amount, 0);
        return {
          value: shareOf(part, whole),
          note: whole === 0 ? 'Nothing was open a month ago.' : null,
          parts: buckets.map((amount, index) => ({
            name: `${names[index] ?? ''} → ${names[index + 1] ?? ''}`,
            value: shareOf(rolled[index] ?? 0, amount),
            unit: 'share' as const,
          })),
          ...rows.list,
        };
      }),
  };
}

const OPEN = 'Open invoices and journals, disputed ones too; unused credits are not netted.';

export const PAST_DUE_METRICS: readonly Metric[] = [
  {
    id: 'past-due-amount',
    name: 'Share past due, by amount',
    formula: 'Open amounts past their due date ÷ all open amounts.',
    includes: OPEN,
    unit: 'share',
    begin: beginPastDue,
  },
  {
    id: 'past-due-customers',
    name: 'Share past due, by customers',
    formula: 'Customers with anything past due ÷ customers with anything open.',
    includes: OPEN,
    unit: 'share',
    begin: beginPastDueCustomers,
  },
  {
    id: 'at-risk',
    name: 'At-risk share',
    formula:
      'Of invoices whose 90th day after due lies in the period: unpaid on that day ÷ billed.',
    includes: 'Invoices, disputed ones too; not journals, drafts, voided or deleted.',
    unit: 'share',
    begin: beginAtRisk,
  },
  {
    id: 'collection-rate',
    name: 'Collection rate',
    formula:
      'Of what was open at the start of the period: payments received in it ÷ open at the start.',
    includes: 'Invoices and journals open at the start; credit notes are no collection.',
    unit: 'share',
    begin: beginCollected,
  },
  {
    id: 'roll-rates',
    name: 'Roll rates',
    formula:
      'Of what stood in each aging bucket 30 days before: the part that is still open and now in a later bucket.',
    includes: OPEN,
    unit: 'share',
    begin: beginRoll,
  },
];
