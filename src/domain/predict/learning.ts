/** Rows to learn from, made comparable: each factor less its mean, in units of its scatter. */
import { at } from './numbers.ts';

/** Plain numbers, so that what was learnt can be kept as JSON. */
export interface Scaling {
  mean: readonly number[];
  /** 1 / scatter; 0 where a factor never varied: it then says nothing. */
  perScatter: readonly number[];
}

/** The first factor is the constant and stays as it is. */
export function measureScaling(x: Float64Array, width: number, rows: Int32Array): Scaling {
  const mean = new Array<number>(width).fill(0);
  const perScatter = new Array<number>(width).fill(1);
  for (let j = 1; j < width; j += 1) {
    let sum = 0;
    let squares = 0;
    for (const row of rows) sum += x[row * width + j] ?? 0;
    const middle = sum / Math.max(1, rows.length);
    for (const row of rows) squares += ((x[row * width + j] ?? 0) - middle) ** 2;
    const scatter = Math.sqrt(squares / Math.max(1, rows.length));
    mean[j] = middle;
    perScatter[j] = scatter < 1e-6 ? 0 : 1 / scatter;
  }
  return { mean, perScatter };
}

/** In place. */
export function scaleRows(x: Float64Array, width: number, scaling: Scaling): void {
  for (let offset = 0; offset < x.length; offset += width) scaleRow(x, offset, width, scaling);
}

export function scaleRow(x: Float64Array, offset: number, width: number, scaling: Scaling): void {
  const { mean, perScatter } = scaling;
  for (let j = 1; j < width; j += 1) {
    x[offset + j] = ((x[offset + j] ?? 0) - (mean[j] ?? 0)) * (perScatter[j] ?? 0);
  }
}

/** The coefficients that say: factor `j` is the prediction itself. */
export function startAtFactor(scaling: Scaling, width: number, j: number): Float64Array {
  const start = new Float64Array(width);
  const perScatter = at(scaling.perScatter, j);
  start[0] = at(scaling.mean, j);
  start[j] = perScatter === 0 ? 0 : 1 / perScatter;
  return start;
}

export function product(x: Float64Array, offset: number, beta: ArrayLike<number>): number {
  let sum = 0;
  for (let j = 0; j < beta.length; j += 1) sum += (x[offset + j] ?? 0) * (beta[j] ?? 0);
  return sum;
}
