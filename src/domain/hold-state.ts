/**
 * How a hold stands on a day, in one word for a list and in figures for a person. A state is worked out
 * from what arrived, so a payment entered late, or taken back, corrects it by itself.
 * "kept", "partly kept, NZD 200.00 of NZD 500.00", "in dispute for 12 days", "1 of 3 instalments paid".
 */
import { type Day, daysBetween } from './day.ts';
import { disputeStanding, type DisputeState } from './dispute.ts';
import { type Hold, type HoldOf, type HoldRules, isWithin } from './holds.ts';
import type { Currency, Minor } from './money.ts';
import { planStanding, type PlanState } from './payment-plan.ts';
import { promiseStanding, type PromiseState } from './promise.ts';
import { replyStanding } from './reply.ts';
import { settlementStanding, type SettlementState } from './settlement.ts';
import { dayText, moneyText, plural } from './text.ts';

export type HoldStateWord =
  PromiseState | DisputeState | PlanState | SettlementState | 'not_yet' | 'in_force' | 'expired';

export interface HoldState {
  state: HoldStateWord;
  /** The figures behind the word. */
  detail: string;
  /** Nothing more comes of it: kept, broken, finished, expired … */
  isOver: boolean;
  /** The last day on which it can still be as it is, while it is not over; null: no end is known. */
  lastOn: Day | null;
}

export function holdState(hold: Hold, rules: HoldRules, asOn: Day): HoldState {
  if (hold.fromOn > asOn) {
    const detail = `begins on ${dayText(hold.fromOn)}`;
    return { state: 'not_yet', detail, isOver: false, lastOn: hold.untilOn };
  }
  switch (hold.kind) {
    case 'promise':
      return promiseState(hold, rules, asOn);
    case 'dispute':
      return disputeState(hold, asOn);
    case 'plan':
      return planState(hold, rules, asOn);
    case 'settlement':
      return settlementState(hold, asOn);
    case 'reply':
      return replyState(hold, rules, asOn);
    case 'extension':
    case 'manual':
      return plainState(hold, asOn);
  }
}

function promiseState(hold: HoldOf<'promise'>, rules: HoldRules, asOn: Day): HoldState {
  const { state, arrivedMinor, dueMinor, lastOn } = promiseStanding(hold, rules, asOn);
  const detail = ofWhole(arrivedMinor, dueMinor, hold.terms.currency, 'arrived');
  return { state, detail, isOver: state !== 'pending', lastOn };
}

function ofWhole(part: Minor, whole: Minor, currency: Currency, verb: string): string {
  return `${moneyText(part, currency)} of ${moneyText(whole, currency)} ${verb}`;
}

function disputeState(hold: HoldOf<'dispute'>, asOn: Day): HoldState {
  const { state, ageDays } = disputeStanding(hold, asOn);
  const isOver = state !== 'open' && state !== 'credit_awaited';
  const detail = `${isOver ? 'was open' : 'open'} for ${plural(ageDays, 'day')}`;
  return { state, detail, isOver, lastOn: hold.untilOn };
}

function planState(hold: HoldOf<'plan'>, rules: HoldRules, asOn: Day): HoldState {
  const { state, paidCount, paidMinor, owedMinor, broken } = planStanding(hold, rules, asOn);
  const { currency, instalments } = hold.terms;
  const paid = `${paidCount} of ${plural(instalments.length, 'instalment')} paid, ${ofWhole(paidMinor, owedMinor, currency, 'in all')}`;
  const detail = broken === null ? paid : `${paid}; broke on ${dayText(broken.on)}`;
  return { state, detail, isOver: state !== 'running', lastOn: hold.untilOn };
}

function settlementState(hold: HoldOf<'settlement'>, asOn: Day): HoldState {
  const { currency, acceptMinor, payBy } = hold.terms;
  const { state, arrivedMinor, toCreditMinor } = settlementStanding(hold, asOn);
  const paid = ofWhole(arrivedMinor, acceptMinor, currency, 'paid');
  const rest = `${moneyText(toCreditMinor, currency)} to be credited`;
  const detail = state === 'met' && toCreditMinor > 0 ? `${paid}, ${rest}` : paid;
  return { state, detail, isOver: state !== 'pending', lastOn: payBy };
}

function replyState(hold: HoldOf<'reply'>, rules: HoldRules, asOn: Day): HoldState {
  const { rests, lastOn } = replyStanding(hold, rules, asOn);
  if (rests) {
    return { state: 'in_force', detail: `until ${dayText(lastOn)}`, isOver: false, lastOn };
  }
  return { state: 'expired', detail: `ended on ${dayText(lastOn)}`, isOver: true, lastOn };
}

function plainState(hold: Hold, asOn: Day): HoldState {
  const lastOn = hold.untilOn;
  if (!isWithin(hold, asOn)) {
    const detail = lastOn === null ? '' : `ended on ${dayText(lastOn)}`;
    return { state: 'expired', detail, isOver: true, lastOn };
  }
  const detail = lastOn === null ? 'until somebody ends it' : `until ${dayText(lastOn)}`;
  return { state: 'in_force', detail, isOver: false, lastOn };
}

/** A hold that ends within this many days is announced. */
export const ANNOUNCED_DAYS = 3;

/** Days left of a hold that is about to end; null: it is over, or its end is far or unknown. */
export function endsInDays({ isOver, lastOn }: HoldState, asOn: Day): number | null {
  if (isOver || lastOn === null) return null;
  const left = daysBetween(asOn, lastOn);
  return left >= 0 && left <= ANNOUNCED_DAYS ? left : null;
}

/** Worth showing: in force, or over while anything it speaks of is still open. */
export function isCurrent(hold: Pick<Hold, 'invoices'>, { isOver }: HoldState): boolean {
  return !isOver || hold.invoices.some((invoice) => invoice.openMinor > 0);
}

/** "kept", "partly kept", "credit awaited". */
export function stateWords(state: HoldStateWord | 'awaits_approval'): string {
  return state.replaceAll('_', ' ');
}
