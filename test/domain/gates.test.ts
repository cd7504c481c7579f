import { describe, expect, test } from 'vitest';
import { day } from '../../src/domain/day.ts';
import type { CustomerCase } from '../../src/domain/dunning-case.ts';
import type { CustomerId } from '../../src/domain/receivables.ts';
import { aCase, ask, context, DEFAULT_POLICY, invoice, took } from './cases.ts';

const DUE = '2026-06-12';

/** What is said of the first invoice, with its figures. */
function told(given: Partial<CustomerCase>, on = '2026-06-15') {
  const [decision] = ask({ invoices: [invoice('a', DUE)], ...given }, on).decision.decisions;
  const reason = decision?.path.at(-1);
  return [reason?.code, reason?.text, reason?.figures];
}

describe('what stops a letter', () => {
  const invoices = [invoice('a', DUE), invoice('b', '2026-07-12')];

  test('the whole book: with that reason, and only for what would have gone out', () => {
    const gate = { code: 'stale', text: 'The ledger was last read long ago.' };
    const asked = ask({ invoices }, '2026-06-15', { gate });
    expect(asked.answers).toEqual([
      'a: hold overdue-friendly (stale)',
      'b: wait before-due until 2026-07-07 (not_due_yet)',
    ]);
    expect(asked.messages).toEqual([]);
  });

  test('a balance that differs from the ledger’s', () => {
    const offBalance = [{ customerId: 'acme' as CustomerId, name: 'Acme', reason: 'unknown' }];
    expect(ask({ invoices, offBalance }, '2026-06-15').answers[0]).toBe(
      'a: hold overdue-friendly (off_balance)',
    );
  });

  test('says whose balance it is, and why when that is known', () => {
    const own = { customerId: 'acme' as CustomerId, name: 'Acme', reason: 'a payment is missing' };
    const child = { customerId: 'branch' as CustomerId, name: 'Branch', reason: null };
    const ofAcme =
      'The balance of Acme here and in the ledger differ (a payment is missing): not chased until they agree.';
    expect(told({ offBalance: [own, child] })).toEqual(['off_balance', ofAcme, undefined]);
    expect(told({ offBalance: [child, own] })[1]).toBe(ofAcme);
    expect(told({ offBalance: [child] })[1]).toBe(
      'The balance of Branch here and in the ledger differ: not chased until they agree.',
    );
  });

  test.each([
    [4999, 'a: remind overdue-friendly (message)'],
    [5000, 'a: hold overdue-friendly until 2026-07-07 (unapplied_credit)'],
  ])('credit of %i against 10,000 asked for', (amountMinor, expected) => {
    const unapplied = [{ currency: 'NZD', amountMinor }];
    expect(ask({ invoices, unapplied }, '2026-06-15').answers[0]).toBe(expected);
  });

  test('credit is set against all that a message would ask for: what is due and what is overdue', () => {
    const given = (amountMinor: number) => ({
      invoices: [
        invoice('a', DUE),
        invoice('overdue', '2026-06-01'), // its second reminder went out
        invoice('today', '2026-06-15'), // told this morning, not overdue yet
        invoice('later', '2026-07-30'),
      ],
      taken: [
        took('overdue', '2026-06-01', 'overdue-second', '2026-06-11'),
        took('today', '2026-06-15', 'due-today', '2026-06-15'),
      ],
      unapplied: [{ currency: 'NZD', amountMinor }],
    });
    expect(told(given(10_000))).toEqual([
      'unapplied_credit',
      'NZD 100.00 of credit or payment stands unapplied against NZD 200.00 that would be asked for: apply it first.',
      { creditMinor: 10_000, askedMinor: 20_000 },
    ]);
    expect(told(given(9_999))[0]).toBe('message');
  });

  test('credit stops a notice before the due date too', () => {
    const unapplied = [
      { currency: 'NZD', amountMinor: 3_000 },
      { currency: 'NZD', amountMinor: 2_000 },
    ];
    expect(told({ unapplied }, '2026-06-07')).toEqual([
      'unapplied_credit',
      'NZD 50.00 of credit or payment stands unapplied against NZD 100.00 that would be asked for: apply it first.',
      { creditMinor: 5_000, askedMinor: 10_000 },
    ]);
  });

  test('of several policies the most careful that asks today says how much credit stops it', () => {
    const careful = { ...DEFAULT_POLICY, name: 'Careful', unappliedCreditHoldShare: 0.1 };
    const answersWith = (amountMinor: number, dueOn: string) =>
      ask(
        {
          invoices: [invoice('a', DUE), invoice('b', dueOn)],
          unapplied: [{ currency: 'NZD', amountMinor }],
        },
        '2026-06-15',
        {
          rulesFor: (one) =>
            context('2026-06-15', one.id === 'b' ? { policy: careful } : {}).rulesFor(one),
        },
      ).answers;
    expect(answersWith(2_000, DUE)).toEqual([
      'a: hold overdue-friendly (unapplied_credit)',
      'b: hold overdue-friendly (unapplied_credit)',
    ]);
    expect(answersWith(1_999, DUE)[0]).toBe('a: remind overdue-friendly (message)');
    // The careful one has nothing to ask for yet.
    expect(answersWith(2_000, '2026-07-12')[0]).toBe('a: remind overdue-friendly (message)');
  });

  test('credit in another currency stops nothing', () => {
    const unapplied = [{ currency: 'AUD', amountMinor: 99_999 }];
    expect(ask({ invoices, unapplied }, '2026-06-15').messages).toHaveLength(1);
  });

  test('nobody to write to stops emails, not calls', () => {
    const debtor = { ...aCase().debtor, emailText: 'nobody\r\n@x' };
    const taken = [took('c', '2026-05-20', 'overdue-second', '2026-05-30')];
    const asked = ask(
      { debtor, invoices: [...invoices, invoice('c', '2026-05-20')], taken },
      '2026-06-15',
    );
    expect(asked.answers[0]).toBe('a: hold overdue-friendly (unreachable)');
    expect(asked.messages).toEqual(['call NZD [c a*] 200.00']);
  });

  test.each([
    [null, 'Acme has no email address.'],
    ['accounts at acme', 'Acme has no usable address: has no @.'],
  ])('the address field %j: %s', (emailText, text) => {
    const debtor = { ...aCase().debtor, emailText };
    expect(told({ debtor })).toEqual(['unreachable', text, undefined]);
  });

  test('an address that was refused for good rests for a week; another address does not', () => {
    const rejections = [{ currency: 'NZD', to: ['ap@acme.example'], on: day('2026-06-10') }];
    expect(ask({ invoices, rejections }, '2026-06-16').answers[0]).toBe(
      'a: hold overdue-friendly until 2026-06-17 (address_refused)',
    );
    expect(ask({ invoices, rejections }, '2026-06-17').messages).toHaveLength(1);
    const debtor = { ...aCase().debtor, emailText: 'new@acme.example' };
    expect(ask({ invoices, rejections, debtor }, '2026-06-16').messages).toHaveLength(1);
  });

  test('after a refusal the latest one counts, with the day of the next try', () => {
    const refused = (on: string) => ({ currency: 'NZD', to: ['ap@acme.example'], on: day(on) });
    const rejections = [refused('2026-06-10'), refused('2026-06-12'), refused('2026-06-09')];
    expect(told({ rejections })).toEqual([
      'address_refused',
      'The mail server refused the last message to this address for good: correct it, or it is tried again on 19 Jun 2026.',
      undefined,
    ]);
  });

  test('a refusal counts in its currency, for the same addresses in whatever order', () => {
    const debtor = { ...aCase().debtor, emailText: 'zoe@acme.example; ap@acme.example' };
    const refused = (currency: string, ...to: string[]) =>
      told({ debtor, rejections: [{ currency, to, on: day('2026-06-14') }] })[0];
    expect(refused('NZD', 'zoe@acme.example', 'ap@acme.example')).toBe('address_refused');
    expect(refused('NZD', 'ap@acme.example', 'zoe@acme.example')).toBe('address_refused');
    expect(refused('NZD', 'ap@acme.example')).toBe('message');
    expect(refused('AUD', 'zoe@acme.example', 'ap@acme.example')).toBe('message');
  });

  test('never-remind is an answer for every invoice, due or not', () => {
    const debtor = { ...aCase().debtor, doNotChase: true };
    expect(ask({ debtor, invoices }, '2026-06-15').answers).toEqual([
      'a: hold (do_not_chase)',
      'b: hold (do_not_chase)',
    ]);
  });
});

