/**
 * A fixed sum for the trouble of collecting a late debt, once for each debt, by its size. UK law gives
 * £40 below £1,000, £70 below £10,000 and £100 from there on; the EU Directive gives €40 whatever the
 * size; a contract may name a fee of its own. The size is what was owed when interest began, without
 * what is disputed. It is money in its own currency and is not added to a debt in another.
 * £999.99 late: £40. £1,000.00 late: £70.
 */
import type { Currency, Minor } from '../money.ts';

export interface Compensation {
  currency: Currency;
  /** By rising size; the last has no upper bound. */
  bands: readonly { belowMinor: Minor | null; amountMinor: Minor }[];
  source: string;
}

export function compensationFor(
  compensation: Compensation | null,
  currency: Currency,
  owedMinor: Minor,
): Minor {
  if (compensation === null || compensation.currency !== currency || owedMinor <= 0) return 0;
  const band = compensation.bands.find(
    ({ belowMinor }) => belowMinor === null || owedMinor < belowMinor,
  );
  return band?.amountMinor ?? 0;
}
