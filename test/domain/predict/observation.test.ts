import { expect, test } from 'vitest';
import {
  contradictionOf,
  type PaymentObservation,
  separateContradictions,
} from '../../../src/domain/predict/observation.ts';
import { invoice } from './histories.ts';

const good = invoice('A', '2026-03-03', 30, 40);

test.each<[string | null, Partial<PaymentObservation>]>([
  [null, {}],
  [null, { amountMinor: null, openMinor: 5_00 }],
  ['no_amount', { amountMinor: 0 }],
  ['negative_open', { openMinor: -1 }],
  ['open_above_total', { openMinor: 100_01 }],
  ['over_allocated', { allocatedMinor: 100_01 }],
  ['currency_mismatch', { settledIn: ['NZD', 'USD'] }],
  // Two at once: the first of the list is named.
  ['no_amount', { amountMinor: 0, settledIn: ['USD'] }],
])('what contradicts itself in an invoice: %s', (code, changed) => {
  expect(contradictionOf({ ...good, ...changed })).toBe(code);
});

test('contradicted invoices are named and set apart, each list in the order given', () => {
  const early = invoice('B', '2026-03-03', 30, -2);
  const free = invoice('C', '2026-03-04', 30, 3, 0);
  const other = invoice('D', '2026-03-05', 30, null);
  expect(separateContradictions([early, good, free, other])).toEqual({
    usable: [good, other],
    contradicted: [
      { observation: early, contradiction: 'paid_before_issue' },
      { observation: free, contradiction: 'no_amount' },
    ],
  });
});
