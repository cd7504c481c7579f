/** What a policy says beyond the days of its steps: for whom, how carefully, how often, and whose policy speaks. */
import { describe, expect, test } from 'vitest';
import { sendCalendar } from '../../src/domain/calendar.ts';
import { addDays, day, type Day, formatDay } from '../../src/domain/day.ts';
import type { CustomerCase, Rules } from '../../src/domain/dunning-case.ts';
import { isHeldOut } from '../../src/domain/hold-out.ts';
import { mostCareful, type Policy } from '../../src/domain/policy.ts';
import type { CustomerId } from '../../src/domain/receivables.ts';
import { aCase, ask, EVERY_DAY, invoice, took } from './cases.ts';
import { policyOf } from './policies.ts';

const DUE = '2026-06-01';

/** The answers and, after a bar, the reasons that were given on the way. */
function told(policy: Policy, given: Partial<CustomerCase>, on: string): string[] {
  const { answers, decision } = ask(given, on, { policy });
  const passed = decision.decisions.flatMap(({ path }) =>
    path.filter(({ code }) => /^(passed|policy_condition|hold_out)/.test(code)),
  );
  return [...answers, ...passed.map((reason) => reason.text)];
}

describe('conditions of a step', () => {
  const steps = (condition: string) =>
    policyOf([`call: 3 days after due, call, ${condition}`, 'letter: 30 days after due, letter']);
  const one = { invoices: [invoice('a', DUE)] };

  test.each([
    [
      'amount below',
      'when: { amount: { atLeast: { default: 100.01 } } }',
      'the amount asked for would have to be NZD 100.01 or more, and is NZD 100.00',
    ],
    ['amount at', 'when: { amount: { atLeast: { default: 100 } } }', null],
    ['amount under the bound', 'when: { amount: { below: { NZD: 100.01 } } }', null],
    [
      'amount at the bound',
      'when: { amount: { below: { NZD: 100 } } }',
      'the amount asked for would have to be below NZD 100.00, and is NZD 100.00',
    ],
    [
      'amount in another currency only',
      'when: { amount: { atLeast: { AUD: 5 } } }',
      'the amount asked for would have to be in a currency it names, and is NZD 100.00',
    ],
    [
      'too young',
      'when: { age: { atLeast: 4 } }',
      'the days past due would have to be 4 or more, and is 3',
    ],
    ['old enough', 'when: { age: { atLeast: 3, below: 4 } }', null],
    [
      'too old',
      'when: { age: { atLeast: 1, below: 3 } }',
      'the days past due would have to be 1 or more and below 3, and is 3',
    ],
    [
      'overdue sum',
      'when: { overdue: { atLeast: { default: 100.01 } } }',
      'all that is overdue would have to be NZD 100.01 or more, and is NZD 100.00',
    ],
    ['overdue sum at', 'when: { overdue: { atLeast: { default: 100 } } }', null],
    [
      'count',
      'when: { overdueCount: { atLeast: 2 } }',
      'the number of overdue invoices would have to be 2 or more, and is 1',
    ],
    ['count at', 'when: { overdueCount: { atLeast: 1 } }', null],
    [
      'score not known',
      'when: { score: { below: 40 } }',
      'the score would have to be below 40, and is not known',
    ],
    [
      'no flag',
      'when: { flags: [over_limit, severely_overdue] }',
      'an open flag would have to be over_limit or severely_overdue, and is none',
    ],
    [
      'no segment',
      'when: { segment: [erratic] }',
      'the segment would have to be erratic, and is none',
    ],
    [
      'unless the sum is high',
      'unless: { overdue: { atLeast: { default: 100 } } }',
      'not while all that is overdue is NZD 100.00 or more; it is NZD 100.00',
    ],
    ['unless, and it is not', 'unless: { overdue: { atLeast: { default: 100.01 } } }', null],
    ['unless the score is low, and it is not known', 'unless: { score: { below: 40 } }', null],
    [
      'two that fail',
      'when: { overdueCount: { atLeast: 2 }, score: { atLeast: 1 } }',
      'the number of overdue invoices would have to be 2 or more, and is 1; the score would have to be 1 or more, and is not known',
    ],
  ])('%s', (_what, condition, why) => {
    const [answer, passed] = told(steps(condition), one, '2026-06-04');
    expect(passed ?? null).toBe(why === null ? null : `"call" is passed over: ${why}.`);
    expect(answer).toMatch(why === null ? /^a: task call/ : /^a: wait letter until/);
  });

  test.each([
    ['when: { flags: [over_limit] }', true],
    ['unless: { flags: [over_limit] }', false],
    ['when: { score: { below: 32 } }', true],
    ['when: { score: { below: 31 } }', false],
    ['when: { segment: [new, erratic] }', true],
    ['unless: { segment: [erratic] }', false],
  ])('what is known of the debtor, %s: %s', (condition, isCalled) => {
    const profile = { flags: ['getting_worse', 'over_limit'], score: 31, segment: 'erratic' };
    const [answer] = told(steps(condition), { ...one, profile }, '2026-06-04');
    expect(answer?.startsWith('a: task call')).toBe(isCalled);
  });

  test('a second invoice that falls due lets the step come, and its day is named', () => {
    const policy = steps('when: { overdueCount: { atLeast: 2 } }');
    const invoices = [invoice('a', DUE), invoice('b', '2026-06-08')];
    expect(told(policy, { invoices }, '2026-06-05')[0]).toBe(
      'a: wait letter until 2026-06-09 (not_due_yet)',
    );
    expect(told(policy, { invoices }, '2026-06-09')[0]).toBe('a: task call (task)');
  });

  test('a step that is due says until when its condition holds', () => {
    const policy = steps('when: { age: { below: 6 } }');
    expect(told(policy, one, '2026-06-04')[0]).toBe('a: task call until 2026-06-07 (task)');
    expect(told(policy, one, '2026-06-07')[0]).toBe(
      'a: wait letter until 2026-07-01 (not_due_yet)',
    );
  });

  test('drafts, what is paid and what is not due do not count as overdue; instalments count as they fall due', () => {
    const policy = steps('when: { overdue: { atLeast: { default: 130 } } }');
    const schedule = [
      { dueOn: day('2026-05-01'), amountMinor: 3000 },
      { dueOn: day('2026-06-10'), amountMinor: 2000 },
    ];
    const invoices = [
      invoice('a', DUE),
      invoice('b', '2026-05-01', { status: 'draft' }),
      invoice('c', '2026-05-01', { openMinor: 0 }),
      invoice('d', '2026-05-01', { currency: 'AUD' }),
      invoice('e', '2026-05-01', { schedule, openMinor: 4999 }),
    ];
    expect(told(policy, { invoices }, '2026-06-04').slice(-1)).toEqual([
      '"call" is passed over: all that is overdue would have to be NZD 130.00 or more, and is NZD 129.99.',
    ]);
    expect(told(policy, { invoices }, '2026-06-11')[0]).toBe('a: task call (task)');
  });

  test('when nothing is left that is meant for it, it says so', () => {
    const policy = policyOf(['call: 3 days after due, call, when: { score: { below: 10 } }']);
    const { decision } = ask(one, '2026-06-04', { policy });
    expect(decision.decisions[0]?.because).toBe(
      'No step of the policy is left that is meant for it.',
    );
  });
});

