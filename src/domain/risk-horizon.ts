/**
 * The earliest later day on which anything that is said of a customer may change although nothing new
 * is known: an amount falls due or reaches another age, an average that grows with what is unpaid
 * crosses a line, an old invoice leaves the year that habits are read from, a limit begins or ends.
 * The day may come too early, never too late: on all days before it the answer is the same. Somebody
 * new is measured by what others owe and is looked at each day; concentration is as well, by src/assess.
 * Nothing overdue and the next invoice due on the 20th: the 21st.
 */
import {
  HISTORY_DAYS,
  type PastInvoice,
  PROMPT_DAYS,
  RECENT_MAX,
  SHORT_AFTER_DAYS,
  STEADY_DAYS,
} from './behaviour.ts';
import { limitsChangeOn } from './credit-limits.ts';
import { type CustomerFacts, type CustomerRecords, learnableHistory } from './customer-facts.ts';
import { addDays, type Day, soonest } from './day.ts';
import { openDueItems } from './due-items.ts';
import { isNew, lastActiveOn } from './flags-on-balance.ts';
import { THRESHOLDS } from './flag-thresholds.ts';
import {
  type BookBehaviour,
  pooledDaysLate,
  recentShrunk,
  PRIOR_INVOICES,
  shrunk,
  UNKNOWN_BOOK,
} from './score.ts';
import { SCORECARD } from './scorecard.ts';
import { SEGMENT_LIMITS } from './segments.ts';

/** The last day of each bucket of the aging. */
const BUCKET_ENDS = [0, 30, 60, 90];
/** Ages of the oldest amount after which a flag or the score may differ. */
const AGES = [
  ...SCORECARD.oldest_overdue.map((step) => step.upTo),
  ...valuesOf(THRESHOLDS.severelyOverdue),
  THRESHOLDS.stop.days,
  THRESHOLDS.stop.closeDays,
  THRESHOLDS.stop.aloneDays,
].filter(Number.isFinite);

export function riskChangesOn(
  facts: CustomerFacts,
  records: CustomerRecords,
  book: BookBehaviour | null,
): Day | null {
  const { asOn } = facts;
  const { matured } = learnableHistory(records, asOn);
  const edges = [
    ...ageEdges(facts, records),
    ...historyEdges(facts, records, matured),
    ...activityEdges(facts),
    ...newcomerEdges(facts),
    ...averageEdges(facts, matured, book ?? UNKNOWN_BOOK).map((days) => addDays(asOn, days)),
    limitsChangeOn(records.limits, asOn),
    records.changesOn,
  ];
  return soonest(...edges.filter((on) => on !== null && on > asOn));
}

function ageEdges(facts: CustomerFacts, records: CustomerRecords): Day[] {
  const items = records.invoices.flatMap((invoice) =>
    openDueItems(invoice).flatMap(({ dueOn }) => BUCKET_ENDS.map((end) => addDays(dueOn, end + 1))),
  );
  const oldest = facts.currencies.flatMap(({ oldestDueOn }) =>
    oldestDueOn === null ? [] : AGES.map((age) => addDays(oldestDueOn, age + 1)),
  );
  return [...items, ...oldest];
}

function historyEdges(
  { behaviour }: CustomerFacts,
  { history }: CustomerRecords,
  matured: readonly PastInvoice[],
): Day[] {
  const steadyUntil = Math.floor((behaviour.typicalDays ?? 0) + STEADY_DAYS);
  return [
    ...history.map(({ dueOn }) => addDays(dueOn, 1)),
    ...matured.map(({ dueOn }) => addDays(dueOn, HISTORY_DAYS + 1)),
    ...matured
      .filter((invoice) => invoice.paidOn === null)
      .flatMap(({ dueOn, lastPartOn }) => [
        addDays(dueOn, PROMPT_DAYS + 1),
        addDays(dueOn, steadyUntil + 1),
        ...(lastPartOn === null ? [] : [addDays(lastPartOn, SHORT_AFTER_DAYS)]),
      ]),
  ];
}

