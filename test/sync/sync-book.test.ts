import { beforeEach, describe, expect, test } from 'vitest';
import type { Ledger, LedgerPage } from '../../connectors/ledger.ts';
import { ManualClock } from '../../src/clock.ts';
import { day, toDate } from '../../src/domain/day.ts';
import type { BookId, Platform } from '../../src/domain/receivables.ts';
import { LedgerError } from '../../src/errors.ts';
import { createLog } from '../../src/log.ts';
import type { Db } from '../../src/store/db.ts';
import { syncBook, type SyncDeps } from '../../src/sync/sync-book.ts';
import { dumpBook, insertBook } from '../support/books.ts';
import { emptyDatabase } from '../support/connect.ts';
import { useDatabase } from '../support/database.ts';
import { dyingDatabase, Killed } from '../support/dying-database.ts';
import { FakePlatform } from '../support/fake-platform.ts';
import { against, credit, customer, gone, invoice, page, payment } from '../support/pages.ts';

const db = useDatabase();
let clock: ManualClock;
let xero: FakePlatform;
let book: BookId;

beforeEach(async () => {
  await emptyDatabase(db());
  clock = new ManualClock('2026-11-20T09:00:00Z');
  xero = new FakePlatform('xero', clock);
  book = await insertBook(db(), clock.now());
});

function depsOn(database: Db): SyncDeps {
  const { accessToken } = xero.issue();
  const tokens = {
    current: () => Promise.resolve(accessToken),
    replace: () => Promise.reject(new LedgerError('disconnected', '401')),
  };
  return {
    db: database,
    clock,
    log: createLog('silent'),
    openLedger: (): Promise<Ledger & { calls?: number }> => {
      const counted = { calls: 0 };
      const observer = { onCall: () => void (counted.calls += 1) };
      const ledger = xero.open({ key: 'k', externalId: 'tenant-1', tokens, observer });
      return Promise.resolve(Object.assign(counted, ledger));
    },
  };
}

const sync = (database = db(), id = book) => syncBook(depsOn(database), id);

/** Pages that come on top of those synced before. */
function more(...pages: LedgerPage[]): void {
  xero.pages.push(...pages);
}

async function startBook(platform: Platform): Promise<void> {
  book = await insertBook(db(), clock.now(), platform);
}

const invoiceRow = (id: string) =>
  db().prisma.invoice.findUniqueOrThrow({ where: { bookId_id: { bookId: book, id } } });
const customerRow = (id: string) =>
  db().prisma.customer.findUniqueOrThrow({ where: { bookId_id: { bookId: book, id } } });