describe('the day on which the answer can change', () => {
  test('also when the latest reminder left one behind whose condition ends', () => {
    const policy = policyOf(
      ['first: 1 day after due, email, when: { age: { below: 9 } }', 'second: 2 days after due'],
      'missed: latest',
    );
    const given = { invoices: [invoice('a', DUE)] };
    expect(told(policy, given, '2026-06-05')).toEqual([
      'a: remind second until 2026-06-10 (message)',
    ]);
    expect(told(policy, given, '2026-06-10')[1]).toMatch(
      /^"first" is passed over: the days past due/,
    );
  });

  test('also when a further part falls due that the credit no longer outweighs', () => {
    const policy = policyOf(['friendly: 3 days after due']);
    const schedule = [
      { dueOn: day(DUE), amountMinor: 5000 },
      { dueOn: day('2026-06-20'), amountMinor: 5000 },
    ];
    const unapplied = [{ currency: 'NZD', amountMinor: 3000 }];
    const given = { invoices: [invoice('a', DUE, { schedule })], unapplied };
    expect(told(policy, given, '2026-06-05')).toEqual([
      'a: hold friendly until 2026-06-20 (unapplied_credit)',
    ]);
    expect(told(policy, given, '2026-06-20')).toEqual(['a: remind friendly (message)']);
  });

  test('what the budgets allow goes to the most severe message, in whatever currency', () => {
    const policy = policyOf(
      ['friendly: 3 days after due', 'second: 10 days after due'],
      'budgets: { contactsPer7Days: 1 }',
    );
    const invoices = [
      invoice('a', '2026-06-05', { currency: 'AUD' }),
      invoice('b', DUE, { currency: 'NZD' }),
    ];
    const taken = [took('b', DUE, 'friendly', '2026-06-04')];
    expect(ask({ invoices, taken }, '2026-06-11', { policy }).messages).toEqual([
      'second NZD [b] 100.00',
    ]);
  });
});

