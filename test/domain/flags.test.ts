import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CustomerRecords } from '../../src/domain/customer-facts.ts';
import { customerFacts } from '../../src/domain/customer-facts.ts';
import { FLAG_CODES, type FlagCode, isFlagCode, judgeFlags } from '../../src/domain/flags.ts';
import { SEVERITIES } from '../../src/domain/flag-judge.ts';
import {
  ago,
  anyRecords,
  asOn,
  codesOf,
  flagsOf,
  limitOf,
  NOTHING,
  open,
  past,
} from './risk-cases.ts';

type Case = [
  name: string,
  records: Partial<CustomerRecords>,
  standing: boolean,
  severity: string | null,
  book?: Parameters<typeof flagsOf>[2],
];

function flagCases(code: FlagCode, cases: Case[]): void {
  describe(code, () => {
    test.each(cases)('%s (standing: %j): %j', (_name, records, standing, severity, book = []) => {
      const found = flagsOf(records, standing ? [code] : [], book);
      expect(found.find((flag) => flag.code === code)?.severity ?? null).toBe(severity);
    });
  });
}

const flagOf = (code: FlagCode, ...args: Parameters<typeof flagsOf>) =>
  flagsOf(...args).find((flag) => flag.code === code);

const limits = [limitOf(10_000)];
const owing = (amount: number) => ({ invoices: [open(-1, amount)], limits });
const bookOf = (openMinor: number, customers: number) => [
  { currency: 'NZD', openMinor, customers },
];

test('the fifteen flags of a credit controller', () => {
  expect(FLAG_CODES).toEqual([
    'over_limit',
    'near_limit',
    'severely_overdue',
    'habitually_late',
    'getting_worse',
    'broken_promise',
    'concentration',
    'new_with_exposure',
    'short_payer',
    'unapplied_credit',
    'disputed',
    'unreachable',
    'off_balance',
    'dormant_balance',
    'stop_recommended',
  ]);
  expect(FLAG_CODES.every(isFlagCode)).toBe(true);
  expect(isFlagCode('other')).toBe(false);
  expect(codesOf({})).toEqual([]);
});

flagCases('over_limit', [
  ['at the limit', owing(10_000), false, null],
  ['a cent above', owing(10_001), false, 'medium'],
  ['above 95 %', owing(9_501), true, 'medium'],
  ['at 95 %', owing(9_500), true, null],
  ['below 125 %', owing(12_499), false, 'medium'],
  ['at 125 %', owing(12_500), false, 'high'],
  [
    'credit counts against it',
    { ...owing(10_400), credits: [{ currency: 'NZD', remainingMinor: 400 }] },
    false,
    null,
  ],
  ['no limit', { invoices: [open(-1, 10_400)] }, false, null],
  [
    'no credit given and something owed',
    { invoices: [open(-1, 1)], limits: [limitOf(0)] },
    false,
    'high',
  ],
  [
    'no credit given and nothing owed',
    { drafts: [{ currency: 'NZD', amountMinor: 1 }], limits: [limitOf(0)] },
    true,
    null,
  ],
  ['a limit in another currency', { invoices: [open(-1, 10_400, 'AUD')], limits }, false, null],
]);

flagCases('near_limit', [
  ['below 85 %', owing(8_499), false, null],
  ['at 85 %', owing(8_500), false, 'low'],
  ['above 80 %', owing(8_001), true, 'low'],
  ['at 80 %', owing(8_000), true, null],
  ['at the limit', owing(10_000), false, 'low'],
  ['above it another flag speaks', owing(10_001), true, null],
  [
    'drafts would reach the limit',
    { ...owing(100), drafts: [{ currency: 'NZD', amountMinor: 9_900 }] },
    false,
    null,
  ],
  [
    'drafts would exceed it',
    { ...owing(100), drafts: [{ currency: 'NZD', amountMinor: 9_901 }] },
    false,
    'low',
  ],
  ['no credit given', { invoices: [open(-1, 1)], limits: [limitOf(0)] }, false, null],
  [
    'no credit given, and a draft',
    { drafts: [{ currency: 'NZD', amountMinor: 1 }], limits: [limitOf(0)] },
    false,
    null,
  ],
  ['no limit', { invoices: [open(-1, 9_000)] }, false, null],
]);

