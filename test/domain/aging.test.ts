import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ageReceivables, type AgedInvoice, type Bucket, bucketOf } from '../../src/domain/aging.ts';
import { addDays, day, type Day } from '../../src/domain/day.ts';
import { openDueItems } from '../../src/domain/due-items.ts';

const asOn = day('2026-06-30');

describe('buckets by days past due', () => {
  test.each<[number, Bucket]>([
    [-1, 'current'],
    [0, 'current'],
    [1, '1-30'],
    [30, '1-30'],
    [31, '31-60'],
    [60, '31-60'],
    [61, '61-90'],
    [90, '61-90'],
    [91, '90+'],
  ])('%i days past due is %s', (days, bucket) => {
    expect(bucketOf(days)).toBe(bucket);
  });
});

describe('what an invoice owes and when', () => {
  const thirds = [
    { dueOn: day('2026-01-01'), amountMinor: 300 },
    { dueOn: day('2026-02-01'), amountMinor: 300 },
    { dueOn: day('2026-03-01'), amountMinor: 300 },
  ];
  const invoice = { dueOn: day('2026-01-01'), schedule: thirds, openMinor: 500 };

  test('what has been paid counts against the earliest parts', () => {
    expect(openDueItems(invoice)).toEqual([
      { dueOn: day('2026-02-01'), openMinor: 200 },
      { dueOn: day('2026-03-01'), openMinor: 300 },
    ]);
  });

  test('a schedule that adds up to less than is owed leaves the rest on its first day', () => {
    expect(openDueItems({ ...invoice, openMinor: 1000 })).toEqual([
      { dueOn: day('2026-01-01'), openMinor: 400 },
      { dueOn: day('2026-02-01'), openMinor: 300 },
      { dueOn: day('2026-03-01'), openMinor: 300 },
    ]);
  });

  test('without a schedule all of it falls due on the due date, and nothing when nothing is open', () => {
    const plain = { dueOn: day('2026-01-01'), schedule: null, openMinor: 5 };
    expect(openDueItems(plain)).toEqual([{ dueOn: day('2026-01-01'), openMinor: 5 }]);
    expect(openDueItems({ ...plain, openMinor: 0 })).toEqual([]);
    expect(openDueItems({ ...plain, openMinor: -5 })).toEqual([]);
  });
});

test('currencies stand apart, instalments age on their own, credits have their own column', () => {
  const rows = ageReceivables(
    [
      { currency: 'NZD', dueOn: asOn, schedule: null, openMinor: 100 },
      { currency: 'NZD', dueOn: addDays(asOn, -1), schedule: null, openMinor: 200 },
      { currency: 'AUD', dueOn: addDays(asOn, -31), schedule: null, openMinor: 400 },
      {
        currency: 'AUD',
        dueOn: addDays(asOn, -91),
        schedule: [
          { dueOn: addDays(asOn, -91), amountMinor: 50 },
          { dueOn: addDays(asOn, 5), amountMinor: 70 },
        ],
        openMinor: 120,
      },
    ],
    [{ currency: 'NZD', remainingMinor: 30 }],
    asOn,
  );
  expect(rows).toEqual([
    {
      currency: 'AUD',
      buckets: { current: 70, '1-30': 0, '31-60': 400, '61-90': 0, '90+': 50 },
      openMinor: 520,
      creditsMinor: 0,
    },
    {
      currency: 'NZD',
      buckets: { current: 100, '1-30': 200, '31-60': 0, '61-90': 0, '90+': 0 },
      openMinor: 300,
      creditsMinor: 30,
    },
  ]);
});

const anyInvoice: fc.Arbitrary<AgedInvoice> = fc.record({
  currency: fc.constantFrom('NZD', 'AUD', 'JPY'),
  dueOn: fc.integer({ min: asOn - 300, max: asOn + 100 }).map((n) => n as Day),
  schedule: fc.option(
    fc.array(
      fc.record({
        dueOn: fc.integer({ min: asOn - 300, max: asOn + 100 }).map((n) => n as Day),
        amountMinor: fc.integer({ min: 0, max: 50_000 }),
      }),
      { maxLength: 5 },
    ),
  ),
  openMinor: fc.integer({ min: 0, max: 100_000 }),
});

describe('for any book', () => {
  test('the buckets sum to the open balance of each currency', () => {
    fc.assert(
      fc.property(fc.array(anyInvoice, { maxLength: 30 }), (invoices) => {
        for (const row of ageReceivables(invoices, [], asOn)) {
          const open = invoices
            .filter((invoice) => invoice.currency === row.currency)
            .reduce((sum, invoice) => sum + invoice.openMinor, 0);
          const buckets = Object.values(row.buckets).reduce((sum, amount) => sum + amount, 0);
          expect([buckets, row.openMinor]).toEqual([open, open]);
        }
      }),
    );
  });

  test('moving every date by the same number of days changes nothing', () => {
    const move = (on: Day, by: number): Day => (on + by) as Day;
    fc.assert(
      fc.property(
        fc.array(anyInvoice, { maxLength: 10 }),
        fc.integer({ min: -500, max: 500 }),
        (invoices, by) => {
          const moved = invoices.map((invoice) => ({
            ...invoice,
            dueOn: move(invoice.dueOn, by),
            schedule:
              invoice.schedule?.map((item) => ({ ...item, dueOn: move(item.dueOn, by) })) ?? null,
          }));
          expect(ageReceivables(moved, [], move(asOn, by))).toEqual(
            ageReceivables(invoices, [], asOn),
          );
        },
      ),
    );
  });
});
