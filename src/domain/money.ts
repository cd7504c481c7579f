/**
 * Money is a whole number of the currency's minor units (cents, yen, fils) beside its currency.
 * Whole numbers add exactly and fast; amounts in different currencies are never added. The store
 * keeps the same number in a bigint. NZD 1,234.50 is { amountMinor: 123450, currency: 'NZD' }.
 */

/** Whole minor units; always a safe integer (the edge refuses anything larger). */
export type Minor = number;

/** ISO 4217 code in capitals. */
export type Currency = string;

// ISO 4217, list one (2026-01-01): the currencies whose minor unit is not a hundredth.
const DIGITS: Readonly<Record<string, number>> = {
  ...{ BIF: 0, CLP: 0, DJF: 0, GNF: 0, ISK: 0, JPY: 0, KMF: 0, KRW: 0, PYG: 0, RWF: 0 },
  ...{ UGX: 0, UYI: 0, VND: 0, VUV: 0, XAF: 0, XOF: 0, XPF: 0 },
  ...{ BHD: 3, IQD: 3, JOD: 3, KWD: 3, LYD: 3, OMR: 3, TND: 3 },
  ...{ CLF: 4, UYW: 4 },
};

const KNOWN = new Set(Intl.supportedValuesOf('currency'));

export function isCurrency(code: string): boolean {
  return KNOWN.has(code);
}

/** How many decimals the currency has: NZD 2, JPY 0, KWD 3. */
export function minorDigits(currency: Currency): number {
  return DIGITS[currency] ?? 2;
}

/** Without an exponent: String(1e21) is "1e+21", and is refused. */
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/**
 * Exact minor units of a decimal text ("1234.5"); null when it is no decimal, is finer than the
 * currency allows, or is too large to add safely. Never goes through binary fractions.
 */
export function parseMinor(text: string, currency: Currency): Minor | null {
  const match = DECIMAL.exec(text.trim());
  if (match === null) return null;
  const digits = minorDigits(currency);
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  if (fraction.length > digits) return null;
  const value = Number((match[2] ?? '') + fraction.padEnd(digits, '0'));
  if (!Number.isSafeInteger(value)) return null;
  return match[1] === '-' && value !== 0 ? -value : value;
}

/** Plain decimal text with the currency's digits: 123450 NZD → "1234.50". */
export function minorToDecimal(amountMinor: Minor, currency: Currency): string {
  const digits = minorDigits(currency);
  const sign = amountMinor < 0 ? '-' : '';
  const text = String(Math.abs(amountMinor)).padStart(digits + 1, '0');
  if (digits === 0) return sign + text;
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** For people: "NZ$1,234.50" in the reader's locale. */
export function formatMoney(amountMinor: Minor, currency: Currency, locale = 'en'): string {
  const digits = minorDigits(currency);
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(Number(minorToDecimal(amountMinor, currency)));
}
