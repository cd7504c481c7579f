/**
 * How many days a year has when a year's interest is shared out. 365 is the custom and the law of the
 * UK; `actual` gives the days of a leap year 366; some US contracts reckon with 360, which costs the
 * debtor more. 100 days of 18 % are 4.93 % of 365, 4.92 % of 366 and 5 % of 360.
 */
import { type Day, day, formatDay } from '../day.ts';

export type DayCount = '365' | 'actual' | '360';

export function yearDaysOn(dayCount: DayCount, on: Day): number {
  if (dayCount !== 'actual') return Number(dayCount);
  const year = yearOf(on);
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 366 : 365;
}

/** Days after which a year has another length to share: the ends of years for `actual`, none otherwise. */
export function yearEnds(dayCount: DayCount, from: Day, to: Day): Day[] {
  if (dayCount !== 'actual') return [];
  const ends: Day[] = [];
  for (let year = yearOf(from); year <= yearOf(to); year += 1) ends.push(day(`${year}-12-31`));
  return ends.filter((on) => on >= from && on <= to);
}

function yearOf(on: Day): number {
  return Number(formatDay(on).slice(0, 4));
}
