/**
 * Storing a first sync, and syncing it again unchanged, through the product; each against COPY of
 * the same rows into the same tables. The sides take turns, so that a busy moment hits both.
 */
import type { LedgerPage } from '../connectors/ledger.ts';
import { systemClock } from '../src/clock.ts';
import type { BookId } from '../src/domain/receivables.ts';
import { savePage } from '../src/store/ledger-pages.ts';
import type { BenchDatabase } from './databases.ts';
import { inventPages } from './invented-pages.ts';
import { median, type Measure, type Progress } from './report.ts';

const TABLES = ['customer', 'invoice', 'payment', 'allocation'] as const;

export async function measureStorePages(
  database: BenchDatabase,
  options: { invoices: number; runs: number; progress: Progress },
): Promise<Measure[]> {
  const { db } = database;
  const pages = inventPages(options.invoices);
  const bookId = await insertBook(database);
  await storeAll(database, bookId, pages, null);
  const csv = await exportCsv(database);
  const expected = await digest(database);

  const times = { copy: [] as number[], first: [] as number[], again: [] as number[] };
  for (let run = 1; run <= options.runs; run += 1) {
    await empty(database);
    times.copy.push(await timed(() => database.copyIn(csv)));
    assertSame(expected, await digest(database), 'COPY gave other rows than the product');

    await empty(database);
    times.first.push(await timed(() => storeAll(database, bookId, pages, null)));
    assertSame(expected, await digest(database), 'the product gave other rows');

    const before = await places(database);
    const cursor = pages.at(-1)?.cursor ?? null;
    times.again.push(await timed(() => storeAll(database, bookId, pages, cursor)));
    assertSame(before, await places(database), 'an unchanged row was rewritten');
    options.progress(`${database.name}: storing pages, run ${run} of ${options.runs}`);
  }
  await db.executeSql('delete from book');
  const copyMs = median(times.copy);
  const size = `${options.invoices.toLocaleString('en')} invoices`;
  return [
    ratio(`first sync of ${size} / COPY`, database.name, median(times.first), copyMs, 3.0),
    ratio(`unchanged sync of ${size} / COPY`, database.name, median(times.again), copyMs, 1.2),
  ];
}

function ratio(what: string, on: string, oursMs: number, floorMs: number, goal: number): Measure {
  return { what, on, oursMs, floorMs, figure: oursMs / floorMs, unit: '×', goal };
}

async function insertBook({ db }: BenchDatabase): Promise<BookId> {
  const at = systemClock.now();
  const book = await db.prisma.book.create({
    data: {
      platform: 'xero',
      externalIdSealed: '',
      externalIdHash: 'bench',
      name: 'Bench',
      country: 'NZ',
      baseCurrency: 'NZD',
      timeZone: 'Pacific/Auckland',
      createdAt: at,
      updatedAt: at,
    },
  });
  return book.id as BookId;
}

async function storeAll(
  { db }: BenchDatabase,
  bookId: BookId,
  pages: LedgerPage[],
  cursor: string | null,
): Promise<void> {
  const walkBeganAt = systemClock.now();
  let after = cursor;
  for (const page of pages) {
    await savePage({ db, clock: systemClock }, bookId, page, { after, walkBeganAt });
    after = page.cursor;
  }
}

async function empty({ db }: BenchDatabase): Promise<void> {
  await db.executeSql(`truncate ${TABLES.join(', ')}, sync_state, sync_seen cascade`);
  // A cold page cache or a late checkpoint would hit one side only.
  await db.executeSql('checkpoint');
}

/** A row's text form without its parentheses is CSV, as long as no value holds a backslash; ours hold none. */
async function exportCsv({ db }: BenchDatabase) {
  const files: { table: string; csv: string }[] = [];
  for (const table of TABLES) {
    const { rows } = await db.executeSql(
      `select string_agg(substr(t::text, 2, length(t::text) - 2), chr(10)) as csv from ${table} t`,
    );
    files.push({ table, csv: (rows[0] as { csv: string }).csv });
  }
  return files;
}

/** What the tables hold, in no matter which order. */
function digest(database: BenchDatabase): Promise<string> {
  return aggregate(database, (table) => `select md5(t::text) as m from ${table} t`);
}

/** Where every row version lies: the same as long as nothing is rewritten. */
function places(database: BenchDatabase): Promise<string> {
  return aggregate(database, (table) => `select '${table}' || ctid || xmin as m from ${table} t`);
}

async function aggregate(
  { db }: BenchDatabase,
  select: (table: string) => string,
): Promise<string> {
  const all = TABLES.map(select).join(' union all ');
  const { rows } = await db.executeSql(
    `select md5(string_agg(m, '' order by m)) as md5 from (${all}) a`,
  );
  return (rows[0] as { md5: string }).md5;
}

function assertSame(expected: string, found: string, problem: string): void {
  if (expected !== found) throw new Error(problem);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
