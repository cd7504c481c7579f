/**
 * trust 16: whatever breaks during a sync, on whichever call of it, the cursor does not pass what was not
 * stored, and the next sync ends in the state of one clean run.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from '../../connectors/sandbox/faults.ts';
import { ManualClock } from '../../src/clock.ts';
import { dayIn } from '../../src/domain/day.ts';
import type { BookId } from '../../src/domain/receivables.ts';
import { stageDeps } from '../../src/pipeline.ts';
import { syncBook } from '../../src/sync/sync-book.ts';
import { dumpBook, forgetBook } from '../support/books.ts';
import { useDatabase } from '../support/database.ts';
import { type Installation, openInstallation } from '../support/installation.ts';

const db = useDatabase();
const clock = new ManualClock('2026-11-19T20:00:00Z');
const DAY_LIMIT_SECONDS = 5 * 60 * 60;
/** More than the connector's own retries. */
const PERSISTENT = 8;
let installation: Installation;

beforeAll(async () => {
  installation = await openInstallation(db(), clock);
}, 60_000);
afterAll(() => installation.close());

const FAULTS: [string, Partial<Fault> & Pick<Fault, 'kind'>][] = [
  ['an error of the server', { kind: 'status', status: 500, times: PERSISTENT }],
  ['a dropped connection', { kind: 'reset', times: PERSISTENT }],
  ['a 200 with half an answer', { kind: 'truncated', times: PERSISTENT }],
  ['a 200 with an empty answer', { kind: 'empty', times: PERSISTENT }],
  ['a 200 with a web page', { kind: 'html', status: 200, times: PERSISTENT }],
  ['a 200 with an error inside', { kind: 'fault200', times: PERSISTENT }],
  ['the day’s limit', { kind: 'rate', retryAfter: DAY_LIMIT_SECONDS }],
];

