/**
 * Why a prediction is what it is: how far each group of factors moves it away from an average invoice of
 * the book, in log-odds for "late" and in days for the expected day, with the figures behind it. The parts
 * add up exactly. Factors that say nearly the same (the last delay, the usual delay …) stand as one group:
 * apart, one may point the wrong way only because its neighbour points too far.
 */
import { percentText, plural } from '../text.ts';
import type { BookHabits } from './book-habits.ts';
import {
  DELAY_FACTORS,
  DELAY_WIDTH,
  LATE_FACTORS,
  LATE_WIDTH,
  writeDelayFactors,
  writeLateFactors,
} from './factors.ts';
import { FACT, fact, type Facts } from './facts.ts';
import { scaleRow, type Scaling } from './learning.ts';
import { at, logitOf, sigmoid } from './numbers.ts';
import { pulledToRun } from './pay-run.ts';
import type { Predictor } from './predictor.ts';
import { recalibrated } from './recalibration.ts';

export type FactorGroup =
  'history' | 'open_now' | 'this_invoice' | 'pay_run' | 'book' | 'experience' | 'still_unpaid';

export interface Contribution {
  group: FactorGroup;
  /** What the group adds: log-odds, or days. */
  adds: number;
  text: string;
}

export interface LateExplanation {
  /** The chance of an average invoice of this book. */
  average: number;
  late: number;
  contributions: Contribution[];
}

export interface DelayExplanation {
  averageDays: number;
  expectedDays: number;
  contributions: Contribution[];
}

const GROUP: Readonly<Record<string, FactorGroup>> = {
  overdue_count: 'open_now',
  overdue_share: 'open_now',
  overdue_days: 'open_now',
  size: 'this_invoice',
  terms: 'this_invoice',
  due_on_weekend: 'this_invoice',
  due_at_month_end: 'this_invoice',
  pay_run: 'pay_run',
  book_rate: 'book',
};

/** `facts` is one row. The largest contribution comes first. */
export function explainLate(predictor: Predictor, facts: Facts): LateExplanation {
  const { late: model, book } = predictor;
  const row = new Float64Array(LATE_WIDTH);
  writeLateFactors(facts, 0, book, row, 0);
  const parts = partsOf(row, model.scaling, model.beta, LATE_FACTORS);
  const average = at(model.beta, 0);
  const raw = [...parts.values()].reduce((sum, adds) => sum + adds, average);
  const final = recalibrated(model.curve, raw);
  // What was learnt of being too sure or not sure enough is shown, not hidden in the others.
  if (Math.abs(final - raw) > 1e-9) parts.set('experience', final - raw);
  return {
    average: sigmoid(average),
    late: sigmoid(final),
    contributions: contributionsOf(parts, facts, book),
  };
}

/**
 * The same for an invoice that is not due yet and is still unpaid on a later day: what the waiting adds
 * is a part of its own, and the parts still add up to the chance.
 */
export function explainOpen(predictor: Predictor, facts: Facts, lateNow: number): LateExplanation {
  const { average, late, contributions } = explainLate(predictor, facts);
  const adds = logitOf(lateNow) - logitOf(late);
  if (adds < 1e-9) return { average, late: lateNow, contributions };
  const waiting: Contribution = {
    group: 'still_unpaid',
    adds,
    text: WORDS.still_unpaid(facts, predictor.book),
  };
  return { average, late: lateNow, contributions: largestFirst([...contributions, waiting]) };
}

export function explainDelay(predictor: Predictor, facts: Facts): DelayExplanation {
  const { delay: model, book } = predictor;
  const row = new Float64Array(DELAY_WIDTH);
  writeDelayFactors(facts, 0, book, row, 0);
  const parts = partsOf(row, model.scaling, model.beta, DELAY_FACTORS);
  const average = at(model.beta, 0);
  const straight = [...parts.values()].reduce((sum, adds) => sum + adds, average);
  const expected = pulledToRun(straight, fact(facts, FACT.runDelay), fact(facts, FACT.runTrust));
  parts.set('pay_run', (parts.get('pay_run') ?? 0) + expected - straight);
  return {
    averageDays: average,
    expectedDays: Math.max(-fact(facts, FACT.termsDays), Math.round(expected)),
    contributions: contributionsOf(parts, facts, book),
  };
}

