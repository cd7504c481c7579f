/**
 * Credit-risk flags: what is wrong with a customer, in a sentence a credit controller would sign and
 * the figures behind it. A flag opens at one threshold and closes at a gentler one, so that a customer
 * who stands at the border does not flicker in and out; more payment never makes anything worse.
 * Limit 10,000: exposure 10,001 opens "over limit"; it closes again at 9,500.
 */
import type { CurrencyFacts, CustomerFacts } from './customer-facts.ts';
import { moneyText, percentText, plural } from './text.ts';

export const FLAG_CODES = [
  'over_limit',
  'severely_overdue',
  'habitually_late',
  'getting_worse',
  'concentration',
  'unapplied_credit',
  'unreachable',
  'off_balance',
] as const;
export type FlagCode = (typeof FLAG_CODES)[number];

export const SEVERITIES = ['low', 'medium', 'high'] as const;
type Severity = (typeof SEVERITIES)[number];

export interface Flag {
  code: FlagCode;
  severity: Severity;
  sentence: string;
  evidence: Record<string, string | number | null>;
  /** No reminder goes to this customer while the flag is open. */
  holdsChasing: boolean;
}

const THRESHOLDS = {
  /** Exposure as a share of the limit. */
  overLimit: { open: 1, close: 0.95, high: 1.25 },
  /** Age of the oldest open amount in days. */
  severelyOverdue: { open: 60, close: 45, high: 90 },
  /** Share of matured invoices paid late, with the days that make it matter. */
  habituallyLate: { open: 0.5, close: 0.4, openDays: 7, closeDays: 5, high: 30, maturedMin: 4 },
  /** By how many days recent invoices are later than earlier ones. */
  gettingWorse: { open: 10, close: 5, recentDaysMin: 7 },
  /** Of all the book is owed, when at least so many owe it. */
  concentration: { open: 0.25, close: 0.2, high: 0.5, customersMin: 5 },
  /** Unapplied credit as a share of what is overdue. */
  unappliedCredit: { open: 0.1, close: 0 },
} as const;

type Found = Omit<Flag, 'code' | 'holdsChasing'>;

const BY_CURRENCY: Partial<
  Record<FlagCode, (facts: CurrencyFacts, wasOpen: boolean) => Found | null>
> = {
  over_limit: overLimit,
  severely_overdue: severelyOverdue,
  habitually_late: habituallyLate,
  getting_worse: gettingWorse,
  concentration,
  unapplied_credit: unappliedCredit,
};

const HOLDING: ReadonlySet<FlagCode> = new Set(['unreachable', 'off_balance']);

/** The flags that stand, given those that stood before. One per code: of several currencies the gravest. */
export function judgeFlags(facts: CustomerFacts, openCodes: ReadonlySet<FlagCode>): Flag[] {
  return FLAG_CODES.flatMap((code) => {
    const found = findFlag(code, facts, openCodes.has(code));
    return found === null ? [] : [{ code, ...found, holdsChasing: HOLDING.has(code) }];
  });
}

function findFlag(code: FlagCode, facts: CustomerFacts, wasOpen: boolean): Found | null {
  if (code === 'unreachable') return unreachable(facts);
  if (code === 'off_balance') return offBalance(facts);
  const judge = BY_CURRENCY[code];
  if (judge === undefined) return null;
  const found = facts.currencies
    .map((currency) => judge(currency, wasOpen))
    .filter((flag) => flag !== null);
  return found.sort((a, b) => rank(b.severity) - rank(a.severity))[0] ?? null;
}

function rank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

function overLimit(facts: CurrencyFacts, wasOpen: boolean): Found | null {
  const { limitUse, limitMinor, exposureMinor, currency } = facts;
  const { open, close, high } = THRESHOLDS.overLimit;
  if (limitUse === null || limitMinor === null) return null;
  if (wasOpen ? limitUse <= close : limitUse <= open) return null;
  return {
    severity: limitUse >= high ? 'high' : 'medium',
    sentence: `Exposure of ${moneyText(exposureMinor, currency)} is ${percentText(limitUse)} of the limit of ${moneyText(limitMinor, currency)}.`,
    evidence: { currency, exposureMinor, limitMinor, limitUse },
  };
}

