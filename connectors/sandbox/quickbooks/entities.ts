/** What can be asked of each entity: which fields filter and sort, and how a record is shown. */
import { formatDay } from '../../../src/domain/day.ts';
import type { Row, Table } from '../table.ts';
import {
  type EntityName,
  openOf,
  type QuickBooksBook,
  type QAttachable,
  type QCreditMemo,
  type QCustomer,
  type QInvoice,
  type QJournal,
  type QPayment,
  type QRecord,
  type QRefundReceipt,
  type QTerm,
} from './book.ts';
import {
  fullName,
  type Rendered,
  renderAttachable,
  renderCreditMemo,
  renderCustomer,
  renderInvoice,
  renderJournal,
  renderPayment,
  renderRefundReceipt,
  renderTerm,
} from './render.ts';

export type FieldValue = string | number | boolean | null;

export interface Entity<T extends Row> {
  name: EntityName;
  table: Table<T>;
  /** Lists of names show only what is active unless the query speaks of Active. */
  isActive: ((row: T) => boolean) | null;
  fields: Readonly<Record<string, (row: T) => FieldValue>>;
  render: (row: T) => Rendered;
}

/** Instants compare as milliseconds; whole seconds, as they are shown. */
const seconds = (at: number): number => Math.floor(at / 1000) * 1000;

const COMMON = {
  id: (row: QRecord): FieldValue => row.id,
  'metadata.createtime': (row: QRecord): FieldValue => seconds(row.createdAt),
  'metadata.lastupdatedtime': (row: QRecord): FieldValue => seconds(row.updatedAt),
};

/** Null for an entity the sandbox does not have; names are matched whatever their case. */
export function entityOf(book: QuickBooksBook, name: string): Entity<Row> | null {
  const make = ENTITIES[name.toLowerCase()];
  return make === undefined ? null : make(book);
}

function entity<T extends QRecord>(
  make: (book: QuickBooksBook) => Entity<T>,
): (book: QuickBooksBook) => Entity<Row> {
  // Each table holds exactly the rows its own fields and renderer were written for.
  return (book) => make(book) as unknown as Entity<Row>;
}

const ENTITIES: Readonly<Record<string, (book: QuickBooksBook) => Entity<Row>>> = {
  customer: entity<QCustomer>((book) => ({
    name: 'Customer',
    table: book.customers,
    isActive: (row) => row.active,
    fields: {
      ...COMMON,
      active: (row) => row.active,
      displayname: (row) => row.name,
      companyname: (row) => row.name,
      fullyqualifiedname: (row) => fullName(row),
      balance: (row) => row.balanceMinor / 100,
    },
    render: (row) => renderCustomer(row, book),
  })),
  invoice: entity<QInvoice>((book) => ({
    name: 'Invoice',
    table: book.invoices,
    isActive: null,
    fields: {
      ...COMMON,
      docnumber: (row) => row.number,
      txndate: (row) => formatDay(row.issuedOn),
      duedate: (row) => (row.dueOn === null ? null : formatDay(row.dueOn)),
      balance: (row) => openOf(row) / 100,
      totalamt: (row) => row.totalMinor / 100,
      customerref: (row) => row.customer.id,
    },
    render: renderInvoice,
  })),
  payment: entity<QPayment>((book) => ({
    name: 'Payment',
    table: book.payments,
    isActive: null,
    fields: {
      ...COMMON,
      txndate: (row) => formatDay(row.on),
      totalamt: (row) => row.totalMinor / 100,
      customerref: (row) => row.customer.id,
    },
    render: renderPayment,
  })),
  creditmemo: entity<QCreditMemo>((book) => ({
    name: 'CreditMemo',
    table: book.creditMemos,
    isActive: null,
    fields: {
      ...COMMON,
      docnumber: (row) => row.number,
      txndate: (row) => formatDay(row.issuedOn),
      balance: (row) => row.remainingMinor / 100,
      totalamt: (row) => row.totalMinor / 100,
      customerref: (row) => row.customer.id,
    },
    render: renderCreditMemo,
  })),
  journalentry: entity<QJournal>((book) => ({
    name: 'JournalEntry',
    table: book.journals,
    isActive: null,
    fields: {
      ...COMMON,
      docnumber: (row) => row.number,
      txndate: (row) => formatDay(row.on),
    },
    render: renderJournal,
  })),
  refundreceipt: entity<QRefundReceipt>((book) => ({
    name: 'RefundReceipt',
    table: book.refundReceipts,
    isActive: null,
    fields: {
      ...COMMON,
      docnumber: (row) => row.number,
      txndate: (row) => formatDay(row.on),
      customerref: (row) => row.customer.id,
    },
    render: renderRefundReceipt,
  })),
  term: entity<QTerm>((book) => ({
    name: 'Term',
    table: book.terms,
    isActive: () => true,
    fields: { ...COMMON, name: (row) => row.name, active: () => true },
    render: renderTerm,
  })),
  attachable: entity<QAttachable>((book) => ({
    name: 'Attachable',
    table: book.attachables,
    isActive: null,
    fields: {
      ...COMMON,
      note: (row) => row.note,
      filename: (row) => row.fileName,
      'attachableref.entityref.type': (row) => row.entityType.toLowerCase(),
      'attachableref.entityref.value': (row) => row.entityId,
    },
    render: renderAttachable,
  })),
};
