/** What a customer's risk is read from beside what is open: the paid past, what was set against what, limits and ratings. */
import type { LimitLine } from '../domain/credit-limits.ts';
import type { Activity, ExternalRating } from '../domain/customer-facts.ts';
import type { BookHabit } from '../domain/customer-risk.ts';
import type { Day } from '../domain/day.ts';
import type { Currency, Minor } from '../domain/money.ts';
import type { BookId, CustomerId, InvoiceId } from '../domain/receivables.ts';
import type { Tx } from './db.ts';
import { dateFrom, dayOf, idsFrom, jsonRows } from './json-rows.ts';

export interface PaidInvoiceRow {
  id: InvoiceId;
  number: string;
  customerId: CustomerId;
  currency: Currency;
  issuedOn: Day;
  dueOn: Day;
  paidOn: Day;
  totalMinor: Minor;
  openMinor: Minor;
}

/** Invoices that are paid and fell due on or after a day, or have yet to. */
export async function readPaidInvoices(
  tx: Tx,
  bookId: BookId,
  customerIds: readonly CustomerId[],
  from: Day,
): Promise<PaidInvoiceRow[]> {
  return jsonRows<PaidInvoiceRow>(
    tx,
    `select id, number, customer_id as "customerId", currency, ${dayOf('issued_on')} as "issuedOn",
            ${dayOf('due_on')} as "dueOn", ${dayOf('paid_on')} as "paidOn",
            total_minor as "totalMinor", open_minor as "openMinor"
       from invoice
      where book_id = $1::int and customer_id = any(${idsFrom('$2')}) and kind = 'invoice'
        and status = 'paid' and paid_on is not null and total_minor > 0
        and due_on >= ${dateFrom('$3')}`,
    bookId,
    JSON.stringify(customerIds),
    from,
  );
}

export interface SettlementRow {
  invoiceId: InvoiceId;
  allocatedMinor: Minor;
  /** On how many days money was set against it, and the last of them. */
  parts: number;
  lastPartOn: Day | null;
  /** Credit set against it after money had come. */
  forgivenMinor: Minor;
  settledIn: Currency[];
}

/**
 * What was set against the invoices that habits are read from, where that is more than one payment in
 * full: everything on an open one, several payments, credit after payment, too much, another currency.
 */
export async function readSettlements(
  tx: Tx,
  bookId: BookId,
  customerIds: readonly CustomerId[],
  from: Day,
): Promise<SettlementRow[]> {
  return jsonRows<SettlementRow>(
    tx,
    `select "invoiceId", sum(amount)::bigint as "allocatedMinor",
            count(distinct on_day) filter (where is_money)::int as parts,
            ${dayOf('max(on_day) filter (where is_money)')} as "lastPartOn",
            coalesce(sum(amount) filter (where not is_money and on_day > first_on), 0)::bigint as "forgivenMinor",
            json_agg(distinct settled_in) as "settledIn"
       from (
         select i.id as "invoiceId", i.status, i.total_minor, i.currency, a.amount_minor as amount,
                a.allocated_on as on_day, coalesce(p.kind = 'receipt', false) as is_money,
                coalesce(p.currency, c.currency, i.currency) as settled_in,
                min(a.allocated_on) filter (where p.kind = 'receipt') over (partition by i.id) as first_on
           from invoice i
           join allocation a on a.book_id = i.book_id and a.target_kind = 'invoice' and a.target_id = i.id
           left join payment p on a.source_kind = 'payment' and p.book_id = a.book_id and p.id = a.source_id
           left join credit c on a.source_kind = 'credit' and c.book_id = a.book_id and c.id = a.source_id
          where i.book_id = $1::int and i.customer_id = any(${idsFrom('$2')}) and i.kind = 'invoice'
            and (i.status = 'open' or (i.status = 'paid' and i.due_on >= ${dateFrom('$3')}))
            and coalesce(p.status, c.status, '') not in ('voided', 'deleted')
       ) line
      group by "invoiceId", status, total_minor, currency
     having status = 'open' or sum(amount) > total_minor or bool_or(settled_in <> currency)
         or count(distinct on_day) filter (where is_money) > 1
         or bool_or(not is_money and on_day > first_on)`,
    bookId,
    JSON.stringify(customerIds),
    from,
  );
}

export interface ActivityRow extends Activity {
  customerId: CustomerId;
}