function severelyOverdue(facts: CurrencyFacts, wasOpen: boolean): Found | null {
  const { oldestDaysOverdue: days, overdueMinor, currency } = facts;
  const { open, close, high } = THRESHOLDS.severelyOverdue;
  if (days <= (wasOpen ? close : open)) return null;
  return {
    severity: days > high ? 'high' : 'medium',
    sentence: `${moneyText(overdueMinor, currency)} is overdue, the oldest of it for ${days} days.`,
    evidence: { currency, oldestDaysOverdue: days, overdueMinor },
  };
}

function habituallyLate(facts: CurrencyFacts, wasOpen: boolean): Found | null {
  const { lateRatio, daysLate, lateCount, maturedCount } = facts.habits;
  const limits = THRESHOLDS.habituallyLate;
  if (lateRatio === null || daysLate === null || maturedCount < limits.maturedMin) return null;
  const stands = wasOpen
    ? lateRatio > limits.close && daysLate > limits.closeDays
    : lateRatio >= limits.open && daysLate >= limits.openDays;
  if (!stands) return null;
  return {
    severity: daysLate >= limits.high ? 'high' : 'medium',
    sentence: `${lateCount} of the last ${plural(maturedCount, 'invoice')} were late, by ${Math.round(daysLate)} days on average by amount.`,
    evidence: { currency: facts.currency, lateCount, maturedCount, lateRatio, daysLate },
  };
}

function gettingWorse(facts: CurrencyFacts, wasOpen: boolean): Found | null {
  const { trend } = facts.habits;
  const { open, close, recentDaysMin } = THRESHOLDS.gettingWorse;
  if (trend === null || trend.recentDays < recentDaysMin) return null;
  const { recentDays, earlierDays } = trend;
  const slide = recentDays - earlierDays;
  if (wasOpen ? slide <= close : slide < open) return null;
  return {
    severity: 'medium',
    sentence: `The latest invoices run ${Math.round(recentDays)} days late, those before them ${Math.round(earlierDays)}.`,
    evidence: { currency: facts.currency, recentDays, earlierDays },
  };
}

function concentration(facts: CurrencyFacts, wasOpen: boolean): Found | null {
  const { shareOfBook, openMinor, currency, bookCustomers } = facts;
  const { open, close, high, customersMin } = THRESHOLDS.concentration;
  if (shareOfBook === null || bookCustomers < customersMin) return null;
  if (wasOpen ? shareOfBook <= close : shareOfBook < open) return null;
  return {
    severity: shareOfBook >= high ? 'high' : 'medium',
    sentence: `${moneyText(openMinor, currency)} is ${percentText(shareOfBook)} of all that is owed to the business in ${currency}.`,
    evidence: { currency, openMinor, shareOfBook, bookCustomers },
  };
}

function unappliedCredit(facts: CurrencyFacts, wasOpen: boolean): Found | null {
  const { unappliedMinor, overdueMinor, currency } = facts;
  const { open, close } = THRESHOLDS.unappliedCredit;
  if (unappliedMinor <= 0 || overdueMinor <= 0) return null;
  if (unappliedMinor < overdueMinor * (wasOpen ? close : open)) return null;
  return {
    severity: 'low',
    sentence: `${moneyText(unappliedMinor, currency)} of credit or payment is not set against anything while ${moneyText(overdueMinor, currency)} is overdue.`,
    evidence: { currency, unappliedMinor, overdueMinor },
  };
}

function unreachable(facts: CustomerFacts): Found | null {
  const open = facts.currencies.filter((currency) => currency.openMinor > 0);
  if (facts.isReachable || open.length === 0) return null;
  const amounts = open.map(({ openMinor, currency }) => moneyText(openMinor, currency)).join(', ');
  return {
    severity: 'medium',
    sentence: `There is no usable email address, and ${amounts} is open.`,
    evidence: { openInvoices: open.reduce((sum, currency) => sum + currency.openCount, 0) },
  };
}

function offBalance(facts: CustomerFacts): Found | null {
  const { varianceMinor, varianceReason } = facts;
  if (varianceMinor === null || varianceMinor === 0) return null;
  return {
    severity: 'high',
    sentence:
      'Our copy of what this customer owes and the ledger’s own figure differ; nothing is asked for until they agree.',
    evidence: { varianceMinor, varianceReason },
  };
}
