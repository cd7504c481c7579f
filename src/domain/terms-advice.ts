/**
 * What to agree with a customer from now on, with the sums behind it: a deposit, shorter or longer
 * terms, a higher or a lower limit. Tighter for those who are a risk, easier for those who pay on the
 * day and buy a lot; somebody who is slow but sure gets terms that tell the truth.
 * 120,000 in 360 days, 30 days' terms and 15 more until the money comes, grade B (× 1.25):
 * 120,000 ÷ 360 × 45 × 1.25 = 18,750, as a limit 19,000.
 */
import { STEADY_DAYS } from './behaviour.ts';
import type { CurrencyFacts, CustomerFacts } from './customer-facts.ts';
import type { FlagCode } from './flags.ts';
import type { Minor } from './money.ts';
import type { Grade } from './scorecard.ts';
import type { Segment } from './segments.ts';
import { moneyText, plural } from './text.ts';

export const ADVICE_CODES = [
  'cash_only',
  'deposit',
  'shorter_terms',
  'realistic_terms',
  'easier_terms',
  'set_limit',
  'raise_limit',
  'lower_limit',
  'above_insured',
] as const;
export type AdviceCode = (typeof ADVICE_CODES)[number];

export interface Advice {
  code: AdviceCode;
  sentence: string;
  evidence: Record<string, string | number | null>;
}

export interface AdviceInput {
  facts: CustomerFacts;
  grade: Grade | null;
  segment: Segment | null;
  flags: ReadonlySet<FlagCode>;
  /** What the average customer of the book was invoiced within a year, per currency. */
  bookAverages: readonly { currency: string; billedMinor: Minor }[];
}

/**
 * Terms that people know: days from the invoice. None above 60: Directive 2011/7/EU, article 3(5) wants an
 * express agreement for longer ones, and a fair one.
 */
const USUAL_TERMS = [7, 14, 21, 30, 45, 60];
/** A limit covers what is usually out, times this. */
const LIMIT_FACTOR: Record<Grade, number> = { A: 1.5, B: 1.25, C: 1, D: 0.75, E: 0.5 };
const DEPOSIT_PERCENT: Record<Grade, number> = { A: 0, B: 0, C: 0, D: 30, E: 50 };
const NEW_DEPOSIT_PERCENT = 30;
/** A year's business of so many average customers is a high value. */
const HIGH_VALUE = 2;
const HISTORY_MIN = 3;
/** A limit is raised when it is nearly used and clearly too low, and lowered when clearly too high. */
const RAISE = { useFrom: 0.8, above: 1.1 };
const LOWER_BELOW = 0.67;

export function adviseTerms(input: AdviceInput): Advice[] {
  const { currencies } = input.facts;
  const main = mainCurrency(currencies);
  return [
    main === null ? null : cashOnly(input),
    main === null ? null : deposit(input, main),
    main === null ? null : terms(input, main),
    ...currencies.flatMap((currency) => [limit(input, currency), insured(currency)]),
  ].filter((advice) => advice !== null);
}

/** The currency of most of the business. */
function mainCurrency(currencies: readonly CurrencyFacts[]): CurrencyFacts | null {
  return currencies.toSorted((a, b) => b.habits.maturedCount - a.habits.maturedCount)[0] ?? null;
}

function cashOnly({ flags, facts }: AdviceInput): Advice | null {
  if (!flags.has('stop_recommended')) return null;
  const overdue = facts.currencies.filter((one) => one.overdueMinor > 0);
  const amounts = overdue.map((one) => moneyText(one.overdueMinor, one.currency)).join(' and ');
  return {
    code: 'cash_only',
    sentence:
      amounts === ''
        ? 'Deliver only against payment in advance.'
        : `Deliver only against payment in advance until ${amounts} is paid.`,
    evidence: Object.fromEntries(overdue.map((one) => [one.currency, one.overdueMinor])),
  };
}

function deposit({ flags, grade }: AdviceInput, main: CurrencyFacts): Advice | null {
  if (flags.has('stop_recommended')) return null;
  const isNew = flags.has('new_with_exposure');
  const percent = Math.max(
    grade === null ? 0 : DEPOSIT_PERCENT[grade],
    isNew ? NEW_DEPOSIT_PERCENT : 0,
  );
  if (percent === 0) return null;
  const { currency, habits } = main;
  const usualMinor =
    habits.typicalMinor ?? (main.openCount === 0 ? 0 : Math.round(main.openMinor / main.openCount));
  const depositMinor = Math.round((usualMinor * percent) / 100);
  const why = isNew ? 'New, with much open' : `Grade ${grade ?? ''}`;
  return {
    code: 'deposit',
    sentence: `${why}: ask for ${percent} % in advance; of a usual invoice of ${moneyText(usualMinor, currency)} that is ${moneyText(depositMinor, currency)}.`,
    evidence: { currency, percent, usualMinor, depositMinor },
  };
}

function terms(input: AdviceInput, main: CurrencyFacts): Advice | null {
  const { termsDays } = main.habits;
  const { typicalDays } = input.facts.behaviour;
  if (termsDays === null || typicalDays === null || main.habits.maturedCount < HISTORY_MIN)
    return null;
  const late = Math.max(0, Math.round(typicalDays));
  return (
    realisticTerms(input, termsDays, late) ??
    shorterTerms(input, termsDays, late) ??
    easierTerms(input, main, termsDays)
  );
}

