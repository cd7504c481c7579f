/**
 * Writing down what happened to a claimed action. Every write names the attempt; false means the
 * action is no longer ours, and then nothing of it is written.
 */
import { dayIn, toDate } from '../domain/day.ts';
import type { Db, Tx } from '../store/db.ts';
import { keepDocument } from '../store/documents.ts';
import { type Claim, type ClaimDeps, LEASE_MS, LostClaim } from './claim.ts';
import type { LoadedReminder } from './load-reminder.ts';
import type { OutgoingMail } from './mailer.ts';
import { planNote } from './note.ts';
import type { StandingLine } from './recheck.ts';
import { keepOnlyWhatIsSaid } from './said.ts';
import { type ActionState, moveAction } from './states.ts';
import type { WrittenLetter } from './write-letter.ts';
import { withdrawalReason } from '../domain/withdrawal.ts';

/** Waits between tries: a mail server that is down for a night loses nothing. */
const BACK_OFF_MINUTES = [5, 15, 60, 240, 480];
/** About three days of tries; then somebody has to look at it. */
const ATTEMPTS_MAX = 12;
const MINUTE_MS = 60_000;

/** From any of these the attempt's own answer may still be written: also when recovery was quicker. */
const IN_HAND: readonly ActionState[] = ['claimed', 'handing_over', 'in_doubt'];

export interface Ready {
  loaded: LoadedReminder;
  mail: OutgoingMail;
  lines: readonly StandingLine[];
  /** null: it carries none. */
  letter: WrittenLetter | null;
}

function guardOf(claim: Claim, at: Date) {
  return { bookId: claim.bookId, actionId: claim.actionId, attemptId: claim.attemptId, at };
}

const RELEASED = { attemptId: null, leaseUntil: null };

/**
 * Committed before the first byte of the message leaves. From here on only the server's answer, or a
 * person, ends the matter. The rows are made equal to what the message says.
 */
export async function beginHandover(deps: ClaimDeps, claim: Claim, ready: Ready): Promise<void> {
  const at = deps.clock.now();
  await deps.db.tx(async (tx) => {
    const isOurs = await moveAction(tx, {
      ...guardOf(claim, at),
      from: ['claimed'],
      to: 'handing_over',
      set: { leaseUntil: new Date(at.getTime() + LEASE_MS), stateReason: null },
    });
    if (!isOurs) throw new LostClaim('the action was taken back before the handover');
    await keepOnlyWhatIsSaid(tx, claim.actionId, ready.lines);
    await keepTerms(tx, claim.actionId, ready.letter);
    await saveMessage(tx, claim, ready.mail, { handedOverAt: at });
    await keepPapers(tx, claim, ready, at);
  });
}

/** A letter gives time: what comes after it waits for the day that it names. */
async function keepTerms(tx: Tx, actionId: string, letter: WrittenLetter | null): Promise<void> {
  if (letter === null) return;
  await tx.action.update({
    where: { id: actionId },
    data: { reference: letter.paper.reference, deadlineOn: toDate(letter.deadlineOn) },
  });
}

async function keepPapers(tx: Tx, claim: Claim, { loaded, mail }: Ready, at: Date): Promise<void> {
  const { bookId, actionId } = claim;
  const customerId = loaded.customer.id;
  for (const { keepAs: kind, filename, contentType, content } of mail.attachments) {
    if (kind === undefined) continue;
    await keepDocument(tx, {
      bookId,
      customerId,
      actionId,
      kind,
      filename,
      contentType,
      content,
      at,
    });
  }
}

async function saveMessage(
  tx: Pick<Tx, 'message'>,
  claim: Claim,
  mail: OutgoingMail,
  answer: { handedOverAt: Date } | { smtpResponse: string },
): Promise<void> {
  const content = {
    fromAddress: mail.from.address,
    toAddresses: mail.to,
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    attachments: mail.attachments.map((attachment) => attachment.filename),
    ...answer,
  };
  await tx.message.upsert({
    where: { actionId: claim.actionId },
    create: {
      actionId: claim.actionId,
      bookId: claim.bookId,
      messageId: mail.messageId,
      ...content,
    },
    update: content,
  });
}

