/** The judge: what the mail server and the ledgers logged, against what was promised. */
import type { History } from './trial.ts';

/** Over a lease, for the next minute's tick to come. */
const GRACE_SECONDS = 60;
const LONGEST_LEASE_SECONDS = 300;

export const INVARIANTS = {
  duplicates: 'messages sent more than once',
  unfinished: 'approved reminders not in a final state',
  lost: 'reminders neither with the server nor in doubt, rejected or cancelled',
  strayDoubts: 'in doubt though the crash was outside the handover',
  notes: 'references with more than one note in the ledger',
  sentWithout250: 'state sent without a 250',
  unnoted: 'messages sent without their note in the ledger',
  otherLetters: 'letters that differ from a clean run',
  otherMirror: 'mirrors that differ from a clean run',
  slow: 'claims held longer than their lease and a minute, or no rest',
  errors: 'errors nobody planted',
  unreached: 'crashes that never came',
} as const;

export type Invariant = keyof typeof INVARIANTS;
export type Findings = Record<Invariant, string[]>;

const FINAL = ['sent', 'rejected', 'cancelled'];
const REFERENCE = /\[ref [0-9a-z]+\]/;

/** Every breach, in words; each list is empty when the promise holds. */
export function check(history: History, clean: History | null): Findings {
  const { accepted, kept, ledgerNotes, standing } = history;
  const sent = new Set(accepted);
  const with_ = new Set(kept.map((mail) => mail.messageId));
  const { reminders } = standing;
  const references = ledgerNotes.flatMap((text) => REFERENCE.exec(text)?.[0] ?? []);
  return {
    duplicates: repeated(kept.map((mail) => mail.messageId)),
    unfinished: reminders
      .filter(({ state }) => !FINAL.includes(state))
      .map(({ actionId, state }) => `${actionId} is ${state}`),
    lost: reminders
      .filter(({ state }) => !['in_doubt', 'rejected', 'cancelled'].includes(state))
      .filter(({ messageId }) => messageId === null || !with_.has(messageId))
      .map(({ actionId, state }) => `${actionId} is ${state}`),
    strayDoubts: history.strayDoubts,
    notes: repeated(references),
    sentWithout250: reminders
      .filter(({ state, isResolved }) => state === 'sent' && !isResolved)
      .filter(({ messageId }) => messageId === null || !sent.has(messageId))
      .map(({ actionId }) => actionId),
    unnoted: standing.notes
      .filter(({ ref, state }) => state !== 'cancelled' && !references.includes(ref))
      .map(({ ref, state }) => `${ref} is ${state}`),
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

function repeated(values: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count > 1)
    .map(([value, count]) => `${value} × ${count}`);
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
