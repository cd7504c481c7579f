import { describe, expect, test } from 'vitest';
import { day } from '../../src/domain/day.ts';
import type { CustomerCase, DunningContext } from '../../src/domain/dunning-case.ts';
import type { Policy } from '../../src/domain/policy.ts';
import type { InvoiceId } from '../../src/domain/receivables.ts';
import { ask, context, DEFAULT_POLICY, invoice, took } from './cases.ts';
import { dispute } from './hold-cases.ts';
import { policyOf } from './policies.ts';

const DUE = '2026-06-12';

describe('one message for each customer and currency', () => {
  test('carries the most severe step due, is caused by all that are due, and lists all that is overdue', () => {
    const invoices = [
      invoice('second', '2026-06-05'), // +10
      invoice('first', '2026-06-12'), // +3
      invoice('between', '2026-06-01'), // its second reminder went out
      invoice('later', '2026-07-30'),
    ];
    const taken = [
      took('second', '2026-06-05', 'overdue-friendly', '2026-06-08'),
      took('between', '2026-06-01', 'overdue-second', '2026-06-11'),
    ];
    const asked = ask({ invoices, taken }, '2026-06-15');
    expect(asked.messages).toEqual(['overdue-second NZD [between* second first] 300.00']);
    expect(asked.answers).toEqual([
      'between: wait call until 2026-06-22 (not_due_yet)',
      'first: remind overdue-friendly (message)',
      'later: wait before-due until 2026-07-25 (not_due_yet)',
      'second: remind overdue-second (message)',
    ]);
    const [friendly] = asked.decision.decisions.filter((d) => d.invoiceId === 'first');
    expect(friendly?.because).toContain('It goes with "Second reminder" in one message.');
    expect(asked.decision.proposals[0]?.invoices.map((line) => line.step)).toEqual([
      null,
      'overdue-second',
      'overdue-friendly',
    ]);
  });

  test('a notice before the due date lists only what is coming due', () => {
    const invoices = [invoice('coming', '2026-06-20'), invoice('old', '2026-06-01')];
    const taken = [took('old', '2026-06-01', 'overdue-second', '2026-06-11')];
    expect(ask({ invoices, taken }, '2026-06-15').messages).toEqual([
      'before-due NZD [coming] 100.00',
    ]);
  });

  test('on the due date what is overdue is listed with it', () => {
    const invoices = [invoice('today', '2026-06-15'), invoice('old', '2026-06-01')];
    const taken = [took('old', '2026-06-01', 'overdue-second', '2026-06-11')];
    expect(ask({ invoices, taken }, '2026-06-15').messages).toEqual([
      'due-today NZD [old* today] 200.00',
    ]);
  });

  test('a reminder does not list what is due today and has been told so', () => {
    const invoices = [invoice('a', DUE), invoice('today', '2026-06-15')];
    const taken = [took('today', '2026-06-15', 'due-today', '2026-06-15')];
    expect(ask({ invoices, taken }, '2026-06-15').messages).toEqual([
      'overdue-friendly NZD [a] 100.00',
    ]);
  });

  test('goes to the address that the invoices name', () => {
    const emailText = 'desk@acme.example';
    const { proposals } = ask(
      { invoices: [invoice('a', DUE, { emailText }), invoice('b', DUE, { emailText })] },
      '2026-06-15',
    ).decision;
    expect(proposals.map(({ to }) => to)).toEqual([[emailText]]);
  });

  test('the path names the step that was reached, and how much goes out together', () => {
    const given = { invoices: [invoice('a', DUE), invoice('b', '2026-06-05')] };
    const [decision] = ask(given, '2026-06-15').decision.decisions;
    expect(decision?.path.slice(-2).map(({ code, figures }) => [code, figures])).toEqual([
      ['step:overdue-friendly', { dayOn: '2026-06-15' }],
      ['message', { invoices: 2, totalMinor: 20_000 }],
    ]);
  });

  test('two currencies are two messages, and nothing is added across them', () => {
    const invoices = [invoice('a', DUE), invoice('b', DUE, { currency: 'AUD', openMinor: 700 })];
    expect(ask({ invoices }, '2026-06-15').messages).toEqual([
      'overdue-friendly AUD [b] 7.00',
      'overdue-friendly NZD [a] 100.00',
    ]);
  });

  test.each([
    ['a', 'b'],
    ['b', 'a'],
  ])('work for people stands apart from the email: call %s, then write to %s', (call, letter) => {
    const invoices = [
      invoice(call, '2026-05-20'),
      invoice(letter, '2026-04-20'),
      invoice('c', DUE),
    ];
    const taken = [
      took(call, '2026-05-20', 'overdue-second', '2026-05-30'),
      took(letter, '2026-04-20', 'overdue-firm', '2026-05-20'),
    ];
    const asked = ask({ invoices, taken }, '2026-06-15');
    expect(asked.messages).toEqual([
      `call NZD [${letter}* ${call} c*] 300.00`,
      `letter-formal NZD [${letter} ${call}* c*] 300.00`,
      `overdue-friendly NZD [${letter}* ${call}* c] 300.00`,
    ]);
    expect(asked.decision.proposals.map(({ to }) => to)).toEqual([[], [], ['ap@acme.example']]);
  });

  test('a small remainder causes no message but is listed in one', () => {
    const invoices = [invoice('a', DUE), invoice('crumb', '2026-05-01', { openMinor: 400 })];
    expect(ask({ invoices }, '2026-06-15').messages).toEqual([
      'overdue-friendly NZD [crumb* a] 104.00',
    ]);
  });

  test('what is held, handed over or a draft is not listed', () => {
    const hold = dispute({}, { invoiceIds: ['held' as InvoiceId] });
    const invoices = [
      invoice('a', DUE),
      invoice('held', '2026-05-01'),
      invoice('gone', '2026-01-01'),
      invoice('draft', '2026-05-01', { status: 'draft' }),
    ];
    const taken = [took('gone', '2026-01-01', 'hand-over', '2026-04-01', 'done')];
    const asked = ask({ invoices, taken, holds: [hold] }, '2026-06-15');
    expect(asked.messages).toEqual(['overdue-friendly NZD [a] 100.00']);
    expect(asked.answers).toContain('held: hold (hold_dispute)');
    expect(asked.answers).toContain('gone: hold hand-over (handed_over)');
  });

  test('the same reminder has the same key, and one that ended unsent is counted up', () => {
    const invoices = [invoice('b', DUE), invoice('a', '2026-06-11')];
    const key = 'Standard:acme:NZD:overdue-friendly:a@2026-06-11+b@2026-06-12';
    const keyOf = (more: Partial<CustomerCase>) =>
      ask({ invoices, ...more }, '2026-06-15').decision.proposals[0]?.key;
    expect(keyOf({})).toBe(key);
    expect(keyOf({ deadKeys: [key] })).toBe(`${key}~2`);
    expect(keyOf({ deadKeys: [key, `${key}~2`, 'another'] })).toBe(`${key}~3`);
    const ended = [key, ...[2, 3, 4, 5, 6, 7, 8, 9, 10].map((times) => `${key}~${times}`)];
    expect(keyOf({ deadKeys: ended })).toBe(`${key}~11`);
  });
});