const overdue = (days: number) => ({ invoices: [open(days, 100), open(3, 100)] });
flagCases('severely_overdue', [
  ['60 days', overdue(60), false, null],
  ['61 days', overdue(61), false, 'medium'],
  ['90 days', overdue(90), false, 'medium'],
  ['91 days', overdue(91), false, 'high'],
  ['46 days', overdue(46), true, 'medium'],
  ['45 days', overdue(45), true, null],
  ['nothing', {}, true, null],
]);

const history = (onTime: number, late: number, by: number) => ({
  history: [
    ...Array.from({ length: onTime }, (_, i) => past(300 - i, 0)),
    ...Array.from({ length: late }, (_, i) => past(200 - i, by)),
  ],
});
flagCases('habitually_late', [
  ['half, seven days on average', history(5, 5, 14), false, 'medium'],
  ['6.5 days', history(5, 5, 13), false, null],
  ['fewer than half', history(6, 5, 20), false, null],
  ['three invoices are no habit', history(0, 3, 20), true, null],
  ['four are', history(0, 4, 20), false, 'medium'],
  ['5.5 days keep it open', history(5, 5, 11), true, 'medium'],
  ['5 days close it', history(5, 5, 10), true, null],
  ['40 % close it', history(6, 4, 20), true, null],
  ['41 % keep it', history(10, 7, 20), true, 'medium'],
  ['29 days', history(0, 4, 29), false, 'medium'],
  ['30 days', history(0, 4, 30), false, 'high'],
]);

const sliding = (before: number, after: number) => ({
  history: [
    ...[300, 290, 280, 270].map((at) => past(at, before)),
    ...[100, 90, 80, 70, 60].map((at) => past(at, after)),
  ],
});
flagCases('getting_worse', [
  ['ten days worse', sliding(0, 10), false, 'medium'],
  ['nine days worse', sliding(0, 9), false, null],
  ['ten days worse, seven late', sliding(-3, 7), false, 'medium'],
  ['ten days worse, six late', sliding(-4, 6), false, null],
  ['six days worse keep it', sliding(0, 6), true, 'medium'],
  ['five days worse close it', sliding(1, 6), true, null],
  ['five days late close it', sliding(-4, 5), true, null],
  ['no trend', history(0, 3, 50), true, null],
]);

const promised = (keptCount: number, partlyKeptCount: number, brokenCount: number) => ({
  promises: { keptCount, partlyKeptCount, brokenCount },
});
flagCases('broken_promise', [
  ['none made', promised(0, 0, 0), true, null],
  ['all kept', promised(3, 0, 0), true, null],
  ['half kept', promised(1, 0, 1), false, 'medium'],
  ['half kept, the other in part', promised(1, 1, 0), false, 'medium'],
  ['more than half kept', promised(2, 0, 1), false, null],
  ['two thirds keep it open', promised(2, 0, 1), true, 'medium'],
  ['three quarters close it', promised(3, 0, 1), true, null],
  [
    'two broken, nothing overdue',
    { ...promised(0, 0, 2), invoices: [open(0, 1)] },
    false,
    'medium',
  ],
  ['two broken and overdue', { ...promised(0, 0, 2), invoices: [open(1, 1)] }, false, 'high'],
  [
    'two broken, and one currency of two overdue',
    { ...promised(0, 0, 2), invoices: [open(1, 1), open(0, 1, 'AUD')] },
    false,
    'high',
  ],
  ['one broken and overdue', { ...promised(0, 1, 1), invoices: [open(1, 1)] }, false, 'medium'],
]);

flagCases('concentration', [
  ['a quarter', owing(2500), false, 'medium', bookOf(10_000, 5)],
  ['less', owing(2499), false, null, bookOf(10_000, 5)],
  ['with four customers each is a quarter', owing(2500), true, null, bookOf(10_000, 4)],
  ['half', owing(5000), false, 'high', bookOf(10_000, 5)],
  ['above a fifth', owing(2001), true, 'medium', bookOf(10_000, 5)],
  ['a fifth', owing(2000), true, null, bookOf(10_000, 5)],
  ['a book that is owed nothing', owing(2000), true, null, bookOf(0, 5)],
]);

