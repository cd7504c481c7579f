/**
 * The letter of an action as a PDF. Until it is issued it is made anew each time, from what is open today;
 * issuing keeps the bytes, and from then on they are what everybody gets.
 */
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { letterPdf } from '../documents/letter-pdf.ts';
import { formatDay, toDate } from '../domain/day.ts';
import {
  deadlineOf,
  type LetterFacts,
  type LetterKind,
  type LetterLine,
  letterWords,
} from '../domain/letter.ts';
import { parsePolicy, type PolicyStep } from '../domain/policy.ts';
import type { BookId } from '../domain/receivables.ts';
import { disputedOn } from '../domain/disputed.ts';
import { roleOf } from '../domain/senders.ts';
import { openItems, type OpenRow } from '../domain/statement.ts';
import { AppError, PolicyError } from '../errors.ts';
import { findDebtor, readAccounts } from '../store/accounts.ts';
import type { Db, Tx } from '../store/db.ts';
import { findDocument, keepDocument } from '../store/documents.ts';
import { readPastHolds } from '../store/holds.ts';
import { senderOf } from './compose.ts';
import { letterPacks } from './letter-packs.ts';
import { linesNow } from './lines-now.ts';
import { loadReminder, type LoadedReminder } from './load-reminder.ts';

import { shown } from './reminder-view.ts';
import { fileWords } from './statement.ts';

export interface LetterDeps {
  db: Db;
  clock: Clock;
  config: Pick<Config, 'mailFrom'>;
}

export interface LetterFile {
  filename: string;
  contentType: string;
  content: Buffer;
  /** It has left this house as it is, and does not change any more. */
  isIssued: boolean;
}

const PDF = 'application/pdf';

const LETTER_CHANNELS: ReadonlySet<string> = new Set(['letter', 'formal_notice']);

/** A step that writes a letter, or an email that carries one. */
export function isLetter(action: { channel: string; template: string }): boolean {
  return LETTER_CHANNELS.has(action.channel) || action.template.startsWith('letter-');
}

/** A letter that still waits for somebody's word is not on paper yet. */
export const MAY_BE_ISSUED: ReadonlySet<string> = new Set(['todo', 'done']);

/** As issued, or else as it would be issued now. */
export async function readLetterPdf(
  deps: LetterDeps,
  bookId: BookId,
  actionId: string,
): Promise<LetterFile> {
  const { db } = deps;
  const issued = await findDocument(db.prisma, bookId, actionId, 'letter');
  if (issued !== null) return { ...issued, isIssued: true };
  return { ...(await makeLetter(deps, db.prisma, bookId, actionId)), isIssued: false };
}

/** Keeps the letter and gives it; issuing again gives the same one. */
export async function issueLetter(
  deps: LetterDeps,
  bookId: BookId,
  actionId: string,
  actor: string,
): Promise<LetterFile> {
  return deps.db.tx(async (tx) => {
    const issued = await findDocument(tx, bookId, actionId, 'letter');
    if (issued !== null) return { ...issued, isIssued: true };
    const letter = await makeLetter(deps, tx, bookId, actionId);
    if (!MAY_BE_ISSUED.has(letter.state)) throw notToBeIssued(letter.state);
    const at = deps.clock.now();
    const { customerId, filename, contentType, content } = letter;
    const kept = { bookId, customerId, actionId, kind: 'letter' as const, at };
    await tx.action.update({
      where: { id: actionId },
      data: { deadlineOn: toDate(letter.deadlineOn), updatedAt: at },
    });
    await keepDocument(tx, { ...kept, filename, contentType, content });
    await tx.audit.create({
      data: { bookId, at, actor, action: 'letter.issued', subject: `action ${actionId}` },
    });
    return { filename, contentType, content, isIssued: true };
  });
}

function notToBeIssued(state: string): AppError {
  return new AppError('act.not_to_be_issued', `a letter that is ${state} is not issued`, {
    userMessage:
      state === 'proposed'
        ? 'It waits for approval: approve it, then issue it.'
        : `It is ${state.replaceAll('_', ' ')}, so it is not issued any more.`,
  });
}

