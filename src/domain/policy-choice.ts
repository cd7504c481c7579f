/**
 * Which policy speaks for an invoice: its own, else its customer's, else the book's, else the
 * library's default. The reason names which one won.
 * A book on "Standard" with one customer on "Key accounts": that customer's invoices follow the latter.
 */
import type { PolicySource } from './dunning-case.ts';

export type PolicyCandidates = Record<Exclude<PolicySource, 'library'>, number | null> & {
  library: number;
};

const PRECEDENCE = ['invoice', 'customer', 'book'] as const;

export function choosePolicy(candidates: PolicyCandidates): {
  policyId: number;
  source: PolicySource;
} {
  for (const source of PRECEDENCE) {
    const policyId = candidates[source];
    if (policyId !== null) return { policyId, source };
  }
  return { policyId: candidates.library, source: 'library' };
}
