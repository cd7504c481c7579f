/**
 * Removes a book: its consent at the platform first, so that nobody holds a key to what is forgotten
 * here, then every row about it. One line stays in the audit log: that a book was purged, and when.
 */
import type { BookId } from '../domain/receivables.ts';
import { AppError, UsageError } from '../errors.ts';
import { deleteBookData } from '../store/book-data.ts';
import type { ConnectDeps } from './deps.ts';
import { disconnectBook } from './disconnect.ts';

export interface Purged {
  rows: number;
  /** The platform has taken the consent back, or had already. */
  isRevoked: boolean;
}

/** `evenUnrevoked`: go on although the platform could not be asked; a person then ends the consent there. */
export async function purgeBook(
  deps: ConnectDeps,
  bookId: BookId,
  actor: string,
  options: { evenUnrevoked?: boolean } = {},
): Promise<Purged> {
  const isRevoked = await revoke(deps, bookId, actor, options.evenUnrevoked ?? false);
  await refuseWhileLeaving(deps, bookId);
  const at = deps.clock.now();
  const rows = await deps.db.bulk(async (sql) => {
    const count = await deleteBookData(sql, bookId);
    await sql(
      `insert into audit (at, actor, action, subject) values ($1::timestamptz, $2, 'book.purged', $3)`,
      [at.toISOString(), actor, `book ${bookId}`],
    );
    return count;
  });
  return { rows, isRevoked };
}

async function revoke(
  deps: ConnectDeps,
  bookId: BookId,
  actor: string,
  evenUnrevoked: boolean,
): Promise<boolean> {
  try {
    await disconnectBook(deps, bookId, actor);
    return true;
  } catch (err) {
    const isAway = err instanceof UsageError || (err instanceof AppError && err.retry !== 'no');
    if (!isAway) throw err;
    if (evenUnrevoked) return false;
    throw new AppError('connect.not_revoked', `the consent could not be revoked: ${err.message}`, {
      userMessage: `${err.userMessage} The consent could not be taken back, so nothing was removed: try again later, or say --unrevoked and end it in the platform’s own settings.`,
    });
  }
}

/** The book is disconnected by now, so what is under way ends within its lease and nothing new begins. */
async function refuseWhileLeaving(deps: ConnectDeps, bookId: BookId): Promise<void> {
  const leaving = await deps.db.prisma.action.count({
    where: {
      bookId,
      state: { in: ['claimed', 'handing_over'] },
      leaseUntil: { gt: deps.clock.now() },
    },
  });
  if (leaving === 0) return;
  throw new AppError('connect.leaving', 'messages of the book are leaving', {
    userMessage:
      'A message of this book is leaving right now. Nothing was removed: try again in two minutes.',
    retry: 'later',
  });
}
