/** What assess last said of each customer: one row a customer, rewritten only when it changed. */
import type { RiskDetail } from '../domain/customer-risk.ts';
import type { Day } from '../domain/day.ts';
import type { FlagCode } from '../domain/flags.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import type { Segment } from '../domain/segments.ts';
import type { Tx } from './db.ts';
import { dateFrom, dayOf, documents, documentsFrom, idsFrom, jsonRows } from './json-rows.ts';

export interface CustomerRiskRow {
  customerId: CustomerId;
  /** 0–100, 100 is best; null without anything to judge by. */
  score: number | null;
  grade: string | null;
  segment: Segment | null;
  digest: string;
  /** The earliest day on which it can change without new facts. */
  nextOn: Day | null;
}

/** A customer that was never assessed has no row. */
export async function readCustomerRisk(
  tx: Tx,
  bookId: BookId,
  customerIds: readonly CustomerId[],
): Promise<CustomerRiskRow[]> {
  return jsonRows<CustomerRiskRow>(
    tx,
    `select customer_id as "customerId", score, grade, segment, digest, ${dayOf('next_on')} as "nextOn"
       from customer_risk
      where book_id = $1::int and customer_id = any(${idsFrom('$2')})`,
    bookId,
    JSON.stringify(customerIds),
  );
}

/** Customers whose day has come, who changed since they were assessed, or who have this flag. */
export async function readDueToAssess(
  tx: Tx,
  bookId: BookId,
  asOn: Day,
  flag: FlagCode,
): Promise<CustomerId[]> {
  const rows = await jsonRows<{ id: CustomerId }>(
    tx,
    `select customer_id as id from customer_risk
      where book_id = $1::int and next_on <= ${dateFrom('$2')}
     union
     select customer_id from fact_change
      where book_id = $1::int and customer_id is not null and not is_assessed
     union
     select customer_id from flag
      where book_id = $1::int and code = $3::text and closed_on is null`,
    bookId,
    asOn,
    flag,
  );
  return rows.map((row) => row.id);
}

export interface NewCustomerRisk extends CustomerRiskRow {
  detail: unknown;
}

/** A row that says the same as before keeps the day since when it says so. */
export async function writeCustomerRisk(
  tx: Tx,
  bookId: BookId,
  on: Day,
  rows: readonly NewCustomerRisk[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.$executeRawUnsafe(
    `insert into customer_risk (book_id, customer_id, as_on, score, grade, segment, detail, digest, next_on)
     select $1::int, r."customerId", ${dateFrom('$2')}, r.score, r.grade, r.segment, r.detail::jsonb, r.digest,
            ${dateFrom('r."nextOn"')}
       from rows from (
              json_to_recordset($3::json) as (
                "customerId" text, score int, grade text, segment text, digest text, "nextOn" int),
              ${documentsFrom('$4')}
            ) as r("customerId", score, grade, segment, digest, "nextOn", detail)
     on conflict (book_id, customer_id) do update
        set as_on = case when customer_risk.digest = excluded.digest then customer_risk.as_on else excluded.as_on end,
            score = excluded.score, grade = excluded.grade, segment = excluded.segment,
            detail = excluded.detail, digest = excluded.digest, next_on = excluded.next_on`,
    bookId,
    on,
    JSON.stringify(rows.map(({ detail: _detail, ...row }) => row)),
    documents(rows.map(({ detail }) => detail)),
  );
}

export interface RiskLine {
  customerId: CustomerId;
  name: string;
  asOn: string;
  /** 0–100, 100 is best. */
  score: number | null;
  grade: string | null;
  segment: Segment | null;
  flags: { code: string; severity: string; sentence: string; openedOn: string }[];
}

export interface RiskWhole extends RiskLine {
  nextOn: string | null;
  detail: RiskDetail;
}

const COLUMNS = `r.customer_id as "customerId", coalesce(c.name, r.customer_id) as name,
  r.as_on::text as "asOn", r.score, r.grade, r.segment,
  coalesce((select json_agg(json_build_object('code', f.code, 'severity', f.severity,
              'sentence', f.sentence, 'openedOn', f.opened_on::text)
              order by array_position(array['high', 'medium', 'low', 'info'], f.severity), f.code)
     from flag f
    where f.book_id = r.book_id and f.customer_id = r.customer_id and f.closed_on is null), '[]') as flags`;

const FROM = `customer_risk r left join customer c on c.book_id = r.book_id and c.id = r.customer_id`;

/** By score, the lowest first; who has none comes last. */
export async function listRisk(tx: Tx, bookId: BookId, limit: number): Promise<RiskLine[]> {
  return jsonRows<RiskLine>(
    tx,
    `select ${COLUMNS} from ${FROM} where r.book_id = $1::int
      order by r.score nulls last, r.customer_id limit $2::int`,
    bookId,
    limit,
  );
}

/** null: never assessed, or nothing to say. */
export async function findRisk(
  tx: Tx,
  bookId: BookId,
  customerId: CustomerId,
): Promise<RiskWhole | null> {
  const rows = await jsonRows<RiskWhole>(
    tx,
    `select ${COLUMNS}, r.next_on::text as "nextOn", r.detail from ${FROM}
      where r.book_id = $1::int and r.customer_id = $2::text`,
    bookId,
    customerId,
  );
  return rows[0] ?? null;
}
