import { describe, expect, test } from 'vitest';
import { day } from '../../../src/domain/day.ts';
import { explainDelay, explainLate, explainOpen } from '../../../src/domain/predict/explain.ts';
import { factsOf, type NamedFacts, THREE_OF_FOUR_LATE } from './histories.ts';
import { predictorOf } from './predictors.ts';

const logit = (p: number): number => Math.log(p / (1 - p));
const chance = (odds: number): number => 1 / (1 + Math.exp(-odds));

/** Late in three of four, usually 8 days, two others overdue; in a book where 30 % are late. */
const KNOWN: Partial<NamedFacts> = {
  ...THREE_OF_FOUR_LATE,
  overdueCount: 2,
  overdueShare: 0.25,
  overdueDays: 12.4,
  sizeRatio: Math.log(2.5),
  termsDays: 30,
  bookLate: 5,
  bookMatured: 10,
  runDelay: 6,
  runTrust: 0.8,
  // A Saturday, the last day of its month.
  dueOn: day('2026-02-28'),
};

/** The book's 30 % are worth four invoices: (3 + 0.3 · 4) / (4 + 4). */
const OWN_RATE = 0.525;
/** And five of what fell due lately: (5 + 0.3 · 5) / (10 + 5). */
const BOOK_RATE = 6.5 / 15;

const parts = (contributions: readonly { group: string; adds: number }[]) =>
  contributions.map(({ group, adds }) => [group, Number(adds.toFixed(9))]);
const nine = (value: number): number => Number(value.toFixed(9));

describe('why it may be late', () => {
  const predictor = predictorOf({
    late: {
      constant: -1,
      own_rate: 0.5,
      experience: 0.1,
      overdue_count: 0.2,
      overdue_share: 0.4,
      overdue_days: 0.3,
      size: -0.25,
      terms: 0.01,
      due_on_weekend: 0.02,
      due_at_month_end: 0.03,
      pay_run: 0.9,
      book_rate: 2,
    },
  });

  test('each group of factors stands with what it adds to the odds, the largest first', () => {
    const { average, late, contributions } = explainLate(predictor, factsOf(KNOWN));
    const expected = [
      ['open_now', 0.2 * Math.log(3) + 0.4 * 0.25 + 0.3 * Math.log(13.4)],
      ['pay_run', 0.9 * 0.8],
      ['book', 2 * logit(BOOK_RATE)],
      ['history', 0.5 * logit(OWN_RATE) + 0.1 * Math.log(5)],
      ['this_invoice', -0.25 * Math.log(2.5) + 0.01 * Math.log(31) + 0.02 + 0.03],
    ] as const;
    expect(parts(contributions)).toEqual(expected.map(([group, adds]) => [group, nine(adds)]));
    expect(average).toBeCloseTo(chance(-1), 12);
    expect(late).toBeCloseTo(chance(expected.reduce((sum, [, adds]) => sum + adds, -1)), 12);
  });

  test('what was learnt of being too sure is a part of its own', () => {
    const own = predictorOf({
      late: { constant: 0.2, own_rate: 1 },
      recalibration: { shift: 0.3, slope: 0.5, knots: [], bends: [] },
    });
    const { late, contributions } = explainLate(own, factsOf(KNOWN));
    const raw = 0.2 + logit(OWN_RATE);
    expect(parts(contributions).slice(0, 2)).toEqual([
      ['experience', nine(0.3 - raw / 2)],
      ['history', nine(logit(OWN_RATE))],
    ]);
    expect(contributions[0]?.text).toBe(
      'Corrected by how earlier predictions for this book turned out.',
    );
    expect(late).toBeCloseTo(chance(0.3 + raw / 2), 12);
  });

  test('where nothing was learnt of it, nothing is said of it', () => {
    const { contributions } = explainLate(predictor, factsOf(KNOWN));
    expect(contributions.map(({ group }) => group)).not.toContain('experience');
  });
});

describe('why it may be late now that it is still unpaid', () => {
  const predictor = predictorOf();
  const fresh = explainLate(predictor, factsOf(KNOWN));

  test('the waiting is a part like the others, in its place by size', () => {
    const { average, late, contributions } = explainOpen(predictor, factsOf(KNOWN), 0.8);
    expect([average, late]).toEqual([fresh.average, 0.8]);
    expect(parts(contributions).slice(0, 2)).toEqual([
      ['still_unpaid', nine(logit(0.8) - logit(OWN_RATE))],
      ['history', nine(logit(OWN_RATE))],
    ]);
    expect(contributions[0]?.text).toBe(
      'Still unpaid: the punctual ones of its like begin to have paid by now.',
    );
    const little = explainOpen(predictor, factsOf(KNOWN), OWN_RATE + 0.001);
    expect(little.contributions.map(({ group }) => group).slice(0, 2)).toEqual([
      'history',
      'still_unpaid',
    ]);
  });

  test('adds nothing while the chance is what it was', () => {
    expect(explainOpen(predictor, factsOf(KNOWN), fresh.late)).toEqual(fresh);
  });
});

