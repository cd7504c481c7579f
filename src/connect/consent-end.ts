/**
 * Intuit ends every consent five years after it was given, however often its tokens are refreshed
 * (since November 2025). Told thirty days ahead, so that somebody reconnects before the book stops.
 * Given 1 March 2027: ends 29 February 2032; told from 30 January 2032 on.
 */
const WARNED_DAYS = 30;
const DAY_MS = 86_400_000;

/** When the consent ends, from thirty days before; null while that is further off or the platform has no such end. */
export function consentEndsSoon(
  grant: { refreshHardExpiresAt: Date | null } | null,
  now: Date,
): Date | null {
  const endsAt = grant?.refreshHardExpiresAt ?? null;
  if (endsAt === null) return null;
  return endsAt.getTime() - now.getTime() <= WARNED_DAYS * DAY_MS ? endsAt : null;
}

export function consentEndWords(endsAt: Date): string {
  const on = endsAt.toISOString().slice(0, 10);
  return `The platform ends this consent on ${on}, whatever is refreshed: connect again before.`;
}
