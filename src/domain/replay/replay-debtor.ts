/**
 * A policy tried on the past of one debtor: morning by morning, with what was in the books the evening
 * before, the reminder rule is asked as it would have been, and what it asks for is taken as done. Only
 * mornings on which the answer can differ are visited: those the rule itself names, and those after
 * something changed in the books.
 * An invoice due on 1 June and paid on the 12th: a policy with steps on the 4th and the 11th would have
 * written twice, the second time to a customer who paid the next day.
 */
import { type Balance, balanceAsOf, settlementsOf } from '../as-of.ts';
import { addDays, type Day, daysBetween, soonest } from '../day.ts';
import type {
  ChaseInvoice,
  CustomerCase,
  CustomerDecision,
  InvoiceDecision,
  Proposal,
} from '../dunning-case.ts';
import type { Hold } from '../holds.ts';
import type { Currency, Minor } from '../money.ts';
import type { Channel } from '../policy.ts';
import type { CustomerId, InvoiceId } from '../receivables.ts';
import type { StepTaken } from '../step-chain.ts';
import { type PastProfile, profileDays, profileOn } from './past-profile.ts';

/** Who pays within these days of a reminder would have paid anyway. */
export const PAID_ANYWAY_DAYS = 3;

export interface PastInvoice
  extends Balance, Omit<ChaseInvoice, 'status' | 'issuedOn' | 'openMinor'> {}

export interface PastHold {
  hold: Hold;
  /** The day somebody ended it. */
  endedOn: Day | null;
}

export interface DebtorPast {
  debtor: CustomerCase['debtor'];
  profile: PastProfile;
  invoices: readonly PastInvoice[];
  credits: readonly (Balance & { currency: Currency })[];
  holds: readonly PastHold[];
}

export interface ReplayedAction {
  on: Day;
  debtorId: CustomerId;
  debtorName: string;
  currency: Currency;
  step: string;
  stepName: string;
  channel: Channel;
  invoices: { number: string; amountMinor: Minor; isTrigger: boolean }[];
  totalMinor: Minor;
  /** Every invoice that caused it was paid in full within three days. */
  isNeedless: boolean;
}

/** An invoice took a step for the first time. */
export interface ReachedStep {
  invoiceId: InvoiceId;
  step: string;
  daysPastDue: number;
}

/** A message that was due had to wait or was held, and what stopped it. */
export interface StoppedMessage {
  on: Day;
  code: string;
}

export interface ReplayedDebtor {
  actions: ReplayedAction[];
  reached: ReachedStep[];
  stopped: StoppedMessage[];
}

export type DecideOn = (customer: CustomerCase, asOn: Day) => CustomerDecision;

/** Both days included. */
export function replayDebtor(
  past: DebtorPast,
  decideOn: DecideOn,
  from: Day,
  to: Day,
): ReplayedDebtor {
  const events = eventDays(past);
  const story = new Story(past);
  let on: Day | null = from;
  while (on !== null && on <= to) {
    const today: Day = on;
    const { decisions, proposals } = decideOn(story.caseOn(today), today);
    story.note(today, decisions);
    for (const proposal of proposals) story.take(today, proposal);
    // What was taken today moves the next day on which something is due.
    const after =
      proposals.length === 0 ? decisions : decideOn(story.caseOn(today), today).decisions;
    on = soonest(
      ...after.map((decision) => laterThan(today, decision.nextOn)),
      events.find((day) => day > today) ?? null,
    );
  }
  return story.told;
}

function laterThan(today: Day, on: Day | null): Day | null {
  return on === null ? null : (Math.max(on, today + 1) as Day);
}

/** Mornings after something changed in the books, in order. */
function eventDays({ invoices, credits, holds, profile }: DebtorPast): Day[] {
  const evenings = [...invoices, ...credits].flatMap((balance) => [
    balance.fromOn,
    ...settlementsOf(balance).map((use) => use.on),
  ]);
  const mornings = [
    ...profileDays(profile),
    ...evenings.map((on) => addDays(on, 1)),
    ...holds.flatMap(({ hold, endedOn }) =>
      endedOn === null ? [hold.fromOn] : [hold.fromOn, endedOn],
    ),
  ];
  return [...new Set(mornings)].sort((a, b) => a - b);
}

class Story {
  readonly told: ReplayedDebtor = { actions: [], reached: [], stopped: [] };
  readonly #past: DebtorPast;
  readonly #taken: StepTaken[] = [];
  readonly #sent: CustomerCase['messagesSent'] = [];
  readonly #others: CustomerCase['otherContacts'] = [];
  readonly #keys = new Set<string>();
  readonly #met = new Set<string>();

