import nock from 'nock';
import { describe, expect, it } from 'vitest';
import type { LedgerPage } from '../../connectors/ledger.ts';
import { LedgerError } from '../../src/errors.ts';
import { allPages, API, invoiceJson, NOW, openXero } from './xero-support.ts';
import { useNock } from '../support/nock.ts';

useNock();

/** A tenth of Xero's largest page, to be quick: it clamps what is larger, and so does this. */
const PAGE = 100;

interface Call {
  resource: string;
  page: string | null;
  since: string | undefined;
  query: URLSearchParams;
}

interface Row {
  id: string;
  updatedAt: Date;
  status: string;
}

/** Lists of an organisation, kept like Xero keeps them: paged, ordered, soft-deleted. */
class Lists {
  readonly calls: Call[] = [];
  readonly rows: Record<string, Row[]> = {
    Contacts: [],
    Invoices: [],
    CreditNotes: [],
    Overpayments: [],
    Prepayments: [],
    Payments: [],
  };
  now = NOW;
  beforeAnswer: (call: Call) => void = () => undefined;
  failNext: string | null = null;

  fill(resource: string, count: number): void {
    const updatedAt = new Date('2026-01-01T00:00:00Z');
    this.rows[resource] = Array.from({ length: count }, (_none, index) => ({
      id: `${resource}-${String(index).padStart(6, '0')}`,
      updatedAt,
      status: 'AUTHORISED',
    }));
  }

  serve(): void {
    const answer = (call: Call) => this.take(call);
    nock(API)
      .persist()
      .get(/^\/api\.xro\/2\.0\/\w+/)
      .reply(function (uri) {
        const url = new URL(uri, API);
        const resource = url.pathname.split('/').at(-1) ?? '';
        const since = this.req.headers['if-modified-since'];
        const call = {
          resource,
          page: url.searchParams.get('page'),
          since,
          query: url.searchParams,
        };
        return answer(call);
      });
  }

  take(call: Call): [number, object, Record<string, string>] {
    this.calls.push(call);
    this.beforeAnswer(call);
    if (this.failNext === `${call.resource} ${call.page ?? ''}`) return [500, {}, {}];
    return [200, this.answer(call), { 'X-MinLimit-Remaining': '59' }];
  }

  answer(call: Call): object {
    if (call.resource === 'Organisation') {
      const organisation = { Name: 'Kererū', CountryCode: 'NZ', BaseCurrency: 'NZD' };
      return { Organisations: [{ ...organisation, Timezone: 'NEWZEALANDSTANDARDTIME' }] };
    }
    const statuses = call.query.get('Statuses')?.split(',');
    const sinceMs = call.since === undefined ? 0 : Date.parse(`${call.since}Z`);
    const byId = (call.query.get('order') ?? '').includes('ID');
    const found = (this.rows[call.resource] ?? [])
      .filter((row) => row.updatedAt.getTime() >= sinceMs)
      .filter((row) => statuses === undefined || statuses.includes(row.status))
      .sort((a, b) =>
        byId ? compareIds(a, b) : a.updatedAt.getTime() - b.updatedAt.getTime() || compareIds(a, b),
      );
    const page = Number(call.page ?? 1);
    const size = Math.min(PAGE, Number(call.query.get('pageSize') ?? PAGE));
    const pageCount = Math.ceil(found.length / size);
    return {
      DateTimeUTC: `/Date(${this.now.getTime()})/`,
      pagination: { page, pageSize: size, pageCount, itemCount: found.length },
      [call.resource]: found
        .slice((page - 1) * size, page * size)
        .map((row) => record(call.resource, row)),
    };
  }
}

function compareIds(a: Row, b: Row): number {
  return a.id < b.id ? -1 : 1;
}

function record(resource: string, { id, updatedAt, status }: Row): object {
  const UpdatedDateUTC = `/Date(${updatedAt.getTime()}+0000)/`;
  const Contact = { ContactID: 'Contacts-000000' };
  const document = {
    Contact,
    Status: status,
    Date: '/Date(1541116800000)/',
    CurrencyCode: 'NZD',
    Total: 1,
  };
  switch (resource) {
    case 'Contacts':
      return { ContactID: id, Name: id, UpdatedDateUTC };
    case 'Invoices':
      return invoiceJson({ InvoiceID: id, InvoiceNumber: id, Status: status, UpdatedDateUTC });
    case 'CreditNotes':
      return {
        ...document,
        CreditNoteID: id,
        Type: 'ACCRECCREDIT',
        RemainingCredit: 1,
        UpdatedDateUTC,
      };
    case 'Overpayments':
      return {
        ...document,
        OverpaymentID: id,
        Type: 'RECEIVE-OVERPAYMENT',
        RemainingCredit: 1,
        UpdatedDateUTC,
      };
    case 'Prepayments':
      return {
        ...document,
        PrepaymentID: id,
        Type: 'RECEIVE-PREPAYMENT',
        RemainingCredit: 1,
        UpdatedDateUTC,
      };
    default: {
      const Invoice = { InvoiceID: 'Invoices-000000', CurrencyCode: 'NZD' };
      const PaymentType = 'ACCRECPAYMENT';
      return {
        PaymentID: id,
        PaymentType,
        Date: '/Date(1541116800000)/',
        Amount: 1,
        Invoice,
        UpdatedDateUTC,
      };
    }
  }
}

