import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CustomerRecords, customerFacts } from '../../src/domain/customer-facts.ts';
import { type BookHabit, bookBehaviour } from '../../src/domain/customer-risk.ts';
import { addDays, type Day } from '../../src/domain/day.ts';
import { scoreCustomer } from '../../src/domain/score.ts';
import { type FactorCode, gradeOf, place, SCORECARD } from '../../src/domain/scorecard.ts';
import { ago, anyRecords, asOn, factsOf, limitOf, open, past } from './risk-cases.ts';

const BOOK = { lateShare: 0.3, daysLate: 6 };
const score = (records: Partial<CustomerRecords>, book: typeof BOOK | null = BOOK) =>
  scoreCustomer(factsOf(records), book);

function factor(
  code: FactorCode,
  records: Partial<CustomerRecords>,
  book: typeof BOOK | null = BOOK,
) {
  const found = score(records, book)?.factors.find((one) => one.code === code);
  return found && { points: found.points, sentence: found.sentence, better: found.better };
}

/** `count` invoices, each so many days late. */
const habit = (count: number, late: number) => ({
  history: Array.from({ length: count }, (_, i) => past(100 + i, late)),
});

describe('the scorecard', () => {
  test('gives a hundred points in all, and fewer at every step', () => {
    const most = Object.values(SCORECARD).map((steps) => steps[0]?.points ?? 0);
    expect(most.reduce((sum, points) => sum + points, 0)).toBe(100);
    for (const steps of Object.values(SCORECARD)) {
      const points = steps.map((step) => step.points);
      expect(points).toEqual(points.toSorted((a, b) => b - a));
      expect(steps.at(-1)).toEqual({ upTo: Infinity, points: 0 });
      expect(steps.map((step) => step.upTo)).toEqual(
        steps.map((step) => step.upTo).toSorted((a, b) => a - b),
      );
    }
  });

  test('a value at a line still has its points, the next has fewer and sees what is better', () => {
    expect(place('oldest_overdue', 0)).toEqual({ points: 20, max: 20, better: null });
    expect(place('oldest_overdue', 15)).toEqual({
      points: 14,
      max: 20,
      better: { upTo: 7, points: 17 },
    });
    expect(place('oldest_overdue', 16)).toEqual({
      points: 10,
      max: 20,
      better: { upTo: 15, points: 14 },
    });
    expect(place('oldest_overdue', 9999)).toEqual({
      points: 0,
      max: 20,
      better: { upTo: 90, points: 2 },
    });
  });

  test.each([
    [100, 'A'],
    [85, 'A'],
    [84, 'B'],
    [70, 'B'],
    [69, 'C'],
    [55, 'C'],
    [54, 'D'],
    [40, 'D'],
    [39, 'E'],
    [0, 'E'],
  ])('%i points are grade %s', (points, grade) => {
    expect(gradeOf(points)).toBe(grade);
  });
});

