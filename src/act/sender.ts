/** Who a message or a letter comes from, and who signs it. */
import { type BookSender, roleOf } from '../domain/senders.ts';
import type { Book } from '../store/db.ts';
import type { LoadedReminder } from './load-reminder.ts';

export interface MailFrom {
  name: string | null;
  address: string;
}

export interface Sender {
  from: { name: string; address: string };
  replyTo: string | null;
}

/** Signed by the person of the step's level; from the book's own address, or the installation's; null when neither is set. */
export function senderOf(
  book: Pick<LoadedReminder['book'], 'name' | 'fromName' | 'fromEmail' | 'replyTo'>,
  mailFrom: MailFrom | null,
  person: BookSender | null,
): Sender | null {
  const address = book.fromEmail ?? mailFrom?.address;
  if (address === undefined) return null;
  return {
    from: { name: person?.name ?? book.fromName ?? mailFrom?.name ?? book.name, address },
    replyTo: person?.email ?? book.replyTo,
  };
}

/** The business as the head of a statement or a charge names it. */
export function businessOnPaper(book: Book, mailFrom: MailFrom | null) {
  const sender = senderOf(book, mailFrom, null);
  return {
    name: book.legalName ?? book.name,
    country: book.country,
    address: book.postalAddress,
    replyAddress: sender?.replyTo ?? sender?.from.address ?? null,
  };
}

export interface Signer {
  /** null: the business as such. */
  name: string | null;
  /** The person's own title; without one the word of the level. */
  role: string | null;
  /** A line under the name, as a telephone number. */
  line: string | null;
}

/** Whoever signs an email of this step signs its letter and its statement too. */
export function signerOf(
  { sender: person, action }: Pick<LoadedReminder, 'sender' | 'action'>,
  sender: Sender | null,
): Signer {
  return {
    name: person?.name ?? sender?.from.name ?? null,
    role: person?.title ?? roleOf(person?.level ?? action.sender),
    line: person?.signature ?? null,
  };
}
