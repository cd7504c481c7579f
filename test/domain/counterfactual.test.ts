import { describe, expect, test } from 'vitest';
import { counterfactuals } from '../../src/domain/counterfactual.ts';
import { addDays, day } from '../../src/domain/day.ts';
import { decide } from '../../src/domain/dunning.ts';
import type { CustomerCase, DunningContext, Rules } from '../../src/domain/dunning-case.ts';
import { parsePolicy } from '../../src/domain/policy.ts';
import type { InvoiceId } from '../../src/domain/receivables.ts';
import { aCase, context, DEFAULT_POLICY, invoice, took } from './cases.ts';
import { dispute, manual, promise } from './hold-cases.ts';
import { policyOf } from './policies.ts';

const A = 'a' as InvoiceId;
const DUE = '2026-06-12';
const { debtor } = aCase();
const PAID = 'If it were paid, nothing would be asked for.';

function changes(
  given: Partial<CustomerCase>,
  on: string,
  more: Partial<DunningContext & Rules> = {},
) {
  const facts = { invoices: [invoice('a', DUE)], ...given };
  return counterfactuals(A, aCase(facts), context(on, more));
}

const sentences = (...asked: Parameters<typeof changes>) =>
  changes(...asked).map(({ sentence }) => sentence);

describe('what would have changed the answer', () => {
  test('of an invoice that waits: the day it waits for, and its payment', () => {
    expect(sentences({}, '2026-06-13')).toEqual([
      'On 15 Jun 2026, 2 days later, without anything else "Friendly reminder" would be sent.',
      PAID,
    ]);
  });

  test('of one that nobody can be written about: an address', () => {
    expect(sentences({ debtor: { ...debtor, emailText: null } }, '2026-06-15')).toEqual([
      'If Acme had another email address that works, "Friendly reminder" would be sent.',
      PAID,
    ]);
  });

  test.each<[string, string, Partial<CustomerCase>, Partial<DunningContext>?]>([
    [
      'may_be_chased',
      'If Acme were not set to never be reminded,',
      { debtor: { ...debtor, doNotChase: true } },
    ],
    [
      'no_gate',
      'If nothing stopped the whole book,',
      {},
      { gate: { code: 'stale', text: 'Old.' } },
    ],
    [
      'in_balance',
      'If the balance agreed with the ledger,',
      { offBalance: [{ customerId: debtor.id, name: debtor.name, reason: null }] },
    ],
    [
      'no_credit',
      'If the unapplied credit were used up elsewhere,',
      { unapplied: [{ currency: 'NZD', amountMinor: 9_000 }] },
    ],
    [
      'has_address',
      'If Acme had another email address that works,',
      { debtor: { ...debtor, emailText: null } },
    ],
    [
      'no_recent_message',
      'If no message had gone out to this customer lately,',
      { messagesSent: [{ currency: 'NZD', to: [], on: day('2026-06-14') }] },
    ],
    [
      'step_not_taken',
      'If step overdue-friendly had not been taken on 14 Jun 2026,',
      { taken: [took('a', DUE, 'overdue-friendly', '2026-06-14')] },
    ],
    [
      'without_promise',
      'Without the promise (Ana: they said so)',
      { holds: [promise({}, { invoiceIds: [A] })] },
    ],
  ])(
    'of one that one fact keeps from its reminder: that fact (%s)',
    (code, begins, given, more) => {
      const [first] = changes(given, '2026-06-15', more);
      expect(first).toEqual({
        code,
        sentence: `${begins} "Friendly reminder" would be sent.`,
        outcome: 'remind',
        step: 'overdue-friendly',
      });
    },
  );

  test('of one whose address was refused for good: another one, and that it was not', () => {
    const to = ['ap@acme.example'];
    const rejections = [{ currency: 'NZD', to, on: day('2026-06-14') }];
    const found = changes({ rejections }, '2026-06-15');
    expect(found.map(({ code }) => code)).toEqual(['has_address', 'not_refused', 'later', 'paid']);
    expect(found[1]?.sentence).toBe(
      'If the address had not been refused, "Friendly reminder" would be sent.',
    );
  });

  test('of one that somebody keeps back: without that hold, and that another would not be the first', () => {
    const holds = [manual({ invoiceIds: [A] })];
    const unapplied = [{ currency: 'NZD', amountMinor: 9_000 }];
    const without = `Without the manual hold (${holds[0]!.owner}: ${holds[0]!.reason})`;
    expect(sentences({ holds }, '2026-06-15')[0]).toBe(
      `${without} "Friendly reminder" would be sent.`,
    );
    expect(sentences({ holds, unapplied }, '2026-06-15')[0]).toBe(
      `${without} it would be held for another reason.`,
    );
  });

  test('of one behind two holds: neither, as each would keep it back by itself', () => {
    const holds = [promise({}, { invoiceIds: [A] }), dispute({}, { id: 2, invoiceIds: [A] })];
    expect(sentences({ holds }, '2026-06-15')).toEqual([PAID]);
  });

  test('of one behind a hold that is not the only thing: what it would come to without it', () => {
    const holds = [promise({}, { invoiceIds: [A] })];
    const taken = [took('a', DUE, 'overdue-friendly', '2026-06-15')];
    const first = (more: Partial<CustomerCase>, rules: Partial<Rules> = {}) =>
      sentences({ holds, ...more }, '2026-06-16', rules)[0];
    expect(first({ taken })).toBe(
      'Without the promise (Ana: they said so) it would wait for "Second reminder".',
    );
    expect(first({ taken }, { policy: policyOf(['overdue-friendly: 3 days after due']) })).toBe(
      'Without the promise (Ana: they said so) it would wait.',
    );
    expect(first({ unapplied: [{ currency: 'NZD', amountMinor: 9_000 }] })).toBe(
      'Without the promise (Ana: they said so) it would be held for another reason.',
    );
  });

  test('of one whose step was taken: that step, and the next one’s day', () => {
    const taken = [took('a', DUE, 'overdue-friendly', '2026-06-15')];
    expect(sentences({ taken }, '2026-06-16')).toEqual([
      'If step overdue-friendly had not been taken on 15 Jun 2026, "Friendly reminder" would be sent.',
      'On 22 Jun 2026, 6 days later, without anything else "Second reminder" would be sent.',
      PAID,
    ]);
  });

  test('of one that has had several steps: the last by its day, in whatever order they are read', () => {
    const taken = [
      took('a', DUE, 'call', '2026-07-03'),
      took('a', DUE, 'overdue-friendly', '2026-06-15'),
      took('a', DUE, 'overdue-second', '2026-06-22'),
    ];
    const last =
      'If step call had not been taken on 3 Jul 2026, "Telephone call" would be a task for a person.';
    expect(sentences({ taken }, '2026-07-06')[0]).toBe(last);
    const before = took('a', '2026-05-12', 'overdue-firm', '2026-07-04');
    expect(sentences({ taken: [...taken, before] }, '2026-07-06')[0]).toBe(last);
  });

  test('of one among several: its own last step, in the words of its own policy', () => {
    const invoices = [invoice('a', '2026-07-12'), invoice('b', DUE), invoice('c', DUE)];
    const taken = [
      took('b', DUE, 'overdue-friendly', '2026-06-15'),
      took('b', DUE, 'overdue-second', '2026-06-22'),
      took('c', DUE, 'overdue-friendly', '2026-06-23'),
    ];
    const steps = DEFAULT_POLICY.steps.map((step) => ({ ...step, name: `Our ${step.key}` }));
    const theirs = context(DUE).rulesFor(invoice('a', DUE));
    const ours = { ...theirs, policy: { ...DEFAULT_POLICY, steps } };
    const rulesFor = ({ id }: { id: InvoiceId }) => (id === 'b' ? ours : theirs);
    const found = counterfactuals(
      'b' as InvoiceId,
      aCase({ invoices, taken }),
      context('2026-06-23', { rulesFor }),
    );
    expect(found.map(({ sentence }) => sentence)).toEqual([
      'If step overdue-second had not been taken on 22 Jun 2026, "Our overdue-second" would be sent.',
      'On 3 Jul 2026, 10 days later, without anything else "Our call" would be a task for a person.',
      PAID,
    ]);
  });

  test('of one that a condition leaves out: the condition, with the figure it needs', () => {
    const policy = (head: string, step: string) =>
      parsePolicy(
        `name: P\n${head}\nsteps: [{ key: call, name: Call, at: 3 days after due, channel: call${step} }]`,
      );
    const big = '{ amount: { atLeast: { default: 500 } } }';
    const asked = (given: ReturnType<typeof policy>) =>
      sentences({}, '2026-06-15', { policy: given })[0];
    expect(asked(policy('', `, when: ${big}`))).toBe(
      'If the condition of step call held (the amount asked for would have to be NZD 500.00 or more, and is NZD 100.00), "Call" would be a task for a person.',
    );
    expect(asked(policy('unless: { age: { below: 10 } }', ''))).toBe(
      'If the policy were for it (not while the days past due is below 10; it is 3), "Call" would be a task for a person.',
    );
    expect(asked(policy('', ', when: { age: { atLeast: 20 } }'))).toContain(
      '(the days past due would have to be 20 or more, and is 3)',
    );
    const code = (head: string, step: string) =>
      changes({}, '2026-06-15', { policy: policy(head, step) })[0]?.code;
    expect(code('', `, when: ${big}`)).toBe('condition_met');
    expect(code(`when: ${big}`, '')).toBe('condition_met');
  });

  test('of one that two conditions leave out: each, for the step it stands before', () => {
    const policy = policyOf([
      'call: 3 days after due, call, when: { amount: { atLeast: { default: 500 } } }',
      'visit: 4 days after due, call, when: { amount: { atLeast: { default: 900 } } }',
    ]);
    const needs = (amount: string) =>
      `(the amount asked for would have to be ${amount} or more, and is NZD 100.00)`;
    expect(sentences({}, '2026-06-16', { policy })).toEqual([
      `If the condition of step call held ${needs('NZD 500.00')}, "call" would be a task for a person.`,
      `If the condition of step visit held ${needs('NZD 900.00')}, "visit" would be a task for a person.`,
      PAID,
    ]);
  });

  test('of one that a condition leaves out beside another: for it alone', () => {
    // One call a week: were both freed, the older one would be called about, and this one waits.
    const policy = policyOf(
      [
        'call: 3 days after due, call, when: { amount: { atLeast: { default: 500 } } }',
        'visit: 9 days after due, call, when: { amount: { atLeast: { default: 500 } } }',
      ],
      'budgets: { callsPer7Days: 1 }',
    );
    const invoices = [invoice('a', DUE), invoice('b', '2026-06-06', { currency: 'AUD' })];
    expect(changes({ invoices }, '2026-06-15', { policy })[0]).toMatchObject({
      code: 'condition_met',
      outcome: 'task',
      step: 'call',
    });
  });

  test('of one whose customer is held out: that', () => {
    const half = policyOf(
      ['friendly: 3 days after due', 'firm: 30 days after due'],
      'holdOut: { share: 0.5, before: firm }',
    );
    // Who is drawn follows from the policy's name: under this one Acme is.
    const policy = { ...half, name: 'P' };
    expect(changes({}, '2026-06-15', { policy })[0]).toEqual({
      code: 'not_held_out',
      sentence: 'If Acme were not in the hold-out, "friendly" would be sent.',
      outcome: 'remind',
      step: 'friendly',
    });
  });

  test('of a book that is not automatic: that, where the policy and the step are', () => {
    expect(sentences({}, '2026-06-15', { mode: 'approve' })[0]).toBe(
      'If the book were automatic, "Friendly reminder" would leave without a person.',
    );
    expect(changes({}, '2026-06-15', { mode: 'approve' })[0]?.code).toBe('automatic');
    const shadow = [took('a', DUE, 'overdue-friendly', '2026-06-15', 'shadow')];
    expect(sentences({ taken: shadow }, '2026-06-16', { mode: 'shadow' })[0]).toBe(
      'If the book were automatic, "Friendly reminder" would be sent.',
    );
    const careful = parsePolicy(
      'name: P\nsteps: [{ key: s, name: S, at: 3 days after due, channel: email, template: t, mode: approve }]',
    );
    expect(sentences({}, '2026-06-15', { mode: 'approve', policy: careful })).toEqual([PAID]);
  });

  test('each gives the answer that the rule itself gives for it', () => {
    const facts = aCase({ invoices: [invoice('a', DUE)] });
    const today = context('2026-06-13');
    const later = counterfactuals(A, facts, today).find(({ code }) => code === 'later');
    const then = decide(facts, { ...today, asOn: addDays(today.asOn, 2) }).decisions[0];
    expect([later?.outcome, later?.step]).toEqual([then?.outcome, then?.step]);
  });

  test('of an invoice that the case does not have: nothing', () => {
    expect(counterfactuals('b' as InvoiceId, aCase(), context('2026-06-13'))).toEqual([]);
  });
});
