/** One customer: what they owe, what they paid, and everything that was said to them. */
import type { Day } from '../../domain/day.ts';
import type { BookId, CustomerId } from '../../domain/receivables.ts';
import { AccessError } from '../../errors.ts';
import { findRisk } from '../../store/customer-risk.ts';
import type { Db } from '../../store/db.ts';
import { HoldRulesInForce } from '../../store/hold-rules.ts';
import { listHolds } from '../../store/holds.ts';
import { readEscalation } from './escalation.ts';
import { type AgingInCurrency, agingSums, dayOf, owed, select } from './sql.ts';

const INVOICES_MAX = 300;
const PAYMENTS_MAX = 50;
const TIMELINE_MAX = 100;

export async function readCustomer(db: Db, bookId: BookId, id: CustomerId, today: Day) {
  const customer = await db.prisma.customer.findUnique({
    where: { bookId_id: { bookId, id } },
    include: { setting: true },
  });
  if (customer === null) throw new AccessError('not_found', `no customer ${id}`);
  return {
    customer,
    family: await readFamily(db, bookId, id, customer.parentId),
    aging: await readAging(db, bookId, id, today),
    flags: await readFlags(db, bookId, id),
    risk: await findRisk(db.prisma, bookId, id),
    invoices: await readOpenInvoices(db, bookId, id, today),
    credits: await readCredits(db, bookId, id),
    payments: await readPayments(db, bookId, id),
    holds: await listHolds(db.prisma, bookId, [id]),
    holdRules: await HoldRulesInForce.open(db.prisma, bookId, today),
    timeline: await readTimeline(db, bookId, id),
    escalation: await readEscalation(db, bookId, id, today),
  };
}

export type CustomerPage = Awaited<ReturnType<typeof readCustomer>>;

/** Parent and sub-customers: at QuickBooks a parent may be billed for its children. */
async function readFamily(db: Db, bookId: BookId, id: string, parentId: string | null) {
  const relatives = await db.prisma.customer.findMany({
    where: { bookId, OR: [{ parentId: id }, ...(parentId === null ? [] : [{ id: parentId }])] },
    select: { id: true, name: true, billWithParent: true },
    orderBy: { name: 'asc' },
    take: 50,
  });
  return {
    parent: relatives.find((relative) => relative.id === parentId) ?? null,
    children: relatives.filter((relative) => relative.id !== parentId),
  };
}

async function readAging(db: Db, bookId: BookId, id: CustomerId, today: Day) {
  return select<AgingInCurrency>(
    db,
    `select o.currency, ${agingSums('$3')} from (${owed('i.book_id = $1 and i.customer_id = $2')}) o
      group by o.currency order by sum(o.amount) desc, o.currency`,
    bookId,
    id,
    today,
  );
}

async function readFlags(db: Db, bookId: BookId, id: CustomerId) {
  return select<{
    code: string;
    severity: string;
    sentence: string;
    openedOn: Day;
    closedOn: Day | null;
  }>(
    db,
    `select code, severity, sentence, ${dayOf('opened_on')} as "openedOn", ${dayOf('closed_on')} as "closedOn"
       from flag where book_id = $1 and customer_id = $2
      order by closed_on desc nulls first, opened_on desc, code limit 50`,
    bookId,
    id,
  );
}

async function readOpenInvoices(db: Db, bookId: BookId, id: CustomerId, today: Day) {
  return select<{
    id: string;
    number: string;
    reference: string | null;
    currency: string;
    issuedOn: Day;
    dueOn: Day;
    daysLate: number;
    totalMinor: number;
    openMinor: number;
    outcome: string | null;
    because: string | null;
    nextOn: Day | null;
  }>(
    db,
    `select i.id, i.number, i.reference, i.currency, ${dayOf('i.issued_on')} as "issuedOn",
            ${dayOf('i.due_on')} as "dueOn", greatest(0, $3 - ${dayOf('i.due_on')})::int as "daysLate",
            i.total_minor::float8 as "totalMinor", i.open_minor::float8 as "openMinor",
            d.outcome, d.because, ${dayOf('d.next_on')} as "nextOn"
       from invoice i
       left join decision d on d.book_id = i.book_id and d.invoice_id = i.id and d.replaced_on is null
      where i.book_id = $1 and i.customer_id = $2 and i.status = 'open' and i.open_minor <> 0
      order by i.due_on, i.number limit ${INVOICES_MAX}`,
    bookId,
    id,
    today,
  );
}

