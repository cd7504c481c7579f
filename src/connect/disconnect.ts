/** A person ends a connection: at the platform first, so that "disconnected" here is true there as well. */
import type { LedgerPlatform } from '../../connectors/ledger.ts';
import type { BookId } from '../domain/receivables.ts';
import { AccessError, LedgerError } from '../errors.ts';
import type { Book, Grant } from '../store/db.ts';
import { openBookRef } from './book-secrets.ts';
import { type ConnectDeps, platformOf } from './deps.ts';
import { openTokens } from './grant-tokens.ts';
import { grantTokenSource } from './tokens.ts';

export async function disconnectBook(
  deps: ConnectDeps,
  bookId: BookId,
  actor: string,
): Promise<void> {
  const book = await deps.db.prisma.book.findUnique({
    where: { id: bookId },
    include: { grant: true },
  });
  if (book === null) throw new AccessError('not_found', 'There is no such book.');
  if (book.grant?.status === 'connected') await endAtPlatform(deps, book, book.grant);
  await endHere(deps, bookId, actor);
}

/** What is over already is fine; an outage is not, as the platform would go on trusting us. */
async function endAtPlatform(deps: ConnectDeps, book: Book, grant: Grant): Promise<void> {
  const platform = platformOf(deps, book.platform);
  try {
    const accessToken = await grantTokenSource(deps, grant.id).current();
    const ended = await platform.disconnectBook(accessToken, openBookRef(deps.vault, book));
    if (!ended) await revokeUnlessShared(deps, platform, book, grant.id);
  } catch (err) {
    const isOver =
      err instanceof LedgerError && (err.kind === 'disconnected' || err.kind === 'not_found');
    if (!isOver) throw err;
  }
}

/** Where one book cannot be ended alone, the whole consent is, unless another book lives on it. */
async function revokeUnlessShared(
  deps: ConnectDeps,
  platform: LedgerPlatform,
  book: Book,
  grantId: string,
): Promise<void> {
  const others = await deps.db.prisma.book.count({
    where: { grantId, status: 'connected', id: { not: book.id } },
  });
  if (others > 0) return;
  // Read again: asking for an access token may have replaced the pair.
  const grant = await deps.db.prisma.grant.findUnique({ where: { id: grantId } });
  if (grant !== null) await platform.revoke(openTokens(deps.vault, grant));
}

async function endHere(deps: ConnectDeps, bookId: BookId, actor: string): Promise<void> {
  const at = deps.clock.now();
  await deps.db.tx(async (tx) => {
    const book = await tx.book.findUniqueOrThrow({ where: { id: bookId } });
    await tx.book.update({
      where: { id: bookId },
      data: {
        status: 'disconnected',
        statusReason: 'Disconnected here; connect again to go on.',
        grantId: null,
        updatedAt: at,
      },
    });
    // Nobody's tokens stay on disk.
    if (book.grantId !== null) {
      await tx.grant.deleteMany({ where: { id: book.grantId, books: { none: {} } } });
    }
    await tx.audit.create({
      data: { bookId, at, actor, action: 'book.disconnected_here', subject: `book ${bookId}` },
    });
  });
}
