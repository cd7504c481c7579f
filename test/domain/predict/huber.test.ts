import { describe, expect, test } from 'vitest';
import { type DelayRows, fitHuber } from '../../../src/domain/predict/huber.ts';

/** A constant and one factor. */
function rowsOf(points: readonly (readonly [x: number, delay: number, isOpen?: 1])[]): DelayRows {
  return {
    x: Float64Array.from(points.flatMap(([x]) => [1, x])),
    width: 2,
    rows: Int32Array.from(points, (_, row) => row),
    delay: Float64Array.from(points, ([, delay]) => delay),
    isOpen: Uint8Array.from(points, ([, , isOpen]) => isOpen ?? 0),
  };
}

const free = (from?: readonly number[]) => ({
  to: new Float64Array(2),
  strength: 1e-9,
  ...(from === undefined ? {} : { from: Float64Array.from(from) }),
});

/** Delays 5 + 3x, with misses of −1, 0 and 1 that even out at every x. */
const straight = [-2, -1, 0, 1, 2].flatMap((x) =>
  [-1, 0, 1].map((miss) => [x, 5 + 3 * x + miss] as const),
);

describe('a line through delays', () => {
  test('finds the line that is there', () => {
    const [constant, slope] = fitHuber(rowsOf(straight), free());
    expect(constant).toBeCloseTo(5, 1);
    expect(slope).toBeCloseTo(3, 1);
  });

  test('learns from the rows it is given and from no others', () => {
    const data = rowsOf([...straight, [0, 900], [1, 900], [2, 900]]);
    const some = { ...data, rows: data.rows.subarray(0, straight.length) };
    expect([...fitHuber(some, free())]).toEqual([...fitHuber(rowsOf(straight), free())]);
    const last = { ...data, rows: data.rows.subarray(straight.length) };
    expect(fitHuber(last, free())[0]).toBeGreaterThan(100);
  });

  test('one invoice of ninety days does not bend it, where squares would', () => {
    const [constant = 0, slope = 0] = fitHuber(rowsOf([...straight, [2, 101]]), free());
    expect(Math.abs(constant - 5)).toBeLessThan(0.3);
    expect(Math.abs(slope - 3)).toBeLessThan(0.3);
    // Least squares would put the constant beyond 10.
  });

  test('a miss pulls in proportion up to the turn, and ever the same beyond it', () => {
    const with20 = fitHuber(rowsOf([...straight, [0, 25]]), free());
    const with200 = fitHuber(rowsOf([...straight, [0, 205]]), free());
    expect(with200[0]).toBeCloseTo(with20[0] ?? 0, 2);
    expect(with20[0]).toBeGreaterThan(5.02);
  });

  test('above and below are alike', () => {
    const up = fitHuber(rowsOf([...straight, [0, 25]]), free());
    const down = fitHuber(rowsOf([...straight, [0, -15]]), free());
    expect((up[0] ?? 0) - 5).toBeCloseTo(5 - (down[0] ?? 0), 1);
  });
});

describe('an unpaid invoice', () => {
  test('that is not yet where the line is says nothing', () => {
    const young = rowsOf([...straight, [0, 1, 1], [1, 2, 1], [0, 0, 1]]);
    const [constant, slope] = fitHuber(young, free([5, 3]));
    expect(constant).toBeCloseTo(5, 1);
    expect(slope).toBeCloseTo(3, 1);
  });

  test('beyond the line pulls like a paid one', () => {
    const open = fitHuber(rowsOf([...straight, [0, 25, 1]]), free());
    const paid = fitHuber(rowsOf([...straight, [0, 25]]), free());
    expect(open[0]).toBeCloseTo(paid[0] ?? 0, 2);
  });

  test('a paid one below the line pulls it down, an unpaid one there does not', () => {
    const paid = fitHuber(rowsOf([...straight, [0, -20], [0, -20]]), free([5, 3]));
    const open = fitHuber(rowsOf([...straight, [0, -20, 1], [0, -20, 1]]), free([5, 3]));
    expect(paid[0]).toBeLessThan(4.97);
    expect(open[0]).toBeCloseTo(5, 1);
  });
});

describe('the pull to what was believed', () => {
  const believed = Float64Array.from([5, 7]);

  test('a strong one keeps the slope, and the constant is free all the same', () => {
    const [constant, slope] = fitHuber(rowsOf(straight), { to: believed, strength: 1e6 });
    expect(slope).toBeCloseTo(7, 2);
    expect(constant).toBeCloseTo(5, 1);
    const elsewhere = Float64Array.from([40, 7]);
    const moved = fitHuber(rowsOf(straight), { to: elsewhere, strength: 1e6 });
    expect(moved[0]).toBeLessThan(10);
  });

  test('half way it stands between both, nearer to the data the weaker it is', () => {
    const slopeAt = (strength: number) =>
      fitHuber(rowsOf(straight), { to: believed, strength })[1] ?? 0;
    const slopes = [1e4, 30, 3, 1e-6].map(slopeAt);
    expect(slopes).toEqual(slopes.toSorted((a, b) => b - a));
    expect(slopes[1]).toBeGreaterThan(3.2);
    expect(slopes[1]).toBeLessThan(6.8);
  });

  test('where it starts to look does not matter', () => {
    const near = fitHuber(rowsOf(straight), free([5, 3]));
    const far = fitHuber(rowsOf(straight), free([-30, 20]));
    expect(far[0]).toBeCloseTo(near[0] ?? 0, 1);
    expect(far[1]).toBeCloseTo(near[1] ?? 0, 1);
  });

  test('all alike to the day: a miss below a day counts as small', () => {
    const alike = Array.from({ length: 9 }, () => [0, 4] as const);
    expect(fitHuber(rowsOf([...alike, [0, 4.5]]), free())[0]).toBeCloseTo(4.05, 2);
  });
});
