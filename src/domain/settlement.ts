/**
 * A settlement: less than the whole is accepted when it is paid by a day. Until then nobody is chased;
 * paid in time, the rest is to be credited, which is a task for us and not for the customer; not paid
 * in time, it is void and the whole is owed as before.
 * 1,000.00 owed, 800.00 accepted by 30 June: 800.00 on the 30th settles it and leaves 200.00 to
 * credit; 799.99 leaves 200.01 owed.
 */
import { addDays, type Day } from './day.ts';
import { arrivedBy, arrivedOn, type HoldOf } from './holds.ts';
import type { Minor } from './money.ts';
import type { PolicyStep } from './policy.ts';

/** What is left to do once it is met: a task of ours, and no step of any policy. */
export const CREDIT_THE_REST: PolicyStep = {
  key: 'credit-the-rest',
  name: 'Credit the rest of a settlement',
  at: { from: 'due', days: 0 },
  channel: 'task',
  template: '',
  sender: 'collector',
  mode: 'approve',
  fourEyes: false,
  when: null,
  unless: null,
  repeat: null,
  attachPdf: false,
  attachStatement: false,
};

export type SettlementState = 'pending' | 'met' | 'void';
export type SettlementHold = HoldOf<'settlement'>;

export interface SettlementStanding {
  state: SettlementState;
  arrivedMinor: Minor;
  /** What is still open and to be credited once the settlement is met. */
  toCreditMinor: Minor;
  changesOn: Day | null;
}

/** Only money meets a settlement: a credit note of ours is not theirs to pay with. */
export function settlementStanding(
  hold: Pick<SettlementHold, 'terms' | 'fromOn' | 'arrivals' | 'invoices'>,
  asOn: Day,
): SettlementStanding {
  const { acceptMinor, payBy } = hold.terms;
  const money = {
    fromOn: hold.fromOn,
    arrivals: hold.arrivals.filter((arrival) => arrival.by === 'payment'),
  };
  const metOn = arrivedOn(money, acceptMinor);
  const isMet = metOn !== null && metOn <= payBy;
  const arrivedMinor = arrivedBy(money, Math.min(asOn, payBy) as Day);
  if (isMet && metOn <= asOn) {
    const toCreditMinor = hold.invoices.reduce((sum, invoice) => sum + invoice.openMinor, 0);
    return { state: 'met', arrivedMinor, toCreditMinor, changesOn: null };
  }
  const standing = { arrivedMinor, toCreditMinor: 0 };
  if (asOn > payBy) return { ...standing, state: 'void', changesOn: null };
  return { ...standing, state: 'pending', changesOn: isMet ? metOn : addDays(payBy, 1) };
}
