/**
 * The daily question for one debtor: what is due, what waits, what stops it, and why. First every
 * invoice is placed in its policy; then those that are due are gathered: one message per currency,
 * carrying the most severe step any of them reached and listing everything overdue; calls and letters
 * apart. Nothing is remembered between runs: paying the oldest invoice calms the account by itself.
 * Invoices 3 and 12 days late: one second reminder, caused by both, instead of two letters.
 */
import { type Day, daysBetween, formatDay, soonest } from './day.ts';
import { creditTasks } from './credit-task.ts';
import type {
  ChaseInvoice,
  CustomerCase,
  CustomerDecision,
  DunningContext,
  InvoiceDecision,
  PendingMessage,
  PolicySource,
  Proposal,
  Reason,
} from './dunning-case.ts';
import {
  accountEscalation,
  type Escalation,
  escalationOf,
  type EscalationState,
} from './escalation-state.ts';
import { unappliedIn } from './gates.ts';
import { gather } from './gather.ts';
import { groupBy } from './group-by.ts';
import { asAgreed, type HoldEffect, holdEffect } from './hold-effect.ts';
import { covers } from './holds.ts';
import type { Currency, Minor } from './money.ts';
import { OverdueTimeline } from './overdue-timeline.ts';
import type { InvoiceId } from './receivables.ts';
import { dueText, type Standing, standingOf } from './standing.ts';
import { moneyText } from './text.ts';

export function decide(customer: CustomerCase, context: DunningContext): CustomerDecision {
  const history = groupBy(customer.taken, (entry) => entry.invoiceId);
  const cases = customer.invoices
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((invoice) => ({ invoice, holds: effectOn(invoice, customer, context) }));
  const timeline = new OverdueTimeline(
    customer.holds.length === 0
      ? customer.invoices
      : cases.map(({ invoice, holds }) => asAgreed(invoice, holds)),
  );
  const standings = cases.map(({ invoice, holds }) =>
    standingOf(invoice, holds, history.get(invoice.id) ?? [], customer, timeline, context),
  );
  const byCurrency = groupBy(standings, (standing) => standing.invoice.currency);
  const proposals = gather(byCurrency, customer, context);
  proposals.push(...creditTasks(standings, customer, context));
  const overdue = overdueByCurrency(standings, context.asOn);
  let state: EscalationState | undefined;
  const account: Account = {
    overdue,
    get state() {
      return (state ??= accountStateOf(standings, context));
    },
  };
  const decisions = standings.map((standing) => conclude(standing, account, customer, context));
  return { decisions, proposals, nextOn: soonest(...decisions.map((decision) => decision.nextOn)) };
}

function effectOn(
  invoice: ChaseInvoice,
  { holds, debtor }: CustomerCase,
  context: DunningContext,
): HoldEffect {
  const covering = holds.filter((hold) => covers(hold, invoice, debtor.id));
  return holdEffect(covering, invoice, context.rulesFor(invoice).policy, context.asOn);
}

/** What is said of a customer in every decision about its invoices. */
interface Account {
  overdue: ReadonlyMap<Currency, Minor>;
  /** How far the customer has been taken. */
  readonly state: EscalationState;
}

function accountStateOf(standings: readonly Standing[], context: DunningContext): EscalationState {
  const open = standings.filter(
    ({ invoice }) => invoice.status === 'open' && invoice.openMinor > 0,
  );
  const furthest = accountEscalation(open.map((standing) => escalationIn(standing, context)));
  return furthest?.state ?? 'not_due';
}

function escalationIn(standing: Standing, context: DunningContext): Escalation {
  const { dueOn, taken, path, verdict } = standing;
  const code = verdict?.outcome === 'hold' ? (path.at(-1)?.code ?? null) : null;
  const isHandedOver = code === 'handed_over';
  const suspendedBy = code === null || isHandedOver ? null : code.replace(/^hold_/, '');
  return escalationOf({ dueOn, taken, suspendedBy }, standing.rules.policy, context.asOn);
}

function overdueByCurrency(standings: readonly Standing[], asOn: Day): Map<Currency, Minor> {
  const sums = new Map<Currency, Minor>();
  for (const { invoice, dueOn, dueMinor } of standings) {
    if (invoice.status !== 'open' || dueOn >= asOn) continue;
    sums.set(invoice.currency, (sums.get(invoice.currency) ?? 0) + dueMinor);
  }
  return sums;
}

