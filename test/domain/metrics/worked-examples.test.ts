import { describe, expect, test } from 'vitest';
import { bucketOf } from '../../../src/domain/aging.ts';
import { paymentHabits } from '../../../src/domain/customer-facts.ts';
import { addDays, day } from '../../../src/domain/day.ts';
import { bucketIndex, bucketNames } from '../../../src/domain/metrics/aging-metrics.ts';
import { countback } from '../../../src/domain/metrics/countback.ts';
import { daysIn, firstDayOf, monthOf } from '../../../src/domain/metrics/month.ts';
import { METRICS } from '../../../src/domain/metrics/registry.ts';
import {
  ASON,
  CONTEXT,
  credit,
  customer,
  figure,
  figures,
  invoice,
  parts,
  pay,
} from './support.ts';

const months = (...sales: number[]) => sales.map((salesMinor) => ({ salesMinor, days: 30 }));

describe('countback', () => {
  test('212,000 on sales of 100,000, 80,000 and 70,000 is 73.71 days', () => {
    const counted = countback(212_000, months(100_000, 80_000, 70_000));
    expect(counted.days.toFixed(2)).toBe('73.71');
    expect(counted).toMatchObject({ isExhausted: false, hasNetCredit: false });
  });

  test('more than was ever sold is a lower bound', () => {
    expect(countback(250_000, months(100_000, 80_000, 70_000))).toEqual({
      ...{ days: 90, isExhausted: false, hasNetCredit: false },
    });
    expect(countback(250_001, months(100_000, 80_000, 70_000))).toMatchObject({
      ...{ days: 90, isExhausted: true },
    });
    expect(countback(1, [])).toEqual({ days: 0, isExhausted: true, hasNetCredit: false });
  });

  test('a month without sales counts its days while something is left', () => {
    expect(countback(150, months(100, 0, 100)).days).toBe(75);
    expect(countback(100, months(100, 0, 100)).days).toBe(30);
  });

  test('a month of net credit counts as one without sales, and is told', () => {
    expect(countback(150, months(100, -40, 100))).toEqual({
      ...{ days: 75, isExhausted: false, hasNetCredit: true },
    });
    expect(countback(50, months(100, -40)).hasNetCredit).toBe(false);
  });

  test('nothing owed, or less than nothing, is no day', () => {
    expect(countback(0, months(100)).days).toBe(0);
    expect(countback(-5, months(100)).days).toBe(0);
  });
});

test('days late, counting the open: 140 paid 7 late, 85 paid 55 late, 214 open and 10 late are 17.76', () => {
  const due = (days: number) => {
    const on = addDays(ASON, -days);
    return new Date(on * 86_400_000).toISOString().slice(0, 10);
  };
  const rows = [
    invoice('a', 140, '2026-01-01', due(60), { uses: [pay(addDays(ASON, -53), 140)] }),
    invoice('b', 85, '2026-01-01', due(60), { uses: [pay(addDays(ASON, -5), 85)] }),
    invoice('c', 214, '2026-01-01', due(10)),
  ];
  const late = figure('days-late', [customer('x', rows)]);
  expect(late.value?.toFixed(2)).toBe('17.76');
  expect(late.rows.map((row) => [row.label, row.contribution])).toEqual([
    ['B', 55],
    ['C', 10],
    ['A', 7],
  ]);
  // The same definition as a customer's habits.
  const matured = rows.map((row) => ({
    ...{ issuedOn: row.dueOn, dueOn: row.dueOn, totalMinor: row.totalMinor },
    paidOn: row.uses[0]?.on ?? null,
  }));
  expect(paymentHabits(matured, ASON).daysLate).toBe(late.value);
});

test('the provision matrix: 7.0, 4.0, 2.5 and 1.0 million at 1.5, 3.4, 7.1 and 10.8 % need 526,500', () => {
  const book = [
    customer('x', [
      invoice('a', 700_000_000, '2026-01-01', '2026-06-15'),
      invoice('b', 400_000_000, '2026-01-01', '2026-05-15'),
      invoice('c', 250_000_000, '2026-01-01', '2026-04-15'),
      invoice('d', 100_000_000, '2026-01-01', '2026-02-15'),
      invoice('e', 900_000_000, '2026-01-01', '2026-07-15'),
    ]),
  ];
  const given = { ...CONTEXT, lossPercents: [0, 1.5, 3.4, 7.1, 10.8] };
  const provision = figure('provision', book, given);
  expect(provision.value).toBe(52_650_000);
  expect(parts(provision)).toEqual({
    'current, open': 900_000_000,
    'current, loss': 0,
    '1–30, open': 700_000_000,
    '1–30, loss': 0.015,
    '31–60, open': 400_000_000,
    '31–60, loss': 0.034,
    '61–90, open': 250_000_000,
    '61–90, loss': 0.071,
    'over 90, open': 100_000_000,
    'over 90, loss': 10.8 / 100,
  });
});

