import { describe, expect, test } from 'vitest';
import { day, endOfMonth, formatDay } from '../../src/domain/day.ts';
import { momentDay, momentText, parseMoment } from '../../src/domain/step-moment.ts';

describe('the notation', () => {
  test.each([
    ['on due', { from: 'due', days: 0 }],
    ['0 days after due', { from: 'due', days: 0 }],
    ['0 days before due', { from: 'due', days: 0 }],
    ['1 day after due', { from: 'due', days: 1 }],
    ['60 days before due', { from: 'due', days: -60 }],
    ['730 days after issue', { from: 'issue', days: 730 }],
    ['10 days after end of due month', { from: 'end of due month', days: 10 }],
    ['on end of issue month', { from: 'end of issue month', days: 0 }],
    ['1 day after previous', { from: 'previous', days: 1 }],
  ])('%s', (text, moment) => {
    expect(parseMoment(text)).toEqual(moment);
  });

  test.each([
    '61 days before due',
    '731 days after due',
    'on previous',
    '0 days after previous',
    '3 days before previous',
    'due',
    '3 days after',
    '3 after due',
    '3 days after due ',
    ' on due',
    '1.5 days after due',
    '-3 days after due',
    '3 days after the due date',
    '3 Days after due',
    '3 days on due',
  ])('%j is none', (text) => {
    expect(parseMoment(text)).toBeNull();
  });
});

describe('in a sentence', () => {
  test.each([
    ['on due', 'the due date'],
    ['1 day after due', '1 day after the due date'],
    ['5 days before due', '5 days before the due date'],
    ['7 days after issue', '7 days after the invoice date'],
    ['7 days after previous', '7 days after the step before'],
    ['on end of due month', 'the end of the month it falls due in'],
    ['2 days after end of issue month', '2 days after the end of the month of the invoice'],
  ])('%s: %s', (text, words) => {
    expect(momentText(parseMoment(text) ?? { from: 'due', days: 999 })).toBe(words);
  });
});

describe('the day', () => {
  const dates = { dueOn: day('2026-01-31'), issuedOn: day('2026-01-01') };
  test.each([
    ['3 days before due', '2026-01-28'],
    ['14 days after issue', '2026-01-15'],
    ['on end of due month', '2026-01-31'],
    ['10 days after end of due month', '2026-02-10'],
    ['5 days before end of issue month', '2026-01-26'],
    ['2 days after previous', '2026-03-03'],
  ])('%s: %s', (text, on) => {
    const moment = parseMoment(text) ?? { from: 'due' as const, days: 999 };
    expect(formatDay(momentDay(moment, dates, day('2026-03-01')))).toBe(on);
  });

  test.each([
    ['2026-01-31', '2026-01-31'],
    ['2026-02-01', '2026-02-28'],
    ['2028-02-10', '2028-02-29'],
    ['2028-02-29', '2028-02-29'],
    ['2100-02-01', '2100-02-28'],
    ['2026-04-30', '2026-04-30'],
    ['2026-12-01', '2026-12-31'],
  ])('the month of %s ends on %s', (of, end) => {
    expect(formatDay(endOfMonth(day(of)))).toBe(end);
  });
});
