import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Client, Row } from '../../connectors/quickbooks/client.ts';
import { parseChanges } from '../../connectors/quickbooks/changes.ts';
import { countryCode, timeZoneOf } from '../../connectors/quickbooks/countries.ts';
import { ENTITIES } from '../../connectors/quickbooks/entities.ts';
import { explain } from '../../connectors/quickbooks/fault.ts';
import { mapEach, Misfit } from '../../connectors/quickbooks/fields.ts';
import { mapJournal } from '../../connectors/quickbooks/journal.ts';
import {
  type Company,
  mapCreditMemo,
  mapCustomer,
  mapInvoice,
} from '../../connectors/quickbooks/map.ts';
import { parseCompany } from '../../connectors/quickbooks/organisation.ts';
import { mapPayment } from '../../connectors/quickbooks/payment.ts';
import { createMapper, type RowsByEntity } from '../../connectors/quickbooks/records.ts';
import { dueByTerm, readTerms } from '../../connectors/quickbooks/terms.ts';
import { toLedgerError } from '../../connectors/transport.ts';
import { day, formatDay } from '../../src/domain/day.ts';
import { customer, invoice, journal, linked, NOW, payment } from './quickbooks-support.ts';

const company: Company = { homeCurrency: 'USD', terms: new Map() };
const noJournals = new Map();

function misfit(map: () => unknown): string {
  try {
    map();
  } catch (error) {
    if (error instanceof Misfit) return `${error.field}: ${error.problem}`;
    throw error;
  }
  return 'fits';
}

describe('an invoice', () => {
  it('keeps exact money, days, address and stamp', () => {
    const row = invoice('266', {
      SyncToken: '3',
      MetaData: { LastUpdatedTime: '2026-04-07T12:51:28-07:00' },
      TotalAmt: 351.81,
      Balance: 0.29,
      ExchangeRate: 1.0825,
      BillEmail: { Address: 'a@b.example, c@d.example' },
      EmailStatus: 'EmailSent',
    });
    expect(mapInvoice(row, company)).toEqual({
      id: '266',
      kind: 'invoice',
      number: 'N266',
      reference: null,
      customerId: '1',
      status: 'open',
      issuedOn: day('2026-10-01'),
      dueOn: day('2026-10-31'),
      schedule: null,
      expectedPayOn: null,
      currency: 'USD',
      totalMinor: 35181,
      openMinor: 29,
      baseRate: '1.0825',
      paidOn: null,
      emailText: 'a@b.example, c@d.example',
      sentToContact: true,
      remoteVersion: '3',
      remoteUpdatedAt: new Date('2026-04-07T19:51:28Z'),
    });
  });

  it.each([
    ['owes something', { TotalAmt: 100, Balance: 40 }, 'open'],
    ['owes nothing any more', { TotalAmt: 100, Balance: 0 }, 'paid'],
    ['was voided', { TotalAmt: 0, Balance: 0, PrivateNote: 'Voided - wrong customer' }, 'voided'],
    ['is for nothing', { TotalAmt: 0, Balance: 0 }, 'paid'],
    ['only talks of voiding', { TotalAmt: 5, Balance: 5, PrivateNote: 'Voided' }, 'open'],
  ])('that %s is %s', (_what, changes, status) => {
    expect(mapInvoice(invoice('1', changes), company).status).toBe(status);
  });

  it('without a due date falls due by its term, else on its own day', () => {
    const terms = readTerms([
      { Id: '3', DueDays: 30 },
      { Id: '4', DayOfMonthDue: 15, DueNextMonthDays: 10 },
      { Id: '5', DueDays: 'many' },
    ]);
    const due = (value: string | null) =>
      formatDay(
        mapInvoice(
          invoice('1', { DueDate: null, SalesTermRef: value === null ? null : { value } }),
          {
            homeCurrency: 'USD',
            terms,
          },
        ).dueOn,
      );
    expect([due('3'), due('4'), due('5'), due('9'), due(null)]).toEqual([
      ...['2026-10-31', '2026-10-15', '2026-10-01', '2026-10-01', '2026-10-01'],
    ]);
  });

  it('has a number even when QuickBooks gave none', () => {
    expect(mapInvoice(invoice('77', { DocNumber: '' }), company).number).toBe('#77');
  });

  it('of a company with one currency is in that', () => {
    const yen: Company = { homeCurrency: 'JPY', terms: new Map() };
    const row = invoice('1', { CurrencyRef: undefined, TotalAmt: 12345, Balance: 12345 });
    expect(mapInvoice(row, yen)).toMatchObject({ currency: 'JPY', totalMinor: 12345 });
  });

  it.each([
    ['TotalAmt', { TotalAmt: null }, 'TotalAmt: is not an amount'],
    ['TotalAmt', { TotalAmt: 'NaN' }, 'TotalAmt: is no amount in USD'],
    ['TotalAmt', { TotalAmt: 1e21 }, 'TotalAmt: is no amount in USD'],
    ['TotalAmt', { TotalAmt: -5 }, 'TotalAmt: is negative'],
    ['TotalAmt', { TotalAmt: 0.125 }, 'TotalAmt: is no amount in USD'],
    ['Balance', { Balance: undefined }, 'Balance: is not an amount'],
    ['Balance', { Balance: {} }, 'Balance: is not an amount'],
    ['TxnDate', { TxnDate: '/Date(1518685950940+0000)/' }, 'TxnDate: is not a calendar day'],
    ['TxnDate', { TxnDate: '2026-02-30' }, 'TxnDate: is not a calendar day'],
    ['TxnDate', { TxnDate: 20260230 }, 'TxnDate: should be a string'],
    ['DueDate', { DueDate: 'soon' }, 'DueDate: is not a calendar day'],
    ['CurrencyRef', { CurrencyRef: { value: 'XQQ' } }, 'CurrencyRef.value: is no currency we know'],
    ['CustomerRef', { CustomerRef: null }, 'CustomerRef: should be an object'],
    ['CustomerRef', { CustomerRef: { value: '' } }, 'CustomerRef.value: is empty'],
    ['SyncToken', { SyncToken: '1; drop' }, 'SyncToken: is not a whole number'],
    ['Id', { Id: 5 }, 'Id: should be a string'],
    [
      'MetaData',
      { MetaData: { LastUpdatedTime: 'yesterday' } },
      'MetaData.LastUpdatedTime: is not a time',
    ],
  ])('with a broken %s is set aside with the name of the field', (_field, changes, problem) => {
    expect(misfit(() => mapInvoice(invoice('1', changes), company))).toBe(problem);
  });

  it('that does not fit costs none of its neighbours', () => {
    const rows = [invoice('1'), invoice('2', { Balance: null }), {}, invoice('3')];
    const { records, quarantined } = mapEach(rows, 'invoice', (row) => mapInvoice(row, company));
    expect(records.map(({ id }) => id)).toEqual(['1', '3']);
    expect(quarantined).toEqual([
      { kind: 'invoice', externalId: '2', field: 'Balance', problem: 'is not an amount' },
      { kind: 'invoice', externalId: 'unknown', field: 'Id', problem: 'should be a string' },
    ]);
  });
});

