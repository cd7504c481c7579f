import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, day, type Day, formatDay } from '../../src/domain/day.ts';
import {
  accountEscalation,
  type Escalation,
  ESCALATION_STATES,
  ESCALATION_WORDS,
  escalationLater,
  escalationOf,
  escalationText,
  rankOf,
} from '../../src/domain/escalation-state.ts';
import type { Policy } from '../../src/domain/policy.ts';
import type { StepTaken, TakenState } from '../../src/domain/step-chain.ts';
import { DEFAULT_POLICY, took } from './cases.ts';

const DUE = '2026-06-01';
const step = (key: string, on: string, state: TakenState = 'sent') =>
  took('a', DUE, key, on, state);

function stateOn(
  on: string,
  taken: StepTaken[],
  policy: Pick<Policy, 'steps'> = DEFAULT_POLICY,
): string {
  const invoice = { dueOn: day(DUE), taken, suspendedBy: null };
  const { state, since } = escalationOf(invoice, policy, day(on));
  return `${state} since ${since === null ? 'the beginning' : formatDay(since)}`;
}

describe('an invoice due on 1 June under the standard policy', () => {
  test.each<[string, StepTaken[], string]>([
    ['2026-05-20', [], 'not_due since the beginning'],
    ['2026-06-01', [], 'not_due since the beginning'],
    ['2026-06-02', [], 'overdue since 2026-06-02'],
    ['2026-05-28', [step('before-due', '2026-05-27')], 'reminded since 2026-05-27'],
    ['2026-06-01', [step('due-today', '2026-06-01')], 'reminded since 2026-06-01'],
    ['2026-06-02', [step('due-today', '2026-06-01')], 'overdue since 2026-06-02'],
    ['2026-06-05', [step('overdue-friendly', '2026-06-04')], 'overdue_reminded since 2026-06-04'],
    ['2026-06-22', [step('call', '2026-06-22', 'done')], 'called since 2026-06-22'],
    ['2026-07-01', [step('overdue-firm', '2026-07-01')], 'escalated since 2026-07-01'],
    ['2026-07-16', [step('letter-formal', '2026-07-16', 'done')], 'formal since 2026-07-16'],
    ['2026-07-31', [step('letter-final', '2026-07-31', 'done')], 'final since 2026-07-31'],
    ['2026-08-30', [step('hand-over', '2026-08-30', 'done')], 'handed_over since 2026-08-30'],
  ])('on %s after %j', (on, taken, expected) => {
    expect(stateOn(on, taken)).toBe(expected);
  });

  test('the furthest step counts, and of two alike the first', () => {
    const taken = [
      step('call', '2026-06-22', 'done'),
      step('overdue-second', '2026-06-11'),
      step('overdue-friendly', '2026-06-04'),
    ];
    expect(stateOn('2026-06-22', taken)).toBe('called since 2026-06-22');
    expect(stateOn('2026-06-22', taken.slice(1))).toBe('overdue_reminded since 2026-06-04');
  });

  test.each<[TakenState, boolean]>([
    ['sending', true],
    ['sent', true],
    ['in_doubt', true],
    ['done', true],
    ['todo', false],
    ['skipped', false],
    ['shadow', false],
    ['returned', false],
  ])('a step that is %s has reached the customer: %s', (state, counts) => {
    const reached = stateOn('2026-07-31', [step('letter-final', '2026-07-31', state)]);
    expect(reached.startsWith('final')).toBe(counts);
  });

  test('a step the policy no longer has counts by how it reached the customer', () => {
    const unknown = (channel: StepTaken['channel'], on: string): StepTaken => ({
      ...step('gone', on),
      channel,
    });
    expect(stateOn('2026-07-01', [unknown('email', '2026-06-04')])).toMatch(/^overdue_reminded/);
    expect(stateOn('2026-05-30', [unknown('email', '2026-05-28')])).toMatch(/^reminded/);
    expect(stateOn('2026-07-01', [unknown('letter', '2026-06-04')])).toMatch(/^formal/);
    expect(stateOn('2026-07-01', [unknown('call', '2026-06-04')])).toMatch(/^called/);
    expect(stateOn('2026-07-01', [unknown('task', '2026-06-04')])).toMatch(/^overdue since/);
    expect(stateOn('2026-05-30', [unknown('task', '2026-05-28')])).toBe(
      'not_due since the beginning',
    );
    expect(stateOn('2026-07-01', [unknown('formal_notice', '2026-06-04')])).toMatch(/^final/);
  });

  test('a policy with one letter has a formal one and no final one', () => {
    const policy = { steps: DEFAULT_POLICY.steps.filter((known) => known.key !== 'letter-formal') };
    const taken = [step('letter-final', '2026-07-31', 'done')];
    expect(stateOn('2026-07-31', taken, policy)).toBe('formal since 2026-07-31');
  });

  test('of three letters only the last is the final demand', () => {
    const reminder = DEFAULT_POLICY.steps.filter((known) => known.key === 'letter-formal');
    const before = reminder.map((known) => ({ ...known, key: 'letter-first' }));
    const policy = { steps: [...before, ...DEFAULT_POLICY.steps] };
    const letters = ['letter-first', 'letter-formal', 'letter-final'].map((key) => ({
      ...step(key, '2026-07-16', 'done'),
      channel: 'letter' as const,
    }));
    expect(letters.map((letter) => stateOn('2026-07-16', [letter], policy))).toEqual([
      'formal since 2026-07-16',
      'formal since 2026-07-16',
      'final since 2026-07-16',
    ]);
  });

  test('a call by a senior takes it as far as a senior’s email does', () => {
    const steps = DEFAULT_POLICY.steps.map((known) =>
      known.key === 'call' ? { ...known, sender: 'finance_lead' as const } : known,
    );
    const called = [step('call', '2026-06-22', 'done')];
    expect(stateOn('2026-06-22', called, { steps })).toBe('escalated since 2026-06-22');
  });

  test('a promise suspends it where it stands, and takes nothing back', () => {
    const taken = [step('call', '2026-06-22', 'done')];
    const stands = escalationOf(
      { dueOn: day(DUE), taken, suspendedBy: 'promise' },
      DEFAULT_POLICY,
      day('2026-06-23'),
    );
    expect(stands).toEqual({ state: 'called', since: day('2026-06-22'), suspendedBy: 'promise' });
    expect(escalationText(stands)).toBe('called since 22 Jun 2026, suspended (promise)');
    expect(escalationText({ state: 'not_due', since: null, suspendedBy: null })).toBe('not due');
    expect(escalationText({ ...stands, suspendedBy: 'do_not_chase' })).toBe(
      'called since 22 Jun 2026, suspended (do not chase)',
    );
  });
});

