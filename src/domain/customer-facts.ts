/**
 * What a credit controller wants to know of a customer: per currency what is open and how old, what
 * stands unapplied, how much of the limit is used and what a year's business amounts to; over all
 * currencies how the customer pays. Invoices whose facts contradict each other are named and left out
 * of the habits, though what is open on them is still owed.
 * 140 paid 7 days late, 85 paid 55 late and 214 still open after 10: on average 17.8 days late by amount.
 */
import {
  ageReceivables,
  type AgedInvoice,
  type Buckets,
  emptyBuckets,
  type OpenCredit,
} from './aging.ts';
import {
  type Behaviour,
  behaviourOf,
  daysLate,
  maturedOn,
  median,
  type PastInvoice,
} from './behaviour.ts';
import { nameContradictions, type NamedContradiction } from './contradictions.ts';
import { type LimitLine, limitsOn } from './credit-limits.ts';
import { type Day, daysBetween } from './day.ts';
import { openDueItems } from './due-items.ts';
import { type Exposure, exposureOf } from './exposure.ts';
import type { Currency, Minor } from './money.ts';

/** How many contradictory invoices are named; all are left out. */
const NAMED_MAX = 20;

/** An invoice as the books have it, with what was set against it. */
export interface HistoryInvoice extends PastInvoice {
  id: string;
  number: string;
  allocatedMinor: Minor;
  settledIn: readonly Currency[];
}

export interface ExternalRating {
  grade: string;
  source: string;
  ratedOn: Day;
}

/** What became of the promises whose day has passed. */
export interface PromiseRecord {
  keptCount: number;
  partlyKeptCount: number;
  brokenCount: number;
}

export interface DisputeRecord {
  /** What is contested today. */
  disputed: readonly { currency: Currency; amountMinor: Minor }[];
  /** Invoices contested within a year, settled or not. */
  invoiceCount: number;
}

export interface Activity {
  firstIssuedOn: Day | null;
  lastIssuedOn: Day | null;
  lastPaidOn: Day | null;
}

export interface CustomerRecords {
  customerId: string;
  invoices: readonly AgedInvoice[];
  drafts: readonly { currency: Currency; amountMinor: Minor }[];
  credits: readonly OpenCredit[];
  /** Open invoices, and paid ones that fell due within a year. */
  history: readonly HistoryInvoice[];
  limits: readonly LimitLine[];
  rating: ExternalRating | null;
  promises: PromiseRecord;
  disputes: DisputeRecord;
  activity: Activity;
  /** The first later day on which promises or disputes read differently by time alone. */
  changesOn: Day | null;
  isReachable: boolean;
  varianceMinor: Minor | null;
  varianceReason: string | null;
}

/** What the whole book is owed in a currency. */
export interface BookShare {
  currency: Currency;
  openMinor: Minor;
  customers: number;
}

export interface PaymentHabits {
  maturedCount: number;
  lateCount: number;
  /** null without a matured invoice. */
  lateRatio: number | null;
  /** Weighted by amount, counting what is still open until today; early payments count below zero. */
  daysLate: number | null;
  /** What fell due within a year, and the days from the first issue to the last due day of it. */
  billedMinor: Minor;
  billedDays: number;
  /** The usual invoice, and the days it is given. */
  typicalMinor: Minor | null;
  termsDays: number | null;
}

export interface CurrencyFacts extends Exposure {
  currency: Currency;
  notDueMinor: Minor;
  buckets: Buckets;
  openCount: number;
  overdueCount: number;
  /** 0 when nothing is overdue. */
  oldestDaysOverdue: number;
  oldestDueOn: Day | null;
  disputedMinor: Minor;
  /** Of all that the book is owed in this currency. */
  shareOfBook: number | null;
  bookCustomers: number;
  /** What a customer of this book owes on average in this currency. */
  bookAverageMinor: Minor | null;
  habits: PaymentHabits;
}

export interface CustomerFacts {
  customerId: string;
  asOn: Day;
  isReachable: boolean;
  varianceMinor: Minor | null;
  varianceReason: string | null;
  currencies: CurrencyFacts[];
  behaviour: Behaviour;
  promises: PromiseRecord;
  disputeCount: number;
  activity: Activity;
  rating: ExternalRating | null;
  contradictions: NamedContradiction[];
  contradictionCount: number;
}

