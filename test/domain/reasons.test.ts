import { expect, test } from 'vitest';
import {
  DISPUTE_REASONS,
  FAULT_WORDS,
  FAULTS,
  isReasonCode,
  REASON_CODES,
  REASONS,
} from '../../src/domain/reasons.ts';

test('whose doing a reason is, and whether it contests the amount', () => {
  const table = REASON_CODES.map(
    (code) => `${code} ${REASONS[code].fault}${REASONS[code].contests ? ' contests' : ''}`,
  );
  expect(table).toEqual([
    'invoice_not_received ours',
    'sent_to_wrong_person ours',
    'invoice_error ours contests',
    'po_missing ours contests',
    'duplicate_invoice ours contests',
    'credit_owed ours contests',
    'payment_details_unclear ours',
    'payment_not_recorded ours',
    'price_differs dispute contests',
    'quantity_differs dispute contests',
    'not_delivered dispute contests',
    'quality dispute contests',
    'not_ordered dispute contests',
    'terms_differ dispute contests',
    'other_dispute dispute contests',
    'forgotten customer',
    'approval_pending customer',
    'payment_run customer',
    'person_absent customer',
    'no_funds customer',
    'waits_for_own_customer customer',
    'pays_late_by_habit customer',
    'insolvent customer',
    'refuses customer',
    'no_answer customer',
    'bank_delay third_party',
    'card_or_debit_failed third_party',
    'portal third_party',
    'mail_blocked third_party',
    'funder_or_insurer third_party',
  ]);
});

test('every reason reads as a sentence of its own, and every fault has its words', () => {
  const words = REASON_CODES.map((code) => REASONS[code].words);
  expect(new Set(words).size).toBe(words.length);
  for (const text of words) expect(text).toMatch(/^[A-Z].*[a-z)]$/);
  expect(FAULTS.map((fault) => FAULT_WORDS[fault])).toEqual([
    'our own doing',
    'the customer’s',
    'contested',
    'a bank, portal or other third party',
  ]);
});

test('a dispute may be raised for the reasons that contest the amount, and no other', () => {
  expect(DISPUTE_REASONS).toContain('quality');
  expect(DISPUTE_REASONS).toContain('po_missing');
  expect(DISPUTE_REASONS).not.toContain('no_funds');
  expect(DISPUTE_REASONS).toHaveLength(11);
});

test.each([
  ['quality', true],
  ['toString', false],
  ['QUALITY', false],
  ['', false],
])('%j as a code: %s', (text, is) => {
  expect(isReasonCode(text)).toBe(is);
});
