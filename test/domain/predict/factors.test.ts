import { describe, expect, test } from 'vitest';
import { day } from '../../../src/domain/day.ts';
import {
  DELAY_FACTORS,
  DELAY_WIDTH,
  LATE_FACTORS,
  LATE_WIDTH,
  writeDelayFactors,
  writeLateFactors,
} from '../../../src/domain/predict/factors.ts';
import { FACTS } from '../../../src/domain/predict/facts.ts';
import { logitOf } from '../../../src/domain/predict/numbers.ts';
import { BOOK, factsOf, type NamedFacts } from './histories.ts';

/** A Wednesday in the middle of a month, so that the calendar says nothing. */
const MIDWEEK = day('2025-03-12');
const NEVER_PAID = { lastDelay: Number.NaN, averageDelay: Number.NaN, medianDelay: Number.NaN };

/** From the second row of facts into the second row of factors, which no other row may touch. */
function rowOf<T extends string>(
  write: typeof writeLateFactors,
  names: readonly T[],
  known: Partial<NamedFacts>,
): Record<T, number> {
  const facts = new Float64Array(2 * FACTS).fill(77);
  facts.set(factsOf({ dueOn: MIDWEEK, ...known }), FACTS);
  const into = new Float64Array(3 * names.length).fill(-9);
  write(facts, FACTS, BOOK, into, names.length);
  expect(into.filter((value) => value === -9)).toHaveLength(2 * names.length);
  return Object.fromEntries(names.map((name, j) => [name, into[names.length + j]])) as Record<
    T,
    number
  >;
}

const lateRow = (known: Partial<NamedFacts>) => rowOf(writeLateFactors, LATE_FACTORS, known);
const delayRow = (known: Partial<NamedFacts>) => rowOf(writeDelayFactors, DELAY_FACTORS, known);

function closeTo<T extends string>(row: Record<T, number>): Record<T, unknown> {
  const entries = Object.entries<number>(row);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, expect.closeTo(value, 10)]),
  ) as Record<T, unknown>;
}

/** Late in 3 of 4, usually 8 days late, the last time 20, two others overdue since ten days. */
const KNOWN = {
  late: 3,
  matured: 4,
  maturedCount: 4,
  lastThreeLate: 3,
  lastThreeCount: 3,
  delaySum: 40,
  delayWeight: 4,
  lastDelay: 20,
  averageDelay: 15,
  medianDelay: 8,
  spread: 6,
  medianWeight: 4,
  overdueShare: 0.25,
  sizeRatio: -0.7,
  termsDays: 30,
  bookLate: 9,
  bookMatured: 10,
  runDelay: 12,
  runTrust: 0.6,
};

/** What both models are told of it. */
const SAID_TO_BOTH = {
  constant: 1,
  experience: Math.log(5),
  is_new: 0,
  overdue_count: 0,
  overdue_share: 0.25,
  overdue_days: 0,
  size: -0.7,
  terms: Math.log(31),
};

