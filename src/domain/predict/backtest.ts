/**
 * The past walked forward: after a warm-up of the first 40 % of the invoices, each month learns from what
 * was known at its start and predicts every invoice at its issue date. An invoice counts once the day in
 * question has passed: its due date for "late", the predicted day for "paid by then", so the unpaid count
 * as late and as not covered. The error in days is measured on invoices that were paid. Nothing that came
 * later is ever used: with facts to 30 June, an invoice of 3 March is predicted as on the morning of 3 March.
 */
import type { Day } from '../day.ts';
import { type BaselinePrediction, Baselines } from './baselines.ts';
import { FACTS } from './facts.ts';
import { arrangeHistory, type History, lastDayOf } from './history.ts';
import { at } from './numbers.ts';
import {
  type Contradicted,
  type PaymentObservation,
  separateContradictions,
} from './observation.ts';
import { lastDayOfMonth } from './pay-run.ts';
import { fitPredictor, predict, type Prediction, type Predictor } from './predictor.ts';
import { type CalibrationRow, meanAndMedian, meanOf, scoreLate } from './scores.ts';
import { shrunkenMedian, shrunkenRate } from './shrunken.ts';
import { walkHistory } from './walk.ts';

export interface BacktestFigures {
  auc: number | null;
  brier: number | null;
  logLoss: number | null;
  calibrationError: number | null;
  meanErrorDays: number | null;
  medianErrorDays: number | null;
  /** Share of invoices paid by the predicted day. */
  coverage: { p50: number | null; p80: number | null; p90: number | null };
}

export interface BacktestReport<T extends PaymentObservation = PaymentObservation> {
  /** Usable ones. */
  invoices: number;
  customers: number;
  /** Of the invoices whose due date has passed. */
  lateShare: number;
  contradicted: Contradicted<T>[];
  /** Nothing from this day on is known. */
  asOn: Day;
  predictedFrom: Day;
  /** With an outcome. */
  predicted: number;
  /** Of those still unpaid; they count as late and as not covered, and not in the error in days. */
  unpaid: number;
  model: BacktestFigures;
  baselines: {
    overall: BacktestFigures;
    customerRate: BacktestFigures;
    customerMedian: BacktestFigures;
    shrunken: BacktestFigures;
  };
  table: CalibrationRow[];
  /** See LateScores. */
  calibrationByChance: number;
  /** Of the last twelve months: what became of those at 50 % and more, and of the others. */
  highRisk: { count: number; late: number };
  lowRisk: { count: number; late: number };
}

const WARM_UP = 0.4;
const LEAST_INVOICES = 50;
const HIGH_RISK = 0.5;

/** null when there is too little history to predict anything: fewer than 50 usable invoices, or none that fell due. */
export function backtest<T extends PaymentObservation>(
  observations: readonly T[],
  asOn?: Day,
): BacktestReport<T> | null {
  const { usable, contradicted } = separateContradictions(observations);
  return backtestHistory(arrangeHistory(usable), contradicted, asOn);
}

/** The same for a history that was taken in page by page; what contradicts itself is not in it. */
export function backtestHistory<T extends PaymentObservation>(
  history: History,
  contradicted: Contradicted<T>[],
  asOn?: Day,
): BacktestReport<T> | null {
  const lastOn = lastDayOf(history);
  if (lastOn === null || history.count < LEAST_INVOICES) return null;
  const until = asOn ?? ((lastOn + 1) as Day);
  const tally = predictAll(history, until);
  if (tally.late.length === 0) return null;
  return {
    invoices: history.count,
    customers: history.customers.length,
    lateShare: lateShareOf(history, until),
    contradicted,
    asOn: until,
    predictedFrom: at(history.issuedOn, warmUpEnd(history)) as Day,
    predicted: tally.late.length,
    unpaid: tally.unpaid,
    ...reportOf(tally, until),
  };
}

export function warmUpEnd(history: History): number {
  return Math.floor(history.count * WARM_UP);
}

/** One way of predicting, and how it fared. */
class Trial {
  readonly chances: number[] = [];
  readonly misses: number[] = [];
  readonly covered = [0, 0, 0];
  readonly counted = [0, 0, 0];

  /** `delay` is null for an invoice that is not paid yet; `watched` is how long it has been looked at. */
  addDays(
    expected: number,
    bounds: readonly number[],
    delay: number | null,
    watched: number,
  ): void {
    if (delay !== null) this.misses.push(Math.abs(delay - expected));
    bounds.forEach((bound, level) => {
      if (bound > watched) return;
      this.counted[level] = at(this.counted, level) + 1;
      if (delay !== null && delay <= bound) this.covered[level] = at(this.covered, level) + 1;
    });
  }

