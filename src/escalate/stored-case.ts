/**
 * A case as text, to be kept beside the decisions that were made on it. Lists of records are packed
 * by column, and a column that is the same throughout is written once: a debtor with ten invoices
 * takes about a kilobyte.
 */
import type { ChaseInvoice, CustomerCase } from '../domain/dunning-case.ts';
import type { StepTaken } from '../domain/step-chain.ts';
import type { ReadCase } from './read-cases.ts';

export type StoredCase = Omit<ReadCase, 'unsent' | 'openTasks'>;

export function packCase(entry: ReadCase): string {
  const { unsent: _unsent, openTasks: _openTasks, case: facts, ...rest } = entry;
  const { invoices, taken, ...customer } = facts;
  return JSON.stringify({
    ...rest,
    case: { ...customer, invoices: pack(invoices), taken: pack(taken) },
  });
}

interface PackedCase extends Omit<StoredCase, 'case'> {
  case: Omit<CustomerCase, 'invoices' | 'taken'> & {
    invoices: Packed<CustomerCase['invoices'][number]>;
    taken: Packed<CustomerCase['taken'][number]>;
  };
}

/** How many, what all have in common, and the other columns. */
type Packed<T> = [count: number, common: Partial<T>, columns: { [K in keyof T]?: T[K][] }];

function pack<T extends object>(rows: readonly T[]): Packed<T> {
  const common: Partial<T> = {};
  const columns: { [K in keyof T]?: T[K][] } = {};
  const [first] = rows;
  for (const key of Object.keys(first ?? {}) as (keyof T)[]) {
    const values = rows.map((row) => row[key]);
    const isCommon = values.every((value) => value === values[0]);
    if (isCommon) common[key] = values[0];
    else columns[key] = values;
  }
  return [rows.length, common, columns];
}

export function unpackCase(facts: string): StoredCase {
  const { case: packed, assigned } = JSON.parse(facts) as PackedCase;
  const { invoices, taken, ...customer } = packed;
  return {
    assigned,
    case: { ...customer, invoices: unpackInvoices(invoices), taken: unpackTaken(taken) },
  };
}

// Field by field: a record whose fields are set by name in a loop takes four times as long.

function unpackInvoices([count, common, columns]: Packed<ChaseInvoice>): ChaseInvoice[] {
  return Array.from({ length: count }, (_, at) => ({
    id: valueAt(at, common.id, columns.id),
    number: valueAt(at, common.number, columns.number),
    kind: valueAt(at, common.kind, columns.kind),
    customerId: valueAt(at, common.customerId, columns.customerId),
    currency: valueAt(at, common.currency, columns.currency),
    status: valueAt(at, common.status, columns.status),
    issuedOn: valueAt(at, common.issuedOn, columns.issuedOn),
    dueOn: valueAt(at, common.dueOn, columns.dueOn),
    schedule: valueAt(at, common.schedule, columns.schedule),
    totalMinor: valueAt(at, common.totalMinor, columns.totalMinor),
    openMinor: valueAt(at, common.openMinor, columns.openMinor),
    emailText: valueAt(at, common.emailText, columns.emailText),
  }));
}

function unpackTaken([count, common, columns]: Packed<StepTaken>): StepTaken[] {
  return Array.from({ length: count }, (_, at) => ({
    invoiceId: valueAt(at, common.invoiceId, columns.invoiceId),
    dueOn: valueAt(at, common.dueOn, columns.dueOn),
    step: valueAt(at, common.step, columns.step),
    channel: valueAt(at, common.channel, columns.channel),
    actionKey: valueAt(at, common.actionKey, columns.actionKey),
    on: valueAt(at, common.on, columns.on),
    state: valueAt(at, common.state, columns.state),
    deadlineOn: valueAt(at, common.deadlineOn, columns.deadlineOn),
  }));
}

function valueAt<V>(at: number, common: V | undefined, column: readonly V[] | undefined): V {
  return (column === undefined ? common : column[at]) as V;
}
