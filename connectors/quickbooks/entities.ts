/**
 * What is read from QuickBooks, in the order in which it is read: customers before what they owe,
 * journal entries before the payments that name them. Refund receipts are left alone: they move
 * money and never touch receivables, and a credit that is refunded says so by its remaining amount.
 */
import type { RecordKind } from '../../src/domain/receivables.ts';
import { quoted } from './query.ts';
import type { Callback, QuickBooksSdk } from './sdk.ts';

export const ENTITIES = ['Customer', 'Invoice', 'CreditMemo', 'JournalEntry', 'Payment'] as const;
export type Entity = (typeof ENTITIES)[number];

interface EntityFacts {
  label: string;
  kinds: RecordKind[];
  /** Kinds of which every record has been met once this entity is read to its end. */
  completes: RecordKind[];
  where: string[];
  find(sdk: QuickBooksSdk, criteria: string, done: Callback): void;
}

export const FACTS: Readonly<Record<Entity, EntityFacts>> = {
  Customer: {
    label: 'customers',
    kinds: ['customer'],
    completes: ['customer'],
    // Without this, inactive customers are left out, and they can still owe.
    where: ['Active IN (true, false)'],
    find: (sdk, criteria, done) => sdk.findCustomers(criteria, done),
  },
  Invoice: {
    label: 'invoices',
    kinds: ['invoice'],
    completes: [],
    where: [],
    find: (sdk, criteria, done) => sdk.findInvoices(criteria, done),
  },
  CreditMemo: {
    label: 'credit memos',
    kinds: ['credit'],
    completes: [],
    where: [],
    find: (sdk, criteria, done) => sdk.findCreditMemos(criteria, done),
  },
  JournalEntry: {
    label: 'journal entries',
    kinds: ['invoice', 'credit'],
    completes: ['invoice', 'credit'],
    where: [],
    find: (sdk, criteria, done) => sdk.findJournalEntries(criteria, done),
  },
  Payment: {
    label: 'payments',
    kinds: ['payment'],
    completes: ['payment'],
    where: [],
    find: (sdk, criteria, done) => sdk.findPayments(criteria, done),
  },
};

export const IS_OPEN = `Balance > ${quoted('0')}`;
