/** Every key of a policy file: the last value that is taken, the first that is refused, and what is said then. */
import { describe, expect, test } from 'vitest';
import { day } from '../../src/domain/day.ts';
import { modeOfStep, parsePolicy, type Policy } from '../../src/domain/policy.ts';
import { PolicyError } from '../../src/errors.ts';
import { FREE, policyText } from './policies.ts';

const STEPS = ['friendly: 3 days after due', 'letter: 30 days after due, letter'];

/** The settings stand in line 2 and following, the steps after them. */
function read(rest: string, steps: readonly string[] = STEPS): Policy {
  return parsePolicy(policyText(steps, rest));
}

function refusal(rest: string, steps: readonly string[] = STEPS): string {
  try {
    read(rest, steps);
  } catch (err) {
    if (err instanceof PolicyError) return err.message;
    throw err;
  }
  return 'taken';
}

const days = (min: number, max: number) => `should be a whole number of days from ${min} to ${max}`;
const count = (min: number, max: number) => `should be a whole number from ${min} to ${max}`;

describe('numbers: below, at, and above each bound', () => {
  test.each<[string, (value: number) => string, number, number, number, string]>([
    ['graceDays', (n) => `graceDays: ${n}`, 0, 60, 1, days(0, 60)],
    ['spacing.customerDays', (n) => `spacing: { customerDays: ${n} }`, 1, 60, 1, days(1, 60)],
    ['spacing.stepDays', (n) => `spacing: { stepDays: ${n} }`, 1, 60, 1, days(1, 60)],
    [
      'budgets.messagesPer7Days',
      (n) => `budgets: { messagesPer7Days: ${n} }`,
      1,
      7,
      1,
      count(1, 7),
    ],
    [
      'budgets.contactsPer7Days',
      (n) => `budgets: { contactsPer7Days: ${n} }`,
      1,
      21,
      1,
      count(1, 21),
    ],
    ['budgets.personPer7Days', (n) => `budgets: { personPer7Days: ${n} }`, 1, 21, 1, count(1, 21)],
    ['budgets.callsPer7Days', (n) => `budgets: { callsPer7Days: ${n} }`, 1, 7, 1, count(1, 7)],
    ['budgets.lettersPer7Days', (n) => `budgets: { lettersPer7Days: ${n} }`, 1, 7, 1, count(1, 7)],
    [
      'budgets.volumeBreaker',
      (n) => `budgets: { volumeBreaker: ${n} }`,
      1.1,
      100,
      0.1,
      'should be how many times the usual, from 1.1 to 100',
    ],
    [
      'freshnessHours',
      (n) => `freshnessHours: ${n}`,
      1,
      168,
      1,
      'should be a whole number of hours from 1 to 168',
    ],
    [
      'unappliedCreditHoldShare',
      (n) => `unappliedCreditHoldShare: ${n}`,
      0.01,
      10,
      0.001,
      'should be a share from 0.01 to 10',
    ],
    [
      'holdOut.share',
      (n) => `holdOut: { share: ${n}, before: letter }`,
      0.01,
      0.5,
      0.001,
      'should be a share from 0.01 to 0.5',
    ],
    ['onPromise.graceDays', (n) => `onPromise: { graceDays: ${n} }`, 0, 30, 1, days(0, 30)],
    ['onPlan.graceDays', (n) => `onPlan: { graceDays: ${n} }`, 0, 30, 1, days(0, 30)],
    ['onReply.pauseDays', (n) => `onReply: { pauseDays: ${n} }`, 0, 60, 1, days(0, 60)],
    [
      'statements.dayOfMonth',
      (n) => `statements: { kind: activity, dayOfMonth: ${n} }`,
      1,
      31,
      1,
      count(1, 31),
    ],
    ['when.age.atLeast', (n) => `when: { age: { atLeast: ${n} } }`, -60, 3650, 1, days(-60, 3650)],
    [
      'when.overdueCount.below',
      (n) => `when: { overdueCount: { below: ${n} } }`,
      0,
      10_000,
      1,
      count(0, 10_000),
    ],
    [
      'unless.score.atLeast',
      (n) => `unless: { score: { atLeast: ${n} } }`,
      0,
      100,
      1,
      count(0, 100),
    ],
  ])('%s', (key, write, min, max, step, message) => {
    expect(refusal(write(min))).toBe('taken');
    expect(refusal(write(max))).toBe('taken');
    expect(refusal(write(min - step))).toBe(`line 2: ${key}: ${message}`);
    expect(refusal(write(max + step))).toBe(`line 2: ${key}: ${message}`);
  });

  test('no fractions of a day, and no words', () => {
    expect(refusal('graceDays: 1.5')).toBe(`line 2: graceDays: ${days(0, 60)}`);
    expect(refusal('graceDays: two')).toBe(`line 2: graceDays: ${days(0, 60)}`);
    expect(refusal('budgets: { volumeBreaker: often }')).toContain('how many times the usual');
    expect(refusal('unappliedCreditHoldShare: half')).toContain('should be a share from');
  });

  test.each([
    ['everyDays', 1, 365, days(1, 365)],
    ['atMost', 1, 52, count(1, 52)],
  ])('repeat.%s', (key, min, max, message) => {
    const repeat = (value: number) => {
      const all = { everyDays: 7, atMost: 2, [key]: value };
      return [
        `a: 3 days after due, email, repeat: { everyDays: ${all.everyDays}, atMost: ${all.atMost} }`,
      ];
    };
    expect(refusal('', repeat(min))).toBe('taken');
    expect(refusal('', repeat(max))).toBe('taken');
    expect(refusal('', repeat(min - 1))).toBe(`line 3: steps.0.repeat.${key}: ${message}`);
    expect(refusal('', repeat(max + 1))).toBe(`line 3: steps.0.repeat.${key}: ${message}`);
  });
});