  constructor(past: DebtorPast) {
    this.#past = past;
  }

  /** With the books of the evening before. */
  caseOn(today: Day): CustomerCase {
    const evening = addDays(today, -1);
    return {
      debtor: this.#past.debtor,
      profile: profileOn(this.#past.profile, today),
      offBalance: [],
      invoices: this.#past.invoices.flatMap((invoice) => openInvoice(invoice, evening)),
      unapplied: this.#past.credits
        .map((credit) => ({
          currency: credit.currency,
          amountMinor: balanceAsOf(credit, evening),
        }))
        .filter((credit) => credit.amountMinor > 0),
      holds: this.#past.holds.flatMap((past) => this.#holdOn(past, today, evening)),
      taken: [...this.#taken],
      messagesSent: [...this.#sent],
      otherContacts: [...this.#others],
      pending: [],
      deadKeys: [],
      rejections: [],
    };
  }

  /** A hold as it stood that morning: begun, not yet ended, and with what had arrived by then. */
  #holdOn({ hold, endedOn }: PastHold, today: Day, evening: Day): Hold[] {
    if (hold.fromOn > today || (endedOn !== null && endedOn <= today)) return [];
    const invoices = hold.invoices.map((held) => {
      const invoice = this.#past.invoices.find((other) => other.id === held.id);
      const openMinor = invoice === undefined ? 0 : balanceAsOf(invoice, evening);
      return { ...held, openMinor };
    });
    const arrivals = hold.arrivals.filter((arrival) => arrival.on <= evening);
    return [{ ...hold, invoices, arrivals }];
  }

  note(on: Day, decisions: readonly InvoiceDecision[]): void {
    const codes = decisions.filter(isStopped).map((decision) => decision.path.at(-1)?.code ?? '');
    for (const code of new Set(codes)) this.told.stopped.push({ on, code });
  }

  /** A proposal with the key of an action there is already changes nothing, as in earnest. */
  take(on: Day, proposal: Proposal): void {
    if (this.#keys.has(proposal.key)) return;
    this.#keys.add(proposal.key);
    const { step, currency, debtorId, totalMinor } = proposal;
    const triggers = proposal.invoices.filter((line) => line.isTrigger);
    for (const line of triggers) {
      this.#taken.push({
        invoiceId: line.invoiceId,
        dueOn: line.dueOn,
        step: line.step ?? step.key,
        channel: step.channel,
        actionKey: proposal.key,
        on,
        state: step.channel === 'email' ? 'sent' : 'done',
        deadlineOn: proposal.deadlineOn,
      });
      this.#reach(line.invoiceId, line.step ?? step.key, daysBetween(line.dueOn, on));
    }
    if (step.channel === 'email') this.#sent.push({ currency, on, to: proposal.to });
    else this.#others.push({ channel: step.channel, on });
    this.told.actions.push({
      on,
      debtorId,
      debtorName: this.#past.debtor.name,
      currency,
      step: step.key,
      stepName: step.name,
      channel: step.channel,
      invoices: proposal.invoices.map(({ invoiceId, amountMinor, isTrigger }) => ({
        number: this.#invoice(invoiceId).number,
        amountMinor,
        isTrigger,
      })),
      totalMinor,
      isNeedless: triggers.every((line) => this.#isPaidBy(line.invoiceId, on)),
    });
  }

  #reach(invoiceId: InvoiceId, step: string, daysPastDue: number): void {
    const key = `${step} ${invoiceId}`;
    if (this.#met.has(key)) return;
    this.#met.add(key);
    this.told.reached.push({ invoiceId, step, daysPastDue });
  }

  #isPaidBy(invoiceId: InvoiceId, on: Day): boolean {
    return balanceAsOf(this.#invoice(invoiceId), addDays(on, PAID_ANYWAY_DAYS)) <= 0;
  }

  #invoice(id: InvoiceId): PastInvoice {
    const found = this.#past.invoices.find((invoice) => invoice.id === id);
    if (found === undefined) throw new RangeError(`no invoice ${id} in this past`);
    return found;
  }
}

function openInvoice(invoice: PastInvoice, evening: Day): ChaseInvoice[] {
  const openMinor = balanceAsOf(invoice, evening);
  if (openMinor <= 0) return [];
  return [{ ...invoice, status: 'open', issuedOn: invoice.fromOn, openMinor }];
}

/** A step whose day had come, and nothing left: a budget, a gate, a missing address, a hold of the group. */
function isStopped(decision: InvoiceDecision): boolean {
  const { outcome, step, path } = decision;
  if (outcome !== 'wait' && outcome !== 'hold') return false;
  return step !== null && path.at(-1)?.code !== 'not_due_yet';
}
