import { describe, expect, test } from 'vitest';
import { customer, figure, figures, invoice, parts, pay } from './support.ts';

test.each([
  ['past-due-amount', 'money'],
  ['past-due-customers', 'count'],
  ['at-risk', 'money'],
  ['collection-rate', 'money'],
  ['roll-rates', 'share'],
])('the parts of %s are of the unit %s, and the rows behind it amounts', (id, unit) => {
  const row = invoice('a', 100, '2026-01-01', '2026-03-20', { uses: [pay('2026-06-10', 40)] });
  const { parts: named, rows } = figure(id, [customer('x', [row])]);
  expect(new Set(named.map((part) => part.unit))).toEqual(new Set([unit]));
  expect(rows.map((drill) => drill.unit)).toEqual(['money']);
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
    expect(share).toMatchObject({ value: 0.25, note: null });
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
    expect(roll.note).toBeNull();
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
