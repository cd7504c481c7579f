import { describe, expect, test } from 'vitest';
import { bucketOf } from '../../../src/domain/aging.ts';
import { paymentHabits } from '../../../src/domain/customer-facts.ts';
import { addDays, day } from '../../../src/domain/day.ts';
import { bucketIndex, bucketNames } from '../../../src/domain/metrics/aging-metrics.ts';
import { wilson } from '../../../src/domain/metrics/contacts.ts';
import { countback } from '../../../src/domain/metrics/countback.ts';
import { collectionEffectiveness } from '../../../src/domain/metrics/dso.ts';
import { daysIn, firstDayOf, monthOf } from '../../../src/domain/metrics/month.ts';
import { METRICS } from '../../../src/domain/metrics/registry.ts';
import {
  ASON,
  begin,
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

test('collection effectiveness: 100, 50, 60, 40 is 81.8 %; nothing to collect is not applicable', () => {
  const of = (beginMinor: number, salesMinor: number, endMinor: number, endCurrentMinor: number) =>
    collectionEffectiveness({ beginMinor, salesMinor, endMinor, endCurrentMinor });
  expect(((of(100, 50, 60, 40) ?? 0) * 100).toFixed(1)).toBe('81.8');
  expect(of(0, 0, 0, 0)).toBeNull();
  expect(of(10, 0, 12, 11)).toBeNull();
  expect(of(10, 0, 12, 9)).toBe(-2);
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

describe('DSO and its family', () => {
  const book = [
    customer(
      'x',
      [
        invoice('a', 60_000, '2026-04-10', '2026-05-10'),
        invoice('b', 30_000, '2026-06-10', '2026-07-10'),
        invoice('p', 90_000, '2026-05-10', '2026-06-10', { uses: [pay('2026-06-10', 90_000)] }),
        invoice('o', 50_000, '2026-03-10', '2026-03-20', { uses: [pay('2026-04-10', 50_000)] }),
        invoice('j', 9_000, '2026-06-10', '2026-07-10', { kind: 'journal' }),
      ],
      [
        credit('n', 10_000, '2026-06-11'),
        credit('d', 5_000, '2026-06-11', { kind: 'overpayment' }),
      ],
    ),
  ];
  // Owed 99,000, of it 39,000 not due; sales of the 90 days 60 + 30 + 90 − 10 = 170 thousand.

  test('simple: owed over sales of the period, times its days', () => {
    const dso = figure('dso-simple', book);
    expect(dso.value).toBeCloseTo((99_000 / 170_000) * 90, 10);
    expect(parts(dso)).toEqual({
      owed: 99_000,
      'not yet due': 39_000,
      'sales of the period': 170_000,
    });
    expect(figure('bpdso-simple', book).value).toBeCloseTo((39_000 / 170_000) * 90, 10);
    expect(figure('add-simple', book).value).toBeCloseTo((60_000 / 170_000) * 90, 10);
  });

  test('countback over the real months: June 20,000 of 30 days, then May', () => {
    expect(figure('dso-countback', book).value).toBeCloseTo(30 + (79_000 / 90_000) * 31, 10);
    expect(figure('bpdso-countback', book).value).toBeCloseTo(30 + (19_000 / 90_000) * 31, 10);
    expect(figure('add-countback', book).value).toBeCloseTo((60_000 / 90_000) * 31, 10);
  });

  test('the month that is not over counts its days so far', () => {
    const early = { ...CONTEXT, asOn: day('2026-06-12') };
    expect(figure('dso-countback', book, early).value).toBeCloseTo(12 + (79_000 / 90_000) * 31, 10);
  });

  test('an exhausted history and a net credit are told', () => {
    const old = [
      customer('x', [
        invoice('j', 5_000, '2026-05-10', '2026-05-10', { kind: 'journal' }),
        invoice('a', 1_000, '2026-05-10', '2026-05-10'),
      ]),
    ];
    expect(figure('dso-countback', old)).toMatchObject({
      value: 61,
      note: '≥ 61: more is owed than was ever sold (history exhausted).',
    });
    const netCredit = [
      customer(
        'x',
        [invoice('a', 1_000, '2026-05-10', '2026-05-10')],
        [credit('n', 5, '2026-06-01')],
      ),
    ];
    expect(figure('dso-countback', netCredit)).toMatchObject({
      value: 61,
      note: 'A month with more credits than sales counts as one without sales.',
    });
    expect(figure('add-countback', netCredit).note).toContain('more credits than sales');
  });

  test('without sales in the period there is no simple DSO and no difference', () => {
    const old = [customer('x', [invoice('a', 1_000, '2026-01-10', '2026-02-10')])];
    for (const id of ['dso-simple', 'bpdso-simple', 'add-simple']) {
      expect(figure(id, old)).toMatchObject({
        value: null,
        note: 'Nothing was sold in the period.',
      });
    }
  });

  test('true: days since each open invoice times its share of its month’s net sales', () => {
    // April: 81 days × 60/60; June: 20 days × 30/20.
    const dso = figure('dso-true', book);
    expect(dso.value).toBeCloseTo(81 + 30, 10);
    expect(dso.note).toBeNull();
    expect(dso.rows.map((row) => row.label)).toEqual(['A', 'B']);
    const half = [
      customer('x', [
        invoice('a', 100, '2026-06-10', '2026-07-01', { uses: [pay('2026-06-20', 50)] }),
      ]),
    ];
    expect(figure('dso-true', half).value).toBeCloseTo(10, 10);
  });

  test('true: a month without net sales is left out, and told', () => {
    const gone = [
      customer(
        'x',
        [invoice('a', 100, '2026-06-10', '2026-07-01')],
        [credit('n', 100, '2026-06-11')],
      ),
    ];
    expect(figure('dso-true', gone)).toMatchObject({
      value: 0,
      note: 'Open invoices of a month with no net sales are left out.',
    });
  });

  test('collection effectiveness of a quarter counts a third of its sales', () => {
    // Owed on 1 April: 50,000 of March. Sales 170,000 / 3. At the end 99,000, current 39,000.
    const cei = figure('cei', book);
    const could = 50_000 + 170_000 / 3;
    expect(cei.value).toBeCloseTo((could - 99_000) / (could - 39_000), 10);
    expect(parts(cei)).toMatchObject({
      'owed at the start': 50_000,
      'owed at the end': 99_000,
      'of it not yet due': 39_000,
    });
    const month = { ...CONTEXT, from: day('2026-06-01') };
    expect(figure('cei', book, month).value).toBeCloseTo(
      (150_000 + 20_000 - 99_000) / (150_000 + 20_000 - 39_000),
      10,
    );
    const short = { ...CONTEXT, from: day('2026-06-20') };
    expect(figure('cei', book, short).value).toBeCloseTo((99_000 - 99_000) / (99_000 - 39_000), 10);
    const empty = [customer('x', [invoice('a', 0, '2026-06-10', '2026-07-01')])];
    expect(figure('cei', empty)).toMatchObject({
      value: null,
      note: 'Nothing could have been collected: not applicable.',
    });
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

describe('what is late and what becomes of it', () => {
  const book = [
    customer('x', [
      invoice('a', 2_000, '2026-05-01', '2026-06-29'),
      invoice('b', 1_000, '2026-05-01', '2026-06-30'),
    ]),
    customer('y', [invoice('c', 5_000, '2026-05-01', '2026-07-30')]),
    customer('z', [
      invoice('d', 100, '2026-05-01', '2026-05-30', { uses: [pay('2026-06-01', 100)] }),
    ]),
  ];

  test('share past due by amount: 2,000 of 8,000', () => {
    const share = figure('past-due-amount', book);
    expect(share.value).toBe(0.25);
    expect(parts(share)).toEqual({ late: 2_000, open: 8_000 });
    expect(share.rows.map((row) => row.label)).toEqual(['A']);
  });

  test('share past due by customers: one of two', () => {
    const share = figure('past-due-customers', book);
    expect(share.value).toBe(0.5);
    expect(parts(share)).toEqual({ 'customers late': 1, 'customers with anything open': 2 });
    expect(share.rows).toMatchObject([
      { customerId: 'x', label: 'X', invoiceId: null, contribution: 2_000 },
    ]);
  });

  test('nothing open is no share', () => {
    const none = [
      customer('z', [
        invoice('d', 100, '2026-05-01', '2026-05-30', { uses: [pay('2026-06-01', 100)] }),
      ]),
    ];
    for (const id of ['past-due-amount', 'past-due-customers']) {
      expect(figure(id, none)).toMatchObject({ value: null, note: 'Nothing is open.' });
    }
  });

  test('at risk: unpaid on the 90th day after due, of what was billed', () => {
    const risky = (due: string) => {
      const row = invoice('a', 100, '2026-01-01', due, {
        uses: [pay('2026-04-10', 40), pay('2026-06-29', 60)],
      });
      const [one] = figures('at-risk', [customer('x', [row])]);
      return one?.value;
    };
    // Due 1 January + 90 days is 1 April, a day before the period.
    expect(risky('2026-01-01')).toBeUndefined();
    expect(risky('2026-01-02')).toBe(1);
    expect(risky('2026-01-10')).toBe(0.6);
    expect(risky('2026-03-31')).toBe(0);
    expect(risky('2026-04-01')).toBe(0);
    expect(risky('2026-04-02')).toBeUndefined();
    const journal = invoice('j', 100, '2026-01-01', '2026-01-10', { kind: 'journal' });
    expect(figures('at-risk', [customer('x', [journal])])).toEqual([]);
    const zero = invoice('z', 0, '2026-01-01', '2026-01-10');
    expect(figure('at-risk', [customer('x', [zero])])).toMatchObject({
      value: null,
      note: 'Nothing reached its 90th day after due in the period.',
      parts: [{ name: 'unpaid after 90 days' }, { name: 'billed' }],
    });
  });

  test('collection rate: payments of the period against what was open at its start', () => {
    const rows = [
      invoice('a', 1_000, '2026-01-01', '2026-02-01', {
        uses: [
          pay('2026-04-01', 200),
          pay('2026-04-02', 100),
          pay('2026-06-30', 300),
          pay('2026-07-01', 50),
          { ...pay('2026-05-01', 150), isCredit: true },
        ],
      }),
      invoice('new', 500, '2026-05-01', '2026-05-20', { uses: [pay('2026-05-20', 500)] }),
    ];
    const rate = figure('collection-rate', [customer('x', rows)]);
    expect(parts(rate)).toEqual({ collected: 400, 'open at the start': 800 });
    expect(rate.value).toBe(0.5);
    const fresh = [customer('x', [invoice('new', 500, '2026-05-01', '2026-05-20')])];
    expect(figure('collection-rate', fresh)).toMatchObject({
      value: null,
      note: 'Nothing was open at the start.',
    });
  });

  test('roll rates: what was in a bucket 30 days ago and is now in a later one', () => {
    const rows = [
      invoice('a', 720, '2026-01-01', '2026-05-20', { uses: [pay('2026-06-10', 720)] }),
      invoice('b', 180, '2026-01-01', '2026-05-20'),
      invoice('c', 500, '2026-01-01', '2026-06-30'),
      invoice('d', 100, '2026-01-01', '2026-06-29', { uses: [pay('2026-06-30', 40)] }),
      invoice('e', 50, '2026-01-01', '2026-01-31'),
    ];
    const roll = figure('roll-rates', [customer('x', rows)]);
    expect(parts(roll)).toEqual({
      'current → 1–30': 0.1,
      '1–30 → 31–60': 0.2,
      '31–60 → 61–90': null,
      '61–90 → over 90': null,
    });
    expect(roll.value).toBeCloseTo(240 / 1_500, 10);
    expect(roll.rows.map((row) => [row.label, row.contribution])).toEqual([
      ['B', 180],
      ['D', 60],
    ]);
    const fresh = [customer('x', [invoice('a', 5, '2026-06-10', '2026-06-20')])];
    expect(figure('roll-rates', fresh)).toMatchObject({
      value: null,
      note: 'Nothing was open a month ago.',
    });
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

describe('contacts', () => {
  const who = { customerId: 'x', customerName: 'X' };

  test('promises kept, by count and by value; partly kept and broken stand apart', () => {
    const accumulator = begin('promise-kept');
    const promise = (promisedMinor: number, arrivedMinor: number, payOn = '2026-06-01') =>
      accumulator.promise?.({
        ...who,
        currency: 'NZD',
        payOn: day(payOn),
        promisedMinor,
        arrivedMinor,
      });
    promise(100, 100);
    promise(100, 250);
    promise(300, 299);
    promise(500, 0);
    promise(0, 0);
    promise(100, 0, '2026-04-01');
    promise(100, 0, '2026-06-30');
    const [rate] = accumulator.figures();
    expect(rate).toMatchObject({ currency: 'NZD', value: 0.5, rowCount: 2 });
    expect(rate === undefined ? {} : parts(rate)).toEqual({
      'by value': 0.2,
      kept: 2,
      'partly kept': 1,
      broken: 1,
    });
    const edges = begin('promise-kept');
    for (const payOn of ['2026-04-02', '2026-06-29']) {
      edges.promise?.({
        ...who,
        currency: 'NZD',
        payOn: day(payOn),
        promisedMinor: 1,
        arrivedMinor: 1,
      });
    }
    expect(parts(edges.figures()[0] ?? figure('aging-due', []))).toMatchObject({ kept: 2 });
  });

  test('calls that reached the payer; none is no figure', () => {
    const accumulator = begin('right-party');
    expect(accumulator.figures()).toEqual([]);
    const call = (on: string, reachedPayer: boolean) =>
      accumulator.call?.({ ...who, on: day(on), reachedPayer });
    call('2026-04-02', true);
    call('2026-06-30', false);
    call('2026-06-15', false);
    call('2026-06-16', false);
    call('2026-04-01', true);
    call('2026-07-01', true);
    expect(accumulator.figures()).toEqual([
      {
        ...{ currency: null, value: 0.25, note: null, rowCount: 1 },
        parts: [
          { name: 'calls', value: 4, unit: 'count' },
          { name: 'reached', value: 1, unit: 'count' },
        ],
        rows: [{ ...who, invoiceId: null, label: 'X', contribution: 1, unit: 'count' }],
      },
    ]);
  });

  test('Wilson’s interval: 0 of 10 is 0 to 28 %, 5 of 10 is 24 to 76 %', () => {
    const rounded = (hits: number, count: number) => wilson(hits, count).map((x) => x.toFixed(4));
    expect(rounded(0, 10)).toEqual(['0.0000', '0.2775']);
    expect(rounded(5, 10)).toEqual(['0.2366', '0.7634']);
    expect(rounded(10, 10)).toEqual(['0.7225', '1.0000']);
    expect(wilson(0, 0)).toEqual([0, 1]);
  });
});

describe('the effect of a step', () => {
  const row = { customerId: 'x', customerName: 'X', invoiceId: 'i', number: 'I' };
  const on = day('2026-06-01');

  function effect(
    treated: readonly (number | null)[],
    heldOut: readonly (number | null)[] = [],
    at = on,
  ) {
    const accumulator = begin('step-effect');
    const feed = (afters: readonly (number | null)[], isHeldOut: boolean) => {
      for (const after of afters) {
        const paidOn = after === null ? null : addDays(at, after);
        accumulator.step?.({ ...row, step: 'friendly', on: at, isHeldOut, paidOn });
      }
    };
    feed(treated, false);
    feed(heldOut, true);
    return accumulator.figures();
  }

  test('share paid within a week and the median wait, with what chance may do', () => {
    const [one] = effect([0, 3, 7, 8, null]);
    expect(one?.value).toBe(0.6);
    expect(one?.note).toBe(
      'friendly: no customer was held out, so what would have come in without it cannot be told.',
    );
    expect(one === undefined ? {} : parts(one)).toEqual({
      'after the step: invoices': 5,
      'after the step: paid within 7 days': 0.6,
      'after the step: at least': wilson(3, 5)[0],
      'after the step: at most': wilson(3, 5)[1],
      'after the step: median days to payment': 7,
      'after the step: median at least': 0,
      'after the step: median at most': null,
    });
  });

  test('is told against the hold-out, and whether chance would do', () => {
    const times = (count: number, after: number | null) =>
      Array.from({ length: count }, () => after);
    const [clear] = effect(
      [...times(90, 2), ...times(10, null)],
      [...times(40, 2), ...times(60, null)],
    );
    expect(clear?.note).toBe(
      'friendly: +50 points against the hold-out; more than chance would do.',
    );
    expect(clear?.parts.map(({ name }) => name)).toContain('hold-out: paid within 7 days');
    const [vague] = effect(
      [...times(5, 2), ...times(5, null)],
      [...times(6, 2), ...times(4, null)],
    );
    expect(vague?.note).toBe(
      'friendly: −10 points against the hold-out; the intervals overlap, so it may be chance.',
    );
  });

  test('half of all is the median, not half of those who paid', () => {
    const medianOf = (afters: (number | null)[]) => {
      const [one] = effect(afters);
      return one === undefined ? {} : parts(one)['after the step: median days to payment'];
    };
    expect(medianOf([1, 2, null, null])).toBe(2);
    expect(medianOf([1, null, null])).toBeNull();
  });

  test('counts a wait only when it was watched for the whole week, and leaves out what was paid before', () => {
    const [recent] = effect([2], [], day('2026-06-24'));
    expect(recent?.value).toBeNull();
    const [watched] = effect([2], [], day('2026-06-23'));
    expect(watched?.value).toBe(1);
    expect(effect([-1])).toEqual([]);
    expect(effect([5], [], day('2026-04-01'))).toEqual([]);
    expect(effect([5], [], day('2026-07-01'))).toEqual([]);
    // Paid after the day asked for is still open on it.
    const [later] = effect([29, 30], [], on);
    expect(later?.rows.map(({ contribution }) => contribution)).toEqual([29, 29]);
    const [held] = effect([2], [2], day('2026-06-24'));
    expect(held?.note).toContain('no customer was held out');
  });

  test('steps are figures of their own', () => {
    const accumulator = begin('step-effect');
    for (const step of ['second', 'first']) {
      accumulator.step?.({ ...row, step, on, isHeldOut: false, paidOn: null });
    }
    expect(accumulator.figures().map(({ note }) => note?.split(':')[0])).toEqual([
      'first',
      'second',
    ]);
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
