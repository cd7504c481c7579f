/**
 * How records are read: each alone, so that one that does not fit is set aside with the name of its
 * field and the rest of its page is kept. Bills, spent money and supplier credits are no receivables
 * and are passed over.
 */
import { z } from 'zod';
import type { RecordKind } from '../../src/domain/receivables.ts';
import type { QuarantinedRecord } from '../ledger.ts';
import { BadField, id, instant } from './fields.ts';

export interface Mapped<T> {
  records: T[];
  quarantined: QuarantinedRecord[];
}

/** null: not a receivable, passed over. Throws BadField. */
export type Mapper<T> = (raw: unknown) => T | null;

export function mapEach<T>(
  raws: readonly unknown[],
  kind: RecordKind,
  idField: string,
  mapOne: Mapper<T>,
): Mapped<T> {
  const mapped: Mapped<T> = { records: [], quarantined: [] };
  raws.forEach((raw, index) => {
    try {
      const record = mapOne(raw);
      if (record !== null) mapped.records.push(record);
    } catch (error) {
      if (!(error instanceof BadField)) throw error;
      const externalId = idOf(raw, idField) ?? `unknown:${index}`;
      mapped.quarantined.push({ kind, externalId, field: error.field, problem: error.message });
    }
  });
  return mapped;
}

function idOf(raw: unknown, idField: string): string | null {
  const parsed = z.looseObject({ [idField]: id }).safeParse(raw);
  return parsed.success ? String(parsed.data[idField]) : null;
}

export function read<S extends z.ZodType>(schema: S, raw: unknown): z.output<S> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new BadField(pathOf(issue?.path), issue?.message ?? 'does not fit');
}

function pathOf(path: readonly PropertyKey[] | undefined): string {
  return path === undefined || path.length === 0 ? '(record)' : path.join('.');
}

export const stamp = { UpdatedDateUTC: instant.nullish() };

export const typeOnly = z.object({ Type: z.string() });

export function known<T>(table: Readonly<Record<string, T>>, value: string, field: string): T {
  const found = Object.hasOwn(table, value) ? table[value] : undefined;
  if (found === undefined) throw new BadField(field, 'is not a status we know');
  return found;
}

export function required<T>(value: T | null | undefined, field: string): T {
  if (value === null || value === undefined) throw new BadField(field, 'is missing');
  return value;
}
