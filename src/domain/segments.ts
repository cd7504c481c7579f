/**
 * Customers by how they pay. Somebody who is always twelve days late but as sure as the calendar needs
 * another letter than somebody who used to be punctual and slides, so a policy may name a segment.
 * Every customer belongs to exactly one: the first in the list whose rule holds. It is entered by one
 * figure and left by a gentler one, so that nobody changes segment from day to day.
 * Ten invoices paid 11 to 14 days late: slow but reliable.
 */
import type { Behaviour } from './behaviour.ts';
import type { CustomerFacts } from './customer-facts.ts';
import { type Day, daysBetween } from './day.ts';
import { dayText, percentText, plural } from './text.ts';

interface Rule {
  word: string;
  /** With `isIn`, by the gentler figure. */
  holds: (facts: CustomerFacts, isIn: boolean) => boolean;
  because: (facts: CustomerFacts) => string;
}

/** Days and shares at which a segment is entered, and at which it is left. */
export const SEGMENT_LIMITS = {
  stopped: { runMin: 2, enterDays: 60, leaveDays: 30 },
  dormant: { enterDays: 180, leaveDays: 120 },
  new: { enterCount: 3, leaveCount: 4 },
  disputer: { enterCount: 2, leaveCount: 1, enterShare: 0.2, leaveShare: 0.1 },
  partPayer: { enterCount: 3, leaveCount: 2, enterShare: 0.4, leaveShare: 0.25 },
  deteriorating: { enterSlide: 10, leaveSlide: 5, enterDays: 7, leaveDays: 5 },
  punctual: { enterShare: 0.8, leaveShare: 0.7 },
  monthEnd: { countMin: 4, enterShare: 0.7, leaveShare: 0.55 },
  slowReliable: { enterShare: 0.8, leaveShare: 0.7, enterSpread: 5, leaveSpread: 7, daysMax: 60 },
} as const;

/** In the order in which they are tried. */
export const SEGMENTS = [
  'stopped',
  'dormant',
  'new',
  'disputer',
  'part_payer',
  'deteriorating',
  'punctual',
  'month_end',
  'slow_reliable',
  'erratic',
] as const;
export type Segment = (typeof SEGMENTS)[number];

