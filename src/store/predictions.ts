/** What was learnt of a book's payments, and what it says of the open invoices: written in sets, read one by one. */
import type { Day } from '../domain/day.ts';
import { fromDate, toDate } from '../domain/day.ts';
import type { Facts } from '../domain/predict/facts.ts';
import type { OpenPrediction } from '../domain/predict/open-invoices.ts';
import { isReadable, type Predictor } from '../domain/predict/predictor.ts';
import { BOOK_HALF_LIFE_DAYS, type BookSurroundings } from '../domain/predict/track-record.ts';
import type { Currency, Minor } from '../domain/money.ts';
import type { BookId, CustomerId, InvoiceId } from '../domain/receivables.ts';
import type { Prisma, Tx } from './db.ts';
import { dateFrom, idsFrom, jsonRows } from './json-rows.ts';

export interface StoredModel {
  fittedOn: Day;
  predictor: Predictor;
}

/** null before anything was learnt by the factors of this release. */
export async function findLatestModel(tx: Tx, bookId: BookId): Promise<StoredModel | null> {
  const row = await tx.predictionModel.findFirst({
    where: { bookId },
    orderBy: { fittedOn: 'desc' },
  });
  const predictor = row?.predictor as unknown as Predictor | undefined;
  if (row === null || predictor === undefined || !isReadable(predictor)) return null;
  return { fittedOn: fromDate(row.fittedOn), predictor };
}

export async function writeModel(
  tx: Tx,
  bookId: BookId,
  fittedOn: Day,
  predictor: Predictor,
): Promise<void> {
  const data = {
    learntFrom: predictor.learntFrom,
    predictor: predictor as unknown as Prisma.InputJsonObject,
  };
  await tx.predictionModel.upsert({
    where: { bookId_fittedOn: { bookId, fittedOn: toDate(fittedOn) } },
    create: { bookId, fittedOn: toDate(fittedOn), ...data },
    update: data,
  });
}

/** The whole book's recent lateness and usual amounts as they are known on the morning of `asOn`. */
export async function readBookSurroundings(
  tx: Tx,
  bookId: BookId,
  asOn: Day,
  since: Day,
): Promise<BookSurroundings> {
  const [recent] = await jsonRows<{ late: number; matured: number }>(
    tx,
    `select coalesce(sum(weight) filter (where is_late), 0)::float8 as late,
            coalesce(sum(weight), 0)::float8 as matured
       from (select power(0.5::float8, (${dateFrom('$2')} - due_on) / ${BOOK_HALF_LIFE_DAYS}::float8) as weight,
                    status = 'open' or paid_on > due_on as is_late
               from invoice
              where book_id = $1::int and kind = 'invoice'
                and (status = 'open' or (status = 'paid' and paid_on is not null))
                and due_on < ${dateFrom('$2')} and due_on >= ${dateFrom('$3')}) m`,
    bookId,
    asOn,
    since,
  );
  const sizes = await jsonRows<{ currency: string; usual: number }>(
    tx,
    `select currency, avg(ln(total_minor))::float8 as usual from invoice
      where book_id = $1::int and kind = 'invoice' and status in ('open', 'paid')
        and total_minor > 0 and issued_on >= ${dateFrom('$2')}
      group by currency`,
    bookId,
    since,
  );
  return {
    late: recent?.late ?? 0,
    matured: recent?.matured ?? 0,
    usualSize: new Map(sizes.map(({ currency, usual }) => [currency, usual])),
  };
}

export interface NewPrediction extends OpenPrediction {
  invoiceId: InvoiceId;
  facts: readonly number[];
}

export async function writePredictions(
  tx: Tx,
  bookId: BookId,
  asOn: Day,
  modelOn: Day,
  predictions: readonly NewPrediction[],
): Promise<void> {
  if (predictions.length === 0) return;
  await tx.$executeRawUnsafe(
    `insert into prediction (book_id, invoice_id, as_on, model_on, late, expected_on, p50_on, p80_on,
                             p90_on, is_beyond_experience, facts)
     select $1::int, p."invoiceId", ${dateFrom('$2')}, ${dateFrom('$3')}, p.late,
            ${dateFrom('p."expectedOn"')}, ${dateFrom('p."p50On"')}, ${dateFrom('p."p80On"')},
            ${dateFrom('p."p90On"')}, p."isBeyondExperience", p.facts
       from json_to_recordset($4::json) as p(
            "invoiceId" text, late float8, "expectedOn" int, "p50On" int, "p80On" int, "p90On" int,
            "isBeyondExperience" boolean, facts jsonb)
     on conflict (book_id, invoice_id) do update set
            as_on = excluded.as_on, model_on = excluded.model_on, late = excluded.late,
            expected_on = excluded.expected_on, p50_on = excluded.p50_on, p80_on = excluded.p80_on,
            p90_on = excluded.p90_on, is_beyond_experience = excluded.is_beyond_experience,
            facts = excluded.facts`,
    bookId,
    asOn,
    modelOn,
    JSON.stringify(predictions),
  );
}

/** What was predicted on an earlier day and not again: it is open no more, or its facts contradict each other. */
export async function dropPredictionsBefore(tx: Tx, bookId: BookId, asOn: Day): Promise<void> {
  await tx.$executeRawUnsafe(
    `delete from prediction where book_id = $1::int and as_on < ${dateFrom('$2')}`,
    bookId,
    asOn,
  );
}

export interface StoredPrediction extends OpenPrediction {
  asOn: Day;
  predictor: Predictor;
  facts: Facts;
}

/** null while there is none, or only one by the factors of an earlier release. */
export async function findPrediction(
  tx: Tx,
  bookId: BookId,
  invoiceId: InvoiceId,
): Promise<StoredPrediction | null> {
  const row = await tx.prediction.findUnique({
    where: { bookId_invoiceId: { bookId, invoiceId } },
  });
  if (row === null) return null;
  const model = await tx.predictionModel.findUniqueOrThrow({
    where: { bookId_fittedOn: { bookId, fittedOn: row.modelOn } },
  });
  const predictor = model.predictor as unknown as Predictor;
  if (!isReadable(predictor)) return null;
  return {
    asOn: fromDate(row.asOn),
    late: row.late,
    expectedOn: fromDate(row.expectedOn),
    p50On: fromDate(row.p50On),
    p80On: fromDate(row.p80On),
    p90On: fromDate(row.p90On),
    isBeyondExperience: row.isBeyondExperience,
    predictor,
    facts: factsFrom(row.facts as (number | null)[]),
  };
}

/** In JSON what never happened is null. */
export function factsFrom(facts: readonly (number | null)[]): Facts {
  return Float64Array.from(facts, (fact) => fact ?? Number.NaN);
}

export interface PredictedInvoice {
  id: InvoiceId;
  customerId: CustomerId;
  currency: Currency;
  openMinor: Minor;
  facts: (number | null)[];
}

/** What these customers owe and when it was said to come: the facts of the last prediction. */
export async function readPredictedInvoices(
  tx: Tx,
  bookId: BookId,
  customerIds: readonly CustomerId[],
): Promise<PredictedInvoice[]> {
  return jsonRows<PredictedInvoice>(
    tx,
    `select i.id, i.customer_id as "customerId", i.currency, i.open_minor as "openMinor", p.facts
       from invoice i
       join prediction p on p.book_id = i.book_id and p.invoice_id = i.id
      where i.book_id = $1::int and i.customer_id = any(${idsFrom('$2')})
        and i.status = 'open' and i.open_minor > 0
      order by i.id`,
    bookId,
    JSON.stringify(customerIds),
  );
}
