import { describe, expect, test } from 'vitest';
import { addDays, type Day } from '../../../src/domain/day.ts';
import { FACTS } from '../../../src/domain/predict/facts.ts';
import { arrangeHistory } from '../../../src/domain/predict/history.ts';
import type { PaymentObservation } from '../../../src/domain/predict/observation.ts';
import { decay } from '../../../src/domain/predict/recent-delays.ts';
import {
  type BookSurroundings,
  CustomerRecord,
  TrackRecords,
} from '../../../src/domain/predict/track-record.ts';
import { walkHistory } from '../../../src/domain/predict/walk.ts';
import {
  FIRST,
  invoice,
  type NamedFacts,
  namedFacts,
  sixDigits,
  yearOfEighty,
} from './histories.ts';

const on = (days: number): Day => addDays(FIRST, days);

/** Raised so many days after the first day, due and paid so many days after that. */
function raised(
  days: number,
  due: number,
  paid: number | null,
  {
    customer = 'A',
    amount = 100_00,
    currency = 'NZD',
  }: { customer?: string; amount?: number | null; currency?: string } = {},
): PaymentObservation {
  return { ...invoice(customer, on(days), due, paid, amount), currency };
}

/** What is known on the morning of a day about the last of the invoices, raised by that day. */
function knownOn(
  days: number,
  observations: readonly PaymentObservation[],
  surroundings: BookSurroundings | null = null,
): NamedFacts {
  const history = arrangeHistory(observations);
  const records = new TrackRecords(history, surroundings);
  const last = history.count - 1;
  for (let i = 0; i <= last; i += 1) {
    const issuedOn = history.issuedOn[i] ?? 0;
    records.advanceTo(issuedOn);
    if (issuedOn < on(days)) records.issue(i);
  }
  records.advanceTo(on(days));
  const row = new Float64Array(2 * FACTS);
  records.write(last, on(days), row, FACTS);
  expect([...row.subarray(0, FACTS)].every((value) => value === 0)).toBe(true);
  return namedFacts(row.subarray(FACTS));
}

/** An invoice of that day on which nothing else depends. */
const next = (days: number, customer = 'A') => raised(days, 30, null, { customer });

describe('a customer without a past', () => {
  test('has nothing but the terms and the amount', () => {
    expect(knownOn(0, [next(0)])).toEqual({
      late: 0,
      matured: 0,
      maturedCount: 0,
      lastThreeLate: 0,
      lastThreeCount: 0,
      delaySum: 0,
      delayWeight: 0,
      lastDelay: Number.NaN,
      averageDelay: Number.NaN,
      medianDelay: Number.NaN,
      spread: 0,
      medianWeight: 0,
      overdueCount: 0,
      overdueShare: 0,
      overdueDays: 0,
      sizeRatio: 0,
      termsDays: 30,
      bookLate: 0,
      bookMatured: 0,
      runDelay: 0,
      runTrust: 0,
      dueOn: on(30),
    });
  });

  test('is not told of other customers', () => {
    const facts = knownOn(60, [raised(0, 10, 25, { customer: 'B' }), next(60)]);
    expect(facts).toMatchObject({ matured: 0, lastDelay: Number.NaN, overdueCount: 0 });
    expect(facts.bookMatured).toBeCloseTo(decay(50, 60), 12);
  });
});

describe('an outcome is known on the day after the due date', () => {
  test('not on the due date, however long it has been paid', () => {
    expect(knownOn(10, [raised(0, 10, 4), next(10)])).toMatchObject({
      matured: 0,
      maturedCount: 0,
      delayWeight: 0,
    });
    expect(knownOn(11, [raised(0, 10, 4), next(11)])).toMatchObject({
      late: 0,
      maturedCount: 1,
      lastThreeCount: 1,
      lastThreeLate: 0,
      lastDelay: -6,
      averageDelay: -6,
      medianDelay: -6,
    });
  });

  test('paid on the due date is punctual', () => {
    expect(knownOn(11, [raised(0, 10, 10), next(11)])).toMatchObject({
      late: 0,
      lastThreeLate: 0,
      lastDelay: 0,
      overdueCount: 0,
    });
  });

  test('unpaid on the day after it is late, and its delay is not known yet', () => {
    const facts = knownOn(11, [raised(0, 10, 12), next(11)]);
    expect(facts.late).toBeCloseTo(decay(1), 12);
    expect(facts).toMatchObject({
      lastThreeLate: 1,
      lastDelay: Number.NaN,
      delayWeight: 0,
      overdueCount: 1,
      overdueShare: 1,
      overdueDays: 1,
      medianDelay: 1,
    });
  });

  test('paid late its delay is known on the day after the money came', () => {
    expect(knownOn(12, [raised(0, 10, 12), next(12)]).overdueDays).toBe(2);
    const facts = knownOn(13, [raised(0, 10, 12), next(13)]);
    expect(facts).toMatchObject({ lastDelay: 2, medianDelay: 2, overdueCount: 0, overdueShare: 0 });
    expect(facts.delayWeight).toBeCloseTo(decay(1), 12);
    expect(facts.delaySum).toBeCloseTo(2 * decay(1), 12);
    expect(facts.late).toBeCloseTo(decay(3), 12);
  });
});

