/** A person decides against an action. */
import type { BookId } from '../domain/receivables.ts';
import { AccessError, AppError } from '../errors.ts';
import { isActionId, type PeopleDeps } from './approve.ts';
import { type ActionState, moveAction } from './states.ts';
import { personsWords } from '../domain/withdrawal.ts';

const CANCELLABLE: readonly ActionState[] = ['proposed', 'planned', 'deferred', 'todo'];
const REASON_MAX = 300;

/** Throws when there is no such action, or when it is too late: already leaving, or ended. */
export async function cancelAction(
  deps: PeopleDeps,
  bookId: BookId,
  actionId: string,
  actor: string,
  reason: string,
): Promise<void> {
  const at = deps.clock.now();
  const stateReason = personsWords(reason).slice(0, REASON_MAX) || 'cancelled by a person';
  await deps.db.tx(async (tx) => {
    const isMoved =
      isActionId(actionId) &&
      (await moveAction(tx, {
        bookId,
        actionId,
        from: CANCELLABLE,
        to: 'cancelled',
        at,
        set: { stateReason },
      }));
    if (!isMoved) throw await whyNot(tx.action, bookId, actionId);
    await tx.audit.create({
      data: {
        bookId,
        at,
        actor,
        action: 'action.cancel',
        subject: `action ${actionId}`,
        detail: { reason: stateReason },
      },
    });
  });
}

interface Actions {
  findFirst(query: {
    where: { id: string; bookId: number };
    select: { state: true };
  }): Promise<{ state: ActionState } | null>;
}

async function whyNot(actions: Actions, bookId: BookId, actionId: string): Promise<AppError> {
  const found = isActionId(actionId)
    ? await actions.findFirst({ where: { id: actionId, bookId }, select: { state: true } })
    : null;
  if (found === null) return new AccessError('not_found', `no action ${actionId}`);
  return new AppError('act.too_late', `an action that is ${found.state} cannot be cancelled`, {
    userMessage: 'It is too late to cancel this: it is leaving, or has ended.',
  });
}
