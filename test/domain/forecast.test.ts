import { DEFAULT_POLICY } from './cases.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, day, type Day } from '../../src/domain/day.ts';
import {
  type CurrencyForecast,
  Forecast,
  type ForecastAgreements,
  type ForecastInvoice,
} from '../../src/domain/forecast.ts';
import { backtestForecast } from '../../src/domain/forecast-backtest.ts';
import { agreementsOf } from '../../src/domain/forecast-holds.ts';
import type { Hold } from '../../src/domain/holds.ts';
import type { CustomerId, InvoiceId } from '../../src/domain/receivables.ts';
import { REGIMES, simulate } from '../support/payment-simulator.ts';
import { invoice as observed } from './predict/histories.ts';

/** A Wednesday. */
const asOn = day('2026-06-17');
const NOTHING: ForecastAgreements = { promises: [], plans: [], disputes: [] };
const id = (text: string) => text as InvoiceId;

/** Paid between `first` and `last` days from today, each day as likely. */
function owed(name: string, openMinor: number, first: number, last = first, more = {}) {
  return {
    id: id(name),
    customerId: `c ${name}` as CustomerId,
    currency: 'NZD',
    openMinor,
    payDay: (share: number): Day => addDays(asOn, first + Math.floor(share * (last - first + 1))),
    ...more,
  } satisfies ForecastInvoice;
}

function forecast(
  invoices: readonly ForecastInvoice[],
  agreements: Partial<ForecastAgreements> = {},
  weeks = 4,
): CurrencyForecast[] {
  const made = new Forecast(asOn, weeks, invoices.length);
  made.add(invoices, { ...NOTHING, ...agreements });
  return made.report();
}

const expectedOf = (report: CurrencyForecast | undefined) =>
  report?.weeks.map((week) => week.expectedMinor);

describe('weeks', () => {
  test('run from Monday to Sunday, the first from today', () => {
    const [report] = forecast([owed('a', 100, 0)], {}, 3);
    expect(report?.weeks.map(({ from, to }) => [from, to])).toEqual([
      [day('2026-06-17'), day('2026-06-21')],
      [day('2026-06-22'), day('2026-06-28')],
      [day('2026-06-29'), day('2026-07-05')],
    ]);
  });

  test('Sunday is this week, Monday the next, and what comes after the last is later', () => {
    expect(expectedOf(forecast([owed('a', 100, 4)])[0])).toEqual([100, 0, 0, 0]);
    expect(expectedOf(forecast([owed('a', 100, 5)])[0])).toEqual([0, 100, 0, 0]);
    expect(expectedOf(forecast([owed('a', 100, 25)])[0])).toEqual([0, 0, 0, 100]);
    const [later] = forecast([owed('a', 100, 26)]);
    expect(expectedOf(later)).toEqual([0, 0, 0, 0]);
    expect(later?.laterMinor).toBe(100);
  });

  test('a day that has passed is this week', () => {
    expect(expectedOf(forecast([owed('a', 100, -9)])[0])).toEqual([100, 0, 0, 0]);
  });

  test('an amount is divided by the chance of each week', () => {
    // Thursday to Friday week, ten days: four of them in this week.
    expect(expectedOf(forecast([owed('a', 1_000, 1, 10)])[0])).toEqual([400, 600, 0, 0]);
  });

  test('currencies stand apart, in alphabetical order', () => {
    const report = forecast([
      owed('a', 100, 0, 0, { currency: 'USD' }),
      owed('b', 70, 0, 0, { currency: 'AUD' }),
    ]);
    expect(report.map((one) => [one.currency, one.openMinor, ...(expectedOf(one) ?? [])])).toEqual([
      ['AUD', 70, 70, 0, 0, 0],
      ['USD', 100, 100, 0, 0, 0],
    ]);
  });
});

