/** The cash forecast of a book from today's predictions and holds, walked some hundreds of customers at a time. */
import type { Day } from '../domain/day.ts';
import { type CurrencyForecast, Forecast } from '../domain/forecast.ts';
import { payDays } from '../domain/forecast-backtest.ts';
import { agreementsOf } from '../domain/forecast-holds.ts';
import { groupBy } from '../domain/group-by.ts';
import type { HoldOf } from '../domain/holds.ts';
import {
  bookPrior,
  type PastPromise,
  promiseReliability,
  type ReliabilityPrior,
  promiseStanding,
} from '../domain/promise.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import { nextCustomerIds } from '../store/book-facts.ts';
import type { Db, Tx } from '../store/db.ts';
import { HoldRulesInForce } from '../store/hold-rules.ts';
import { readHolds, readPromises } from '../store/holds.ts';
import { factsFrom, findLatestModel, readPredictedInvoices } from '../store/predictions.ts';

const CUSTOMERS_PER_CHUNK = 300;

/** null before the book was predicted for the first time. */
export async function forecastBook(
  deps: { db: Db },
  bookId: BookId,
  options: { asOn: Day; weeks: number },
): Promise<CurrencyForecast[] | null> {
  const { asOn } = options;
  const tx = deps.db.prisma;
  const model = await findLatestModel(tx, bookId);
  if (model === null) return null;
  const rules = await HoldRulesInForce.open(tx, bookId, asOn);
  const trust = await readTrust(tx, bookId, rules, asOn);
  const forecast = new Forecast(
    asOn,
    options.weeks,
    await tx.prediction.count({ where: { bookId } }),
  );
  for (let after = ''; ;) {
    const ids = await nextCustomerIds(tx, bookId, after, CUSTOMERS_PER_CHUNK);
    const last = ids.at(-1);
    if (last === undefined) return forecast.report();
    const invoices = await readPredictedInvoices(tx, bookId, ids);
    const holds = await readHolds(tx, bookId, ids, asOn);
    forecast.add(
      invoices.map(({ facts, ...invoice }) => ({
        ...invoice,
        payDay: payDays(model.predictor, factsFrom(facts), asOn),
      })),
      agreementsOf(
        holds,
        asOn,
        (hold) => rules.forHold(hold),
        (hold) => trust(hold.customerId),
      ),
    );
    after = last;
  }
}

/** How far each customer's word has been good, those without a past by the book's promises. */
async function readTrust(
  tx: Tx,
  bookId: BookId,
  rules: HoldRulesInForce,
  asOn: Day,
): Promise<(customerId: CustomerId) => number> {
  const promises = await readPromises(tx, bookId, null);
  const past = (list: readonly HoldOf<'promise'>[]): PastPromise[] =>
    list.map((hold) => ({
      currency: hold.terms.currency,
      ...promiseStanding(hold, rules.forHold(hold), asOn),
    }));
  const prior: ReliabilityPrior = bookPrior(past(promises));
  const own = groupBy(promises, (promise) => promise.customerId);
  return (id) => promiseReliability(past(own.get(id) ?? []), prior).keptShare;
}
