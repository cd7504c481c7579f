import { describe, expect, test } from 'vitest';
import {
  measureScaling,
  product,
  scaleRow,
  scaleRows,
  startAtFactor,
} from '../../../src/domain/predict/learning.ts';

const WIDTH = 3;
/** A constant, a factor that varies, one that never does; the last row is not learnt from. */
const rows = () => Float64Array.from([1, 2, 7, 1, 6, 7, 1, 10, 7, 1, 500, 900]);
const LEARNT = Int32Array.from([0, 1, 2]);

describe('factors made comparable', () => {
  // 2, 6 and 10: the mean is 6, the scatter √((16 + 0 + 16) / 3).
  const scatter = Math.sqrt(32 / 3);

  test('each has the mean and the scatter of the rows learnt from; what never varies says nothing', () => {
    const { mean, perScatter } = measureScaling(rows(), WIDTH, LEARNT);
    expect(mean).toEqual([0, 6, 7]);
    expect(perScatter).toEqual([1, 1 / scatter, 0]);
  });

  test('every row is scaled by it, the constant stays', () => {
    const x = rows();
    scaleRows(x, WIDTH, measureScaling(x, WIDTH, LEARNT));
    const scaled = [-4, 0, 4, 494].map((distance) => distance * (1 / scatter));
    expect([...x]).toEqual(scaled.flatMap((value) => [1, value, 0]));
  });

  test('one row is scaled where it stands', () => {
    const x = rows();
    scaleRow(x, 3, WIDTH, { mean: [9, 4, 5], perScatter: [9, 0.5, 2] });
    expect([...x]).toEqual([1, 2, 7, 1, 1, 4, 1, 10, 7, 1, 500, 900]);
  });

  test('without a row to learn from no factor says anything', () => {
    expect(measureScaling(rows(), WIDTH, new Int32Array(0))).toEqual({
      mean: [0, 0, 0],
      perScatter: [1, 0, 0],
    });
  });

  test('a scatter of a millionth is one, less is none', () => {
    const twoOf = (distance: number) =>
      measureScaling(Float64Array.from([1, -distance, 1, distance]), 2, Int32Array.from([0, 1]))
        .perScatter[1];
    expect(twoOf(1e-6)).toBeCloseTo(1e6, 3);
    expect(twoOf(0.99e-6)).toBe(0);
  });
});

test('before anything is learnt one factor is the prediction itself', () => {
  const x = rows();
  const scaling = measureScaling(x, WIDTH, LEARNT);
  scaleRows(x, WIDTH, scaling);
  const start = startAtFactor(scaling, WIDTH, 1);
  expect([0, 3, 6].map((offset) => product(x, offset, start))).toEqual([2, 6, 10]);
  expect([...startAtFactor(scaling, WIDTH, 2)]).toEqual([7, 0, 0]);
});

test('a prediction is each factor times what it is worth', () => {
  expect(product(Float64Array.from([9, 9, 1, 2, 3]), 2, [10, 100, 1000])).toBe(3210);
});
