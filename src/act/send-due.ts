/**
 * ACT: sends what is released and due, one message after the other. Safe to call at any time, by any
 * number of processes, and after any crash: each message is claimed, looked at once more, and ends in
 * exactly one state.
 */
import type { Ledger } from '../../connectors/ledger.ts';
import type { Clock } from '../clock.ts';
import { bookGate } from '../domain/book-gate.ts';
import type { Reason } from '../domain/dunning-case.ts';
import { parsePolicy } from '../domain/policy.ts';
import type { BookId } from '../domain/receivables.ts';
import { AccessError, LedgerError } from '../errors.ts';
import type { Log } from '../log.ts';
import { mayHaveForgotten } from '../store/alive.ts';
import { readFamilies } from '../store/book-facts.ts';
import type { Book, Db } from '../store/db.ts';
import { claimNext } from './claim.ts';
import { type MailFrom, senderOf } from '../domain/senders.ts';
import type { Mailer } from './mailer.ts';
import { recover } from './recover.ts';
import { reminders, type Renderer } from './render.ts';
import { type Ended, ledgerWords, NO_SENDER, type Pass, sendOne } from './send-one.ts';
import { explainWaiting } from './settle.ts';
import { assertLegal } from './states.ts';

export interface SendDeps {
  db: Db;
  clock: Clock;
  log: Log;
  /** null: no mail server is configured; everything waits and says so. */
  mailer: Mailer | null;
  mailFrom: MailFrom | null;
  /** The ledger has to have been read within these hours, where no policy says otherwise. */
  freshnessHours: number;
  openLedger: (bookId: BookId, priority?: 'interactive' | 'background') => Promise<Ledger>;
  renderer?: Renderer;
}

export interface SendOptions {
  onProgress?: (line: string) => void;
  /** Ends the pass between two messages. */
  stop?: AbortSignal;
}

export interface SendReport {
  sent: number;
  rejected: number;
  deferred: number;
  cancelled: number;
  /** Found in doubt or left in doubt by this pass. */
  inDoubt: number;
  /** Released emails that have not left. */
  waiting: number;
  /** Why the pass ended early; null when it did not. */
  waitingBecause: string | null;
}

const NO_MAILER = 'No mail server is set up: set SMTP_HOST.';

export async function sendDue(
  deps: SendDeps,
  bookId: BookId,
  options: SendOptions = {},
): Promise<SendReport> {
  const report: SendReport = {
    sent: 0,
    rejected: 0,
    deferred: 0,
    cancelled: 0,
    inDoubt: 0,
    waiting: 0,
    waitingBecause: null,
  };
  report.inDoubt += (await recover(deps, bookId)).inDoubt;
  const book = await deps.db.prisma.book.findUnique({ where: { id: bookId } });
  if (book === null) throw new AccessError('not_found', `no book ${bookId}`);
  if (book.mode === 'approve') await takeBackUnapproved(deps, bookId);
  if (await isAnythingDue(deps, bookId)) {
    const gate = bookGate(book, deps.clock.now(), await freshnessOf(deps, bookId));
    const stopped =
      notReady(deps, book, gate) ?? (await runPass(deps, book, bookId, report, options));
    if (stopped !== null) {
      report.waitingBecause = stopped;
      await explainWaiting(deps, bookId, stopped);
    }
  }
  report.waiting = await countWaiting(deps, bookId);
  return report;
}

function notReady(deps: SendDeps, book: Book, gate: Reason | null): string | null {
  if (book.mode === 'shadow') return 'The book is in shadow mode: nothing leaves.';
  if (gate !== null) return gate.text;
  if (deps.mailer === null) return NO_MAILER;
  return senderOf(book, deps.mailFrom, null) === null ? NO_SENDER : null;
}

/** As the policy of the last run has it. */
async function freshnessOf(deps: SendDeps, bookId: BookId): Promise<number> {
  const { prisma } = deps.db;
  const run = await prisma.run.findFirst({ where: { bookId }, orderBy: { id: 'desc' } });
  const version =
    run === null
      ? null
      : await prisma.policyVersion.findUnique({ where: { id: run.policyVersionId } });
  const own = version === null ? null : parsePolicy(version.text).freshnessHours;
  return own ?? deps.freshnessHours;
}

/** null, or why the pass ended before everything due was dealt with. */
async function runPass(
  deps: SendDeps,
  book: Book,
  bookId: BookId,
  report: SendReport,
  options: SendOptions,
): Promise<string | null> {
  if (deps.mailer === null) return NO_MAILER;
  let ledger: Ledger;
  try {
    ledger = await deps.openLedger(bookId);
  } catch (err) {
    if (err instanceof LedgerError) return ledgerWords(err);
    throw err;
  }
  const pass: Pass = {
    db: deps.db,
    clock: deps.clock,
    log: deps.log,
    ledger,
    asksFirst: await mayHaveForgotten(deps),
    mailer: deps.mailer,
    mailFrom: deps.mailFrom,
    renderer: deps.renderer ?? reminders(),
    families: await readFamilies(deps.db.prisma, bookId),
  };
  const onlyApproved = book.mode === 'approve';
  while (options.stop?.aborted !== true) {
    const claim = await claimNext(deps, bookId, { onlyApproved });
    if (claim === null) return null;
    const ended = await sendOne(pass, claim);
    tally(report, ended);
    if (ended.ending === 'lost') {
      deps.log.warn({ action: claim.actionId }, 'an action was taken back while it was worked on');
    }
    options.onProgress?.(progressLine(report));
    if (ended.stop !== null) return ended.stop;
  }
  return null;
}

function tally(report: SendReport, { ending }: Ended): void {
  if (ending === 'in_doubt') report.inDoubt += 1;
  // Sent before, and only found to be: this pass did nothing.
  else if (ending !== 'lost' && ending !== 'sent_before') report[ending] += 1;
}

function progressLine(report: SendReport): string {
  const others = report.cancelled + report.deferred + report.rejected + report.inDoubt;
  return `${report.sent} sent${others === 0 ? '' : `, ${others} not`}`;
}

/** Planned while the book ran by itself, not yet sent, and now under approval: a person decides after all. */
async function takeBackUnapproved(deps: SendDeps, bookId: BookId): Promise<void> {
  assertLegal('planned', 'proposed');
  assertLegal('deferred', 'proposed');
  await deps.db.prisma.action.updateMany({
    where: { bookId, channel: 'email', state: { in: ['planned', 'deferred'] }, approvedBy: null },
    data: { state: 'proposed', stateReason: null, updatedAt: deps.clock.now() },
  });
}

async function isAnythingDue(deps: SendDeps, bookId: BookId): Promise<boolean> {
  const due = await deps.db.prisma.action.findFirst({
    where: {
      bookId,
      channel: 'email',
      state: { in: ['planned', 'deferred'] },
      dueAt: { lte: deps.clock.now() },
    },
    select: { id: true },
  });
  return due !== null;
}

async function countWaiting(deps: SendDeps, bookId: BookId): Promise<number> {
  return deps.db.prisma.action.count({
    where: {
      bookId,
      channel: 'email',
      state: { in: ['planned', 'deferred', 'claimed', 'handing_over'] },
    },
  });
}
