/** How a book's invoices were paid, as plain observations: what prediction learns from. */
import type { Day } from '../domain/day.ts';
import type { Currency, Minor } from '../domain/money.ts';
import type { PaymentObservation } from '../domain/predict/observation.ts';
import type { BookId, CustomerId, InvoiceId } from '../domain/receivables.ts';
import { readFamilies } from './book-facts.ts';
import type { Tx } from './db.ts';
import { dateFrom, dayOf, idsFrom, jsonRows } from './json-rows.ts';

export interface InvoicePayment extends PaymentObservation {
  invoiceId: InvoiceId;
  number: string;
}

interface Row {
  id: InvoiceId;
  number: string;
  customerId: CustomerId;
  issuedOn: Day;
  dueOn: Day;
  paidOn: Day | null;
  totalMinor: Minor;
  openMinor: Minor;
  currency: Currency;
  /** null: nothing is allocated to it. */
  allocatedMinor: Minor | null;
  settledIn: Currency[] | null;
  isPaid: boolean;
  /** null: nothing is allocated to it. */
  hasReceipt: boolean | null;
}

const PAGE = 20_000;

/**
 * Every invoice that is open or was paid, in pages, under the customer who answers for it. An invoice
 * that credits alone brought to zero was forgiven, not paid, and says nothing of how its customer pays.
 */
export async function* readPaymentHistory(
  tx: Tx,
  bookId: BookId,
): AsyncGenerator<InvoicePayment[]> {
  const families = await readFamilies(tx, bookId);
  const sql = historySql('id > $2::text', 'order by id limit $3::int');
  for (let after = ''; ;) {
    const rows = await jsonRows<Row>(tx, sql, bookId, after, PAGE);
    if (rows.length > 0) yield rows.filter(isTelling).map((row) => observationOf(row, families));
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.id;
  }
}

/** The same for these customers: what is open, and of the rest what was issued on `since` or later. */
export async function readPaymentsOf(
  tx: Tx,
  bookId: BookId,
  customerIds: readonly CustomerId[],
  since: Day,
  families: ReadonlyMap<CustomerId, CustomerId>,
): Promise<InvoicePayment[]> {
  const sql = historySql(
    `customer_id = any(${idsFrom('$2')}) and (status = 'open' or issued_on >= ${dateFrom('$3')})`,
  );
  const rows = await jsonRows<Row>(tx, sql, bookId, JSON.stringify(customerIds), since);
  return rows.filter(isTelling).map((row) => observationOf(row, families));
}

/** Customers drawn the same way every time, as many as have about `invoices` invoices since that day. */
export async function sampleCustomers(
  tx: Tx,
  bookId: BookId,
  since: Day,
  invoices: number,
): Promise<CustomerId[]> {
  const rows = await jsonRows<{ id: CustomerId }>(
    tx,
    `select s.customer_id as id
       from (select customer_id, count(*) as own,
                    sum(count(*)) over (order by md5(customer_id), customer_id) as so_far
               from invoice
              where book_id = $1::int and kind = 'invoice' and status in ('open', 'paid')
                and issued_on >= ${dateFrom('$2')}
              group by customer_id) s
      where s.so_far - s.own < $3::int`,
    bookId,
    since,
    invoices,
  );
  return rows.map((row) => row.id);
}

/** Not what was forgiven, and not what was paid on a day nobody knows. */
function isTelling(row: Row): boolean {
  return !row.isPaid || (row.paidOn !== null && row.hasReceipt !== false);
}

function observationOf(row: Row, families: ReadonlyMap<CustomerId, CustomerId>): InvoicePayment {
  return {
    invoiceId: row.id,
    number: row.number,
    customer: families.get(row.customerId) ?? row.customerId,
    issuedOn: row.issuedOn,
    dueOn: row.dueOn,
    paidOn: row.paidOn,
    amountMinor: row.totalMinor,
    currency: row.currency,
    openMinor: row.openMinor,
    allocatedMinor: row.allocatedMinor ?? 0,
    settledIn: row.settledIn ?? [],
  };
}

// QuickBooks names no day on which an invoice was paid: then it is the day of the last allocation.
const historySql = (where: string, rest = '') => `
  select i.id, i.number, i.customer_id as "customerId", i.currency, i.total_minor as "totalMinor",
         i.open_minor as "openMinor", a.allocated as "allocatedMinor", a.settled_in as "settledIn",
         i.status = 'paid' as "isPaid", a.has_receipt as "hasReceipt",
         ${dayOf('i.issued_on')} as "issuedOn", ${dayOf('i.due_on')} as "dueOn",
         case when i.status = 'paid' then coalesce(${dayOf('i.paid_on')}, a.last_on) end as "paidOn"
    from (select * from invoice
           where book_id = $1::int and kind = 'invoice' and status in ('open', 'paid') and ${where}
           ${rest}) i
    left join lateral (
      select max(${dayOf('a.allocated_on')}) as last_on,
             bool_or(coalesce(a.source_kind = 'payment' and p.kind = 'receipt', false)) as has_receipt,
             sum(a.amount_minor) filter (where coalesce(p.status, 'received') = 'received')::bigint as allocated,
             json_agg(distinct p.currency) filter (where p.status = 'received') as settled_in
        from allocation a
        left join payment p
          on p.book_id = a.book_id and a.source_kind = 'payment' and p.id = a.source_id
       where i.status = 'paid'
         and a.book_id = i.book_id and a.target_kind = 'invoice' and a.target_id = i.id) a on true
   order by i.id`;
