/**
 * Canonical records as rows of the mirror: for each table its columns, their types, and how a
 * record fills them. A row's digest says whether anything changed; only rows that did are sent, a
 * whole page as one JSON parameter.
 */
import { hash } from 'node:crypto';
import type {
  Allocation,
  Credit,
  Customer,
  Invoice,
  Payment,
  RecordKind,
  RemoteStamp,
} from '../domain/receivables.ts';

type Value = string | number | boolean | object | null;

/** `day` travels as a whole number and becomes a `date`. */
type ColumnType = 'text' | 'boolean' | 'bigint' | 'numeric' | 'jsonb' | 'timestamptz' | 'day';

type Column<T> = readonly [name: string, type: ColumnType, read: (record: T) => Value];

interface MirrorTable<T> {
  columns: readonly Column<T>[];
  /** Columns that an update fills otherwise than from the new row: SQL over `t` and `excluded`. */
  onUpdate?: Readonly<Record<string, string>>;
}

export interface MirrorRow {
  id: string;
  hash: string;
  values: readonly Value[];
  /** What the record was set against; empty for kinds that are set against nothing. */
  allocations: readonly Allocation[];
}

const STAMP = [
  ['remote_version', 'text', (r) => r.remoteVersion],
  ['remote_updated_at', 'timestamptz', (r) => r.remoteUpdatedAt],
] as const satisfies readonly Column<RemoteStamp>[];

export const CUSTOMER: MirrorTable<Customer> = {
  columns: [
    ['id', 'text', (r) => r.id],
    ['name', 'text', (r) => r.name],
    ['email_text', 'text', (r) => r.emailText],
    ['contacts', 'jsonb', (r) => r.contacts],
    ['phone', 'text', (r) => r.phone],
    ['is_active', 'boolean', (r) => r.isActive],
    ['merged_into_id', 'text', (r) => r.mergedIntoId],
    ['parent_id', 'text', (r) => r.parentId],
    ['bill_with_parent', 'boolean', (r) => r.billWithParent],
    ['currency', 'text', (r) => r.currency],
    ['ledger_balance_minor', 'bigint', (r) => r.ledgerBalanceMinor],
    ...STAMP,
  ],
};

export const INVOICE: MirrorTable<Invoice> = {
  columns: [
    ['id', 'text', (r) => r.id],
    ['kind', 'text', (r) => r.kind],
    ['number', 'text', (r) => r.number],
    ['reference', 'text', (r) => r.reference],
    ['customer_id', 'text', (r) => r.customerId],
    ['status', 'text', (r) => r.status],
    ['issued_on', 'day', (r) => r.issuedOn],
    ['due_on', 'day', (r) => r.dueOn],
    ['schedule', 'jsonb', (r) => r.schedule],
    ['expected_pay_on', 'day', (r) => r.expectedPayOn],
    ['currency', 'text', (r) => r.currency],
    ['total_minor', 'bigint', (r) => r.totalMinor],
    ['open_minor', 'bigint', (r) => r.openMinor ?? r.totalMinor],
    ['base_rate', 'numeric', (r) => r.baseRate],
    ['paid_on', 'day', (r) => r.paidOn],
    ['email_text', 'text', (r) => r.emailText],
    ['sent_to_contact', 'boolean', (r) => r.sentToContact],
    ...STAMP,
  ],
  // What a journal still owes follows from its allocations, at the end of a sync; until then the old answer stands.
  onUpdate: {
    open_minor: `case when excluded.kind = 'journal' then least(t.open_minor, excluded.total_minor)
      else excluded.open_minor end`,
  },
};

export const CREDIT: MirrorTable<Credit> = {
  columns: [
    ['id', 'text', (r) => r.id],
    ['kind', 'text', (r) => r.kind],
    ['number', 'text', (r) => r.number],
    ['customer_id', 'text', (r) => r.customerId],
    ['status', 'text', (r) => r.status],
    ['issued_on', 'day', (r) => r.issuedOn],
    ['currency', 'text', (r) => r.currency],
    ['total_minor', 'bigint', (r) => r.totalMinor],
    ['remaining_minor', 'bigint', (r) => r.remainingMinor ?? r.totalMinor],
    ...STAMP,
  ],
  onUpdate: {
    remaining_minor: `case when excluded.kind = 'journal'
      then least(t.remaining_minor, excluded.total_minor) else excluded.remaining_minor end`,
  },
};