async function readCredits(db: Db, bookId: BookId, id: CustomerId) {
  return select<{
    kind: string;
    number: string | null;
    currency: string;
    issuedOn: Day;
    totalMinor: number;
    remainingMinor: number;
  }>(
    db,
    `select kind, number, currency, ${dayOf('issued_on')} as "issuedOn", total_minor::float8 as "totalMinor",
            remaining_minor::float8 as "remainingMinor"
       from credit
      where book_id = $1 and customer_id = $2 and status = 'open' and remaining_minor > 0
      order by issued_on, id limit 100`,
    bookId,
    id,
  );
}

/** Xero's list of payments names the invoice and not the payer, so both ways lead here. */
async function readPayments(db: Db, bookId: BookId, id: CustomerId) {
  return select<{
    kind: string;
    reference: string | null;
    currency: string;
    paidOn: Day;
    amountMinor: number;
    unappliedMinor: number;
    invoices: { id: string; number: string }[];
  }>(
    db,
    `with own as (
       select p.id from payment p where p.book_id = $1 and p.customer_id = $2
       union
       select a.source_id from allocation a
         join invoice i on i.book_id = a.book_id and i.id = a.target_id
        where a.book_id = $1 and a.source_kind = 'payment' and a.target_kind = 'invoice' and i.customer_id = $2
     )
     select p.kind, p.reference, p.currency, ${dayOf('p.paid_on')} as "paidOn",
            p.amount_minor::float8 as "amountMinor", p.unapplied_minor::float8 as "unappliedMinor",
            coalesce((select jsonb_agg(jsonb_build_object('id', i.id, 'number', i.number) order by i.number)
                        from allocation a join invoice i on i.book_id = a.book_id and i.id = a.target_id
                       where a.book_id = p.book_id and a.source_kind = 'payment' and a.source_id = p.id
                         and a.target_kind = 'invoice'), '[]') as "invoices"
       from payment p join own on own.id = p.id
      where p.book_id = $1 and p.status = 'received' and p.kind <> 'credit_application'
      order by p.paid_on desc, p.id limit ${PAYMENTS_MAX}`,
    bookId,
    id,
  );
}

export interface TimelineEntry {
  at: Date;
  kind: 'message' | 'task' | 'note' | 'hold' | 'hold_ended';
  title: string;
  state: string;
  detail: string | null;
  actionId: string | null;
}

/** Newest first: messages and tasks, notes in the ledger, holds. */
async function readTimeline(db: Db, bookId: BookId, id: CustomerId): Promise<TimelineEntry[]> {
  return select<TimelineEntry>(
    db,
    `select * from (
       select coalesce(m.accepted_at, a.updated_at) as "at",
              case a.channel when 'email' then 'message' else 'task' end as "kind",
              a.step_name as "title", a.state::text as "state",
              coalesce(m.subject, a.state_reason) as "detail", a.id::text as "actionId"
         from action a left join message m on m.action_id = a.id
        where a.book_id = $1 and a.customer_id = $2
       union all
       select coalesce(n.written_at, n.created_at), 'note', 'Note in the ledger', n.state::text, n.body, n.action_id::text
         from note n left join action a on a.id = n.action_id
        where n.book_id = $1
          and (a.customer_id = $2 or (n.target_kind = 'customer' and n.target_id = $2))
       union all
       select h.created_at, 'hold', 'On hold: ' || h.kind, 'set', h.reason || ' (' || h.owner || ')', null
         from hold h where h.book_id = $1 and h.customer_id = $2
       union all
       select h.ended_at, 'hold_ended', 'Hold ended: ' || h.kind, 'ended', h.reason, null
         from hold h where h.book_id = $1 and h.customer_id = $2 and h.ended_at is not null
     ) t order by t."at" desc limit ${TIMELINE_MAX}`,
    bookId,
    id,
  );
}