describe('conditions of the policy', () => {
  const policy = policyOf(
    ['friendly: 3 days after due'],
    'when: { amount: { atLeast: { default: 50 } } }\nunless: { age: { atLeast: 10 } }',
  );
  const small = { invoices: [invoice('a', DUE, { openMinor: 4999 })] };
  test('an invoice it is not for is not chased, with the reason', () => {
    expect(told(policy, small, '2026-06-04')).toEqual([
      'a: none until 2026-06-11 (policy_condition)',
      'Policy "Test" is not for it: the amount asked for would have to be NZD 50.00 or more, and is NZD 49.99.',
    ]);
  });

  test('and one that grows out of it says when', () => {
    const given = { invoices: [invoice('a', DUE)] };
    expect(told(policy, given, '2026-06-04')).toEqual([
      'a: remind friendly until 2026-06-11 (message)',
    ]);
    expect(told(policy, given, '2026-06-11')).toEqual([
      'a: none (policy_condition)',
      'Policy "Test" is not for it: not while the days past due is 10 or more; it is 10.',
    ]);
  });
});

describe('the hold-out', () => {
  const policy = policyOf(
    ['friendly: 3 days after due', 'second: 10 days after due', 'firm: 20 days after due'],
    'holdOut: { share: 0.1, before: second }',
  );
  const ids = Array.from({ length: 20_000 }, (_, i) => `customer-${i}` as CustomerId);
  const out = ids.filter((id) => isHeldOut(policy, id));

  test('is the share it names, and another one under another policy', () => {
    expect(out.length / ids.length).toBeGreaterThan(0.094);
    expect(out.length / ids.length).toBeLessThan(0.106);
    const other = { ...policy, name: 'Other' };
    const both = out.filter((id) => isHeldOut(other, id));
    expect(both.length / out.length).toBeLessThan(0.16);
    expect(isHeldOut({ ...policy, holdOut: null }, out[0] ?? ids[0] ?? ('x' as CustomerId))).toBe(
      false,
    );
  });

  test('hears nothing before the step, and from it on like everybody', () => {
    const id = out[0] ?? ('' as CustomerId);
    const debtor = { ...aCase().debtor, id };
    const given = { debtor, invoices: [invoice('a', DUE, { customerId: id })] };
    expect(told(policy, given, '2026-06-04')).toEqual([
      'a: wait second until 2026-06-11 (not_due_yet)',
      'Acme is in the hold-out of 10 %: no reminder before "second".',
    ]);
    expect(told(policy, given, '2026-06-11')[0]).toBe('a: remind second (message)');
    const taken = [took('a', DUE, 'second', '2026-06-11')];
    expect(told(policy, { ...given, taken }, '2026-06-12')).toEqual([
      'a: wait firm until 2026-06-21 (not_due_yet)',
    ]);
  });

  test('does not hold back a formal step', () => {
    const formal = policyOf(
      ['notice: 3 days after due, formal_notice', 'last: 10 days after due'],
      'holdOut: { share: 0.1, before: last }',
    );
    const debtor = { ...aCase().debtor, id: out[0] ?? ('' as CustomerId) };
    expect(told(formal, { debtor, invoices: [invoice('a', DUE)] }, '2026-06-04')[0]).toBe(
      'a: task notice (task)',
    );
  });
});

