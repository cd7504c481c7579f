/**
 * One page of the ledger, stored whole or not at all: its records, what it says is gone, what could
 * not be read, and the cursor that comes after it, in one transaction. Rows travel a page at a time
 * as one text parameter; a row whose digest has not changed is neither sent nor rewritten, and an
 * older version never replaces a newer one.
 */
import type { Cursor, GoneRecord, LedgerPage } from '../../connectors/ledger.ts';
import type { Clock } from '../clock.ts';
import type { BookId, RecordKind, RemoteStamp } from '../domain/receivables.ts';
import { AppError } from '../errors.ts';
import type { Db, Sql } from './db.ts';
import {
  CREDIT,
  creditRow,
  CUSTOMER,
  customerRow,
  INVOICE,
  invoiceRow,
  type MirrorRow,
  PAYMENT,
  paymentRow,
  rowsAsJson,
  upsertSql,
} from './mirror-rows.ts';

/** Between ids that travel as one text; SQL says chr(31). */
const SEPARATOR = '\u001f';

const KINDS: readonly RecordKind[] = ['customer', 'invoice', 'credit', 'payment'];

/** The digest of a row whose record is gone: no content has it, so a record that comes back is written. */
const GONE_HASH = 'gone';

export interface PlaceInWalk {
  /** The cursor the page was pulled with. */
  after: Cursor | null;
  /** When the first page that is not settled yet was asked for. */
  walkBeganAt: Date;
}

/**
 * Stores a page. When the book's cursor is another one by now than the page was pulled with, a second
 * sync of the same book got ahead, and this one gives way.
 */
export async function savePage(
  deps: { db: Db; clock: Clock },
  bookId: BookId,
  page: LedgerPage,
  place: PlaceInWalk,
): Promise<{ changed: number }> {
  const now = deps.clock.now();
  const rows = rowsOf(page);
  return deps.db.bulk(async (sql) => {
    await moveCursor(sql, bookId, place, page.cursor);
    await beginFullWalks(sql, bookId, page.fullWalkStarts);
    let changed = 0;
    for (const kind of KINDS) changed += await upsert(sql, bookId, kind, rows[kind]);
    changed += await markGone(sql, bookId, page.gone);
    await keepQuarantine(sql, bookId, page, rows, now);
    if (page.inFullWalk) await rememberSeen(sql, bookId, page, rows);
    changed += await endFullWalks(sql, bookId, page.fullWalkEnds, now);
    return { changed };
  });
}

type PageRows = Record<RecordKind, MirrorRow[]>;

function rowsOf(page: LedgerPage): PageRows {
  return {
    customer: newestOf(page.customers).map(customerRow),
    invoice: newestOf(page.invoices).map(invoiceRow),
    credit: newestOf(page.credits).map(creditRow),
    payment: newestOf(page.payments).map(paymentRow),
  };
}

/** A record may be on a page twice, when rows moved while the ledger was walked: one statement takes each once. */
function newestOf<T extends RemoteStamp & { id: string }>(records: T[]): T[] {
  const byId = new Map<string, T>();
  for (const record of records) {
    const met = byId.get(record.id);
    if (met === undefined || !isOlder(record, met)) byId.set(record.id, record);
  }
  return byId.size === records.length ? records : [...byId.values()];
}

/** The same order as IS_NOT_OLDER in mirror-rows.ts. */
function isOlder(a: RemoteStamp, b: RemoteStamp): boolean {
  if (a.remoteVersion !== null && b.remoteVersion !== null) {
    const versions = Number(a.remoteVersion) - Number(b.remoteVersion);
    if (versions !== 0) return versions < 0;
  }
  if (a.remoteUpdatedAt === null || b.remoteUpdatedAt === null) return false;
  return a.remoteUpdatedAt < b.remoteUpdatedAt;
}

/**
 * Also lets the commit return before the disk has it: a power cut then loses whole pages from the
 * end, together with their cursor, and the next sync pulls them again. Everything that must not be
 * lost commits elsewhere, and the end of the sync waits for the disk.
 */
async function moveCursor(
  sql: Sql,
  bookId: BookId,
  { after, walkBeganAt }: PlaceInWalk,
  to: Cursor,
): Promise<void> {
  const { rowCount } =
    after === null
      ? await sql(
          `insert into sync_state (book_id, cursor, walk_began_at) select $1::int, $2, $3::timestamptz
           where set_config('synchronous_commit', 'off', true) = 'off' on conflict do nothing`,
          [bookId, to, walkBeganAt],
        )
      : await sql(
          `update sync_state set cursor = $2, walk_began_at = $3::timestamptz
           where book_id = $1::int and cursor = $4
             and set_config('synchronous_commit', 'off', true) = 'off'`,
          [bookId, to, walkBeganAt, after],
        );
  if (rowCount === 1) return;
  throw new AppError('sync.overtaken', `another sync of book ${bookId} is running`, {
    retry: 'later',
    userMessage: 'Another sync of this book is running; this one gave way to it.',
  });
}

