import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, day, formatDay } from '../../src/domain/day.ts';
import {
  bookPrior,
  type PastPromise,
  PROMISE_PRIOR,
  promiseReliability,
  promiseStanding,
  type PromiseState,
} from '../../src/domain/promise.ts';
import { HOLD_RULES, arrival, type Common, held, promise } from './hold-cases.ts';

/** 100.00 promised for 18 June, grace of 2 days: "kept 100.00/100.00 until 2026-06-21". */
function stands(on: string, more: Common = {}): string {
  const { state, arrivedMinor, dueMinor, changesOn } = promiseStanding(
    promise({}, more),
    HOLD_RULES,
    day(on),
  );
  const until = changesOn === null ? '' : ` until ${formatDay(changesOn)}`;
  return `${state} ${(arrivedMinor / 100).toFixed(2)}/${(dueMinor / 100).toFixed(2)}${until}`;
}

const paid = (on: string, amount: number) => ({
  arrivals: [arrival(on, amount)],
  invoices: [held('a', 10_000 - amount)],
});

describe('a promise of 100.00 for 18 June, with two days’ grace', () => {
  test.each([
    ['2026-06-18', 'pending 0.00/100.00 until 2026-06-21'],
    ['2026-06-20', 'pending 0.00/100.00 until 2026-06-21'],
    ['2026-06-21', 'broken 0.00/100.00'],
    ['2027-01-01', 'broken 0.00/100.00'],
  ])('with nothing paid, on %s: %s', (on, expected) => {
    expect(stands(on)).toBe(expected);
  });

  test.each([
    ['2026-06-20', 10_000, 'kept 100.00/100.00'],
    ['2026-06-20', 9_999, 'partly_kept 99.99/100.00'],
    ['2026-06-21', 10_000, 'broken 0.00/100.00'],
    ['2026-06-01', 10_000, 'kept 100.00/100.00'],
  ])('paid on %s with %i, seen on 21 June: %s', (on, amount, expected) => {
    expect(stands('2026-06-21', paid(on, amount))).toBe(expected);
  });

  test('is kept on the very day the rest arrives, before its own day', () => {
    const arrivals = [arrival('2026-06-05', 4_000), arrival('2026-06-10', 6_000)];
    const invoices = [held('a', 0)];
    expect(stands('2026-06-09', { arrivals, invoices })).toBe(
      'pending 40.00/100.00 until 2026-06-10',
    );
    expect(stands('2026-06-10', { arrivals, invoices })).toBe('kept 100.00/100.00');
  });

  test('a payment dated after the grace does not shorten the waiting', () => {
    expect(stands('2026-06-10', paid('2026-06-21', 10_000))).toBe(
      'pending 0.00/100.00 until 2026-06-21',
    );
  });

  test('a credit note counts like money: that much less is owed', () => {
    const arrivals = [arrival('2026-06-10', 2_000, 'credit'), arrival('2026-06-18', 8_000)];
    expect(stands('2026-06-19', { arrivals, invoices: [held('a', 0)] })).toBe('kept 100.00/100.00');
  });

  test('of more than is owed only what is owed has to arrive', () => {
    const more = { arrivals: [arrival('2026-06-10', 6_000)], invoices: [held('a', 0)] };
    expect(stands('2026-06-10', more)).toBe('kept 60.00/60.00');
  });

  test('about something paid before, voided or deleted it is void', () => {
    const arrivals = [arrival('2026-05-31', 10_000)];
    expect(stands('2026-06-10', { arrivals, invoices: [held('a', 0)] })).toBe('void 0.00/0.00');
  });
});

