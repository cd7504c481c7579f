/**
 * What is known of one invoice's payment: when it was raised, when it was due, and the day it was paid
 * in full, if it was. Facts that contradict each other are named and left out, never averaged in: an
 * invoice of 3 March paid on 1 March says nothing about how its customer pays.
 */
import { type Contradiction, contradictionsOf, type StatedInvoice } from '../contradictions.ts';
import type { Day } from '../day.ts';
import type { Currency, Minor } from '../money.ts';

export interface PaymentObservation extends Pick<
  StatedInvoice,
  'openMinor' | 'allocatedMinor' | 'settledIn'
> {
  customer: string;
  issuedOn: Day;
  dueOn: Day;
  /** The day nothing was owed any more; null: not yet. */
  paidOn: Day | null;
  /** null where the history does not say. */
  amountMinor: Minor | null;
  currency: Currency;
}

/** The first that is found; null: nothing contradicts. */
export function contradictionOf(observation: PaymentObservation): Contradiction | null {
  return contradictionsOf({ ...observation, totalMinor: observation.amountMinor })[0] ?? null;
}

export interface Contradicted<T extends PaymentObservation> {
  observation: T;
  contradiction: Contradiction;
}

export function separateContradictions<T extends PaymentObservation>(
  observations: readonly T[],
): { usable: T[]; contradicted: Contradicted<T>[] } {
  const usable: T[] = [];
  const contradicted: Contradicted<T>[] = [];
  for (const observation of observations) {
    const contradiction = contradictionOf(observation);
    if (contradiction === null) usable.push(observation);
    else contradicted.push({ observation, contradiction });
  }
  return { usable, contradicted };
}
