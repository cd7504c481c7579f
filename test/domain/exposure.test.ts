import { describe, expect, test } from 'vitest';
import type { LimitLine } from '../../src/domain/credit-limits.ts';
import { exposureOf, limitSentence } from '../../src/domain/exposure.ts';
import { limitOf } from './risk-cases.ts';

/** Open 9,000, of which 8,000 remain when what is unapplied is taken off. */
const PARTS = {
  openMinor: 900_000,
  overdueMinor: 400_000,
  draftMinor: 70_000,
  unappliedMinor: 100_000,
};
const OWN = { ...limitOf(1_000_000), source: 'customer' as const };

test('open less unapplied, drafts beside it, is set against the limit and the cover', () => {
  expect(exposureOf(PARTS, { ...OWN, insuredMinor: 500_000 })).toEqual({
    ...PARTS,
    exposureMinor: 800_000,
    limitMinor: 1_000_000,
    limitSource: 'customer',
    limitUse: 0.8,
    headroomMinor: 200_000,
    breachMinor: 0,
    insuredMinor: 500_000,
    uninsuredMinor: 300_000,
  });
});

describe('the limit in a sentence', () => {
  test.each<[name: string, limit: LimitLine | null, sentence: string]>([
    ['none', null, 'No credit limit is set.'],
    [
      'the customer’s own, part of the debt insured',
      { ...OWN, insuredMinor: 500_000 },
      'Limit NZD 10,000.00 (set for this customer), 80 % used, NZD 2,000.00 left; NZD 5,000.00 insured, NZD 3,000.00 not covered.',
    ],
    [
      'the default of the book, all of the debt insured and not a cent more',
      { ...limitOf(1_000_000), insuredMinor: 800_000 },
      'Limit NZD 10,000.00 (the book’s default), 80 % used, NZD 2,000.00 left; NZD 8,000.00 insured.',
    ],
    [
      'used to the cent',
      limitOf(800_000),
      'Limit NZD 8,000.00 (the book’s default), 100 % used, NZD 0.00 left.',
    ],
    [
      'exceeded by a cent',
      { ...OWN, amountMinor: 799_999 },
      'Limit NZD 7,999.99 (set for this customer), 100 % used, exceeded by NZD 0.01.',
    ],
    [
      'no credit given: there is no share of nothing',
      { ...OWN, amountMinor: 0 },
      'Limit NZD 0.00 (set for this customer), exceeded by NZD 8,000.00.',
    ],
  ])('%s', (_name, limit, sentence) => {
    expect(limitSentence(exposureOf(PARTS, limit), 'NZD')).toBe(sentence);
  });
});
