/** The lists of the Accounting API: which rows, in which order, on which page. */
import type { Row, Table } from '../table.ts';
import {
  dueOf,
  remainingOf,
  paidOf,
  type XContact,
  type XCredit,
  type XeroBook,
  type XInvoice,
  type XPayment,
} from './book.ts';
import {
  type Detail,
  paymentType,
  type Rendered,
  renderContact,
  renderCredit,
  renderInvoice,
  renderPayment,
} from './render.ts';
import { parseWhere, type Value } from './where.ts';

export interface ListQuery {
  query: URLSearchParams;
  /** From If-Modified-Since, in milliseconds. */
  since: number | null;
}

export interface ListPage {
  rows: Rendered[];
  pagination: { page: number; pageSize: number; pageCount: number; itemCount: number } | null;
}

/** Thrown for a request Xero answers with 400. */
export class BadList extends Error {}

const HIGH_VOLUME = 100_000;

interface Resource<T extends Row> {
  table: Table<T>;
  passes: (row: T) => boolean;
  field: (row: T, path: string) => Value | undefined;
  render: (row: T, detail: Detail) => Rendered;
  hasSummary: boolean;
}

export function listInvoices(book: XeroBook, list: ListQuery): ListPage {
  const ids = many(list.query, 'IDs');
  const numbers = many(list.query, 'InvoiceNumbers');
  const contacts = many(list.query, 'ContactIDs');
  const statuses = many(list.query, 'Statuses')?.map((status) => status.toUpperCase());
  return walk(
    {
      table: book.invoices,
      passes: (row) =>
        has(ids, row.id) &&
        has(numbers, row.number) &&
        has(contacts, row.contact.id) &&
        has(statuses, row.status),
      field: invoiceField,
      render: renderInvoice,
      hasSummary: true,
    },
    list,
    statuses !== undefined,
  );
}

export function listContacts(book: XeroBook, list: ListQuery): ListPage {
  const ids = many(list.query, 'IDs');
  const archived = list.query.get('includeArchived') === 'true';
  return walk(
    {
      table: book.contacts,
      passes: (row) => has(ids, row.id) && (archived || row.status === 'ACTIVE'),
      field: contactField,
      render: (row, detail) => renderContact(row, detail, book),
      hasSummary: true,
    },
    list,
    false,
  );
}

export function listPayments(book: XeroBook, list: ListQuery): ListPage {
  return walk(
    {
      table: book.payments,
      passes: () => true,
      field: paymentField,
      render: renderPayment,
      hasSummary: false,
    },
    list,
    false,
  );
}

export function listCredits(book: XeroBook, kind: XCredit['kind'], list: ListQuery): ListPage {
  return walk(
    {
      table: book.credits(kind),
      passes: () => true,
      field: creditField,
      render: renderCredit,
      hasSummary: false,
    },
    list,
    false,
  );
}

function walk<T extends Row>(
  resource: Resource<T>,
  list: ListQuery,
  alwaysPaged: boolean,
): ListPage {
  const { query, since } = list;
  const where = query.get('where') ?? '';
  const filter = where === '' ? null : parseWhere(where);
  if (resource.table.size > HIGH_VOLUME && /UpdatedDateUTC/i.test(where)) {
    throw new BadList('This filter is not optimised for more than 100,000 records.');
  }
  const shared = new URLSearchParams(query);
  for (const key of ['page', 'pageSize', 'summaryOnly', 'unitdp']) shared.delete(key);
  const key = `${shared.toString()}|${since}`;
  const found = resource.table.select(key, (row) => {
    if (since !== null && row.updatedAt < since) return false;
    return resource.passes(row) && (filter === null || filter((path) => resource.field(row, path)));
  });
  const ordered = reorder(found, query.get('order'), resource.field);
  const summary = resource.hasSummary && query.get('summaryOnly') === 'true';
  if (!query.has('page') && !query.has('pageSize') && !summary && !alwaysPaged) {
    if (ordered.length > HIGH_VOLUME) {
      throw new BadList('More than 100,000 records: ask for pages.');
    }
    return { rows: ordered.map((row) => resource.render(row, 'unpaged')), pagination: null };
  }
  const page = Math.max(1, Math.floor(numeric(query.get('page'), 1)));
  const pageSize = Math.min(1000, Math.max(1, Math.floor(numeric(query.get('pageSize'), 100))));
  const rows = ordered.slice((page - 1) * pageSize, page * pageSize);
  return {
    rows: rows.map((row) => resource.render(row, summary ? 'summary' : 'page')),
    pagination: {
      page,
      pageSize,
      pageCount: Math.ceil(ordered.length / pageSize),
      itemCount: ordered.length,
    },
  };
}

