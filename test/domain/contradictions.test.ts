import { expect, test } from 'vitest';
import {
  contradictionsOf,
  nameContradictions,
  type StatedInvoice,
} from '../../src/domain/contradictions.ts';
import { day } from '../../src/domain/day.ts';

const sound: StatedInvoice = {
  issuedOn: day('2026-03-03'),
  dueOn: day('2026-03-23'),
  paidOn: day('2026-03-20'),
  currency: 'NZD',
  totalMinor: 10_000,
  openMinor: 0,
  allocatedMinor: 10_000,
  settledIn: ['NZD'],
};
const found = (change: Partial<StatedInvoice>) => contradictionsOf({ ...sound, ...change });

test('an invoice that agrees with itself has none, whatever is not known of it', () => {
  expect(found({})).toEqual([]);
  const { issuedOn, dueOn, currency } = sound;
  const bare = { issuedOn, dueOn, currency, paidOn: null, totalMinor: null };
  expect(contradictionsOf(bare)).toEqual([]);
  expect(nameContradictions({ ...bare, id: 'a', number: 'INV-7' })).toBeNull();
  expect(contradictionsOf({ ...bare, openMinor: 5, allocatedMinor: 5 })).toEqual([]);
});

test.each<[Partial<StatedInvoice>, string | null, string]>([
  [{ totalMinor: 1, allocatedMinor: 1 }, null, ''],
  [{ totalMinor: 0, allocatedMinor: 0 }, 'no_amount', 'INV-7 is for NZD 0.00.'],
  [{ dueOn: day('2026-03-03') }, null, ''],
  [
    { dueOn: day('2026-03-02') },
    'due_before_issue',
    'INV-7 fell due on 2 Mar 2026, before it was issued on 3 Mar 2026.',
  ],
  [{ paidOn: day('2026-03-03') }, null, ''],
  [
    { paidOn: day('2026-03-02') },
    'paid_before_issue',
    'INV-7 was paid on 2 Mar 2026, before it was issued on 3 Mar 2026.',
  ],
  [{ openMinor: -1 }, 'negative_open', 'INV-7 shows NZD -0.01 as still open.'],
  [{ openMinor: 10_000 }, null, ''],
  [
    { openMinor: 10_001 },
    'open_above_total',
    'INV-7 shows NZD 100.01 as still open of NZD 100.00.',
  ],
  [
    { allocatedMinor: 12_000 },
    'over_allocated',
    'INV-7 has NZD 120.00 set against it and is for NZD 100.00.',
  ],
  [
    { settledIn: ['AUD', 'NZD', 'USD'] },
    'currency_mismatch',
    'INV-7 is in NZD and was settled in AUD and USD.',
  ],
])('%o', (change, code, sentence) => {
  expect(found(change)).toEqual(code === null ? [] : [code]);
  const named = nameContradictions({ ...sound, ...change, id: 'a', number: 'INV-7' });
  expect(named).toEqual(code === null ? null : { invoiceId: 'a', codes: [code], sentence });
});

test('several are told in one sentence', () => {
  const named = nameContradictions({
    ...sound,
    id: 'a',
    number: 'INV-7',
    dueOn: day('2026-03-01'),
    settledIn: ['AUD'],
  });
  expect(named?.sentence).toBe(
    'INV-7 fell due on 1 Mar 2026, before it was issued on 3 Mar 2026, and is in NZD and was settled in AUD.',
  );
});
