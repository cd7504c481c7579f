/**
 * What is due for one debtor in one currency, put together: one message carrying the most severe step
 * that is due, caused by every invoice that is, and listing everything overdue; work for people apart,
 * one task for each step. A notice before the due date lists only what is coming due.
 * A +3 and a +10 on the same day are one second reminder that lists both.
 */
import { addDays, type Day, formatDay, soonest } from './day.ts';
import type {
  CustomerCase,
  DunningContext,
  PendingMessage,
  Proposal,
  ProposedInvoice,
  Reason,
} from './dunning-case.ts';
import { overMessageBudget, overTaskBudget } from './budgets.ts';
import { deadlineFrom, isLetter } from './deadline.ts';
import {
  type Obstacle,
  offBalance,
  refusedBefore,
  tooSoon,
  unappliedCredit,
  unreachable,
} from './gates.ts';
import { groupBy } from './group-by.ts';
import type { Currency } from './money.ts';
import { modeOfStep } from './policy.ts';
import { type Recipients, resolveRecipients } from './recipients.ts';
import { dueText, type DueStanding, isDue, settle, type Standing } from './standing.ts';
import { momentText } from './step-moment.ts';
import { moneyText, ordinal } from './text.ts';

/** A message or a task that is due, before anything speaks against it. */
interface Sending {
  currency: Currency;
  triggers: DueStanding[];
  /** Everything of the customer in this currency. */
  group: Standing[];
}

/**
 * What goes out today. The most severe is looked at first, so that what the budgets allow is never
 * used up by something milder, and paying an invoice never brings a more severe message.
 */
export function gather(
  byCurrency: ReadonlyMap<Currency, Standing[]>,
  customer: CustomerCase,
  context: DunningContext,
): Proposal[] {
  const sendings = [...byCurrency.keys()]
    .sort()
    .flatMap((currency) => sendingsOf(byCurrency.get(currency) ?? [], currency, customer, context));
  const today = new Map<Sending, Proposal>();
  const gravestFirst = sendings.toSorted((a, b) =>
    bySeverity(mostSevere(b.triggers), mostSevere(a.triggers)),
  );
  for (const sending of gravestFirst) {
    const proposal = isMessage(sending)
      ? proposeMessage(sending, customer, [...today.values()], context)
      : proposeTask(sending, customer, [...today.values()], context);
    if (proposal !== null) today.set(sending, proposal);
  }
  return sendings.flatMap((sending) => today.get(sending) ?? []);
}

function isMessage({ triggers }: Sending): boolean {
  return triggers.every((standing) => standing.place.step.channel === 'email');
}

/** One task for each step of work for people, the mildest first, and one message. */
function sendingsOf(
  group: Standing[],
  currency: Currency,
  customer: CustomerCase,
  context: DunningContext,
): Sending[] {
  const due = group.filter(isDue);
  if (due.length === 0) return [];
  const gate =
    context.gate ?? offBalance(customer) ?? unappliedCredit(group, currency, customer, context);
  if (gate !== null) {
    const nextOn = gate.code === 'unapplied_credit' ? nextAmountOn(group, context.asOn) : null;
    for (const standing of due) holdDue(standing, gate, nextOn);
    return [];
  }
  const emails = due.filter((standing) => standing.place.step.channel === 'email');
  const tasks = due.filter((standing) => standing.place.step.channel !== 'email');
  const parts = [...bySteps(tasks), ...(emails.length === 0 ? [] : [emails])];
  return parts.map((triggers) => ({ currency, triggers, group }));
}

function holdDue(standing: DueStanding, gate: Reason, nextOn: Day | null): void {
  settle(standing, 'hold', gate, {
    step: standing.place.step.key,
    nextOn: soonest(standing.place.changesOn, nextOn),
  });
}

/** When the amount that would be asked for next changes by time alone: a part falls due, or is overdue. */
function nextAmountOn(group: readonly Standing[], asOn: Day): Day | null {
  const days = group.flatMap((standing) => [
    ...standing.items.flatMap(({ dueOn }) => [dueOn, addDays(dueOn, 1)]),
    ...(standing.place?.step == null ? [] : [standing.place.on]),
  ]);
  return soonest(...days.filter((on) => on > asOn));
}

