/**
 * The score: 0 to 100, and 100 is best. It is a sum of points, one factor after the other, each with the
 * figure that earned them and what would earn more, so that anybody can check it with a pencil. With
 * little history of one's own the book's behaviour stands in for five invoices, and the factor says so.
 * Paying more never lowers it. 3 of 4 late where the book has 30 %: (3 + 1.5) / 9 = 50 %, 8 of 20 points.
 */
import { HISTORY_DAYS } from './behaviour.ts';
import type { CurrencyFacts, CustomerFacts } from './customer-facts.ts';
import {
  type FactorCode,
  type Grade,
  gradeOf,
  type Placed,
  place,
  type Step,
} from './scorecard.ts';
import { dayText, moneyText, percentText, plural } from './text.ts';

/** How the book's customers pay, all together. */
export interface BookBehaviour {
  lateShare: number;
  daysLate: number;
}

/** Of a book without a past nothing is known: a middling one is assumed. */
export const UNKNOWN_BOOK: BookBehaviour = { lateShare: 0.3, daysLate: 7 };
/** The book stands in for so many invoices … */
export const PRIOR_INVOICES = 5;
/** … and with so many of one's own it is no longer worth a word. */
const THIN_BELOW = 10;
const LONG_HISTORY = 10;

export interface ScoreFactor {
  code: FactorCode;
  points: number;
  max: number;
  sentence: string;
  /** null: full points. */
  better: { points: number; sentence: string } | null;
}

export interface CreditScore {
  score: number;
  grade: Grade;
  factors: ScoreFactor[];
  /** Says that the book's own behaviour stands in; null with enough history. */
  thin: string | null;
}

/** null: nothing is open and nothing fell due, so there is nothing to judge by. */
export function scoreCustomer(
  facts: CustomerFacts,
  book: BookBehaviour | null,
): CreditScore | null {
  const { maturedCount } = facts.behaviour;
  const hasOpen = facts.currencies.some((currency) => currency.openCount > 0);
  if (!hasOpen && maturedCount === 0) return null;
  const prior = book ?? UNKNOWN_BOOK;
  const factors = [
    oldestOverdue(facts),
    overdueWeight(facts),
    lateShare(facts, prior),
    averageDays(facts, prior),
    recentDays(facts, prior),
    limitUse(facts),
    promises(facts),
    history(facts),
  ];
  const score = factors.reduce((sum, factor) => sum + factor.points, 0);
  return { score, grade: gradeOf(score), factors, thin: thinSentence(maturedCount, book) };
}

function thinSentence(maturedCount: number, book: BookBehaviour | null): string | null {
  if (maturedCount >= THIN_BELOW) return null;
  const own = `${plural(maturedCount, 'invoice')} fell due within a year`;
  return book === null
    ? `Only ${own}, and the book has no history yet: a middling one stands in for ${PRIOR_INVOICES} invoices.`
    : `Only ${own}, so the book’s own behaviour (${percentText(book.lateShare)} late) stands in for ${PRIOR_INVOICES} more.`;
}

function factor(
  code: FactorCode,
  value: number,
  sentence: string,
  better: (step: Step, placed: Placed) => string,
): ScoreFactor {
  const placed = place(code, value);
  const { points, max } = placed;
  const next = placed.better;
  return {
    code,
    points,
    max,
    sentence,
    better: next === null ? null : { points: next.points - points, sentence: better(next, placed) },
  };
}

function oldestOverdue({ currencies }: CustomerFacts): ScoreFactor {
  const oldest = currencies.reduce<CurrencyFacts | null>(
    (worst, one) => (one.oldestDaysOverdue > (worst?.oldestDaysOverdue ?? 0) ? one : worst),
    null,
  );
  const since = oldest?.oldestDueOn ?? null;
  return factor(
    'oldest_overdue',
    oldest?.oldestDaysOverdue ?? 0,
    since === null
      ? 'Nothing is overdue.'
      : `The oldest open amount fell due on ${dayText(since)}.`,
    ({ upTo }) =>
      upTo === 0 ? 'nothing were overdue' : `nothing were overdue by more than ${upTo} days`,
  );
}

function overdueWeight({ currencies }: CustomerFacts): ScoreFactor {
  const overdue = currencies.filter((currency) => currency.overdueMinor > 0);
  const amounts = overdue.map(
    ({ overdueMinor, currency, habits }) =>
      `${moneyText(overdueMinor, currency)} is overdue of ${moneyText(habits.billedMinor, currency)} that fell due within a year`,
  );
  const toPay = (upTo: number) =>
    overdue
      .map((one) => ({
        ...one,
        payMinor: Math.ceil(one.overdueMinor - upTo * one.habits.billedMinor),
      }))
      .filter((one) => one.payMinor > 0)
      .map(({ payMinor, currency }) => moneyText(payMinor, currency));
  return factor(
    'overdue_weight',
    Math.max(0, ...overdue.map(({ overdueMinor, habits }) => overdueMinor / habits.billedMinor)),
    overdue.length === 0 ? 'No part of a year’s business is overdue.' : `${amounts.join('; ')}.`,
    ({ upTo }) => `${toPay(upTo).join(' and ')} of it were paid`,
  );
}

/** Towards the book's own while there are few. */
export function shrunk(own: number, count: number, prior: number): number {
  return (own * count + prior * PRIOR_INVOICES) / (count + PRIOR_INVOICES);
}

