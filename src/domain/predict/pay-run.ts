/**
 * Many customers do not pay invoices, they pay runs: every Friday, or on the last working day of the
 * month. Where the money nearly always came on such a day, the next invoice is expected in the first run
 * that follows its due date by the customer's own lead. Due Tuesday the 3rd, paid every Friday: the 6th.
 */
import { at, clamp } from './numbers.ts';
import type { RecentDelays } from './recent-delays.ts';

const MIN_PAYMENTS = 4;
const MIN_SHARE = 0.7;
const [FIRST_TRUSTED, FULLY_TRUSTED] = [0.5, 0.7];

export interface PayRun {
  /** Days between the due date and the day the customer starts to look for a run. */
  leadDays: number;
  /** Share of the known payments that this run explains, less what chance explains. */
  trust: number;
  runOnOrAfter(day: number): number;
}

/** The run that explains the payments best; null when none explains enough of them. */
export function findPayRun(delays: RecentDelays): PayRun | null {
  if (delays.count < MIN_PAYMENTS) return null;
  const weekday = commonWeekday(delays);
  const weekly = weekday === null ? null : tryRun(delays, 7, (day) => nextWeekday(day, weekday));
  const monthly = monthEndShare(delays) < MIN_SHARE ? null : tryRun(delays, 31, nextMonthEnd);
  if (weekly === null || monthly === null) return weekly ?? monthly;
  return monthly.trust > weekly.trust ? monthly : weekly;
}

/** How far an expected day moves to the run: not at all below five payments that fit, wholly from eight. */
export function pulledToRun(expected: number, runDelay: number, trust: number): number {
  const share = clamp((trust - FIRST_TRUSTED) / (FULLY_TRUSTED - FIRST_TRUSTED), 0, 1);
  return expected + share * (runDelay - expected);
}

function tryRun(
  delays: RecentDelays,
  longest: number,
  runOnOrAfter: (day: number) => number,
): PayRun | null {
  const { lead, hits } = commonLead(delays, longest, runOnOrAfter);
  // The lead was chosen to fit: one payment and a half would fit by chance alone.
  const trust = (hits - 1.5) / (delays.count + 1);
  return trust > 0 ? { leadDays: lead, trust, runOnOrAfter } : null;
}

/** The lead that explains most payments: the day that most of their intervals share. */
function commonLead(
  delays: RecentDelays,
  longest: number,
  runOnOrAfter: (day: number) => number,
): { lead: number; hits: number } {
  const intervals = Array.from({ length: delays.count }, (_, i) =>
    leadsOf(at(delays.paidOn, i), at(delays.delay, i), longest, runOnOrAfter),
  );
  let best = { lead: 0, hits: 0 };
  for (const lead of intervals.flatMap(({ first, last }) => [first, last])) {
    const hits = intervals.filter(({ first, last }) => first <= lead && lead <= last).length;
    const isNearer = hits === best.hits && Math.abs(lead) < Math.abs(best.lead);
    if (hits > best.hits || isNearer) best = { lead, hits };
  }
  return best;
}

/**
 * The leads with which this payment would have gone out on the day it did. A run that falls on a holiday
 * is paid a day or two beside it, so a payment belongs to the run that is not more than two days before.
 */
function leadsOf(
  paidOn: number,
  delay: number,
  longest: number,
  runOnOrAfter: (day: number) => number,
): { first: number; last: number } {
  const dueOn = paidOn - delay;
  let before = runOnOrAfter(paidOn - longest - 3);
  for (let next = runOnOrAfter(before + 1); next < paidOn - 2; next = runOnOrAfter(next + 1)) {
    before = next;
  }
  return { first: before + 1 - dueOn, last: Math.max(runOnOrAfter(before + 1), paidOn) - dueOn };
}

/** 0 = Thursday, as day 0 was. */
function commonWeekday(delays: RecentDelays): number | null {
  const counts = new Int32Array(7);
  for (let i = 0; i < delays.count; i += 1) {
    const weekday = mod7(at(delays.paidOn, i));
    counts[weekday] = at(counts, weekday) + 1;
  }
  const most = Math.max(...counts);
  return most >= MIN_SHARE * delays.count ? counts.indexOf(most) : null;
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
  const end = workdayOnOrBefore(lastDayOfMonth(day));
  return end >= day ? end : workdayOnOrBefore(lastDayOfMonth(lastDayOfMonth(day) + 1));
}

function workdayOnOrBefore(day: number): number {
  const [saturday, sunday] = [2, 3];
  const weekday = mod7(day);
  return weekday === saturday ? day - 1 : weekday === sunday ? day - 2 : day;
}

const MS_PER_DAY = 86_400_000;

export function lastDayOfMonth(day: number): number {
  const date = new Date(day * MS_PER_DAY);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0) / MS_PER_DAY;
}
