import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CustomerRecords, customerFacts } from '../../src/domain/customer-facts.ts';
import {
  type BookHabit,
  type CustomerRisk,
  judgeRisk,
  type Standing,
} from '../../src/domain/customer-risk.ts';
import { addDays, type Day } from '../../src/domain/day.ts';
import { ago, anyRecords, asOn, limitOf, NOTHING, open, past } from './risk-cases.ts';

const HABITS: BookHabit[] = [
  {
    currency: 'NZD',
    maturedCount: 400,
    lateCount: 130,
    daysLate: 2600,
    billedMinor: 900_000,
    customers: 40,
  },
];
const SHARE = [{ currency: 'NZD', openMinor: 200_000, customers: 40 }];
const NEVER: Standing = { flags: new Set(), segment: null };

function judged(records: CustomerRecords, on: Day, before: Standing): CustomerRisk {
  return judgeRisk(customerFacts(records, SHARE, on), records, HABITS, before);
}

const after = ({ flags, segment }: CustomerRisk): Standing => ({
  flags: new Set(flags.map((flag) => flag.code)),
  segment: segment?.segment ?? null,
});

/** Everything that is decided, without the figures that move by themselves. */
function answer(records: CustomerRecords, on: Day, risk: CustomerRisk) {
  const facts = customerFacts(records, SHARE, on);
  return {
    flags: risk.flags.map(({ code, severity }) => `${code} ${severity}`),
    points: risk.score?.factors.map((factor) => factor.points),
    segment: risk.segment?.segment,
    advice: risk.advice.map((advice) => advice.sentence),
    buckets: facts.currencies.map((one) => [one.currency, one.buckets, one.limitMinor]),
  };
}

describe('the day of the next look', () => {
  test('comes no later than the first day on which anything changes by itself, over 200 days', () => {
    fc.assert(
      fc.property(anyRecords, (records) => {
        let on: Day = asOn;
        let before = NEVER;
        while (on < asOn + 200) {
          const now = judged(records, on, before);
          const standing = after(now);
          const expected = answer(records, on, judged(records, on, standing));
          const until = Math.min(now.nextOn ?? Infinity, asOn + 200);
          for (let later = addDays(on, 1); later < until; later = addDays(later, 1)) {
            const actual = answer(records, later, judged(records, later, standing));
            expect(actual, `on day ${later - asOn}, looked at on ${on - asOn}`).toEqual(expected);
          }
          before = standing;
          on = until as Day;
        }
      }),
      { numRuns: 6 },
    );
  });

  test('is never today or earlier', () => {
    fc.assert(
      fc.property(anyRecords, (records) => {
        const { nextOn } = judged(records, asOn, NEVER);
        expect(nextOn === null || nextOn > asOn).toBe(true);
      }),
    );
  });

  const next = (records: Partial<CustomerRecords>) =>
    judged({ ...NOTHING, ...records }, asOn, NEVER).nextOn;

  test.each<[string, Partial<CustomerRecords>, number | null]>([
    ['nobody: never', {}, null],
    ['due in 12 days: the day after', { invoices: [open(-12, 100)] }, 13],
    [
      'somebody new, measured by what others owe: tomorrow',
      { invoices: [open(-12, 100)], activity: { ...NOTHING.activity, firstIssuedOn: ago(30) } },
      1,
    ],
    ['eight days overdue: after the fifteenth', { invoices: [open(8, 100)] }, 8],
    ['sixty days overdue: tomorrow', { invoices: [open(60, 100)] }, 1],
    ['past every line of age: never again', { invoices: [open(500, 100)] }, null],
    ['a limit that begins in five days', { limits: [{ ...limitOf(1), fromOn: ago(-5) }] }, 5],
    ['a limit that ends in five days', { limits: [{ ...limitOf(1), untilOn: ago(-5) }] }, 6],
    ['paid on time long ago: when it leaves the year', { history: [past(300, 0)] }, 66],
    ['what promises or disputes say', { changesOn: ago(-3) }, 3],
    [
      'an average that grows by a day a day',
      { history: [past(1, null), ...[50, 60, 70, 80].map((at) => past(at, 0))] },
      3, // four days late is no longer prompt
    ],
  ])('%s', (_name, records, days) => {
    expect(next(records)).toBe(days === null ? null : ago(-days));
  });
});
