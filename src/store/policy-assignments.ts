/** Which policy is assigned to a book, a segment, a customer or an invoice. */
import type { Scope } from '../domain/policy-choice.ts';
import type { BookId, CustomerId, InvoiceId } from '../domain/receivables.ts';
import type { Tx } from './db.ts';
import { idsFrom, jsonRows } from './json-rows.ts';

export interface AssignmentRow {
  scope: Scope;
  /** Empty for the book. */
  scopeId: string;
  policyId: number;
}

const COLUMNS = 'scope, scope_id as "scopeId", policy_id as "policyId"';

/** What is assigned to the book as a whole and to its segments; few rows. */
export async function readWideAssignments(tx: Tx, bookId: BookId): Promise<AssignmentRow[]> {
  return jsonRows<AssignmentRow>(
    tx,
    `select ${COLUMNS} from policy_assignment
      where book_id = $1::int and scope in ('book', 'segment') order by scope, scope_id`,
    bookId,
  );
}

/** What is assigned to these customers and invoices themselves. */
export async function readNarrowAssignments(
  tx: Tx,
  bookId: BookId,
  customerIds: readonly CustomerId[],
  invoiceIds: readonly InvoiceId[],
): Promise<AssignmentRow[]> {
  return jsonRows<AssignmentRow>(
    tx,
    `select ${COLUMNS} from policy_assignment
      where book_id = $1::int and ((scope = 'customer' and scope_id = any(${idsFrom('$2')}))
                                or (scope = 'invoice' and scope_id = any(${idsFrom('$3')})))`,
    bookId,
    JSON.stringify(customerIds),
    JSON.stringify(invoiceIds),
  );
}

/** Everything that is assigned in the book. */
export async function readAssignments(tx: Tx, bookId: BookId): Promise<AssignmentRow[]> {
  return jsonRows<AssignmentRow>(
    tx,
    `select ${COLUMNS} from policy_assignment where book_id = $1::int order by scope, scope_id`,
    bookId,
  );
}

/** Every policy that is assigned to anybody in the book. */
export async function readAssignedPolicyIds(tx: Tx, bookId: BookId): Promise<number[]> {
  const rows = await jsonRows<{ policyId: number }>(
    tx,
    `select distinct policy_id as "policyId" from policy_assignment
      where book_id = $1::int order by 1`,
    bookId,
  );
  return rows.map((row) => row.policyId);
}

export async function writeAssignment(
  tx: Tx,
  bookId: BookId,
  assignment: AssignmentRow,
  by: { author: string; at: Date },
): Promise<void> {
  const { scope, scopeId, policyId } = assignment;
  await tx.policyAssignment.upsert({
    where: { bookId_scope_scopeId: { bookId, scope, scopeId } },
    create: { bookId, scope, scopeId, policyId, ...by },
    update: { policyId, ...by },
  });
}

/** Gives whether there was one. */
export async function deleteAssignment(
  tx: Tx,
  bookId: BookId,
  scope: Scope,
  scopeId: string,
): Promise<boolean> {
  const { count } = await tx.policyAssignment.deleteMany({ where: { bookId, scope, scopeId } });
  return count > 0;
}
