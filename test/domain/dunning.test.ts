import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, day, type Day, formatDay } from '../../src/domain/day.ts';
import { decide, whyWithdrawn } from '../../src/domain/dunning.ts';
import type { CustomerCase, PendingMessage } from '../../src/domain/dunning-case.ts';
import type { CustomerId, InvoiceId } from '../../src/domain/receivables.ts';
import { aCase, ask, context, DEFAULT_POLICY, invoice, took } from './cases.ts';
import { dispute, manual } from './hold-cases.ts';

const DUE = '2026-06-12';

describe('one invoice', () => {
  test.each([
    ['2026-06-06', 'a: wait before-due until 2026-06-07 (not_due_yet)', []],
    [
      '2026-06-07',
      'a: remind before-due until 2026-06-12 (message)',
      ['before-due NZD [a] 100.00'],
    ],
    ['2026-06-12', 'a: remind due-today until 2026-06-15 (message)', ['due-today NZD [a] 100.00']],
    ['2026-06-15', 'a: remind overdue-friendly (message)', ['overdue-friendly NZD [a] 100.00']],
  ])('on %s: %s', (on, answer, sent) => {
    const asked = ask({ invoices: [invoice('a', DUE)] }, on);
    expect([asked.answers, asked.messages]).toEqual([[answer], sent]);
  });

  test('the sentence and the path say why, which policy spoke, and how it was chosen', () => {
    const [decision] = ask({ invoices: [invoice('a', DUE)] }, '2026-06-15').decision.decisions;
    expect(decision?.because).toBe(
      'Was due on 12 Jun 2026, NZD 100.00 open: "Friendly reminder" is due.',
    );
    expect(decision?.path.map((reason) => reason.text)).toEqual([
      'Policy "Standard" version 1, the default of the library.',
      'Was due on 12 Jun 2026, NZD 100.00 of it open.',
      '"Friendly reminder" is at 3 days after the due date: reached.',
      'Was due on 12 Jun 2026, NZD 100.00 open: "Friendly reminder" is due.',
    ]);
    expect(decision?.facts).toMatchObject({
      daysPastDue: 3,
      debtorName: 'Acme',
      overdueMinor: 10_000,
      recipients: { to: ['ap@acme.example'], source: 'customer' },
      policy: { name: 'Standard', version: 1, source: 'library' },
    });
  });

  test.each([
    ['draft', { status: 'draft' }, 'a: none (draft)'],
    ['a journal line', { kind: 'journal' }, 'a: none (journal)'],
    ['nothing open', { openMinor: 0 }, 'a: none (nothing_open)'],
    ['at the tolerance', { openMinor: 500 }, 'a: none (tolerance)'],
    ['above the tolerance', { openMinor: 501 }, 'a: remind overdue-friendly (message)'],
    ['500 yen', { openMinor: 500, currency: 'JPY' }, 'a: none (tolerance)'],
  ] as const)('%s', (_what, more, expected) => {
    expect(ask({ invoices: [invoice('a', DUE, more)] }, '2026-06-15').answers).toEqual([expected]);
  });

  test('when every step has been taken it waits for people, not for a day', () => {
    const policy = { ...DEFAULT_POLICY, steps: DEFAULT_POLICY.steps.slice(0, 3) };
    const taken = [took('a', DUE, 'overdue-friendly', '2026-06-15')];
    expect(ask({ invoices: [invoice('a', DUE)], taken }, '2026-07-15', { policy }).answers).toEqual(
      ['a: wait (no_step_left)'],
    );
  });

  test('a new due date begins a new chain: what was said about the old one no longer counts', () => {
    const taken = [took('a', '2026-05-01', 'overdue-second', '2026-05-11')];
    expect(ask({ invoices: [invoice('a', DUE)], taken }, '2026-06-15').answers).toEqual([
      'a: remind overdue-friendly (message)',
    ]);
  });

  test('of instalments only what has fallen due is asked for, and the first unpaid one counts the days', () => {
    const schedule = [
      { dueOn: day('2026-05-12'), amountMinor: 3000 },
      { dueOn: day(DUE), amountMinor: 3000 },
      { dueOn: day('2026-07-12'), amountMinor: 4000 },
    ];
    const invoices = [invoice('a', '2026-05-12', { schedule, openMinor: 6000 })];
    const asked = ask({ invoices }, '2026-06-15');
    expect(asked.messages).toEqual(['overdue-friendly NZD [a] 20.00']);
    expect(asked.decision.decisions[0]?.facts).toMatchObject({ dueOn: DUE, askedMinor: 2000 });
  });
});

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

  test('two currencies are two messages, and nothing is added across them', () => {
    const invoices = [invoice('a', DUE), invoice('b', DUE, { currency: 'AUD', openMinor: 700 })];
    expect(ask({ invoices }, '2026-06-15').messages).toEqual([
      'overdue-friendly AUD [b] 7.00',
      'overdue-friendly NZD [a] 100.00',
    ]);
  });

  test('work for people stands apart from the email, one task for each step', () => {
    const invoices = [invoice('a', '2026-05-20'), invoice('b', '2026-04-20'), invoice('c', DUE)];
    const taken = [
      took('a', '2026-05-20', 'overdue-second', '2026-05-30'),
      took('b', '2026-04-20', 'overdue-firm', '2026-05-20'),
    ];
    expect(ask({ invoices, taken }, '2026-06-15').messages).toEqual([
      'call NZD [b* a c*] 300.00',
      'letter-formal NZD [b a* c*] 300.00',
      'overdue-friendly NZD [b* a* c] 300.00',
    ]);
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
  });
});

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

  test.each([
    [4999, 'a: remind overdue-friendly (message)'],
    [5000, 'a: hold overdue-friendly until 2026-07-07 (unapplied_credit)'],
  ])('credit of %i against 10,000 asked for', (amountMinor, expected) => {
    const unapplied = [{ currency: 'NZD', amountMinor }];
    expect(ask({ invoices, unapplied }, '2026-06-15').answers[0]).toBe(expected);
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

  test('an address that was refused for good rests for a week; another address does not', () => {
    const rejections = [{ currency: 'NZD', to: ['ap@acme.example'], on: day('2026-06-10') }];
    expect(ask({ invoices, rejections }, '2026-06-16').answers[0]).toBe(
      'a: hold overdue-friendly until 2026-06-17 (address_refused)',
    );
    expect(ask({ invoices, rejections }, '2026-06-17').messages).toHaveLength(1);
    const debtor = { ...aCase().debtor, emailText: 'new@acme.example' };
    expect(ask({ invoices, rejections, debtor }, '2026-06-16').messages).toHaveLength(1);
  });

  test('never-remind is an answer for every invoice, due or not', () => {
    const debtor = { ...aCase().debtor, doNotChase: true };
    expect(ask({ debtor, invoices }, '2026-06-15').answers).toEqual([
      'a: hold (do_not_chase)',
      'b: hold (do_not_chase)',
    ]);
  });
});

