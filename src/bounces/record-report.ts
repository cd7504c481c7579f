/**
 * A delivery report becomes a row, once however often it is read. It is believed about a message we
 * sent and an address we sent it to, and about nothing else; the customer is looked at again.
 */
import type { Clock } from '../clock.ts';
import { type BounceKind, bounceKind } from '../domain/bounces.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import { markChanged } from '../store/chase-state.ts';
import type { Db, Tx } from '../store/db.ts';
import type { DeliveryReport, RecipientReport } from './read-report.ts';

export interface Recorded {
  /** Rows that are new. */
  bounces: number;
  bookId: BookId | null;
}

const NOTHING: Recorded = { bounces: 0, bookId: null };

export async function recordReport(
  deps: { db: Db; clock: Clock },
  report: DeliveryReport,
): Promise<Recorded> {
  const failed = report.recipients.flatMap((recipient) => {
    const kind = bounceKind(recipient);
    return kind === null ? [] : [{ ...recipient, kind }];
  });
  if (failed.length === 0) return NOTHING;
  return deps.db.tx(async (tx) => {
    const message = await tx.message.findUnique({
      where: { messageId: report.messageId },
      select: {
        actionId: true,
        bookId: true,
        toAddresses: true,
        action: { select: { customerId: true } },
      },
    });
    if (message === null) return NOTHING;
    const written = new Set(message.toAddresses.map((address) => address.toLowerCase()));
    const ours = failed.filter(({ address }) => written.has(address));
    const count = await addBounces(tx, message, ours, deps.clock.now());
    return { bounces: count, bookId: message.bookId as BookId };
  });
}

async function addBounces(
  tx: Tx,
  message: { actionId: string; bookId: number; action: { customerId: string } },
  failed: readonly (RecipientReport & { kind: BounceKind })[],
  at: Date,
): Promise<number> {
  const { actionId, bookId } = message;
  const customerId = message.action.customerId as CustomerId;
  const { count } = await tx.bounce.createMany({
    data: failed.map(({ address, kind, status, words }) => ({
      ...{ bookId, customerId, actionId, address, kind, status, words },
      reportedAt: at,
    })),
    skipDuplicates: true,
  });
  if (count === 0) return 0;
  await markChanged(tx, bookId as BookId, [customerId]);
  await tx.audit.create({
    data: {
      bookId,
      at,
      actor: 'system',
      action: 'bounce.reported',
      subject: `action ${actionId}`,
      detail: { kinds: failed.map(({ kind, status }) => `${kind} ${status ?? ''}`.trim()) },
    },
  });
  return count;
}

/** A person knows better: the address works. Gives how many reports no longer count. */
export async function clearBounces(
  deps: { db: Db; clock: Clock },
  bookId: BookId,
  address: string,
  actor: string,
): Promise<number> {
  const at = deps.clock.now();
  return deps.db.tx(async (tx) => {
    const where = { bookId, address: address.toLowerCase(), clearedAt: null };
    const standing = await tx.bounce.findMany({ where, select: { customerId: true } });
    if (standing.length === 0) return 0;
    await tx.bounce.updateMany({ where, data: { clearedAt: at, clearedBy: actor } });
    const customers = [...new Set(standing.map((row) => row.customerId))];
    await markChanged(tx, bookId, customers as CustomerId[]);
    await tx.audit.create({
      data: {
        bookId,
        at,
        actor,
        action: 'bounce.cleared',
        subject: `customer ${customers.join(', ')}`,
      },
    });
    return standing.length;
  });
}
