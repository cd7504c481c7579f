import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { day } from '../../src/domain/day.ts';
import { parseMinor } from '../../src/domain/money.ts';
import {
  dayText,
  moneyText,
  ordinal,
  percentText,
  plural,
  storable,
} from '../../src/domain/text.ts';

test.each([
  ['2026-11-03', '3 Nov 2026'],
  ['2026-01-31', '31 Jan 2026'],
  ['2026-12-10', '10 Dec 2026'],
])('the day %s reads "%s"', (on, expected) => {
  expect(dayText(day(on))).toBe(expected);
});

describe('an amount in a reason', () => {
  test.each([
    [123_450, 'NZD', 'NZD 1,234.50'],
    [99_999, 'NZD', 'NZD 999.99'],
    [100_000_000, 'NZD', 'NZD 1,000,000.00'],
    [-123_450, 'NZD', 'NZD -1,234.50'],
    [-12_345, 'NZD', 'NZD -123.45'],
    [0, 'NZD', 'NZD 0.00'],
    [1_234_567, 'JPY', 'JPY 1,234,567'],
    [1_234_567, 'KWD', 'KWD 1,234.567'],
  ])('%i %s reads "%s"', (amountMinor, currency, expected) => {
    expect(moneyText(amountMinor, currency)).toBe(expected);
  });

  test('is exact: without its commas it is the same amount', () => {
    fc.assert(
      fc.property(
        fc.maxSafeInteger(),
        fc.constantFrom('NZD', 'JPY', 'KWD'),
        (amountMinor, currency) => {
          const [code = '', amount = ''] = moneyText(amountMinor, currency).split(' ');
          expect(code).toBe(currency);
          expect(parseMinor(amount.replaceAll(',', ''), currency)).toBe(amountMinor);
        },
      ),
    );
  });
});

test.each([
  [0, '0 %'],
  [0.004, '0 %'],
  [0.125, '13 %'],
  [0.994, '99 %'],
  [1, '100 %'],
  [2.5, '250 %'],
])('a share of %d reads "%s"', (share, expected) => {
  expect(percentText(share)).toBe(expected);
});

test('one of a thing is singular; none and several are plural', () => {
  expect([0, 1, 2, 21].map((count) => plural(count, 'invoice'))).toEqual([
    '0 invoices',
    '1 invoice',
    '2 invoices',
    '21 invoices',
  ]);
});

test('ordinals end as they are spoken: first, second and third, but eleventh to thirteenth', () => {
  const all = '1st 2nd 3rd 4th 9th 10th 11th 12th 13th 14th 20th 21st 22nd 23rd 24th 30th';
  const hundreds = '100th 101st 102nd 103rd 110th 111th 112th 113th 114th 121st 211th 212th 213th';
  for (const text of `${all} ${hundreds}`.split(' ')) expect(ordinal(parseInt(text))).toBe(text);
});

describe('what a database can hold', () => {
  test.each([
    ['a plain text, and what is not Latin', 'Ünïcode 東京 ✓', 'Ünïcode 東京 ✓'],
    ['a character of two halves', 'paid 👍', 'paid 👍'],
    ['zero characters are left out, every one', '\u0000A\u0000B\u0000', 'AB'],
    ['the first half alone', 'a\ud83db', 'a\ufffdb'],
    ['the second half alone, each one', '\udc4da\udc4d', '\ufffda\ufffd'],
  ])('%s', (_what, text, expected) => {
    expect(storable(text)).toBe(expected);
  });

  test('is well formed whatever came, and stays as it is the second time', () => {
    const anyText = fc
      .array(fc.integer({ min: 0, max: 0xffff }))
      .map((units) => String.fromCharCode(...units));
    fc.assert(
      fc.property(anyText, (text) => {
        const stored = storable(text);
        expect(stored).not.toMatch(/\p{Surrogate}|\0/u);
        expect(storable(stored)).toBe(stored);
      }),
    );
  });
});
