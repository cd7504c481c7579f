/** The terms a person confirmed, and the charges that were made of them. */
import type { Day } from '../domain/day.ts';
import type { Charged } from '../domain/interest/claim.ts';
import type { TermsChoice } from '../domain/interest/terms.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import type { Tx } from './db.ts';

export interface ConfirmedTerms {
  id: number;
  /** null: the book's. */
  customerId: string | null;
  choice: TermsChoice;
  country: string | null;
  confirmation: string;
  confirmedBy: string;
  confirmedAt: Date;
}

/** The customer's own terms, else the book's, the latest first; null when nobody confirmed any. */
export async function findTerms(
  tx: Tx,
  bookId: BookId,
  customerId: CustomerId,
): Promise<ConfirmedTerms | null> {
  const rows = await tx.lateFeeTerms.findMany({
    where: { bookId, OR: [{ customerId }, { customerId: null }], endedAt: null },
    orderBy: { id: 'desc' },
  });
  const row = rows.find((candidate) => candidate.customerId !== null) ?? rows[0];
  return row === undefined ? null : { ...row, choice: row.choice as unknown as TermsChoice };
}

/** What a charge covers, as it is kept. */
export interface ChargeLine {
  invoiceId: string;
  number: string;
  dueOn: Day;
  until: Day;
  /** Exact, in minor units. */
  interest: string;
  compensationMinor: number;
}

/** Debts of customers that a charge stands for already; a cancelled one stands for nothing. */
export async function readCharged(
  tx: Tx,
  bookId: BookId,
  customerIds: readonly CustomerId[],
): Promise<Charged[]> {
  const rows = await tx.charge.findMany({
    where: { bookId, customerId: { in: [...customerIds] }, state: { not: 'cancelled' } },
    select: { lines: true },
  });
  return rows.flatMap((row) => row.lines as unknown as ChargeLine[]);
}
