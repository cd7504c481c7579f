/** Holds with what decides them: their invoices as they are now, and what was set against those since. */
import type { Day } from '../domain/day.ts';
import { groupBy } from '../domain/group-by.ts';
import type { Arrival, HeldInvoice, Hold } from '../domain/holds.ts';
import type { BookId, CustomerId, InvoiceId } from '../domain/receivables.ts';
import type { Tx } from './db.ts';
import { readTerms } from './hold-terms.ts';
import { dayOf, idsFrom, jsonRows } from './json-rows.ts';

interface HoldRow {
  id: number;
  customerId: CustomerId;
  invoiceIds: InvoiceId[];
  kind: string;
  terms: unknown;
  reason: string;
  owner: string;
  fromOn: Day;
  untilOn: Day | null;
  approvedBy: string | null;
}

const COLUMNS = `h.id, h.customer_id as "customerId", h.invoice_ids as "invoiceIds", h.kind, h.terms,
  h.reason, h.owner, ${dayOf('h.from_on')} as "fromOn", ${dayOf('h.until_on')} as "untilOn",
  h.approved_by as "approvedBy"`;

const IN_FORCE = `h.ended_at is null and (h.approved_at is not null or not h.needs_approval)`;

/**
 * Holds of these customers that can still matter to an open invoice: nobody ended them, they last to
 * `asOn` or name an invoice that is open (a broken promise is remembered for as long as it is).
 */
export async function readHolds(
  tx: Tx,
  bookId: BookId,
  customerIds: readonly CustomerId[],
  asOn: Day,
): Promise<Hold[]> {
  const rows = await jsonRows<HoldRow>(
    tx,
    `select ${COLUMNS} from hold h
      where h.book_id = $1::int and h.customer_id = any(${idsFrom('$2')}) and ${IN_FORCE}
        and (h.until_on is null or ${dayOf('h.until_on')} >= $3::int
             or exists (select 1 from invoice i where i.book_id = h.book_id
                           and i.id = any(h.invoice_ids) and i.status = 'open'))
      order by h.id`,
    bookId,
    JSON.stringify(customerIds),
    asOn,
  );
  return withFacts(tx, bookId, rows);
}

/** Every promise these customers (null: the whole book) ever gave that was not taken back, for their reliability. */
export async function readPromises(
  tx: Tx,
  bookId: BookId,
  customerIds: readonly CustomerId[] | null,
): Promise<Extract<Hold, { kind: 'promise' }>[]> {
  const rows = await jsonRows<HoldRow>(
    tx,
    `select ${COLUMNS} from hold h
      where h.book_id = $1::int and h.kind = 'promise' and ${IN_FORCE}
        and ($2::json is null or h.customer_id = any(${idsFrom('$2')}))
      order by h.id`,
    bookId,
    customerIds === null ? null : JSON.stringify(customerIds),
  );
  const holds = await withFacts(tx, bookId, rows);
  return holds.filter((hold) => hold.kind === 'promise');
}

/** Plans about any of these invoices that nobody ended, also one that waits for approval. */
export async function readPlansOf(
  tx: Tx,
  bookId: BookId,
  invoiceIds: readonly InvoiceId[],
): Promise<Extract<Hold, { kind: 'plan' }>[]> {
  const rows = await jsonRows<HoldRow>(
    tx,
    `select ${COLUMNS} from hold h
      where h.book_id = $1::int and h.kind = 'plan' and h.ended_at is null
        and h.invoice_ids && ${idsFrom('$2')}
      order by h.id`,
    bookId,
    JSON.stringify(invoiceIds),
  );
  const holds = await withFacts(tx, bookId, rows);
  return holds.filter((hold) => hold.kind === 'plan');
}

export interface PastHold {
  hold: Hold;
  /** The day in the book's zone on which somebody ended it; null: nobody has. */
  endedOn: Day | null;
}

/** Every hold these customers ever had that came into force, also those that were ended. */
export async function readPastHolds(
  tx: Tx,
  bookId: BookId,
  customerIds: readonly CustomerId[],
  timeZone: string,
): Promise<PastHold[]> {
  const rows = await jsonRows<HoldRow & { endedOn: Day | null }>(
    tx,
    `select ${COLUMNS}, ${dayOf(`(h.ended_at at time zone $3::text)::date`)} as "endedOn"
       from hold h
      where h.book_id = $1::int and h.customer_id = any(${idsFrom('$2')})
        and (h.approved_at is not null or not h.needs_approval)
      order by h.id`,
    bookId,
    JSON.stringify(customerIds),
    timeZone,
  );
  const holds = await withFacts(tx, bookId, rows);
  return holds.map((hold, index) => ({ hold, endedOn: rows[index]?.endedOn ?? null }));
}

/** One hold whatever became of it, or null. */
export async function findHold(tx: Tx, bookId: BookId, holdId: number): Promise<Hold | null> {
  const rows = await jsonRows<HoldRow>(
    tx,
    `select ${COLUMNS} from hold h where h.book_id = $1::int and h.id = $2::int`,
    bookId,
    holdId,
  );
  return (await withFacts(tx, bookId, rows))[0] ?? null;
}

export type ListedHold = Hold & {
  customerName: string;
  /** It is not in force before a second person agrees. */
  awaitsApproval: boolean;
};

