/**
 * How Xero writes things down: `/Date(1539993600000+0000)/`, amounts as JSON numbers (in some
 * answers as text), booleans as text. Everything is read leniently in form and strictly in value.
 */
import { z } from 'zod';
import { type Day, parseDay } from '../../src/domain/day.ts';
import { type Currency, isCurrency, type Minor, parseMinor } from '../../src/domain/money.ts';
import { storable } from '../../src/domain/text.ts';

/** One field of one record does not fit; the record is set aside under this name. */
export class BadField extends Error {
  readonly field: string;

  constructor(field: string, problem: string) {
    super(problem);
    this.field = field;
  }
}

export const id = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .refine((value) => value === storable(value), { message: 'is no id' });

export const text = z.union([z.string(), z.number().transform(String)]).transform(storable);

/** Empty text means "not given". */
export const optionalText = text.nullish().transform((value) => {
  const trimmed = value?.trim() ?? '';
  return trimmed === '' ? null : trimmed;
});

export const yesNo = z.union([
  z.boolean(),
  z.literal('true').transform(() => true),
  z.literal('false').transform(() => false),
]);

/**
 * The decimal text of an amount. A JSON number has been through a binary fraction; its shortest
 * text is the text that was sent as long as that had no more than 15 digits, so longer ones are
 * refused rather than rounded.
 */
export const decimal = z.union([z.string(), z.number()]).transform((value, context) => {
  const plain = typeof value === 'number' ? String(value) : value.trim();
  if (!/^-?\d+(\.\d+)?$/.test(plain)) {
    context.addIssue({ code: 'custom', message: 'is not a plain decimal' });
    return z.NEVER;
  }
  if (plain.replace(/\D/g, '').replace(/^0+/, '').length > 15) {
    context.addIssue({ code: 'custom', message: 'has more digits than can be kept exactly' });
    return z.NEVER;
  }
  return plain;
});

/** An exchange rate, for display only: one that cannot be read is no reason to set an invoice aside. */
export const rate = z
  .union([z.number().transform(String), z.string()])
  .nullish()
  .transform((value) => {
    const plain = value?.trim() ?? '';
    return /^\d+(\.\d+)?(e-?\d+)?$/.test(plain) && Number(plain) > 0 ? plain : null;
  });

const MS_DATE = /^\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\/$/;
const ISO_DATE = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}:\d{2}(?:\.\d+)?)?Z?$/;
const MS_PER_DAY = 86_400_000;
const OLDEST = Date.UTC(1900, 0, 1);
const NEWEST = Date.UTC(3000, 0, 1);

/** Milliseconds since 1970; null when it is no moment of the calendar. */
function instantMs(value: string): number | null {
  const ms = msOfDate(value) ?? msOfIso(value);
  return ms === null || Number.isNaN(ms) || ms < OLDEST || ms >= NEWEST ? null : ms;
}

/** The milliseconds are UTC already; the offset behind them is for show. Negative ones are legal. */
function msOfDate(value: string): number | null {
  const match = MS_DATE.exec(value);
  return match === null ? null : Number(match[1]);
}

/** Without a zone Xero means UTC, JavaScript the zone of this machine; and JavaScript takes 30 February. */
function msOfIso(value: string): number | null {
  const [, date, time] = ISO_DATE.exec(value) ?? [];
  if (date === undefined || parseDay(date) === null) return null;
  return Date.parse(`${date}${time ?? 'T00:00:00'}Z`);
}

export const instant = z.string().transform((value, context) => {
  const ms = instantMs(value);
  if (ms !== null) return new Date(ms);
  context.addIssue({ code: 'custom', message: 'is not a date and time' });
  return z.NEVER;
});

/** A calendar day, which Xero writes as midnight UTC: read its UTC date and never shift it to a zone. */
export const calendarDay = z.string().transform((value, context): Day => {
  const ms = instantMs(value);
  if (ms !== null) return Math.floor(ms / MS_PER_DAY) as Day;
  context.addIssue({ code: 'custom', message: 'is not a calendar day' });
  return z.NEVER;
});

export const currency = z.string().transform((value, context): Currency => {
  const code = value.trim().toUpperCase();
  if (isCurrency(code)) return code;
  context.addIssue({ code: 'custom', message: 'is not a currency we know' });
  return z.NEVER;
});

/** Exact minor units, not below zero: Xero gives credits a document of their own. */
export function amount(decimalText: string, code: Currency, field: string): Minor {
  const minor = parseMinor(decimalText, code);
  if (minor === null) throw new BadField(field, `does not fit the digits of ${code}`);
  if (minor < 0) throw new BadField(field, 'is below zero');
  return minor;
}

/** Exact minor units of either sign: balances. */
export function signedAmount(decimalText: string, code: Currency, field: string): Minor {
  const minor = parseMinor(decimalText, code);
  if (minor === null) throw new BadField(field, `does not fit the digits of ${code}`);
  return minor;
}