describe('each factor with its reason and what would be better', () => {
  test('the oldest amount', () => {
    expect(factor('oldest_overdue', { invoices: [open(0, 5)] })).toEqual({
      points: 20,
      sentence: 'Nothing is overdue.',
      better: null,
    });
    expect(
      factor('oldest_overdue', { invoices: [open(22, 5), open(9, 5), open(3, 5, 'AUD')] }),
    ).toEqual({
      points: 10,
      sentence: 'The oldest open amount fell due on 8 Jun 2026.',
      better: { points: 4, sentence: 'nothing were overdue by more than 15 days' },
    });
    expect(factor('oldest_overdue', { invoices: [open(1, 5)] })?.better).toEqual({
      points: 3,
      sentence: 'nothing were overdue',
    });
  });

  test('what is overdue against a year’s business', () => {
    expect(factor('overdue_weight', { invoices: [open(0, 5)] })).toEqual({
      points: 10,
      sentence: 'No part of a year’s business is overdue.',
      better: null,
    });
    const history = [past(200, 0, { totalMinor: 100_000 })];
    expect(factor('overdue_weight', { invoices: [open(3, 12_001)], history })).toEqual({
      points: 3,
      sentence: 'NZD 120.01 is overdue of NZD 1,000.00 that fell due within a year.',
      better: { points: 3, sentence: 'NZD 20.01 of it were paid' },
    });
    const two = { invoices: [open(3, 30_000), open(3, 1, 'AUD'), open(3, 7, 'USD')], history };
    expect(
      factor('overdue_weight', {
        ...two,
        history: [...history, past(200, 0, { id: 'u', currency: 'USD', totalMinor: 1000 })],
      }),
    ).toMatchObject({
      points: 0,
      sentence:
        'AUD 0.01 is overdue of AUD 0.00 that fell due within a year; NZD 300.00 is overdue of NZD 1,000.00 that fell due within a year; USD 0.07 is overdue of USD 10.00 that fell due within a year.',
      better: { points: 3, sentence: 'AUD 0.01 and NZD 50.00 of it were paid' },
    });
  });

  test('the share that was late, drawn to the book while there are few: 3 of 4 make 50 %', () => {
    const history = [past(100, 5), past(90, 5), past(80, 5), past(70, 0)];
    expect(factor('late_share', { history })).toEqual({
      points: 8,
      sentence: '3 of 4 invoices were late.',
      better: { points: 5, sentence: 'the next 6 invoices were paid on time' },
    });
    expect(factor('late_share', { history: history.slice(0, 1) })?.sentence).toBe(
      '1 of 1 invoice was late.',
    );
    expect(factor('late_share', { invoices: [open(-1, 5)] })).toMatchObject({
      points: 13,
      sentence: 'No invoice has fallen due yet; 30 % late is assumed.',
    });
    expect(factor('late_share', habit(100, 0))).toMatchObject({ points: 20, better: null });
  });

  test('the average, by amount within a currency and by number across currencies', () => {
    expect(factor('days_late', habit(20, 12))).toEqual({
      points: 9, // (20 × 12 + 5 × 6) / 25 = 10.8
      sentence: '12 days late on average by amount, counting what is still open.',
      better: { points: 4, sentence: 'the average came down to 7 days' },
    });
    const mixed = [
      past(100, 10, { totalMinor: 900 }),
      past(90, 0, { totalMinor: 100 }),
      past(80, 0, { currency: 'AUD', totalMinor: 5_000_000 }),
    ];
    expect(factor('days_late', { history: mixed })?.sentence).toBe(
      '6 days late on average by amount, counting what is still open.', // (9 + 9 + 0) / 3
    );
    expect(factor('days_late', habit(20, -3))).toMatchObject({
      points: 20,
      sentence: '3 days early on average by amount, counting what is still open.',
      better: null,
    });
    expect(factor('days_late', habit(20, 0))).toMatchObject({
      points: 17,
      sentence: 'On time on average by amount, counting what is still open.',
      better: { points: 3, sentence: 'invoices were paid on time on average' },
    });
    expect(factor('days_late', { invoices: [open(-1, 5)] })).toMatchObject({
      points: 13,
      sentence: '6 days late on average is assumed.',
    });
  });

  test('the latest five speak for themselves, fewer are filled up by the book', () => {
    const history = [...habit(10, 0).history, ...[50, 40, 30, 29, 28].map((at) => past(at, 12))];
    expect(factor('recent_days', { history })).toEqual({
      points: 3,
      sentence: 'The latest 5 invoices: 12 days late on average.',
      better: { points: 3, sentence: 'the latest came down to 10 days late' },
    });
    expect(factor('recent_days', { history: [past(40, 1)] })).toMatchObject({
      points: 8, // (1 + 4 × 6) / 5 = 5
      sentence: 'The latest 1 invoice: 1 day late on average.',
      better: { points: 2, sentence: 'the latest were paid on time' },
    });
    expect(factor('recent_days', { invoices: [open(-1, 5)] })).toMatchObject({
      points: 6,
      sentence: 'There is no latest invoice to go by.',
    });
  });

  test('the use of the limit, the worst of several currencies', () => {
    expect(factor('limit_use', { invoices: [open(-1, 900)] })).toEqual({
      points: 10,
      sentence: 'No credit limit is set.',
      better: null,
    });
    const limits = [limitOf(1000), { ...limitOf(1000, 'AUD'), id: 2 }];
    expect(factor('limit_use', { invoices: [open(-1, 901), open(-1, 10, 'AUD')], limits })).toEqual(
      {
        points: 5,
        sentence:
          'AUD 0.10 of a limit of AUD 10.00 is used; NZD 9.01 of a limit of NZD 10.00 is used.',
        better: { points: 3, sentence: 'exposure came down by NZD 1.01' },
      },
    );
    const both = { invoices: [open(-1, 1300), open(-1, 1400, 'AUD')], limits };
    expect(factor('limit_use', both)).toMatchObject({
      points: 0,
      better: { points: 2, sentence: 'exposure came down by AUD 1.50 and NZD 0.50' },
    });
    expect(factor('limit_use', { invoices: [open(-1, 1)], limits: [limitOf(0)] })?.points).toBe(0);
    const inCredit = { invoices: [open(-1, 1)], credits: [{ currency: 'NZD', remainingMinor: 9 }] };
    expect(factor('limit_use', { ...inCredit, limits: [limitOf(0)] })?.points).toBe(10);
  });

  test('promises', () => {
    const promised = (keptCount: number, partlyKeptCount: number, brokenCount: number) =>
      factor('promises', { ...habit(3, 0), promises: { keptCount, partlyKeptCount, brokenCount } });
    expect(promised(0, 0, 0)).toEqual({
      points: 5,
      sentence: 'No promise to pay has fallen due.',
      better: null,
    });
    expect(promised(3, 1, 0)?.points).toBe(5);
    expect(promised(2, 1, 0)).toEqual({
      points: 3,
      sentence: '2 of 3 promises to pay were kept in full.',
      better: { points: 2, sentence: 'the next promise were kept' },
    });
    expect(promised(1, 1, 1)).toEqual({
      points: 0,
      sentence: '1 of 3 promises to pay was kept in full.',
      better: { points: 3, sentence: 'the next promise were kept' },
    });
  });

  test('the length of the history', () => {
    expect(factor('history', habit(10, 0))).toEqual({
      points: 5,
      sentence: '10 invoices fell due within the last 365 days.',
      better: null,
    });
    expect(factor('history', habit(9, 0))).toMatchObject({
      points: 3,
      better: { points: 2, sentence: '1 invoice more had fallen due' },
    });
    expect(factor('history', habit(3, 0))?.points).toBe(3);
    expect(factor('history', habit(2, 0))).toMatchObject({
      points: 0,
      better: { points: 3, sentence: '1 invoice more had fallen due' },
    });
  });
});

