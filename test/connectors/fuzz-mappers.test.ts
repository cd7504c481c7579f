/**
 * Whatever a vendor may answer, one record at a time: a mapper gives a record that the database can
 * hold exactly, passes it over, or sets it aside under the name of a field, and its neighbours on the
 * page are kept. The field names of Xero come from the models the vendor generates from its OpenAPI
 * description; those of QuickBooks from the entity reference, as in the samples here.
 * FUZZ_CASES says how many payloads each mapper gets: `npm run test:fuzz` gives 20,000.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Contact,
  CreditNote,
  Invoice as XeroInvoice,
  Overpayment,
  Payment as XeroPayment,
  Prepayment,
} from 'xero-node';
import type { QuarantinedRecord } from '../../connectors/ledger.ts';
import { mapEach as mapRows } from '../../connectors/quickbooks/fields.ts';
import { mapJournal } from '../../connectors/quickbooks/journal.ts';
import {
  type Company,
  mapCreditMemo,
  mapCustomer,
  mapInvoice as mapQuickBooksInvoice,
} from '../../connectors/quickbooks/map.ts';
import { mapPayment as mapQuickBooksPayment } from '../../connectors/quickbooks/payment.ts';
import { mapContact } from '../../connectors/xero/contact.ts';
import { CREDIT_SOURCES, mapCredit } from '../../connectors/xero/credit.ts';
import { mapInvoice } from '../../connectors/xero/invoice.ts';
import { mapEach } from '../../connectors/xero/map.ts';
import { mapPayment } from '../../connectors/xero/payment.ts';
import type { RecordKind } from '../../src/domain/receivables.ts';
import { customer, invoice, journal, linked, payment, type Row } from './quickbooks-support.ts';
import { invoiceJson } from './xero-support.ts';

const CASES = Number(process.env['FUZZ_CASES'] ?? 250);

interface Target {
  name: string;
  /** A record that fits; its paths are what is spoilt. */
  sample: Row;
  /** Other names the vendor's schema knows at the top. */
  names: string[];
  map(raws: Row[]): { records: unknown[]; quarantined: QuarantinedRecord[] };
  /** Whether a page may hold something else than objects. */
  anyRoot: boolean;
}

const GUID = '22222222-0000-4000-8000-000000000001';
const stub = { ContactID: GUID, Name: 'Barney' };

const xeroContact = {
  ContactID: GUID,
  Name: 'Kauri & Sons',
  FirstName: 'Ana',
  ContactStatus: 'ACTIVE',
  EmailAddress: 'ap@kauri.example',
  ContactPersons: [{ FirstName: 'Ben', EmailAddress: 'ben@kauri.example', IncludeInEmails: true }],
  Phones: [{ PhoneType: 'DEFAULT', PhoneNumber: '555 0101', PhoneAreaCode: '9' }],
  DefaultCurrency: 'NZD',
  MergedToContactID: '',
  Balances: { AccountsReceivable: { Outstanding: 12.5, Overdue: 0 } },
  UpdatedDateUTC: '/Date(1541176648927+0000)/',
};

const credit = (type: string, idField: string) => ({
  Type: type,
  [idField]: GUID,
  Contact: stub,
  Status: 'AUTHORISED',
  Date: '/Date(1541116800000+0000)/',
  CurrencyCode: 'NZD',
  Total: 100.5,
  RemainingCredit: 50.25,
  Allocations: [
    { Amount: 50.25, Date: '/Date(1541116800000+0000)/', Invoice: { InvoiceID: GUID } },
  ],
  UpdatedDateUTC: '/Date(1541176648927+0000)/',
});

const xeroPayment = {
  PaymentID: GUID,
  PaymentType: 'ACCRECPAYMENT',
  Date: '/Date(1541116800000+0000)/',
  Amount: 115,
  Status: 'AUTHORISED',
  Reference: 'Bank 7',
  CurrencyRate: 1,
  Invoice: { InvoiceID: GUID, CurrencyCode: 'NZD', Contact: stub },
  UpdatedDateUTC: '/Date(1541176648927+0000)/',
};

