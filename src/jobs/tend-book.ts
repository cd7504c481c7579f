/** One job: look at a book and do what it needs now. Safe to call at any time, any number of times. */
import type { App } from '../app.ts';
import { sendDue } from '../act/index.ts';
import { assessBook } from '../assess/assess-book.ts';
import { predictBook } from '../assess/predict-book.ts';
import { fromDate } from '../domain/day.ts';
import type { BookId } from '../domain/receivables.ts';
import { escalateBook } from '../escalate/escalate-book.ts';
import { isMomentary } from '../store/connection.ts';
import { syncBook } from '../sync/sync-book.ts';
import { writeNotes } from '../writeback/write-notes.ts';
import { endableDeps, type EndSignals } from './ending.ts';
import {
  dueRunDay,
  isSyncDue,
  type LastRun,
  type ScheduledBook,
  type ScheduleSettings,
} from './schedule.ts';

/**
 * Longer than this a book does not wait for its calls of the minute: its place in the worker goes to
 * another, or a few large books would keep all the others from being looked at.
 */
const WAIT_MS_MAX = 2_000;
/** Whatever is due later is found by the minute's tick. */
const TICK_MS = 60_000;

export function scheduleSettings(app: App): ScheduleSettings {
  return { syncMinutes: app.config.syncMinutes, xeroDayLimit: app.config.xero.dayLimit };
}

/** Gives the milliseconds until the book can go on, where that is before the next tick; null: no hurry. */
export async function tendBook(
  app: App,
  bookId: BookId,
  signals: EndSignals,
): Promise<number | null> {
  try {
    await doWhatIsDue(app, bookId, signals);
    return await nextDueMs(app, bookId);
  } catch (err) {
    if (isMomentary(err)) return err.retryAfterMs ?? null;
    throw err;
  }
}

/** What was put back for want of calls, and whatever else falls due before the next tick. */
async function nextDueMs(app: App, bookId: BookId): Promise<number | null> {
  const now = app.clock.now();
  const soon = { gt: now, lte: new Date(now.getTime() + TICK_MS) };
  const { _min: action } = await app.db.prisma.action.aggregate({
    where: { bookId, channel: 'email', state: { in: ['planned', 'deferred'] }, dueAt: soon },
    _min: { dueAt: true },
  });
  const { _min: note } = await app.db.prisma.note.aggregate({
    where: { bookId, state: 'planned', dueAt: soon },
    _min: { dueAt: true },
  });
  const dueAt = [action.dueAt, note.dueAt].flatMap((at) => (at === null ? [] : [at.getTime()]));
  return dueAt.length === 0 ? null : Math.min(...dueAt) - now.getTime();
}

async function doWhatIsDue(
  app: App,
  bookId: BookId,
  { stop, handBack }: EndSignals,
): Promise<void> {
  const book = await app.db.prisma.book.findUnique({ where: { id: bookId } });
  if (book?.status !== 'connected') return;
  const deps = endableDeps(app, handBack, WAIT_MS_MAX);
  const runOn = dueRunDay(book, await lastRun(app, bookId), app.clock.now());
  const log = app.log.child({ book: bookId });

  // The daily run decides on fresh facts, so it brings a sync of its own.
  if (runOn !== null || isSyncDue(book, app.clock.now(), scheduleSettings(app))) {
    const report = await syncBook(deps, bookId, { stop });
    log.info({ report }, 'synced');
  }
  if (hasAborted(stop)) return;
  if (runOn !== null) {
    const assessed = await assessBook(deps, bookId, { asOn: runOn });
    const predicted = await predictBook(deps, bookId, { asOn: runOn });
    const run = await escalateBook(deps, bookId, { asOn: runOn });
    log.info({ assessed, predicted, run }, 'daily run done');
  }
  if (hasAborted(stop)) return;
  const mail = await sendDue(deps, bookId, { stop });
  const notes = await writeNotes(deps, bookId, { stop });
  if (mail.sent + notes.written > 0) log.info({ mail, notes }, 'acted');
}

// Asked again after an await: the compiler believes what it saw before.
function hasAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

async function lastRun(app: App, bookId: BookId): Promise<LastRun | null> {
  const run = await app.db.prisma.run.findFirst({
    where: { bookId, state: 'done' },
    orderBy: { startedAt: 'desc' },
    select: { asOn: true, startedAt: true },
  });
  return run === null ? null : { asOn: fromDate(run.asOn), startedAt: run.startedAt };
}

/** Ids of the books that need attention now. */
export async function booksToTend(app: App): Promise<BookId[]> {
  const now = app.clock.now();
  const books = await app.db.prisma.book.findMany({ where: { status: 'connected' } });
  const lastRuns = await app.db.prisma.run.groupBy({
    by: ['bookId'],
    where: { state: 'done' },
    _max: { asOn: true, startedAt: true },
  });
  const lastRunByBook = new Map(lastRuns.map(({ bookId, _max }) => [bookId, _max]));
  const waiting = new Set(await booksWithDueEffects(app, now));
  const settings = scheduleSettings(app);
  const needs = (book: ScheduledBook): boolean => {
    const { asOn = null, startedAt = null } = lastRunByBook.get(book.id) ?? {};
    const last = asOn === null || startedAt === null ? null : { asOn: fromDate(asOn), startedAt };
    return (
      waiting.has(book.id) || isSyncDue(book, now, settings) || dueRunDay(book, last, now) !== null
    );
  };
  return books.filter(needs).map((book) => book.id as BookId);
}

async function booksWithDueEffects(app: App, now: Date): Promise<number[]> {
  const actions = await app.db.prisma.action.findMany({
    where: {
      OR: [
        { state: { in: ['planned', 'deferred'] }, dueAt: { lte: now } },
        { state: { in: ['claimed', 'handing_over'] }, leaseUntil: { lte: now } },
      ],
    },
    distinct: ['bookId'],
    select: { bookId: true },
  });
  const notes = await app.db.prisma.note.findMany({
    where: {
      OR: [
        { state: 'planned', dueAt: { lte: now } },
        { state: { in: ['claimed', 'writing'] }, leaseUntil: { lte: now } },
      ],
    },
    distinct: ['bookId'],
    select: { bookId: true },
  });
  return [...actions, ...notes].map((row) => row.bookId);
}
