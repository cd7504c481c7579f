/**
 * Whom a run must look at: customers whose day has come, and customers whose facts changed. Changes
 * of customers, invoices, credits, payments, settings, holds, flags and actions are noted by triggers
 * in the database (prisma/migrations), beside the change itself; for facts kept elsewhere there is
 * `markChanged`.
 */
import type { Day } from '../domain/day.ts';
import type { Outcome } from '../domain/dunning-case.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import type { Tx } from './db.ts';
import { dateFrom, idsFrom, jsonRows } from './json-rows.ts';

/** Call in the transaction that changes a fact of these customers, or of the whole book. */
export async function markChanged(
  tx: Tx,
  bookId: BookId,
  customers: readonly CustomerId[] | 'all',
): Promise<void> {
  if (customers === 'all') {
    await tx.$executeRawUnsafe('insert into fact_change (book_id) values ($1::int)', bookId);
    return;
  }
  if (customers.length === 0) return;
  await tx.$executeRawUnsafe(
    `insert into fact_change (book_id, customer_id)
     select $1::int, id from unnest(${idsFrom('$2')}) as changed(id)`,
    bookId,
    JSON.stringify(customers),
  );
}

/** Changes that concern the whole book, as far as they are known now. */
export async function readBookChanges(tx: Tx, bookId: BookId): Promise<number[]> {
  const rows = await jsonRows<{ id: number }>(
    tx,
    'select id from fact_change where book_id = $1::int and customer_id is null',
    bookId,
  );
  return rows.map((row) => row.id);
}

/** What was not assessed yet stays. */
export async function forgetBookChanges(tx: Tx, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.$executeRawUnsafe(
    `delete from fact_change
      where id = any(array(select json_array_elements_text($1::json)::bigint)) and is_assessed`,
    JSON.stringify(ids),
  );
}

/** Changes of the whole book that no assessment has taken in. */
export async function readUnassessed(tx: Tx, bookId: BookId): Promise<bigint[]> {
  const where = { bookId, customerId: null, isAssessed: false };
  return (await tx.factChange.findMany({ where, select: { id: true } })).map(({ id }) => id);
}

export async function noteBookAssessed(tx: Tx, ids: readonly bigint[]): Promise<void> {
  await tx.factChange.updateMany({ where: { id: { in: [...ids] } }, data: { isAssessed: true } });
}

/** The assessment has seen what was noted about these customers; it is still to be decided on. */
export async function noteAssessed(
  tx: Tx,
  bookId: BookId,
  ids: readonly CustomerId[],
): Promise<void> {
  await tx.$executeRawUnsafe(
    `update fact_change set is_assessed = true
      where book_id = $1::int and customer_id = any(${idsFrom('$2')}) and not is_assessed`,
    bookId,
    JSON.stringify(ids),
  );
}

/**
 * Takes away what was noted about these customers. Read their facts after this, in the same
 * transaction: whatever is noted later stays. What was not assessed yet stays as well.
 */
export async function takeChanges(
  tx: Tx,
  bookId: BookId,
  ids: readonly CustomerId[],
): Promise<void> {
  await tx.$executeRawUnsafe(
    `delete from fact_change
      where book_id = $1::int and customer_id = any(${idsFrom('$2')}) and is_assessed`,
    bookId,
    JSON.stringify(ids),
  );
}

export interface CustomerToSee {
  id: CustomerId;
  /** Something about it changed, or its day has come. */
  isDue: boolean;
}

/** The next customers after `after` that are due on a day. */
export async function nextDue(
  tx: Tx,
  bookId: BookId,
  asOn: Day,
  after: string,
  limit: number,
): Promise<CustomerToSee[]> {
  return jsonRows<CustomerToSee>(
    tx,
    `select customer_id as id, true as "isDue" from (
       select customer_id from chase_state
        where book_id = $1::int and next_on <= ${dateFrom('$2')} and customer_id > $3::text
       union
       select customer_id from fact_change where book_id = $1::int and customer_id > $3::text
     ) due order by customer_id limit $4::int`,
    bookId,
    asOn,
    after,
    limit,
  );
}

/** The next customers after `after` for whom anything stands, and those that changed. */
export async function nextStanding(
  tx: Tx,
  bookId: BookId,
  asOn: Day,
  after: string,
  limit: number,
): Promise<CustomerToSee[]> {
  return jsonRows<CustomerToSee>(
    tx,
    `select customer_id as id, bool_or(is_due) as "isDue" from (
       (select customer_id, coalesce(next_on <= ${dateFrom('$2')}, false) as is_due from chase_state
         where book_id = $1::int and customer_id > $3::text order by customer_id limit $4::int)
       union all
       (select customer_id, true from fact_change
         where book_id = $1::int and customer_id > $3::text order by customer_id limit $4::int)
     ) standing group by customer_id order by customer_id limit $4::int`,
    bookId,
    asOn,
    after,
    limit,
  );
}

