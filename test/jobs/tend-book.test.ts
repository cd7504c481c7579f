/**
 * The guarantee: a book that is told to wait keeps nobody else waiting. What it was about to do is left
 * as it was, and it is looked at again when the wait is over.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ManualClock } from '../../src/clock.ts';
import type { BookId } from '../../src/domain/receivables.ts';
import { tendBook } from '../../src/jobs/tend-book.ts';
import { useDatabase } from '../support/database.ts';
import { type Installation, openInstallation } from '../support/installation.ts';

const db = useDatabase();
const clock = new ManualClock('2026-11-19T20:00:00Z');
const never = new AbortController().signal;
const RETRY_AFTER_MS = 30_000;

let installation: Installation;
let bookId: BookId;

beforeAll(async () => {
  installation = await openInstallation(db(), clock, { platforms: ['xero'] });
  [bookId = 0 as BookId] = installation.bookIds;
  // After the last minute of every day: a run comes only when it is asked for.
  await db().prisma.book.update({ where: { id: bookId }, data: { runAtMinute: 24 * 60 } });
}, 60_000);
afterAll(() => installation.close());

const tend = () => tendBook(installation.app, bookId, { stop: never, handBack: never });
const book = () => db().prisma.book.findUniqueOrThrow({ where: { id: bookId } });
const count = (state: 'sent' | 'deferred' | 'claimed' | 'planned') =>
  db().prisma.action.count({ where: { bookId, channel: 'email', state } });

/** The next call that matches is refused; gives what was waited for meanwhile. */
async function refusedAt(match: RegExp): Promise<{ againMs: number | null; waitedMs: number }> {
  const { faults } = installation.sandbox.xero;
  faults.next({ kind: 'rate', match, times: 1, retryAfter: RETRY_AFTER_MS / 1_000 });
  const before = clock.now().getTime();
  const againMs = await tend();
  return { againMs, waitedMs: clock.now().getTime() - before };
}

test('in the middle of a sync: no page is lost, nothing is called wrong, and it goes on from there', async () => {
  expect(await refusedAt(/Invoices/)).toEqual({ againMs: RETRY_AFTER_MS, waitedMs: 0 });
  expect(await book()).toMatchObject({
    ...{ lastSyncedAt: null, lastSyncError: null, parkedUntil: null },
  });
  clock.advance(RETRY_AFTER_MS);
  await tend();
  // The customers were read before the wait; after it only what has changed since.
  expect(installation.sandbox.xero.calls.count(/Contacts/)).toBe(2);
  expect((await book()).lastSyncedAt).toEqual(clock.now());
});

test('in the middle of sending: the message waits as long as it must, and all leave then', async () => {
  await db().prisma.book.update({ where: { id: bookId }, data: { runRequestedAt: clock.now() } });
  const refused = await refusedAt(/Invoices\/[0-9a-f-]+$/);
  expect(refused).toEqual({ againMs: RETRY_AFTER_MS, waitedMs: 0 });
  expect([await count('deferred'), await count('claimed')]).toEqual([1, 0]);
  clock.advance(RETRY_AFTER_MS);
  expect(await tend()).toBeNull();
  expect([await count('planned'), await count('deferred')]).toEqual([0, 0]);
  expect(await count('sent')).toBeGreaterThan(3);
});
