/**
 * For whom a step, or a whole policy, is meant: amounts, age, number of overdue invoices, flags, score
 * and segment. Each condition that stands in the way says what it asks for and what there is instead,
 * so that the reader knows what would let the step come.
 * A call `when: amount: { atLeast: { default: 500 } }` for 100.00 open: "the amount asked for would
 * have to be NZD 500.00 or more, and is NZD 100.00".
 */
import { addDays, type Day } from './day.ts';
import { type Currency, type Minor, parseMinor } from './money.ts';
import { moneyText } from './text.ts';

/** Amounts by currency, in its units; `default` is for every currency that is not named. */
export type Amounts = Readonly<Record<string, string>>;

export interface Bounds<T> {
  atLeast: T | null;
  below: T | null;
}

export interface Conditions {
  /** What is asked for on the invoice. */
  amount: Bounds<Amounts> | null;
  /** Everything overdue of the customer in the invoice's currency. */
  overdue: Bounds<Amounts> | null;
  /** Days past due; negative before. */
  age: Bounds<number> | null;
  /** Overdue invoices of the customer. */
  overdueCount: Bounds<number> | null;
  score: Bounds<number> | null;
  /** Any of them is open. */
  flags: readonly string[];
  /** The customer is in one of them. */
  segment: readonly string[];
}

export interface ConditionFacts {
  currency: Currency;
  amountMinor: Minor;
  overdueMinor: Minor;
  age: number;
  overdueCount: number;
  /** null: not known. */
  score: number | null;
  segment: string | null;
  flags: readonly string[];
}

/** An amount in a currency; null when neither it nor a default is named. A default of 0.50 is nothing at all in yen. */
export function amountIn(amounts: Amounts, currency: Currency): Minor | null {
  let read = alreadyRead.get(amounts);
  if (read === undefined) alreadyRead.set(amounts, (read = new Map<Currency, Minor | null>()));
  let amount = read.get(currency);
  if (amount === undefined) read.set(currency, (amount = readAmount(amounts, currency)));
  return amount;
}

/** The amounts of a policy never change, and are asked for once for every invoice. */
const alreadyRead = new WeakMap<Amounts, Map<Currency, Minor | null>>();

function readAmount(amounts: Amounts, currency: Currency): Minor | null {
  const text = amounts[currency] ?? amounts['default'];
  if (text === undefined) return null;
  return parseMinor(text, currency) ?? parseMinor(text.split('.')[0] ?? '0', currency);
}

interface Judged {
  holds: boolean;
  subject: string;
  asked: string;
  is: string;
}

/** What stands in the way, in words; null: nothing does. */
export function standsInTheWay(
  when: Conditions | null,
  unless: Conditions | null,
  facts: ConditionFacts,
): string | null {
  const unmet = when === null ? [] : judge(when, facts).filter((found) => !found.holds);
  const met = unless === null ? [] : judge(unless, facts).filter((found) => found.holds);
  const texts = [
    ...unmet.map(({ subject, asked, is }) => `${subject} would have to be ${asked}, and is ${is}`),
    ...met.map(({ subject, asked, is }) => `not while ${subject} is ${asked}; it is ${is}`),
  ];
  return texts.length === 0 ? null : texts.join('; ');
}

function judge(conditions: Conditions, facts: ConditionFacts): Judged[] {
  const { currency } = facts;
  const money = (minor: Minor) => moneyText(minor, currency);
  return [
    ...within(
      'the amount asked for',
      inCurrency(conditions.amount, currency),
      facts.amountMinor,
      money,
    ),
    ...within(
      'all that is overdue',
      inCurrency(conditions.overdue, currency),
      facts.overdueMinor,
      money,
    ),
    ...within('the days past due', conditions.age, facts.age, String),
    ...within(
      'the number of overdue invoices',
      conditions.overdueCount,
      facts.overdueCount,
      String,
    ),
    ...within('the score', conditions.score, facts.score, String),
    ...among('an open flag', conditions.flags, facts.flags),
    ...among('the segment', conditions.segment, facts.segment === null ? [] : [facts.segment]),
  ];
}

/** undefined: a bound is set, but for no currency of this kind. */
function inCurrency(
  bounds: Bounds<Amounts> | null,
  currency: Currency,
): Bounds<Minor> | null | undefined {
  if (bounds === null) return null;
  const read = (amounts: Amounts | null) => (amounts === null ? null : amountIn(amounts, currency));
  const found = { atLeast: read(bounds.atLeast), below: read(bounds.below) };
  return found.atLeast === null && found.below === null ? undefined : found;
}

function within(
  subject: string,
  bounds: Bounds<number> | null | undefined,
  value: number | null,
  text: (value: number) => string,
): Judged[] {
  if (bounds === null) return [];
  const is = value === null ? 'not known' : text(value);
  if (bounds === undefined) return [{ holds: false, subject, asked: 'in a currency it names', is }];
  const { atLeast, below } = bounds;
  const asked = [
    ...(atLeast === null ? [] : [`${text(atLeast)} or more`]),
    ...(below === null ? [] : [`below ${text(below)}`]),
  ].join(' and ');
  const holds = value !== null && value >= (atLeast ?? -Infinity) && value < (below ?? Infinity);
  return [{ holds, subject, asked, is }];
}

function among(subject: string, asked: readonly string[], found: readonly string[]): Judged[] {
  if (asked.length === 0) return [];
  const holds = asked.some((code) => found.includes(code));
  const is = found.length === 0 ? 'none' : found.join(', ');
  return [{ holds, subject, asked: asked.join(' or '), is }];
}

/** What time alone moves, as seen from one day. */
export interface ConditionClock {
  dueOn: Day;
  /** When the amount asked for grows next. */
  amountChangesOn: Day | null;
  /** When the customer's overdue sum or count grows next. */
  overdueChangesOn: Day | null;
}

/** The days after `on` on which time alone can change whether these conditions hold. */
export function conditionDays(
  conditions: Conditions | null,
  clock: ConditionClock,
  on: Day,
): Day[] {
  if (conditions === null) return [];
  const { amount, overdue, age, overdueCount } = conditions;
  const ages = age === null ? [] : [age.atLeast, age.below].filter((days) => days !== null);
  const days = [
    ...ages.map((count) => addDays(clock.dueOn, count)),
    amount === null ? null : clock.amountChangesOn,
    overdue === null && overdueCount === null ? null : clock.overdueChangesOn,
  ];
  return days.filter((found) => found !== null).filter((found) => found > on);
}