describe('a sync', () => {
  test('stores every field of every record as it came', async () => {
    const full = invoice('i1', 'c1', {
      reference: 'PO 7 – „Ümläut“ "quote" \\ \n line',
      status: 'paid',
      schedule: [{ dueOn: day('2026-10-31'), amountMinor: 4000 }],
      expectedPayOn: day('2026-11-30'),
      totalMinor: Number.MAX_SAFE_INTEGER,
      openMinor: 0,
      baseRate: '0.5912345678',
      paidOn: day('2026-11-02'),
      emailText: 'a@b.example, c@d.example',
      sentToContact: true,
      remoteVersion: '12',
    });
    const contacts = [{ name: null, email: 'x@y.example', includeInEmails: true }];
    more(
      page({
        customers: [
          customer('c1', { contacts, phone: '+64 9', currency: 'NZD', parentId: 'p' as never }),
        ],
        invoices: [full],
        credits: [credit('k1', 'c1', { allocations: [against('i1', 500)] })],
        payments: [
          payment('p1', { allocations: [against('i1', 4000), against('k1', 100, 'credit')] }),
        ],
      }),
    );
    const report = await sync();
    expect(report).toMatchObject({ pages: 1, calls: 2, customers: 1, invoices: 1, changed: 4 });
    expect(await invoiceRow('i1')).toMatchObject({
      ...full,
      issuedOn: toDate(full.issuedOn),
      dueOn: toDate(full.dueOn),
      expectedPayOn: toDate(day('2026-11-30')),
      paidOn: toDate(day('2026-11-02')),
      totalMinor: BigInt(Number.MAX_SAFE_INTEGER),
      openMinor: 0n,
      baseRate: expect.objectContaining({}) as unknown,
      schedule: [{ dueOn: day('2026-10-31'), amountMinor: 4000 }],
    });
    expect(String((await invoiceRow('i1')).baseRate)).toBe('0.5912345678');
    expect(await customerRow('c1')).toMatchObject({ contacts, phone: '+64 9', parentId: 'p' });
    expect(
      await db().prisma.allocation.findMany({ orderBy: [{ sourceId: 'asc' }, { seq: 'asc' }] }),
    ).toMatchObject([
      { sourceKind: 'credit', sourceId: 'k1', seq: 0, targetId: 'i1', amountMinor: 500n },
      { sourceKind: 'payment', sourceId: 'p1', seq: 0, targetKind: 'invoice', amountMinor: 4000n },
      { sourceKind: 'payment', sourceId: 'p1', seq: 1, targetKind: 'credit', amountMinor: 100n },
    ]);
  });

  test('a name that PostgreSQL cannot hold loses the bad characters, not the page', async () => {
    more(page({ customers: [customer('c1', { name: 'A\0B\ud800C\\u0000' }), customer('c2')] }));
    await sync();
    expect((await customerRow('c1')).name).toBe('AB\ufffdC\\u0000');
  });

  test('of unchanged records rewrites no row', async () => {
    const same = page({
      customers: [customer('c1')],
      invoices: [invoice('i1', 'c1'), invoice('j1', 'c1', { kind: 'journal', openMinor: null })],
      credits: [credit('k1', 'c1', { allocations: [against('i1', 1)] })],
      payments: [payment('p1', { allocations: [against('i1', 4000), against('j1', 4000)] })],
    });
    more(same);
    await sync();
    const places = async () => {
      const tables = ['customer', 'invoice', 'credit', 'payment', 'allocation'];
      const sql = tables.map((t) => `select '${t}' || ctid::text || xmin::text as p from ${t}`);
      return (await db().executeSql(`${sql.join(' union all ')} order by 1`)).rows;
    };
    const before = await places();
    clock.advance(60_000);
    more(same);
    expect(await sync()).toMatchObject({ changed: 0, invoices: 2 });
    expect(await places()).toEqual(before);
  });

  test('a record twice on one page is stored once, the newer one', async () => {
    const at = (text: string) => ({ remoteUpdatedAt: new Date(text) });
    more(
      page({
        invoices: [
          invoice('i1', 'c1', { number: 'new', ...at('2026-11-03T00:00:00Z') }),
          invoice('i1', 'c1', { number: 'old', ...at('2026-11-02T00:00:00Z') }),
        ],
      }),
    );
    await sync();
    expect((await invoiceRow('i1')).number).toBe('new');
  });
});

describe('only what is newer replaces', () => {
  const versions: [
    string,
    Partial<ReturnType<typeof invoice>>,
    Partial<ReturnType<typeof invoice>>,
    boolean,
  ][] = [
    ['version 10 after 9', { remoteVersion: '9' }, { remoteVersion: '10' }, true],
    [
      'version 9 after 10, though its text sorts later',
      { remoteVersion: '10' },
      { remoteVersion: '9' },
      false,
    ],
    [
      'a lower version with a later time',
      { remoteVersion: '3', remoteUpdatedAt: new Date('2026-11-01') },
      { remoteVersion: '2', remoteUpdatedAt: new Date('2026-11-02') },
      false,
    ],
    [
      'the same version with a later time',
      { remoteVersion: '3', remoteUpdatedAt: new Date('2026-11-01') },
      { remoteVersion: '3', remoteUpdatedAt: new Date('2026-11-02') },
      true,
    ],
    [
      'an earlier time',
      { remoteUpdatedAt: new Date('2026-11-02') },
      { remoteUpdatedAt: new Date('2026-11-01') },
      false,
    ],
    ['the same time: some edits do not move it', {}, {}, true],
    ['no stamp at all', {}, { remoteUpdatedAt: null }, true],
  ];

  test.each(versions)('%s', async (_name, first, second, replaces) => {
    more(page({ invoices: [invoice('i1', 'c1', { number: 'first', ...first })] }));
    more(page({ invoices: [invoice('i1', 'c1', { number: 'second', ...second })] }));
    await sync();
    expect((await invoiceRow('i1')).number).toBe(replaces ? 'second' : 'first');
  });

  test('an older payment leaves the allocations of the newer one alone', async () => {
    const old = { remoteUpdatedAt: new Date('2026-10-01') };
    more(page({ payments: [payment('p1', { allocations: [against('i1', 4000)] })] }));
    more(page({ payments: [payment('p1', { ...old, allocations: [against('i2', 1)] })] }));
    await sync();
    expect(await db().prisma.allocation.findMany()).toMatchObject([{ targetId: 'i1' }]);
  });
});

