/** What the audit log and the ledger are told of a hold, and the expected payment date that a promise sets. */
import { agreed, concerned, noteBody } from '../domain/hold-words.ts';
import type { Hold, HoldTerms } from '../domain/holds.ts';
import type { BookId, CustomerId, InvoiceId } from '../domain/receivables.ts';
import { dayText } from '../domain/text.ts';
import type { Tx } from '../store/db.ts';
import { planNotes, type PlannedNote, refOf } from '../store/notes.ts';

const REF_CHARS = 16;

export function lineOf(
  hold: HoldTerms & Pick<Hold, 'untilOn'>,
  invoices: readonly { number: string }[],
): string {
  return `${agreed(hold)} for ${concerned(invoices.map((invoice) => invoice.number))}`;
}

export interface Change {
  bookId: BookId;
  holdId: number;
  customerId: CustomerId;
  invoices: readonly { id: InvoiceId }[];
  at: Date;
  actor: string;
}

/** One line in the audit log and one note in the ledger, on the invoice when it is about one. */
export async function tell(
  tx: Tx,
  change: Change,
  event: string,
  words: { sentence: string; detail?: Record<string, string | null> },
): Promise<void> {
  const { bookId, holdId, customerId, invoices, at, actor } = change;
  await tx.audit.create({
    data: {
      bookId,
      at,
      actor,
      action: `hold.${event}`,
      subject: `hold ${holdId}`,
      detail: { customerId, invoiceIds: invoices.map((invoice) => invoice.id), ...words.detail },
    },
  });
  const ref = refOf(`hold ${bookId} ${holdId} ${event} ${at.toISOString()}`, REF_CHARS);
  const note: PlannedNote = {
    target: targetOf(customerId, invoices),
    ref,
    body: noteBody(words.sentence, ref),
    expectedPayOn: null,
  };
  await planNotes(tx, bookId, [note], at);
}

export function targetOf(
  customerId: CustomerId,
  invoices: readonly { id: InvoiceId }[],
): PlannedNote['target'] {
  const [only, ...more] = invoices;
  if (only === undefined || more.length > 0) return { kind: 'customer', id: customerId };
  return { kind: 'invoice', id: only.id };
}

/** The ledger's own field for it, on every invoice that is promised. */
export async function expectPayment(tx: Tx, change: Change, request: HoldTerms): Promise<void> {
  if (request.kind !== 'promise') return;
  const { payOn } = request.terms;
  const notes = change.invoices.map(({ id }): PlannedNote => {
    const ref = refOf(`hold ${change.bookId} ${change.holdId} expected ${id}`, REF_CHARS);
    const body = `Payment expected on ${dayText(payOn)}. ${ref}`;
    return { target: { kind: 'invoice', id }, ref, body, expectedPayOn: payOn };
  });
  await planNotes(tx, change.bookId, notes, change.at);
}
