/**
 * Compares what the mirror says each customer owes with the platform's own figure: open invoices
 * less credits less unapplied payments, in the customer's currency, to the cent. Both sides are
 * whole minor units of one ledger, so there is nothing that a tolerance would have to forgive.
 * Open 1,200.00, credit 200.00, ledger says 1,000.00: variance 0. Ledger says 900.00: variance
 * 100.00 and a reason, and the customer is not chased.
 *
 * Xero does not say whether its figure counts unallocated credit (its aged report leaves prepayments
 * out), so at Xero the figure also agrees without overpayments and prepayments, or without any credit.
 *
 * variance_minor: 0 agrees, another figure does not, null was not compared (the reason says why).
 */
import type { BookId } from '../domain/receivables.ts';
import type { Tx } from '../store/db.ts';

/**
 * Call only when the ledger's balances were just read whole. `readSince` is when that reading
 * began: what changed after it may be in one figure and not in the other.
 * Gives how many customers are off balance.
 */
export async function reconcile(tx: Tx, bookId: BookId, readSince: Date): Promise<number> {
  await tx.$executeRawUnsafe(RECONCILE, bookId, readSince.toISOString());
  return countOffBalance(tx, bookId);
}

export async function countOffBalance(tx: Tx, bookId: BookId): Promise<number> {
  return tx.customer.count({
    where: { bookId, AND: [{ varianceMinor: { not: null } }, { varianceMinor: { not: 0 } }] },
  });
}

const AGREES = `(f.ledger = f.ours
  or f.platform = 'xero' and f.ledger in (f.without_advances, f.invoiced))`;

function inItsCurrency(figure: string): string {
  return `coalesce(sum(o.${figure}) filter (where o.currency = coalesce(c.currency, b.base_currency)), 0)`;
}

// `items` is everything that counts into a balance: the books' own identity, per customer and currency.
const RECONCILE = `
  with items as (
    select customer_id, currency, open_minor as amount, kind, remote_updated_at
      from invoice where book_id = $1::int and status = 'open'
    union all
    select customer_id, currency, -remaining_minor, kind, remote_updated_at
      from credit where book_id = $1::int and status = 'open'
    union all
    select customer_id, currency, -unapplied_minor, 'unapplied', remote_updated_at
      from payment where book_id = $1::int and status = 'received' and unapplied_minor <> 0
  ), owed as (
    select customer_id, currency, sum(amount) as amount, bool_or(kind = 'journal') as has_journal,
      sum(amount) filter (where kind not in ('overpayment', 'prepayment')) as without_advances,
      sum(amount) filter (where amount > 0) as invoiced
    from items where amount <> 0 group by customer_id, currency
  ), figures as (
    select c.id, c.ledger_balance_minor as ledger, c.hash = 'gone' as is_gone, c.merged_into_id,
      b.platform, ${inItsCurrency('amount')} as ours,
      ${inItsCurrency('without_advances')} as without_advances, ${inItsCurrency('invoiced')} as invoiced,
      coalesce(bool_or(o.currency <> coalesce(c.currency, b.base_currency)), false) as has_foreign,
      coalesce(bool_or(o.has_journal), false) as has_journal
    from customer c join book b on b.id = c.book_id left join owed o on o.customer_id = c.id
    where c.book_id = $1::int
    group by c.id, c.ledger_balance_minor, c.hash, c.merged_into_id, b.platform
  ), unread as (
    select coalesce(i.customer_id, k.customer_id, p.customer_id, q.external_id) as customer_id
    from quarantine q
      left join invoice i on q.kind = 'invoice' and i.book_id = q.book_id and i.id = q.external_id
      left join credit k on q.kind = 'credit' and k.book_id = q.book_id and k.id = q.external_id
      left join payment p on q.kind = 'payment' and p.book_id = q.book_id and p.id = q.external_id
    where q.book_id = $1::int
  ), changed as (
    select distinct customer_id from (
      select customer_id, remote_updated_at from invoice where book_id = $1::int
      union all select customer_id, remote_updated_at from credit where book_id = $1::int
      union all select customer_id, remote_updated_at from payment where book_id = $1::int) r
    where remote_updated_at >= $2::timestamptz
  ), verdict as (
    select f.id,
      case when f.ledger is null or f.is_gone or f.has_foreign then null
        when ${AGREES} then 0
        else (f.ours - f.ledger)::bigint end as variance,
      case
        when f.is_gone then 'not compared: the customer is gone from the ledger'
        when f.ledger is null then 'not compared: the ledger gives no balance'
        when f.has_foreign then 'not compared: items in a foreign currency'
        when ${AGREES} then null
        when f.merged_into_id is not null
          or f.id in (select merged_into_id from figures)
          then 'customers were merged: their invoices are read again at the next full read'
        when f.id in (select customer_id from unread)
          then 'a record of this customer could not be read'
        when f.id in (select customer_id from changed)
          then 'changed while the book was read: compared again at the next full read'
        when f.has_journal then 'journal lines: their settlement is derived, not told by the ledger'
        when exists (select from unread)
          then (select count(*) from unread) || ' records of the book could not be read'
        else 'unknown'
      end as reason
    from figures f
  )
  update customer t set variance_minor = v.variance, variance_reason = v.reason
  from verdict v
  where t.book_id = $1::int and t.id = v.id
    and (t.variance_minor is distinct from v.variance or t.variance_reason is distinct from v.reason)`;
