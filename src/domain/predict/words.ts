/**
 * A prediction as a credit controller would say it, with its reasons. The odds of being late are those of
 * an average invoice of the book times one factor for each reason: 30 % are odds of 3 to 7; a history
 * that multiplies them by 3.5 makes them 3 to 2, which is 60 %.
 */
import type { Day } from '../day.ts';
import { dayText, percentText, plural } from '../text.ts';
import { explainDelay, explainOpen } from './explain.ts';
import { FACT, fact, type Facts } from './facts.ts';
import type { OpenPrediction } from './open-invoices.ts';
import type { Predictor } from './predictor.ts';

export interface PredictionReason {
  text: string;
  /** What it does to the odds or to the days: "odds × 2.3", "+ 4 days". */
  effect: string;
}

export interface PredictionWords {
  sentence: string;
  /** Where the reasons start from. */
  average: string;
  reasons: PredictionReason[];
}

export interface MadeForInvoice extends OpenPrediction {
  asOn: Day;
  predictor: Predictor;
  facts: Facts;
}

export function predictionWords(prediction: MadeForInvoice): PredictionWords {
  const isLate = prediction.late === 1;
  return {
    sentence: [chanceText(prediction), daysText(prediction), ...caveats(prediction)].join(' '),
    ...(isLate ? daysReasons(prediction) : chanceReasons(prediction)),
  };
}

function chanceText({ late, asOn, facts }: MadeForInvoice): string {
  if (late < 1) return `The chance of being late is ${percentText(late)}.`;
  return `Late already, by ${plural(asOn - fact(facts, FACT.dueOn), 'day')}.`;
}

function daysText({ expectedOn, p50On, p80On, p90On }: OpenPrediction): string {
  return (
    `Expected on ${dayText(expectedOn)}; of ten like it five are paid by ${dayText(p50On)}, ` +
    `eight by ${dayText(p80On)}, nine by ${dayText(p90On)}.`
  );
}

function caveats({ facts, predictor, isBeyondExperience }: MadeForInvoice): string[] {
  const found: string[] = [];
  if (fact(facts, FACT.maturedCount) === 0) {
    found.push(
      `This customer has no history yet: the figures are those of new customers of this book, of whom ${percentText(predictor.book.newLateRate)} pay their first invoice late.`,
    );
  }
  if (isBeyondExperience) {
    found.push(
      'It is unpaid longer than nearly all of its like ever were: the days are little more than a guess.',
    );
  }
  return found;
}

function chanceReasons({ predictor, facts, late }: MadeForInvoice) {
  const { average, contributions } = explainOpen(predictor, facts, late);
  return {
    average: `An average invoice of this book is late with ${percentText(average)}.`,
    reasons: contributions.map(({ text, adds }) => ({
      text,
      effect: `odds × ${Math.exp(adds).toFixed(2)}`,
    })),
  };
}

function daysReasons({ predictor, facts }: MadeForInvoice) {
  const { averageDays, contributions } = explainDelay(predictor, facts);
  return {
    average: `An average invoice of this book is paid ${averageDays.toFixed(1)} days after its due date.`,
    reasons: contributions.map(({ text, adds }) => ({
      text,
      effect: `${adds < 0 ? '−' : '+'} ${Math.abs(adds).toFixed(1)} days`,
    })),
  };
}