describe('what is older counts less', () => {
  test('half after 180 days for a customer, after 60 for the book', () => {
    const facts = knownOn(370, [raised(0, 10, 10), raised(180, 10, 15), next(370)]);
    // Due on day 10 and day 190, the second one five days late; read on day 370.
    expect(facts.matured).toBeCloseTo(0.25 + 0.5, 12);
    expect(facts.late).toBeCloseTo(0.5, 12);
    expect(facts.bookMatured).toBeCloseTo(1 / 64 + 1 / 8, 12);
    expect(facts.bookLate).toBeCloseTo(1 / 8, 12);
    expect(facts.delaySum).toBeCloseTo(5 * decay(175), 12);
    expect(facts.delayWeight).toBeCloseTo(decay(175) + decay(360), 12);
    expect(facts.maturedCount).toBe(2);
  });

  test('the average takes three tenths of the latest delay', () => {
    const facts = knownOn(90, [raised(0, 10, 20), raised(30, 10, 30), raised(50, 10, 0), next(90)]);
    // Ten days late, twenty, and ten early: 10, then 13, then 13 − 0.3 · 23.
    expect(facts.averageDelay).toBeCloseTo(6.1, 12);
    expect(facts.lastDelay).toBe(-10);
    expect(facts.medianDelay).toBe(10);
  });

  test.each([
    [[0, 0, 0, 1], 1, 3],
    [[0, 0, 1, 0], 1, 3],
    [[0, 1, 0, 0], 1, 3],
    [[1, 0, 0, 0], 0, 3],
    [[1, 1, 1, 1], 3, 3],
    [[1, 0], 1, 2],
  ] as const)('of %j the last three are looked at', (outcomes, late, count) => {
    const past = outcomes.map((isLate, i) => raised(20 * i, 10, isLate === 1 ? 13 : 8));
    const facts = knownOn(100, [...past, next(100)]);
    expect([facts.lastThreeLate, facts.lastThreeCount]).toEqual([late, count]);
    expect(facts.maturedCount).toBe(outcomes.length);
  });

  test('a delay of more than a year says "very late" and no more', () => {
    expect(knownOn(600, [raised(0, 10, 500), next(600)]).lastDelay).toBe(365);
    expect(knownOn(600, [raised(0, 500, 2), next(600)]).lastDelay).toBe(-365);
  });
});

describe('what else is open', () => {
  const usual = {
    late: 0,
    matured: 0,
    usualSize: new Map([
      ['NZD', Math.log(100_00)],
      ['JPY', Math.log(10_000_00)],
    ]),
  };
  const four = [
    raised(0, 10, null, { amount: 300_00 }),
    raised(0, 20, null, { amount: 100_00 }),
    raised(0, 60, null, { amount: 200_00 }),
    raised(0, 5, 6, { amount: 900_00 }),
  ];

  test('is overdue by the mean of its days, and by its share of what is owed', () => {
    // 300 and 100 of 600 are overdue on day 30, for 20 and 10 days.
    const facts = knownOn(30, [...four, next(30)], usual);
    expect(facts.overdueCount).toBe(2);
    expect(facts.overdueDays).toBe(15);
    expect(facts.overdueShare).toBeCloseTo(4 / 6, 12);
  });

  test('does not hold the invoice itself, due or overdue', () => {
    const self = raised(1, 9, null, { amount: 500_00 });
    expect(knownOn(10, [...four, self])).toMatchObject({ overdueCount: 0, overdueShare: 0 });
    const facts = knownOn(30, [...four, self], usual);
    expect([facts.overdueCount, facts.overdueDays]).toEqual([2, 15]);
    expect(facts.overdueShare).toBeCloseTo(4 / 6, 12);
    expect(knownOn(40, [raised(0, 10, null)])).toMatchObject({
      overdueCount: 0,
      overdueShare: 0,
      overdueDays: 0,
    });
  });

  test('goes when it is paid', () => {
    const paid = [raised(0, 10, 25, { amount: 300_00 }), ...four.slice(1)];
    const facts = knownOn(30, [...paid, next(30)], usual);
    expect([facts.overdueCount, facts.overdueDays]).toEqual([1, 10]);
    expect(facts.overdueShare).toBeCloseTo(1 / 3, 12);
  });

  test('is not more than a year overdue', () => {
    expect(knownOn(800, [raised(0, 10, null), next(800)]).overdueDays).toBe(365);
  });

  test('in two currencies weighs alike by what is usual in each', () => {
    // 20,000 yen are two usual invoices in yen, 300 dollars are three in dollars.
    const yen = raised(0, 10, null, { amount: 20_000_00, currency: 'JPY' });
    const dollars = raised(0, 60, null, { amount: 300_00 });
    expect(knownOn(30, [yen, dollars, next(30)], usual).overdueShare).toBeCloseTo(2 / 5, 12);
  });

  test('one that is a thousand times the usual counts as a hundred', () => {
    const share = (overdue: number, other: number) =>
      knownOn(
        30,
        [
          raised(0, 10, null, { amount: overdue }),
          raised(0, 60, null, { amount: other }),
          next(30),
        ],
        usual,
      ).overdueShare;
    expect(share(100_000_00, 100_00)).toBeCloseTo(100 / 101, 12);
    expect(share(10_00, 1)).toBeCloseTo(0.1 / 0.11, 12);
    expect(share(300_00, 100_00)).toBeCloseTo(3 / 4, 12);
  });

  test('without a known amount counts as one usual invoice', () => {
    const unknown = raised(0, 10, null, { amount: null });
    const known = raised(0, 60, null, { amount: 300_00 });
    expect(knownOn(30, [unknown, known, next(30)], usual).overdueShare).toBeCloseTo(1 / 4, 12);
  });

  test('of a customer is the mean days overdue on any day', () => {
    const record = new CustomerRecord();
    expect(record.overdueDaysOn(on(30))).toBe(0);
    record.overdueCount = 2;
    record.overdueDueSum = on(10) + on(20);
    expect(record.overdueDaysOn(on(30))).toBe(15);
  });
});

