/** One customer's whole record, read for an evidence pack: what was owed, said, answered, agreed and logged. */
import type { BookId, CustomerId } from '../domain/receivables.ts';
import type { Tx } from './db.ts';
import { jsonRows } from './json-rows.ts';

/** Rows as the database writes them in JSON: texts, numbers, days and instants as text. */
export type EvidenceRow = Readonly<Record<string, unknown>>;

export interface InvoiceEvidence {
  id: string;
  number: string;
  reference: string | null;
  status: string;
  issuedOn: string;
  dueOn: string;
  currency: string;
  totalMinor: number;
  openMinor: number;
  paidOn: string | null;
}

export interface PaymentEvidence {
  id: string;
  kind: string;
  reference: string | null;
  paidOn: string;
  currency: string;
  amountMinor: number;
  /** Numbers of the invoices it was set against. */
  invoices: string;
}

export interface MessageEvidence {
  actionId: string;
  step: string;
  stepName: string;
  messageId: string;
  from: string;
  to: string[];
  subject: string;
  text: string;
  attachments: string[];
  handedOverAt: string | null;
  acceptedAt: string | null;
  smtpResponse: string | null;
  state: string;
}

export interface EvidenceRows {
  customer: { id: string; name: string; country: string; book: string; timeZone: string };
  /** Letters and statements as they were issued. */
  documents: { kind: string; filename: string; createdAt: Date; bytes: Uint8Array }[];
  invoices: InvoiceEvidence[];
  payments: PaymentEvidence[];
  messages: MessageEvidence[];
  decisions: EvidenceRow[];
  actions: EvidenceRow[];
  approvals: EvidenceRow[];
  notes: EvidenceRow[];
  holds: EvidenceRow[];
  handOvers: EvidenceRow[];
  reasons: EvidenceRow[];
  /** Interest and compensation that was charged, each with its working and what became of it. */
  charges: EvidenceRow[];
  audit: EvidenceRow[];
}

/** The customer and those billed with it: their invoices are the debtor's debt. */
const MEMBERS = `(select id from customer where book_id = $1::int
                  and (id = $2::text or merged_into_id = $2::text or (bill_with_parent and parent_id = $2::text)))`;

export async function readEvidence(
  tx: Tx,
  bookId: BookId,
  customerId: CustomerId,
): Promise<EvidenceRows | null> {
  const read = <T>(sql: string) => jsonRows<T>(tx, sql, bookId, customerId);
  const [customer] = await read<EvidenceRows['customer']>(
    `select c.id, c.name, b.country, b.name as book, b.time_zone as "timeZone"
       from customer c join book b on b.id = c.book_id where c.book_id = $1::int and c.id = $2::text`,
  );
  if (customer === undefined) return null;
  const ofCustomer = `where book_id = $1::int and customer_id in ${MEMBERS}`;
  const actionIds = `(select id from action ${ofCustomer})`;
  return {
    customer,
    documents: await tx.document.findMany({
      where: { bookId, customerId },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      select: { kind: true, filename: true, createdAt: true, bytes: true },
    }),
    invoices: await read(
      `select id, number, reference, status, issued_on::text as "issuedOn", due_on::text as "dueOn",
              currency, total_minor as "totalMinor", open_minor as "openMinor", paid_on::text as "paidOn"
         from invoice ${ofCustomer}
          and (status = 'open' or id in (select invoice_id from action_invoice where action_id in ${actionIds}))
        order by due_on, number, id`,
    ),
    payments: await read(
      `select p.id, p.kind, p.reference, p.paid_on::text as "paidOn", p.currency,
              p.amount_minor as "amountMinor",
              coalesce(string_agg(i.number, ' ' order by i.number), '') as invoices
         from payment p
         left join allocation a on a.book_id = p.book_id and a.source_kind = 'payment'
              and a.source_id = p.id and a.target_kind = 'invoice'
         left join invoice i on i.book_id = a.book_id and i.id = a.target_id
        where p.book_id = $1::int and p.status = 'received'
          and (p.customer_id in ${MEMBERS} or i.customer_id in ${MEMBERS})
        group by p.book_id, p.id order by p.paid_on, p.id`,
    ),
    messages: await read(
      `select m.action_id as "actionId", a.step, a.step_name as "stepName", m.message_id as "messageId",
              m.from_address as "from", m.to_addresses as "to", m.subject, m.text, m.attachments,
              m.handed_over_at as "handedOverAt", m.accepted_at as "acceptedAt",
              m.smtp_response as "smtpResponse", a.state
         from message m join action a on a.id = m.action_id
        where m.action_id in ${actionIds} order by m.handed_over_at nulls last, m.message_id`,
    ),
    decisions: await read(
      `select decided_on::text as at, id, invoice_id, outcome, step, because, policy_version_id, run_id,
              replaced_on::text as replaced_on
         from decision ${ofCustomer} order by decided_on, id`,
    ),
    actions: await read(
      `select created_at as at, id, channel, step, step_name, state, state_reason, currency,
              planned_on::text as planned_on, reference, deadline_on::text as deadline_on, approved_by,
              approved_at, outcome_code, outcome_note, outcome_by, outcome_at, policy_version_id,
              (select json_agg(json_build_object('invoice', x.invoice_id, 'openMinor', x.open_minor)
                               order by x.invoice_id) from action_invoice x where x.action_id = action.id) as invoices
         from action ${ofCustomer} order by created_at, id`,
    ),
    approvals: await read(
      `select at, action_id as id, by from action_approval where action_id in ${actionIds} order by at, by`,
    ),
    notes: await read(
      `select coalesce(written_at, created_at) as at, id, target_kind, target_id, body, state, external_id
         from note where book_id = $1::int and (action_id in ${actionIds}
              or (target_kind = 'customer' and target_id in ${MEMBERS})
              or (target_kind = 'invoice' and target_id in (select id from invoice ${ofCustomer})))
        order by 1, id`,
    ),
    holds: await read(`select created_at as at, * from hold ${ofCustomer} order by created_at, id`),
    handOvers: await read(
      `select created_at as at, * from hand_over ${ofCustomer} order by created_at, id`,
    ),
    reasons: await read(
      `select created_at as at, * from payment_reason ${ofCustomer} order by created_at, id`,
    ),
    charges: await read(
      `select proposed_at as at, id, currency, state, state_reason, as_on::text as as_on,
              interest_minor, compensation_minor, total_minor, working, proposed_by, decided_by, decided_at
         from charge ${ofCustomer} order by proposed_at, id`,
    ),
    audit: await read(
      `select at, id, actor, action, subject, detail from audit
        where book_id = $1::int
          and (detail->>'customerId' in ${MEMBERS}
               or subject in (select 'action ' || id from action ${ofCustomer})
               or subject in (select 'hold ' || id from hold ${ofCustomer})
               or subject in (select 'charge ' || id from charge ${ofCustomer})
               or subject in (select 'late fee terms ' || id from late_fee_terms
                               where book_id = $1::int and (customer_id is null or customer_id in ${MEMBERS}))
               or subject = 'customer ' || $2::text)
        order by at, id`,
    ),
  };
}
