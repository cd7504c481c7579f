import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, day, type Day, formatDay } from '../../src/domain/day.ts';
import { isFormal, nextStep, type StepTaken } from '../../src/domain/step-chain.ts';
import { publicHolidays } from '../../src/holidays.ts';
import { DEFAULT_POLICY, EVERY_DAY, took } from './cases.ts';

const DUE = '2026-06-12'; // a Friday
const DATES = { dueOn: day(DUE), issuedOn: day('2026-05-23') };

function next(
  on: string,
  taken: StepTaken[] = [],
  more: { missed?: 'in_order' | 'latest'; graceDays?: number; weekdays?: boolean } = {},
) {
  const policy = {
    ...DEFAULT_POLICY,
    missed: more.missed ?? 'in_order',
    graceDays: more.graceDays ?? 0,
  };
  const calendar =
    more.weekdays === true
      ? { sendDays: new Set([1, 2, 3, 4, 5]), holidays: publicHolidays('NZ', 2026, 2026) }
      : EVERY_DAY;
  const place = nextStep(policy, { ...DATES, taken }, day(on), calendar);
  if (place.step === null) return 'none';
  return `${place.step.key} on ${formatDay(place.on)}`;
}

describe('the moment of each step', () => {
  test.each([
    ['2026-05-01', 'before-due on 2026-06-07'],
    ['2026-06-06', 'before-due on 2026-06-07'],
    ['2026-06-07', 'before-due on 2026-06-07'],
    ['2026-06-11', 'before-due on 2026-06-11'], // still before the due date
    ['2026-06-12', 'due-today on 2026-06-12'],
    ['2026-06-14', 'due-today on 2026-06-14'],
    ['2026-06-15', 'overdue-friendly on 2026-06-15'], // "due today" has lapsed
    ['2026-09-30', 'overdue-friendly on 2026-09-30'], // reminders wait until they are taken
  ])('nothing taken, %s: %s', (on, expected) => {
    expect(next(on)).toBe(expected);
  });

  test('a notice lapses when it could only go out on or after the due date', () => {
    expect(next('2026-06-11', [], { weekdays: true })).toBe('before-due on 2026-06-11');
    const beforeWeekend = nextStep(
      DEFAULT_POLICY,
      { ...DATES, dueOn: day('2026-06-14'), taken: [] },
      day('2026-06-13'),
      {
        sendDays: new Set([1, 2, 3, 4, 5]),
        holidays: new Set(),
      },
    );
    expect(beforeWeekend.step?.key).toBe('due-today');
    expect(formatDay(beforeWeekend.on)).toBe('2026-06-15');
  });

  test('a weekend moves a step to Monday, and its answer on the weekend is that Monday', () => {
    const taken = [took('a', DUE, 'overdue-friendly', '2026-06-15')];
    // Ten days after the due date is Monday the 22nd; five days before that a Sunday.
    expect(next('2026-06-20', taken, { weekdays: true })).toBe('overdue-second on 2026-06-22');
    expect(next('2026-06-07', [], { weekdays: true })).toBe('before-due on 2026-06-08');
  });
});

describe('steps come in order, each once', () => {
  test('the next one follows the last one taken', () => {
    expect(next('2026-06-16', [took('a', DUE, 'overdue-friendly', '2026-06-15')])).toBe(
      'overdue-second on 2026-06-22',
    );
    expect(next('2026-07-03', [took('a', DUE, 'overdue-second', '2026-06-22')])).toBe(
      'call on 2026-07-03',
    );
  });

  test('after a late reminder the next keeps five days', () => {
    expect(next('2026-06-21', [took('a', DUE, 'overdue-friendly', '2026-06-20')])).toBe(
      'overdue-second on 2026-06-25',
    );
  });

  test('a notice before the due date does not push the reminders', () => {
    expect(next('2026-06-15', [took('a', DUE, 'due-today', '2026-06-14')])).toBe(
      'overdue-friendly on 2026-06-15',
    );
  });

  test('after the last one there is none', () => {
    expect(next('2027-06-15', [took('a', DUE, 'hand-over', '2026-09-10', 'done')])).toBe('none');
  });

  test('grace days delay the reminders and leave the notices', () => {
    expect(next('2026-06-15', [took('a', DUE, 'due-today', '2026-06-12')], { graceDays: 7 })).toBe(
      'overdue-friendly on 2026-06-19',
    );
    expect(next('2026-06-07', [], { graceDays: 7 })).toBe('before-due on 2026-06-07');
  });
});