describe('what changes state', () => {
  test('a changed payment has its new allocations and none of the old', async () => {
    more(
      page({
        payments: [payment('p1', { allocations: [against('i1', 3000), against('i2', 1000)] })],
      }),
    );
    more(page({ payments: [payment('p1', { allocations: [against('i2', 4000)] })] }));
    await sync();
    expect(await db().prisma.allocation.findMany()).toMatchObject([
      { targetId: 'i2', amountMinor: 4000n },
    ]);
  });

  test('gone invoices, credits and payments stay as rows with nothing open; gone customers are inactive', async () => {
    const kinds = { invoice: 'i1', credit: 'k1', payment: 'p1', customer: 'c1' } as const;
    const first = page({
      customers: [customer('c1')],
      invoices: [invoice('i1', 'c1')],
      credits: [credit('k1', 'c1', { allocations: [against('i1', 1)] })],
      payments: [payment('p1', { unappliedMinor: 9, allocations: [against('i1', 4000)] })],
    });
    more(first, page({ gone: Object.entries(kinds).map(([kind, id]) => gone(kind as never, id)) }));
    await sync();
    expect(await invoiceRow('i1')).toMatchObject({ status: 'deleted', openMinor: 0n });
    expect(await customerRow('c1')).toMatchObject({ isActive: false });
    expect(await db().prisma.credit.findFirst()).toMatchObject({
      status: 'deleted',
      remainingMinor: 0n,
    });
    expect(await db().prisma.payment.findFirst()).toMatchObject({
      status: 'deleted',
      unappliedMinor: 0n,
    });
    expect(await db().prisma.allocation.count()).toBe(0);

    more(page({ gone: [gone('invoice', 'i1'), gone('invoice', 'unknown')] }));
    expect(await sync(), 'told twice, written once').toMatchObject({ changed: 0 });
    more(first);
    await sync();
    expect(await invoiceRow('i1'), 'a record that comes back is written').toMatchObject({
      status: 'open',
    });
  });

  test('a voided payment keeps no allocation', async () => {
    more(page({ payments: [payment('p1', { allocations: [against('i1', 4000)] })] }));
    more(
      page({ payments: [payment('p1', { status: 'voided', allocations: [against('i1', 4000)] })] }),
    );
    await sync();
    expect(await db().prisma.allocation.count()).toBe(0);
  });

  test('a full walk marks what it did not meet, and only then', async () => {
    const all = {
      fullWalkStarts: ['customer', 'invoice'],
      fullWalkEnds: ['customer', 'invoice'],
      inFullWalk: true,
    } as const;
    const walk = (given: Partial<LedgerPage>) =>
      page({
        ...all,
        fullWalkStarts: [...all.fullWalkStarts],
        fullWalkEnds: [...all.fullWalkEnds],
        ...given,
      });
    const customers = ['c1', 'c2', 'c3'].map((id) => customer(id));
    more(walk({ customers, invoices: [invoice('i1', 'c1'), invoice('i2', 'c2')] }));
    await sync();
    expect(await db().prisma.syncSeen.count(), 'a first walk keeps no list').toBe(0);

    more(
      walk({ customers: [customer('c1')], fullWalkEnds: [] }),
      // An ordinary page in between is no part of the walk.
      page({ customers: [customer('c2', { name: 'changed' })] }),
      walk({
        invoices: [invoice('i1', 'c1')],
        quarantined: [
          { kind: 'invoice', externalId: 'i2', field: 'Total', problem: 'is no number' },
        ],
        fullWalkStarts: [],
      }),
    );
    await sync();
    const active = await db().prisma.customer.findMany({ where: { isActive: true } });
    expect(active.map((row) => row.id)).toEqual(['c1']);
    expect(await invoiceRow('i2'), 'unreadable is not vanished').toMatchObject({ status: 'open' });
    expect(await db().prisma.syncSeen.count()).toBe(0);
  });

  test('an unreadable record is kept in quarantine until it reads well or is gone', async () => {
    const bad = (externalId: string, field: string) =>
      ({ kind: 'invoice', externalId, field, problem: 'is no date' }) as const;
    more(
      page({
        invoices: [invoice('i1', 'c1')],
        quarantined: [bad('i2', 'DueDate'), bad('i3', 'Total')],
      }),
    );
    expect(await sync()).toMatchObject({ quarantined: 2, invoices: 1 });
    clock.advance(1000);
    more(page({ quarantined: [bad('i2', 'Date')], gone: [gone('invoice', 'i3')] }));
    expect(await sync()).toMatchObject({ quarantined: 1 });
    expect(await db().prisma.quarantine.findMany()).toMatchObject([
      { field: 'Date', firstSeenAt: new Date('2026-11-20T09:00:00Z'), lastSeenAt: clock.now() },
    ]);
    more(page({ invoices: [invoice('i2', 'c1')] }));
    expect(await sync()).toMatchObject({ quarantined: 0 });
  });

  test('journals owe and give what their allocations leave', async () => {
    await startBook('quickbooks');
    const journal = { kind: 'journal' } as const;
    more(
      page({
        invoices: [
          invoice('j1', 'c1', { ...journal, openMinor: null }),
          invoice('j2', 'c1', { ...journal, openMinor: null }),
        ],
        credits: [credit('k1', 'c1', { ...journal, totalMinor: 5000, remainingMinor: null })],
        payments: [
          payment('p1', {
            kind: 'credit_application',
            allocations: [against('j1', 4000), against('k1', 4000, 'credit')],
          }),
        ],
      }),
    );
    await sync();
    expect(await invoiceRow('j1')).toMatchObject({ openMinor: 6000n, status: 'open' });
    expect(await invoiceRow('j2')).toMatchObject({ openMinor: 10_000n });
    expect(await db().prisma.credit.findFirst()).toMatchObject({
      remainingMinor: 1000n,
      status: 'open',
    });
    more(
      page({
        payments: [payment('p2', { amountMinor: 6000, allocations: [against('j1', 6000)] })],
      }),
    );
    await sync();
    expect(await invoiceRow('j1')).toMatchObject({
      openMinor: 0n,
      status: 'paid',
      paidOn: toDate(day('2026-11-01')),
    });
    more(page({ gone: [gone('payment', 'p2')] }));
    await sync();
    expect(await invoiceRow('j1')).toMatchObject({
      openMinor: 6000n,
      status: 'open',
      paidOn: null,
    });
  });

  test('a payment belongs to its invoice’s customer where the ledger does not say, also after a merge', async () => {
    more(
      page({
        invoices: [invoice('i1', 'c1')],
        payments: [payment('p1', { allocations: [against('i1', 4000)] })],
      }),
    );
    await sync();
    const payer = async () => (await db().prisma.payment.findFirstOrThrow()).customerId;
    expect(await payer()).toBe('c1');
    more(page({ invoices: [invoice('i1', 'c2')] }));
    await sync();
    expect(await payer()).toBe('c2');
  });
});

