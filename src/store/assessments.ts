/** Flags and assessments: read for a set of customers, written as far as they changed. */
import type { Day } from '../domain/day.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import type { Tx } from './db.ts';
import { dateFrom, documents, documentsFrom, idsFrom, jsonRows } from './json-rows.ts';

export interface OpenFlagRow {
  id: number;
  customerId: CustomerId;
  code: string;
  severity: string;
  sentence: string;
}

export async function readOpenFlags(
  tx: Tx,
  bookId: BookId,
  ids: readonly CustomerId[],
): Promise<OpenFlagRow[]> {
  return jsonRows<OpenFlagRow>(
    tx,
    `select id, customer_id as "customerId", code, severity, sentence from flag
      where book_id = $1::int and customer_id = any(${idsFrom('$2')}) and closed_on is null`,
    bookId,
    JSON.stringify(ids),
  );
}

export async function countOpenFlags(tx: Tx, bookId: BookId): Promise<number> {
  return tx.flag.count({ where: { bookId, closedOn: null } });
}

export interface NewFlag {
  customerId: CustomerId;
  code: string;
  severity: string;
  sentence: string;
  evidence: unknown;
}

export async function openFlags(
  tx: Tx,
  bookId: BookId,
  on: Day,
  flags: readonly NewFlag[],
): Promise<void> {
  if (flags.length === 0) return;
  await tx.$executeRawUnsafe(
    `insert into flag (book_id, customer_id, code, severity, sentence, evidence, opened_on)
     select $1::int, f."customerId", f.code, f.severity, f.sentence, f.evidence, ${dateFrom('$2')}
       from json_to_recordset($3::json) as f(
            "customerId" text, code text, severity text, sentence text, evidence jsonb)`,
    bookId,
    on,
    JSON.stringify(flags),
  );
}

export async function closeFlags(tx: Tx, on: Day, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.$executeRawUnsafe(
    `update flag set closed_on = ${dateFrom('$1')}
      where id = any(array(select json_array_elements_text($2::json)::bigint))`,
    on,
    JSON.stringify(ids),
  );
}

export interface FlagUpdate {
  id: number;
  severity: string;
  sentence: string;
  evidence: unknown;
}

/** A flag that stays open tells today's figures. */
export async function refreshFlags(tx: Tx, updates: readonly FlagUpdate[]): Promise<void> {
  if (updates.length === 0) return;
  await tx.$executeRawUnsafe(
    `update flag set severity = f.severity, sentence = f.sentence, evidence = f.evidence
       from json_to_recordset($1::json) as f(id bigint, severity text, sentence text, evidence jsonb)
      where flag.id = f.id`,
    JSON.stringify(updates),
  );
}

export async function readAssessmentDigests(
  tx: Tx,
  bookId: BookId,
  ids: readonly CustomerId[],
): Promise<Map<CustomerId, string>> {
  const rows = await jsonRows<{ customerId: CustomerId; digest: string }>(
    tx,
    `select distinct on (customer_id) customer_id as "customerId", digest from assessment
      where book_id = $1::int and customer_id = any(${idsFrom('$2')})
      order by customer_id, as_on desc`,
    bookId,
    JSON.stringify(ids),
  );
  return new Map(rows.map((row) => [row.customerId, row.digest]));
}

export interface NewAssessment {
  customerId: CustomerId;
  facts: unknown;
  digest: string;
}

export async function writeAssessments(
  tx: Tx,
  bookId: BookId,
  on: Day,
  assessments: readonly NewAssessment[],
): Promise<void> {
  if (assessments.length === 0) return;
  await tx.$executeRawUnsafe(
    `insert into assessment (book_id, customer_id, as_on, facts, digest)
     select $1::int, a."customerId", ${dateFrom('$2')}, a.facts::jsonb, a.digest
       from rows from (
              json_to_recordset($3::json) as ("customerId" text, digest text), ${documentsFrom('$4')}
            ) as a("customerId", digest, facts)
     on conflict (book_id, customer_id, as_on) do update
        set facts = excluded.facts, digest = excluded.digest`,
    bookId,
    on,
    JSON.stringify(assessments.map(({ customerId, digest }) => ({ customerId, digest }))),
    documents(assessments.map(({ facts }) => facts)),
  );
}
