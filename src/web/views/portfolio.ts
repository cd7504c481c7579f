/** The list of books as its page shows it. */
import { consentEndWords } from '../../connect/consent-end.ts';
import type { PortfolioBook } from '../queries/portfolio.ts';
import { plural } from '../helpers.ts';
import { MODE_WORDS, PLATFORM_WORDS, type Word } from './words.ts';

export interface ConnectChoice {
  platform: 'xero' | 'quickbooks';
  name: string;
}

export function portfolioView(books: PortfolioBook[], connects: ConnectChoice[]) {
  return {
    sentence: portfolioSentence(books, connects),
    connects,
    isEmpty: books.length === 0,
    books: books.map((book) => ({
      ...book,
      platformName: PLATFORM_WORDS[book.platform],
      modeName: MODE_WORDS[book.mode].name,
      connection: connectionWord(book),
      connectionDetail: connectionDetail(book),
      goesOut: book.mode === 'shadow' ? book.counts.shadowed : book.counts.leaving,
      shownOnly: book.mode === 'shadow' && book.counts.shadowed > 0,
    })),
  };
}

export function connectionWord(
  book: Pick<
    PortfolioBook,
    'status' | 'consentEndsAt' | 'parkedUntil' | 'lastSyncError' | 'lastSyncedAt'
  >,
): Word {
  if (book.status === 'disconnected') return { text: 'disconnected', tone: 'bad' };
  if (book.consentEndsAt !== null) return { text: 'consent ends soon', tone: 'due' };
  if (book.parkedUntil !== null) return { text: 'parked', tone: 'held' };
  if (book.lastSyncError !== null) return { text: 'last sync failed', tone: 'due' };
  if (book.lastSyncedAt === null) return { text: 'first sync to come', tone: 'plain' };
  return { text: 'connected', tone: 'good' };
}

export function connectionDetail(
  book: Pick<
    PortfolioBook,
    'status' | 'statusReason' | 'consentEndsAt' | 'parkedUntil' | 'parkedReason' | 'lastSyncError'
  >,
): string | null {
  if (book.status === 'disconnected') return book.statusReason;
  if (book.consentEndsAt !== null) return consentEndWords(book.consentEndsAt);
  return book.parkedUntil === null ? book.lastSyncError : book.parkedReason;
}

/** The most pressing thing over all books, and how much of it there is. */
function portfolioSentence(books: PortfolioBook[], connects: ConnectChoice[]): string {
  if (books.length === 0) return emptySentence(connects);
  const lost = books.filter((book) => book.status === 'disconnected');
  const [first] = lost;
  if (first !== undefined) {
    return lost.length === 1
      ? `Reconnect ${first.name}: it is neither synced nor chased until you do.`
      : `Reconnect ${plural(lost.length, 'book', 'books')}: they are neither synced nor chased until you do.`;
  }
  const sum = (key: keyof PortfolioBook['counts']) =>
    books.reduce((total, book) => total + book.counts[key], 0);
  const wishes = [
    sum('inDoubt') > 0 && `decide about ${plural(sum('inDoubt'), 'message', 'messages')} in doubt`,
    sum('proposed') > 0 && `approve ${plural(sum('proposed'), 'message', 'messages')}`,
    sum('tasks') > 0 && `see to ${plural(sum('tasks'), 'task', 'tasks')}`,
    sum('quarantined') > 0 &&
      `look at ${plural(sum('quarantined'), 'record', 'records')} that could not be read`,
  ].filter((wish) => wish !== false);
  if (wishes.length > 0) return `${capital(listing(wishes))}.`;
  const leaving = sum('leaving');
  if (leaving > 0)
    return `Nothing needs you: ${plural(leaving, 'message leaves', 'messages leave')} without a click.`;
  if (books.every((book) => book.mode === 'shadow')) {
    return 'Nothing leaves in shadow mode. Open a book, read what it would send, then choose how far it may go.';
  }
  const sent = sum('sentToday');
  return sent > 0
    ? `Nothing needs you: ${plural(sent, 'message', 'messages')} went out today.`
    : 'Nothing needs you now.';
}

function emptySentence(connects: ConnectChoice[]): string {
  return connects.length === 0
    ? 'Set XERO_CLIENT_ID or QUICKBOOKS_CLIENT_ID with its secret in .env, restart, and connect a book here.'
    : 'Connect a book to begin. It starts in shadow mode: you see every decision, and nothing leaves.';
}

export function listing(parts: string[]): string {
  return parts.length < 2
    ? parts.join('')
    : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