describe('how carefully', () => {
  test('the most careful of all speaks', () => {
    expect(mostCareful('automatic', 'approve')).toBe('approve');
    expect(mostCareful('approve', 'shadow', 'automatic')).toBe('shadow');
    expect(mostCareful('automatic')).toBe('automatic');
  });

  test.each([
    ['automatic', '', 'mode: automatic', 'automatic'],
    ['approve', '', 'mode: automatic', 'approve'],
    ['automatic', 'mode: approve', 'mode: automatic', 'approve'],
    ['automatic', '', 'mode: shadow', 'shadow'],
    ['automatic', '', 'fourEyes: true', 'approve'],
    ['shadow', 'mode: approve', 'mode: approve', 'shadow'],
  ] as const)('book %s, policy "%s", step "%s": %s', (mode, rest, step, expected) => {
    const policy = policyOf([`friendly: 3 days after due, email, ${step}`], rest);
    const { decision } = ask({ invoices: [invoice('a', DUE)] }, '2026-06-04', { policy, mode });
    expect(decision.proposals[0]?.mode).toBe(expected);
    expect(decision.decisions[0]?.facts.message?.mode).toBe(expected);
    // Tomorrow it counts as what would have gone out.
    const tomorrow = expected === 'shadow' ? day('2026-06-05') : null;
    expect(decision.decisions[0]?.nextOn).toBe(tomorrow);
  });

  test('what shadow mode would have sent counts only while the step is in shadow mode', () => {
    const policy = (mode: string) =>
      policyOf([`friendly: 3 days after due, email, mode: ${mode}`, 'second: 10 days after due']);
    const taken = [took('a', DUE, 'friendly', '2026-06-04', 'shadow')];
    const given = { invoices: [invoice('a', DUE)], taken };
    expect(told(policy('shadow'), given, '2026-06-05')).toEqual([
      'a: wait second until 2026-06-11 (not_due_yet)',
    ]);
    expect(told(policy('approve'), given, '2026-06-05')).toEqual(['a: remind friendly (message)']);
  });
});

