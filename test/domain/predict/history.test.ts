import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { day } from '../../../src/domain/day.ts';
import {
  arrangeHistory,
  type History,
  HistoryBuilder,
  lastDayOf,
  NEVER,
} from '../../../src/domain/predict/history.ts';
import { invoice } from './histories.ts';

const JUNE = day('2025-06-01');

/** What stands in the columns, invoice by invoice. */
function told(history: History): unknown[] {
  return Array.from({ length: history.count }, (_, i) => [
    history.customers[history.customer[i] ?? -1],
    history.currencies[history.currency[i] ?? -1],
    (history.issuedOn[i] ?? 0) - JUNE,
    (history.dueOn[i] ?? 0) - JUNE,
    history.paidOn[i] === NEVER ? null : (history.paidOn[i] ?? 0) - JUNE,
    history.amount[i],
  ]);
}

/** Alike in everything that stands before what they differ in, and given in no order. */
const GIVEN = [
  invoice('Mill', JUNE, 30, null, 500),
  invoice('Mill', JUNE, 30, 40, 500),
  invoice('Mill', JUNE, 30, 35, 500),
  invoice('Mill', JUNE, 30, 20, 499),
  { ...invoice('Mill', JUNE, 30, 90, 700), currency: 'USD' as const },
  { ...invoice('Mill', JUNE, 30, 90, 700), currency: 'AUD' as const },
  invoice('Mill', JUNE, 14, 99, 900),
  invoice('Arch', JUNE, 60, 99, 900),
  invoice('Zinc', '2025-05-31', 60, 99, null),
];

describe('a payment history in columns', () => {
  test('stands by invoice date, customer, due date, currency, amount and payment', () => {
    const history = arrangeHistory(GIVEN);
    expect(history.count).toBe(9);
    expect(history.customers).toEqual(['Arch', 'Mill', 'Zinc']);
    expect(history.currencies).toEqual(['AUD', 'NZD', 'USD']);
    expect(told(history)).toEqual([
      ['Zinc', 'NZD', -1, 59, 98, Number.NaN],
      ['Arch', 'NZD', 0, 60, 99, 900],
      ['Mill', 'NZD', 0, 14, 99, 900],
      ['Mill', 'AUD', 0, 30, 90, 700],
      ['Mill', 'NZD', 0, 30, 20, 499],
      ['Mill', 'NZD', 0, 30, 35, 500],
      ['Mill', 'NZD', 0, 30, 40, 500],
      ['Mill', 'NZD', 0, 30, null, 500],
      ['Mill', 'USD', 0, 30, 90, 700],
    ]);
  });

  test('remembers where each invoice came from', () => {
    expect([...arrangeHistory(GIVEN).source]).toEqual([8, 7, 6, 5, 3, 2, 1, 0, 4]);
  });

  test('is the same in whatever order the invoices arrive', () => {
    const expected = told(arrangeHistory(GIVEN));
    fc.assert(
      fc.property(
        fc.shuffledSubarray(GIVEN, { minLength: GIVEN.length, maxLength: GIVEN.length }),
        (shuffled) => {
          expect(told(arrangeHistory(shuffled))).toEqual(expected);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('taken in one by one it is the same', () => {
    const builder = new HistoryBuilder();
    for (const one of GIVEN) builder.add(one);
    expect(builder.build()).toEqual(arrangeHistory(GIVEN));
  });

  test('of no invoice is empty', () => {
    expect(arrangeHistory([])).toMatchObject({ count: 0, customers: [], currencies: [] });
  });
});

describe('the last day on which anything happened', () => {
  test.each([
    ['the last payment', [invoice('A', JUNE, 30, 45), invoice('B', JUNE, 30, 10)], 45],
    ['the last invoice, when it is unpaid', [invoice('A', JUNE, 30, null)], 0],
    ['not the due date', [invoice('A', JUNE, 90, 3)], 3],
    ['not a payment that never came', [invoice('A', JUNE, 9, 20), invoice('B', JUNE, 9, null)], 20],
  ])('is %s', (_, observations, days) => {
    expect(lastDayOf(arrangeHistory(observations))).toBe(JUNE + days);
  });

  test('is none without an invoice', () => {
    expect(lastDayOf(arrangeHistory([]))).toBeNull();
  });
});
