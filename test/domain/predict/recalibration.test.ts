import { describe, expect, test } from 'vitest';
import {
  fitRecalibration,
  recalibrated,
  type Recalibration,
} from '../../../src/domain/predict/recalibration.ts';
import { logitOf, sigmoid } from '../../../src/domain/predict/numbers.ts';

/**
 * `count` past predictions spread over chances of 5 to 95 %, of which `truth(p)` were late: with 500, one
 * in each five hundredth, alternating so that every neighbourhood has its share.
 */
function past(count: number, truth: (said: number) => number) {
  const said = Array.from({ length: count }, (_, i) => 0.05 + (0.9 * (i + 0.5)) / count);
  let owed = 0;
  const y = said.map((p) => {
    owed += truth(p);
    if (owed < 0.5) return 0;
    owed -= 1;
    return 1;
  });
  return {
    logits: Float64Array.from(said, logitOf),
    y: Float64Array.from(y),
    weight: new Float64Array(count).fill(1),
  };
}

const curveOf = ({ logits, y, weight }: ReturnType<typeof past>): Recalibration =>
  fitRecalibration(logits, y, weight);
const corrected = (curve: Recalibration, p: number): number =>
  sigmoid(recalibrated(curve, logitOf(p)));
const UNCHANGED = { shift: 0, slope: 1, knots: [], bends: [] };

describe('a curve through past predictions', () => {
  test('fewer than 400 of them change nothing, 400 do', () => {
    expect(curveOf(past(399, (p) => p / 2))).toEqual(UNCHANGED);
    expect(curveOf(past(400, (p) => p / 2))).not.toEqual(UNCHANGED);
  });

  test('nothing changed says what was said', () => {
    for (const logit of [-3, -0.5, 0, 2]) expect(recalibrated(UNCHANGED, logit)).toBe(logit);
  });

  test('chances that were right stay about as they are', () => {
    const curve = curveOf(past(4_000, (p) => p));
    for (const p of [0.1, 0.3, 0.5, 0.7, 0.9]) expect(corrected(curve, p)).toBeCloseTo(p, 1);
  });

  test('who was too sure is drawn to the middle, who was not sure enough away from it', () => {
    const tooSure = curveOf(past(4_000, (p) => 0.5 + (p - 0.5) / 2));
    expect(corrected(tooSure, 0.9)).toBeCloseTo(0.7, 1);
    expect(corrected(tooSure, 0.1)).toBeCloseTo(0.3, 1);
    const tooTimid = curveOf(past(4_000, (p) => (p < 0.5 ? p / 2 : 1 - (1 - p) / 2)));
    expect(corrected(tooTimid, 0.8)).toBeGreaterThan(0.86);
    expect(corrected(tooTimid, 0.2)).toBeLessThan(0.14);
  });

  test('too high everywhere is brought down everywhere', () => {
    const curve = curveOf(past(4_000, (p) => p * 0.6));
    for (const p of [0.2, 0.5, 0.8])
      expect(Math.abs(corrected(curve, p) - p * 0.6)).toBeLessThan(0.06);
  });

  test('it bends: right below, too high above', () => {
    const curve = curveOf(past(6_000, (p) => (p < 0.5 ? p : 0.5 + (p - 0.5) / 4)));
    expect(corrected(curve, 0.3)).toBeCloseTo(0.3, 1);
    expect(corrected(curve, 0.85)).toBeLessThan(0.68);
    expect(curve.knots).toHaveLength(7);
    expect(curve.bends).toHaveLength(7);
    expect(curve.knots).toEqual(curve.knots.toSorted((a, b) => a - b));
    expect(curve.knots[3]).toBeCloseTo(0, 1);
    expect(curve.knots[0]).toBeCloseTo(logitOf(0.05 + 0.9 / 8), 1);
  });

  test('it never falls: where the late were called punctual and the punctual late it does not dare', () => {
    expect(curveOf(past(2_000, (p) => 1 - p))).toEqual(UNCHANGED);
    // Rising at first, then falling steeply.
    expect(curveOf(past(6_000, (p) => (p < 0.6 ? p : 0.05)))).toEqual(UNCHANGED);
  });

  test('a higher chance stays a higher one', () => {
    const curve = curveOf(past(4_000, (p) => p * p));
    const ladder = Array.from({ length: 50 }, (_, i) => recalibrated(curve, -4 + i * 0.16));
    expect(ladder).toEqual(ladder.toSorted((a, b) => a - b));
  });

  test('older predictions count by their weight: those of no weight not at all', () => {
    const good = past(2_000, (p) => p);
    const bad = past(2_000, (p) => p / 3);
    const both = {
      logits: Float64Array.from([...good.logits, ...bad.logits]),
      y: Float64Array.from([...good.y, ...bad.y]),
      weight: Float64Array.from([...good.weight, ...bad.weight.map(() => 0)]),
    };
    expect(corrected(curveOf(both), 0.6)).toBeCloseTo(corrected(curveOf(good), 0.6), 2);
    expect(corrected(curveOf({ ...both, weight: both.weight.map(() => 1) }), 0.6)).toBeLessThan(
      0.5,
    );
  });
});

test('each bend adds from its knot on', () => {
  const curve = { shift: 0.5, slope: 2, knots: [-1, 1], bends: [-1, 3] };
  expect(recalibrated(curve, -2)).toBe(-3.5);
  expect(recalibrated(curve, -1)).toBe(-1.5);
  expect(recalibrated(curve, 0)).toBe(-0.5);
  expect(recalibrated(curve, 1)).toBe(0.5);
  expect(recalibrated(curve, 2)).toBe(4.5);
});