describe('the size of an invoice', () => {
  test("is told against the customer's usual one, two of the book's standing in", () => {
    const book = [
      raised(0, 10, 10, { customer: 'B', amount: 100_00 }),
      raised(0, 10, 10, { amount: 400_00 }),
      raised(1, 10, 10, { amount: 1_600_00 }),
    ];
    // In hundreds: the book's mean is ln 4, the customer's own are ln 4 and ln 16.
    const usual = Math.log(100_00) + (5 / 4) * Math.log(4);
    const facts = knownOn(5, [...book, raised(5, 30, null, { amount: 3_000_00 })]);
    expect(facts.sizeRatio).toBeCloseTo(Math.log(3_000_00) - usual, 10);
  });

  test('goes no further than e⁴ times more or less', () => {
    const past = raised(0, 10, 10, { amount: 100_00 });
    const ratio = (amount: number) => knownOn(5, [past, raised(5, 30, null, { amount })]).sizeRatio;
    expect(ratio(100_000_000_00)).toBe(4);
    expect(ratio(1)).toBe(-4);
    expect(ratio(100_00)).toBeCloseTo(0, 12);
  });

  test('is told within its own currency, and says nothing where nothing is known', () => {
    const dollars = raised(0, 10, 10, { amount: 100_00, currency: 'USD' });
    expect(knownOn(5, [dollars, raised(5, 30, null, { amount: 900_00 })]).sizeRatio).toBe(0);
    const euros = raised(0, 10, 10, { amount: 300_00, currency: 'NZD' });
    const both = [dollars, euros, raised(5, 30, null, { amount: 900_00 })];
    expect(knownOn(5, both).sizeRatio).toBeCloseTo(Math.log(3), 12);
    expect(knownOn(5, [euros, raised(5, 30, null, { amount: null })]).sizeRatio).toBe(0);
  });
});

describe('the rest of the book, where the history holds some of its customers only', () => {
  const surroundings = { late: 7, matured: 9, usualSize: new Map([['NZD', Math.log(200_00)]]) };

  test('is told instead of being counted', () => {
    const facts = knownOn(60, [raised(0, 10, 25), next(60)], surroundings);
    expect([facts.bookLate, facts.bookMatured]).toEqual([7, 9]);
    expect(facts.late).toBeGreaterThan(0);
  });

  test('its usual amount stands, whatever the history holds', () => {
    const facts = knownOn(5, [raised(0, 10, 10), next(5)], surroundings);
    // (ln 100 + 2 ln 200) / 3 is usual.
    expect(facts.sizeRatio).toBeCloseTo(-(2 / 3) * Math.log(2), 12);
    const unknown = raised(0, 10, null, { currency: 'USD' });
    expect(knownOn(0, [unknown], surroundings).sizeRatio).toBe(0);
  });
});

