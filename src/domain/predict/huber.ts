/**
 * A straight line through delays that one invoice of ninety days cannot bend: misses beyond a little
 * less than the usual one count in proportion, not squared (Huber 1964). An unpaid invoice pulls the
 * line up to where it already is and no further.
 */
import { CONSTANT_STRENGTH, type Pull } from './logistic.ts';
import { at, solveSymmetric } from './numbers.ts';

export interface DelayRows {
  x: Float64Array;
  width: number;
  rows: Int32Array;
  /** Days after the due date, by row number; for an unpaid invoice the days it is overdue so far. */
  delay: Float64Array;
  /** 1: unpaid, it takes at least that long. */
  isOpen: Uint8Array;
}

const MAX_ROUNDS = 10;
/** In usual misses: from here on a miss counts in proportion. */
const TURN = 0.7;
const LEAST_MISS_DAYS = 1;
const SETTLED = 0.02;

export function fitHuber(data: DelayRows, pull: Pull): Float64Array {
  let beta = Float64Array.from(pull.from ?? pull.to);
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const misses = missesOf(data, beta);
    const scale = Math.max(LEAST_MISS_DAYS, usualMiss(misses));
    const step = solveRound(data, beta, misses, { ...pull, turn: TURN * scale });
    beta = beta.map((value, j) => value + at(step, j));
    if (step.every((part) => Math.abs(part) < SETTLED * scale)) break;
  }
  return beta;
}

/** By place in `rows`: actual less fitted. An unpaid invoice that is not yet beyond its fitted day misses nothing. */
function missesOf(data: DelayRows, beta: Float64Array): Float64Array {
  const { x, width, rows, delay, isOpen } = data;
  const misses = new Float64Array(rows.length);
  for (let place = 0; place < rows.length; place += 1) {
    const row = rows[place] ?? 0;
    const offset = row * width;
    let fitted = 0;
    for (let j = 0; j < width; j += 1) fitted += (x[offset + j] ?? 0) * (beta[j] ?? 0);
    const miss = (delay[row] ?? 0) - fitted;
    misses[place] = isOpen[row] === 1 && miss < 0 ? 0 : miss;
  }
  return misses;
}

/** The median miss, as the deviation of a bell curve. */
function usualMiss(misses: Float64Array): number {
  const sizes = misses.map(Math.abs).sort();
  return 1.4826 * at(sizes, sizes.length >> 1);
}

function solveRound(
  data: DelayRows,
  beta: Float64Array,
  misses: Float64Array,
  pull: Pull & { turn: number },
): Float64Array {
  const { x, width, rows } = data;
  const matrix = new Float64Array(width * width);
  const right = new Float64Array(width);
  for (let place = 0; place < rows.length; place += 1) {
    const offset = (rows[place] ?? 0) * width;
    const miss = misses[place] ?? 0;
    const counts = Math.min(1, pull.turn / Math.max(Math.abs(miss), 1e-9));
    for (let j = 0; j < width; j += 1) {
      const value = counts * (x[offset + j] ?? 0);
      right[j] = (right[j] ?? 0) + value * miss;
      const line = j * width;
      for (let k = 0; k <= j; k += 1) {
        matrix[line + k] = (matrix[line + k] ?? 0) + value * (x[offset + k] ?? 0);
      }
    }
  }
  for (let j = 0; j < width; j += 1) {
    const strength = j === 0 ? CONSTANT_STRENGTH : pull.strength;
    right[j] = at(right, j) + strength * (at(pull.to, j) - at(beta, j));
    matrix[j * width + j] = at(matrix, j * width + j) + strength;
  }
  return solveSymmetric(matrix, right);
}