describe('what was agreed', () => {
  const friday = addDays(asOn, 2);

  test('a promise comes on its day as far as it can be trusted, the rest by habit but after it', () => {
    const [report] = forecast([owed('a', 1_000, -30)], {
      promises: [
        { invoiceId: id('a'), amountMinor: 1_000, on: addDays(asOn, 11), reliability: 0.7 },
      ],
    });
    // Broken, it comes on the Monday after the Sunday that was promised.
    expect(expectedOf(report)).toEqual([0, 700, 300, 0]);
    expect(report?.weeks.map((week) => week.agreedMinor)).toEqual([0, 700, 0, 0]);
  });

  test('a promise of a part leaves the rest to habit; of more than is open, no more comes', () => {
    const promised = (amountMinor: number) =>
      forecast([owed('a', 1_000, 14)], {
        promises: [{ invoiceId: id('a'), amountMinor, on: friday, reliability: 1 }],
      })[0];
    expect(expectedOf(promised(400))).toEqual([400, 0, 600, 0]);
    expect(expectedOf(promised(5_000))).toEqual([1_000, 0, 0, 0]);
  });

  test('a plan comes before a promise, and neither speaks of another invoice', () => {
    const [report] = forecast([owed('a', 1_000, 21), owed('b', 1_000, 21)], {
      plans: [
        { invoiceId: id('a'), amountMinor: 300, on: friday, reliability: 1 },
        { invoiceId: id('a'), amountMinor: 300, on: addDays(friday, 7), reliability: 1 },
      ],
      promises: [
        { invoiceId: id('a'), amountMinor: 1_000, on: addDays(friday, 14), reliability: 1 },
      ],
    });
    expect(expectedOf(report)).toEqual([300, 300, 400, 1_000]);
  });

  test('what is disputed is counted apart and not in', () => {
    const disputed = (amountMinor: number | null) =>
      forecast([owed('a', 1_000, 0)], { disputes: [{ invoiceId: id('a'), amountMinor }] })[0];
    expect(expectedOf(disputed(300))).toEqual([700, 0, 0, 0]);
    expect(disputed(300)?.disputedMinor).toBe(300);
    expect(disputed(null)).toMatchObject({ disputedMinor: 1_000, openMinor: 1_000 });
    expect(disputed(2_000)?.disputedMinor).toBe(1_000);
    expect(expectedOf(disputed(null))).toEqual([0, 0, 0, 0]);
  });
});

describe('the band', () => {
  const many = (customers: number, each: number) =>
    Array.from({ length: customers * each }, (_, n) =>
      owed(`i${n}`, 1_000, 0, 13, { customerId: `c${n % customers}` }),
    );
  const width = (report: CurrencyForecast | undefined) => {
    const [week] = report?.weeks ?? [];
    return ((week?.p80Minor ?? 0) - (week?.p20Minor ?? 0)) / (week?.expectedMinor ?? 1);
  };

  test('is nothing where the day is sure', () => {
    const [week] = forecast([owed('a', 1_000, 0)])[0]?.weeks ?? [];
    expect(week).toMatchObject({ p20Minor: 1_000, p80Minor: 1_000 });
  });

  test('one invoice comes whole or not at all', () => {
    const [report] = forecast([owed('a', 1_000, 0, 9)]);
    expect(report?.weeks[0]).toMatchObject({ expectedMinor: 500, p20Minor: 0, p80Minor: 1_000 });
  });

  test('holds the middle, and is wider where few customers owe much than where many owe little', () => {
    const few = forecast(many(4, 50))[0];
    const spread = forecast(many(200, 1))[0];
    for (const report of [few, spread]) {
      const [week] = report?.weeks ?? [];
      expect(week?.p20Minor).toBeLessThan(week?.expectedMinor ?? 0);
      expect(week?.p80Minor).toBeGreaterThan(week?.expectedMinor ?? 0);
    }
    expect(width(few)).toBeGreaterThan(3 * width(spread));
  });
});

test('nothing is lost: weeks, later and disputed sum to what is open, in any order', () => {
  const one = fc.record({
    openMinor: fc.integer({ min: 1, max: 1_000_000 }),
    first: fc.integer({ min: -20, max: 60 }),
    length: fc.integer({ min: 0, max: 40 }),
    promised: fc.integer({ min: 0, max: 1_000_000 }),
    reliability: fc.double({ min: 0, max: 1, noNaN: true }),
    disputed: fc.integer({ min: 0, max: 500_000 }),
  });
  fc.assert(
    fc.property(fc.array(one, { minLength: 1, maxLength: 12 }), (list) => {
      const invoices = list.map((given, n) =>
        owed(`i${n}`, given.openMinor, given.first, given.first + given.length),
      );
      const agreements = {
        promises: list.map((given, n) => ({
          invoiceId: id(`i${n}`),
          amountMinor: given.promised,
          on: addDays(asOn, n),
          reliability: given.reliability,
        })),
        disputes: list.map((given, n) => ({ invoiceId: id(`i${n}`), amountMinor: given.disputed })),
      };
      const [report] = forecast(invoices, agreements);
      if (report === undefined) throw new Error('no forecast');
      const sum =
        report.weeks.reduce((total, week) => total + week.expectedMinor, 0) +
        report.laterMinor +
        report.disputedMinor;
      expect(Math.abs(sum - report.openMinor)).toBeLessThanOrEqual(5);
      expect(forecast(invoices.toReversed(), agreements)[0]?.openMinor).toBe(report.openMinor);
      for (const [n, week] of (
        forecast(invoices.toReversed(), agreements)[0]?.weeks ?? []
      ).entries()) {
        expect(Math.abs(week.expectedMinor - (report.weeks[n]?.expectedMinor ?? 0))).toBeLessThan(
          2,
        );
        expect(Math.abs(week.p80Minor - (report.weeks[n]?.p80Minor ?? 0))).toBeLessThan(2);
      }
    }),
    { numRuns: 30 },
  );
});

