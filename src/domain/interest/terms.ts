/**
 * The terms under which a late debt bears interest: a rate, how days are counted, how long nothing is
 * charged, and how far it may go. Interest is simple unless the contract says that it compounds.
 * Grace days of 10 on an invoice due on the 1st: interest begins on the 12th.
 */
import { isCurrency, parseMinor } from '../money.ts';
import type { Compensation } from './compensation.ts';
import type { DayCount } from './day-count.ts';
import { Exact } from './exact.ts';
import type { InterestRate, ReferenceMode } from './rate.ts';

/**
 * What a payment that does not cover everything is set against. Ledgers set it against the invoice;
 * § 367 BGB sets it against costs, then interest, then principal, unless the debtor said otherwise.
 */
export type Appropriation = 'principal' | 'costs_interest_principal';

export interface InterestTerms {
  title: string;
  rate: InterestRate;
  dayCount: DayCount;
  graceDays: number;
  compounding: 'none' | 'daily';
  /** No more than this a year, whatever the rate: usury laws and contracts. */
  maxPercentPerYear: string | null;
  /** All interest on a debt together, as a percentage of it. */
  maxPercentOfDebt: string | null;
  compensation: Compensation | null;
  appropriation: Appropriation;
}

/** A law that grants interest without a contract, as its data file gives it. */
export interface Statute {
  id: string;
  title: string;
  /** ISO 3166 codes of the countries whose law it is. */
  countries: readonly string[];
  rate: Extract<InterestRate, { kind: 'statutory' }>;
  dayCount: DayCount;
  compensation: Compensation | null;
  appropriation: Appropriation;
  /** What a user should know before relying on it. */
  note: string;
}

/** What a user chose; together with the law's own data it makes the terms. */
export interface TermsChoice {
  /** A statute's id, or null for the contract's own rate. */
  statute: string | null;
  percent: string | null;
  per: 'year' | 'month' | null;
  mode: ReferenceMode | null;
  dayCount: DayCount | null;
  graceDays: number;
  compounding: 'none' | 'daily';
  maxPercentPerYear: string | null;
  maxPercentOfDebt: string | null;
  fee: { currency: string; amountMinor: number } | null;
  appropriation: Appropriation | null;
}

export const PLAIN_CHOICE: TermsChoice = {
  statute: null,
  percent: null,
  per: null,
  mode: null,
  dayCount: null,
  graceDays: 0,
  compounding: 'none',
  maxPercentPerYear: null,
  maxPercentOfDebt: null,
  fee: null,
  appropriation: null,
};

/** The terms that a choice makes; null when it names a law that is not on file, or neither law nor rate. */
export function termsOf(choice: TermsChoice, statutes: readonly Statute[]): InterestTerms | null {
  const { graceDays, compounding, maxPercentPerYear, maxPercentOfDebt } = choice;
  const common = { graceDays, compounding, maxPercentPerYear, maxPercentOfDebt };
  if (choice.statute !== null) {
    const statute = statutes.find(({ id }) => id === choice.statute);
    if (statute === undefined) return null;
    return {
      ...common,
      title: statute.title,
      rate: { ...statute.rate, mode: choice.mode ?? statute.rate.mode },
      dayCount: choice.dayCount ?? statute.dayCount,
      compensation: statute.compensation,
      appropriation: choice.appropriation ?? statute.appropriation,
    };
  }
  const { percent, per, fee } = choice;
  if (percent === null || per === null) return null;
  return {
    ...common,
    title: `${percent} % a ${per} by contract`,
    rate: { kind: 'contract', percent, per },
    dayCount: choice.dayCount ?? '365',
    compensation:
      fee === null
        ? null
        : {
            currency: fee.currency,
            bands: [{ belowMinor: null, amountMinor: fee.amountMinor }],
            source: 'contract',
          },
    appropriation: choice.appropriation ?? 'principal',
  };
}

const RATE = /^(\d+(?:\.\d+)?)\s*%?\s*(?:(?:a|per)\s+|\/\s*)(year|month)$/i;

/** "1.5 % a month", "18% per year", "12 %/year"; null when it is not a rate from above 0 to 100. */
export function parseRate(text: string): { percent: string; per: 'year' | 'month' } | null {
  const match = RATE.exec(text.trim());
  const percent = parsePercent(match?.[1] ?? '');
  if (match === null || percent === null) return null;
  return { percent, per: match[2]?.toLowerCase() === 'month' ? 'month' : 'year' };
}

/** A percentage above 0 and up to 100, with or without its sign. */
export function parsePercent(text: string): string | null {
  const match = /^(\d+(?:\.\d+)?)\s*%?$/.exec(text.trim());
  if (match === null) return null;
  const value = new Exact(match[1] ?? '');
  return value.gt(0) && value.lte(100) ? value.toString() : null;
}

/** "25.00 NZD"; null when it is no amount of a currency. */
export function parseAmount(text: string): { currency: string; amountMinor: number } | null {
  const [amount = '', currency = '', ...rest] = text.trim().split(/\s+/);
  if (rest.length > 0 || !isCurrency(currency)) return null;
  const amountMinor = parseMinor(amount, currency);
  return amountMinor === null || amountMinor <= 0 ? null : { currency, amountMinor };
}