describe('a pay run', () => {
  test('tells when the next would settle the invoice, from five payments of one weekday', () => {
    // Due on a Tuesday each, paid on the Friday after it; the next is due on a Tuesday again.
    const fridays = [0, 14, 35, 49, 70, 84, 105, 119].map((days) => raised(days, 26, 29));
    const facts = knownOn(168, [...fridays, raised(168, 26, null)]);
    expect(facts.runDelay).toBe(3);
    // Eight of eight, less one and a half by chance.
    expect(facts.runTrust).toBeCloseTo(6.5 / 9, 12);
    const thursday = knownOn(168, [...fridays, raised(168, 28, null)]);
    expect(thursday.runDelay).toBe(1);
  });

  test('is looked for again when a payment has become known', () => {
    const history = arrangeHistory([
      ...[0, 7, 14, 21].map((days) => raised(days, 5, 8)),
      raised(60, 26, null),
    ]);
    const records = new TrackRecords(history);
    const row = new Float64Array(FACTS);
    const trustOn = (days: number) => {
      records.advanceTo(on(days));
      records.write(4, on(days), row, 0);
      return namedFacts(row).runTrust;
    };
    expect(trustOn(25)).toBe(0);
    expect(trustOn(26)).toBe(0);
    expect(trustOn(60)).toBeCloseTo(2.5 / 5, 12);
    expect(trustOn(61)).toBeCloseTo(2.5 / 5, 12);
  });
});

describe('days pass', () => {
  test('the middle of the delays moves on with what is overdue', () => {
    const history = arrangeHistory([raised(0, 10, null), raised(0, 10, null), raised(90, 5, null)]);
    const records = new TrackRecords(history);
    const row = new Float64Array(FACTS);
    const middleOn = (days: number) => {
      records.advanceTo(on(days));
      records.write(2, on(days), row, 0);
      return namedFacts(row).medianDelay;
    };
    expect([11, 30, 30, 90].map(middleOn)).toEqual([1, 20, 20, 80]);
  });

  test("customers' first invoices are counted apart", () => {
    const { records } = walkHistory(
      arrangeHistory([
        raised(0, 10, 15),
        raised(1, 10, 15),
        raised(0, 10, 5, { customer: 'B' }),
        raised(9, 10, null, { customer: 'C' }),
        raised(50, 30, null, { customer: 'D' }),
      ]),
      on(60),
      () => undefined,
    );
    expect([records.firstLate, records.firstMatured]).toEqual([2, 3]);
  });

  test('it does not matter in how many steps', () => {
    const history = arrangeHistory(yearOfEighty());
    const atOnce = walkHistory(history, on(380), () => undefined).records;
    const stepped = new TrackRecords(history);
    for (let days = 0, i = 0; days <= 380; days += 1) {
      stepped.advanceTo(on(days));
      for (; i < history.count && history.issuedOn[i] === on(days); i += 1) stepped.issue(i);
    }
    const told = (records: TrackRecords) =>
      Array.from({ length: 14 }, (_, i) => {
        const row = new Float64Array(FACTS);
        records.write(66 + i, on(380), row, 0);
        return row;
      });
    expect(told(stepped)).toEqual(told(atOnce));
  });

  test('an invoice of nobody and one in no currency are mistakes', () => {
    const history = arrangeHistory([raised(0, 10, null)]);
    const row = new Float64Array(FACTS);
    const write = (part: Partial<typeof history>) => () => {
      new TrackRecords({ ...history, ...part }).write(0, on(0), row, 0);
    };
    expect(write({ customers: [] })).toThrow('no customer for invoice 0');
    expect(write({ currencies: [] })).toThrow('no currency for invoice 0');
  });
});

test('the same history gives the same facts: a change here changes the model, and its backtest has to be measured again', () => {
  const { facts } = walkHistory(arrangeHistory(yearOfEighty()), on(400), () => undefined);
  const rows = [41, 60, 66, 76].map((i) => facts.subarray(i * FACTS, (i + 1) * FACTS));
  expect(rows.map(sixDigits)).toEqual([
    [
      0, 3.69708, 5, 0, 3, -23.6664, 3.69708, -12, -7.0503, -6, 2.60921, 4.24177, 0, 0, 0, 0.481385,
      14, 7.14548, 15.9539, 0, 0, 20201,
    ],
    [
      4.8847, 4.8847, 8, 3, 3, 21.4943, 4.96663, 3, 4.22082, 4, 1.65266, 6.2618, 0, 0, 0, 0.770215,
      7, 10.3504, 17.4589, 5, 0.722222, 20282,
    ],
    [
      1.24471, 5.71947, 9, 1, 3, -11.6462, 5.79858, 0, -0.0602941, -4, 8.51974, 7.07461, 0, 0, 0,
      -0.842534, 30, 11.1131, 18.8573, 0, 0, 20332,
    ],
    [
      3.69428, 5.68314, 10, 3, 3, -5.59619, 2.58347, 12, -1.33521, 12, 14.0496, 6.29504, 4, 1, 66.5,
      -0.401198, 14, 10.5254, 18.1395, 0, 0, 20362,
    ],
  ]);
});
