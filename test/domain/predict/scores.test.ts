import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { meanAndMedian, scoreLate } from '../../../src/domain/predict/scores.ts';

describe('scores of chances', () => {
  test('a hand-made case to the digit', () => {
    const scores = scoreLate([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]);
    // Pairs of a late and a punctual one: 0.35 > 0.1, 0.35 < 0.4, 0.8 > 0.1, 0.8 > 0.4.
    expect(scores?.auc).toBe(0.75);
    expect(scores?.brier).toBeCloseTo((0.01 + 0.16 + 0.4225 + 0.04) / 4, 12);
    expect(scores?.logLoss).toBeCloseTo(
      -(Math.log(0.9) + Math.log(0.6) + Math.log(0.35) + Math.log(0.8)) / 4,
      12,
    );
    // Fewer than ten: each stands alone.
    expect(scores?.calibrationError).toBeCloseTo((0.1 + 0.4 + 0.65 + 0.2) / 4, 12);
  });

  test('equal chances count half', () => {
    expect(scoreLate([0.5, 0.5, 0.5], [0, 1, 0])?.auc).toBe(0.5);
    expect(scoreLate([0.2, 0.5, 0.5], [0, 1, 0])?.auc).toBe(0.75);
  });

  test('without both outcomes there is no AUC, without a prediction no score', () => {
    expect(scoreLate([0.2, 0.9], [1, 1])?.auc).toBeNull();
    expect(scoreLate([0.2, 0.9], [0, 0])?.auc).toBeNull();
    expect(scoreLate([], [])).toBeNull();
  });

  test('certainty that was wrong costs much, not everything', () => {
    expect(scoreLate([0, 1], [1, 0])?.logLoss).toBeCloseTo(-Math.log(1e-6), 9);
    expect(scoreLate([0, 1], [1, 0])?.brier).toBe(1);
  });

  test('ten groups of equal size, from the least chance to the greatest', () => {
    const chances = Array.from({ length: 100 }, (_, i) => (i + 0.5) / 100);
    const late = chances.map((chance) => (chance > 0.5 ? 1 : 0));
    const table = scoreLate(chances, late)?.table ?? [];
    expect(table).toHaveLength(10);
    expect(table.map((row) => row.count)).toEqual(Array.from({ length: 10 }, () => 10));
    expect(table[0]).toMatchObject({ from: 0.005, to: 0.095, late: 0 });
    expect(table[0]?.predicted).toBeCloseTo(0.05, 12);
    expect(table[9]).toMatchObject({ from: 0.905, to: 0.995, late: 1 });
  });

  test('where all chances are equal the groups share what happened', () => {
    const late = Array.from({ length: 100 }, (_, i) => (i < 30 ? 1 : 0));
    const scores = scoreLate(
      late.map(() => 0.3),
      late,
    );
    expect(scores?.calibrationError).toBeCloseTo(0, 12);
    expect(scores?.table.map((row) => row.late)).toEqual(
      Array.from({ length: 10 }, () => expect.closeTo(0.3, 12) as number),
    );
  });

  test('the order of the predictions changes nothing', () => {
    const one = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 1 }));
    fc.assert(
      fc.property(fc.array(one, { minLength: 1 }), (pairs) => {
        const score = (list: [number, number][]) =>
          scoreLate(
            list.map(([p]) => p / 20),
            list.map(([, y]) => y),
          );
        const [there, back] = [score(pairs), score(pairs.toReversed())];
        expect(back?.auc ?? null).toBe(there?.auc ?? null);
        expect(back?.brier).toBeCloseTo(there?.brier ?? 0, 12);
        expect(back?.calibrationError).toBeCloseTo(there?.calibrationError ?? 0, 12);
      }),
    );
  });
});

test('mean and median of misses', () => {
  expect(meanAndMedian([1, 2, 9])).toEqual({ mean: 4, median: 2 });
  expect(meanAndMedian([4, 1, 2, 9])).toEqual({ mean: 4, median: 2 });
  expect(meanAndMedian([])).toBeNull();
});
