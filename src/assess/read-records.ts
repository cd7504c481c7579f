/** Everything the rules of risk read of a set of customers: a handful of statements, whatever the set's size. */
import { HISTORY_DAYS } from '../domain/behaviour.ts';
import type { CustomerRecords, HistoryInvoice } from '../domain/customer-facts.ts';
import { addDays, type Day, soonest } from '../domain/day.ts';
import type { ChaseInvoice } from '../domain/dunning-case.ts';
import { disputedToday, promiseRecord } from '../domain/exception-record.ts';
import { groupBy } from '../domain/group-by.ts';
import { asAgreed, holdEffect } from '../domain/hold-effect.ts';
import { covers } from '../domain/holds.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import { resolveRecipients } from '../domain/recipients.ts';
import {
  type CustomerRow,
  readCustomers,
  readOpenInvoices,
  readUnapplied,
} from '../store/book-facts.ts';
import type { Tx } from '../store/db.ts';
import type { HoldRulesInForce } from '../store/hold-rules.ts';
import { readHolds, readPromises } from '../store/holds.ts';
import {
  type PaidInvoiceRow,
  readActivity,
  readDisputeCounts,
  readLimits,
  readPaidInvoices,
  readRatings,
  readSettlements,
  type SettlementRow,
} from '../store/risk-facts.ts';

export interface RecordsWanted {
  bookId: BookId;
  asOn: Day;
  /** Sub-customer → who is billed for it. */
  families: ReadonlyMap<CustomerId, CustomerId>;
  holdRules: HoldRulesInForce;
}

export async function readRecords(
  tx: Tx,
  { bookId, asOn, families, holdRules }: RecordsWanted,
  ids: readonly CustomerId[],
): Promise<Map<CustomerId, CustomerRecords>> {
  const debtorOf = (id: CustomerId): CustomerId => families.get(id) ?? id;
  const from = addDays(asOn, -HISTORY_DAYS);
  const people = [...new Set([...ids, ...ids.map(debtorOf)])];
  const customers = new Map((await readCustomers(tx, bookId, people)).map((row) => [row.id, row]));
  const open = groupBy(await readOpenInvoices(tx, bookId, ids), (row) => row.customerId);
  const paid = groupBy(await readPaidInvoices(tx, bookId, ids, from), (row) => row.customerId);
  const settled = await readSettlements(tx, bookId, ids, from);
  const unapplied = groupBy(await readUnapplied(tx, bookId, ids), (row) => row.customerId);
  const activity = new Map(
    (await readActivity(tx, bookId, ids)).map((row) => [row.customerId, row]),
  );
  const limits = groupBy(await readLimits(tx, bookId, ids), (row) => row.customerId);
  const ratings = new Map(
    (await readRatings(tx, bookId, ids, asOn)).map((row) => [row.customerId, row]),
  );
  const holds = await readHolds(tx, bookId, people, asOn);
  const promises = groupBy(await readPromises(tx, bookId, ids), (hold) => hold.customerId);
  const counts = await readDisputeCounts(tx, bookId, ids, from);
  const countOf = new Map(counts.map((row) => [row.customerId, row]));
  const settlementOf = new Map(settled.map((row) => [row.invoiceId, row]));
  const records = new Map<CustomerId, CustomerRecords>();
  for (const id of ids) {
    const customer = customers.get(id);
    if (customer === undefined) continue;
    const invoices = open.get(id) ?? [];
    const owed = invoices.filter((invoice) => invoice.status === 'open');
    const drafts = invoices.filter((invoice) => invoice.status === 'draft');
    const active = activity.get(id);
    const rating = ratings.get(id);
    const { changesOn: promisesChangeOn, ...kept } = promiseRecord(
      promises.get(id) ?? [],
      (promise) => holdRules.forHold(promise),
      asOn,
    );
    const family = [id, debtorOf(id)];
    const ofFamily = holds.filter(({ customerId }) => family.includes(customerId));
    const disputes = ofFamily.filter((hold) => hold.kind === 'dispute');
    const contested = disputedToday(disputes, owed, debtorOf(id), asOn);
    const count = countOf.get(id);
    const effects = owed.map((invoice) => {
      const covering = ofFamily.filter((hold) => covers(hold, invoice, debtorOf(id)));
      return {
        invoice,
        effect: holdEffect(covering, invoice, holdRules.forInvoice(invoice), asOn),
      };
    });
    records.set(id, {
      customerId: id,
      // A plan's instalments and a later due date age as agreed.
      invoices:
        ofFamily.length === 0
          ? owed
          : effects.map(({ invoice, effect }) => asAgreed(invoice, effect)),
      drafts: drafts.map(({ currency, totalMinor }) => ({ currency, amountMinor: totalMinor })),
      credits: (unapplied.get(id) ?? []).map(({ currency, amountMinor }) => ({
        currency,
        remainingMinor: amountMinor,
      })),
      history: [...owed.filter(teaches), ...(paid.get(id) ?? [])].map((invoice) =>
        historyOf(invoice, settlementOf.get(invoice.id)),
      ),
      limits: [...(limits.get(id) ?? []), ...(limits.get(null) ?? [])],
      rating:
        rating === undefined
          ? null
          : { grade: rating.grade, source: rating.source, ratedOn: rating.ratedOn },
      promises: kept,
      disputes: { disputed: contested.disputed, invoiceCount: count?.invoices ?? 0 },
      activity: {
        firstIssuedOn: active?.firstIssuedOn ?? null,
        lastIssuedOn: active?.lastIssuedOn ?? null,
        lastPaidOn: active?.lastPaidOn ?? null,
      },
      changesOn: soonest(
        promisesChangeOn,
        contested.changesOn,
        ...effects.map(({ effect }) => effect.changesOn),
        count === undefined ? null : addDays(count.firstOn, HISTORY_DAYS + 1),
      ),
      isReachable: isReachable(customers.get(debtorOf(id)) ?? customer, owed),
      varianceMinor: customer.varianceMinor,
      varianceReason: customer.varianceReason,
    });
  }
  return records;
}

/** A journal line says nothing of how invoices are paid. */
function teaches({ kind, totalMinor }: ChaseInvoice): boolean {
  return kind === 'invoice' && totalMinor > 0;
}

/** Without a settlement of note a paid invoice was paid whole, at once. */
function historyOf(
  invoice: ChaseInvoice | PaidInvoiceRow,
  settlement: SettlementRow | undefined,
): HistoryInvoice {
  const { id, number, currency, issuedOn, dueOn, totalMinor, openMinor } = invoice;
  const paidOn = 'paidOn' in invoice ? invoice.paidOn : null;
  return {
    ...{ id, number, currency, issuedOn, dueOn, paidOn, totalMinor, openMinor },
    parts: settlement?.parts ?? 0,
    lastPartOn: settlement?.lastPartOn ?? null,
    forgivenMinor: settlement?.forgivenMinor ?? 0,
    allocatedMinor: settlement?.allocatedMinor ?? 0,
    settledIn: settlement?.settledIn ?? [],
  };
}

/** By the customer's own addresses, or by one on every open invoice. */
function isReachable(debtor: CustomerRow, open: readonly ChaseInvoice[]): boolean {
  const dead = debtor.deadAddresses;
  const own = { customer: debtor.emailText, contacts: debtor.contacts, dead };
  if (resolveRecipients({ invoices: [], ...own }).to.length > 0) return true;
  return (
    open.length > 0 &&
    open.every(
      ({ emailText }) =>
        resolveRecipients({ invoices: [emailText], customer: null, contacts: [], dead }).to.length >
        0,
    )
  );
}
