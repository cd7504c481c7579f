import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { parsePolicy, toleranceOf } from '../../src/domain/policy.ts';
import { PolicyError } from '../../src/errors.ts';

const GOOD = `name: Gentle
steps:
  - key: first
    name: First
    at: 3 days after due
    channel: email
    template: overdue-friendly
  - key: second
    name: Second
    at: 10 days after due
    channel: call
`;

function refusal(text: string): { line: number | undefined; message: string } {
  try {
    parsePolicy(text);
  } catch (err) {
    if (err instanceof PolicyError) return { line: err.line, message: err.message };
    throw err;
  }
  throw new Error('it was accepted');
}

test('the default policy has its nine steps in the order of their days', async () => {
  const text = await readFile('src/escalate/default-policy.yaml', 'utf8');
  const policy = parsePolicy(text);
  expect(policy.steps.map((s) => [s.at.days, s.key, s.channel, s.mode, s.sender])).toEqual([
    [-5, 'before-due', 'email', 'automatic', 'collector'],
    [0, 'due-today', 'email', 'automatic', 'collector'],
    [3, 'overdue-friendly', 'email', 'automatic', 'collector'],
    [10, 'overdue-second', 'email', 'automatic', 'collector'],
    [21, 'call', 'call', 'automatic', 'collector'],
    [30, 'overdue-firm', 'email', 'automatic', 'finance_lead'],
    [45, 'letter-formal', 'letter', 'approve', 'finance_lead'],
    [60, 'letter-final', 'letter', 'approve', 'director'],
    [90, 'hand-over', 'hand_over', 'approve', 'director'],
  ]);
  expect([...policy.calendar.sendDays]).toEqual([1, 2, 3, 4, 5]);
});

describe('what is left out has a default', () => {
  test('every setting but the name and the steps', () => {
    const policy = parsePolicy(GOOD);
    expect(policy).toMatchObject({
      graceDays: 0,
      missed: 'in_order',
      spacing: { customerDays: 3, stepDays: 5 },
      freshnessHours: null,
      unappliedCreditHoldShare: 0.5,
    });
    expect(policy.steps[0]).toMatchObject({
      sender: 'collector',
      mode: 'automatic',
      attachPdf: false,
    });
    expect(toleranceOf(policy, 'NZD')).toBe(0);
  });
});

describe('tolerance', () => {
  const policy = parsePolicy(`${GOOD}tolerance: { default: 2.50, AUD: 10, JPY: 300 }\n`);
  test.each([
    ['NZD', 250],
    ['AUD', 1000],
    ['JPY', 300],
    ['KWD', 2500],
    ['ISK', 2],
  ])('in %s', (currency, minor) => {
    expect(toleranceOf(policy, currency)).toBe(minor);
  });
});

