/**
 * WRITE BACK: each planned note becomes one note in the ledger, at most once. A note is claimed like an
 * email; before any attempt after the first, and after an answer that never came, the ledger is asked
 * whether it holds our reference already. An expected payment date goes the same way: after a doubtful
 * answer the invoice is read back before the date is set again.
 */
import { randomUUID } from 'node:crypto';
import type { Ledger } from '../../connectors/ledger.ts';
import type { Clock } from '../clock.ts';
import { type Day, formatDay } from '../domain/day.ts';
import type { BookId, InvoiceId } from '../domain/receivables.ts';
import { LedgerError } from '../errors.ts';
import type { Log } from '../log.ts';
import { mayHaveForgotten } from '../store/alive.ts';
import type { Db } from '../store/db.ts';
import { claimNote, type ClaimedNote, moveNote, recoverNotes } from './note-states.ts';

export interface NoteDeps {
  db: Db;
  clock: Clock;
  log: Log;
  openLedger: (bookId: BookId, priority?: 'interactive' | 'background') => Promise<Ledger>;
}

export interface NoteOptions {
  onProgress?: (line: string) => void;
  /** Ends the pass between two notes. */
  stop?: AbortSignal;
}

export interface NoteReport {
  written: number;
  rejected: number;
  /** Not yet in the ledger. */
  waiting: number;
  /** Why the pass ended early; null when it did not. */
  waitingBecause: string | null;
}

const MINUTE_MS = 60_000;
/**
 * Of the lease of five minutes, the rest is for the answer. A process that slept meanwhile, or whose turn
 * at the platform came late, must not write what another has taken over and looks for in vain.
 */
const LEAVES_WITHIN_MS = 3 * MINUTE_MS;
// The first look after an unknown outcome leaves the ledger time to show what it took.
const BACK_OFF_MINUTES = [1, 5, 15, 60, 240];
/** About three days of tries. */
const ATTEMPTS_MAX = 20;

export async function writeNotes(
  deps: NoteDeps,
  bookId: BookId,
  options: NoteOptions = {},
): Promise<NoteReport> {
  const report: NoteReport = { written: 0, rejected: 0, waiting: 0, waitingBecause: null };
  await recoverNotes(deps, bookId);
  if (await isAnythingDue(deps, bookId)) {
    report.waitingBecause = await runPass(deps, bookId, report, options);
  }
  report.waiting = await deps.db.prisma.note.count({
    where: { bookId, state: { in: ['planned', 'claimed', 'writing'] } },
  });
  return report;
}

async function runPass(
  deps: NoteDeps,
  bookId: BookId,
  report: NoteReport,
  options: NoteOptions,
): Promise<string | null> {
  let ledger: Ledger;
  try {
    ledger = await deps.openLedger(bookId);
  } catch (err) {
    if (err instanceof LedgerError) return err.userMessage;
    throw err;
  }
  const asksFirst = await mayHaveForgotten(deps);
  while (options.stop?.aborted !== true) {
    const note = await claimNote(deps, bookId, randomUUID());
    if (note === null) return null;
    const stopped = await writeOne({ ...deps, asksFirst }, ledger, note, report);
    options.onProgress?.(`${report.written} notes written`);
    if (stopped !== null) return stopped;
  }
  return null;
}

/** Gives the reason when no other note would fare better now. */
async function writeOne(
  deps: NoteDeps & { asksFirst: boolean },
  ledger: Ledger,
  note: ClaimedNote,
  report: NoteReport,
): Promise<string | null> {
  try {
    const externalId =
      (await findWritten(ledger, note, deps.asksFirst)) ?? (await write(deps, ledger, note));
    if (externalId === null) return null;
    const isOurs = await moveNote(deps, note, {
      from: ['claimed', 'writing'],
      to: 'written',
      set: { externalId, writtenAt: deps.clock.now(), stateReason: null, leaseUntil: null },
    });
    if (isOurs) report.written += 1;
    return null;
  } catch (err) {
    if (err instanceof LedgerError) return await failed(deps, note, err, report);
    throw err;
  }
}

