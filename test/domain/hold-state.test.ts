import { describe, expect, test } from 'vitest';
import { day, formatDay } from '../../src/domain/day.ts';
import { endsInDays, holdState, isCurrent, stateWords } from '../../src/domain/hold-state.ts';
import {
  agreed,
  concerned,
  disputeWords,
  holdLine,
  noteBody,
} from '../../src/domain/hold-words.ts';
import type { Hold } from '../../src/domain/holds.ts';
import {
  HOLD_RULES,
  arrival,
  dispute,
  extension,
  held,
  manual,
  plan,
  promise,
  reply,
  settlement,
} from './hold-cases.ts';

/** "broken: NZD 0.00 of NZD 100.00 arrived (over, 2026-06-20)" */
function stands(hold: Hold, on: string): string {
  const { state, detail, isOver, lastOn } = holdState(hold, HOLD_RULES, day(on));
  const end = lastOn === null ? 'no end' : formatDay(lastOn);
  return `${stateWords(state)}: ${detail} (${isOver ? 'over, ' : ''}${end})`;
}

const half = { arrivals: [arrival('2026-06-10', 5_000)], invoices: [held('a', 5_000)] };
const upheld = { outcome: 'upheld' as const, on: day('2026-06-05'), creditMinor: null };
const rejected = { outcome: 'rejected' as const, on: day('2026-06-05'), creditMinor: null };

describe('how a hold stands', () => {
  test.each([
    [promise(), '2026-06-10', 'pending: NZD 0.00 of NZD 100.00 arrived (2026-06-20)'],
    [
      promise({}, half),
      '2026-06-21',
      'partly kept: NZD 50.00 of NZD 100.00 arrived (over, 2026-06-20)',
    ],
    [promise(), '2026-06-01', 'pending: NZD 0.00 of NZD 100.00 arrived (2026-06-20)'],
    [dispute(), '2026-06-02', 'open: open for 1 day (no end)'],
    [
      dispute({ resolution: upheld }, { invoices: [held('a', 10_000)] }),
      '2026-06-10',
      'credit awaited: open for 4 days (no end)',
    ],
    [
      dispute({}, { untilOn: day('2026-06-09') }),
      '2026-06-10',
      'lapsed: was open for 9 days (over, 2026-06-09)',
    ],
    [
      dispute({ resolution: rejected }),
      '2026-06-10',
      'rejected: was open for 4 days (over, no end)',
    ],
    [
      plan(),
      '2026-06-10',
      'running: 0 of 3 instalments paid, NZD 0.00 of NZD 90.00 in all (no end)',
    ],
    [
      plan(),
      '2026-07-07',
      'broken: 0 of 3 instalments paid, NZD 0.00 of NZD 90.00 in all; broke on 7 Jul 2026 (over, no end)',
    ],
    [settlement(), '2026-06-10', 'pending: NZD 0.00 of NZD 80.00 paid (2026-06-30)'],
    [
      settlement({}, { arrivals: [arrival('2026-06-10', 8_000)], invoices: [held('a', 2_000)] }),
      '2026-06-10',
      'met: NZD 80.00 of NZD 80.00 paid, NZD 20.00 to be credited (over, 2026-06-30)',
    ],
    [
      settlement({}, { arrivals: [arrival('2026-06-10', 8_000)], invoices: [held('a', 0)] }),
      '2026-06-10',
      'met: NZD 80.00 of NZD 80.00 paid (over, 2026-06-30)',
    ],
    [reply(), '2026-06-06', 'in force: until 6 Jun 2026 (2026-06-06)'],
    [reply(), '2026-06-07', 'expired: ended on 6 Jun 2026 (over, 2026-06-06)'],
    [extension('2026-07-10'), '2026-06-10', 'in force: until somebody ends it (no end)'],
    [
      manual({ untilOn: day('2026-06-09') }),
      '2026-06-09',
      'in force: until 9 Jun 2026 (2026-06-09)',
    ],
    [
      manual({ untilOn: day('2026-06-09') }),
      '2026-06-10',
      'expired: ended on 9 Jun 2026 (over, 2026-06-09)',
    ],
    [
      manual({ fromOn: day('2026-06-11') }),
      '2026-06-10',
      'not yet: begins on 11 Jun 2026 (no end)',
    ],
  ])('%#', (hold, on, expected) => {
    expect(stands(hold, on)).toBe(expected);
  });

  test.each([
    ['2026-06-16', null],
    ['2026-06-17', 3],
    ['2026-06-20', 0],
    ['2026-06-21', null],
  ])('that it is about to end is said on %s: %s', (on, expected) => {
    const found = holdState(manual({ untilOn: day('2026-06-20') }), HOLD_RULES, day(on));
    expect(endsInDays(found, day(on))).toBe(expected);
  });

  test('one without an end is never about to end', () => {
    expect(
      endsInDays(holdState(manual(), HOLD_RULES, day('2026-06-16')), day('2026-06-16')),
    ).toBeNull();
  });

  test('nor is one that is over, or that runs on past the day it was to end', () => {
    const ends = (hold: Hold, on: string) =>
      endsInDays(holdState(hold, HOLD_RULES, day(on)), day(on));
    const paid = { arrivals: [arrival('2026-06-10', 10_000)], invoices: [held('a', 0)] };
    expect(ends(promise({}, paid), '2026-06-19')).toBeNull();
    const patient = plan({ graceDays: 30 }, { untilOn: day('2026-06-20') });
    expect(ends(patient, '2026-06-20')).toBe(0);
    expect(ends(patient, '2026-06-21')).toBeNull();
  });

  test('what is over stays in the list while anything it speaks of is open', () => {
    const current = (hold: Hold, on: string) =>
      isCurrent(hold, holdState(hold, HOLD_RULES, day(on)));
    expect(current(promise(), '2026-06-10')).toBe(true);
    expect(current(promise(), '2026-06-21')).toBe(true);
    const paid = { arrivals: [arrival('2026-06-10', 10_000)], invoices: [held('a', 0)] };
    expect(current(promise({}, paid), '2026-06-10')).toBe(false);
    expect(current(manual({ untilOn: day('2026-06-09') }), '2026-06-10')).toBe(false);
  });
});

