/**
 * What would have changed an answer. The rule itself is asked again with one fact changed at a time
 * (paid, the hold ended, an address there, the credit used, a condition met, the book automatic, a day
 * later …), and every change after which the invoice gets another answer is named with the answer it would get.
 * Held by a promise until the 12th: without it a reminder; paid, nothing; on the 13th by itself.
 */
import { daysBetween, formatDay } from './day.ts';
import { decide } from './dunning.ts';
import type { CustomerCase, DunningContext, InvoiceDecision, Outcome } from './dunning-case.ts';
import type { Hold } from './holds.ts';
import type { Policy, PolicyStep } from './policy.ts';
import type { InvoiceId } from './receivables.ts';
import { CREDIT_THE_REST } from './settlement.ts';
import { byDayTaken } from './step-chain.ts';
import { dayText, plural } from './text.ts';

export interface Counterfactual {
  code: string;
  /** "Without the promise of Ann a reminder would be due." */
  sentence: string;
  outcome: Outcome;
  step: string | null;
}

interface Change {
  code: string;
  /** How the sentence begins: "Without the hold". */
  if: string;
  customer: CustomerCase;
  context: DunningContext;
}

/** In the order from the smallest change to the largest; empty when nothing tried changes the answer. */
export function counterfactuals(
  invoiceId: InvoiceId,
  customer: CustomerCase,
  context: DunningContext,
): Counterfactual[] {
  const now = answerFor(invoiceId, customer, context);
  if (now === null) return [];
  const invoice = customer.invoices.find((one) => one.id === invoiceId);
  const steps = invoice === undefined ? [] : context.rulesFor(invoice).policy.steps;
  const nameOf = (key: string | null) =>
    [...steps, CREDIT_THE_REST].find((step) => step.key === key)?.name ?? key;
  return changesOf(invoiceId, now, customer, context).flatMap((change) => {
    const then = answerFor(invoiceId, change.customer, change.context);
    const outcome = then?.outcome ?? 'none';
    const step = then?.step ?? null;
    const isSame = outcome === now.outcome && step === now.step;
    const isFreer = then !== null && leavesByItself(then) && !leavesByItself(now);
    if (isSame && !isFreer) return [];
    const words = isSame
      ? `"${nameOf(step) ?? ''}" would leave without a person`
      : answerWords(outcome, nameOf(step), now.outcome);
    const sentence = `${change.if} ${words}.`;
    return [{ code: change.code, sentence, outcome, step }];
  });
}

function leavesByItself({ facts: { message } }: InvoiceDecision): boolean {
  return message?.channel === 'email' && message.mode === 'automatic';
}

function answerFor(
  invoiceId: InvoiceId,
  customer: CustomerCase,
  context: DunningContext,
): InvoiceDecision | null {
  const { decisions } = decide(customer, context);
  return decisions.find((decision) => decision.invoiceId === invoiceId) ?? null;
}

