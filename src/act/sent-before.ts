/**
 * After a gap in memory (a back-up brought back) a reminder may have been sent that is planned here.
 * Every email sent left a note in the ledger with a reference made of its id: where the note stands,
 * the email went out, and it is written down as sent instead of being sent again.
 */
import type { Ledger } from '../../connectors/ledger.ts';
import { dayIn } from '../domain/day.ts';
import { type Claim, type ClaimDeps } from './claim.ts';
import type { LoadedReminder } from './load-reminder.ts';
import { noteTargetOf, planNote } from './note.ts';
import { moveAction } from './states.ts';

export const SENT_BEFORE =
  'It was sent before: the ledger holds our note of it, though it is not remembered here (a back-up was brought back).';

/** The id of the note that says it was sent; null: none does. */
export async function findNoteOfSending(
  deps: ClaimDeps & { ledger: Ledger },
  claim: Claim,
): Promise<{ externalId: string; ref: string } | null> {
  const { target, refs } = await noteTargetOf(deps.db.prisma, claim.actionId);
  for (const ref of refs) {
    const externalId = await deps.ledger.findNote(target, ref);
    if (externalId !== null) return { externalId, ref };
  }
  return null;
}

/** false: the action is no longer ours. */
export async function settleSentBefore(
  deps: ClaimDeps,
  claim: Claim,
  loaded: LoadedReminder,
  note: { externalId: string; ref: string },
): Promise<boolean> {
  const at = deps.clock.now();
  return deps.db.tx(async (tx) => {
    const { bookId, actionId, attemptId } = claim;
    const isOurs = await moveAction(tx, {
      ...{ bookId, actionId, attemptId, at },
      from: ['claimed'],
      to: 'sent',
      set: { leaseUntil: null, stateReason: SENT_BEFORE },
    });
    if (!isOurs) return false;
    await planNote(tx, actionId, dayIn(loaded.book.timeZone, at), at);
    // It stands there already: nothing is written a second time.
    await tx.note.updateMany({
      where: { bookId, actionId },
      data: { state: 'written', externalId: note.externalId, ref: note.ref, writtenAt: at },
    });
    return true;
  });
}
