/**
 * What a customer could be asked for besides the invoices: the interest of every late debt in one
 * currency, added exactly and rounded once, and the fixed compensation of each. Interest that ran until
 * an invoice was paid stays owed after the principal has come, until it is charged or let go.
 * 66.2136… of interest on three invoices is 66.21, and three times £70 of compensation is £210 more.
 */
import type { Day } from '../day.ts';
import type { Currency, Minor } from '../money.ts';
import { accrue, type DebtInterest } from './accrue.ts';
import { type Debt, debtsOf, type LateInvoice } from './debts.ts';
import { type Exact, roundMinor, ZERO } from './exact.ts';
import type { InterestTerms } from './terms.ts';

/** A debt that was charged for already, and until when. */
export interface Charged {
  invoiceId: string;
  dueOn: Day;
  until: Day;
}

export interface InterestClaim {
  currency: Currency;
  terms: InterestTerms;
  asOn: Day;
  /** Those that bear anything, the earliest due first. */
  debts: DebtInterest[];
  /** In minor units, not rounded. */
  interest: Exact;
  interestMinor: Minor;
  compensationMinor: Minor;
  totalMinor: Minor;
  /** Every rate used was compared with its publisher's table. */
  isVerified: boolean;
}

/** One claim for each currency in which anything is late, in the order of the codes. */
export function claimsOf(
  invoices: readonly LateInvoice[],
  terms: InterestTerms,
  asOn: Day,
  charged: readonly Charged[] = [],
): InterestClaim[] {
  const currencies = [...new Set(invoices.map((invoice) => invoice.currency))].sort();
  return currencies
    .map((currency) => {
      const debts = invoices.filter((invoice) => invoice.currency === currency).flatMap(debtsOf);
      return claimOf(currency, debts, terms, asOn, charged);
    })
    .filter((claim) => claim.debts.length > 0);
}

function claimOf(
  currency: Currency,
  debts: readonly Debt[],
  terms: InterestTerms,
  asOn: Day,
  charged: readonly Charged[],
): InterestClaim {
  const reckoned = debts
    .map((debt) => accrue(debt, terms, { after: chargedUntil(debt, charged), to: asOn }))
    .filter((debt) => debt.lines.length > 0 || debt.compensationMinor > 0)
    .sort(byDueDate);
  const interest = reckoned.reduce((sum, debt) => sum.plus(debt.interest), ZERO);
  const interestMinor = roundMinor(interest);
  const compensationMinor = reckoned.reduce((sum, debt) => sum + debt.compensationMinor, 0);
  return {
    currency,
    terms,
    asOn,
    debts: reckoned,
    interest,
    interestMinor,
    compensationMinor,
    totalMinor: interestMinor + compensationMinor,
    isVerified: reckoned.every((debt) => debt.lines.every((line) => line.isVerified)),
  };
}

function chargedUntil(debt: Debt, charged: readonly Charged[]): Day | null {
  const days = charged
    .filter((entry) => entry.invoiceId === debt.invoiceId && entry.dueOn === debt.dueOn)
    .map((entry) => entry.until);
  return days.length === 0 ? null : (Math.max(...days) as Day);
}

function byDueDate(a: DebtInterest, b: DebtInterest): number {
  return a.debt.dueOn - b.debt.dueOn || (a.debt.number < b.debt.number ? -1 : 1);
}