describe('reconcile', () => {
  const whole = (given: Partial<LedgerPage>) =>
    page({ fullWalkStarts: ['customer'], fullWalkEnds: ['customer'], inFullWalk: true, ...given });
  const owes = (id: string, minor: number | null, given: Parameters<typeof customer>[1] = {}) =>
    customer(id, { ledgerBalanceMinor: minor, ...given });

  test('agrees to the cent, or says by how much and why', async () => {
    const recent = { remoteUpdatedAt: new Date('2026-11-20T09:00:01Z') };
    more(
      whole({
        customers: [
          owes('agrees', 7500),
          owes('off', 9999),
          owes('silent', null),
          owes('foreign', 10_000),
          owes('usd', 10_000, { currency: 'USD' }),
          owes('busy', 0),
          owes('journal', 0),
          owes('unread', 1),
          owes('old', 0, { mergedIntoId: 'new' as never }),
          owes('new', 10_000),
          owes('nothing', 0),
        ],
        invoices: [
          invoice('1', 'agrees'),
          invoice('1d', 'agrees', { status: 'draft' }),
          invoice('2', 'off'),
          invoice('3', 'silent'),
          invoice('4', 'foreign'),
          invoice('4u', 'foreign', { currency: 'USD' }),
          invoice('5', 'usd', { currency: 'USD' }),
          invoice('6', 'busy', recent),
          invoice('7', 'journal', { kind: 'journal', openMinor: null }),
          invoice('8', 'unread'),
          invoice('9', 'old'),
        ],
        credits: [credit('k', 'agrees')],
        payments: [payment('p', { customerId: 'agrees' as never, unappliedMinor: 500 })],
      }),
    );
    const report = await sync();
    const rows = await db().prisma.customer.findMany({ where: { bookId: book } });
    const verdicts = Object.fromEntries(
      rows.map((row) => [
        row.id,
        [row.varianceMinor === null ? null : Number(row.varianceMinor), row.varianceReason],
      ]),
    );
    const mergedReason =
      'customers were merged: their invoices are read again at the next full read';
    expect(verdicts).toEqual({
      agrees: [0, null],
      nothing: [0, null],
      usd: [0, null],
      off: [1, 'unknown'],
      silent: [null, 'not compared: the ledger gives no balance'],
      foreign: [null, 'not compared: items in a foreign currency'],
      busy: [10_000, 'changed while the book was read: compared again at the next full read'],
      journal: [10_000, 'journal lines: their settlement is derived, not told by the ledger'],
      unread: [9999, 'unknown'],
      old: [10_000, mergedReason],
      new: [-10_000, mergedReason],
    });
    expect(report.variances).toBe(6);
  });

  test('names an unreadable record, the customer’s own first', async () => {
    const bad = { kind: 'invoice', externalId: '1', field: 'x', problem: 'y' } as const;
    more(
      whole({
        customers: [owes('a', 1), owes('b', 1)],
        invoices: [invoice('1', 'a'), invoice('2', 'b')],
      }),
      page({ quarantined: [bad] }),
    );
    await sync();
    expect(await customerRow('a')).toMatchObject({
      varianceReason: 'a record of this customer could not be read',
    });
    expect(await customerRow('b')).toMatchObject({
      varianceReason: '1 records of the book could not be read',
    });
  });

  test('compares only balances that were just read whole', async () => {
    more(whole({ customers: [owes('a', 10_000)], invoices: [invoice('1', 'a')] }));
    await sync();
    clock.advance(60_000);
    more(page({ invoices: [invoice('2', 'a')] }));
    expect(await sync(), 'the old balance says nothing about the new invoice').toMatchObject({
      variances: 0,
    });
    clock.advance(60_000);
    more(whole({ customers: [owes('a', 30_000)] }));
    expect(await sync()).toMatchObject({ variances: 1 });
    clock.advance(60_000);
    more(whole({ customers: [owes('a', 20_000)] }));
    expect(await sync()).toMatchObject({ variances: 0 });
  });

  test('a vanished customer is not compared', async () => {
    more(whole({ customers: [owes('a', 10_000)] }));
    await sync();
    clock.advance(1000);
    more(whole({ customers: [owes('b', 0)] }));
    await sync();
    expect(await customerRow('a')).toMatchObject({
      varianceMinor: null,
      varianceReason: 'not compared: the customer is gone from the ledger',
    });
  });
});

