import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatMoney,
  isCurrency,
  minorDigits,
  minorToDecimal,
  parseMinor,
} from '../../src/domain/money.ts';

test.each([
  ['NZD', true],
  ['KWD', true],
  ['nzd', false],
  ['XXQ', false],
  ['default', false],
])('%s is a currency: %s', (code, expected) => {
  expect(isCurrency(code)).toBe(expected);
});

test.each([
  ['NZD', 2],
  ['JPY', 0],
  ['ISK', 0],
  ['KWD', 3],
  ['CLF', 4],
])('%s has %i decimals', (currency, digits) => {
  expect(minorDigits(currency)).toBe(digits);
});

describe('an amount in text', () => {
  test.each<[string, string, number | null]>([
    ['1234.5', 'NZD', 123_450],
    ['1234', 'NZD', 123_400],
    ['0.07', 'NZD', 7],
    ['  12.30\n', 'NZD', 1_230],
    ['-5', 'NZD', -500],
    ['-0.00', 'NZD', 0],
    ['007', 'NZD', 700],
    ['1500', 'JPY', 1_500],
    ['1.2345', 'CLF', 12_345],
  ])('"%s" in %s is %s', (text, currency, expected) => {
    expect(parseMinor(text, currency)).toBe(expected);
  });

  test('may end in zeros beyond what the currency has, and not be finer', () => {
    expect(parseMinor('1.5000', 'NZD')).toBe(150);
    expect(parseMinor('1500.00', 'JPY')).toBe(1_500);
    expect(parseMinor('1.501', 'NZD')).toBeNull();
    expect(parseMinor('1500.5', 'JPY')).toBeNull();
    expect(parseMinor('1.501', 'KWD')).toBe(1_501);
  });

  test('is as large as can be added exactly, and no larger', () => {
    expect(parseMinor('90071992547409.91', 'NZD')).toBe(Number.MAX_SAFE_INTEGER);
    expect(parseMinor('90071992547409.92', 'NZD')).toBeNull();
    expect(parseMinor('-90071992547409.92', 'NZD')).toBeNull();
  });

  test.each(['', '-', '.5', '5.', '+5', '1,234.50', '1 234', '1e3', '1E-7', '--1', 'NaN', '５'])(
    '"%s" is none',
    (text) => {
      expect(parseMinor(text, 'NZD')).toBeNull();
    },
  );
});

describe('an amount as a plain decimal', () => {
  test.each([
    [123_450, 'NZD', '1234.50'],
    [-7, 'NZD', '-0.07'],
    [0, 'NZD', '0.00'],
    [1_500, 'JPY', '1500'],
    [-1_500, 'JPY', '-1500'],
    [5, 'KWD', '0.005'],
  ])('%i %s is "%s"', (amountMinor, currency, expected) => {
    expect(minorToDecimal(amountMinor, currency)).toBe(expected);
  });

  test('is read back as it was', () => {
    fc.assert(
      fc.property(
        fc.maxSafeInteger(),
        fc.constantFrom('NZD', 'JPY', 'KWD', 'CLF'),
        (amountMinor, currency) => {
          expect(parseMinor(minorToDecimal(amountMinor, currency), currency)).toBe(amountMinor);
        },
      ),
    );
  });
});

describe('an amount for people', () => {
  test.each([
    [123_450, 'NZD', undefined, 'NZ$1,234.50'],
    [-7, 'NZD', undefined, '-NZ$0.07'],
    [1_500, 'JPY', undefined, '¥1,500'],
    [123_450, 'EUR', 'de-DE', '1.234,50 €'],
    // Its usual notation leaves the fils out, and the amount would be another.
    [1_234, 'IQD', undefined, 'IQD 1.234'],
  ])('%i %s (%s) reads "%s"', (amountMinor, currency, locale, expected) => {
    const text = formatMoney(amountMinor, currency, locale);
    expect(text.replaceAll('\u00a0', ' ')).toBe(expected);
  });
});
