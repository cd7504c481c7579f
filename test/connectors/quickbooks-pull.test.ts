import nock from 'nock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LedgerPage } from '../../connectors/ledger.ts';
import { LedgerError } from '../../src/errors.ts';
import {
  Company,
  connect,
  type Connection,
  customer,
  idsOf,
  invoice,
  journal,
  linked,
  NOW,
  pacific,
  payment,
  pullAll,
} from './quickbooks-support.ts';
import { useNock } from '../support/nock.ts';

const DAY_MS = 86_400_000;

let company: Company;
let connection: Connection;

useNock();
beforeEach(() => {
  company = new Company();
  company.listen();
  connection = connect();
});
afterEach(() => {
  connection.limits.close();
});

function later(ms: number): Date {
  company.now = new Date(Date.parse(NOW) + ms);
  return company.now;
}

describe('the first pull', () => {
  it('reads every entity whole, customers first, one call for each thousand rows', async () => {
    company.put('Customer', customer('1'), customer('2', { Active: false }));
    for (let id = 1; id <= 1500; id += 1) company.put('Invoice', invoice(`${id}`));
    company.put('Payment', payment('9000'));
    const { pages } = await pullAll(connection.ledger, null);
    expect(idsOf(pages, 'customers')).toEqual(['1', '2']);
    expect(new Set(idsOf(pages, 'invoices')).size).toBe(1500);
    expect(idsOf(pages, 'payments')).toEqual(['9000']);
    const asked = company.requests.map((text) => /from (\w+)/.exec(text)?.[1]);
    expect(asked).toEqual([
      ...['customer', 'invoice', 'invoice', 'creditMemo', 'journalEntry', 'payment'],
    ]);
  });

  it('marks where the walk of each kind begins and ends', async () => {
    company.put('Customer', customer('1'));
    const { pages } = await pullAll(connection.ledger, null);
    expect(pages[0]?.fullWalkStarts).toEqual(['customer', 'invoice', 'credit', 'payment']);
    expect(pages.slice(1).flatMap((page) => page.fullWalkStarts)).toEqual([]);
    expect(pages.map((page) => page.fullWalkEnds)).toEqual([
      ['customer'],
      [],
      [],
      ['invoice', 'credit'],
      ['payment'],
    ]);
    expect(pages.every((page) => page.inFullWalk)).toBe(true);
  });

  it('never orders by id, which Intuit announced to stop supporting', async () => {
    company.put('Invoice', invoice('1'));
    await pullAll(connection.ledger, null);
    expect(company.requests.join('\n')).not.toMatch(/orderby id/i);
    expect(
      company.requests.every((text) => text.includes('orderby MetaData.LastUpdatedTime')),
    ).toBe(true);
  });

  it('misses nothing when rows change, and so move, while it is reading', async () => {
    for (let id = 1; id <= 1500; id += 1) company.put('Invoice', invoice(`${id}`));
    // After the first page two of its rows move or go: by row number, 1001 and 1002 would be skipped.
    // Another moves before it was read: it must be met at the end, or it would pass for vanished.
    company.meanwhile = (request) => {
      if (request !== 3) return;
      company.touch('Invoice', '5', { Balance: 1 });
      company.remove('Invoice', '6');
      company.touch('Invoice', '1400', { Balance: 2 });
    };
    const { pages } = await pullAll(connection.ledger, null);
    expect(new Set(idsOf(pages, 'invoices')).size).toBe(1500);
  });

  it('passes thousands of rows that changed in one and the same second', async () => {
    const MetaData = { LastUpdatedTime: pacific(new Date('2026-03-03T10:00:00Z')) };
    for (let id = 1; id <= 2300; id += 1) company.put('Invoice', invoice(`${id}`, { MetaData }));
    const { pages } = await pullAll(connection.ledger, null);
    expect(idsOf(pages, 'invoices').length).toBe(2300);
    expect(company.requests.filter((text) => text.includes('from invoice')).length).toBe(3);
  });

  it('survives one row more than it asked for', async () => {
    company.extraRow = true;
    for (let id = 1; id <= 2100; id += 1) company.put('Invoice', invoice(`${id}`));
    const { pages } = await pullAll(connection.ledger, null);
    expect(new Set(idsOf(pages, 'invoices')).size).toBe(2100);
  });

  it('goes on after a crash with the page that was not stored', async () => {
    for (let id = 1; id <= 1500; id += 1) company.put('Invoice', invoice(`${id}`));
    company.put('Payment', payment('9000'));
    const stored: LedgerPage[] = [];
    for await (const page of connection.ledger.pull(null, { now: new Date(NOW), sweep: 'auto' })) {
      stored.push(page);
      if (stored.length === 2) break;
    }
    const resumed = await pullAll(connection.ledger, stored.at(-1)?.cursor ?? null);
    const all = [...stored, ...resumed.pages];
    expect(idsOf(all, 'invoices').length).toBe(1500);
    expect(idsOf(all, 'payments')).toEqual(['9000']);
    expect(resumed.pages.flatMap((page) => page.fullWalkStarts)).toEqual([]);
  });

  it('starts anew from a cursor nobody can read', async () => {
    company.put('Invoice', invoice('1'));
    for (const cursor of ['', 'not json', '{"v":99}', '{"v":1}']) {
      const { pages } = await pullAll(connection.ledger, cursor);
      expect(idsOf(pages, 'invoices')).toEqual(['1']);
    }
  });
});