describe('the score', () => {
  test('is the sum of the points, with its grade', () => {
    const best = score(habit(100, -1));
    expect(best).toMatchObject({ score: 100, grade: 'A', thin: null });
    const worse = score({ ...habit(10, 40), invoices: [open(50, 900)] });
    expect(worse?.factors.map((one) => [one.code, one.points, one.max])).toEqual([
      ['oldest_overdue', 5, 20],
      ['overdue_weight', 0, 10],
      ['late_share', 0, 20], // (10 + 1.5) / 15
      ['days_late', 5, 20], // (400 + 30) / 15
      ['recent_days', 1, 10],
      ['limit_use', 10, 10],
      ['promises', 5, 5],
      ['history', 5, 5],
    ]);
    expect(worse).toMatchObject({ score: 31, grade: 'E' });
  });

  test('says when there is little to go by, and nothing when there is nothing', () => {
    expect(score(habit(9, 0))?.thin).toBe(
      'Only 9 invoices fell due within a year, so the book’s own behaviour (30 % late) stands in for 5 more.',
    );
    expect(score(habit(10, 0))?.thin).toBeNull();
    expect(score(habit(1, 0), null)?.thin).toBe(
      'Only 1 invoice fell due within a year, and the book has no history yet: a middling one stands in for 5 invoices.',
    );
    expect(score({ ...habit(0, 0), invoices: [open(-1, 5)] }, null)?.factors[2]?.sentence).toBe(
      'No invoice has fallen due yet; 30 % late is assumed.',
    );
    expect(score({})).toBeNull();
    expect(score({ credits: [{ currency: 'NZD', remainingMinor: 5 }] })).toBeNull();
    expect(score({ invoices: [open(-1, 5)] })).not.toBeNull();
    expect(score(habit(1, 0))).not.toBeNull();
  });

  test('the book’s behaviour is that of all its currencies, by number', () => {
    const habit = (
      currency: string,
      maturedCount: number,
      lateCount: number,
      daysLate: number,
    ): BookHabit => ({
      ...{ currency, maturedCount, lateCount, daysLate },
      billedMinor: 1,
      customers: 1,
    });
    expect(bookBehaviour([])).toBeNull();
    expect(bookBehaviour([habit('NZD', 0, 0, 0)])).toBeNull();
    expect(bookBehaviour([habit('NZD', 6, 1, 20), habit('AUD', 2, 1, 12)])).toEqual({
      lateShare: 0.25,
      daysLate: 4,
    });
  });
});

