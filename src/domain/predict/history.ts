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
  /** The place of each invoice among the observations it came from. */
  source: Int32Array;
  /** NaN where the amount is not known. */
  amount: Float64Array;
}

export function arrangeHistory(observations: readonly PaymentObservation[]): History {
  const customers = new Names(observations, (one) => one.customer);
  const currencies = new Names(observations, (one) => one.currency);
  const column = (read: (one: PaymentObservation) => number): Int32Array =>
    Int32Array.from(observations, read);
  const given = {
    customer: customers.index,
    currency: currencies.index,
    issuedOn: column((one) => one.issuedOn),
    dueOn: column((one) => one.dueOn),
    paidOn: column((one) => one.paidOn ?? NEVER),
    amount: Float64Array.from(observations, (one) => one.amountMinor ?? Number.NaN),
  };
  const source = orderByFacts(given);
  const sorted = (values: Int32Array): Int32Array => source.map((place) => at(values, place));
  return {
    count: observations.length,
    customers: customers.list,
    currencies: currencies.list,
    source,
    customer: sorted(given.customer),
    currency: sorted(given.currency),
    issuedOn: sorted(given.issuedOn),
    dueOn: sorted(given.dueOn),
    paidOn: sorted(given.paidOn),
    amount: Float64Array.from(source, (place) => at(given.amount, place)),
  };
}

type Columns = Pick<History, 'customer' | 'currency' | 'issuedOn' | 'dueOn' | 'paidOn' | 'amount'>;

function orderByFacts(given: Columns): Int32Array {
  const { customer, currency, issuedOn, dueOn, paidOn, amount } = given;
  // Read directly, not through at(): a million invoices are compared twenty times each.
  return Int32Array.from(issuedOn, (_, place) => place).sort(
    (a, b) =>
      (issuedOn[a] ?? 0) - (issuedOn[b] ?? 0) ||
      (customer[a] ?? 0) - (customer[b] ?? 0) ||
      (dueOn[a] ?? 0) - (dueOn[b] ?? 0) ||
      (currency[a] ?? 0) - (currency[b] ?? 0) ||
      (amount[a] ?? 0) - (amount[b] ?? 0) ||
      (paidOn[a] ?? 0) - (paidOn[b] ?? 0),
  );
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

/** Numbers texts in their alphabetical order, which is the same however they arrive. */
class Names {
  readonly list: readonly string[];
  readonly index: Int32Array;

  constructor(
    observations: readonly PaymentObservation[],
    read: (one: PaymentObservation) => string,
  ) {
    this.list = [...new Set(observations.map(read))].sort();
    const places = new Map(this.list.map((name, place) => [name, place]));
    this.index = Int32Array.from(observations, (one) => places.get(read(one)) ?? 0);
  }
}
