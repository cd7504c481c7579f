/**
 * The canonical records: what the connectors produce, the store keeps, and the rules read.
 * A ledger's own words stop at the connector. `id` is the ledger's id (a QuickBooks A/R journal
 * line is `journal:<journal id>:<line>`), unique per kind within a book.
 */
import type { Day } from './day.ts';
import type { Currency, Minor } from './money.ts';

declare const brand: unique symbol;
type Branded<T, Name> = T & { readonly [brand]: Name };

export type Platform = 'xero' | 'quickbooks';
export type BookId = Branded<number, 'BookId'>;
export type CustomerId = Branded<string, 'CustomerId'>;
export type InvoiceId = Branded<string, 'InvoiceId'>;
export type CreditId = Branded<string, 'CreditId'>;
export type PaymentId = Branded<string, 'PaymentId'>;

/** What the ledger says about a version of a record, to keep an older copy from replacing a newer one. */
export interface RemoteStamp {
  /** QuickBooks SyncToken (a whole number as text); null at Xero. */
  remoteVersion: string | null;
  remoteUpdatedAt: Date | null;
}

export interface Organisation {
  name: string;
  legalName: string | null;
  /** ISO 3166 alpha-2, in capitals. */
  country: string;
  baseCurrency: Currency;
  /** IANA, e.g. Pacific/Auckland. */
  timeZone: string;
  shortCode: string | null;
  /** The platform's own invoice reminders are on; null when it does not say. */
  platformRemindersOn: boolean | null;
}

export interface Contact {
  name: string | null;
  email: string;
  includeInEmails: boolean;
}

export interface Customer extends RemoteStamp {
  id: CustomerId;
  name: string;
  /** Exactly as the ledger has it: none, one, several, or nonsense. */
  emailText: string | null;
  contacts: Contact[];
  phone: string | null;
  isActive: boolean;
  mergedIntoId: CustomerId | null;
  parentId: CustomerId | null;
  billWithParent: boolean;
  currency: Currency | null;
  /** What the platform says is owed in `currency`, without sub-customers; null when unknown or mixed. */
  ledgerBalanceMinor: Minor | null;
}

export type InvoiceStatus = 'draft' | 'open' | 'paid' | 'voided' | 'deleted';

/** One part of a total that falls due on its own day. */
export interface DueItem {
  dueOn: Day;
  amountMinor: Minor;
}

export interface Invoice extends RemoteStamp {
  id: InvoiceId;
  kind: 'invoice' | 'journal';
  number: string;
  reference: string | null;
  customerId: CustomerId;
  status: InvoiceStatus;
  issuedOn: Day;
  dueOn: Day;
  /** null: the whole total falls due on `dueOn`. */
  schedule: DueItem[] | null;
  expectedPayOn: Day | null;
  currency: Currency;
  totalMinor: Minor;
  /** Still owed. null (journals only): derive it as total less allocations. */
  openMinor: Minor | null;
  /** Base-currency units for one unit of `currency`, as decimal text; display only. */
  baseRate: string | null;
  paidOn: Day | null;
  /** The address on the invoice itself, which wins over the customer's. */
  emailText: string | null;
  sentToContact: boolean | null;
}

/** A part of a payment or credit set against an invoice, or a payment drawing on a credit. */
export interface Allocation {
  targetKind: 'invoice' | 'credit';
  targetId: InvoiceId | CreditId;
  /** Always positive. */
  amountMinor: Minor;
  allocatedOn: Day;
}

export type CreditKind = 'credit_note' | 'overpayment' | 'prepayment' | 'journal';

export interface Credit extends RemoteStamp {
  id: CreditId;
  kind: CreditKind;
  number: string | null;
  customerId: CustomerId;
  status: 'draft' | 'open' | 'used' | 'voided' | 'deleted';
  issuedOn: Day;
  currency: Currency;
  totalMinor: Minor;
  /** Not yet used. null (journals only): derive it as total less what payments drew from it. */
  remainingMinor: Minor | null;
  /** What this credit was itself set against. At QuickBooks a payment does that, so it is empty there. */
  allocations: Allocation[];
}

export interface Payment extends RemoteStamp {
  id: PaymentId;
  /** credit_application moved no money: QuickBooks links credits to charges with a payment of zero. */
  kind: 'receipt' | 'refund' | 'credit_application';
  reference: string | null;
  /** null when the ledger names only the invoice (Xero's list of payments). */
  customerId: CustomerId | null;
  status: 'received' | 'voided' | 'deleted';
  paidOn: Day;
  currency: Currency;
  amountMinor: Minor;
  /** Received but set against nothing yet. */
  unappliedMinor: Minor;
  /** Against invoices, and (QuickBooks) the credits it drew on: amount + Σ credits = Σ invoices + unapplied. */
  allocations: Allocation[];
}

export type RecordKind = 'customer' | 'invoice' | 'credit' | 'payment';
