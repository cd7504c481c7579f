/**
 * A hold is what was agreed or decided about invoices beside their due dates: a promise to pay, a
 * dispute, a payment plan, a settlement for less, a later due date, an answer, or a person's word. All have
 * the same common part (who is concerned, why, whose it is, from when to when) and terms of their own.
 * How a hold stands is worked out from the payments that arrived, each time anew; nothing is counted.
 * 500.00 promised for 12 June: 300.00 set against the invoice by then makes it partly kept.
 */
import { addDays, type Day, soonest } from './day.ts';
import type { Currency, Minor } from './money.ts';
import type { Policy } from './policy.ts';
import type { ReasonCode } from './reasons.ts';
import type { CustomerId, DueItem, InvoiceId } from './receivables.ts';

export const HOLD_KINDS = [
  'promise',
  'dispute',
  'plan',
  'settlement',
  'extension',
  'reply',
  'manual',
] as const;
export type HoldKind = (typeof HOLD_KINDS)[number];

export const PROMISE_SOURCES = ['email', 'phone', 'portal', 'meeting', 'letter', 'chat'] as const;
export type PromiseSource = (typeof PROMISE_SOURCES)[number];

export interface PromiseTerms {
  currency: Currency;
  amountMinor: Minor;
  payOn: Day;
  source: PromiseSource;
  /** Their own words. */
  quote: string | null;
}

export const DISPUTE_OUTCOMES = ['upheld', 'rejected', 'credit_expected'] as const;
export type DisputeOutcome = (typeof DISPUTE_OUTCOMES)[number];

export interface DisputeTerms {
  reason: ReasonCode;
  /** The contested part of the one invoice concerned; null: all of it. */
  part: { currency: Currency; amountMinor: Minor } | null;
  /** null: still open. A credit of `creditMinor` is expected; null: of all that was contested. */
  resolution: { outcome: DisputeOutcome; on: Day; creditMinor: Minor | null } | null;
}

export interface PlanTerms {
  currency: Currency;
  /** In the order of their days; together what was owed when the plan was made. */
  instalments: readonly DueItem[];
  /** An instalment still open this many days after its day breaks the plan; null: as the policy says. */
  graceDays: number | null;
}

export interface SettlementTerms {
  currency: Currency;
  owedMinor: Minor;
  /** Accepted instead of all that is owed, when it is paid by `payBy`. */
  acceptMinor: Minor;
  payBy: Day;
}

export interface ExtensionTerms {
  dueOn: Day;
}

/** How an answer came that agreed to nothing and contested nothing. */
export interface ReplyTerms {
  source: PromiseSource;
}

export type HoldTerms =
  | { kind: 'promise'; terms: PromiseTerms }
  | { kind: 'dispute'; terms: DisputeTerms }
  | { kind: 'plan'; terms: PlanTerms }
  | { kind: 'settlement'; terms: SettlementTerms }
  | { kind: 'extension'; terms: ExtensionTerms }
  | { kind: 'reply'; terms: ReplyTerms }
  | { kind: 'manual'; terms: null };

/** An invoice that a hold names, as the ledger has it now. */
export interface HeldInvoice {
  id: InvoiceId;
  number: string;
  currency: Currency;
  dueOn: Day;
  /** 0 when it is paid, voided or deleted. */
  openMinor: Minor;
}

/** A payment or credit that was set against one of the invoices since the day the hold began. */
export interface Arrival {
  invoiceId: InvoiceId;
  by: 'payment' | 'credit';
  on: Day;
  amountMinor: Minor;
}

interface HoldCommon {
  id: number;
  customerId: CustomerId;
  /** null: whatever the customer owes, now and later. */
  invoiceIds: readonly InvoiceId[] | null;
  reason: string;
  owner: string;
  fromOn: Day;
  /** The last day it can hold; null: until somebody ends it. */
  untilOn: Day | null;
  approvedBy: string | null;
  invoices: readonly HeldInvoice[];
  arrivals: readonly Arrival[];
}

export type Hold = HoldCommon & HoldTerms;
export type HoldOf<K extends HoldKind> = Extract<Hold, { kind: K }>;

/** What the policy says about holds. */
export type HoldRules = Pick<
  Policy,
  'onPromise' | 'onBrokenPromise' | 'onDispute' | 'onPlan' | 'onReply'
>;

/** Whether a hold speaks of an invoice; one on the parent speaks of the sub-customer's invoices too. */
export function covers(
  hold: Pick<Hold, 'customerId' | 'invoiceIds'>,
  invoice: { id: InvoiceId; customerId: CustomerId },
  debtorId: CustomerId,
): boolean {
  if (hold.invoiceIds !== null) return hold.invoiceIds.includes(invoice.id);
  return hold.customerId === invoice.customerId || hold.customerId === debtorId;
}

/** From its first to its last day. */
export function isWithin(hold: Pick<Hold, 'fromOn' | 'untilOn'>, asOn: Day): boolean {
  return hold.fromOn <= asOn && (hold.untilOn === null || asOn <= hold.untilOn);
}

/** The next day on which a hold begins or ends by itself. */
export function boundaryAfter(hold: Pick<Hold, 'fromOn' | 'untilOn'>, asOn: Day): Day | null {
  const ended = hold.untilOn === null ? null : addDays(hold.untilOn, 1);
  return soonest(...[hold.fromOn, ended].filter((on) => on !== null && on > asOn));
}

/** What was set against the invoices from the hold's first day to the day asked for. */
export function arrivedBy(
  hold: Pick<Hold, 'fromOn' | 'arrivals'>,
  asOn: Day,
  by?: Arrival['by'],
): Minor {
  return hold.arrivals
    .filter((arrival) => arrival.on >= hold.fromOn && arrival.on <= asOn)
    .filter((arrival) => by === undefined || arrival.by === by)
    .reduce((sum, arrival) => sum + arrival.amountMinor, 0);
}

/** What was open on the invoices when the hold began: what is open now and all that came since. */
export function openAtStart(hold: Pick<Hold, 'fromOn' | 'arrivals' | 'invoices'>): Minor {
  const openNow = hold.invoices.reduce((sum, invoice) => sum + invoice.openMinor, 0);
  return hold.arrivals
    .filter((arrival) => arrival.on >= hold.fromOn)
    .reduce((sum, arrival) => sum + arrival.amountMinor, openNow);
}

/** The first day by which at least `wantedMinor` had arrived; null: not with what is known. */
export function arrivedOn(hold: Pick<Hold, 'fromOn' | 'arrivals'>, wantedMinor: Minor): Day | null {
  if (wantedMinor <= 0) return hold.fromOn;
  const inOrder = hold.arrivals
    .filter((arrival) => arrival.on >= hold.fromOn)
    .toSorted((a, b) => a.on - b.on);
  let sum = 0;
  for (const arrival of inOrder) {
    sum += arrival.amountMinor;
    if (sum >= wantedMinor) return arrival.on;
  }
  return null;
}
