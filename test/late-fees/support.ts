/** Money and credits that arrive, for books told by hand. */
import { day, toDate } from '../../src/domain/day.ts';
import type { BookId } from '../../src/domain/receivables.ts';
import type { Db } from '../../src/store/db.ts';

let payments = 0;

interface Receipt {
  customer: string;
  invoice: string;
  amount: number;
  on: string;
  /** The day the ledger set it against the invoice, when that was later. */
  allocatedOn?: string;
  currency?: string;
}

/** A receipt set against an invoice, whose open balance falls by it. */
export async function receive(db: Db, bookId: BookId, receipt: Receipt): Promise<void> {
  payments += 1;
  const id = `payment ${payments}`;
  const amountMinor = BigInt(receipt.amount);
  await db.prisma.payment.create({
    data: {
      ...{ bookId, id, kind: 'receipt', customerId: receipt.customer, status: 'received' },
      paidOn: toDate(day(receipt.on)),
      currency: receipt.currency ?? 'GBP',
      amountMinor,
      unappliedMinor: 0n,
      hash: 'h',
    },
  });
  await settle(db, bookId, 'payment', id, { ...receipt, amountMinor });
}

/** A credit note set against an invoice. */
export async function credit(db: Db, bookId: BookId, note: Receipt): Promise<void> {
  payments += 1;
  const id = `credit ${payments}`;
  const amountMinor = BigInt(note.amount);
  await db.prisma.credit.create({
    data: {
      ...{ bookId, id, kind: 'credit_note', customerId: note.customer, status: 'used' },
      issuedOn: toDate(day(note.on)),
      currency: note.currency ?? 'GBP',
      totalMinor: amountMinor,
      remainingMinor: 0n,
      hash: 'h',
    },
  });
  await settle(db, bookId, 'credit', id, { ...note, amountMinor });
}

async function settle(
  db: Db,
  bookId: BookId,
  sourceKind: string,
  sourceId: string,
  given: Receipt & { amountMinor: bigint },
): Promise<void> {
  const on = toDate(day(given.allocatedOn ?? given.on));
  const key = { bookId_id: { bookId, id: given.invoice } };
  await db.prisma.allocation.create({
    data: {
      ...{ bookId, sourceKind, sourceId, seq: 1, targetKind: 'invoice', targetId: given.invoice },
      amountMinor: given.amountMinor,
      allocatedOn: on,
    },
  });
  const { openMinor } = await db.prisma.invoice.update({
    where: key,
    data: { openMinor: { decrement: given.amountMinor } },
  });
  if (openMinor > 0n) return;
  await db.prisma.invoice.update({ where: key, data: { status: 'paid', paidOn: on } });
}