function idsOf(pages: readonly LedgerPage[]): string[] {
  return pages
    .flatMap((page) => [...page.customers, ...page.invoices, ...page.credits, ...page.payments])
    .map((one) => one.id as string);
}

function organisation(): Lists {
  const lists = new Lists();
  lists.fill('Contacts', PAGE + 1);
  lists.fill('Invoices', 2.5 * PAGE);
  lists.fill('CreditNotes', 3);
  lists.fill('Payments', PAGE);
  lists.serve();
  return lists;
}

const never = { now: NOW, sweep: 'never' as const };

describe('a first pull', () => {
  it('reads everything once, with one call per page and one per empty list', async () => {
    const lists = organisation();
    const { ledger } = openXero();
    const pages = await allPages(ledger.pull(null, never));
    const everything = Object.values(lists.rows).flatMap((rows) => rows.map((row) => row.id));
    expect(idsOf(pages).sort()).toEqual(everything.sort());
    // 2 + 3 + 1 + 1 + 1 + 1 pages, and the organisation for its currency.
    expect(lists.calls).toHaveLength(10);
    expect(lists.calls.every((call) => (call.query.get('pageSize') ?? '1000') === '1000')).toBe(
      true,
    );
  });

  it('reads customers before invoices, archived ones included, and in the order of ids', async () => {
    const lists = organisation();
    const { ledger } = openXero();
    await allPages(ledger.pull(null, never));
    const resources = lists.calls.map((call) => call.resource);
    expect(resources.lastIndexOf('Contacts')).toBeLessThan(resources.indexOf('Invoices'));
    const query = (resource: string) =>
      lists.calls.find((call) => call.resource === resource)?.query;
    expect(query('Contacts')?.get('includeArchived')).toBe('true');
    expect(query('Invoices')?.get('order')).toBe('InvoiceID ASC');
    expect(query('Invoices')?.has('Statuses')).toBe(false);
  });

  it('marks where the full walk of each kind begins and ends', async () => {
    organisation();
    const { ledger } = openXero();
    const pages = await allPages(ledger.pull(null, never));
    const starts = pages.flatMap((page) => page.fullWalkStarts);
    const ends = pages.flatMap((page) => page.fullWalkEnds);
    expect(starts).toEqual(['customer', 'invoice', 'credit', 'payment']);
    expect(ends).toEqual(['customer', 'invoice', 'credit', 'payment']);
    expect(pages.every((page) => page.inFullWalk)).toBe(true);
    expect(pages.map((page) => page.label).slice(0, 4)).toEqual([
      'customers 1/2',
      'customers 2/2',
      'invoices 1/3',
      'invoices 2/3',
    ]);
  });

  it('that fails on a page goes on there, and ends with what a clean one has', async () => {
    const lists = organisation();
    const { ledger } = openXero();
    const stored: LedgerPage[] = [];
    lists.failNext = 'Invoices 2';
    const broken = async () => {
      for await (const page of ledger.pull(null, never)) stored.push(page);
    };
    await expect(broken()).rejects.toThrow(LedgerError);
    lists.failNext = null;
    lists.calls.length = 0;
    const resumed = openXero().ledger;
    stored.push(...(await allPages(resumed.pull(stored.at(-1)?.cursor ?? null, never))));
    expect(lists.calls[0]).toMatchObject({ resource: 'Invoices', page: '2' });
    const clean = await allPages(openXero().ledger.pull(null, never));
    expect(idsOf(stored)).toEqual(idsOf(clean));
    expect(stored.at(-1)?.cursor).toBe(clean.at(-1)?.cursor);
    expect(stored.flatMap((page) => page.fullWalkEnds)).toEqual(
      clean.flatMap((page) => page.fullWalkEnds),
    );
  });

  it('misses no row when rows change while it walks', async () => {
    const lists = organisation();
    const { ledger } = openXero();
    lists.beforeAnswer = (call) => {
      // A long walk: its last page comes well after the change.
      if (call.resource === 'Invoices' && call.page === '3') {
        lists.now = new Date(NOW.getTime() + 20 * 60_000);
      }
      if (call.resource !== 'Invoices' || call.page !== '2') return;
      lists.now = new Date(NOW.getTime() + 60_000);
      // By time of change these would move to the end, and two later rows up over the page's edge.
      for (const row of lists.rows['Invoices']?.slice(0, 2) ?? []) {
        row.updatedAt = lists.now;
        row.status = 'VOIDED';
      }
    };
    const pages = await allPages(ledger.pull(null, never));
    expect(new Set(idsOf(pages).filter((id) => id.startsWith('Invoices'))).size).toBe(2.5 * PAGE);
    lists.beforeAnswer = () => undefined;
    const next = await allPages(ledger.pull(pages.at(-1)?.cursor ?? null, never));
    const changed = next.flatMap((page) => page.invoices).map((one) => [one.id, one.status]);
    expect(changed).toEqual([
      ['Invoices-000000', 'voided'],
      ['Invoices-000001', 'voided'],
    ]);
  });

  it('is what an unreadable cursor leads to', async () => {
    const lists = organisation();
    const { ledger } = openXero();
    for (const cursor of ['', '{"v":2}', 'null', '{"v":1,"base":"XQZ"}']) {
      lists.calls.length = 0;
      await allPages(ledger.pull(cursor, never));
      expect(lists.calls.filter((call) => call.resource === 'Invoices')).toHaveLength(3);
    }
  });
});

