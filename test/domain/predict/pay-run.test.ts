import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { day, formatDay, type Day } from '../../../src/domain/day.ts';
import { findPayRun, lastDayOfMonth, pulledToRun } from '../../../src/domain/predict/pay-run.ts';
import { RecentDelays } from '../../../src/domain/predict/recent-delays.ts';

/** Due and paid days. */
function paid(...payments: readonly (readonly [due: string, paid: string])[]): RecentDelays {
  const recent = new RecentDelays();
  for (const [due, on] of payments) recent.add(day(on) - day(due), day(on));
  return recent;
}

const next = (delays: RecentDelays, due: string): string | null => {
  const run = findPayRun(delays);
  return run === null ? null : formatDay(run.runOnOrAfter(day(due) + run.leadDays) as Day);
};

/** Every one due on another weekday, paid on the Friday on or after. */
const FRIDAYS = [
  ['2026-01-05', '2026-01-09'],
  ['2026-01-13', '2026-01-16'],
  ['2026-01-21', '2026-01-23'],
  ['2026-01-29', '2026-01-30'],
  ['2026-02-06', '2026-02-06'],
  ['2026-02-07', '2026-02-13'],
  ['2026-02-15', '2026-02-20'],
  ['2026-02-26', '2026-02-27'],
] as const;

const MONTH_ENDS = [
  ['2026-01-05', '2026-01-30'],
  ['2026-02-10', '2026-02-27'],
  ['2026-03-20', '2026-03-31'],
  ['2026-04-02', '2026-04-30'],
  ['2026-05-28', '2026-05-29'],
  ['2026-06-15', '2026-06-30'],
  ['2026-07-31', '2026-07-31'],
  ['2026-08-01', '2026-08-31'],
] as const;

describe('a weekly run', () => {
  test('Fridays: the next invoice is expected on the Friday on or after its due date', () => {
    expect(next(paid(...FRIDAYS), '2026-03-03')).toBe('2026-03-06');
    expect(next(paid(...FRIDAYS), '2026-03-06')).toBe('2026-03-06');
    expect(next(paid(...FRIDAYS), '2026-03-07')).toBe('2026-03-13');
    expect(findPayRun(paid(...FRIDAYS))?.leadDays).toBe(0);
  });

  test('trust grows with the days that fit, less one and a half that fit by chance', () => {
    expect(findPayRun(paid(...FRIDAYS))?.trust).toBeCloseTo(6.5 / 9, 12);
    expect(findPayRun(paid(...FRIDAYS.slice(0, 4)))?.trust).toBeCloseTo(2.5 / 5, 12);
  });

  test('three payments are no habit', () => {
    expect(findPayRun(paid(...FRIDAYS.slice(0, 3)))).toBeNull();
  });

  test('who starts to look three days after the due date is expected so', () => {
    const late = [
      ['2026-01-05', '2026-01-09'],
      ['2026-01-06', '2026-01-09'],
      ['2026-01-14', '2026-01-23'],
      ['2026-01-22', '2026-01-30'],
      ['2026-01-27', '2026-01-30'],
      ['2026-02-04', '2026-02-13'],
      ['2026-02-12', '2026-02-20'],
    ] as const;
    expect(findPayRun(paid(...late))?.leadDays).toBe(3);
    expect(next(paid(...late), '2026-03-03')).toBe('2026-03-06');
    expect(next(paid(...late), '2026-03-04')).toBe('2026-03-13');
  });

  test('seven in ten days on one weekday make a run, fewer do not', () => {
    const other = [
      ['2026-03-03', '2026-03-04'],
      ['2026-03-10', '2026-03-12'],
      ['2026-03-16', '2026-03-17'],
      ['2026-03-23', '2026-03-25'],
    ] as const;
    expect(findPayRun(paid(...FRIDAYS.slice(0, 7), ...other.slice(0, 3)))).not.toBeNull();
    expect(findPayRun(paid(...FRIDAYS.slice(0, 7), ...other))).toBeNull();
  });

  test('a payment a day or two beside its Friday belongs to that Friday', () => {
    const holiday = [...FRIDAYS.slice(0, 7), ['2026-02-24', '2026-02-26']] as const;
    expect(findPayRun(paid(...holiday))?.trust).toBeCloseTo(6.5 / 9, 12);
  });

  test('fifty invoices paid on one Friday are no habit; neither are they over three', () => {
    const bulk = (...fridays: string[]) =>
      paid(
        ...Array.from(
          { length: 48 },
          (_, i) => [`2026-01-0${1 + (i % 5)}`, fridays[i % fridays.length] ?? ''] as const,
        ),
      );
    expect(findPayRun(bulk('2026-01-09'))).toBeNull();
    expect(findPayRun(bulk('2026-01-09', '2026-01-16', '2026-01-23'))).toBeNull();
  });

  test('many on one day weigh as much as one on another', () => {
    const bulk = Array.from({ length: 30 }, () => ['2026-02-01', '2026-03-03'] as const);
    const run = findPayRun(paid(...FRIDAYS, ...bulk));
    expect(run?.leadDays).toBe(0);
    expect(run?.trust).toBeCloseTo(6.5 / 10, 9);
  });
});

