/** Everything that touches one debtor's account, itself and whoever is billed through it, per currency. */
import type {
  Account,
  AccountAllocation,
  AccountCredit,
  AccountInvoice,
  AccountPayment,
} from '../domain/account.ts';
import type { Currency } from '../domain/money.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import { AccessError } from '../errors.ts';
import { readFamilies } from './book-facts.ts';
import type { Tx } from './db.ts';
import { dayOf, idsFrom, jsonRows } from './json-rows.ts';

export interface Debtor {
  id: CustomerId;
  name: string;
  currency: Currency | null;
  /** The debtor and its sub-customers. */
  memberIds: CustomerId[];
}

/** The one who answers for a customer: a sub-customer billed with its parent has no account of its own. */
export async function findDebtor(tx: Tx, bookId: BookId, customerId: CustomerId): Promise<Debtor> {
  const families = await readFamilies(tx, bookId);
  const id = families.get(customerId) ?? customerId;
  const row = await tx.customer.findUnique({ where: { bookId_id: { bookId, id } } });
  if (row === null) throw new AccessError('not_found', `no customer ${customerId}`);
  const children = [...families].filter(([, debtor]) => debtor === id).map(([child]) => child);
  const memberIds = [...new Set([id, ...children])];
  return { id, name: row.name, currency: row.currency, memberIds };
}

type WithCurrency<T> = T & { currency: Currency };

/** One account per currency in which there is anything, in the order of the currency codes. */
export async function readAccounts(tx: Tx, bookId: BookId, debtor: Debtor): Promise<Account[]> {
  const members = JSON.stringify(debtor.memberIds);
  const invoices = await readInvoices(tx, bookId, debtor.id, members);
  const credits = await readCredits(tx, bookId, members);
  const payments = await readPayments(tx, bookId, members);
  const allocations = await readAllocations(tx, bookId, members);
  const currencies = new Set([...invoices, ...credits, ...payments].map((row) => row.currency));
  return [...currencies].sort().map((currency) => {
    const of = <T>(rows: readonly WithCurrency<T>[]) =>
      rows.filter((row) => row.currency === currency);
    return {
      currency,
      invoices: of(invoices),
      credits: of(credits),
      payments: of(payments),
      allocations: of(allocations),
    };
  });
}

function readInvoices(tx: Tx, bookId: BookId, debtorId: CustomerId, members: string) {
  return jsonRows<WithCurrency<AccountInvoice>>(
    tx,
    `select i.id, i.kind, i.customer_id as "customerId", i.number, i.reference, i.currency,
            case when i.customer_id <> $3::text then c.name end as branch,
            ${dayOf('i.issued_on')} as "issuedOn", ${dayOf('i.due_on')} as "dueOn", i.schedule,
            i.total_minor as "totalMinor", i.open_minor as "openMinor",
            case when i.status = 'paid' then ${dayOf('i.paid_on')} end as "paidOn"
       from invoice i
       join customer c on c.book_id = i.book_id and c.id = i.customer_id
      where i.book_id = $1::int and i.customer_id = any(${idsFrom('$2')})
        and i.status in ('open', 'paid')`,
    bookId,
    members,
    debtorId,
  );
}

function readCredits(tx: Tx, bookId: BookId, members: string) {
  return jsonRows<WithCurrency<AccountCredit>>(
    tx,
    `select id, kind, number, currency, ${dayOf('issued_on')} as "issuedOn",
            total_minor as "totalMinor", remaining_minor as "remainingMinor"
       from credit
      where book_id = $1::int and customer_id = any(${idsFrom('$2')}) and status in ('open', 'used')`,
    bookId,
    members,
  );
}

// By way of our documents to what was set against them: each step goes through an index.
const TOUCHING = `
  our_invoice as (
    select id from invoice where book_id = $1::int and customer_id = any(${idsFrom('$2')})
      and status in ('open', 'paid')
  ), our_credit as (
    select id from credit where book_id = $1::int and customer_id = any(${idsFrom('$2')})
      and status in ('open', 'used')
  ), touching as (
    select a.* from our_invoice join allocation a
        on a.book_id = $1::int and a.target_kind = 'invoice' and a.target_id = our_invoice.id
    union
    select a.* from our_credit join allocation a
        on a.book_id = $1::int and a.target_kind = 'credit' and a.target_id = our_credit.id
    union
    select a.* from our_credit join allocation a
        on a.book_id = $1::int and a.source_kind = 'credit' and a.source_id = our_credit.id
  )`;

/** Also payments of others that settle an invoice here; what they hold unapplied is not ours. */
function readPayments(tx: Tx, bookId: BookId, members: string) {
  return jsonRows<WithCurrency<AccountPayment>>(
    tx,
    `with ${TOUCHING}, wanted as (
       select id from payment where book_id = $1::int and customer_id = any(${idsFrom('$2')})
       union
       select source_id from touching where source_kind = 'payment'
     )
     select p.id, p.kind, p.reference, p.currency, ${dayOf('p.paid_on')} as "paidOn",
            case when p.customer_id = any(${idsFrom('$2')}) then p.unapplied_minor else 0 end as "unappliedMinor"
       from wanted join payment p on p.book_id = $1::int and p.id = wanted.id
      where p.status = 'received'`,
    bookId,
    members,
  );
}

/** What is set against a document is in the document's currency, and so in that of its source. */
function readAllocations(tx: Tx, bookId: BookId, members: string) {
  return jsonRows<WithCurrency<AccountAllocation>>(
    tx,
    `with ${TOUCHING}
     select a.source_kind as "sourceKind", a.source_id as "sourceId", a.target_kind as "targetKind",
            a.target_id as "targetId", a.amount_minor as "amountMinor",
            ${dayOf('a.allocated_on')} as "allocatedOn", coalesce(p.currency, k.currency) as currency
       from touching a
       left join payment p on p.book_id = $1::int and a.source_kind = 'payment'
        and p.id = a.source_id and p.status = 'received'
       left join credit k on k.book_id = $1::int and a.source_kind = 'credit'
        and k.id = a.source_id and k.status in ('open', 'used')
      where coalesce(p.id, k.id) is not null`,
    bookId,
    members,
  );
}