const newcomer = (amount: number, matured = 0, days = 20) => ({
  invoices: [open(-5, amount)],
  history: Array.from({ length: matured }, (_, i) => past(10 + i, 0)),
  activity: { firstIssuedOn: ago(days), lastIssuedOn: ago(2), lastPaidOn: null },
});
flagCases('new_with_exposure', [
  ['three times the average', newcomer(3000), false, 'medium', bookOf(10_000, 10)],
  ['less', newcomer(2999), false, null, bookOf(10_000, 10)],
  ['above twice', newcomer(2001), true, 'medium', bookOf(10_000, 10)],
  ['twice', newcomer(2000), true, null, bookOf(10_000, 10)],
  ['two invoices fell due', newcomer(3000, 2), false, 'medium', bookOf(10_000, 10)],
  ['three fell due', newcomer(3000, 3), false, null, bookOf(10_000, 10)],
  ['four keep it', newcomer(3000, 4), true, 'medium', bookOf(10_000, 10)],
  ['five close it', newcomer(3000, 5), true, null, bookOf(10_000, 10)],
  ['for 179 days', newcomer(3000, 0, 179), false, 'medium', bookOf(10_000, 10)],
  ['for 180 days', newcomer(3000, 0, 180), true, null, bookOf(10_000, 10)],
  ['among four customers', newcomer(9000), true, null, bookOf(10_000, 4)],
  ['among five', newcomer(9000), false, 'medium', bookOf(10_000, 5)],
  ['in a book unknown', newcomer(9000), true, null],
  [
    'never invoiced',
    { ...newcomer(9000), activity: NOTHING.activity },
    true,
    null,
    bookOf(10_000, 10),
  ],
  [
    'nothing owed',
    { ...newcomer(0), credits: [{ currency: 'NZD', remainingMinor: 9 }] },
    true,
    null,
    bookOf(10_000, 10),
  ],
]);

const short = (count: number, of: number) => ({
  history: Array.from({ length: of }, (_, i) =>
    past(50 + i, 1, { forgivenMinor: i < count ? 5 : 0 }),
  ),
});
flagCases('short_payer', [
  ['three of twelve', short(3, 12), false, 'low'],
  ['three of thirteen', short(3, 13), false, null],
  ['two of four', short(2, 4), false, null],
  ['two of thirteen keep it', short(2, 13), true, 'low'],
  ['15 % close it', short(3, 20), true, null],
  ['one closes it', short(1, 2), true, null],
  ['three of six', short(3, 6), false, 'medium'],
  ['three of seven', short(3, 7), false, 'low'],
]);

const unapplied = (amount: number, overdueMinor = 1000) => ({
  invoices: [open(1, overdueMinor)],
  credits: [{ currency: 'NZD', remainingMinor: amount }],
});
flagCases('unapplied_credit', [
  ['a tenth of what is overdue', unapplied(100), false, 'info'],
  ['less', unapplied(99), false, null],
  ['any keeps it', unapplied(1), true, 'info'],
  ['none', { invoices: [open(1, 1000)] }, true, null],
  ['nothing overdue', { ...unapplied(900), invoices: [open(0, 1000)] }, true, null],
]);

const contested = (amount: number, invoiceCount = 1) => ({
  invoices: [open(1, 1000)],
  disputes: { disputed: [{ currency: 'NZD', amountMinor: amount }], invoiceCount },
});
flagCases('disputed', [
  ['an amount', contested(1), false, 'low'],
  ['none', contested(0), true, null],
  ['two within a year', contested(1, 2), false, 'low'],
  ['three within a year', contested(1, 3), false, 'medium'],
]);

flagCases('unreachable', [
  ['and owing', { isReachable: false, invoices: [open(-1, 100)] }, false, 'medium'],
  ['and owing nothing', { isReachable: false, history: [past(50, 0)] }, true, null],
  ['reachable', { invoices: [open(-1, 100)] }, true, null],
]);

flagCases('off_balance', [
  ['by a cent', { varianceMinor: 1 }, false, 'high'],
  ['by nothing', { varianceMinor: 0 }, true, null],
  ['never compared', { varianceMinor: null }, true, null],
]);

