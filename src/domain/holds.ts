/**
 * A hold is a reason not to chase, with an owner and an end: a promise to pay, a dispute, a payment
 * plan, or a person's word. It covers one invoice or the whole customer, and its last day still counts.
 * "Will pay on 12 June" holds the invoice up to and including the 12th; on the 13th chasing goes on.
 */
import { addDays, type Day } from './day.ts';
import type { CustomerId, InvoiceId } from './receivables.ts';

export const HOLD_KINDS = ['promise', 'dispute', 'plan', 'manual'] as const;
export type HoldKind = (typeof HOLD_KINDS)[number];

export interface Hold {
  kind: HoldKind;
  customerId: CustomerId;
  /** null: the whole customer. */
  invoiceId: InvoiceId | null;
  reason: string;
  owner: string;
  fromOn: Day;
  /** null: until somebody ends it. */
  untilOn: Day | null;
}

export interface HoldState {
  /** The active hold that lasts longest. */
  active: Hold | null;
  /** The first day on which this can change by itself. */
  changesOn: Day | null;
}

export function holdOn(holds: readonly Hold[], asOn: Day): HoldState {
  const active = holds.filter(
    (hold) => hold.fromOn <= asOn && (hold.untilOn === null || asOn <= hold.untilOn),
  );
  const starts = holds.filter((hold) => hold.fromOn > asOn).map((hold) => hold.fromOn);
  const longest = active.toSorted(longestFirst)[0] ?? null;
  const ends = longest === null || longest.untilOn === null ? [] : [addDays(longest.untilOn, 1)];
  const changes = [...starts, ...ends];
  return {
    active: longest,
    changesOn: changes.length === 0 ? null : (Math.min(...changes) as Day),
  };
}

function longestFirst(a: Hold, b: Hold): number {
  const byEnd = (b.untilOn ?? Infinity) - (a.untilOn ?? Infinity);
  // Infinity - Infinity is NaN: two holds without an end.
  if (byEnd !== 0 && !Number.isNaN(byEnd)) return byEnd;
  const text = (hold: Hold) => [hold.kind, hold.fromOn, hold.owner, hold.reason].join('|');
  return text(a) < text(b) ? -1 : 1;
}
