/**
 * Sets through one text each way: a query answers with its rows as one JSON text, a write takes its
 * rows as one. Row by row through the ORM the same costs twenty to a hundred times as much, and the
 * two drivers disagree on how a bigint and a date come back; in JSON both are plain numbers.
 */
import type { Tx } from './db.ts';

/** Rows of `sql` as objects; name columns with quoted aliases, give days as `x - date '1970-01-01'`. */
export async function jsonRows<T>(tx: Tx, sql: string, ...values: unknown[]): Promise<T[]> {
  const answer = await tx.$queryRawUnsafe<{ rows: string }[]>(
    `select coalesce(json_agg(r), '[]')::text as rows from (${sql}) r`,
    ...values,
  );
  return JSON.parse(answer[0]?.rows ?? '[]') as T[];
}

/**
 * Documents for a jsonb column go beside the rows they belong to, a line each: within the rows' own
 * JSON each would be read six times as slowly. JSON writes a line break inside a text as \n.
 */
export function documents(values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value)).join('\n');
}

/** For `rows from (json_to_recordset(…) as (…), ${documentsFrom('$5')})`: one text a row, to be cast. */
export function documentsFrom(parameter: string): string {
  return `string_to_table(${parameter}::text, E'\\n')`;
}

/** For `= any(${idsFrom('$2')})`: a JSON list of texts as an array, the same on both drivers. */
export function idsFrom(parameter: string): string {
  return `array(select json_array_elements_text(${parameter}::json))`;
}

/** A date column as a Day. */
export function dayOf(column: string): string {
  return `(${column} - date '1970-01-01')`;
}

/** A Day as a date. */
export function dateFrom(expression: string): string {
  return `(date '1970-01-01' + (${expression})::int)`;
}
