/**
 * A formal letter: what is asked for, by when, and on which invoices. Asked for is what is open, less what
 * is disputed, less what we hold of theirs. The deadline is the one that was set, but never sooner than the
 * wording's country allows, counted from the date of the letter.
 * 1,000.00 and 500.00 open, 200.00 disputed, credit of 100.00: please pay 1,200.00. Dated 1 June with 14 days
 * at least and a deadline set for 10 June: by 15 June.
 */
import { addDays, type Day, daysBetween, formatDay } from './day.ts';
import type { Currency, Minor } from './money.ts';
import type { HeldRow } from './statement.ts';
import { moneyText, plural } from './text.ts';

export type LetterKind = 'formal' | 'final';

export interface LetterLine {
  number: string;
  issuedOn: Day;
  dueOn: Day;
  totalMinor: Minor;
  openMinor: Minor;
  disputedMinor: Minor;
}

/** What lateness has borne on the letter's invoices; never part of what it asks to be paid. */
export interface LetterInterest {
  interestMinor: Minor;
  compensationMinor: Minor;
  /** The law, or the contract's rate. */
  title: string;
  /** A person confirmed that the term holds: it is owed. Otherwise it is for information. */
  isAgreed: boolean;
  /** Every rate in it was compared with its publisher's table. */
  isVerified: boolean;
  /** Line by line, for the last page. */
  working: readonly string[];
}

export interface LetterFacts {
  kind: LetterKind;
  businessName: string;
  customerName: string;
  currency: Currency;
  country: string;
  /** The date of the letter. */
  issuedOn: Day;
  /** As it was set with the step; null: the soonest that the wording allows. */
  deadlineOn: Day | null;
  minimumDays: number;
  lines: readonly [LetterLine, ...LetterLine[]];
  held: readonly HeldRow[];
  interest: LetterInterest | null;
  /** The policy's next step hands the account over. */
  handsOver: boolean;
}

export interface LetterSums {
  openMinor: Minor;
  disputedMinor: Minor;
  heldMinor: Minor;
  dueMinor: Minor;
}

/** The names a wording may use. */
export interface LetterWords {
  businessName: string;
  customerName: string;
  amountDue: string;
  deadline: string;
  isSingle: boolean;
  invoices: string;
  /** Of the one that is due longest. */
  number: string;
  dueOn: string;
  oldest: string;
  handsOver: boolean;
}

export function sumsOf({ lines, held }: Pick<LetterFacts, 'lines' | 'held'>): LetterSums {
  const openMinor = sum(lines.map((line) => line.openMinor));
  const disputedMinor = sum(lines.map((line) => line.disputedMinor));
  const heldMinor = sum(held.map((row) => row.amountMinor));
  return {
    openMinor,
    disputedMinor,
    heldMinor,
    dueMinor: Math.max(0, openMinor - disputedMinor - heldMinor),
  };
}

export function deadlineOf({
  issuedOn,
  deadlineOn,
  minimumDays,
}: Pick<LetterFacts, 'issuedOn' | 'deadlineOn' | 'minimumDays'>): Day {
  const soonest = addDays(issuedOn, minimumDays);
  return deadlineOn !== null && deadlineOn > soonest ? deadlineOn : soonest;
}

export function letterWords(facts: LetterFacts): LetterWords {
  const { lines, country, currency, issuedOn } = facts;
  const oldest = lines.reduce((first, line) => (line.dueOn < first.dueOn ? line : first), lines[0]);
  return {
    businessName: facts.businessName,
    customerName: facts.customerName,
    amountDue: moneyText(sumsOf(facts).dueMinor, currency),
    deadline: letterDay(deadlineOf(facts), country),
    isSingle: lines.length === 1,
    invoices: plural(lines.length, 'invoice'),
    number: oldest.number,
    dueOn: letterDay(oldest.dueOn, country),
    oldest: plural(Math.max(0, daysBetween(oldest.dueOn, issuedOn)), 'day'),
    handsOver: facts.handsOver,
  };
}

/** "27 November 2026"; in the United States "November 27, 2026". */
export function letterDay(on: Day, country: string): string {
  const [year = '', month = '', date = ''] = formatDay(on).split('-');
  const name = MONTHS[Number(month) - 1] ?? month;
  return country === 'US' ? `${name} ${Number(date)}, ${year}` : `${Number(date)} ${name} ${year}`;
}

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September'],
  ...['October', 'November', 'December'],
];

/**
 * "For information: between businesses the late payment law would grant GBP 12.30 of interest …", or by a
 * term that was confirmed "By our terms (18 % a year by contract) GBP 12.30 of interest … is owed besides".
 */
export function interestSentence({
  interest,
  currency,
}: Pick<LetterFacts, 'interest' | 'currency'>): string | null {
  if (interest === null) return null;
  const { interestMinor, compensationMinor, title, isAgreed, isVerified } = interest;
  if (interestMinor + compensationMinor <= 0) return null;
  const parts = [
    ...(interestMinor > 0 ? [`${moneyText(interestMinor, currency)} of interest up to today`] : []),
    ...(compensationMinor > 0
      ? [`${moneyText(compensationMinor, currency)} of fixed compensation`]
      : []),
  ];
  const [sums, verb] = [parts.join(' and '), parts.length > 1 ? 'are' : 'is'];
  const said = isAgreed
    ? `By our terms (${title}), ${sums} ${verb} owed besides for late payment, not included above and charged separately.`
    : `For information: between businesses, ${sums} could be claimed for late payment (${title}). Nothing of it is asked for here.`;
  const doubt = isVerified
    ? ''
    : ' A rate in it has still to be compared with its publisher’s table.';
  return `${said}${doubt} The working is on the last page of the letter.`;
}

function sum(amounts: readonly Minor[]): Minor {
  return amounts.reduce((total, minor) => total + minor, 0);
}
