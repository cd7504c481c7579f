/**
 * Many customers do not pay invoices, they pay runs: every Friday, or on the last working day of the
 * month. Where the money nearly always came on such a day, the next invoice is expected in the first run
 * that follows its due date by the customer's own lead. Due Tuesday the 3rd, paid every Friday: the 6th.
 */
import { at, clamp } from './numbers.ts';
import type { RecentDelays } from './recent-delays.ts';

const MIN_DAYS = 4;
const MIN_SHARE = 0.7;
const [FIRST_TRUSTED, FULLY_TRUSTED] = [0.5, 0.7];

export interface PayRun {
  /** Days between the due date and the day the customer starts to look for a run. */
  leadDays: number;
  /** Share of the known days of payment that this run explains, less what chance explains. */
  trust: number;
  runOnOrAfter(day: number): number;
}

/** The run that explains the payments best; null when none explains enough of them. */
export function findPayRun(delays: RecentDelays): PayRun | null {
  const votes = votesOf(delays);
  const days = Math.round(votes.reduce((sum, vote) => sum + vote, 0));
  if (days < MIN_DAYS) return null;
  const past = { delays, votes, days };
  const weekday = commonWeekday(past);
  const weekly = weekday === null ? null : tryRun(past, 7, (day) => nextWeekday(day, weekday));
  const monthly = monthEndShare(past) < MIN_SHARE ? null : tryRun(past, 31, nextMonthEnd);
  if (weekly === null || monthly === null) return weekly ?? monthly;
  return monthly.trust > weekly.trust ? monthly : weekly;
}

interface PastDays {
  delays: RecentDelays;
  /** By payment; see votesOf. */
  votes: Float64Array;
  days: number;
}

/** Every day of payment has one vote, shared by its payments: fifty invoices paid on one Friday are no habit. */
function votesOf({ paidOn, count }: RecentDelays): Float64Array {
  const known = paidOn.subarray(0, count);
  return Float64Array.from(known, (day) => 1 / known.filter((other) => other === day).length);
}

/** How far an expected day moves to the run: not at all below five payments that fit, wholly from eight. */
export function pulledToRun(expected: number, runDelay: number, trust: number): number {
  const share = clamp((trust - FIRST_TRUSTED) / (FULLY_TRUSTED - FIRST_TRUSTED), 0, 1);
  return expected + share * (runDelay - expected);
}

function tryRun(
  past: PastDays,
  longest: number,
  runOnOrAfter: (day: number) => number,
): PayRun | null {
  const { lead, hits } = commonLead(past, longest, runOnOrAfter);
  // The lead was chosen to fit: one day and a half would fit by chance alone.
  const trust = (hits - 1.5) / (past.days + 1);
  return trust > 0 ? { leadDays: lead, trust, runOnOrAfter } : null;
}

/** No lead lies between these. */
const NOWHERE = { first: Infinity, last: -Infinity };

/** The lead that explains most payments: the day that most of their intervals share. */
function commonLead(
  { delays, votes }: PastDays,
  longest: number,
  runOnOrAfter: (day: number) => number,
): { lead: number; hits: number } {
  const intervals = Array.from({ length: delays.count }, (_, i) =>
    leadsOf(at(delays.paidOn, i), at(delays.delay, i), longest, runOnOrAfter),
  );
  let best = { lead: 0, hits: 0 };
  for (const lead of intervals.flatMap(({ first, last }) => [first, last])) {
    const hits = votes.reduce((sum, vote, i) => {
      const { first, last } = intervals[i] ?? NOWHERE;
      return first <= lead && lead <= last ? sum + vote : sum;
    }, 0);
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
function commonWeekday({ delays, votes, days }: PastDays): number | null {
  const counts = new Float64Array(7);
  for (let i = 0; i < delays.count; i += 1) {
    const weekday = mod7(at(delays.paidOn, i));
    counts[weekday] = at(counts, weekday) + at(votes, i);
  }
  const most = Math.max(...counts);
  return most >= MIN_SHARE * days ? counts.indexOf(most) : null;
}

function mod7(day: number): number {
  return ((day % 7) + 7) % 7;
}

function nextWeekday(day: number, weekday: number): number {
  return day + mod7(weekday - mod7(day));
}

function monthEndShare({ delays, votes, days }: PastDays): number {
  let near = 0;
  for (let i = 0; i < delays.count; i += 1) {
    const paidOn = at(delays.paidOn, i);
    if (lastDayOfMonth(paidOn) - paidOn <= 2) near += at(votes, i);
  }
  return near / days;
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

/** By arithmetic on days, years beginning in March (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms"): a million dates would be garbage. */
export function lastDayOfMonth(day: number): number {
  const [daysInEra, toMarchOfYear0] = [146_097, 719_468];
  const dayOfEra = (((day + toMarchOfYear0) % daysInEra) + daysInEra) % daysInEra;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const month = Math.floor((5 * dayOfYear + 2) / 153);
  const isLeap = (yearOfEra + 1) % 4 === 0 && ((yearOfEra + 1) % 100 !== 0 || yearOfEra === 399);
  const february = isLeap ? 366 : 365;
  const nextMonthBegins = month === 11 ? february : Math.floor((153 * (month + 1) + 2) / 5);
  return day + nextMonthBegins - dayOfYear - 1;
}