describe('calls', () => {
  test('the organisation is read again with a full read of customers, and not otherwise', async () => {
    const walk = () =>
      page({ fullWalkStarts: ['customer'], fullWalkEnds: ['customer'], inFullWalk: true });
    more(walk());
    expect(await sync(), 'connecting has just read it').toMatchObject({ calls: 2 });
    expect(await sync(), 'a quiet sync').toMatchObject({ calls: 1 });
    xero.organisations.set('tenant-1', {
      name: 'Kauri New Name',
      legalName: null,
      country: 'NZ',
      baseCurrency: 'NZD',
      timeZone: 'Pacific/Chatham',
      shortCode: null,
      platformRemindersOn: true,
    });
    more(walk());
    expect(await sync()).toMatchObject({ calls: 3 });
    expect(await db().prisma.book.findUnique({ where: { id: book } })).toMatchObject({
      name: 'Kauri New Name',
      timeZone: 'Pacific/Chatham',
      platformRemindersOn: true,
    });
  });
});

describe('a sync that does not finish', () => {
  test('stands where its last page left it, and says what a person can understand', async () => {
    more(page({ invoices: [invoice('1', 'a')] }), page({ invoices: [invoice('2', 'a')] }));
    xero.failAt = {
      index: 1,
      error: new LedgerError(
        'unavailable',
        'HTTP 503 from api',
        {},
        { userMessage: 'Xero is not answering.' },
      ),
    };
    await expect(sync()).rejects.toThrow('HTTP 503');
    expect(await db().prisma.book.findUnique({ where: { id: book } })).toMatchObject({
      lastSyncedAt: null,
      lastSyncError: 'Xero is not answering.',
      status: 'connected',
    });
    xero.failAt = null;
    await sync();
    expect(await db().prisma.book.findUnique({ where: { id: book } })).toMatchObject({
      lastSyncedAt: clock.now(),
      lastSyncError: null,
    });
  });

  test('a bug shows no more than that there was one', async () => {
    xero.failAt = { index: 0, error: new Error('token=secret') };
    await expect(sync()).rejects.toThrow('token=secret');
    const row = await db().prisma.book.findUniqueOrThrow({ where: { id: book } });
    expect(row.lastSyncError).toBe('An unexpected problem stopped the sync.');
  });

  test('a missing scope disconnects, a day limit parks', async () => {
    xero.failAt = {
      index: 0,
      error: new LedgerError('rate_limited', 'day', {}, { retryAfterMs: 3_600_000 }),
    };
    await expect(sync()).rejects.toThrow();
    const row = () => db().prisma.book.findUniqueOrThrow({ where: { id: book } });
    expect(await row()).toMatchObject({
      status: 'connected',
      parkedUntil: new Date('2026-11-20T10:00:00Z'),
    });
    xero.failAt = {
      index: 0,
      error: new LedgerError(
        'scope_missing',
        'scope',
        {},
        { userMessage: 'A permission is missing.' },
      ),
    };
    await expect(sync()).rejects.toThrow();
    expect(await row()).toMatchObject({
      status: 'disconnected',
      statusReason: 'A permission is missing.',
    });
  });

  test('a webhook that asks for a sync during one is not forgotten', async () => {
    clock.set('2026-11-20T10:00:00Z');
    const deps = depsOn(db());
    more(page({ invoices: [invoice('1', 'a')] }));
    const asked = new Date('2026-11-20T10:00:30Z');
    await syncBook(deps, book, {
      onProgress: () => clock.set('2026-11-20T10:01:00Z'),
    });
    const row = () => db().prisma.book.findUniqueOrThrow({ where: { id: book } });
    expect((await row()).lastSyncedAt).toEqual(clock.now());
    more(page({ invoices: [invoice('2', 'a')] }));
    clock.set('2026-11-20T10:00:00Z');
    await db().prisma.book.update({ where: { id: book }, data: { syncRequestedAt: asked } });
    await syncBook(deps, book, { onProgress: () => clock.set('2026-11-20T10:01:00Z') });
    expect((await row()).lastSyncedAt?.getTime()).toBeLessThan(asked.getTime());
  });

  test('stopped in the second walk, it is as old as the first and still owed what was asked for', async () => {
    more(page({ invoices: [invoice('1', 'a')] }), page({ invoices: [invoice('2', 'a')] }));
    const error = new LedgerError('unavailable', '503');
    const beganAt = clock.now();
    xero.failAt = { index: 1, error };
    await expect(sync()).rejects.toThrow('503');
    clock.advance(60_000);
    await db().prisma.book.update({
      where: { id: book },
      data: { syncRequestedAt: clock.now() },
    });
    clock.advance(60_000);
    // The first walk asks for the second page and for the end; the third question is the second walk's.
    let asked = 0;
    xero.failAt = {
      get index() {
        asked += 1;
        return asked === 3 ? 2 : -1;
      },
      error,
    };
    await expect(sync()).rejects.toThrow('503');
    const row = () => db().prisma.book.findUniqueOrThrow({ where: { id: book } });
    expect((await row()).lastSyncedAt).toEqual(beganAt);
    xero.failAt = null;
    await sync();
    expect((await row()).lastSyncedAt).toEqual(clock.now());
  });

  test.each([0, 1])(
    'of two syncs at once one gives way, and the book is right (%i pages known before)',
    async (known) => {
      const pages = Array.from({ length: 6 }, (_, i) => page({ invoices: [invoice(`${i}`, 'a')] }));
      more(...pages.slice(0, known));
      if (known > 0) await sync();
      more(...pages.slice(known));
      const results = await Promise.allSettled([sync(), sync()]);
      expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(results.find((result) => result.status === 'rejected')).toMatchObject({
        reason: { code: 'sync.overtaken' },
      });
      expect(await db().prisma.invoice.count()).toBe(6);
      expect(await db().prisma.book.findUnique({ where: { id: book } })).toMatchObject({
        lastSyncError: null,
      });
    },
  );

  test('can be stopped between two pages', async () => {
    more(page({ invoices: [invoice('1', 'a')] }), page({ invoices: [invoice('2', 'a')] }));
    const stop = AbortSignal.abort();
    expect(await syncBook(depsOn(db()), book, { stop })).toMatchObject({ pages: 1 });
    expect(await db().prisma.book.findUnique({ where: { id: book } })).toMatchObject({
      lastSyncedAt: null,
    });
  });
});