// ───────────────────────────── records ─────────────────────────────

const UPSERTS: Readonly<Record<RecordKind, string>> = {
  customer: upsertSql('customer', CUSTOMER),
  invoice: upsertSql('invoice', INVOICE),
  credit: upsertSql('credit', CREDIT),
  payment: upsertSql('payment', PAYMENT),
};

async function upsert(
  sql: Sql,
  bookId: BookId,
  kind: RecordKind,
  rows: MirrorRow[],
): Promise<number> {
  if (rows.length === 0) return 0;
  const known = await readHashes(sql, bookId, kind, rows);
  const changed = rows.filter((row) => known[row.id] !== row.hash);
  if (changed.length === 0) return 0;
  const answer = await sql(UPSERTS[kind], [bookId, rowsAsJson(changed)]);
  const [stored] = answer.rows as { count: number; ids: string | null }[];
  if (kind === 'credit' || kind === 'payment') {
    const taken = new Set((stored?.ids ?? '').split(SEPARATOR));
    const sources = changed.filter((row) => taken.has(row.id));
    await replaceAllocations(sql, bookId, kind, sources, known);
  }
  return stored?.count ?? 0;
}

/** The digests of those rows that the mirror has, as one value: a thousand small rows would cost more than the look-up. */
async function readHashes(
  sql: Sql,
  bookId: BookId,
  kind: RecordKind,
  rows: MirrorRow[],
): Promise<Record<string, string>> {
  const answer = await sql(
    `select json_object_agg(id, hash)::text as hashes from ${kind}
     where book_id = $1::int and id = any(string_to_array($2, chr(31)))`,
    [bookId, rows.map((row) => row.id).join(SEPARATOR)],
  );
  const [found] = answer.rows as { hashes: string | null }[];
  return JSON.parse(found?.hashes ?? '{}') as Record<string, string>;
}

async function replaceAllocations(
  sql: Sql,
  bookId: BookId,
  kind: 'credit' | 'payment',
  sources: MirrorRow[],
  known: Record<string, string>,
): Promise<void> {
  const before = sources.filter((row) => known[row.id] !== undefined).map((row) => row.id);
  await dropAllocations(sql, bookId, kind, before);
  const allocations = sources.flatMap((row) =>
    row.allocations.map((allocation, seq) => ({ s: row.id, seq, ...allocation })),
  );
  if (allocations.length === 0) return;
  await sql(
    `insert into allocation
       (book_id, source_kind, source_id, seq, target_kind, target_id, amount_minor, allocated_on)
     select $1::int, $2, r.s, r.seq, r."targetKind", r."targetId", r."amountMinor",
       date '1970-01-01' + r."allocatedOn"
     from json_to_recordset($3::json) as r(s text, seq int, "targetKind" text, "targetId" text,
       "amountMinor" bigint, "allocatedOn" int)`,
    [bookId, kind, JSON.stringify(allocations)],
  );
}

async function dropAllocations(
  sql: Sql,
  bookId: BookId,
  kind: 'credit' | 'payment',
  ids: string[],
): Promise<void> {
  if (ids.length === 0) return;
  await sql(
    `delete from allocation where book_id = $1::int and source_kind = $2
       and source_id = any(string_to_array($3, chr(31)))`,
    [bookId, kind, ids.join(SEPARATOR)],
  );
}

// ───────────────────────────── what is gone ─────────────────────────────

const GONE: Readonly<Record<RecordKind, { set: string; unless: string }>> = {
  customer: { set: 'is_active = false', unless: 'not t.is_active' },
  invoice: { set: `status = 'deleted', open_minor = 0`, unless: `t.status = 'deleted'` },
  credit: { set: `status = 'deleted', remaining_minor = 0`, unless: `t.status = 'deleted'` },
  payment: { set: `status = 'deleted', unapplied_minor = 0`, unless: `t.status = 'deleted'` },
};

async function markGone(sql: Sql, bookId: BookId, gone: GoneRecord[]): Promise<number> {
  let count = 0;
  for (const kind of KINDS) {
    const ids = gone.filter((record) => record.kind === kind).map((record) => record.id);
    if (ids.length === 0) continue;
    count += await setGone(sql, bookId, kind, `t.id = any(string_to_array($2, chr(31)))`, [
      ids.join(SEPARATOR),
    ]);
  }
  return count;
}

/** Gone is a state: the row stays, with nothing open, and what it paid is open again. */
async function setGone(
  sql: Sql,
  bookId: BookId,
  kind: RecordKind,
  which: string,
  values: string[],
): Promise<number> {
  const { set, unless } = GONE[kind];
  const { rows } = await sql(
    `update ${kind} t set ${set}, hash = '${GONE_HASH}'
     where t.book_id = $1::int and ${which} and not (${unless}) returning t.id`,
    [bookId, ...values],
  );
  const ids = (rows as { id: string }[]).map((row) => row.id);
  if (kind === 'credit' || kind === 'payment') await dropAllocations(sql, bookId, kind, ids);
  return ids.length;
}

