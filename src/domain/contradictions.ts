/**
 * Facts about one invoice that cannot all be true. They are named to the credit controller and the
 * invoice is left out of everything that is learnt from its customer's past, never averaged in: what
 * was issued on 3 March and paid on 1 March says nothing about how somebody pays.
 * Total 100.00 with 120.00 set against it: "over_allocated".
 */
import type { Day } from './day.ts';
import type { Currency, Minor } from './money.ts';
import { dayText, moneyText } from './text.ts';

/** In a few words, as a list of what was left out has them. */
export const CONTRADICTION_WORDS = {
  no_amount: 'an amount of zero or less',
  due_before_issue: 'due before it was issued',
  paid_before_issue: 'paid before it was issued',
  negative_open: 'less than nothing still open',
  open_above_total: 'more still open than it is for',
  over_allocated: 'more set against it than it is for',
  currency_mismatch: 'settled in another currency',
} as const;
export type Contradiction = keyof typeof CONTRADICTION_WORDS;
export const CONTRADICTIONS = Object.keys(CONTRADICTION_WORDS) as Contradiction[];

/** What is known of an invoice; a history from elsewhere may know only its days and its amount. */
export interface StatedInvoice {
  issuedOn: Day;
  dueOn: Day;
  /** null: not yet. */
  paidOn: Day | null;
  currency: Currency;
  /** null where the history does not say. */
  totalMinor: Minor | null;
  openMinor?: Minor;
  /** Everything that was set against it. */
  allocatedMinor?: Minor;
  /** The currencies of what was set against it. */
  settledIn?: readonly Currency[];
}

/** In the order of the list above; empty when nothing contradicts. */
export function contradictionsOf(invoice: StatedInvoice): Contradiction[] {
  return CONTRADICTIONS.filter((code) => TESTS[code](invoice));
}

const TESTS: Record<Contradiction, (invoice: StatedInvoice) => boolean> = {
  no_amount: ({ totalMinor }) => totalMinor !== null && totalMinor <= 0,
  due_before_issue: ({ issuedOn, dueOn }) => dueOn < issuedOn,
  paid_before_issue: ({ issuedOn, paidOn }) => paidOn !== null && paidOn < issuedOn,
  negative_open: ({ openMinor = 0 }) => openMinor < 0,
  open_above_total: ({ totalMinor, openMinor = 0 }) =>
    totalMinor !== null && openMinor > totalMinor,
  over_allocated: ({ totalMinor, allocatedMinor = 0 }) =>
    totalMinor !== null && allocatedMinor > totalMinor,
  currency_mismatch: ({ currency, settledIn = [] }) => settledIn.some((code) => code !== currency),
};

export interface NamedContradiction {
  invoiceId: string;
  codes: Contradiction[];
  sentence: string;
}

/** "INV-7 was paid on 1 Mar 2026, before it was issued on 3 Mar 2026." */
export function nameContradictions(
  invoice: StatedInvoice & { id: string; number: string },
): NamedContradiction | null {
  const codes = contradictionsOf(invoice);
  if (codes.length === 0) return null;
  const parts = codes.map((code) => WORDS[code](invoice));
  return {
    invoiceId: invoice.id,
    codes,
    sentence: `${invoice.number} ${parts.join(', and ')}.`,
  };
}

const WORDS: Record<Contradiction, (invoice: StatedInvoice) => string> = {
  no_amount: (invoice) => `is for ${total(invoice)}`,
  due_before_issue: ({ issuedOn, dueOn }) =>
    `fell due on ${dayText(dueOn)}, before it was issued on ${dayText(issuedOn)}`,
  paid_before_issue: ({ issuedOn, paidOn }) =>
    `was paid on ${dayText(paidOn ?? issuedOn)}, before it was issued on ${dayText(issuedOn)}`,
  negative_open: ({ openMinor = 0, currency }) =>
    `shows ${moneyText(openMinor, currency)} as still open`,
  open_above_total: (invoice) =>
    `shows ${moneyText(invoice.openMinor ?? 0, invoice.currency)} as still open of ${total(invoice)}`,
  over_allocated: (invoice) =>
    `has ${moneyText(invoice.allocatedMinor ?? 0, invoice.currency)} set against it and is for ${total(invoice)}`,
  currency_mismatch: ({ currency, settledIn = [] }) =>
    `is in ${currency} and was settled in ${settledIn.filter((code) => code !== currency).join(' and ')}`,
};

function total({ totalMinor, currency }: StatedInvoice): string {
  return moneyText(totalMinor ?? 0, currency);
}
