/**
 * The chance that an invoice is paid after its due date. It starts from the customer's own late rate,
 * shrunken to the book, and moves away from it only as far as the book's past supports: how far was
 * tried out on the past itself. A 70 % means that of ten such invoices seven were late.
 */
import { LATE_FACTORS, LATE_WIDTH } from './factors.ts';
import {
  measureScaling,
  product,
  scaleRow,
  scaleRows,
  type Scaling,
  startAtFactor,
} from './learning.ts';
import { fitLogistic } from './logistic.ts';
import { at, clamp, sigmoid } from './numbers.ts';
import { fitRecalibration, recalibrated, type Recalibration } from './recalibration.ts';
import { type Block, chooseStrength, type Rehearsed } from './rehearsal.ts';

const STRENGTHS = [4_000, 400, 80, 20, 5] as const;
const CAUTIOUS_STRENGTH = 200;
const OWN_RATE = LATE_FACTORS.indexOf('own_rate');

/** Plain numbers, so that it can be kept as JSON. */
export interface LateModel {
  scaling: Scaling;
  beta: readonly number[];
  strength: number;
  curve: Recalibration;
}

export interface LateRows {
  /** Factors by row; the fit scales them in place. */
  x: Float64Array;
  rows: Int32Array;
  /** 1: late. */
  y: Float64Array;
  weight: Float64Array;
  /** How much a past prediction says of the next, by row. */
  recency: Float64Array;
}

export function fitLate(data: LateRows, blocks: readonly Block[]): LateModel {
  const scaling = measureScaling(data.x, LATE_WIDTH, data.rows);
  scaleRows(data.x, LATE_WIDTH, scaling);
  const start = startAtFactor(scaling, LATE_WIDTH, OWN_RATE);
  const learning = { ...data, width: LATE_WIDTH };
  const { strength, rows, predicted } = chooseStrength(blocks, {
    start,
    strengths: STRENGTHS,
    cautious: CAUTIOUS_STRENGTH,
    fit: (learn, pull) => fitLogistic({ ...learning, rows: learn }, pull),
    predict: (row, beta) => product(data.x, row * LATE_WIDTH, beta),
    isBetter: (one, other) => isClearlyLess(lossesOf(one, data.y), lossesOf(other, data.y)),
  });
  const beta = fitLogistic(learning, { to: start, strength });
  const read = (column: Float64Array): Float64Array =>
    Float64Array.from(rows, (row) => at(column, row));
  const curve = fitRecalibration(predicted, read(data.y), read(data.recency));
  return { scaling, beta: [...beta], strength, curve };
}

/** Log-odds of a row of factors, which is scaled in place. */
export function lateLogit(model: LateModel, x: Float64Array, offset: number): number {
  scaleRow(x, offset, LATE_WIDTH, model.scaling);
  return recalibrated(model.curve, product(x, offset, model.beta));
}

function lossesOf(rehearsed: Rehearsed, y: Float64Array): Float64Array {
  return rehearsed.predicted.map((logit, place) => {
    const p = clamp(sigmoid(logit), 1e-6, 1 - 1e-6);
    return -Math.log(at(y, at(rehearsed.rows, place)) === 1 ? p : 1 - p);
  });
}

/** By more than half of what chance makes of the difference: less trust in the data wins a draw. */
function isClearlyLess(losses: Float64Array, than: Float64Array): boolean {
  const n = losses.length;
  const gains = losses.map((loss, i) => at(than, i) - loss);
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / n;
  const squares = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0);
  return mean > (0.5 * Math.sqrt(squares)) / n;
}
