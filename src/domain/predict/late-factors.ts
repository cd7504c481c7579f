/**
 * The factors a late payment is told by, each one a thing a credit controller would look at. A factor
 * of which nothing is known is zero, and says nothing. A customer late in 3 of 4 stands, shrunken to a
 * book where 30 % is worth four invoices, at (3 + 0.3 · 4) / (4 + 4) = 53 %.
 */
import { type Day, weekday } from '../day.ts';
import type { BookHabits } from './book-habits.ts';
import { FACT } from './facts.ts';
import { at, clamp, logitOf } from './numbers.ts';
import { lastDayOfMonth } from './pay-run.ts';
import { bookLateRate, shrunkenDelay, shrunkenRate, shrunkenSpread } from './shrunken.ts';

export const LATE_FACTORS = [
  'constant',
  /** Log-odds of the customer's shrunken late rate, or of new customers' late rate. */
  'own_rate',
  /** The usual delay, in units of its scatter: how much room there is before the due date. */
  'delay_position',
  'experience',
  'is_new',
  /** Late among the last three, beyond what the rate says. */
  'last_three',
  'last_delay',
  'recent_delay',
  'overdue_count',
  'overdue_share',
  'overdue_days',
  'size',
  'terms',
  'book_rate',
  /** Whether the customer's next pay run falls after the due date. */
  'pay_run',
  'due_on_weekend',
  'due_at_month_end',
] as const;
export const LATE_WIDTH = LATE_FACTORS.length;

/** Where a factor that is a number of days or ratios flattens out. */
const FLAT_AT = 3;

export function writeLateFactors(
  facts: ArrayLike<number>,
  from: number,
  book: BookHabits,
  into: Float64Array,
  to: number,
): void {
  const count = at(facts, from + FACT.maturedCount);
  const rate = shrunkenRate(facts, from, book);
  const isKnown = count > 0;
  const dueOn = at(facts, from + FACT.dueOn) as Day;
  const position = shrunkenDelay(facts, from, book) / shrunkenSpread(facts, from, book);
  const runIsLate = at(facts, from + FACT.runDelay) > 0 ? 1 : -1;
  const lastThree = at(facts, from + FACT.lastThreeCount);
  into[to] = 1;
  into[to + 1] = logitOf(isKnown ? rate : book.newLateRate);
  into[to + 2] = isKnown ? flattened(position) : 0;
  into[to + 3] = Math.log1p(Math.min(count, 50));
  into[to + 4] = isKnown ? 0 : 1;
  into[to + 5] = at(facts, from + FACT.lastThreeLate) - lastThree * rate;
  into[to + 6] = delayFactor(at(facts, from + FACT.lastDelay), book);
  into[to + 7] = delayFactor(at(facts, from + FACT.averageDelay), book);
  into[to + 8] = Math.log1p(at(facts, from + FACT.overdueCount));
  into[to + 9] = at(facts, from + FACT.overdueShare);
  into[to + 10] = Math.log1p(Math.max(0, at(facts, from + FACT.overdueDays)));
  into[to + 11] = at(facts, from + FACT.sizeRatio);
  into[to + 12] = Math.log1p(at(facts, from + FACT.termsDays));
  into[to + 13] = logitOf(bookLateRate(facts, from, book));
  into[to + 14] = at(facts, from + FACT.runTrust) * runIsLate;
  into[to + 15] = weekday(dueOn) > 5 ? 1 : 0;
  into[to + 16] = lastDayOfMonth(dueOn) - dueOn <= 2 ? 1 : 0;
}

function delayFactor(days: number, book: BookHabits): number {
  return Number.isNaN(days) ? 0 : flattened(days / (book.width + 1));
}

/** Straight near zero, level at ± FLAT_AT. */
function flattened(value: number): number {
  return (FLAT_AT * value) / (FLAT_AT + Math.abs(clamp(value, -1e6, 1e6)));
}
