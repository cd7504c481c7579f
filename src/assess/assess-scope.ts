/**
 * Whom an assessment looks at. Most days only customers whose day has come or whose facts changed, with
 * those who are judged beside the whole book: whoever owes a great share of it. When what all are judged
 * by has changed (the book's habits, which are read anew each week, or a policy's word on holds), and
 * until changes are noted, it is everybody.
 */
import { type Day, toDate } from '../domain/day.ts';
import { groupBy } from '../domain/group-by.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import { type BookRow, type BookTotal, nextCustomerIds } from '../store/book-facts.ts';
import { noteBookAssessed, readUnassessed } from '../store/chase-state.ts';
import { readDueToAssess } from '../store/customer-risk.ts';
import type { Db, Tx } from '../store/db.ts';

export interface AssessScope {
  /** In the order of their ids; null: everybody. */
  due: CustomerId[] | null;
  assessedBy: string;
  /** Changes of the whole book that this assessment takes in. */
  bookChanges: bigint[];
  /** Changes were noted before it began, so that the next may go by them. */
  isNoted: boolean;
}

export interface JudgedBy {
  asOn: Day;
  /** A digest of what all are judged by. */
  assessedBy: string;
  totals: readonly BookTotal[];
  /** Sub-customer → who is billed for it. */
  families: ReadonlyMap<CustomerId, CustomerId>;
}

export async function scopeOf(tx: Tx, book: BookRow, by: JudgedBy): Promise<AssessScope> {
  const { asOn, assessedBy } = by;
  const bookChanges = await readUnassessed(tx, book.id);
  // The database notes no change of a book that has not finished a run.
  const isNoted = (await tx.run.count({ where: { bookId: book.id, state: 'done' } })) > 0;
  const isSame = book.assessedBy === assessedBy && bookChanges.length === 0;
  const isLater = book.assessedOn !== null && book.assessedOn <= asOn;
  const due = isSame && isLater ? await dueOf(tx, book.id, by) : null;
  return { due, assessedBy, bookChanges, isNoted };
}

async function dueOf(
  tx: Tx,
  bookId: BookId,
  { asOn, totals, families }: JudgedBy,
): Promise<CustomerId[]> {
  const due = await readDueToAssess(tx, bookId, asOn, 'concentration');
  const looked = new Set([...due, ...totals.flatMap(({ largest }) => largest)]);
  // A sub-customer is reached, and held, through whoever is billed for it.
  const children = groupBy([...families.keys()], (child) => families.get(child));
  for (const id of [...looked]) for (const child of children.get(id) ?? []) looked.add(child);
  return [...looked].sort();
}

export async function* customersOf(
  db: Db,
  bookId: BookId,
  { due }: AssessScope,
  size: number,
): AsyncGenerator<CustomerId[]> {
  if (due === null) {
    let ids = await nextCustomerIds(db.prisma, bookId, '', size);
    for (let last = ids.at(-1); last !== undefined; last = ids.at(-1)) {
      yield ids;
      ids = await nextCustomerIds(db.prisma, bookId, last, size);
    }
    return;
  }
  for (let from = 0; from < due.length; from += size) yield due.slice(from, from + size);
}

export async function endAssessment(
  tx: Tx,
  bookId: BookId,
  asOn: Day,
  { assessedBy, bookChanges, isNoted }: AssessScope,
): Promise<void> {
  await noteBookAssessed(tx, bookChanges);
  const assessedOn = isNoted ? toDate(asOn) : null;
  await tx.book.update({ where: { id: bookId }, data: { assessedOn, assessedBy } });
}