function partsOf(
  row: Float64Array,
  scaling: Scaling,
  beta: readonly number[],
  names: readonly string[],
): Map<FactorGroup, number> {
  scaleRow(row, 0, row.length, scaling);
  const parts = new Map<FactorGroup, number>();
  names.forEach((name, j) => {
    if (j === 0) return;
    const group = GROUP[name] ?? 'history';
    parts.set(group, (parts.get(group) ?? 0) + at(row, j) * at(beta, j));
  });
  return parts;
}

function contributionsOf(
  parts: ReadonlyMap<FactorGroup, number>,
  facts: Facts,
  book: BookHabits,
): Contribution[] {
  return largestFirst(
    [...parts].map(([group, adds]) => ({ group, adds, text: WORDS[group](facts, book) })),
  );
}

function largestFirst(contributions: readonly Contribution[]): Contribution[] {
  return contributions.toSorted((a, b) => Math.abs(b.adds) - Math.abs(a.adds));
}

const WORDS: Readonly<Record<FactorGroup, (facts: Facts, book: BookHabits) => string>> = {
  history: historyText,
  open_now: openText,
  this_invoice: invoiceText,
  pay_run: runText,
  book: (facts) => {
    const matured = fact(facts, FACT.bookMatured);
    if (matured < 1) return 'Hardly anything in the book fell due lately.';
    return `Lately ${percentText(fact(facts, FACT.bookLate) / matured)} of the whole book was late.`;
  },
  still_unpaid: () => 'Still unpaid: the punctual ones of its like begin to have paid by now.',
  experience: () => 'Corrected by how earlier predictions for this book turned out.',
};

function historyText(facts: Facts, book: BookHabits): string {
  const count = fact(facts, FACT.maturedCount);
  if (count === 0) {
    return `No invoice of this customer has fallen due yet; new customers here are late with ${percentText(book.newLateRate)} of their first invoices.`;
  }
  const rate = percentText(fact(facts, FACT.late) / fact(facts, FACT.matured));
  const recent = fact(facts, FACT.lastThreeCount);
  const sentence = `Of ${plural(count, 'invoice')} that fell due, older ones counting less, ${rate} were late, ${fact(facts, FACT.lastThreeLate)} of the last ${recent}`;
  const median = fact(facts, FACT.medianDelay);
  return Number.isNaN(median) ? `${sentence}.` : `${sentence}; usually ${delayText(median)}.`;
}

function delayText(days: number): string {
  const whole = Math.round(days);
  if (whole === 0) return 'paid on the due date';
  return `paid ${plural(Math.abs(whole), 'day')} ${whole > 0 ? 'after' : 'before'} the due date`;
}

function openText(facts: Facts): string {
  const count = fact(facts, FACT.overdueCount);
  if (count === 0) return 'Nothing else is overdue.';
  const days = Math.round(fact(facts, FACT.overdueDays));
  const share = percentText(fact(facts, FACT.overdueShare));
  return `${plural(count, 'other invoice')} overdue, by ${plural(days, 'day')} on average: ${share} of what else is owed.`;
}

function invoiceText(facts: Facts): string {
  const times = Math.exp(fact(facts, FACT.sizeRatio));
  const terms = plural(fact(facts, FACT.termsDays), 'day');
  return `${times.toFixed(1)} times the usual amount, due after ${terms}.`;
}

function runText(facts: Facts): string {
  if (fact(facts, FACT.runTrust) === 0) return 'No fixed pay run is known.';
  return `Pays in fixed runs; the one that fits is ${delayText(fact(facts, FACT.runDelay)).replace('paid ', '')}.`;
}