/** The first and the latest invoice, and the latest money that came. */
export async function readActivity(
  tx: Tx,
  bookId: BookId,
  customerIds: readonly CustomerId[],
): Promise<ActivityRow[]> {
  return jsonRows<ActivityRow>(
    tx,
    `select id as "customerId", ${dayOf('min(first_on)')} as "firstIssuedOn",
            ${dayOf('max(last_on)')} as "lastIssuedOn", ${dayOf('max(paid_on)')} as "lastPaidOn"
       from (
         select customer_id as id, min(issued_on) as first_on, max(issued_on) as last_on, null::date as paid_on
           from invoice
          where book_id = $1::int and customer_id = any(${idsFrom('$2')}) and status in ('open', 'paid')
          group by customer_id
         union all
         select customer_id, null, null, max(paid_on)
           from payment
          where book_id = $1::int and customer_id = any(${idsFrom('$2')})
            and status = 'received' and kind = 'receipt'
          group by customer_id
       ) happened group by id`,
    bookId,
    JSON.stringify(customerIds),
  );
}

export interface LimitRow extends LimitLine {
  /** null: the book's default. */
  customerId: CustomerId | null;
}

export async function readLimits(
  tx: Tx,
  bookId: BookId,
  customerIds: readonly CustomerId[],
): Promise<LimitRow[]> {
  return jsonRows<LimitRow>(
    tx,
    `select id, customer_id as "customerId", currency, amount_minor as "amountMinor",
            insured_minor as "insuredMinor", ${dayOf('from_on')} as "fromOn",
            ${dayOf('until_on')} as "untilOn",
            case when customer_id is null then 'book' else 'customer' end as source
       from credit_limit
      where book_id = $1::int and (customer_id is null or customer_id = any(${idsFrom('$2')}))
      order by id`,
    bookId,
    JSON.stringify(customerIds),
  );
}

export interface RatingRow extends ExternalRating {
  customerId: CustomerId;
}

/** The latest of each customer as of a day. */
export async function readRatings(
  tx: Tx,
  bookId: BookId,
  customerIds: readonly CustomerId[],
  asOn: Day,
): Promise<RatingRow[]> {
  return jsonRows<RatingRow>(
    tx,
    `select distinct on (customer_id) customer_id as "customerId", grade, source,
            ${dayOf('rated_on')} as "ratedOn"
       from external_rating
      where book_id = $1::int and customer_id = any(${idsFrom('$2')}) and rated_on <= ${dateFrom('$3')}
      order by customer_id, rated_on desc, id desc`,
    bookId,
    JSON.stringify(customerIds),
    asOn,
  );
}

export interface DisputeCountRow {
  customerId: CustomerId;
  invoices: number;
  /** The earliest of them was raised on. */
  firstOn: Day;
}

/** Invoices contested since a day, settled or not; a dispute of everything counts as one. */
export async function readDisputeCounts(
  tx: Tx,
  bookId: BookId,
  customerIds: readonly CustomerId[],
  from: Day,
): Promise<DisputeCountRow[]> {
  return jsonRows<DisputeCountRow>(
    tx,
    `select h.customer_id as "customerId", count(distinct coalesce(named.invoice_id, h.id::text))::int as invoices,
            ${dayOf('min(h.from_on)')} as "firstOn"
       from hold h left join unnest(h.invoice_ids) as named(invoice_id) on true
      where h.book_id = $1::int and h.customer_id = any(${idsFrom('$2')}) and h.kind = 'dispute'
        and h.from_on >= ${dateFrom('$3')}
      group by h.customer_id`,
    bookId,
    JSON.stringify(customerIds),
    from,
  );
}

export interface BookHabitRow extends BookHabit {
  asOn: Day;
}

export async function readBookHabits(tx: Tx, bookId: BookId): Promise<BookHabitRow[]> {
  return jsonRows<BookHabitRow>(
    tx,
    `select currency, ${dayOf('as_on')} as "asOn", matured_count as "maturedCount",
            late_count as "lateCount", days_late as "daysLate", billed_minor as "billedMinor", customers
       from book_habit where book_id = $1::int order by currency`,
    bookId,
  );
}

/** Reads the whole book's invoices that fell due from `from` to the day before `asOn`, and keeps the sums. */
export async function refreshBookHabits(
  tx: Tx,
  bookId: BookId,
  from: Day,
  asOn: Day,
): Promise<void> {
  await tx.$executeRawUnsafe('delete from book_habit where book_id = $1::int', bookId);
  await tx.$executeRawUnsafe(
    `insert into book_habit (book_id, currency, as_on, matured_count, late_count, days_late, billed_minor, customers)
     select $1::int, currency, ${dateFrom('$3')}, count(*), count(*) filter (where late > 0), sum(late),
            sum(total_minor), count(distinct customer_id)
       from (
         select currency, customer_id, total_minor,
                case when status = 'paid' then paid_on else ${dateFrom('$3')} end - due_on as late
           from invoice
          where book_id = $1::int and kind = 'invoice' and total_minor > 0
            and (status = 'open' or (status = 'paid' and paid_on >= issued_on)) and due_on >= issued_on
            and due_on >= ${dateFrom('$2')} and due_on < ${dateFrom('$3')}
       ) matured group by currency`,
    bookId,
    from,
    asOn,
  );
}
