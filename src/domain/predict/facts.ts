/**
 * What is known of one invoice and its customer on one day, as a row of numbers: what every factor is
 * computed from and every explanation quotes. NaN stands for "never happened yet".
 */

export const FACT = {
  /** Late and matured invoices, older ones counting less. */
  late: 0,
  matured: 1,
  /** Every one counting as one. */
  maturedCount: 2,
  lastThreeLate: 3,
  lastThreeCount: 4,
  /** Delays of settled invoices in days after the due date, older ones counting less. */
  delaySum: 5,
  delayWeight: 6,
  lastDelay: 7,
  averageDelay: 8,
  medianDelay: 9,
  spread: 10,
  medianWeight: 11,
  overdueCount: 12,
  /** Of what the customer owes. */
  overdueShare: 13,
  /** On average over what is overdue. */
  overdueDays: 14,
  /** ln of the amount over the customer's usual one. */
  sizeRatio: 15,
  termsDays: 16,
  /** Of the whole book, lately. */
  bookLate: 17,
  bookMatured: 18,
  /** When the customer's pay run would settle it, and how far that run can be trusted. */
  runDelay: 19,
  runTrust: 20,
  dueOn: 21,
} as const;

export const FACTS = Object.keys(FACT).length;

/** One row, or many one behind the other. Always this type: the scoring loop reads it a hundred million times. */
export type Facts = Float64Array;

export function fact(facts: Facts, place: number): number {
  return facts[place] ?? Number.NaN;
}