function reorder<T extends Row>(
  rows: readonly T[],
  order: string | null,
  field: Resource<T>['field'],
): readonly T[] {
  const [path = '', direction = 'ASC'] = (order ?? '').trim().split(/\s+/);
  if (path === '' || (path === 'UpdatedDateUTC' && direction.toUpperCase() === 'ASC')) return rows;
  const sign = direction.toUpperCase() === 'DESC' ? -1 : 1;
  return [...rows].sort((a, b) => {
    const left = path === 'UpdatedDateUTC' ? a.updatedAt : (field(a, path) ?? '');
    const right = path === 'UpdatedDateUTC' ? b.updatedAt : (field(b, path) ?? '');
    if (left === right) return a.id < b.id ? -1 : 1;
    return left < right ? -sign : sign;
  });
}

/** Comma-separated, or repeated the way axios repeats arrays (`IDs[]=`). */
function many(query: URLSearchParams, name: string): string[] | undefined {
  const values = [...query.getAll(name), ...query.getAll(`${name}[]`)];
  if (values.length === 0) return undefined;
  return values.flatMap((value) => value.split(',')).map((value) => value.trim());
}

function has(wanted: string[] | undefined, value: string): boolean {
  return wanted === undefined || wanted.includes(value);
}

function numeric(text: string | null, otherwise: number): number {
  const number = Number(text ?? otherwise);
  return Number.isFinite(number) ? number : otherwise;
}

const ms = (on: number): number => on * 86_400_000;

function invoiceField(row: XInvoice, path: string): Value | undefined {
  switch (path.toLowerCase()) {
    case 'type':
      return row.type;
    case 'status':
      return row.status;
    case 'invoiceid':
      return row.id;
    case 'invoicenumber':
      return row.number;
    case 'reference':
      return row.reference;
    case 'contact.contactid':
      return row.contact.id;
    case 'contact.name':
      return row.contact.name;
    case 'date':
      return ms(row.issuedOn);
    case 'duedate':
      return ms(row.dueOn);
    case 'amountdue':
      return dueOf(row) / 100;
    case 'amountpaid':
      return paidOf(row) / 100;
    case 'total':
      return row.totalMinor / 100;
    case 'updateddateutc':
      return row.updatedAt;
    default:
      return undefined;
  }
}

function contactField(row: XContact, path: string): Value | undefined {
  switch (path.toLowerCase()) {
    case 'contactid':
      return row.id;
    case 'name':
      return row.name;
    case 'emailaddress':
      return row.email ?? '';
    case 'contactstatus':
      return row.status;
    case 'iscustomer':
      return row.invoices.some((invoice) => invoice.type === 'ACCREC');
    case 'issupplier':
      return row.isSupplier;
    case 'updateddateutc':
      return row.updatedAt;
    default:
      return undefined;
  }
}

function paymentField(row: XPayment, path: string): Value | undefined {
  switch (path.toLowerCase()) {
    case 'paymentid':
      return row.id;
    case 'paymenttype':
      return paymentType(row);
    case 'status':
      return row.status;
    case 'date':
      return ms(row.on);
    case 'reference':
      return row.reference;
    case 'invoice.invoiceid':
      return row.invoice?.id ?? null;
    case 'updateddateutc':
      return row.updatedAt;
    default:
      return undefined;
  }
}

function creditField(row: XCredit, path: string): Value | undefined {
  switch (path.toLowerCase()) {
    case 'type':
      return row.kind === 'credit_note' ? 'ACCRECCREDIT' : `RECEIVE-${row.kind.toUpperCase()}`;
    case 'status':
      return row.status;
    case 'creditnoteid':
    case 'overpaymentid':
    case 'prepaymentid':
      return row.id;
    case 'contact.contactid':
      return row.contact.id;
    case 'date':
      return ms(row.issuedOn);
    case 'remainingcredit':
      return remainingOf(row) / 100;
    case 'updateddateutc':
      return row.updatedAt;
    default:
      return undefined;
  }
}
