/** A person releases what the rules proposed. */
import type { Clock } from '../clock.ts';
import type { BookId } from '../domain/receivables.ts';
import type { Db } from '../store/db.ts';
import { assertLegal } from './states.ts';

export interface PeopleDeps {
  db: Db;
  clock: Clock;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function isActionId(text: string): boolean {
  return UUID.test(text);
}

/** Gives how many were released; what is no longer proposed, or belongs to another book, is left alone. */
export async function approveActions(
  deps: PeopleDeps,
  bookId: BookId,
  actionIds: readonly string[] | 'all',
  actor: string,
): Promise<number> {
  const at = deps.clock.now();
  assertLegal('proposed', 'planned');
  return deps.db.tx(async (tx) => {
    const released = await tx.action.updateManyAndReturn({
      where: {
        bookId,
        state: 'proposed',
        ...(actionIds === 'all' ? {} : { id: { in: actionIds.filter(isActionId) } }),
      },
      data: {
        state: 'planned',
        stateReason: null,
        approvedBy: actor,
        approvedAt: at,
        updatedAt: at,
      },
      select: { id: true },
    });
    await tx.audit.createMany({
      data: released.map(({ id }) => ({
        bookId,
        at,
        actor,
        action: 'action.approve',
        subject: `action ${id}`,
      })),
    });
    return released.length;
  });
}
