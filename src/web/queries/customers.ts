/**
 * Customers of a book with their aging. One row per customer and currency: the book's own currency
 * first, and within a currency the most overdue first, since amounts of two currencies do not compare.
 */
import type { Day } from '../../domain/day.ts';
import type { BookId } from '../../domain/receivables.ts';
import type { Segment } from '../../domain/segments.ts';
import type { Db } from '../../store/db.ts';
import { type AgingInCurrency, agingSums, owed, select } from './sql.ts';

export const CUSTOMERS_PER_PAGE = 100;

interface CustomerRow extends AgingInCurrency {
  id: string;
  name: string;
  oldestDays: number;
  flags: string[];
  onHold: boolean;
  score: number | null;
  grade: string | null;
  segment: Segment | null;
}

export interface FoundCustomers {
  rows: CustomerRow[];
  total: number;
  /** How many of all rows owe something overdue. */
  late: number;
}

export async function readCustomers(
  db: Db,
  bookId: BookId,
  today: Day,
  search: { name: string; page: number; baseCurrency: string },
): Promise<FoundCustomers> {
  const rows = await select<CustomerRow & { total: number; late: number }>(
    db,
    `select c.id, c.name, m.currency, m."open", m."overdue", m."current", m."days30", m."days60",
            m."days90", m."older", m."oldestDays",
            array(select f.code from flag f
                   where f.book_id = c.book_id and f.customer_id = c.id and f.closed_on is null
                   order by case f.severity when 'high' then 0 when 'medium' then 1 when 'low' then 2 else 3 end, f.code) as "flags",
            exists(select 1 from hold h
                    where h.book_id = c.book_id and h.customer_id = c.id and h.ended_at is null
                      and (h.until_on is null or h.until_on - date '1970-01-01' >= $2)) as "onHold",
            r.score, r.grade, r.segment,
            m.total, m.late
       from (
         select o.customer_id, o.currency, ${agingSums('$2')},
                greatest(0, $2 - min(o.due))::int as "oldestDays", count(*) over ()::int as total,
                (sum(case when min(o.due) < $2 then 1 else 0 end) over ())::int as late,
                row_number() over (order by o.currency <> $5, o.currency,
                  sum(o.amount) filter (where o.due < $2) desc nulls last, sum(o.amount) desc, o.customer_id) as place
           from (${owed('i.book_id = $1')}) o
           join customer c on c.book_id = $1 and c.id = o.customer_id
          where $3 = '' or c.name ilike $3
          group by o.customer_id, o.currency
          order by place
          limit ${CUSTOMERS_PER_PAGE} offset $4
       ) m
       join customer c on c.book_id = $1 and c.id = m.customer_id
       left join customer_risk r on r.book_id = $1 and r.customer_id = m.customer_id
      order by m.place`,
    bookId,
    today,
    search.name === '' ? '' : `%${escapeLike(search.name)}%`,
    (search.page - 1) * CUSTOMERS_PER_PAGE,
    search.baseCurrency,
  );
  return { rows, total: rows[0]?.total ?? 0, late: rows[0]?.late ?? 0 };
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, (sign) => `\\${sign}`);
}
