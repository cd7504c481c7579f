import { expect, test } from 'vitest';
import { day, formatDay } from '../../../src/domain/day.ts';
import { type DayCount, yearEnds } from '../../../src/domain/interest/day-count.ts';

const endsOf = (dayCount: DayCount, from: string, to: string) =>
  yearEnds(dayCount, day(from), day(to)).map(formatDay);

test.each([
  ['2023-12-31', '2025-12-31', ['2023-12-31', '2024-12-31', '2025-12-31']],
  ['2024-01-01', '2025-12-30', ['2024-12-31']],
  ['2024-01-01', '2024-12-30', []],
  ['2024-12-31', '2024-12-31', ['2024-12-31']],
])('actual days are shared anew after each year from %s to %s', (from, to, expected) => {
  expect(endsOf('actual', from, to)).toEqual(expected);
});

test('a year that always has the same days is never shared anew', () => {
  expect(endsOf('365', '2023-12-31', '2025-12-31')).toEqual([]);
  expect(endsOf('360', '2023-12-31', '2025-12-31')).toEqual([]);
});
