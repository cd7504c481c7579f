/**
 * MEASURE: the metrics of a book as of any day. Customers are walked some hundreds at a time and handed
 * to every metric asked for; each keeps sums and its heaviest rows, so memory does not grow with the book.
 */
import { addDays, type Day } from '../domain/day.ts';
import { groupBy } from '../domain/group-by.ts';
import {
  type Accumulator,
  type Figure,
  type Metric,
  type MetricContext,
  viewOf,
} from '../domain/metrics/metric.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import type { Db, Tx } from '../store/db.ts';
import { HoldRulesInForce } from '../store/hold-rules.ts';
import {
  nextCustomerNames,
  readCallRows,
  readHeldOutRows,
  readPromiseRows,
  readStepLags,
  readStepRows,
  type StepLag,
} from '../store/metric-rows.ts';
import { readPastCredits, readPastInvoices } from '../store/past-balances.ts';

const CUSTOMERS_PER_CHUNK = 300;

/** A quarter, the period that collectors report by. */
export const PERIOD_DAYS = 90;
export const BUCKET_BOUNDS: readonly number[] = [30, 60, 90];

/** A quarter that ends on the day, buckets of thirty days, losses from the book's own past. */
export function contextOf(
  asOn: Day,
  options: { days?: number; bounds?: readonly number[]; lossPercents?: readonly number[] } = {},
): MetricContext {
  return {
    asOn,
    from: addDays(asOn, 1 - (options.days ?? PERIOD_DAYS)),
    bounds: options.bounds ?? BUCKET_BOUNDS,
    lossPercents: options.lossPercents ?? null,
  };
}

export interface Measured {
  metric: Metric;
  figures: Figure[];
}

export async function measureBook(
  db: Db,
  bookId: BookId,
  context: MetricContext,
  metrics: readonly Metric[],
  customersPerChunk = CUSTOMERS_PER_CHUNK,
): Promise<Measured[]> {
  const begun = metrics.map((metric) => ({ metric, accumulator: metric.begin(context) }));
  const accumulators = begun.map(({ accumulator }) => accumulator);
  await db.tx(async (tx) => {
    const lags = await readStepLags(tx, bookId, context.asOn);
    let after = '';
    for (;;) {
      const customers = await nextCustomerNames(tx, bookId, after, customersPerChunk);
      if (customers.size === 0) return;
      await feed(tx, bookId, context, customers, lags, accumulators);
      after = [...customers.keys()].at(-1) ?? after;
    }
  });
  return begun.map(({ metric, accumulator }) => ({ metric, figures: accumulator.figures() }));
}

async function feed(
  tx: Tx,
  bookId: BookId,
  context: MetricContext,
  customers: ReadonlyMap<CustomerId, string>,
  lags: readonly StepLag[],
  accumulators: readonly Accumulator[],
): Promise<void> {
  const ids = [...customers.keys()];
  const { asOn } = context;
  if (accumulators.some((each) => each.customer !== undefined)) {
    const invoices = groupBy(await readPastInvoices(tx, bookId, ids), (row) => row.customerId);
    const credits = groupBy(await readPastCredits(tx, bookId, ids), (row) => row.customerId);
    for (const [id, name] of customers) {
      const rows = { id, name, invoices: invoices.get(id) ?? [], credits: credits.get(id) ?? [] };
      const view = viewOf(rows, asOn);
      for (const accumulator of accumulators) accumulator.customer?.(view);
    }
  }
  if (accumulators.some((each) => each.promise !== undefined)) {
    const rules = await HoldRulesInForce.open(tx, bookId, asOn);
    for (const row of await readPromiseRows(tx, bookId, customers, rules, asOn)) {
      for (const accumulator of accumulators) accumulator.promise?.(row);
    }
  }
  if (accumulators.some((each) => each.call !== undefined)) {
    for (const row of await readCallRows(tx, bookId, customers)) {
      for (const accumulator of accumulators) accumulator.call?.(row);
    }
  }
  if (accumulators.some((each) => each.step !== undefined)) {
    const taken = await readStepRows(tx, bookId, ids, context);
    const heldOut = await readHeldOutRows(tx, bookId, ids, lags, asOn);
    for (const row of [...taken, ...heldOut]) {
      for (const accumulator of accumulators) accumulator.step?.(row);
    }
  }
}