describe('a row that Intuit cannot return', () => {
  it('is found by halving, set aside, and costs none of its neighbours', async () => {
    for (let id = 1; id <= 1500; id += 1) company.put('Invoice', invoice(`${id}`));
    company.poison.add('777');
    const { pages } = await pullAll(connection.ledger, null);
    expect(new Set(idsOf(pages, 'invoices')).size).toBe(1499);
    const setAside = pages.flatMap((page) => page.quarantined);
    expect(setAside).toHaveLength(1);
    expect(setAside[0]).toMatchObject({ kind: 'invoice', field: '' });
    expect(company.requests.length).toBeLessThan(40);
  });

  it('keeps the walk from taking it for vanished', async () => {
    company.put('Invoice', invoice('1'), invoice('2'));
    company.poison.add('2');
    const { pages } = await pullAll(connection.ledger, null);
    expect(pages.flatMap((page) => page.fullWalkEnds)).toEqual(['customer', 'credit', 'payment']);
  });

  it('is not hunted for when every row fails: the query itself is refused', async () => {
    for (let id = 1; id <= 1000; id += 1) {
      company.put('Invoice', invoice(`${id}`));
      company.poison.add(`${id}`);
    }
    await expect(pullAll(connection.ledger, null)).rejects.toMatchObject({
      kind: 'rejected',
      facts: { platformCode: '4002' },
    });
    expect(company.requests.length).toBeLessThan(40);
  });
});

