/**
 * Everything since a cursor, page by page: contacts before invoices, invoices before what pays them.
 *
 * Three kinds of walk. `first` reads all. `changes` asks each resource once for what Xero stamped as
 * changed. `sweep`, once a day, also reads all contacts and all open invoices, because Xero does not
 * stamp every change (DueDate and SentToContact of part-paid invoices, balances of contacts).
 *
 * Pages come in the order of ids where Xero supports it fast: in the default order, by time of
 * change, a row that changes during the walk moves to the end, every later row moves up one place,
 * and the next page misses one. The next walk asks from the moment, by Xero's own clock, at which
 * this one read its first page, less five minutes: what changed meanwhile is read again.
 */
import type { Currency } from '../../src/domain/money.ts';
import type { RecordKind } from '../../src/domain/receivables.ts';
import type { Cursor, LedgerPage, PullOptions } from '../ledger.ts';
import { readCursor, type Place, type Resource, type Walk, writeCursor } from './cursor.ts';
import type { XeroCalls } from './exchange.ts';
import { type ListPage, type ListRequest, readList } from './lists.ts';
import { mapContact } from './contact.ts';
import { CREDIT_SOURCES, mapCredit } from './credit.ts';
import { mapInvoice } from './invoice.ts';
import { mapEach } from './map.ts';
import { mapPayment } from './payment.ts';

const OVERLAP_MS = 5 * 60_000;
const SWEEP_EVERY_MS = 24 * 3_600_000;

export interface PullDeps {
  calls: XeroCalls;
  baseCurrency(): Promise<Currency>;
}

interface Step {
  resource: Resource;
  /** 'all' and 'open' read without regard to the last change. */
  reads: 'all' | 'changed' | 'open';
  /** Full walks that begin and end with this step; credits span three resources. */
  starts?: RecordKind;
  ends?: RecordKind;
}

const ALL_CONTACTS: Step = {
  resource: 'contacts',
  reads: 'all',
  starts: 'customer',
  ends: 'customer',
};

const CHANGES_OF_DOCUMENTS: readonly Step[] = [
  { resource: 'invoices', reads: 'changed' },
  { resource: 'creditNotes', reads: 'changed' },
  { resource: 'overpayments', reads: 'changed' },
  { resource: 'prepayments', reads: 'changed' },
  { resource: 'payments', reads: 'changed' },
];

const STEPS: Readonly<Record<Walk['kind'], readonly Step[]>> = {
  first: [
    ALL_CONTACTS,
    { resource: 'invoices', reads: 'all', starts: 'invoice', ends: 'invoice' },
    { resource: 'creditNotes', reads: 'all', starts: 'credit' },
    { resource: 'overpayments', reads: 'all' },
    { resource: 'prepayments', reads: 'all', ends: 'credit' },
    { resource: 'payments', reads: 'all', starts: 'payment', ends: 'payment' },
  ],
  changes: [{ resource: 'contacts', reads: 'changed' }, ...CHANGES_OF_DOCUMENTS],
  sweep: [ALL_CONTACTS, { resource: 'invoices', reads: 'open' }, ...CHANGES_OF_DOCUMENTS],
};

export async function* pullPages(
  deps: PullDeps,
  cursor: Cursor | null,
  options: PullOptions,
): AsyncGenerator<LedgerPage> {
  let place = readCursor(cursor) ?? (await freshPlace(deps));
  let walk = place.walk ?? beginWalk(place, options);
  for (;;) {
    const step = STEPS[walk.kind][walk.step];
    if (step === undefined) return;
    const list = await readList(deps.calls, listRequest(step, walk, place));
    const next = advance(place, walk, step, list);
    const page = ledgerPage(place, walk, step, list, next);
    if (next.walk === null || !isIdle(page)) yield page;
    if (next.walk === null) return;
    place = next;
    walk = next.walk;
  }
}

async function freshPlace(deps: PullDeps): Promise<Place> {
  return { v: 1, base: await deps.baseCurrency(), since: {}, sweptAt: null, walk: null };
}

function beginWalk(place: Place, options: PullOptions): Walk {
  const kind = walkKind(place, options);
  return { kind, startedAt: options.now.toISOString(), step: 0, page: 1, servedAt: null };
}