describe('in words', () => {
  test.each([
    [promise(), 'Promise to pay NZD 100.00 on 18 Jun 2026 (phone)'],
    [dispute(), 'Dispute (less was delivered than invoiced)'],
    [
      dispute({ reason: 'quality', part: { currency: 'NZD', amountMinor: 2_000 } }),
      'Dispute of NZD 20.00 (the goods or the work are faulty)',
    ],
    [plan(), 'Payment plan of 3 instalments from 1 Jul 2026, NZD 90.00 in all,'],
    [settlement(), 'Settlement: NZD 80.00 accepted instead of NZD 100.00 if paid by 30 Jun 2026,'],
    [extension('2026-07-10'), 'Due date moved to 10 Jul 2026'],
    [reply(), 'Answer of theirs (email)'],
    [manual(), 'On hold until ended'],
    [manual({ untilOn: day('2026-06-20') }), 'On hold until 20 Jun 2026'],
  ])('%#', (hold, expected) => {
    expect(agreed(hold)).toBe(expected);
  });

  test('it names what it is about', () => {
    expect(concerned([])).toBe('everything owed');
    expect(concerned(['INV-1', 'INV-2', 'INV-3'])).toBe('INV-1 and 2 more');
    expect(holdLine(extension('2026-07-10', { invoices: [held('a', 1)] }))).toBe(
      'Due date moved to 10 Jul 2026 for A',
    );
    expect(disputeWords('not_delivered')).toBe('nothing was delivered yet');
  });

  test('a note is one line of at most 250 characters and ends with its reference', () => {
    expect(noteBody('  two\n lines\u202e ', '[ref 1]')).toBe('two lines [ref 1]');
    const fits = 'x'.repeat(242);
    expect(noteBody(fits, '[ref 1]')).toBe(`${fits} [ref 1]`);
    const long = noteBody(`${fits}y`, '[ref 1]');
    expect([long.length, long.endsWith('x… [ref 1]')]).toEqual([250, true]);
  });
});
