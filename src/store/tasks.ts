/** Work for people that is to do, the earliest first. */
import type { Day } from '../domain/day.ts';
import type { Currency, Minor } from '../domain/money.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import { contactStanding, type ContactSign } from '../domain/task-outcomes.ts';
import type { Tx } from './db.ts';
import { dayOf, jsonRows } from './json-rows.ts';

export interface TaskRow {
  id: string;
  customerId: CustomerId;
  customerName: string;
  phone: string | null;
  currency: Currency;
  channel: string;
  stepName: string;
  /** The level of the ladder whose work it is. */
  sender: string;
  /** Not before this day. */
  dueOn: Day;
  invoices: number;
  amountMinor: Minor;
  /** What the last call that told anything said about the number or person; null: nothing against it. */
  contact: Exclude<ContactSign, 'good'> | null;
}

const TASKS_MAX = 500;

export async function readTasks(tx: Tx, bookId: BookId): Promise<TaskRow[]> {
  const rows = await jsonRows<Omit<TaskRow, 'contact'>>(
    tx,
    `select a.id, a.customer_id as "customerId", coalesce(c.name, a.customer_id) as "customerName",
            c.phone, a.currency, a.channel, a.step_name as "stepName", a.sender,
            ${dayOf('a.planned_on')} as "dueOn", count(ai.invoice_id)::int as invoices,
            coalesce(sum(ai.open_minor), 0)::bigint as "amountMinor"
       from action a
       left join action_invoice ai on ai.action_id = a.id and ai.is_trigger
       left join customer c on c.book_id = a.book_id and c.id = a.customer_id
      where a.book_id = $1::int and a.state = 'todo'
      group by a.id, c.name, c.phone
      order by a.planned_on, sum(ai.open_minor) desc nulls last, a.id limit ${TASKS_MAX}`,
    bookId,
  );
  const signs = await readContacts(tx, bookId, [...new Set(rows.map((row) => row.customerId))]);
  return rows.map((row) => ({ ...row, contact: signs.get(row.customerId) ?? null }));
}

/** How the contacts of these customers stand after the calls that were made. */
export async function readContacts(
  tx: Tx,
  bookId: BookId,
  customerIds: readonly CustomerId[],
): Promise<Map<CustomerId, Exclude<ContactSign, 'good'>>> {
  const calls = await jsonRows<{
    customerId: CustomerId;
    calls: { outcome: string; at: number }[];
  }>(
    tx,
    `select a.customer_id as "customerId",
            json_agg(json_build_object('outcome', a.outcome_code,
                                       'at', extract(epoch from a.outcome_at))) as calls
       from action a
       join json_array_elements_text($2::json) as wanted(id) on a.customer_id = wanted.id
      where a.book_id = $1::int and a.outcome_code is not null
      group by a.customer_id`,
    bookId,
    JSON.stringify(customerIds),
  );
  return new Map(
    calls.flatMap((row) => {
      const sign = contactStanding(row.calls);
      return sign === null ? [] : [[row.customerId, sign] as const];
    }),
  );
}
