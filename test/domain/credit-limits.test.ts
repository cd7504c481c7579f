import { describe, expect, test } from 'vitest';
import { type LimitLine, limitsChangeOn, limitsOn } from '../../src/domain/credit-limits.ts';
import { day } from '../../src/domain/day.ts';

const line = (rest: Partial<LimitLine>): LimitLine => ({
  id: 1,
  currency: 'NZD',
  amountMinor: 5000,
  insuredMinor: null,
  fromOn: day('2026-01-01'),
  untilOn: null,
  source: 'customer',
  ...rest,
});
const LINES = [
  line({ id: 3, amountMinor: 2000, source: 'book', fromOn: day('2026-05-01') }),
  line({ id: 1 }),
  line({ id: 2, amountMinor: 8000, fromOn: day('2026-03-01'), untilOn: day('2026-06-30') }),
  line({ id: 4, currency: 'AUD', amountMinor: 700, source: 'book' }),
];
const amountOn = (on: string, lines = LINES) =>
  limitsOn(lines, day(on)).map((one) => `${one.currency} ${one.amountMinor}`);

describe('the limit in force', () => {
  test.each([
    ['2025-12-31', []],
    ['2026-01-01', ['AUD 700', 'NZD 5000']],
    ['2026-02-28', ['AUD 700', 'NZD 5000']],
    ['2026-03-01', ['AUD 700', 'NZD 8000']],
    ['2026-06-30', ['AUD 700', 'NZD 8000']],
    ['2026-07-01', ['AUD 700', 'NZD 5000']],
  ])('on %s: %j', (on, amounts) => {
    expect(amountOn(on)).toEqual(amounts);
    expect(amountOn(on, LINES.toReversed())).toEqual(amounts);
  });

  test('of two from the same day the one that was set later', () => {
    const two = [line({ id: 8, amountMinor: 1 }), line({ id: 9, amountMinor: 2 })];
    expect(amountOn('2026-02-01', two)).toEqual(['NZD 2']);
    expect(amountOn('2026-02-01', two.toReversed())).toEqual(['NZD 2']);
  });

  test('the default of the book stands where the customer has none', () => {
    const two = [line({ source: 'book', amountMinor: 2 }), line({ untilOn: day('2026-01-31') })];
    expect(amountOn('2026-01-31', two)).toEqual(['NZD 5000']);
    expect(amountOn('2026-02-01', two)).toEqual(['NZD 2']);
  });
});

test.each([
  ['2025-12-31', '2026-01-01'],
  ['2026-01-01', '2026-03-01'],
  ['2026-04-30', '2026-05-01'],
  ['2026-05-01', '2026-07-01'],
  ['2026-06-30', '2026-07-01'],
  ['2026-07-01', null],
])('after %s the next change is on %s', (on, next) => {
  expect(limitsChangeOn(LINES, day(on))).toBe(next === null ? null : day(next));
});