describe('budgets of seven days', () => {
  const policy = (budgets: string) =>
    policyOf(
      [
        'call: 3 days after due, call',
        'letter: 5 days after due, formal_notice',
        'mail: 40 days after due',
      ],
      `budgets: { ${budgets} }\nspacing: { customerDays: 1 }`,
    );
  const one = [invoice('a', DUE)];
  const call = (on: string) => ({ channel: 'call' as const, on: day(on) });
  const letter = (on: string) => ({ channel: 'letter' as const, on: day(on) });

  test.each([
    ['callsPer7Days: 1', [call('2026-05-28')], 'a: task call (task)'],
    ['callsPer7Days: 1', [call('2026-05-29')], 'a: wait call until 2026-06-05 (budget)'],
    ['callsPer7Days: 2', [call('2026-05-29')], 'a: task call (task)'],
    ['callsPer7Days: 1', [letter('2026-06-03')], 'a: task call (task)'],
    ['contactsPer7Days: 1', [letter('2026-06-03')], 'a: wait call until 2026-06-10 (budget)'],
    ['contactsPer7Days: 2', [letter('2026-06-03')], 'a: task call (task)'],
    // Of two budgets that are used up, the one that takes longest.
    [
      'callsPer7Days: 1, contactsPer7Days: 1',
      [call('2026-05-30'), letter('2026-06-03')],
      'a: wait call until 2026-06-10 (budget)',
    ],
    [
      'callsPer7Days: 1, contactsPer7Days: 2',
      [letter('2026-05-30'), call('2026-06-03')],
      'a: wait call until 2026-06-10 (budget)',
    ],
    [
      'contactsPer7Days: 1',
      [{ channel: 'task' as const, on: day('2026-06-03') }],
      'a: task call (task)',
    ],
  ])('%s after %j', (budgets, otherContacts, expected) => {
    expect(told(policy(budgets), { invoices: one, otherContacts }, '2026-06-04')[0]).toBe(expected);
  });

  test('a formal notice counts with the letters', () => {
    const taken = [took('a', DUE, 'call', '2026-06-04')];
    const given = { invoices: one, taken, otherContacts: [letter('2026-06-02')] };
    expect(told(policy('lettersPer7Days: 1'), given, '2026-06-09')[0]).toBe(
      'a: task letter (task)',
    );
    expect(told(policy('lettersPer7Days: 1'), given, '2026-06-08')[0]).toBe(
      'a: wait letter until 2026-06-09 (budget)',
    );
    const later = { ...given, otherContacts: [letter('2026-06-03')] };
    expect(told(policy('lettersPer7Days: 1'), later, '2026-06-09')[0]).toBe(
      'a: wait letter until 2026-06-10 (budget)',
    );
  });

  test('one address is written to so often, whatever the currency, and the sentence says so', () => {
    const mail = policyOf(
      ['mail: 3 days after due'],
      'budgets: { personPer7Days: 1 }\nspacing: { customerDays: 1 }',
    );
    const sent = (...to: string[]) => [{ currency: 'AUD', on: day('2026-06-02'), to }];
    const { answers, decision } = ask(
      { invoices: one, messagesSent: sent('boss@acme.example', 'AP@acme.example') },
      '2026-06-04',
      { policy: mail },
    );
    expect(answers).toEqual(['a: wait mail until 2026-06-09 (budget)']);
    expect(decision.decisions[0]?.because).toBe(
      'The policy allows 1 message to ap@acme.example in 7 days: the next may follow on 9 Jun 2026.',
    );
    const other = { invoices: one, messagesSent: sent('other@acme.example') };
    expect(told(mail, other, '2026-06-04')).toEqual(['a: remind mail (message)']);
  });

  test('one currency is written about so often, and the sentence and its figure say so', () => {
    const mail = policyOf(
      ['mail: 3 days after due'],
      'budgets: { messagesPer7Days: 1 }\nspacing: { customerDays: 1 }',
    );
    const sent = (currency: string) => [{ currency, on: day('2026-06-02'), to: [] }];
    const asked = ask({ invoices: one, messagesSent: sent('NZD') }, '2026-06-04', { policy: mail });
    expect(asked.answers).toEqual(['a: wait mail until 2026-06-09 (budget)']);
    expect(asked.decision.decisions[0]?.path.at(-1)).toEqual({
      code: 'budget',
      text: 'The policy allows 1 message in 7 days: the next may follow on 9 Jun 2026.',
      figures: { limit: 1 },
    });
    expect(told(mail, { invoices: one, messagesSent: sent('AUD') }, '2026-06-04')).toEqual([
      'a: remind mail (message)',
    ]);
  });

  test('one address is one person, whichever customer the message was about', () => {
    const mail = policyOf(['mail: 3 days after due'], 'budgets: { personPer7Days: 1 }');
    const askedWith = (address: string) =>
      ask({ invoices: one }, '2026-06-04', {
        policy: mail,
        messagedElsewhere: (to, debtorId) =>
          to === address && debtorId === 'acme' ? [day('2026-06-01')] : [],
      }).answers;
    expect(askedWith('ap@acme.example')).toEqual(['a: wait mail until 2026-06-08 (budget)']);
    expect(askedWith('other@acme.example')).toEqual(['a: remind mail (message)']);
  });

  test('what goes out today to the same address already counts, to another it does not', () => {
    const mail = policyOf(['mail: 3 days after due'], 'budgets: { personPer7Days: 1 }');
    const askedWith = (emailText: string) => {
      const invoices = [
        invoice('a', DUE, { emailText: 'desk@acme.example' }),
        invoice('b', DUE, { currency: 'AUD', emailText }),
      ];
      return ask({ invoices }, '2026-06-04', { policy: mail }).answers;
    };
    expect(askedWith('desk@acme.example')).toEqual([
      'a: wait mail until 2026-06-11 (budget)',
      'b: remind mail (message)',
    ]);
    expect(askedWith('sydney@acme.example')).toEqual([
      'a: remind mail (message)',
      'b: remind mail (message)',
    ]);
  });

  test.each([
    ['call', 'a: wait call until 2026-06-11 (budget)'],
    ['letter', 'a: task call (task)'],
  ])('a %s asked for today counts for its own kind', (channel, expected) => {
    const both = policyOf(
      ['call: 3 days after due, call', `graver: 10 days after due, ${channel}`],
      'budgets: { callsPer7Days: 1, lettersPer7Days: 1 }',
    );
    const invoices = [invoice('a', DUE), invoice('b', '2026-05-20')];
    const taken = [took('b', '2026-05-20', 'call', '2026-05-23')];
    expect(told(both, { invoices, taken }, '2026-06-04')).toEqual([
      expected,
      'b: task graver (task)',
    ]);
  });

  test('what goes out today in another currency already counts', () => {
    const mail = policyOf(['mail: 3 days after due'], 'budgets: { contactsPer7Days: 1 }');
    const invoices = [invoice('a', DUE), invoice('b', DUE, { currency: 'AUD' })];
    const { answers, messages, decision } = ask({ invoices }, '2026-06-04', { policy: mail });
    expect(messages).toEqual(['mail AUD [b] 100.00']);
    expect(answers[0]).toBe('a: wait mail until 2026-06-11 (budget)');
    expect(decision.decisions[0]?.because).toBe(
      'The policy allows 1 contact in 7 days: the next may follow on 11 Jun 2026.',
    );
  });

  test('an internal task and a hand-over reach nobody and wait for no budget', () => {
    const inside = policyOf(
      ['check: 3 days after due, task', 'over: 9 days after due, hand_over'],
      'budgets: { contactsPer7Days: 1 }',
    );
    const otherContacts = [call('2026-06-03'), call('2026-06-10')];
    expect(told(inside, { invoices: one, otherContacts }, '2026-06-04')[0]).toBe(
      'a: task check (task)',
    );
    const taken = [took('a', DUE, 'check', '2026-06-04')];
    expect(told(inside, { invoices: one, otherContacts, taken }, '2026-06-10')[0]).toBe(
      'a: task over (task)',
    );
  });
});

