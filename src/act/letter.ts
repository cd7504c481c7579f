/**
 * The letter of an action as a PDF. Until it is issued it can be read as the database has it; issuing
 * reads what is open from the ledger once more and keeps the bytes, and from then on they are what
 * everybody gets.
 */
import type { Ledger } from '../../connectors/ledger.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { toDate } from '../domain/day.ts';
import { isOnPaper } from '../domain/deadline.ts';
import type { BookId } from '../domain/receivables.ts';
import { AppError, PolicyError } from '../errors.ts';
import { readFamilies } from '../store/book-facts.ts';
import type { Db, Tx } from '../store/db.ts';
import { findDocument, keepDocument } from '../store/documents.ts';
import { senderOf } from '../domain/senders.ts';
import { linesNow } from './lines-now.ts';
import { loadReminder, type LoadedReminder } from './load-reminder.ts';
import type { StandingLine } from './recheck.ts';
import { readStanding } from './standing-lines.ts';
import { keepOnlyWhatIsSaid } from './said.ts';
import { letterFile, type WrittenLetter, writeLetter } from './write-letter.ts';

export interface LetterDeps {
  db: Db;
  clock: Clock;
  config: Pick<Config, 'mailFrom'>;
}

export interface IssueDeps extends LetterDeps {
  openLedger: (bookId: BookId) => Promise<Ledger>;
}

export interface LetterFile {
  filename: string;
  contentType: string;
  content: Buffer;
  /** It has left this house as it is, and does not change any more. */
  isIssued: boolean;
}

/** A letter that still waits for somebody's word is not on paper yet. */
export const MAY_BE_ISSUED: ReadonlySet<string> = new Set(['todo', 'done']);

/** As issued, or else as the database has it now: nothing is asked of the ledger. */
export async function readLetterPdf(
  deps: LetterDeps,
  bookId: BookId,
  actionId: string,
): Promise<LetterFile> {
  const { db, clock } = deps;
  const issued = await findDocument(db.prisma, bookId, actionId, 'letter');
  if (issued !== null) return { ...issued, isIssued: true };
  const loaded = await loadReminder(db.prisma, bookId, actionId, clock.now());
  const letter = await written(deps, loaded, stillOwed(linesNow(loaded)));
  return { ...(await letterFile(letter)), isIssued: false };
}

/** What was planned and is paid by now is read no more, even where nothing else is left to read. */
function stillOwed(lines: readonly StandingLine[]): StandingLine[] {
  return lines.filter(({ invoice }) => invoice.status === 'open' && invoice.openMinor > 0);
}

function written(
  { db, clock, config }: LetterDeps,
  loaded: LoadedReminder,
  lines: readonly StandingLine[],
): Promise<WrittenLetter> {
  const sender = senderOf(loaded.book, config.mailFrom, loaded.sender);
  return writeLetter(db.prisma, loaded, lines, sender, clock.now());
}

/** Keeps the letter and gives it; issuing again gives the same one. */
export async function issueLetter(
  deps: IssueDeps,
  bookId: BookId,
  actionId: string,
  actor: string,
): Promise<LetterFile> {
  const { db, clock } = deps;
  const issued = await findDocument(db.prisma, bookId, actionId, 'letter');
  if (issued !== null) return { ...issued, isIssued: true };
  const loaded = await loadReminder(db.prisma, bookId, actionId, clock.now());
  if (!isOnPaper(loaded.action))
    throw new PolicyError(`"${loaded.action.stepName}" is no letter on paper`);
  if (!MAY_BE_ISSUED.has(loaded.action.state)) throw notToBeIssued(loaded.action.state);
  const lines = await readLines(deps, bookId, loaded);
  const letter = await written(deps, loaded, lines);
  const file = await letterFile(letter);
  return db.tx(async (tx) => {
    // Whoever comes second waits here, and gets the first one's letter.
    await lockAction(tx, actionId);
    const earlier = await findDocument(tx, bookId, actionId, 'letter');
    if (earlier !== null) return { ...earlier, isIssued: true };
    await keep(tx, { loaded, letter, lines, file, actor, at: clock.now() });
    return { ...file, isIssued: true };
  });
}

async function readLines(
  { db, clock, openLedger }: IssueDeps,
  bookId: BookId,
  loaded: LoadedReminder,
): Promise<StandingLine[]> {
  const standing = await readStanding(
    {
      clock,
      ledger: await openLedger(bookId),
      families: await readFamilies(db.prisma, bookId),
      keep: () => Promise.resolve(),
    },
    loaded,
  );
  if (standing.kind === 'standing') return standing.lines;
  const { because } = standing;
  throw new AppError('act.nothing_to_ask', `the letter is not issued: ${because}`, {
    userMessage: `It is not issued: ${because}. The next run decides anew.`,
  });
}

interface Kept {
  loaded: LoadedReminder;
  letter: WrittenLetter;
  lines: readonly StandingLine[];
  file: { filename: string; contentType: string; content: Buffer };
  actor: string;
  at: Date;
}

async function keep(tx: Tx, { loaded, letter, lines, file, actor, at }: Kept): Promise<void> {
  const { action, book, customer } = loaded;
  const [bookId, actionId] = [book.id as BookId, action.id];
  const current = await tx.action.findUniqueOrThrow({
    where: { id: actionId },
    select: { state: true },
  });
  if (!MAY_BE_ISSUED.has(current.state)) throw notToBeIssued(current.state);
  await tx.action.update({
    where: { id: actionId },
    data: {
      reference: letter.paper.reference,
      deadlineOn: toDate(letter.deadlineOn),
      updatedAt: at,
    },
  });
  await keepOnlyWhatIsSaid(tx, actionId, lines);
  await keepDocument(tx, {
    ...file,
    bookId,
    customerId: customer.id,
    actionId,
    kind: 'letter',
    at,
  });
  await tx.audit.create({
    data: { bookId, at, actor, action: 'letter.issued', subject: `action ${actionId}` },
  });
}

async function lockAction(tx: Tx, actionId: string): Promise<void> {
  await tx.$queryRawUnsafe(`select id from action where id = $1::uuid for update`, actionId);
}

function notToBeIssued(state: string): AppError {
  return new AppError('act.not_to_be_issued', `a letter that is ${state} is not issued`, {
    userMessage:
      state === 'proposed'
        ? 'It waits for approval: approve it, then issue it.'
        : `It is ${state.replaceAll('_', ' ')}, so it is not issued any more.`,
  });
}
