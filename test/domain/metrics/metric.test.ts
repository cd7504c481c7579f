import { describe, expect, test } from 'vitest';
import { day, formatDay } from '../../../src/domain/day.ts';
import { InvoiceView, viewOf } from '../../../src/domain/metrics/metric.ts';
import { ASON, credit, customer, invoice, pay } from './support.ts';

describe('the day an invoice was paid', () => {
  const paidOn = (
    uses: readonly [on: string, amountMinor: number][],
    by: string,
    totalMinor = 100,
  ) => {
    const view = new InvoiceView(
      invoice('a', totalMinor, '2026-05-01', '2026-05-31', {
        uses: uses.map(([on, amountMinor]) => pay(on, amountMinor)),
      }),
    );
    const on = view.paidOnBy(day(by));
    return on === null ? null : formatDay(on);
  };

  test.each<[string, [string, number][], string, string | null]>([
    [
      'the last payment',
      [
        ['2026-05-11', 40],
        ['2026-05-20', 60],
      ],
      '2026-06-30',
      '2026-05-20',
    ],
    ['seen on that very day', [['2026-05-20', 100]], '2026-05-20', '2026-05-20'],
    ['seen the day before', [['2026-05-20', 100]], '2026-05-19', null],
    ['part of it is paid', [['2026-05-20', 99]], '2026-06-30', null],
    ['before it was issued, never paid', [], '2026-04-30', null],
    ['before it was issued, paid since', [['2026-05-20', 100]], '2026-04-30', null],
  ])('%s', (_what, uses, by, expected) => {
    expect(paidOn(uses, by)).toBe(expected);
  });

  test('what was never owed is never paid: an invoice of nothing, or of less', () => {
    expect(paidOn([], '2026-06-30', 0)).toBeNull();
    expect(paidOn([['2026-05-20', -100]], '2026-06-30', -100)).toBeNull();
  });
});

test('a credit and an invoice of the day itself are in the books by that day', () => {
  const rows = customer(
    'x',
    [invoice('a', 100, '2026-06-30', '2026-07-30'), invoice('b', 100, '2026-07-01', '2026-07-30')],
    [credit('m', 10, '2026-06-30'), credit('n', 10, '2026-07-01')],
  );
  const view = viewOf(rows, ASON);
  expect(view.invoices.map(({ row }) => row.id)).toEqual(['a']);
  expect(view.credits.map(({ id }) => id)).toEqual(['m']);
});