describe('a later pull', () => {
  async function firstPull(): Promise<string> {
    const { cursor } = await pullAll(connection.ledger, null);
    company.requests.length = 0;
    return cursor;
  }

  it('is exactly one call when nothing changed', async () => {
    company.put('Invoice', invoice('1'));
    const cursor = await firstPull();
    const { pages } = await pullAll(connection.ledger, cursor, { now: later(3_600_000) });
    expect(company.requests).toEqual([
      '/v3/company/9130347957983176871/cdc?entities=Customer,Invoice,CreditMemo,JournalEntry,Payment' +
        '&changedSince=2026-11-22T08:55:00Z&minorversion=75&format=json',
    ]);
    expect(pages).toHaveLength(1);
    expect(pages[0]?.cursor).not.toBe(cursor);
  });

  it('asks from five minutes before the last answer, by the clock of Intuit', async () => {
    const first = await firstPull();
    const { cursor } = await pullAll(connection.ledger, first, {
      now: new Date(later(3_600_000).getTime() + 7 * 60_000),
    });
    await pullAll(connection.ledger, cursor, { now: later(7_200_000) });
    expect(company.requests.at(-1)).toContain('changedSince=2026-11-22T09:55:00Z');
  });

  it('brings changes, voids and deletions of all entities', async () => {
    company.put('Customer', customer('1'));
    company.put('Invoice', invoice('10'), invoice('11'), invoice('12'));
    company.put('Payment', payment('20'));
    const cursor = await firstPull();
    const now = later(3_600_000);
    company.touch('Customer', '1', { DisplayName: 'Renamed' });
    company.touch('Invoice', '10', { Balance: 40, SyncToken: '1' });
    company.touch('Invoice', '11', { TotalAmt: 0, Balance: 0, PrivateNote: 'Voided' });
    company.remove('Invoice', '12');
    company.remove('Payment', '20');
    const { pages } = await pullAll(connection.ledger, cursor, { now });
    expect(pages).toHaveLength(1);
    expect(pages[0]?.customers[0]?.name).toBe('Renamed');
    expect(pages[0]?.invoices.map(({ id, status, openMinor }) => [id, status, openMinor])).toEqual([
      ['10', 'open', 4000],
      ['11', 'voided', 0],
    ]);
    expect(pages[0]?.gone).toEqual([
      { kind: 'invoice', id: '12' },
      { kind: 'payment', id: '20' },
    ]);
    expect(pages[0]?.inFullWalk).toBe(false);
  });

  it('asks entity by entity when the common answer may have been cut', async () => {
    const cursor = await firstPull();
    const now = later(3_600_000);
    const MetaData = { LastUpdatedTime: pacific(now) };
    for (let id = 1; id <= 700; id += 1) {
      company.put('Invoice', invoice(`${id}`, { MetaData }));
      company.put('Payment', payment(`${id}`, { MetaData }));
    }
    company.remove('Customer', '5');
    const { pages } = await pullAll(connection.ledger, cursor, { now, sweep: 'never' });
    expect(new Set(idsOf(pages, 'invoices')).size).toBe(700);
    expect(new Set(idsOf(pages, 'payments')).size).toBe(700);
    expect(pages.flatMap((page) => page.gone)).toEqual([{ kind: 'customer', id: '5' }]);
    expect(company.requests.filter((text) => text.includes('/cdc?')).length).toBe(6);
    await pullAll(connection.ledger, pages.at(-1)?.cursor ?? null, { now, sweep: 'never' });
    expect(company.requests.at(-1)).toContain('changedSince=2026-11-22T09:55:00Z');
  });

  it('queries one entity that is cut even alone, and walks everything at the next sweep', async () => {
    company.put('Invoice', invoice('deleted-unseen'));
    const cursor = await firstPull();
    const now = later(3_600_000);
    const MetaData = { LastUpdatedTime: pacific(new Date(now.getTime() - 60_000)) };
    for (let id = 1; id <= 1200; id += 1) company.put('Invoice', invoice(`${id}`, { MetaData }));
    const caught = await pullAll(connection.ledger, cursor, { now, sweep: 'never' });
    expect(new Set(idsOf(caught.pages, 'invoices')).size).toBe(1200);
    expect(caught.pages.some((page) => page.inFullWalk)).toBe(false);
    const swept = await pullAll(connection.ledger, caught.cursor, { now: later(3_700_000) });
    expect(swept.pages.flatMap((page) => page.fullWalkEnds).toSorted()).toEqual([
      ...['credit', 'customer', 'invoice', 'payment'],
    ]);
  });

  it('walks everything again when the change list no longer reaches back', async () => {
    company.put('Invoice', invoice('1'));
    const cursor = await firstPull();
    const soon = await pullAll(connection.ledger, cursor, {
      now: later(28 * DAY_MS),
      sweep: 'never',
    });
    expect(soon.pages).toHaveLength(1);
    company.requests.length = 0;
    const { pages } = await pullAll(connection.ledger, cursor, { now: later(30 * DAY_MS) });
    expect(company.requests.some((text) => text.includes('/cdc?'))).toBe(false);
    expect(pages[0]?.fullWalkStarts).toHaveLength(4);
    expect(idsOf(pages, 'invoices')).toEqual(['1']);
  });

  it('sweeps once a day: all customers, open invoices', async () => {
    company.put('Customer', customer('1'), customer('2', { Active: false }));
    company.put('Invoice', invoice('10'), invoice('11', { Balance: 0 }));
    const cursor = await firstPull();
    // The balance moves and nothing says that the customer changed.
    const [first] = company.tables['Customer'] ?? [];
    Object.assign(first ?? {}, { Balance: 55.5 });
    const { pages, cursor: swept } = await pullAll(connection.ledger, cursor, {
      now: later(DAY_MS),
    });
    expect(idsOf(pages, 'customers')).toEqual(['1', '2']);
    expect(pages.flatMap((page) => page.customers)[0]?.ledgerBalanceMinor).toBe(5550);
    expect(idsOf(pages, 'invoices')).toEqual(['10']);
    expect(pages.flatMap((page) => page.fullWalkStarts)).toEqual(['customer']);
    expect(pages.flatMap((page) => page.fullWalkEnds)).toEqual(['customer']);
    const quiet = await pullAll(connection.ledger, swept, { now: later(DAY_MS + 3_600_000) });
    expect(quiet.pages).toHaveLength(1);
  });

  it('sweeps when told to and not when told not to', async () => {
    const cursor = await firstPull();
    const always = await pullAll(connection.ledger, cursor, {
      now: later(60_000),
      sweep: 'always',
    });
    expect(always.pages.length).toBeGreaterThan(1);
    const never = await pullAll(connection.ledger, cursor, {
      now: later(5 * DAY_MS),
      sweep: 'never',
    });
    expect(never.pages).toHaveLength(1);
  });

  it.each([
    ['no list', { CDCResponse: null }],
    ['no blocks', { CDCResponse: [{ QueryResponse: [] }] }],
    [
      'a fault in a block',
      { CDCResponse: [{ QueryResponse: [{ Fault: { Error: [{ code: '500' }] } }] }] },
    ],
    ['a list that is none', { CDCResponse: [{ QueryResponse: [{ Invoice: 'x' }] }] }],
    ['nothing', {}],
  ])('takes %s for an error and not for "nothing changed"', async (_name, body) => {
    const cursor = await firstPull();
    nock.cleanAll();
    nock('https://quickbooks.test').get(/cdc/).reply(200, body);
    const failed = pullAll(connection.ledger, cursor, { now: later(3_600_000) });
    await expect(failed).rejects.toMatchObject({ kind: 'unexpected_shape' });
    await expect(failed).rejects.toBeInstanceOf(LedgerError);
  });
});

