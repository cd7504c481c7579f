import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CustomerRecords,
  customerFacts,
  type MaturedInvoice,
  paymentHabits,
} from '../../src/domain/customer-facts.ts';
import { addDays, day, type Day } from '../../src/domain/day.ts';
import { FLAG_CODES, type FlagCode, judgeFlags, SEVERITIES } from '../../src/domain/flags.ts';

const asOn = day('2026-06-30');
const ago = (days: number): Day => addDays(asOn, -days);

const NOTHING: CustomerRecords = {
  customerId: 'acme',
  invoices: [],
  credits: [],
  matured: [],
  limit: null,
  isReachable: true,
  varianceMinor: null,
  varianceReason: null,
};

const open = (daysPastDue: number, openMinor: number, currency = 'NZD') => ({
  currency,
  dueOn: ago(daysPastDue),
  schedule: null,
  openMinor,
});

const factsOf = (
  records: Partial<CustomerRecords>,
  book: Parameters<typeof customerFacts>[1] = [],
) => customerFacts({ ...NOTHING, ...records }, book, asOn);

const flagsOf = (
  records: Partial<CustomerRecords>,
  standing: FlagCode[] = [],
  book: Parameters<typeof customerFacts>[1] = [],
) => judgeFlags(factsOf(records, book), new Set(standing));

const codes = (...args: Parameters<typeof flagsOf>) => flagsOf(...args).map((flag) => flag.code);

describe('facts', () => {
  test('balances, age, exposure, limit use and share, each in its own currency', () => {
    const facts = factsOf(
      {
        invoices: [open(-10, 1000), open(40, 500), open(5, 300), open(100, 50, 'AUD')],
        credits: [{ currency: 'NZD', remainingMinor: 200 }],
        limit: { currency: 'NZD', amountMinor: 2000, source: 'customer' },
      },
      [{ currency: 'NZD', openMinor: 18_000, customers: 9 }],
    );
    expect(facts.currencies).toHaveLength(2);
    expect(facts.currencies[0]).toMatchObject({
      currency: 'AUD',
      overdueMinor: 50,
      limitMinor: null,
      limitUse: null,
      oldestDaysOverdue: 100,
      shareOfBook: null,
    });
    expect(facts.currencies[1]).toMatchObject({
      currency: 'NZD',
      openMinor: 1800,
      overdueMinor: 800,
      notDueMinor: 1000,
      openCount: 3,
      overdueCount: 2,
      oldestDaysOverdue: 40,
      unappliedMinor: 200,
      exposureMinor: 1600,
      limitUse: 0.8,
      shareOfBook: 0.1,
    });
  });

  test('days late are weighted by amount and count what is still open: 17.76', () => {
    const matured: MaturedInvoice[] = [
      { currency: 'NZD', dueOn: ago(60), paidOn: ago(53), totalMinor: 140 },
      { currency: 'NZD', dueOn: ago(90), paidOn: ago(35), totalMinor: 85 },
      { currency: 'NZD', dueOn: ago(10), paidOn: null, totalMinor: 214 },
    ];
    const habits = paymentHabits(matured, asOn);
    expect(habits.daysLate).toBeCloseTo((140 * 7 + 85 * 55 + 214 * 10) / 439, 10);
    expect(habits).toMatchObject({ maturedCount: 3, lateCount: 3, lateRatio: 1, trend: null });
  });

  test('an unpaid invoice counts as late, one not yet due does not count, one older than a year neither', () => {
    const habits = paymentHabits(
      [
        { currency: 'NZD', dueOn: ago(1), paidOn: null, totalMinor: 10 },
        { currency: 'NZD', dueOn: ago(30), paidOn: ago(31), totalMinor: 10 },
        { currency: 'NZD', dueOn: ago(0), paidOn: null, totalMinor: 10 },
        { currency: 'NZD', dueOn: ago(365), paidOn: ago(365), totalMinor: 10 },
        { currency: 'NZD', dueOn: ago(366), paidOn: ago(300), totalMinor: 10 },
      ],
      asOn,
    );
    expect(habits).toMatchObject({ maturedCount: 3, lateCount: 1, lateRatio: 1 / 3 });
  });

  test('the trend sets the latest three to five against those before', () => {
    const late = (daysAgo: number, by: number): MaturedInvoice => ({
      currency: 'NZD',
      dueOn: ago(daysAgo),
      paidOn: addDays(ago(daysAgo), by),
      totalMinor: 10,
    });
    const six = [200, 180, 160, 90, 80, 70].map((at, i) => late(at, i < 3 ? 2 : 20));
    expect(paymentHabits(six.slice(1), asOn).trend).toBeNull();
    expect(paymentHabits(six, asOn).trend).toEqual({ earlierDays: 2, recentDays: 20 });
    expect(paymentHabits(six.toReversed(), asOn).trend).toEqual({ earlierDays: 2, recentDays: 20 });
  });
});

