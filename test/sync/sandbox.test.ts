import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ManualClock } from '../../src/clock.ts';
import type { BookId } from '../../src/domain/receivables.ts';
import { stageDeps } from '../../src/pipeline.ts';
import type { Db } from '../../src/store/db.ts';
import { syncBook } from '../../src/sync/sync-book.ts';
import { dumpBook, forgetBook } from '../support/books.ts';
import { useDatabase } from '../support/database.ts';
import { dyingDatabase, Killed } from '../support/dying-database.ts';
import { type Installation, openInstallation } from '../support/installation.ts';

const db = useDatabase();
const clock = new ManualClock('2026-11-19T20:00:00Z');
let installation: Installation;

beforeAll(async () => {
  installation = await openInstallation(db(), clock, { invoices: 150 });
}, 60_000);
afterAll(() => installation.close());

const sync = (bookId: BookId, on: Db = db()) =>
  syncBook({ ...stageDeps(installation.app), db: on }, bookId);

describe.each([
  ['xero', 0],
  ['quickbooks', 1],
] as const)('a first sync of %s through its real connector', (_name, index) => {
  let bookId: BookId;
  let clean: Record<string, unknown[]>;
  let transactions = 0;

  beforeAll(async () => {
    bookId = installation.bookIds[index]!;
    const report = await sync(bookId);
    transactions = report.pages + 1;
    clean = await dumpBook(db(), bookId);
    expect(report, 'every record reads, every customer agrees with the ledger').toMatchObject({
      quarantined: 0,
      variances: 0,
    });
    expect(report.invoices).toBeGreaterThanOrEqual(150);
  }, 60_000);

  test('compares every customer for whom the ledger gives a balance in one currency', async () => {
    const told = { bookId, ledgerBalanceMinor: { not: null } };
    const skipped = await db().prisma.customer.findMany({
      where: { ...told, varianceMinor: null },
    });
    const foreign = 'not compared: items in a foreign currency';
    expect(skipped.every((customer) => customer.varianceReason === foreign)).toBe(true);
    expect(await db().prisma.customer.count({ where: told })).toBeGreaterThan(15);
  });

  test('killed early, in the middle or at the end, and run again, ends in the same state', async () => {
    for (const nth of [1, Math.ceil(transactions / 2), transactions]) {
      await forgetBook(db(), bookId);
      await expect(sync(bookId, dyingDatabase(db(), nth))).rejects.toThrow(Killed);
      await sync(bookId);
      expect(await dumpBook(db(), bookId), `killed in transaction ${nth}`).toEqual(clean);
    }
  });

  test('a quiet sync writes nothing', async () => {
    expect(await sync(bookId)).toMatchObject({ changed: 0, variances: 0 });
  });

  test('a month of changes, swept, leaves the book in balance', async () => {
    clock.advance(30 * 24 * 60 * 60_000);
    const report = await sync(bookId);
    expect(report.changed).toBeGreaterThan(10);
    expect(report).toMatchObject({ variances: 0, quarantined: 0 });
  });
});