describe('what cannot be read exactly is refused, with its line', () => {
  test.each<[string, string, number, RegExp]>([
    ['an unknown key', `${GOOD}colour: red\n`, 12, /unknown key colour/],
    [
      'an unknown key of a step',
      GOOD.replace('channel: call', 'channel: call\n    tone: loud'),
      12,
      /unknown key steps\.1\.tone/,
    ],
    [
      'an unknown channel',
      GOOD.replace('channel: call', 'channel: fax'),
      11,
      /email, letter, formal_notice, call, task, hand_over/,
    ],
    ['an unknown sender', `${GOOD}    sender: boss\n`, 12, /collector, account_owner/],
    [
      'a step out of order',
      GOOD.replace('at: 10 days after due', 'at: 2 days after due'),
      10,
      /order of their days/,
    ],
    [
      'two steps on one day',
      GOOD.replace('at: 10 days after due', 'at: 3 days after due'),
      10,
      /order of their days/,
    ],
    [
      'a key used twice',
      GOOD.replace('key: second', 'key: first'),
      8,
      /two steps have the key first/,
    ],
    [
      'a key used twice, below the name',
      GOOD.replace('key: second\n    name: Second', 'name: Second\n    key: first'),
      9,
      /two steps have the key first/,
    ],
    [
      'a first step that counts from the one before',
      GOOD.replace('at: 3 days after due', 'at: 3 days after previous'),
      5,
      /no previous step/,
    ],
    [
      'a letter that repeats',
      GOOD.replace('channel: call', 'channel: letter\n    repeat: { everyDays: 7, atMost: 1 }'),
      12,
      /a formal step is taken once/,
    ],
    [
      'a condition of a step in a currency nobody knows',
      `${GOOD}    unless:\n      amount:\n        below:\n          XXQ: 1\n`,
      15,
      /: steps\.1\.unless\.amount\.below\.XXQ: should be "default" or a currency code$/,
    ],
    [
      'a broken promise that leads to a step nobody has',
      `${GOOD}onBrokenPromise:\n  then: later\n`,
      13,
      /: onBrokenPromise\.then: no step has the key later; there is first, second$/,
    ],
    [
      'a dispute that leads to a step nobody has',
      `${GOOD}onDispute:\n  then: later\n`,
      13,
      /: onDispute\.then: no step has the key later; there is first, second$/,
    ],
    [
      'hours that end before they begin',
      `${GOOD}calendar:\n  hours:\n    from: "09:00"\n    until: "08:00"\n`,
      15,
      /until should be later than from/,
    ],
    [
      'a closure that ends before it begins',
      `${GOOD}calendar:\n  closed:\n    - from: 2026-12-24\n      until: 2026-12-23\n`,
      15,
      /should not be before from/,
    ],
    [
      'days that are no whole number',
      GOOD.replace('at: 10 days after due', 'at: 1.5 days after due'),
      10,
      /3 days after due/,
    ],
    [
      'days that are words',
      GOOD.replace('at: 10 days after due', 'at: ten days after due'),
      10,
      /3 days after due/,
    ],
    [
      'an email without a template',
      GOOD.replace('    template: overdue-friendly\n', ''),
      3,
      /names its template/,
    ],
    ['a currency nobody knows', `${GOOD}tolerance:\n  XXQ: 5\n`, 13, /currency code/],
    [
      'an amount finer than the currency',
      `${GOOD}tolerance:\n  default: 1\n  JPY: 0.5\n`,
      14,
      /at most 0 decimals/,
    ],
    ['a negative amount', `${GOOD}tolerance:\n  default: -1\n`, 13, /an amount/],
    ['an amount with its currency behind it', `${GOOD}tolerance:\n  NZD: 5 NZD\n`, 13, /an amount/],
    ['no send day', `${GOOD}calendar:\n  sendDays: []\n`, 13, /at least one day/],
    ['a day that is none', `${GOOD}calendar:\n  sendDays: [mon, funday]\n`, 13, /mon, tue/],
    ['a missed rule that is none', `${GOOD}missed: whatever\n`, 12, /in_order, latest/],
    ['a share of nothing', `${GOOD}unappliedCreditHoldShare: 0\n`, 12, /share from/],
    ['the same key twice in one map', `${GOOD}name: Again\n`, 12, /unique/],
    ['broken YAML', 'name: [\nsteps: 1\n', 2, /./],
    [
      'an alias',
      `${GOOD.replace('at: 3 days after due', 'at: &d 3 days after due')}graceDays: *d\n`,
      12,
      /aliases/,
    ],
    ['a list of steps that is empty', 'name: x\nsteps: []\n', 2, /at least one step/],
    [
      'an unknown template name form',
      GOOD.replace('overdue-friendly', '../../etc/passwd'),
      7,
      /small letters/,
    ],
  ])('%s', (_what, text, line, message) => {
    const refused = refusal(text);
    expect(refused).toEqual({ line, message: expect.stringMatching(message) as string });
  });

  test('of several mistakes the first in the text is told', () => {
    const wrong = ['missed: whatever', 'mode: sometimes', 'graceDays: 99'];
    const first = (lines: readonly string[]) => refusal(`${GOOD}${lines.join('\n')}\n`).message;
    expect(first(wrong)).toMatch(/^line 12: missed:/);
    expect(first(wrong.toReversed())).toMatch(/^line 12: graceDays:/);
    expect(first(wrong.slice(1))).toMatch(/^line 12: mode:/);
  });

  test.each(['', 'just words', '- a\n- list\n', '42'])('%j is no policy', (text) => {
    expect(refusal(text).message).toMatch(/^(line 1: )?a policy should be a group of settings/);
  });
});
