import { describe, expect, test } from 'vitest';
import {
  isSendDay,
  nextSendDay,
  previousSendDay,
  type SendCalendar,
} from '../../src/domain/calendar.ts';
import { day, formatDay } from '../../src/domain/day.ts';
import { isPublicHoliday, publicHolidays } from '../../src/holidays.ts';

const newZealand: SendCalendar = {
  sendDays: new Set([1, 2, 3, 4, 5]),
  holidays: publicHolidays('NZ', 2026, 2027),
};

describe('send days', () => {
  test.each([
    ['2026-06-05', '2026-06-05', 'a Friday stays'],
    ['2026-06-06', '2026-06-08', 'a Saturday moves to Monday'],
    ['2026-04-03', '2026-04-07', 'Good Friday moves past Easter Monday to Tuesday'],
    ['2026-12-25', '2026-12-29', 'Christmas moves past the substitute for Boxing Day'],
    ['2026-12-31', '2026-12-31', 'New Year’s Eve is worked'],
    ['2027-01-01', '2027-01-05', 'into the next year, past two holidays, one of them moved'],
  ])('%s → %s: %s', (from, to) => {
    expect(formatDay(nextSendDay(newZealand, day(from)))).toBe(to);
  });

  test('the one before', () => {
    expect(formatDay(previousSendDay(newZealand, day('2026-04-06')))).toBe('2026-04-02');
    expect(formatDay(previousSendDay(newZealand, day('2026-04-02')))).toBe('2026-04-02');
  });

  test('a calendar without a send day is refused instead of searched for ever', () => {
    const never = { sendDays: new Set<number>(), holidays: new Set<never>() };
    expect(isSendDay(never, day('2026-06-05'))).toBe(false);
    expect(() => nextSendDay(never, day('2026-06-05'))).toThrow(RangeError);
  });
});

describe('public holidays', () => {
  test('each country has its own, and an unknown one has none', () => {
    expect(isPublicHoliday('NZ', day('2026-02-06'))).toBe(true);
    expect(isPublicHoliday('US', day('2026-02-06'))).toBe(false);
    expect(isPublicHoliday('US', day('2026-11-26'))).toBe(true);
    expect(publicHolidays('XX', 2026, 2030).size).toBe(0);
  });

  test('days that are kept but worked do not count', () => {
    // Valentine's day in the United States is in the data, and no holiday.
    expect(isPublicHoliday('US', day('2026-02-14'))).toBe(false);
  });
});
