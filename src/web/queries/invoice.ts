/** One invoice: its facts, what was set against it, what was decided about it, and what was sent. */
import { type Day, fromDate } from '../../domain/day.ts';
import type { BookId, DueItem, InvoiceId } from '../../domain/receivables.ts';
import { AccessError } from '../../errors.ts';
import type { Db } from '../../store/db.ts';
import { dayOf, select } from './sql.ts';

export async function readInvoice(db: Db, bookId: BookId, id: InvoiceId) {
  const invoice = await db.prisma.invoice.findUnique({ where: { bookId_id: { bookId, id } } });
  if (invoice === null) throw new AccessError('not_found', `no invoice ${id}`);
  const customer = await db.prisma.customer.findUnique({
    where: { bookId_id: { bookId, id: invoice.customerId } },
    select: { id: true, name: true },
  });
  return {
    id,
    number: invoice.number,
    reference: invoice.reference,
    kind: invoice.kind,
    status: invoice.status,
    currency: invoice.currency,
    baseRate: invoice.baseRate === null ? null : invoice.baseRate.toString(),
    totalMinor: Number(invoice.totalMinor),
    openMinor: Number(invoice.openMinor),
    issuedOn: fromDate(invoice.issuedOn),
    dueOn: fromDate(invoice.dueOn),
    paidOn: invoice.paidOn === null ? null : fromDate(invoice.paidOn),
    expectedPayOn: invoice.expectedPayOn === null ? null : fromDate(invoice.expectedPayOn),
    emailText: invoice.emailText,
    parts: partsOf(invoice.schedule),
    customer: customer ?? { id: invoice.customerId, name: invoice.customerId },
    allocations: await readAllocations(db, bookId, id),
    history: await readHistory(db, bookId, id),
  };
}

export type InvoicePage = Awaited<ReturnType<typeof readInvoice>>;

/** Empty when all of it falls due on one day. */
function partsOf(schedule: unknown): DueItem[] {
  return Array.isArray(schedule) ? (schedule as DueItem[]) : [];
}

async function readAllocations(db: Db, bookId: BookId, id: InvoiceId) {
  return select<{
    sourceKind: string;
    name: string | null;
    kind: string | null;
    allocatedOn: Day;
    amountMinor: number;
  }>(
    db,
    `select a.source_kind as "sourceKind", coalesce(p.reference, c.number) as "name",
            coalesce(p.kind, c.kind) as "kind", ${dayOf('a.allocated_on')} as "allocatedOn",
            a.amount_minor::float8 as "amountMinor"
       from allocation a
       left join payment p on a.source_kind = 'payment' and p.book_id = a.book_id and p.id = a.source_id
       left join credit c on a.source_kind = 'credit' and c.book_id = a.book_id and c.id = a.source_id
      where a.book_id = $1 and a.target_kind = 'invoice' and a.target_id = $2
      order by a.allocated_on, a.source_id, a.seq limit 200`,
    bookId,
    id,
  );
}

/** The decision ledger of one invoice: a row for each time the answer changed. */
async function readHistory(db: Db, bookId: BookId, id: InvoiceId) {
  return select<{
    decidedOn: Day;
    replacedOn: Day | null;
    outcome: string;
    step: string | null;
    because: string;
  }>(
    db,
    `select ${dayOf('decided_on')} as "decidedOn", ${dayOf('replaced_on')} as "replacedOn", outcome, step, because
       from decision where book_id = $1 and invoice_id = $2 order by id desc limit 50`,
    bookId,
    id,
  );
}
