/** Days as the invented businesses keep them: due dates by terms, weekends, and the instant of a local working hour. */
import { addDays, type Day, formatDay, instantAt, weekday } from '../../../src/domain/day.ts';
import type { Terms } from './plan.ts';

/** 30 days: 2026-01-31 → 2026-03-02. Following month, 20th: 2026-01-31 → 2026-02-20. */
export function dueBy(terms: Terms, issuedOn: Day): Day {
  switch (terms.kind) {
    case 'days':
      return addDays(issuedOn, terms.days);
    case 'following_month':
      return addDays(monthStart(issuedOn, 1), terms.dayOfMonth - 1);
    case 'after_month_end':
      return addDays(monthStart(issuedOn, 1), terms.days - 1);
  }
}

/** The first of the month `ahead` months after the one `on` lies in. */
function monthStart(on: Day, ahead: number): Day {
  const [year = 0, month = 0] = formatDay(on).split('-').map(Number);
  return (Date.UTC(year, month - 1 + ahead, 1) / 86_400_000) as Day;
}

/** Saturday and Sunday become Monday. */
export function onWorkday(on: Day): Day {
  const number = weekday(on);
  return number <= 5 ? on : addDays(on, 8 - number);
}

/** Saturday and Sunday become Friday. */
export function lastWorkday(on: Day): Day {
  const number = weekday(on);
  return number <= 5 ? on : addDays(on, 5 - number);
}

export function fridayOnOrAfter(on: Day): Day {
  return addDays(on, (5 - weekday(on) + 7) % 7);
}

/** The last working day of the month of `on`; of the next one when that has passed. */
export function monthEndOnOrAfter(on: Day): Day {
  const end = lastWorkday(addDays(monthStart(on, 1), -1));
  return end >= on ? end : lastWorkday(addDays(monthStart(on, 2), -1));
}

/** Instants of a zone, remembering each day's midnight: half a million events share 900 days. */
export class WorkingHours {
  readonly #midnights = new Map<Day, number>();
  readonly #timeZone: string;

  constructor(timeZone: string) {
    this.#timeZone = timeZone;
  }

  at(on: Day, minute: number): number {
    let midnight = this.#midnights.get(on);
    if (midnight === undefined) {
      midnight = instantAt(this.#timeZone, on, 0).getTime();
      this.#midnights.set(on, midnight);
    }
    return midnight + Math.round(minute * 60_000);
  }
}
