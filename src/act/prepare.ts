/** The last look before a message leaves: what still stands, who gets it, its words, and what is attached. */
import type { Ledger } from '../../connectors/ledger.ts';
import { isLetter } from '../domain/deadline.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import { STATEMENT_TEMPLATE } from '../domain/statement-schedule.ts';
import { LedgerError } from '../errors.ts';
import type { ClaimDeps } from './claim.ts';
import { type Claim, keepClaim } from './claim.ts';
import { composeReminder, linesWithPdf, linkedLine, pdfName, recipientsOf } from './compose.ts';
import type { Sender } from '../domain/senders.ts';
import type { LoadedReminder } from './load-reminder.ts';
import type { Attachment, OutgoingMail } from './mailer.ts';
import type { StandingLine } from './recheck.ts';
import type { Renderer } from './render.ts';
import { prepareStatement } from './prepare-statement.ts';
import { makeStatement } from './statement.ts';
import { safeLink } from './reminder-view.ts';
import { readStanding, type Standing, stopsCustomer } from './standing-lines.ts';
import { letterFile, type WrittenLetter, writeLetter } from './write-letter.ts';

export interface PrepareContext extends ClaimDeps {
  ledger: Ledger;
  renderer: Renderer;
  sender: Sender;
  /** Child to debtor, as the rules saw it. */
  families: ReadonlyMap<CustomerId, CustomerId>;
}

export type Prepared =
  | { kind: 'ready'; mail: OutgoingMail; lines: StandingLine[]; letter: WrittenLetter | null }
  | { kind: 'withdrawn'; because: string };

export async function prepare(
  context: PrepareContext,
  claim: Claim,
  loaded: LoadedReminder,
): Promise<Prepared> {
  if (loaded.action.template === STATEMENT_TEMPLATE) {
    return readyStatement(context, claim, loaded);
  }
  const standing = await readStanding(
    { ...context, keep: () => keepClaim(context, claim) },
    loaded,
  );
  if (standing.kind === 'withdrawn') return standing;
  const { lines } = standing;
  const recipients = recipientsOf(loaded, lines);
  const { to } = recipients;
  if (to.length === 0) {
    const why = recipients.refused[0]?.reason ?? 'there is no email address';
    return { kind: 'withdrawn', because: `unreachable: ${why}` };
  }

  const { sender } = context;
  const { action } = loaded;
  const letter = isLetter(action)
    ? await writeLetter(context.db.prisma, loaded, lines, sender, context.clock.now())
    : null;
  const invoices = action.attachPdf ? await fetchPdfs(context, claim, lines) : [];
  const rendered = composeReminder(context.renderer, loaded, lines, {
    to,
    sender,
    // A letter holds no link: it is to be a notice in every country (New Zealand: UEMA 2007, s. 6).
    payLink: letter === null ? await fetchPayLink(context, claim, lines) : null,
    attached: { statement: action.attachStatement, invoices: invoices.length },
    letter,
  });
  const attachments: Attachment[] = [
    ...(letter === null ? [] : [{ ...(await letterFile(letter)), keepAs: 'letter' as const }]),
    ...(action.attachStatement ? [await attachedStatement(context, loaded, standing)] : []),
    ...invoices,
  ];
  const mail = mailOf(claim, loaded, sender, { ...rendered, to, attachments });
  return { kind: 'ready', mail, lines, letter };
}

async function readyStatement(
  context: PrepareContext,
  claim: Claim,
  loaded: LoadedReminder,
): Promise<Prepared> {
  const stopped = stopsCustomer(loaded);
  if (stopped !== null) return { kind: 'withdrawn', because: stopped };
  const { sender } = context;
  const prepared = await prepareStatement({ ...context, tx: context.db.prisma }, loaded);
  if (prepared.kind === 'withdrawn') return prepared;
  const { rendered, to, attachment } = prepared.mail;
  const mail = mailOf(claim, loaded, sender, { ...rendered, to, attachments: [attachment] });
  return { kind: 'ready', mail, lines: [], letter: null };
}

function mailOf(
  claim: Claim,
  loaded: LoadedReminder,
  sender: Sender,
  content: Pick<OutgoingMail, 'subject' | 'text' | 'html' | 'to' | 'attachments'>,
): OutgoingMail {
  return {
    ...content,
    messageId: loaded.messageId ?? messageIdOf(claim.actionId, sender.from.address),
    from: sender.from,
    replyTo: sender.replyTo,
    isAutomatic: loaded.action.approvedBy === null,
  };
}

/** A duplicate would carry the same id, and so be visible to the receiver and to us. */
function messageIdOf(actionId: string, fromAddress: string): string {
  return `<${actionId}@${fromAddress.slice(fromAddress.indexOf('@') + 1)}>`;
}

/** Of what is listed it says what the ledger said a moment ago, as the message and the letter do. */
async function attachedStatement(
  { clock, db, sender }: PrepareContext,
  { book, action, customer }: LoadedReminder,
  { current }: Standing,
): Promise<Attachment> {
  const { filename, contentType, content } = await makeStatement(
    { tx: db.prisma, clock, config: { mailFrom: sender.from } },
    book.id as BookId,
    customer.id,
    { kind: 'open-item', format: 'pdf', currency: action.currency, current },
  );
  return { filename, contentType, content, keepAs: 'statement' };
}

async function fetchPdfs(
  context: PrepareContext,
  claim: Claim,
  lines: readonly StandingLine[],
): Promise<Attachment[]> {
  const attachments: Attachment[] = [];
  for (const { invoice } of linesWithPdf(lines)) {
    await keepClaim(context, claim);
    attachments.push({
      filename: pdfName(invoice.number),
      contentType: 'application/pdf',
      content: await context.ledger.invoicePdf(invoice.id),
    });
  }
  return attachments;
}

/** A message without its button is still a good message, so nothing but a lost connection stops it here. */
async function fetchPayLink(
  context: PrepareContext,
  claim: Claim,
  lines: readonly StandingLine[],
): Promise<string | null> {
  const line = linkedLine(lines);
  if (line === undefined) return null;
  await keepClaim(context, claim);
  try {
    const link = await context.ledger.payLink(line.invoice.id);
    return link === null ? null : safeLink(link);
  } catch (err) {
    if (err instanceof LedgerError && err.kind !== 'disconnected') return null;
    throw err;
  }
}
