/**
 * What the ledger does not say but its allocations do: what a journal line still owes or still
 * gives, and whose payment it was where the ledger names only the invoice. One statement each, over
 * the whole book; a row that is right already is not rewritten.
 */
import type { BookId, Platform } from '../domain/receivables.ts';
import type { Tx } from '../store/db.ts';

export async function deriveFromAllocations(
  tx: Tx,
  bookId: BookId,
  platform: Platform,
): Promise<void> {
  await tx.$executeRawUnsafe(JOURNAL_INVOICES, bookId);
  await tx.$executeRawUnsafe(JOURNAL_CREDITS, bookId);
  await tx.$executeRawUnsafe(platform === 'xero' ? PAYERS_ALWAYS : PAYERS_WHERE_MISSING, bookId);
}

const JOURNAL_INVOICES = `
  update invoice t set
    open_minor = d.open,
    status = case when d.open = 0 then 'paid' else 'open' end,
    paid_on = case when d.open = 0 then d.last_on end
  from (
    select i.id, greatest(i.total_minor - coalesce(sum(a.amount_minor), 0), 0)::bigint as open,
      max(a.allocated_on) as last_on
    from invoice i left join allocation a
      on a.book_id = i.book_id and a.target_kind = 'invoice' and a.target_id = i.id
    where i.book_id = $1::int and i.kind = 'journal' and i.status in ('open', 'paid')
    group by i.id, i.total_minor) d
  where t.book_id = $1::int and t.id = d.id
    and (t.open_minor <> d.open or (t.status = 'paid') <> (d.open = 0)
      or t.paid_on is distinct from (case when d.open = 0 then d.last_on end))`;

// A journal credit is used up by the payments that draw on it and by what it was itself set against.
const JOURNAL_CREDITS = `
  update credit t set
    remaining_minor = d.remaining,
    status = case when d.remaining = 0 then 'used' else 'open' end
  from (
    select c.id, greatest(c.total_minor - coalesce(sum(a.amount_minor), 0), 0)::bigint as remaining
    from credit c left join allocation a on a.book_id = c.book_id
      and ((a.target_kind = 'credit' and a.target_id = c.id)
        or (a.source_kind = 'credit' and a.source_id = c.id))
    where c.book_id = $1::int and c.kind = 'journal' and c.status in ('open', 'used')
    group by c.id, c.total_minor) d
  where t.book_id = $1::int and t.id = d.id
    and (t.remaining_minor <> d.remaining or (t.status = 'used') <> (d.remaining = 0))`;

function payersSql(which: string): string {
  return `
  update payment t set customer_id = d.customer_id
  from (
    select distinct on (a.source_id) a.source_id,
      coalesce(i.customer_id, c.customer_id) as customer_id
    from allocation a
      left join invoice i
        on i.book_id = a.book_id and a.target_kind = 'invoice' and i.id = a.target_id
      left join credit c
        on c.book_id = a.book_id and a.target_kind = 'credit' and c.id = a.target_id
    where a.book_id = $1::int and a.source_kind = 'payment'
      and coalesce(i.customer_id, c.customer_id) is not null
    order by a.source_id, a.seq) d
  where t.book_id = $1::int and t.id = d.source_id and ${which}`;
}

// Xero's list of payments names no customer, so a payment follows its invoice even through a merge.
const PAYERS_ALWAYS = payersSql('t.customer_id is distinct from d.customer_id');
const PAYERS_WHERE_MISSING = payersSql('t.customer_id is null');
