/**
 * Business days. Nobody is written to or called on a weekend or a public holiday: what falls on one
 * moves to the next day on which the business sends. The due date itself never moves.
 * The holidays are an argument, so the same rule gives the same answer everywhere.
 * Due Friday 2026-04-03 (Good Friday, New Zealand): "due today" goes on Tuesday the 7th, after Easter Monday.
 */
import { addDays, type Day, weekday } from './day.ts';
import type { PolicyCalendar } from './policy.ts';

export interface SendCalendar {
  /** 1 = Monday … 7 = Sunday. */
  sendDays: ReadonlySet<number>;
  holidays: ReadonlySet<Day>;
}

// Longer than any run of holidays; a calendar without a send day would otherwise search for ever.
const SEARCH_DAYS_MAX = 400;

/** What a policy says of days, with the public holidays of the book's country. */
export function sendCalendar(
  policy: PolicyCalendar,
  publicHolidays: ReadonlySet<Day>,
): SendCalendar {
  const holidays = new Set(policy.holidays ? publicHolidays : []);
  for (const on of policy.extraHolidays) holidays.add(on);
  for (const { from, until } of policy.closed) {
    for (let on = from; on <= until; on = addDays(on, 1)) holidays.add(on);
  }
  return { sendDays: policy.sendDays, holidays };
}

export function isSendDay(calendar: SendCalendar, on: Day): boolean {
  return calendar.sendDays.has(weekday(on)) && !calendar.holidays.has(on);
}

/** `on` itself when it is a send day. */
export function nextSendDay(calendar: SendCalendar, on: Day): Day {
  return search(calendar, on, 1);
}

/** `on` itself when it is a send day. */
export function previousSendDay(calendar: SendCalendar, on: Day): Day {
  return search(calendar, on, -1);
}

/** The last send day before `on`. */
export function lastDayBefore(calendar: SendCalendar, on: Day): Day {
  return previousSendDay(calendar, addDays(on, -1));
}

/** The first day after `on` on which nothing is sent; null: every day of the coming year is one. */
export function firstRestDay(calendar: SendCalendar, on: Day): Day | null {
  for (let ahead = 1; ahead <= SEARCH_DAYS_MAX; ahead += 1) {
    if (!isSendDay(calendar, addDays(on, ahead))) return addDays(on, ahead);
  }
  return null;
}

function search(calendar: SendCalendar, from: Day, step: 1 | -1): Day {
  for (let tries = 0; tries <= SEARCH_DAYS_MAX; tries += 1) {
    const candidate = addDays(from, tries * step);
    if (isSendDay(calendar, candidate)) return candidate;
  }
  throw new RangeError('the calendar has no send day');
}
