/** What assess last said of customers, as far as a policy may ask for it: open flags, score and segment. */
import type { DebtorProfile } from '../domain/dunning-case.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import type { Tx } from './db.ts';
import { jsonRows } from './json-rows.ts';

/** Customers of whom nothing is known have no entry. */
export async function readProfiles(
  tx: Tx,
  bookId: BookId,
  ids: readonly CustomerId[],
): Promise<Map<CustomerId, DebtorProfile>> {
  const rows = await jsonRows<DebtorProfile & { id: CustomerId }>(
    tx,
    `select wanted.id, coalesce(f.flags, '[]') as flags, r.score, r.segment
       from json_array_elements_text($2::json) as wanted(id)
       left join customer_risk r on r.book_id = $1::int and r.customer_id = wanted.id
       left join lateral (
              select json_agg(flag.code order by flag.code) as flags from flag
               where flag.book_id = $1::int and flag.customer_id = wanted.id and flag.closed_on is null
            ) f on true
      where f.flags is not null or r.customer_id is not null`,
    bookId,
    JSON.stringify(ids),
  );
  return new Map(rows.map(({ id, ...profile }) => [id, profile]));
}
