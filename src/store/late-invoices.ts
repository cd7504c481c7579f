/** Invoices that are or were late, with the days on which money and credits really came: what interest is reckoned on. */
import type { Day } from '../domain/day.ts';
import { contestedMinor } from '../domain/dispute.ts';
import { covers, isWithin } from '../domain/holds.ts';
import type { LateInvoice } from '../domain/interest/debts.ts';
import type { BookId, CustomerId, InvoiceId } from '../domain/receivables.ts';
import { findDebtor } from './accounts.ts';
import type { Tx } from './db.ts';
import { readHolds } from './holds.ts';
import { dateFrom, dayOf, idsFrom, jsonRows } from './json-rows.ts';

/** Older claims are time-barred in the countries of our tables (England: Limitation Act 1980 s. 5, six years). */
const CLAIM_DAYS = 6 * 365;

/** A customer's, with those billed through it; of these only some; or one invoice's. */
export type Whose =
  { customerId: CustomerId; invoiceIds?: readonly InvoiceId[] } | { invoiceId: InvoiceId };

/**
 * Open invoices, and paid ones whose interest until the payment may still be claimed. Money counts from
 * the day it was received and a credit from its own date, however late they were set against the invoice.
 */
export async function readLateInvoices(
  tx: Tx,
  bookId: BookId,
  whose: Whose,
  asOn: Day,
): Promise<LateInvoice[]> {
  const [column, ids] = await idsOf(tx, bookId, whose);
  const invoices = await jsonRows<LateInvoice>(
    tx,
    `select i.id, i.number, i.customer_id as "customerId", i.currency,
            ${dayOf('i.issued_on')} as "issuedOn", ${dayOf('i.due_on')} as "dueOn", i.schedule,
            i.total_minor as "totalMinor", i.open_minor as "openMinor",
            ${dayOf('i.paid_on')} as "paidOn", 0 as "disputedMinor",
            ${USES} as uses
       from invoice i
      where i.book_id = $1::int and i.${column} = any(${idsFrom('$2')}) and i.kind = 'invoice'
        and i.total_minor > 0 and i.issued_on < ${dateFrom('$3')}
        and i.due_on >= ${dateFrom(`$3::int - ${CLAIM_DAYS}`)}
        and (i.status = 'open'
          or i.status = 'paid' and (i.schedule is not null or i.paid_on is null or i.paid_on > i.due_on))
      order by i.due_on, i.id`,
    bookId,
    JSON.stringify(ids),
    asOn,
  );
  return withHolds(tx, bookId, invoices, asOn, 'customerId' in whose ? whose.customerId : null);
}

async function idsOf(tx: Tx, bookId: BookId, whose: Whose): Promise<[string, readonly string[]]> {
  if ('invoiceId' in whose) return ['id', [whose.invoiceId]];
  if (whose.invoiceIds !== undefined) return ['id', whose.invoiceIds];
  const { id, memberIds } = await findDebtor(tx, bookId, whose.customerId);
  // A sub-customer that is billed with its parent is asked about for itself alone.
  return ['customer_id', id === whose.customerId ? memberIds : [whose.customerId]];
}

const USES = `(select coalesce(json_agg(json_build_object(
    'on', ${dayOf('least(a.allocated_on, p.paid_on, c.issued_on)')},
    'amountMinor', a.amount_minor,
    'isCredit', a.source_kind = 'credit' or p.kind = 'credit_application')), '[]')
  from allocation a
  left join payment p
    on a.source_kind = 'payment' and p.book_id = a.book_id and p.id = a.source_id
  left join credit c
    on a.source_kind = 'credit' and c.book_id = a.book_id and c.id = a.source_id
 where a.book_id = $1::int and a.target_kind = 'invoice' and a.target_id = i.id)`;

/** What is contested bears nothing while the dispute lasts; a later due date that was agreed counts. */
async function withHolds(
  tx: Tx,
  bookId: BookId,
  invoices: readonly LateInvoice[],
  asOn: Day,
  debtorId: CustomerId | null,
): Promise<LateInvoice[]> {
  const owners = invoices.map((invoice) => invoice.customerId);
  const customerIds = [...new Set(debtorId === null ? owners : [debtorId, ...owners])];
  const holds = await readHolds(tx, bookId, customerIds, asOn);
  return invoices.map((invoice) => {
    const own = holds.filter((hold) => covers(hold, invoice, debtorId ?? invoice.customerId));
    const contested = own
      .filter((hold) => hold.kind === 'dispute')
      .map((hold) => contestedMinor(hold, invoice, asOn));
    const dueOn = own
      .filter((hold) => hold.kind === 'extension' && isWithin(hold, asOn))
      .reduce(
        (on, hold) => (hold.kind === 'extension' ? later(on, hold.terms.dueOn) : on),
        invoice.dueOn,
      );
    return { ...invoice, dueOn, disputedMinor: Math.max(0, ...contested) };
  });
}

const later = (a: Day, b: Day): Day => (a > b ? a : b);
