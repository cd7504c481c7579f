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
import { recordLedgerFailure } from '../store/connection.ts';
import type { Db } from '../store/db.ts';
import { savePage } from '../store/ledger-pages.ts';
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
  const before = await readBook(deps.db, bookId);
  const ledger = await deps.openLedger(bookId, 'background');
  const walk = await pullPages(deps, bookId, ledger, before.cursor, options);
  if (options.stop?.aborted !== true) {
    // A first sync follows a connection, which has read the organisation a moment ago.
    if (walk.readCustomersWhole && before.lastSyncedAt !== null) {
      await refreshOrganisation(deps, bookId, ledger);
    }
    await settle(deps, bookId, before, walk, startedAt);
  }
  const endedAt = deps.clock.now();
  return {
    ...walk.counts,
    calls: ledger.calls ?? 0,
    quarantined: await deps.db.prisma.quarantine.count({ where: { bookId } }),
    variances: await countOffBalance(deps.db.prisma, bookId),
    seconds: (endedAt.getTime() - startedAt.getTime()) / 1000,
  };
}

interface BookBefore {
  platform: Platform;
  cursor: Cursor | null;
  lastSyncedAt: Date | null;
  /** Pages were stored that no finished sync has settled. */
  isUnsettled: boolean;
}

async function readBook(db: Db, bookId: BookId): Promise<BookBefore> {
  const book = await db.prisma.book.findUnique({ where: { id: bookId } });
  if (book === null) throw new AccessError('not_found', 'There is no such book.');
  const state = await db.prisma.syncState.findUnique({ where: { bookId } });
  const { platform, lastSyncedAt } = book;
  const isUnsettled = state !== null && (lastSyncedAt === null || state.updatedAt >= lastSyncedAt);
  return { platform, cursor: state?.cursor ?? null, lastSyncedAt, isUnsettled };
}

interface Walk {
  counts: Pick<SyncReport, 'pages' | 'customers' | 'invoices' | 'credits' | 'payments' | 'changed'>;
  /** The platform's balances are fresh: reconciling makes sense. */
  readCustomersWhole: boolean;
}

async function pullPages(
  deps: SyncDeps,
  bookId: BookId,
  ledger: Ledger,
  cursor: Cursor | null,
  options: SyncOptions,
): Promise<Walk> {
  const counts = { pages: 0, customers: 0, invoices: 0, credits: 0, payments: 0, changed: 0 };
  const walk: Walk = { counts, readCustomersWhole: false };
  let after = cursor;
  const pages = ledger.pull(cursor, { now: deps.clock.now(), sweep: options.sweep ?? 'auto' });
  for await (const page of pages) {
    const { changed } = await savePage(deps, bookId, page, after);
    after = page.cursor;
    countPage(counts, page, changed);
    walk.readCustomersWhole ||= page.fullWalkEnds.includes('customer');
    options.onProgress?.(page.label);
    if (options.stop?.aborted === true) break;
  }
  return walk;
}

function countPage(counts: Walk['counts'], page: LedgerPage, changed: number): void {
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
  walk: Walk,
  startedAt: Date,
): Promise<void> {
  await deps.db.tx(async (tx) => {
    const book = await tx.book.findUniqueOrThrow({ where: { id: bookId } });
    const hasChanged = walk.counts.changed > 0 || before.isUnsettled;
    if (walk.counts.changed >= MANY_ROWS || before.lastSyncedAt === null) {
      await tx.$executeRawUnsafe(`analyze ${MIRROR_TABLES}`);
    }
    if (hasChanged) await deriveFromAllocations(tx, bookId, before.platform);
    // Balances may have been read whole by a sync that was killed after that.
    const balancesAt = walk.readCustomersWhole ? startedAt : unsettledBalances(book, before);
    if (balancesAt !== null) await reconcile(tx, bookId, balancesAt);
    // A sync that was asked for while this one ran is still owed.
    const isOwed = book.syncRequestedAt !== null && book.syncRequestedAt > startedAt;
    await tx.book.update({
      where: { id: bookId },
      data: {
        lastSyncedAt: isOwed ? startedAt : deps.clock.now(),
        lastSyncError: null,
        parkedUntil: null,
        parkedReason: null,
      },
    });
  });
}

function unsettledBalances(book: { balancesReadAt: Date | null }, before: BookBefore): Date | null {
  const { balancesReadAt } = book;
  if (balancesReadAt === null) return null;
  return before.lastSyncedAt === null || balancesReadAt > before.lastSyncedAt
    ? balancesReadAt
    : null;
}

/** For the person who looks at the book; a bug's message is for the log only. */
async function recordFailure(deps: SyncDeps, bookId: BookId, err: unknown): Promise<void> {
  if (err instanceof AccessError || err instanceof StoppedError) return;
  if (err instanceof AppError && err.code === 'sync.overtaken') return;
  const lastSyncError =
    err instanceof AppError ? err.userMessage : 'An unexpected problem stopped the sync.';
  await recordLedgerFailure(deps, bookId, err);
  await deps.db.prisma.book.update({ where: { id: bookId }, data: { lastSyncError } });
  if (err instanceof AppError) deps.log.warn({ err, book: bookId }, 'sync stopped');
  else deps.log.error({ err, book: bookId }, 'sync failed');
}