/** The first attempt need not look: nothing has been written under this reference yet, as far as is remembered. */
async function findWritten(
  ledger: Ledger,
  note: ClaimedNote,
  asksFirst: boolean,
): Promise<string | null> {
  if (note.attempts <= 1 && !asksFirst) return null;
  if (note.expectedPayOn === null) return ledger.findNote(note.target, note.ref);
  const invoice = await ledger.readInvoice(note.target.id as InvoiceId);
  return invoice?.expectedPayOn === note.expectedPayOn ? dateId(note.expectedPayOn) : null;
}

function dateId(on: Day): string {
  return `expected:${formatDay(on)}`;
}

/** null: the note was taken back from us before anything was written. */
async function write(deps: NoteDeps, ledger: Ledger, note: ClaimedNote): Promise<string | null> {
  const notAfter = new Date(deps.clock.now().getTime() + LEAVES_WITHIN_MS);
  const isOurs = await moveNote(deps, note, { from: ['claimed'], to: 'writing', renew: true });
  if (!isOurs) return null;
  const { target, body: text, ref, requestId, expectedPayOn } = note;
  if (expectedPayOn === null) return ledger.writeNote({ target, text, ref, requestId, notAfter });
  if (await ledger.setExpectedPayDate(target.id as InvoiceId, expectedPayOn)) {
    return dateId(expectedPayOn);
  }
  await moveNote(deps, note, {
    from: ['writing'],
    to: 'cancelled',
    set: { stateReason: NO_SUCH_FIELD, leaseUntil: null },
  });
  return null;
}

const NO_SUCH_FIELD =
  'This ledger has no expected payment date for the invoice: the note of the promise says it.';

async function failed(
  deps: NoteDeps,
  note: ClaimedNote,
  err: LedgerError,
  report: NoteReport,
): Promise<string | null> {
  switch (err.kind) {
    case 'rejected':
    case 'not_found':
    case 'period_locked':
      await reject(deps, note, err.userMessage, report);
      return null;
    case 'disconnected':
    case 'scope_missing':
    case 'rate_limited':
      await wait(deps, note, err, { isTry: false });
      return err.userMessage;
    case 'unavailable':
      await wait(deps, note, err, { isTry: true });
      return err.userMessage;
    case 'stale':
    case 'outcome_unknown':
    case 'unexpected_shape':
      if (note.attempts >= ATTEMPTS_MAX) {
        await reject(
          deps,
          note,
          `Given up after ${note.attempts} tries: ${err.userMessage}`,
          report,
        );
      } else {
        await wait(deps, note, err, { isTry: true });
      }
      return null;
  }
}

async function reject(
  deps: NoteDeps,
  note: ClaimedNote,
  reason: string,
  report: NoteReport,
): Promise<void> {
  const isOurs = await moveNote(deps, note, {
    from: ['claimed', 'writing'],
    to: 'rejected',
    set: { stateReason: reason, leaseUntil: null },
  });
  if (isOurs) report.rejected += 1;
}

async function wait(
  deps: NoteDeps,
  note: ClaimedNote,
  err: LedgerError,
  { isTry }: { isTry: boolean },
): Promise<void> {
  const index = Math.min(note.attempts, BACK_OFF_MINUTES.length) - 1;
  const waitMs = err.retryAfterMs ?? (BACK_OFF_MINUTES[index] ?? 1) * MINUTE_MS;
  await moveNote(deps, note, {
    from: ['claimed', 'writing'],
    to: 'planned',
    set: {
      stateReason: err.userMessage,
      attemptId: null,
      leaseUntil: null,
      dueAt: new Date(deps.clock.now().getTime() + waitMs),
      // A refused call wrote nothing and is no try. A note that was tried before keeps at least that
      // one, so it is still looked for first.
      ...(isTry ? {} : { attempts: note.attempts - 1 }),
    },
  });
}

async function isAnythingDue(deps: NoteDeps, bookId: BookId): Promise<boolean> {
  const due = await deps.db.prisma.note.findFirst({
    where: { bookId, state: 'planned', dueAt: { lte: deps.clock.now() } },
    select: { id: true },
  });
  return due !== null;
}