export interface ChaseStateRow {
  customerId: CustomerId;
  digest: string;
  /** As the stage packed them. */
  facts: string;
  /** Something is asked of the customer or of a person. */
  isAsked: boolean;
}

/** Row by row: what is packed already would be written out and read twice more within one JSON text. */
export async function readStates(
  tx: Tx,
  bookId: BookId,
  ids: readonly CustomerId[],
): Promise<ChaseStateRow[]> {
  return tx.$queryRawUnsafe<ChaseStateRow[]>(
    `select customer_id as "customerId", digest, facts, remind + task > 0 as "isAsked" from chase_state
      where book_id = $1::int and customer_id = any(${idsFrom('$2')})`,
    bookId,
    JSON.stringify(ids),
  );
}

/** The facts a run had about a debtor, as packed then; null when none were kept. */
export async function readFactsOfRun(
  tx: Tx,
  bookId: BookId,
  debtorId: CustomerId,
  runId: number,
): Promise<string | null> {
  const [found] = await jsonRows<{ facts: string }>(
    tx,
    `select facts from (
       select run_id, facts from chase_state where book_id = $1::int and customer_id = $2::text
       union all
       select run_id, facts from past_case where book_id = $1::int and customer_id = $2::text
     ) kept where run_id <= $3::int order by run_id desc limit 1`,
    bookId,
    debtorId,
    runId,
  );
  return found?.facts ?? null;
}

export interface NewChaseState extends Record<Outcome, number> {
  customerId: CustomerId;
  nextOn: Day | null;
  digest: string;
  facts: string;
}

/** What stands from now on; facts that are replaced are kept for the decisions that were made on them. */
export async function writeStates(
  tx: Tx,
  run: { id: number; bookId: BookId },
  states: readonly NewChaseState[],
): Promise<void> {
  if (states.length === 0) return;
  await tx.$executeRawUnsafe(
    `with given as (
       select * from json_to_recordset($3::json) as g("customerId" text, "nextOn" int, digest text,
         facts text, remind int, task int, wait int, hold int, "none" int)
     ), kept as (
       insert into past_case (book_id, customer_id, run_id, facts)
       select s.book_id, s.customer_id, s.run_id, s.facts
         from given g join chase_state s on s.book_id = $1::int and s.customer_id = g."customerId"
        where s.facts <> g.facts
       on conflict do nothing
     )
     insert into chase_state as t (book_id, customer_id, next_on, digest, facts, run_id,
                                   remind, task, wait, hold, "none")
     select $1::int, g."customerId", ${dateFrom('g."nextOn"')}, g.digest, g.facts, $2::int,
            g.remind, g.task, g.wait, g.hold, g."none"
       from given g
     on conflict (book_id, customer_id) do update
        set next_on = excluded.next_on, digest = excluded.digest, facts = excluded.facts,
            run_id = case when t.facts = excluded.facts then t.run_id else excluded.run_id end,
            remind = excluded.remind, task = excluded.task, wait = excluded.wait,
            hold = excluded.hold, "none" = excluded."none"
      where t.digest <> excluded.digest or t.facts <> excluded.facts`,
    run.bookId,
    run.id,
    JSON.stringify(states),
  );
}

/** Customers for whom nothing stands any more. */
export async function dropStates(
  tx: Tx,
  bookId: BookId,
  ids: readonly CustomerId[],
): Promise<void> {
  if (ids.length === 0) return;
  await tx.$executeRawUnsafe(
    `with dropped as (
       delete from chase_state
        where book_id = $1::int and customer_id = any(${idsFrom('$2')})
       returning book_id, customer_id, run_id, facts)
     insert into past_case (book_id, customer_id, run_id, facts)
     select book_id, customer_id, run_id, facts from dropped on conflict do nothing`,
    bookId,
    JSON.stringify(ids),
  );
}

export interface Standing extends Record<Outcome, number> {
  customers: number;
}

/** Open invoices by outcome, over the whole book. */
export async function countStanding(tx: Tx, bookId: BookId): Promise<Standing> {
  const [sums] = await jsonRows<Standing>(
    tx,
    `select count(*)::int as customers, coalesce(sum(remind), 0)::int as remind,
            coalesce(sum(task), 0)::int as task, coalesce(sum(wait), 0)::int as wait,
            coalesce(sum(hold), 0)::int as hold, coalesce(sum("none"), 0)::int as "none"
       from chase_state where book_id = $1::int`,
    bookId,
  );
  return sums ?? { customers: 0, remind: 0, task: 0, wait: 0, hold: 0, none: 0 };
}