describe('each flag opens at its threshold, and closes at a gentler one', () => {
  const limit = { currency: 'NZD', amountMinor: 10_000, source: 'book' } as const;
  test.each([
    [10_000, [], false],
    [10_001, [], true],
    [9_501, ['over_limit'], true],
    [9_500, ['over_limit'], false],
  ])('over limit at %i (standing %j): %j', (amount, standing, stands) => {
    const found = codes({ invoices: [open(-1, amount)], limit }, standing as FlagCode[]);
    expect(found.includes('over_limit')).toBe(stands);
  });

  test('credit counts against the limit, and far over is grave', () => {
    const credits = [{ currency: 'NZD', remainingMinor: 500 }];
    expect(codes({ invoices: [open(-1, 10_400)], credits, limit })).toEqual([]);
    expect(flagsOf({ invoices: [open(-1, 12_499)], limit })[0]?.severity).toBe('medium');
    expect(flagsOf({ invoices: [open(-1, 12_500)], limit })[0]).toMatchObject({
      severity: 'high',
      sentence: 'Exposure of NZD 125.00 is 125 % of the limit of NZD 100.00.',
      evidence: { exposureMinor: 12_500, limitMinor: 10_000, limitUse: 1.25 },
    });
  });

  test.each([
    [60, [], null],
    [61, [], 'medium'],
    [90, [], 'medium'],
    [91, [], 'high'],
    [46, ['severely_overdue'], 'medium'],
    [45, ['severely_overdue'], null],
  ])('severely overdue after %i days (standing %j): %s', (days, standing, severity) => {
    const found = flagsOf({ invoices: [open(days, 100)] }, standing as FlagCode[]);
    expect(found.find((flag) => flag.code === 'severely_overdue')?.severity ?? null).toBe(severity);
  });

  const history = (onTime: number, late: number, by: number): MaturedInvoice[] => [
    ...Array.from({ length: onTime }, (_, i) => paid(300 - i, 0)),
    ...Array.from({ length: late }, (_, i) => paid(200 - i, by)),
  ];
  const paid = (daysAgo: number, by: number): MaturedInvoice => ({
    currency: 'NZD',
    dueOn: ago(daysAgo),
    paidOn: addDays(ago(daysAgo), by),
    totalMinor: 100,
  });
  test.each([
    [5, 5, 14, [], true], // half of them late, seven days on average
    [5, 5, 13, [], false], // 6.5 days
    [6, 5, 20, [], false], // fewer than half
    [0, 3, 20, [], false], // three invoices are no habit
    [0, 4, 20, [], true],
    [5, 5, 11, ['habitually_late'], true], // 5.5 days keeps it open
    [5, 5, 10, ['habitually_late'], false],
    [6, 4, 20, ['habitually_late'], false], // 40 %
  ])(
    'habitually late: %i on time, %i late by %i (standing %j): %j',
    (onTime, late, by, standing, stands) => {
      const found = codes({ matured: history(onTime, late, by) }, standing as FlagCode[]);
      expect(found.includes('habitually_late')).toBe(stands);
    },
  );

  test.each([
    [0, 10, [], true],
    [0, 9, [], false],
    [-5, 5, [], false], // ten days worse, but still within a week
    [0, 7, ['getting_worse'], true],
    [2, 7, ['getting_worse'], false],
  ])('getting worse: %i days then %i (standing %j): %j', (before, after, standing, stands) => {
    const matured = [
      ...[300, 290, 280, 270].map((at) => paid(at, before)),
      ...[100, 90, 80, 70, 60].map((at) => paid(at, after)),
    ];
    expect(codes({ matured }, standing as FlagCode[]).includes('getting_worse')).toBe(stands);
  });

  test.each([
    [2500, 5, [], 'medium'],
    [2499, 5, [], null],
    [2500, 4, [], null], // with four customers each is a quarter
    [5000, 5, [], 'high'],
    [2001, 5, ['concentration'], 'medium'],
    [2000, 5, ['concentration'], null],
  ])(
    'concentration: %i of 10,000 among %i customers (standing %j): %s',
    (amount, customers, standing, severity) => {
      const book = [{ currency: 'NZD', openMinor: 10_000, customers }];
      const found = flagsOf({ invoices: [open(-1, amount)] }, standing as FlagCode[], book);
      expect(found.find((flag) => flag.code === 'concentration')?.severity ?? null).toBe(severity);
    },
  );

  test.each([
    [100, [], true],
    [99, [], false],
    [1, ['unapplied_credit'], true],
    [0, ['unapplied_credit'], false],
  ])(
    'unapplied credit of %i against 1,000 overdue (standing %j): %j',
    (amount, standing, stands) => {
      const records = {
        invoices: [open(1, 1000)],
        credits: [{ currency: 'NZD', remainingMinor: amount }],
      };
      expect(codes(records, standing as FlagCode[]).includes('unapplied_credit')).toBe(stands);
    },
  );

  test('credit while nothing is overdue is no flag', () => {
    expect(
      codes({ invoices: [open(0, 1000)], credits: [{ currency: 'NZD', remainingMinor: 900 }] }),
    ).toEqual([]);
  });

  test('unreachable and off balance hold chasing; an unreachable customer who owes nothing is no matter', () => {
    expect(flagsOf({ isReachable: false, invoices: [open(-1, 100)] })).toMatchObject([
      { code: 'unreachable', holdsChasing: true },
    ]);
    expect(codes({ isReachable: false })).toEqual([]);
    expect(flagsOf({ varianceMinor: 5 })).toMatchObject([
      { code: 'off_balance', severity: 'high', holdsChasing: true },
    ]);
    expect(codes({ varianceMinor: 0 })).toEqual([]);
  });

  test('of several currencies the gravest speaks', () => {
    const found = flagsOf({ invoices: [open(70, 100, 'AUD'), open(120, 1, 'USD')] });
    expect(found).toMatchObject([
      { code: 'severely_overdue', severity: 'high', evidence: { currency: 'USD' } },
    ]);
  });
});

