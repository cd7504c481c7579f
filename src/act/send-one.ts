/** One claimed reminder, from the last look to its end. What can go wrong is answered here, state by state. */
import type { CustomerId } from '../domain/receivables.ts';
import type { Ledger } from '../../connectors/ledger.ts';
import { LedgerError, PolicyError, StoppedError } from '../errors.ts';
import type { Log } from '../log.ts';
import { type Claim, type ClaimDeps, LostClaim } from './claim.ts';
import { type MailFrom, senderOf } from '../domain/senders.ts';
import { loadReminder, type LoadedReminder } from './load-reminder.ts';
import type { Mailer, MailResult } from './mailer.ts';
import { prepare } from './prepare.ts';
import type { Renderer } from './render.ts';
import { findNoteOfSending, settleSentBefore } from './sent-before.ts';
import {
  beginHandover,
  putBack,
  type Ready,
  settleDeferred,
  settleInDoubt,
  settleRejected,
  settleSent,
  settleWithdrawn,
} from './settle.ts';

export interface Pass extends ClaimDeps {
  /** Something may have been sent that is not remembered here: the ledger is asked first. */
  asksFirst: boolean;
  log: Log;
  ledger: Ledger;
  mailer: Mailer;
  mailFrom: MailFrom | null;
  renderer: Renderer;
  families: ReadonlyMap<CustomerId, CustomerId>;
}

type Ending = 'sent' | 'sent_before' | 'rejected' | 'deferred' | 'cancelled' | 'in_doubt' | 'lost';

export interface Ended {
  ending: Ending;
  /** Why no other message would fare better now; null: go on with the next. */
  stop: string | null;
}

const SERVER_WAIT_MS = 5 * 60_000;
const TEMPLATE_WAIT_MS = 60 * 60_000;

export async function sendOne(pass: Pass, claim: Claim): Promise<Ended> {
  try {
    return await tryToSend(pass, claim);
  } catch (err) {
    if (err instanceof LostClaim) return goOn('lost');
    if (err instanceof LedgerError) return await ledgerFailed(pass, claim, err);
    // A template is mended by a person; until then its messages wait and say where it is broken.
    if (err instanceof PolicyError) {
      const isOurs = await putBack(pass, claim, err.message, TEMPLATE_WAIT_MS);
      return goOn(isOurs ? 'deferred' : 'lost');
    }
    throw err;
  }
}

async function tryToSend(pass: Pass, claim: Claim): Promise<Ended> {
  const { db, clock, mailFrom } = pass;
  const loaded = await loadReminder(db.prisma, claim.bookId, claim.actionId, clock.now());
  const notNow = mayNotLeave(loaded);
  if (notNow !== null) return await stopWith(pass, claim, notNow, 0);
  const sender = senderOf(loaded.book, mailFrom, loaded.sender);
  if (sender === null) return await stopWith(pass, claim, NO_SENDER, 0);

  const before = pass.asksFirst ? await findNoteOfSending(pass, claim) : null;
  if (before !== null) {
    return orLost('sent_before', await settleSentBefore(pass, claim, loaded, before));
  }
  const prepared = await prepare({ ...pass, sender }, claim, loaded);
  if (prepared.kind === 'withdrawn') {
    const isOurs = await settleWithdrawn(pass, claim, prepared.because);
    return goOn(isOurs ? 'cancelled' : 'lost');
  }
  const ready: Ready = {
    loaded,
    mail: prepared.mail,
    lines: prepared.lines,
    letter: prepared.letter,
  };
  const result = await pass.mailer.send(prepared.mail, {
    beforeContent: () => beginHandover(pass, claim, ready),
  });
  return settle(pass, claim, ready, result);
}

export const NO_SENDER =
  'There is no sender address: set MAIL_FROM, or an address of the book’s own.';

/** The book's mode is read again for every message: switching it stops the rest of a running pass. */
function mayNotLeave({ book, action }: LoadedReminder): string | null {
  if (book.mode === 'shadow') return 'The book is in shadow mode: nothing leaves.';
  if (book.mode === 'approve' && action.approvedBy === null) {
    return 'The book is under approval: a person releases each message.';
  }
  return null;
}

async function settle(pass: Pass, claim: Claim, ready: Ready, result: MailResult): Promise<Ended> {
  switch (result.outcome) {
    case 'accepted':
      return orLost('sent', await settleSent(pass, claim, ready, result));
    case 'rejected':
      return orLost('rejected', await settleRejected(pass, claim, ready.mail, result.reason));
    case 'outcome_unknown':
      return orLost('in_doubt', await settleInDoubt(pass, claim, result.reason));
    case 'deferred': {
      if (result.scope === 'server') {
        return await stopWith(pass, claim, result.reason, SERVER_WAIT_MS);
      }
      const settled = await settleDeferred(pass, claim, result.reason);
      return goOn(settled === 'given_up' ? 'rejected' : settled);
    }
  }
}

function orLost(ending: Ending, isOurs: boolean): Ended {
  return goOn(isOurs ? ending : 'lost');
}

function goOn(ending: Ending): Ended {
  return { ending, stop: null };
}

async function stopWith(pass: Pass, claim: Claim, reason: string, waitMs: number): Promise<Ended> {
  const isOurs = await putBack(pass, claim, reason, waitMs);
  return { ending: isOurs ? 'deferred' : 'lost', stop: reason };
}

async function ledgerFailed(pass: Pass, claim: Claim, err: LedgerError): Promise<Ended> {
  switch (err.kind) {
    case 'disconnected':
    case 'scope_missing':
      return await stopWith(pass, claim, ledgerWords(err), 0);
    case 'rate_limited':
    case 'unavailable':
      return await stopWith(pass, claim, ledgerWords(err), err.retryAfterMs ?? SERVER_WAIT_MS);
    // About this invoice or this answer: the others may fare better.
    case 'stale':
    case 'period_locked':
    case 'rejected':
    case 'not_found':
    case 'outcome_unknown':
    case 'unexpected_shape': {
      const settled = await settleDeferred(pass, claim, ledgerWords(err));
      return goOn(settled === 'given_up' ? 'rejected' : settled);
    }
  }
}

export function ledgerWords(err: LedgerError): string {
  if (err instanceof StoppedError) return err.userMessage;
  switch (err.kind) {
    case 'disconnected':
      return 'The book is disconnected from its ledger: connect it again.';
    case 'scope_missing':
      return 'The ledger does not allow the invoice to be read again: connect it with the scopes asked for.';
    case 'rate_limited':
      return 'The ledger’s call limit is used up for now.';
    case 'unavailable':
      return 'The ledger does not answer, and no reminder leaves without a last look at the invoice.';
    case 'stale':
    case 'period_locked':
    case 'rejected':
    case 'not_found':
    case 'outcome_unknown':
    case 'unexpected_shape':
      return `The last look at the invoice failed (${err.code}).`;
  }
}