describe('a customer', () => {
  it('keeps its address exactly as the ledger has it', () => {
    const row = customer('7', {
      PrimaryEmailAddr: { Address: 'a@b.example,\r\nBcc: e@z.example' },
      Mobile: { FreeFormNumber: '(555) 1' },
      ParentRef: { value: '3' },
      BillWithParent: true,
      Balance: -12.5,
    });
    expect(mapCustomer(row, company)).toMatchObject({
      id: '7',
      name: 'Customer 7',
      emailText: 'a@b.example,\r\nBcc: e@z.example',
      phone: '(555) 1',
      parentId: '3',
      billWithParent: true,
      ledgerBalanceMinor: -1250,
    });
  });

  it('made inactive is named without the mark QuickBooks adds', () => {
    const name = (DisplayName: string, Active: boolean) =>
      mapCustomer(customer('7', { DisplayName, Active }), company).name;
    expect(name('Acme (deleted)', false)).toBe('Acme');
    expect(name('Acme (deleted 2)', false)).toBe('Acme');
    expect(name('Acme (deleted)', true)).toBe('Acme (deleted)');
  });

  it('without any name, or with a balance that is none, is set aside', () => {
    const nameless = { DisplayName: ' ', FullyQualifiedName: undefined };
    expect(misfit(() => mapCustomer(customer('7', nameless), company))).toBe(
      'DisplayName: is missing',
    );
    expect(misfit(() => mapCustomer(customer('7', { Balance: 'a lot' }), company))).toBe(
      'Balance: is no amount in USD',
    );
  });
});

describe('a credit memo', () => {
  it.each([
    [{ TotalAmt: 100, RemainingCredit: 60 }, 'open', 6000],
    [{ TotalAmt: 100, RemainingCredit: 0 }, 'used', 0],
    [{ TotalAmt: 100, Balance: 25 }, 'open', 2500],
    [{ TotalAmt: 0, RemainingCredit: 0, PrivateNote: 'Voided' }, 'voided', 0],
  ])('%j is %s', (changes, status, remainingMinor) => {
    const row = invoice('73', { Balance: undefined, ...changes });
    expect(mapCreditMemo(row, company)).toMatchObject({
      ...{ kind: 'credit_note', status, remainingMinor, allocations: [] },
    });
  });

  it('that does not say what remains is set aside', () => {
    expect(misfit(() => mapCreditMemo(invoice('73', { Balance: null }), company))).toBe(
      'RemainingCredit: is missing',
    );
  });
});

