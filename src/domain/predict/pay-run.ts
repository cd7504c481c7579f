/**
 * Many customers do not pay invoices, they pay runs: every Friday, or on the last days of the month.
 * Where the money nearly always came on such a day, the next invoice is expected in the first run that
 * follows its due date by the customer's own lead. Due Tuesday the 3rd, paid every Friday: the 6th.
 */
import { at } from './numbers.ts';
import type { RecentDelays } from './recent-delays.ts';

const MIN_PAYMENTS = 4;
const MIN_SHARE = 0.7;

export interface PayRun {
  kind: 'weekly' | 'monthly' | 'none';
  /** Days after the due date on which the run falls; 0 without a run. */
  delay: number;
  /** Share of the known payments that this run explains, less what chance explains; 0 without a run. */
  trust: number;
}

/** First and last lead (days after the due date) that put a payment into the run it was paid in. */
const lowest = new Int32Array(32);
const highest = new Int32Array(32);

export function findPayRun(delays: RecentDelays, dueOn: number, into: PayRun): void {
  into.kind = 'none';
  into.delay = 0;
  into.trust = 0;
  if (delays.count < MIN_PAYMENTS) return;
  const weekday = commonWeekday(delays);
  if (weekday >= 0) tryRun(delays, dueOn, 'weekly', (day) => nextWeekday(day, weekday), 7, into);
  if (monthEndShare(delays) >= MIN_SHARE) {
    tryRun(delays, dueOn, 'monthly', nextMonthEnd, 31, into);
  }
}

function tryRun(
  delays: RecentDelays,
  dueOn: number,
  kind: 'weekly' | 'monthly',
  runOnOrAfter: (day: number) => number,
  length: number,
  into: PayRun,
): void {
  const { lead, hits } = commonLead(delays, runOnOrAfter, length);
  const trust = Math.max(0, hits - 1.5) / (delays.count + 1);
  if (trust <= into.trust) return;
  into.kind = kind;
  into.trust = trust;
  into.delay = runOnOrAfter(dueOn + lead) - dueOn;
}

/** The lead that explains most payments: the point most of their intervals share. */
function commonLead(
  delays: RecentDelays,
  runOnOrAfter: (day: number) => number,
  length: number,
): { lead: number; hits: number } {
  for (let i = 0; i < delays.count; i += 1) {
    const paidOn = at(delays.paidOn, i);
    const dueOn = paidOn - at(delays.delay, i);
    // A run that falls on a holiday is paid a little before or after: count from the run nearest to it.
    let before = runOnOrAfter(paidOn - length - 3);
    for (let next = runOnOrAfter(before + 1); next < paidOn - 2; next = runOnOrAfter(next + 1)) {
      before = next;
    }
    lowest[i] = before + 1 - dueOn;
    highest[i] = Math.max(runOnOrAfter(before + 1), paidOn) - dueOn;
  }
  let lead = 0;
  let hits = 0;
  for (let i = 0; i < delays.count; i += 1) {
    for (const candidate of [at(lowest, i), at(highest, i)]) {
      let count = 0;
      for (let j = 0; j < delays.count; j += 1) {
        if (at(lowest, j) <= candidate && candidate <= at(highest, j)) count += 1;
      }
      if (count > hits || (count === hits && Math.abs(candidate) < Math.abs(lead))) {
        hits = count;
        lead = candidate;
      }
    }
  }
  return { lead, hits };
}

const perWeekday = new Int32Array(7);

/** 0 = Thursday, as day 0 was; -1: no weekday is common enough. */
function commonWeekday(delays: RecentDelays): number {
  perWeekday.fill(0);
  let most = 0;
  for (let i = 0; i < delays.count; i += 1) {
    const weekday = mod7(at(delays.paidOn, i));
    perWeekday[weekday] = at(perWeekday, weekday) + 1;
    if (at(perWeekday, weekday) > at(perWeekday, most)) most = weekday;
  }
  return at(perWeekday, most) >= MIN_SHARE * delays.count ? most : -1;
}

function mod7(day: number): number {
  return ((day % 7) + 7) % 7;
}

function nextWeekday(day: number, weekday: number): number {
  return day + mod7(weekday - mod7(day));
}

function monthEndShare(delays: RecentDelays): number {
  let near = 0;
  for (let i = 0; i < delays.count; i += 1) {
    const paidOn = at(delays.paidOn, i);
    if (lastDayOfMonth(paidOn) - paidOn <= 2) near += 1;
  }
  return near / delays.count;
}

/** The last working day of the month, of the next one when that has passed. */
function nextMonthEnd(day: number): number {
  const end = workdayBefore(lastDayOfMonth(day));
  return end >= day ? end : workdayBefore(lastDayOfMonth(lastDayOfMonth(day) + 1));
}

function workdayBefore(day: number): number {
  const weekday = mod7(day);
  // Saturday is 2 and Sunday 3, counted from a Thursday.
  return weekday === 2 ? day - 1 : weekday === 3 ? day - 2 : day;
}

const MS_PER_DAY = 86_400_000;

export function lastDayOfMonth(day: number): number {
  const date = new Date(day * MS_PER_DAY);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0) / MS_PER_DAY;
}
