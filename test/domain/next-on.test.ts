/** The daily run skips a debtor until the day the rule names: on every day before it, the answer must be the same. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addDays, day, type Day } from '../../src/domain/day.ts';
import { isLetter, LETTER_DAYS } from '../../src/domain/deadline.ts';
import { decide } from '../../src/domain/dunning.ts';
import type {
  ChaseInvoice,
  CustomerCase,
  CustomerDecision,
  DunningContext,
} from '../../src/domain/dunning-case.ts';
import type { Hold, HoldTerms } from '../../src/domain/holds.ts';
import type { Policy } from '../../src/domain/policy.ts';
import type { CustomerId, InvoiceId } from '../../src/domain/receivables.ts';
import type { StepTaken } from '../../src/domain/step-chain.ts';
import { aCase, context, DEFAULT_POLICY, invoice } from './cases.ts';

const TODAY = day('2026-06-15');
const DAYS_AHEAD = 120;

const dayAround = (before: number, after: number) =>
  fc.integer({ min: TODAY - before, max: TODAY + after }).map((n) => n as Day);

const anyInvoice: fc.Arbitrary<Omit<ChaseInvoice, 'id'>> = fc
  .record({
    dueOn: dayAround(120, 60),
    currency: fc.constantFrom('NZD', 'NZD', 'AUD'),
    openMinor: fc.constantFrom(0, 400, 5_000, 20_000),
    status: fc.constantFrom('open', 'open', 'open', 'open', 'draft'),
    kind: fc.constantFrom('invoice', 'invoice', 'invoice', 'invoice', 'journal'),
    emailText: fc.constantFrom(null, null, 'not an address', 'desk@acme.example'),
    parts: fc.option(fc.array(fc.integer({ min: -40, max: 60 }), { minLength: 1, maxLength: 3 }), {
      freq: 4,
      nil: null,
    }),
  })
  .map(({ parts, ...rest }) => ({
    ...invoice('x', rest.dueOn, rest as Partial<ChaseInvoice>),
    totalMinor: 20_000,
    schedule:
      parts === null
        ? null
        : parts.map((offset) => ({ dueOn: (rest.dueOn + offset) as Day, amountMinor: 7_000 })),
  }));

/** `of` picks the invoices: none named, the first, or the first two. */
const anyHold = fc.record({
  of: fc.nat({ max: 2 }),
  fromOn: dayAround(30, 20),
  lasts: fc.option(fc.integer({ min: 0, max: 40 }), { nil: null }),
  pays: fc.option(
    fc.record({ on: dayAround(15, 0), amountMinor: fc.constantFrom(2_000, 20_000) }),
    {
      nil: null,
    },
  ),
  terms: fc.oneof(
    fc.constant<HoldTerms>({ kind: 'manual', terms: null }),
    fc
      .record({ payOn: dayAround(15, 20), amountMinor: fc.constantFrom(4_000, 20_000) })
      .map(({ payOn, amountMinor }): HoldTerms => ({
        kind: 'promise',
        terms: { currency: 'NZD', amountMinor, payOn, source: 'phone', quote: null },
      })),
    fc.constantFrom(null, 3_000).map((amountMinor): HoldTerms => ({
      kind: 'dispute',
      terms: {
        reason: 'invoice_error',
        part: amountMinor === null ? null : { currency: 'NZD', amountMinor },
        resolution: null,
      },
    })),
    fc.array(dayAround(20, 40), { minLength: 1, maxLength: 3 }).map((days): HoldTerms => ({
      kind: 'plan',
      terms: {
        currency: 'NZD',
        instalments: days.sort((x, y) => x - y).map((dueOn) => ({ dueOn, amountMinor: 6_000 })),
        graceDays: null,
      },
    })),
    dayAround(5, 30).map((dueOn): HoldTerms => ({ kind: 'extension', terms: { dueOn } })),
  ),
});

function holdOf(
  drawn: typeof anyHold extends fc.Arbitrary<infer T> ? T : never,
  id: number,
  invoices: ChaseInvoice[],
): Hold {
  const named = drawn.of === 0 ? [] : invoices.slice(0, drawn.of);
  const { pays, lasts, fromOn } = drawn;
  return {
    ...drawn.terms,
    id,
    customerId: 'acme' as CustomerId,
    invoiceIds: drawn.of === 0 ? null : named.map((one) => one.id),
    reason: 'said so',
    owner: 'Ann',
    fromOn,
    untilOn: lasts === null ? null : ((fromOn + lasts) as Day),
    approvedBy: 'Ann',
    invoices: named,
    arrivals: named.flatMap((one) =>
      pays === null ? [] : [{ ...pays, invoiceId: one.id, by: 'payment' as const }],
    ),
  };
}

