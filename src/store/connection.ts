/**
 * What a failed call says about a connection, written once: a book or grant becomes disconnected in
 * the call that learns it, its jobs stop by that row, and a day limit parks the book.
 */
import type { Clock } from '../clock.ts';
import type { BookId } from '../domain/receivables.ts';
import { LedgerError } from '../errors.ts';
import type { Db, Tx } from './db.ts';

/** Shorter pauses are waited out; a longer one is a day limit and must not hold a process. */
const PARK_MS_MIN = 60_000;

interface Deps {
  db: Db;
  clock: Clock;
}

/** Notes what `err` says about the book; anything that says nothing changes nothing. Safe to repeat. */
export async function recordLedgerFailure(deps: Deps, bookId: BookId, err: unknown): Promise<void> {
  if (!(err instanceof LedgerError)) return;
  if (err.kind === 'disconnected' || err.kind === 'scope_missing') {
    await markBookDisconnected(deps, bookId, err.userMessage);
  }
  if (err.kind === 'rate_limited' && !isMomentary(err)) await parkBook(deps, bookId, err);
}

/** The platform's limits make the book wait, but not for longer than a minute: nothing is wrong with it. */
export function isMomentary(err: unknown): err is LedgerError {
  return (
    err instanceof LedgerError &&
    err.kind === 'rate_limited' &&
    (err.retryAfterMs ?? 0) <= PARK_MS_MIN
  );
}

async function parkBook(deps: Deps, bookId: BookId, err: LedgerError): Promise<void> {
  const parkedUntil = new Date(deps.clock.now().getTime() + (err.retryAfterMs ?? 0));
  await deps.db.prisma.book.update({
    where: { id: bookId },
    data: { parkedUntil, parkedReason: err.message },
  });
}

/** One book lost its access. Its grant dies with it when it covers no other connected book. */
async function markBookDisconnected(deps: Deps, bookId: BookId, reason: string): Promise<void> {
  const at = deps.clock.now();
  await deps.db.tx(async (tx) => {
    const changed = await tx.book.updateMany({
      where: { id: bookId, status: 'connected' },
      data: { status: 'disconnected', statusReason: reason, updatedAt: at },
    });
    if (changed.count === 0) return;
    await auditDisconnected(tx, bookId, at, reason);
    await tx.grant.updateMany({
      where: {
        status: 'connected',
        books: { some: { id: bookId }, none: { status: 'connected' } },
      },
      data: { status: 'disconnected', statusReason: reason, updatedAt: at },
    });
  });
}

/**
 * The platform took the whole consent back. `version` is the pair it refused: when somebody stored
 * a newer one meanwhile, nothing is lost and nothing changes.
 */
export async function markGrantDisconnected(
  deps: Deps,
  grantId: string,
  version: number,
  reason: string,
): Promise<void> {
  const at = deps.clock.now();
  const status = { status: 'disconnected', statusReason: reason, updatedAt: at } as const;
  await deps.db.tx(async (tx) => {
    const changed = await tx.grant.updateMany({
      where: { id: grantId, version, status: 'connected' },
      data: { ...status, refreshAttempt: null, refreshLeaseUntil: null },
    });
    if (changed.count === 0) return;
    const books = await tx.book.findMany({
      where: { grantId, status: 'connected' },
      select: { id: true },
    });
    await tx.book.updateMany({ where: { grantId, status: 'connected' }, data: status });
    for (const book of books) await auditDisconnected(tx, book.id, at, reason);
  });
}

async function auditDisconnected(tx: Tx, bookId: number, at: Date, reason: string): Promise<void> {
  await tx.audit.create({
    data: {
      bookId,
      at,
      actor: 'system',
      action: 'book.disconnected',
      subject: `book ${bookId}`,
      detail: { reason },
    },
  });
}
