import { describe, expect, test } from 'vitest';
import { day, formatDay } from '../../../src/domain/day.ts';
import {
  type InterestRate,
  lastDaysOfRates,
  type ReferenceMode,
} from '../../../src/domain/interest/rate.ts';
import { terms, yearly } from './support.ts';

const uk = (mode: ReferenceMode) => terms({ statute: 'uk', mode }).rate;
const lastDays = (rate: InterestRate, from: string, to: string) =>
  [...new Set(lastDaysOfRates(rate, day(from), day(to)))].map(formatDay);

describe('the days after which a debt bears another rate', () => {
  test.each([
    ['2022-06-30', '2023-06-30', ['2022-06-30', '2022-12-31', '2023-06-30']],
    ['2022-07-01', '2023-06-29', ['2022-12-31']],
    ['2022-07-01', '2022-12-30', []],
  ])('are those of the half-years that end from %s to %s', (from, to, expected) => {
    expect(lastDays(uk('floating'), from, to)).toEqual(expected);
  });

  test('are none where the rate is fixed when interest begins, nor by contract', () => {
    expect(lastDays(uk('fixedAtStart'), '2022-06-30', '2023-06-30')).toEqual([]);
    expect(lastDays(yearly('18').rate, '2022-06-30', '2023-06-30')).toEqual([]);
  });
});
