/**
 * How good predictions were. AUC: of a late and a punctual invoice, how often the late one was given the
 * higher chance (0.5 is guessing). Brier and log-loss: how far chances were from what happened. Calibration
 * error: sorted into ten groups of equal size, how far the mean chance lies from the share that was late.
 */
import { at, clamp, weightedQuantile } from './numbers.ts';

export interface CalibrationRow {
  from: number;
  to: number;
  count: number;
  /** Mean chance. */
  predicted: number;
  /** Share that was late. */
  late: number;
}

export interface LateScores {
  /** null when all outcomes were the same. */
  auc: number | null;
  brier: number;
  logLoss: number;
  calibrationError: number;
  /** The error that is to be expected where every chance is exactly right: few outcomes scatter. */
  calibrationByChance: number;
  table: CalibrationRow[];
}

const BINS = 10;

/** null without a prediction. */
export function scoreLate(
  predicted: readonly number[],
  late: readonly number[],
): LateScores | null {
  const n = predicted.length;
  if (n === 0) return null;
  const order = predicted.map((_, i) => i).sort((a, b) => at(predicted, a) - at(predicted, b));
  const table = calibrationTable(
    order.map((i) => at(predicted, i)),
    evenTies(order, predicted, late),
  );
  let squares = 0;
  let loss = 0;
  for (let i = 0; i < n; i += 1) {
    const p = clamp(at(predicted, i), 1e-6, 1 - 1e-6);
    squares += (at(predicted, i) - at(late, i)) ** 2;
    loss -= Math.log(at(late, i) === 1 ? p : 1 - p);
  }
  return {
    auc: aucOf(order, predicted, late),
    brier: squares / n,
    logLoss: loss / n,
    calibrationError:
      table.reduce((sum, row) => sum + row.count * Math.abs(row.predicted - row.late), 0) / n,
    calibrationByChance: calibrationByChance(order.map((i) => at(predicted, i))),
    table,
  };
}

/** The mean distance of a bell curve from its middle is √(2/π) of its deviation, √Σp(1 − p) in each group. */
function calibrationByChance(sorted: readonly number[]): number {
  let scatter = 0;
  for (let b = 0; b < BINS; b += 1) {
    const group = sorted.slice(
      Math.floor((b * sorted.length) / BINS),
      Math.floor(((b + 1) * sorted.length) / BINS),
    );
    scatter += Math.sqrt(group.reduce((sum, p) => sum + p * (1 - p), 0));
  }
  return (Math.sqrt(2 / Math.PI) * scatter) / sorted.length;
}

/** The rank sum; equal chances count half. */
function aucOf(
  order: readonly number[],
  predicted: readonly number[],
  late: readonly number[],
): number | null {
  let ranks = 0;
  let positives = 0;
  for (const [from, to] of tiesOf(order, predicted)) {
    for (let place = from; place < to; place += 1) {
      if (at(late, at(order, place)) === 0) continue;
      ranks += (from + 1 + to) / 2;
      positives += 1;
    }
  }
  const negatives = order.length - positives;
  if (positives === 0 || negatives === 0) return null;
  return (ranks - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/** Outcomes in order, equal chances sharing theirs, so that no arbitrary order decides on a group. */
function evenTies(
  order: readonly number[],
  predicted: readonly number[],
  late: readonly number[],
): number[] {
  const even: number[] = [];
  for (const [from, to] of tiesOf(order, predicted)) {
    let sum = 0;
    for (let place = from; place < to; place += 1) sum += at(late, at(order, place));
    for (let place = from; place < to; place += 1) even.push(sum / (to - from));
  }
  return even;
}

function* tiesOf(
  order: readonly number[],
  predicted: readonly number[],
): Generator<[from: number, to: number]> {
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && at(predicted, at(order, to)) === at(predicted, at(order, from))) {
      to += 1;
    }
    yield [from, to];
    from = to;
  }
}

function calibrationTable(sorted: readonly number[], late: readonly number[]): CalibrationRow[] {
  const rows: CalibrationRow[] = [];
  for (let b = 0; b < BINS; b += 1) {
    const from = Math.floor((b * sorted.length) / BINS);
    const to = Math.floor(((b + 1) * sorted.length) / BINS);
    if (to === from) continue;
    rows.push({
      from: at(sorted, from),
      to: at(sorted, to - 1),
      count: to - from,
      predicted: meanOf(sorted.slice(from, to)),
      late: meanOf(late.slice(from, to)),
    });
  }
  return rows;
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** null without a value. */
export function meanAndMedian(values: readonly number[]): { mean: number; median: number } | null {
  if (values.length === 0) return null;
  const alike = values.map(() => 1);
  return { mean: meanOf(values), median: weightedQuantile(values, alike, 0.5) };
}
