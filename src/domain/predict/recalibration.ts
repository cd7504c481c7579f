/**
 * A model may rank well and still sound too sure. This curve is laid through predictions that were made
 * before their outcome was known, so that of ten invoices at 70 % seven are late. It is a bent line in
 * log-odds, held straight where the past says little, and never falls.
 */
import { fitLogistic } from './logistic.ts';
import { at } from './numbers.ts';

/** Plain numbers, so that it can be kept as JSON. */
export interface Recalibration {
  shift: number;
  slope: number;
  knots: readonly number[];
  /** By how much the slope changes at each knot. */
  bends: readonly number[];
}

const UNCHANGED: Recalibration = { shift: 0, slope: 1, knots: [], bends: [] };
/** With fewer past predictions than this the curve would follow chance. */
const MIN_PREDICTIONS = 400;
const KNOT_SHARES = [1, 2, 3, 4, 5, 6, 7].map((eighths) => eighths / 8);
const STRAIGHTNESS = 15;
const LEAST_SLOPE = 0.1;

export function fitRecalibration(
  logits: Float64Array,
  y: Float64Array,
  weight: Float64Array,
): Recalibration {
  if (logits.length < MIN_PREDICTIONS) return UNCHANGED;
  const sorted = logits.slice().sort();
  const knots = KNOT_SHARES.map((share) => at(sorted, Math.floor(share * sorted.length)));
  const width = 3 + knots.length;
  const start = new Float64Array(width);
  start[2] = 1;
  const rows = Int32Array.from(logits, (_, row) => row);
  const data = { x: bentRows(logits, knots), width, rows, y, weight };
  const beta = fitLogistic(data, { to: start, strength: STRAIGHTNESS });
  const slope = at(beta, 2);
  const bends = Array.from(beta.subarray(3));
  return isRising(slope, bends) ? { shift: at(beta, 1), slope, knots, bends } : UNCHANGED;
}

/** The place of the constant stays empty: the shift is pulled to zero like everything else. */
function bentRows(logits: Float64Array, knots: readonly number[]): Float64Array {
  const width = 3 + knots.length;
  const x = new Float64Array(logits.length * width);
  logits.forEach((logit, row) => {
    const offset = row * width;
    x[offset + 1] = 1;
    x[offset + 2] = logit;
    knots.forEach((knot, k) => {
      x[offset + 3 + k] = Math.max(0, logit - knot);
    });
  });
  return x;
}

/** A curve that falls somewhere would call a worse customer a better one. */
function isRising(slope: number, bends: readonly number[]): boolean {
  let current = slope;
  let least = slope;
  for (const bend of bends) {
    current += bend;
    least = Math.min(least, current);
  }
  return least >= LEAST_SLOPE;
}

export function recalibrated(curve: Recalibration, logit: number): number {
  let value = curve.shift + curve.slope * logit;
  for (let k = 0; k < curve.knots.length; k += 1) {
    value += (curve.bends[k] ?? 0) * Math.max(0, logit - (curve.knots[k] ?? 0));
  }
  return value;
}
