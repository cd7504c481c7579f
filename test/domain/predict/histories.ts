/** Short payment histories, written the way they are told: raised, due, paid. */
import { addDays, day, type Day } from '../../../src/domain/day.ts';
import type { BookHabits } from '../../../src/domain/predict/book-habits.ts';
import { FACT, FACTS } from '../../../src/domain/predict/facts.ts';
import type { PaymentObservation } from '../../../src/domain/predict/observation.ts';
import { REGIMES, simulate, type SimulatedInvoice } from '../../support/payment-simulator.ts';

/** `paid` and `due` are days after `issued`; null: not paid. */
export function invoice(
  customer: string,
  issued: string | Day,
  due: number,
  paid: number | null,
  amountMinor: number | null = 100_00,
): PaymentObservation {
  const issuedOn = typeof issued === 'string' ? day(issued) : issued;
  return {
    customer,
    issuedOn,
    dueOn: addDays(issuedOn, due),
    paidOn: paid === null ? null : addDays(issuedOn, paid),
    amountMinor,
    currency: 'NZD',
  };
}

/** Some hundred invoices of thirty customers over ten months, half of them late. */
export function someHistory(seed: number, invoices = 400): SimulatedInvoice[] {
  return simulate({ ...REGIMES.short, customers: 30, invoices, days: 300 }, seed);
}

/** A Thursday. */
export const FIRST = day('2024-10-03');

/**
 * 80 invoices over a year of seven customers: punctual, early, ten days late, scattered, paying on
 * Fridays, ever later, and one that has not paid since the spring. Two currencies, some amounts
 * unknown.
 */
export function yearOfEighty(): PaymentObservation[] {
  return Array.from({ length: 80 }, (_, i) => {
    const issued = addDays(FIRST, Math.floor(4.6 * i));
    const terms = [30, 14, 20, 30, 7, 20, 14][i % 7] ?? 0;
    const wobble = ((i * i) % 11) - 5;
    const fridays = 7 - ((issued + terms + 6) % 7);
    const delay = [
      Math.min(0, wobble),
      -8 + wobble,
      10 + wobble,
      4 * wobble,
      fridays,
      Math.floor(i / 4),
      i > 45 ? null : 3 * wobble,
    ][i % 7];
    const paid = typeof delay === 'number' ? Math.max(0, terms + delay) : null;
    const amount = i % 13 === 5 ? null : 50_00 + ((i * 37) % 23) * 41_00;
    return {
      ...invoice(`C${i % 7}`, issued, terms, paid, amount),
      currency: i % 5 === 0 ? 'USD' : 'NZD',
    };
  });
}

export type NamedFacts = Record<keyof typeof FACT, number>;

/** A customer late with three of four invoices, usually by eight days. */
export const THREE_OF_FOUR_LATE: Partial<NamedFacts> = {
  late: 3,
  matured: 4,
  maturedCount: 4,
  lastThreeLate: 2,
  lastThreeCount: 3,
  medianDelay: 8,
  medianWeight: 4,
};
const FACT_NAMES = Object.keys(FACT) as (keyof typeof FACT)[];

/** A row of facts, zero but for what is named. */
export function factsOf(known: Partial<NamedFacts>): Float64Array {
  const row = new Float64Array(FACTS);
  for (const name of FACT_NAMES) row[FACT[name]] = known[name] ?? 0;
  return row;
}

export function namedFacts(row: ArrayLike<number>): NamedFacts {
  return Object.fromEntries(FACT_NAMES.map((name) => [name, row[FACT[name]]])) as NamedFacts;
}

/** A book where a customer's history of four invoices weighs as much as the book itself. */
export const BOOK: BookHabits = {
  lateRate: 0.3,
  lateWorth: 4,
  newLateRate: 0.4,
  delay: 5,
  delayWorth: 2,
  spread: 6,
  width: 9,
};

/** Six digits: the last few of a fit may differ between machines. */
export function sixDigits(values: ArrayLike<number>): number[] {
  return Array.from(values, (value) => Number(value.toPrecision(6)));
}
