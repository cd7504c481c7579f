/** One action with its invoices, and the message if one was made for sending. */
import { fromDate } from '../../domain/day.ts';
import type { BookId } from '../../domain/receivables.ts';
import { AccessError } from '../../errors.ts';
import type { Db } from '../../store/db.ts';
import { dayOf, select } from './sql.ts';
import type { Day } from '../../domain/day.ts';

export async function readAction(db: Db, bookId: BookId, id: string) {
  const action = await db.prisma.action.findFirst({
    where: { id, bookId },
    include: {
      message: true,
      documents: {
        where: { kind: 'letter' },
        select: { sha256: true, createdAt: true },
        orderBy: { createdAt: 'asc' },
        take: 1,
      },
      approvals: { orderBy: [{ at: 'asc' }, { by: 'asc' }] },
    },
  });
  if (action === null) throw new AccessError('not_found', `no action ${id}`);
  const customer = await db.prisma.customer.findUnique({
    where: { bookId_id: { bookId, id: action.customerId } },
    select: { name: true },
  });
  const note = await db.prisma.note.findFirst({ where: { bookId, actionId: id } });
  return {
    id,
    customerId: action.customerId,
    customerName: customer?.name ?? action.customerId,
    channel: action.channel,
    isEmail: action.channel === 'email',
    template: action.template,
    issued: action.documents[0] ?? null,
    stepName: action.stepName,
    sender: action.sender,
    attachPdf: action.attachPdf,
    state: action.state,
    stateReason: action.stateReason,
    currency: action.currency,
    plannedOn: fromDate(action.plannedOn),
    dueAt: action.dueAt,
    approvalsNeeded: action.approvalsNeeded,
    approvals: action.approvals.map((approval) => approval.by),
    approvedBy: action.approvedBy,
    approvedAt: action.approvedAt,
    outcome:
      action.outcomeCode === null
        ? null
        : {
            code: action.outcomeCode,
            note: action.outcomeNote,
            by: action.outcomeBy,
            at: action.outcomeAt,
            followUpOn: action.followUpOn === null ? null : fromDate(action.followUpOn),
          },
    attempts: action.attempts,
    message: action.message,
    note: note === null ? null : { body: note.body, state: note.state, writtenAt: note.writtenAt },
    invoices: await readInvoices(db, bookId, id),
  };
}

export type ActionPage = Awaited<ReturnType<typeof readAction>>;

async function readInvoices(db: Db, bookId: BookId, actionId: string) {
  return select<{
    id: string;
    number: string;
    dueOn: Day;
    openMinor: number;
    isTrigger: boolean;
  }>(
    db,
    `select ai.invoice_id as "id", coalesce(i.number, ai.invoice_id) as "number",
            ${dayOf('ai.due_on')} as "dueOn", ai.open_minor::float8 as "openMinor", ai.is_trigger as "isTrigger"
       from action_invoice ai
       left join invoice i on i.book_id = ai.book_id and i.id = ai.invoice_id
      where ai.book_id = $1 and ai.action_id = $2::uuid
      order by ai.due_on, i.number limit 500`,
    bookId,
    actionId,
  );
}
