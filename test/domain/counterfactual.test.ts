import { describe, expect, test } from 'vitest';
import { counterfactuals } from '../../src/domain/counterfactual.ts';
import { addDays, day } from '../../src/domain/day.ts';
import { decide } from '../../src/domain/dunning.ts';
import type { CustomerCase, DunningContext, Rules } from '../../src/domain/dunning-case.ts';
import { parsePolicy } from '../../src/domain/policy.ts';
import type { InvoiceId } from '../../src/domain/receivables.ts';
import { aCase, context, invoice, took } from './cases.ts';

const A = 'a' as InvoiceId;
const DUE = '2026-06-12';

function sentences(
  given: Partial<CustomerCase>,
  on: string,
  more: Partial<DunningContext & Rules> = {},
) {
  const facts = { invoices: [invoice('a', DUE)], ...given };
  return counterfactuals(A, aCase(facts), context(on, more)).map(({ sentence }) => sentence);
}

describe('what would have changed the answer', () => {
  test('of an invoice that waits: the day it waits for, and its payment', () => {
    expect(sentences({}, '2026-06-13')).toEqual([
      'On 15 Jun 2026, 2 days later, without anything else "Friendly reminder" would be sent.',
      'If it were paid, nothing would be asked for.',
    ]);
  });

  test('of one that nobody can be written about: an address', () => {
    const { debtor } = aCase();
    expect(sentences({ debtor: { ...debtor, emailText: null } }, '2026-06-15')).toEqual([
      'If Acme had another email address that works, "Friendly reminder" would be sent.',
      'If it were paid, nothing would be asked for.',
    ]);
  });

  test('of one whose customer is never reminded: that setting', () => {
    const { debtor } = aCase();
    expect(sentences({ debtor: { ...debtor, doNotChase: true } }, '2026-06-15')[0]).toBe(
      'If Acme were not set to never be reminded, "Friendly reminder" would be sent.',
    );
  });

  test('of one behind unapplied credit, a variance, a gate, a recent message', () => {
    const first = (given: Partial<CustomerCase>, more: Partial<DunningContext> = {}) =>
      sentences(given, '2026-06-15', more)[0];
    expect(first({ unapplied: [{ currency: 'NZD', amountMinor: 9_000 }] })).toBe(
      'If the unapplied credit were used up elsewhere, "Friendly reminder" would be sent.',
    );
    const { debtor } = aCase();
    expect(
      first({ offBalance: [{ customerId: debtor.id, name: debtor.name, reason: null }] }),
    ).toBe('If the balance agreed with the ledger, "Friendly reminder" would be sent.');
    expect(first({}, { gate: { code: 'stale', text: 'Old figures.' } })).toBe(
      'If nothing stopped the whole book, "Friendly reminder" would be sent.',
    );
    expect(first({ messagesSent: [{ currency: 'NZD', to: [], on: day('2026-06-14') }] })).toBe(
      'If no message had gone out to this customer lately, "Friendly reminder" would be sent.',
    );
  });

  test('of one whose step was taken: that step, and the next one’s day', () => {
    const taken = [took('a', DUE, 'overdue-friendly', '2026-06-15')];
    expect(sentences({ taken }, '2026-06-16')).toEqual([
      'If step overdue-friendly had not been taken on 15 Jun 2026, "Friendly reminder" would be sent.',
      'On 22 Jun 2026, 6 days later, without anything else "Second reminder" would be sent.',
      'If it were paid, nothing would be asked for.',
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
  });

  test('of a book that is not automatic: that, where the policy and the step are', () => {
    expect(sentences({}, '2026-06-15', { mode: 'approve' })[0]).toBe(
      'If the book were automatic, "Friendly reminder" would leave without a person.',
    );
    const shadow = [took('a', DUE, 'overdue-friendly', '2026-06-15', 'shadow')];
    expect(sentences({ taken: shadow }, '2026-06-16', { mode: 'shadow' })[0]).toBe(
      'If the book were automatic, "Friendly reminder" would be sent.',
    );
    const careful = parsePolicy(
      'name: P\nsteps: [{ key: s, name: S, at: 3 days after due, channel: email, template: t, mode: approve }]',
    );
    expect(sentences({}, '2026-06-15', { mode: 'approve', policy: careful })).toEqual([
      'If it were paid, nothing would be asked for.',
    ]);
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