describe('reliability', () => {
  const past = (state: PromiseState, arrivedMinor: number, more: Partial<PastPromise> = {}) => ({
    currency: 'NZD',
    state,
    dueMinor: 10_000,
    arrivedMinor,
    ...more,
  });

  test('nothing known is what is usual', () => {
    expect(promiseReliability([])).toEqual({
      dueCount: 0,
      keptCount: 0,
      partlyKeptCount: 0,
      brokenCount: 0,
      keptShare: expect.closeTo(0.7, 10) as number,
      byValue: [],
    });
  });

  test('one kept of two: (1 + 3 × 0.7) / (2 + 3), and by value what arrived', () => {
    const promises = [past('kept', 12_000), past('broken', 0)];
    expect(promiseReliability(promises)).toEqual({
      dueCount: 2,
      keptCount: 1,
      partlyKeptCount: 0,
      brokenCount: 1,
      keptShare: expect.closeTo(0.62, 10) as number,
      byValue: [
        {
          currency: 'NZD',
          dueMinor: 20_000,
          arrivedMinor: 10_000,
          share: expect.closeTo(0.62, 10) as number,
        },
      ],
    });
  });

  test('what is pending or void is not counted, and partly kept is not kept', () => {
    const promises = [past('pending', 0), past('void', 0), past('partly_kept', 5_000)];
    expect(promiseReliability(promises)).toMatchObject({
      dueCount: 1,
      keptCount: 0,
      partlyKeptCount: 1,
      brokenCount: 0,
      keptShare: expect.closeTo(0.525, 10) as number,
      byValue: [{ share: expect.closeTo(0.65, 10) as number }],
    });
  });

  test('each currency by itself', () => {
    const promises = [past('broken', 0, { currency: 'USD' }), past('kept', 10_000)];
    expect(promiseReliability(promises).byValue).toEqual([
      {
        currency: 'NZD',
        dueMinor: 10_000,
        arrivedMinor: 10_000,
        share: expect.closeTo(0.775, 10) as number,
      },
      {
        currency: 'USD',
        dueMinor: 10_000,
        arrivedMinor: 0,
        share: expect.closeTo(0.525, 10) as number,
      },
    ]);
  });

  test('the book’s own share is the prior of its customers', () => {
    const promises = Array.from({ length: 97 }, () => past('broken', 0));
    expect(bookPrior(promises)).toEqual({ weight: 3, share: expect.closeTo(0.021, 10) as number });
    expect(promiseReliability([], bookPrior(promises)).keptShare).toBeCloseTo(0.021, 10);
    expect(PROMISE_PRIOR).toEqual({ share: 0.7, weight: 3 });
  });
});

describe('properties', () => {
  const START = day('2026-06-01');
  const anyArrivals = fc.array(
    fc.record({ after: fc.integer({ min: 0, max: 30 }), amountMinor: fc.nat(6_000) }),
    { maxLength: 4 },
  );
  const build = (given: { after: number; amountMinor: number }[], openMinor: number) =>
    promise(
      {},
      {
        invoices: [held('a', openMinor)],
        arrivals: given.map(({ after, amountMinor }) =>
          arrival(formatDay(addDays(START, after)), amountMinor),
        ),
      },
    );

  test('the state stands unchanged until the day named, and differs on it', () => {
    fc.assert(
      fc.property(anyArrivals, fc.nat(10_000), (given, openMinor) => {
        const hold = build(given, openMinor);
        const states = Array.from({ length: 40 }, (_, i) => {
          const on = addDays(START, i);
          return { on, ...promiseStanding(hold, HOLD_RULES, on) };
        });
        for (const { on, state, changesOn } of states) {
          const differs = states.find((other) => other.on > on && other.state !== state);
          expect(changesOn).toBe(differs?.on ?? null);
        }
      }),
    );
  });

  test('more payment never makes it worse', () => {
    const rank: PromiseState[] = ['broken', 'partly_kept', 'pending', 'kept'];
    fc.assert(
      fc.property(anyArrivals, fc.nat(38), fc.nat(38), (given, paidAfter, seenAfter) => {
        const on = addDays(START, seenAfter);
        const before = promiseStanding(build(given, 10_000), HOLD_RULES, on);
        const more = [...given, { after: Math.min(30, paidAfter), amountMinor: 3_000 }];
        const after = promiseStanding(build(more, 7_000), HOLD_RULES, on);
        expect(rank.indexOf(after.state)).toBeGreaterThanOrEqual(rank.indexOf(before.state));
      }),
    );
  });
});