/** Twelve pages in which records appear, change, are voided, deleted, merged and vanish. */
function eventfulPages(): LedgerPage[] {
  const customers = Array.from({ length: 12 }, (_, i) =>
    customer(`c${i}`, { ledgerBalanceMinor: i * 5000 }),
  );
  const invoices = Array.from({ length: 30 }, (_, i) => invoice(`i${i}`, `c${i % 12}`));
  const bad = { kind: 'invoice', externalId: 'bad', field: 'Total', problem: 'NaN' } as const;
  const newer = { remoteUpdatedAt: new Date('2026-11-05T00:00:00Z') };
  const fullWalk = { inFullWalk: true } as const;
  return [
    page({ ...fullWalk, customers: customers.slice(0, 6), fullWalkStarts: ['customer'] }),
    page({ ...fullWalk, customers: customers.slice(6), fullWalkEnds: ['customer'] }),
    page({ invoices: invoices.slice(0, 15), quarantined: [bad] }),
    page({ invoices: invoices.slice(15) }),
    page({
      payments: invoices
        .slice(0, 9)
        .map((i) => payment(`p-${i.id}`, { allocations: [against(i.id, 4000)] })),
    }),
    page({
      credits: [credit('k1', 'c1', { allocations: [against('i1', 300)] }), credit('k2', 'c2')],
    }),
    page({
      invoices: [
        invoice('i3', 'c4', { ...newer, status: 'voided', openMinor: 0 }),
        invoice('bad', 'c1'),
      ],
    }),
    page({
      customers: [customer('c5', { ...newer, mergedIntoId: 'c4' as never, isActive: false })],
    }),
    page({ gone: [gone('payment', 'p-i2'), gone('invoice', 'i7')] }),
    page({ payments: [payment('p-i4', { ...newer, allocations: [against('i5', 100)] })] }),
    page({ ...fullWalk, customers: customers.slice(0, 4), fullWalkStarts: ['customer'] }),
    page({ ...fullWalk, customers: customers.slice(4, 11), fullWalkEnds: ['customer'] }),
  ];
}

describe('killed anywhere, run again: the same as one clean run', () => {
  const pages = eventfulPages();
  const last = pages.length + 1;

  test.each(Array.from({ length: last }, (_, i) => i + 1))(
    'in transaction %i, then at the page after it',
    async (nth) => {
      more(...pages);
      const clean = await insertBook(db(), clock.now());
      await sync(db(), clean);

      await expect(sync(dyingDatabase(db(), nth))).rejects.toThrow(Killed);
      if (nth < pages.length) {
        xero.failAt = { index: nth, error: new LedgerError('unavailable', '503') };
        await expect(sync()).rejects.toThrow('503');
        xero.failAt = null;
      }
      await sync();
      expect(await dumpBook(db(), book)).toEqual(await dumpBook(db(), clean));
    },
  );
});