describe('the provision from the book’s own past', () => {
  test('reads of what stood in a bucket the part unpaid a year after due', () => {
    const past = [
      invoice('lost', 100, '2024-12-01', '2025-01-01'),
      invoice('slow', 300, '2024-12-01', '2025-01-01', { uses: [pay('2025-02-15', 300)] }),
      invoice('prompt', 600, '2024-12-01', '2025-01-01', { uses: [pay('2024-12-31', 600)] }),
      invoice('now', 1_000, '2026-05-01', '2026-06-10'),
      invoice('new', 1_000, '2026-06-01', '2026-07-10'),
    ];
    const provision = figure('provision', [customer('x', past)]);
    // Current on the due date: 400, 100 of it lost. 1–30: the same. 31–60: the same; from 61 on 100 of 100.
    expect(parts(provision)).toMatchObject({
      'current, loss': 0.25,
      '1–30, loss': 0.25,
      '31–60, loss': 0.25,
      '61–90, loss': 1,
      'over 90, loss': 1,
    });
    // 1,000 current, 1,000 1–30 and the lost 100 over 90.
    expect(provision.value).toBe(600);
    expect(provision.note).toBeNull();
  });

  test('says that it has none', () => {
    const provision = figure('provision', [
      customer('x', [invoice('a', 1, '2026-05-01', '2026-06-01')]),
    ]);
    expect(provision).toMatchObject({
      value: null,
      note: 'No history a year past due to read losses from: give the loss rates.',
    });
  });

  test.each([
    ['2025-06-30', 1],
    ['2025-07-01', null],
    ['2023-07-01', 1],
    ['2023-06-30', null],
  ])('an invoice due %s is read: %s', (due, share) => {
    const book = [customer('x', [invoice('a', 100, '2023-01-01', due)])];
    expect(parts(figure('provision', book))['over 90, loss']).toBe(share);
  });

  test('does not learn from journals', () => {
    const journal = invoice('a', 100, '2024-12-01', '2025-01-01', { kind: 'journal' });
    expect(figure('provision', [customer('x', [journal])]).value).toBeNull();
  });
});

describe('aging', () => {
  test.each([-1, 0, 1, 30, 31, 60, 61, 90, 91, 400])(
    '%i days: the same bucket as everywhere',
    (days) => {
      const names = ['current', '1-30', '31-60', '61-90', '90+'];
      expect(names[bucketIndex(days, [30, 60, 90])]).toBe(bucketOf(days));
    },
  );

  test('the bounds are the user’s', () => {
    expect(bucketNames([30, 60, 90])).toEqual(['current', '1–30', '31–60', '61–90', 'over 90']);
    expect(bucketNames([14, 45])).toEqual(['current', '1–14', '15–45', 'over 45']);
    expect([14, 15, 45, 46].map((days) => bucketIndex(days, [14, 45]))).toEqual([1, 2, 2, 3]);
  });

  const book = [
    customer(
      'x',
      [
        invoice('a', 1_000, '2026-06-30', '2026-06-30'),
        invoice('b', 2_000, '2026-05-31', '2026-06-29', {
          uses: [pay('2026-07-02', 2_000)],
          settledOn: day('2026-07-02'),
        }),
        invoice('c', 4_000, '2026-03-01', '2026-05-30', { uses: [pay('2026-06-30', 1_500)] }),
        invoice('later', 9_000, '2026-07-01', '2026-07-20'),
      ],
      [credit('n', 700, '2026-06-01'), credit('m', 300, '2026-07-01')],
    ),
  ];

  test('by due date, as of the day: what came later is not known, credits stand apart', () => {
    const aging = figure('aging-due', book);
    expect(parts(aging)).toEqual({
      current: 1_000,
      '1–30': 2_000,
      '31–60': 2_500,
      '61–90': 0,
      'over 90': 0,
      'unused credits': 700,
    });
    expect(aging.value).toBe(5_500);
    expect(aging.rowCount).toBe(3);
    expect(aging.rows[0]).toEqual({
      ...{ customerId: 'x', customerName: 'X', invoiceId: 'c', label: 'C' },
      ...{ contribution: 2_500, unit: 'money' },
    });
  });

  test('by invoice date', () => {
    expect(parts(figure('aging-issued', book))).toEqual({
      current: 1_000,
      '1–30': 2_000,
      '31–60': 0,
      '61–90': 0,
      'over 90': 2_500,
      'unused credits': 700,
    });
  });

  test('instalments age each on its own', () => {
    const schedule = [
      { dueOn: day('2026-05-01'), amountMinor: 100 },
      { dueOn: day('2026-07-01'), amountMinor: 100 },
    ];
    const parted = [customer('x', [invoice('a', 200, '2026-04-01', '2026-05-01', { schedule })])];
    expect(parts(figure('aging-due', parted))).toMatchObject({ current: 100, '31–60': 100 });
  });

  test('currencies are figures of their own', () => {
    const mixed = [
      customer('x', [
        invoice('a', 100, '2026-06-01', '2026-06-20'),
        invoice('b', 200, '2026-06-01', '2026-06-20', { currency: 'AUD' }),
      ]),
    ];
    expect(figures('aging-due', mixed).map((one) => [one.currency, one.value])).toEqual([
      ['AUD', 200],
      ['NZD', 100],
    ]);
  });
});