const quiet = (days: number, rest: Partial<CustomerRecords> = {}) => ({
  invoices: [open(days, 100)],
  activity: { firstIssuedOn: ago(900), lastIssuedOn: ago(days), lastPaidOn: ago(800) },
  ...rest,
});
const credits = [{ currency: 'NZD', remainingMinor: 50 }];
flagCases('dormant_balance', [
  ['180 days', quiet(180), false, 'low'],
  ['179 days', quiet(179), false, null],
  ['90 days keep it', quiet(90), true, 'low'],
  ['89 days close it', quiet(89), true, null],
  ['a credit nobody uses', quiet(180, { invoices: [], credits }), false, 'info'],
  ['nothing stands', quiet(180, { invoices: [], history: [past(200, 0)] }), true, null],
  [
    'a payment wakes it',
    quiet(180, { activity: { firstIssuedOn: null, lastIssuedOn: ago(200), lastPaidOn: ago(5) } }),
    false,
    null,
  ],
  [
    'only paid, never invoiced',
    quiet(0, { activity: { ...NOTHING.activity, lastPaidOn: ago(180) } }),
    false,
    'low',
  ],
  [
    'only invoiced, never paid',
    quiet(0, { activity: { ...NOTHING.activity, lastIssuedOn: ago(180) } }),
    false,
    'low',
  ],
  ['nothing known', quiet(400, { activity: NOTHING.activity }), true, null],
]);

const stop = (days: number, rest: Partial<CustomerRecords> = {}) => ({
  invoices: [open(days, 100)],
  ...rest,
});
const broken = promised(0, 0, 2);
flagCases('stop_recommended', [
  ['120 days alone', stop(120), false, null],
  ['121 days alone', stop(121), false, 'high'],
  ['91 days and over the limit', stop(91, { limits: [limitOf(99)] }), false, 'high'],
  ['90 days and over the limit', stop(90, { limits: [limitOf(99)] }), false, null],
  ['91 days and at the limit', stop(91, { limits: [limitOf(100)] }), false, null],
  ['91 days and no credit given', stop(91, { limits: [limitOf(0)] }), false, 'high'],
  [
    '91 days, no credit given and none taken',
    stop(91, { limits: [limitOf(0)], credits: [{ currency: 'NZD', remainingMinor: 100 }] }),
    false,
    null,
  ],
  [
    'over the limit and two promises broken',
    stop(5, { ...broken, limits: [limitOf(99)] }),
    false,
    'high',
  ],
  [
    'over the limit and one promise broken',
    stop(5, { ...promised(0, 0, 1), limits: [limitOf(99)] }),
    false,
    null,
  ],
  ['nothing overdue', stop(0, { ...broken, limits: [limitOf(99)] }), false, null],
  ['61 days keep it', stop(61), true, 'high'],
  ['60 days close it', stop(60), true, null],
  ['96 % of the limit keep it', stop(5, { limits: [limitOf(104)] }), true, 'high'],
  [
    '95 % of the limit close it',
    stop(5, { invoices: [open(5, 95)], limits: [limitOf(100)] }),
    true,
    null,
  ],
  [
    'a trifle of a year’s business',
    stop(130, { history: [past(200, 0, { totalMinor: 10_001 })] }),
    false,
    null,
  ],
  [
    'a hundredth of it',
    stop(130, { history: [past(200, 0, { totalMinor: 10_000 })] }),
    false,
    'high',
  ],
]);

