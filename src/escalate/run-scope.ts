/**
 * How widely a run looks. Most days only customers whose day has come or whose facts changed can have
 * another answer than yesterday, and only they are looked at. When something changed that concerns
 * everybody (another policy version, the book's mode, a gate, a new year's holidays), every standing
 * answer is made again from the facts kept beside it, and who then differs is decided from the ledger.
 * A book's first two runs read everybody from the ledger: changes are noted from its first run on.
 */
import { toDate, type Day } from '../domain/day.ts';
import type { Reason } from '../domain/dunning-case.ts';
import { yearOf } from '../holidays.ts';
import type { BookRow } from '../store/book-facts.ts';
import type { Tx } from '../store/db.ts';
import type { AssignmentRow } from '../store/policy-assignments.ts';
import { shortDigest } from './answers.ts';

export type RunScope = 'everybody' | 'standing' | 'due';

const FIRST_RUNS = 2;

/** A digest of what the run decides by for everybody. */
export async function runContext(
  tx: Tx,
  book: BookRow,
  asOn: Day,
  gate: Reason | null,
  assigned: readonly AssignmentRow[],
): Promise<string> {
  const { mode, country, timeZone } = book;
  const versions = await versionsInForce(tx, book, asOn);
  const parts = [mode, country, timeZone, yearOf(asOn), gate?.code ?? null];
  return shortDigest(JSON.stringify([parts, assigned, versions]));
}

/** The latest version of each policy that has begun, of those this book may use. */
async function versionsInForce(tx: Tx, book: BookRow, asOn: Day): Promise<number[]> {
  const versions = await tx.policyVersion.findMany({
    where: {
      policy: { OR: [{ bookId: null }, { bookId: book.id }] },
      effectiveOn: { lte: toDate(asOn) },
    },
    distinct: ['policyId'],
    orderBy: [{ policyId: 'asc' }, { number: 'desc' }],
    select: { id: true },
  });
  return versions.map((version) => version.id);
}

export async function scopeOf(
  tx: Tx,
  book: BookRow,
  context: string,
  hasBookChanged: boolean,
): Promise<RunScope> {
  const where = { bookId: book.id, context: { not: '' } };
  const finished = await tx.run.count({ where: { ...where, state: 'done' } });
  const last = await tx.run.findFirst({ where, orderBy: { id: 'desc' } });
  if (finished < FIRST_RUNS || last === null || last.mode !== book.mode) return 'everybody';
  const isSame = last.state === 'done' && last.context === context && !hasBookChanged;
  return isSame ? 'due' : 'standing';
}