describe('days to pay', () => {
  const book = [
    customer('x', [
      invoice('a', 100, '2026-05-01', '2026-05-31', { uses: [pay('2026-05-11', 100)] }),
      invoice('b', 300, '2026-05-01', '2026-05-31', {
        uses: [pay('2026-05-11', 100), pay('2026-05-31', 200)],
      }),
      invoice('before', 100, '2026-01-01', '2026-01-31', { uses: [pay('2026-04-01', 100)] }),
      invoice('after', 100, '2026-05-01', '2026-05-31', { uses: [pay('2026-07-01', 100)] }),
      invoice('open', 100, '2026-05-01', '2026-05-31'),
      invoice('j', 100, '2026-05-01', '2026-05-31', {
        kind: 'journal',
        uses: [pay('2026-05-11', 100)],
      }),
      invoice('zero', 0, '2026-05-01', '2026-05-31'),
    ]),
  ];

  test('from invoice date to the last payment, each alike: 10 and 30 are 20', () => {
    expect(figure('days-to-pay', book)).toMatchObject({ value: 20, rowCount: 2 });
  });

  test('weighted by amount: (100 × 10 + 300 × 30) ÷ 400 = 25', () => {
    expect(figure('days-to-pay-weighted', book).value).toBe(25);
  });

  test('the first and the last day of the period belong to it', () => {
    const on = (from: string, asOn: string) =>
      figures('days-to-pay', book, { ...CONTEXT, from: day(from), asOn: day(asOn) })[0]?.value;
    expect(on('2026-05-11', '2026-05-11')).toBe(10);
    expect(on('2026-05-12', '2026-05-30')).toBeUndefined();
    expect(on('2026-05-12', '2026-05-31')).toBe(30);
  });

  test('days late: due in the period and past, early ones below zero', () => {
    const late = (due: string, uses = [pay('2026-04-01', 100)]) =>
      figures('days-late', [customer('x', [invoice('a', 100, '2026-01-01', due, { uses })])])[0]
        ?.value;
    expect(late('2026-04-02')).toBe(-1);
    expect(late('2026-04-01')).toBeUndefined();
    expect(late('2026-06-29', [])).toBe(1);
    expect(late('2026-06-30', [])).toBeUndefined();
    const journal = invoice('j', 100, '2026-01-01', '2026-06-01', { kind: 'journal' });
    const nothing = invoice('z', 0, '2026-01-01', '2026-06-01');
    expect(figures('days-late', [customer('x', [journal, nothing])])).toEqual([]);
  });
});

test('concentration: 500, 300 and 200 are 50 % in the largest and an index of 3,800', () => {
  const row = (id: string, amount: number) =>
    customer(id, [invoice(id, amount, '2026-05-01', '2026-06-01')]);
  const one = figure('concentration', [row('a', 200), row('b', 500), row('c', 300), row('d', 0)]);
  expect(one.value).toBeCloseTo(3_800, 6);
  expect(parts(one)).toEqual({ largest: 0.5, '5 largest': 1, '10 largest': 1 });
  expect(one.rows.map((drill) => drill.label)).toEqual(['B', 'C', 'A']);
  const equal = Array.from({ length: 20 }, (_, index) => row(`c${index}`, 100));
  expect(parts(figure('concentration', equal))).toEqual({
    largest: 0.05,
    '5 largest': 0.25,
    '10 largest': 0.5,
  });
});

test('months are whole numbers with real days', () => {
  expect(monthOf(day('2026-06-30'))).toBe(24_317);
  expect(firstDayOf(24_317)).toBe(day('2026-06-01'));
  expect(firstDayOf(monthOf(day('2025-12-31')) + 1)).toBe(day('2026-01-01'));
  expect(
    [day('2024-02-10'), day('2026-02-10'), day('2026-12-01')].map((on) => daysIn(monthOf(on))),
  ).toEqual([29, 28, 31]);
});

test('every metric says what it is: an id of its own, a name, a formula in words, what it includes', () => {
  expect(METRICS.map(({ id }) => id)).toEqual([
    ...['aging-due', 'aging-issued', 'dso-simple', 'dso-countback', 'dso-true', 'bpdso-simple'],
    ...['bpdso-countback', 'add-simple', 'add-countback', 'cei', 'days-to-pay'],
    ...['days-to-pay-weighted', 'days-late', 'past-due-amount', 'past-due-customers', 'at-risk'],
    ...['collection-rate', 'roll-rates', 'concentration', 'provision', 'promise-kept'],
    ...['right-party', 'step-effect'],
  ]);
  for (const { name, formula, includes } of METRICS) {
    expect(name.length).toBeGreaterThan(3);
    expect(formula).toMatch(/\.$/);
    expect(includes).toMatch(/\.$/);
  }
});
