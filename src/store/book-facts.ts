/** What the rules read of a book: customers in the order of their ids, and what belongs to a set of them. */
import { type Bounce, deadAddresses } from '../domain/bounces.ts';
import { type Day, fromDate } from '../domain/day.ts';
import type { ChaseInvoice } from '../domain/dunning-case.ts';
import type { Currency, Minor } from '../domain/money.ts';
import type { BookId, Contact, CustomerId } from '../domain/receivables.ts';
import { AccessError } from '../errors.ts';
import { BOUNCES_OF_C } from './bounces.ts';
import type { Tx } from './db.ts';
import { dayOf, idsFrom, jsonRows } from './json-rows.ts';

export interface BookRow {
  id: BookId;
  name: string;
  country: string;
  baseCurrency: Currency;
  timeZone: string;
  mode: 'shadow' | 'approve' | 'automatic';
  platformRemindersOn: boolean;
  /** A flag that opens or closes leaves a note on its customer. */
  flagNotes: boolean;
  lastSyncedAt: Date | null;
  /** The day as of which every customer stands assessed; null: not every one does. */
  assessedOn: Day | null;
  /** By what for all of them. */
  assessedBy: string | null;
  createdAt: Date;
}

export async function getBook(tx: Tx, bookId: BookId): Promise<BookRow> {
  const row = await tx.book.findUnique({ where: { id: bookId } });
  if (row === null) throw new AccessError('not_found', `no book ${bookId}`);
  const { assessedOn } = row;
  return { ...row, id: bookId, assessedOn: assessedOn === null ? null : fromDate(assessedOn) };
}

/**
 * Takes turns on a book until the transaction ends: two runs of one book would otherwise each decide
 * on what the other is about to change.
 */
export async function lockBook(tx: Tx, bookId: BookId): Promise<void> {
  await tx.$queryRawUnsafe('select id from book where id = $1::int for no key update', bookId);
}

/**
 * Customers whose invoices another one answers for: sub-customers billed with their parent, and
 * customers merged into another. Gives child → debtor, through as many levels as there are.
 */
export async function readFamilies(tx: Tx, bookId: BookId): Promise<Map<CustomerId, CustomerId>> {
  const rows = await jsonRows<{ id: CustomerId; to: CustomerId }>(
    tx,
    `select c.id, p.id as "to"
       from customer c
       join customer p on p.book_id = c.book_id
        and p.id = coalesce(c.merged_into_id, case when c.bill_with_parent then c.parent_id end)
      where c.book_id = $1::int and p.id <> c.id
        and (c.merged_into_id is not null or c.bill_with_parent and c.parent_id is not null)`,
    bookId,
  );
  const direct = new Map(rows.map((row) => [row.id, row.to]));
  return new Map(rows.map((row) => [row.id, followUp(direct, row.id)]));
}

/** A ring of parents ends at the member with the smallest id, whichever one asks. */
function followUp(direct: ReadonlyMap<CustomerId, CustomerId>, from: CustomerId): CustomerId {
  const path: CustomerId[] = [from];
  for (let at = direct.get(from); at !== undefined; at = direct.get(at)) {
    const ring = path.indexOf(at);
    if (ring !== -1) return path.slice(ring).sort()[0] ?? from;
    path.push(at);
  }
  return path.at(-1) ?? from;
}

/** The next ids after `after`; an empty list ends the walk. */
export async function nextCustomerIds(
  tx: Tx,
  bookId: BookId,
  after: string,
  limit: number,
): Promise<CustomerId[]> {
  const rows = await jsonRows<{ id: CustomerId }>(
    tx,
    `select id from customer where book_id = $1::int and id > $2::text order by id limit $3::int`,
    bookId,
    after,
    limit,
  );
  return rows.map((row) => row.id);
}

export interface CustomerRow {
  id: CustomerId;
  name: string;
  emailText: string | null;
  contacts: Contact[];
  currency: Currency | null;
  varianceMinor: Minor | null;
  varianceReason: string | null;
  doNotChase: boolean;
  /** Messages to these came back. */
  deadAddresses: string[];
}

export async function readCustomers(
  tx: Tx,
  bookId: BookId,
  ids: readonly CustomerId[],
): Promise<CustomerRow[]> {
  const rows = await jsonRows<Omit<CustomerRow, 'deadAddresses'> & { bounces: Bounce[] }>(
    tx,
    `select c.id, c.name, c.email_text as "emailText", c.contacts, c.currency,
            c.variance_minor as "varianceMinor", c.variance_reason as "varianceReason",
            coalesce(s.do_not_chase, false) as "doNotChase", ${BOUNCES_OF_C} as bounces
       from customer c
       left join customer_setting s on s.book_id = c.book_id and s.customer_id = c.id
      where c.book_id = $1::int and c.id = any(${idsFrom('$2')})`,
    bookId,
    JSON.stringify(ids),
  );
  return rows.map(({ bounces, ...row }) => ({ ...row, deadAddresses: deadAddresses(bounces) }));
}

/** Open invoices and drafts of these customers. */
export async function readOpenInvoices(
  tx: Tx,
  bookId: BookId,
  customerIds: readonly CustomerId[],
): Promise<ChaseInvoice[]> {
  return jsonRows<ChaseInvoice>(
    tx,
    `select id, number, kind, customer_id as "customerId", currency, status,
            ${dayOf('issued_on')} as "issuedOn", ${dayOf('due_on')} as "dueOn", schedule,
            total_minor as "totalMinor", open_minor as "openMinor", email_text as "emailText"
       from invoice
      where book_id = $1::int and customer_id = any(${idsFrom('$2')}) and status in ('open', 'draft')`,
    bookId,
    JSON.stringify(customerIds),
  );
}

export interface UnappliedRow {
  customerId: CustomerId;
  currency: Currency;
  amountMinor: Minor;
}

/** Credits with a remainder and payments set against nothing, per customer and currency. */
export async function readUnapplied(
  tx: Tx,
  bookId: BookId,
  customerIds: readonly CustomerId[],
): Promise<UnappliedRow[]> {
  return jsonRows<UnappliedRow>(
    tx,
    `select "customerId", currency, sum(amount)::bigint as "amountMinor" from (
       select customer_id as "customerId", currency, remaining_minor as amount
         from credit
        where book_id = $1::int and customer_id = any(${idsFrom('$2')})
          and status = 'open' and remaining_minor > 0
       union all
       select customer_id, currency, unapplied_minor
         from payment
        where book_id = $1::int and customer_id = any(${idsFrom('$2')})
          and status = 'received' and unapplied_minor > 0
     ) unapplied group by 1, 2`,
    bookId,
    JSON.stringify(customerIds),
  );
}

export interface BookTotal {
  currency: Currency;
  openMinor: Minor;
  customers: number;
  /** Who owes more than a share of it. */
  largest: CustomerId[];
}

/** What the whole book is owed, per currency, by how many, and by whom more than `share` of it. */
export async function readBookTotals(tx: Tx, bookId: BookId, share: number): Promise<BookTotal[]> {
  return jsonRows<BookTotal>(
    tx,
    `select currency, sum(open)::bigint as "openMinor", count(*)::int as customers,
            coalesce(json_agg(customer_id) filter (where open > $2::float8 * total), '[]') as largest
       from (
         select currency, customer_id, sum(open_minor) as open,
                sum(sum(open_minor)) over (partition by currency) as total
           from invoice where book_id = $1::int and status = 'open' group by currency, customer_id
       ) owed group by currency`,
    bookId,
    share,
  );
}
