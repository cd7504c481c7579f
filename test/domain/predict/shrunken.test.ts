import { describe, expect, test } from 'vitest';
import { FACTS } from '../../../src/domain/predict/facts.ts';
import {
  bookLateRate,
  shrunkenDelay,
  shrunkenMedian,
  shrunkenRate,
  shrunkenSpread,
} from '../../../src/domain/predict/shrunken.ts';
import { BOOK, factsOf } from './histories.ts';

const figures = { shrunkenRate, shrunkenDelay, shrunkenMedian, shrunkenSpread, bookLateRate };

/** The one figure, from the second of two rows. */
function figure(name: keyof typeof figures, known: Parameters<typeof factsOf>[0]): number {
  const rows = new Float64Array(2 * FACTS).fill(77);
  rows.set(factsOf(known), FACTS);
  return figures[name](rows, FACTS, BOOK);
}

describe("a customer's figures lean on the book's as far as its history is thin", () => {
  test.each([
    ['shrunkenRate', {}, 0.3],
    ['shrunkenDelay', {}, 5],
    ['shrunkenMedian', { medianDelay: Number.NaN }, 5],
    ['shrunkenSpread', {}, 6],
    ['bookLateRate', {}, 0.3],
  ] as const)('%s: nothing known is the book itself', (name, known, expected) => {
    expect(figure(name, known)).toBeCloseTo(expected, 12);
  });

  test.each([
    // The book's 30 % is worth four invoices: (3 + 1.2) / 8 and (1 + 1.2) / 5.
    ['shrunkenRate', { late: 3, matured: 4 }, 0.525],
    ['shrunkenRate', { late: 1, matured: 1 }, 0.44],
    // Its 5 days are worth two: (40 + 10) / (4 + 2).
    ['shrunkenDelay', { delaySum: 40, delayWeight: 4 }, 50 / 6],
    // Two overdue for 90 days weigh as one: (40 + 90 + 10) / (4 + 1 + 2).
    ['shrunkenDelay', { delaySum: 40, delayWeight: 4, overdueCount: 2, overdueDays: 90 }, 140 / 7],
    ['shrunkenMedian', { medianDelay: 11, medianWeight: 4 }, (44 + 10) / 6],
    // The book's scatter of 6 days is worth three: (1 · 2 + 18) / 5.
    ['shrunkenSpread', { spread: 1, medianWeight: 2 }, 4],
    // The book's habits are worth five invoices of its latest: (9 + 1.5) / (10 + 5).
    ['bookLateRate', { bookLate: 9, bookMatured: 10 }, 0.7],
  ] as const)('%s of %j is %d', (name, known, expected) => {
    expect(figure(name, known)).toBeCloseTo(expected, 12);
  });

  test('a long history stands for itself', () => {
    expect(figure('shrunkenRate', { late: 9_000, matured: 10_000 })).toBeCloseTo(0.9, 3);
    expect(figure('shrunkenDelay', { delaySum: 120_000, delayWeight: 10_000 })).toBeCloseTo(12, 2);
    expect(figure('shrunkenMedian', { medianDelay: 12, medianWeight: 1e4 })).toBeCloseTo(12, 2);
  });

  test('nobody pays to the day for ever: the scatter stays at half a day', () => {
    expect(figure('shrunkenSpread', { spread: 0, medianWeight: 1_000 })).toBe(0.5);
    expect(figure('shrunkenSpread', { spread: 0, medianWeight: 33 })).toBe(0.5);
    expect(figure('shrunkenSpread', { spread: 0, medianWeight: 27 })).toBeCloseTo(0.6, 12);
  });
});
