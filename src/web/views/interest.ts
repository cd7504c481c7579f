/** What lateness has borne so far, as the invoice page shows it: the figure, what it stands on, the working. */
import { interestWorking } from '../../domain/interest/interest-working.ts';
import type { InterestReading } from '../../store/interest.ts';
import { formatAmount } from '../helpers.ts';

/** null where there is nothing to show. */
export function interestView({ basis, claims, confirmed, note }: InterestReading) {
  if (claims.length === 0) return null;
  return {
    sentence:
      confirmed === null
        ? 'For information: what the law of this book’s country would grant between businesses. Nobody has confirmed that it applies, and nothing is charged.'
        : 'By the term that was confirmed. Nothing is charged before somebody proposes it.',
    confirmation: confirmed?.confirmation ?? null,
    note,
    basis,
    claims: claims.map((claim) => ({
      currency: claim.currency,
      total: formatAmount(claim.totalMinor, claim.currency),
      isVerified: claim.isVerified,
      working: interestWorking(claim),
    })),
  };
}
