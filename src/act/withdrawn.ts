/**
 * How an action that the system itself took back is told from one that a person decided against: by
 * the first word of its reason. The rules bring the first kind back when its reason has passed.
 */
const WITHDRAWN = 'withdrawn: ';

export function withdrawn(why: string): string {
  return WITHDRAWN + why;
}

/** A person's own words must not read as the system's. */
export function personsWords(reason: string): string {
  return reason.replace(/^(\s*withdrawn:)+/i, '').trim();
}
