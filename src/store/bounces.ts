/** Which addresses of a customer are not written to, by the delivery reports that stand. */
import { type Bounce, deadAddresses } from '../domain/bounces.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import type { Tx } from './db.ts';
import { dayOf, jsonRows } from './json-rows.ts';

/** For a query over customers named `c`: their reports as a JSON list. */
export const BOUNCES_OF_C = `
  (select coalesce(json_agg(json_build_object('address', b.address, 'kind', b.kind,
                   'on', ${dayOf("(b.reported_at at time zone 'UTC')::date")})), '[]')
     from bounce b
    where b.book_id = c.book_id and b.customer_id = c.id and b.cleared_at is null)`;

export async function readDeadAddresses(
  tx: Tx,
  bookId: BookId,
  customerId: CustomerId,
): Promise<string[]> {
  const [row] = await jsonRows<{ bounces: Bounce[] }>(
    tx,
    `select ${BOUNCES_OF_C} as bounces from customer c where c.book_id = $1::int and c.id = $2::text`,
    bookId,
    customerId,
  );
  return deadAddresses(row?.bounces ?? []);
}
