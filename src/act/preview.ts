/** What would be sent now, from what the database knows: nothing is asked of the ledger, and nothing is kept. */
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { isLetter } from '../domain/deadline.ts';
import type { BookId } from '../domain/receivables.ts';
import { STATEMENT_TEMPLATE } from '../domain/statement-schedule.ts';
import { PolicyError } from '../errors.ts';
import type { Db } from '../store/db.ts';
import { composeReminder, linesWithPdf, pdfName, recipientsOf } from './compose.ts';
import { senderOf } from '../domain/senders.ts';
import { linesNow } from './lines-now.ts';
import { type LoadedReminder, loadReminder } from './load-reminder.ts';
import { prepareStatement } from './prepare-statement.ts';
import type { StandingLine } from './recheck.ts';
import { type Rendered, reminders } from './render.ts';
import { writeLetter } from './write-letter.ts';

export interface PreviewDeps {
  db: Db;
  clock: Clock;
  config: Pick<Config, 'mailFrom'>;
}

interface Preview extends Rendered {
  to: string[];
  /** null: no sender address is set yet. */
  from: { name: string; address: string } | null;
  replyTo: string | null;
  attachments: string[];
  /** The link to view and pay is asked of the ledger when the message leaves. */
  hasPayLink: false;
}

const NO_SENDER = { name: '', address: '' };

export async function previewAction(
  deps: PreviewDeps,
  bookId: BookId,
  actionId: string,
): Promise<Preview> {
  const loaded = await loadReminder(deps.db.prisma, bookId, actionId, deps.clock.now());
  const { action, book } = loaded;
  if (action.template === '') {
    throw new PolicyError(`"${action.stepName}" is work for a person and writes nothing`);
  }
  if (action.template === STATEMENT_TEMPLATE) return previewStatement(deps, loaded);
  const lines = linesNow(loaded);
  const { to } = recipientsOf(loaded, lines);
  const sender = senderOf(book, deps.config.mailFrom, loaded.sender);
  const rendered = composeReminder(reminders(), loaded, lines, {
    to,
    sender: sender ?? { from: { ...NO_SENDER, name: book.name }, replyTo: book.replyTo },
    payLink: null,
    attached: {
      statement: action.attachStatement,
      invoices: action.attachPdf ? linesWithPdf(lines).length : 0,
    },
    letter: isLetter(action)
      ? await writeLetter(deps.db.prisma, loaded, lines, sender, deps.clock.now())
      : null,
  });
  return {
    ...rendered,
    to,
    from: sender?.from ?? null,
    replyTo: sender?.replyTo ?? null,
    attachments: attachmentNames(loaded, lines),
    hasPayLink: false,
  };
}

async function previewStatement(deps: PreviewDeps, loaded: LoadedReminder): Promise<Preview> {
  const { book } = loaded;
  const sender = senderOf(book, deps.config.mailFrom, loaded.sender);
  const prepared = await prepareStatement(
    {
      tx: deps.db.prisma,
      clock: deps.clock,
      renderer: reminders(),
      sender: sender ?? { from: { ...NO_SENDER, name: book.name }, replyTo: book.replyTo },
    },
    loaded,
  );
  if (prepared.kind === 'withdrawn') throw new PolicyError(prepared.because);
  const { rendered, to, attachment } = prepared.mail;
  return {
    ...rendered,
    to,
    from: sender?.from ?? null,
    replyTo: sender?.replyTo ?? null,
    attachments: [attachment.filename],
    hasPayLink: false,
  };
}

function attachmentNames({ action }: LoadedReminder, lines: readonly StandingLine[]): string[] {
  const invoices = action.attachPdf ? linesWithPdf(lines) : [];
  return [
    ...(isLetter(action) ? ['the letter (PDF)'] : []),
    ...(action.attachStatement ? ['the statement of account (PDF)'] : []),
    ...invoices.map((line) => pdfName(line.invoice.number)),
  ];
}