describe('the most severe step speaks for a message', () => {
  /** Each invoice under a policy of its own. */
  const under = (policies: Record<string, Policy>): Partial<DunningContext> => ({
    rulesFor: (one) =>
      context('2026-06-21', { policy: policies[one.id] ?? DEFAULT_POLICY }).rulesFor(one),
  });
  const named = (name: string, ...steps: string[]) => ({ ...policyOf(steps), name });
  const spoken = (given: Partial<CustomerCase>, more: Partial<DunningContext>) =>
    ask(given, '2026-06-21', more).decision.proposals.map(
      ({ rules, step }) => `${rules.policy.name}: ${step.key}`,
    );

  test('of one policy it is the later step, even where another invoice has waited longer', () => {
    const policy = policyOf(['copy: 20 days after issue', 'firm: 10 days after due']);
    // Issued and due on one day: its copy comes 20 days after the due date.
    const dueAtOnce = { issuedOn: day('2026-06-01') };
    const invoices = [invoice('a', '2026-06-01', dueAtOnce), invoice('b', '2026-06-11')];
    const taken = [took('b', '2026-06-11', 'copy', '2026-06-11')];
    expect(ask({ invoices, taken }, '2026-06-21', { policy }).messages).toEqual([
      'firm NZD [a b] 200.00',
    ]);
  });

  test.each([
    ['a', 'b'],
    ['b', 'a'],
  ])(
    'of two policies it is the one that comes longer after the due date (%s, %s)',
    (old, young) => {
      const policies = {
        [old]: named('Patient', 'first: 20 days after due'),
        [young]: named('Quick', 'early: 3 days after due', 'second: 10 days after due'),
      };
      const invoices = [invoice(old, '2026-06-01'), invoice(young, '2026-06-11')];
      const taken = [took(young, '2026-06-11', 'early', '2026-06-14')];
      expect(spoken({ invoices, taken }, under(policies))).toEqual(['Patient: first']);
    },
  );

  test.each([
    ['a', 'b'],
    ['b', 'a'],
  ])('as many days after the due date it is the later step (%s, %s)', (first, second) => {
    const policies = {
      [first]: named('Plain', 'only: 10 days after due'),
      [second]: named('Long', 'early: 3 days after due', 'second: 10 days after due'),
    };
    const invoices = [invoice(first, '2026-06-11'), invoice(second, '2026-06-11')];
    const taken = [took(second, '2026-06-11', 'early', '2026-06-14')];
    expect(spoken({ invoices, taken }, under(policies))).toEqual(['Long: second']);
  });

  test.each([
    ['a', 'b'],
    ['b', 'a'],
  ])('of two policies alike it is always the same one (%s, %s)', (one, other) => {
    const policies = {
      [one]: named('North', 'first: 10 days after due'),
      [other]: named('South', 'first: 10 days after due'),
    };
    const invoices = [invoice(one, '2026-06-11'), invoice(other, '2026-06-11')];
    expect(spoken({ invoices }, under(policies))).toEqual(['South: first']);
  });
});

