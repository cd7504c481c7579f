/**
 * The factors a delay (days after the due date) is told by. All but the customer's usual delay are
 * differences from it or ratios: zero says "as usual". A customer whose usual delay is 8 days and whose
 * last was 20 has 8 and 12.
 */
import type { BookHabits } from './book-habits.ts';
import { FACT } from './facts.ts';
import { at, clamp } from './numbers.ts';
import { bookLateRate, shrunkenDelay, shrunkenMedian, shrunkenRate } from './shrunken.ts';

export const DELAY_FACTORS = [
  'constant',
  'usual_delay',
  'pay_run',
  'mean_delay',
  'last_delay',
  'recent_delay',
  'is_new',
  'experience',
  'own_rate',
  'overdue_count',
  'overdue_share',
  'overdue_days',
  'size',
  'terms',
  'book_rate',
] as const;
export const DELAY_WIDTH = DELAY_FACTORS.length;

/** A difference counts up to so many times the width of the book's delays. */
const REACH = 10;

export function writeDelayFactors(
  facts: ArrayLike<number>,
  from: number,
  book: BookHabits,
  into: Float64Array,
  to: number,
): void {
  const reach = REACH * book.width;
  const usual = shrunkenMedian(facts, from, book);
  const beyond = (days: number): number =>
    Number.isNaN(days) ? 0 : clamp(days - usual, -reach, reach);
  const count = at(facts, from + FACT.maturedCount);
  into[to] = 1;
  into[to + 1] = usual;
  into[to + 2] = at(facts, from + FACT.runTrust) * beyond(at(facts, from + FACT.runDelay));
  into[to + 3] = beyond(shrunkenDelay(facts, from, book));
  into[to + 4] = beyond(at(facts, from + FACT.lastDelay));
  into[to + 5] = beyond(at(facts, from + FACT.averageDelay));
  into[to + 6] = count === 0 ? 1 : 0;
  into[to + 7] = Math.log1p(Math.min(count, 50));
  into[to + 8] = shrunkenRate(facts, from, book);
  into[to + 9] = Math.log1p(at(facts, from + FACT.overdueCount));
  into[to + 10] = at(facts, from + FACT.overdueShare);
  into[to + 11] = Math.log1p(Math.max(0, at(facts, from + FACT.overdueDays)));
  into[to + 12] = at(facts, from + FACT.sizeRatio);
  into[to + 13] = Math.log1p(at(facts, from + FACT.termsDays));
  into[to + 14] = bookLateRate(facts, from, book);
}
