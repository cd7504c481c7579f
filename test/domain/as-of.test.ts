import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Balance, balanceAsOf, settlementsOf } from '../../src/domain/as-of.ts';
import { addDays, day, type Day } from '../../src/domain/day.ts';

function balance(part: Partial<Balance> = {}): Balance {
  return {
    fromOn: day('2026-04-20'),
    totalMinor: 900,
    nowMinor: 0,
    settledOn: null,
    uses: [
      { on: day('2026-06-09'), amountMinor: 500 },
      { on: day('2026-05-03'), amountMinor: 400 },
    ],
    ...part,
  };
}

test.each([
  ['2026-04-19', 0],
  ['2026-04-20', 900],
  ['2026-05-02', 900],
  ['2026-05-03', 500],
  ['2026-06-08', 500],
  ['2026-06-09', 0],
  ['2026-12-31', 0],
])('900, of which 400 on 3 May and 500 on 9 June: on %s it is %i', (on, expected) => {
  expect(balanceAsOf(balance(), day(on))).toBe(expected);
});

describe('what the ledger settled without saying by what', () => {
  test('counts from the day the balance came to nothing', () => {
    const paid = balance({ uses: [], settledOn: day('2026-06-30') });
    expect(settlementsOf(paid)).toEqual([{ on: day('2026-06-30'), amountMinor: 900 }]);
  });

  test('counts with the last thing set against it while something is left', () => {
    const part = balance({ nowMinor: 100, uses: [{ on: day('2026-05-03'), amountMinor: 400 }] });
    expect(balanceAsOf(part, day('2026-05-02'))).toBe(900);
    expect(balanceAsOf(part, day('2026-05-03'))).toBe(100);
  });

  test('counts from the start when nothing was set against it', () => {
    expect(balanceAsOf(balance({ nowMinor: 250, uses: [] }), day('2026-04-20'))).toBe(250);
  });

  test('stands in the order of its day', () => {
    const mixed = balance({
      settledOn: day('2026-05-01'),
      uses: [{ on: day('2026-05-03'), amountMinor: 400 }],
    });
    expect(settlementsOf(mixed).map((use) => use.amountMinor)).toEqual([500, 400]);
  });
});

test('an allocation of nothing settles nothing, on no day', () => {
  const nothing = { on: day('2026-07-01'), amountMinor: 0 };
  const paid = balance({ uses: [...balance().uses, nothing] });
  expect(settlementsOf(paid).at(-1)).toEqual({ on: day('2026-06-09'), amountMinor: 500 });
});

test('what is set against it beyond what it lost did not count, the latest first', () => {
  const over = balance({ nowMinor: 200 });
  expect(settlementsOf(over)).toEqual([
    { on: day('2026-05-03'), amountMinor: 400 },
    { on: day('2026-06-09'), amountMinor: 300 },
  ]);
  expect(settlementsOf(balance({ nowMinor: 600 }))).toEqual([
    { on: day('2026-05-03'), amountMinor: 300 },
  ]);
});

test('a payment dated before the invoice counts from the day the invoice is in the books', () => {
  const early = balance({ uses: [{ on: day('2026-04-01'), amountMinor: 900 }] });
  expect(settlementsOf(early)).toEqual([{ on: day('2026-04-20'), amountMinor: 900 }]);
  const unexplained = balance({ uses: [], settledOn: day('2026-04-01') });
  expect(settlementsOf(unexplained)).toEqual([{ on: day('2026-04-20'), amountMinor: 900 }]);
});

const aDay = fc.integer({ min: 20_000, max: 20_400 }).map((value) => value as Day);
const aBalance: fc.Arbitrary<Balance> = fc
  .record({
    fromOn: aDay,
    totalMinor: fc.integer({ min: 1, max: 100_000 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    settledOn: fc.option(aDay, { nil: null }),
    uses: fc.array(fc.record({ on: aDay, amountMinor: fc.integer({ min: 1, max: 60_000 }) }), {
      maxLength: 6,
    }),
  })
  .map(({ share, ...rest }) => ({ ...rest, nowMinor: Math.round(rest.totalMinor * share) }));

test('the last balance is the ledger’s, the first at most the total, and it never rises', () => {
  fc.assert(
    fc.property(aBalance, (some) => {
      expect(balanceAsOf(some, 30_000 as Day)).toBe(some.nowMinor);
      expect(balanceAsOf(some, addDays(some.fromOn, -1))).toBe(0);
      let before = some.totalMinor;
      for (let on = some.fromOn; on < 20_401; on = addDays(on, 1)) {
        const now = balanceAsOf(some, on);
        expect(now).toBeLessThanOrEqual(before);
        expect(now).toBeGreaterThanOrEqual(some.nowMinor);
        before = now;
      }
    }),
    { numRuns: 100 },
  );
});

test('the order in which the uses are told changes nothing', () => {
  fc.assert(
    fc.property(aBalance, aDay, (some, on) => {
      const reversed = { ...some, uses: some.uses.toReversed() };
      expect(balanceAsOf(reversed, on)).toBe(balanceAsOf(some, on));
    }),
  );
});
