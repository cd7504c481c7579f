/** How single fields of a QuickBooks record are read: strictly where we rely on them, not at all elsewhere. */
import { z } from 'zod';
import { type Day, parseDay } from '../../src/domain/day.ts';
import { type Currency, isCurrency, type Minor, parseMinor } from '../../src/domain/money.ts';
import { storable } from '../../src/domain/text.ts';
import type { RecordKind } from '../../src/domain/receivables.ts';
import type { QuarantinedRecord } from '../ledger.ts';
import type { Row } from './client.ts';

/** One record does not fit; its neighbours do. Never leaves the mapping. */
export class Misfit extends Error {
  readonly field: string;
  readonly problem: string;

  constructor(field: string, problem: string) {
    super(`${field}: ${problem}`);
    this.field = field;
    this.problem = problem;
  }
}

export const id = z
  .string()
  .min(1)
  .refine((value) => value === storable(value), { error: 'is no id' });
export const text = z.string().transform(storable).nullish();
export const ref = z.object({ value: id });
export const optionalRef = ref.nullish();
/** A JSON number, which keeps its shortest decimal text, or the text itself. NaN and null are neither. */
export const amount = z.union([z.number(), z.string()], { error: 'is not an amount' });
export const optionalAmount = amount.nullish();
export const email = z.object({ Address: text }).nullish();

/** What every record has. */
export const stamped = {
  Id: id,
  SyncToken: z.string().regex(/^\d+$/, { error: 'is not a whole number' }).nullish(),
  MetaData: z.object({ LastUpdatedTime: text }).nullish(),
};

export function stampOf(record: {
  SyncToken?: string | null | undefined;
  MetaData?: { LastUpdatedTime?: string | null | undefined } | null | undefined;
}): { remoteVersion: string | null; remoteUpdatedAt: Date | null } {
  const updated = record.MetaData?.LastUpdatedTime;
  const instant = updated === null || updated === undefined ? null : new Date(updated);
  if (instant !== null && Number.isNaN(instant.getTime()))
    throw new Misfit('MetaData.LastUpdatedTime', 'is not a time');
  return { remoteVersion: record.SyncToken ?? null, remoteUpdatedAt: instant };
}

/** Parses a row by its schema; throws a Misfit with the path of the first field that does not fit. */
export function parseRow<T>(schema: z.ZodType<T>, row: unknown): T {
  const parsed = schema.safeParse(row);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Misfit(issue?.path.join('.') ?? '', problemOf(issue));
}

/** zod's message for a wrong type names types only; messages that could repeat a value are ours. */
function problemOf(issue: z.core.$ZodIssue | undefined): string {
  if (issue === undefined) return 'does not fit';
  if (issue.code === 'invalid_type') return `should be ${article(issue.expected)}`;
  return issue.code === 'too_small' ? 'is empty' : issue.message;
}

function article(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}

/** Exact minor units, never through binary fractions: 351.81 reads as "351.81" and becomes 35181. */
export function minorOf(value: number | string, currency: Currency, field: string): Minor {
  const minor = parseMinor(String(value), currency);
  if (minor === null) throw new Misfit(field, `is no amount in ${currency}`);
  return minor;
}

/** An amount of which less than nothing makes no sense. */
export function positiveMinorOf(value: number | string, currency: Currency, field: string): Minor {
  const minor = minorOf(value, currency, field);
  if (minor < 0) throw new Misfit(field, 'is negative');
  return minor;
}

export function dayOf(value: string, field: string): Day {
  const day = parseDay(value);
  if (day === null) throw new Misfit(field, 'is not a calendar day');
  return day;
}

/** A company with one currency sends no CurrencyRef: everything is in its home currency. */
export function currencyOf(
  value: { value: string } | null | undefined,
  home: Currency | null,
): Currency {
  const code = value?.value ?? home;
  if (code === null) throw new Misfit('CurrencyRef', 'is missing, and so is the home currency');
  if (!isCurrency(code)) throw new Misfit('CurrencyRef.value', 'is no currency we know');
  return code;
}

/** Decimal text of an exchange rate, for display; null when there is none worth showing. */
export function rateText(value: number | string | null | undefined): string | null {
  const rate = String(value ?? '');
  return /^\d{1,10}(\.\d{1,10})?$/.test(rate) ? rate : null;
}

/** null for absent and for blank text. */
export function textOf(value: string | null | undefined): string | null {
  return value === undefined || value === null || value.trim() === '' ? null : value;
}

/** Intuit marks a voided transaction only by what it writes into the memo (recorded 2022: "Voided"). */
export function isVoidNote(note: string | null | undefined): boolean {
  return note?.startsWith('Voided') ?? false;
}

/** Maps rows one by one: what does not fit is set aside with its field, the rest is kept. */
export function mapEach<T>(
  rows: readonly Row[],
  kind: RecordKind,
  map: (row: Row) => T,
  externalId: (row: Row) => string = rowId,
): { records: T[]; quarantined: QuarantinedRecord[] } {
  const records: T[] = [];
  const quarantined: QuarantinedRecord[] = [];
  for (const row of rows) {
    try {
      records.push(map(row));
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      const { field, problem } = error;
      quarantined.push({ kind, externalId: externalId(row), field, problem });
    }
  }
  return { records, quarantined };
}

export function rowId(row: Row): string {
  const value = row['Id'];
  return typeof value === 'string' && value !== '' ? storable(value.slice(0, 64)) : 'unknown';
}
