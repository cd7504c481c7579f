/**
 * The factors a delay (days after the due date) is told by. All are in days or ratios, and all but the
 * customer's usual delay are differences from it: zero says "as usual".
 */
import type { BookHabits } from './book-habits.ts';
import { shrunkenDelay, shrunkenMedian, shrunkenSpread } from './late-factors.ts';
import { at, clamp } from './numbers.ts';
import { FACT } from './track-record.ts';

export const DELAY_FACTORS = [
  'constant',
  'usual_delay',
  'pay_run',
  'mean_delay',
  'last_delay',
  'recent_delay',
  'is_new',
  'experience',
  'late_rate',
  'overdue_count',
  'overdue_share',
  'overdue_days',
  'size',
  'terms',
  'book_rate',
] as const;
export type DelayFactor = (typeof DELAY_FACTORS)[number];
export const DELAY_WIDTH = DELAY_FACTORS.length;

export function writeDelayFactors(
  facts: ArrayLike<number>,
  from: number,
  book: BookHabits,
  into: Float64Array,
  to: number,
): void {
  const fact = (index: number): number => at(facts, from + index);
  const reach = 4 * book.width;
  const near = (days: number): number => clamp(days, book.delay - reach, book.delay + reach);
  const usual = near(shrunkenMedian(facts, from, book));
  const less = (days: number): number => (Number.isNaN(days) ? 0 : near(days) - usual);
  const count = fact(FACT.maturedCount);
  const bookRate = (fact(FACT.bookLate) + 5 * book.lateRate) / (fact(FACT.bookMatured) + 5);
  const ownRate =
    (fact(FACT.late) + book.lateWorth * book.lateRate) / (fact(FACT.matured) + book.lateWorth);
  let place = to;
  const put = (value: number): void => {
    into[place] = value;
    place += 1;
  };
  put(1);
  put(usual);
  put(fact(FACT.runTrust) * less(fact(FACT.runDelay)));
  put(less(shrunkenDelay(facts, from, book)));
  put(less(fact(FACT.lastDelay)));
  put(less(fact(FACT.averageDelay)));
  put(count === 0 ? 1 : 0);
  put(Math.log1p(Math.min(count, 50)));
  put(ownRate);
  put(Math.log1p(fact(FACT.overdueCount)));
  put(fact(FACT.overdueShare));
  put(Math.log1p(Math.max(0, fact(FACT.overdueDays))));
  put(fact(FACT.sizeRatio));
  put(Math.log1p(Math.max(0, fact(FACT.termsDays))));
  put(bookRate - book.lateRate);
}

/** How far this customer's delays scatter. */
export function delayScale(facts: ArrayLike<number>, from: number, book: BookHabits): number {
  return shrunkenSpread(facts, from, book);
}
