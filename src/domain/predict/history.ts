/**
 * A payment history in columns, in the order of the invoice dates. The order is settled by the facts
 * themselves, so it does not matter in which order they arrived.
 */
import type { Day } from '../day.ts';
import { at } from './numbers.ts';
import type { PaymentObservation } from './observation.ts';

/** Stands for the day an unpaid invoice is paid. */
export const NEVER = 2_147_483_647;

export interface History {
  count: number;
  customers: readonly string[];
  currencies: readonly string[];
  /** Index into `customers`. */
  customer: Int32Array;
  currency: Int32Array;
  issuedOn: Int32Array;
  dueOn: Int32Array;
  /** NEVER while it is unpaid. */
  paidOn: Int32Array;
  /** NaN where the amount is not known. */
  amount: Float64Array;
}

export function arrangeHistory(observations: readonly PaymentObservation[]): History {
  const sorted = [...observations].sort(byFacts);
  const customers = new Names();
  const currencies = new Names();
  const column = (read: (one: PaymentObservation) => number): Int32Array =>
    Int32Array.from(sorted, read);
  return {
    count: sorted.length,
    customer: column((one) => customers.indexOf(one.customer)),
    currency: column((one) => currencies.indexOf(one.currency)),
    customers: customers.list,
    currencies: currencies.list,
    issuedOn: column((one) => one.issuedOn),
    dueOn: column((one) => one.dueOn),
    paidOn: column((one) => one.paidOn ?? NEVER),
    amount: Float64Array.from(sorted, (one) => one.amountMinor ?? Number.NaN),
  };
}

/** The last day on which anything is known to have happened. */
export function lastDayOf(history: History): Day | null {
  let last = -NEVER;
  for (let i = 0; i < history.count; i += 1) {
    const paidOn = at(history.paidOn, i);
    last = Math.max(last, at(history.issuedOn, i), paidOn === NEVER ? last : paidOn);
  }
  return last === -NEVER ? null : (last as Day);
}

function byFacts(a: PaymentObservation, b: PaymentObservation): number {
  return (
    a.issuedOn - b.issuedOn ||
    compareText(a.customer, b.customer) ||
    a.dueOn - b.dueOn ||
    compareText(a.currency, b.currency) ||
    (a.amountMinor ?? 0) - (b.amountMinor ?? 0) ||
    (a.paidOn ?? NEVER) - (b.paidOn ?? NEVER)
  );
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Numbers texts in the order they are met. */
class Names {
  readonly list: string[] = [];
  readonly #index = new Map<string, number>();

  indexOf(name: string): number {
    const known = this.#index.get(name);
    if (known !== undefined) return known;
    this.#index.set(name, this.list.length);
    this.list.push(name);
    return this.list.length - 1;
  }
}