describe('what a row does not say itself', () => {
  it('is asked for once, and only when a row needs it', async () => {
    company.put('Invoice', invoice('1', { CurrencyRef: undefined }));
    company.put('Invoice', invoice('2', { CurrencyRef: undefined }));
    company.put('Invoice', invoice('3', { DueDate: undefined, SalesTermRef: { value: '7' } }));
    company.put('Term', { Id: '7', Active: true, Type: 'Standard', DueDays: 14 });
    const { pages, cursor } = await pullAll(connection.ledger, null);
    const invoices = pages.flatMap((page) => page.invoices);
    expect(invoices.map(({ currency }) => currency)).toEqual(['USD', 'USD', 'USD']);
    expect(invoices[2] && invoices[2].dueOn - invoices[2].issuedOn).toBe(14);
    expect(company.requests.filter((text) => text.includes('/preferences'))).toHaveLength(1);
    expect(company.requests.filter((text) => text.includes('from term'))).toHaveLength(1);
    company.requests.length = 0;
    company.touch('Invoice', '1', {}, later(3_600_000));
    await pullAll(connection.ledger, cursor, { now: later(3_600_000) });
    expect(company.requests).toHaveLength(1);
  });
});

describe('journal entries', () => {
  beforeEach(() => {
    company.put(
      'Account',
      { Id: '84', AccountType: 'Accounts Receivable', Active: true },
      { Id: '70', AccountType: 'Income', Active: true },
    );
  });

  it('become debts and credits of the customers on receivable lines, and nothing else', async () => {
    company.put(
      'JournalEntry',
      journal('12', [
        { id: '0', side: 'Debit', account: '84', customer: '1', amount: 100 },
        { id: '1', side: 'Debit', account: '84', customer: '1', amount: 50 },
        { id: '2', side: 'Credit', account: '84', customer: '2', amount: 30 },
        { id: '3', side: 'Credit', account: '70', customer: '1', amount: 120 },
      ]),
      journal('13', [{ id: '0', side: 'Debit', account: '70', amount: 9 }]),
    );
    const { pages } = await pullAll(connection.ledger, null);
    const [debt] = pages.flatMap((page) => page.invoices);
    expect(idsOf(pages, 'invoices')).toEqual(['journal:12:0']);
    expect(debt).toMatchObject({
      kind: 'journal',
      totalMinor: 15000,
      openMinor: null,
      number: 'J12',
    });
    const [credit] = pages.flatMap((page) => page.credits);
    expect(idsOf(pages, 'credits')).toEqual(['journal:12:2']);
    expect(credit).toMatchObject({ kind: 'journal', totalMinor: 3000, remainingMinor: null });
    expect(pages.flatMap((page) => page.gone)).toEqual([]);
  });

  it('are told from the name Intuit gives receivables, without a call', async () => {
    const line = { id: '0', side: 'Debit', account: '85', customer: '1', amount: 5 } as const;
    const accountName = 'Accounts Receivable (A/R) - EUR';
    company.put('JournalEntry', journal('12', [{ ...line, accountName }]));
    const { pages } = await pullAll(connection.ledger, null);
    expect(idsOf(pages, 'invoices')).toEqual(['journal:12:0']);
    expect(company.requests.some((text) => text.includes('from account'))).toBe(false);
  });

  it('cost no call for accounts when none names a customer', async () => {
    company.put(
      'JournalEntry',
      journal('13', [{ id: '0', side: 'Debit', account: '84', amount: 9 }]),
    );
    await pullAll(connection.ledger, null);
    expect(company.requests.some((text) => text.includes('account'))).toBe(false);
  });

  it('are found for a payment even when the entry itself did not change', async () => {
    company.put(
      'JournalEntry',
      journal('12', [{ id: '0', side: 'Debit', account: '84', customer: '1', amount: 100 }]),
    );
    const { cursor } = await pullAll(connection.ledger, null);
    const now = later(3_600_000);
    company.put(
      'Payment',
      payment('20', {
        MetaData: { LastUpdatedTime: pacific(now) },
        Line: [linked(100, 'JournalEntry', '12')],
      }),
    );
    const { pages } = await pullAll(connect().ledger, cursor, { now });
    expect(pages[0]?.payments[0]?.allocations).toMatchObject([
      { targetKind: 'invoice', targetId: 'journal:12:0', amountMinor: 10000 },
    ]);
    // The entry was only looked up: it is no change of this page.
    expect(pages[0]?.invoices).toEqual([]);
  });

  it('report the lines that an edit or a deletion may have taken away', async () => {
    const line = { id: '0', side: 'Debit', account: '84', customer: '1', amount: 5 } as const;
    company.put('JournalEntry', journal('12', [line]), journal('13', [line]));
    const { cursor } = await pullAll(connection.ledger, null);
    const now = later(3_600_000);
    company.touch('JournalEntry', '12', { SyncToken: '1' });
    company.remove('JournalEntry', '13');
    const { pages } = await pullAll(connection.ledger, cursor, { now });
    const gone = (pages[0]?.gone ?? []).map(({ kind, id }) => `${kind} ${id}`);
    expect(gone).not.toContain('invoice journal:12:0');
    expect(gone).toContain('credit journal:12:0');
    expect(gone).toContain('invoice journal:12:1');
    expect(gone).toContain('invoice journal:13:0');
    expect(gone).toContain('credit journal:13:42');
  });
});