describe('a monthly run', () => {
  test('the last working day of the month, or of the next when that has passed', () => {
    const delays = paid(...MONTH_ENDS);
    expect(next(delays, '2026-09-10')).toBe('2026-09-30');
    expect(next(delays, '2026-10-31')).toBe('2026-11-30');
    // Sunday the 31st: the Friday before; on the Saturday that has passed.
    expect(next(delays, '2026-05-29')).toBe('2026-05-29');
    expect(next(delays, '2026-05-30')).toBe('2026-06-30');
    // Saturday the 28th.
    expect(next(delays, '2026-02-03')).toBe('2026-02-27');
    expect(findPayRun(delays)?.trust).toBeCloseTo(6.5 / 9, 12);
  });

  test('seven in ten within two days of the month’s end make it one', () => {
    const early = [
      ['2026-09-01', '2026-09-08'],
      ['2026-10-01', '2026-10-14'],
      ['2026-11-02', '2026-11-12'],
      ['2026-12-01', '2026-12-16'],
    ] as const;
    expect(findPayRun(paid(...MONTH_ENDS.slice(0, 7), ...early.slice(0, 3)))).not.toBeNull();
    expect(findPayRun(paid(...MONTH_ENDS.slice(0, 7), ...early))).toBeNull();
  });

  test('three days before it is not the month’s end', () => {
    const moved = [
      ['2026-03-20', '2026-03-28'],
      ['2026-04-02', '2026-04-27'],
      ['2026-06-15', '2026-06-27'],
      ['2026-07-08', '2026-07-28'],
      ['2026-08-05', '2026-08-28'],
    ] as const;
    expect(findPayRun(paid(...moved))).toBeNull();
  });

  test('of two runs that fit, the one that explains more days is believed', () => {
    // All Fridays; only some of them the last of their month.
    expect(next(paid(...FRIDAYS), '2026-03-10')).toBe('2026-03-13');
    const lastFridays = [
      ['2026-01-02', '2026-01-30'],
      ['2026-02-06', '2026-02-27'],
      ['2026-05-05', '2026-05-29'],
      ['2026-07-04', '2026-07-31'],
      ['2026-10-09', '2026-10-30'],
      ['2026-11-30', '2026-11-30'],
      ['2026-12-01', '2026-12-31'],
    ] as const;
    expect(next(paid(...lastFridays), '2027-03-02')).toBe('2027-03-31');
  });
});

describe('how far the expected day moves to the run', () => {
  test.each([
    [0, 3],
    [0.5, 3],
    [0.6, 5],
    [0.7, 7],
    [0.95, 7],
  ])('trusted by %d: day %d of 3 alone and 7 by the run', (trust, expected) => {
    expect(pulledToRun(3, 7, trust)).toBeCloseTo(expected, 12);
  });
});

test('the last day of the month is the calendar’s, in every year from 1 to 9999', () => {
  fc.assert(
    fc.property(fc.integer({ min: -719_162, max: 2_932_896 }), (on) => {
      const date = new Date(on * 86_400_000);
      const last = new Date(0);
      last.setUTCFullYear(date.getUTCFullYear(), date.getUTCMonth() + 1, 0);
      expect(lastDayOfMonth(on)).toBe(last.getTime() / 86_400_000);
    }),
    { numRuns: 2_000 },
  );
  for (const [from, to] of [
    ['1900-02-01', '1900-02-28'],
    ['2000-02-29', '2000-02-29'],
    ['2024-02-10', '2024-02-29'],
    ['2100-02-28', '2100-02-28'],
    ['2023-12-31', '2023-12-31'],
    ['2024-01-01', '2024-01-31'],
  ] as const) {
    expect(formatDay(lastDayOfMonth(day(from)) as Day)).toBe(to);
  }
});
