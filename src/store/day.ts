/** Reads for a book's day, grouped by the database. */
import type { Day } from '../domain/day.ts';
import type { Currency, Minor } from '../domain/money.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import type { Tx } from './db.ts';
import { dateFrom, dayOf, jsonRows } from './json-rows.ts';

export interface DayMessage {
  /** null in shadow mode: there is no action. */
  actionId: string | null;
  customerId: CustomerId;
  customerName: string;
  currency: Currency;
  channel: string;
  step: string;
  stepName: string;
  /** `shadow` when it only would go out. */
  state: string;
  stateReason: string | null;
  invoices: number;
  amountMinor: Minor;
}

/** Actions that are not finished. */
export async function readDayActions(tx: Tx, bookId: BookId, limit: number): Promise<DayMessage[]> {
  return jsonRows<DayMessage>(
    tx,
    `select a.id as "actionId", a.customer_id as "customerId",
            coalesce(c.name, a.customer_id) as "customerName", a.currency, a.channel, a.step,
            a.step_name as "stepName", a.state, a.state_reason as "stateReason",
            count(ai.invoice_id)::int as invoices, coalesce(sum(ai.open_minor), 0)::bigint as "amountMinor"
       from action a
       left join action_invoice ai on ai.action_id = a.id
       left join customer c on c.book_id = a.book_id and c.id = a.customer_id
      where a.book_id = $1::int and a.state not in ('sent', 'rejected', 'cancelled', 'done')
      group by a.id, c.name
      order by sum(ai.open_minor) desc nulls last, a.id limit $2::int`,
    bookId,
    limit,
  );
}

/** What the shadow run of a day would have sent or asked people to do. */
export async function readShadowMessages(
  tx: Tx,
  bookId: BookId,
  asOn: Day,
  limit: number,
): Promise<DayMessage[]> {
  return jsonRows<DayMessage>(
    tx,
    `select null as "actionId", d.facts->>'debtorId' as "customerId",
            min(d.facts->>'debtorName') as "customerName", d.facts->>'currency' as currency,
            d.facts->'message'->>'channel' as channel, d.facts->'message'->>'step' as step,
            d.facts->'message'->>'name' as "stepName", 'shadow' as state, null as "stateReason",
            count(*)::int as invoices, sum((d.facts->>'askedMinor')::bigint)::bigint as "amountMinor"
       from decision d
      where d.book_id = $1::int and d.replaced_on is null and d.outcome in ('remind', 'task')
        and d.decided_on = ${dateFrom('$2')} and d.facts->'message' is not null
      group by d.action_key, 2, 4, 5, 6, 7
      order by 11 desc, d.action_key limit $3::int`,
    bookId,
    asOn,
    limit,
  );
}

export interface HeldReasonRow {
  code: string;
  because: string;
  invoices: number;
  customers: number;
  nextOn: Day | null;
}

/** Holds in force by the last reason of their path, the most frequent first. */
export async function readHeldReasons(tx: Tx, bookId: BookId): Promise<HeldReasonRow[]> {
  return jsonRows<HeldReasonRow>(
    tx,
    `select coalesce(d.path->-1->>'code', 'hold') as code, min(d.because) as because,
            count(*)::int as invoices, count(distinct d.customer_id)::int as customers,
            ${dayOf('min(d.next_on)')} as "nextOn"
       from decision d
      where d.book_id = $1::int and d.replaced_on is null and d.outcome = 'hold'
      group by 1 order by count(*) desc, 1`,
    bookId,
  );
}