describe('invoices under different policies', () => {
  const rules = (policy: Policy, source: Rules['source'], versionId: number): Rules => ({
    policy,
    source,
    versionId,
    version: versionId,
    calendar: EVERY_DAY,
  });
  const strict = rules(
    policyOf(['soon: 3 days after due', 'hard: 9 days after due'], 'graceDays: 0'),
    'book',
    7,
  );
  const gentle = rules(
    { ...policyOf(['kind: 5 days after due', 'last: 30 days after due']), name: 'Gentle' },
    'invoice',
    8,
  );
  const rulesFor = ({ id }: { id: string }) => (id.startsWith('g') ? gentle : strict);

  test('one message: the step that comes longest after the due date speaks, whatever the order', () => {
    const invoices = [invoice('g1', '2026-06-01'), invoice('s1', '2026-06-03')];
    const taken = [took('s1', '2026-06-03', 'soon', '2026-06-06')];
    for (const list of [invoices, invoices.toReversed()]) {
      const asked = ask({ invoices: list, taken }, '2026-06-12', { rulesFor });
      expect(asked.messages).toEqual(['hard NZD [g1 s1] 200.00']);
      expect(asked.decision.proposals[0]?.key).toBe(
        'Test:acme:NZD:hard:g1@2026-06-01+s1@2026-06-03',
      );
      expect(asked.decision.proposals[0]?.rules.versionId).toBe(7);
      expect(asked.decision.decisions.map((d) => [d.step, d.policyVersionId])).toEqual([
        ['kind', 8],
        ['hard', 7],
      ]);
      expect(asked.decision.decisions[0]?.path[0]?.text).toBe(
        'Policy "Gentle" version 8, set for this invoice.',
      );
    }
  });

  test('tasks of two policies stay apart though their steps share a key', () => {
    const calls = (name: string) => ({ ...policyOf(['call: 3 days after due, call']), name });
    const both = ({ id }: { id: string }) =>
      rules(calls(id === 'a' ? 'One' : 'Two'), 'segment', id === 'a' ? 1 : 2);
    const invoices = [invoice('a', DUE), invoice('b', DUE)];
    const asked = ask({ invoices }, '2026-06-04', { rulesFor: both });
    expect(asked.decision.proposals.map((p) => p.key)).toEqual([
      'One:acme:NZD:call:a@2026-06-01',
      'Two:acme:NZD:call:b@2026-06-01',
    ]);
    expect(asked.decision.decisions[1]?.path[0]?.text).toBe(
      'Policy "Two" version 2, set for the segment of this customer.',
    );
  });

  test('the tolerance is each invoice’s own, the share of credit the most careful one', () => {
    const one = rules(
      { ...strict.policy, tolerance: { default: '100' }, unappliedCreditHoldShare: 0.2 },
      'book',
      1,
    );
    const two = rules({ ...gentle.policy, unappliedCreditHoldShare: 0.9 }, 'customer', 2);
    const which = ({ id }: { id: string }) => (id.startsWith('a') ? one : two);
    const invoices = [
      invoice('a1', DUE),
      invoice('a2', DUE, { openMinor: 10_001 }),
      invoice('b', DUE),
    ];
    expect(ask({ invoices }, '2026-06-06', { rulesFor: which }).answers).toEqual([
      'a1: none (tolerance)',
      'a2: remind soon (message)',
      'b: remind kind (message)',
    ]);
    const unapplied = [{ currency: 'NZD', amountMinor: 10_000 }];
    expect(ask({ invoices, unapplied }, '2026-06-06', { rulesFor: which }).answers[1]).toBe(
      'a2: hold soon (unapplied_credit)',
    );
  });
});

