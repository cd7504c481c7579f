import { describe, expect, test } from 'vitest';
import { day, formatDay } from '../../src/domain/day.ts';
import { settlementStanding } from '../../src/domain/settlement.ts';
import { arrival, type Common, held, settlement } from './hold-cases.ts';

function stands(on: string, more: Common = {}): string {
  const { state, arrivedMinor, toCreditMinor, changesOn } = settlementStanding(
    settlement({}, more),
    day(on),
  );
  const until = changesOn === null ? '' : ` until ${formatDay(changesOn)}`;
  return `${state} ${arrivedMinor}, ${toCreditMinor} to credit${until}`;
}

const paid = (on: string, amount: number): Common => ({
  arrivals: [arrival(on, amount)],
  invoices: [held('a', 10_000 - amount)],
});

describe('80.00 accepted for 100.00 by 30 June', () => {
  test.each([
    ['2026-06-30', {}, 'pending 0, 0 to credit until 2026-07-01'],
    ['2026-07-01', {}, 'void 0, 0 to credit'],
    ['2026-06-30', paid('2026-06-30', 8_000), 'met 8000, 2000 to credit'],
    ['2026-07-09', paid('2026-06-30', 8_000), 'met 8000, 2000 to credit'],
    ['2026-07-01', paid('2026-06-30', 7_999), 'void 7999, 0 to credit'],
    ['2026-07-09', paid('2026-07-01', 8_000), 'void 0, 0 to credit'],
    ['2026-06-20', paid('2026-06-25', 8_000), 'pending 0, 0 to credit until 2026-06-25'],
    ['2026-06-20', paid('2026-07-25', 8_000), 'pending 0, 0 to credit until 2026-07-01'],
    ['2026-06-20', paid('2026-05-31', 8_000), 'pending 0, 0 to credit until 2026-07-01'],
  ] as [string, Common, string][])('on %s', (on, more, expected) => {
    expect(stands(on, more)).toBe(expected);
  });

  test('a credit note of ours does not pay it', () => {
    const arrivals = [arrival('2026-06-20', 8_000, 'credit')];
    expect(stands('2026-07-01', { arrivals, invoices: [held('a', 2_000)] })).toBe(
      'void 0, 0 to credit',
    );
  });

  test('once the rest is credited nothing is left to do', () => {
    const arrivals = [arrival('2026-06-20', 8_000), arrival('2026-07-02', 2_000, 'credit')];
    expect(stands('2026-07-02', { arrivals, invoices: [held('a', 0)] })).toBe(
      'met 8000, 0 to credit',
    );
  });
});