function conclude(
  standing: Standing,
  account: Account,
  customer: CustomerCase,
  context: DunningContext,
): InvoiceDecision {
  const { invoice, verdict } = standing;
  if (verdict === null) throw new Error(`no verdict for invoice ${invoice.id}`);
  const { version, source, versionId } = standing.rules;
  const policy = { name: standing.rules.policy.name, version, source };
  const policyReason: Reason = {
    code: `policy:${policy.source}`,
    get text() {
      return `Policy "${policy.name}" version ${policy.version}, ${SOURCE_WORDS[policy.source]}.`;
    },
  };
  // Most answers are only compared with yesterday's: their words are made when somebody reads them.
  return {
    invoiceId: invoice.id,
    customerId: invoice.customerId,
    outcome: verdict.outcome,
    step: verdict.step,
    get because() {
      return verdict.because;
    },
    path: [policyReason, dueReason(standing, context.asOn), ...standing.path],
    get facts() {
      return { ...factsOf(standing, account, customer, context), policy };
    },
    nextOn: soonest(verdict.nextOn, standing.holds.changesOn, standing.policyChangesOn),
    actionKey: verdict.actionKey,
    policyVersionId: versionId,
  };
}

const SOURCE_WORDS: Record<PolicySource, string> = {
  invoice: 'set for this invoice',
  customer: 'set for this customer',
  segment: 'set for the segment of this customer',
  book: 'set for this book',
  library: 'the default of the library',
};

function dueReason(standing: Standing, asOn: Day): Reason {
  return {
    code: 'due',
    get text() {
      return `${dueText(standing, asOn)}, ${moneyText(standing.dueMinor, standing.invoice.currency)} of it open.`;
    },
    get figures() {
      return { dueOn: formatDay(standing.dueOn), openMinor: standing.invoice.openMinor };
    },
  };
}

function messageOf({ step, mode }: Pick<Proposal, 'step' | 'mode'>) {
  return { step: step.key, name: step.name, channel: step.channel, mode };
}

function factsOf(
  standing: Standing,
  account: Account,
  customer: CustomerCase,
  context: DunningContext,
): Omit<InvoiceDecision['facts'], 'policy'> {
  const { invoice, recipients } = standing;
  const { state, since, suspendedBy } = escalationIn(standing, context);
  return {
    number: invoice.number,
    currency: invoice.currency,
    totalMinor: invoice.totalMinor,
    openMinor: invoice.openMinor,
    askedMinor: standing.askedMinor,
    issuedOn: formatDay(invoice.issuedOn),
    dueOn: formatDay(standing.dueOn),
    daysPastDue: daysBetween(standing.dueOn, context.asOn),
    customerId: invoice.customerId,
    debtorId: customer.debtor.id,
    debtorName: customer.debtor.name,
    overdueMinor: account.overdue.get(invoice.currency) ?? 0,
    unappliedMinor: unappliedIn(customer, invoice.currency),
    taken: standing.taken.map(({ step, on, state }) => ({ step, on: formatDay(on), state })),
    escalation: { state, since: since === null ? null : formatDay(since), suspendedBy },
    accountState: account.state,
    ...(standing.proposed === null ? {} : { message: messageOf(standing.proposed) }),
    ...(recipients === null
      ? {}
      : { recipients: { to: recipients.to, source: recipients.source } }),
  };
}

/** Why an email that has not left is taken back, in the words the outbox shows. */
export function whyWithdrawn(
  message: PendingMessage,
  decisions: ReadonlyMap<InvoiceId, InvoiceDecision>,
  mode: DunningContext['mode'],
): string {
  if (mode === 'shadow') return 'the book is in shadow mode';
  const found = message.triggers.map((trigger) => decisions.get(trigger.invoiceId));
  if (found.every((decision) => decision === undefined)) return 'paid or no longer open';
  const known = found.filter((decision) => decision !== undefined);
  const shadowed = known.find((decision) => decision.facts.message?.mode === 'shadow');
  if (shadowed !== undefined) {
    return `policy "${shadowed.facts.policy.name}" has it in shadow mode`;
  }
  const held = known.find((decision) => decision.outcome === 'hold');
  if (held !== undefined) return `held: ${held.because}`;
  const replaced = known.some((decision) => decision.outcome === 'remind');
  return replaced ? 'replaced by a later message' : 'no longer due';
}
