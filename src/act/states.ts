/**
 * Every move an action may make, in one table. A row changes state only through `moveAction`, whose
 * WHERE clause names the state (and, once claimed, the attempt) it expects: no row means somebody
 * else has it, and the caller stops touching it.
 */
import type { Prisma, Tx } from '../store/db.ts';

export type ActionState =
  | 'proposed'
  | 'planned'
  | 'claimed'
  | 'handing_over'
  | 'sent'
  | 'rejected'
  | 'deferred'
  | 'cancelled'
  | 'in_doubt'
  | 'todo'
  | 'done';

export const TRANSITIONS: Readonly<Record<ActionState, readonly ActionState[]>> = {
  // Work for a person under four eyes becomes a task once two have agreed.
  proposed: ['planned', 'todo', 'cancelled'],
  // Back to proposed: the book was put under approval before the action left.
  planned: ['claimed', 'proposed', 'cancelled'],
  deferred: ['claimed', 'proposed', 'cancelled'],
  // Nothing has left the building yet. Sent: the ledger shows that it went before (src/act/sent-before.ts).
  claimed: ['planned', 'deferred', 'rejected', 'cancelled', 'handing_over', 'sent'],
  handing_over: ['sent', 'rejected', 'deferred', 'in_doubt'],
  // A person decides, or the server's answer arrives after all and its attempt is still the last one.
  in_doubt: ['sent', 'rejected', 'deferred', 'planned'],
  sent: [],
  rejected: [],
  cancelled: [],
  todo: ['done', 'cancelled'],
  done: [],
};

export function isFinal(state: ActionState): boolean {
  return TRANSITIONS[state].length === 0;
}

export interface Move {
  bookId: number;
  actionId: string;
  from: readonly ActionState[];
  to: ActionState;
  /** Only if this attempt still holds the action. */
  attemptId?: string;
  at: Date;
  set?: Omit<Prisma.ActionUncheckedUpdateManyInput, 'id' | 'bookId' | 'state' | 'updatedAt'>;
}

/** Makes the move if the row still stands where the caller believes; false when it does not. */
export async function moveAction(tx: Pick<Tx, 'action'>, move: Move): Promise<boolean> {
  for (const from of move.from) assertLegal(from, move.to);
  const { count } = await tx.action.updateMany({
    where: {
      id: move.actionId,
      bookId: move.bookId,
      state: { in: [...move.from] },
      ...(move.attemptId === undefined ? {} : { attemptId: move.attemptId }),
    },
    data: { ...move.set, state: move.to, updatedAt: move.at },
  });
  return count === 1;
}

export function assertLegal(from: ActionState, to: ActionState): void {
  if (!TRANSITIONS[from].includes(to)) throw new Error(`no action moves from ${from} to ${to}`);
}