export const PAYMENT: MirrorTable<Payment> = {
  columns: [
    ['id', 'text', (r) => r.id],
    ['kind', 'text', (r) => r.kind],
    ['reference', 'text', (r) => r.reference],
    ['customer_id', 'text', (r) => r.customerId],
    ['status', 'text', (r) => r.status],
    ['paid_on', 'day', (r) => r.paidOn],
    ['currency', 'text', (r) => r.currency],
    ['amount_minor', 'bigint', (r) => r.amountMinor],
    ['unapplied_minor', 'bigint', (r) => r.unappliedMinor],
    ...STAMP,
  ],
  // Where the ledger names only the invoice, the customer was filled in from it.
  onUpdate: { customer_id: 'coalesce(excluded.customer_id, t.customer_id)' },
};

export function customerRow(record: Customer): MirrorRow {
  return row(CUSTOMER, record, []);
}

export function invoiceRow(record: Invoice): MirrorRow {
  return row(INVOICE, record, []);
}

export function creditRow(record: Credit): MirrorRow {
  const isAlive = record.status !== 'voided' && record.status !== 'deleted';
  return row(CREDIT, record, isAlive ? record.allocations : []);
}

export function paymentRow(record: Payment): MirrorRow {
  return row(PAYMENT, record, record.status === 'received' ? record.allocations : []);
}

function row<T extends { id: string }>(
  table: MirrorTable<T>,
  record: T,
  allocations: readonly Allocation[],
): MirrorRow {
  const values = table.columns.map(([, , read]) => read(record));
  const content = JSON.stringify(values);
  // A digest to tell rows apart, not to keep a secret: a fast one will do.
  const source = allocations.length === 0 ? content : content + JSON.stringify(allocations);
  return {
    id: record.id,
    hash: hash('md5', source, 'base64url'),
    values: NOT_STORABLE.test(content) ? (JSON.parse(storable(content)) as Value[]) : values,
    allocations,
  };
}

const NOT_STORABLE = /\\u(?:0000|d[89a-f])/;

/** PostgreSQL's text has no NUL and no half of a surrogate pair: one such name must not stop a page. */
function storable(json: string): string {
  return JSON.stringify(JSON.parse(json), (_key, value: unknown) =>
    typeof value === 'string'
      ? value.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\ufffd')
      : value,
  );
}

/** A page of rows as the parameter of `upsertSql`: one letter per column, and what is null left out. */
export function rowsAsJson(rows: readonly MirrorRow[]): string {
  return JSON.stringify(
    rows.map((row) => {
      const sent: Record<string, Value> = { h: row.hash };
      row.values.forEach((value, index) => {
        if (value !== null) sent[letter(index)] = value;
      });
      return sent;
    }),
  );
}

/** `a`, `b`, … for the columns, skipping `h`, which is the hash. */
function letter(index: number): string {
  return LETTERS[index] ?? '';
}

const LETTERS = 'abcdefgijklmnopqrstuvwxyz';

/**
 * Integers without leading zeros, compared by length and then by digit: no cast that a strange
 * version could break. At the same version the time decides; at the same time the new row wins,
 * because some changes move neither (Xero: the due date of a part-paid invoice).
 */
const IS_NOT_OLDER = `case
  when t.remote_version is null or excluded.remote_version is null
    or t.remote_version = excluded.remote_version
  then t.remote_updated_at is null or excluded.remote_updated_at is null
    or excluded.remote_updated_at >= t.remote_updated_at
  else (length(excluded.remote_version), excluded.remote_version collate "C")
    > (length(t.remote_version), t.remote_version collate "C") end`;

/** $1 the book, $2 rows as `rowsAsJson` gives them. Answers with how many were taken, and their ids. */
export function upsertSql<T>(kind: RecordKind, { columns, onUpdate = {} }: MirrorTable<T>): string {
  const names = [...columns.map(([name]) => name), 'hash'];
  const types = columns.map(
    ([, type], index) => `${letter(index)} ${type === 'day' ? 'int' : type}`,
  );
  const values = columns.map(([, type], index) =>
    type === 'day' ? `date '1970-01-01' + r.${letter(index)}` : `r.${letter(index)}`,
  );
  const updates = names
    .filter((name) => name !== 'id')
    .map((name) => `${name} = ${onUpdate[name] ?? `excluded.${name}`}`);
  return `with stored as (
    insert into ${kind} as t (book_id, ${names.join(', ')})
    select $1::int, ${values.join(', ')}, r.h
    from json_to_recordset($2::json) as r(${types.join(', ')}, h text)
    on conflict (book_id, id) do update set ${updates.join(', ')} where ${IS_NOT_OLDER}
    returning id)
  select count(*)::int as count, string_agg(id, chr(31)) as ids from stored`;
}