// ───────────────────────────── full walks ─────────────────────────────

/** Page 0 marks a kind as being walked. Nothing can have vanished from an empty mirror: a first sync keeps no list. */
async function beginFullWalks(sql: Sql, bookId: BookId, kinds: RecordKind[]): Promise<void> {
  for (const kind of kinds) {
    await forgetWalk(sql, bookId, kind);
    await sql(
      `insert into sync_seen (book_id, kind, page, ids) select $1::int, $2, 0, ''
       where exists (select from ${kind} where book_id = $1::int)`,
      [bookId, kind],
    );
  }
}

async function walkedKinds(sql: Sql, bookId: BookId): Promise<Set<string>> {
  const { rows } = await sql(`select kind from sync_seen where book_id = $1::int and page = 0`, [
    bookId,
  ]);
  return new Set((rows as { kind: string }[]).map((row) => row.kind));
}

async function forgetWalk(sql: Sql, bookId: BookId, kind: RecordKind): Promise<void> {
  await sql(`delete from sync_seen where book_id = $1::int and kind = $2`, [bookId, kind]);
}

/** A record that could not be read exists all the same: it counts as seen. */
async function rememberSeen(
  sql: Sql,
  bookId: BookId,
  page: LedgerPage,
  rows: PageRows,
): Promise<void> {
  const walked = await walkedKinds(sql, bookId);
  for (const kind of KINDS) {
    if (!walked.has(kind)) continue;
    const unread = page.quarantined.filter((record) => record.kind === kind);
    const ids = [...rows[kind].map((row) => row.id), ...unread.map((record) => record.externalId)];
    if (ids.length === 0) continue;
    await sql(
      `insert into sync_seen (book_id, kind, page, ids) select $1::int, $2, max(page) + 1, $3
       from sync_seen where book_id = $1::int and kind = $2`,
      [bookId, kind, ids.join(SEPARATOR)],
    );
  }
}

async function endFullWalks(
  sql: Sql,
  bookId: BookId,
  kinds: RecordKind[],
  now: Date,
): Promise<number> {
  if (kinds.length === 0) return 0;
  const walked = await walkedKinds(sql, bookId);
  let vanished = 0;
  for (const kind of kinds) {
    if (!walked.has(kind)) continue;
    // NOT IN, which hashes the list: without statistics on it NOT EXISTS may be planned as a loop in a loop.
    const unseen = `t.id not in (select unnest(string_to_array(ids, chr(31))) from sync_seen
      where book_id = $1::int and kind = $2)`;
    vanished += await setGone(sql, bookId, kind, unseen, [kind]);
    await forgetWalk(sql, bookId, kind);
  }
  if (kinds.includes('customer')) {
    await sql(`update book set balances_read_at = $2::timestamptz where id = $1::int`, [
      bookId,
      now,
    ]);
  }
  return vanished;
}

// ───────────────────────────── what could not be read ─────────────────────────────

async function keepQuarantine(
  sql: Sql,
  bookId: BookId,
  page: LedgerPage,
  rows: PageRows,
  now: Date,
): Promise<void> {
  await release(sql, bookId, page, rows);
  if (page.quarantined.length === 0) return;
  const records = new Map(page.quarantined.map((q) => [`${q.kind} ${q.externalId}`, q]));
  await sql(
    `insert into quarantine
       (book_id, kind, external_id, field, problem, first_seen_at, last_seen_at)
     select $1::int, r.kind, r."externalId", r.field, r.problem, $3::timestamptz, $3::timestamptz
     from json_to_recordset($2::json)
       as r(kind text, "externalId" text, field text, problem text)
     on conflict (book_id, kind, external_id) do update
       set field = excluded.field, problem = excluded.problem, last_seen_at = excluded.last_seen_at`,
    [bookId, JSON.stringify([...records.values()]), now],
  );
}

/** A record that reads well now, or is gone, needs nobody's attention any more. */
async function release(sql: Sql, bookId: BookId, page: LedgerPage, rows: PageRows): Promise<void> {
  const { rows: held } = await sql(`select from quarantine where book_id = $1::int limit 1`, [
    bookId,
  ]);
  if (held.length === 0) return;
  for (const kind of KINDS) {
    const gone = page.gone.filter((record) => record.kind === kind);
    const ids = [...rows[kind], ...gone].map((record) => record.id);
    if (ids.length === 0) continue;
    await sql(
      `delete from quarantine where book_id = $1::int and kind = $2
         and external_id = any(string_to_array($3, chr(31)))`,
      [bookId, kind, ids.join(SEPARATOR)],
    );
  }
}
