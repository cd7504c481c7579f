/**
 * When every open invoice will be paid, as seen this morning. What the book's past teaches is learnt anew
 * once a month, from a sample where the book is large; customers are then walked some hundreds at a time,
 * so memory does not grow with the book.
 */
import { addDays, type Day, formatDay } from '../domain/day.ts';
import { groupBy } from '../domain/group-by.ts';
import { arrangeHistory } from '../domain/predict/history.ts';
import { separateContradictions } from '../domain/predict/observation.ts';
import { predictOpen } from '../domain/predict/open-invoices.ts';
import { learnPredictor } from '../domain/predict/predictor.ts';
import type { BookSurroundings } from '../domain/predict/track-record.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import { lockBook, nextCustomerIds, readFamilies } from '../store/book-facts.ts';
import type { Db, Tx } from '../store/db.ts';
import { type InvoicePayment, readPaymentsOf, sampleCustomers } from '../store/payment-history.ts';
import {
  dropPredictionsBefore,
  findLatestModel,
  type NewPrediction,
  readBookSurroundings,
  type StoredModel,
  writeModel,
  writePredictions,
} from '../store/predictions.ts';

const CUSTOMERS_PER_CHUNK = 300;
/** Habits of three years ago weigh a seventieth: older ones would only take time. */
const HISTORY_DAYS = 3 * 365;
/** More invoices than this teach nothing new about a book. */
const LEARN_FROM = 40_000;

export interface PredictReport {
  predicted: number;
  /** Whether the book's habits were learnt anew. */
  isRefit: boolean;
}

interface PredictPlan {
  bookId: BookId;
  asOn: Day;
  model: StoredModel;
  surroundings: BookSurroundings;
  families: ReadonlyMap<CustomerId, CustomerId>;
  children: ReadonlyMap<CustomerId, readonly CustomerId[]>;
}

export async function predictBook(
  deps: { db: Db },
  bookId: BookId,
  options: {
    asOn: Day;
    onProgress?: (line: string) => void;
    customersPerChunk?: number;
  },
): Promise<PredictReport> {
  const { asOn } = options;
  const plan = await deps.db.tx((tx) => planPredictions(tx, bookId, asOn));
  if (plan === null) return { predicted: 0, isRefit: false };
  const size = options.customersPerChunk ?? CUSTOMERS_PER_CHUNK;
  let predicted = 0;
  for (let after = ''; ;) {
    const ids = await nextCustomerIds(deps.db.prisma, bookId, after, size);
    const last = ids.at(-1);
    if (last === undefined) break;
    predicted += await deps.db.tx((tx) => predictChunk(tx, plan, ids));
    after = last;
    options.onProgress?.(`predicted ${predicted} open invoices`);
  }
  await deps.db.tx((tx) => dropPredictionsBefore(tx, bookId, asOn));
  return { predicted, isRefit: plan.model.fittedOn === asOn };
}

/** null while the book is too young to learn from. */
async function planPredictions(tx: Tx, bookId: BookId, asOn: Day): Promise<PredictPlan | null> {
  await lockBook(tx, bookId);
  const families = await readFamilies(tx, bookId);
  const children = new Map(
    [...groupBy([...families], ([, debtor]) => debtor)].map(([debtor, links]) => [
      debtor,
      links.map(([child]) => child),
    ]),
  );
  const parts = { bookId, asOn, families, children };
  const model = await modelFor(tx, parts);
  if (model === null) return null;
  const surroundings = await readBookSurroundings(tx, bookId, asOn, addDays(asOn, -HISTORY_DAYS));
  return { ...parts, model, surroundings };
}

type Book = Omit<PredictPlan, 'model' | 'surroundings'>;

async function modelFor(tx: Tx, book: Book): Promise<StoredModel | null> {
  const { bookId, asOn } = book;
  const known = await findLatestModel(tx, bookId);
  if (known !== null && monthOf(known.fittedOn) >= monthOf(asOn)) return known;
  const sampled = await sampleCustomers(tx, bookId, addDays(asOn, -HISTORY_DAYS), LEARN_FROM);
  const debtors = [...new Set(sampled.map((id) => book.families.get(id) ?? id))];
  const { usable } = separateContradictions(await readPayments(tx, book, debtors));
  const predictor = learnPredictor(arrangeHistory(usable), asOn);
  if (predictor === null) return known;
  await writeModel(tx, bookId, asOn, predictor);
  return { fittedOn: asOn, predictor };
}

function monthOf(on: Day): string {
  return formatDay(on).slice(0, 7);
}

async function predictChunk(
  tx: Tx,
  plan: PredictPlan,
  ids: readonly CustomerId[],
): Promise<number> {
  const { bookId, asOn, model } = plan;
  const debtors = ids.filter((id) => !plan.families.has(id));
  const { usable } = separateContradictions(await readPayments(tx, plan, debtors));
  const history = arrangeHistory(usable);
  const predictions: NewPrediction[] = [];
  predictOpen(model.predictor, history, asOn, plan.surroundings, (i, prediction, facts) => {
    const payment = usable[history.source[i] ?? -1];
    if (payment === undefined) throw new RangeError(`no invoice at ${i}`);
    // Paid today: this morning it was open, now it is not.
    if (payment.paidOn !== null) return;
    predictions.push({ ...prediction, invoiceId: payment.invoiceId, facts: [...facts] });
  });
  await writePredictions(tx, bookId, asOn, model.fittedOn, predictions);
  return predictions.length;
}

/** With the invoices of those they answer for. */
function readPayments(
  tx: Tx,
  { bookId, asOn, families, children }: Book,
  debtors: readonly CustomerId[],
): Promise<InvoicePayment[]> {
  const members = debtors.flatMap((debtor) => [debtor, ...(children.get(debtor) ?? [])]);
  return readPaymentsOf(tx, bookId, members, addDays(asOn, -HISTORY_DAYS), families);
}