describe('words', () => {
  test.each([
    ['mode: sometimes', 'mode: should be one of shadow, approve, automatic'],
    ['missed: whatever', 'missed: should be one of in_order, latest, skip'],
    [
      'statements: { dayOfMonth: 1, kind: pretty }',
      'statements.kind: should be one of open_item, activity',
    ],
    [
      'onBrokenPromise: { then: Soon }',
      'onBrokenPromise.then: should be at_once, in_time or the key of a step',
    ],
    [
      'onDispute: { then: at once }',
      'onDispute.then: should be at_once, in_time or the key of a step',
    ],
    [
      'onPlan: { then: later }',
      'onPlan.then: no step has the key later; there is friendly, letter',
    ],
    ['onDispute: { chaseRest: perhaps }', 'onDispute.chaseRest: should be true or false'],
    [
      'holdOut: { share: 0.1, before: nothing }',
      'holdOut.before: no step has the key nothing; there is friendly, letter',
    ],
    [
      'holdOut: { share: 0.1 }',
      'holdOut.before: should be small letters, digits and hyphens, at most 40',
    ],
    ['when: {}', 'when: should name a condition'],
    ['calendar: 5', 'calendar: should be a group of settings, each as "key: value"'],
    ['budgets: []', 'budgets: should be a group of settings, each as "key: value"'],
    ['when: { age: {} }', 'when.age: should say atLeast, below, or both, like { atLeast: 5 }'],
    ['when: { flags: [] }', 'when.flags: should name at least one flag'],
    ['when: { segment: [] }', 'when.segment: should name at least one segment'],
    [
      'when: { amount: 500 }',
      'when.amount: should say atLeast, below, or both, like { atLeast: 5 }',
    ],
    [
      'when: { amount: { atLeast: 500 } }',
      'when.amount.atLeast: should be amounts by currency, like { default: 500, JPY: 50000 }',
    ],
    [
      'when: { amount: { atLeast: { EURO: 5 } } }',
      'when.amount.atLeast.EURO: should be "default" or a currency code',
    ],
    [
      'unless: { overdue: { below: { JPY: 0.5 } } }',
      'unless.overdue.below.JPY: should be an amount with at most 0 decimals',
    ],
    [
      'statements: { dayOfMonth: 1, kind: activity, minBalance: { default: -1 } }',
      'statements.minBalance.default: should be an amount with at most 2 decimals',
    ],
    ['when: { weather: rain }', 'unknown key when.weather'],
    [
      'calendar: { extraHolidays: [2026-02-30] }',
      'calendar.extraHolidays.0: should be a day of the calendar like 2026-12-24',
    ],
    [
      'calendar: { extraHolidays: [5] }',
      'calendar.extraHolidays.0: should be a day of the calendar like 2026-12-24',
    ],
    [
      'calendar: { hours: { from: "24:00", until: "09:00" } }',
      'calendar.hours.from: should be a time of day like "08:30"',
    ],
    [
      'calendar: { hours: { from: "08:60", until: "09:00" } }',
      'calendar.hours.from: should be a time of day like "08:30"',
    ],
    [
      'calendar: { hours: { from: "09:00", until: "09:00" } }',
      'calendar.hours: until should be later than from',
    ],
    [
      'calendar: { closed: [{ from: 2026-12-24, until: 2026-12-23 }] }',
      'calendar.closed.0: until 2026-12-23 should not be before from 2026-12-24',
    ],
    [
      'calendar: { closed: [{ from: 2026-01-01, until: 2026-04-03 }] }',
      'calendar.closed: more than 92 days altogether; for longer, switch the book to shadow',
    ],
    [
      'calendar: { closed: [{ from: 2026-01-01, until: 2026-03-01 }, { from: 2026-05-01, until: 2026-06-03 }] }',
      'calendar.closed: more than 92 days altogether; for longer, switch the book to shadow',
    ],
  ])('%s', (rest, message) => {
    expect(refusal(rest)).toBe(`line 2: ${message}`);
  });

  test('flags and segments are those that exist', () => {
    expect(refusal('when: { flags: [wombat] }')).toMatch(
      /^line 2: when\.flags\.0: should be one of .*over_limit/,
    );
    expect(refusal('when: { segment: [wombat] }')).toMatch(
      /^line 2: when\.segment\.0: should be one of .*punctual/,
    );
  });

  test('closed for as long as it may be, and for a single day', () => {
    expect(refusal('calendar: { closed: [{ from: 2026-01-01, until: 2026-04-02 }] }')).toBe(
      'taken',
    );
    expect(refusal('calendar: { closed: [{ from: 2026-12-24, until: 2026-12-24 }] }')).toBe(
      'taken',
    );
  });
});

