/**
 * The chance that an invoice is paid after its due date. It starts from the customer's own late rate,
 * shrunken to the book, and moves away from it only as far as the book's past supports: how far was
 * tried out on the past itself. A 70 % means that of ten such invoices seven were late.
 */
import type { Block } from './rehearsal.ts';
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

const PULLS = [5, 20, 80, 400, 4_000] as const;
/** Where the past is too short to try anything out. */
const CAUTIOUS_PULL = 200;
const OWN_RATE = 1;

export interface LateModel {
  scaling: Scaling;
  beta: Float64Array;
  pull: number;
  /** Sure of itself by this factor … */
  slope: number;
  /** … and moved by this many log-odds. */
  shift: number;
}

export interface LateRows {
  /** Factors by row, not scaled; scaled in place by the fit. */
  x: Float64Array;
  rows: Int32Array;
  y: Float64Array;
  weight: Float64Array;
}

export function fitLate(data: LateRows, blocks: readonly Block[]): LateModel {
  const scaling = measureScaling(data.x, LATE_WIDTH, data.rows);
  scaleRows(data.x, LATE_WIDTH, scaling);
  const start = startAtFactor(scaling, LATE_WIDTH, OWN_RATE);
  const { pull, logits, rows } = choosePull(data, blocks, start);
  const beta = fitLogistic({ ...data, width: LATE_WIDTH }, start, pull);
  return { scaling, beta, pull, ...recalibrate(logits, rows, data) };
}

/** Log-odds of a row of factors, which is scaled in place. */
export function lateLogit(model: LateModel, x: Float64Array, offset: number): number {
  scaleRow(x, offset, LATE_WIDTH, model.scaling);
  return model.shift + model.slope * product(x, offset, model.beta);
}

function choosePull(data: LateRows, blocks: readonly Block[], start: Float64Array) {
  let best = { pull: CAUTIOUS_PULL as number, logits: new Float64Array(0), rows: new Int32Array(0), loss: Infinity };
  if (blocks.length === 0) return best;
  const from = blocks.map(() => start);
  for (const pull of [...PULLS].reverse()) {
    const logits: number[] = [];
    const rows: number[] = [];
    blocks.forEach((block, b) => {
      const rowsOf = { ...data, width: LATE_WIDTH, rows: block.learn };
      const beta = fitLogistic(rowsOf, start, pull, from[b]);
      from[b] = beta;
      for (const row of block.predict) {
        logits.push(product(data.x, row * LATE_WIDTH, beta));
        rows.push(row);
      }
    });
    const loss = meanLoss(logits, rows, data.y);
    // Less trust in the data wins unless more of it pays.
    if (loss < best.loss - 0.0005) {
      best = { pull, logits: Float64Array.from(logits), rows: Int32Array.from(rows), loss };
    }
  }
  return best;
}

function meanLoss(logits: readonly number[], rows: readonly number[], y: Float64Array): number {
  let loss = 0;
  rows.forEach((row, place) => {
    const p = clamp(sigmoid(at(logits, place)), 1e-6, 1 - 1e-6);
    loss -= Math.log(at(y, row) === 1 ? p : 1 - p);
  });
  return loss / Math.max(1, rows.length);
}

/** Platt's two numbers, pulled to "leave it as it is", from predictions whose outcome was not known then. */
function recalibrate(
  logits: Float64Array,
  rows: Int32Array,
  data: LateRows,
): { slope: number; shift: number } {
  if (logits.length < 50) return { slope: 1, shift: 0 };
  const x = new Float64Array(logits.length * 3);
  logits.forEach((logit, place) => {
    x[place * 3] = 0;
    x[place * 3 + 1] = logit;
    x[place * 3 + 2] = 1;
  });
  const fitted = fitLogistic(
    {
      x,
      width: 3,
      rows: Int32Array.from(logits, (_, place) => place),
      y: Float64Array.from(rows, (row) => at(data.y, row)),
      weight: Float64Array.from(rows, (row) => at(data.weight, row)),
    },
    Float64Array.of(0, 1, 0),
    15,
  );
  return { slope: clamp(at(fitted, 1), 0.3, 2), shift: at(fitted, 2) };
}
