import { expect, test } from 'vitest';
import { day } from '../../src/domain/day.ts';
import type { StatementSchedule } from '../../src/domain/policy.ts';
import type { CustomerId } from '../../src/domain/receivables.ts';
import {
  isWorthAStatement,
  statementKey,
  statementMonth,
} from '../../src/domain/statement-schedule.ts';

const schedule = (dayOfMonth: number): StatementSchedule => ({
  dayOfMonth,
  kind: 'open_item',
  minBalance: { default: '100.00', JPY: '5000' },
});
const WEEKDAYS = { sendDays: new Set([1, 2, 3, 4, 5]), holidays: new Set([day('2026-06-02')]) };

test.each([
  [1, '2026-06-01', '2026-06'],
  [3, '2026-06-02', null],
  [3, '2026-06-03', '2026-06'],
  [3, '2026-06-30', '2026-06'],
  [3, '2026-07-01', null],
  // 6 and 7 June are a weekend, the 2nd is a holiday: made up for on the next day.
  [6, '2026-06-06', null],
  [6, '2026-06-08', '2026-06'],
  [2, '2026-06-02', null],
  [2, '2026-06-03', '2026-06'],
  // A month that is too short has it on its last day.
  [31, '2026-06-29', null],
  [31, '2026-06-30', '2026-06'],
  [30, '2028-02-28', null],
  [30, '2028-02-29', '2028-02'],
  [31, '2026-12-31', '2026-12'],
])('day %i of the month, on %s: %s', (dayOfMonth, on, month) => {
  expect(statementMonth(schedule(dayOfMonth), WEEKDAYS, day(on))).toBe(month);
});

test.each([
  ['NZD', 9_999, false],
  ['NZD', 10_000, true],
  ['JPY', 4_999, false],
  ['JPY', 5_000, true],
  ['NZD', -20_000, false],
])('%s %i is worth a statement: %s', (currency, minor, isWorth) => {
  expect(isWorthAStatement(schedule(1), currency, minor)).toBe(isWorth);
});

test('without a least balance any debt is worth one, and nothing is not', () => {
  const any = { ...schedule(1), minBalance: {} };
  expect([0, 1].map((minor) => isWorthAStatement(any, 'NZD', minor))).toEqual([false, true]);
});

test('there is one for each customer, currency and month', () => {
  expect(statementKey('acme' as CustomerId, 'NZD', '2026-06')).toBe('statement:acme:NZD:2026-06');
});
