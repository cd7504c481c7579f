/**
 * SYNC: pulls what changed in one book's ledger, page by page, each stored with its cursor, and
 * then settles what only the whole can tell: journals, payers, balances. Killed at any point, the
 * next sync goes on from the last stored page and ends in the same state as one clean run.
 */
import type { Cursor, Ledger, LedgerPage, PullOptions } from '../../connectors/ledger.ts';
import type { Clock } from '../clock.ts';
import type { BookId, Platform } from '../domain/receivables.ts';
import { AccessError, AppError, StoppedError } from '../errors.ts';
import type { Log } from '../log.ts';
import { isMomentary, recordLedgerFailure } from '../store/connection.ts';
import type { Db } from '../store/db.ts';
import { type PlaceInWalk, savePage } from '../store/ledger-pages.ts';
import { deriveFromAllocations } from './derive.ts';
import { countOffBalance, reconcile } from './reconcile.ts';

export interface SyncDeps {
  db: Db;
  clock: Clock;
  log: Log;
  /** `calls`: HTTP calls made so far, where they are counted. */
  openLedger(
    bookId: BookId,
    priority?: 'interactive' | 'background',
  ): Promise<Ledger & { readonly calls?: number }>;
}

export interface SyncOptions {
  sweep?: PullOptions['sweep'];
  onProgress?: (line: string) => void;
  /** Ends between two pages; the next sync goes on from there. */
  stop?: AbortSignal;
}

export interface SyncReport {
  pages: number;
  calls: number;
  customers: number;
  invoices: number;
  credits: number;
  payments: number;
  /** Records of the book that cannot be read, those of earlier syncs among them. */
  quarantined: number;
  /** Rows written: a quiet sync has none. */
  changed: number;
  /** Customers off balance. */
  variances: number;
  seconds: number;
}

export async function syncBook(
  deps: SyncDeps,
  bookId: BookId,
  options: SyncOptions = {},
): Promise<SyncReport> {
  try {
    return await sync(deps, bookId, options);
  } catch (err) {
    await recordFailure(deps, bookId, err);
    throw err;
  }
}

async function sync(deps: SyncDeps, bookId: BookId, options: SyncOptions): Promise<SyncReport> {
  const startedAt = deps.clock.now();
  const ledger = await deps.openLedger(bookId, 'background');
  const first = await walk(deps, bookId, ledger, options);
  const walks = [first];
  // The pages before the cut are as old as that: a second walk reads what has changed since.
  if (first.wasTakenUp && options.stop?.aborted !== true) {
    walks.push(await walk(deps, bookId, ledger, options));
  }
  const endedAt = deps.clock.now();
  return {
    ...totalOf(walks),
    calls: ledger.calls ?? 0,
    quarantined: await deps.db.prisma.quarantine.count({ where: { bookId } }),
    variances: await countOffBalance(deps.db.prisma, bookId),
    seconds: (endedAt.getTime() - startedAt.getTime()) / 1000,
  };
}

/** From the last stored page to the end, or until it is stopped. */
async function walk(
  deps: SyncDeps,
  bookId: BookId,
  ledger: Ledger,
  options: SyncOptions,
): Promise<Walk> {
  const before = await readBook(deps.db, bookId);
  const walkBeganAt = before.walkBeganAt ?? deps.clock.now();
  const place = { after: before.cursor, walkBeganAt };
  const read = await pullPages(deps, bookId, ledger, place, options);
  if (options.stop?.aborted !== true) {
    // A first sync follows a connection, which has read the organisation a moment ago.
    if (read.customersWhole && before.lastSyncedAt !== null) {
      await refreshOrganisation(deps, bookId, ledger);
    }
    await settle(deps, bookId, before, read, walkBeganAt);
  }
  return { ...read, wasTakenUp: before.walkBeganAt !== null };
}

interface BookBefore {
  platform: Platform;
  cursor: Cursor | null;
  lastSyncedAt: Date | null;
  /** Pages were stored, from then on, that no finished sync has settled. */
  walkBeganAt: Date | null;
}

async function readBook(db: Db, bookId: BookId): Promise<BookBefore> {
  const book = await db.prisma.book.findUnique({ where: { id: bookId } });
  if (book === null) throw new AccessError('not_found', 'There is no such book.');
  const state = await db.prisma.syncState.findUnique({ where: { bookId } });
  const { platform, lastSyncedAt } = book;
  const { cursor = null, walkBeganAt = null } = state ?? {};
  return { platform, cursor, lastSyncedAt, walkBeganAt };
}

const COUNTED = ['pages', 'customers', 'invoices', 'credits', 'payments', 'changed'] as const;

type Counts = Record<(typeof COUNTED)[number], number>;

interface PagesRead {
  counts: Counts;
  /** The platform's balances are fresh: reconciling makes sense. */
  customersWhole: boolean;
}

