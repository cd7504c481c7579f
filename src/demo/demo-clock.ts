/**
 * The demo's calendar. No reminder leaves on a weekend or a public holiday, so a demo on a Sunday
 * would show an empty outbox. Its clock runs like any other but stands at the latest working moment:
 * 20:00 UTC, when it is afternoon in New York and the next morning in Auckland, on a day when both work.
 */
import type { Clock } from '../clock.ts';
import { addDays, dayIn, instantAt, type Day, weekday } from '../domain/day.ts';

const MEETING_MINUTE_UTC = 20 * 60;
const SEARCH_DAYS_MAX = 30;

export type IsHoliday = (country: 'NZ' | 'US', day: Day) => boolean;

/** The latest 20:00 UTC on or before today at which New Zealand and the United States both work. */
export function latestWorkingMoment(now: Date, isHoliday: IsHoliday): Date {
  const works = (country: 'NZ' | 'US', day: Day): boolean =>
    weekday(day) <= 5 && !isHoliday(country, day);
  let utcDay = dayIn('UTC', now);
  for (let tries = 0; tries < SEARCH_DAYS_MAX; tries += 1) {
    if (works('US', utcDay) && works('NZ', addDays(utcDay, 1))) break;
    utcDay = addDays(utcDay, -1);
  }
  return instantAt('UTC', utcDay, MEETING_MINUTE_UTC);
}

/** A clock that runs with `base` but began at `startsAt`. */
export function clockFrom(base: Clock, startsAt: Date): Clock {
  const offsetMs = startsAt.getTime() - base.now().getTime();
  return {
    now: () => new Date(base.now().getTime() + offsetMs),
    sleep: (ms, signal) => base.sleep(ms, signal),
    random: () => base.random(),
  };
}
