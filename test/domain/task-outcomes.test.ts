import { describe, expect, test } from 'vitest';
import { day, type Day, formatDay } from '../../src/domain/day.ts';
import {
  CALL_OUTCOMES,
  consequenceOf,
  contactStanding,
  FOLLOW_UPS,
  isTaskOutcome,
  type Said,
  type TaskFacts,
} from '../../src/domain/task-outcomes.ts';
import { UsageError } from '../../src/errors.ts';

/** 1 June 2026 is a Monday; the 8th is a holiday. */
const CALENDAR = { sendDays: new Set([1, 2, 3, 4, 5]), holidays: new Set([day('2026-06-08')]) };

const task = (more: Partial<TaskFacts> = {}): TaskFacts => ({
  asOn: day('2026-06-01'),
  isCall: true,
  tries: 1,
  currency: 'NZD',
  invoices: 1,
  totalMinor: 120_000,
  calendar: CALENDAR,
  ...more,
});

const said = (outcome: Said['outcome'], more: Partial<Said> = {}): Said => ({
  outcome,
  on: null,
  amountMinor: null,
  reason: null,
  ...more,
});

const shown = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, field: unknown) =>
      typeof field === 'number' && /^(on|untilOn|followUpOn)$/.test(key)
        ? formatDay(field as Day)
        : field,
    ),
  );

describe('what follows from a call on Monday 1 June', () => {
  test.each<[Said, object]>([
    [
      said('reached'),
      { words: 'spoke to them, nothing agreed', raises: null, reason: null, follow: null },
    ],
    [
      said('reached', { reason: 'forgotten' }),
      { words: 'spoke to them, nothing agreed', reason: 'forgotten' },
    ],
    [
      said('voicemail'),
      {
        words: 'left a voicemail, try 1 of 3; again on 3 Jun 2026',
        raises: null,
        reason: null,
        follow: { kind: 'call_again', on: '2026-06-03' },
        followUpOn: '2026-06-03',
      },
    ],
    [
      said('unreachable'),
      {
        words: 'could not be reached',
        raises: null,
        reason: 'no_answer',
        follow: { kind: 'find_contact', on: '2026-06-01' },
        followUpOn: '2026-06-01',
      },
    ],
    [
      said('wrong_contact'),
      {
        words: 'the wrong person or number',
        reason: null,
        follow: { kind: 'find_contact', on: '2026-06-01' },
      },
    ],
    [
      said('invoice_not_received'),
      {
        words: 'they have not received the invoice; left alone to 9 Jun 2026',
        raises: { kind: 'pause', untilOn: '2026-06-09' },
        reason: 'invoice_not_received',
        follow: { kind: 'resend_copy', on: '2026-06-01' },
        followUpOn: '2026-06-09',
      },
    ],
    [
      said('waiting_for_approval'),
      {
        words: 'it waits for approval on their side; left alone to 9 Jun 2026',
        raises: { kind: 'pause', untilOn: '2026-06-09' },
        reason: 'approval_pending',
        follow: null,
      },
    ],
    [
      said('waiting_for_approval', { on: day('2026-06-05') }),
      { raises: { kind: 'pause', untilOn: '2026-06-05' }, followUpOn: '2026-06-05' },
    ],
    [
      said('dispute', { reason: 'quality' }),
      {
        words: 'they dispute it: the goods or the work are faulty',
        raises: { kind: 'dispute', reason: 'quality', amountMinor: null },
        reason: 'quality',
        follow: null,
        followUpOn: null,
      },
    ],
    [
      said('dispute', { reason: 'price_differs', amountMinor: 30_000 }),
      {
        words: 'they dispute it, NZD 300.00 of it: the price is not what was agreed',
        raises: { kind: 'dispute', reason: 'price_differs', amountMinor: 30_000 },
      },
    ],
    [
      said('will_pay_on', { on: day('2026-06-12') }),
      {
        words: 'they will pay on 12 Jun 2026',
        raises: { kind: 'promise', on: '2026-06-12', amountMinor: null },
        reason: null,
        follow: null,
        followUpOn: '2026-06-12',
      },
    ],
    [
      said('will_pay_on', { on: day('2026-06-12'), amountMinor: 50_000, reason: 'no_funds' }),
      {
        words: 'they will pay NZD 500.00 on 12 Jun 2026',
        raises: { kind: 'promise', on: '2026-06-12', amountMinor: 50_000 },
        reason: 'no_funds',
      },
    ],
    [
      said('paid_already'),
      {
        words: 'they say it is paid; left alone to 9 Jun 2026',
        raises: { kind: 'pause', untilOn: '2026-06-09' },
        reason: null,
        follow: { kind: 'ask_remittance', on: '2026-06-01' },
      },
    ],
    [
      said('payment_run'),
      {
        words: 'it is in their next payment run; left alone to 11 Jun 2026',
        raises: { kind: 'pause', untilOn: '2026-06-11' },
        reason: 'payment_run',
        follow: { kind: 'ask_remittance', on: '2026-06-01' },
      },
    ],
  ])('%j', (given, expected) => {
    expect(shown(consequenceOf(given, task()))).toMatchObject(expected);
  });

  test('work that is no call is done, and nothing follows', () => {
    expect(consequenceOf(said('done'), task({ isCall: false }))).toEqual({
      words: 'done',
      raises: null,
      reason: null,
      follow: null,
      followUpOn: null,
    });
  });

  test('work for a colleague waits for the next business day', () => {
    const given = consequenceOf(said('wrong_contact'), task({ asOn: day('2026-06-06') }));
    expect(shown(given.follow)).toEqual({ kind: 'find_contact', on: '2026-06-09' });
  });
});

