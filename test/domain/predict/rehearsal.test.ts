import { describe, expect, test } from 'vitest';
import {
  type Block,
  chooseStrength,
  cutBlocks,
  type Rehearsed,
  type Trial,
} from '../../../src/domain/predict/rehearsal.ts';

const countTo = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i);

/** One invoice a day unless said otherwise, due `terms` days later. */
function cut(count: number, terms: number, issuedOn = countTo(count)): Block[] {
  return cutBlocks(
    countTo(count),
    issuedOn,
    issuedOn.map((day) => day + terms),
  );
}

/** First and last row of each. */
const ends = (blocks: readonly Block[]) =>
  blocks.map(({ learn, predict }) => [learn[0], learn.at(-1), predict[0], predict.at(-1)]);

describe('the past in blocks', () => {
  test('of 1,000 invoices the last 600 are predicted, 150 at a time, from what fell due before', () => {
    expect(ends(cut(1000, 10))).toEqual([
      [0, 389, 400, 549],
      [0, 539, 550, 699],
      [0, 689, 700, 849],
      [0, 839, 850, 999],
    ]);
  });

  test('only what fell due before the block begins is learnt from: not on its first day', () => {
    const blocks = cut(1000, 0);
    expect(blocks[0]?.learn.at(-1)).toBe(399);
    expect(cut(1000, 1)[0]?.learn.at(-1)).toBe(398);
  });

  test('invoices of one day stay together', () => {
    // Two hundred days with five invoices each.
    const paired = countTo(1000).map((row) => Math.floor((row + 3) / 5));
    expect(ends(cut(1000, 1, paired)).map(([, , from]) => from)).toEqual([397, 547, 697, 847]);
  });

  test('thirty invoices to learn from are enough, fewer make no block', () => {
    // 100 invoices: blocks begin at 40, 55, 70 and 85.
    expect(ends(cut(100, 9)).map(([, , from]) => from)).toEqual([40, 55, 70, 85]);
    expect(cut(100, 9)[0]?.learn.length).toBe(31);
    expect(cut(100, 10)[0]?.learn.length).toBe(30);
    expect(ends(cut(100, 11)).map(([, , from]) => from)).toEqual([55, 70, 85]);
    expect(cut(20, 1)).toEqual([]);
    expect(cut(0, 1)).toEqual([]);
  });

  test('a book whose invoices all came on one day has no block', () => {
    expect(cut(500, 0, new Int32Array(500))).toEqual([]);
  });

  test('a block whose day began before it is left out, and the next one takes its invoices', () => {
    // From 300 to 600 all on one day: the cuts at 400 and 550 both move to 300.
    const clustered = countTo(1000).map((row) => (row >= 300 && row < 600 ? 300 : row));
    expect(ends(cut(1000, 1, clustered)).map(([, , from, to]) => [from, to])).toEqual([
      [300, 699],
      [700, 849],
      [850, 999],
    ]);
  });

  test('of more than 8,000 invoices the latest 8,000 count', () => {
    expect(ends(cut(8_100, 1))[0]).toEqual([100, 3_298, 3_300, 4_499]);
    expect(ends(cut(8_000, 1))[0]).toEqual([0, 3_198, 3_200, 4_399]);
  });
});

describe('how strongly to believe the data', () => {
  const BLOCKS: Block[] = [
    { learn: Int32Array.from([0, 1]), predict: Int32Array.from([2, 3]) },
    { learn: Int32Array.from([0, 1, 2, 3]), predict: Int32Array.from([4]) },
  ];

  /** Fits the strength and the number of rows; how good a strength is stands in a table. */
  function trialOf(worth: Record<number, number>) {
    const begunFrom: unknown[] = [];
    const trial: Trial = {
      start: Float64Array.from([7]),
      strengths: [100, 10, 1],
      cautious: 50,
      fit: (rows, { to, strength, from }) => {
        begunFrom.push([to[0], from?.[0]]);
        return Float64Array.from([strength * 10 + rows.length]);
      },
      predict: (row, beta) => row * 10_000 + (beta[0] ?? 0),
      isBetter: (one: Rehearsed, than: Rehearsed) =>
        (worth[one.strength] ?? 0) > (worth[than.strength] ?? 0),
    };
    return { trial, begunFrom };
  }

  test('is the one that fared best, with what it had said of rows it had not seen', () => {
    const { strength, rows, predicted } = chooseStrength(
      BLOCKS,
      trialOf({ 100: 1, 10: 3, 1: 2 }).trial,
    );
    expect(strength).toBe(10);
    expect([...rows]).toEqual([2, 3, 4]);
    expect([...predicted]).toEqual([20_102, 30_102, 40_104]);
  });

  test('of two alike the data are believed less', () => {
    expect(chooseStrength(BLOCKS, trialOf({ 100: 1, 10: 2, 1: 2 }).trial).strength).toBe(10);
    expect(chooseStrength(BLOCKS, trialOf({}).trial).strength).toBe(100);
    expect(chooseStrength(BLOCKS, trialOf({ 1: 1 }).trial).strength).toBe(1);
  });

  test('each block is pulled to the start and begins where it was left', () => {
    const { trial, begunFrom } = trialOf({});
    chooseStrength(BLOCKS, trial);
    expect(begunFrom).toEqual([
      [7, 7],
      [7, 7],
      [7, 1002],
      [7, 1004],
      [7, 102],
      [7, 104],
    ]);
  });

  test('is the cautious one where there is no past to try on', () => {
    const { trial, begunFrom } = trialOf({});
    expect(chooseStrength([], trial)).toEqual({
      strength: 50,
      rows: new Int32Array(0),
      predicted: new Float64Array(0),
    });
    expect(begunFrom).toEqual([]);
  });
});
