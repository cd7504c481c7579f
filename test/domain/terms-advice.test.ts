import { describe, expect, test } from 'vitest';
import type { CustomerRecords } from '../../src/domain/customer-facts.ts';
import type { FlagCode } from '../../src/domain/flags.ts';
import type { Grade } from '../../src/domain/scorecard.ts';
import type { Segment } from '../../src/domain/segments.ts';
import { ADVICE_CODES, adviseTerms, recommendedLimit } from '../../src/domain/terms-advice.ts';
import { addDays } from '../../src/domain/day.ts';
import { factsOf, limitOf, open, past } from './risk-cases.ts';

interface Case {
  records: Partial<CustomerRecords>;
  grade?: Grade | null;
  segment?: Segment | null;
  flags?: FlagCode[];
  averageMinor?: number;
}

const advise = ({ records, grade = 'C', segment = 'erratic', flags = [], averageMinor }: Case) =>
  adviseTerms({
    facts: factsOf(records),
    grade,
    segment,
    flags: new Set(flags),
    bookAverages:
      averageMinor === undefined ? [] : [{ currency: 'NZD', billedMinor: averageMinor }],
  });
const codes = (input: Case) => advise(input).map((one) => one.code);

/** Four invoices of 30,000 within 360 days, on terms of so many days, each so many days late. */
function business(termsDays: number, late: number, totalMinor = 30_000) {
  return {
    history: [360 - termsDays, 200, 100, 0].map((at, i) => {
      const one = past(at + 1, late, { id: `b${i}`, totalMinor });
      return { ...one, issuedOn: addDays(one.dueOn, -termsDays) };
    }),
  };
}

test('nothing is advised where nothing is known', () => {
  expect(advise({ records: {}, grade: null, segment: null })).toEqual([]);
  expect(ADVICE_CODES).toHaveLength(9);
});

describe('deposit and payment in advance', () => {
  test.each([
    ['C', [], null],
    ['D', [], 30],
    ['E', [], 50],
    [null, [], null],
    ['A', ['new_with_exposure'], 30],
    ['E', ['new_with_exposure'], 50],
  ] as [Grade | null, FlagCode[], number | null][])(
    'grade %s with %j: %j %',
    (grade, flags, percent) => {
      const found = advise({ records: { invoices: [open(-1, 900), open(-1, 300)] }, grade, flags });
      expect(found.find((one) => one.code === 'deposit')?.evidence['percent'] ?? null).toBe(
        percent,
      );
    },
  );

  test('the sum is that of a usual invoice; before any fell due, of what is open', () => {
    expect(advise({ records: business(20, 0), grade: 'E' })[0]).toEqual({
      code: 'deposit',
      sentence:
        'Grade E: ask for 50 % in advance; of a usual invoice of NZD 300.00 that is NZD 150.00.',
      evidence: { currency: 'NZD', percent: 50, usualMinor: 30_000, depositMinor: 15_000 },
    });
    const records = { invoices: [open(-1, 900), open(-1, 301)] };
    expect(advise({ records, flags: ['new_with_exposure'] })[0]).toEqual({
      code: 'deposit',
      sentence:
        'New, with much open: ask for 30 % in advance; of a usual invoice of NZD 6.01 that is NZD 1.80.',
      evidence: { currency: 'NZD', percent: 30, usualMinor: 601, depositMinor: 180 },
    });
    const draft = { drafts: [{ currency: 'NZD', amountMinor: 5 }] };
    expect(advise({ records: draft, grade: 'D' })[0]?.evidence['usualMinor']).toBe(0);
  });

  test('when supply should stop, only cash', () => {
    const records = { invoices: [open(5, 900), open(-1, 50, 'USD'), open(5, 70, 'AUD')] };
    const found = advise({ records, grade: 'E', flags: ['stop_recommended', 'new_with_exposure'] });
    expect(found).toEqual([
      {
        code: 'cash_only',
        sentence: 'Deliver only against payment in advance until AUD 0.70 and NZD 9.00 is paid.',
        evidence: { AUD: 70, NZD: 900 },
      },
    ]);
    const none = advise({ records: { invoices: [open(-1, 9)] }, flags: ['stop_recommended'] });
    expect(none[0]).toMatchObject({
      sentence: 'Deliver only against payment in advance.',
      evidence: {},
    });
  });
});