describe('what a flag says and does', () => {
  test.each<[FlagCode, Partial<CustomerRecords>, string, object, Parameters<typeof flagsOf>[2]?]>([
    [
      'over_limit',
      owing(12_500),
      'Exposure of NZD 125.00 is 125 % of the limit of NZD 100.00.',
      {
        currency: 'NZD',
        exposureMinor: 12_500,
        limitMinor: 10_000,
        limitUse: 1.25,
        breachMinor: 2500,
      },
    ],
    [
      'over_limit',
      { invoices: [open(-1, 5)], limits: [limitOf(0)] },
      'Exposure of NZD 0.05 without any credit: the limit is nil.',
      { currency: 'NZD', exposureMinor: 5, limitMinor: 0, limitUse: null, breachMinor: 5 },
    ],
    [
      'near_limit',
      owing(9000),
      'Exposure of NZD 90.00 is 90 % of the limit of NZD 100.00.',
      { currency: 'NZD', exposureMinor: 9000, draftMinor: 0, limitMinor: 10_000, limitUse: 0.9 },
    ],
    [
      'near_limit',
      { ...owing(5000), drafts: [{ currency: 'NZD', amountMinor: 6000 }] },
      'Drafts of NZD 60.00 on top of NZD 50.00 would exceed the limit of NZD 100.00.',
      { currency: 'NZD', exposureMinor: 5000, draftMinor: 6000, limitMinor: 10_000, limitUse: 0.5 },
    ],
    [
      'severely_overdue',
      overdue(70),
      'NZD 2.00 is overdue, the oldest of it since 21 Apr 2026.',
      { currency: 'NZD', oldestDaysOverdue: 70, overdueMinor: 200 },
    ],
    [
      'habitually_late',
      history(1, 4, 20),
      '4 of the last 5 invoices were late, by 16 days on average by amount.',
      { currency: 'NZD', lateCount: 4, maturedCount: 5, lateRatio: 0.8, daysLate: 16 },
    ],
    [
      'getting_worse',
      sliding(1, 20),
      'The latest invoices run 20 days late, those before them 1.',
      { recentDays: 20, earlierDays: 1 },
    ],
    [
      'broken_promise',
      promised(1, 1, 2),
      'Of 4 promises to pay, 1 was kept in full, 1 in part and 2 not at all.',
      { keptCount: 1, partlyKeptCount: 1, brokenCount: 2, keptShare: 0.25 },
    ],
    [
      'broken_promise',
      promised(0, 0, 1),
      'Of 1 promise to pay, 0 were kept in full, 0 in part and 1 not at all.',
      { keptCount: 0, partlyKeptCount: 0, brokenCount: 1, keptShare: 0 },
    ],
    [
      'concentration',
      { invoices: [open(-1, 3000)] },
      'NZD 30.00 is 30 % of all that is owed to the business in NZD.',
      { currency: 'NZD', openMinor: 3000, shareOfBook: 0.3, bookCustomers: 8 },
      bookOf(10_000, 8),
    ],
    [
      'new_with_exposure',
      newcomer(3500, 1),
      'A customer since 10 Jun 2026 with 1 invoice fallen due so far, and NZD 35.00 of exposure, 3.5 times what a customer owes on average.',
      { currency: 'NZD', exposureMinor: 3500, bookAverageMinor: 1000, maturedCount: 1 },
      bookOf(10_000, 10),
    ],
    [
      'short_payer',
      short(3, 6),
      '3 of the last 6 invoices were settled for less than was asked.',
      { shortCount: 3, maturedCount: 6, share: 0.5 },
    ],
    [
      'unapplied_credit',
      unapplied(100),
      'NZD 1.00 of credit or payment is not set against anything while NZD 10.00 is overdue.',
      { currency: 'NZD', unappliedMinor: 100, overdueMinor: 1000 },
    ],
    [
      'disputed',
      contested(400, 2),
      'NZD 4.00 is contested, 40 % of what is open; 2 invoices within a year.',
      { currency: 'NZD', disputedMinor: 400, openMinor: 1000, disputeCount: 2 },
    ],
    [
      'unreachable',
      {
        isReachable: false,
        invoices: [open(-1, 100), open(-2, 5), open(3, 7, 'AUD')],
        history: [past(9, 0, { currency: 'USD' })],
      },
      'There is no usable email address, and AUD 0.07, NZD 1.05 is open.',
      { openInvoices: 3 },
    ],
    [
      'off_balance',
      { varianceMinor: 5, varianceReason: 'unknown' },
      'Our copy of what this customer owes and the ledger’s own figure differ; nothing is asked for until they agree.',
      { varianceMinor: 5, varianceReason: 'unknown' },
    ],
    [
      'dormant_balance',
      quiet(200),
      'NZD 1.00 is open, and nothing was invoiced or paid since 12 Dec 2025.',
      { currency: 'NZD', openMinor: 100, unappliedMinor: 0 },
    ],
    [
      'dormant_balance',
      quiet(200, { invoices: [], credits }),
      'NZD 0.50 of credit stands, and nothing was invoiced or paid since 12 Dec 2025.',
      { currency: 'NZD', openMinor: 0, unappliedMinor: 50 },
    ],
    [
      'stop_recommended',
      stop(91, { ...broken, limits: [limitOf(50)] }),
      'Deliver nothing more on credit: NZD 1.00 is overdue, the oldest of it since 31 Mar 2026, and exposure stands at 200 % of the limit, and 2 promises to pay were broken.',
      { currency: 'NZD', exposureMinor: 100, overdueMinor: 100, oldestDaysOverdue: 91, grounds: 3 },
    ],
    [
      'stop_recommended',
      stop(91, { limits: [limitOf(0)] }),
      'Deliver nothing more on credit: NZD 1.00 is overdue, the oldest of it since 31 Mar 2026, and there is no credit limit to deliver under.',
      { currency: 'NZD', exposureMinor: 100, overdueMinor: 100, oldestDaysOverdue: 91, grounds: 2 },
    ],
  ])('%s', (code, records, sentence, evidence, book = []) => {
    expect(flagOf(code, records, [], book)).toMatchObject({ sentence });
    expect(flagOf(code, records, [], book)?.evidence).toEqual(evidence);
  });

  test('two flags hold chasing, one stops supply, the others only warn', () => {
    const records = {
      ...stop(130),
      isReachable: false,
      varianceMinor: 5,
      credits: [{ currency: 'NZD', remainingMinor: 50 }],
    };
    const flags = flagsOf(records);
    expect(flags.map((flag) => [flag.code, flag.holdsChasing, flag.stopsSupply])).toEqual([
      ['severely_overdue', false, false],
      ['unapplied_credit', false, false],
      ['unreachable', true, false],
      ['off_balance', true, false],
      ['stop_recommended', false, true],
    ]);
  });

  test('of several currencies the gravest speaks, of equals the first', () => {
    const found = flagsOf({ invoices: [open(70, 100, 'AUD'), open(120, 1, 'USD')] });
    expect(found[0]).toMatchObject({ severity: 'high', evidence: { currency: 'USD' } });
    const equal = flagsOf({ invoices: [open(70, 100, 'USD'), open(80, 1, 'AUD')] });
    expect(equal[0]).toMatchObject({ severity: 'medium', evidence: { currency: 'AUD' } });
  });
});

