/** Creates, updates, voids and deletes as Intuit takes them: SyncToken first, then the books' own rules. */
import { type Day, parseDay } from '../../../src/domain/day.ts';
import {
  type EntityName,
  type QAttachable,
  type QCustomer,
  type QInvoice,
  type QPayment,
  QRefused,
  type QRecord,
  type QuickBooksBook,
} from './book.ts';
import { entityOf } from './entities.ts';
import type { Rendered } from './render.ts';

/** A POST to /v3/company/{realm}/{entity}, kept as it came so that it can be played again. */
export interface QuickBooksWrite {
  entity: string;
  operation: 'create' | 'update' | 'void' | 'delete' | 'send';
  body: Record<string, unknown>;
  requestId: string | null;
}

/** The answer's body without its time. Throws QRefused. */
export function write(book: QuickBooksBook, op: QuickBooksWrite, at: number): Rendered {
  const entity = entityOf(book, op.entity);
  if (entity === null) throw new QRefused('500', `Operation on ${op.entity} is not supported.`);
  if (op.operation === 'create') return show(book, entity.name, create(book, op, at));
  const row = current(book, op);
  switch (op.operation) {
    case 'delete':
      remove(book, entity.name, row, at);
      return { [entity.name]: { domain: 'QBO', status: 'Deleted', Id: row.id } };
    case 'void':
      voided(book, entity.name, row, at);
      break;
    case 'send':
      send(book, row as QInvoice, op, at);
      break;
    case 'update':
      update(book, entity.name, row, op, at);
  }
  return show(book, entity.name, row.id);
}

function show(book: QuickBooksBook, name: EntityName, id: string): Rendered {
  const entity = entityOf(book, name);
  const row = entity?.table.get(id);
  if (entity === null || row === undefined) throw new QRefused('610', 'Object Not Found');
  return { [entity.name]: entity.render(row) };
}

/** The record named by Id, if SyncToken is the one it has now. */
function current(book: QuickBooksBook, op: QuickBooksWrite): QRecord {
  const id = text(op.body['Id']);
  const row = entityOf(book, op.entity)?.table.get(id ?? '') as QRecord | undefined;
  if (id === null) throw new QRefused('2020', 'Required parameter Id is missing in the request');
  if (row === undefined) {
    throw new QRefused(
      '610',
      "Object Not Found : Something you're trying to use has been made inactive. Check the fields with accounts, customers, items, vendors or employees.",
    );
  }
  if (op.operation !== 'send' && text(op.body['SyncToken']) !== String(row.syncToken)) {
    throw new QRefused(
      '5010',
      'Stale Object Error : You and somebody else were working on this at the same time. They finished before you did, so your work was not saved.',
    );
  }
  return row;
}

function create(book: QuickBooksBook, op: QuickBooksWrite, at: number): string {
  if (op.entity.toLowerCase() !== 'attachable') {
    throw new QRefused('500', 'The sandbox creates attachables only.');
  }
  const { entityType, entityId } = attachedTo(book, op.body);
  const id = `50000000000${book.freshId().padStart(8, '0')}`;
  const note = text(op.body['Note']) ?? '';
  const fileName = text(op.body['FileName']);
  if (note === '' && fileName === null) {
    throw new QRefused('2020', 'Required parameter Note or FileName is missing in the request');
  }
  if (note.length > 2000) throw new QRefused('2050', 'Note is too long');
  book.attach({ id, entityType, entityId, note, fileName }, at);
  return id;
}

function attachedTo(
  book: QuickBooksBook,
  body: Record<string, unknown>,
): { entityType: string; entityId: string } {
  const [first] = list(body['AttachableRef']);
  const reference = object(object(first)['EntityRef']);
  const entityType = text(reference['type']) ?? '';
  const entityId = text(reference['value']) ?? '';
  const target = entityOf(book, entityType);
  if (target?.table.get(entityId) === undefined) {
    throw new QRefused('2500', 'Invalid Reference Id : the entity to attach to does not exist');
  }
  return { entityType: target.name, entityId };
}

function remove(book: QuickBooksBook, name: EntityName, row: QRecord, at: number): void {
  if (name === 'Invoice') book.deleteInvoice(row as QInvoice, at);
  else if (name === 'Payment') book.deletePayment(row as QPayment, at);
  else if (name === 'Attachable') book.attachables.remove(row.id);
  else throw new QRefused('500', `Operation delete is not supported for ${name}.`);
}

function voided(book: QuickBooksBook, name: EntityName, row: QRecord, at: number): void {
  if (name === 'Invoice') book.voidInvoice(row as QInvoice, at);
  else if (name === 'Payment') book.voidPayment(row as QPayment, at);
  else throw new QRefused('500', `Operation void is not supported for ${name}.`);
}

function send(book: QuickBooksBook, invoice: QInvoice, op: QuickBooksWrite, at: number): void {
  book.edit(book.invoices, 'Invoice', invoice, at, (row) => {
    row.email = text(op.body['sendTo']) ?? row.email;
    row.emailed = true;
  });
}

function update(
  book: QuickBooksBook,
  name: EntityName,
  row: QRecord,
  op: QuickBooksWrite,
  at: number,
): void {
  // Without `sparse` what is left out is cleared.
  const sparse = op.body['sparse'] === true;
  if (name === 'Invoice') {
    book.edit(book.invoices, name, row as QInvoice, at, (one) => editInvoice(one, op.body, sparse));
  } else if (name === 'Customer') {
    book.edit(book.customers, name, row as QCustomer, at, (one) =>
      editCustomer(one, op.body, sparse),
    );
  } else if (name === 'Attachable') {
    book.edit(book.attachables, name, row as QAttachable, at, (one) => {
      one.note = text(op.body['Note']) ?? (sparse ? one.note : '');
    });
  } else throw new QRefused('500', `Operation update is not supported for ${name}.`);
}

function editInvoice(invoice: QInvoice, body: Record<string, unknown>, sparse: boolean): void {
  const due = body['DueDate'];
  if (due !== undefined) invoice.dueOn = dayOf(due);
  invoice.privateNote = text(body['PrivateNote']) ?? (sparse ? invoice.privateNote : '');
  invoice.memo = text(object(body['CustomerMemo'])['value']) ?? (sparse ? invoice.memo : '');
  invoice.email = text(object(body['BillEmail'])['Address']) ?? (sparse ? invoice.email : null);
  if (body['EmailStatus'] !== undefined) invoice.emailed = body['EmailStatus'] === 'EmailSent';
}

function editCustomer(customer: QCustomer, body: Record<string, unknown>, sparse: boolean): void {
  customer.name = text(body['DisplayName']) ?? customer.name;
  customer.notes = text(body['Notes']) ?? (sparse ? customer.notes : '');
  customer.email =
    text(object(body['PrimaryEmailAddr'])['Address']) ?? (sparse ? customer.email : null);
  if (typeof body['Active'] === 'boolean') customer.active = body['Active'];
}

function dayOf(value: unknown): Day {
  const day = typeof value === 'string' ? parseDay(value) : null;
  if (day === null) throw new QRefused('2010', 'Invalid date');
  return day;
}

function text(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value : null;
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}