describe('terms', () => {
  const late = ['habitually_late'] as FlagCode[];
  const termsOf = (input: Case) => advise(input).find((one) => one.code.endsWith('_terms'));

  test('the slow but sure get terms that tell the truth', () => {
    const records = business(30, 12);
    for (const segment of ['slow_reliable', 'month_end'] as const) {
      expect(termsOf({ records, segment, flags: late })).toEqual({
        code: 'realistic_terms',
        sentence:
          'Pays 42 days after the invoice, as sure as the calendar: 45 days instead of 30 would cost nothing and save the reminders; or offer a discount for 30.',
        evidence: { termsDays: 30, daysLate: 12, proposedDays: 45, steadyWithinDays: 10 },
      });
    }
    expect(termsOf({ records, segment: 'slow_reliable', grade: 'D' })?.code).toBe('shorter_terms');
    expect(termsOf({ records, segment: 'erratic' })).toBeUndefined();
    expect(
      termsOf({ records: business(30, 30), segment: 'slow_reliable' })?.evidence['proposedDays'],
    ).toBe(60);
    expect(termsOf({ records: business(30, 31), segment: 'slow_reliable' })).toBeUndefined();
    expect(termsOf({ records: business(30, 0), segment: 'month_end' })).toBeUndefined();
  });

  test('those who are a risk get shorter ones', () => {
    const records = business(30, 12);
    const shorter = {
      code: 'shorter_terms',
      sentence:
        'Paid after 42 days on terms of 30: with 14 days and the same 12 days late, the money comes after 26.',
      evidence: { termsDays: 30, daysLate: 12, proposedDays: 14, paidAfterDays: 26 },
    };
    expect(termsOf({ records, flags: late })).toEqual(shorter);
    expect(termsOf({ records, flags: ['getting_worse'] })).toEqual(shorter);
    expect(termsOf({ records, grade: 'D' })).toEqual(shorter);
    expect(termsOf({ records, grade: 'C' })).toBeUndefined();
    expect(termsOf({ records: business(30, 90), flags: late })?.evidence['proposedDays']).toBe(7);
    expect(termsOf({ records: business(7, 20), flags: late })).toBeUndefined();
    expect(termsOf({ records: business(30, 0), flags: late })).toBeUndefined();
    expect(termsOf({ records: business(30, -5), flags: late })).toBeUndefined();
  });

  test('the punctual who buy much get easier ones', () => {
    const best: Case = {
      records: business(30, 0),
      segment: 'punctual',
      grade: 'B',
      averageMinor: 60_000,
    };
    expect(termsOf(best)).toEqual({
      code: 'easier_terms',
      sentence:
        'Punctual, and NZD 1,200.00 within a year is 2.0 times the average customer: 45 days instead of 30 may be offered and would tie up NZD 50.00 more.',
      evidence: {
        currency: 'NZD',
        termsDays: 30,
        proposedDays: 45,
        tiedMinor: 5000,
        billedMinor: 120_000,
        averageMinor: 60_000,
      },
    });
    expect(termsOf({ ...best, averageMinor: 60_001 })).toBeUndefined();
    expect(termsOf({ ...best, grade: 'C' })).toBeUndefined();
    expect(termsOf({ ...best, segment: 'erratic' })).toBeUndefined();
    expect(termsOf({ ...best, records: business(60, 0) })).toBeUndefined();
    expect(termsOf({ records: business(30, 0), segment: 'punctual', grade: 'A' })).toBeUndefined();
  });

  test('two invoices are too few to speak of terms; the currency of most of the business counts', () => {
    const { history } = business(30, 12);
    expect(termsOf({ records: { history: history.slice(0, 2) }, flags: late })).toBeUndefined();
    expect(termsOf({ records: { history: history.slice(0, 3) }, flags: late })?.code).toBe(
      'shorter_terms',
    );
    const foreign = history.map((one) => ({ ...one, currency: 'USD', id: `u${one.id}` }));
    const records = { history: [...foreign, past(9, 0, { currency: 'AUD' })] };
    expect(termsOf({ records, flags: late })?.evidence['termsDays']).toBe(30);
    const unpaid = history.map((one) => ({ ...one, paidOn: null }));
    expect(termsOf({ records: { history: unpaid }, flags: late })).toBeUndefined();
  });
});