describe('why it is expected on its day', () => {
  const predictor = predictorOf({
    delay: { constant: 2, usual_delay: 1, overdue_count: 3, size: -2, book_rate: 1, pay_run: 0.5 },
  });
  /** Of 8 days by four payments and the book's 5, worth two. */
  const usual = (8 * 4 + 5 * 2) / 6;
  const straight = 2 + usual + 3 * Math.log(3) - 2 * Math.log(2.5) + BOOK_RATE;

  test('without a pay run each group stands with its days', () => {
    const { averageDays, expectedDays, contributions } = explainDelay(
      predictor,
      factsOf({ ...KNOWN, runTrust: 0 }),
    );
    expect(parts(contributions)).toEqual([
      ['history', nine(usual)],
      ['open_now', nine(3 * Math.log(3))],
      ['this_invoice', nine(-2 * Math.log(2.5))],
      ['book', nine(BOOK_RATE)],
      ['pay_run', 0],
    ]);
    expect(averageDays).toBe(2);
    expect(expectedDays).toBe(Math.round(straight));
  });

  test('a trusted pay run adds what is missing to its day', () => {
    const { expectedDays, contributions } = explainDelay(
      predictor,
      factsOf({ ...KNOWN, runDelay: 20 }),
    );
    expect(expectedDays).toBe(20);
    expect(parts(contributions)[0]).toEqual(['pay_run', nine(20 - straight)]);
  });

  test('one that is half trusted goes half the way', () => {
    const { expectedDays, contributions } = explainDelay(
      predictor,
      factsOf({ ...KNOWN, runDelay: 20, runTrust: 0.6 }),
    );
    // The factor itself is worth half a day for each day of trust beyond the usual delay.
    const before = straight + 0.5 * 0.6 * (20 - usual);
    expect(expectedDays).toBe(Math.round((before + 20) / 2));
    expect(parts(contributions)).toContainEqual([
      'pay_run',
      nine(0.5 * 0.6 * (20 - usual) + (20 - before) / 2),
    ]);
  });

  test('nobody pays before the invoice: with terms of 30 days 30 days early at most', () => {
    const early = predictorOf({ delay: { constant: -45.4 } });
    const on = (termsDays: number) =>
      explainDelay(early, factsOf({ ...KNOWN, runTrust: 0, termsDays })).expectedDays;
    expect([on(30), on(60)]).toEqual([-30, -45]);
  });
});

describe('the figures behind it', () => {
  const text = (group: string, facts: Partial<NamedFacts>) =>
    explainLate(predictorOf(), factsOf({ ...KNOWN, ...facts })).contributions.find(
      (one) => one.group === group,
    )?.text;

  test.each<[string, Partial<NamedFacts>, string]>([
    [
      'history',
      {},
      'Of 4 invoices that fell due, older ones counting less, 75 % were late, 2 of the last 3; usually paid 8 days after the due date.',
    ],
    [
      'history',
      {
        maturedCount: 1,
        late: 0,
        matured: 0.8,
        lastThreeLate: 0,
        lastThreeCount: 1,
        medianDelay: -1.2,
      },
      'Of 1 invoice that fell due, older ones counting less, 0 % were late, 0 of the last 1; usually paid 1 day before the due date.',
    ],
    [
      'history',
      { medianDelay: 0.4 },
      'Of 4 invoices that fell due, older ones counting less, 75 % were late, 2 of the last 3; usually paid on the due date.',
    ],
    [
      'history',
      { medianDelay: Number.NaN },
      'Of 4 invoices that fell due, older ones counting less, 75 % were late, 2 of the last 3.',
    ],
    [
      'history',
      { maturedCount: 0, late: 0, matured: 0 },
      'No invoice of this customer has fallen due yet; new customers here are late with 40 % of their first invoices.',
    ],
    ['open_now', { overdueCount: 0 }, 'Nothing else is overdue.'],
    ['open_now', {}, '2 other invoices overdue, by 12 days on average: 25 % of what else is owed.'],
    [
      'open_now',
      { overdueCount: 1, overdueDays: 1, overdueShare: 1 },
      '1 other invoice overdue, by 1 day on average: 100 % of what else is owed.',
    ],
    ['this_invoice', {}, '2.5 times the usual amount, due after 30 days.'],
    [
      'this_invoice',
      { sizeRatio: 0, termsDays: 1 },
      '1.0 times the usual amount, due after 1 day.',
    ],
    ['pay_run', { runTrust: 0 }, 'No fixed pay run is known.'],
    ['pay_run', {}, 'Pays in fixed runs; the one that fits is 6 days after the due date.'],
    ['pay_run', { runDelay: 0 }, 'Pays in fixed runs; the one that fits is on the due date.'],
    ['book', {}, 'Lately 50 % of the whole book was late.'],
    ['book', { bookLate: 0.7, bookMatured: 1 }, 'Lately 70 % of the whole book was late.'],
    ['book', { bookMatured: 0.99 }, 'Hardly anything in the book fell due lately.'],
  ])('%s %o', (group, facts, expected) => {
    expect(text(group, facts)).toBe(expected);
  });
});
