/**
 * The factors a prediction is told by, each one a thing a credit controller would look at: one list for
 * the chance of being late, one for the delay (days after the due date). A factor of which nothing is
 * known is zero, and says nothing. A customer late in 3 of 4 stands, shrunken to a book where 30 % is
 * worth four invoices, at (3 + 0.3 · 4) / (4 + 4) = 53 %; one usually 8 days late whose last was 20 has
 * a usual delay of 8 and a last delay of 12 beyond it.
 */
import { type Day, weekday } from '../day.ts';
import type { BookHabits } from './book-habits.ts';
import { FACT, fact, type Facts } from './facts.ts';
import { clamp, logitOf } from './numbers.ts';
import { lastDayOfMonth } from './pay-run.ts';
import {
  bookLateRate,
  shrunkenDelay,
  shrunkenMedian,
  shrunkenRate,
  shrunkenSpread,
} from './shrunken.ts';

/** In both lists, and in this order. */
const COMMON_FACTORS = [
  'constant',
  'experience',
  'is_new',
  'overdue_count',
  'overdue_share',
  'overdue_days',
  'size',
  'terms',
] as const;

export const LATE_FACTORS = [
  ...COMMON_FACTORS,
  /** Log-odds of the customer's shrunken late rate, or of new customers' late rate. */
  'own_rate',
  /** The usual delay, in units of its scatter: how much room there is before the due date. */
  'delay_position',
  /** Late among the last three, beyond what the rate says. */
  'last_three',
  'last_delay',
  'recent_delay',
  'book_rate',
  /** Whether the customer's next pay run falls after the due date. */
  'pay_run',
  'due_on_weekend',
  'due_at_month_end',
] as const;
export const LATE_WIDTH = LATE_FACTORS.length;

/** All but the customer's usual delay are differences from it or ratios: zero says "as usual". */
export const DELAY_FACTORS = [
  ...COMMON_FACTORS,
  'usual_delay',
  'pay_run',
  'mean_delay',
  'last_delay',
  'recent_delay',
  'own_rate',
  'book_rate',
] as const;
export const DELAY_WIDTH = DELAY_FACTORS.length;

/** Writes the row of one invoice into `into` from `to`; its facts begin at `from`. */
export type WriteFactors = (
  facts: Facts,
  from: number,
  book: BookHabits,
  into: Float64Array,
  to: number,
) => void;

function writeCommonFactors(facts: Facts, from: number, into: Float64Array, to: number): number {
  const count = fact(facts, from + FACT.maturedCount);
  into[to] = 1;
  into[to + 1] = Math.log1p(Math.min(count, 50));
  into[to + 2] = count === 0 ? 1 : 0;
  into[to + 3] = Math.log1p(fact(facts, from + FACT.overdueCount));
  into[to + 4] = fact(facts, from + FACT.overdueShare);
  into[to + 5] = Math.log1p(Math.max(0, fact(facts, from + FACT.overdueDays)));
  into[to + 6] = fact(facts, from + FACT.sizeRatio);
  into[to + 7] = Math.log1p(fact(facts, from + FACT.termsDays));
  return to + COMMON_FACTORS.length;
}

export const writeLateFactors: WriteFactors = (facts, from, book, into, to) => {
  const own = writeCommonFactors(facts, from, into, to);
  const isKnown = fact(facts, from + FACT.maturedCount) > 0;
  const rate = shrunkenRate(facts, from, book);
  const dueOn = fact(facts, from + FACT.dueOn) as Day;
  const position = shrunkenDelay(facts, from, book) / shrunkenSpread(facts, from, book);
  const runIsLate = fact(facts, from + FACT.runDelay) > 0 ? 1 : -1;
  const lastThree = fact(facts, from + FACT.lastThreeCount);
  into[own] = logitOf(isKnown ? rate : book.newLateRate);
  into[own + 1] = isKnown ? flattened(position) : 0;
  into[own + 2] = fact(facts, from + FACT.lastThreeLate) - lastThree * rate;
  into[own + 3] = inWidths(fact(facts, from + FACT.lastDelay), book);
  into[own + 4] = inWidths(fact(facts, from + FACT.averageDelay), book);
  into[own + 5] = logitOf(bookLateRate(facts, from, book));
  into[own + 6] = fact(facts, from + FACT.runTrust) * runIsLate;
  into[own + 7] = weekday(dueOn) > 5 ? 1 : 0;
  into[own + 8] = lastDayOfMonth(dueOn) - dueOn <= 2 ? 1 : 0;
};

function inWidths(days: number, book: BookHabits): number {
  return Number.isNaN(days) ? 0 : flattened(days / (book.width + 1));
}

/** Where a factor that is a number of days or ratios flattens out. */
const FLAT_AT = 3;

/** Straight near zero, level at ± FLAT_AT. */
function flattened(value: number): number {
  return (FLAT_AT * value) / (FLAT_AT + Math.abs(clamp(value, -1e6, 1e6)));
}

export const writeDelayFactors: WriteFactors = (facts, from, book, into, to) => {
  const own = writeCommonFactors(facts, from, into, to);
  const usual = shrunkenMedian(facts, from, book);
  const runTrust = fact(facts, from + FACT.runTrust);
  into[own] = usual;
  into[own + 1] = runTrust * beyond(fact(facts, from + FACT.runDelay), usual, book);
  into[own + 2] = beyond(shrunkenDelay(facts, from, book), usual, book);
  into[own + 3] = beyond(fact(facts, from + FACT.lastDelay), usual, book);
  into[own + 4] = beyond(fact(facts, from + FACT.averageDelay), usual, book);
  into[own + 5] = shrunkenRate(facts, from, book);
  into[own + 6] = bookLateRate(facts, from, book);
};

/** A difference counts up to so many times the width of the book's delays. */
const REACH = 10;

function beyond(days: number, usual: number, book: BookHabits): number {
  const reach = REACH * book.width;
  return Number.isNaN(days) ? 0 : clamp(days - usual, -reach, reach);
}
