/** A customer's statement of account as a file: read, put together by the rules, and set. */
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { fileWords } from '../documents/file-words.ts';
import { statementCsv } from '../documents/statement-csv.ts';
import { statementPdf } from '../documents/statement-pdf.ts';
import type { Account } from '../domain/account.ts';
import { addDays, type Day, dayIn, formatDay } from '../domain/day.ts';
import type { Currency, Minor } from '../domain/money.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import { disputedOn } from '../domain/disputed.ts';
import { activity, openItems, type Statement, type StatementKind } from '../domain/statement.ts';
import { AccessError, UsageError } from '../errors.ts';
import { type Debtor, findDebtor, readAccounts } from '../store/accounts.ts';
import { readCustomerPaper } from '../store/addresses.ts';
import type { Book, Tx } from '../store/db.ts';
import { readPastHolds } from '../store/holds.ts';
import { businessOnPaper } from '../domain/senders.ts';
import type { CurrentInvoice } from './recheck.ts';

export interface StatementRequest {
  kind: StatementKind;
  format: 'pdf' | 'csv';
  /** The last day that counts; today when left out. */
  to?: Day;
  /** Where activity begins; three months before the end when left out. */
  from?: Day;
  /** Only this currency. */
  currency?: Currency;
  /** Invoices as the ledger has them at this moment, where somebody has just asked it. */
  current?: ReadonlyMap<string, CurrentInvoice | null>;
}

export interface StatementFile {
  filename: string;
  contentType: string;
  content: Buffer;
  /** Who it is made out to: for a sub-customer billed with its parent, the parent. */
  debtor: Debtor;
  statements: Statement[];
}

interface StatementDeps {
  tx: Tx;
  clock: Clock;
  config: Pick<Config, 'mailFrom'>;
}

const ACTIVITY_DAYS = 90;

export async function makeStatement(
  { tx, clock, config }: StatementDeps,
  bookId: BookId,
  customerId: CustomerId,
  request: StatementRequest,
): Promise<StatementFile> {
  const book = await tx.book.findUnique({ where: { id: bookId } });
  if (book === null) throw new AccessError('not_found', `no book ${bookId}`);
  const debtor = await findDebtor(tx, bookId, customerId);
  const now = clock.now();
  const today = dayIn(book.timeZone, now);
  const statements = await buildStatements(tx, book, debtor, today, request);
  const last = lastDayOf(statements[0]);
  const name = `Statement ${fileWords(debtor.name)} ${formatDay(last)}`;
  if (request.format === 'csv') {
    const content = statementCsv(debtor.name, statements);
    return { filename: `${name}.csv`, contentType: CSV, content, debtor, statements };
  }
  const { postalAddress } = await readCustomerPaper(tx, bookId, debtor.id);
  const content = await statementPdf(
    {
      business: businessOnPaper(book, config.mailFrom),
      customerName: debtor.name,
      customerAddress: postalAddress,
      paymentDetails: book.paymentDetails,
      createdAt: now,
    },
    statements,
  );
  return { filename: `${name}.pdf`, contentType: PDF, content, debtor, statements };
}

const PDF = 'application/pdf';
const CSV = 'text/csv; charset=utf-8';

async function buildStatements(
  tx: Tx,
  book: Book,
  debtor: Debtor,
  today: Day,
  request: StatementRequest,
): Promise<[Statement, ...Statement[]]> {
  const to = request.to ?? today;
  if (to > today) {
    throw new UsageError(
      `${formatDay(to)} is still to come: a statement ends today, ${formatDay(today)}, or earlier`,
    );
  }
  const from = request.from ?? addDays(to, -ACTIVITY_DAYS);
  if (from > to) {
    throw new UsageError(
      `the period begins on ${formatDay(from)}, after it ends on ${formatDay(to)}`,
    );
  }
  const bookId = book.id as BookId;
  const accounts = (await readAccounts(tx, bookId, debtor)).map((account) =>
    withCurrent(account, request.current),
  );
  const holds = await readPastHolds(tx, bookId, debtor.memberIds, book.timeZone);
  const disputed = disputedOn(holds, debtor.id, to);
  const state = (account: Account): Statement =>
    request.kind === 'activity'
      ? activity(account, from, to, disputed)
      : openItems(account, to, disputed);
  const wanted = accounts.filter(
    ({ currency }) => request.currency === undefined || currency === request.currency,
  );
  const [first, ...rest] = wanted.map(state).filter(hasContent);
  if (first !== undefined) return [first, ...rest];
  const currency = request.currency ?? debtor.currency ?? book.baseCurrency;
  return [state({ currency, invoices: [], credits: [], payments: [], allocations: [] })];
}

function withCurrent(account: Account, current: StatementRequest['current']): Account {
  if (current === undefined) return account;
  const invoices = account.invoices.map((invoice) => {
    const live = current.get(invoice.id);
    return live === undefined ? invoice : { ...invoice, openMinor: owedNow(live) };
  });
  return { ...account, invoices };
}

function owedNow(live: CurrentInvoice | null): Minor {
  return live?.status === 'open' ? live.openMinor : 0;
}

function hasContent(statement: Statement): boolean {
  return statement.kind === 'activity'
    ? statement.rows.length > 0 || statement.openingMinor !== 0
    : statement.rows.length + statement.held.length > 0;
}

function lastDayOf(statement: Statement): Day {
  return statement.kind === 'activity' ? statement.to : statement.asOn;
}
