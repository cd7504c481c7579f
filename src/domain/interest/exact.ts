/**
 * Interest is reckoned exactly and rounded once, at the end. Parts of a cent are kept as whole numbers
 * of a very small unit in which a day's share of 360, 365 and 366 days all come out even, so that two
 * halves of a period add up to the whole to the last digit.
 * 1,000.00 at 8.5 % for 50 days of 365 is 11.6438356…, and 11.64 when it is rounded.
 */
import { Decimal } from 'decimal.js';
import { type Currency, minorDigits, type Minor } from '../money.ts';

/** Sixty digits: more than any sum of whole units needs. */
export const Exact = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_HALF_UP });
export type Exact = Decimal;

export const ZERO: Exact = new Exact(0);

/** The least common multiple of 360, 365 and 366, times the hundred of a percentage. */
const UNITS_PER_MINOR = 100 * 1_603_080;

/** Units of interest on a principal (in minor units) at so many percent a year for some days. */
export function simpleUnits(
  principal: Exact,
  percent: Exact,
  days: number,
  yearDays: number,
): Exact {
  return principal
    .mul(percent)
    .mul(days)
    .mul(1_603_080 / yearDays);
}

export function toUnits(minor: Exact): Exact {
  return minor.mul(UNITS_PER_MINOR);
}

export function fromUnits(units: Exact): Exact {
  return units.div(UNITS_PER_MINOR);
}

/** Half a minor unit and more is rounded up. */
export function roundMinor(minor: Exact): Minor {
  return minor.toDecimalPlaces(0).toNumber();
}

/** Four places beyond the currency's own, cut and not rounded, so that nothing looks larger than it is: 11.643835. */
export function exactText(minor: Exact, currency: Currency): string {
  const digits = minorDigits(currency);
  return minor.div(new Exact(10).pow(digits)).toFixed(digits + 4, Decimal.ROUND_DOWN);
}
