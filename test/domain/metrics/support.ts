import { type Day, day } from '../../../src/domain/day.ts';
import {
  type Accumulator,
  type CreditRow,
  type CustomerRows,
  type Figure,
  type InvoiceRow,
  type MetricContext,
  viewOf,
} from '../../../src/domain/metrics/metric.ts';
import { findMetric } from '../../../src/domain/metrics/registry.ts';

export const ASON = day('2026-06-30');

export const CONTEXT: MetricContext = {
  asOn: ASON,
  from: day('2026-04-02'),
  bounds: [30, 60, 90],
  lossPercents: null,
};

/** An invoice from an issue day to a due day, with what was paid when. */
export function invoice(
  id: string,
  totalMinor: number,
  issued: string,
  due: string,
  more: Partial<InvoiceRow> = {},
): InvoiceRow {
  const uses = more.uses ?? [];
  const used = uses.reduce((sum, use) => sum + use.amountMinor, 0);
  return {
    id,
    number: id.toUpperCase(),
    kind: 'invoice',
    currency: 'NZD',
    fromOn: day(issued),
    dueOn: day(due),
    schedule: null,
    totalMinor,
    nowMinor: totalMinor - used,
    settledOn: null,
    uses,
    ...more,
  };
}

export function credit(
  id: string,
  totalMinor: number,
  issued: string,
  more: Partial<CreditRow> = {},
): CreditRow {
  return {
    id,
    kind: 'credit_note',
    number: id,
    currency: 'NZD',
    fromOn: day(issued),
    totalMinor,
    nowMinor: totalMinor,
    settledOn: null,
    uses: [],
    ...more,
  };
}

export const pay = (on: string | Day, amountMinor: number) => ({
  on: typeof on === 'string' ? day(on) : on,
  amountMinor,
});

export function customer(
  id: string,
  invoices: InvoiceRow[],
  credits: CreditRow[] = [],
): CustomerRows {
  return { id, name: id.toUpperCase(), invoices, credits };
}

export function begin(id: string, context: MetricContext = CONTEXT): Accumulator {
  const metric = findMetric(id);
  if (metric === undefined) throw new Error(`no metric ${id}`);
  return metric.begin(context);
}

export function figures(
  id: string,
  customers: readonly CustomerRows[],
  context: MetricContext = CONTEXT,
): Figure[] {
  const accumulator = begin(id, context);
  for (const rows of customers) accumulator.customer?.(viewOf(rows, context.asOn));
  return accumulator.figures();
}

/** The one figure of a book in one currency. */
export function figure(
  id: string,
  customers: readonly CustomerRows[],
  context: MetricContext = CONTEXT,
): Figure {
  const [one, ...others] = figures(id, customers, context);
  if (one === undefined || others.length > 0) throw new Error('not one figure');
  return one;
}

export const parts = (one: Figure) =>
  Object.fromEntries(one.parts.map(({ name, value }) => [name, value]));
