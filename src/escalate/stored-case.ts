/**
 * A case as text, to be kept beside the decisions that were made on it. Lists of records are packed
 * by column, and a column that is the same throughout is written once: a debtor with ten invoices
 * takes about a kilobyte.
 */
import type { CustomerCase } from '../domain/dunning-case.ts';
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

export function unpackCase(text: string): StoredCase {
  const packed = JSON.parse(text) as PackedCase;
  const { invoices, taken, ...customer } = packed.case;
  return { ...packed, case: { ...customer, invoices: unpack(invoices), taken: unpack(taken) } };
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

function unpack<T extends object>([count, common, columns]: Packed<T>): T[] {
  const keys = Object.keys(columns) as (keyof T)[];
  const rows: T[] = [];
  for (let index = 0; index < count; index += 1) {
    const row: Partial<T> = { ...common };
    for (const key of keys) row[key] = columns[key]?.[index];
    rows.push(row as T);
  }
  return rows;
}