const RULES: Record<Segment, Rule> = {
  stopped: {
    word: 'stopped paying',
    holds: ({ behaviour, activity, asOn }, isIn) => {
      const { runMin, enterDays, leaveDays } = SEGMENT_LIMITS.stopped;
      const days = isIn ? leaveDays : enterDays;
      if (behaviour.unpaidRun < runMin || behaviour.unpaidSinceOn === null) return false;
      const silent = activity.lastPaidOn === null || daysAgo(activity.lastPaidOn, asOn) >= days;
      return silent && daysAgo(behaviour.unpaidSinceOn, asOn) >= days;
    },
    because: ({ behaviour }) =>
      `None of the latest ${plural(behaviour.unpaidRun, 'invoice')} is paid, the first of them due ${dayOr(behaviour.unpaidSinceOn)}.`,
  },
  dormant: {
    word: 'dormant',
    holds: ({ activity, currencies, asOn }, isIn) => {
      const { enterDays, leaveDays } = SEGMENT_LIMITS.dormant;
      if (activity.lastIssuedOn === null || currencies.some((one) => one.openMinor > 0))
        return false;
      return daysAgo(activity.lastIssuedOn, asOn) >= (isIn ? leaveDays : enterDays);
    },
    because: ({ activity }) =>
      `Nothing is open, and the last invoice was issued ${dayOr(activity.lastIssuedOn)}.`,
  },
  new: {
    word: 'new',
    holds: ({ behaviour }, isIn) => {
      const { enterCount, leaveCount } = SEGMENT_LIMITS.new;
      return behaviour.maturedCount < (isIn ? leaveCount : enterCount);
    },
    because: ({ behaviour }) =>
      `${plural(behaviour.maturedCount, 'invoice')} fell due within a year: too few to tell.`,
  },
  disputer: {
    word: 'disputer',
    holds: ({ disputeCount, behaviour }, isIn) => {
      const { enterCount, leaveCount, enterShare, leaveShare } = SEGMENT_LIMITS.disputer;
      const least = (isIn ? leaveShare : enterShare) * behaviour.maturedCount;
      return disputeCount >= (isIn ? leaveCount : enterCount) && disputeCount >= least;
    },
    because: ({ disputeCount, behaviour }) =>
      `${plural(disputeCount, 'invoice')} were contested within a year, of ${behaviour.maturedCount} that fell due.`,
  },
  part_payer: {
    word: 'pays in parts',
    holds: ({ behaviour: { partCount, maturedCount } }, isIn) => {
      const { enterCount, leaveCount, enterShare, leaveShare } = SEGMENT_LIMITS.partPayer;
      const least = (isIn ? leaveShare : enterShare) * maturedCount;
      return partCount >= (isIn ? leaveCount : enterCount) && partCount >= least;
    },
    because: ({ behaviour }) =>
      `${share(behaviour.partCount, behaviour)} invoices were paid in more than one payment.`,
  },
  deteriorating: {
    word: 'deteriorating',
    holds: ({ behaviour: { trend } }, isIn) => {
      const { enterSlide, leaveSlide, enterDays, leaveDays } = SEGMENT_LIMITS.deteriorating;
      if (trend === null) return false;
      const slide = trend.recentDays - trend.earlierDays;
      return isIn
        ? slide > leaveSlide && trend.recentDays > leaveDays
        : slide >= enterSlide && trend.recentDays >= enterDays;
    },
    because: ({ behaviour: { trend } }) =>
      `The latest invoices run ${Math.round(trend?.recentDays ?? 0)} days late, those before them ${Math.round(trend?.earlierDays ?? 0)}.`,
  },
  punctual: {
    word: 'punctual',
    holds: ({ behaviour: { promptCount, maturedCount } }, isIn) => {
      const { enterShare, leaveShare } = SEGMENT_LIMITS.punctual;
      return promptCount >= (isIn ? leaveShare : enterShare) * maturedCount;
    },
    because: ({ behaviour }) =>
      `${share(behaviour.promptCount, behaviour)} invoices were paid by the third day after they were due.`,
  },
  month_end: {
    word: 'month-end payer',
    holds: ({ behaviour: { monthEndCount, paidCount } }, isIn) => {
      const { countMin, enterShare, leaveShare } = SEGMENT_LIMITS.monthEnd;
      return paidCount >= countMin && monthEndCount >= (isIn ? leaveShare : enterShare) * paidCount;
    },
    because: ({ behaviour: { monthEndCount, paidCount } }) =>
      `${monthEndCount} of ${paidCount} payments came on the last four days of a month.`,
  },
  slow_reliable: {
    word: 'slow but reliable',
    holds: ({ behaviour }, isIn) => {
      const { enterShare, leaveShare, enterSpread, leaveSpread, daysMax } =
        SEGMENT_LIMITS.slowReliable;
      const { typicalDays, spreadDays, steadyCount, maturedCount } = behaviour;
      if (typicalDays === null || spreadDays === null || typicalDays > daysMax) return false;
      const isNarrow = spreadDays <= (isIn ? leaveSpread : enterSpread);
      return isNarrow && steadyCount >= (isIn ? leaveShare : enterShare) * maturedCount;
    },
    because: ({ behaviour }) =>
      `${share(behaviour.steadyCount, behaviour)} invoices keep within ten days of the usual ${Math.round(behaviour.typicalDays ?? 0)} days after the due date.`,
  },
  erratic: {
    word: 'erratic',
    holds: () => true,
    because: ({ behaviour }) =>
      `No pattern in ${plural(behaviour.maturedCount, 'invoice')}: ${behaviour.lateCount} were late.`,
  },
};

export interface SegmentFound {
  segment: Segment;
  because: string;
}

/** null: nothing was ever invoiced. */
export function segmentOf(facts: CustomerFacts, previous: Segment | null): SegmentFound | null {
  if (facts.activity.lastIssuedOn === null) return null;
  const segment =
    SEGMENTS.find((candidate) => RULES[candidate].holds(facts, candidate === previous)) ??
    'erratic';
  return { segment, because: RULES[segment].because(facts) };
}

export function segmentWord(segment: Segment): string {
  return RULES[segment].word;
}

function share(count: number, { maturedCount }: Behaviour): string {
  return `${count} of ${maturedCount} (${percentText(count / maturedCount)})`;
}

function daysAgo(on: Day, asOn: Day): number {
  return daysBetween(on, asOn);
}

function dayOr(on: Day | null): string {
  return on === null ? 'some time ago' : `on ${dayText(on)}`;
}
