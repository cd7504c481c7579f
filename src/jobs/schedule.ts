/**
 * When a book needs attention. Nothing is remembered in the queue: whether a sync or the daily run
 * is owed follows from the book's rows and the time, so a lost job or a second worker changes nothing.
 */
import { dayIn, instantAt, type Day } from '../domain/day.ts';
import type { Platform } from '../domain/receivables.ts';

export interface ScheduledBook {
  id: number;
  platform: Platform;
  status: 'connected' | 'disconnected';
  timeZone: string;
  runAtMinute: number;
  lastSyncedAt: Date | null;
  syncRequestedAt: Date | null;
  runRequestedAt: Date | null;
  parkedUntil: Date | null;
}

export interface LastRun {
  asOn: Day;
  startedAt: Date;
}

export interface ScheduleSettings {
  syncMinutes: number;
  xeroDayLimit: number;
}

const MINUTE_MS = 60_000;
const MINUTES_PER_DAY = 24 * 60;
// A quiet sync asks each of Xero's six lists once; QuickBooks answers all of it in one CDC call.
const CALLS_PER_QUIET_SYNC: Record<Platform, number> = { xero: 6, quickbooks: 1 };
// Half of Xero's day is left for pages of changes, live re-reads, notes and people.
const SYNC_SHARE_OF_DAY = 0.5;

/** Minutes between two syncs of one book: the setting, stretched where it would eat the day's calls. */
export function syncIntervalMinutes(platform: Platform, settings: ScheduleSettings): number {
  if (platform === 'quickbooks') return settings.syncMinutes;
  const syncsADay = (settings.xeroDayLimit * SYNC_SHARE_OF_DAY) / CALLS_PER_QUIET_SYNC[platform];
  return Math.max(settings.syncMinutes, Math.ceil(MINUTES_PER_DAY / syncsADay));
}

/**
 * Spreads the books of one installation over a tenth of the interval, always the same way for one
 * book, so that two hundred books do not call at the same minute.
 */
function jitterMs(bookId: number, intervalMs: number): number {
  const spread = ((bookId * 2_654_435_761) % 1000) / 1000;
  return Math.floor(spread * intervalMs * 0.1);
}

function isAwake(book: ScheduledBook, now: Date): boolean {
  return book.status === 'connected' && (book.parkedUntil === null || book.parkedUntil <= now);
}

export function isSyncDue(book: ScheduledBook, now: Date, settings: ScheduleSettings): boolean {
  if (!isAwake(book, now)) return false;
  if (book.lastSyncedAt === null) return true;
  if (book.syncRequestedAt !== null && book.syncRequestedAt > book.lastSyncedAt) return true;
  const intervalMs = syncIntervalMinutes(book.platform, settings) * MINUTE_MS;
  return now.getTime() >= book.lastSyncedAt.getTime() + intervalMs + jitterMs(book.id, intervalMs);
}

/**
 * The day whose run is owed now: today in the book's zone, once its morning has come and no run of
 * today is done, or when a person asked after the last one. A day before the last run is never owed.
 */
export function dueRunDay(book: ScheduledBook, last: LastRun | null, now: Date): Day | null {
  if (!isAwake(book, now)) return null;
  const today = dayIn(book.timeZone, now);
  if (last !== null && last.asOn > today) return null;
  const isAskedFor =
    book.runRequestedAt !== null && (last === null || book.runRequestedAt > last.startedAt);
  if (isAskedFor) return today;
  if (now < instantAt(book.timeZone, today, book.runAtMinute)) return null;
  return last?.asOn === today ? null : today;
}