interface Walk extends PagesRead {
  /** An earlier sync had begun it and was cut off. */
  wasTakenUp: boolean;
}

function totalOf(walks: readonly Walk[]): Counts {
  const total = noCounts();
  for (const { counts } of walks) for (const key of COUNTED) total[key] += counts[key];
  return total;
}

function noCounts(): Counts {
  return { pages: 0, customers: 0, invoices: 0, credits: 0, payments: 0, changed: 0 };
}

async function pullPages(
  deps: SyncDeps,
  bookId: BookId,
  ledger: Ledger,
  { after, walkBeganAt }: PlaceInWalk,
  options: SyncOptions,
): Promise<PagesRead> {
  const read: PagesRead = { counts: noCounts(), customersWhole: false };
  let cursor = after;
  const pages = ledger.pull(cursor, { now: deps.clock.now(), sweep: options.sweep ?? 'auto' });
  for await (const page of pages) {
    const { changed } = await savePage(deps, bookId, page, { after: cursor, walkBeganAt });
    cursor = page.cursor;
    countPage(read.counts, page, changed);
    read.customersWhole ||= page.fullWalkEnds.includes('customer');
    options.onProgress?.(page.label);
    if (options.stop?.aborted === true) break;
  }
  return read;
}

function countPage(counts: Counts, page: LedgerPage, changed: number): void {
  counts.pages += 1;
  counts.customers += page.customers.length;
  counts.invoices += page.invoices.length;
  counts.credits += page.credits.length;
  counts.payments += page.payments.length;
  counts.changed += changed;
}

/** Names and settings change rarely, so they are read again only together with a full read. */
async function refreshOrganisation(deps: SyncDeps, bookId: BookId, ledger: Ledger): Promise<void> {
  const { platformRemindersOn, ...columns } = await ledger.organisation();
  await deps.db.prisma.book.update({
    where: { id: bookId },
    data: {
      ...columns,
      ...(platformRemindersOn === null ? {} : { platformRemindersOn }),
      updatedAt: deps.clock.now(),
    },
  });
}

/**
 * So many new rows make the planner's figures worthless, and the statements that follow join whole
 * tables: without figures a first sync of 400 invoices took 34 s to settle. PGlite never analyzes by itself.
 */
const MANY_ROWS = 1000;
const MIRROR_TABLES = 'customer, invoice, credit, payment, allocation';

/** The end of a sync: only now does the book count as synced. */
async function settle(
  deps: SyncDeps,
  bookId: BookId,
  before: BookBefore,
  read: PagesRead,
  walkBeganAt: Date,
): Promise<void> {
  await deps.db.tx(async (tx) => {
    const book = await tx.book.findUniqueOrThrow({ where: { id: bookId } });
    const hasChanged = read.counts.changed > 0 || before.walkBeganAt !== null;
    if (read.counts.changed >= MANY_ROWS || before.lastSyncedAt === null) {
      await tx.$executeRawUnsafe(`analyze ${MIRROR_TABLES}`);
    }
    if (hasChanged) await deriveFromAllocations(tx, bookId, before.platform);
    if (read.customersWhole || hasUnsettledBalances(book, before)) {
      await reconcile(tx, bookId, walkBeganAt);
    }
    // A sync that was asked for while this one ran is still owed. One that was taken up again has
    // lists that were read before it: the book is as old as they are.
    const isOwed = book.syncRequestedAt !== null && book.syncRequestedAt > walkBeganAt;
    await tx.syncState.updateMany({ where: { bookId }, data: { walkBeganAt: null } });
    await tx.book.update({
      where: { id: bookId },
      data: {
        lastSyncedAt: isOwed || before.walkBeganAt !== null ? walkBeganAt : deps.clock.now(),
        lastSyncError: null,
        parkedUntil: null,
        parkedReason: null,
      },
    });
  });
}

/** Balances may have been read whole by a sync that was killed after that. */
function hasUnsettledBalances(
  { balancesReadAt }: { balancesReadAt: Date | null },
  { walkBeganAt }: BookBefore,
): boolean {
  return walkBeganAt !== null && balancesReadAt !== null && balancesReadAt >= walkBeganAt;
}

/** For the person who looks at the book; a bug's message is for the log only. */
async function recordFailure(deps: SyncDeps, bookId: BookId, err: unknown): Promise<void> {
  if (err instanceof AccessError || err instanceof StoppedError) return;
  if (err instanceof AppError && err.code === 'sync.overtaken') return;
  if (isMomentary(err)) return;
  const lastSyncError =
    err instanceof AppError ? err.userMessage : 'An unexpected problem stopped the sync.';
  await recordLedgerFailure(deps, bookId, err);
  await deps.db.prisma.book.update({ where: { id: bookId }, data: { lastSyncError } });
  if (err instanceof AppError) deps.log.warn({ err, book: bookId }, 'sync stopped');
  else deps.log.error({ err, book: bookId }, 'sync failed');
}