function realisticTerms({ segment, grade }: AdviceInput, termsDays: number, late: number) {
  const isSure = (segment === 'slow_reliable' || segment === 'month_end') && isSound(grade, 'C');
  const days = USUAL_TERMS.find((usual) => usual >= termsDays + late);
  if (!isSure || late === 0 || days === undefined || days <= termsDays) return null;
  return {
    code: 'realistic_terms',
    sentence: `Pays ${plural(termsDays + late, 'day')} after the invoice, as sure as the calendar: ${days} days instead of ${termsDays} would cost nothing and save the reminders; or offer a discount for ${termsDays}.`,
    evidence: { termsDays, daysLate: late, proposedDays: days, steadyWithinDays: STEADY_DAYS },
  } satisfies Advice;
}

function shorterTerms({ flags, grade }: AdviceInput, termsDays: number, late: number) {
  const isRisk =
    flags.has('habitually_late') || flags.has('getting_worse') || !isSound(grade ?? 'A', 'C');
  const days = USUAL_TERMS.findLast((usual) => usual <= Math.max(7, termsDays - late));
  if (!isRisk || late === 0 || days === undefined || days >= termsDays) return null;
  return {
    code: 'shorter_terms',
    sentence: `Paid after ${plural(termsDays + late, 'day')} on terms of ${termsDays}: with ${days} days and the same ${late} days late, the money comes after ${days + late}.`,
    evidence: { termsDays, daysLate: late, proposedDays: days, paidAfterDays: days + late },
  } satisfies Advice;
}

/** The punctual ones who buy much deserve to hear something too. */
function easierTerms(
  { segment, grade, bookAverages }: AdviceInput,
  main: CurrencyFacts,
  termsDays: number,
): Advice | null {
  const { currency, habits } = main;
  const average = bookAverages.find((one) => one.currency === currency)?.billedMinor ?? 0;
  const days = USUAL_TERMS.find((usual) => usual > termsDays);
  const isValued = average > 0 && habits.billedMinor >= HIGH_VALUE * average;
  if (segment !== 'punctual' || !isSound(grade, 'B') || !isValued || days === undefined)
    return null;
  const tiedMinor = Math.round((habits.billedMinor / habits.billedDays) * (days - termsDays));
  return {
    code: 'easier_terms',
    sentence: `Punctual, and ${moneyText(habits.billedMinor, currency)} within a year is ${(habits.billedMinor / average).toFixed(1)} times the average customer: ${days} days instead of ${termsDays} may be offered and would tie up ${moneyText(tiedMinor, currency)} more.`,
    evidence: {
      currency,
      termsDays,
      proposedDays: days,
      tiedMinor,
      billedMinor: habits.billedMinor,
      averageMinor: average,
    },
  };
}

function limit({ grade, facts }: AdviceInput, one: CurrencyFacts): Advice | null {
  const late = Math.max(0, Math.round(facts.behaviour.typicalDays ?? 0));
  const recommended = grade === null ? null : recommendedLimit(one, grade, late);
  if (recommended === null || grade === null) return null;
  const { currency, limitMinor, exposureMinor, limitUse, habits } = one;
  const { billedMinor, billedDays, termsDays } = habits;
  const sum = `${moneyText(billedMinor, currency)} in ${plural(billedDays, 'day')} × (${termsDays ?? 0} days’ terms + ${late} late) × ${LIMIT_FACTOR[grade]} for grade ${grade} = ${moneyText(recommended, currency)}`;
  const evidence = {
    currency,
    billedMinor,
    billedDays,
    termsDays,
    daysLate: late,
    factor: LIMIT_FACTOR[grade],
    recommendedMinor: recommended,
    limitMinor,
  };
  if (limitMinor === null) {
    if (exposureMinor <= recommended) return null;
    return {
      code: 'set_limit',
      sentence: `There is no limit and ${moneyText(exposureMinor, currency)} of exposure; the business justifies ${sum}.`,
      evidence,
    };
  }
  if (
    isSound(grade, 'B') &&
    (limitUse ?? 1) >= RAISE.useFrom &&
    recommended > limitMinor * RAISE.above
  ) {
    return {
      code: 'raise_limit',
      sentence: `The limit of ${moneyText(limitMinor, currency)} may go up: ${sum}.`,
      evidence,
    };
  }
  if (!isSound(grade, 'C') && recommended < limitMinor * LOWER_BELOW) {
    return {
      code: 'lower_limit',
      sentence: `The limit of ${moneyText(limitMinor, currency)} should come down: ${sum}.`,
      evidence,
    };
  }
  return null;
}

/** What is usually out: the business of the days until the money comes, times the factor of the grade. */
export function recommendedLimit(one: CurrencyFacts, grade: Grade, late: number): Minor | null {
  const { billedMinor, billedDays, termsDays, maturedCount } = one.habits;
  if (maturedCount < HISTORY_MIN || termsDays === null || billedDays <= 0) return null;
  return roundedUp((billedMinor / billedDays) * (termsDays + late) * LIMIT_FACTOR[grade]);
}

/** To two figures: 18,750 → 19,000. */
function roundedUp(amount: number): Minor {
  if (amount <= 0) return 0;
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(amount)) - 1);
  return Math.ceil(amount / unit) * unit;
}

function insured({
  uninsuredMinor,
  insuredMinor,
  exposureMinor,
  currency,
}: CurrencyFacts): Advice | null {
  if (uninsuredMinor <= 0 || insuredMinor === null) return null;
  return {
    code: 'above_insured',
    sentence: `${moneyText(uninsuredMinor, currency)} of ${moneyText(exposureMinor, currency)} is above what the insurer covers: ask for more cover or for payment.`,
    evidence: { currency, exposureMinor, insuredMinor, uninsuredMinor },
  };
}

/** Of this grade or better. */
function isSound(grade: Grade | null, least: Grade): boolean {
  return grade !== null && grade <= least;
}