test('every state has its words, in order', () => {
  expect(ESCALATION_STATES.map((state) => `${rankOf(state)} ${ESCALATION_WORDS[state]}`)).toEqual([
    '0 not due',
    '1 reminded before it was due',
    '2 overdue, not yet reminded',
    '3 reminded',
    '4 called',
    '5 taken up by a senior',
    '6 formal letter',
    '7 final demand',
    '8 handed over',
  ]);
});

describe('an account', () => {
  const at = (state: Escalation['state'], since: string): Escalation => ({
    state,
    since: day(since),
    suspendedBy: null,
  });
  test('stands where its worst open invoice stands, and calms when that one is paid', () => {
    const old = at('formal', '2026-07-16');
    const young = at('overdue_reminded', '2026-07-20');
    expect(accountEscalation([young, old])).toBe(old);
    expect(accountEscalation([young])).toBe(young);
    expect(accountEscalation([])).toBeNull();
  });

  test('of two invoices that stand alike tells the one that came there first', () => {
    const first = at('called', '2026-06-22');
    const second = at('called', '2026-06-24');
    expect(accountEscalation([first, second])).toBe(first);
    expect(accountEscalation([second, first])).toBe(first);
    const promised = { ...first, suspendedBy: 'promise' };
    expect(accountEscalation([promised, first])).toBe(first);
    expect(accountEscalation([first, promised])).toBe(first);
  });
});

describe('on a later day, with nothing done', () => {
  const notDue: Escalation = { state: 'not_due', since: null, suspendedBy: 'promise' };
  const reminded: Escalation = { ...notDue, state: 'reminded', since: day('2026-05-27') };
  const called: Escalation = { ...notDue, state: 'called', since: day('2026-06-22') };
  const overdue: Escalation = { ...notDue, state: 'overdue', since: day('2026-06-02') };

  test.each([
    ['is still not due on its due date', notDue, '2026-06-01', notDue],
    ['is overdue the day after', notDue, '2026-06-02', overdue],
    ['is overdue since the day after, however late it is asked', notDue, '2026-08-01', overdue],
    ['is overdue although it was reminded of before', reminded, '2026-06-02', overdue],
    ['stays where a step took it', called, '2026-08-01', called],
  ])('an invoice due on 1 June %s', (_what, stands, on, expected) => {
    expect(escalationLater(stands, day(DUE), day(on))).toEqual(expected);
  });
});

const anyTaken = fc.array(
  fc.record({
    step: fc.constantFrom(...DEFAULT_POLICY.steps.map((known) => known.key)),
    on: fc.integer({ min: -10, max: 120 }),
    state: fc.constantFrom<TakenState>('sent', 'done', 'todo', 'skipped', 'in_doubt'),
  }),
  { maxLength: 8 },
);

const entries = (rows: { step: string; on: number; state: TakenState }[]): StepTaken[] =>
  rows.map((row) => ({ ...step(row.step, DUE, row.state), on: addDays(day(DUE), row.on) }));

test('more steps and more days never lower it, and the order they are read in does not matter', () => {
  fc.assert(
    fc.property(anyTaken, anyTaken, fc.nat(100), fc.nat(50), (some, more, on, later) => {
      const rank = (rows: StepTaken[], asOn: Day) =>
        rankOf(
          escalationOf({ dueOn: day(DUE), taken: rows, suspendedBy: null }, DEFAULT_POLICY, asOn)
            .state,
        );
      const asOn = addDays(day(DUE), on - 20);
      const few = entries(some);
      const all = [...few, ...entries(more)];
      expect(rank(all, asOn)).toBeGreaterThanOrEqual(rank(few, asOn));
      expect(rank(few, addDays(asOn, later))).toBeGreaterThanOrEqual(rank(few, asOn));
      expect(rank(all.toReversed(), asOn)).toBe(rank(all, asOn));
    }),
  );
});

test('what a later day brings by time alone is what is read anew on it', () => {
  fc.assert(
    fc.property(anyTaken, fc.nat(100), fc.nat(50), (rows, on, later) => {
      const invoice = { dueOn: day(DUE), taken: entries(rows), suspendedBy: 'dispute' };
      const asOn = addDays(day(DUE), on - 20);
      const standing = (at: Day) => escalationOf(invoice, DEFAULT_POLICY, at);
      const laterOn = addDays(asOn, later);
      expect(escalationLater(standing(asOn), day(DUE), laterOn)).toEqual(standing(laterOn));
    }),
  );
});