describe('a repeated step', () => {
  const policy = policyOf([
    'chase: 3 days after due, email, repeat: { everyDays: 7, atMost: 2 }',
    'letter: 60 days after due, letter',
  ]);
  test('is a message of its own each time, and says how often it came', () => {
    const taken = [took('a', DUE, 'chase', '2026-06-04')];
    const asked = ask({ invoices: [invoice('a', DUE)], taken }, '2026-06-11', { policy });
    expect(asked.decision.proposals[0]?.key).toBe('Test:acme:NZD:chase:a@2026-06-01#2');
    expect(asked.decision.decisions[0]?.path.map((reason) => reason.text)).toContain(
      '"chase" is at 3 days after the due date, for the 2nd time: reached.',
    );
  });
});

describe('the calendar of a policy', () => {
  const base = { sendDays: new Set([1, 2, 3, 4, 5]), hours: null, extraHolidays: [], closed: [] };
  const christmas = new Set([day('2026-12-25')]);
  test('public holidays count when it says so', () => {
    const at = (holidays: boolean) => sendCalendar({ ...base, holidays }, christmas).holidays;
    expect([...at(true)]).toEqual([day('2026-12-25')]);
    expect([...at(false)]).toEqual([]);
  });

  test('its own holidays and closed weeks are no send days, first and last day included', () => {
    const { holidays } = sendCalendar(
      {
        ...base,
        holidays: true,
        extraHolidays: [day('2026-11-02')],
        closed: [{ from: day('2026-12-24'), until: day('2026-12-26') }],
      },
      christmas,
    );
    const days = [...holidays].sort((a, b) => a - b).map((on: Day) => formatDay(on));
    expect(days).toEqual(['2026-11-02', '2026-12-24', '2026-12-25', '2026-12-26']);
    expect(holidays.has(addDays(day('2026-12-26'), 1))).toBe(false);
  });
});
