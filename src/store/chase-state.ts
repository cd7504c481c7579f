/**
 * Whom a run must look at: customers whose day has come, and customers whose facts changed. Changes
 * of customers, invoices, credits, payments, settings, holds, flags and actions are noted by triggers
 * in the database (prisma/migrations), beside the change itself; for facts kept elsewhere there is
 * `markChanged`.
 */
import type { BookId, CustomerId } from '../domain/receivables.ts';
import type { Tx } from './db.ts';
import { idsFrom } from './json-rows.ts';

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
