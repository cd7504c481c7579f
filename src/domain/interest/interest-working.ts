/**
 * The working of a claim in words and figures, so that anybody can reckon it again by hand: for each debt
 * its days, what they bear interest on, at which rate, from which source; the exact sums; the one
 * rounding. It is the same text on the page, on the letter and in the evidence.
 * "2 Jun 2026 to 21 Jul 2026: 50 days × GBP 1,000.00 × 8.5 % ÷ 365 = 11.643835".
 */
import { type Day, daysBetween } from '../day.ts';
import type { Currency } from '../money.ts';
import { dayText, moneyText, plural } from '../text.ts';
import type { DebtInterest, InterestLine } from './accrue.ts';
import type { InterestClaim } from './claim.ts';
import { exactText } from './exact.ts';
import type { InterestTerms } from './terms.ts';

/** Lines of plain text; nothing is asked of the reader but the invoices' own numbers. */
export function interestWorking(claim: InterestClaim): string[] {
  const { currency, terms, interest, interestMinor, compensationMinor, totalMinor } = claim;
  const lines = [`${terms.title}, as of ${dayText(claim.asOn)}.`, `${howReckoned(terms)}.`];
  for (const debt of claim.debts) lines.push(...debtWorking(debt, terms, currency));
  lines.push(
    `Interest: ${exactText(interest, currency)}, rounded once to ${moneyText(interestMinor, currency)}.`,
  );
  if (compensationMinor > 0) {
    lines.push(`Fixed compensation: ${moneyText(compensationMinor, currency)}.`);
  }
  lines.push(`Total: ${moneyText(totalMinor, currency)}.`);
  if (!claim.isVerified) {
    lines.push('A rate marked "not verified" has still to be compared with its publisher’s table.');
  }
  return lines;
}

function howReckoned(terms: InterestTerms): string {
  const parts = [
    terms.compounding === 'none' ? 'Simple interest' : 'Interest compounds daily',
    terms.dayCount === 'actual'
      ? 'a day is 1/365 of a year, 1/366 in leap years'
      : `a day is 1/${terms.dayCount} of a year`,
    terms.graceDays === 0
      ? 'from the day after the due date'
      : `from the day after ${plural(terms.graceDays, 'day')} of grace`,
  ];
  const { rate, maxPercentPerYear, maxPercentOfDebt } = terms;
  if (rate.kind === 'statutory') {
    parts.push(
      rate.mode === 'fixedAtStart'
        ? 'the reference rate is that of the half-year in which interest begins'
        : 'the reference rate moves with the half-years',
    );
  }
  if (maxPercentPerYear !== null) parts.push(`no more than ${maxPercentPerYear} % a year`);
  if (maxPercentOfDebt !== null) parts.push(`no more than ${maxPercentOfDebt} % of a debt`);
  if (terms.appropriation === 'costs_interest_principal') {
    parts.push('payments go to costs, then interest, then principal');
  }
  return parts.join('; ');
}

function debtWorking(reckoned: DebtInterest, terms: InterestTerms, currency: Currency): string[] {
  const { debt, lines, interest, compensationMinor } = reckoned;
  const disputed =
    debt.disputedMinor === 0
      ? ''
      : `, ${moneyText(debt.disputedMinor, currency)} of it disputed and left out`;
  const working = [
    `Invoice ${debt.number}: ${moneyText(debt.amountMinor, currency)} due ${dayText(debt.dueOn)}${disputed}`,
    ...lines.map((line) => `  ${lineWorking(line, terms, currency)}`),
  ];
  if (lines.length > 1) working.push(`  Sum ${exactText(interest, currency)}`);
  if (compensationMinor > 0) {
    const source = terms.compensation?.source ?? '';
    working.push(`  Fixed compensation ${moneyText(compensationMinor, currency)} (${source})`);
  }
  return working;
}

function lineWorking(line: InterestLine, terms: InterestTerms, currency: Currency): string {
  const sum = `${dayText(line.from)} to ${dayText(line.to)}: ${daysText(line.from, line.to)} × ${principalText(line, currency)} × ${line.percentPerYear.toString()} % ÷ ${line.yearDays}`;
  const compounding = terms.compounding === 'daily' ? ', compounded daily' : '';
  const capped = line.isCapped ? ', cut to what the terms allow' : '';
  const doubt = line.isVerified ? '' : ', not verified';
  return `${sum} = ${exactText(line.amount, currency)}${compounding}${capped} (${line.source}${doubt})`;
}

function daysText(from: Day, to: Day): string {
  return plural(daysBetween(from, to) + 1, 'day');
}

/** Whole minor units as money; with interest in it (compounding, § 367) to its fractions. */
function principalText(line: InterestLine, currency: Currency): string {
  return line.principal.isInteger()
    ? moneyText(line.principal.toNumber(), currency)
    : `${currency} ${exactText(line.principal, currency)}`;
}
