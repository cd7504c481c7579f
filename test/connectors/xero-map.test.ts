import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapContact } from '../../connectors/xero/contact.ts';
import { CREDIT_SOURCES, mapCredit } from '../../connectors/xero/credit.ts';
import { mapInvoice } from '../../connectors/xero/invoice.ts';
import { mapEach } from '../../connectors/xero/map.ts';
import { mapPayment } from '../../connectors/xero/payment.ts';
import { toIanaZone } from '../../connectors/xero/time-zones.ts';
import { day, formatDay } from '../../src/domain/day.ts';
import { invoiceJson } from './xero-support.ts';

const BASE = 'NZD';
const invoices = (...raws: unknown[]) => mapEach(raws, 'invoice', 'InvoiceID', mapInvoice(BASE));
const contacts = (...raws: unknown[]) => mapEach(raws, 'customer', 'ContactID', mapContact(BASE));
const payments = (...raws: unknown[]) => mapEach(raws, 'payment', 'PaymentID', mapPayment(BASE));
const credits = (source: keyof typeof CREDIT_SOURCES, ...raws: unknown[]) =>
  mapEach(raws, 'credit', CREDIT_SOURCES[source].idField, mapCredit(CREDIT_SOURCES[source]));

/** The one problem of a record that does not fit. */
function problemOf(mapped: { records: unknown[]; quarantined: { field: string }[] }): string {
  expect(mapped.records).toEqual([]);
  expect(mapped.quarantined).toHaveLength(1);
  return mapped.quarantined[0]?.field ?? '';
}