function lateShare({ behaviour }: CustomerFacts, prior: BookBehaviour): ScoreFactor {
  const { lateCount, maturedCount } = behaviour;
  const assumed = prior.lateShare * PRIOR_INVOICES;
  const onTimeFor = (upTo: number) =>
    Math.ceil((lateCount + assumed) / upTo - maturedCount - PRIOR_INVOICES);
  return factor(
    'late_share',
    (lateCount + assumed) / (maturedCount + PRIOR_INVOICES),
    maturedCount === 0
      ? `No invoice has fallen due yet; ${percentText(prior.lateShare)} late is assumed.`
      : `${lateCount} of ${plural(maturedCount, 'invoice')} ${lateCount === 1 ? 'was' : 'were'} late.`,
    ({ upTo }) => `the next ${some(onTimeFor(upTo), 'invoice')} were paid on time`,
  );
}

/** By amount within a currency, by number of invoices across currencies. */
export function pooledDaysLate({ currencies, behaviour }: CustomerFacts): number {
  const sum = currencies.reduce(
    (total, { habits }) => total + (habits.daysLate ?? 0) * habits.maturedCount,
    0,
  );
  return behaviour.maturedCount === 0 ? 0 : sum / behaviour.maturedCount;
}

function averageDays(facts: CustomerFacts, prior: BookBehaviour): ScoreFactor {
  const { maturedCount } = facts.behaviour;
  const own = pooledDaysLate(facts);
  return factor(
    'days_late',
    shrunk(own, maturedCount, prior.daysLate),
    maturedCount === 0
      ? `${lateness(prior.daysLate)} on average is assumed.`
      : `${lateness(own)} on average by amount, counting what is still open.`,
    ({ upTo }) =>
      upTo === 0
        ? 'invoices were paid on time on average'
        : `the average came down to ${upTo} days`,
  );
}

function recentDays({ behaviour }: CustomerFacts, prior: BookBehaviour): ScoreFactor {
  const { recentCount } = behaviour;
  const own = behaviour.recentDays ?? 0;
  return factor(
    'recent_days',
    recentShrunk(own, recentCount, prior),
    recentCount === 0
      ? 'There is no latest invoice to go by.'
      : `The latest ${plural(recentCount, 'invoice')}: ${lateness(own).toLowerCase()} on average.`,
    ({ upTo }) =>
      upTo === 0 ? 'the latest were paid on time' : `the latest came down to ${upTo} days late`,
  );
}

/** Five latest speak for themselves; the book fills up to five. */
export function recentShrunk(own: number, count: number, prior: BookBehaviour): number {
  const missing = Math.max(0, PRIOR_INVOICES - count);
  return (own * count + prior.daysLate * missing) / (count + missing);
}

function lateness(days: number): string {
  const rounded = Math.round(days);
  if (rounded === 0) return 'On time';
  return rounded > 0 ? `${plural(rounded, 'day')} late` : `${plural(-rounded, 'day')} early`;
}

/** "the next invoice", "the next 6 invoices" */
function some(count: number, noun: string): string {
  return count === 1 ? noun : plural(count, noun);
}

function limitUse({ currencies }: CustomerFacts): ScoreFactor {
  const limited = currencies.filter((currency) => currency.limitMinor !== null);
  const useOf = ({ exposureMinor, limitMinor }: CurrencyFacts) =>
    exposureMinor <= 0 ? 0 : exposureMinor / (limitMinor ?? Infinity);
  const sentences = limited.map(
    ({ exposureMinor, limitMinor, currency }) =>
      `${moneyText(exposureMinor, currency)} of a limit of ${moneyText(limitMinor ?? 0, currency)} is used`,
  );
  const toFree = (upTo: number) =>
    limited
      .map((one) => ({
        ...one,
        freeMinor: Math.ceil(one.exposureMinor - upTo * (one.limitMinor ?? 0)),
      }))
      .filter((one) => one.freeMinor > 0)
      .map(({ freeMinor, currency }) => moneyText(freeMinor, currency));
  return factor(
    'limit_use',
    Math.max(0, ...limited.map(useOf)),
    limited.length === 0 ? 'No credit limit is set.' : `${sentences.join('; ')}.`,
    ({ upTo }) => `exposure came down by ${toFree(upTo).join(' and ')}`,
  );
}

function promises({ promises: { keptCount, partlyKeptCount, brokenCount } }: CustomerFacts) {
  const dueCount = keptCount + partlyKeptCount + brokenCount;
  const missed = dueCount - keptCount;
  return factor(
    'promises',
    dueCount === 0 ? 0 : missed / dueCount,
    dueCount === 0
      ? 'No promise to pay has fallen due.'
      : `${keptCount} of ${plural(dueCount, 'promise')} to pay ${keptCount === 1 ? 'was' : 'were'} kept in full.`,
    ({ upTo }) => `the next ${some(Math.ceil(missed / upTo) - dueCount, 'promise')} were kept`,
  );
}

function history({ behaviour: { maturedCount } }: CustomerFacts): ScoreFactor {
  const short = Math.max(0, LONG_HISTORY - maturedCount);
  return factor(
    'history',
    short,
    `${plural(maturedCount, 'invoice')} fell due within the last ${HISTORY_DAYS} days.`,
    ({ upTo }) => `${plural(short - upTo, 'invoice')} more had fallen due`,
  );
}