describe('steps', () => {
  test.each<[string, string[], string]>([
    [
      'no moment',
      ['a: soon'],
      'line 3: steps.0.at: should be like "3 days after due", "on due" or "10 days after end of due month": up to 60 days before or 730 after due, issue, end of due month or end of issue month, or days after previous',
    ],
    [
      'nothing before it',
      ['a: 3 days after previous'],
      'line 3: step a is the first: there is no previous step',
    ],
    [
      'before the one before',
      ['a: 3 days after due', 'b: 3 days after due'],
      'line 4: step b is at 3 days after the due date and follows a at 3 days after the due date: steps stand in the order of their days',
    ],
    [
      'out of order across another anchor',
      ['a: 9 days after due', 'b: 3 days after issue', 'c: 8 days after due'],
      'line 5: step c is at 8 days after the due date and follows a at 9 days after the due date: steps stand in the order of their days',
    ],
    [
      'out of order counted on',
      ['a: 3 days after due', 'b: 5 days after previous', 'c: 8 days after due'],
      'line 5: step c is at 8 days after the due date and follows b at 8 days after the due date: steps stand in the order of their days',
    ],
    [
      'a letter that repeats',
      ['a: 3 days after due, letter, repeat: { everyDays: 7, atMost: 1 }'],
      'line 3: step a: a formal step is taken once; only an email, a call or a task repeats',
    ],
    [
      'a notice that repeats',
      ['a: 3 days after due, formal_notice, repeat: { everyDays: 7, atMost: 1 }'],
      'line 3: step a: a formal step is taken once; only an email, a call or a task repeats',
    ],
    [
      'a hand-over that repeats',
      ['a: 3 days after due, hand_over, repeat: { everyDays: 7, atMost: 1 }'],
      'line 3: step a: a formal step is taken once; only an email, a call or a task repeats',
    ],
    [
      'two with a key',
      ['a: 3 days after due', 'a: 9 days after due'],
      'line 4: two steps have the key a',
    ],
    [
      'a condition of a step',
      ['a: 3 days after due, email, when: { amount: { below: { XXQ: 1 } } }'],
      'line 3: steps.0.when.amount.below.XXQ: should be "default" or a currency code',
    ],
    [
      'four eyes that are no yes or no',
      ['a: 3 days after due, email, fourEyes: maybe'],
      'line 3: steps.0.fourEyes: should be true or false',
    ],
  ])('%s', (_what, steps, message) => {
    expect(refusal('', steps)).toBe(message);
  });

  test('the list itself', () => {
    const message = (text: string) => {
      try {
        parsePolicy(text);
        return 'taken';
      } catch (err) {
        return err instanceof PolicyError ? err.message : String(err);
      }
    };
    expect(message('name: x\nsteps: 3\n')).toBe('line 2: steps: should be a list of steps');
    const many = (length: number) =>
      policyText(Array.from({ length }, (_, i) => `s${i}: ${i + 1} days after due`));
    expect(message(many(40))).toBe('taken');
    expect(message(many(41))).toBe('line 2: steps: a policy has at most 40 steps');
    expect(message('name: ""\nsteps: []\n')).toMatch(/^line 1: name:/);
    expect(message(policyText(STEPS).replace('Test', 'x'.repeat(81)))).toMatch(/^line 1: name:/);
    expect(message(policyText(STEPS).replace('Test', 'x'.repeat(80)))).toBe('taken');
    expect(message(policyText(STEPS).replace('name: Test', 'name: 5'))).toBe(
      'line 1: name: should be a text',
    );
  });
});

