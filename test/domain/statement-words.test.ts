import { expect, test } from 'vitest';
import { day } from '../../src/domain/day.ts';
import {
  ageText,
  amountText,
  BUCKET_WORDS,
  heldLabel,
  movementDetail,
  movementLabel,
} from '../../src/domain/statement-words.ts';

const on = day('2026-05-20');

test.each([
  ['credit_note', 'CN-7', 'Credit note CN-7'],
  ['credit_note', null, 'Credit note of 20 May 2026'],
  ['overpayment', null, 'Overpayment of 20 May 2026'],
  ['prepayment', 'P 1', 'Prepayment P 1'],
  ['journal', null, 'Credit of 20 May 2026'],
  ['payment', null, 'Payment received 20 May 2026'],
  ['payment', 'Bank 9', 'Payment received 20 May 2026, reference Bank 9'],
] as const)('held: %s %s is "%s"', (kind, number, label) => {
  expect(heldLabel({ kind, number, on })).toBe(label);
});

test.each([
  ['invoice', null, 'INV-1', 'Invoice INV-1'],
  ['credit', 'overpayment', null, 'Overpayment'],
  ['credit', null, 'CN', 'Credit note CN'],
  ['credit', 'prepayment', 'P', 'Prepayment P'],
  ['payment', null, 'Bank 9', 'Payment Bank 9'],
  ['refund', null, null, 'Refund'],
  ['transfer', null, 'CN', 'Credit transferred CN'],
  ['other_settlement', null, 'INV-1', 'Settled in the ledger INV-1'],
] as const)('movement: %s %s %s is "%s"', (kind, creditKind, document, label) => {
  expect(movementLabel({ kind, creditKind, document })).toBe(label);
});

test('a movement says what it was for, and stops at four', () => {
  expect(movementDetail({ invoices: [], branch: null })).toBe('');
  expect(movementDetail({ invoices: ['A'], branch: null })).toBe('for A');
  expect(movementDetail({ invoices: ['A'], branch: 'Quay branch' })).toBe('Quay branch');
  expect(movementDetail({ invoices: ['A', 'B', 'C', 'D'], branch: null })).toBe('for A, B, C, D');
  expect(movementDetail({ invoices: ['A', 'B', 'C', 'D', 'E', 'F'], branch: null })).toBe(
    'for A, B, C, D and 2 more',
  );
});

test.each([
  [-5, 'due in 5 days'],
  [-1, 'due in 1 day'],
  [0, 'due today'],
  [1, '1 day overdue'],
  [31, '31 days overdue'],
])('age %i: %s', (days, text) => {
  expect(ageText(days)).toBe(text);
});

test.each([
  [123_450, 'NZD', '1,234.50'],
  [-123_450, 'NZD', '−1,234.50'],
  [1_234_567, 'JPY', '1,234,567'],
  [0, 'NZD', '0.00'],
  [1_234_567, 'KWD', '1,234.567'],
])('%i %s is %s', (minor, currency, text) => {
  expect(amountText(minor, currency)).toBe(text);
});

test('every bucket has its words', () => {
  expect(Object.values(BUCKET_WORDS)).toEqual([
    'Not overdue',
    '1–30 days',
    '31–60 days',
    '61–90 days',
    'Over 90 days',
  ]);
});
