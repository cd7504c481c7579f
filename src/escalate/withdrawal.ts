/**
 * An action that the system itself took back (paid, held, replaced) never counts as a step taken: if
 * its reason passes, the step comes again. One that a person cancelled does count: it was decided.
 */
const WITHDRAWN = 'withdrawn: ';

export function withdrawalReason(why: string): string {
  return WITHDRAWN + why;
}

export function isWithdrawn(stateReason: string | null): boolean {
  return stateReason?.startsWith(WITHDRAWN) ?? false;
}
