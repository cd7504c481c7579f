/**
 * The chance that an invoice is paid after its due date. It starts from the customer's own late rate,
 * shrunken to the book, and moves away from it only as far as the book's past supports: how far was
 * tried out on the past itself. A 70 % means that of ten such invoices seven were late.
 */
import { LATE_WIDTH } from './late-factors.ts';
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
import type { Block } from './rehearsal.ts';

/** From "stay with the customer's own rate" to "follow the data". */
const STRENGTHS = [4_000, 400, 80, 20, 5] as const;
/** Where the past is too short to try anything out. */
const CAUTIOUS_STRENGTH = 200;
/** The place of `own_rate` among the factors. */
const OWN_RATE = 1;

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

interface Rehearsed {
  strength: number;
  rows: Int32Array;
  logits: Float64Array;
}

export function fitLate(data: LateRows, blocks: readonly Block[]): LateModel {
  const scaling = measureScaling(data.x, LATE_WIDTH, data.rows);
  scaleRows(data.x, LATE_WIDTH, scaling);
  const start = startAtFactor(scaling, LATE_WIDTH, OWN_RATE);
  const { strength, rows, logits } = chooseStrength(data, blocks, start);
  const beta = fitLogistic({ ...data, width: LATE_WIDTH }, { to: start, strength });
  const read = (column: Float64Array): Float64Array =>
    Float64Array.from(rows, (row) => at(column, row));
  const curve = fitRecalibration(logits, read(data.y), read(data.recency));
  return { scaling, beta: [...beta], strength, curve };
}

/** Log-odds of a row of factors, which is scaled in place. */
export function lateLogit(model: LateModel, x: Float64Array, offset: number): number {
  scaleRow(x, offset, LATE_WIDTH, model.scaling);
  return recalibrated(model.curve, product(x, offset, model.beta));
}

function chooseStrength(data: LateRows, blocks: readonly Block[], start: Float64Array): Rehearsed {
  const none = { rows: new Int32Array(0), logits: new Float64Array(0) };
  if (blocks.length === 0) return { strength: CAUTIOUS_STRENGTH, ...none };
  const guesses = blocks.map(() => start);
  let best: Rehearsed = { strength: CAUTIOUS_STRENGTH, ...none };
  let bestLosses: Float64Array | null = null;
  for (const strength of STRENGTHS) {
    const rehearsed = rehearse(data, blocks, { start, strength, guesses });
    const losses = lossesOf(rehearsed, data.y);
    if (bestLosses === null || isClearlyLess(losses, bestLosses)) {
      best = rehearsed;
      bestLosses = losses;
    }
  }
  return best;
}

/** `guesses` hold what was fitted last for each block, to begin from. */
function rehearse(
  data: LateRows,
  blocks: readonly Block[],
  options: { start: Float64Array; strength: number; guesses: Float64Array[] },
): Rehearsed {
  const logits: number[] = [];
  const rows: number[] = [];
  for (const [b, block] of blocks.entries()) {
    const learn = { ...data, width: LATE_WIDTH, rows: block.learn };
    const pull = { to: options.start, strength: options.strength, from: options.guesses[b] };
    const beta = fitLogistic(learn, pull);
    options.guesses[b] = beta;
    for (const row of block.predict) {
      logits.push(product(data.x, row * LATE_WIDTH, beta));
      rows.push(row);
    }
  }
  return {
    strength: options.strength,
    rows: Int32Array.from(rows),
    logits: Float64Array.from(logits),
  };
}

function lossesOf(rehearsed: Rehearsed, y: Float64Array): Float64Array {
  return rehearsed.logits.map((logit, place) => {
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
