/**
 * Notes in QuickBooks are attachables: a text of their own, linked to an invoice or a customer. The
 * record itself is not touched, so there is no SyncToken to lose a race about.
 */
import { z } from 'zod';
import { LedgerError } from '../../src/errors.ts';
import type { NoteTarget, NoteToWrite } from '../ledger.ts';
import type { Client } from './client.ts';
import { journalOf } from './journal.ts';
import { criteriaText, quoted } from './query.ts';

const PAGE_ROWS = 1000;

const Attachable = z.object({ Id: z.string().min(1), Note: z.string().nullish() });

/** Which QuickBooks record a note goes to; a journal line's note goes to its entry. */
function entityOf(target: NoteTarget): { type: string; value: string } {
  if (target.kind === 'customer') return { type: 'Customer', value: target.id };
  const journalId = journalOf(target.id);
  return journalId === null
    ? { type: 'Invoice', value: target.id }
    : { type: 'JournalEntry', value: journalId };
}

export async function findNote(
  client: Client,
  target: NoteTarget,
  ref: string,
): Promise<string | null> {
  const { type, value } = entityOf(target);
  const where = [
    `AttachableRef.EntityRef.Type = ${quoted(type)}`,
    `AttachableRef.EntityRef.value = ${quoted(value)}`,
  ];
  for (let startPosition = 1; ; startPosition += PAGE_ROWS) {
    const criteria = criteriaText({ where, startPosition, maxResults: PAGE_ROWS });
    const { rows } = await client.query('Attachable', (sdk, done) =>
      sdk.findAttachables(criteria, done),
    );
    for (const row of rows) {
      const note = Attachable.safeParse(row);
      if (note.success && note.data.Note?.includes(ref) === true) return note.data.Id;
    }
    if (rows.length < PAGE_ROWS) return null;
  }
}

export async function writeNote(client: Client, note: NoteToWrite): Promise<string> {
  const { type, value } = entityOf(note.target);
  const attachable = await client.write('attachable', note.notAfter, (sdk, done) => {
    sdk.createAttachable(
      {
        Note: note.text,
        AttachableRef: [{ EntityRef: { type, value }, IncludeOnSend: false }],
        // Taken out of the object by the SDK and sent as ?requestid=: made anew for every attempt.
        requestId: note.requestId,
      },
      done,
    );
  });
  const written = Attachable.safeParse(attachable);
  // It answered 200, so it was most likely written: whoever asked has to look.
  if (!written.success)
    throw new LedgerError('outcome_unknown', 'QuickBooks attachable: an answer without an id');
  return written.data.Id;
}