describe('what the budgets leave goes to the most severe', () => {
  const oneContact = {
    policy: {
      ...DEFAULT_POLICY,
      budgets: { ...DEFAULT_POLICY.budgets, contactsPer7Days: 1 },
    },
  };

  test('a letter today leaves no call', () => {
    const invoices = [invoice('a', '2026-05-20'), invoice('b', '2026-04-20')];
    const taken = [
      took('a', '2026-05-20', 'overdue-second', '2026-05-30'),
      took('b', '2026-04-20', 'overdue-firm', '2026-05-20'),
    ];
    const asked = ask({ invoices, taken }, '2026-06-15', oneContact);
    expect(asked.answers).toEqual([
      'a: wait call until 2026-06-22 (budget)',
      'b: task letter-formal (task)',
    ]);
  });

  test.each([
    ['NZD', 'AUD'],
    ['AUD', 'NZD'],
  ])('across currencies: the second reminder in %s before the first in %s', (second, first) => {
    const invoices = [
      invoice('a', '2026-06-05', { currency: second }),
      invoice('b', DUE, { currency: first }),
    ];
    const taken = [took('a', '2026-06-05', 'overdue-friendly', '2026-06-08')];
    expect(ask({ invoices, taken }, '2026-06-15', oneContact).messages).toEqual([
      `overdue-second ${second} [a] 100.00`,
    ]);
  });

  test.each([
    ['NZD', 'AUD'],
    ['AUD', 'NZD'],
  ])('of two alike it is always the same one (%s, %s)', (one, other) => {
    const invoices = [invoice('a', DUE, { currency: one }), invoice('b', DUE, { currency: other })];
    expect(ask({ invoices }, '2026-06-15', oneContact).messages).toEqual([
      `overdue-friendly ${other} [b] 100.00`,
    ]);
  });
});
