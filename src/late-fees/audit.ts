import type { Tx } from '../store/db.ts';

export interface Change {
  bookId: number;
  at: Date;
  actor: string;
}

/** A line in the audit log about a charge or a term. */
export async function noteChange(
  tx: Tx,
  { bookId, at, actor }: Change,
  action: string,
  subject: string,
  detail: object = {},
): Promise<void> {
  await tx.audit.create({ data: { bookId, at, actor, action, subject, detail } });
}
