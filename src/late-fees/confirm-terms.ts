/**
 * A term counts once a person has said that it holds: that it is in the contract, in which words, or
 * for a law that both sides are businesses in its country. The latest one replaces what was said before.
 */
import type { Clock } from '../clock.ts';
import type { TermsChoice } from '../domain/interest/terms.ts';
import { termsOf } from '../domain/interest/terms.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import { UsageError } from '../errors.ts';
import { legalStatutes } from '../legal-rates.ts';
import type { Db, Tx } from '../store/db.ts';
import { type Change, noteChange } from './audit.ts';

export interface NewTerms {
  /** null: for every customer of the book. */
  customerId: CustomerId | null;
  choice: TermsChoice;
  /** For a law: the customer's country. */
  country: string | null;
  /** In the person's own words. */
  confirmation: string;
}

/** Shorter than this is no sentence about a contract. */
const CONFIRMATION_MIN = 10;

export async function confirmTerms(
  deps: { db: Db; clock: Clock },
  bookId: BookId,
  terms: NewTerms,
  actor: string,
): Promise<number> {
  await refuseUnfounded(terms);
  const at = deps.clock.now();
  return deps.db.tx(async (tx) => {
    const change = { bookId, at, actor };
    await endTermsOf(tx, change, terms.customerId);
    const { customerId, choice, country, confirmation } = terms;
    const row = await tx.lateFeeTerms.create({
      data: {
        ...{ bookId, customerId, country, confirmation, confirmedBy: actor, confirmedAt: at },
        choice: { ...choice },
      },
    });
    await noteChange(tx, change, 'late_fee_terms.confirm', subjectOf(row.id), {
      choice: { ...choice },
      confirmation,
    });
    return row.id;
  });
}

/** Says that no term holds any longer; gives how many were ended. */
export async function endTerms(
  deps: { db: Db; clock: Clock },
  bookId: BookId,
  customerId: CustomerId | null,
  actor: string,
): Promise<number> {
  const at = deps.clock.now();
  return deps.db.tx((tx) => endTermsOf(tx, { bookId, at, actor }, customerId));
}

async function endTermsOf(tx: Tx, change: Change, customerId: CustomerId | null): Promise<number> {
  const { bookId, at, actor } = change;
  const ended = await tx.lateFeeTerms.findMany({
    where: { bookId, customerId, endedAt: null },
    select: { id: true },
  });
  for (const { id } of ended) {
    await tx.lateFeeTerms.update({ where: { id }, data: { endedAt: at, endedBy: actor } });
    await noteChange(tx, change, 'late_fee_terms.end', subjectOf(id));
  }
  return ended.length;
}

const subjectOf = (id: number) => `late fee terms ${id}`;

async function refuseUnfounded({ choice, country, confirmation }: NewTerms): Promise<void> {
  if (confirmation.trim().length < CONFIRMATION_MIN) {
    throw new UsageError(
      choice.statute === null
        ? 'say where the contract has the term, for example --confirm "in our terms of trade, clause 7"'
        : 'say how it is known that both are businesses, for example --b2b "both are registered companies"',
    );
  }
  const statutes = await legalStatutes();
  if (termsOf(choice, statutes) === null) {
    throw new UsageError(
      choice.statute === null
        ? 'a contract term needs its rate, for example "1.5 % a month"'
        : `no law is called "${choice.statute}"; there is ${statutes.map(({ id }) => id).join(', ')}`,
    );
  }
  const law = statutes.find(({ id }) => id === choice.statute);
  if (law === undefined) return;
  if (country === null || !law.countries.includes(country)) {
    throw new UsageError(
      `${law.title} is the law of ${law.countries.join(', ')}: say the customer's country with --country${country === null ? '' : `, not ${country}`}`,
    );
  }
}