describe('holds', () => {
  const until = (on: string | null) => ({ untilOn: on === null ? null : day(on) });
  const invoices = [invoice('a', DUE), invoice('b', DUE)];

  test('the last day still holds, the day after does not', () => {
    const holds = [manual(until('2026-06-20'))];
    expect(ask({ invoices, holds }, '2026-06-20').answers).toEqual([
      'a: hold until 2026-06-21 (hold_manual)',
      'b: hold until 2026-06-21 (hold_manual)',
    ]);
    expect(ask({ invoices, holds }, '2026-06-21').messages).toEqual([
      'overdue-friendly NZD [a b] 200.00',
    ]);
  });

  test('one on an invoice leaves the others', () => {
    const holds = [manual({ invoiceIds: ['a' as InvoiceId] })];
    expect(ask({ invoices, holds }, '2026-06-15').messages).toEqual([
      'overdue-friendly NZD [b] 100.00',
    ]);
  });

  test('of several the one that lasts longest speaks', () => {
    const holds = [manual(until('2026-06-20')), dispute(), manual(until('2026-12-01'))];
    const [answer] = ask({ invoices, holds }, '2026-06-15').answers;
    expect(answer).toBe('a: hold until 2026-06-21 (hold_dispute)');
  });

  test('one that has not begun does not hold, but its day is named', () => {
    const holds = [manual({ fromOn: day('2026-06-14') })];
    expect(ask({ invoices: [invoice('a', '2026-08-01')], holds }, '2026-06-13').answers).toEqual([
      'a: wait before-due until 2026-06-14 (not_due_yet)',
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

describe('what is on its way', () => {
  const pending = (more: Partial<PendingMessage>): PendingMessage => ({
    key: 'Standard:acme:NZD:overdue-friendly:a@2026-06-12',
    currency: 'NZD',
    step: 'overdue-friendly',
    isApproved: false,
    triggers: [{ invoiceId: 'a' as InvoiceId, dueOn: day(DUE), step: 'overdue-friendly' }],
    ...more,
  });
  const invoices = [invoice('a', DUE), invoice('b', '2026-06-13')];

  test('a message nobody has approved yet is replaced by one that covers more', () => {
    const asked = ask({ invoices, pending: [pending({})] }, '2026-06-16');
    expect(asked.messages).toEqual(['overdue-friendly NZD [a b] 200.00']);
    const byId = new Map(asked.decision.decisions.map((d) => [d.invoiceId, d]));
    expect(whyWithdrawn(pending({}), byId, 'approve')).toBe('replaced by a later message');
  });

  test('one that a person approved stays as it is, and the rest follows after it', () => {
    const asked = ask({ invoices, pending: [pending({ isApproved: true })] }, '2026-06-16');
    expect(asked.decision.proposals.map((p) => [p.key, p.isApproved])).toEqual([
      [pending({}).key, true],
    ]);
    expect(asked.answers).toEqual([
      'a: remind overdue-friendly (message)',
      'b: wait overdue-friendly (behind_approved)',
    ]);
  });

  test('why a message is taken back', () => {
    const asked = (given: Partial<CustomerCase>) =>
      new Map(
        ask({ invoices, ...given }, '2026-06-16').decision.decisions.map((d) => [d.invoiceId, d]),
      );
    expect(whyWithdrawn(pending({}), asked({ invoices: [] }), 'approve')).toBe(
      'paid or no longer open',
    );
    expect(
      whyWithdrawn(
        pending({}),
        asked({ offBalance: [{ customerId: 'acme' as CustomerId, name: 'Acme', reason: null }] }),
        'approve',
      ),
    ).toMatch(/^held: The balance of Acme/);
    expect(
      whyWithdrawn(
        pending({}),
        asked({ messagesSent: [{ currency: 'NZD', on: day('2026-06-15'), to: [] }] }),
        'approve',
      ),
    ).toBe('no longer due');
    expect(whyWithdrawn(pending({}), asked({}), 'shadow')).toBe('the book is in shadow mode');
  });

  test('a task stays with its person until it is done, and the next reminder does not wait for that', () => {
    const taken = [took('a', DUE, 'call', '2026-07-03', 'todo')];
    const given = { invoices: [invoice('a', DUE)], taken };
    expect(ask(given, '2026-07-04').answers).toEqual(['a: task call until 2026-07-12 (open_task)']);
    expect(ask(given, '2026-07-12').answers).toEqual(['a: remind overdue-firm (message)']);
  });

  test('a hand-over ends the reminders from the moment it is asked for', () => {
    const given = (state: 'todo' | 'done') => ({
      invoices: [invoice('a', DUE)],
      taken: [took('a', DUE, 'hand-over', '2026-09-10', state)],
    });
    expect(ask(given('todo'), '2026-12-01').answers).toEqual(['a: task hand-over (open_task)']);
    expect(ask(given('done'), '2026-12-01').answers).toEqual(['a: hold hand-over (handed_over)']);
  });
});

describe('for any customer', () => {
  const anyInvoice = fc.record({
    age: fc.integer({ min: -20, max: 120 }),
    openMinor: fc.integer({ min: 0, max: 20_000 }),
    currency: fc.constantFrom('NZD', 'AUD'),
    emailText: fc.constantFrom(null, 'bill@acme.example'),
    status: fc.constantFrom('open' as const, 'open' as const, 'draft' as const),
    stepsTaken: fc.integer({ min: 0, max: 9 }),
  });
  const NOW = '2026-08-19';
  const anyCase = fc.record({
    invoices: fc.array(anyInvoice, { minLength: 1, maxLength: 8 }),
    creditMinor: fc.constantFrom(0, 0, 5000),
    sentAgo: fc.constantFrom(null, 0, 2, 5),
    holdDays: fc.constantFrom(null, -1, 0, 4),
  });
  type AnyCase = typeof anyCase extends fc.Arbitrary<infer T> ? T : never;

  function build(given: AnyCase, shift = 0): CustomerCase {
    const now = addDays(day(NOW), shift);
    return aCase({
      invoices: given.invoices.map((one, i) => invoice(`i${i}`, addDays(now, -one.age), one)),
      taken: given.invoices.flatMap((one, i) =>
        DEFAULT_POLICY.steps
          .slice(0, one.stepsTaken)
          .filter((step) => step.at.days < one.age)
          .map((step) =>
            took(
              `i${i}`,
              formatDay(addDays(now, -one.age)),
              step.key,
              formatDay(addDays(now, step.at.days - one.age)),
              'done',
            ),
          ),
      ),
      unapplied:
        given.creditMinor === 0 ? [] : [{ currency: 'NZD', amountMinor: given.creditMinor }],
      messagesSent:
        given.sentAgo === null
          ? []
          : [{ currency: 'NZD', on: addDays(now, -given.sentAgo), to: [] }],
      holds:
        given.holdDays === null
          ? []
          : [
              manual({
                invoiceIds: ['i0' as InvoiceId],
                fromOn: addDays(now, -9),
                untilOn: addDays(now, given.holdDays),
              }),
            ],
    });
  }

  test('every invoice gets exactly one decision, and every message has a cause', () => {
    fc.assert(
      fc.property(anyCase, (given) => {
        const { decisions, proposals } = decide(build(given), context(NOW));
        expect(decisions.map((d) => d.invoiceId).sort()).toEqual(
          given.invoices.map((_, i) => `i${i}`).sort(),
        );
        for (const proposal of proposals) {
          const causing = proposal.invoices.filter((line) => line.isTrigger);
          expect(causing.length).toBeGreaterThan(0);
          for (const line of causing) {
            const found = decisions.find((d) => d.invoiceId === line.invoiceId);
            expect([found?.actionKey, found?.step]).toEqual([proposal.key, line.step]);
          }
        }
        const emails = proposals.filter((p) => p.step.channel === 'email');
        expect(new Set(emails.map((p) => p.currency)).size).toBe(emails.length);
      }),
    );
  });

  test('the same facts twice give the same, in whatever order they come', () => {
    fc.assert(
      fc.property(anyCase, (given) => {
        const first = build(given);
        const turned: CustomerCase = {
          ...first,
          invoices: first.invoices.toReversed(),
          taken: first.taken.toReversed(),
          holds: first.holds.toReversed(),
          messagesSent: first.messagesSent.toReversed(),
        };
        expect(decide(turned, context(NOW))).toEqual(decide(first, context(NOW)));
      }),
    );
  });

  test('moving every date moves the answer by as much', () => {
    fc.assert(
      fc.property(anyCase, fc.integer({ min: -400, max: 400 }), (given, shift) => {
        const here = decide(build(given), context(NOW));
        const there = decide(build(given, shift), context(addDays(day(NOW), shift)));
        const shape = (decision: typeof here, by: number) =>
          decision.decisions.map(({ invoiceId, outcome, step, nextOn }) => [
            invoiceId,
            outcome,
            step,
            nextOn === null ? null : nextOn - by,
          ]);
        expect(shape(there, shift)).toEqual(shape(here, 0));
      }),
    );
  });

  test('paying an invoice never brings a more severe message', () => {
    fc.assert(
      fc.property(anyCase, fc.nat(7), (given, which) => {
        const before = build({ ...given, creditMinor: 0 });
        const after = { ...before, invoices: before.invoices.filter((_, i) => i !== which) };
        const worst = (on: CustomerCase) =>
          Math.max(
            -1,
            ...decide(on, context(NOW)).proposals.map((p) => DEFAULT_POLICY.steps.indexOf(p.step)),
          );
        expect(worst(after)).toBeLessThanOrEqual(worst(before));
      }),
    );
  });

  test('without new facts no answer changes before the day it names', () => {
    fc.assert(
      fc.property(anyCase, (given) => {
        const facts = build(given);
        const digest = (on: Day) =>
          new Map(
            decide(facts, context(on)).decisions.map((d) => [
              d.invoiceId,
              {
                answer: [d.outcome, d.step, d.actionKey, d.path.map((r) => r.code)],
                nextOn: d.nextOn,
              },
            ]),
          );
        const first = digest(day(NOW));
        // A customer is decided on as a whole: the earliest day any of its answers names.
        const quietUntil = Math.min(
          ...[...first.values()].map((d) => d.nextOn ?? Infinity),
          day(NOW) + 40,
        );
        for (let on = day(NOW) + 1; on < quietUntil; on += 1) {
          for (const [id, { answer }] of digest(on as Day))
            expect(answer).toEqual(first.get(id)?.answer);
        }
      }),
    );
  });
});
