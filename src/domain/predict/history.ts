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
  const builder = new HistoryBuilder();
  for (const observation of observations) builder.add(observation);
  return builder.build();
}

/** Takes a history in page by page and keeps only its numbers: some 60 bytes an invoice. */
export class HistoryBuilder {
  readonly #customers = new Names();
  readonly #currencies = new Names();
  readonly #issuedOn: number[] = [];
  readonly #dueOn: number[] = [];
  readonly #paidOn: number[] = [];
  readonly #amount: number[] = [];

  add({ customer, currency, issuedOn, dueOn, paidOn, amountMinor }: PaymentObservation): void {
    this.#customers.add(customer);
    this.#currencies.add(currency);
    this.#issuedOn.push(issuedOn);
    this.#dueOn.push(dueOn);
    this.#paidOn.push(paidOn ?? NEVER);
    this.#amount.push(amountMinor ?? Number.NaN);
  }

  build(): History {
    const customers = this.#customers.numbered();
    const currencies = this.#currencies.numbered();
    const given = {
      customer: customers.index,
      currency: currencies.index,
      issuedOn: Int32Array.from(this.#issuedOn),
      dueOn: Int32Array.from(this.#dueOn),
      paidOn: Int32Array.from(this.#paidOn),
      amount: Float64Array.from(this.#amount),
    };
    const source = orderByFacts(given);
    const sorted = (values: Int32Array): Int32Array => source.map((place) => at(values, place));
    return {
      count: source.length,
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
  readonly #places = new Map<string, number>();
  readonly #arrived: number[] = [];

  add(name: string): void {
    const place = this.#places.get(name) ?? this.#places.size;
    this.#places.set(name, place);
    this.#arrived.push(place);
  }

  numbered(): { list: readonly string[]; index: Int32Array } {
    const list = [...this.#places.keys()].sort();
    const byArrival = new Int32Array(list.length);
    list.forEach((name, n) => {
      byArrival[this.#places.get(name) ?? 0] = n;
    });
    return { list, index: Int32Array.from(this.#arrived, (place) => at(byArrival, place)) };
  }
}
