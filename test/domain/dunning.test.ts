import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, day, type Day, formatDay } from '../../src/domain/day.ts';
import { decide, whyWithdrawn } from '../../src/domain/dunning.ts';
import type { ChaseInvoice, CustomerCase, PendingMessage } from '../../src/domain/dunning-case.ts';
import type { CustomerId, InvoiceId } from '../../src/domain/receivables.ts';
import { aCase, ask, context, DEFAULT_POLICY, invoice, took } from './cases.ts';
import { dispute, extension, manual, promise } from './hold-cases.ts';
import { policyOf } from './policies.ts';

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
    expect(decision?.path.map(({ code, figures }) => [code, figures])).toEqual([
      ['policy:library', {}],
      ['due', { dueOn: DUE, openMinor: 10_000 }],
      ['step:overdue-friendly', { dayOn: '2026-06-15' }],
      ['message', { invoices: 1, totalMinor: 10_000 }],
    ]);
  });

  test('the facts say whose it is, what is owed, and how far it has been taken', () => {
    const given = {
      invoices: [invoice('a', DUE, { customerId: 'branch' as CustomerId })],
      taken: [took('a', DUE, 'before-due', '2026-06-08')],
      unapplied: [{ currency: 'NZD', amountMinor: 1_000 }],
    };
    const [decision] = ask(given, '2026-06-15').decision.decisions;
    expect(decision?.customerId).toBe('branch');
    expect(decision?.facts).toEqual({
      number: 'A',
      currency: 'NZD',
      totalMinor: 10_000,
      openMinor: 10_000,
      askedMinor: 10_000,
      issuedOn: '2026-05-23',
      dueOn: DUE,
      daysPastDue: 3,
      customerId: 'branch',
      debtorId: 'acme',
      debtorName: 'Acme',
      overdueMinor: 10_000,
      unappliedMinor: 1_000,
      taken: [{ step: 'before-due', on: '2026-06-08', state: 'sent' }],
      escalation: { state: 'overdue', since: '2026-06-13', suspendedBy: null },
      accountState: 'overdue',
      message: {
        step: 'overdue-friendly',
        name: 'Friendly reminder',
        channel: 'email',
        mode: 'automatic',
      },
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

  test('a condition counts what is overdue by agreement', () => {
    const policy = policyOf([
      'call: 3 days after due, call, when: { overdueCount: { atLeast: 2 } }',
    ]);
    const answer = (holds: CustomerCase['holds']) =>
      ask({ invoices, holds }, '2026-06-15', { policy }).answers[0];
    expect(answer([])).toBe('a: task call (task)');
    expect(answer([extension('2026-06-30', { invoiceIds: ['b' as InvoiceId] })])).toBe(
      'a: wait until 2026-07-01 (no_step_left)',
    );
  });

  test('one that has not begun does not hold, but its day is named', () => {
    const holds = [manual({ fromOn: day('2026-06-14') })];
    expect(ask({ invoices: [invoice('a', '2026-08-01')], holds }, '2026-06-13').answers).toEqual([
      'a: wait before-due until 2026-06-14 (not_due_yet)',
    ]);
  });
});

describe('how far it has been taken', () => {
  const called = took('a', DUE, 'call', '2026-07-03', 'done');
  const stands = (given: Partial<CustomerCase>, on = '2026-07-06') => {
    const [first] = ask({ invoices: [invoice('a', DUE)], ...given }, on).decision.decisions;
    return first?.facts.escalation;
  };

  test('an invoice that is not due has stood there from the beginning', () => {
    expect(stands({}, DUE)).toEqual({ state: 'not_due', since: null, suspendedBy: null });
  });

  test.each<[string, Partial<CustomerCase>, string | null]>([
    ['nothing', {}, null],
    ['a promise', { holds: [promise({ payOn: day('2026-07-10') })] }, 'promise'],
    ['a dispute', { holds: [dispute()] }, 'dispute'],
    [
      'figures that differ from the ledger’s',
      {
        invoices: [invoice('a', '2026-07-03')],
        offBalance: [{ customerId: 'acme' as CustomerId, name: 'Acme', reason: null }],
      },
      'off_balance',
    ],
  ])('chasing rests for %s', (_what, given, suspendedBy) => {
    expect(stands({ taken: [called], ...given })?.suspendedBy).toBe(suspendedBy);
  });

  test('what an agency has is handed over, not suspended', () => {
    const taken = [took('a', DUE, 'hand-over', '2026-09-10', 'done')];
    expect(stands({ taken }, '2026-09-15')).toEqual({
      state: 'handed_over',
      since: '2026-09-10',
      suspendedBy: null,
    });
  });

  test('the customer stands where the furthest of its open invoices stands', () => {
    const account = (more: Partial<ChaseInvoice>) => {
      const invoices = [invoice('a', DUE, more), invoice('b', '2026-07-30')];
      const { decisions } = ask({ invoices, taken: [called] }, '2026-07-06').decision;
      return decisions.map(({ facts }) => facts.accountState);
    };
    expect(account({})).toEqual(['called', 'called']);
    expect(account({ openMinor: 0 })).toEqual(['not_due', 'not_due']);
    expect(account({ status: 'draft' })).toEqual(['not_due', 'not_due']);
  });

  test('a customer of whom nothing is open has not been taken anywhere', () => {
    const invoices = [invoice('a', DUE, { status: 'draft' })];
    const [decision] = ask({ invoices, taken: [called] }, '2026-07-06').decision.decisions;
    expect(decision?.facts.accountState).toBe('not_due');
  });

  test('overdue altogether, of instalments: those due before today, not the one of today', () => {
    const schedule = [
      { dueOn: day('2026-06-12'), amountMinor: 3_000 },
      { dueOn: day('2026-06-15'), amountMinor: 7_000 },
    ];
    const [decision] = ask({ invoices: [invoice('a', DUE, { schedule })] }, '2026-06-15').decision
      .decisions;
    expect(decision?.facts).toMatchObject({ overdueMinor: 3_000, askedMinor: 10_000 });
  });

  test('overdue altogether, in its currency: what was due before today, without drafts', () => {
    const invoices = [
      invoice('a', DUE),
      invoice('b', '2026-06-14', { openMinor: 2_500 }),
      invoice('draft', DUE, { status: 'draft' }),
      invoice('today', '2026-06-15'),
      invoice('x', DUE, { currency: 'AUD', openMinor: 700 }),
      invoice('y', '2026-07-15', { currency: 'USD' }),
    ];
    const { decisions } = ask({ invoices }, '2026-06-15').decision;
    expect(decisions.map(({ facts }) => [facts.currency, facts.overdueMinor])).toEqual([
      ['NZD', 12_500],
      ['NZD', 12_500],
      ['NZD', 12_500],
      ['NZD', 12_500],
      ['AUD', 700],
      ['USD', 0],
    ]);
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

  const trigger = (id: string, dueOn = DUE, step = 'overdue-friendly') => ({
    invoiceId: id as InvoiceId,
    dueOn: day(dueOn),
    step,
  });

  test.each<[string, string, Partial<PendingMessage>]>([
    ['asks for a and b', 'a b', { triggers: [trigger('a'), trigger('b', '2026-06-13')] }],
    ['asks for one that is paid since', 'a b c', { triggers: [trigger('a'), trigger('paid')] }],
    ['asks for none that is open', 'a b c', { triggers: [trigger('paid')] }],
    ['names a due date that has moved', 'a b c', { triggers: [trigger('a', '2026-06-10')] }],
    ['is for a step that has passed', 'a b c', { triggers: [trigger('a', DUE, 'before-due')] }],
    ['is in another currency', 'a b c', { currency: 'AUD' }],
  ])('beside an approved message that %s, today’s asks for %s', (_what, asksFor, more) => {
    const given = {
      invoices: [...invoices, invoice('c', '2026-06-13')],
      pending: [pending({ isApproved: true, ...more })],
    };
    const { proposals } = ask(given, '2026-06-16').decision;
    expect(
      proposals.map((p) => p.invoices.filter((l) => l.isTrigger).map((l) => l.invoiceId)),
    ).toEqual([asksFor.split(' ')]);
  });

  test.each<[string, Partial<PendingMessage>[], boolean]>([
    ['nobody has approved', [{}], false],
    ['a person approved', [{ isApproved: true }], true],
    ['a person approved, while another waits', [{ isApproved: true }, { key: 'another' }], true],
    ['waits while another is approved', [{}, { key: 'another', isApproved: true }], false],
  ])('a message that %s', (_what, messages, isApproved) => {
    const given = { invoices: [invoice('a', DUE)], pending: messages.map(pending) };
    const [proposal] = ask(given, '2026-06-16').decision.proposals;
    expect([proposal?.key, proposal?.isApproved]).toEqual([pending({}).key, isApproved]);
  });

  test('why a message about several invoices is taken back', () => {
    const both = pending({ triggers: [trigger('a'), trigger('b')] });
    const why = (given: Partial<CustomerCase>, on = '2026-06-16', policy = DEFAULT_POLICY) => {
      const { decisions } = ask(given, on, { policy }).decision;
      return whyWithdrawn(both, new Map(decisions.map((d) => [d.invoiceId, d])), 'approve');
    };
    const later = invoice('b', '2026-07-30');
    expect(why({ invoices: [later] })).toBe('no longer due');
    expect(why({ invoices: [invoice('a', DUE), later] })).toBe('replaced by a later message');
    expect(
      why({
        invoices: [later, invoice('a', DUE)],
        holds: [dispute({}, { invoiceIds: [later.id] })],
      }),
    ).toBe(
      'held: NZD 100.00 of NZD 100.00 is in dispute since 1 Jun 2026 (less was delivered than invoiced; Ana): they said so.',
    );
    expect(why({ invoices }, '2026-06-16', { ...DEFAULT_POLICY, mode: 'shadow' })).toBe(
      'policy "Standard" has it in shadow mode',
    );
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
