/**
 * Logistic regression by Newton's method, pulled towards a starting point instead of towards zero: what
 * the data cannot support stays at what was believed before.
 */
import { at, sigmoid, solveSymmetric } from './numbers.ts';

export interface LogisticRows {
  /** Row by row, `width` numbers each, the first for the constant. */
  x: Float64Array;
  width: number;
  /** Which rows to learn from. */
  rows: Int32Array;
  /** 0 or 1, by row number. */
  y: Float64Array;
  weight: Float64Array;
}

export interface Pull {
  to: Float64Array;
  strength: number;
  /** Where to begin looking, when a good guess is at hand. */
  from?: Float64Array | undefined;
}

const MAX_ROUNDS = 12;
/** The constant is free; the little keeps it finite where all outcomes are alike. */
export const CONSTANT_STRENGTH = 0.01;
/** A longer step would leave the region where the curve is known. */
const LONGEST_STEP = 3;
const SETTLED_STEP = 1e-3;

export function fitLogistic(data: LogisticRows, pull: Pull): Float64Array {
  const { width } = data;
  let beta = Float64Array.from(pull.from ?? pull.to);
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const gradient = new Float64Array(width);
    const curvature = new Float64Array(width * width);
    accumulate(data, beta, gradient, curvature);
    for (let j = 0; j < width; j += 1) {
      const strength = j === 0 ? CONSTANT_STRENGTH : pull.strength;
      gradient[j] = at(gradient, j) + strength * (at(pull.to, j) - at(beta, j));
      curvature[j * width + j] = at(curvature, j * width + j) + strength;
    }
    const step = solveSymmetric(curvature, gradient);
    const longest = step.reduce((max, part) => Math.max(max, Math.abs(part)), 0);
    const share = longest > LONGEST_STEP ? LONGEST_STEP / longest : 1;
    beta = beta.map((value, j) => value + share * at(step, j));
    if (longest < SETTLED_STEP) break;
  }
  return beta;
}

function accumulate(
  data: LogisticRows,
  beta: Float64Array,
  gradient: Float64Array,
  curvature: Float64Array,
): void {
  // Read directly, not through at(): this loop is where the time of a fit goes.
  const { x, width, rows, y, weight } = data;
  for (const row of rows) {
    const offset = row * width;
    let logit = 0;
    for (let j = 0; j < width; j += 1) logit += (x[offset + j] ?? 0) * (beta[j] ?? 0);
    const p = sigmoid(logit);
    const counts = weight[row] ?? 0;
    const error = counts * ((y[row] ?? 0) - p);
    const curve = counts * Math.max(p * (1 - p), 1e-5);
    for (let j = 0; j < width; j += 1) {
      const value = x[offset + j] ?? 0;
      gradient[j] = (gradient[j] ?? 0) + error * value;
      const scaled = curve * value;
      const line = j * width;
      for (let k = 0; k <= j; k += 1) {
        curvature[line + k] = (curvature[line + k] ?? 0) + scaled * (x[offset + k] ?? 0);
      }
    }
  }
}