function walkKind(place: Place, { now, sweep }: PullOptions): Walk['kind'] {
  if (Object.keys(place.since).length === 0) return 'first';
  const lastMs = place.sweptAt === null ? 0 : Date.parse(place.sweptAt);
  const isDue = now.getTime() - lastMs >= SWEEP_EVERY_MS;
  return sweep === 'always' || (sweep === 'auto' && isDue) ? 'sweep' : 'changes';
}

function listRequest(step: Step, walk: Walk, place: Place): ListRequest {
  const since = step.reads === 'changed' ? place.since[step.resource] : undefined;
  return {
    resource: step.resource,
    page: walk.page,
    openOnly: step.reads === 'open',
    ...(since === undefined ? {} : { changedSince: new Date(since) }),
  };
}

/** The place once this page is stored. */
function advance(place: Place, walk: Walk, step: Step, list: ListPage): Place {
  const servedAt = walk.page === 1 ? (list.servedAt?.toISOString() ?? null) : walk.servedAt;
  if (!list.isLast) return { ...place, walk: { ...walk, page: walk.page + 1, servedAt } };
  const since = step.reads === 'open' ? place.since : movedOn(place, step.resource, servedAt);
  const nextStep = walk.step + 1;
  if (nextStep < STEPS[walk.kind].length) {
    return { ...place, since, walk: { ...walk, step: nextStep, page: 1, servedAt: null } };
  }
  const sweptAt = walk.kind === 'changes' ? place.sweptAt : walk.startedAt;
  return { ...place, since, sweptAt, walk: null };
}

/** Without Xero's time the mark stays: the same changes are read once more, and none is lost. */
function movedOn(place: Place, resource: Resource, servedAt: string | null): Place['since'] {
  if (servedAt === null) return place.since;
  const mark = new Date(Date.parse(servedAt) - OVERLAP_MS).toISOString();
  return { ...place.since, [resource]: mark };
}

function ledgerPage(place: Place, walk: Walk, step: Step, list: ListPage, next: Place): LedgerPage {
  const isFull = step.reads === 'all';
  return {
    ...mapped(step.resource, list.records, place.base),
    gone: [],
    cursor: writeCursor(next),
    label: `${LABELS[step.resource]} ${walk.page}/${Math.max(list.pageCount, walk.page)}`,
    fullWalkStarts: isFull && walk.page === 1 && step.starts !== undefined ? [step.starts] : [],
    fullWalkEnds: isFull && list.isLast && step.ends !== undefined ? [step.ends] : [],
    inFullWalk: isFull,
  };
}

const LABELS: Readonly<Record<Resource, string>> = {
  contacts: 'customers',
  invoices: 'invoices',
  creditNotes: 'credit notes',
  overpayments: 'overpayments',
  prepayments: 'prepayments',
  payments: 'payments',
};

type Records = Pick<LedgerPage, 'customers' | 'invoices' | 'credits' | 'payments' | 'quarantined'>;

function mapped(resource: Resource, raws: readonly unknown[], base: Currency): Records {
  const none = { customers: [], invoices: [], credits: [], payments: [] };
  switch (resource) {
    case 'contacts': {
      const { records, quarantined } = mapEach(raws, 'customer', 'ContactID', mapContact(base));
      return { ...none, customers: records, quarantined };
    }
    case 'invoices': {
      const { records, quarantined } = mapEach(raws, 'invoice', 'InvoiceID', mapInvoice(base));
      return { ...none, invoices: records, quarantined };
    }
    case 'creditNotes':
    case 'overpayments':
    case 'prepayments': {
      const source = CREDIT_SOURCES[resource];
      const { records, quarantined } = mapEach(raws, 'credit', source.idField, mapCredit(source));
      return { ...none, credits: records, quarantined };
    }
    case 'payments': {
      const { records, quarantined } = mapEach(raws, 'payment', 'PaymentID', mapPayment(base));
      return { ...none, payments: records, quarantined };
    }
  }
}

/** Nothing to store and no walk to mark: the next page's cursor covers it. */
function isIdle(page: LedgerPage): boolean {
  const { customers, invoices, credits, payments, quarantined } = page;
  const held = [
    customers,
    invoices,
    credits,
    payments,
    quarantined,
    page.fullWalkStarts,
    page.fullWalkEnds,
  ];
  return held.every((list) => list.length === 0);
}
