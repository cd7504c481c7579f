/**
 * What a reminder says, as text ready to be shown: amounts and days in the reader's locale, names
 * without characters that hide or reorder, links only where they may lead. Templates get this and
 * nothing else.
 */
import { addDays, type Day, daysBetween, toDate } from '../domain/day.ts';
import {
  type Currency,
  formatMoney,
  type Minor,
  minorDigits,
  minorToDecimal,
} from '../domain/money.ts';
import { amountText } from '../domain/statement-words.ts';
import { moneyText, plural } from '../domain/text.ts';
import type { Signer } from './signer.ts';

export interface ReminderFacts {
  businessName: string;
  /** The customer, or the person at the customer's whose address is used. */
  greetingName: string;
  customerName: string;
  signer: Signer;
  replyAddress: string;
  currency: Currency;
  locale: string;
  today: Day;
  lines: ReminderLine[];
  credits: { label: string; amountMinor: Minor }[];
  /** Opens the invoice of the first trigger. */
  payLink: string | null;
  attached: Attached;
  /** What the letter it carries says; null: it carries none. */
  letter: LetterText | null;
}

export interface Attached {
  statement: boolean;
  /** Copies of so many invoices. */
  invoices: number;
}

/** The words of a letter, its days as the letter writes them. */
export interface LetterText {
  subject: string;
  before: readonly string[];
  after: readonly string[];
  law: string | null;
  reference: string;
  issuedOn: string;
  deadline: string;
  interest: string | null;
  howToPay: readonly string[];
}

interface ReminderLine {
  number: string;
  issuedOn: Day;
  dueOn: Day;
  /** What is asked for: the part that has fallen due, or falls due first. */
  askedMinor: Minor;
  totalMinor: Minor;
  /** In dispute, and therefore not asked for. */
  contestedMinor: Minor;
  /** null: a listed invoice that has no link of its own. */
  link: string | null;
  isTrigger: boolean;
}

export interface InvoiceRow {
  number: string;
  issuedOn: string;
  dueOn: string;
  when: string;
  /** For a column that names the currency. */
  amount: string;
  /** The same with its currency. */
  asked: string;
  total: string;
  isPart: boolean;
  /** What is in dispute and not asked for; null: nothing. */
  disputed: string | null;
  isOverdue: boolean;
  link: string | null;
}

export interface CreditRow {
  label: string;
  amount: string;
}

export interface TextRow {
  text: string;
}

export interface ReminderView {
  businessName: string;
  greetingName: string;
  customerName: string;
  /** A person signs, and not only the business. */
  isNamed: boolean;
  signatureName: string;
  signatureRole: string | null;
  signatureLine: string | null;
  replyAddress: string;
  currency: string;
  today: string;
  /** A week from today: by when we ask for an answer. */
  answerBy: string;
  isSingle: boolean;
  invoiceCount: string;
  firstNumber: string;
  firstDueOn: string;
  firstWhen: string;
  isFirstOverdue: boolean;
  /** The overdue ones alone: a list may also hold what is due today or tomorrow. */
  isOneOverdue: boolean;
  overdueInvoices: string;
  overdueTotal: string;
  /** Of the one that has been overdue longest. */
  overdueNumber: string;
  overdueDueOn: string;
  overdueWhen: string;
  oldestOverdue: string;
  hasUpcoming: boolean;
  total: string;
  invoices: InvoiceRow[];
  hasCredits: boolean;
  credits: CreditRow[];
  creditTotal: string;
  netTotal: string;
  payLink: string | null;
  /** "A copy of the invoice is attached."; null: nothing is. */
  enclosed: string | null;
  /** Of the letter that it carries; empty and null without one. */
  letterSubject: string | null;
  letterDate: string | null;
  letterReference: string | null;
  letterDeadline: string | null;
  letterBefore: TextRow[];
  letterAfter: TextRow[];
  letterInterest: string | null;
  letterLaw: string | null;
  hasHowToPay: boolean;
  howToPay: TextRow[];
}

type Listed<T> = { [K in keyof T]: true };

const INVOICE_ROW: Listed<InvoiceRow> = {
  number: true,
  issuedOn: true,
  dueOn: true,
  when: true,
  amount: true,
  asked: true,
  total: true,
  isPart: true,
  disputed: true,
  isOverdue: true,
  link: true,
};
const CREDIT_ROW: Listed<CreditRow> = { label: true, amount: true };
const TEXT_ROW: Listed<TextRow> = { text: true };
const LISTS = {
  invoices: INVOICE_ROW,
  credits: CREDIT_ROW,
  letterBefore: TEXT_ROW,
  letterAfter: TEXT_ROW,
  howToPay: TEXT_ROW,
};
const ROOT: Listed<Omit<ReminderView, keyof typeof LISTS>> = {
  businessName: true,
  greetingName: true,
  customerName: true,
  isNamed: true,
  signatureName: true,
  signatureRole: true,
  signatureLine: true,
  replyAddress: true,
  currency: true,
  today: true,
  answerBy: true,
  isSingle: true,
  invoiceCount: true,
  firstNumber: true,
  firstDueOn: true,
  firstWhen: true,
  isFirstOverdue: true,
  isOneOverdue: true,
  overdueInvoices: true,
  overdueTotal: true,
  overdueNumber: true,
  overdueDueOn: true,
  overdueWhen: true,
  oldestOverdue: true,
  hasUpcoming: true,
  total: true,
  hasCredits: true,
  creditTotal: true,
  netTotal: true,
  payLink: true,
  enclosed: true,
  letterSubject: true,
  letterDate: true,
  letterReference: true,
  letterDeadline: true,
  letterInterest: true,
  letterLaw: true,
  hasHowToPay: true,
};

