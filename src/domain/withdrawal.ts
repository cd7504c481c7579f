/**
 * An action that the system itself took back (paid, held, replaced) never counts as a step taken: if
 * its reason passes, the step comes again. One that a person cancelled does count: it was decided.
 * The first word of the reason tells the two apart: "withdrawn: INV-17 has been paid".
 */
const WITHDRAWN = 'withdrawn: ';

export function withdrawalReason(why: string): string {
  return WITHDRAWN + why;
}

export function isWithdrawn(stateReason: string | null): boolean {
  return stateReason?.startsWith(WITHDRAWN) ?? false;
}

/** A person's own words must not read as the system's. */
export function personsWords(reason: string): string {
  return reason.replace(/^(\s*withdrawn:)+/i, '').trim();
}
