/**
 * The interest of one debt, line by line: a line for each stretch of days in which neither what is owed,
 * nor the rate, nor the length of the year changes. Interest begins on the day after the due date (and
 * the grace days); the day on which money arrives still counts, the next one no longer does.
 * 1,000.00 due 1 June at 18 %, 400.00 paid on 11 June, until 21 June: 10 days on 1,000.00 and 10 on
 * 600.00 are 4.93 + 2.96 = 7.89.
 */
import { addDays, type Day, daysBetween } from '../day.ts';
import type { Minor } from '../money.ts';
import { compensationFor } from './compensation.ts';
import { yearDaysOn, yearEnds } from './day-count.ts';
import type { Debt } from './debts.ts';
import { Exact, fromUnits, simpleUnits, toUnits, ZERO } from './exact.ts';
import { lastDaysOfRates, type RateInForce, rateInForce } from './rate.ts';
import type { InterestTerms } from './terms.ts';

export interface InterestLine {
  from: Day;
  /** The last day, which counts. */
  to: Day;
  days: number;
  /** What the days bear interest on, in minor units. */
  principal: Exact;
  percentPerYear: Exact;
  yearDays: number;
  /** In minor units, not rounded. */
  amount: Exact;
  source: string;
  isVerified: boolean;
  /** Cut, by the highest rate or the highest sum the terms allow. */
  isCapped: boolean;
}

export interface DebtInterest {
  debt: Debt;
  /** The first day that bears interest. */
  startsOn: Day;
  lines: InterestLine[];
  /** Sum of the lines in minor units, not rounded. */
  interest: Exact;
  compensationMinor: Minor;
}

/** The days that are reckoned: after `after` (null: from the start) up to and including `to`. */
export interface Window {
  after: Day | null;
  to: Day;
}

export function accrue(debt: Debt, terms: InterestTerms, window: Window): DebtInterest {
  const account = new DebtAccount(debt, terms);
  const { startsOn } = account;
  const after = window.after ?? addDays(startsOn, -1);
  let from = startsOn;
  for (const to of stretchEnds(debt, terms, startsOn, { after, to: window.to })) {
    account.bear(from, to);
    account.receive(to);
    from = addDays(to, 1);
  }
  const lines = account.lines.filter((line) => line.from > after);
  return {
    debt,
    startsOn,
    lines,
    interest: fromUnits(lines.reduce((sum, line) => sum.plus(line.units), ZERO)),
    compensationMinor: window.to >= startsOn && after < startsOn ? account.compensationMinor : 0,
  };
}

/** The last day of each stretch, in order. */
function stretchEnds(
  debt: Debt,
  { rate, dayCount }: InterestTerms,
  startsOn: Day,
  { after, to }: { after: Day; to: Day },
): Day[] {
  const ends = [
    ...debt.reductions.map((reduction) => reduction.on),
    ...lastDaysOfRates(rate, startsOn, to),
    ...yearEnds(dayCount, startsOn, to),
    after,
    to,
  ];
  return [...new Set(ends)].filter((on) => on >= startsOn && on <= to).sort((a, b) => a - b);
}

/** A debt on its way through the days: what is owed of it, and what it has borne. */
class DebtAccount {
  readonly startsOn: Day;
  readonly compensationMinor: Minor;
  readonly lines: (InterestLine & { units: Exact })[] = [];
  readonly #debt: Debt;
  readonly #terms: InterestTerms;
  readonly #capUnits: Exact | null;
  #principal: Exact;
  #costsOwed: Exact = ZERO;
  #bornUnits: Exact = ZERO;
  #paidUnits: Exact = ZERO;

  constructor(debt: Debt, terms: InterestTerms) {
    this.#debt = debt;
    this.#terms = terms;
    this.startsOn = addDays(debt.dueOn, terms.graceDays + 1);
    const before = debt.reductions
      .filter((reduction) => reduction.on < this.startsOn)
      .reduce((sum, reduction) => sum + reduction.amountMinor, 0);
    const owedMinor = Math.max(0, debt.amountMinor - debt.disputedMinor - before);
    this.#principal = new Exact(owedMinor);
    this.compensationMinor = compensationFor(terms.compensation, debt.currency, owedMinor);
    this.#costsOwed = new Exact(this.compensationMinor);
    this.#capUnits =
      terms.maxPercentOfDebt === null
        ? null
        : toUnits(
            new Exact(debt.amountMinor - debt.disputedMinor).mul(terms.maxPercentOfDebt).div(100),
          );
  }

  bear(from: Day, to: Day): void {
    const owed = this.#bearing();
    if (owed.lte(0)) return;
    const days = daysBetween(from, to) + 1;
    const rate = rateInForce(this.#terms.rate, this.startsOn, from);
    const percentPerYear = this.#withinLimit(rate);
    const yearDays = yearDaysOn(this.#terms.dayCount, from);
    const full =
      this.#terms.compounding === 'daily'
        ? compoundUnits(owed, percentPerYear, days, yearDays)
        : simpleUnits(owed, percentPerYear, days, yearDays);
    const units =
      this.#capUnits === null ? full : Exact.min(full, this.#capUnits.minus(this.#bornUnits));
    this.#bornUnits = this.#bornUnits.plus(units);
    this.lines.push({
      from,
      to,
      days,
      principal: owed,
      percentPerYear,
      yearDays,
      units,
      amount: fromUnits(units),
      source: rate.source,
      isVerified: rate.isVerified,
      isCapped: units.lt(full) || percentPerYear.lt(rate.percentPerYear),
    });
  }

  /** What arrives on a day, against what the terms say comes first. */
  receive(on: Day): void {
    for (const reduction of this.#debt.reductions) {
      if (reduction.on !== on) continue;
      let left = new Exact(reduction.amountMinor);
      if (this.#terms.appropriation === 'costs_interest_principal' && reduction.isCredit !== true) {
        left = this.#payCostsAndInterest(left);
      }
      this.#principal = Exact.max(0, this.#principal.minus(left));
    }
  }

  #payCostsAndInterest(received: Exact): Exact {
    const toCosts = Exact.min(received, this.#costsOwed);
    this.#costsOwed = this.#costsOwed.minus(toCosts);
    const left = toUnits(received.minus(toCosts));
    const toInterest = Exact.min(left, this.#bornUnits.minus(this.#paidUnits));
    this.#paidUnits = this.#paidUnits.plus(toInterest);
    return fromUnits(left.minus(toInterest));
  }

  #bearing(): Exact {
    if (this.#terms.compounding === 'none' || this.#principal.lte(0)) return this.#principal;
    return this.#principal.plus(fromUnits(this.#bornUnits.minus(this.#paidUnits)));
  }

  #withinLimit({ percentPerYear }: RateInForce): Exact {
    const { maxPercentPerYear } = this.#terms;
    return maxPercentPerYear === null
      ? percentPerYear
      : Exact.min(percentPerYear, maxPercentPerYear);
  }
}

/** Interest on interest, day by day. */
function compoundUnits(owed: Exact, percent: Exact, days: number, yearDays: number): Exact {
  const daily = percent.div(100).div(yearDays);
  return toUnits(owed.mul(daily.plus(1).pow(days).minus(1)));
}
