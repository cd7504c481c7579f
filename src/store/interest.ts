/**
 * What a customer, or one invoice, would owe in interest and compensation as of a day, with the term it
 * stands on. Letters and evidence print `interestWorking(claim)` of it.
 */
import type { Day } from '../domain/day.ts';
import { claimsOf, type InterestClaim } from '../domain/interest/claim.ts';
import {
  type InterestTerms,
  PLAIN_CHOICE,
  type Statute,
  type TermsChoice,
  termsOf,
} from '../domain/interest/terms.ts';
import type { BookId, CustomerId, InvoiceId } from '../domain/receivables.ts';
import { AccessError, AppError } from '../errors.ts';
import { legalStatutes } from '../legal-rates.ts';
import type { Tx } from './db.ts';
import { type ConfirmedTerms, findTerms, readCharged } from './late-fee-terms.ts';
import { readLateInvoices, type Whose } from './late-invoices.ts';

/**
 * confirmed: a person said that the term holds. law: what the law of the book's country would grant,
 * for information. asked: a rate somebody wants to try. none: no rate is known.
 */
export type InterestBasis = 'confirmed' | 'law' | 'asked' | 'none';

export interface InterestReading {
  customerId: CustomerId;
  basis: InterestBasis;
  terms: InterestTerms | null;
  confirmed: ConfirmedTerms | null;
  /** What to know before relying on the law. */
  note: string | null;
  /** One for each currency; without what was charged already. */
  claims: InterestClaim[];
}

export async function readInterest(
  tx: Tx,
  bookId: BookId,
  whose: Whose,
  asOn: Day,
  asked: TermsChoice | null = null,
): Promise<InterestReading> {
  const customerId = await whoOwes(tx, bookId, whose);
  const statutes = await legalStatutes();
  const confirmed = await findTerms(tx, bookId, customerId);
  const { basis, choice } = await chooseTerms(tx, bookId, confirmed, asked, statutes);
  const terms = choice === null ? null : termsInForce(choice, statutes);
  const law = statutes.find(({ id }) => id === choice?.statute);
  return {
    customerId,
    basis,
    terms,
    confirmed: basis === 'confirmed' ? confirmed : null,
    note: law?.note ?? null,
    claims: terms === null ? [] : await readClaims(tx, bookId, { whose, customerId }, terms, asOn),
  };
}

async function readClaims(
  tx: Tx,
  bookId: BookId,
  { whose, customerId }: { whose: Whose; customerId: CustomerId },
  terms: InterestTerms,
  asOn: Day,
): Promise<InterestClaim[]> {
  const invoices = await readLateInvoices(tx, bookId, whose, asOn);
  // A sub-customer may have been charged before it was billed with its parent.
  const owners = [...new Set([customerId, ...invoices.map((invoice) => invoice.customerId)])];
  return claimsOf(invoices, terms, asOn, await readCharged(tx, bookId, owners));
}

async function whoOwes(tx: Tx, bookId: BookId, whose: Whose): Promise<CustomerId> {
  if ('customerId' in whose) return whose.customerId;
  return (await findInvoiceCustomer(tx, bookId, whose.invoiceId)) as CustomerId;
}

async function findInvoiceCustomer(tx: Tx, bookId: BookId, id: InvoiceId): Promise<string> {
  const row = await tx.invoice.findUnique({
    where: { bookId_id: { bookId, id } },
    select: { customerId: true },
  });
  if (row === null) throw new AccessError('not_found', `no invoice ${id}`);
  return row.customerId;
}

async function chooseTerms(
  tx: Tx,
  bookId: BookId,
  confirmed: ConfirmedTerms | null,
  asked: TermsChoice | null,
  statutes: readonly Statute[],
): Promise<{ basis: InterestBasis; choice: TermsChoice | null }> {
  if (asked !== null) return { basis: 'asked', choice: asked };
  if (confirmed !== null) return { basis: 'confirmed', choice: confirmed.choice };
  const book = await tx.book.findUniqueOrThrow({
    where: { id: bookId },
    select: { country: true },
  });
  const law = statutes.find(({ countries }) => countries.includes(book.country));
  return law === undefined
    ? { basis: 'none', choice: null }
    : { basis: 'law', choice: { ...PLAIN_CHOICE, statute: law.id } };
}

function termsInForce(choice: TermsChoice, statutes: readonly Statute[]): InterestTerms {
  const terms = termsOf(choice, statutes);
  if (terms !== null) return terms;
  throw new AppError(
    'interest.no_terms',
    `the law "${choice.statute ?? ''}" is no longer in the legal tables`,
  );
}
