/** What a condition asks for, and when time alone changes it; in policies: policy-rules.test.ts. */
import { describe, expect, test } from 'vitest';
import {
  amountIn,
  type Amounts,
  type ConditionClock,
  conditionDays,
  type ConditionFacts,
  type Conditions,
  standsInTheWay,
} from '../../src/domain/conditions.ts';
import { day, formatDay } from '../../src/domain/day.ts';
import { FREE } from './policies.ts';

describe('an amount of a policy', () => {
  test.each<[Amounts, string, number | null]>([
    [{ default: '1000.50', AUD: '20' }, 'NZD', 100_050],
    [{ default: '1000.50', AUD: '20' }, 'AUD', 2_000],
    [{ default: '1000.50', AUD: '20' }, 'KWD', 1_000_500],
    // Yen have no cents: what is behind the point falls away.
    [{ default: '1000.50', AUD: '20' }, 'JPY', 1_000],
    [{ default: '0.50' }, 'JPY', 0],
    [{ AUD: '20' }, 'NZD', null],
  ])('%j in %s is %s', (amounts, currency, minor) => {
    // Spread: an object that was read before is not read again.
    expect(amountIn({ ...amounts }, currency)).toBe(minor);
  });

  test('is the same however often and in whatever currencies it was asked for', () => {
    const amounts = { default: '5', JPY: '300' };
    const asked = ['NZD', 'JPY', 'KWD', 'JPY', 'NZD'].map((code) => amountIn(amounts, code));
    expect(asked).toEqual([500, 300, 5_000, 300, 500]);
  });
});

describe('what stands in the way is said with what there is instead', () => {
  const facts: ConditionFacts = {
    currency: 'NZD',
    amountMinor: 10_000,
    overdueMinor: 10_000,
    age: 3,
    overdueCount: 1,
    score: 31,
    segment: 'erratic',
    flags: ['getting_worse', 'over_limit'],
  };

  test.each<[string, Partial<Conditions> | null, Partial<Conditions> | null, string | null]>([
    ['nothing asked for', null, null, null],
    [
      'another flag',
      { flags: ['severely_overdue'] },
      null,
      'an open flag would have to be severely_overdue, and is getting_worse, over_limit',
    ],
    [
      'another segment',
      { segment: ['new', 'dormant'] },
      null,
      'the segment would have to be new or dormant, and is erratic',
    ],
    [
      'a flag that keeps it back',
      null,
      { flags: ['over_limit', 'disputed'] },
      'not while an open flag is over_limit or disputed; it is getting_worse, over_limit',
    ],
    [
      'one of each',
      { score: { atLeast: 40, below: null } },
      { segment: ['erratic'] },
      'the score would have to be 40 or more, and is 31; not while the segment is erratic; it is erratic',
    ],
  ])('%s', (_what, when, unless, expected) => {
    const all = (some: Partial<Conditions> | null) => (some === null ? null : { ...FREE, ...some });
    expect(standsInTheWay(all(when), all(unless), facts)).toBe(expected);
  });
});

describe('the days on which time alone can change it', () => {
  const clock: ConditionClock = {
    dueOn: day('2026-06-01'),
    amountChangesOn: day('2026-06-20'),
    overdueChangesOn: day('2026-06-12'),
  };
  const days = (some: Partial<Conditions>, on: string, more: Partial<ConditionClock> = {}) =>
    conditionDays({ ...FREE, ...some }, { ...clock, ...more }, day(on)).map(formatDay);
  const money = { atLeast: { default: '50' }, below: null };

  test.each<[string, Partial<Conditions>, string[]]>([
    ['an age it has to reach', { age: { atLeast: 3, below: null } }, ['2026-06-04']],
    ['an age it must not reach', { age: { atLeast: null, below: 10 } }, ['2026-06-11']],
    ['an age between', { age: { atLeast: 3, below: 10 } }, ['2026-06-04', '2026-06-11']],
    ['a day before it is due', { age: { atLeast: -2, below: null } }, ['2026-05-30']],
    ['the amount: when a further part falls due', { amount: money }, ['2026-06-20']],
    ['the overdue sum: when it grows', { overdue: money }, ['2026-06-12']],
    ['the overdue count: likewise', { overdueCount: { atLeast: 2, below: null } }, ['2026-06-12']],
    ['what no clock moves', { score: { atLeast: 1, below: null }, flags: ['disputed'] }, []],
  ])('%s', (_what, some, expected) => {
    expect(days(some, '2026-05-28')).toEqual(expected);
  });

  test('are ahead: neither today nor a day that has passed', () => {
    const age = { atLeast: 3, below: 10 };
    expect(days({ age }, '2026-06-03')).toEqual(['2026-06-04', '2026-06-11']);
    expect(days({ age }, '2026-06-04')).toEqual(['2026-06-11']);
    expect(days({ age }, '2026-06-11')).toEqual([]);
  });

  test('are none when nothing grows, or nothing is asked for', () => {
    const still = { amountChangesOn: null, overdueChangesOn: null };
    expect(days({ amount: money, overdue: money }, '2026-05-28', still)).toEqual([]);
    expect(conditionDays(null, clock, day('2026-05-28'))).toEqual([]);
  });
});
