/**
 * What would be lost if a customer stopped paying today: what is open less what stands unapplied.
 * Drafts are shown beside it, since they are not owed yet but will be. Set against the limit this gives
 * use, headroom, and a breach when there is none left.
 * Open 9,000, unapplied 1,000, limit 10,000: exposure 8,000, use 80 %, headroom 2,000.
 */
import type { LimitLine } from './credit-limits.ts';
import type { Currency, Minor } from './money.ts';
import { moneyText, percentText } from './text.ts';

export interface Exposure {
  openMinor: Minor;
  overdueMinor: Minor;
  draftMinor: Minor;
  unappliedMinor: Minor;
  /** Open less unapplied. */
  exposureMinor: Minor;
  limitMinor: Minor | null;
  limitSource: LimitLine['source'] | null;
  /** As a share of the limit; null without a limit, or with a limit of zero. */
  limitUse: number | null;
  /** What may still be invoiced; below zero when the limit is exceeded. */
  headroomMinor: Minor | null;
  breachMinor: Minor;
  insuredMinor: Minor | null;
  /** Above what the insurer covers; 0 without insurance. */
  uninsuredMinor: Minor;
}

export function exposureOf(
  parts: Pick<Exposure, 'openMinor' | 'overdueMinor' | 'draftMinor' | 'unappliedMinor'>,
  limit: LimitLine | null,
): Exposure {
  const exposureMinor = parts.openMinor - parts.unappliedMinor;
  const limitMinor = limit?.amountMinor ?? null;
  const insuredMinor = limit?.insuredMinor ?? null;
  return {
    ...parts,
    exposureMinor,
    limitMinor,
    limitSource: limit?.source ?? null,
    limitUse: limitMinor === null || limitMinor <= 0 ? null : exposureMinor / limitMinor,
    headroomMinor: limitMinor === null ? null : limitMinor - exposureMinor,
    breachMinor: limitMinor === null ? 0 : Math.max(0, exposureMinor - limitMinor),
    insuredMinor,
    uninsuredMinor: insuredMinor === null ? 0 : Math.max(0, exposureMinor - insuredMinor),
  };
}

/** "Limit NZD 10,000.00 (set for this customer), 80 % used, NZD 2,000.00 left; NZD 5,000.00 insured, NZD 3,000.00 not covered." */
export function limitSentence(exposure: Exposure, currency: Currency): string {
  const { limitMinor, headroomMinor, limitUse, breachMinor, insuredMinor, uninsuredMinor } =
    exposure;
  if (limitMinor === null || headroomMinor === null) return 'No credit limit is set.';
  const money = (amountMinor: Minor) => moneyText(amountMinor, currency);
  const whose = exposure.limitSource === 'book' ? 'the book’s default' : 'set for this customer';
  const use = limitUse === null ? '' : `, ${percentText(limitUse)} used`;
  const room =
    breachMinor > 0 ? `exceeded by ${money(breachMinor)}` : `${money(headroomMinor)} left`;
  const cover = insuredMinor === null ? '' : `; ${money(insuredMinor)} insured`;
  const bare = uninsuredMinor > 0 ? `, ${money(uninsuredMinor)} not covered` : '';
  return `Limit ${money(limitMinor)} (${whose})${use}, ${room}${cover}${bare}.`;
}
