/**
 * When an invoice will be paid: an expected day from a straight line in the customer's own habits, and a
 * band as wide as past predictions had to be. A customer usually 8 days late whose last payments took
 * 12 may be expected at 10 days, with 80 of 100 such invoices paid within 14.
 */
import { type DelayCurve, fitDelayCurve } from './delay-curve.ts';
import { DELAY_FACTORS, DELAY_WIDTH } from './factors.ts';
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
import { type Block, chooseStrength, type Rehearsed } from './rehearsal.ts';

const STRENGTHS = [1_000, 100, 10] as const;
const CAUTIOUS_STRENGTH = 100;
const USUAL_DELAY = DELAY_FACTORS.indexOf('usual_delay');
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

export function fitDelay(data: DelayLearning, blocks: readonly Block[]): DelayModel {
  const scaling = measureScaling(data.x, DELAY_WIDTH, data.rows);
  scaleRows(data.x, DELAY_WIDTH, scaling);
  const start = startAtFactor(scaling, DELAY_WIDTH, USUAL_DELAY);
  const learning = { ...data, width: DELAY_WIDTH };
  const rehearsed = chooseStrength(blocks, {
    start,
    strengths: STRENGTHS,
    cautious: CAUTIOUS_STRENGTH,
    fit: (learn, pull) => fitHuber({ ...learning, rows: learn }, pull),
    predict: (row, beta) =>
      pulledToRun(
        product(data.x, row * DELAY_WIDTH, beta),
        at(data.runDelay, row),
        at(data.runTrust, row),
      ),
    isBetter: (one, other) => meanMiss(one, data) < meanMiss(other, data) * (1 - LEAST_GAIN),
  });
  const { strength } = rehearsed;
  const beta = fitHuber(learning, { to: start, strength });
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

function curveFrom(data: DelayLearning, { rows, predicted }: Rehearsed): DelayCurve {
  const read = (column: Float64Array): Float64Array =>
    Float64Array.from(rows, (row) => at(column, row));
  return fitDelayCurve({
    middle: predicted,
    scale: read(data.scale),
    earliest: read(data.earliest),
    watched: read(data.watched),
    delay: Float64Array.from(rows, (row) =>
      at(data.isOpen, row) === 1 ? Number.NaN : at(data.delay, row),
    ),
    recency: read(data.recency),
  });
}

/** An unpaid invoice misses by what it is beyond its expected day already, and says nothing before. */
function meanMiss({ rows, predicted }: Rehearsed, data: DelayLearning): number {
  let sum = 0;
  let count = 0;
  rows.forEach((row, place) => {
    const miss = at(data.delay, row) - at(predicted, place);
    if (at(data.isOpen, row) === 1 && miss < 0) return;
    sum += Math.abs(miss);
    count += 1;
  });
  return sum / Math.max(1, count);
}