  figures(late: readonly number[]): BacktestFigures {
    const scores = this.chances.length === 0 ? null : scoreLate(this.chances, late);
    const days = meanAndMedian(this.misses);
    const share = (level: number): number | null =>
      at(this.counted, level) === 0 ? null : at(this.covered, level) / at(this.counted, level);
    return {
      auc: scores?.auc ?? null,
      brier: scores?.brier ?? null,
      logLoss: scores?.logLoss ?? null,
      calibrationError: scores?.calibrationError ?? null,
      meanErrorDays: days?.mean ?? null,
      medianErrorDays: days?.median ?? null,
      coverage: { p50: share(0), p80: share(1), p90: share(2) },
    };
  }
}

class Tally {
  readonly model = new Trial();
  readonly overall = new Trial();
  readonly customerRate = new Trial();
  readonly customerMedian = new Trial();
  readonly shrunken = new Trial();
  /** Outcomes of the invoices that fell due, and when they were issued. */
  readonly late: number[] = [];
  readonly issuedOn: number[] = [];
  unpaid = 0;
}

function predictAll(history: History, until: number): Tally {
  const tally = new Tally();
  predictForward(history, until, (i, made) => {
    tallyInvoice(tally, history, until, i, made);
  });
  return tally;
}

/** What was said of one invoice on its issue date. */
export interface MadePrediction {
  ours: Prediction;
  /** The customer's figures shrunken to the book's, without any model on top. */
  shrunken: { late: number; expected: number };
  plain: BaselinePrediction;
}

/** Visits every invoice after the warm-up, with its place in the history, in the order of the invoice dates. */
export function predictForward(
  history: History,
  until: number,
  visit: (i: number, made: MadePrediction) => void,
): void {
  const baselines = new Baselines(history);
  const begins = warmUpEnd(history);
  let predictor: Predictor | null = null;
  let monthEnd = 0;
  walkHistory(history, until, ({ facts, records }, day, from, to) => {
    if (to <= begins) return;
    baselines.advanceTo(day);
    if (predictor === null || day > monthEnd) {
      predictor = fitPredictor(history, facts, records, day);
      baselines.refresh();
      monthEnd = lastDayOfMonth(day);
    }
    for (let i = Math.max(from, begins); i < to; i += 1) {
      const offset = i * FACTS;
      visit(i, {
        ours: predict(predictor, facts, offset),
        shrunken: {
          late: shrunkenRate(facts, offset, predictor.book),
          expected: Math.round(shrunkenMedian(facts, offset, predictor.book)),
        },
        plain: baselines.predict(i),
      });
    }
  });
}

function tallyInvoice(
  tally: Tally,
  history: History,
  until: number,
  i: number,
  { ours, shrunken, plain }: MadePrediction,
): void {
  const [dueOn, paidOn] = [at(history.dueOn, i), at(history.paidOn, i)];
  const watched = until - 1 - dueOn;
  const delay = paidOn < until ? paidOn - dueOn : null;
  tally.model.addDays(ours.expected, [ours.p50, ours.p80, ours.p90], delay, watched);
  tally.shrunken.addDays(shrunken.expected, [], delay, watched);
  const { overallDays, customerDays } = plain;
  if (overallDays !== null) tally.overall.addDays(overallDays[0], overallDays, delay, watched);
  if (customerDays !== null) {
    tally.customerMedian.addDays(customerDays[0], customerDays, delay, watched);
  }
  if (dueOn >= until) return;
  tally.late.push(paidOn > dueOn ? 1 : 0);
  tally.issuedOn.push(at(history.issuedOn, i));
  if (delay === null) tally.unpaid += 1;
  tally.model.chances.push(ours.late);
  tally.overall.chances.push(plain.overallRate);
  tally.customerRate.chances.push(plain.customerRate);
  tally.shrunken.chances.push(shrunken.late);
}

function reportOf(tally: Tally, until: number) {
  const { late } = tally;
  const scores = scoreLate(tally.model.chances, late);
  return {
    model: tally.model.figures(late),
    baselines: {
      overall: tally.overall.figures(late),
      customerRate: tally.customerRate.figures(late),
      customerMedian: tally.customerMedian.figures(late),
      shrunken: tally.shrunken.figures(late),
    },
    table: scores?.table ?? [],
    calibrationByChance: scores?.calibrationByChance ?? 0,
    ...bySeverity(tally, until),
  };
}

function bySeverity(tally: Tally, until: number): Pick<BacktestReport, 'highRisk' | 'lowRisk'> {
  const lastYear = tally.late.map((_, i) => i).filter((i) => at(tally.issuedOn, i) >= until - 365);
  const summed = (isHigh: boolean) => {
    const chosen = lastYear.filter((i) => at(tally.model.chances, i) >= HIGH_RISK === isHigh);
    const late = chosen.map((i) => at(tally.late, i));
    return { count: late.length, late: late.length === 0 ? 0 : meanOf(late) };
  };
  return { highRisk: summed(true), lowRisk: summed(false) };
}

function lateShareOf(history: History, until: number): number {
  let [late, matured] = [0, 0];
  for (let i = 0; i < history.count; i += 1) {
    if (at(history.dueOn, i) >= until) continue;
    matured += 1;
    if (at(history.paidOn, i) > at(history.dueOn, i)) late += 1;
  }
  return matured === 0 ? 0 : late / matured;
}
