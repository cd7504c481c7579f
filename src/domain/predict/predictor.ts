/**
 * Learns from what was known of a book on a day, and predicts single invoices from that. What it learns
 * from is every invoice whose due date has passed, paid or not. The result is plain numbers: it can be
 * kept as JSON, and the same numbers give the same predictions for ever.
 */
import type { Day } from '../day.ts';
import { type BookHabits, bookHabits } from './book-habits.ts';
import { type DelayForecast, delayAt } from './delay-curve.ts';
import { type DelayModel, expectedDelay, fitDelay } from './delay-model.ts';
import {
  DELAY_FACTORS,
  DELAY_WIDTH,
  LATE_FACTORS,
  LATE_WIDTH,
  writeDelayFactors,
  writeLateFactors,
} from './factors.ts';
import { FACT, fact, FACTS, type Facts } from './facts.ts';
import type { History } from './history.ts';
import { fitLate, lateLogit, type LateModel } from './late-model.ts';
import { at, clamp, sigmoid } from './numbers.ts';
import { decay } from './recent-delays.ts';
import { cutBlocks } from './rehearsal.ts';
import { shrunkenSpread } from './shrunken.ts';
import { MAX_DELAY, type TrackRecords } from './track-record.ts';
import { walkHistory } from './walk.ts';

export interface Predictor {
  /** Nothing from this day on was known. */
  fittedOn: number;
  learntFrom: number;
  /** The names of what the coefficients belong to: a model kept from an earlier release may have had others. */
  factors: { late: readonly string[]; delay: readonly string[] };
  book: BookHabits;
  late: LateModel;
  delay: DelayModel;
}

/** As of the day the invoice is issued; delays in days after the due date. */
export interface Prediction {
  late: number;
  expected: number;
  p50: number;
  p80: number;
  p90: number;
}

/** More would not change what is learnt, only take longer. */
const MAX_ROWS = 20_000;

/** `facts` hold a row for every invoice issued before `day`, as of its issue day. */
export function fitPredictor(
  history: History,
  facts: Float64Array,
  records: TrackRecords,
  day: number,
): Predictor {
  const book = bookHabits(records, day);
  const matured = latestMatured(history, day);
  const { lateX, delayX } = factorsOf(matured, facts, book);
  const column = (read: (i: number) => number): Float64Array => Float64Array.from(matured, read);
  const rows = Int32Array.from(matured, (_, row) => row);
  const issuedOn = Int32Array.from(matured, (i) => at(history.issuedOn, i));
  const dueOn = Int32Array.from(matured, (i) => at(history.dueOn, i));
  const paidOn = Int32Array.from(matured, (i) => at(history.paidOn, i));
  const recency = column((i) => decay(day - at(history.dueOn, i)));
  const blocks = cutBlocks(rows, issuedOn, dueOn);
  const lateRows = {
    x: lateX,
    rows,
    y: Float64Array.from(rows, (row) => (at(paidOn, row) > at(dueOn, row) ? 1 : 0)),
    weight: new Float64Array(rows.length).fill(1),
    recency,
  };
  const delayRows = {
    x: delayX,
    rows,
    delay: Float64Array.from(rows, (row) => knownDelay(at(dueOn, row), at(paidOn, row), day)),
    isOpen: Uint8Array.from(rows, (row) => (at(paidOn, row) < day ? 0 : 1)),
    scale: column((i) => shrunkenSpread(facts, i * FACTS, book)),
    earliest: Float64Array.from(rows, (row) => at(issuedOn, row) - at(dueOn, row)),
    watched: Float64Array.from(rows, (row) => day - 1 - at(dueOn, row)),
    recency,
    runDelay: column((i) => fact(facts, i * FACTS + FACT.runDelay)),
    runTrust: column((i) => fact(facts, i * FACTS + FACT.runTrust)),
  };
  return {
    fittedOn: day,
    learntFrom: rows.length,
    factors: { late: LATE_FACTORS, delay: DELAY_FACTORS },
    book,
    late: fitLate(lateRows, blocks),
    delay: fitDelay(delayRows, blocks),
  };
}

/** Whether this release knows the factors of a predictor that was kept. */
export function isReadable({
  factors,
}: Pick<Predictor, 'factors'> | { factors?: undefined }): boolean {
  return (
    factors !== undefined &&
    factors.late.join() === LATE_FACTORS.join() &&
    factors.delay.join() === DELAY_FACTORS.join()
  );
}

/** Fewer matured invoices than this say nothing of a book's habits. */
const LEAST_MATURED = 30;

/** Learns from everything known on the morning of `day`; null while hardly anything has fallen due. */
export function learnPredictor(history: History, day: Day): Predictor | null {
  const walk = walkHistory(history, day, () => undefined);
  const predictor = fitPredictor(history, walk.facts, walk.records, day);
  return predictor.learntFrom < LEAST_MATURED ? null : predictor;
}

function latestMatured(history: History, day: number): number[] {
  const found: number[] = [];
  for (let i = history.count - 1; i >= 0 && found.length < MAX_ROWS; i -= 1) {
    if (at(history.dueOn, i) < day) found.push(i);
  }
  return found.reverse();
}

function factorsOf(invoices: readonly number[], facts: Float64Array, book: BookHabits) {
  const lateX = new Float64Array(invoices.length * LATE_WIDTH);
  const delayX = new Float64Array(invoices.length * DELAY_WIDTH);
  invoices.forEach((i, row) => {
    writeLateFactors(facts, i * FACTS, book, lateX, row * LATE_WIDTH);
    writeDelayFactors(facts, i * FACTS, book, delayX, row * DELAY_WIDTH);
  });
  return { lateX, delayX };
}

/** For an unpaid invoice the days until the evening before. */
function knownDelay(dueOn: number, paidOn: number, day: number): number {
  return clamp(Math.min(paidOn, day - 1) - dueOn, -MAX_DELAY, MAX_DELAY);
}

const lateRow = new Float64Array(LATE_WIDTH);
const delayRow = new Float64Array(DELAY_WIDTH);

export function predict(predictor: Predictor, facts: Facts, offset: number): Prediction {
  const forecast = forecastDelay(predictor, facts, offset);
  return {
    late: predictLate(predictor, facts, offset),
    expected: Math.max(forecast.earliest, Math.round(forecast.middle)),
    p50: delayAt(forecast, 0.5),
    p80: delayAt(forecast, 0.8),
    p90: delayAt(forecast, 0.9),
  };
}

export function predictLate(predictor: Predictor, facts: Facts, offset: number): number {
  writeLateFactors(facts, offset, predictor.book, lateRow, 0);
  return sigmoid(lateLogit(predictor.late, lateRow, 0));
}

export function forecastDelay(predictor: Predictor, facts: Facts, offset: number): DelayForecast {
  writeDelayFactors(facts, offset, predictor.book, delayRow, 0);
  return {
    middle: expectedDelay(predictor.delay, delayRow, 0, {
      delay: fact(facts, offset + FACT.runDelay),
      trust: fact(facts, offset + FACT.runTrust),
    }),
    scale: shrunkenSpread(facts, offset, predictor.book),
    earliest: -fact(facts, offset + FACT.termsDays),
    curve: predictor.delay.curve,
  };
}