describe('holds as agreements', () => {
  const common = {
    id: 1,
    customerId: 'c' as CustomerId,
    invoiceIds: null,
    reason: '',
    owner: '',
    fromOn: addDays(asOn, -5),
    untilOn: null,
    approvedBy: null,
    arrivals: [],
    invoices: [
      { id: id('late'), number: '2', currency: 'NZD', dueOn: addDays(asOn, -10), openMinor: 400 },
      { id: id('later'), number: '1', currency: 'NZD', dueOn: addDays(asOn, -20), openMinor: 300 },
    ],
  };
  const promise = (payOn: Day): Hold => ({
    ...common,
    kind: 'promise',
    terms: { currency: 'NZD', amountMinor: 500, payOn, source: 'email', quote: null },
  });
  const agreed = (hold: Hold) =>
    agreementsOf(
      [hold],
      asOn,
      () => DEFAULT_POLICY,
      () => 0.6,
    );

  test('a live promise fills the invoice that fell due first; a broken one says nothing', () => {
    const on = addDays(asOn, 3);
    expect(agreed(promise(on))).toEqual({
      ...NOTHING,
      promises: [
        { invoiceId: 'later', amountMinor: 300, on, reliability: 0.6 },
        { invoiceId: 'late', amountMinor: 200, on, reliability: 0.6 },
      ],
    });
    expect(agreed(promise(addDays(asOn, -3)))).toEqual(NOTHING);
  });

  test('a running plan gives its open instalments', () => {
    const [first, second] = [addDays(asOn, 3), addDays(asOn, 33)];
    const plan: Hold = {
      ...common,
      kind: 'plan',
      terms: {
        currency: 'NZD',
        graceDays: null,
        instalments: [
          { dueOn: first, amountMinor: 350 },
          { dueOn: second, amountMinor: 350 },
        ],
      },
    };
    expect(agreed(plan).plans).toEqual([
      { invoiceId: 'later', amountMinor: 300, on: first, reliability: 0.6 },
      { invoiceId: 'late', amountMinor: 50, on: first, reliability: 0.6 },
      { invoiceId: 'late', amountMinor: 350, on: second, reliability: 0.6 },
    ]);
  });

  test('an open dispute takes out its part, or all where none is named; a decided one nothing', () => {
    const dispute = (
      part: { currency: string; amountMinor: number } | null,
      resolution: { outcome: 'rejected'; on: Day; creditMinor: null } | null = null,
    ): Hold => ({
      ...common,
      kind: 'dispute',
      terms: { reason: 'invoice_error', part, resolution },
    });
    const amounts = (hold: Hold) => agreed(hold).disputes.map(({ amountMinor }) => amountMinor);
    expect(amounts(dispute(null))).toEqual([null, null]);
    expect(amounts(dispute({ currency: 'NZD', amountMinor: 120 }))).toEqual([120, 120]);
    expect(amounts(dispute(null, { outcome: 'rejected', on: asOn, creditMinor: null }))).toEqual(
      [],
    );
  });
});

describe('tried on the past', () => {
  test.each(['short', 'payRuns'] as const)(
    'it misses less than the plain rules, and its band holds about what it says: %s',
    (name) => {
      const history = simulate({ ...REGIMES[name], invoices: 900, customers: 40 }, 6);
      const report = backtestForecast(history);
      expect(report?.weeks).toBeGreaterThan(30);
      expect(report?.error.model).toBeLessThan((report?.error.averageDelay ?? 0) * 0.95);
      expect(report?.error.model).toBeLessThan((report?.error.dueDate ?? 0) * 0.8);
      expect(report?.withinBand).toBeGreaterThan(0.4);
      expect(report?.withinBand).toBeLessThan(0.85);
    },
  );

  test('of invoices all paid on the due date, the due date misses nothing', () => {
    const history = Array.from({ length: 300 }, (_, n) =>
      observed(`C${n % 6}`, addDays(day('2025-01-01'), n), 20, 20),
    );
    expect(backtestForecast(history)?.error).toMatchObject({ dueDate: 0, averageDelay: 0 });
  });

  test('without a past there is nothing to try', () => {
    expect(backtestForecast([])).toBeNull();
  });
});