describe('paying more never lowers the score', () => {
  const scoreOf = (records: CustomerRecords) =>
    scoreCustomer(customerFacts(records, [], asOn), BOOK)?.score ?? 101;

  test('whatever is paid, in part or in full, today or on any earlier day', () => {
    fc.assert(
      fc.property(
        anyRecords,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 14, maxLength: 14 }),
        fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 14, maxLength: 14 }),
        fc.integer({ min: 0, max: 5000 }),
        (records, shares, daysAgo, onAccount) => {
          expect(scoreOf(payMore(records, shares, daysAgo, onAccount))).toBeGreaterThanOrEqual(
            scoreOf(records),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  /** Open invoices are paid down, paid ones were paid earlier, money lies on account. */
  function payMore(
    records: CustomerRecords,
    shares: readonly number[],
    daysAgo: readonly number[],
    onAccount: number,
  ): CustomerRecords {
    const history = records.history.map((one, i) => {
      const openMinor = one.openMinor - Math.ceil(one.openMinor * (shares[i] ?? 0));
      const on = Math.max(one.issuedOn, Math.min(one.paidOn ?? asOn, ago(daysAgo[i] ?? 0))) as Day;
      return { ...one, openMinor, paidOn: openMinor === 0 ? on : null };
    });
    return {
      ...records,
      history,
      invoices: history
        .filter((one) => one.openMinor > 0)
        .map(({ currency, dueOn, openMinor }) => ({ currency, dueOn, openMinor, schedule: null })),
      credits: [...records.credits, { currency: 'NZD', remainingMinor: onAccount }],
    };
  }

  test('and moving every day by the same changes nothing', () => {
    fc.assert(
      fc.property(anyRecords, fc.integer({ min: -900, max: 900 }), (records, by) => {
        const moved = {
          ...records,
          invoices: records.invoices.map((one) => ({ ...one, dueOn: addDays(one.dueOn, by) })),
          history: records.history.map((one) => ({
            ...one,
            issuedOn: addDays(one.issuedOn, by),
            dueOn: addDays(one.dueOn, by),
            paidOn: one.paidOn === null ? null : addDays(one.paidOn, by),
          })),
          limits: records.limits.map((one) => ({
            ...one,
            fromOn: addDays(one.fromOn, by),
            untilOn: one.untilOn === null ? null : addDays(one.untilOn, by),
          })),
        };
        const later = scoreCustomer(customerFacts(moved, [], addDays(asOn, by)), BOOK);
        expect(later?.score ?? 101).toBe(scoreOf(records));
      }),
    );
  });
});
