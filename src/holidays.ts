/** Public holidays by country, from date-holidays (data under CC-BY-3.0). The rules are handed the days as a set. */
import Holidays from 'date-holidays';
import type { SendCalendar } from './domain/calendar.ts';
import { addDays, type Day, parseDay } from './domain/day.ts';

const NO_DAYS: ReadonlySet<Day> = new Set();
const calendars = new Map<string, Holidays | null>();
const yearsRead = new Map<string, ReadonlySet<Day>>();

/** Days off in `country` (ISO 3166 alpha-2) from one year to another, both included; empty for a country without data. */
export function publicHolidays(country: string, fromYear: number, toYear: number): Set<Day> {
  const days = new Set<Day>();
  for (let year = fromYear; year <= toYear; year += 1) {
    for (const holiday of holidaysOfYear(country, year)) days.add(holiday);
  }
  return days;
}

export function isPublicHoliday(country: string, on: Day): boolean {
  return holidaysOfYear(country, yearOf(on)).has(on);
}

/** Monday to Friday but for the country's holidays, for what a person does in the year from a day on. */
export function businessCalendar(country: string, from: Day): SendCalendar {
  const year = yearOf(from);
  return { sendDays: MONDAY_TO_FRIDAY, holidays: publicHolidays(country, year, year + 1) };
}

const MONDAY_TO_FRIDAY: ReadonlySet<number> = new Set([1, 2, 3, 4, 5]);

export function yearOf(on: Day): number {
  return new Date(on * 86_400_000).getUTCFullYear();
}

function holidaysOfYear(country: string, year: number): ReadonlySet<Day> {
  const key = `${country} ${year}`;
  const known = yearsRead.get(key);
  if (known !== undefined) return known;
  const read = readYear(country, year);
  yearsRead.set(key, read);
  return read;
}

function readYear(country: string, year: number): ReadonlySet<Day> {
  const calendar = calendarOf(country);
  if (calendar === null) return NO_DAYS;
  const days = new Set<Day>();
  for (const holiday of calendar.getHolidays(year)) {
    if (holiday.type !== 'public') continue;
    const first = parseDay(holiday.date.slice(0, 10));
    if (first === null) continue;
    // Some holidays last several days; their length is in the hours between start and end.
    const length = Math.max(1, Math.round((+holiday.end - +holiday.start) / 86_400_000));
    for (let index = 0; index < length; index += 1) days.add(addDays(first, index));
  }
  return days;
}

/** Made once for each country: reading its rules takes longer than working out a year of them. */
function calendarOf(country: string): Holidays | null {
  const known = calendars.get(country);
  if (known !== undefined) return known;
  const calendar = new Holidays();
  const made = country in calendar.getCountries() ? calendar : null;
  made?.init(country);
  calendars.set(country, made);
  return made;
}
