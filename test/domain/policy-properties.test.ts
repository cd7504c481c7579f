/** For policies and customers of every kind: answers are stable until the day they name, and blind to order. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addDays, day, type Day } from '../../src/domain/day.ts';
import { decide } from '../../src/domain/dunning.ts';
import type { CustomerCase, DunningContext, Rules } from '../../src/domain/dunning-case.ts';
import type { Policy } from '../../src/domain/policy.ts';
import { plannedDay, type StepTaken } from '../../src/domain/step-chain.ts';
import { aCase, context, invoice } from './cases.ts';
import { policyOf } from './policies.ts';

const NOW = day('2026-08-19');

const condition = fc.oneof(
  fc.constantFrom(
    '',
    '',
    '',
    'when: { age: { atLeast: 5, below: 25 } }',
    'when: { age: { below: 12 } }',
    'unless: { age: { atLeast: 8, below: 20 } }',
    'when: { overdueCount: { atLeast: 2 } }',
    'unless: { overdueCount: { atLeast: 3 } }',
    'when: { overdue: { atLeast: { default: 150 } } }',
    'unless: { amount: { atLeast: { default: 60 } } }',
    'when: { amount: { atLeast: { NZD: 60 } } }',
    'when: { score: { below: 50 } }',
    'unless: { flags: [over_limit] }',
  ),
);
const repeat = fc.constantFrom('', '', '', 'repeat: { everyDays: 4, atMost: 3 }');

const anyPolicy = fc
  .record({
    steps: fc.array(
      fc.record({
        gap: fc.integer({ min: 1, max: 12 }),
        from: fc.constantFrom('due', 'due', 'due', 'issue', 'end of due month', 'previous'),
        channel: fc.constantFrom('email', 'email', 'email', 'call', 'letter', 'task'),
        condition,
        repeat,
        mode: fc.constantFrom('automatic', 'automatic', 'shadow'),
      }),
      { minLength: 1, maxLength: 6 },
    ),
    start: fc.integer({ min: -8, max: 4 }),
    missed: fc.constantFrom('in_order', 'latest', 'skip'),
    graceDays: fc.constantFrom(0, 4),
    policyWide: fc.constantFrom(
      '',
      '',
      'when: { age: { below: 40 } }',
      'unless: { overdueCount: { atLeast: 4 } }',
    ),
    budgets: fc.constantFrom(
      '',
      'budgets: { contactsPer7Days: 1 }',
      'budgets: { personPer7Days: 1, callsPer7Days: 1 }',
    ),
    holdOut: fc.constantFrom('', 'holdOut: { share: 0.5, before: s0 }'),
  })
  .map(({ steps, start, missed, graceDays, policyWide, budgets, holdOut }) => {
    let at = start;
    const lines = steps.map((step, index) => {
      at += step.gap;
      const from = step.from === 'previous' && index === 0 ? 'due' : step.from;
      const days = from === 'previous' ? step.gap : at;
      const when = days === 0 ? 'on' : `${Math.abs(days)} days ${days < 0 ? 'before' : 'after'}`;
      const isFormal = step.channel === 'letter';
      const more = [step.condition, isFormal ? '' : step.repeat, `mode: ${step.mode}`];
      return `s${index}: ${when} ${from}, ${step.channel}, ${more.filter((m) => m !== '').join(', ')}`;
    });
    const rest = [`missed: ${missed}`, `graceDays: ${graceDays}`, policyWide, budgets, holdOut];
    return policyOf(lines, rest.filter((line) => line !== '').join('\n'));
  });

const anyInvoice = fc.record({
  age: fc.integer({ min: -12, max: 60 }),
  terms: fc.constantFrom(0, 7, 30),
  openMinor: fc.integer({ min: 0, max: 12_000 }),
  currency: fc.constantFrom('NZD', 'NZD', 'AUD'),
  inParts: fc.boolean(),
  taken: fc.array(fc.record({ step: fc.nat(5), late: fc.integer({ min: 0, max: 9 }) }), {
    maxLength: 4,
  }),
});

const anyCase = fc.record({
  policy: anyPolicy,
  second: anyPolicy,
  invoices: fc.array(anyInvoice, { minLength: 1, maxLength: 5 }),
  sentAgo: fc.constantFrom(null, 1, 3, 6),
  creditMinor: fc.constantFrom(0, 0, 4000),
});
type AnyCase = typeof anyCase extends fc.Arbitrary<infer T> ? T : never;

function build(given: AnyCase): { customer: CustomerCase; rulesFor: DunningContext['rulesFor'] } {
  const closed = Array.from({ length: 5 }, (_, i) => addDays(NOW, 8 + i));
  const rules = (policy: Policy, name: string, versionId: number): Rules => ({
    policy: { ...policy, name },
    versionId,
    version: 1,
    source: 'book',
    calendar: { sendDays: new Set([1, 2, 3, 4, 5]), holidays: new Set(closed) },
  });
  const [one, two] = [rules(given.policy, 'One', 1), rules(given.second, 'Two', 2)];
  const rulesFor = ({ id }: { id: string }) => (id.endsWith('4') ? two : one);
  const invoices = given.invoices.map((own, i) => {
    const dueOn = addDays(NOW, -own.age);
    const half = Math.floor(own.openMinor / 2);
    const parts = [
      { dueOn, amountMinor: half },
      { dueOn: addDays(dueOn, 9), amountMinor: own.openMinor - half },
    ];
    return invoice(`i${i}`, dueOn, {
      issuedOn: addDays(dueOn, -own.terms),
      openMinor: own.openMinor,
      currency: own.currency,
      schedule: own.inParts ? parts : null,
    });
  });
  const taken = given.invoices.flatMap((own, i): StepTaken[] => {
    const { dueOn, issuedOn, id } = invoices[i] ?? invoice('x', NOW);
    const { policy } = rulesFor({ id });
    return own.taken
      .filter(({ step }) => step < policy.steps.length)
      .map(({ step, late }) => ({
        invoiceId: id,
        dueOn,
        step: `s${step}`,
        channel: policy.steps[step]?.channel ?? 'email',
        actionKey: `${i} ${step} ${late}`,
        on: addDays(plannedDay(policy, step, { dueOn, issuedOn }), late),
        state: 'sent' as const,
        deadlineOn: null,
      }))
      .filter((entry) => entry.on < NOW);
  });
  const sent = given.sentAgo === null ? [] : [addDays(NOW, -given.sentAgo)];
  const customer = aCase({
    invoices,
    taken,
    messagesSent: sent.map((on) => ({ currency: 'NZD', on, to: ['ap@acme.example'] })),
    unapplied: given.creditMinor === 0 ? [] : [{ currency: 'NZD', amountMinor: given.creditMinor }],
  });
  return { customer, rulesFor };
}

test('without new facts no answer of a customer changes before the earliest day one of them names', () => {
  fc.assert(
    fc.property(anyCase, (given) => {
      const { customer, rulesFor } = build(given);
      const answersOn = (on: Day) =>
        decide(customer, context(on, { rulesFor })).decisions.map((d) => [
          d.invoiceId,
          d.outcome,
          d.step,
          d.actionKey,
          ...d.path.map((reason) => reason.code),
        ]);
      const first = decide(customer, context(NOW, { rulesFor }));
      const named = first.decisions.map((d) => d.nextOn ?? Infinity);
      for (const on of named) expect(on).toBeGreaterThan(NOW);
      const quietUntil = Math.min(...named, NOW + 45);
      for (let on = NOW + 1; on < quietUntil; on += 1) {
        expect(answersOn(on as Day)).toEqual(answersOn(NOW));
      }
    }),
    { numRuns: 150 },
  );
});

test('the order in which the facts come makes no difference, and asking twice gives the same', () => {
  fc.assert(
    fc.property(anyCase, (given) => {
      const { customer, rulesFor } = build(given);
      const turned: CustomerCase = {
        ...customer,
        invoices: customer.invoices.toReversed(),
        taken: customer.taken.toReversed(),
        messagesSent: customer.messagesSent.toReversed(),
      };
      const at = context(NOW, { rulesFor });
      expect(decide(turned, at)).toEqual(decide(customer, at));
      expect(decide(customer, at)).toEqual(decide(customer, at));
    }),
    { numRuns: 100 },
  );
});