const company: Company = { homeCurrency: 'USD', terms: new Map() };
const named = (model: { attributeTypeMap: { baseName: string }[] }) =>
  model.attributeTypeMap.map(({ baseName }) => baseName);

const xero = (
  name: string,
  kind: RecordKind,
  idField: string,
  sample: Row,
  names: string[],
  map: Parameters<typeof mapEach>[3],
): Target => ({
  name,
  sample,
  names,
  map: (raws) => mapEach(raws, kind, idField, map),
  anyRoot: true,
});

const quickBooks = (
  name: string,
  kind: RecordKind,
  sample: Row,
  map: (row: Row) => unknown,
): Target => ({
  name,
  sample,
  names: ['domain', 'sparse', 'CustomField', 'GlobalTaxCalculation', 'TxnTaxDetail', 'Job'],
  map: (raws) => mapRows(raws, kind, map),
  anyRoot: false,
});

const TARGETS: Target[] = [
  xero('Xero contact', 'customer', 'ContactID', xeroContact, named(Contact), mapContact('NZD')),
  xero(
    'Xero invoice',
    'invoice',
    'InvoiceID',
    invoiceJson(),
    named(XeroInvoice),
    mapInvoice('NZD'),
  ),
  xero('Xero payment', 'payment', 'PaymentID', xeroPayment, named(XeroPayment), mapPayment('NZD')),
  xero(
    'Xero credit note',
    'credit',
    'CreditNoteID',
    credit('ACCRECCREDIT', 'CreditNoteID'),
    named(CreditNote),
    mapCredit(CREDIT_SOURCES.creditNotes),
  ),
  xero(
    'Xero overpayment',
    'credit',
    'OverpaymentID',
    credit('RECEIVE-OVERPAYMENT', 'OverpaymentID'),
    named(Overpayment),
    mapCredit(CREDIT_SOURCES.overpayments),
  ),
  xero(
    'Xero prepayment',
    'credit',
    'PrepaymentID',
    credit('RECEIVE-PREPAYMENT', 'PrepaymentID'),
    named(Prepayment),
    mapCredit(CREDIT_SOURCES.prepayments),
  ),
  quickBooks(
    'QuickBooks customer',
    'customer',
    customer('7', {
      PrimaryEmailAddr: { Address: 'ap@kauri.example' },
      PrimaryPhone: { FreeFormNumber: '555 0101' },
      ParentRef: { value: '1' },
      Balance: 12.5,
    }),
    (row) => mapCustomer(row, company),
  ),
  quickBooks(
    'QuickBooks invoice',
    'invoice',
    invoice('7', { BillEmail: { Address: 'ap@kauri.example' }, ExchangeRate: 1.08 }),
    (row) => mapQuickBooksInvoice(row, company),
  ),
  quickBooks('QuickBooks credit memo', 'credit', invoice('7', { RemainingCredit: 3 }), (row) =>
    mapCreditMemo(row, company),
  ),
  quickBooks(
    'QuickBooks payment',
    'payment',
    payment('7', { TotalAmt: 30, Line: [linked(20, 'Invoice', '7'), linked(10, 'Invoice', '8')] }),
    (row) => mapQuickBooksPayment(row, company, new Map()),
  ),
  quickBooks(
    'QuickBooks journal entry',
    'invoice',
    journal('7', [
      { id: '0', side: 'Debit', account: '84', amount: 20, customer: '1' },
      { id: '1', side: 'Credit', account: '84', amount: 5, customer: '1' },
    ]),
    (row) => mapJournal(row, company, new Set(['84'])),
  ),
];