describe.each([
  ['xero', 0],
  ['quickbooks', 1],
] as const)('trust 16: a first sync of %s', (name, index) => {
  let bookId: BookId;
  let clean: { at: number; mirror: Record<string, unknown[]> } | undefined;
  /** "METHOD /path?query" of every call a clean sync makes. */
  let calls: string[];

  const vendor = () => installation.sandbox[name];
  const sync = (onProgress: (line: string) => void = () => undefined) =>
    syncBook(stageDeps(installation.app), bookId, { onProgress, sweep: 'never' });
  /** As once a day: what the platform does not report is read again. */
  const sweep = () => syncBook(stageDeps(installation.app), bookId, { sweep: 'always' });
  const mirror = async () => {
    const dump = await dumpBook(db(), bookId);
    return Object.fromEntries(
      ['customer', 'invoice', 'credit', 'payment', 'allocation'].map((table) => [
        table,
        dump[table] ?? [],
      ]),
    );
  };

  /** What is stored is what a clean sync stores. */
  async function expectClean(words?: string): Promise<void> {
    const found = await mirror();
    const at = clock.now().getTime();
    if (clean?.at !== at) {
      await forgetBook(db(), bookId);
      await sync();
      clean = { at, mirror: await mirror() };
    }
    expect(found, words).toEqual(clean.mirror);
  }

  beforeAll(async () => {
    bookId = installation.bookIds[index]!;
    vendor().calls.reset();
    await sync();
    calls = vendor()
      .calls.filter((call) => !call.resource.startsWith('oauth:'))
      .map((call) => `${call.method} ${call.path}`);
    expect(calls.length).toBeGreaterThanOrEqual(5);
  }, 60_000);

  test.each(FAULTS)('met by %s on any of its calls', async (_words, fault) => {
    // A day's limit costs hours each time: its first call and one in the middle.
    const met = fault.kind === 'rate' ? [0, 3].map((at) => calls[at]!) : [...new Set(calls)];
    for (const call of met) {
      await forgetBook(db(), bookId);
      vendor().faults.next({ match: exactly(call), ...fault });
      await expect(sync(), call).rejects.toThrow();
      vendor().faults.clear();
      // Hours later people have paid meanwhile: the walk goes on, and the next sweep brings the rest.
      const isLate = fault.kind === 'rate';
      if (isLate) clock.advance(DAY_LIMIT_SECONDS * 1000);
      await sync();
      if (isLate) await sweep();
      await expectClean(call);
    }
  });

  test('whose access token dies in the middle goes on with a new one', async () => {
    await forgetBook(db(), bookId);
    let pages = 0;
    const report = await sync(() => {
      pages += 1;
      if (pages === 2) vendor().expireAccess();
    });
    expect(report.pages).toBeGreaterThan(2);
    await expectClean();
  });

  test('during which invoices are paid, voided and deleted and customers merged ends like a later clean one', async () => {
    await forgetBook(db(), bookId);
    const [paid, voided] = vendor().openInvoices();
    const [from, into] = vendor().truth().customers;
    const today = dayIn('UTC', clock.now());
    const draft = await vendor().addInvoice({
      ...{ customerId: from!.externalId, amountMinor: 5_000, issuedOn: today, dueOn: today },
      draft: true,
    });
    let meanwhile: Promise<unknown> | undefined;
    await sync(() => {
      meanwhile ??= (async () => {
        clock.advance(60_000);
        await vendor().payInvoice(paid!.id, 100, today);
        await vendor().voidInvoice(voided!.id);
        await vendor().deleteInvoice(draft);
        await vendor().mergeCustomers(from!.externalId, into!.externalId);
      })();
    });
    await meanwhile;
    clock.advance(10 * 60_000);
    await sweep();
    const found = await standing();
    await forgetBook(db(), bookId);
    await sync();
    expect(found).toEqual(await standing());
    expect(found.invoices).not.toContainEqual(expect.objectContaining({ id: voided!.id }));
    expect(found.invoices).not.toContainEqual(expect.objectContaining({ id: draft }));
  });

  test('cut off at its last call and taken up an hour later has also what changed behind it', async () => {
    await forgetBook(db(), bookId);
    vendor().faults.next({ match: exactly(calls.at(-1)!), ...FAULTS[0]![1], kind: 'status' });
    await expect(sync()).rejects.toThrow();
    vendor().faults.clear();
    const [paid, voided] = vendor().openInvoices();
    clock.advance(60_000);
    await vendor().payInvoice(paid!.id, 100, dayIn('UTC', clock.now()));
    await vendor().voidInvoice(voided!.id);
    await db().prisma.book.update({
      where: { id: bookId },
      data: { syncRequestedAt: clock.now() },
    });
    clock.advance(60 * 60_000);
    await sync();
    const { invoices } = await standing();
    const book = await db().prisma.book.findUniqueOrThrow({ where: { id: bookId } });
    expect(book.lastSyncedAt).toEqual(clock.now());
    await forgetBook(db(), bookId);
    await sync();
    expect(invoices).toEqual((await standing()).invoices);
    expect(invoices).not.toContainEqual(expect.objectContaining({ id: voided!.id }));
  });

  /** What is owed, and by whom: rows of what is gone stay only where a sync has met them before. */
  async function standing() {
    const select = { id: true, customerId: true, openMinor: true, status: true } as const;
    const where = { bookId, status: 'open' } as const;
    const orderBy = { id: 'asc' } as const;
    const invoices = await db().prisma.invoice.findMany({ where, select, orderBy });
    const customers = await db().prisma.customer.findMany({
      where: { bookId, isActive: true },
      select: { id: true, ledgerBalanceMinor: true },
      orderBy,
    });
    return { invoices, customers };
  }
});

function exactly(call: string): RegExp {
  return new RegExp(`^${call.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
}

test('trust 16: one row that QuickBooks cannot return is skipped and recorded; its page is kept', async () => {
  const bookId = installation.bookIds[1]!;
  const [poisoned] = installation.sandbox.quickbooks.openInvoices();
  await forgetBook(db(), bookId);
  installation.sandbox.quickbooks.poisonInvoice(poisoned!.id);
  const report = await syncBook(stageDeps(installation.app), bookId);
  expect(report.quarantined).toBe(1);
  const stored = await db().prisma.invoice.findMany({ where: { bookId }, select: { id: true } });
  expect(stored.length).toBeGreaterThan(50);
  expect(stored.map((row) => row.id)).not.toContain(poisoned!.id);
});