describe('for any customer', () => {
  const anyOpen = fc.record({
    currency: fc.constantFrom('NZD', 'AUD'),
    dueOn: fc.integer({ min: asOn - 200, max: asOn + 60 }).map((n) => n as Day),
    schedule: fc.constant(null),
    openMinor: fc.integer({ min: 1, max: 20_000 }),
  });
  const limit = { currency: 'NZD', amountMinor: 15_000, source: 'book' } as const;
  const worst = (flags: ReturnType<typeof judgeFlags>): number =>
    Math.max(-1, ...flags.map((flag) => SEVERITIES.indexOf(flag.severity)));

  test('more payment never raises the severity', () => {
    fc.assert(
      fc.property(
        fc.array(anyOpen, { minLength: 1, maxLength: 12 }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 12, maxLength: 12 }),
        fc.subarray([...FLAG_CODES]),
        (invoices, shares, standing) => {
          const paidDown = invoices.map((invoice, i) => ({
            ...invoice,
            openMinor: Math.floor(invoice.openMinor * (1 - (shares[i] ?? 0))),
          }));
          const before = flagsOf({ invoices, limit }, standing);
          const after = flagsOf({ invoices: paidDown, limit }, standing);
          expect(worst(after)).toBeLessThanOrEqual(worst(before));
        },
      ),
    );
  });

  test('the order of the records changes nothing', () => {
    fc.assert(
      fc.property(fc.array(anyOpen, { maxLength: 10 }), (invoices) => {
        expect(flagsOf({ invoices: invoices.toReversed(), limit })).toEqual(
          flagsOf({ invoices, limit }),
        );
      }),
    );
  });

  test('a flag that opened does not close on the same facts', () => {
    fc.assert(
      fc.property(fc.array(anyOpen, { maxLength: 10 }), (invoices) => {
        const first = codes({ invoices, limit });
        expect(codes({ invoices, limit }, first)).toEqual(first);
      }),
    );
  });
});
