import { describe, expect, test } from 'vitest';
import { addDays } from '../../../src/domain/day.ts';
import {
  type BookHabits,
  bookHabits,
  fitLateRates,
} from '../../../src/domain/predict/book-habits.ts';
import { arrangeHistory } from '../../../src/domain/predict/history.ts';
import { digamma } from '../../../src/domain/predict/numbers.ts';
import type { PaymentObservation } from '../../../src/domain/predict/observation.ts';
import { decay } from '../../../src/domain/predict/recent-delays.ts';
import { walkHistory } from '../../../src/domain/predict/walk.ts';
import { FIRST, invoice, sixDigits, yearOfEighty } from './histories.ts';

function habitsOn(days: number, observations: readonly PaymentObservation[]): BookHabits {
  const until = addDays(FIRST, days);
  const { records } = walkHistory(arrangeHistory(observations), until, () => undefined);
  return bookHabits(records, until);
}

/** A customer for each list, its invoices due on the tenth day and paid so many days after that. */
function paying(...customers: readonly (readonly number[])[]): PaymentObservation[] {
  return customers.flatMap((delays, c) =>
    delays.map((delay) => invoice(`C${String(c).padStart(4, '0')}`, FIRST, 10, 10 + delay)),
  );
}

const delaysOf = (...customers: readonly (readonly number[])[]) => {
  const { delay, delayWorth, spread, width } = habitsOn(400, paying(...customers));
  return { delay, delayWorth, spread, width };
};

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('how late rates of customers lie', () => {
  const likelihoodSlope = (
    late: readonly number[],
    matured: readonly number[],
    { lateRate, lateWorth }: { lateRate: number; lateWorth: number },
  ) => {
    // With the two imagined customers of one invoice each, a quarter and three quarters of it late.
    const all = [...late.map((y, c) => [y, matured[c] ?? 0] as const), [0.25, 1], [0.75, 1]];
    const [alpha, beta] = [lateRate * lateWorth, (1 - lateRate) * lateWorth];
    const slope = ([y = 0, n = 0]: readonly number[], sign: 1 | -1) =>
      digamma((sign === 1 ? y : n - y) + (sign === 1 ? alpha : beta)) -
      digamma(sign === 1 ? alpha : beta) -
      digamma(n + lateWorth) +
      digamma(lateWorth);
    const summed = (sign: 1 | -1) => all.reduce((sum, one) => sum + slope(one, sign), 0);
    return [summed(1), summed(-1)];
  };

  test.each([
    [
      [2, 5, 8, 1, 6],
      [10, 10, 10, 10, 10],
    ],
    [
      [1, 9, 2, 10],
      [10, 10, 10, 10],
    ],
    [
      [0.5, 7.5, 3],
      [1.25, 20, 4],
    ],
  ])('%j late of %j: no other bell of rates explains them better', (late, matured) => {
    // At the top of the likelihood its slopes are nil.
    for (const slope of likelihoodSlope(late, matured, fitLateRates(late, matured))) {
      expect(Math.abs(slope)).toBeLessThan(0.02);
    }
  });

  test('of an unknown book: a half', () => {
    expect(fitLateRates([], []).lateRate).toBeCloseTo(0.5, 12);
  });

  test('does not ask which customer comes first', () => {
    const [late, matured] = [
      [1, 9, 4],
      [10, 10, 20],
    ];
    const turned = fitLateRates(late.toReversed(), matured.toReversed());
    const straight = fitLateRates(late, matured);
    expect(turned.lateRate).toBeCloseTo(straight.lateRate, 12);
    expect(turned.lateWorth).toBeCloseTo(straight.lateWorth, 9);
  });

  test('late and punctual are mirrors of each other', () => {
    const late = fitLateRates([1, 2, 6], [10, 10, 10]);
    const punctual = fitLateRates([9, 8, 4], [10, 10, 10]);
    expect(punctual.lateRate).toBeCloseTo(1 - late.lateRate, 9);
    expect(punctual.lateWorth).toBeCloseTo(late.lateWorth, 9);
  });

  test('customers who are all alike make the book worth much, all-or-nothing ones little', () => {
    const many = Array.from({ length: 40 }, () => 50);
    const alike = fitLateRates(
      many.map(() => 15),
      many,
    );
    const split = fitLateRates(
      many.map((_, c) => (c % 2) * 50),
      many,
    );
    expect(alike.lateRate).toBeCloseTo(0.3, 1);
    expect(alike.lateWorth).toBeGreaterThan(10);
    expect(split.lateRate).toBeCloseTo(0.5, 6);
    expect(split.lateWorth).toBe(0.5);
  });

  test('the same rates give the same figures: a change here changes the model, and its backtest has to be measured again', () => {
    const figures = [
      fitLateRates([], []),
      fitLateRates([1, 0, 5, 2.5], [4, 3, 6, 2.5]),
      fitLateRates([0, 0, 0, 1], [20, 30, 8, 40]),
      fitLateRates([3, 3, 4, 3], [10, 10, 12, 11]),
    ];
    expect(figures.map((one) => sixDigits([one.lateRate, one.lateWorth]))).toEqual([
      [0.5, 24.3293],
      [0.51636, 2.36771],
      [0.0883011, 2.79678],
      [0.322114, 22.7952],
    ]);
  });
});

