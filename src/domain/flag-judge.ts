/**
 * How a flag is judged: the facts of a customer, or of one currency, and whether the flag stood before
 * give what was found, with its severity, its sentence and its evidence; null when it does not stand.
 * Exposure 10,001 at a limit of 10,000 gives "over limit", medium; 9,600 keeps it open, 9,500 closes it.
 */
import type { CurrencyFacts, CustomerFacts } from './customer-facts.ts';

/** info: for our own books, no risk in itself. */
export const SEVERITIES = ['info', 'low', 'medium', 'high'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface FoundFlag {
  severity: Severity;
  /** Tells days rather than numbers of days, so that it stays true tomorrow. */
  sentence: string;
  evidence: Record<string, string | number | null>;
}

/** Whether it stands in one currency, given whether it stood before. */
export type CurrencyJudge = (
  facts: CurrencyFacts,
  wasOpen: boolean,
  customer: CustomerFacts,
) => FoundFlag | null;

export type CustomerJudge = (facts: CustomerFacts, wasOpen: boolean) => FoundFlag | null;