describe('limits', () => {
  test('what is usually out, times the factor of the grade: 120,000 in 360 days for 45 days, × 1.25', () => {
    const one = factsOf(business(30, 15, 3_000_000)).currencies[0];
    if (one === undefined) throw new Error('no currency');
    expect(recommendedLimit(one, 'B', 15)).toBe(1_900_000);
    expect(recommendedLimit(one, 'A', 15)).toBe(2_300_000); // 22,500.00
    expect(recommendedLimit(one, 'C', 15)).toBe(1_500_000);
    expect(recommendedLimit(one, 'D', 15)).toBe(1_200_000); // 11,250.00
    expect(recommendedLimit(one, 'E', 15)).toBe(750_000);
  });

  const at = (exposureMinor: number, limitMinor: number | null, grade: Grade | null) => {
    const limits = limitMinor === null ? [] : [limitOf(limitMinor)];
    const records = { ...business(30, 15, 3_000_000), invoices: [open(-1, exposureMinor)], limits };
    return advise({ records, grade }).find((one) => one.code.endsWith('_limit'));
  };

  test('up for the sound who nearly use it, with the sum', () => {
    expect(at(1_000_000, 1_200_000, 'B')).toEqual({
      code: 'raise_limit',
      sentence:
        'The limit of NZD 12,000.00 may go up: NZD 120,000.00 in 360 days × (30 days’ terms + 15 late) × 1.25 for grade B = NZD 19,000.00.',
      evidence: {
        currency: 'NZD',
        billedMinor: 12_000_000,
        billedDays: 360,
        termsDays: 30,
        daysLate: 15,
        factor: 1.25,
        recommendedMinor: 1_900_000,
        limitMinor: 1_200_000,
      },
    });
    expect(at(960_000, 1_200_000, 'B')?.code).toBe('raise_limit');
    expect(at(959_999, 1_200_000, 'B')).toBeUndefined();
    expect(at(1_800_000, 1_720_000, 'B')?.code).toBe('raise_limit');
    expect(at(1_800_000, 1_730_000, 'B')).toBeUndefined();
    expect(at(1_000_000, 1_200_000, 'C')).toBeUndefined();
    expect(at(1, 0, 'A')?.code).toBe('raise_limit');
  });

  test('down for the unsound who have much more than their business', () => {
    expect(at(1, 1_800_000, 'D')).toMatchObject({
      code: 'lower_limit',
      sentence:
        'The limit of NZD 18,000.00 should come down: NZD 120,000.00 in 360 days × (30 days’ terms + 15 late) × 0.75 for grade D = NZD 12,000.00.',
    });
    expect(at(1, 1_790_000, 'D')).toBeUndefined();
    expect(at(1, 9_000_000, 'C')).toBeUndefined();
  });

  test('one is proposed where there is none and more is out than the business justifies', () => {
    expect(at(1_500_001, null, 'C')).toMatchObject({
      code: 'set_limit',
      sentence:
        'There is no limit and NZD 15,000.01 of exposure; the business justifies NZD 120,000.00 in 360 days × (30 days’ terms + 15 late) × 1 for grade C = NZD 15,000.00.',
    });
    expect(at(1_500_000, null, 'C')).toBeUndefined();
    expect(at(9_000_000, null, null)).toBeUndefined();
  });

  test('three invoices at least, over more than a day', () => {
    const limitAdvice = (history: ReturnType<typeof past>[]) =>
      codes({ records: { history, invoices: [open(-1, 9_000_000)] } });
    const { history } = business(30, 15);
    expect(limitAdvice(history.slice(0, 3))).toEqual(['set_limit']);
    expect(limitAdvice(history.slice(0, 2))).toEqual([]);
    expect(
      limitAdvice([1, 1, 1].map((at) => past(at, 0, { issuedOn: past(at, 0).dueOn }))),
    ).toEqual([]);
  });

  test('above the cover of the insurer', () => {
    const limits = [{ ...limitOf(2000), insuredMinor: 700 }];
    expect(advise({ records: { invoices: [open(-1, 900)], limits } })).toEqual([
      {
        code: 'above_insured',
        sentence:
          'NZD 2.00 of NZD 9.00 is above what the insurer covers: ask for more cover or for payment.',
        evidence: { currency: 'NZD', exposureMinor: 900, insuredMinor: 700, uninsuredMinor: 200 },
      },
    ]);
    expect(advise({ records: { invoices: [open(-1, 700)], limits } })).toEqual([]);
  });
});
