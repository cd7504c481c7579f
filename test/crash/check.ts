/** The judge: what the mail server and the ledgers logged, against what was promised. */
import { judgeSending, SENDING_INVARIANTS } from '../support/sending.ts';
import type { History } from './trial.ts';

/** Over a lease, for the next minute's tick to come. */
const GRACE_SECONDS = 60;
const LONGEST_LEASE_SECONDS = 300;

export const INVARIANTS = {
  ...SENDING_INVARIANTS,
  strayDoubts: 'in doubt though the crash was outside the handover',
  otherLetters: 'letters that differ from a clean run',
  otherMirror: 'mirrors that differ from a clean run',
  slow: 'claims held longer than their lease and a minute, or no rest',
  errors: 'errors nobody planted',
  unreached: 'crashes that never came',
} as const;

export type Invariant = keyof typeof INVARIANTS;
export type Findings = Record<Invariant, string[]>;

/** Every breach, in words; each list is empty when the promise holds. */
export function check(history: History, clean: History | null): Findings {
  const { standing } = history;
  return {
    ...judgeSending(history),
    strayDoubts: history.strayDoubts,
    otherLetters: clean === null ? [] : difference(lettersOf(history), lettersOf(clean)),
    otherMirror:
      clean === null || clean.standing.mirror === standing.mirror ? [] : [standing.mirror],
    slow: [
      ...(history.heldBeyondLease > GRACE_SECONDS
        ? [`${history.heldBeyondLease} s beyond the lease`]
        : []),
      ...(history.quietSeconds > LONGEST_LEASE_SECONDS + GRACE_SECONDS
        ? [`${history.quietSeconds} s to rest`]
        : []),
    ],
    errors: history.errors,
    unreached: history.unreached,
  };
}

function lettersOf({ kept }: History): string[] {
  return kept.map(({ to, subject }) => `${to}: ${subject}`);
}

function difference(found: readonly string[], meant: readonly string[]): string[] {
  const left = [...meant];
  const more: string[] = [];
  for (const value of found) {
    const at = left.indexOf(value);
    if (at === -1) more.push(`too many: ${value}`);
    else left.splice(at, 1);
  }
  return [...more, ...left.map((value) => `missing: ${value}`)];
}

export function mergeFindings(all: readonly Findings[]): Findings {
  const merged = Object.fromEntries(
    Object.keys(INVARIANTS).map((key) => [key, all.flatMap((one) => one[key as Invariant])]),
  );
  return merged as Findings;
}
