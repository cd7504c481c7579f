/**
 * The states of a note: planned → claimed → writing → written | rejected. `writing` is committed before
 * the call, so a note found in it after a crash may be in the ledger; every attempt counts, and any
 * count above one means: look before writing.
 */
import type { Clock } from '../clock.ts';
import { type Day, fromDate } from '../domain/day.ts';
import type { BookId } from '../domain/receivables.ts';
import type { Db, Prisma } from '../store/db.ts';
import type { NoteTarget } from '../../connectors/ledger.ts';

type NoteState = 'planned' | 'claimed' | 'writing' | 'written' | 'cancelled' | 'rejected';

const NOTE_TRANSITIONS: Readonly<Record<NoteState, readonly NoteState[]>> = {
  planned: ['claimed', 'cancelled'],
  claimed: ['planned', 'writing', 'written', 'rejected'],
  writing: ['planned', 'written', 'cancelled', 'rejected'],
  written: [],
  cancelled: [],
  rejected: [],
};

/** Longer than a call with its timeout and its wait for a place in the minute's budget. */
const NOTE_LEASE_MS = 5 * 60_000;

export interface ClaimedNote {
  id: string;
  bookId: BookId;
  attemptId: string;
  /** This one included. */
  attempts: number;
  target: NoteTarget;
  ref: string;
  body: string;
  requestId: string;
  /** The effect is this date on the invoice instead of a note. */
  expectedPayOn: Day | null;
}

interface Deps {
  db: Db;
  clock: Clock;
}

interface Row {
  id: string;
  attempts: number;
  target_kind: NoteTarget['kind'];
  target_id: string;
  ref: string;
  body: string;
  request_id: string;
  expected_pay_on: Date | null;
}

export async function claimNote(
  deps: Deps,
  bookId: BookId,
  attemptId: string,
): Promise<ClaimedNote | null> {
  const now = deps.clock.now();
  const [row] = await deps.db.prisma.$queryRawUnsafe<Row[]>(
    CLAIM,
    bookId,
    now.toISOString(),
    new Date(now.getTime() + NOTE_LEASE_MS).toISOString(),
    attemptId,
  );
  if (row === undefined) return null;
  return {
    id: row.id,
    bookId,
    attemptId,
    attempts: row.attempts,
    target: { kind: row.target_kind, id: row.target_id },
    ref: row.ref,
    body: row.body,
    requestId: row.request_id,
    expectedPayOn: row.expected_pay_on === null ? null : fromDate(row.expected_pay_on),
  };
}

const CLAIM = `
  update note
     set state = 'claimed', attempt_id = $4::uuid, lease_until = $3::timestamptz, attempts = attempts + 1
   where id = (
           select id from note
            where book_id = $1::int and state = 'planned' and due_at <= $2::timestamptz
            order by due_at, created_at, id limit 1
            for update skip locked)
     and state = 'planned' and due_at <= $2::timestamptz
  returning id::text as id, attempts, target_kind, target_id, ref, body, request_id, expected_pay_on`;

export interface NoteMove {
  from: readonly NoteState[];
  to: NoteState;
  /** Begins the lease anew. */
  renew?: true;
  set?: Prisma.NoteUpdateManyMutationInput;
}

/** false: the note is no longer this attempt's. */
export async function moveNote(deps: Deps, note: ClaimedNote, move: NoteMove): Promise<boolean> {
  for (const from of move.from) assertLegal(from, move.to);
  const now = deps.clock.now();
  const lease = move.renew === true ? { leaseUntil: new Date(now.getTime() + NOTE_LEASE_MS) } : {};
  const { count } = await deps.db.prisma.note.updateMany({
    where: {
      id: note.id,
      bookId: note.bookId,
      state: { in: [...move.from] },
      attemptId: note.attemptId,
    },
    data: { ...lease, ...move.set, state: move.to },
  });
  return count === 1;
}

function assertLegal(from: NoteState, to: NoteState): void {
  if (!NOTE_TRANSITIONS[from].includes(to)) throw new Error(`no note moves from ${from} to ${to}`);
}

/**
 * Dead leases go back to planned. Their attempt has been counted, so the next one looks first: right
 * for a note cut short while writing, and one cheap question too many for one cut short before.
 */
export async function recoverNotes(deps: Deps, bookId: BookId): Promise<number> {
  const now = deps.clock.now();
  assertLegal('claimed', 'planned');
  assertLegal('writing', 'planned');
  const { count } = await deps.db.prisma.note.updateMany({
    where: { bookId, state: { in: ['claimed', 'writing'] }, leaseUntil: { lte: now } },
    data: {
      state: 'planned',
      attemptId: null,
      leaseUntil: null,
      dueAt: now,
      stateReason: 'An earlier attempt was cut short.',
    },
  });
  return count;
}