/** State, the server's answer and the note of it: one transaction, so none is without the others. */
export async function settleSent(
  deps: ClaimDeps,
  claim: Claim,
  ready: Ready,
  answer: { response: string; refused: string[] },
): Promise<boolean> {
  const at = deps.clock.now();
  return deps.db.tx(async (tx) => {
    const isOurs = await moveAction(tx, {
      ...guardOf(claim, at),
      from: ['handing_over', 'in_doubt'],
      to: 'sent',
      set: { leaseUntil: null, stateReason: refusedWords(answer.refused) },
    });
    if (!isOurs) return false;
    await tx.message.update({
      where: { actionId: claim.actionId },
      data: { acceptedAt: at, smtpResponse: answer.response },
    });
    await planNote(tx, claim.actionId, dayIn(ready.loaded.book.timeZone, at), at);
    return true;
  });
}

function refusedWords(refused: readonly string[]): string | null {
  return refused.length === 0 ? null : `Not taken for every recipient: ${refused.join('; ')}`;
}

export async function settleRejected(
  deps: ClaimDeps,
  claim: Claim,
  mail: OutgoingMail,
  reason: string,
): Promise<boolean> {
  const at = deps.clock.now();
  return deps.db.tx(async (tx) => {
    const isOurs = await moveAction(tx, {
      ...guardOf(claim, at),
      from: IN_HAND,
      to: 'rejected',
      set: { leaseUntil: null, stateReason: reason },
    });
    if (isOurs) await saveMessage(tx, claim, mail, { smtpResponse: reason });
    return isOurs;
  });
}

export async function settleInDoubt(
  deps: ClaimDeps,
  claim: Claim,
  reason: string,
): Promise<boolean> {
  const at = deps.clock.now();
  return moveAction(deps.db.prisma, {
    ...guardOf(claim, at),
    from: ['handing_over'],
    to: 'in_doubt',
    set: { leaseUntil: null, stateReason: reason },
  });
}

export async function settleWithdrawn(
  deps: ClaimDeps,
  claim: Claim,
  because: string,
): Promise<boolean> {
  return moveAction(deps.db.prisma, {
    ...guardOf(claim, deps.clock.now()),
    from: ['claimed'],
    to: 'cancelled',
    set: { ...RELEASED, stateReason: withdrawalReason(because) },
  });
}

/** A try that failed for this message: later again, and rarer each time. True when it is not given up. */
export async function settleDeferred(
  deps: ClaimDeps,
  claim: Claim,
  reason: string,
): Promise<'deferred' | 'given_up' | 'lost'> {
  const at = deps.clock.now();
  const isGivenUp = claim.attempts >= ATTEMPTS_MAX;
  const isOurs = await moveAction(deps.db.prisma, {
    ...guardOf(claim, at),
    from: IN_HAND,
    to: isGivenUp ? 'rejected' : 'deferred',
    set: {
      ...RELEASED,
      stateReason: isGivenUp ? `Given up after ${claim.attempts} tries. ${reason}` : reason,
      dueAt: new Date(at.getTime() + backOffMs(claim.attempts)),
    },
  });
  if (!isOurs) return 'lost';
  return isGivenUp ? 'given_up' : 'deferred';
}

function backOffMs(attempts: number): number {
  const minutes = BACK_OFF_MINUTES[Math.min(attempts, BACK_OFF_MINUTES.length) - 1] ?? 5;
  return minutes * MINUTE_MS;
}

/** The world was not ready (server down, ledger away): it waits without having used up a try. */
export async function putBack(
  deps: ClaimDeps,
  claim: Claim,
  reason: string,
  waitMs: number,
): Promise<boolean> {
  const at = deps.clock.now();
  return moveAction(deps.db.prisma, {
    ...guardOf(claim, at),
    from: IN_HAND,
    to: 'deferred',
    set: {
      ...RELEASED,
      stateReason: reason,
      attempts: Math.max(0, claim.attempts - 1),
      ...(waitMs === 0 ? {} : { dueAt: new Date(at.getTime() + waitMs) }),
    },
  });
}

/** Tells everything that is due why it does not leave. */
export async function explainWaiting(
  deps: { db: Db; clock: ClaimDeps['clock'] },
  bookId: number,
  reason: string,
): Promise<void> {
  await deps.db.prisma.action.updateMany({
    where: {
      bookId,
      channel: 'email',
      state: { in: ['planned', 'deferred'] },
      dueAt: { lte: deps.clock.now() },
    },
    data: { stateReason: reason },
  });
}
