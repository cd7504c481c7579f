/**
 * When an invoice will be paid: an expected day from a straight line in the customer's own habits, and a
 * band as wide as past predictions had to be. A customer usually 8 days late whose last payments took
 * 12 may be expected at 10 days, with 80 of 100 such invoices paid within 14.
 */
import { DELAY_WIDTH } from './delay-factors.ts';
import { type DelayCurve, fitDelayCurve } from './delay-curve.ts';
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
import { pulledToRun } from './pay-run.ts';
import type { Block } from './rehearsal.ts';

const STRENGTHS = [1_000, 100, 10] as const;
const CAUTIOUS_STRENGTH = 100;
/** The place of `usual_delay` among the factors. */
const USUAL_DELAY = 1;
/** More belief in the data has to pay at least this share of the mean miss. */
const LEAST_GAIN = 0.002;

/** Plain numbers, so that it can be kept as JSON. */
export interface DelayModel {
  scaling: Scaling;
  beta: readonly number[];
  strength: number;
  curve: DelayCurve;
}

export interface DelayLearning {
  /** Factors by row; the fit scales them in place. */
  x: Float64Array;
  rows: Int32Array;
  /** Days after the due date, for an unpaid invoice so far. */
  delay: Float64Array;
  isOpen: Uint8Array;
  /** How far the customer's delays scatter. */
  scale: Float64Array;
  /** Minus the terms. */
  earliest: Float64Array;
  /** Days after the due date until which the invoice was watched. */
  watched: Float64Array;
  recency: Float64Array;
  /** See pay-run.ts. */
  runDelay: Float64Array;
  runTrust: Float64Array;
}

interface Rehearsed {
  strength: number;
  rows: Int32Array;
  middles: Float64Array;
}

export function fitDelay(data: DelayLearning, blocks: readonly Block[]): DelayModel {
  const scaling = measureScaling(data.x, DELAY_WIDTH, data.rows);
  scaleRows(data.x, DELAY_WIDTH, scaling);
  const start = startAtFactor(scaling, DELAY_WIDTH, USUAL_DELAY);
  const rehearsed = chooseStrength(data, blocks, start);
  const { strength } = rehearsed;
  const beta = fitHuber({ ...data, width: DELAY_WIDTH }, { to: start, strength });
  return { scaling, beta: [...beta], strength, curve: curveFrom(data, rehearsed) };
}

/** The expected delay of a row of factors, which is scaled in place. */
export function expectedDelay(
  model: DelayModel,
  x: Float64Array,
  offset: number,
  run: { delay: number; trust: number },
): number {
  scaleRow(x, offset, DELAY_WIDTH, model.scaling);
  return pulledToRun(product(x, offset, model.beta), run.delay, run.trust);
}

function curveFrom(data: DelayLearning, { rows, middles }: Rehearsed): DelayCurve {
  const read = (column: Float64Array): Float64Array =>
    Float64Array.from(rows, (row) => at(column, row));
  return fitDelayCurve({
    middle: middles,
    scale: read(data.scale),
    earliest: read(data.earliest),
    watched: read(data.watched),
    delay: Float64Array.from(rows, (row) =>
      at(data.isOpen, row) === 1 ? Number.NaN : at(data.delay, row),
    ),
    recency: read(data.recency),
  });
}

function chooseStrength(
  data: DelayLearning,
  blocks: readonly Block[],
  start: Float64Array,
): Rehearsed {
  const guesses = blocks.map(() => start);
  let best: Rehearsed = {
    strength: CAUTIOUS_STRENGTH,
    rows: new Int32Array(0),
    middles: new Float64Array(0),
  };
  if (blocks.length === 0) return best;
  let least = Infinity;
  for (const strength of STRENGTHS) {
    const rehearsed = rehearse(data, blocks, { start, strength, guesses });
    const miss = meanMiss(rehearsed, data);
    if (miss < least * (1 - LEAST_GAIN)) {
      least = miss;
      best = rehearsed;
    }
  }
  return best;
}

/** `guesses` hold what was fitted last for each block, to begin from. */
function rehearse(
  data: DelayLearning,
  blocks: readonly Block[],
  options: { start: Float64Array; strength: number; guesses: Float64Array[] },
): Rehearsed {
  const rows: number[] = [];
  const middles: number[] = [];
  for (const [b, block] of blocks.entries()) {
    const learn = { ...data, width: DELAY_WIDTH, rows: block.learn };
    const pull = { to: options.start, strength: options.strength, from: options.guesses[b] };
    const beta = fitHuber(learn, pull);
    options.guesses[b] = beta;
    for (const row of block.predict) {
      rows.push(row);
      const straight = product(data.x, row * DELAY_WIDTH, beta);
      middles.push(pulledToRun(straight, at(data.runDelay, row), at(data.runTrust, row)));
    }
  }
  return {
    strength: options.strength,
    rows: Int32Array.from(rows),
    middles: Float64Array.from(middles),
  };
}

/** An unpaid invoice misses by what it is beyond its expected day already, and says nothing before. */
function meanMiss({ rows, middles }: Rehearsed, data: DelayLearning): number {
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
