/**
 * Everything the database holds about one book, found in the database's own catalogue: a table that is
 * added tomorrow is exported and purged without a line here. A table belongs to a book by its `book_id`,
 * or by a foreign key to one that does.
 */
import type { BookId } from '../domain/receivables.ts';
import type { Db, Sql } from './db.ts';

/** Sealed or keyed: worthless outside this installation, and no business of an export. */
const SECRET_COLUMN = /_(sealed|hash)$/;
const ROWS_AT_ONCE = 2_000;

export interface BookTable {
  name: string;
  /** Its rows of a book, `t`, as the part of a query behind `from`; $1 is the book. */
  source: string;
  omitted: string[];
}

interface Column {
  table: string;
  column: string;
}

interface ForeignKey extends Column {
  parent: string;
  parentColumn: string;
}

/** In the order of their names. */
export async function bookTables(sql: Sql): Promise<BookTable[]> {
  const columns = await rowsOf<Column>(
    sql,
    `select table_name as "table", column_name as "column" from information_schema.columns
      where table_schema = 'public' order by table_name, ordinal_position`,
  );
  const own = new Set(columns.filter((c) => c.column === 'book_id').map((c) => c.table));
  const keys = await rowsOf<ForeignKey>(sql, FOREIGN_KEYS);
  const tables: BookTable[] = [];
  for (const name of [...new Set(columns.map((c) => c.table))]) {
    const source = sourceOf(name, own, keys);
    if (source === null) continue;
    const omitted = columns
      .filter((c) => c.table === name && SECRET_COLUMN.test(c.column))
      .map((c) => c.column);
    tables.push({ name, source, omitted });
  }
  return tables;
}

function sourceOf(table: string, own: ReadonlySet<string>, keys: ForeignKey[]): string | null {
  if (table === 'book') return `"book" t where t.id = $1`;
  if (own.has(table)) return `"${table}" t where t.book_id = $1`;
  const key = keys.find((k) => k.table === table && own.has(k.parent));
  if (key === undefined) return null;
  return `"${table}" t where t."${key.column}" in (select "${key.parentColumn}" from "${key.parent}" where book_id = $1)`;
}

const FOREIGN_KEYS = `
  select child.relname as "table", child_column.attname as "column",
         parent.relname as "parent", parent_column.attname as "parentColumn"
    from pg_constraint c
    join pg_class child on child.oid = c.conrelid
    join pg_class parent on parent.oid = c.confrelid
    join pg_attribute child_column on child_column.attrelid = child.oid and child_column.attnum = c.conkey[1]
    join pg_attribute parent_column on parent_column.attrelid = parent.oid and parent_column.attnum = c.confkey[1]
   where c.contype = 'f' and cardinality(c.conkey) = 1
     and child.relnamespace = 'public'::regnamespace
   order by 1, 2`;

/** Hands over each row as one line of JSON, table by table, all as of one moment. */
export async function readBookData(
  db: Db,
  bookId: BookId,
  take: (table: BookTable, lines: string[]) => Promise<void>,
): Promise<void> {
  await db.bulk(async (sql) => {
    await sql('set transaction isolation level repeatable read, read only');
    for (const table of await bookTables(sql)) {
      await readTable(sql, bookId, table, take);
    }
  });
}

async function readTable(
  sql: Sql,
  bookId: BookId,
  table: BookTable,
  take: (table: BookTable, lines: string[]) => Promise<void>,
): Promise<void> {
  // A cursor takes no parameters on every driver; the id is a whole number of our own.
  const source = table.source.replaceAll('$1', String(bookId));
  const shown = `to_jsonb(t) - '{${table.omitted.join(',')}}'::text[]`;
  await sql(
    `declare book_rows no scroll cursor for select (${shown})::text as line from ${source}`,
  );
  try {
    let isFirst = true;
    for (;;) {
      const rows = await rowsOf<{ line: string }>(sql, `fetch ${ROWS_AT_ONCE} from book_rows`);
      if (rows.length > 0 || isFirst) {
        await take(
          table,
          rows.map((row) => row.line),
        );
      }
      isFirst = false;
      if (rows.length < ROWS_AT_ONCE) return;
    }
  } finally {
    await sql('close book_rows');
  }
}

/** Gives the number of rows that went; a grant that no other book uses goes with them. */
export async function deleteBookData(sql: Sql, bookId: BookId): Promise<number> {
  const tables = await bookTables(sql);
  // Triggers note changes of facts while the facts are deleted, so the notes go after them; the book is last.
  const rank = ({ name }: BookTable): number =>
    name === 'book' ? 2 : name === 'fact_change' ? 1 : 0;
  const [book] = await rowsOf<{ grantId: string | null }>(
    sql,
    'select grant_id::text as "grantId" from book where id = $1',
    [bookId],
  );
  let count = 0;
  for (const { source } of tables.toSorted((a, b) => rank(a) - rank(b))) {
    count += (await sql(`delete from ${source}`, [bookId])).rowCount;
  }
  if (book?.grantId != null) {
    const { rowCount } = await sql(
      'delete from "grant" g where id = $1::uuid and not exists (select from book where grant_id = g.id)',
      [book.grantId],
    );
    count += rowCount;
  }
  return count;
}

async function rowsOf<T>(sql: Sql, text: string, values: readonly unknown[] = []): Promise<T[]> {
  return (await sql(text, values)).rows as T[];
}
