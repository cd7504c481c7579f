/** Canonical records and pages for tests of the store: say what matters, the rest is a plain NZD business. */
import type { GoneRecord, LedgerPage } from '../../connectors/ledger.ts';
import { day } from '../../src/domain/day.ts';
import type {
  Allocation,
  Credit,
  CreditId,
  Customer,
  CustomerId,
  Invoice,
  InvoiceId,
  Payment,
  PaymentId,
  RecordKind,
} from '../../src/domain/receivables.ts';

const STAMP = { remoteVersion: null, remoteUpdatedAt: new Date('2026-11-01T00:00:00Z') };

export function customer(id: string, given: Partial<Customer> = {}): Customer {
  return {
    id: id as CustomerId,
    name: `Customer ${id}`,
    emailText: `${id}@example.com`,
    contacts: [],
    phone: null,
    isActive: true,
    mergedIntoId: null,
    parentId: null,
    billWithParent: false,
    currency: null,
    ledgerBalanceMinor: null,
    ...STAMP,
    ...given,
  };
}

export function invoice(id: string, customerId: string, given: Partial<Invoice> = {}): Invoice {
  return {
    id: id as InvoiceId,
    kind: 'invoice',
    number: `INV-${id}`,
    reference: null,
    customerId: customerId as CustomerId,
    status: 'open',
    issuedOn: day('2026-10-01'),
    dueOn: day('2026-10-31'),
    schedule: null,
    expectedPayOn: null,
    currency: 'NZD',
    totalMinor: 10_000,
    openMinor: 10_000,
    baseRate: null,
    paidOn: null,
    emailText: null,
    sentToContact: null,
    ...STAMP,
    ...given,
  };
}

export function credit(id: string, customerId: string, given: Partial<Credit> = {}): Credit {
  return {
    id: id as CreditId,
    kind: 'credit_note',
    number: `CN-${id}`,
    customerId: customerId as CustomerId,
    status: 'open',
    issuedOn: day('2026-10-05'),
    currency: 'NZD',
    totalMinor: 2_000,
    remainingMinor: 2_000,
    allocations: [],
    ...STAMP,
    ...given,
  };
}

export function payment(id: string, given: Partial<Payment> = {}): Payment {
  return {
    id: id as PaymentId,
    kind: 'receipt',
    reference: null,
    customerId: null,
    status: 'received',
    paidOn: day('2026-11-01'),
    currency: 'NZD',
    amountMinor: 4_000,
    unappliedMinor: 0,
    allocations: [],
    ...STAMP,
    ...given,
  };
}

export function against(
  targetId: string,
  amountMinor: number,
  targetKind: 'invoice' | 'credit' = 'invoice',
): Allocation {
  return {
    targetKind,
    targetId: targetId as InvoiceId,
    amountMinor,
    allocatedOn: day('2026-11-01'),
  };
}

export function gone(kind: RecordKind, id: string): GoneRecord {
  return { kind, id };
}

export function page(given: Partial<LedgerPage> = {}): LedgerPage {
  return {
    customers: [],
    invoices: [],
    credits: [],
    payments: [],
    gone: [],
    quarantined: [],
    cursor: '',
    label: 'page',
    fullWalkStarts: [],
    fullWalkEnds: [],
    inFullWalk: false,
    ...given,
  };
}
