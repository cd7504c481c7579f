/**
 * A discount for paying early, as trade writes it: "2/10 net 30" takes 2 % off when the money comes
 * within 10 days of the invoice date and asks for all of it within 30. Not taking it is a loan of the
 * discounted amount for the days between; its yearly cost is (2 ÷ 98) × (365 ÷ 20) = 37.24 %.
 * 1,000.00 of 1 June: pay 980.00 by 11 June, or 1,000.00 by 1 July.
 */
import { addDays, type Day } from '../day.ts';
import type { Minor } from '../money.ts';
import { Exact, roundMinor } from './exact.ts';

export interface EarlyPaymentTerms {
  percent: string;
  withinDays: number;
  netDays: number;
}

export interface EarlyPayment {
  discountMinor: Minor;
  payMinor: Minor;
  /** The last day on which the discount may be taken. */
  lastOn: Day;
  dueOn: Day;
  /** Simple, of 365 days, in percent: what it costs a year not to take it. */
  costPercentPerYear: Exact;
}

const TERMS = /^(\d+(?:\.\d+)?)\s*%?\s*\/\s*(\d{1,3})\s*,?\s*(?:net|n\/)\s*(\d{1,3})$/i;

/** "2/10 net 30", "2% / 10, n/30"; null when it is no such terms, or the discount would end with the term. */
export function parseEarlyPayment(text: string): EarlyPaymentTerms | null {
  const match = TERMS.exec(text.trim());
  if (match === null) return null;
  const percent = new Exact(match[1] ?? '');
  const withinDays = Number(match[2]);
  const netDays = Number(match[3]);
  if (percent.lte(0) || percent.gte(100) || withinDays >= netDays) return null;
  return { percent: percent.toString(), withinDays, netDays };
}

export function earlyPayment(
  invoice: { totalMinor: Minor; issuedOn: Day },
  terms: EarlyPaymentTerms,
): EarlyPayment {
  const discountMinor = roundMinor(new Exact(invoice.totalMinor).mul(terms.percent).div(100));
  const left = new Exact(100).minus(terms.percent);
  return {
    discountMinor,
    payMinor: invoice.totalMinor - discountMinor,
    lastOn: addDays(invoice.issuedOn, terms.withinDays),
    dueOn: addDays(invoice.issuedOn, terms.netDays),
    costPercentPerYear: new Exact(terms.percent)
      .div(left)
      .mul(365)
      .div(terms.netDays - terms.withinDays)
      .mul(100),
  };
}
