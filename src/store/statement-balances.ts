/** Who owes how much in which currency, with what decides whether a statement is sent. */
import type { Currency, Minor } from '../domain/money.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import type { Tx } from './db.ts';
import { idsFrom, jsonRows } from './json-rows.ts';

export interface CustomerBalance {
  customerId: CustomerId;
  currency: Currency;
  /** Open invoices less credits and unapplied payments. */
  balanceMinor: Minor;
  doNotChase: boolean;
  isOffBalance: boolean;
  /** An agency or a lawyer has an invoice of theirs that is still open. */
  isHandedOver: boolean;
}

export async function readCustomerBalances(
  tx: Tx,
  bookId: BookId,
  ids: readonly CustomerId[],
): Promise<CustomerBalance[]> {
  return jsonRows<CustomerBalance>(
    tx,
    `with items as (
       select customer_id, currency, open_minor as amount from invoice
        where book_id = $1::int and customer_id = any(${idsFrom('$2')}) and status = 'open'
       union all
       select customer_id, currency, -remaining_minor from credit
        where book_id = $1::int and customer_id = any(${idsFrom('$2')}) and status = 'open'
       union all
       select customer_id, currency, -unapplied_minor from payment
        where book_id = $1::int and customer_id = any(${idsFrom('$2')}) and status = 'received'
     ), balances as (
       select customer_id, currency, sum(amount)::bigint as balance from items group by 1, 2
     )
     select b.customer_id as "customerId", b.currency, b.balance as "balanceMinor",
            coalesce(s.do_not_chase, false) as "doNotChase",
            coalesce(c.variance_minor, 0) <> 0 as "isOffBalance",
            exists (select from action a
                      join action_invoice ai on ai.action_id = a.id
                      join invoice i on i.book_id = a.book_id and i.id = ai.invoice_id
                     where a.book_id = $1::int and a.customer_id = b.customer_id
                       and a.channel = 'hand_over' and a.state in ('todo', 'done')
                       and i.status = 'open') as "isHandedOver"
       from balances b
       join customer c on c.book_id = $1::int and c.id = b.customer_id
       left join customer_setting s on s.book_id = $1::int and s.customer_id = b.customer_id
      where b.balance <> 0`,
    bookId,
    JSON.stringify(ids),
  );
}