export function customerFacts(
  records: CustomerRecords,
  book: readonly BookShare[],
  asOn: Day,
): CustomerFacts {
  const { customerId, isReachable, varianceMinor, varianceReason, promises, activity } = records;
  const { matured, contradictions } = learnableHistory(records, asOn);
  const limits = limitsOn(records.limits, asOn);
  const codes = new Set(
    [records.invoices, records.drafts, records.credits, matured].flatMap((list) =>
      list.map((entry) => entry.currency),
    ),
  );
  return {
    customerId,
    asOn,
    isReachable,
    varianceMinor,
    varianceReason,
    currencies: [...codes].sort().map((currency) =>
      currencyFacts(currency, records, {
        asOn,
        matured: matured.filter((invoice) => invoice.currency === currency),
        limit: limits.find((line) => line.currency === currency) ?? null,
        share: book.find((entry) => entry.currency === currency),
      }),
    ),
    behaviour: behaviourOf(matured, asOn),
    promises,
    disputeCount: records.disputes.invoiceCount,
    activity,
    rating: records.rating,
    contradictions: contradictions.slice(0, NAMED_MAX),
    contradictionCount: contradictions.length,
  };
}

/** What fell due within a year and can be believed, and what cannot. */
export function learnableHistory(records: Pick<CustomerRecords, 'history'>, asOn: Day) {
  const contradictions: NamedContradiction[] = [];
  const sound = records.history.filter((invoice) => {
    const named = nameContradictions(invoice);
    if (named !== null) contradictions.push(named);
    return named === null;
  });
  contradictions.sort((a, b) => (a.invoiceId < b.invoiceId ? -1 : 1));
  return { matured: maturedOn(sound, asOn), contradictions };
}

interface InCurrency {
  asOn: Day;
  matured: readonly PastInvoice[];
  limit: LimitLine | null;
  share: BookShare | undefined;
}

function currencyFacts(
  currency: Currency,
  records: CustomerRecords,
  { asOn, matured, limit, share }: InCurrency,
): CurrencyFacts {
  const ofCurrency = (entry: { currency: Currency }) => entry.currency === currency;
  const invoices = records.invoices.filter(ofCurrency);
  const aged = ageReceivables(invoices, records.credits.filter(ofCurrency), asOn)[0];
  const openMinor = aged?.openMinor ?? 0;
  const buckets = aged?.buckets ?? emptyBuckets();
  const firstDue = invoices.flatMap((invoice) => openDueItems(invoice)[0]?.dueOn ?? []);
  const overdue = firstDue.filter((dueOn) => dueOn < asOn);
  const oldestDueOn = overdue.length === 0 ? null : (Math.min(...overdue) as Day);
  const parts = {
    openMinor,
    overdueMinor: openMinor - buckets.current,
    draftMinor: sumOf(records.drafts.filter(ofCurrency)),
    unappliedMinor: aged?.creditsMinor ?? 0,
  };
  const known = share === undefined || share.openMinor <= 0 ? null : share;
  return {
    currency,
    ...exposureOf(parts, limit),
    notDueMinor: buckets.current,
    buckets,
    openCount: firstDue.length,
    overdueCount: overdue.length,
    oldestDaysOverdue: oldestDueOn === null ? 0 : daysBetween(oldestDueOn, asOn),
    oldestDueOn,
    disputedMinor: Math.min(openMinor, sumOf(records.disputes.disputed.filter(ofCurrency))),
    shareOfBook: known === null ? null : openMinor / known.openMinor,
    bookCustomers: known?.customers ?? 0,
    bookAverageMinor: known === null ? null : Math.round(known.openMinor / known.customers),
    habits: paymentHabits(matured, asOn),
  };
}

function sumOf(entries: readonly { amountMinor: Minor }[]): Minor {
  return entries.reduce((sum, entry) => sum + entry.amountMinor, 0);
}

/** Of invoices of one currency that have fallen due, in the order of their due days. */
export function paymentHabits(
  matured: readonly Pick<PastInvoice, 'issuedOn' | 'dueOn' | 'paidOn' | 'totalMinor'>[],
  asOn: Day,
): PaymentHabits {
  const late = matured.map((invoice) => daysLate(invoice, asOn));
  const lateCount = late.filter((days) => days > 0).length;
  const billedMinor = matured.reduce((sum, invoice) => sum + invoice.totalMinor, 0);
  const weighted = matured.reduce((sum, one, i) => sum + one.totalMinor * (late[i] ?? 0), 0);
  const typical = median(matured.map((invoice) => invoice.totalMinor));
  const terms = median(matured.map(({ issuedOn, dueOn }) => daysBetween(issuedOn, dueOn)));
  const firstIssuedOn = Math.min(...matured.map((invoice) => invoice.issuedOn)) as Day;
  const last = matured.at(-1);
  return {
    maturedCount: matured.length,
    lateCount,
    lateRatio: matured.length === 0 ? null : lateCount / matured.length,
    daysLate: billedMinor === 0 ? null : weighted / billedMinor,
    billedMinor,
    billedDays: last === undefined ? 0 : daysBetween(firstIssuedOn, last.dueOn),
    typicalMinor: typical === null ? null : Math.round(typical),
    termsDays: terms === null ? null : Math.round(terms),
  };
}
