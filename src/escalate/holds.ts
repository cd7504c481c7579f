/** Setting and ending holds. Each is somebody's word, so each is written to the audit log. */
import type { Clock } from '../clock.ts';
import { type Day, formatDay, toDate } from '../domain/day.ts';
import { HOLD_KINDS, type HoldKind } from '../domain/holds.ts';
import type { BookId, CustomerId, InvoiceId } from '../domain/receivables.ts';
import { AccessError, UsageError } from '../errors.ts';
import type { Db, Tx } from '../store/db.ts';

export interface HoldRequest {
  customerId: CustomerId;
  /** Left out: the whole customer. */
  invoiceId?: InvoiceId | null;
  kind: HoldKind;
  reason: string;
  owner: string;
  fromOn: Day;
  /** The last day it holds; left out: until somebody ends it. */
  untilOn?: Day | null;
}

interface HoldDeps {
  db: Db;
  clock: Clock;
}

const REASON_MAX = 500;

export async function addHold(
  deps: HoldDeps,
  bookId: BookId,
  request: HoldRequest,
  actor: string,
): Promise<number> {
  const invoiceId = request.invoiceId ?? null;
  const untilOn = request.untilOn ?? null;
  const reason = request.reason.trim();
  if (!HOLD_KINDS.includes(request.kind)) {
    throw new UsageError(`a hold is one of ${HOLD_KINDS.join(', ')}`);
  }
  if (reason === '' || reason.length > REASON_MAX) {
    throw new UsageError(`a hold needs a reason of at most ${REASON_MAX} characters`);
  }
  if (untilOn !== null && untilOn < request.fromOn) {
    throw new UsageError(
      `a hold from ${formatDay(request.fromOn)} cannot end on ${formatDay(untilOn)}`,
    );
  }
  const at = deps.clock.now();
  return deps.db.tx(async (tx) => {
    await mustExist(tx, bookId, request.customerId, invoiceId);
    const { customerId, kind, owner } = request;
    const hold = await tx.hold.create({
      data: {
        bookId,
        customerId,
        invoiceId,
        kind,
        reason,
        owner,
        fromOn: toDate(request.fromOn),
        untilOn: untilOn === null ? null : toDate(untilOn),
        createdAt: at,
      },
    });
    await audit(tx, bookId, at, actor, 'hold.added', hold.id, {
      customerId,
      invoiceId,
      kind,
      fromOn: formatDay(request.fromOn),
      untilOn: untilOn === null ? null : formatDay(untilOn),
    });
    return hold.id;
  });
}

/** Ending one that has ended changes nothing. */
export async function endHold(
  deps: HoldDeps,
  bookId: BookId,
  holdId: number,
  actor: string,
): Promise<void> {
  const at = deps.clock.now();
  await deps.db.tx(async (tx) => {
    const hold = await tx.hold.findFirst({ where: { id: holdId, bookId } });
    if (hold === null) throw new AccessError('not_found', `no hold ${holdId}`);
    const { count } = await tx.hold.updateMany({
      where: { id: holdId, bookId, endedAt: null },
      data: { endedAt: at },
    });
    if (count === 0) return;
    await audit(tx, bookId, at, actor, 'hold.ended', holdId, { customerId: hold.customerId });
  });
}

async function mustExist(
  tx: Tx,
  bookId: BookId,
  customerId: CustomerId,
  invoiceId: InvoiceId | null,
): Promise<void> {
  const customer = await tx.customer.findUnique({
    where: { bookId_id: { bookId, id: customerId } },
    select: { id: true },
  });
  if (customer === null) throw new AccessError('not_found', `no customer ${customerId}`);
  if (invoiceId === null) return;
  const invoice = await tx.invoice.findUnique({
    where: { bookId_id: { bookId, id: invoiceId } },
    select: { customerId: true },
  });
  if (invoice?.customerId !== customerId) {
    throw new AccessError('not_found', `no invoice ${invoiceId} of customer ${customerId}`);
  }
}

async function audit(
  tx: Tx,
  bookId: BookId,
  at: Date,
  actor: string,
  action: string,
  holdId: number,
  detail: Record<string, string | null>,
): Promise<void> {
  await tx.audit.create({
    data: { bookId, at, actor, action, subject: `hold ${holdId}`, detail },
  });
}