function activityEdges({ activity, behaviour }: CustomerFacts): Day[] {
  const after = (on: Day | null, ...counts: number[]) =>
    on === null ? [] : counts.map((count) => addDays(on, count));
  const { stopped, dormant } = SEGMENT_LIMITS;
  const { dormantBalance, newWithExposure } = THRESHOLDS;
  return [
    ...after(behaviour.unpaidSinceOn, stopped.enterDays, stopped.leaveDays),
    ...after(activity.lastPaidOn, stopped.enterDays, stopped.leaveDays),
    ...after(activity.lastIssuedOn, dormant.enterDays, dormant.leaveDays),
    ...after(lastActiveOn(activity), dormantBalance.open, dormantBalance.close),
    ...after(activity.firstIssuedOn, newWithExposure.days),
  ];
}

/** Everybody's open invoices move the average of the book. */
function newcomerEdges(facts: CustomerFacts): Day[] {
  const isExposed = facts.currencies.some(({ exposureMinor }) => exposureMinor > 0);
  return isExposed && isNew(facts, true) ? [addDays(facts.asOn, 1)] : [];
}

/** In how many days an average that moves with what is unpaid reaches one of its lines. */
function averageEdges(
  facts: CustomerFacts,
  matured: readonly PastInvoice[],
  book: BookBehaviour,
): number[] {
  const { habituallyLate, gettingWorse } = THRESHOLDS;
  const { behaviour, currencies } = facts;
  const slopeIn = (currency: string, billedMinor: number) =>
    matured.reduce(
      (sum, one) => (isUnpaid(one) && one.currency === currency ? sum + one.totalMinor : sum),
      0,
    ) / billedMinor;
  const slopes = currencies
    .filter(({ habits }) => habits.maturedCount > 0)
    .map(({ currency, habits }) => ({ habits, slope: slopeIn(currency, habits.billedMinor) }));
  const pooledSlope = slopes.reduce(
    (sum, { habits, slope }) => sum + slope * habits.maturedCount,
    0,
  );
  const count = behaviour.maturedCount;
  const recent = matured.slice(-RECENT_MAX);
  return [
    ...slopes.flatMap(({ habits, slope }) =>
      crossings(habits.daysLate ?? 0, slope, [
        habituallyLate.openDays,
        habituallyLate.closeDays,
        habituallyLate.high,
      ]),
    ),
    ...crossings(
      shrunk(pooledDaysLate(facts), count, book.daysLate),
      pooledSlope / (count + PRIOR_INVOICES),
      SCORECARD.days_late.map((step) => step.upTo),
    ),
    ...crossings(
      recentShrunk(behaviour.recentDays ?? 0, recent.length, book),
      recent.filter(isUnpaid).length / Math.max(recent.length, PRIOR_INVOICES),
      SCORECARD.recent_days.map((step) => step.upTo),
    ),
    ...trendEdges(
      behaviour.trend,
      matured,
      [gettingWorse.open, gettingWorse.close],
      [gettingWorse.recentOpen, gettingWorse.recentClose],
    ),
  ];
}

function trendEdges(
  trend: CustomerFacts['behaviour']['trend'],
  matured: readonly PastInvoice[],
  slides: readonly number[],
  levels: readonly number[],
): number[] {
  if (trend === null) return [];
  const { recentDays, earlierDays, recentCount } = trend;
  const recentSlope = unpaidShare(matured.slice(-recentCount));
  const earlierSlope = unpaidShare(matured.slice(0, -recentCount));
  return [
    ...crossings(recentDays, recentSlope, levels),
    ...crossings(recentDays - earlierDays, recentSlope - earlierSlope, slides),
  ];
}

function unpaidShare(invoices: readonly PastInvoice[]): number {
  return invoices.filter(isUnpaid).length / invoices.length;
}

function isUnpaid(invoice: PastInvoice): boolean {
  return invoice.paidOn === null;
}

// A line that is reached in the course of a day may already count on it: better a day early.
const HAIR = 1e-9;

function crossings(value: number, slope: number, lines: readonly number[]): number[] {
  if (Math.abs(slope) < HAIR) return [];
  return lines
    .map((line) => (line - value) / slope)
    .filter((days) => Number.isFinite(days) && days > -HAIR)
    .map((days) => Math.max(1, Math.floor(days - HAIR)));
}

function valuesOf(of: Readonly<Record<string, number>>): number[] {
  return Object.values(of);
}
