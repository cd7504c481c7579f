/** Notes for the ledger, put into its outbox: in sets, each found again by the reference in its text. */
import { createHash, randomUUID } from 'node:crypto';
import type { Day } from '../domain/day.ts';
import type { BookId } from '../domain/receivables.ts';
import type { Tx } from './db.ts';
import { dateFrom } from './json-rows.ts';

const REF_CHARS = 8;
const REF_CHARS_IF_TAKEN = 16;

/** The same seed always gives the same reference, so the same note cannot be planned twice. */
export function refOf(seed: string, chars: number = REF_CHARS): string {
  const digest = createHash('sha256').update(seed).digest('hex');
  return `[ref ${digest.slice(0, chars)}]`;
}

/** Eight characters are easy to read and search; among a hundred thousand notes two may be alike, then it gets more. */
export async function freeRef(tx: Tx, bookId: number, seed: string): Promise<string> {
  const ref = refOf(seed);
  const taken = await tx.note.findUnique({ where: { bookId_ref: { bookId, ref } } });
  return taken === null ? ref : refOf(seed, REF_CHARS_IF_TAKEN);
}

export interface PlannedNote {
  target: { kind: 'invoice' | 'customer'; id: string };
  ref: string;
  body: string;
  /** Set the invoice's expected payment date to this day instead of writing a note. */
  expectedPayOn: Day | null;
}

/** A reference that is taken is left as it is: the same thing is noted once. Gives how many are new. */
export async function planNotes(
  tx: Tx,
  bookId: BookId,
  notes: readonly PlannedNote[],
  at: Date,
): Promise<number> {
  if (notes.length === 0) return 0;
  const rows = notes.map(({ target, ref, body, expectedPayOn }) => {
    const id = randomUUID();
    const requestId = `duebook-${id.replaceAll('-', '')}`;
    return { id, requestId, kind: target.kind, target: target.id, ref, body, expectedPayOn };
  });
  return tx.$executeRawUnsafe(
    `insert into note (id, book_id, target_kind, target_id, ref, body, expected_pay_on, state,
                       request_id, due_at, created_at)
     select n.id::uuid, $1::int, n.kind, n.target, n.ref, n.body, ${dateFrom('n."expectedPayOn"')},
            'planned', n."requestId", $3::timestamptz, $3::timestamptz
       from json_to_recordset($2::json) as n(id text, kind text, target text, ref text, body text,
            "expectedPayOn" int, "requestId" text)
     on conflict (book_id, ref) do nothing`,
    bookId,
    JSON.stringify(rows),
    at.toISOString(),
  );
}