test('everything there is, read as it stands', () => {
  const policy = read(
    [
      'mode: approve',
      'graceDays: 2',
      'missed: skip',
      'tolerance: { default: 5 }',
      'when: { amount: { atLeast: { default: 10 }, below: { NZD: 900 } }, age: { below: 90 } }',
      'unless: { flags: [over_limit], segment: [punctual], score: { atLeast: 90 } }',
      'calendar: { sendDays: [mon, sun], hours: { from: "08:30", until: "17:05" }, extraHolidays: [2026-11-02], closed: [{ from: 2026-12-24, until: 2027-01-02 }] }',
      'holdOut: { share: 0.1, before: letter }',
      'onBrokenPromise: { then: letter }',
      'onDispute: { chaseRest: false, then: at_once }',
      'statements: { dayOfMonth: 1, kind: open_item, minBalance: { default: 50 } }',
    ].join('\n'),
    [
      'friendly: on issue, task, repeat: { everyDays: 7, atMost: 2 }',
      'letter: 30 days after previous, letter, fourEyes: true, attachStatement: true',
    ],
  );
  expect(policy).toMatchObject({
    mode: 'approve',
    graceDays: 2,
    missed: 'skip',
    tolerance: { default: '5' },
    when: {
      ...FREE,
      amount: { atLeast: { default: '10' }, below: { NZD: '900' } },
      age: { atLeast: null, below: 90 },
    },
    unless: {
      ...FREE,
      flags: ['over_limit'],
      segment: ['punctual'],
      score: { atLeast: 90, below: null },
    },
    calendar: {
      sendDays: new Set([1, 7]),
      hours: { from: 510, until: 1025 },
      holidays: true,
      extraHolidays: [day('2026-11-02')],
      closed: [{ from: day('2026-12-24'), until: day('2027-01-02') }],
    },
    holdOut: { share: 0.1, before: 'letter' },
    onPromise: { graceDays: 2 },
    onBrokenPromise: { then: 'letter' },
    onDispute: { chaseRest: false, then: 'at_once' },
    onPlan: { graceDays: 3, then: 'in_time' },
    onReply: { pauseDays: 5 },
    statements: { dayOfMonth: 1, kind: 'open_item', minBalance: { default: '50' } },
  });
  expect(policy.steps).toMatchObject([
    {
      at: { from: 'issue', days: 0 },
      channel: 'task',
      template: '',
      repeat: { everyDays: 7, atMost: 2 },
      fourEyes: false,
      when: null,
    },
    {
      at: { from: 'previous', days: 30 },
      channel: 'letter',
      repeat: null,
      fourEyes: true,
      attachStatement: true,
    },
  ]);
  expect(policy.steps.map((step) => modeOfStep(step, policy, 'automatic'))).toEqual([
    'approve',
    'approve',
  ]);
});

test('what is left out', () => {
  expect(read('')).toMatchObject({
    mode: 'automatic',
    when: null,
    unless: null,
    budgets: {
      messagesPer7Days: 2,
      contactsPer7Days: 3,
      personPer7Days: 3,
      callsPer7Days: 2,
      lettersPer7Days: 2,
      volumeBreaker: 3,
    },
    calendar: { hours: null, holidays: true, extraHolidays: [], closed: [] },
    holdOut: null,
    onBrokenPromise: { then: 'at_once' },
    onDispute: { chaseRest: true, then: 'in_time' },
    statements: null,
  });
});