describe('an invoice', () => {
  it('keeps its money exactly and its days as they stand', () => {
    const { records } = invoices(invoiceJson());
    expect(records[0]).toMatchObject({
      number: 'INV-0001',
      status: 'open',
      issuedOn: day('2018-11-02'),
      dueOn: day('2018-11-07'),
      totalMinor: 11_500,
      openMinor: 10_010,
      currency: 'NZD',
      baseRate: '1',
      remoteUpdatedAt: new Date('2018-11-02T16:37:28.927Z'),
    });
  });

  it.each([
    ['DRAFT', 'draft'],
    ['SUBMITTED', 'draft'],
    ['AUTHORISED', 'open'],
    ['PAID', 'paid'],
    ['VOIDED', 'voided'],
    ['DELETED', 'deleted'],
  ])('%s is %s', (theirs, ours) => {
    expect(invoices(invoiceJson({ Status: theirs })).records[0]?.status).toBe(ours);
  });

  it('voided keeps its total and owes nothing', () => {
    const { records } = invoices(invoiceJson({ Status: 'VOIDED', AmountDue: 115 }));
    expect(records[0]).toMatchObject({ totalMinor: 11_500, openMinor: 0 });
  });

  it('of a supplier, and other documents of the same list, are passed over', () => {
    const others = ['ACCPAY', 'ACCPAYCREDIT', 'APOVERPAYMENT', 'ACCRECCREDIT', 'ARPREPAYMENT'];
    expect(invoices(...others.map((Type) => ({ Type })))).toEqual({ records: [], quarantined: [] });
  });

  it('takes numbers and yes or no as text', () => {
    const { records } = invoices(
      invoiceJson({ Total: '2025.00', AmountDue: '0.10', SentToContact: 'true' }),
    );
    expect(records[0]).toMatchObject({ totalMinor: 202_500, openMinor: 10, sentToContact: true });
  });

  it('in another currency shows what one unit is worth at home', () => {
    const { records } = invoices(invoiceJson({ CurrencyCode: 'USD', CurrencyRate: 0.8 }));
    expect(records[0]).toMatchObject({ currency: 'USD', baseRate: '1.25' });
    const zero = invoices(invoiceJson({ CurrencyCode: 'USD', CurrencyRate: 0.0 }));
    expect(zero.records[0]?.baseRate).toBeNull();
    const long = invoices(invoiceJson({ CurrencyCode: 'USD', CurrencyRate: 0.123456789012345678 }));
    expect(long.records[0]?.baseRate).toBe('8.1000000729');
  });

  it('counts in the minor units of its currency', () => {
    const yen = invoices(invoiceJson({ CurrencyCode: 'JPY', Total: 1200, AmountDue: 1200 }));
    expect(yen.records[0]?.totalMinor).toBe(1200);
    const dinar = invoices(invoiceJson({ CurrencyCode: 'KWD', Total: 1.234, AmountDue: 0 }));
    expect(dinar.records[0]?.totalMinor).toBe(1234);
  });

  it('without a due date may be a draft, not an open invoice', () => {
    const draft = invoices(invoiceJson({ Status: 'DRAFT', DueDate: undefined }));
    expect(draft.records[0]?.dueOn).toBe(day('2018-11-02'));
    expect(problemOf(invoices(invoiceJson({ DueDate: undefined })))).toBe('DueDate');
  });

  it('with user text that looks like a date keeps its text', () => {
    const { records } = invoices(invoiceJson({ Reference: '/Date(1541116800000)/' }));
    expect(records[0]?.reference).toBe('/Date(1541116800000)/');
  });

  it('with a zero character in its text loses only that', () => {
    const { records } = invoices(invoiceJson({ Reference: 'PO\u00007' }));
    expect(records[0]?.reference).toBe('PO7');
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['null where a number should be', { Total: null }, 'Total'],
    ['NaN as text', { Total: 'NaN' }, 'Total'],
    ['a number that is none', { AmountDue: {} }, 'AmountDue'],
    ['a negative total', { Total: -1 }, 'Total'],
    ['a negative balance', { AmountDue: '-0.01' }, 'AmountDue'],
    ['more decimals than cents', { Total: 1.005 }, 'Total'],
    ['more digits than can be kept exactly', { Total: 12345678901234.56 }, 'Total'],
    ['an exponent', { Total: 1e21 }, 'Total'],
    ['no balance on an open invoice', { AmountDue: undefined }, 'AmountDue'],
    ['a currency nobody knows', { CurrencyCode: 'XQZ' }, 'CurrencyCode'],
    ['no currency', { CurrencyCode: undefined }, 'CurrencyCode'],
    ['an unknown status', { Status: 'HALFPAID' }, 'Status'],
    ['a status of the language’s own', { Status: 'constructor' }, 'Status'],
    ['an unknown type', { Type: 'ACCMAYBE' }, 'Type'],
    ['garbage for a date', { Date: '/Date(soon)/' }, 'Date'],
    ['a date of no calendar', { Date: '2026-02-30' }, 'Date'],
    ['a date far out', { DueDate: '/Date(9999999999999999)/' }, 'DueDate'],
    ['no contact', { Contact: null }, 'Contact'],
    ['a contact without id', { Contact: {} }, 'Contact.ContactID'],
    ['an empty id', { InvoiceID: ' ' }, 'InvoiceID'],
  ])('with %s is set aside under the field’s name', (_what, changes, field) => {
    expect(problemOf(invoices(invoiceJson(changes)))).toBe(field);
  });

  it('that does not fit is set aside alone', () => {
    const bad = invoiceJson({ InvoiceID: 'bad', Total: null });
    const mapped = invoices(invoiceJson(), bad, invoiceJson({ InvoiceID: 'third' }), null, 'text');
    expect(mapped.records.map((one) => one.id)).toEqual([invoiceJson()['InvoiceID'], 'third']);
    expect(mapped.quarantined.map(({ externalId, field }) => [externalId, field])).toEqual([
      ['bad', 'Total'],
      ['unknown:3', '(record)'],
      ['unknown:4', '(record)'],
    ]);
  });

  it('of any shape never makes the mapper fail', () => {
    const field = fc.oneof(fc.jsonValue(), fc.constant('/Date(-1)/'), fc.constant('AUTHORISED'));
    const keys = Object.keys(invoiceJson());
    fc.assert(
      fc.property(fc.constantFrom(...keys), field, (key, value) => {
        const { records, quarantined } = invoices(invoiceJson({ [key]: value }));
        expect(records.length + quarantined.length).toBeLessThanOrEqual(1);
        for (const record of records) {
          expect(Number.isSafeInteger(record.totalMinor)).toBe(true);
          expect(record.totalMinor).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('has the same cents as the text it was sent as, for every amount up to ten trillion', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999_999 }), (cents) => {
        const sent = `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
        const { records } = invoices(invoiceJson({ Total: JSON.parse(sent) as number }));
        expect(records[0]?.totalMinor).toBe(cents);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('days', () => {
  it.each([
    ['/Date(1539993600000+0000)/', '2018-10-20'],
    // The offset is for show: the milliseconds are UTC.
    ['/Date(1539993600000+1300)/', '2018-10-20'],
    ['/Date(-86400000)/', '1969-12-31'],
    ['/Date(-2203891200000+0000)/', '1900-03-01'],
    ['2018-10-20T00:00:00', '2018-10-20'],
    ['2018-10-20', '2018-10-20'],
  ])('%s is %s, in every zone of this machine', (theirs, ours) => {
    const before = process.env['TZ'];
    try {
      for (const zone of ['UTC', 'Pacific/Auckland', 'America/Los_Angeles']) {
        process.env['TZ'] = zone;
        const { records } = invoices(invoiceJson({ Date: theirs }));
        expect(formatDay(records[0]?.issuedOn ?? day('2000-01-01'))).toBe(ours);
      }
    } finally {
      process.env['TZ'] = before;
    }
  });
});

describe('a contact', () => {
  const contact = (changes: Record<string, unknown> = {}) => ({
    ContactID: 'c1',
    Name: 'Acme Parts',
    ContactStatus: 'ACTIVE',
    EmailAddress: 'bk@krave.co',
    Balances: { AccountsReceivable: { Outstanding: 118.9 } },
    ...changes,
  });

  it('brings its people, phone and balance', () => {
    const { records } = contacts(
      contact({
        ContactPersons: [
          {
            FirstName: 'Sue',
            LastName: 'Johnson',
            EmailAddress: 's@k.co',
            IncludeInEmails: 'true',
          },
          { FirstName: 'No', LastName: 'Address', EmailAddress: '' },
        ],
        Phones: [
          { PhoneType: 'DDI', PhoneNumber: '1' },
          {
            PhoneType: 'DEFAULT',
            PhoneNumber: '408-0914',
            PhoneAreaCode: '604',
            PhoneCountryCode: '1',
          },
        ],
      }),
    );
    expect(records[0]).toMatchObject({
      name: 'Acme Parts',
      emailText: 'bk@krave.co',
      contacts: [{ name: 'Sue Johnson', email: 's@k.co', includeInEmails: true }],
      phone: '+1 604 408-0914',
      currency: 'NZD',
      ledgerBalanceMinor: 11_890,
      isActive: true,
    });
  });

  it('in another currency brings no balance: Xero does not say in which', () => {
    const { records } = contacts(contact({ DefaultCurrency: 'USD' }));
    expect(records[0]).toMatchObject({ currency: 'USD', ledgerBalanceMinor: null });
  });

  it('may be owed money: a balance below zero is a credit', () => {
    const owed = contact({ Balances: { AccountsReceivable: { Outstanding: '-43.60' } } });
    expect(contacts(owed).records[0]?.ledgerBalanceMinor).toBe(-4_360);
  });

  it('archived, erased or merged is not active, and says where it went', () => {
    const { records } = contacts(
      contact({ ContactStatus: 'ARCHIVED', MergedToContactID: 'c2' }),
      contact({ ContactStatus: 'GDPRREQUEST' }),
    );
    expect(records[0]).toMatchObject({ isActive: false, mergedIntoId: 'c2' });
    expect(records[1]).toMatchObject({ isActive: false, mergedIntoId: null });
  });

  it('keeps an address exactly as the ledger has it, line breaks and all', () => {
    const { records } = contacts(
      contact({ EmailAddress: 'a@b.co\r\nBcc: evil@z' }),
      contact({ EmailAddress: 'a@b.co, c@d.co' }),
      contact({ EmailAddress: '  ' }),
    );
    expect(records.map((one) => one.emailText)).toEqual([
      'a@b.co\r\nBcc: evil@z',
      'a@b.co, c@d.co',
      null,
    ]);
  });

  it('without a name is set aside', () => {
    expect(problemOf(contacts(contact({ Name: '' })))).toBe('Name');
    expect(contacts(contact({ Name: null, FirstName: 'Jo' })).records[0]?.name).toBe('Jo');
  });
});

describe('a payment', () => {
  const payment = (changes: Record<string, unknown> = {}) => ({
    PaymentID: 'p1',
    Date: '/Date(1543449600000+0000)/',
    Amount: 46,
    CurrencyRate: 1,
    PaymentType: 'ACCRECPAYMENT',
    Status: 'AUTHORISED',
    Invoice: { InvoiceID: 'i1', Contact: { ContactID: 'c1' }, CurrencyCode: 'NZD' },
    ...changes,
  });

  it('of an invoice is a receipt set against it', () => {
    expect(payments(payment()).records[0]).toMatchObject({
      kind: 'receipt',
      customerId: 'c1',
      status: 'received',
      amountMinor: 4_600,
      unappliedMinor: 0,
      allocations: [
        {
          targetKind: 'invoice',
          targetId: 'i1',
          amountMinor: 4_600,
          allocatedOn: day('2018-11-29'),
        },
      ],
    });
  });

  it.each([
    ['ARCREDITPAYMENT', { Invoice: { InvoiceID: 'k1', Type: 'ACCRECCREDIT' } }],
    ['ARCREDITPAYMENT', { Invoice: undefined, CreditNote: { CreditNoteID: 'k1' } }],
    ['AROVERPAYMENTPAYMENT', { Invoice: undefined, Overpayment: { OverpaymentID: 'k1' } }],
    ['ARPREPAYMENTPAYMENT', { Invoice: undefined, Prepayment: { PrepaymentID: 'k1' } }],
  ])('%s gives money back out of a credit', (PaymentType, document) => {
    expect(payments(payment({ PaymentType, ...document })).records[0]).toMatchObject({
      kind: 'refund',
      allocations: [{ targetKind: 'credit', targetId: 'k1', amountMinor: 4_600 }],
    });
  });

  it('deleted is set against nothing', () => {
    expect(payments(payment({ Status: 'DELETED' })).records[0]).toMatchObject({
      status: 'deleted',
      allocations: [],
    });
  });

  it('to a supplier is passed over', () => {
    const types = ['ACCPAYPAYMENT', 'APCREDITPAYMENT', 'APOVERPAYMENTPAYMENT'];
    const mapped = payments(...types.map((PaymentType) => payment({ PaymentType })));
    expect(mapped).toEqual({ records: [], quarantined: [] });
  });

  it('without a named currency is in the organisation’s own, unless it has a rate', () => {
    const bare = { Invoice: { InvoiceID: 'i1' } };
    expect(payments(payment(bare)).records[0]).toMatchObject({ currency: 'NZD', customerId: null });
    expect(problemOf(payments(payment({ ...bare, CurrencyRate: 0.75 })))).toBe(
      'Invoice.CurrencyCode',
    );
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['no document', { Invoice: undefined }, 'Invoice.InvoiceID'],
    ['an unknown type', { PaymentType: 'GIFT' }, 'PaymentType'],
    ['an unknown status', { Status: 'LOST' }, 'Status'],
    ['a negative amount', { Amount: -46 }, 'Amount'],
  ])('with %s is set aside', (_what, changes, field) => {
    expect(problemOf(payments(payment(changes)))).toBe(field);
  });
});

describe('a credit', () => {
  const credit = (changes: Record<string, unknown> = {}) => ({
    CreditNoteID: 'k1',
    OverpaymentID: 'k1',
    PrepaymentID: 'k1',
    CreditNoteNumber: 'CN-1',
    InvoiceNumber: 'our order 7',
    Type: 'ACCRECCREDIT',
    Contact: { ContactID: 'c1' },
    Status: 'AUTHORISED',
    Date: '/Date(1551744000000+0000)/',
    CurrencyCode: 'NZD',
    Total: 34.5,
    RemainingCredit: 12.5,
    Allocations: [
      { Amount: 20, Date: '/Date(1552348800000+0000)/', Invoice: { InvoiceID: 'i1' } },
      { Amount: 2, Invoice: { InvoiceID: 'i2' } },
      { Amount: 5, Invoice: { InvoiceID: 'i3' }, IsDeleted: true },
    ],
    ...changes,
  });

  it('note brings what is left of it and what it was set against', () => {
    expect(credits('creditNotes', credit()).records[0]).toMatchObject({
      kind: 'credit_note',
      number: 'CN-1',
      status: 'open',
      totalMinor: 3_450,
      remainingMinor: 1_250,
      allocations: [
        {
          targetKind: 'invoice',
          targetId: 'i1',
          amountMinor: 2_000,
          allocatedOn: day('2019-03-12'),
        },
        { targetKind: 'invoice', targetId: 'i2', amountMinor: 200, allocatedOn: day('2019-03-05') },
      ],
    });
  });

  it.each([
    ['overpayments', 'RECEIVE-OVERPAYMENT', 'overpayment', null],
    ['overpayments', 'AROVERPAYMENT', 'overpayment', null],
    ['prepayments', 'RECEIVE-PREPAYMENT', 'prepayment', 'our order 7'],
    ['prepayments', 'ARPREPAYMENT', 'prepayment', 'our order 7'],
  ] as const)('of %s, %s, is a credit too', (source, Type, kind, number) => {
    expect(credits(source, credit({ Type })).records[0]).toMatchObject({ id: 'k1', kind, number });
  });

  it('of a supplier is passed over', () => {
    expect(credits('creditNotes', credit({ Type: 'ACCPAYCREDIT' })).records).toEqual([]);
    expect(credits('overpayments', credit({ Type: 'SPEND-OVERPAYMENT' })).quarantined).toEqual([]);
    expect(credits('prepayments', credit({ Type: 'APPREPAYMENT' })).quarantined).toEqual([]);
  });

  it('voided is worth nothing and set against nothing', () => {
    expect(credits('creditNotes', credit({ Status: 'VOIDED' })).records[0]).toMatchObject({
      status: 'voided',
      remainingMinor: 0,
      allocations: [],
    });
  });

  it('with a bad allocation is set aside under the allocation’s name', () => {
    const Allocations = [{ Amount: 'much', Invoice: { InvoiceID: 'i1' } }];
    expect(problemOf(credits('creditNotes', credit({ Allocations })))).toBe('Allocations.0.Amount');
  });
});

describe('Xero’s time zones', () => {
  it('all stand for one that this machine knows', async () => {
    const { TimeZone } = await import('xero-node/dist/gen/model/accounting/timeZone.js');
    const names = Object.values(TimeZone).filter((name) => typeof name === 'string');
    expect(names.length).toBeGreaterThan(130);
    for (const name of names) {
      const zone = toIanaZone(name);
      expect(zone, name).not.toBeNull();
      expect(() => new Intl.DateTimeFormat('en', { timeZone: zone ?? '' })).not.toThrow();
    }
  });

  it.each([
    ['NEWZEALANDSTANDARDTIME', 'Pacific/Auckland'],
    ['CENTRALSTANDARDTIME(MEXICO)', 'America/Mexico_City'],
    ['UTC+12', 'Etc/GMT-12'],
    ['MARSSTANDARDTIME', null],
  ])('%s is %s', (theirs, ours) => {
    expect(toIanaZone(theirs)).toBe(ours);
  });
});

const corpus = path.resolve(import.meta.dirname, '../../../shared/corpus/xero');

describe.skipIf(!existsSync(corpus))('recorded and published payloads', () => {
  const mappers: Record<
    string,
    (...raws: unknown[]) => ReturnType<typeof invoices | typeof contacts>
  > = {
    Invoices: invoices,
    Contacts: contacts,
    Payments: payments as never,
    CreditNotes: ((...raws: unknown[]) => credits('creditNotes', ...raws)) as never,
    Overpayments: ((...raws: unknown[]) => credits('overpayments', ...raws)) as never,
    Prepayments: ((...raws: unknown[]) => credits('prepayments', ...raws)) as never,
  };

  it('are all read and none is set aside', () => {
    let read = 0;
    for (const file of existsSync(corpus) ? readdirSync(corpus) : []) {
      const body = JSON.parse(readFileSync(path.join(corpus, file), 'utf8')) as Record<
        string,
        unknown
      >;
      for (const [key, map] of Object.entries(mappers)) {
        const raws = body[key];
        if (!Array.isArray(raws)) continue;
        const mapped = map(...(raws as unknown[]));
        expect(mapped.quarantined, file).toEqual([]);
        read += mapped.records.length;
      }
    }
    expect(read).toBeGreaterThanOrEqual(12);
  });
});
