/**
 * The factors a late payment is told by, each one a thing a credit controller would look at. Every
 * factor is zero where nothing is known, so that it then says nothing.
 */
import { weekday, type Day } from '../day.ts';
import type { BookHabits } from './book-habits.ts';
import { at, clamp, logitOf } from './numbers.ts';
import { lastDayOfMonth } from './pay-run.ts';
import { FACT } from './track-record.ts';

export const LATE_FACTORS = [
  'constant',
  'own_rate',
  'delay_position',
  'experience',
  'is_new',
  'last_three',
  'last_delay',
  'recent_delay',
  'overdue_count',
  'overdue_share',
  'overdue_days',
  'size',
  'terms',
  'book_rate',
  'pay_run',
  'weekend',
  'month_end',
] as const;
export type LateFactor = (typeof LATE_FACTORS)[number];
export const LATE_WIDTH = LATE_FACTORS.length;

/** The shrunken late rate of the customer behind a row of facts. */
export function shrunkenRate(facts: ArrayLike<number>, offset: number, book: BookHabits): number {
  const late = at(facts, offset + FACT.late);
  const matured = at(facts, offset + FACT.matured);
  return (late + book.lateWorth * book.lateRate) / (matured + book.lateWorth);
}

export function shrunkenDelay(facts: ArrayLike<number>, offset: number, book: BookHabits): number {
  const overdue = at(facts, offset + FACT.overdueCount);
  const open = overdue * Math.max(at(facts, offset + FACT.overdueDays), 0);
  const sum = at(facts, offset + FACT.delaySum) + open;
  const weight = at(facts, offset + FACT.delayWeight) + overdue;
  return (sum + book.delayWorth * book.delay) / (weight + book.delayWorth);
}

/** The usual scatter of this customer's delays, pulled to the book's. */
export function shrunkenSpread(facts: ArrayLike<number>, offset: number, book: BookHabits): number {
  const weight = at(facts, offset + FACT.medianWeight);
  const own = weight > 0 ? at(facts, offset + FACT.spread) * weight : 0;
  return Math.max(0.5, (own + 3 * book.spread) / (weight + 3));
}

export function shrunkenMedian(facts: ArrayLike<number>, offset: number, book: BookHabits): number {
  const weight = at(facts, offset + FACT.medianWeight);
  if (!(weight > 0)) return book.delay;
  const own = at(facts, offset + FACT.medianDelay);
  return (own * weight + book.delay * book.delayWorth) / (weight + book.delayWorth);
}

export function writeLateFactors(
  facts: ArrayLike<number>,
  from: number,
  book: BookHabits,
  into: Float64Array,
  to: number,
): void {
  const fact = (index: number): number => at(facts, from + index);
  const count = fact(FACT.maturedCount);
  const rate = shrunkenRate(facts, from, book);
  const spread = shrunkenSpread(facts, from, book);
  const reach = book.width + 1;
  const lastThree = fact(FACT.lastThreeCount);
  const dueOn = fact(FACT.dueOn) as Day;
  const bookRate = (fact(FACT.bookLate) + 5 * book.lateRate) / (fact(FACT.bookMatured) + 5);
  const trust = fact(FACT.runTrust);
  let place = to;
  const put = (value: number): void => {
    into[place] = value;
    place += 1;
  };
  put(1);
  put(count === 0 ? logitOf(book.newLateRate) : logitOf(rate));
  put(count === 0 ? 0 : softSign(shrunkenDelay(facts, from, book) / spread, 3));
  put(Math.log1p(Math.min(count, 50)));
  put(count === 0 ? 1 : 0);
  put(lastThree === 0 ? 0 : fact(FACT.lastThreeLate) - lastThree * rate);
  put(known(fact(FACT.lastDelay), (days) => softSign(days / reach, 3)));
  put(known(fact(FACT.averageDelay), (days) => softSign(days / reach, 3)));
  put(Math.log1p(fact(FACT.overdueCount)));
  put(fact(FACT.overdueShare));
  put(Math.log1p(Math.max(0, fact(FACT.overdueDays))));
  put(fact(FACT.sizeRatio));
  put(Math.log1p(Math.max(0, fact(FACT.termsDays))));
  put(logitOf(bookRate));
  put(trust * (fact(FACT.runDelay) > 0 ? 1 : -1));
  put(weekday(dueOn) > 5 ? 1 : 0);
  put(lastDayOfMonth(dueOn) - dueOn <= 2 ? 1 : 0);
}

/** Straight near zero, flattening out at ± `limit`. */
function softSign(value: number, limit: number): number {
  return (limit * value) / (limit + Math.abs(clamp(value, -1e6, 1e6)));
}

function known(value: number, read: (value: number) => number): number {
  return Number.isNaN(value) ? 0 : read(value);
}
