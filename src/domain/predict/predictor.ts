/** Learns from a history what was known of it on a day, and predicts from that. */
import { bookHabits, type BookHabits } from './book-habits.ts';
import { DELAY_WIDTH, delayScale, writeDelayFactors } from './delay-factors.ts';
import { boundOf, type DelayModel, fitDelay, middleDelay } from './delay-model.ts';
import { type History, NEVER } from './history.ts';
import { LATE_WIDTH, writeLateFactors } from './late-factors.ts';
import { fitLate, lateLogit, type LateModel } from './late-model.ts';
import { at, clamp, sigmoid } from './numbers.ts';
import { decay } from './recent-delays.ts';
import { cutBlocks } from './rehearsal.ts';
import { FACT, FACTS, MAX_DELAY, type TrackRecords } from './track-record.ts';

/** More would not change what is learnt, only take longer. */
const MAX_ROWS = 20_000;

export const TUNE = { weightHalfLife: 730 };

export interface Prediction {
  late: number;
  /** Days after the due date. */
  expected: number;
  p50: number;
  p80: number;
  p90: number;
}

export interface Predictor {
  book: BookHabits;
  late: LateModel;
  delay: DelayModel;
}

/** Learns from the invoices that fell due before `day`; `facts` are theirs at their issue days. */
export function fitPredictor(
  history: History,
  facts: Float64Array,
  records: TrackRecords,
  day: number,
): Predictor {
  const book = bookHabits(records, day);
  const all: number[] = [];
  for (let i = history.count - 1; i >= 0 && all.length < MAX_ROWS; i -= 1) {
    if (at(history.issuedOn, i) < day && at(history.dueOn, i) < day) all.push(i);
  }
  all.reverse();
  const n = all.length;
  const rows = Int32Array.from(all, (_, row) => row);
  const column = (read: (i: number) => number) => Float64Array.from(all, read);
  const issuedOn = Int32Array.from(all, (i) => at(history.issuedOn, i));
  const dueOn = Int32Array.from(all, (i) => at(history.dueOn, i));
  const blocks = cutBlocks(rows, issuedOn, dueOn);
  const isOpen = Uint8Array.from(all, (i) => (at(history.paidOn, i) < day ? 0 : 1));
  const weight = column((i) => decay(day - at(history.dueOn, i), TUNE.weightHalfLife));
  const lateX = new Float64Array(n * LATE_WIDTH);
  const delayX = new Float64Array(n * DELAY_WIDTH);
  all.forEach((i, row) => {
    writeLateFactors(facts, i * FACTS, book, lateX, row * LATE_WIDTH);
    writeDelayFactors(facts, i * FACTS, book, delayX, row * DELAY_WIDTH);
  });
  const y = column((i) => (at(history.paidOn, i) > at(history.dueOn, i) ? 1 : 0));
  const watched = column((i) => day - 1 - at(history.dueOn, i));
  const delay = column((i) => {
    const paidOn = at(history.paidOn, i);
    const until = paidOn < day ? paidOn : day - 1;
    return clamp(until - at(history.dueOn, i), -MAX_DELAY, MAX_DELAY);
  });
  return {
    book,
    late: fitLate({ x: lateX, rows, y, weight }, blocks),
    delay: fitDelay(
      {
        x: delayX,
        rows,
        delay,
        isOpen,
        weight,
        watched,
        scale: column((i) => delayScale(facts, i * FACTS, book)),
        earliest: column((i) => at(history.issuedOn, i) - at(history.dueOn, i)),
      },
      blocks,
    ),
  };
}

const lateRow = new Float64Array(LATE_WIDTH);
const delayRow = new Float64Array(DELAY_WIDTH);

export function predict(predictor: Predictor, facts: Float64Array, offset: number): Prediction {
  const { book, late, delay } = predictor;
  writeLateFactors(facts, offset, book, lateRow, 0);
  writeDelayFactors(facts, offset, book, delayRow, 0);
  const middle = middleDelay(delay, delayRow, 0);
  const scale = delayScale(facts, offset, book);
  const earliest = -at(facts, offset + FACT.termsDays);
  const bound = (level: number): number =>
    boundOf(middle, scale, at(delay.reach, level), earliest);
  return {
    late: sigmoid(lateLogit(late, lateRow, 0)),
    expected: Math.max(earliest, Math.round(middle)),
    p50: bound(0),
    p80: bound(1),
    p90: bound(2),
  };
}

export { NEVER };