describe('factors of being late', () => {
  test('of a customer that is known', () => {
    expect(lateRow(KNOWN)).toEqual(
      closeTo({
        ...SAID_TO_BOTH,
        // (3 + 0.3 · 4) / 8 = 52.5 %.
        own_rate: Math.log(0.525 / 0.475),
        // 50 / 6 days over a scatter of 6 days: 1.39, which flattens to 3 · 1.39 / (3 + 1.39).
        delay_position: (3 * 50) / 36 / (3 + 50 / 36),
        last_three: 3 - 3 * 0.525,
        // In tenths of days: the book's delays lie 9 apart, and a day more.
        last_delay: (3 * 2) / (3 + 2),
        recent_delay: (3 * 1.5) / (3 + 1.5),
        book_rate: Math.log(0.7 / 0.3),
        pay_run: 0.6,
        due_on_weekend: 0,
        due_at_month_end: 0,
      }),
    );
  });

  test('of a new customer: late as often as new ones are, and nothing else', () => {
    const { terms, ...row } = lateRow({ ...NEVER_PAID, termsDays: 14 });
    expect(terms).toBeCloseTo(Math.log(15), 12);
    expect(Object.entries(row).filter(([, value]) => value !== 0)).toEqual([
      ['constant', 1],
      ['is_new', 1],
      ['own_rate', logitOf(0.4)],
      ['book_rate', logitOf(0.3)],
    ]);
  });

  test('a hundred invoices say no more of experience than fifty', () => {
    expect(lateRow({ maturedCount: 49 }).experience).toBeCloseTo(Math.log(50), 12);
    expect(lateRow({ maturedCount: 100 }).experience).toBeCloseTo(Math.log(51), 12);
    expect(lateRow({ maturedCount: 1 }).is_new).toBe(0);
  });

  test('what is overdue counts ever less the more it is', () => {
    const row = lateRow({ overdueCount: 4, overdueDays: 19 });
    expect(row.overdue_count).toBeCloseTo(Math.log(5), 12);
    expect(row.overdue_days).toBeCloseTo(Math.log(20), 12);
    expect(lateRow({ overdueDays: -3 }).overdue_days).toBe(0);
  });

  test('early is the mirror of late', () => {
    const early = lateRow({ maturedCount: 1, lastDelay: -20, averageDelay: -10 });
    expect(early.last_delay).toBeCloseTo(-6 / 5, 12);
    expect(early.recent_delay).toBeCloseTo(-3 / 4, 12);
  });

  test('a pay run speaks for lateness only when it falls after the due date', () => {
    expect(lateRow({ runDelay: 1, runTrust: 0.6 }).pay_run).toBe(0.6);
    expect(lateRow({ runDelay: 0, runTrust: 0.6 }).pay_run).toBe(-0.6);
    expect(lateRow({ runDelay: -2, runTrust: 0.6 }).pay_run).toBe(-0.6);
  });

  test.each([
    ['a Friday', '2025-03-14', 0, 0],
    ['a Saturday', '2025-03-15', 1, 0],
    ['a Sunday', '2025-03-16', 1, 0],
    ['a Monday', '2025-03-17', 0, 0],
    ['the last but three of the month', '2025-03-28', 0, 0],
    ['the last but two of the month', '2025-03-29', 1, 1],
    ['the last of the month', '2025-03-31', 0, 1],
    ['the first of the month', '2025-04-01', 0, 0],
  ])('due on %s', (_, on, weekend, monthEnd) => {
    const row = lateRow({ dueOn: day(on) });
    expect([row.due_on_weekend, row.due_at_month_end]).toEqual([weekend, monthEnd]);
  });
});

describe('factors of the delay', () => {
  test('of a customer that is known: its usual delay, and what differs from it', () => {
    // (8 · 4 + 5 · 2) / 6 = 7 days are usual.
    expect(delayRow(KNOWN)).toEqual(
      closeTo({
        ...SAID_TO_BOTH,
        usual_delay: 7,
        pay_run: 0.6 * (12 - 7),
        mean_delay: 50 / 6 - 7,
        last_delay: 20 - 7,
        recent_delay: 15 - 7,
        own_rate: 0.525,
        book_rate: 0.7,
      }),
    );
  });

  test('of a new customer: the usual delay of the book', () => {
    const row = delayRow(NEVER_PAID);
    expect(Object.entries(row).filter(([, value]) => value !== 0)).toEqual([
      ['constant', 1],
      ['is_new', 1],
      ['usual_delay', 5],
      ['own_rate', 0.3],
      ['book_rate', 0.3],
    ]);
  });

  test('a difference counts up to ten widths of the delays of the book', () => {
    const row = delayRow({ lastDelay: 365, averageDelay: -365, runDelay: 400, runTrust: 0.5 });
    expect(row.last_delay).toBe(90);
    expect(row.recent_delay).toBe(-90);
    expect(row.pay_run).toBe(45);
    expect(delayRow({ lastDelay: 94 }).last_delay).toBe(89);
  });
});

test('every factor has a place of its own', () => {
  expect([LATE_WIDTH, DELAY_WIDTH]).toEqual([17, 15]);
  expect(new Set(LATE_FACTORS).size).toBe(17);
  expect(new Set(DELAY_FACTORS).size).toBe(15);
});
