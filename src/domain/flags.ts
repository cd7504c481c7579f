/**
 * Credit-risk flags: what is wrong with a customer, in a sentence a credit controller would sign and
 * the figures behind it. A flag opens at one threshold and closes at a gentler one, so that a customer
 * who stands at the border does not flicker in and out; a payment that arrives never makes it worse.
 * Limit 10,000: exposure 10,001 opens "over limit"; it closes again at 9,500.
 */
import type { CustomerFacts } from './customer-facts.ts';
import {
  type CurrencyJudge,
  type CustomerJudge,
  type FoundFlag,
  SEVERITIES,
  type Severity,
} from './flag-judge.ts';
import {
  concentration,
  dormantBalance,
  nearLimit,
  newWithExposure,
  overLimit,
  severelyOverdue,
  unappliedCredit,
} from './flags-on-balance.ts';
import {
  brokenPromise,
  disputed,
  gettingWorse,
  habituallyLate,
  shortPayer,
} from './flags-on-habits.ts';
import { offBalance, stopRecommended, unreachable } from './flags-on-standing.ts';

/**
 * Of several currencies the gravest speaks, of equals the first by its code. The gentler figure counts
 * only where none would open the flag anew: it keeps a flag, it does not spread it.
 */
function gravest(judge: CurrencyJudge): CustomerJudge {
  const worst = (facts: CustomerFacts, wasOpen: boolean) =>
    facts.currencies
      .map((currency) => judge(currency, wasOpen, facts))
      .filter((flag) => flag !== null)
      .sort((a, b) => rank(b.severity) - rank(a.severity))[0] ?? null;
  return (facts, wasOpen) => worst(facts, false) ?? (wasOpen ? worst(facts, true) : null);
}

function rank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

export const FLAG_CODES = [
  'over_limit',
  'near_limit',
  'severely_overdue',
  'habitually_late',
  'getting_worse',
  'broken_promise',
  'concentration',
  'new_with_exposure',
  'short_payer',
  'unapplied_credit',
  'disputed',
  'unreachable',
  'off_balance',
  'dormant_balance',
  'stop_recommended',
] as const;
export type FlagCode = (typeof FLAG_CODES)[number];

const JUDGES: Record<FlagCode, CustomerJudge> = {
  over_limit: gravest(overLimit),
  near_limit: gravest(nearLimit),
  severely_overdue: gravest(severelyOverdue),
  habitually_late: gravest(habituallyLate),
  getting_worse: gettingWorse,
  broken_promise: brokenPromise,
  concentration: gravest(concentration),
  new_with_exposure: gravest(newWithExposure),
  short_payer: shortPayer,
  unapplied_credit: gravest(unappliedCredit),
  disputed: gravest(disputed),
  unreachable,
  off_balance: offBalance,
  dormant_balance: gravest(dormantBalance),
  stop_recommended: gravest(stopRecommended),
};

export interface Flag extends FoundFlag {
  code: FlagCode;
  /** No reminder goes to this customer while the flag is open. */
  holdsChasing: boolean;
  /** Nothing more should be delivered on credit while it is open. */
  stopsSupply: boolean;
}

const HOLDING: ReadonlySet<FlagCode> = new Set(['unreachable', 'off_balance']);
const STOPPING: ReadonlySet<FlagCode> = new Set(['stop_recommended']);

/** The flags that stand, given those that stood before; at most one per code. */
export function judgeFlags(facts: CustomerFacts, openCodes: ReadonlySet<FlagCode>): Flag[] {
  return FLAG_CODES.flatMap((code) => {
    const found = JUDGES[code](facts, openCodes.has(code));
    if (found === null) return [];
    const does = { holdsChasing: HOLDING.has(code), stopsSupply: STOPPING.has(code) };
    return [{ code, ...found, ...does }];
  });
}

export function isFlagCode(code: string): code is FlagCode {
  return code in JUDGES;
}
