/** A first sync as the connectors hand it over: parsed pages of a thousand records. The same for every run. */
import type { LedgerPage } from '../connectors/ledger.ts';
import { addDays, day } from '../src/domain/day.ts';
import type {
  Customer,
  CustomerId,
  Invoice,
  InvoiceId,
  Payment,
  PaymentId,
} from '../src/domain/receivables.ts';

const PAGE_SIZE = 1000;
const FIRST_DAY = day('2025-01-01');
const CHANGED_AT = new Date('2026-11-01T10:00:00Z');
const STAMP = { remoteVersion: null, remoteUpdatedAt: CHANGED_AT };

/** Looks like the ids of Xero: 36 characters in no order. */
function uuid(kind: number, index: number): string {
  const mixed = (Math.imul(index + 1, 2_654_435_761) >>> 0).toString(16).padStart(8, '0');
  return `${mixed}-${kind}000-4000-8000-${String(index).padStart(12, '0')}`;
}

function customer(index: number): Customer {
  return {
    id: uuid(1, index) as CustomerId,
    name: `Harbour & Sons “${index}” Limited`,
    emailText: `accounts${index}@harbour-${index}.example`,
    contacts: [{ name: 'Accounts', email: `ap${index}@example.com`, includeInEmails: true }],
    phone: '+64 9 555 0100',
    isActive: true,
    mergedIntoId: null,
    parentId: null,
    billWithParent: false,
    currency: 'NZD',
    ledgerBalanceMinor: 0,
    ...STAMP,
  };
}

function invoice(index: number, customers: number): Invoice {
  const issuedOn = addDays(FIRST_DAY, index % 600);
  const isPaid = index % 5 < 3;
  const totalMinor = 10_000 + (index % 977) * 113;
  return {
    id: uuid(2, index) as InvoiceId,
    kind: 'invoice',
    number: `INV-${String(index).padStart(6, '0')}`,
    reference: `PO ${index % 321}`,
    customerId: uuid(1, index % customers) as CustomerId,
    status: isPaid ? 'paid' : 'open',
    issuedOn,
    dueOn: addDays(issuedOn, 20 + (index % 3) * 10),
    schedule: null,
    expectedPayOn: null,
    currency: 'NZD',
    totalMinor,
    openMinor: isPaid ? 0 : totalMinor,
    baseRate: '1',
    paidOn: isPaid ? addDays(issuedOn, 31) : null,
    emailText: null,
    sentToContact: true,
    ...STAMP,
  };
}

function payment(index: number): Payment {
  const paidOn = addDays(FIRST_DAY, (index % 600) + 31);
  const amountMinor = 10_000 + (index % 977) * 113;
  return {
    id: uuid(3, index) as PaymentId,
    kind: 'receipt',
    reference: null,
    customerId: null,
    status: 'received',
    paidOn,
    currency: 'NZD',
    amountMinor,
    unappliedMinor: 0,
    allocations: [
      {
        targetKind: 'invoice',
        targetId: uuid(2, index) as InvoiceId,
        amountMinor,
        allocatedOn: paidOn,
      },
    ],
    ...STAMP,
  };
}

/** Customers (one for ten invoices), the invoices, and a payment for three of five of them. */
export function inventPages(invoices: number): LedgerPage[] {
  const customers = Math.ceil(invoices / 10);
  const indexes = Array.from({ length: invoices }, (_, index) => index);
  const paid = indexes.filter((index) => index % 5 < 3);
  const pages = [
    ...inPages(indexes.slice(0, customers)).map((some) => ({ customers: some.map(customer) })),
    ...inPages(indexes).map((some) => ({ invoices: some.map((i) => invoice(i, customers)) })),
    ...inPages(paid).map((some) => ({ payments: some.map(payment) })),
  ];
  return pages.map((records, index) => ({
    customers: [],
    invoices: [],
    credits: [],
    payments: [],
    gone: [],
    quarantined: [],
    cursor: JSON.stringify({ page: index + 1 }),
    label: `page ${index + 1}`,
    fullWalkStarts: index === 0 ? (['customer', 'invoice', 'payment'] as const).slice() : [],
    fullWalkEnds:
      index === pages.length - 1 ? (['customer', 'invoice', 'payment'] as const).slice() : [],
    inFullWalk: true,
    ...records,
  }));
}

function inPages<T>(items: T[]): T[][] {
  const pages: T[][] = [];
  for (let at = 0; at < items.length; at += PAGE_SIZE) pages.push(items.slice(at, at + PAGE_SIZE));
  return pages;
}