/** Work for people is one task for each step, the mildest first. */
function bySteps(due: readonly DueStanding[]): DueStanding[][] {
  const stepOf = ({ rules, place }: DueStanding) => `${rules.policy.name}\n${place.step.key}`;
  return [...groupBy(due, stepOf).values()].sort(([a], [b]) =>
    a === undefined || b === undefined ? 0 : bySeverity(a, b),
  );
}

function proposeTask(
  { triggers, group, currency }: Sending,
  customer: CustomerCase,
  today: readonly Proposal[],
  context: DunningContext,
): Proposal | null {
  const worst = mostSevere(triggers);
  const { channel } = worst.place.step;
  const obstacle = overTaskBudget(channel, worst.rules, customer, today, context);
  if (obstacle !== null) {
    stopAll(triggers, obstacle);
    return null;
  }
  const proposal = propose(triggers, group, currency, customer, context);
  for (const standing of triggers) settleProposed(standing, 'task', proposal, context);
  return proposal;
}

function proposeMessage(
  { triggers: due, group, currency }: Sending,
  customer: CustomerCase,
  today: readonly Proposal[],
  context: DunningContext,
): Proposal | null {
  const recipients = recipientsOf(due, customer);
  for (const standing of due) standing.recipients = recipients;
  const { rules } = mostSevere(due);
  const obstacle =
    unreachable(recipients, customer) ??
    refusedBefore(recipients, currency, customer, context) ??
    tooSoon(currency, rules, customer, context) ??
    overMessageBudget(currency, recipients, rules, customer, today, context);
  if (obstacle !== null) {
    stopAll(due, obstacle);
    return null;
  }
  const triggers = keepApproved(due, currency, customer) ?? due;
  const proposal = propose(triggers, group, currency, customer, context);
  const isTriggering = new Set(triggers);
  for (const standing of due) {
    if (isTriggering.has(standing)) settleProposed(standing, 'remind', proposal, context);
    else {
      const { step, changesOn } = standing.place;
      settle(standing, 'wait', BEHIND_APPROVED, { step: step.key, nextOn: changesOn });
    }
  }
  return proposal;
}

function stopAll(due: readonly DueStanding[], { outcome, reason, nextOn }: Obstacle): void {
  for (const standing of due) {
    const { step, changesOn } = standing.place;
    settle(standing, outcome, reason, { step: step.key, nextOn: soonest(changesOn, nextOn) });
  }
}

const BEHIND_APPROVED: Reason = {
  code: 'behind_approved',
  text: 'An approved message to this customer is on its way; this one follows after it.',
};

function recipientsOf(due: readonly DueStanding[], customer: CustomerCase): Recipients {
  const { debtor } = customer;
  return resolveRecipients({
    invoices: due.map((standing) => standing.invoice.emailText),
    customer: debtor.emailText,
    contacts: debtor.contacts,
    dead: debtor.deadAddresses,
  });
}

/** A message that a person released stays as it is while all it asks for is still due. */
function keepApproved(
  due: DueStanding[],
  currency: Currency,
  customer: CustomerCase,
): DueStanding[] | null {
  for (const message of customer.pending) {
    if (!message.isApproved || message.currency !== currency) continue;
    const kept = due.filter((standing) => message.triggers.some((t) => isTrigger(t, standing)));
    if (kept.length > 0 && kept.length === message.triggers.length) return kept;
  }
  return null;
}

function isTrigger(trigger: PendingMessage['triggers'][number], standing: DueStanding): boolean {
  return (
    trigger.invoiceId === standing.invoice.id &&
    trigger.dueOn === standing.dueOn &&
    trigger.step === standing.place.step.key
  );
}

