/**
 * How many days of sales are still unpaid, counted back from the newest month: a month whose sales are
 * all still owed gives its days, the last one its share. A month without sales gives its days too; one in
 * which credits exceed sales counts as without. Where more is owed than was ever sold, the days are a
 * lower bound.
 * 212,000 owed, sales 100,000, 80,000 and 70,000 in months of 30 days: 30 + 30 + 32/70 × 30 = 73.71.
 */
import type { Minor } from '../money.ts';

export interface SalesMonth {
  salesMinor: Minor;
  days: number;
}

export interface Countback {
  days: number;
  /** All history is used up: the days are at least this. */
  isExhausted: boolean;
  /** A month had more credits than sales. */
  hasNetCredit: boolean;
}

/** `months` newest first. */
export function countback(owedMinor: Minor, months: readonly SalesMonth[]): Countback {
  let left = Math.max(0, owedMinor);
  let days = 0;
  let hasNetCredit = false;
  for (const month of months) {
    if (left === 0) break;
    const sales = Math.max(0, month.salesMinor);
    if (month.salesMinor < 0) hasNetCredit = true;
    if (sales > left)
      return { days: days + (left / sales) * month.days, isExhausted: false, hasNetCredit };
    left -= sales;
    days += month.days;
  }
  return { days, isExhausted: left > 0, hasNetCredit };
}
