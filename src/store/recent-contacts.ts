/** Who of a book was written to at which address in the last seven days, or is about to be. */
import type { Day } from '../domain/day.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import type { Tx } from './db.ts';
import { D_IN_FORCE } from './decisions.ts';
import { dayOf, jsonRows } from './json-rows.ts';

export interface ContactRow {
  customerId: CustomerId;
  /** In small letters. */
  address: string;
  on: Day;
  /** It has not left yet. */
  isPending: boolean;
}

/**
 * A decision that an action comes from. `offset 0` keeps the order of the steps: after a run that wrote a
 * great deal, with statistics of before it, every action was compared with every decision of the book.
 */
const DECIDED_BY = `
  select d.facts
    from (select ai.invoice_id from action_invoice ai
           where ai.action_id = a.id and ai.is_trigger offset 0) trigger
   cross join lateral (
     select d.facts from decision d
      where d.book_id = a.book_id and d.invoice_id = trigger.invoice_id
        and ${D_IN_FORCE} and d.action_key = a.key offset 0) d
   limit 1`;

/** What has not left counts on `asOn`: its address is the one the decision behind it names. */
export async function readRecentContacts(
  tx: Tx,
  bookId: BookId,
  asOn: Day,
  timeZone: string,
): Promise<ContactRow[]> {
  return jsonRows<ContactRow>(
    tx,
    `select a.customer_id as "customerId", lower(address) as address, false as "isPending",
            ${dayOf('(coalesce(m.accepted_at, m.handed_over_at) at time zone $3::text)::date')} as "on"
       from action a
       join message m on m.action_id = a.id
      cross join unnest(m.to_addresses) as address
      where a.book_id = $1::int and a.state in ('handing_over', 'sent', 'in_doubt')
        and (coalesce(m.accepted_at, m.handed_over_at) at time zone $3::text)::date
              > date '1970-01-01' + ($2::int - 7)
     union all
     select a.customer_id, lower(address), true, $2::int
       from action a
      cross join lateral (${DECIDED_BY}) behind
      cross join jsonb_array_elements_text(behind.facts->'recipients'->'to') as address
      where a.book_id = $1::int and a.channel = 'email'
        and a.state in ('proposed', 'planned', 'deferred', 'claimed')`,
    bookId,
    asOn,
    timeZone,
  );
}
