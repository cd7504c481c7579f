import { expect, test } from 'vitest';
import { day } from '../../src/domain/day.ts';
import { disputedOn } from '../../src/domain/disputed.ts';
import type { CustomerId, InvoiceId } from '../../src/domain/receivables.ts';
import { invoice } from './account-records.ts';
import { dispute, held, promise } from './hold-cases.ts';

const DEBTOR = 'parent' as CustomerId;
const entry = {
  ...invoice('a', '2026-04-01', '2026-05-01', 50_000, 50_000),
  customerId: 'branch' as CustomerId,
};
const part = { currency: 'NZD', amountMinor: 20_000 };
const since = (changes: Parameters<typeof dispute>[1] = {}) =>
  dispute(
    { part },
    { fromOn: day('2026-05-03'), untilOn: null, invoiceIds: ['a' as InvoiceId], ...changes },
  );
const on = (asOn: string, holds: Parameters<typeof disputedOn>[0], openMinor = 50_000) =>
  disputedOn(holds, DEBTOR, day(asOn))(entry, openMinor);

test.each([
  ['2026-05-02', 0],
  ['2026-05-03', 20_000],
  ['2026-05-08', 20_000],
  ['2026-05-09', 0],
])('on %s, of a dispute from 3 May that was ended on the 9th: %i', (asOn, expected) => {
  expect(on(asOn, [{ hold: since(), endedOn: day('2026-05-09') }])).toBe(expected);
});

test('several add up, but never to more than was open', () => {
  const two = [since(), since()].map((hold) => ({ hold, endedOn: null }));
  expect(on('2026-05-05', two)).toBe(40_000);
  expect(on('2026-05-05', two, 30_000)).toBe(30_000);
});

test('one that names no part contests all that was open; one of another invoice nothing', () => {
  const whole = { ...since(), terms: { ...since().terms, part: null } };
  expect(on('2026-05-05', [{ hold: whole, endedOn: null }], 12_345)).toBe(12_345);
  const other = since({ invoiceIds: ['b' as InvoiceId] });
  expect(on('2026-05-05', [{ hold: other, endedOn: null }])).toBe(0);
});

test('of the whole, upheld on the 10th and credited on the 20th: all of it was still contested between', () => {
  const resolution = { outcome: 'upheld', on: day('2026-05-10'), creditMinor: null } as const;
  const hold = { ...since(), terms: { ...since().terms, part: null, resolution } };
  const credited = { ...hold, invoices: [held('a', 0)] };
  const standing = [{ hold: credited, endedOn: null }];
  expect(on('2026-05-09', standing)).toBe(50_000);
  expect(on('2026-05-15', standing)).toBe(50_000);
  expect(on('2026-05-20', standing, 0)).toBe(0);
});

test('one on the parent speaks of the branch’s invoices, one on a stranger does not', () => {
  const ofAll = (customerId: string) => [
    { hold: since({ invoiceIds: null, customerId: customerId as CustomerId }), endedOn: null },
  ];
  expect(on('2026-05-05', ofAll('parent'))).toBe(20_000);
  expect(on('2026-05-05', ofAll('branch'))).toBe(20_000);
  expect(on('2026-05-05', ofAll('stranger'))).toBe(0);
});

test('a promise is no dispute', () => {
  const hold = promise({}, { fromOn: day('2026-05-03'), invoiceIds: ['a' as InvoiceId] });
  expect(on('2026-05-05', [{ hold, endedOn: null }])).toBe(0);
});
