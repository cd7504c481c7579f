/**
 * The last look before a message leaves. Every invoice that caused it is read live from the ledger;
 * the others on the list only when the mirror is old, and then up to a cap: a list that is half an
 * hour old is honest, and each reading costs a call of the day's budget.
 */
import type { Ledger } from '../../connectors/ledger.ts';
import type { CustomerId, InvoiceId } from '../domain/receivables.ts';
import { STATEMENT_TEMPLATE } from '../domain/statement-schedule.ts';
import { LedgerError } from '../errors.ts';
import type { ClaimDeps } from './claim.ts';
import { type Claim, keepClaim } from './claim.ts';
import { composeReminder, linkedLine, pdfName, recipientsOf, type Sender } from './compose.ts';
import { isLetter, makeLetter } from './letter.ts';
import type { LoadedReminder } from './load-reminder.ts';
import type { Attachment, OutgoingMail } from './mailer.ts';
import { type CurrentInvoice, type Listed, recheck, type StandingLine } from './recheck.ts';
import type { Renderer } from './render.ts';
import { prepareStatement } from './prepare-statement.ts';
import { makeStatement } from './statement.ts';
import { safeLink } from './reminder-view.ts';

/** Listed invoices are trusted to the mirror while its last sync is younger than this. */
const MIRROR_FRESH_MS = 60 * 60_000;
/** Readings of listed invoices for one message, beside those that caused it. */
const LISTED_READS_MAX = 20;
const READS_AT_ONCE = 5;
const PDFS_MAX = 5;
const REASON_MAX = 300;

export interface PrepareContext extends ClaimDeps {
  ledger: Ledger;
  renderer: Renderer;
  sender: Sender;
  /** Child to debtor, as the rules saw it. */
  families: ReadonlyMap<CustomerId, CustomerId>;
}

export type Prepared =
  | { kind: 'ready'; mail: OutgoingMail; lines: StandingLine[] }
  | { kind: 'withdrawn'; because: string };

export async function prepare(
  context: PrepareContext,
  claim: Claim,
  loaded: LoadedReminder,
): Promise<Prepared> {
  const stopped = stopsCustomer(loaded);
  if (stopped !== null) return { kind: 'withdrawn', because: stopped };
  if (loaded.action.template === STATEMENT_TEMPLATE) {
    return readyStatement(context, claim, loaded);
  }

  const { lines, dropped } = await standingLines(context, claim, loaded);
  if (!lines.some((line) => line.isTrigger)) return { kind: 'withdrawn', because: dropped };

  const credit = loaded.credits.reduce((sum, entry) => sum + entry.amountMinor, 0);
  const asked = lines.reduce((sum, line) => sum + line.askedMinor, 0);
  if (credit >= asked) {
    return { kind: 'withdrawn', because: 'credit of theirs covers all that would be asked for' };
  }

  const recipients = recipientsOf(loaded, lines);
  const { to } = recipients;
  if (to.length === 0) {
    const why = recipients.refused[0]?.reason ?? 'there is no email address';
    return { kind: 'withdrawn', because: `unreachable: ${why}` };
  }

  const attachments = [
    ...(await makePapers(context, claim, loaded)),
    ...(loaded.action.attachPdf ? await fetchPdfs(context, claim, lines) : []),
  ];
  const payLink = await fetchPayLink(context, claim, lines);
  const hasPdf = attachments.some((attachment) => attachment.keepAs === undefined);
  const { sender } = context;
  const rendered = composeReminder(context.renderer, loaded, lines, {
    to,
    sender,
    payLink,
    hasPdf,
  });
  const mail: OutgoingMail = {
    ...rendered,
    messageId: loaded.messageId ?? messageIdOf(claim.actionId, sender.from.address),
    from: sender.from,
    to,
    replyTo: sender.replyTo,
    attachments,
    isAutomatic: loaded.action.approvedBy === null,
  };
  return { kind: 'ready', mail, lines };
}

async function readyStatement(
  context: PrepareContext,
  claim: Claim,
  loaded: LoadedReminder,
): Promise<Prepared> {
  const { sender } = context;
  const prepared = await prepareStatement({ ...context, tx: context.db.prisma }, loaded);
  if (prepared.kind === 'withdrawn') return prepared;
  const { rendered, to, attachment } = prepared.mail;
  const mail: OutgoingMail = {
    ...rendered,
    messageId: loaded.messageId ?? messageIdOf(claim.actionId, sender.from.address),
    from: sender.from,
    to,
    replyTo: sender.replyTo,
    attachments: [attachment],
    isAutomatic: loaded.action.approvedBy === null,
  };
  return { kind: 'ready', mail, lines: [] };
}

/** A duplicate would carry the same id, and so be visible to the receiver and to us. */
function messageIdOf(actionId: string, fromAddress: string): string {
  return `<${actionId}@${fromAddress.slice(fromAddress.indexOf('@') + 1)}>`;
}