/** Holds that nobody ended, of these customers or of the whole book, also those that wait for approval. */
export async function listHolds(
  tx: Tx,
  bookId: BookId,
  customerIds: readonly CustomerId[] | null,
): Promise<ListedHold[]> {
  const rows = await jsonRows<HoldRow & Omit<ListedHold, keyof Hold>>(
    tx,
    `select ${COLUMNS}, coalesce(c.name, h.customer_id) as "customerName",
            h.needs_approval and h.approved_at is null as "awaitsApproval"
       from hold h left join customer c on c.book_id = h.book_id and c.id = h.customer_id
      where h.book_id = $1::int and h.ended_at is null
        and ($2::json is null or h.customer_id = any(${idsFrom('$2')}))
      order by h.id`,
    bookId,
    customerIds === null ? null : JSON.stringify(customerIds),
  );
  const holds = await withFacts(tx, bookId, rows);
  return holds.map((hold, index) => {
    const row = rows[index];
    const customerName = row?.customerName ?? hold.customerId;
    return { ...hold, customerName, awaitsApproval: row?.awaitsApproval ?? false };
  });
}

export type UntoldHold = Hold & { toldState: string | null };

/** As long as a payment entered late may still turn a broken promise into a kept one. */
const TOLD_FOR_DAYS = 60;

/** Holds in force of whose end nothing was told yet, or that ended not long ago; in the order of their ids. */
export async function nextUntold(
  tx: Tx,
  bookId: BookId,
  after: number,
  asOn: Day,
  limit: number,
): Promise<UntoldHold[]> {
  const rows = await jsonRows<HoldRow & { toldState: string | null }>(
    tx,
    `select ${COLUMNS}, h.told_state as "toldState" from hold h
      where h.book_id = $1::int and h.id > $2::int and ${IN_FORCE} and ${dayOf('h.from_on')} <= $3::int
        and (h.told_state is null or h.told_state = 'ending'
             or ${dayOf('h.until_on')} >= $3::int - ${TOLD_FOR_DAYS})
      order by h.id limit $4::int`,
    bookId,
    after,
    asOn,
    limit,
  );
  const holds = await withFacts(tx, bookId, rows);
  return holds.map((hold, index) => ({ ...hold, toldState: rows[index]?.toldState ?? null }));
}

export async function markTold(
  tx: Tx,
  bookId: BookId,
  told: readonly { id: number; word: string }[],
): Promise<void> {
  await tx.$executeRawUnsafe(
    `update hold set told_state = t.word
       from json_to_recordset($2::json) as t(id int, word text)
      where hold.book_id = $1::int and hold.id = t.id`,
    bookId,
    JSON.stringify(told),
  );
}

async function withFacts(tx: Tx, bookId: BookId, rows: readonly HoldRow[]): Promise<Hold[]> {
  const ids = JSON.stringify(rows.filter((row) => row.invoiceIds.length > 0).map((row) => row.id));
  const invoices = groupBy(await readInvoices(tx, bookId, ids), (invoice) => invoice.holdId);
  const arrivals = groupBy(await readArrivals(tx, bookId, ids), (arrival) => arrival.holdId);
  return rows.map((row) => ({
    id: row.id,
    customerId: row.customerId,
    reason: row.reason,
    owner: row.owner,
    fromOn: row.fromOn,
    untilOn: row.untilOn,
    approvedBy: row.approvedBy,
    ...readTerms(row.kind, row.terms),
    invoiceIds: row.invoiceIds.length === 0 ? null : row.invoiceIds,
    invoices: invoices.get(row.id) ?? [],
    arrivals: arrivals.get(row.id) ?? [],
  }));
}

const OF_HOLDS = `from hold h
  join json_array_elements_text($2::json) as wanted(id) on h.id = wanted.id::int
 cross join unnest(h.invoice_ids) as named(invoice_id)`;

async function readInvoices(
  tx: Tx,
  bookId: BookId,
  holdIds: string,
): Promise<(HeldInvoice & { holdId: number })[]> {
  if (holdIds === '[]') return [];
  return jsonRows(
    tx,
    `select h.id as "holdId", i.id, i.number, i.currency, ${dayOf('i.due_on')} as "dueOn",
            case when i.status = 'open' then i.open_minor else 0 end as "openMinor"
       ${OF_HOLDS}
       join invoice i on i.book_id = h.book_id and i.id = named.invoice_id
      where h.book_id = $1::int order by h.id, i.due_on, i.id`,
    bookId,
    holdIds,
  );
}

/** Allocations of a payment that was voided are not in the mirror any more. */
async function readArrivals(
  tx: Tx,
  bookId: BookId,
  holdIds: string,
): Promise<(Arrival & { holdId: number })[]> {
  if (holdIds === '[]') return [];
  return jsonRows(
    tx,
    `select h.id as "holdId", a.target_id as "invoiceId", a.source_kind as "by",
            ${dayOf('a.allocated_on')} as "on", a.amount_minor as "amountMinor"
       ${OF_HOLDS}
       join allocation a on a.book_id = h.book_id and a.target_kind = 'invoice'
        and a.target_id = named.invoice_id and a.allocated_on >= h.from_on
      where h.book_id = $1::int
      order by h.id, a.allocated_on, a.target_id, a.source_kind, a.source_id, a.seq`,
    bookId,
    holdIds,
  );
}
