import { describe, expect, test } from 'vitest';
import type { CustomerRecords } from '../../src/domain/customer-facts.ts';
import { type BookHabit, judgeRisk, riskDetail } from '../../src/domain/customer-risk.ts';
import { addDays } from '../../src/domain/day.ts';
import { ago, factsOf, limitOf, NOTHING, open, past } from './risk-cases.ts';

const ACTIVE = { firstIssuedOn: ago(800), lastIssuedOn: ago(10), lastPaidOn: ago(1) };
const habit = (more: Partial<BookHabit> = {}): BookHabit => ({
  currency: 'NZD',
  maturedCount: 400,
  lateCount: 100,
  daysLate: 2_000,
  billedMinor: 600_000,
  customers: 10,
  ...more,
});

function judged(records: Partial<CustomerRecords>, habits = [habit()]) {
  const known = { ...NOTHING, activity: ACTIVE, ...records };
  return judgeRisk(factsOf(known), known, habits, { flags: new Set(), segment: null });
}

describe('what is advised follows from what the same day says of the customer', () => {
  /** Four invoices of 300.00 within a year, on terms of 30 days. */
  const business = (late: number) => ({
    history: [330, 200, 100, 0].map((at, index) => {
      const one = past(at + 1, late, { id: `b${index}`, totalMinor: 30_000 });
      return { ...one, issuedOn: addDays(one.dueOn, -30) };
    }),
  });
  const advised = (...asked: Parameters<typeof judged>) =>
    judged(...asked).advice.map(({ code }) => code);

  test('somebody punctual who buys twice as much as the average customer gets easier terms', () => {
    const { advice, score, segment } = judged(business(0));
    expect([score?.grade, segment?.segment]).toEqual(['A', 'punctual']);
    expect(advice.find(({ code }) => code === 'easier_terms')?.evidence).toEqual({
      currency: 'NZD',
      termsDays: 30,
      proposedDays: 45,
      tiedMinor: 5_000,
      billedMinor: 120_000,
      averageMinor: 60_000,
    });
    expect(advised(business(0), [habit({ customers: 9 })])).not.toContain('easier_terms');
  });

  test('an average is that of the customer’s currency, and of nobody where nobody bought', () => {
    const abroad = habit({ currency: 'AUD', billedMinor: 1 });
    expect(advised(business(0), [abroad, habit()])).toContain('easier_terms');
    expect(advised(business(0), [abroad])).not.toContain('easier_terms');
    expect(advised(business(0), [habit({ customers: 0 })])).not.toContain('easier_terms');
  });

  test('somebody to whom supply should stop is to pay in advance', () => {
    const { flags, advice } = judged({ invoices: [open(121, 900)] });
    expect(flags.map(({ code }) => code)).toContain('stop_recommended');
    expect(advice[0]?.sentence).toBe(
      'Deliver only against payment in advance until NZD 9.00 is paid.',
    );
  });
});

describe('what is kept of a customer’s risk', () => {
  test('every figure of what is out, the grounds of the score and of the segment', () => {
    const records: Partial<CustomerRecords> = {
      activity: ACTIVE,
      invoices: [open(10, 90_000), open(-5, 30_000)],
      drafts: [{ currency: 'NZD', amountMinor: 4_000 }],
      credits: [{ currency: 'NZD', remainingMinor: 20_000 }],
      limits: [{ ...limitOf(80_000), insuredMinor: 60_000, source: 'customer' }],
      disputes: { disputed: [{ currency: 'NZD', amountMinor: 5_000 }], invoiceCount: 1 },
      rating: { grade: 'BB', source: 'agency', ratedOn: ago(30) },
      history: [past(40, 0, { paidOn: ago(90), number: 'INV-9' })],
    };
    const facts = factsOf(records);
    const risk = judged(records);
    expect(riskDetail(facts, risk)).toEqual({
      factors: risk.score?.factors,
      thin: 'Only 0 invoices fell due within a year, so the book’s own behaviour (25 % late) stands in for 5 more.',
      segmentBecause: '0 invoices fell due within a year: too few to tell.',
      advice: risk.advice,
      exposure: [
        {
          currency: 'NZD',
          openMinor: 120_000,
          overdueMinor: 90_000,
          draftMinor: 4_000,
          unappliedMinor: 20_000,
          disputedMinor: 5_000,
          exposureMinor: 100_000,
          limitMinor: 80_000,
          limitSource: 'customer',
          limitUse: 1.25,
          headroomMinor: -20_000,
          breachMinor: 20_000,
          insuredMinor: 60_000,
          uninsuredMinor: 40_000,
        },
      ],
      rating: { grade: 'BB', source: 'agency', ratedOn: ago(30) },
      contradictions: [
        {
          invoiceId: 'due-40',
          codes: ['paid_before_issue'],
          sentence: 'INV-9 was paid on 1 Apr 2026, before it was issued on 1 May 2026.',
        },
      ],
      contradictionCount: 1,
    });
  });

  test('nothing of somebody of whom nothing is known', () => {
    const facts = factsOf(NOTHING);
    expect(riskDetail(facts, judged({ activity: NOTHING.activity }))).toEqual({
      factors: [],
      thin: null,
      segmentBecause: null,
      advice: [],
      exposure: [],
      rating: null,
      contradictions: [],
      contradictionCount: 0,
    });
  });
});
