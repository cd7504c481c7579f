import { describe, expect, test } from 'vitest';
import { addDays, day, dayIn, formatDay, weekday } from '../../src/domain/day.ts';
import { clockFrom, latestWorkingMoment } from '../../src/demo/demo-clock.ts';
import { ManualClock } from '../../src/clock.ts';
import { isPublicHoliday } from '../../src/holidays.ts';

describe('the demo’s calendar', () => {
  test('never stands on a weekend or holiday of either country, on any day of a year, nor far back', () => {
    for (let offset = 0; offset < 365; offset += 1) {
      const now = new Date(Date.parse('2026-01-01T09:00:00Z') + offset * 86_400_000);
      const moment = latestWorkingMoment(now, isPublicHoliday);
      for (const [zone, country] of [
        ['America/New_York', 'US'],
        ['Pacific/Auckland', 'NZ'],
      ] as const) {
        const local = dayIn(zone, moment);
        expect(weekday(local), formatDay(local)).toBeLessThanOrEqual(5);
        expect(isPublicHoliday(country, local), formatDay(local)).toBe(false);
      }
      expect(now.getTime() - moment.getTime()).toBeLessThan(12 * 86_400_000);
    }
  });

  test('stands still for one day’s two visits', () => {
    const none = () => false;
    const monday = day('2026-11-16');
    expect(latestWorkingMoment(new Date('2026-11-16T01:00:00Z'), none)).toEqual(
      latestWorkingMoment(new Date('2026-11-16T23:00:00Z'), none),
    );
    expect(dayIn('UTC', latestWorkingMoment(new Date('2026-11-21T12:00:00Z'), none))).toBe(
      addDays(monday, 3),
    );
  });

  test('runs on from where it stands', () => {
    const base = new ManualClock('2026-11-22T10:00:00Z');
    const clock = clockFrom(base, new Date('2026-11-19T20:00:00Z'));
    base.advance(90_000);
    expect(clock.now()).toEqual(new Date('2026-11-19T20:01:30Z'));
  });
});
