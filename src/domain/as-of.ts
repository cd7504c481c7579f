/**
 * Balances as they stood on a past day. What an invoice still owed on a day is its total less what was
 * set against it up to that day; what is dated later is ignored, as in an aged report "as at". A credit
 * and a payment on account are read the same way: what they had left to give.
 * Where the ledger counts something as settled without saying by what, it is taken as settled on the day
 * the balance came to nothing, else with the last thing set against it; today's figure is always the ledger's.
 * 900 with 400 set against it on 3 May and 500 on 9 June: 900 on 2 May, 500 on 8 June, nothing on the 9th.
 */
import type { Day } from './day.ts';
import type { Minor } from './money.ts';

export interface DatedAmount {
  on: Day;
  amountMinor: Minor;
  /** A credit note and the like: no money came. */
  isCredit?: boolean;
}

export interface Balance {
  /** The day it came into the books; before it there is nothing. */
  fromOn: Day;
  totalMinor: Minor;
  /** What the ledger says is left today. */
  nowMinor: Minor;
  /** The day it came to nothing, where the ledger says so. */
  settledOn: Day | null;
  uses: readonly DatedAmount[];
}

/** At the end of `on`. */
export function balanceAsOf(balance: Balance, on: Day): Minor {
  if (on < balance.fromOn) return 0;
  return settlementsOf(balance).reduce(
    (left, use) => (use.on <= on ? left - use.amountMinor : left),
    balance.totalMinor,
  );
}

/**
 * What brought the balance from its total to what it is today, earliest first; nothing is dated
 * before it came into the books, and the amounts sum to exactly the difference. An allocation of
 * nothing settles nothing.
 */
export function settlementsOf(balance: Balance): DatedAmount[] {
  const uses = balance.uses
    .filter(({ amountMinor }) => amountMinor !== 0)
    .map((use) => ({ ...use, on: Math.max(use.on, balance.fromOn) as Day }))
    .sort((a, b) => a.on - b.on);
  const used = uses.reduce((sum, use) => sum + use.amountMinor, 0);
  const unexplained = balance.totalMinor - balance.nowMinor - used;
  if (unexplained < 0) return trimmed(uses, -unexplained);
  if (unexplained === 0) return uses;
  const lastOn = uses.at(-1)?.on ?? balance.fromOn;
  const on = Math.max(balance.settledOn ?? lastOn, balance.fromOn) as Day;
  return [...uses, { on, amountMinor: unexplained }].sort((a, b) => a.on - b.on);
}

/** More is set against it than it has lost: the latest of it did not count. */
function trimmed(uses: readonly DatedAmount[], excess: Minor): DatedAmount[] {
  const kept: DatedAmount[] = [];
  let over = excess;
  for (const use of uses.toReversed()) {
    const cut = Math.min(over, use.amountMinor);
    over -= cut;
    if (use.amountMinor > cut) kept.push({ ...use, amountMinor: use.amountMinor - cut });
  }
  return kept.reverse();
}
