import { describe, expect, test } from 'vitest';
import { addDays, day } from '../../../src/domain/day.ts';
import { Baselines } from '../../../src/domain/predict/baselines.ts';
import { arrangeHistory } from '../../../src/domain/predict/history.ts';
import { invoice } from './histories.ts';

const JUNE = day('2025-06-01');

/** One invoice a day, due after ten days, each paid so many days after its due date (null: not). */
function said(delays: readonly (number | null)[], on: number, customers = 'A') {
  const history = arrangeHistory(
    delays.map((delay, n) =>
      invoice(
        customers[n % customers.length] ?? '',
        addDays(JUNE, n),
        10,
        delay === null ? null : 10 + delay,
      ),
    ),
  );
  const baselines = new Baselines(history);
  baselines.advanceTo(JUNE + on);
  baselines.refresh();
  return (i: number) => baselines.predict(i);
}

describe('the late rate anybody could name', () => {
  test('is even odds while nothing has fallen due', () => {
    expect(said([5], 10)(0)).toEqual({
      overallRate: 0.5,
      customerRate: 0.5,
      overallDays: null,
      customerDays: null,
    });
  });

  test('counts an invoice from the day after its due date, paid or not', () => {
    const rates = [11, 12, 13, 14].map((on) => said([null, 0, 1, -3], on)(0).overallRate);
    expect(rates).toEqual([1, 1 / 2, 2 / 3, 2 / 4]);
  });

  test('is the customer’s own where one of its invoices has fallen due, the book’s before', () => {
    const of = said([1, 0, 1, -1, 1, 1], 13, 'ABC');
    expect([0, 1, 2].map((i) => of(i).customerRate)).toEqual([1, 0, 1]);
    expect(of(0).overallRate).toBe(2 / 3);
    const early = said([1, 0, 1, -1, 1, 1], 12, 'ABC');
    expect(early(2)).toMatchObject({ customerRate: 0.5, overallRate: 0.5 });
  });
});

describe('the days anybody could name', () => {
  test('are the middle and the eighth and ninth of ten', () => {
    const delays = [7, 3, 9, 1, 5, 10, 2, 8, 4, 6];
    expect(said(delays, 100)(0)).toMatchObject({
      overallDays: [5, 8, 9],
      customerDays: [5, 8, 9],
    });
    expect(said([20, 10, 30], 100)(0)).toMatchObject({ customerDays: [20, 30, 30] });
    expect(said([20, 10], 100)(0)).toMatchObject({ customerDays: [10, 20, 20] });
  });

  test('are read from paid invoices, once the money is there and the due date has passed', () => {
    // Due on days 10 and 11: paid on day 14 and early, on day 8.
    const days = (on: number) => said([4, -3], on)(0).customerDays;
    expect(days(11)).toBeNull();
    expect(days(12)).toEqual([-3, -3, -3]);
    expect(days(14)).toEqual([-3, -3, -3]);
    expect(days(15)).toEqual([-3, 4, 4]);
    expect(said([null, null], 900)(0)).toMatchObject({ overallRate: 1, overallDays: null });
  });

  test('are the customer’s own, or the book’s while it has paid nothing', () => {
    const of = said([2, null, 6, null, 4, null], 100, 'AB');
    expect(of(0).customerDays).toEqual([4, 6, 6]);
    expect(of(1).customerDays).toEqual([4, 6, 6]);
    const both = said([2, 30, 6, 50, 4, 40], 100, 'AB');
    expect(both(0)).toMatchObject({ customerDays: [4, 6, 6], overallDays: [6, 40, 50] });
    expect(both(1)).toMatchObject({ customerDays: [40, 50, 50], overallDays: [6, 40, 50] });
  });

  test('of the book are read anew when they are asked for, of the customer at once', () => {
    const baselines = new Baselines(
      arrangeHistory([invoice('A', JUNE, 10, 12), invoice('A', JUNE, 10, 14)]),
    );
    baselines.advanceTo(JUNE + 13);
    expect(baselines.predict(0)).toMatchObject({ overallDays: null, customerDays: [2, 2, 2] });
    baselines.refresh();
    baselines.advanceTo(JUNE + 15);
    expect(baselines.predict(0)).toMatchObject({ overallDays: [2, 2, 2], customerDays: [2, 4, 4] });
    baselines.refresh();
    expect(baselines.predict(0).overallDays).toEqual([2, 4, 4]);
  });

  test('what was taken in is not taken in twice', () => {
    const baselines = new Baselines(
      arrangeHistory([
        invoice('A', JUNE, 1, 9),
        invoice('A', JUNE, 15, 15),
        invoice('A', JUNE, 19, 19),
      ]),
    );
    for (const on of [5, 10, 16, 20]) baselines.advanceTo(JUNE + on);
    expect(baselines.predict(0)).toMatchObject({ overallRate: 1 / 3, customerDays: [0, 8, 8] });
  });
});
