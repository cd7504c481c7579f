/**
 * A dispute: the customer contests an invoice or a part of it. What is contested is not asked for;
 * the rest is. Rejecting it brings the whole back. Where a credit is due, that amount stays out until
 * the credit has been set against the invoice, and then the dispute is over by itself.
 * Invoice of 500.00, 200.00 contested: 300.00 is asked for. A credit of 150.00 is agreed: 350.00 is;
 * once the credit note is applied, 350.00 is open and no dispute is left.
 */
import { type Day, soonest } from './day.ts';
import { arrivedBy, boundaryAfter, type HoldOf, isWithin } from './holds.ts';
import type { Minor } from './money.ts';
import { REASON_CODES, type ReasonCode, REASONS } from './reasons.ts';
import type { InvoiceId } from './receivables.ts';

/** Whatever they say is wrong on our side holds the invoice until it is looked into, also "it never came". */
export const DISPUTE_CODES: readonly ReasonCode[] = REASON_CODES.filter(
  (code) => REASONS[code].fault === 'ours' || REASONS[code].fault === 'dispute',
);

/** settled: the credit it waited for has come. lapsed: its last day has passed without an answer. */
export type DisputeState = 'open' | 'credit_awaited' | 'settled' | 'rejected' | 'lapsed';

export type DisputeHold = HoldOf<'dispute'>;

export interface DisputeStanding {
  state: DisputeState;
  /** Days since it was raised. */
  ageDays: number;
  changesOn: Day | null;
}

export function disputeStanding(hold: DisputeHold, asOn: Day): DisputeStanding {
  const { resolution } = hold.terms;
  const isResolved = resolution !== null && resolution.on <= asOn;
  const endOn = isResolved ? resolution.on : asOn;
  const standing = { ageDays: Math.max(0, endOn - hold.fromOn), changesOn: changesOn(hold, asOn) };
  if (isResolved && resolution.outcome === 'rejected') return { ...standing, state: 'rejected' };
  if (isResolved && isCredited(hold, asOn)) return { ...standing, state: 'settled' };
  if (hold.untilOn !== null && asOn > hold.untilOn) return { ...standing, state: 'lapsed' };
  return { ...standing, state: isResolved ? 'credit_awaited' : 'open' };
}

function isCredited(hold: DisputeHold, asOn: Day): boolean {
  const awaited = awaitedMinor(hold);
  if (awaited === null) {
    const { invoices } = hold;
    return invoices.length > 0 && invoices.every((invoice) => invoice.openMinor === 0);
  }
  return arrivedBy(hold, asOn, 'credit') >= awaited;
}

/** null: of the whole, whatever that is. */
function awaitedMinor({ terms }: DisputeHold): Minor | null {
  const contested = terms.part?.amountMinor ?? null;
  const credit = terms.resolution?.creditMinor ?? null;
  if (contested === null || credit === null) return credit ?? contested;
  return Math.min(contested, credit);
}

function changesOn(hold: DisputeHold, asOn: Day): Day | null {
  const resolvedOn = hold.terms.resolution?.on ?? null;
  const credits = hold.arrivals.filter((arrival) => arrival.by === 'credit');
  return soonest(
    boundaryAfter(hold, asOn),
    ...[resolvedOn, ...credits.map((arrival) => arrival.on)].filter(
      (on) => on !== null && on > asOn,
    ),
  );
}

/** What of the amount open on a day is contested on that day. */
export function contestedMinor(
  hold: DisputeHold,
  invoice: { id: InvoiceId; openMinor: Minor },
  asOn: Day,
): Minor {
  if (!isWithin(hold, asOn)) return 0;
  const { terms } = hold;
  const { state } = disputeStanding(hold, asOn);
  if (state === 'rejected') return 0;
  const whole = state === 'open' ? (terms.part?.amountMinor ?? null) : awaitedMinor(hold);
  // Whether the whole has been credited is known of today only; what was open tells it of any day.
  if (whole === null) return invoice.openMinor;
  const credited = arrivedBy(hold, asOn, 'credit');
  return Math.min(invoice.openMinor, Math.max(0, whole - credited));
}
