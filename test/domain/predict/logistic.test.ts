import { describe, expect, test } from 'vitest';
import { fitLogistic, type LogisticRows } from '../../../src/domain/predict/logistic.ts';

/** Of each: a factor, late (1) or not (0), and how much it counts. */
type Seen = readonly [factor: number, late: 0 | 1, weight?: number];

function rowsOf(seen: readonly Seen[]): LogisticRows {
  return {
    x: Float64Array.from(seen.flatMap(([factor]) => [1, factor])),
    width: 2,
    rows: Int32Array.from(seen, (_, row) => row),
    y: Float64Array.from(seen, ([, late]) => late),
    weight: Float64Array.from(seen, ([, , weight]) => weight ?? 1),
  };
}

/** At the answer the misses and the pull hold each other: Σ weight · (late − chance) · factor. */
function expectBalance(seen: readonly Seen[], beta: Float64Array, to: number, strength: number) {
  const [constant = 0, slope = 0] = beta;
  let [missed, missedByFactor] = [0, 0];
  for (const [factor, late, weight = 1] of seen) {
    const miss = weight * (late - 1 / (1 + Math.exp(-constant - slope * factor)));
    missed += miss;
    missedByFactor += miss * factor;
  }
  expect(missed).toBeCloseTo(0.01 * constant, 5);
  expect(missedByFactor).toBeCloseTo(strength * (slope - to), 5);
}

const fitted = (seen: readonly Seen[], to: number, strength: number): Float64Array =>
  fitLogistic(rowsOf(seen), { to: Float64Array.from([0, to]), strength });

const MIXED: readonly Seen[] = [
  [-2, 0],
  [-1, 0, 3],
  [-1, 1],
  [0, 1, 2],
  [0, 0],
  [1, 1, 4],
  [1, 0],
  [2.5, 1],
];

describe('a chance learnt from outcomes', () => {
  test.each([
    ['hardly pulled', 0, 1e-3],
    ['pulled to nothing', 0, 2],
    ['pulled to another slope', -1.5, 2],
    ['held at another slope', 4, 500],
  ])('balances what was missed against the pull: %s', (_, to, strength) => {
    expectBalance(MIXED, fitted(MIXED, to, strength), to, strength);
  });

  test('three late of four, and nothing else known, are odds of three to one', () => {
    const [constant = 0, slope] = fitted(
      [
        [0, 1, 300],
        [0, 0, 100],
      ],
      0.7,
      5,
    );
    expect(constant).toBeCloseTo(Math.log(3), 3);
    expect(slope).toBe(0.7);
  });

  test('stays finite where all outcomes are alike', () => {
    const late: readonly Seen[] = [
      [0, 1],
      [0, 1],
      [0, 1],
    ];
    const beta = fitted(late, 0, 1);
    expectBalance(late, beta, 0, 1);
    expect(beta[0]).toBeGreaterThan(3);
    expect(beta[0]).toBeLessThan(5);
  });

  test('no row leaves what was believed, and so does none that is chosen', () => {
    const none = { ...rowsOf(MIXED), rows: new Int32Array(0) };
    const believed = Float64Array.from([0.4, -2]);
    expect([...fitLogistic(none, { to: believed, strength: 3 })]).toEqual([0.4, -2]);
    expect([...fitLogistic(rowsOf([]), { to: believed, strength: 3 })]).toEqual([0.4, -2]);
  });

  test('where it begins to look does not matter, even far away', () => {
    const there = fitted(MIXED, 0.5, 1);
    for (const from of [
      [0, 0],
      [3, -3],
      [-8, 9],
    ]) {
      const found = fitLogistic(rowsOf(MIXED), {
        to: Float64Array.from([0, 0.5]),
        strength: 1,
        from: Float64Array.from(from),
      });
      expect(found[0]).toBeCloseTo(there[0] ?? 0, 5);
      expect(found[1]).toBeCloseTo(there[1] ?? 0, 5);
    }
  });

  test('the one factor is not confused with the other', () => {
    const of = (x: readonly number[], y: readonly number[]): LogisticRows => ({
      x: Float64Array.from(x),
      width: 3,
      rows: Int32Array.from(y, (_, row) => row),
      y: Float64Array.from(y),
      weight: new Float64Array(y.length).fill(1),
    });
    const data = of([1, 1, 0, 1, 1, 2, 1, 0, 1, 1, 0, 3, 1, -1, 0, 1, 2, -2], [1, 0, 1, 0, 0, 1]);
    const swapped = of(
      [1, 0, 1, 1, 2, 1, 1, 1, 0, 1, 3, 0, 1, 0, -1, 1, -2, 2],
      [1, 0, 1, 0, 0, 1],
    );
    const pull = { to: new Float64Array(3), strength: 0.5 };
    const [constant = 0, first = 0, second = 0] = fitLogistic(data, pull);
    const [sameConstant, itsSecond, itsFirst] = fitLogistic(swapped, pull);
    expect(itsFirst).toBeCloseTo(first, 6);
    expect(itsSecond).toBeCloseTo(second, 6);
    expect(sameConstant).toBeCloseTo(constant, 6);
    const missed = [0, 0, 0];
    data.y.forEach((late, row) => {
      const [, a = 0, b = 0] = data.x.subarray(row * 3);
      const miss = late - 1 / (1 + Math.exp(-constant - first * a - second * b));
      [1, a, b].forEach((factor, j) => (missed[j] = (missed[j] ?? 0) + miss * factor));
    });
    expect(missed[0]).toBeCloseTo(0.01 * constant, 5);
    expect(missed[1]).toBeCloseTo(0.5 * first, 5);
    expect(missed[2]).toBeCloseTo(0.5 * second, 5);
  });
});
