import { describe, expect, test } from 'vitest';
import {
  at,
  clamp,
  digamma,
  logitOf,
  sigmoid,
  solveSymmetric,
  weightedQuantile,
} from '../../../src/domain/predict/numbers.ts';

test('a place beyond the end is no number', () => {
  expect(at([4, 5], 1)).toBe(5);
  expect(at([4, 5], 2)).toBeNaN();
});

test('a number is kept between its limits', () => {
  expect([-2, -1, 0, 3, 4].map((value) => clamp(value, -1, 3))).toEqual([-1, -1, 0, 3, 3]);
});

describe('chances and odds', () => {
  test.each([
    [0.5, 1],
    [0.75, 3],
    [0.25, 1 / 3],
    [0.9, 9],
  ])('a chance of %d is odds of %d', (chance, odds) => {
    expect(logitOf(chance)).toBeCloseTo(Math.log(odds), 12);
    expect(sigmoid(Math.log(odds))).toBeCloseTo(chance, 12);
  });

  test('never and always are one in a million, so that odds stay finite', () => {
    expect(logitOf(0)).toBeCloseTo(-Math.log(999_999), 9);
    expect(logitOf(1)).toBeCloseTo(Math.log(999_999), 9);
  });

  test('the longest odds neither overflow nor vanish', () => {
    expect([sigmoid(800), sigmoid(-800), sigmoid(0)]).toEqual([1, 0, 0.5]);
  });
});

describe('digamma', () => {
  const EULER = 0.577_215_664_901_532_9;

  test.each([
    [1, -EULER],
    [0.5, -EULER - 2 * Math.LN2],
    [2, 1 - EULER],
    [6, 1 + 1 / 2 + 1 / 3 + 1 / 4 + 1 / 5 - EULER],
    [8, 1 + 1 / 2 + 1 / 3 + 1 / 4 + 1 / 5 + 1 / 6 + 1 / 7 - EULER],
  ])('of %d is known from the harmonic numbers', (x, expected) => {
    expect(digamma(x)).toBeCloseTo(expected, 8);
  });
});

describe('equations', () => {
  test('three equations with three unknowns', () => {
    // 4x + 2y + 2z = 14, 2x + 5y + 3z = 21, 2x + 3y + 6z = 26; the upper half is not read.
    const matrix = Float64Array.from([4, 99, 99, 2, 5, 99, 2, 3, 6]);
    const right = Float64Array.from([14, 21, 26]);
    const [x, y, z] = solveSymmetric(matrix, right);
    expect([x, y, z].map((value) => value?.toFixed(9))).toEqual([
      '1.000000000',
      '2.000000000',
      '3.000000000',
    ]);
    expect([...matrix, ...right]).toEqual([4, 99, 99, 2, 5, 99, 2, 3, 6, 14, 21, 26]);
  });

  test('two that say the same still have a finite answer', () => {
    const same = solveSymmetric(Float64Array.from([1, 1, 1, 1]), Float64Array.from([2, 2]));
    expect([...same]).toEqual([2, 0]);
  });
});

describe('a quantile by weight', () => {
  test('lies where so much of the weight is passed, whatever the order', () => {
    const read = (share: number) => weightedQuantile([30, 10, 20], [1, 2, 5], share);
    // 10 has two eighths, 20 five more, 30 the last one.
    expect([0.2, 0.25, 0.26, 0.875, 0.876, 1].map(read)).toEqual([10, 10, 20, 20, 30, 30]);
  });

  test('of nothing is no number', () => {
    expect(weightedQuantile([], [], 0.5)).toBeNaN();
  });
});
