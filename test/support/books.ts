/** A connected book by the shortest way: rows, no consent. */
import type { BookId, Platform } from '../../src/domain/receivables.ts';
import type { Db } from '../../src/store/db.ts';

let counter = 0;

export async function insertBook(db: Db, at: Date, platform: Platform = 'xero'): Promise<BookId> {
  counter += 1;
  const row = await db.prisma.book.create({
    data: {
      platform,
      externalIdSealed: 'sealed',
      externalIdHash: `hash-${counter}`,
      name: 'Kauri Supplies',
      country: 'NZ',
      baseCurrency: 'NZD',
      timeZone: 'Pacific/Auckland',
      createdAt: at,
      updatedAt: at,
    },
  });
  return row.id as BookId;
}

/** A run of long ago: the first one of a book only shows what it would do, and these tests are about the others. */
export async function firstRunBehind(db: Db, bookId: BookId): Promise<void> {
  const at = new Date('2000-01-03T00:00:00Z');
  await db.prisma.run.create({
    data: {
      bookId,
      asOn: at,
      mode: 'shadow',
      state: 'done',
      policyVersionId: 0,
      startedAt: at,
      endedAt: at,
    },
  });
}

/** As on the day it was connected: nothing synced yet. */
export async function forgetBook(db: Db, bookId: BookId): Promise<void> {
  const tables = ['customer', 'invoice', 'credit', 'payment', 'allocation'];
  for (const table of [...tables, 'sync_state', 'sync_seen', 'quarantine']) {
    await db.executeSql(`delete from ${table} where book_id = ${bookId}`);
  }
  await db.executeSql(
    `update book set last_synced_at = null, last_sync_error = null, balances_read_at = null,
       parked_until = null, parked_reason = null, assessed_on = null where id = ${bookId}`,
  );
}

/** Everything a sync writes about a book, as text that can be compared. */
export async function dumpBook(db: Db, bookId: BookId): Promise<Record<string, unknown[]>> {
  const tables: Record<string, string> = {
    customer: 'id',
    invoice: 'id',
    credit: 'id',
    payment: 'id',
    allocation: 'source_kind, source_id, seq',
    quarantine: 'kind, external_id',
    sync_seen: 'kind, page',
    sync_state: 'cursor',
    book: 'id',
  };
  const dump: Record<string, unknown[]> = {};
  for (const [table, order] of Object.entries(tables)) {
    const own = table === 'book' ? 'id' : 'book_id';
    const { rows } = await db.executeSql(
      `select (to_jsonb(t) - '{${own},external_id_hash}'::text[])::text as row
       from ${table} t where ${own} = ${bookId} order by ${order}`,
    );
    dump[table] = rows.map((row) => (row as { row: string }).row);
  }
  return dump;
}
