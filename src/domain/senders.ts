/**
 * Who signs what: the ladder inside the business, from the collector to the director. A step names a
 * level; when nobody is entered there, the nearest level below signs, never one above, and with nobody
 * at all the business signs as such. The address a message comes from stays the business's own.
 * Finance lead asked for, only a collector entered: the collector signs, with the collector's title.
 */
export const SENDER_LEVELS = ['collector', 'account_owner', 'finance_lead', 'director'] as const;
export type SenderLevel = (typeof SENDER_LEVELS)[number];

export interface BookSender {
  level: SenderLevel;
  name: string;
  /** null: the level's own word. */
  title: string | null;
  /** Where answers go; null: the book's address for answers. */
  email: string | null;
  /** A further line under the name, as a telephone number; null: none. */
  signature: string | null;
}

const LEVEL_TITLES: Readonly<Record<SenderLevel, string>> = {
  collector: 'Accounts receivable',
  account_owner: 'Account manager',
  finance_lead: 'Finance lead',
  director: 'Director',
};

export function isSenderLevel(text: string): text is SenderLevel {
  return SENDER_LEVELS.some((level) => level === text);
}

/** The person of that level, or of the nearest one below that has a person. */
export function senderAt(level: string, senders: readonly BookSender[]): BookSender | null {
  const rank = SENDER_LEVELS.findIndex((known) => known === level);
  const upTo = SENDER_LEVELS.slice(0, rank + 1).reverse();
  const found = upTo.map((known) => senders.find((sender) => sender.level === known));
  return found.find((sender) => sender !== undefined) ?? null;
}

/** Answers stay in the house: an address of another domain would look like somebody else's. */
export function isOwnAddress(email: string, businessAddress: string): boolean {
  return domainOf(email) !== '' && domainOf(email) === domainOf(businessAddress);
}

function domainOf(address: string): string {
  return address
    .slice(address.lastIndexOf('@') + 1)
    .trim()
    .toLowerCase();
}

/** What a step's level is called when nobody is entered for it; null for a word that is no level. */
export function roleOf(level: string): string | null {
  return isSenderLevel(level) ? LEVEL_TITLES[level] : null;
}

export interface MailFrom {
  name: string | null;
  address: string;
}

export interface Sender {
  from: { name: string; address: string };
  replyTo: string | null;
}

/** How a book names itself; null: nobody has said it. */
interface BookNames {
  name: string;
  fromName: string | null;
  fromEmail: string | null;
  replyTo: string | null;
}

/** Signed by the person of the step's level; from the book's own address, or the installation's; null when neither is set. */
export function senderOf(
  book: BookNames,
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

/** Where a message or a paper asks to be answered. */
export function replyAddressOf({ from, replyTo }: Sender): string {
  return replyTo ?? from.address;
}

/** The business as the head of a statement or a charge names it. */
export function businessOnPaper(
  book: BookNames & { legalName: string | null; country: string; postalAddress: string | null },
  mailFrom: MailFrom | null,
) {
  const sender = senderOf(book, mailFrom, null);
  return {
    name: book.legalName ?? book.name,
    country: book.country,
    address: book.postalAddress,
    replyAddress: sender === null ? null : replyAddressOf(sender),
  };
}