/** The names a template may use; the compiler keeps them equal to the view. */
export const REMINDER_VARIABLES = {
  values: new Set(Object.keys(ROOT)),
  lists: new Map(
    Object.entries(LISTS).map(([name, row]) => [name, new Set(Object.keys(row))] as const),
  ),
};

const ANSWER_DAYS = 7;

export function viewOf(facts: ReminderFacts): ReminderView {
  const { currency, locale, today } = facts;
  const money = moneyOf(facts);
  const lines = facts.lines.toSorted((a, b) => a.dueOn - b.dueOn);
  const first = lines.find((line) => line.isTrigger) ?? lines[0];
  if (first === undefined) throw new RangeError('a reminder lists at least one invoice');
  const total = sum(lines.map((line) => line.askedMinor));
  const credit = sum(facts.credits.map((entry) => entry.amountMinor));
  return {
    businessName: shown(facts.businessName),
    greetingName: shown(facts.greetingName),
    customerName: shown(facts.customerName),
    ...signatureOf(facts),
    replyAddress: facts.replyAddress,
    currency,
    today: longDay(today, locale),
    answerBy: longDay(addDays(today, ANSWER_DAYS), locale),
    isSingle: lines.length === 1,
    invoiceCount: plural(lines.length, 'invoice'),
    firstNumber: shown(first.number),
    firstDueOn: longDay(first.dueOn, locale),
    firstWhen: whenText(first.dueOn, today),
    isFirstOverdue: first.dueOn < today,
    ...overdueOf(lines, first, facts),
    total: money(total),
    invoices: lines.map((line) => rowOf(line, facts)),
    hasCredits: credit > 0,
    credits: facts.credits.map((entry) => ({
      label: shown(entry.label),
      amount: money(entry.amountMinor),
    })),
    creditTotal: money(credit),
    netTotal: money(Math.max(0, total - credit)),
    payLink: facts.payLink === null ? null : safeLink(facts.payLink),
    enclosed: enclosedText(facts),
    ...letterPart(facts.letter),
  };
}

/** A letter writes "NZD 1,200.00", and its email says the same. */
function moneyOf({ letter, currency, locale }: ReminderFacts): (minor: Minor) => string {
  return letter === null
    ? (minor) => formatMoney(minor, currency, locale)
    : (minor) => moneyText(minor, currency);
}

function signatureOf({ signer, businessName }: ReminderFacts) {
  const name = shown(signer.name ?? businessName);
  return {
    isNamed: name !== shown(businessName),
    signatureName: name,
    signatureRole: signer.role === null ? null : shown(signer.role),
    signatureLine: signer.line === null ? null : shown(signer.line),
  };
}

function enclosedText({ attached, letter }: ReminderFacts): string | null {
  const { statement, invoices } = attached;
  const parts = [
    ...(letter === null ? [] : ['this letter as a PDF']),
    ...(statement ? ['your statement of account'] : []),
    ...(invoices === 0 ? [] : [invoices === 1 ? 'a copy of the invoice' : COPIES(invoices)]),
  ];
  const [first, ...rest] = parts;
  if (first === undefined) return null;
  const last = rest.pop();
  const together = last === undefined ? first : `${[first, ...rest].join(', ')} and ${last}`;
  const verb = last === undefined && invoices < 2 ? 'is' : 'are';
  return `${together.charAt(0).toUpperCase()}${together.slice(1)} ${verb} attached.`;
}

const COPIES = (invoices: number) => `copies of ${invoices} invoices`;

type LetterPart = Pick<
  ReminderView,
  | 'letterSubject'
  | 'letterDate'
  | 'letterReference'
  | 'letterDeadline'
  | 'letterBefore'
  | 'letterAfter'
  | 'letterInterest'
  | 'letterLaw'
  | 'hasHowToPay'
  | 'howToPay'
>;

