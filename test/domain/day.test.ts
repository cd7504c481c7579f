import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  day,
  type Day,
  dayIn,
  formatDay,
  fromDate,
  instantAt,
  latest,
  parseDay,
  soonest,
  toDate,
} from '../../src/domain/day.ts';

/** Within a century of 1970, on either side. */
const anyDay = fc.integer({ min: -36_500, max: 36_500 }).map((n) => n as Day);

describe('a day in text', () => {
  test.each([
    ['1970-01-01', 0],
    ['1969-12-31', -1],
    ['2028-02-29', 21_243],
    ['2026-11-22', 20_779],
    ['2026-02-29', null],
    ['2026-02-30', null],
    ['2026-13-01', null],
    ['2026-00-10', null],
    ['2026-1-1', null],
    ['2026-11-22T00:00:00Z', null],
    ['22/11/2026', null],
    ['', null],
  ])('"%s" is day %s', (text, expected) => {
    expect(parseDay(text)).toBe(expected);
  });

  test('is read as it was written', () => {
    fc.assert(fc.property(anyDay, (on) => parseDay(formatDay(on)) === on));
  });

  test('that has to be one is refused with its words when it is none', () => {
    expect(() => day('2026-13-01')).toThrow(new RangeError('not a calendar day: "2026-13-01"'));
    expect(() => day('"')).toThrow(new RangeError(String.raw`not a calendar day: "\""`));
  });
});

describe('of several days', () => {
  test('the soonest and the latest of those that are known, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(fc.option(anyDay), { maxLength: 5 }), (days) => {
        const known = days.filter((on) => on !== null);
        expect(soonest(...days)).toBe(known.length === 0 ? null : Math.min(...known));
        expect(latest(...days)).toBe(known.length === 0 ? null : Math.max(...known));
      }),
    );
  });
});

describe('a day in a zone', () => {
  test.each([
    ['Pacific/Auckland', '2026-06-30T11:59:59.999Z', '2026-06-30'],
    ['Pacific/Auckland', '2026-06-30T12:00:00Z', '2026-07-01'],
    ['Pacific/Auckland', '2026-12-31T11:00:00Z', '2027-01-01'], // in summer an hour earlier
    ['America/New_York', '2026-07-01T03:59:59Z', '2026-06-30'],
    ['America/New_York', '2026-07-01T04:00:00Z', '2026-07-01'],
    ['UTC', '2026-07-01T00:00:00Z', '2026-07-01'],
  ])('in %s, %s is on %s', (zone, instant, expected) => {
    expect(formatDay(dayIn(zone, new Date(instant)))).toBe(expected);
  });

  test.each([
    ['Pacific/Auckland', '2026-06-15', '00:00', '2026-06-14T12:00:00.000Z'],
    ['Pacific/Auckland', '2026-06-15', '08:30', '2026-06-14T20:30:00.000Z'],
    ['Pacific/Auckland', '2026-01-15', '08:30', '2026-01-14T19:30:00.000Z'],
    ['Asia/Kolkata', '2026-06-15', '17:45', '2026-06-15T12:15:00.000Z'],
    ['America/New_York', '2026-06-15', '23:59', '2026-06-16T03:59:00.000Z'],
    // The clock goes from 01:59 to 03:00: 02:30 is never shown, and 03:30 is meant.
    ['Pacific/Auckland', '2026-09-27', '02:30', '2026-09-26T14:30:00.000Z'],
    // From 02:59 back to 02:00: the first of the two.
    ['Pacific/Auckland', '2026-04-05', '02:30', '2026-04-04T13:30:00.000Z'],
  ])('in %s, %s %s is %s', (zone, on, clock, expected) => {
    const [hour = 0, minute = 0] = clock.split(':').map(Number);
    expect(instantAt(zone, day(on), hour * 60 + minute).toISOString()).toBe(expected);
  });
});

describe('a day in a date column', () => {
  test.each(['2026-11-22', '2028-02-29', '1969-12-31'])('%s is its midnight in UTC', (text) => {
    const date = toDate(day(text));
    expect(date.toISOString()).toBe(`${text}T00:00:00.000Z`);
    expect(fromDate(date)).toBe(day(text));
  });
});
