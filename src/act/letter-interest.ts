/**
 * What lateness has borne on the invoices of a letter. For information, as the law of the book's country
 * would grant it between businesses; owed only once a person has confirmed that a term is in the contract.
 * Nothing is said where it could be wrong: when the mirror is behind the ledger, and to a natural person
 * of a law between businesses.
 */
import type { LetterInterest } from '../domain/letter.ts';
import { interestWorking } from '../domain/interest/interest-working.ts';
import type { BookId } from '../domain/receivables.ts';
import type { Tx } from '../store/db.ts';
import { readInterest } from '../store/interest.ts';
import type { LoadedReminder } from './load-reminder.ts';
import type { StandingLine } from './recheck.ts';

export async function readLetterInterest(
  tx: Tx,
  loaded: LoadedReminder,
  lines: readonly StandingLine[],
): Promise<LetterInterest | null> {
  const { book, customer, action, today } = loaded;
  if (lines.some((line) => isAheadOfMirror(line, loaded))) return null;
  const invoiceIds = lines.map(({ invoice }) => invoice.id);
  const whose = { customerId: customer.id, invoiceIds };
  const { basis, claims } = await readInterest(tx, book.id as BookId, whose, today);
  const isAgreed = basis === 'confirmed';
  const claim = claims.find(({ currency }) => currency === action.currency);
  if (claim === undefined || claim.totalMinor <= 0) return null;
  if (!isAgreed && customer.isIndividual) return null;
  return {
    interestMinor: claim.interestMinor,
    compensationMinor: claim.compensationMinor,
    title: claim.terms.title,
    isAgreed,
    isVerified: claim.isVerified,
    working: interestWorking(claim),
  };
}

/** Something was paid or changed since the last sync: on which day is not known here yet. */
function isAheadOfMirror({ invoice }: StandingLine, { mirror }: LoadedReminder): boolean {
  const known = mirror.get(invoice.id);
  return (
    known === undefined ||
    known.openMinor !== invoice.openMinor ||
    known.totalMinor !== invoice.totalMinor ||
    known.dueOn !== invoice.dueOn
  );
}