const anyCase: fc.Arbitrary<CustomerCase> = fc
  .record({
    invoices: fc.array(anyInvoice, { minLength: 1, maxLength: 4 }),
    steps: fc.array(
      fc.record({
        invoice: fc.nat({ max: 3 }),
        step: fc.constantFrom(...DEFAULT_POLICY.steps),
        on: dayAround(60, 0),
        state: fc.constantFrom<StepTaken['state']>(
          'sent',
          'sent',
          'sent',
          'todo',
          'done',
          'skipped',
        ),
      }),
      { maxLength: 4 },
    ),
    holds: fc.array(anyHold, { maxLength: 2 }),
    unapplied: fc.array(
      fc.record({ currency: fc.constant('NZD'), amountMinor: fc.constantFrom(2_000, 15_000) }),
      { maxLength: 1 },
    ),
    messagesSent: fc.array(
      fc.record({
        currency: fc.constant('NZD'),
        on: dayAround(12, 0),
        to: fc.constant<string[]>(['ap@acme.example']),
      }),
      { maxLength: 3 },
    ),
    rejections: fc.array(
      fc.record({
        currency: fc.constant('NZD'),
        to: fc.constant<string[]>(['ap@acme.example']),
        on: dayAround(10, 0),
      }),
      { maxLength: 1 },
    ),
    hasAddress: fc.constantFrom(true, true, true, false),
  })
  .map(({ invoices, steps, holds, hasAddress, ...rest }) => {
    const named = invoices.map((one, index) => ({ ...one, id: `i${index}` as InvoiceId }));
    const facts = aCase();
    return {
      ...facts,
      ...rest,
      debtor: { ...facts.debtor, emailText: hasAddress ? facts.debtor.emailText : null },
      invoices: named,
      holds: holds.map((hold, index) => holdOf(hold, index + 1, named)),
      taken: steps.flatMap(({ invoice: index, step, on, state }) => {
        const of = named[index];
        return of === undefined
          ? []
          : [
              {
                invoiceId: of.id,
                dueOn: of.dueOn,
                step: step.key,
                channel: step.channel,
                actionKey: `key ${step.key}`,
                on,
                state: step.channel === 'hand_over' && state === 'skipped' ? 'returned' : state,
                deadlineOn: isLetter(step) ? addDays(on, LETTER_DAYS) : null,
              },
            ];
      }),
    };
  });

const WEEKDAYS = { sendDays: new Set([1, 2, 3, 4, 5]), holidays: new Set([day('2026-07-10')]) };

const anyContext: fc.Arbitrary<Partial<DunningContext>> = fc.record({
  mode: fc.constantFrom('automatic', 'approve', 'shadow'),
  policy: fc.constantFrom<Policy>(DEFAULT_POLICY, { ...DEFAULT_POLICY, missed: 'latest' }),
  gate: fc.constantFrom(null, null, null, { code: 'stale', text: 'Old figures.' }),
});

/** What a decision is stored for. */
function answers({ decisions }: CustomerDecision): string {
  return JSON.stringify(
    decisions.map(({ invoiceId, outcome, step, actionKey, nextOn, path }) => [
      invoiceId,
      outcome,
      step,
      actionKey,
      nextOn,
      path.map((reason) => reason.code),
    ]),
  );
}

test('before the day that the rule names, every day gives the answer of today', () => {
  fc.assert(
    fc.property(anyCase, anyContext, (facts, more) => {
      const on = (asOn: Day) => decide(facts, context(asOn, { calendar: WEEKDAYS, ...more }));
      const today = on(TODAY);
      const last = Math.min(today.nextOn ?? Infinity, TODAY + DAYS_AHEAD);
      for (let next = TODAY + 1; next < last; next += 1) {
        expect(answers(on(next as Day)), `${next - TODAY} days on`).toBe(answers(today));
      }
    }),
    { numRuns: 500 },
  );
});

test('the day of a debtor is the earliest of its invoices', () => {
  const { nextOn, decisions } = decide(
    aCase({ invoices: [invoice('a', '2026-06-20'), invoice('b', '2026-06-18')] }),
    context('2026-06-12'),
  );
  expect(nextOn).toBe(Math.min(...decisions.map((decision) => decision.nextOn ?? Infinity)));
  expect(nextOn).toBe(day('2026-06-13'));
});
