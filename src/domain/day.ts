/**
 * Calendar days. A due date is a day in the book's country, not an instant: days are whole numbers
 * counted from 1970-01-01, so arithmetic is exact, cheap for a million invoices, and blind to clocks,
 * daylight saving and the time zone of the process. 2026-11-22 is day 20779.
 */
import { Temporal } from 'temporal-polyfill';

declare const dayBrand: unique symbol;

/** Days since 1970-01-01 in the proleptic Gregorian calendar. */
export type Day = number & { readonly [dayBrand]: true };

const MS_PER_DAY = 86_400_000;
const ISO_DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Parses YYYY-MM-DD; null when it is no day of the calendar (2026-02-30). */
export function parseDay(text: string): Day | null {
  const match = ISO_DAY.exec(text);
  if (match === null) return null;
  const ms = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(ms)) return null;
  const day = (ms / MS_PER_DAY) as Day;
  return formatDay(day) === text ? day : null;
}

/** Parses YYYY-MM-DD that is known to be good; throws a RangeError otherwise. */
export function day(text: string): Day {
  const parsed = parseDay(text);
  if (parsed === null) throw new RangeError(`not a calendar day: ${JSON.stringify(text)}`);
  return parsed;
}

export function formatDay(value: Day): string {
  return new Date(value * MS_PER_DAY).toISOString().slice(0, 10);
}

export function addDays(value: Day, count: number): Day {
  return (value + count) as Day;
}

/** Positive when `to` is later. */
export function daysBetween(from: Day, to: Day): number {
  return to - from;
}

/** The earliest of the days that are known; null when none is. */
export function soonest(...days: readonly (Day | null)[]): Day | null {
  let found: Day | null = null;
  for (const on of days) if (on !== null && (found === null || on < found)) found = on;
  return found;
}

/** The latest of the days that are known; null: none is. */
export function latest(...days: readonly (Day | null)[]): Day | null {
  let found: Day | null = null;
  for (const on of days) if (on !== null && (found === null || on > found)) found = on;
  return found;
}

/** The last day of the month: 2028-02-10 → 2028-02-29. */
export function endOfMonth(value: Day): Day {
  const [year = 0, month = 0] = formatDay(value).split('-').map(Number);
  return (Date.UTC(year, month, 0) / MS_PER_DAY) as Day;
}

/** 1 = Monday … 7 = Sunday. 1970-01-01 was a Thursday. */
export function weekday(value: Day): number {
  return ((((value + 3) % 7) + 7) % 7) + 1;
}

/** The calendar day it is at `instant` in an IANA zone. */
export function dayIn(timeZone: string, instant: Date): Day {
  const zoned = Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(
    timeZone,
  );
  return day(zoned.toPlainDate().toString());
}

/** The instant at which a day's wall clock shows `minute` minutes after midnight in a zone (DST gaps move forward). */
export function instantAt(timeZone: string, value: Day, minute: number): Date {
  const zoned = Temporal.PlainDate.from(formatDay(value)).toZonedDateTime({
    timeZone,
    plainTime: { hour: Math.floor(minute / 60), minute: minute % 60 },
  });
  return new Date(zoned.epochMilliseconds);
}

/** For a `date` column: midnight UTC of that day, which is how the database driver reads and writes it. */
export function toDate(value: Day): Date {
  return new Date(value * MS_PER_DAY);
}

/** From a `date` column. */
export function fromDate(value: Date): Day {
  return Math.floor(value.getTime() / MS_PER_DAY) as Day;
}
