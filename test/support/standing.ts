/** How a Duebook's own rows stand, as far as the trial must know: never more than a claim to be checked. */
import type { App } from '../../src/app.ts';
import { booksToTend } from '../../src/jobs/tend-book.ts';

export interface Reminder {
  bookId: number;
  actionId: string;
  messageId: string | null;
  state: string;
  /** A person said how it stands. */
  isResolved: boolean;
}

export interface Standing {
  /** Nothing is due, nothing waits for a yes, and nobody holds anything. */
  isQuiet: boolean;
  /** Attempts that hold an action or a note, and for how many seconds their kind of lease lasts at most. */
  inHand: { attempt: string; leaseSeconds: number }[];
  /** Every email that was approved. */
  reminders: Reminder[];
  notes: { ref: string; state: string }[];
  /** The mirror of the ledger as one digest. */
  mirror: string;
}

const ACTION_LEASE_SECONDS = 120;
const NOTE_LEASE_SECONDS = 300;

export async function readStanding(app: App): Promise<Standing> {
  const { prisma } = app.db;
  const actions = await prisma.action.findMany({
    where: { channel: 'email', state: { not: 'proposed' } },
    orderBy: { id: 'asc' },
    select: {
      ...{ id: true, bookId: true, state: true, attemptId: true, leaseUntil: true },
      ...{ approvedBy: true, stateReason: true, message: { select: { messageId: true } } },
    },
  });
  const notes = await prisma.note.findMany({
    orderBy: { id: 'asc' },
    select: { ref: true, state: true, attemptId: true },
  });
  const heldActions = actions.filter(({ state }) => ['claimed', 'handing_over'].includes(state));
  const heldNotes = notes.filter(({ state }) => ['claimed', 'writing'].includes(state));
  const inHand = [
    ...heldActions.map((row) => ({ row, leaseSeconds: ACTION_LEASE_SECONDS })),
    ...heldNotes.map((row) => ({ row, leaseSeconds: NOTE_LEASE_SECONDS })),
  ].map(({ row, leaseSeconds }) => ({ attempt: row.attemptId ?? '', leaseSeconds }));
  const proposed = await prisma.action.count({ where: { channel: 'email', state: 'proposed' } });
  return {
    isQuiet: inHand.length + proposed === 0 && (await booksToTend(app)).length === 0,
    inHand,
    reminders: actions.map((row) => ({
      bookId: row.bookId,
      actionId: row.id,
      messageId: row.message?.messageId ?? null,
      state: row.state,
      isResolved: row.stateReason?.startsWith('Marked as sent by') ?? false,
    })),
    notes: notes.map(({ ref, state }) => ({ ref, state })),
    mirror: await mirrorDigest(app),
  };
}

/** Ids and content hashes of every record, in one figure. */
async function mirrorDigest(app: App): Promise<string> {
  const tables = ['customer', 'invoice', 'credit', 'payment'].map(
    (table) => `select '${table}' as kind, book_id, id, hash from ${table}`,
  );
  const { rows } = await app.db.executeSql(
    `select md5(coalesce(string_agg(concat_ws(' ', kind, book_id, id, hash), ',' order by kind, book_id, id), '')) as digest
       from (${tables.join(' union all ')}) all_rows`,
  );
  return (rows[0] as { digest: string }).digest;
}