function letterPart(letter: LetterText | null): LetterPart {
  const rows = (texts: readonly string[] = []) => texts.map((text) => ({ text }));
  return {
    letterSubject: letter?.subject ?? null,
    letterDate: letter?.issuedOn ?? null,
    letterReference: letter?.reference ?? null,
    letterDeadline: letter?.deadline ?? null,
    letterBefore: rows(letter?.before),
    letterAfter: rows(letter?.after),
    letterInterest: letter?.interest ?? null,
    letterLaw: letter?.law ?? null,
    hasHowToPay: (letter?.howToPay.length ?? 0) > 0,
    howToPay: rows(letter?.howToPay),
  };
}

type OverduePart = Pick<
  ReminderView,
  | 'isOneOverdue'
  | 'overdueInvoices'
  | 'overdueTotal'
  | 'overdueNumber'
  | 'overdueDueOn'
  | 'overdueWhen'
  | 'oldestOverdue'
  | 'hasUpcoming'
>;

function overdueOf(
  lines: readonly ReminderLine[],
  first: ReminderLine,
  facts: ReminderFacts,
): OverduePart {
  const { locale, today } = facts;
  const money = moneyOf(facts);
  const overdue = lines.filter((line) => line.dueOn < today);
  // A text about overdue invoices with none overdue speaks of the one that caused it.
  const spokenOf = overdue.length === 0 ? [first] : overdue;
  const oldest = spokenOf[0] ?? first;
  return {
    isOneOverdue: spokenOf.length === 1,
    overdueInvoices: plural(spokenOf.length, 'invoice'),
    overdueTotal: money(sum(spokenOf.map((line) => line.askedMinor))),
    overdueNumber: shown(oldest.number),
    overdueDueOn: longDay(oldest.dueOn, locale),
    overdueWhen: whenText(oldest.dueOn, today),
    oldestOverdue: plural(Math.max(0, daysBetween(oldest.dueOn, today)), 'day'),
    hasUpcoming: spokenOf.length < lines.length,
  };
}

function sum(amounts: readonly Minor[]): Minor {
  return amounts.reduce((total, minor) => total + minor, 0);
}

function rowOf(line: ReminderLine, facts: ReminderFacts): InvoiceRow {
  const { currency, locale, today } = facts;
  const money = moneyOf(facts);
  return {
    number: shown(line.number),
    issuedOn: shortDay(line.issuedOn, locale),
    dueOn: shortDay(line.dueOn, locale),
    when: whenText(line.dueOn, today),
    amount:
      facts.letter === null
        ? bareAmount(line.askedMinor, currency, locale)
        : amountText(line.askedMinor, currency),
    asked: money(line.askedMinor),
    total: money(line.totalMinor),
    isPart: line.askedMinor < line.totalMinor,
    disputed: line.contestedMinor === 0 ? null : money(line.contestedMinor),
    isOverdue: line.dueOn < today,
    link: line.link === null ? null : safeLink(line.link),
  };
}

function whenText(dueOn: Day, today: Day): string {
  const days = daysBetween(dueOn, today);
  if (days === 0) return 'due today';
  return days > 0 ? `${plural(days, 'day')} overdue` : `due in ${plural(-days, 'day')}`;
}

/** The currency stands once, over the column. */
function bareAmount(amountMinor: Minor, currency: Currency, locale: string): string {
  const digits = minorDigits(currency);
  return new Intl.NumberFormat(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(Number(minorToDecimal(amountMinor, currency)));
}

function longDay(on: Day, locale: string): string {
  return dayFormat(on, locale, 'long');
}

function shortDay(on: Day, locale: string): string {
  return dayFormat(on, locale, 'short');
}

// A Day is midnight UTC: read in any other zone it could be the day before.
function dayFormat(on: Day, locale: string, month: 'long' | 'short'): string {
  return new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month,
    year: 'numeric',
    timeZone: 'UTC',
  }).format(toDate(on));
}

// Marks that turn the direction of writing let "gnp.exe" read as "exe.png"; control characters break fields.
const MISLEADING = /[\p{Cc}\p{Zl}\p{Zp}\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/gu;
const SHOWN_MAX = 120;

/** A name or number of the ledger, fit to be read: one line, nothing hidden, not endless. */
export function shown(text: string): string {
  const clean = text.replace(MISLEADING, ' ').replace(/\s+/g, ' ').trim();
  return clean.length <= SHOWN_MAX ? clean : `${clean.slice(0, SHOWN_MAX - 1)}…`;
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** https, or plain http on this machine (the sandbox); null for anything else a ledger may hand us. */
export function safeLink(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const isAllowed =
    url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
  return isAllowed && url.username === '' && url.password === '' ? url.href : null;
}

/** The language the template is in, with the region of the customer's setting or of the book. */
export function localeFor(language: string, region: string): string {
  const tag = language.includes('-') ? language : `${language}-${region}`;
  return Intl.NumberFormat.supportedLocalesOf([safeTag(tag)])[0] ?? 'en';
}

function safeTag(tag: string): string {
  try {
    return new Intl.Locale(tag).toString();
  } catch {
    return 'en';
  }
}
