/**
 * The past replayed in blocks: each block of invoices is predicted from what was known before it began.
 * How these predictions fared is the only honest measure of how strongly to believe the data, how sure
 * to sound and how wide to draw a band. With 1,000 invoices the last 600 are predicted, 150 at a time.
 */
import type { Pull } from './logistic.ts';
import { at } from './numbers.ts';

export interface Block {
  /** Known on the day the block begins. */
  learn: Int32Array;
  predict: Int32Array;
}

const FIRST_SHARE = 0.4;
const BLOCKS = 4;
const MIN_LEARN = 30;
/** Older ones would take time and tell of times that are gone. */
const MAX_ROWS = 8_000;

/** `known` in the order of the issue days; days by row. */
export function cutBlocks(known: Int32Array, issuedOn: Int32Array, dueOn: Int32Array): Block[] {
  const rows = known.subarray(Math.max(0, known.length - MAX_ROWS));
  const cuts = Array.from({ length: BLOCKS + 1 }, (_, b) =>
    cutAt(rows, issuedOn, FIRST_SHARE + ((1 - FIRST_SHARE) * b) / BLOCKS),
  );
  const blocks: Block[] = [];
  for (let b = 0; b < BLOCKS; b += 1) {
    const [from, to] = [at(cuts, b), at(cuts, b + 1)];
    if (to <= from) continue;
    const begins = at(issuedOn, at(rows, from));
    const learn = rows.subarray(0, from).filter((row) => at(dueOn, row) < begins);
    if (learn.length >= MIN_LEARN) blocks.push({ learn, predict: rows.subarray(from, to) });
  }
  return blocks;
}

/** The place where the share is reached, moved back to the first invoice of that day. */
function cutAt(rows: Int32Array, issuedOn: Int32Array, share: number): number {
  let place = Math.round(rows.length * share);
  if (place >= rows.length) return rows.length;
  while (place > 0 && at(issuedOn, at(rows, place - 1)) === at(issuedOn, at(rows, place))) {
    place -= 1;
  }
  return place;
}

/** What was predicted of each row, never having seen it. */
export interface Rehearsed {
  /** How strongly the coefficients were pulled to where they start. */
  strength: number;
  rows: Int32Array;
  predicted: Float64Array;
}

export interface Trial {
  /** What is believed before any data. */
  start: Float64Array;
  /** From "stay with the customer's own figures" to "follow the data". */
  strengths: readonly number[];
  /** Where the past is too short to try anything out. */
  cautious: number;
  fit(rows: Int32Array, pull: Pull): Float64Array;
  predict(row: number, beta: Float64Array): number;
  isBetter(rehearsed: Rehearsed, than: Rehearsed): boolean;
}

/** The strength that fared best; of two alike the one that believes the data less. */
export function chooseStrength(blocks: readonly Block[], trial: Trial): Rehearsed {
  let best: Rehearsed | null = null;
  const guesses = blocks.map(() => trial.start);
  for (const strength of blocks.length === 0 ? [] : trial.strengths) {
    const rehearsed = rehearse(blocks, trial, strength, guesses);
    if (best === null || trial.isBetter(rehearsed, best)) best = rehearsed;
  }
  return (
    best ?? { strength: trial.cautious, rows: new Int32Array(0), predicted: new Float64Array(0) }
  );
}

/** `guesses` hold what was fitted last for each block, to begin from. */
function rehearse(
  blocks: readonly Block[],
  trial: Trial,
  strength: number,
  guesses: Float64Array[],
): Rehearsed {
  const rows: number[] = [];
  const predicted: number[] = [];
  for (const [b, block] of blocks.entries()) {
    const beta = trial.fit(block.learn, { to: trial.start, strength, from: guesses[b] });
    guesses[b] = beta;
    for (const row of block.predict) {
      rows.push(row);
      predicted.push(trial.predict(row, beta));
    }
  }
  return { strength, rows: Int32Array.from(rows), predicted: Float64Array.from(predicted) };
}
