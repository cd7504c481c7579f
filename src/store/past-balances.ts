/** Every invoice, credit and payment of a set of customers with what was set against it and when: the books of any past day. */
import type { Balance } from '../domain/as-of.ts';
import type { Day } from '../domain/day.ts';
import type { Currency } from '../domain/money.ts';
import type { BookId, CreditKind, CustomerId, DueItem, InvoiceId } from '../domain/receivables.ts';
import type { Tx } from './db.ts';
import { dayOf, idsFrom, jsonRows } from './json-rows.ts';

export interface PastInvoiceRow extends Balance {
  id: InvoiceId;
  number: string;
  kind: 'invoice' | 'journal';
  customerId: CustomerId;
  currency: Currency;
  dueOn: Day;
  schedule: DueItem[] | null;
  emailText: string | null;
}

/** Open and paid ones; drafts, voided and deleted invoices were never owed. */
export async function readPastInvoices(
  tx: Tx,
  bookId: BookId,
  customerIds: readonly CustomerId[],
): Promise<PastInvoiceRow[]> {
  return jsonRows<PastInvoiceRow>(
    tx,
    `select i.id, i.number, i.kind, i.customer_id as "customerId", i.currency,
            ${dayOf('i.issued_on')} as "fromOn", ${dayOf('i.due_on')} as "dueOn", i.schedule,
            i.total_minor as "totalMinor", i.open_minor as "nowMinor",
            ${dayOf('i.paid_on')} as "settledOn", i.email_text as "emailText",
            ${usesOf(`a.target_kind = 'invoice' and a.target_id = i.id`)} as uses
       from invoice i
      where i.book_id = $1::int and i.customer_id = any(${idsFrom('$2')})
        and i.status in ('open', 'paid')
      order by i.id`,
    bookId,
    JSON.stringify(customerIds),
  );
}

export interface PastCreditRow extends Balance {
  id: string;
  /** on_account: money received and not set against anything when it came. */
  kind: CreditKind | 'on_account';
  number: string | null;
  customerId: CustomerId;
  currency: Currency;
}

/** Credits, and receipts as what they had left to give. */
export async function readPastCredits(
  tx: Tx,
  bookId: BookId,
  customerIds: readonly CustomerId[],
): Promise<PastCreditRow[]> {
  return jsonRows<PastCreditRow>(
    tx,
    `select c.id, c.kind, c.number, c.customer_id as "customerId", c.currency,
            ${dayOf('c.issued_on')} as "fromOn", c.total_minor as "totalMinor",
            c.remaining_minor as "nowMinor", null::int as "settledOn",
            ${usesOf(`(a.source_kind = 'credit' and a.source_id = c.id)
                   or (a.target_kind = 'credit' and a.target_id = c.id)`)} as uses
       from credit c
      where c.book_id = $1::int and c.customer_id = any(${idsFrom('$2')})
        and c.status in ('open', 'used')
     union all
     select p.id, 'on_account', p.reference, p.customer_id, p.currency, ${dayOf('p.paid_on')},
            p.amount_minor + coalesce((select sum(a.amount_minor) from allocation a
               where a.book_id = $1::int and a.source_kind = 'payment' and a.source_id = p.id
                 and a.target_kind = 'credit'), 0)::bigint,
            p.unapplied_minor, null::int,
            ${usesOf(`a.source_kind = 'payment' and a.source_id = p.id and a.target_kind = 'invoice'`)}
       from payment p
      where p.book_id = $1::int and p.customer_id = any(${idsFrom('$2')})
        and p.status = 'received' and p.kind = 'receipt'
      order by 1`,
    bookId,
    JSON.stringify(customerIds),
  );
}

/** QuickBooks sets a credit memo against an invoice by a payment of nothing. */
function usesOf(which: string): string {
  return `(select coalesce(json_agg(json_build_object('on', ${dayOf('a.allocated_on')},
             'amountMinor', a.amount_minor,
             'isCredit', a.source_kind = 'credit' or exists (
               select 1 from payment c where c.book_id = a.book_id and a.source_kind = 'payment'
                  and c.id = a.source_id and c.kind = 'credit_application')) order by a.allocated_on, a.amount_minor), '[]')
      from allocation a where a.book_id = $1::int and (${which}))`;
}
