/** Figures for pages come from a few set-based statements; sums of minor units leave SQL as exact numbers (float8 below 2^53). */
import type { Db } from '../../store/db.ts';

export async function select<Row>(db: Db, text: string, ...values: unknown[]): Promise<Row[]> {
  return db.prisma.$queryRawUnsafe<Row[]>(text, ...values);
}

/** A `date` column as a Day number. */
export const dayOf = (column: string) => `(${column} - date '1970-01-01')`;

/**
 * What is owed, one row per due day: (book_id, customer_id, invoice_id, currency, due, amount). The
 * same rule as `openDueItems` in src/domain, for a whole book at once: an invoice that falls due in
 * parts is paid from its earliest part on, and what its parts do not cover belongs to the first.
 * `where` may name columns of `i`.
 */
export const owed = (where: string) => `
  select i.book_id, i.customer_id, i.id as invoice_id, i.currency,
         ${dayOf('i.due_on')} as due, i.open_minor as amount
    from invoice i
   where i.status = 'open' and i.open_minor > 0 and ${where} and not ${HAS_PARTS}
  union all
  select i.book_id, i.customer_id, i.id, i.currency, part.due,
         case part.place when 1 then greatest(0, i.open_minor - part.later)
              else greatest(0, least(part.amount, i.open_minor - part.later)) end
    from invoice i
   cross join lateral (
     select p.due, p.amount,
            row_number() over (order by p.due, p.place) as place,
            coalesce(sum(greatest(0, p.amount)) over (
              order by p.due desc, p.place desc rows between unbounded preceding and 1 preceding), 0)::bigint as later
       from (select (e.part->>'dueOn')::int as due, (e.part->>'amountMinor')::bigint as amount, e.place
               from jsonb_array_elements(i.schedule) with ordinality as e(part, place)) p
   ) part
   where i.status = 'open' and i.open_minor > 0 and ${where} and ${HAS_PARTS}`;

const HAS_PARTS = `(case jsonb_typeof(i.schedule) when 'array' then jsonb_array_length(i.schedule) > 0 else false end)`;

/** The aging columns of a query over `owed`, with `today` an expression. */
export const agingSums = (today: string) => `
  coalesce(sum(o.amount), 0)::float8 as "open",
  coalesce(sum(o.amount) filter (where o.due < ${today}), 0)::float8 as "overdue",
  coalesce(sum(o.amount) filter (where o.due >= ${today}), 0)::float8 as "current",
  coalesce(sum(o.amount) filter (where ${today} - o.due between 1 and 30), 0)::float8 as "days30",
  coalesce(sum(o.amount) filter (where ${today} - o.due between 31 and 60), 0)::float8 as "days60",
  coalesce(sum(o.amount) filter (where ${today} - o.due between 61 and 90), 0)::float8 as "days90",
  coalesce(sum(o.amount) filter (where ${today} - o.due > 90), 0)::float8 as "older"`;

interface Aging {
  open: number;
  overdue: number;
  current: number;
  days30: number;
  days60: number;
  days90: number;
  older: number;
}

export interface AgingInCurrency extends Aging {
  currency: string;
}
