/**
 * How a customer pays, over all currencies, counted in invoices and days and never in money. Read from
 * every invoice that fell due within a year, paid or not: counting paid ones only makes bad payers look
 * good. An invoice still open has taken at least as long as it is late today.
 * Ten invoices paid 11 to 14 days late: typically 12 days late, spread 1 day, all ten steady.
 */
import { addDays, type Day, daysBetween, formatDay } from './day.ts';
import type { Currency, Minor } from './money.ts';

/** How far back habits are read. */
export const HISTORY_DAYS = 365;
/** The latest invoices are this many … */
export const RECENT_MAX = 5;
/** … and a trend needs this many on either side. */
const TREND_MIN = 3;
/** A bank transfer over a weekend is no lateness. */
export const PROMPT_DAYS = 3;
/** A steady payer stays within this many days of what is usual. */
export const STEADY_DAYS = 10;
/** A payment run on the last days of the month. */
const MONTH_END_DAYS = 4;
/** A remainder that nobody paid for so long was not meant to be paid. */
export const SHORT_AFTER_DAYS = 30;

/** An invoice that fell due, and what became of it. */
export interface PastInvoice {
  currency: Currency;
  issuedOn: Day;
  dueOn: Day;
  /** null: still open. */
  paidOn: Day | null;
  totalMinor: Minor;
  openMinor: Minor;
  /** On how many days payments were set against it, and the last of them. */
  parts: number;
  lastPartOn: Day | null;
  /** Credit set against it after it had been paid in part: the rest was forgiven. */
  forgivenMinor: Minor;
}

export interface Behaviour {
  maturedCount: number;
  lateCount: number;
  /** Not more than three days late. */
  promptCount: number;
  /** Mean days late of the latest five; null without any. */
  recentDays: number | null;
  recentCount: number;
  trend: { recentDays: number; earlierDays: number; recentCount: number } | null;
  paidCount: number;
  monthEndCount: number;
  /** Days late of what was paid: the middle, and how far from it the middle of the rest lies. */
  typicalDays: number | null;
  spreadDays: number | null;
  /** Within ten days of the typical. */
  steadyCount: number;
  /** Settled in more than one payment. */
  partCount: number;
  /** Settled for less than was asked. */
  shortCount: number;
  /** The latest invoices of which none is paid. */
  unpaidRun: number;
  /** The earliest due day of that run. */
  unpaidSinceOn: Day | null;
}

/** Those that fell due before `asOn` and within a year, in the order of their due days. */
export function maturedOn(invoices: readonly PastInvoice[], asOn: Day): PastInvoice[] {
  return invoices
    .filter((invoice) => invoice.dueOn < asOn && daysBetween(invoice.dueOn, asOn) <= HISTORY_DAYS)
    .toSorted((a, b) => a.dueOn - b.dueOn || a.issuedOn - b.issuedOn);
}

/** An open one counts until today. */
export function daysLate(invoice: Pick<PastInvoice, 'dueOn' | 'paidOn'>, asOn: Day): number {
  return daysBetween(invoice.dueOn, invoice.paidOn ?? asOn);
}

export function behaviourOf(matured: readonly PastInvoice[], asOn: Day): Behaviour {
  const late = matured.map((invoice) => daysLate(invoice, asOn));
  const paid = matured.flatMap(({ paidOn, dueOn }) =>
    paidOn === null ? [] : [{ paidOn, late: daysBetween(dueOn, paidOn) }],
  );
  const recent = late.slice(-RECENT_MAX);
  const typicalDays = median(paid.map((payment) => payment.late));
  const unpaid = unpaidRunOf(matured);
  return {
    maturedCount: matured.length,
    lateCount: late.filter((days) => days > 0).length,
    promptCount: late.filter((days) => days <= PROMPT_DAYS).length,
    recentDays: recent.length === 0 ? null : mean(recent),
    recentCount: recent.length,
    trend: trendOf(late),
    paidCount: paid.length,
    monthEndCount: paid.filter((payment) => isMonthEnd(payment.paidOn)).length,
    typicalDays,
    spreadDays:
      typicalDays === null
        ? null
        : median(paid.map((payment) => Math.abs(payment.late - typicalDays))),
    steadyCount:
      typicalDays === null ? 0 : matured.filter((one) => isSteady(one, typicalDays, asOn)).length,
    partCount: matured.filter((invoice) => invoice.parts > 1).length,
    shortCount: matured.filter((invoice) => isShort(invoice, asOn)).length,
    unpaidRun: unpaid.length,
    unpaidSinceOn: unpaid[0]?.dueOn ?? null,
  };
}

/** An open invoice is steady as long as it has not taken longer than usual. */
function isSteady(invoice: PastInvoice, typicalDays: number, asOn: Day): boolean {
  const beyond = daysLate(invoice, asOn) - typicalDays;
  return beyond <= STEADY_DAYS && (invoice.paidOn === null || beyond >= -STEADY_DAYS);
}

function isShort(invoice: PastInvoice, asOn: Day): boolean {
  const { paidOn, forgivenMinor, lastPartOn, openMinor, totalMinor } = invoice;
  if (paidOn !== null) return forgivenMinor > 0;
  if (lastPartOn === null || daysBetween(lastPartOn, asOn) < SHORT_AFTER_DAYS) return false;
  return openMinor * 2 <= totalMinor;
}

function unpaidRunOf(matured: readonly PastInvoice[]): PastInvoice[] {
  const lastPaid = matured.findLastIndex((invoice) => invoice.paidOn !== null);
  return matured.slice(lastPaid + 1);
}

/** `late` in the order of the due dates; negative: paid before it was due, and a customer who stops doing so slides too. */
function trendOf(late: readonly number[]): Behaviour['trend'] {
  const recentCount = Math.min(RECENT_MAX, late.length - TREND_MIN);
  if (recentCount < TREND_MIN) return null;
  return {
    recentDays: mean(late.slice(-recentCount)),
    earlierDays: mean(late.slice(0, -recentCount)),
    recentCount,
  };
}

function isMonthEnd(on: Day): boolean {
  return monthOf(on) !== monthOf(addDays(on, MONTH_END_DAYS));
}

function monthOf(on: Day): string {
  return formatDay(on).slice(0, 7);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  const before = sorted[Math.ceil(sorted.length / 2) - 1];
  return middle === undefined || before === undefined ? null : (before + middle) / 2;
}
