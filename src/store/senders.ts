/** Who signs at each level of a book's ladder. */
import type { BookId } from '../domain/receivables.ts';
import {
  type BookSender,
  isOwnAddress,
  isSenderLevel,
  type SenderLevel,
} from '../domain/senders.ts';
import { UsageError } from '../errors.ts';
import type { Db, Tx } from './db.ts';

export async function readSenders(tx: Tx, bookId: BookId): Promise<BookSender[]> {
  const rows = await tx.bookSender.findMany({ where: { bookId } });
  return rows.flatMap(({ level, name, title, email, signature }) =>
    isSenderLevel(level) ? [{ level, name, title, email, signature }] : [],
  );
}

interface Change {
  at: Date;
  actor: string;
}

const TEXT_MAX = 120;

/** `mailFrom` is the installation's address, for a book that has none of its own. */
export async function saveSender(
  db: Db,
  bookId: BookId,
  sender: BookSender,
  mailFrom: string | null,
  { at, actor }: Change,
): Promise<void> {
  const { level, ...person } = sender;
  for (const text of [person.name, person.title, person.email, person.signature]) {
    if (text === null || (text.trim() !== '' && text.length <= TEXT_MAX && !/\p{Cc}/u.test(text))) {
      continue;
    }
    throw new UsageError(
      `"${text}" should be one line of at most ${TEXT_MAX} characters: name, title, address, line`,
    );
  }
  await db.tx(async (tx) => {
    const book = await tx.book.findUniqueOrThrow({ where: { id: bookId } });
    const own = book.fromEmail ?? mailFrom;
    if (person.email !== null && (own === null || !isOwnAddress(person.email, own))) {
      throw new UsageError(
        own === null
          ? 'set the business’s own address first (MAIL_FROM): answers go to an address of the same domain'
          : `${person.email} is not of the business’s own domain, as ${own} is`,
      );
    }
    await tx.bookSender.upsert({
      where: { bookId_level: { bookId, level } },
      create: { bookId, level, ...person },
      update: person,
    });
    await tx.audit.create({
      data: { bookId, at, actor, action: 'sender.set', subject: `sender ${level}`, detail: person },
    });
  });
}

/** Removing nobody changes nothing. */
export async function removeSender(
  db: Db,
  bookId: BookId,
  level: SenderLevel,
  { at, actor }: Change,
): Promise<void> {
  await db.tx(async (tx) => {
    const { count } = await tx.bookSender.deleteMany({ where: { bookId, level } });
    if (count === 0) return;
    await tx.audit.create({
      data: { bookId, at, actor, action: 'sender.removed', subject: `sender ${level}` },
    });
  });
}
