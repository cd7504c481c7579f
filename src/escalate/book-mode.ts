/** How far a book may go on its own: shadow, approve, automatic. */
import type { Clock } from '../clock.ts';
import type { BookId } from '../domain/receivables.ts';
import type { Db } from '../store/db.ts';

export type BookMode = 'shadow' | 'approve' | 'automatic';

export async function setBookMode(
  deps: { db: Db; clock: Clock },
  bookId: BookId,
  mode: BookMode,
  actor: string,
): Promise<void> {
  const at = deps.clock.now();
  await deps.db.tx(async (tx) => {
    const before = await tx.book.findUniqueOrThrow({ where: { id: bookId } });
    if (before.mode === mode) return;
    await tx.book.update({ where: { id: bookId }, data: { mode, updatedAt: at } });
    await tx.audit.create({
      data: {
        bookId,
        at,
        actor,
        action: 'book.mode',
        subject: `book ${bookId}`,
        detail: { from: before.mode, to: mode },
      },
    });
  });
}
