/**
 * When an invoice will be paid: a middle, and how far the money may stray from it. The middle is a
 * straight line in the customer's own habits; the band is as wide as past predictions had to be for 80
 * of 100 invoices to be paid inside it, the ones still unpaid counting as outside. A middle of 12 days
 * late with a usual miss of 4 may give P80 = 17 days late.
 */
import { DELAY_WIDTH } from './delay-factors.ts';
import { fitHuber } from './huber.ts';
import {
  measureScaling,
  product,
  scaleRow,
  scaleRows,
  type Scaling,
  startAtFactor,
} from './learning.ts';
import { at } from './numbers.ts';
import type { Block } from './rehearsal.ts';

const USUAL_DELAY = 1;
const PULLS = [10, 100, 1_000] as const;
const CAUTIOUS_PULL = 100;

export interface DelayModel {
  scaling: Scaling;
  beta: Float64Array;
  pull: number;
  /** For each of LEVELS: so many scales above the middle. */
  reach: Float64Array;
}

export const LEVELS = [0.5, 0.8, 0.9] as const;

export interface DelayRowsKnown {
  x: Float64Array;
  rows: Int32Array;
  delay: Float64Array;
  isOpen: Uint8Array;
  weight: Float64Array;
  /** How far this customer's delays scatter, by row. */
  scale: Float64Array;
  /** No payment can come before the invoice: minus its terms, by row. */
  earliest: Float64Array;
  /** How many days after its due date each invoice has been watched, by row. */
  watched: Float64Array;
}

export function fitDelay(data: DelayRowsKnown, blocks: readonly Block[]): DelayModel {
  const scaling = measureScaling(data.x, DELAY_WIDTH, data.rows);
  scaleRows(data.x, DELAY_WIDTH, scaling);
  const start = startAtFactor(scaling, DELAY_WIDTH, USUAL_DELAY);
  const rehearsed = choosePull(data, blocks, start);
  const beta = fitHuber({ ...data, width: DELAY_WIDTH }, start, rehearsed.pull);
  const reach = Float64Array.from(LEVELS, (level) => reachOf(level, data, rehearsed));
  return { scaling, beta, pull: rehearsed.pull, reach };
}

/** The middle of a row of factors, which is scaled in place. */
export function middleDelay(model: DelayModel, x: Float64Array, offset: number): number {
  scaleRow(x, offset, DELAY_WIDTH, model.scaling);
  return product(x, offset, model.beta);
}

export function boundOf(middle: number, scale: number, reach: number, earliest: number): number {
  return Math.max(earliest, Math.round(middle + scale * reach));
}

interface Rehearsed {
  pull: number;
  rows: Int32Array;
  middles: Float64Array;
}

function choosePull(data: DelayRowsKnown, blocks: readonly Block[], start: Float64Array): Rehearsed {
  let best: Rehearsed = { pull: CAUTIOUS_PULL, rows: new Int32Array(0), middles: new Float64Array(0) };
  let least = Infinity;
  if (blocks.length === 0) return best;
  const from = blocks.map(() => start);
  for (const pull of [...PULLS].reverse()) {
    const rows: number[] = [];
    const middles: number[] = [];
    for (const [b, block] of blocks.entries()) {
      const beta = fitHuber({ ...data, width: DELAY_WIDTH, rows: block.learn }, start, pull, from[b]);
      from[b] = beta;
      for (const row of block.predict) {
        rows.push(row);
        middles.push(product(data.x, row * DELAY_WIDTH, beta));
      }
    }
    const loss = meanMiss(rows, middles, data);
    if (loss < least * 0.998) {
      least = loss;
      best = { pull, rows: Int32Array.from(rows), middles: Float64Array.from(middles) };
    }
  }
  return best;
}

function meanMiss(rows: readonly number[], middles: readonly number[], data: DelayRowsKnown): number {
  let sum = 0;
  let count = 0;
  rows.forEach((row, place) => {
    const miss = at(data.delay, row) - at(middles, place);
    if (at(data.isOpen, row) === 1 && miss < 0) return;
    sum += Math.abs(miss);
    count += 1;
  });
  return sum / Math.max(1, count);
}

/**
 * The smallest reach that would have covered `level` of the past predictions. Only predictions whose
 * day has come are counted, whether the invoice was paid or not: so the unpaid count as not covered, and
 * the young ones do not count yet.
 */
function reachOf(level: number, data: DelayRowsKnown, rehearsed: Rehearsed): number {
  if (rehearsed.rows.length < 30) return level < 0.6 ? 0 : level < 0.85 ? 1.3 : 2.2;
  let [low, high] = [-5, 40];
  for (let round = 0; round < 24; round += 1) {
    const middle = (low + high) / 2;
    if (coverage(middle, data, rehearsed) >= level) high = middle;
    else low = middle;
  }
  return high;
}

function coverage(reach: number, data: DelayRowsKnown, rehearsed: Rehearsed): number {
  let covered = 0;
  let counted = 0;
  rehearsed.rows.forEach((row, place) => {
    const bound = boundOf(
      at(rehearsed.middles, place),
      at(data.scale, row),
      reach,
      at(data.earliest, row),
    );
    if (bound > at(data.watched, row)) return;
    counted += at(data.weight, row);
    if (at(data.isOpen, row) === 0 && at(data.delay, row) <= bound) covered += at(data.weight, row);
  });
  return counted === 0 ? 1 : covered / counted;
}