function stopsCustomer(loaded: LoadedReminder): string | null {
  if (loaded.customer.doNotChase) return `${loaded.customer.name} is set to never be reminded`;
  const [first] = loaded.offBalance;
  return first === undefined
    ? null
    : `the balance of ${first} here and in the ledger differ: not chased until they agree`;
}

async function standingLines(
  context: PrepareContext,
  claim: Claim,
  loaded: LoadedReminder,
): Promise<{ lines: StandingLine[]; dropped: string }> {
  const current = await readCurrent(context, claim, loaded);
  const recheckContext = {
    today: loaded.today,
    plannedOn: loaded.action.plannedOn,
    currency: loaded.action.currency,
    debtorId: loaded.customer.id,
    debtorOf: (id: CustomerId) => context.families.get(id) ?? id,
    holds: loaded.holds,
    holdRules: loaded.holdRules,
  };
  const lines: StandingLine[] = [];
  const reasons: string[] = [];
  for (const listed of loaded.listed) {
    const verdict = recheck(listed, current.get(listed.invoiceId) ?? null, recheckContext);
    if (verdict.stands) lines.push(verdict.line);
    else if (listed.isTrigger) reasons.push(verdict.because);
  }
  return { lines, dropped: reasons.join('; ').slice(0, REASON_MAX) };
}

/** The freshest figures: live where asked, the mirror's otherwise. */
async function readCurrent(
  context: PrepareContext,
  claim: Claim,
  loaded: LoadedReminder,
): Promise<Map<string, CurrentInvoice>> {
  const current = new Map(loaded.mirror);
  const wanted = toReadLive(loaded, context.clock.now());
  for (let from = 0; from < wanted.length; from += READS_AT_ONCE) {
    await keepClaim(context, claim);
    const batch = wanted.slice(from, from + READS_AT_ONCE);
    const read = await Promise.all(
      batch.map((listed) => readLive(context.ledger, listed, loaded.mirror)),
    );
    batch.forEach((listed, index) => {
      const invoice = read[index] ?? null;
      if (invoice === null) current.delete(listed.invoiceId);
      else current.set(listed.invoiceId, invoice);
    });
  }
  return current;
}

function toReadLive(loaded: LoadedReminder, now: Date): Listed[] {
  // A journal line has no page of its own to read.
  const readable = loaded.listed.filter(
    (listed) => loaded.mirror.get(listed.invoiceId)?.kind !== 'journal',
  );
  const syncedAt = loaded.book.lastSyncedAt?.getTime() ?? 0;
  const isFresh = now.getTime() - syncedAt < MIRROR_FRESH_MS;
  const others = readable.filter((listed) => !listed.isTrigger);
  return [
    ...readable.filter((listed) => listed.isTrigger),
    ...(isFresh ? [] : others.slice(0, LISTED_READS_MAX)),
  ];
}

async function readLive(
  ledger: Ledger,
  listed: Listed,
  mirror: ReadonlyMap<string, CurrentInvoice>,
): Promise<CurrentInvoice | null> {
  const invoice = await orNullIfGone(ledger.readInvoice(listed.invoiceId as InvoiceId));
  if (invoice === null) return null;
  return { ...invoice, openMinor: invoice.openMinor ?? mirror.get(invoice.id)?.openMinor ?? 0 };
}

async function orNullIfGone<T>(reading: Promise<T | null>): Promise<T | null> {
  try {
    return await reading;
  } catch (err) {
    if (err instanceof LedgerError && err.kind === 'not_found') return null;
    throw err;
  }
}

/** What we write ourselves: the letter of a formal step, the statement where the step asks for it. */
async function makePapers(
  context: PrepareContext,
  claim: Claim,
  loaded: LoadedReminder,
): Promise<Attachment[]> {
  const { action, customer } = loaded;
  const { bookId, actionId } = claim;
  const deps = { clock: context.clock, config: { mailFrom: context.sender.from } };
  const tx = context.db.prisma;
  const papers: Attachment[] = [];
  if (isLetter(action)) {
    const letter = await makeLetter(deps, tx, bookId, actionId);
    papers.push({ ...paperOf(letter), keepAs: 'letter' });
  }
  if (action.attachStatement) {
    const request = { kind: 'open-item', format: 'pdf', currency: action.currency } as const;
    const statement = await makeStatement({ tx, ...deps }, bookId, customer.id, request);
    papers.push({ ...paperOf(statement), keepAs: 'statement' });
  }
  return papers;
}

function paperOf({ filename, contentType, content }: Attachment): Attachment {
  return { filename, contentType, content };
}

async function fetchPdfs(
  context: PrepareContext,
  claim: Claim,
  lines: readonly StandingLine[],
): Promise<Attachment[]> {
  const wanted = lines.filter((line) => line.isTrigger && line.invoice.kind === 'invoice');
  const attachments: Attachment[] = [];
  for (const { invoice } of wanted.slice(0, PDFS_MAX)) {
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