describe('a payment', () => {
  it('covers invoices and keeps what is left over', () => {
    const row = payment('20', {
      TotalAmt: 150.5,
      UnappliedAmt: 20.5,
      PaymentRefNum: 'ch 12',
      Line: [linked(100, 'Invoice', '10'), linked(30, 'Invoice', '11'), { Amount: 20.5 }],
    });
    expect(mapPayment(row, company, noJournals)).toMatchObject({
      kind: 'receipt',
      status: 'received',
      reference: 'ch 12',
      amountMinor: 15050,
      unappliedMinor: 2050,
      allocations: [
        {
          targetKind: 'invoice',
          targetId: '10',
          amountMinor: 10000,
          allocatedOn: day('2026-11-02'),
        },
        { targetKind: 'invoice', targetId: '11', amountMinor: 3000 },
      ],
    });
  });

  it('of nothing that links a credit to an invoice moved no money', () => {
    const row = payment('74', {
      TotalAmt: 0,
      PrivateNote: 'Created by QB Online to link credits to charges.',
      Line: [linked(100, 'Invoice', '71'), linked(100, 'CreditMemo', '73')],
    });
    expect(mapPayment(row, company, noJournals)).toMatchObject({
      kind: 'credit_application',
      status: 'received',
      allocations: [
        { targetKind: 'invoice', targetId: '71', amountMinor: 10000 },
        { targetKind: 'credit', targetId: '73', amountMinor: 10000 },
      ],
    });
  });

  it('that was voided counts for nothing', () => {
    const row = payment('20', { TotalAmt: 0, UnappliedAmt: 0, Line: [], PrivateNote: 'Voided' });
    expect(mapPayment(row, company, noJournals)).toMatchObject({
      ...{ status: 'voided', amountMinor: 0, allocations: [] },
    });
  });

  it('leaves refund cheques and deposits out, which are no records of ours', () => {
    const row = payment('20', {
      TotalAmt: 0,
      Line: [linked(100, 'CreditMemo', '73'), linked(100, 'Check', '90')],
    });
    expect(mapPayment(row, company, noJournals).allocations).toHaveLength(1);
  });

  it('whose one sum is for several transactions is set aside, not guessed at', () => {
    const link = { TxnId: '10', TxnType: 'Invoice' };
    const row = payment('20', { Line: [{ Amount: 100, LinkedTxn: [link, link] }] });
    expect(misfit(() => mapPayment(row, company, noJournals))).toBe(
      'Line.0.LinkedTxn: names several for one sum',
    );
  });

  describe('against a journal entry', () => {
    const accounts = new Set(['84']);
    const entry = mapJournal(
      journal('12', [
        { id: '0', side: 'Debit', account: '84', customer: '1', amount: 100 },
        { id: '1', side: 'Debit', account: '84', customer: '1', amount: 50 },
        { id: '2', side: 'Credit', account: '84', customer: '1', amount: 40 },
        { id: '3', side: 'Debit', account: '84', customer: '2', amount: 70 },
      ]),
      company,
      accounts,
    );
    const journals = new Map([['12', entry.sides]]);
    const targets = (changes: Row) =>
      mapPayment(payment('20', changes), company, journals).allocations.map(
        ({ targetKind, targetId, amountMinor }) => `${targetKind} ${targetId} ${amountMinor}`,
      );

    it('lines of one customer on one side are one record', () => {
      expect(entry.sides.map(({ recordId, amountMinor }) => [recordId, amountMinor])).toEqual([
        ['journal:12:0', 15000],
        ['journal:12:2', 4000],
        ['journal:12:3', 7000],
      ]);
    });

    it('goes to the line it names', () => {
      expect(targets({ TotalAmt: 0, Line: [linked(10, 'JournalEntry', '12', '1')] })).toEqual([
        'invoice journal:12:0 1000',
      ]);
    });

    it('takes the side that makes the sum come out right', () => {
      expect(targets({ TotalAmt: 60, Line: [linked(60, 'JournalEntry', '12')] })).toEqual([
        'invoice journal:12:0 6000',
      ]);
      const asCredit = [linked(40, 'Invoice', '10'), linked(40, 'JournalEntry', '12')];
      expect(targets({ TotalAmt: 0, Line: asCredit })).toEqual([
        'invoice 10 4000',
        'credit journal:12:2 4000',
      ]);
    });

    it('of another customer is found where the payer has no line', () => {
      const row = {
        CustomerRef: { value: '2' },
        TotalAmt: 70,
        Line: [linked(70, 'JournalEntry', '12')],
      };
      expect(targets(row)).toEqual(['invoice journal:12:3 7000']);
      expect(targets({ ...row, CustomerRef: { value: '99' } })).toHaveLength(1);
    });
  });

  // Intuit's own identity: money + credits = charges + what is left over.
  it('always adds up: amount plus credits is invoices plus unapplied', () => {
    const cents = fc.integer({ min: 1, max: 10_000_000 });
    fc.assert(
      fc.property(
        fc.array(cents, { maxLength: 6 }),
        fc.array(cents, { maxLength: 3 }),
        fc.nat(5_000_000),
        (charges, credits, unapplied) => {
          const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
          const total = sum(charges) + unapplied - sum(credits);
          fc.pre(total >= 0);
          const row = payment('1', {
            TotalAmt: total / 100,
            UnappliedAmt: unapplied / 100,
            Line: [
              ...charges.map((value, index) => linked(value / 100, 'Invoice', `${index}`)),
              ...credits.map((value, index) => linked(value / 100, 'CreditMemo', `${index}`)),
            ],
          });
          const mapped = mapPayment(row, company, noJournals);
          const of = (kind: string) =>
            sum(
              mapped.allocations
                .filter((allocation) => allocation.targetKind === kind)
                .map((allocation) => allocation.amountMinor),
            );
          expect(mapped.amountMinor + of('credit')).toBe(of('invoice') + mapped.unappliedMinor);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a journal entry', () => {
  it('with a line that fits nothing is set aside only when it names a customer', () => {
    const odd = { Id: '0', Amount: null, JournalEntryLineDetail: { PostingType: 'Sideways' } };
    const row = { ...journal('12', []), Line: [odd] };
    expect(mapJournal(row, company, new Set()).sides).toEqual([]);
    const named = {
      ...odd,
      JournalEntryLineDetail: {
        ...odd.JournalEntryLineDetail,
        Entity: { Type: 'Customer', EntityRef: { value: '1' } },
      },
    };
    expect(misfit(() => mapJournal({ ...row, Line: [named] }, company, new Set()))).toContain(
      'Amount',
    );
  });
});

describe('whatever Intuit sends', () => {
  // Anything JSON can hold, in any field we read: it maps or is a Misfit, and never anything else.
  it('a row maps or is set aside, and nothing crashes', () => {
    const fields = [
      'Id',
      'TxnDate',
      'DueDate',
      'CustomerRef',
      'CurrencyRef',
      'TotalAmt',
      'Balance',
    ];
    const more = ['Line', 'MetaData', 'SyncToken', 'PrivateNote', 'BillEmail', 'ExchangeRate'];
    const base = { ...payment('1'), ...invoice('1') };
    fc.assert(
      fc.property(
        fc.constantFrom(...fields, ...more, 'DisplayName', 'Active', 'UnappliedAmt'),
        fc.jsonValue(),
        (field, value) => {
          const row = { ...base, [field]: value };
          for (const map of [
            () => mapInvoice(row, company),
            () => mapCustomer(row, company),
            () => mapCreditMemo(row, company),
            () => mapPayment(row, company, noJournals),
            () => mapJournal(row, company, new Set(['84'])),
          ])
            misfit(map);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('a term', () => {
  it.each([
    ['2026-01-31', { DueDays: 30 }, '2026-03-02'],
    ['2026-10-01', { DayOfMonthDue: 15 }, '2026-10-15'],
    ['2026-10-15', { DayOfMonthDue: 15 }, '2026-10-15'],
    ['2026-10-16', { DayOfMonthDue: 15 }, '2026-11-15'],
    ['2026-10-10', { DayOfMonthDue: 15, DueNextMonthDays: 10 }, '2026-11-15'],
    ['2026-01-31', { DayOfMonthDue: 31, DueNextMonthDays: 1 }, '2026-02-28'],
    ['2026-12-20', { DayOfMonthDue: 5 }, '2027-01-05'],
  ])('from %s with %j falls due on %s', (from, term, due) => {
    const [read] = readTerms([{ Id: '1', ...term }]).values();
    expect(formatDay(dueByTerm(read, day(from)))).toBe(due);
  });
});

describe('the company', () => {
  it.each([
    [{ Country: 'US' }, 'US', 'America/New_York'],
    [{ CompanyAddr: { Country: 'CAN' } }, 'CA', 'America/Toronto'],
    [{ Country: 'AUS', DefaultTimeZone: 'Australia/Perth' }, 'AU', 'Australia/Perth'],
    [{ Country: 'United Kingdom', DefaultTimeZone: 'Nowhere/Else' }, 'GB', 'Europe/London'],
    [{ Country: 'FRA' }, 'FR', 'Europe/Paris'],
    [{ Country: 'USA', DefaultTimeZone: '+02:00' }, 'US', 'America/New_York'],
  ])('%j is in %s with the clock of %s', (row, country, timeZone) => {
    const read = parseCompany({ CompanyName: 'Blue Spruce', ...row });
    expect(read).toMatchObject({
      name: 'Blue Spruce',
      country,
      timeZone,
      platformRemindersOn: null,
    });
  });

  it('in no country we know is an error with the field, not a guess', () => {
    expect(() => parseCompany({ CompanyName: 'X', Country: 'Atlantis' })).toThrow(/Country/);
    expect(() => parseCompany({ Country: 'US' })).toThrow(/CompanyName/);
    expect(countryCode('')).toBeNull();
    expect(timeZoneOf(null, 'AQ').length).toBeGreaterThan(2);
  });
});

const corpus = path.resolve(import.meta.dirname, '../../../shared/corpus/quickbooks');

interface Exchange {
  response: { status: number; headers: Record<string, string>; body: Row };
}

describe.skipIf(!existsSync(corpus))('recorded exchanges', () => {
  const exchanges = () =>
    readdirSync(corpus)
      .filter((name) => name.endsWith('.json'))
      .flatMap((name) => {
        const recorded = JSON.parse(readFileSync(path.join(corpus, name), 'utf8')) as Exchange[];
        return recorded.map((exchange) => ({ name, ...exchange.response }));
      });

  it('are all read, and nothing of them is set aside', async () => {
    const nobody = new Proxy({} as Client, {
      get: () => () => Promise.reject(new Error('a recorded row needed another call')),
    });
    const counts = { customers: 0, invoices: 0, gone: 0, voided: 0 };
    for (const { name, body } of exchanges().filter(({ status }) => status === 200)) {
      for (const rows of blocksOf(body)) {
        const records = await createMapper(nobody, null).map(rows, 'changes');
        expect(records.quarantined, name).toEqual([]);
        counts.customers += records.customers.length;
        counts.invoices += records.invoices.length;
        counts.gone += records.gone.length;
        counts.voided += records.invoices.filter(({ status }) => status === 'voided').length;
      }
    }
    expect(counts).toEqual({ customers: 45, invoices: 4, gone: 1, voided: 1 });
  });

  it('that tell of a change list are read as one', () => {
    const cdc = exchanges().find(({ name }) => name === 'cdc-basic.json');
    expect(parseChanges(cdc?.body ?? {})).toMatchObject({ rows: {}, isCut: false });
  });

  it('of errors become the right kind, with code and request id', () => {
    const errors = exchanges().filter(({ status }) => status >= 400);
    const kinds = errors.map(({ status, headers, body }) => {
      const lowerCase = Object.entries(headers).map(([key, value]) => [
        key.toLowerCase().replace('-', '_'),
        value,
      ]);
      const response = { status, data: body, headers: Object.fromEntries(lowerCase) as object };
      const failure = explain({ isAxiosError: true, response }, new Date(NOW));
      const error = toLedgerError(failure, { resource: 'x', effect: 'read' }, 'QuickBooks');
      expect(error.facts.requestId).toMatch(/^1-5f73/);
      return `${status} ${error.facts.platformCode ?? ''} ${error.kind}`;
    });
    expect(kinds.toSorted()).toEqual([
      '400 2010 rejected',
      '400 2030 rejected',
      '400 500 rejected',
      '400 6240 rejected',
      '401 3200 disconnected',
    ]);
  });
});

/** Every place of an answer in which records of ours stand. */
function blocksOf(body: Row): RowsByEntity[] {
  const inside = (value: unknown): Row[] =>
    Array.isArray(value) ? (value as Row[]) : value === undefined ? [] : [value as Row];
  const blocks = [
    body,
    ...inside(body['QueryResponse']),
    ...inside(body['BatchItemResponse']).flatMap((item) => [
      item,
      ...inside(item['QueryResponse']),
    ]),
    ...inside(body['CDCResponse']).flatMap((item) => inside(item['QueryResponse'])),
  ];
  return blocks.map((block) =>
    Object.fromEntries(ENTITIES.map((entity) => [entity, inside(block[entity])])),
  );
}
