/**
 * Which policy speaks for an invoice: its own, else its customer's, else that of the customer's
 * segment, else the book's, else the library's default. The reason names which one won.
 * A book on "Standard" with one customer on "Key accounts": that customer's invoices follow the latter.
 */
import type { PolicySource } from './dunning-case.ts';

/** From the one that wins over all others. */
export const SCOPES = ['invoice', 'customer', 'segment', 'book'] as const;
export type Scope = (typeof SCOPES)[number];

interface PolicyChoice {
  policyId: number;
  source: PolicySource;
}

type PolicyCandidates = Record<Scope, number | null> & { library: number };

/** What is assigned to an invoice, and to its customer, themselves. */
export type OwnPolicies = Pick<PolicyCandidates, 'invoice' | 'customer'>;

export function choosePolicy(candidates: PolicyCandidates): PolicyChoice {
  for (const source of SCOPES) {
    const policyId = candidates[source];
    if (policyId !== null) return { policyId, source };
  }
  return { policyId: candidates.library, source: 'library' };
}
