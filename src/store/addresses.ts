/** What stands on our papers beside the figures: addresses, how to pay, and what kind of debtor it is for. Set by people. */
import { isOnPaper } from '../domain/deadline.ts';
import { letterNeeds } from '../domain/letter-needs.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import { UsageError } from '../errors.ts';
import type { Db, Tx } from './db.ts';
import { idsFrom, jsonRows } from './json-rows.ts';

export const LEGAL_FORMS = ['company', 'individual'] as const;
export type LegalForm = (typeof LEGAL_FORMS)[number];

interface Change {
  at: Date;
  actor: string;
}

/** Left out: stays as it is; null: taken away. */
export interface BookPaper {
  postalAddress?: string | null;
  paymentDetails?: string | null;
}

export interface CustomerPaper {
  postalAddress?: string | null;
  legalForm?: LegalForm | null;
}

const LINES_MAX = 8;
const LINE_MAX = 120;

/** Lines as they are printed; refuses what no paper could show. */
export function paperLines(what: string, lines: readonly string[]): string {
  const tidy = lines.map((line) => line.trim());
  const wrong = tidy.find((line) => line === '' || line.length > LINE_MAX || /\p{Cc}/u.test(line));
  if (wrong !== undefined) {
    throw new UsageError(`${what} "${wrong}": should be a line of 1 to ${LINE_MAX} characters`);
  }
  if (tidy.length > LINES_MAX) {
    throw new UsageError(`${what}: should be at most ${LINES_MAX} lines, not ${tidy.length}`);
  }
  return tidy.join('\n');
}

export async function saveBookPaper(
  db: Db,
  bookId: BookId,
  paper: BookPaper,
  { at, actor }: Change,
): Promise<void> {
  await db.tx(async (tx) => {
    await tx.book.update({ where: { id: bookId }, data: { ...paper, updatedAt: at } });
    const subject = `book ${bookId}`;
    await tx.audit.create({
      data: { bookId, at, actor, action: 'address.set', subject, detail: { ...paper } },
    });
  });
}

export async function saveCustomerPaper(
  db: Db,
  bookId: BookId,
  customerId: CustomerId,
  paper: CustomerPaper,
  { at, actor }: Change,
): Promise<void> {
  await db.tx(async (tx) => {
    await tx.customerSetting.upsert({
      where: { bookId_customerId: { bookId, customerId } },
      create: { bookId, customerId, ...paper },
      update: paper,
    });
    const subject = `customer ${customerId}`;
    await tx.audit.create({
      data: { bookId, at, actor, action: 'address.set', subject, detail: { ...paper } },
    });
  });
}

export async function readBookPaper(tx: Tx, bookId: BookId) {
  return tx.book.findUniqueOrThrow({
    where: { id: bookId },
    select: { postalAddress: true, paymentDetails: true },
  });
}

export async function readCustomerPaper(tx: Tx, bookId: BookId, customerId: CustomerId) {
  const row = await tx.customerSetting.findUnique({
    where: { bookId_customerId: { bookId, customerId } },
    select: { postalAddress: true, legalForm: true },
  });
  return { postalAddress: row?.postalAddress ?? null, legalForm: row?.legalForm ?? null };
}

const UNDECIDED = ['proposed', 'planned', 'deferred', 'todo'];

interface WaitingLetter {
  id: string;
  channel: string;
  customerId: CustomerId;
  customerName: string;
  hasCustomerAddress: boolean;
  hasBookAddress: boolean;
  hasPaymentDetails: boolean;
}

/**
 * What letters that somebody still has to decide on lack, by action: all of the book's, or only these.
 * A letter that lacks nothing, or was issued already, is not there.
 */
export async function readLetterNeeds(
  tx: Tx,
  bookId: BookId,
  actionIds: readonly string[] | 'all' = 'all',
  states: readonly string[] = UNDECIDED,
): Promise<Map<string, string[]>> {
  const rows = await jsonRows<WaitingLetter>(
    tx,
    `select a.id, a.channel, a.customer_id as "customerId", coalesce(c.name, a.customer_id) as "customerName",
            s.postal_address is not null as "hasCustomerAddress",
            b.postal_address is not null as "hasBookAddress",
            b.payment_details is not null as "hasPaymentDetails"
       from action a
       join book b on b.id = a.book_id
       left join customer c on c.book_id = a.book_id and c.id = a.customer_id
       left join customer_setting s on s.book_id = a.book_id and s.customer_id = a.customer_id
      where a.book_id = $1::int and a.state::text = any(${idsFrom('$3')})
        and (a.channel in ('letter', 'formal_notice') or a.channel = 'email' and a.template like 'letter-%')
        and ($2::text is null or a.id::text = any(${idsFrom("coalesce($2::text, '[]')")}))
        and not exists (select 1 from document d where d.action_id = a.id and d.kind = 'letter')`,
    bookId,
    actionIds === 'all' ? null : JSON.stringify(actionIds),
    JSON.stringify(states),
  );
  return new Map(
    rows
      .map((row) => [row.id, letterNeeds({ ...row, bookId, isOnPaper: isOnPaper(row) })] as const)
      .filter(([, needs]) => needs.length > 0),
  );
}
