/**
 * A book's ledger, ready to call: tokens refreshed when needed, calls counted, and whatever a failed
 * call says about the connection written to the book's row before the caller hears of it.
 */
import type { Ledger } from '../../connectors/ledger.ts';
import type { BookId } from '../domain/receivables.ts';
import { AccessError, LedgerError } from '../errors.ts';
import { recordLedgerFailure } from '../store/connection.ts';
import type { Book } from '../store/db.ts';
import { limiterKey, openBookRef } from './book-secrets.ts';
import { type ConnectDeps, platformOf } from './deps.ts';
import { grantTokenSource } from './tokens.ts';

export interface OpenLedger extends Ledger {
  /** HTTP calls made through this object so far. */
  readonly calls: number;
}

export async function openLedger(
  deps: ConnectDeps,
  bookId: BookId,
  priority: 'interactive' | 'background' = 'background',
  waitMsMax?: number,
): Promise<OpenLedger> {
  const book = await deps.db.prisma.book.findUnique({ where: { id: bookId } });
  if (book === null) throw new AccessError('not_found', 'There is no such book.');
  const grantId = refuseClosed(deps, book, priority);
  const platform = platformOf(deps, book.platform);
  const { externalId } = openBookRef(deps.vault, book);
  let calls = 0;
  const ledger = platform.open({
    key: limiterKey(deps.vault, book.platform, externalId),
    externalId,
    tokens: grantTokenSource(deps, grantId),
    priority,
    waitMsMax,
    observer: {
      onCall(call) {
        calls += 1;
        deps.metrics?.onVendorCall({ platform: book.platform, bookId, ...call });
      },
    },
  });
  return watched(deps, bookId, ledger, () => calls);
}

/** The id of the grant to use; throws where a call could only fail. */
function refuseClosed(
  deps: ConnectDeps,
  book: Book,
  priority: 'interactive' | 'background',
): string {
  if (book.status === 'disconnected' || book.grantId === null) {
    const userMessage =
      book.statusReason ?? `${book.name} is disconnected; connect it again to go on.`;
    throw new LedgerError('disconnected', 'the book is disconnected', {}, { userMessage });
  }
  // People may still try: a part of the day's budget is kept for them, and the limiter knows how much is left.
  const parkedMs = (book.parkedUntil?.getTime() ?? 0) - deps.clock.now().getTime();
  if (parkedMs > 0 && priority === 'background') {
    const why = book.parkedReason ?? 'the platform asked this book to wait';
    throw new LedgerError('rate_limited', why, {}, { retryAfterMs: parkedMs });
  }
  return book.grantId;
}

function watched(
  deps: ConnectDeps,
  bookId: BookId,
  ledger: Ledger,
  countCalls: () => number,
): OpenLedger {
  const noting = async <T>(call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (err) {
      await recordLedgerFailure(deps, bookId, err);
      throw err;
    }
  };
  // A scope that only writing needs is no reason to stop reading: the note fails alone.
  const notingUnlessScope = async <T>(call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (err) {
      const isScope = err instanceof LedgerError && err.kind === 'scope_missing';
      if (!isScope) await recordLedgerFailure(deps, bookId, err);
      throw err;
    }
  };
  return {
    platform: ledger.platform,
    get calls() {
      return countCalls();
    },
    organisation: () => noting(ledger.organisation()),
    async *pull(cursor, options) {
      const pages = ledger.pull(cursor, options)[Symbol.asyncIterator]();
      for (;;) {
        const next = await noting(pages.next());
        if (next.done === true) return;
        yield next.value;
      }
    },
    readInvoice: (id) => noting(ledger.readInvoice(id)),
    invoicePdf: (id) => notingUnlessScope(ledger.invoicePdf(id)),
    payLink: (id) => notingUnlessScope(ledger.payLink(id)),
    findNote: (target, ref) => notingUnlessScope(ledger.findNote(target, ref)),
    writeNote: (note) => notingUnlessScope(ledger.writeNote(note)),
    setExpectedPayDate: (id, on) => notingUnlessScope(ledger.setExpectedPayDate(id, on)),
  };
}
