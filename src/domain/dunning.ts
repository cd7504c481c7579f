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
  DecisionFacts,
  DunningContext,
  InvoiceDecision,
  Outcome,
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
import type { CustomerId, InvoiceId } from './receivables.ts';
import { dueText, type Standing, standingOf, type Verdict } from './standing.ts';
import { moneyText } from './text.ts';
import { ToldReason } from './told-reason.ts';

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
  const account = new Account(standings, timeline, context);
  const decisions = standings.map((standing) => conclude(standing, account, customer, context));
  return { decisions, proposals, nextOn: soonest(...decisions.map((decision) => decision.nextOn)) };
}

function effectOn(
  invoice: ChaseInvoice,
  { holds, debtor }: CustomerCase,
  context: DunningContext,
): HoldEffect {
  const covering =
    holds.length === 0 ? holds : holds.filter((hold) => covers(hold, invoice, debtor.id));
  return holdEffect(covering, invoice, context.rulesFor(invoice).policy, context.asOn);
}

/** What is said of a customer in every decision about its invoices, worked out when it is asked for. */
class Account {
  readonly #standings: readonly Standing[];
  readonly #timeline: OverdueTimeline;
  readonly #context: DunningContext;
  #state: EscalationState | null = null;

  constructor(standings: readonly Standing[], timeline: OverdueTimeline, context: DunningContext) {
    this.#standings = standings;
    this.#timeline = timeline;
    this.#context = context;
  }

  overdueMinor(currency: Currency): Minor {
    return this.#timeline.sumOn(currency, this.#context.asOn);
  }

  /** How far the customer has been taken. */
  get state(): EscalationState {
    return (this.#state ??= accountStateOf(this.#standings, this.#context));
  }
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

function conclude(
  standing: Standing,
  account: Account,
  customer: CustomerCase,
  context: DunningContext,
): InvoiceDecision {
  const { verdict } = standing;
  if (verdict === null) throw new Error(`no verdict for invoice ${standing.invoice.id}`);
  return new Conclusion(standing, verdict, account, customer, context);
}

/** Most answers are only compared with yesterday's: words and facts are put together when somebody reads them. */
class Conclusion implements InvoiceDecision {
  readonly outcome: Outcome;
  readonly step: string | null;
  readonly path: Reason[];
  readonly nextOn: Day | null;
  readonly actionKey: string | null;
  readonly #standing: Standing;
  readonly #because: Reason;
  readonly #account: Account;
  readonly #customer: CustomerCase;
  readonly #context: DunningContext;

  constructor(
    standing: Standing,
    { outcome, reason, step, nextOn, actionKey }: Verdict,
    account: Account,
    customer: CustomerCase,
    context: DunningContext,
  ) {
    this.outcome = outcome;
    this.step = step;
    this.path = [policyReason(standing), dueReason(standing, context.asOn), ...standing.path];
    this.nextOn = soonest(nextOn, standing.holds.changesOn, standing.policyChangesOn);
    this.actionKey = actionKey;
    this.#standing = standing;
    this.#because = reason;
    this.#account = account;
    this.#customer = customer;
    this.#context = context;
  }

  get invoiceId(): InvoiceId {
    return this.#standing.invoice.id;
  }

  get customerId(): CustomerId {
    return this.#standing.invoice.customerId;
  }

  get policyVersionId(): number {
    return this.#standing.rules.versionId;
  }

  get because(): string {
    return this.#because.text;
  }

  get facts(): DecisionFacts {
    const { version, source, policy } = this.#standing.rules;
    return {
      ...factsOf(this.#standing, this.#account, this.#customer, this.#context),
      policy: { name: policy.name, version, source },
    };
  }
}

function policyReason({ rules: { policy, version, source } }: Standing): Reason {
  return new ToldReason(`policy:${source}`, () => ({
    text: `Policy "${policy.name}" version ${version}, ${SOURCE_WORDS[source]}.`,
  }));
}

const SOURCE_WORDS: Record<PolicySource, string> = {
  invoice: 'set for this invoice',
  customer: 'set for this customer',
  segment: 'set for the segment of this customer',
  book: 'set for this book',
  library: 'the default of the library',
};

function dueReason(standing: Standing, asOn: Day): Reason {
  const { dueOn, dueMinor, invoice } = standing;
  return new ToldReason('due', () => ({
    text: `${dueText(standing, asOn)}, ${moneyText(dueMinor, invoice.currency)} of it open.`,
    figures: { dueOn: formatDay(dueOn), openMinor: invoice.openMinor },
  }));
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
    overdueMinor: account.overdueMinor(invoice.currency),
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