function propose(
  triggers: DueStanding[],
  group: readonly Standing[],
  currency: Currency,
  customer: CustomerCase,
  context: DunningContext,
): Proposal {
  const worst = mostSevere(triggers);
  const { step } = worst.place;
  const isNotice = worst.place.dayOn < worst.dueOn;
  const isTriggering = new Set<Standing>(triggers);
  const listed = group.filter(
    (standing) =>
      isTriggering.has(standing) ||
      (!isNotice && standing.isListable && standing.dueOn < context.asOn),
  );
  const invoices = listed
    .map((standing): ProposedInvoice => {
      const triggering = isTriggering.has(standing);
      return {
        invoiceId: standing.invoice.id,
        step: triggering ? (standing.place?.step?.key ?? null) : null,
        isTrigger: triggering,
        dueOn: standing.dueOn,
        amountMinor: standing.askedMinor,
      };
    })
    .sort((a, b) => a.dueOn - b.dueOn || (a.invoiceId < b.invoiceId ? -1 : 1));
  const { rules } = worst;
  const key = actionKey(worst, triggers, currency, customer, context);
  return {
    key,
    step,
    rules,
    mode: modeOfStep(step, rules.policy, context.mode),
    debtorId: customer.debtor.id,
    to: worst.recipients?.to ?? [],
    currency,
    invoices,
    totalMinor: invoices.reduce((sum, invoice) => sum + invoice.amountMinor, 0),
    deadlineOn: isLetter(step) ? deadlineFrom(context.asOn, rules.calendar) : null,
    isApproved: customer.pending.some((message) => message.key === key && message.isApproved),
  };
}

/** By the days after the due date; what follows only makes the order complete. */
function bySeverity(a: DueStanding, b: DueStanding): number {
  return (
    a.place.dayOn - a.dueOn - (b.place.dayOn - b.dueOn) ||
    a.place.index - b.place.index ||
    compare(a.rules.policy.name, b.rules.policy.name) ||
    compare(a.invoice.id, b.invoice.id)
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/**
 * Within a policy the later step is the more severe one; of different policies the one that comes
 * longer after the due date, so that no order of the invoices makes a difference.
 */
function mostSevere(triggers: readonly DueStanding[]): DueStanding {
  const [first, ...rest] = triggers.toSorted(bySeverity);
  if (first === undefined) throw new RangeError('a message needs an invoice that causes it');
  return rest.reduce((worst, standing) => {
    const isSamePolicy = standing.rules.policy.name === worst.rules.policy.name;
    return isSamePolicy && standing.place.index < worst.place.index ? worst : standing;
  }, first);
}

/** The same reminder has the same key, so it cannot exist twice; one that ended unsent counts the next up. */
function actionKey(
  { rules, place: { step } }: DueStanding,
  due: readonly DueStanding[],
  currency: Currency,
  customer: CustomerCase,
  context: DunningContext,
): string {
  const triggers = due
    .map(({ invoice, dueOn, place }) => {
      const again = place.round === 1 ? '' : `#${place.round}`;
      return `${invoice.id}@${formatDay(dueOn)}${again}`;
    })
    .sort();
  const base = [
    rules.policy.name,
    customer.debtor.id,
    currency,
    step.key,
    context.digest(triggers.join('\n')),
  ].join(':');
  const ended = customer.deadKeys.filter((key) => key.replace(/~\d+$/, '') === base).length;
  return ended === 0 ? base : `${base}~${ended + 1}`;
}

function settleProposed(
  standing: DueStanding,
  outcome: 'remind' | 'task',
  proposal: Proposal,
  context: DunningContext,
): void {
  const { step, dayOn, round } = standing.place;
  const { currency } = standing.invoice;
  const again = round === 1 ? '' : `, for the ${ordinal(round)} time`;
  standing.proposed = proposal;
  const together =
    proposal.step.key === step.key ? '' : ` It goes with "${proposal.step.name}" in one message.`;
  standing.path.push({
    code: `step:${step.key}`,
    text: `"${step.name}" is at ${momentText(step.at)}${again}: reached.`,
    figures: { dayOn: formatDay(dayOn) },
  });
  settle(
    standing,
    outcome,
    {
      code: outcome === 'remind' ? 'message' : 'task',
      text: `${dueText(standing, context.asOn)}, ${moneyText(standing.askedMinor, currency)} open: "${step.name}" is due.${together}`,
      figures: {
        invoices: proposal.invoices.length,
        totalMinor: proposal.totalMinor,
      },
    },
    {
      step: step.key,
      actionKey: proposal.key,
      nextOn: proposal.mode === 'shadow' ? addDays(context.asOn, 1) : standing.place.changesOn,
    },
  );
}
