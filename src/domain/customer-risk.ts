/**
 * A customer's risk on one page: the flags that stand, the score with its grade, the segment and the
 * advice, from the same facts; and the earliest later day on which any of it may change by itself.
 */
import type { NamedContradiction } from './contradictions.ts';
import type { CustomerFacts, CustomerRecords, ExternalRating } from './customer-facts.ts';
import type { Day } from './day.ts';
import type { Exposure } from './exposure.ts';
import { type Flag, type FlagCode, judgeFlags } from './flags.ts';
import type { Currency, Minor } from './money.ts';
import { riskChangesOn } from './risk-horizon.ts';
import { type BookBehaviour, type CreditScore, scoreCustomer, type ScoreFactor } from './score.ts';
import { type SegmentFound, type Segment, segmentOf } from './segments.ts';
import { type Advice, adviseTerms } from './terms-advice.ts';

/** How a whole book pays in a currency; read now and then, so that one customer's day does not move another. */
export interface BookHabit {
  currency: Currency;
  maturedCount: number;
  lateCount: number;
  /** Sum over the invoices. */
  daysLate: number;
  billedMinor: Minor;
  customers: number;
}

export interface Standing {
  flags: ReadonlySet<FlagCode>;
  segment: Segment | null;
}

export interface CustomerRisk {
  flags: Flag[];
  score: CreditScore | null;
  segment: SegmentFound | null;
  advice: Advice[];
  nextOn: Day | null;
}

/** `before` is what stood yesterday: flags and segments stay by gentler figures than they came. */
export function judgeRisk(
  facts: CustomerFacts,
  records: CustomerRecords,
  habits: readonly BookHabit[],
  before: Standing,
): CustomerRisk {
  const flags = judgeFlags(facts, before.flags);
  const score = scoreCustomer(facts, bookBehaviour(habits));
  const segment = segmentOf(facts, before.segment);
  const advice = adviseTerms({
    facts,
    grade: score?.grade ?? null,
    segment: segment?.segment ?? null,
    flags: new Set(flags.map((flag) => flag.code)),
    bookAverages: habits
      .filter((one) => one.customers > 0)
      .map(({ currency, billedMinor, customers }) => ({
        currency,
        billedMinor: billedMinor / customers,
      })),
  });
  return {
    flags,
    score,
    segment,
    advice,
    nextOn: riskChangesOn(facts, records, bookBehaviour(habits)),
  };
}

/** null: nothing of the book has fallen due yet. */
export function bookBehaviour(habits: readonly BookHabit[]): BookBehaviour | null {
  const sum = (of: (one: BookHabit) => number) => habits.reduce((total, one) => total + of(one), 0);
  const maturedCount = sum((one) => one.maturedCount);
  if (maturedCount === 0) return null;
  return {
    lateShare: sum((one) => one.lateCount) / maturedCount,
    daysLate: sum((one) => one.daysLate) / maturedCount,
  };
}

/** As it is kept and shown: what the figures were, and why they gave what they gave. */
export interface RiskDetail {
  factors: ScoreFactor[];
  thin: string | null;
  segmentBecause: string | null;
  advice: Advice[];
  exposure: (Exposure & { currency: Currency; disputedMinor: Minor })[];
  rating: ExternalRating | null;
  contradictions: NamedContradiction[];
  contradictionCount: number;
}

export function riskDetail(
  facts: CustomerFacts,
  { score, segment, advice }: CustomerRisk,
): RiskDetail {
  return {
    factors: score?.factors ?? [],
    thin: score?.thin ?? null,
    segmentBecause: segment?.because ?? null,
    advice,
    exposure: facts.currencies.map((one) => ({
      currency: one.currency,
      openMinor: one.openMinor,
      overdueMinor: one.overdueMinor,
      draftMinor: one.draftMinor,
      unappliedMinor: one.unappliedMinor,
      disputedMinor: one.disputedMinor,
      exposureMinor: one.exposureMinor,
      limitMinor: one.limitMinor,
      limitSource: one.limitSource,
      limitUse: one.limitUse,
      headroomMinor: one.headroomMinor,
      breachMinor: one.breachMinor,
      insuredMinor: one.insuredMinor,
      uninsuredMinor: one.uninsuredMinor,
    })),
    rating: facts.rating,
    contradictions: facts.contradictions,
    contradictionCount: facts.contradictionCount,
  };
}
