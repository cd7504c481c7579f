/**
 * What a credit controller wants to know of a customer, per currency: what is open and how old, what
 * stands unapplied, how much of the limit is used, and how the customer usually pays. Habits are read
 * from every invoice that fell due, paid or not: counting paid ones only makes bad payers look good.
 * 140 paid 7 days late, 85 paid 55 late and 214 still open after 10: on average 17.8 days late by amount.
 */
import {
  ageReceivables,
  type AgedInvoice,
  type Buckets,
  emptyBuckets,
  type OpenCredit,
} from './aging.ts';
import { type Day, daysBetween } from './day.ts';
import { openDueItems } from './due-items.ts';
import type { Currency, Minor } from './money.ts';

/** How far back habits are read. */
export const HISTORY_DAYS = 365;
/** The trend compares this many of the latest with those before them … */
const RECENT_MAX = 5;
/** … and says nothing with fewer than this on either side. */
const TREND_MIN = 3;

/** An invoice whose due date has passed. */
export interface MaturedInvoice {
  currency: Currency;
  dueOn: Day;
  /** null: still open. */
  paidOn: Day | null;
  totalMinor: Minor;
}

export interface CreditLimit {
  currency: Currency;
  amountMinor: Minor;
  source: 'customer' | 'book';
}

export interface CustomerRecords {
  customerId: string;
  invoices: readonly AgedInvoice[];
  credits: readonly OpenCredit[];
  matured: readonly MaturedInvoice[];
  limit: CreditLimit | null;
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
  trend: { recentDays: number; earlierDays: number } | null;
}

export interface CurrencyFacts {
  currency: Currency;
  openMinor: Minor;
  overdueMinor: Minor;
  notDueMinor: Minor;
  buckets: Buckets;
  openCount: number;
  overdueCount: number;
  /** 0 when nothing is overdue. */
  oldestDaysOverdue: number;
  unappliedMinor: Minor;
  /** Open less unapplied: what would be lost today. */
  exposureMinor: Minor;
  limitMinor: Minor | null;
  /** Exposure as a share of the limit; null without a limit in this currency. */
  limitUse: number | null;
  /** Of all that the book is owed in this currency. */
  shareOfBook: number | null;
  bookCustomers: number;
  habits: PaymentHabits;
}

export interface CustomerFacts {
  customerId: string;
  isReachable: boolean;
  varianceMinor: Minor | null;
  varianceReason: string | null;
  currencies: CurrencyFacts[];
}

export function customerFacts(
  records: CustomerRecords,
  book: readonly BookShare[],
  asOn: Day,
): CustomerFacts {
  const { customerId, isReachable, varianceMinor, varianceReason } = records;
  const codes = new Set([
    ...records.invoices.map((invoice) => invoice.currency),
    ...records.credits.map((credit) => credit.currency),
    ...records.matured.map((invoice) => invoice.currency),
  ]);
  return {
    customerId,
    isReachable,
    varianceMinor,
    varianceReason,
    currencies: [...codes].sort().map((currency) => currencyFacts(currency, records, book, asOn)),
  };
}

function currencyFacts(
  currency: Currency,
  records: CustomerRecords,
  book: readonly BookShare[],
  asOn: Day,
): CurrencyFacts {
  const invoices = records.invoices.filter((invoice) => invoice.currency === currency);
  const credits = records.credits.filter((credit) => credit.currency === currency);
  const aged = ageReceivables(invoices, credits, asOn)[0];
  const openMinor = aged?.openMinor ?? 0;
  const unappliedMinor = aged?.creditsMinor ?? 0;
  const buckets = aged?.buckets ?? emptyBuckets();
  const exposureMinor = openMinor - unappliedMinor;
  const limitMinor = records.limit?.currency === currency ? records.limit.amountMinor : null;
  const share = book.find((entry) => entry.currency === currency);
  const overdueDays = invoices
    .map((invoice) => daysOverdue(invoice, asOn))
    .filter((count) => count > 0);
  return {
    currency,
    openMinor,
    overdueMinor: openMinor - buckets.current,
    notDueMinor: buckets.current,
    buckets,
    openCount: invoices.filter((invoice) => invoice.openMinor > 0).length,
    overdueCount: overdueDays.length,
    oldestDaysOverdue: Math.max(0, ...overdueDays),
    unappliedMinor,
    exposureMinor,
    limitMinor,
    limitUse: limitMinor === null || limitMinor <= 0 ? null : exposureMinor / limitMinor,
    shareOfBook: share === undefined || share.openMinor <= 0 ? null : openMinor / share.openMinor,
    bookCustomers: share?.customers ?? 0,
    habits: paymentHabits(
      records.matured.filter((invoice) => invoice.currency === currency),
      asOn,
    ),
  };
}

/** By its earliest part that is still open; negative before the due date. */
function daysOverdue(invoice: AgedInvoice, asOn: Day): number {
  const [first] = openDueItems(invoice);
  return first === undefined ? 0 : daysBetween(first.dueOn, asOn);
}

export function paymentHabits(matured: readonly MaturedInvoice[], asOn: Day): PaymentHabits {
  const past = matured
    .filter((invoice) => invoice.dueOn < asOn && daysBetween(invoice.dueOn, asOn) <= HISTORY_DAYS)
    .toSorted((a, b) => a.dueOn - b.dueOn);
  const late = past.map((invoice) => daysLate(invoice, asOn));
  const lateCount = late.filter((count) => count > 0).length;
  const weight = past.reduce((sum, invoice) => sum + invoice.totalMinor, 0);
  const weighted = past.reduce((sum, invoice, i) => sum + invoice.totalMinor * (late[i] ?? 0), 0);
  return {
    maturedCount: past.length,
    lateCount,
    lateRatio: past.length === 0 ? null : lateCount / past.length,
    daysLate: weight === 0 ? null : weighted / weight,
    trend: trendOf(late),
  };
}

function daysLate(invoice: MaturedInvoice, asOn: Day): number {
  return daysBetween(invoice.dueOn, invoice.paidOn ?? asOn);
}

/** `late` in the order of the due dates. */
function trendOf(late: readonly number[]): PaymentHabits['trend'] {
  const recentCount = Math.min(RECENT_MAX, late.length - TREND_MIN);
  if (recentCount < TREND_MIN) return null;
  return {
    recentDays: mean(late.slice(-recentCount)),
    earlierDays: mean(late.slice(0, -recentCount)),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