describe('pace', () => {
  const invoices = [invoice('a', DUE)];
  const sent = (...on: string[]) =>
    on.map((text) => ({ currency: 'NZD', on: day(text), to: ['ap@acme.example'] }));
  test.each([
    [['2026-06-13'], 'a: wait overdue-friendly until 2026-06-16 (spacing)'],
    [['2026-06-12'], 'a: remind overdue-friendly (message)'],
    [['2026-06-11', '2026-06-09'], 'a: wait overdue-friendly until 2026-06-16 (budget)'], // two in seven days
    [['2026-06-11', '2026-06-08'], 'a: remind overdue-friendly (message)'],
  ])('messages on %j', (on, expected) => {
    expect(ask({ invoices, messagesSent: sent(...on) }, '2026-06-15').answers).toEqual([expected]);
  });

  test('the next message is announced by the last one', () => {
    expect(told({ messagesSent: sent('2026-06-13', '2026-06-06') })).toEqual([
      'spacing',
      'The last message went out on 13 Jun 2026; the next may follow on 16 Jun 2026.',
      { latestOn: '2026-06-13' },
    ]);
  });

  test('a message in another currency does not count, and tasks do not wait', () => {
    const messagesSent = [...sent('2026-06-14')];
    const others = [invoice('b', DUE, { currency: 'AUD' }), invoice('c', '2026-05-20')];
    const taken = [took('c', '2026-05-20', 'overdue-second', '2026-05-30')];
    expect(ask({ invoices: others, messagesSent, taken }, '2026-06-15').messages).toEqual([
      'overdue-friendly AUD [b] 100.00',
      'call NZD [c] 100.00',
    ]);
  });

  test('a notice that would have to wait says when it lapses', () => {
    const coming = [invoice('a', '2026-06-16')];
    expect(
      ask({ invoices: coming, messagesSent: sent('2026-06-14') }, '2026-06-15').answers,
    ).toEqual(['a: wait before-due until 2026-06-16 (spacing)']);
  });
});
