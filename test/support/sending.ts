/** The sending contract, judged by what the mail server and the ledgers logged against what our rows claim. */
import type { Standing } from './standing.ts';

export interface Evidence {
  /** Message-IDs, one for each 250. */
  accepted: string[];
  /** Every message the server has, with or without its 250. */
  kept: { messageId: string }[];
  ledgerNotes: string[];
  standing: Pick<Standing, 'reminders' | 'notes'>;
}

export const SENDING_INVARIANTS = {
  duplicates: 'messages sent more than once',
  unfinished: 'approved reminders not in a final state',
  lost: 'reminders neither with the server nor in doubt, rejected or cancelled',
  notes: 'references with more than one note in the ledger',
  sentWithout250: 'state sent without a 250',
  unnoted: 'messages sent without their note in the ledger',
} as const;

const FINAL = ['sent', 'rejected', 'cancelled'];
const REFERENCE = /\[ref [0-9a-z]+\]/;

export function judgeSending(
  evidence: Evidence,
): Record<keyof typeof SENDING_INVARIANTS, string[]> {
  const { accepted, kept, ledgerNotes, standing } = evidence;
  const sent = new Set(accepted);
  const received = new Set(kept.map((mail) => mail.messageId));
  const { reminders } = standing;
  const references = ledgerNotes.flatMap((text) => REFERENCE.exec(text)?.[0] ?? []);
  const written = new Set(references);
  return {
    duplicates: repeated(kept.map((mail) => mail.messageId)),
    unfinished: reminders
      .filter(({ state }) => !FINAL.includes(state))
      .map(({ actionId, state }) => `${actionId} is ${state}`),
    lost: reminders
      .filter(({ state }) => !['in_doubt', 'rejected', 'cancelled'].includes(state))
      .filter(({ messageId }) => messageId === null || !received.has(messageId))
      .map(({ actionId, state }) => `${actionId} is ${state}`),
    notes: repeated(references),
    sentWithout250: reminders
      .filter(({ state, isResolved }) => state === 'sent' && !isResolved)
      .filter(({ messageId }) => messageId === null || !sent.has(messageId))
      .map(({ actionId }) => actionId),
    unnoted: standing.notes
      .filter(({ ref, state }) => state !== 'cancelled' && !written.has(ref))
      .map(({ ref, state }) => `${ref} is ${state}`),
  };
}

function repeated(values: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count > 1)
    .map(([value, count]) => `${value} × ${count}`);
}
