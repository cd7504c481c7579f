/** Reasons for not paying as they were given, and the latest of each invoice for a report. */
import type { Day } from '../domain/day.ts';
import type { Currency, Minor } from '../domain/money.ts';
import type { ReasonCode } from '../domain/reasons.ts';
import type { GivenReason } from '../domain/reason-report.ts';
import type { BookId, CustomerId, InvoiceId } from '../domain/receivables.ts';
import type { Tx } from './db.ts';
import { dateFrom, dayOf, jsonRows } from './json-rows.ts';

export interface NewReason {
  customerId: CustomerId;
  invoiceId: InvoiceId;
  code: ReasonCode;
  /** What it holds up: the open amount, or the part that is contested. */
  amountMinor: Minor;
  currency: Currency;
  note: string | null;
  by: string;
  givenOn: Day;
  /** The task it was told in; null: from elsewhere. */
  actionId: string | null;
}

export async function addReasons(
  tx: Tx,
  bookId: BookId,
  reasons: readonly NewReason[],
  at: Date,
): Promise<void> {
  if (reasons.length === 0) return;
  await tx.$executeRawUnsafe(
    `insert into payment_reason (book_id, customer_id, invoice_id, code, amount_minor, currency, note, by,
                                 given_on, action_id, created_at)
     select $1::int, r."customerId", r."invoiceId", r.code, r."amountMinor", r.currency, r.note, r.by,
            ${dateFrom('r."givenOn"')}, r."actionId"::uuid, $3::timestamptz
       from json_to_recordset($2::json) as r("customerId" text, "invoiceId" text, code text,
            "amountMinor" bigint, currency text, note text, by text, "givenOn" int, "actionId" text)`,
    bookId,
    JSON.stringify(reasons),
    at.toISOString(),
  );
}

/**
 * The last reason given for each invoice between two days, both included: from calls, and from
 * disputes that were raised by other ways.
 */
export async function readReasons(
  tx: Tx,
  bookId: BookId,
  from: Day,
  to: Day,
): Promise<GivenReason[]> {
  return jsonRows<GivenReason>(
    tx,
    `select distinct on (r.invoice_id) r.invoice_id as "invoiceId",
            coalesce(i.number, r.invoice_id) as number, r.customer_id as "customerId",
            coalesce(c.name, r.customer_id) as "customerName", r.code, r.currency,
            r.amount_minor as "amountMinor", ${dayOf('r.given_on')} as "givenOn", r.by, r.note
       from payment_reason r
       left join invoice i on i.book_id = r.book_id and i.id = r.invoice_id
       left join customer c on c.book_id = r.book_id and c.id = r.customer_id
      where r.book_id = $1::int and ${dayOf('r.given_on')} between $2::int and $3::int
      order by r.invoice_id, r.given_on desc, r.id desc`,
    bookId,
    from,
    to,
  );
}