function changesOf(
  invoiceId: InvoiceId,
  now: InvoiceDecision,
  customer: CustomerCase,
  context: DunningContext,
): Change[] {
  const withFacts = (code: string, words: string, facts: Partial<CustomerCase>): Change => ({
    code,
    if: words,
    customer: { ...customer, ...facts },
    context,
  });
  const inContext = (code: string, words: string, more: Partial<DunningContext>): Change => ({
    code,
    if: words,
    customer,
    context: { ...context, ...more },
  });
  const { debtor, holds, offBalance, unapplied, taken, messagesSent, rejections } = customer;
  const changes: Change[] = holds.map((hold) =>
    withFacts(`without_${hold.kind}`, withoutWords(hold), {
      holds: holds.filter((other) => other !== hold),
    }),
  );
  if (debtor.doNotChase) {
    const words = `If ${debtor.name} were not set to never be reminded,`;
    changes.push(withFacts('may_be_chased', words, { debtor: { ...debtor, doNotChase: false } }));
  }
  if (context.gate !== null) {
    changes.push(inContext('no_gate', 'If nothing stopped the whole book,', { gate: null }));
  }
  if (offBalance.length > 0) {
    changes.push(
      withFacts('in_balance', 'If the balance agreed with the ledger,', { offBalance: [] }),
    );
  }
  if (unapplied.length > 0) {
    const words = 'If the unapplied credit were used up elsewhere,';
    changes.push(withFacts('no_credit', words, { unapplied: [] }));
  }
  changes.push(
    withFacts('has_address', `If ${debtor.name} had another email address that works,`, {
      debtor: { ...debtor, emailText: 'somebody@address.example' },
      invoices: customer.invoices.map((invoice) => ({ ...invoice, emailText: null })),
    }),
  );
  if (rejections.length > 0) {
    changes.push(
      withFacts('not_refused', 'If the address had not been refused,', { rejections: [] }),
    );
  }
  if (messagesSent.length > 0) {
    const words = 'If no message had gone out to this customer lately,';
    changes.push(withFacts('no_recent_message', words, { messagesSent: [] }));
  }
  changes.push(...conditionsMet(invoiceId, now, customer, context));
  if (context.mode !== 'automatic') {
    changes.push(inContext('automatic', 'If the book were automatic,', { mode: 'automatic' }));
  }
  const last = taken
    .filter(({ invoiceId: id, dueOn }) => id === invoiceId && formatDay(dueOn) === now.facts.dueOn)
    .toSorted(byDayTaken)
    .at(-1);
  if (last !== undefined) {
    changes.push(
      withFacts(
        'step_not_taken',
        `If step ${last.step} had not been taken on ${dayText(last.on)},`,
        {
          taken: taken.filter((entry) => entry !== last),
        },
      ),
    );
  }
  if (now.nextOn !== null) {
    const ahead = plural(daysBetween(context.asOn, now.nextOn), 'day');
    const words = `On ${dayText(now.nextOn)}, ${ahead} later, without anything else`;
    changes.push(inContext('later', words, { asOn: now.nextOn }));
  }
  changes.push(
    withFacts('paid', 'If it were paid,', {
      invoices: customer.invoices.filter((invoice) => invoice.id !== invoiceId),
    }),
  );
  return changes;
}

/** Each condition that stands in the way, taken off by itself, with what it asks for and what there is. */
function conditionsMet(
  invoiceId: InvoiceId,
  now: InvoiceDecision,
  customer: CustomerCase,
  context: DunningContext,
): Change[] {
  const under = (code: string, words: string, edit: (policy: Policy) => Policy): Change => ({
    code,
    if: words,
    customer,
    context: {
      ...context,
      rulesFor: (invoice) => {
        const rules = context.rulesFor(invoice);
        return invoice.id === invoiceId ? { ...rules, policy: edit(rules.policy) } : rules;
      },
    },
  });
  return now.path.flatMap(({ code, figures }): Change[] => {
    if (code === 'hold_out') {
      const words = `If ${customer.debtor.name} were not in the hold-out,`;
      return [under('not_held_out', words, (policy) => ({ ...policy, holdOut: null }))];
    }
    const needs = figures?.['needs'];
    if (needs === undefined) return [];
    if (code === 'policy_condition') {
      const words = `If the policy were for it (${needs}),`;
      return [under('condition_met', words, (policy) => ({ ...policy, ...FOR_ALL }))];
    }
    const key = code.replace(/^passed:/, '');
    const words = `If the condition of step ${key} held (${needs}),`;
    const free = (step: PolicyStep) => (step.key === key ? { ...step, ...FOR_ALL } : step);
    return [
      under('condition_met', words, (policy) => ({ ...policy, steps: policy.steps.map(free) })),
    ];
  });
}

const FOR_ALL = { when: null, unless: null };

function withoutWords({ kind, owner, reason }: Hold): string {
  const hold = kind === 'manual' ? 'manual hold' : kind;
  return `Without the ${hold} (${owner}: ${reason})`;
}

function answerWords(outcome: Outcome, name: string | null, before: Outcome): string {
  switch (outcome) {
    case 'remind':
      return `"${name ?? ''}" would be sent`;
    case 'task':
      return `"${name ?? ''}" would be a task for a person`;
    case 'wait':
      return name === null ? 'it would wait' : `it would wait for "${name}"`;
    case 'hold':
      return before === 'hold' ? 'it would be held for another reason' : 'it would be held';
    case 'none':
      return 'nothing would be asked for';
  }
}