describe('for any customer', () => {
  const worst = (flags: ReturnType<typeof judgeFlags>): number =>
    Math.max(0, ...flags.map((flag) => SEVERITIES.indexOf(flag.severity)));
  const judge = (records: CustomerRecords, standing: readonly FlagCode[], paidMinor = 0) => {
    const book = [{ currency: 'NZD', openMinor: 400_000 - paidMinor, customers: 12 }];
    return judgeFlags(customerFacts(records, book, asOn), new Set(standing));
  };

  test('a payment that arrives today, set against invoices or not, never raises the severity', () => {
    fc.assert(
      fc.property(
        anyRecords,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 14, maxLength: 14 }),
        fc.integer({ min: 0, max: 5000 }),
        fc.subarray([...FLAG_CODES]),
        (records, shares, onAccount, standing) => {
          const { after, paidMinor } = payToday(records, shares, onAccount);
          expect(worst(judge(after, standing, paidMinor))).toBeLessThanOrEqual(
            worst(judge(records, standing)),
          );
        },
      ),
      { numRuns: 400 },
    );
  });

  test('the order of the records changes nothing', () => {
    fc.assert(
      fc.property(anyRecords, (records) => {
        const turned = {
          ...records,
          invoices: records.invoices.toReversed(),
          history: records.history.toReversed(),
          credits: records.credits.toReversed(),
          limits: records.limits.map((one, id) => ({ ...one, id })),
        };
        const limits = turned.limits.toReversed();
        expect(judge({ ...turned, limits }, [])).toEqual(
          judge({ ...records, limits: turned.limits }, []),
        );
      }),
    );
  });

  test('flags judged again on the same facts are the same flags', () => {
    fc.assert(
      fc.property(anyRecords, fc.subarray([...FLAG_CODES]), (records, standing) => {
        const first = judge(records, standing);
        expect(
          judge(
            records,
            first.map((flag) => flag.code),
          ),
        ).toEqual(first);
      }),
    );
  });
});

/** Pays a share of every open invoice today, and something on account. */
function payToday(records: CustomerRecords, shares: readonly number[], onAccount: number) {
  const left = (openMinor: number, i: number) =>
    openMinor - Math.ceil(openMinor * (shares[i] ?? 0));
  let next = -1;
  const history = records.history.map((one) => {
    if (one.openMinor === 0) return one;
    next += 1;
    const openMinor = left(one.openMinor, next);
    if (openMinor === one.openMinor) return one;
    return {
      ...one,
      openMinor,
      paidOn: openMinor === 0 ? asOn : null,
      parts: one.parts + 1,
      lastPartOn: asOn,
    };
  });
  const invoices = records.invoices.map((one, i) => ({
    ...one,
    openMinor: left(one.openMinor, i),
  }));
  const sum = (list: typeof invoices) =>
    list.reduce((total, one) => total + (one.currency === 'NZD' ? one.openMinor : 0), 0);
  const credits = [...records.credits, { currency: 'NZD', remainingMinor: onAccount }];
  const activity = { ...records.activity, lastPaidOn: asOn };
  return {
    after: { ...records, history, invoices, credits, activity },
    paidMinor: sum([...records.invoices]) - sum(invoices),
  };
}
