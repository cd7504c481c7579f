/** One page of one of Xero's lists, and whether it is the last. */
import type { AccountingApi } from 'xero-node/dist/gen/api/accountingApi.js';
import { z } from 'zod';
import type { Resource } from './cursor.ts';
import { UnexpectedShape, type XeroCalls } from './exchange.ts';
import { instant } from './fields.ts';

/** Xero's largest page; it clamps what is larger. */
const PAGE_SIZE = 1_000;

export interface ListRequest {
  resource: Resource;
  page: number;
  changedSince?: Date;
  /** Invoices: only those that await payment. */
  openOnly: boolean;
}

export interface ListPage {
  records: readonly unknown[];
  isLast: boolean;
  pageCount: number;
  /** Xero's own time when it answered. */
  servedAt: Date | null;
}

const none = undefined;

interface ListSource {
  /** The name of the array in the answer. */
  key: string;
  send(api: AccountingApi, tenantId: string, request: ListRequest): Promise<unknown>;
}

// Positional arguments, as the SDK has them; pageSize and the headers stand elsewhere in each.
const SOURCES: Readonly<Record<Resource, ListSource>> = {
  contacts: {
    key: 'Contacts',
    // (…, where, order, ids, page, includeArchived, summaryOnly, searchTerm, pageSize, options).
    // Without includeArchived an archived contact vanishes from the list instead of saying so.
    send: (api, tenant, { page, ...rest }) =>
      api.getContacts(
        tenant,
        none,
        none,
        'ContactID ASC',
        none,
        page,
        true,
        none,
        none,
        PAGE_SIZE,
        headers(rest),
      ),
  },
  invoices: {
    key: 'Invoices',
    // (…, where, order, ids, numbers, contactIds, statuses, page, includeArchived, createdByMyApp,
    // unitdp, summaryOnly, pageSize, searchTerm, options). The summary leaves out lines and payments,
    // which nobody here reads. Changes are asked for in every status: a list of open invoices would
    // hide that one was voided.
    send: (api, tenant, { page, openOnly, ...rest }) =>
      api.getInvoices(
        tenant,
        none,
        'Type=="ACCREC"',
        'InvoiceID ASC',
        none,
        none,
        none,
        openOnly ? ['AUTHORISED'] : none,
        page,
        none,
        none,
        none,
        true,
        PAGE_SIZE,
        none,
        headers(rest),
      ),
  },
  creditNotes: {
    key: 'CreditNotes',
    // (…, where, order, page, unitdp, pageSize, options)
    send: (api, tenant, { page, ...rest }) =>
      api.getCreditNotes(
        tenant,
        none,
        none,
        'CreditNoteID ASC',
        page,
        none,
        PAGE_SIZE,
        headers(rest),
      ),
  },
  overpayments: {
    key: 'Overpayments',
    // (…, where, order, page, unitdp, pageSize, references, options)
    send: (api, tenant, { page, ...rest }) =>
      api.getOverpayments(tenant, none, none, none, page, none, PAGE_SIZE, none, headers(rest)),
  },
  prepayments: {
    key: 'Prepayments',
    // (…, where, order, page, unitdp, pageSize, invoiceNumbers, references, options)
    send: (api, tenant, { page, ...rest }) =>
      api.getPrepayments(
        tenant,
        none,
        none,
        none,
        page,
        none,
        PAGE_SIZE,
        none,
        none,
        headers(rest),
      ),
  },
  payments: {
    key: 'Payments',
    // (…, where, order, page, pageSize, options)
    send: (api, tenant, { page, ...rest }) =>
      api.getPayments(tenant, none, none, 'PaymentID ASC', page, PAGE_SIZE, headers(rest)),
  },
};

/** The documented form has no milliseconds and no zone; the SDK's own parameter would send both. */
function headers(request: Pick<ListRequest, 'changedSince'>): {
  headers: Record<string, string>;
} {
  const { changedSince } = request;
  if (changedSince === undefined) return { headers: {} };
  return { headers: { 'If-Modified-Since': changedSince.toISOString().slice(0, 19) } };
}

const NOTHING_CHANGED: ListPage = { records: [], isLast: true, pageCount: 1, servedAt: null };

export function readList(calls: XeroCalls, request: ListRequest): Promise<ListPage> {
  const source = SOURCES[request.resource];
  return calls.json({
    resource: request.resource,
    effect: 'read',
    send: (api, tenant) => source.send(api, tenant, request),
    read: (body) => listPage(body, source.key, request.page),
    ...(request.changedSince === undefined ? {} : { whenUnchanged: NOTHING_CHANGED }),
  });
}

const Envelope = z.looseObject({
  DateTimeUTC: instant.nullish().catch(null),
  pagination: z.object({ page: z.int(), pageCount: z.int() }).nullish(),
});

/** An answer without its list is an error and never an empty page: a walk that believes it would end early. */
function listPage(body: unknown, key: string, page: number): ListPage {
  const envelope = Envelope.safeParse(body);
  if (!envelope.success) throw new UnexpectedShape(envelope.error.issues[0]?.path.join('.') ?? '');
  const { pagination, DateTimeUTC, [key]: records } = envelope.data;
  if (!Array.isArray(records)) throw new UnexpectedShape(key);
  const pageCount = pagination?.pageCount ?? (records.length < PAGE_SIZE ? page : page + 1);
  return { records, isLast: page >= pageCount, pageCount, servedAt: DateTimeUTC ?? null };
}
