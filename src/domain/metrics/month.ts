/** Calendar months as whole numbers, so that sales can be kept by month: June 2026 is 24317. */
import { type Day, day, daysBetween, formatDay } from '../day.ts';

export type Month = number;

export function monthOf(on: Day): Month {
  const [year = '', month = ''] = formatDay(on).split('-');
  return Number(year) * 12 + Number(month) - 1;
}

export function firstDayOf(month: Month): Day {
  const text = String((month % 12) + 1).padStart(2, '0');
  return day(`${Math.floor(month / 12)}-${text}-01`);
}

export function daysIn(month: Month): number {
  return daysBetween(firstDayOf(month), firstDayOf(month + 1));
}
