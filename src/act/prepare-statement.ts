/** The month's statement as an email: the paper attached, and what is open on it in the message itself. */
import type { Clock } from '../clock.ts';
import type { Currency } from '../domain/money.ts';
import type { BookId } from '../domain/receivables.ts';
import { disputedOn } from '../domain/disputed.ts';
import { openItems, type OpenItemStatement, type StatementKind } from '../domain/statement.ts';
import { findDebtor, readAccounts } from '../store/accounts.ts';
import type { Tx } from '../store/db.ts';
import { readPastHolds } from '../store/holds.ts';
import { creditLines, recipientsOf } from './compose.ts';
import { replyAddressOf, type Sender } from '../domain/senders.ts';
import { signerOf } from './signer.ts';
import type { LoadedReminder } from './load-reminder.ts';
import type { Attachment } from './mailer.ts';
import type { Rendered, Renderer } from './render.ts';
import { localeFor, type ReminderFacts, viewOf } from './reminder-view.ts';
import { makeStatement, type StatementFile } from './statement.ts';

export interface StatementMail {
  rendered: Rendered;
  to: string[];
  attachment: Attachment;
}

export type PreparedStatement =
  { kind: 'ready'; mail: StatementMail } | { kind: 'withdrawn'; because: string };

export async function prepareStatement(
  deps: { tx: Tx; clock: Clock; renderer: Renderer; sender: Sender },
  loaded: LoadedReminder,
): Promise<PreparedStatement> {
  const { action, book, customer, today } = loaded;
  const bookId = book.id as BookId;
  const debtor = await findDebtor(deps.tx, bookId, customer.id);
  const accounts = await readAccounts(deps.tx, bookId, debtor);
  const account = accounts.find(({ currency }) => currency === action.currency);
  const holds = await readPastHolds(deps.tx, bookId, debtor.memberIds, book.timeZone);
  const disputed = disputedOn(holds, debtor.id, today);
  const open = account === undefined ? null : openItems(account, today, disputed);
  if (open === null || open.balanceMinor <= 0) {
    return { kind: 'withdrawn', because: `nothing is owed in ${action.currency} any more` };
  }
  const { to, refused } = recipientsOf(loaded, []);
  if (to.length === 0) {
    const why = refused[0]?.reason ?? 'there is no email address';
    return { kind: 'withdrawn', because: `unreachable: ${why}` };
  }
  const file = await makeStatement(
    { tx: deps.tx, clock: deps.clock, config: { mailFrom: deps.sender.from } },
    bookId,
    customer.id,
    requestOf(action.step, action.currency),
  );
  const rendered = composeStatement(deps, loaded, open);
  return { kind: 'ready', mail: { rendered, to, attachment: attachmentOf(file) } };
}

function requestOf(step: string, currency: Currency) {
  const kind: StatementKind = step === 'statement-activity' ? 'activity' : 'open-item';
  return { kind, format: 'pdf', currency } as const;
}

function attachmentOf({ filename, contentType, content }: StatementFile): Attachment {
  return { filename, contentType, content, keepAs: 'statement' };
}

function composeStatement(
  { renderer, sender }: { renderer: Renderer; sender: Sender },
  loaded: LoadedReminder,
  open: OpenItemStatement,
): Rendered {
  const { action, book, customer, today } = loaded;
  const wanted = customer.language ?? 'en';
  const language = renderer.languageOf(action.template, wanted);
  const facts: ReminderFacts = {
    businessName: book.name,
    greetingName: customer.name,
    customerName: customer.name,
    signer: signerOf(loaded, sender),
    replyAddress: replyAddressOf(sender),
    currency: action.currency,
    locale: localeFor(language, book.country),
    today,
    lines: open.rows.map((row) => ({
      number: row.invoice.number,
      issuedOn: row.invoice.issuedOn,
      dueOn: row.parts[0].dueOn,
      askedMinor: row.openMinor,
      totalMinor: row.totalMinor,
      contestedMinor: row.disputedMinor,
      link: null,
      isTrigger: true,
    })),
    credits: creditLines(open.held),
    payLink: null,
    attached: { statement: true, invoices: 0 },
    letter: null,
  };
  return renderer.render(action.template, language, viewOf(facts));
}