describe('late rates of the book', () => {
  test('weigh what is older half after 180 days, and leave out who has no outcome yet', () => {
    const young = invoice('D', addDays(FIRST, 180), 60, null);
    const { lateRate, lateWorth } = habitsOn(191, [
      ...paying([5, -2], [-1, 0, 4], [0]),
      invoice('C0001', addDays(FIRST, 90), 10, 20),
      young,
    ]);
    const [first, second] = [decay(181), decay(91)];
    const expected = fitLateRates(
      [first, first + second, 0],
      [2 * first, 3 * first + second, first],
    );
    expect(lateRate).toBeCloseTo(expected.lateRate, 9);
    expect(lateWorth).toBeCloseTo(expected.lateWorth, 9);
  });

  test('new customers are told apart, the book standing in for ten of them', () => {
    const { lateRate, newLateRate } = habitsOn(90, paying([5, -2, -2], [-1, -4, -3], [7, 0]));
    // Of one day the punctual come first, and each customer has one.
    expect(newLateRate).toBeCloseTo((0 + 10 * lateRate) / 13, 12);
    const cash = habitsOn(90, paying([5], [-1], [7]));
    expect(cash.newLateRate).toBeCloseTo((2 + 10 * cash.lateRate) / 13, 12);
  });

  test('more than 2,000 customers tell nothing new: of 4,000 every second is asked', () => {
    const { lateRate, newLateRate } = habitsOn(
      90,
      paying(...Array.from({ length: 4_000 }, (_, c) => [c % 2 === 0 ? 0 : 9])),
    );
    expect(lateRate).toBeLessThan(0.01);
    // All are counted where counting is enough.
    expect(newLateRate).toBeCloseTo((2_000 + 10 * lateRate) / 4_010, 12);
  });
});

describe('delays of the book', () => {
  test('are guessed while fewer than five are known', () => {
    const guessed = { delay: 0, delayWorth: 4, spread: 7, width: 10 };
    expect(delaysOf()).toEqual(guessed);
    expect(delaysOf([40, 40], [40], [40])).toEqual(guessed);
  });

  test('of fewer than three customers with two of them are those of the book at large', () => {
    // Median 12, and 2, 0, 10, 8, 6 beside it: 6 is usual, as a bell curve 1.4826 times as much.
    expect(delaysOf([10, 12], [22, 4], [18])).toEqual({
      delay: 12,
      delayWorth: 4,
      spread: 1.4826 * 6,
      width: 1.4826 * 6,
    });
    expect(delaysOf([7, 7], [7, 7], [8])).toMatchObject({ delay: 7, width: 1, spread: 1 });
  });

  test('between the customers against within them: so much the book is worth', () => {
    const habits = delaysOf([2, 10], [8, 12, 16], [11, 19], [60]);
    // Sorted 2 8 10 11 12 16 19 60: the middle is 11.5, and half lie within 4 days of it.
    expect(habits.width).toBeCloseTo(1.4826 * 4, 12);
    // Means 6, 12 and 15; the one invoice of the fourth says nothing of what differs.
    expect(habits.delay).toBe(12);
    // Within them 32, 16 and 32; the mean of so few invoices moves by a share of that.
    const within = 80 / 3;
    const byChance = (within * (1 / 2 + 1 / 3 + 1 / 2)) / 3;
    const between = (36 + 0 + 9) / 3 - byChance;
    expect(habits.delayWorth).toBeCloseTo(within / between, 10);
    expect(within / between).toBeCloseTo(8.47, 2);
    // 8 days, 4 and 8 from their own middles.
    expect(habits.spread).toBe(8);
  });

  test.each([
    // The middle of all is 12 and half lie within 14 days of it; 12 and 31 are the middle means.
    [300, 12 + 4 * 1.4826 * 14, (12 + 31) / 2],
    [-300, 12 - 4 * 1.4826 * 14, (12 - 6) / 2],
  ])('one of %d days counts four widths from the middle', (days, counts, middle) => {
    const { delay, delayWorth } = delaysOf([-10, -2], [8, 12, 16], [27, 35], [12, days]);
    expect(delay).toBeCloseTo(middle, 12);
    const means = [-6, 12, 31, (12 + counts) / 2];
    const within = mean([32, 16, 32, (12 - counts) ** 2 / 2]);
    const byChance = within * mean([1 / 2, 1 / 3, 1 / 2, 1 / 2]);
    const between = mean(means.map((one) => (one - middle) ** 2)) - byChance;
    expect(delayWorth).toBeCloseTo(within / between, 8);
  });

  test('customers who are all alike make the book worth fifty invoices and no more', () => {
    expect(delaysOf([0, 9], [9, 0], [0, 9]).delayWorth).toBe(50);
  });

  test('customers who never vary need no book: it is worth half an invoice', () => {
    expect(delaysOf([5, 5], [30, 30], [60, 60, 60])).toMatchObject({
      delay: 30,
      delayWorth: 0.5,
      spread: 0.5,
    });
  });
});

test('the same history gives the same habits: a change here changes the model, and its backtest has to be measured again', () => {
  const { lateRate, lateWorth, newLateRate, ...delays } = habitsOn(400, yearOfEighty());
  expect(sixDigits([lateRate, lateWorth, newLateRate])).toEqual([0.547154, 0.574127, 0.55715]);
  expect(sixDigits([delays.delay, delays.delayWorth, delays.spread, delays.width])).toEqual([
    -2, 0.811794, 2.45455, 8.8956,
  ]);
});