describe('after missed runs', () => {
  test('in order: the first reminder comes first, however late it is', () => {
    expect(next('2026-12-01')).toBe('overdue-friendly on 2026-12-01');
  });

  test('latest: the last plain reminder, never a letter before it', () => {
    expect(next('2026-07-01', [], { missed: 'latest' })).toBe('overdue-second on 2026-07-01');
    expect(next('2026-07-03', [], { missed: 'latest' })).toBe('call on 2026-07-03');
    expect(next('2026-12-01', [], { missed: 'latest' })).toBe('overdue-firm on 2026-12-01');
    expect(
      next('2026-12-06', [took('a', DUE, 'overdue-firm', '2026-12-01')], { missed: 'latest' }),
    ).toBe('letter-formal on 2026-12-06');
  });
});

describe('a step that the policy no longer has', () => {
  test('counts for every plain reminder of the same age: an edited policy does not start again', () => {
    expect(next('2026-06-30', [took('a', DUE, 'old-name', '2026-06-24')])).toBe(
      'call on 2026-07-03',
    );
  });

  test('never counts for a formal step', () => {
    expect(next('2026-09-30', [took('a', DUE, 'old-name', '2026-09-20')])).toBe(
      'letter-formal on 2026-09-30',
    );
  });
});

describe('for any history', () => {
  const anyTaken = fc
    .subarray([...DEFAULT_POLICY.steps])
    .chain((steps) =>
      fc
        .tuple(...steps.map((step) => fc.integer({ min: step.at.days, max: step.at.days + 60 })))
        .map((ages) =>
          steps.map((step, i) =>
            took('a', DUE, step.key, formatDay(addDays(day(DUE), ages[i] ?? 0))),
          ),
        ),
    );

  test('the rule never goes back, never repeats, and never skips a formal step', () => {
    fc.assert(
      fc.property(
        anyTaken,
        fc.integer({ min: -20, max: 300 }),
        fc.constantFrom('in_order', 'latest'),
        (taken, age, missed) => {
          const policy = { ...DEFAULT_POLICY, missed };
          const place = nextStep(policy, { ...DATES, taken }, addDays(day(DUE), age), EVERY_DAY);
          if (place.step === null) return;
          const reached = taken.map((entry) => policy.steps.findIndex((s) => s.key === entry.step));
          const last = Math.max(-1, ...reached);
          expect(place.index).toBeGreaterThan(last);
          const between = policy.steps.slice(last + 1, place.index);
          expect(between.filter((step) => isFormal(step))).toEqual([]);
          expect(place.on).toBeGreaterThanOrEqual(day(DUE) + age);
        },
      ),
    );
  });

  test('until the day it names, the rule gives the same answer', () => {
    const workdays = {
      sendDays: new Set([1, 2, 3, 4, 5]),
      holidays: publicHolidays('NZ', 2026, 2027),
    };
    fc.assert(
      fc.property(
        anyTaken,
        fc.integer({ min: -20, max: 200 }),
        fc.constantFrom('in_order', 'latest'),
        (taken, age, missed) => {
          const policy = { ...DEFAULT_POLICY, missed };
          const past = taken.filter((entry) => entry.on <= day(DUE) + age);
          const start = addDays(day(DUE), age);
          const first = nextStep(policy, { ...DATES, taken: past }, start, workdays);
          if (first.step === null || first.on === start) return;
          const changesOn = Math.min(first.on, first.changesOn ?? Infinity);
          for (let on = start + 1; on < changesOn; on += 1) {
            const later = nextStep(policy, { ...DATES, taken: past }, on as Day, workdays);
            expect([later.step?.key, later.on]).toEqual([first.step.key, first.on]);
          }
        },
      ),
    );
  });
});
