/**
 * When the invoices that are open today will be paid. That an invoice is still unpaid is news of its own:
 * the punctual half of its like has paid already, so its chance of being late grows as the due date comes
 * near, and its expected day moves on with every day that passes. A 40 % invoice of whose punctual like
 * half have paid by now stands at 0.4 / (0.4 + 0.6 · 0.5) = 57 %.
 */
import type { Day } from '../day.ts';
import { delayAfter, type DelayForecast, LEVELS, paidShareBefore } from './delay-curve.ts';
import { FACTS, type Facts } from './facts.ts';
import type { History } from './history.ts';
import { at } from './numbers.ts';
import { forecastDelay, predictLate, type Predictor } from './predictor.ts';
import { type BookSurroundings, TrackRecords } from './track-record.ts';

export interface OpenPrediction {
  /** 1 once the due date has passed. */
  late: number;
  expectedOn: Day;
  p50On: Day;
  p80On: Day;
  p90On: Day;
  /** Unpaid longer than all but a few of its like ever were: the days are little more than a guess. */
  isBeyondExperience: boolean;
}

const LAST_LEVEL = at(LEVELS, LEVELS.length - 1);

/**
 * Visits every invoice of the history that is unpaid on the morning of `asOn`, with its place in the
 * history. A history of some customers only, with the book's figures beside it, gives the same answers
 * however the customers are divided. The row of facts is used again for the next invoice.
 */
export function predictOpen(
  predictor: Predictor,
  history: History,
  asOn: Day,
  surroundings: BookSurroundings | null,
  visit: (i: number, prediction: OpenPrediction, facts: Float64Array) => void,
): void {
  const records = new TrackRecords(history, surroundings);
  for (let i = 0; i < history.count; i += 1) {
    records.advanceTo(Math.min(at(history.issuedOn, i), asOn));
    records.issue(i);
  }
  records.advanceTo(asOn);
  const facts = new Float64Array(FACTS);
  for (let i = 0; i < history.count; i += 1) {
    if (at(history.paidOn, i) < asOn) continue;
    records.write(i, asOn, facts, 0);
    visit(i, predictUnpaid(predictor, facts, at(history.dueOn, i), asOn), facts);
  }
}

/** `facts` as of `asOn`. */
export function predictUnpaid(
  predictor: Predictor,
  facts: Facts,
  dueOn: number,
  asOn: Day,
): OpenPrediction {
  const forecast = forecastDelay(predictor, facts, 0);
  const age = asOn - dueOn;
  const paidShare = paidShareBefore(forecast, age);
  const p50On = (dueOn + delayAfter(forecast, age, paidShare, 0.5)) as Day;
  const expectedOn = Math.round(dueOn + Math.max(forecast.earliest, forecast.middle)) as Day;
  return {
    late: age > 0 ? 1 : lateStillUnpaid(predictLate(predictor, facts, 0), forecast, paidShare),
    // Once a good part of its like has paid, the middle of the others is the better guess.
    expectedOn: expectedOn >= asOn && paidShare < 0.25 ? expectedOn : p50On,
    p50On,
    p80On: (dueOn + delayAfter(forecast, age, paidShare, 0.8)) as Day,
    p90On: (dueOn + delayAfter(forecast, age, paidShare, 0.9)) as Day,
    isBeyondExperience: paidShare >= LAST_LEVEL,
  };
}

/** The punctual ones among its like that would have paid by now are out of the question. */
function lateStillUnpaid(late: number, forecast: DelayForecast, paidShare: number): number {
  if (paidShare === 0) return late;
  const punctual = Math.max(paidShareBefore(forecast, 1), paidShare);
  const stillPunctual = (1 - late) * (1 - paidShare / punctual);
  return late / (late + stillPunctual);
}