describe('later pulls', () => {
  async function afterFirstPull() {
    const lists = organisation();
    const { ledger } = openXero();
    const pages = await allPages(ledger.pull(null, never));
    lists.calls.length = 0;
    return { lists, ledger, cursor: pages.at(-1)?.cursor ?? null };
  }

  it('with no news make one call per resource and hand over nothing but a cursor', async () => {
    const { lists, ledger, cursor } = await afterFirstPull();
    const pages = await allPages(ledger.pull(cursor, { now: NOW, sweep: 'auto' }));
    expect(lists.calls.map((call) => call.resource)).toEqual(Object.keys(lists.rows));
    expect(idsOf(pages)).toEqual([]);
    expect(pages).toHaveLength(1);
  });

  it('ask from five minutes before Xero’s own time of the last pull, in the documented form', async () => {
    const { lists, ledger, cursor } = await afterFirstPull();
    await allPages(ledger.pull(cursor, never));
    expect(new Set(lists.calls.map((call) => call.since))).toEqual(
      new Set(['2026-11-22T19:55:00']),
    );
  });

  it('move their mark even when nothing changed, so old news is not read for ever', async () => {
    const { lists, ledger, cursor } = await afterFirstPull();
    lists.now = new Date(NOW.getTime() + 3_600_000);
    const pages = await allPages(ledger.pull(cursor, never));
    lists.calls.length = 0;
    await allPages(ledger.pull(pages.at(-1)?.cursor ?? null, never));
    expect(lists.calls[0]?.since).toBe('2026-11-22T20:55:00');
  });

  it('bring what changed, in whatever state', async () => {
    const { lists, ledger, cursor } = await afterFirstPull();
    const [first, second] = lists.rows['Invoices'] ?? [];
    Object.assign(first ?? {}, { status: 'VOIDED', updatedAt: NOW });
    Object.assign(second ?? {}, { status: 'DELETED', updatedAt: NOW });
    const pages = await allPages(ledger.pull(cursor, never));
    expect(pages.flatMap((page) => page.invoices).map((one) => one.status)).toEqual([
      'voided',
      'deleted',
    ]);
    expect(pages.every((page) => !page.inFullWalk)).toBe(true);
  });

  it('sweep once a day: all contacts, and all open invoices whatever their stamp', async () => {
    const { lists, ledger, cursor } = await afterFirstPull();
    const nextDay = new Date(NOW.getTime() + 24 * 3_600_000);
    const pages = await allPages(ledger.pull(cursor, { now: nextDay, sweep: 'auto' }));
    const walked = lists.calls.map((call) => [
      call.resource,
      call.query.get('Statuses'),
      call.since === undefined ? 'all' : 'changes',
    ]);
    expect(walked).toEqual([
      ['Contacts', null, 'all'],
      ['Contacts', null, 'all'],
      ['Invoices', 'AUTHORISED', 'all'],
      ['Invoices', 'AUTHORISED', 'all'],
      ['Invoices', 'AUTHORISED', 'all'],
      ['Invoices', null, 'changes'],
      ['CreditNotes', null, 'changes'],
      ['Overpayments', null, 'changes'],
      ['Prepayments', null, 'changes'],
      ['Payments', null, 'changes'],
    ]);
    expect(pages.flatMap((page) => page.fullWalkEnds)).toEqual(['customer']);

    lists.calls.length = 0;
    await allPages(ledger.pull(pages.at(-1)?.cursor ?? null, { now: nextDay, sweep: 'auto' }));
    expect(lists.calls).toHaveLength(6);
  });

  it('sweep when told to, and do not when told not to', async () => {
    const { lists, ledger, cursor } = await afterFirstPull();
    await allPages(ledger.pull(cursor, { now: NOW, sweep: 'always' }));
    expect(lists.calls).toHaveLength(10);
    lists.calls.length = 0;
    const muchLater = new Date(NOW.getTime() + 72 * 3_600_000);
    await allPages(ledger.pull(cursor, { now: muchLater, sweep: 'never' }));
    expect(lists.calls).toHaveLength(6);
  });
});
