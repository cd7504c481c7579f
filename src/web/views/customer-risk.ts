/** A customer's risk as shown: the score with its factors, exposure against the limit, advice. */
import type { RiskWhole } from '../../store/customer-risk.ts';
import type { RiskDetail } from '../../domain/customer-risk.ts';
import { limitSentence } from '../../domain/exposure.ts';
import { segmentWord } from '../../domain/segments.ts';
import { codeWords, type Word } from './words.ts';

export function riskView(risk: RiskWhole | null) {
  if (risk === null) return null;
  const { detail, score, grade, segment } = risk;
  return {
    asOn: risk.asOn,
    score: score === null ? null : { points: score, grade },
    segment:
      segment === null ? null : { word: segmentWord(segment), because: detail.segmentBecause },
    rating: detail.rating,
    exposure: detail.exposure.map(exposureView),
    advice: detail.advice,
    contradictions: detail.contradictions,
    contradictionCount: detail.contradictionCount,
    thin: detail.thin,
    factors: detail.factors.map((factor) => ({ ...factor, name: codeWords(factor.code) })),
  };
}

function exposureView(one: RiskDetail['exposure'][number]) {
  const { limitMinor, exposureMinor, currency } = one;
  const share = limitMinor === null || limitMinor <= 0 ? null : exposureMinor / limitMinor;
  return {
    ...one,
    limited: limitMinor !== null,
    use: share === null ? 'no credit given' : `${Math.round(share * 100)} % of the limit used`,
    width: `${Math.round(Math.min(1, Math.max(0, share ?? 1)) * 100)}%`,
    ...toneOf(share),
    limitSentence: limitSentence(one, currency),
  };
}

function toneOf(share: number | null): { tone: Word['tone']; fill: string } {
  if (share === null || share > 1) return { tone: 'bad', fill: 'fill-older' };
  return share >= 0.85
    ? { tone: 'due', fill: 'fill-days60' }
    : { tone: 'good', fill: 'fill-days30' };
}
