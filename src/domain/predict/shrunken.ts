/**
 * A customer's own figures, pulled to the book's as far as its history is thin. One late invoice out of
 * one is no 100 %: in a book where 30 % is worth four invoices it is (1 + 0.3 · 4) / (1 + 4) = 44 %.
 */
import type { BookHabits } from './book-habits.ts';
import { FACT, fact, type Facts } from './facts.ts';
import { decay, OVERDUE_HALF_LIFE_DAYS } from './recent-delays.ts';

/** How many invoices the book's usual scatter is worth. */
const SPREAD_WORTH = 3;
const BOOK_RATE_WORTH = 5;
/** Nobody pays to the day for ever. */
const LEAST_SPREAD_DAYS = 0.5;

export function shrunkenRate(facts: Facts, from: number, book: BookHabits): number {
  const late = fact(facts, from + FACT.late);
  const matured = fact(facts, from + FACT.matured);
  return (late + book.lateWorth * book.lateRate) / (matured + book.lateWorth);
}

/** Mean delay; what is overdue now counts as the days it has taken so far. */
export function shrunkenDelay(facts: Facts, from: number, book: BookHabits): number {
  const overdue =
    fact(facts, from + FACT.overdueCount) *
    decay(fact(facts, from + FACT.overdueDays), OVERDUE_HALF_LIFE_DAYS);
  const sum = fact(facts, from + FACT.delaySum) + overdue * fact(facts, from + FACT.overdueDays);
  const weight = fact(facts, from + FACT.delayWeight) + overdue;
  return (sum + book.delayWorth * book.delay) / (weight + book.delayWorth);
}

export function shrunkenMedian(facts: Facts, from: number, book: BookHabits): number {
  const weight = fact(facts, from + FACT.medianWeight);
  if (weight <= 0) return book.delay;
  const own = fact(facts, from + FACT.medianDelay);
  return (own * weight + book.delay * book.delayWorth) / (weight + book.delayWorth);
}

export function shrunkenSpread(facts: Facts, from: number, book: BookHabits): number {
  const weight = fact(facts, from + FACT.medianWeight);
  const own = fact(facts, from + FACT.spread);
  const spread = (own * weight + SPREAD_WORTH * book.spread) / (weight + SPREAD_WORTH);
  return Math.max(LEAST_SPREAD_DAYS, spread);
}

/** How much of the book was late lately. */
export function bookLateRate(facts: Facts, from: number, book: BookHabits): number {
  const late = fact(facts, from + FACT.bookLate);
  const matured = fact(facts, from + FACT.bookMatured);
  return (late + BOOK_RATE_WORTH * book.lateRate) / (matured + BOOK_RATE_WORTH);
}
