/** Rows to learn from, made comparable: each factor less its mean, in units of its scatter. */
import { at } from './numbers.ts';

/** How factors are brought to one scale, so that pulling all alike is fair. */
export interface Scaling {
  mean: Float64Array;
  /** Infinity where a factor never varied: it then says nothing. */
  scatter: Float64Array;
}

export function measureScaling(x: Float64Array, width: number, rows: Int32Array): Scaling {
  const mean = new Float64Array(width);
  const scatter = new Float64Array(width).fill(1);
  for (let j = 1; j < width; j += 1) {
    let sum = 0;
    let squares = 0;
    for (const row of rows) sum += x[row * width + j] ?? 0;
    const middle = rows.length === 0 ? 0 : sum / rows.length;
    for (const row of rows) squares += ((x[row * width + j] ?? 0) - middle) ** 2;
    const deviation = rows.length === 0 ? 0 : Math.sqrt(squares / rows.length);
    mean[j] = middle;
    scatter[j] = deviation < 1e-6 ? Infinity : deviation;
  }
  return { mean, scatter };
}

/** In place. */
export function scaleRows(x: Float64Array, width: number, scaling: Scaling): void {
  for (let offset = 0; offset < x.length; offset += width) scaleRow(x, offset, width, scaling);
}

export function scaleRow(x: Float64Array, offset: number, width: number, scaling: Scaling): void {
  for (let j = 1; j < width; j += 1) {
    x[offset + j] = ((x[offset + j] ?? 0) - (scaling.mean[j] ?? 0)) / (scaling.scatter[j] ?? 1);
  }
}

/** The starting point that says: factor `j` is the prediction itself. */
export function startAtFactor(scaling: Scaling, width: number, j: number): Float64Array {
  const start = new Float64Array(width);
  start[0] = at(scaling.mean, j);
  start[j] = Number.isFinite(at(scaling.scatter, j)) ? at(scaling.scatter, j) : 0;
  return start;
}

export function product(x: Float64Array, offset: number, beta: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < beta.length; j += 1) sum += (x[offset + j] ?? 0) * (beta[j] ?? 0);
  return sum;
}
