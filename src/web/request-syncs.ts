/** Asks for syncs where nobody waits for them. What cannot be queued now is found by the next regular sync. */
import type { BookId } from '../domain/receivables.ts';
import type { WebApp } from './web-app.ts';

export async function requestSyncs(app: WebApp, bookIds: readonly BookId[]): Promise<void> {
  for (const bookId of bookIds) {
    try {
      await app.requestSync?.(bookId);
    } catch (err) {
      app.log.error({ err, book: bookId }, 'a sync could not be queued');
    }
  }
}
