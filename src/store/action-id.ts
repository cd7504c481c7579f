/**
 * An action's id follows from its book and its key. A database brought back from a back-up that decides
 * the same again gives it the same id, hence the same Message-ID and the same reference in the ledger:
 * by these it is known that it was sent before.
 */
import { createHash } from 'node:crypto';

/** The moment the book was connected tells it from the books of other installations. */
export function actionIdOf(book: { id: number; createdAt: Date }, key: string): string {
  const hex = createHash('sha256')
    .update(JSON.stringify([book.id, book.createdAt.toISOString(), key]))
    .digest('hex');
  // RFC 9562, version 8: 122 bits of our own making.
  const variant = ((parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
