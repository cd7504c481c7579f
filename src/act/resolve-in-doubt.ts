/** Nobody could say whether a message arrived; a person has found out, or takes the risk. */
import { dayIn } from '../domain/day.ts';
import type { BookId } from '../domain/receivables.ts';
import { AccessError, AppError } from '../errors.ts';
import { isActionId, type PeopleDeps } from './approve.ts';
import { planNote } from './note.ts';
import { moveAction } from './states.ts';

type Resolution = 'mark_sent' | 'resend';

/**
 * mark_sent: it arrived; the ledger gets its note. resend: it goes out again, with the same Message-ID,
 * so that a receiver who has it already can tell.
 */
export async function resolveInDoubt(
  deps: PeopleDeps,
  bookId: BookId,
  actionId: string,
  resolution: Resolution,
  actor: string,
): Promise<void> {
  const at = deps.clock.now();
  if (!isActionId(actionId)) throw new AccessError('not_found', `no action ${actionId}`);
  await deps.db.tx(async (tx) => {
    const found = await tx.action.findFirst({
      where: { id: actionId, bookId },
      select: { message: { select: { handedOverAt: true } }, book: { select: { timeZone: true } } },
    });
    if (found === null) throw new AccessError('not_found', `no action ${actionId}`);
    const isMoved = await moveAction(tx, {
      bookId,
      actionId,
      at,
      from: ['in_doubt'],
      ...(resolution === 'mark_sent'
        ? {
            to: 'sent',
            // The attempt is closed: should its answer still come, it finds nothing to write.
            set: { attemptId: null, stateReason: `Marked as sent by ${actor}.` },
          }
        : {
            to: 'planned',
            set: {
              attemptId: null,
              attempts: 0,
              dueAt: at,
              approvedBy: actor,
              approvedAt: at,
              stateReason: `Sent again on the word of ${actor}.`,
            },
          }),
    });
    if (!isMoved) {
      throw new AppError('act.not_in_doubt', `action ${actionId} is not in doubt`, {
        userMessage: 'This message is no longer in doubt.',
      });
    }
    if (resolution === 'mark_sent') {
      const sentAt = found.message?.handedOverAt ?? at;
      await planNote(tx, actionId, dayIn(found.book.timeZone, sentAt), at);
    }
    await tx.audit.create({
      data: { bookId, at, actor, action: `action.${resolution}`, subject: `action ${actionId}` },
    });
  });
}
