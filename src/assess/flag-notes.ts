/**
 * A flag that opens or closes leaves one note on its customer in the ledger, where the book asks for
 * it. Each has its reference, so a run that is repeated notes nothing twice.
 */
import type { Clock } from '../clock.ts';
import { type Day, formatDay } from '../domain/day.ts';
import { noteBody } from '../domain/hold-words.ts';
import type { BookId } from '../domain/receivables.ts';
import { dayText } from '../domain/text.ts';
import type { Db } from '../store/db.ts';
import { type PlannedNote, refOf } from '../store/notes.ts';
import type { FlagChanges } from './flag-changes.ts';

/** "Flag "over limit" opened on 15 Jun 2026: Exposure of NZD 125.00 is 125 % of the limit of NZD 100.00. [ref …]" */
export function flagNotes(changes: FlagChanges, bookId: BookId, on: Day): PlannedNote[] {
  const note = (customerId: string, code: string, did: string, rest: string): PlannedNote => {
    const ref = refOf(`flag ${bookId} ${customerId} ${code} ${did} ${formatDay(on)}`, REF_CHARS);
    const sentence = `Flag "${code.replaceAll('_', ' ')}" ${did} on ${dayText(on)}${rest}`;
    const target = { kind: 'customer', id: customerId } as const;
    return { target, ref, body: noteBody(sentence, ref), expectedPayOn: null };
  };
  return [
    ...changes.opened.map((flag) =>
      note(flag.customerId, flag.code, 'opened', `: ${flag.sentence}`),
    ),
    ...changes.closed.map((flag) => note(flag.customerId, flag.code, 'closed', '.')),
  ];
}

/** Long enough that no two notes of a large book are alike. */
const REF_CHARS = 16;

export async function setFlagNotes(
  deps: { db: Db; clock: Clock },
  bookId: BookId,
  isOn: boolean,
  actor: string,
): Promise<void> {
  const at = deps.clock.now();
  await deps.db.tx(async (tx) => {
    const { count } = await tx.book.updateMany({
      where: { id: bookId, flagNotes: !isOn },
      data: { flagNotes: isOn, updatedAt: at },
    });
    if (count === 0) return;
    await tx.audit.create({
      data: {
        ...{ bookId, at, actor },
        action: 'book.flag_notes',
        subject: `book ${bookId}`,
        detail: { to: isOn ? 'on' : 'off' },
      },
    });
  });
}
