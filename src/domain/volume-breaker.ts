/**
 * A run that would send far more than usual stops, and a person looks: a wrong policy, a restored
 * back-up or a ledger that lost its payments all show first in the number of messages. Usual is the
 * lower middle of the days before on which anything went out; with too few of those, or too few
 * messages today, nothing is unusual.
 * Usually 4 a day, three times that allowed: 12 go out, 13 wait for a person.
 */

/** So many days before it are looked at … */
export const USUAL_DAYS = 20;
/** … and at least this many are needed to have a usual number at all. */
const USUAL_DAYS_MIN = 5;
/** Fewer messages than this stop nothing. */
const BREAKER_MESSAGES_MIN = 10;

/** `before`: messages of the latest days on which any went out. Gives the usual number that is exceeded, or null. */
export function exceededUsual(
  messages: number,
  before: readonly number[],
  factor: number,
): number | null {
  if (before.length < USUAL_DAYS_MIN || messages < BREAKER_MESSAGES_MIN) return null;
  const usual = lowerMedian(before);
  return messages > usual * factor ? usual : null;
}

/** The lower middle of an even number; `values` are not empty. */
export function lowerMedian(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length / 2) - 1] ?? 0;
}