describe('voicemail', () => {
  test('is tried again two business days later, over the weekend and the holiday', () => {
    const given = consequenceOf(said('voicemail'), task({ asOn: day('2026-06-05'), tries: 2 }));
    expect(given.words).toBe('left a voicemail, try 2 of 3; again on 10 Jun 2026');
  });

  test('the third time is the last', () => {
    const given = consequenceOf(said('voicemail'), task({ tries: 3 }));
    expect(given).toMatchObject({
      words: 'left a voicemail, try 3 of 3; no further try',
      follow: null,
      followUpOn: null,
    });
  });
});

describe('what does not fit is refused, and says what would', () => {
  const call = task();
  test.each<[Said, TaskFacts, string]>([
    [said('done'), call, `done does not fit this task: say one of ${CALL_OUTCOMES.join(', ')}`],
    [said('reached'), task({ isCall: false }), 'reached does not fit this task: say done'],
    [said('will_pay_on'), call, 'will_pay_on: say on which day'],
    [said('reached', { on: call.asOn }), call, 'reached takes no day: leave it out'],
    [
      said('will_pay_on', { on: day('2026-05-31') }),
      call,
      '31 May 2026 should be a day from today, 1 Jun 2026, to 30 Aug 2026',
    ],
    [
      said('will_pay_on', { on: day('2026-08-31') }),
      call,
      '31 Aug 2026 should be a day from today, 1 Jun 2026, to 30 Aug 2026',
    ],
    [
      said('payment_run', { on: day('2026-07-02') }),
      call,
      '2 Jul 2026 should be a day from today, 1 Jun 2026, to 1 Jul 2026',
    ],
    [said('reached', { amountMinor: 100 }), call, 'reached takes no amount: leave it out'],
    [
      said('will_pay_on', { on: call.asOn, amountMinor: 0 }),
      call,
      'the amount should be more than nothing and at most the NZD 1,200.00 that is asked for',
    ],
    [
      said('will_pay_on', { on: call.asOn, amountMinor: 120_001 }),
      call,
      'the amount should be more than nothing and at most the NZD 1,200.00 that is asked for',
    ],
    [
      said('dispute'),
      call,
      'dispute: say what is contested, with a reason like quality or po_missing',
    ],
    [
      said('dispute', { reason: 'no_funds' }),
      call,
      'dispute: say what is contested, with a reason like quality or po_missing',
    ],
    [
      said('dispute', { reason: 'quality', amountMinor: 100 }),
      task({ invoices: 2 }),
      'a part in dispute belongs to one invoice: name it',
    ],
  ])('%j', (given, facts, message) => {
    expect(() => consequenceOf(given, facts)).toThrow(new UsageError(message));
  });

  test('today, the last day and the whole amount are fine', () => {
    for (const on of ['2026-06-01', '2026-08-30']) {
      const given = said('will_pay_on', { on: day(on), amountMinor: 120_000 });
      expect(shown(consequenceOf(given, call).raises)).toMatchObject({ on, amountMinor: 120_000 });
    }
    expect(
      shown(consequenceOf(said('payment_run', { on: day('2026-07-01') }), call).raises),
    ).toEqual({ kind: 'pause', untilOn: '2026-07-01' });
  });
});

describe('the contact', () => {
  const calls = (...outcomes: string[]) => outcomes.map((outcome, at) => ({ outcome, at }));
  test.each<[string[], string | null]>([
    [[], null],
    [['reached'], null],
    [['unreachable'], 'unreachable'],
    [['wrong_contact'], 'wrong_contact'],
    [['unreachable', 'wrong_contact'], 'wrong_contact'],
    [['unreachable', 'will_pay_on'], null],
    [['unreachable', 'voicemail'], 'unreachable'],
    [['unreachable', 'done'], 'unreachable'],
    [['unreachable', 'something else'], 'unreachable'],
  ])('after %j: %s', (outcomes, standing) => {
    expect(contactStanding(calls(...outcomes))).toBe(standing);
  });

  test('the latest call speaks, in whatever order they are read', () => {
    const mixed = [
      { outcome: 'reached', at: 2 },
      { outcome: 'wrong_contact', at: 3 },
      { outcome: 'unreachable', at: 1 },
    ];
    expect(contactStanding(mixed)).toBe('wrong_contact');
    expect(contactStanding(mixed.toReversed())).toBe('wrong_contact');
  });
});

test('outcomes and follow-ups by name', () => {
  expect(CALL_OUTCOMES.every(isTaskOutcome)).toBe(true);
  expect(isTaskOutcome('done')).toBe(true);
  expect(isTaskOutcome('toString')).toBe(false);
  expect(FOLLOW_UPS).toEqual({
    call_again: { channel: 'call', name: 'Call again' },
    resend_copy: { channel: 'task', name: 'Send a copy of the invoice' },
    find_contact: { channel: 'task', name: 'Find the right person to talk to' },
    ask_remittance: { channel: 'task', name: 'Ask for the remittance advice' },
  });
});
