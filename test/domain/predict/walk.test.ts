import { describe, expect, test } from 'vitest';
import { addDays, day } from '../../../src/domain/day.ts';
import { FACT, FACTS } from '../../../src/domain/predict/facts.ts';
import { arrangeHistory } from '../../../src/domain/predict/history.ts';
import { walkHistory } from '../../../src/domain/predict/walk.ts';
import { invoice } from './histories.ts';

const JUNE = day('2025-06-01');
const HISTORY = arrangeHistory([
  invoice('A', JUNE, 5, 6),
  invoice('A', JUNE, 5, 6),
  invoice('B', addDays(JUNE, 2), 5, 1),
  invoice('A', addDays(JUNE, 6), 5, 1),
  invoice('A', addDays(JUNE, 7), 5, 1),
]);

describe('time passes over a history', () => {
  test('each day on which invoices were issued is met once, with its invoices', () => {
    const met: number[][] = [];
    walkHistory(HISTORY, JUNE + 100, (_, on, from, to) => met.push([on - JUNE, from, to]));
    expect(met).toEqual([
      [0, 0, 2],
      [2, 2, 3],
      [6, 3, 4],
      [7, 4, 5],
    ]);
  });

  test('it ends on the morning of the last day', () => {
    const met: number[] = [];
    walkHistory(HISTORY, JUNE + 6, (_, on) => met.push(on - JUNE));
    expect(met).toEqual([0, 2]);
  });

  test('each invoice knows what was known that morning, and nothing of its own day', () => {
    const { facts } = walkHistory(HISTORY, JUNE + 100, () => undefined);
    const column = (place: number) =>
      Array.from(HISTORY.source, (_, i) => facts[i * FACTS + place] ?? -1);
    // A's first two fall due on day 5: unpaid on the 6th they are late, on the 7th they are paid.
    expect(column(FACT.maturedCount)).toEqual([0, 0, 0, 2, 2]);
    expect(column(FACT.overdueCount)).toEqual([0, 0, 0, 2, 0]);
    expect(column(FACT.lastDelay)).toEqual([NaN, NaN, NaN, NaN, 1]);
    expect(facts.length).toBe(5 * FACTS);
  });

  test('on the day itself the facts of its invoices are written', () => {
    const terms: (number | undefined)[] = [];
    walkHistory(HISTORY, JUNE + 100, ({ facts }, _, from, to) =>
      terms.push(...[from, to - 1, to].map((i) => facts[i * FACTS + FACT.termsDays])),
    );
    expect(terms.slice(0, 6)).toEqual([5, 5, 0, 5, 5, 0]);
  });

  test('afterwards everything before the last day is known', () => {
    const late = (until: number) =>
      walkHistory(HISTORY, until, () => undefined).records.customers.map(
        (record) => record.maturedCount,
      );
    expect(late(JUNE + 5)).toEqual([0, 0]);
    expect(late(JUNE + 6)).toEqual([2, 0]);
    expect(late(JUNE + 8)).toEqual([2, 1]);
    expect(late(JUNE + 13)).toEqual([4, 1]);
  });

  test('what an invoice owes is known from the day after it was issued', () => {
    const owed: number[] = [];
    walkHistory(HISTORY, JUNE + 100, ({ records }) =>
      owed.push(Math.round(records.customers[0]?.openSize ?? -1)),
    );
    expect(owed).toEqual([0, 2, 2, 1]);
  });
});