const WEIRD: readonly unknown[] = [
  ...[null, undefined, true, false, 0, -0, -1, 0.1 + 0.2, NaN, Infinity, -Infinity, 1e308, 5e-324],
  ...[
    2 ** 53,
    9007199254740993,
    '1e5',
    '0x10',
    '-5',
    '١٢٣',
    '12,50',
    '1.005',
    '99999999999999999999',
  ],
  ...['', ' ', '\u0000', 'a\u0000b', '\ud800', 'x\udc00y', '\u202egnp.exe', '🧾'.repeat(300)],
  ...['/Date(1541116800000+0000)/', '/Date(NaN)/', '/Date(99999999999999999)/', '0000-00-00'],
  ...[
    '2026-02-30',
    '9999-12-31',
    '10000-01-01',
    '2026-11-22T25:61:00Z',
    'Tue',
    'usd',
    'XXX',
    'KWD',
  ],
  ...['__proto__', 'constructor', 'VOIDED', 'DELETED', 'PAID', "'; drop table invoice; --"],
  ...[[], {}, [[]], [null], { value: {} }, { value: '' }, { toString: 'no' }, 'x'.repeat(50_000)],
];

type Path = (string | number)[];

function pathsIn(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  const inside = Object.entries(value).flatMap(([key, child]) =>
    pathsIn(child, [...at, Array.isArray(value) ? Number(key) : key]),
  );
  return at.length === 0 ? inside : [at, ...inside];
}

interface Spoiling {
  path: Path;
  how: { set: unknown } | 'delete' | 'wrap' | 'double';
}

function spoiling(target: Target): fc.Arbitrary<Spoiling[]> {
  const paths = [...pathsIn(target.sample), ...target.names.map((name): Path => [name])];
  const how = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...WEIRD).map((set) => ({ set })) },
    { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 2 }).map((set) => ({ set })) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }).map((set) => ({ set })) },
    fc.constantFrom('delete' as const, 'wrap' as const, 'double' as const),
  );
  return fc.array(fc.record({ path: fc.constantFrom(...paths), how }), {
    minLength: 1,
    maxLength: 4,
  });
}

function spoil(sample: Row, all: readonly Spoiling[]): Row {
  const record = structuredClone(sample);
  for (const { path, how } of all) {
    const key = path.at(-1) ?? '';
    const parent = path
      .slice(0, -1)
      .reduce<unknown>((at, step) => (at as Row | null | undefined)?.[step], record);
    if (typeof parent !== 'object' || parent === null) continue;
    const holder = parent as Row;
    if (how === 'delete') Reflect.deleteProperty(holder, key);
    else if (how === 'wrap') holder[key] = [holder[key]];
    else if (how === 'double') holder[key] = [holder[key], holder[key]].flat();
    else holder[key] = how.set;
  }
  return record;
}

/** What the database can hold exactly: whole safe numbers, real instants, text without what it refuses. */
function problemIn(value: unknown, at = 'record'): string | null {
  if (value === null || typeof value === 'boolean') return null;
  if (value === undefined) return `${at} is undefined`;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? null : `${at} is ${value}`;
  if (typeof value === 'string') {
    return /\u0000|\p{Surrogate}/u.test(value) ? `${at} cannot be stored` : null;
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? `${at} is no time` : null;
  for (const [key, child] of Object.entries(value)) {
    const problem = problemIn(child, `${at}.${key}`);
    if (problem !== null) return problem;
  }
  return null;
}

describe.each(TARGETS)('$name', (target) => {
  test('fits as it stands', () => {
    const { records, quarantined } = target.map([target.sample]);
    expect([records.length, quarantined]).toEqual([1, []]);
  });

  test('spoilt in any way is kept whole, passed over, or set aside by field; its neighbours are kept', () => {
    const root = fc.constantFrom<unknown>(null, 5, 'text', [], true);
    const broken = spoiling(target).map((all) => spoil(target.sample, all));
    const any = target.anyRoot
      ? fc.oneof(
          { weight: 30, arbitrary: broken },
          { weight: 1, arbitrary: root as fc.Arbitrary<Row> },
        )
      : broken;
    fc.assert(
      fc.property(any, (record) => {
        const { records, quarantined } = target.map([target.sample, record, target.sample]);
        expect(records.length).toBeGreaterThanOrEqual(2);
        expect(records.length + quarantined.length).toBeLessThanOrEqual(3);
        expect(problemIn(records)).toBeNull();
        expect(problemIn(quarantined)).toBeNull();
        for (const { field, problem } of quarantined) {
          expect(field).not.toBe('');
          expect(problem).not.toBe('');
        }
      }),
      { numRuns: CASES },
    );
  }, 600_000);
});
