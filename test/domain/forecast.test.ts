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
import {
  arrival,
  dispute,
  extension,
  held,
  HOLD_RULES,
  manual,
  plan,
  promise,
  reply,
  settlement,
} from './hold-cases.ts';
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

  test('currencies stand apart, in alphabetical order however they come', () => {
    const invoices = [
      owed('a', 100, 0, 0, { currency: 'USD' }),
      owed('b', 70, 0, 0, { currency: 'AUD' }),
    ];
    for (const report of [forecast(invoices), forecast(invoices.toReversed())]) {
      expect(
        report.map((one) => [one.currency, one.openMinor, ...(expectedOf(one) ?? [])]),
      ).toEqual([
        ['AUD', 70, 70, 0, 0, 0],
        ['USD', 100, 100, 0, 0, 0],
      ]);
    }
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

  test('broken, it is followed by the habit of the days after it', () => {
    const [report] = forecast([owed('a', 1_000, 1, 10)], {
      promises: [{ invoiceId: id('a'), amountMinor: 1_000, on: asOn, reliability: 0 }],
    });
    // From tomorrow ten days are as likely: four of them in this week.
    expect(expectedOf(report)).toEqual([400, 600, 0, 0]);
  });

  test('what several agreed for one week is summed, up to the last day of the last week', () => {
    const lastOn = addDays(asOn, 25);
    const [report] = forecast([owed('a', 1_000, 0), owed('b', 500, 0)], {
      promises: [
        { invoiceId: id('a'), amountMinor: 1_000, on: lastOn, reliability: 1 },
        { invoiceId: id('b'), amountMinor: 500, on: lastOn, reliability: 1 },
      ],
    });
    expect(report?.weeks.map((week) => week.agreedMinor)).toEqual([0, 0, 0, 1_500]);
    expect(expectedOf(report)).toEqual([0, 0, 0, 1_500]);
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

  test('a dispute of one invoice takes nothing from another', () => {
    const [report] = forecast([owed('a', 1_000, 0), owed('b', 500, 0)], {
      disputes: [{ invoiceId: id('a'), amountMinor: null }],
    });
    expect(report).toMatchObject({ disputedMinor: 1_000, openMinor: 1_500 });
    expect(expectedOf(report)).toEqual([500, 0, 0, 0]);
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

  test('who pays late pays most of it late, not all; the same to the cent on every machine', () => {
    // All together it would be 0 and 200,000, each by itself about 95,000 and 105,000.
    const one = Array.from({ length: 200 }, (_, n) =>
      owed(`i${n}`, 1_000, 0, 9, { customerId: 'c' }),
    );
    expect(forecast(one)[0]?.weeks[0]).toMatchObject({
      expectedMinor: 100_000,
      p20Minor: 29_000,
      p80Minor: 172_000,
    });
  });

  test.each([
    ['a word that is always kept', 1, [0, 2_000, 0], [0, 2_000, 0]],
    ['a word that is never kept', 0, [0, 0, 2_000], [0, 0, 2_000]],
    ['a word as often broken as kept, both promises at once', 0.5, [0, 0, 0], [0, 2_000, 2_000]],
  ])('of %s (kept %f of the time): by week between %j and %j', (_name, reliability, p20, p80) => {
    const sunday = addDays(asOn, 11);
    const [report] = forecast(
      ['a', 'b'].map((name) => owed(name, 1_000, 0, 0, { customerId: 'c' })),
      {
        promises: ['a', 'b'].map((name) => ({
          invoiceId: id(name),
          amountMinor: 1_000,
          on: sunday,
          reliability,
        })),
      },
      3,
    );
    expect(report?.weeks.map((week) => week.p20Minor)).toEqual(p20);
    expect(report?.weeks.map((week) => week.p80Minor)).toEqual(p80);
  });

  test.each([
    [0, 300],
    [1_000, 300],
    [3_000, 100],
    [7_500, 40],
    [200_000, 40],
  ])(
    'of %i invoices each is played %i times: a large book costs no more than it must',
    (n, plays) => {
      const asked = (agreements: Partial<ForecastAgreements>): number => {
        let count = 0;
        const made = new Forecast(asOn, 4, n);
        const payDay = (): Day => {
          count += 1;
          return asOn;
        };
        made.add([owed('a', 1_000, 0, 0, { payDay })], { ...NOTHING, ...agreements });
        return count;
      };
      const broken = { invoiceId: id('a'), amountMinor: 1_000, on: asOn, reliability: 0 };
      // Beside the plays the habit is read in twenty slices.
      expect(asked({})).toBe(20 + plays);
      expect(asked({ promises: [broken] })).toBe(20 + plays);
    },
  );
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
  const on = addDays(asOn, 3);
  const newer = held('newer', 400, { dueOn: addDays(asOn, -10) });
  const older = held('older', 300, { dueOn: addDays(asOn, -20) });
  const invoices = [newer, older];
  const agreed = (...holds: Hold[]) =>
    agreementsOf(
      holds,
      asOn,
      () => HOLD_RULES,
      () => 0.6,
    );
  const partsOf = (hold: Hold) =>
    agreed(hold).promises.map(({ invoiceId, amountMinor }) => [invoiceId, amountMinor]);

  test('a live promise fills the invoice that fell due first; a broken one says nothing', () => {
    expect(agreed(promise({ amountMinor: 500, payOn: on }, { invoices }))).toEqual({
      ...NOTHING,
      promises: [
        { invoiceId: 'older', amountMinor: 300, on, reliability: 0.6 },
        { invoiceId: 'newer', amountMinor: 200, on, reliability: 0.6 },
      ],
    });
    const broken = promise({ amountMinor: 500, payOn: addDays(asOn, -3) }, { invoices });
    expect(agreed(broken)).toEqual(NOTHING);
  });

  test('of invoices that fell due on one day the first by its id is filled first', () => {
    const twins = ['a', 'b'].map((name) => held(name, 300));
    for (const either of [twins, twins.toReversed()]) {
      expect(partsOf(promise({ amountMinor: 400 }, { invoices: either }))).toEqual([
        ['a', 300],
        ['b', 100],
      ]);
    }
  });

  test('what has arrived since a promise is no longer to come', () => {
    const arrivals = [arrival('2026-06-16', 100, 'payment', 'older')];
    const left = { invoices: [newer, { ...older, openMinor: 200 }], arrivals };
    expect(partsOf(promise({ amountMinor: 500 }, left))).toEqual([
      ['older', 200],
      ['newer', 200],
    ]);
  });

  test('a promise says nothing of an invoice it does not reach, nor of one that is paid', () => {
    const paid = held('paid', 0, { dueOn: addDays(asOn, -30) });
    expect(partsOf(promise({ amountMinor: 300 }, { invoices: [...invoices, paid] }))).toEqual([
      ['older', 300],
    ]);
  });

  test('a running plan gives its open instalments; a broken one says nothing', () => {
    const second = addDays(asOn, 33);
    const from = (first: Day) => {
      const instalments = [first, second].map((dueOn) => ({ dueOn, amountMinor: 350 }));
      return agreed(plan({ instalments }, { invoices }));
    };
    expect(from(on)).toEqual({
      ...NOTHING,
      plans: [
        { invoiceId: 'older', amountMinor: 300, on, reliability: 0.6 },
        { invoiceId: 'newer', amountMinor: 50, on, reliability: 0.6 },
        { invoiceId: 'newer', amountMinor: 350, on: second, reliability: 0.6 },
      ],
    });
    expect(from(addDays(asOn, -6))).toEqual(NOTHING);
  });

  test('an open dispute takes out its part, or all where none is named; a decided one nothing', () => {
    const amounts = (terms: Parameters<typeof dispute>[0]) =>
      agreed(dispute(terms, { invoices })).disputes.map(({ amountMinor }) => amountMinor);
    expect(amounts({})).toEqual([null, null]);
    expect(amounts({ part: { currency: 'NZD', amountMinor: 120 } })).toEqual([120, 120]);
    expect(amounts({ resolution: { outcome: 'rejected', on: asOn, creditMinor: null } })).toEqual(
      [],
    );
  });

  test.each([
    ['begins tomorrow', { fromOn: addDays(asOn, 1) }, 0],
    ['begins today', { fromOn: asOn }, 1],
    ['ends today', { untilOn: asOn }, 1],
    ['ended yesterday', { untilOn: addDays(asOn, -1) }, 0],
  ])('a dispute that %s: %j takes out %i', (_name, span, count) => {
    expect(agreed(dispute({}, { invoices: [older], ...span })).disputes).toHaveLength(count);
  });

  test('a settlement, a later due date, an answer and a person’s word name no payment', () => {
    const others = [
      settlement({}, { invoices }),
      extension('2026-07-01', { invoices }),
      reply(),
      manual(),
    ];
    expect(agreed(...others)).toEqual(NOTHING);
  });
});

describe('tried on the past', () => {
  test.each(['short', 'payRuns'] as const)(
    'it misses less than the plain rules, and its band holds about what it says: %s',
    (name) => {
      const history = simulate({ ...REGIMES[name], invoices: 900, customers: 40 }, 6);
      const report = backtestForecast(history);
      expect(report?.weeks).toBeGreaterThan(30);
      expect(report?.error.model).toBeGreaterThan(0);
      expect(report?.error.model).toBeLessThan((report?.error.averageDelay ?? 0) * 0.95);
      expect(report?.error.model).toBeLessThan((report?.error.dueDate ?? 0) * 0.8);
      expect(report?.withinBand).toBeGreaterThan(0.4);
      expect(report?.withinBand).toBeLessThan(0.85);
    },
  );

  test('where all is paid on its due date, in either currency, the model misses next to nothing', () => {
    const history = Array.from({ length: 300 }, (_, n) => ({
      ...observed(`C${n % 6}`, addDays(day('2025-01-01'), n), 20, 20),
      currency: n % 2 === 0 ? 'NZD' : 'AUD',
    }));
    const report = backtestForecast(history);
    expect(report).toMatchObject({ error: { dueDate: 0, averageDelay: 0 }, withinBand: 1 });
    expect(report?.error.model).toBeLessThan(0.03);
  });

  describe('a book that is forecast once, on Tuesday 4 November', () => {
    // Four in ten of thirteen are the warm-up: the five before November.
    const before = [
      observed('week late', '2025-08-04', 20, 27),
      observed('fortnight late', '2025-08-05', 20, 34),
      // Due on the 9th, paid on the 16th, as its customer always does.
      observed('week late', '2025-10-20', 20, 27, 100_00),
      // Due and paid on the 17th, unlike its customer.
      observed('fortnight late', '2025-10-21', 27, 27, 50_00),
      // Due and paid on the very day of the forecast: that morning it was open.
      { ...observed('new', '2025-10-22', 13, 13, 30_00), currency: 'AUD' },
    ];
    // The last day of the month is a Sunday, and the last on which anything happened.
    const november = [4, 5, 6, 7, 11, 12, 13, 30].map((date) =>
      observed('new', addDays(day('2025-11-01'), date - 1), 20, null),
    );
    const history = [...before, ...november];

    test.each([
      ['2025-11-30', 6, 200 / 180, 50 / 180],
      ['2025-12-01', 8, 200 / 180, 50 / 180],
      [null, 8, 200 / 180, 50 / 180],
      ['2025-12-07', 8, 200 / 180, 50 / 180],
      ['2025-12-08', 10, 200 / 180, 100 / 180],
    ])(
      'read on the morning of %s, %i weeks of two currencies are over and missed by %f and %f',
      (until, weeks, dueDate, averageDelay) => {
        const report = backtestForecast(history, until === null ? undefined : day(until));
        expect(report?.weeks).toBe(weeks);
        expect(report?.error.dueDate).toBeCloseTo(dueDate, 12);
        expect(report?.error.averageDelay).toBeCloseTo(averageDelay, 12);
      },
    );

    test('nothing is told where no week is over, or nothing came in', () => {
      expect(backtestForecast(history, day('2025-11-09'))).toBeNull();
      const unpaid = history.map((one) => ({ ...one, paidOn: null }));
      expect(backtestForecast(unpaid, day('2025-12-08'))).toBeNull();
    });
  });

  test('without a past there is nothing to try', () => {
    expect(backtestForecast([])).toBeNull();
  });
});
