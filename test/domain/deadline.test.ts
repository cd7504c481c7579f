import { describe, expect, test } from 'vitest';
import { resumeAfterReturn } from '../../src/domain/after-return.ts';
import { addDays, day, formatDay } from '../../src/domain/day.ts';
import {
  deadlineAhead,
  deadlineFrom,
  deadlineOf,
  isLetter,
  LETTER_DAYS,
} from '../../src/domain/deadline.ts';
import type { TakenState } from '../../src/domain/step-chain.ts';
import { ask, DEFAULT_POLICY, EVERY_DAY, invoice, took } from './cases.ts';

/** Weekdays; Friday 10 July 2026 is a holiday. */
const CALENDAR = { sendDays: new Set([1, 2, 3, 4, 5]), holidays: new Set([day('2026-07-10')]) };

test.each([
  ['letter', 'letter-formal', true],
  ['letter', '', true],
  ['formal_notice', 'letter-final', true],
  ['email', 'letter-formal', true],
  ['email', 'overdue-firm', false],
  ['call', '', false],
])('%s with "%s" gives a day to pay by: %s', (channel, template, gives) => {
  expect(isLetter({ channel, template })).toBe(gives);
});

describe('the date to pay by', () => {
  test.each([
    ['2026-06-08', '2026-06-22'],
    ['2026-06-06', '2026-06-22'],
    ['2026-06-26', '2026-07-13'],
  ])('of a letter of %s is %s', (datedOn, deadline) => {
    expect(formatDay(deadlineFrom(day(datedOn), CALENDAR))).toBe(deadline);
    expect(LETTER_DAYS).toBe(14);
  });

  test.each([
    [null, '2026-06-22'],
    ['2026-06-08', '2026-06-22'],
    ['2026-06-10', '2026-06-24'],
    ['2026-06-05', '2026-06-22'],
  ])('moves with the day it was posted, %s: %s', (posted, deadline) => {
    const letter = { datedOn: day('2026-06-08'), deadlineOn: day('2026-06-22') };
    const postedOn = posted === null ? null : day(posted);
    expect(formatDay(deadlineOf({ ...letter, postedOn }))).toBe(deadline);
  });
});

const letter = (deadline: string | null, state: TakenState = 'done') => ({
  ...took('a', '2026-06-01', 'letter-final', '2026-07-31', state),
  deadlineOn: deadline === null ? null : day(deadline),
});

test('what a hand-over waits for: the last of the days given, and every letter that is not posted', () => {
  expect(deadlineAhead([])).toEqual({ until: null, isUnposted: false });
  expect(deadlineAhead([letter('2026-08-14'), letter('2026-07-30')])).toEqual({
    until: day('2026-08-14'),
    isUnposted: false,
  });
  expect(deadlineAhead([letter('2026-08-14', 'todo')]).isUnposted).toBe(true);
  expect(deadlineAhead([letter('2026-08-14', 'skipped')]).until).toBeNull();
  expect(deadlineAhead([letter(null, 'todo')])).toEqual({ until: null, isUnposted: false });
});

describe('the hand-over at 90 days, 30 August', () => {
  const before = (entry: ReturnType<typeof letter>) => ({
    invoices: [invoice('a', '2026-06-01')],
    taken: [entry],
  });
  test.each([
    ['2026-08-14', '2026-08-30', 'task hand-over (task)'],
    ['2026-08-29', '2026-08-30', 'task hand-over (task)'],
    ['2026-08-30', '2026-08-30', 'wait hand-over until 2026-08-31 (not_due_yet)'],
    ['2026-08-30', '2026-08-31', 'task hand-over (task)'],
    ['2026-09-10', '2026-08-30', 'wait hand-over until 2026-09-11 (not_due_yet)'],
  ])('with time given to %s, on %s: %s', (deadline, on, answer) => {
    expect(ask(before(letter(deadline)), on, { calendar: EVERY_DAY }).answers).toEqual([
      `a: ${answer}`,
    ]);
  });

  test('does not come while the final demand is still to be posted', () => {
    const { answers } = ask(before(letter('2026-08-14', 'todo')), '2026-09-20');
    expect(answers).toEqual([expect.stringMatching(/^a: task letter-final .*\(open_task\)$/)]);
  });
});

describe('after a return', () => {
  const returned = took('a', '2026-06-01', 'hand-over', '2026-09-10', 'returned');
  test('chasing goes on with the last reminder before the formal steps, from the day after', () => {
    expect(resumeAfterReturn(DEFAULT_POLICY, [returned])).toEqual({
      then: 'overdue-firm',
      on: day('2026-09-11'),
    });
    expect(
      resumeAfterReturn(DEFAULT_POLICY, [took('a', '2026-06-01', 'call', '2026-06-22')]),
    ).toBeNull();
    const earlier = { ...returned, on: addDays(returned.on, -30) };
    expect(resumeAfterReturn(DEFAULT_POLICY, [returned, earlier])?.on).toBe(day('2026-09-11'));
  });

  test('without formal steps the last email, without emails nothing', () => {
    const steps = DEFAULT_POLICY.steps;
    const emails = steps.filter((step) => step.channel === 'email');
    expect(resumeAfterReturn({ steps: emails }, [returned])?.then).toBe('overdue-firm');
    const letters = steps.filter((step) => step.channel === 'letter');
    expect(resumeAfterReturn({ steps: letters }, [returned])).toBeNull();
  });

  test('the reminder keeps its distance to the return', () => {
    const given = { invoices: [invoice('a', '2026-06-01')], taken: [returned] };
    expect(ask(given, '2026-09-11').answers).toEqual([
      'a: wait overdue-firm until 2026-09-15 (not_due_yet)',
    ]);
    expect(ask(given, '2026-09-15').answers[0]).toMatch(/^a: remind overdue-firm/);
  });
});