export async function makeLetter(
  deps: Pick<LetterDeps, 'clock' | 'config'>,
  tx: Tx,
  bookId: BookId,
  actionId: string,
) {
  const now = deps.clock.now();
  const loaded = await loadReminder(tx, bookId, actionId, now);
  const { book, action, customer, today } = loaded;
  if (!isLetter(action)) throw new PolicyError(`"${action.stepName}" writes no letter`);
  const setting = await tx.customerSetting.findUnique({
    where: { bookId_customerId: { bookId, customerId: customer.id } },
  });
  const kind: LetterKind = action.template === 'letter-final' ? 'final' : 'formal';
  const isIndividual = setting?.legalForm === 'individual';
  const wording = letterPacks().wordingFor(book.country, kind, isIndividual);
  const { lines, held } = await readLines(tx, bookId, loaded);
  const businessName = shown(book.legalName ?? book.name);
  const facts: LetterFacts = {
    kind,
    businessName,
    customerName: shown(customer.name),
    currency: action.currency,
    country: book.country,
    issuedOn: today,
    deadlineOn: action.deadlineOn,
    minimumDays: wording.minimumDays,
    lines,
    held,
    interest: null,
    handsOver: await handsOverNext(tx, action),
  };
  const sender = senderOf(book, deps.config.mailFrom, loaded.sender);
  const reference = action.reference ?? referenceOf(actionId);
  const content = await letterPdf({
    facts,
    texts: wording.render(letterWords(facts)),
    reference,
    businessAddress: book.postalAddress,
    customerAddress: setting?.postalAddress ?? null,
    replyAddress: sender?.replyTo ?? sender?.from.address ?? null,
    paymentDetails: book.paymentDetails,
    signature: {
      name: shown(sender?.from.name ?? businessName),
      role: loaded.sender?.title ?? roleOf(loaded.sender?.level ?? action.sender),
    },
    createdAt: now,
  });
  const filename = `Letter ${fileWords(customer.name)} ${formatDay(today)}.pdf`;
  const deadlineOn = deadlineOf(facts);
  return {
    filename,
    contentType: PDF,
    content,
    customerId: customer.id,
    state: action.state,
    deadlineOn,
  };
}

/** Short enough to be typed into a bank's form, and found again by it. */
export function referenceOf(actionId: string): string {
  return `L-${actionId.slice(0, 8).toUpperCase()}`;
}

/** The invoices that stand today, with what is disputed of them, and what we hold. */
async function readLines(tx: Tx, bookId: BookId, loaded: LoadedReminder) {
  const { action, customer, today } = loaded;
  const standing = new Set(linesNow(loaded).map((line) => line.invoiceId));
  const debtor = await findDebtor(tx, bookId, customer.id);
  const accounts = await readAccounts(tx, bookId, debtor);
  const account = accounts.find(({ currency }) => currency === action.currency);
  const holds = await readPastHolds(tx, bookId, debtor.memberIds, loaded.book.timeZone);
  const disputed = disputedOn(holds, debtor.id, today);
  const statement = account === undefined ? null : openItems(account, today, disputed);
  const [first, ...rest] = (statement?.rows ?? [])
    .filter((row) => standing.has(row.invoice.id))
    .map(letterLine);
  if (first === undefined) throw new PolicyError('none of its invoices is open any more');
  const lines: LetterFacts['lines'] = [first, ...rest];
  return { lines, held: statement?.held ?? [] };
}

/** Of an invoice in instalments only what has fallen due is asked for. */
function letterLine({ invoice, parts, openMinor, disputedMinor, totalMinor }: OpenRow): LetterLine {
  const due = parts.filter((part) => part.daysOverdue >= 0);
  const dueMinor = due.reduce((sum, part) => sum + part.openMinor, 0);
  const askedMinor = due.length === 0 ? openMinor : dueMinor;
  return {
    number: invoice.number,
    issuedOn: invoice.issuedOn,
    dueOn: parts[0].dueOn,
    totalMinor,
    openMinor: askedMinor,
    disputedMinor: Math.min(askedMinor, disputedMinor),
  };
}

/** "We intend to" is only true when the policy's next step does it. */
async function handsOverNext(tx: Tx, action: LoadedReminder['action']): Promise<boolean> {
  const version = await tx.policyVersion.findUnique({ where: { id: action.policyVersionId } });
  if (version === null) return false;
  const steps = stepsOf(version.text);
  const at = steps.findIndex((step) => step.key === action.step);
  return at !== -1 && steps[at + 1]?.channel === 'hand_over';
}

/** A version of long ago may be in words that are not read any more: then nothing is announced. */
function stepsOf(text: string): readonly PolicyStep[] {
  try {
    return parsePolicy(text).steps;
  } catch (err) {
    if (err instanceof PolicyError) return [];
    throw err;
  }
}
