import fc from 'fast-check';
import { expect, test } from 'vitest';
import { day } from '../../src/domain/day.ts';
import { type GivenReason, reportReasons } from '../../src/domain/reason-report.ts';
import { REASON_CODES } from '../../src/domain/reasons.ts';
import type { CustomerId, InvoiceId } from '../../src/domain/receivables.ts';

const given = (id: string, code: GivenReason['code'], amountMinor = 100, currency = 'NZD') => ({
  invoiceId: id as InvoiceId,
  number: id.toUpperCase(),
  customerId: 'acme' as CustomerId,
  customerName: 'Acme',
  code,
  currency,
  amountMinor,
  givenOn: day('2026-06-01'),
  by: 'Mia',
  note: null,
});

const FOUR = [
  given('a', 'invoice_not_received', 1000),
  given('b', 'no_funds', 2000),
  given('c', 'no_funds', 5000, 'AUD'),
  given('d', 'quality', 700),
];

test('whose doing it was: counted by fault, with the amounts of each currency apart', () => {
  const { count, faults } = reportReasons(FOUR);
  expect(count).toBe(4);
  expect(faults).toEqual([
    { fault: 'ours', count: 1, share: 0.25, amounts: [{ currency: 'NZD', amountMinor: 1000 }] },
    {
      fault: 'customer',
      count: 2,
      share: 0.5,
      amounts: [
        { currency: 'AUD', amountMinor: 5000 },
        { currency: 'NZD', amountMinor: 2000 },
      ],
    },
    { fault: 'dispute', count: 1, share: 0.25, amounts: [{ currency: 'NZD', amountMinor: 700 }] },
    { fault: 'third_party', count: 0, share: 0, amounts: [] },
  ]);
});

test('the most frequent reason first, with the invoices behind it, the largest first', () => {
  const more = given('e', 'no_funds', 9000);
  const twin = given('f', 'no_funds', 2000);
  const { reasons } = reportReasons([...FOUR, twin, more]);
  expect(reasons.map((line) => `${line.count} ${line.code} ${line.fault}: ${line.words}`)).toEqual([
    '4 no_funds customer: No money at the moment',
    '1 invoice_not_received ours: The invoice did not arrive',
    '1 quality dispute: The goods or the work are faulty',
  ]);
  expect(reasons[0]?.invoices.map((row) => row.invoiceId)).toEqual(['c', 'e', 'b', 'f']);
  expect(reasons[0]?.amounts).toEqual([
    { currency: 'AUD', amountMinor: 5000 },
    { currency: 'NZD', amountMinor: 13_000 },
  ]);
});

test('nothing said: no share is made up', () => {
  expect(reportReasons([])).toMatchObject({ count: 0, reasons: [] });
  expect(reportReasons([]).faults.map((line) => line.share)).toEqual([0, 0, 0, 0]);
});

const anyReasons = fc.uniqueArray(
  fc.record({
    id: fc.string({ minLength: 1, maxLength: 6 }),
    code: fc.constantFrom(...REASON_CODES),
    amount: fc.integer({ min: 1, max: 1_000_000 }),
    currency: fc.constantFrom('NZD', 'AUD', 'JPY'),
  }),
  { selector: (row) => row.id },
);

test('every invoice is counted once, by reason and by fault, in whatever order they come', () => {
  fc.assert(
    fc.property(anyReasons, (rows) => {
      const all = rows.map((row) => given(row.id, row.code, row.amount, row.currency));
      const report = reportReasons(all);
      expect(report.reasons.reduce((sum, line) => sum + line.count, 0)).toBe(all.length);
      expect(report.faults.reduce((sum, line) => sum + line.count, 0)).toBe(all.length);
      expect(reportReasons(all.toReversed())).toEqual(report);
    }),
  );
});
