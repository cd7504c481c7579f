/** What assess last said of customers, as far as a policy may ask for it: open flags, score and segment. */
import type { DebtorProfile } from '../domain/dunning-case.ts';
import type { PastProfile } from '../domain/replay/past-profile.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import type { Tx } from './db.ts';
import { dayOf, jsonRows } from './json-rows.ts';

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

/** What is known of the same on past days. A customer of whom nothing is known has an entry that says so. */
export async function readPastProfiles(
  tx: Tx,
  bookId: BookId,
  ids: readonly CustomerId[],
): Promise<Map<CustomerId, PastProfile>> {
  const rows = await jsonRows<Omit<PastProfile, 'today'> & { id: CustomerId }>(
    tx,
    `select wanted.id,
            (select coalesce(json_agg(json_build_object('code', f.code, 'openedOn', ${dayOf('f.opened_on')},
                      'closedOn', ${dayOf('f.closed_on')}) order by f.opened_on, f.code), '[]')
               from flag f where f.book_id = $1::int and f.customer_id = wanted.id) as flags,
            (select ${dayOf('min(a.as_on)')} from assessment a
              where a.book_id = $1::int and a.customer_id = wanted.id) as "flagsSince",
            (select ${dayOf('r.as_on')} from customer_risk r
              where r.book_id = $1::int and r.customer_id = wanted.id) as "riskSince"
       from json_array_elements_text($2::json) as wanted(id)`,
    bookId,
    JSON.stringify(ids),
  );
  const today = await readProfiles(tx, bookId, ids);
  const unassessed = { flags: [], score: null, segment: null };
  return new Map(
    rows.map(({ id, ...past }) => [id, { ...past, today: today.get(id) ?? unassessed }]),
  );
}
