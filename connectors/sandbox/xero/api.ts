/** Xero's Accounting API and connections, as far as receivables need them. */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Day, formatDay, parseDay } from '../../../src/domain/day.ts';
import { minorToDecimal } from '../../../src/domain/money.ts';
import { stableUuid } from '../generator/random.ts';
import {
  bearer,
  escapeHtml,
  header,
  html,
  json,
  jsonBody,
  type Reply,
  type SandboxRequest,
} from '../http.ts';
import { invoicePdf } from '../pdf.ts';
import { FixedWindow } from '../windows.ts';
import { dueOf, Refused, type XeroBook, type XInvoice } from './book.ts';
import {
  BadList,
  listContacts,
  listCredits,
  listInvoices,
  type ListPage,
  listPayments,
  type ListQuery,
} from './lists.ts';
import type { XeroIdentity } from './oauth.ts';
import {
  instantOf,
  renderContact,
  renderCredit,
  renderHistory,
  renderInvoice,
  renderOrganisation,
  renderPayment,
} from './render.ts';
import { WhereError } from './where.ts';

const API = '/api.xro/2.0/';
const IDEMPOTENCY_MS = 6 * 60_000;

export interface XeroApiOptions {
  now: () => number;
  books: ReadonlyMap<string, XeroBook>;
  identity: XeroIdentity;
  enforceLimits: boolean;
  /** Machine time each call takes. */
  latencyMs: number;
  dayLimit: number;
  historyMaxChars: number;
  /** Where this server can be reached, for the links it gives out. */
  base: () => string;
  /** Writes go through here, so that they are journalled and announced. */
  write: (tenantId: string, op: XeroWrite) => void;
}

/** What a client may write. */
export type XeroWrite =
  | { kind: 'note'; targetId: string; text: string }
  | {
      kind: 'invoice';
      invoiceId: string;
      expectedOn?: Day | null;
      dueOn?: Day;
      sent?: boolean;
      reference?: string;
      status?: 'VOIDED' | 'DELETED';
    };

interface Kept {
  fingerprint: string;
  until: number;
  reply: Reply;
}

class Tenancy {
  readonly minute = new FixedWindow(60, 60_000);
  readonly day: FixedWindow;
  readonly kept = new Map<string, Kept>();
  inFlight = 0;

  constructor(dayLimit: number) {
    this.day = new FixedWindow(dayLimit, 86_400_000);
  }
}

export class XeroApi {
  readonly #options: XeroApiOptions;
  readonly #tenancies = new Map<string, Tenancy>();
  readonly #appMinute = new FixedWindow(10_000, 60_000);
  #calls = 0;

  constructor(options: XeroApiOptions) {
    this.#options = options;
  }

  async handle(request: SandboxRequest): Promise<Reply> {
    const online = /^\/in\/([\w-]+)$/.exec(request.path);
    if (online?.[1] !== undefined) return this.#payPage(online[1]);
    this.#calls += 1;
    const reply = await this.#guarded(request);
    reply.headers = {
      ...reply.headers,
      'xero-correlation-id': stableUuid(`correlation/${this.#calls}`),
    };
    return reply;
  }

  /** The limits start anew: for tests that share a clock which does not move. */
  forgetLimits(): void {
    this.#tenancies.clear();
  }

  async #guarded(request: SandboxRequest): Promise<Reply> {
    const token = this.#options.identity.check(bearer(request) ?? '');
    if (!token.ok) return unauthorised(token.why, token.expiredAt);
    if (request.path === '/connections' || request.path.startsWith('/connections/')) {
      return this.#connections(request);
    }
    if (!request.path.startsWith(API)) return notFound();
    const tenantId = header(request, 'xero-tenant-id') ?? '';
    const book = this.#options.books.get(tenantId);
    if (book === undefined || !this.#options.identity.isConnected(tenantId)) return forbidden();
    if (!allowed(request, token.scopes)) return missingScope();
    book.catchUp(this.#options.now());
    return this.#limited(request, tenantId, book);
  }

  #connections(request: SandboxRequest): Reply {
    const { identity } = this.#options;
    if (request.method === 'GET') {
      return json(200, identity.connections(request.query.get('authEventId')));
    }
    const id = request.path.slice('/connections/'.length);
    if (request.method === 'DELETE' && identity.disconnect(id)) return { status: 204 };
    return notFound();
  }

  async #limited(request: SandboxRequest, tenantId: string, book: XeroBook): Promise<Reply> {
    const now = this.#options.now();
    const tenancy = this.#tenancy(tenantId);
    const problem = this.#options.enforceLimits ? this.#problem(tenancy, now) : null;
    if (problem !== null) return this.#withCounts(problem, tenancy, now);
    tenancy.minute.take(now);
    tenancy.day.take(now);
    this.#appMinute.take(now);
    tenancy.inFlight += 1;
    try {
      if (this.#options.latencyMs > 0) await delay(this.#options.latencyMs);
      return this.#withCounts(await this.#once(request, tenancy, book), tenancy, now);
    } finally {
      // The call is in flight until its answer is on the wire.
      setImmediate(() => {
        tenancy.inFlight -= 1;
      });
    }
  }

  #tenancy(tenantId: string): Tenancy {
    let tenancy = this.#tenancies.get(tenantId);
    if (tenancy === undefined) {
      tenancy = new Tenancy(this.#options.dayLimit);
      this.#tenancies.set(tenantId, tenancy);
    }
    return tenancy;
  }

  #problem(tenancy: Tenancy, now: number): Reply | null {
    if (tenancy.day.left(now) <= 0) return tooMany('day', tenancy.day.secondsLeft(now));
    if (tenancy.minute.left(now) <= 0) return tooMany('minute', tenancy.minute.secondsLeft(now));
    if (tenancy.inFlight >= 5) return tooMany('concurrent', null);
    return null;
  }

  #withCounts(reply: Reply, tenancy: Tenancy, now: number): Reply {
    return {
      ...reply,
      headers: {
        ...reply.headers,
        'x-minlimit-remaining': String(Math.max(0, tenancy.minute.left(now))),
        'x-daylimit-remaining': String(Math.max(0, tenancy.day.left(now))),
        'x-appminlimit-remaining': String(Math.max(0, this.#appMinute.left(now))),
      },
    };
  }

  /** An Idempotency-Key is kept six minutes from its first call, errors included; another body under it is refused. */
  async #once(request: SandboxRequest, tenancy: Tenancy, book: XeroBook): Promise<Reply> {
    const key = header(request, 'idempotency-key');
    if (key === undefined || request.method === 'GET') return this.#route(request, book);
    if (key.length > 128) return validation('The Idempotency-Key is longer than 128 characters.');
    const now = this.#options.now();
    const fingerprint = createHash('sha256')
      .update(`${request.method} ${request.target}\n`)
      .update(request.body)
      .digest('hex');
    const kept = tenancy.kept.get(key);
    if (kept !== undefined && now < kept.until) {
      if (kept.fingerprint === fingerprint) return kept.reply;
      return validation('This Idempotency-Key was used for another request.');
    }
    const reply = await this.#route(request, book);
    tenancy.kept.set(key, { fingerprint, until: now + IDEMPOTENCY_MS, reply });
    return reply;
  }

  async #route(request: SandboxRequest, book: XeroBook): Promise<Reply> {
    const accept = header(request, 'accept') ?? '*/*';
    const isPdf = accept.includes('application/pdf');
    // Without Accept: application/json Xero answers in XML, which nobody here reads.
    if (!isPdf && !accept.includes('application/json')) {
      return { status: 406, headers: { 'content-type': 'text/plain' }, body: 'Ask for JSON.' };
    }
    const [resource = '', id, ...rest] = request.path.slice(API.length).split('/');
    try {
      if (id === undefined) return this.#collection(request, book, resource);
      if (resource === 'InvoiceReminders') {
        return this.#envelope({ InvoiceReminders: [{ Enabled: book.remindersOn }] });
      }
      if (rest[0] === 'History') return this.#history(request, book, resource, id);
      if (resource === 'Invoices') return await this.#invoice(request, book, id, rest[0], isPdf);
      return this.#single(book, resource, id);
    } catch (error) {
      if (error instanceof Refused || error instanceof WhereError || error instanceof BadList) {
        return validation(error.message);
      }
      throw error;
    }
  }

  #collection(request: SandboxRequest, book: XeroBook, resource: string): Reply {
    if (request.method !== 'GET') {
      return resource === 'Invoices' ? this.#writeInvoices(request, book, null) : notFound();
    }
    if (resource === 'Organisation' || resource === 'Organisations') {
      return this.#envelope({ Organisations: [renderOrganisation(book)] });
    }
    const page = this.#list(book, resource, {
      query: request.query,
      since: modifiedSince(request),
    });
    if (page === null) return notFound();
    return this.#envelope({
      ...(page.pagination === null ? {} : { pagination: page.pagination }),
      [resource]: page.rows,
    });
  }

  #list(book: XeroBook, resource: string, query: ListQuery): ListPage | null {
    switch (resource) {
      case 'Invoices':
        return listInvoices(book, query);
      case 'Contacts':
        return listContacts(book, query);
      case 'Payments':
        return listPayments(book, query);
      case 'CreditNotes':
        return listCredits(book, 'credit_note', query);
      case 'Overpayments':
        return listCredits(book, 'overpayment', query);
      case 'Prepayments':
        return listCredits(book, 'prepayment', query);
      default:
        return null;
    }
  }

  #single(book: XeroBook, resource: string, id: string): Reply {
    switch (resource) {
      case 'Contacts': {
        const row = book.contacts.get(id);
        return this.#one(resource, row && renderContact(row, 'single', book));
      }
      case 'Payments': {
        const row = book.payments.get(id);
        return this.#one(resource, row && renderPayment(row));
      }
      case 'CreditNotes': {
        const row = book.creditNotes.get(id);
        return this.#one(resource, row && renderCredit(row));
      }
      case 'Overpayments': {
        const row = book.overpayments.get(id);
        return this.#one(resource, row && renderCredit(row));
      }
      case 'Prepayments': {
        const row = book.prepayments.get(id);
        return this.#one(resource, row && renderCredit(row));
      }
      default:
        return notFound();
    }
  }

  #one(resource: string, row: Record<string, unknown> | undefined): Reply {
    return row === undefined ? notFound() : this.#envelope({ [resource]: [row] });
  }

  async #invoice(
    request: SandboxRequest,
    book: XeroBook,
    id: string,
    part: string | undefined,
    isPdf: boolean,
  ): Promise<Reply> {
    const invoice = findInvoice(book, id);
    if (invoice === undefined) return notFound();
    if (part === 'OnlineInvoice') return this.#online(book, invoice);
    if (part !== undefined) return notFound();
    if (request.method === 'POST' || request.method === 'PUT') {
      return this.#writeInvoices(request, book, invoice);
    }
    if (!isPdf) return this.#envelope({ Invoices: [renderInvoice(invoice, 'single')] });
    const body = await pdfOf(book, invoice, this.#options.now());
    return { status: 200, headers: { 'content-type': 'application/pdf' }, body };
  }

  #online(book: XeroBook, invoice: XInvoice): Reply {
    if (invoice.type !== 'ACCREC' || invoice.status !== 'AUTHORISED') {
      return this.#envelope({ OnlineInvoices: [] });
    }
    const url = `${this.#options.base()}/in/${linkOf(book, invoice)}`;
    return this.#envelope({ OnlineInvoices: [{ OnlineInvoiceUrl: url }] });
  }

  /** What the debtor sees behind the online invoice link. */
  #payPage(link: string): Reply {
    for (const book of this.#options.books.values()) {
      for (const invoice of book.invoices.values()) {
        if (linkOf(book, invoice) !== link) continue;
        const due = `${invoice.currency} ${minorToDecimal(dueOf(invoice), invoice.currency)}`;
        const title = escapeHtml(`${invoice.number} from ${book.profile.name}`);
        return html(
          200,
          `<!doctype html><title>${title}</title><h1>${title}</h1><p>Amount due ${due}</p>`,
        );
      }
    }
    return html(404, 'No such invoice.');
  }

  #writeInvoices(request: SandboxRequest, book: XeroBook, one: XInvoice | null): Reply {
    const body = jsonBody(request);
    if (body === null) return validation('The body is not JSON.');
    const rows = Array.isArray(body['Invoices']) ? (body['Invoices'] as unknown[]) : [body];
    const written: XInvoice[] = [];
    for (const row of rows) {
      const fields = row as Record<string, unknown>;
      const id = one?.id ?? text(fields['InvoiceID']) ?? '';
      const invoice = findInvoice(book, id);
      if (invoice === undefined) return validation('The sandbox changes invoices, it makes none.');
      const op = invoiceWrite(invoice, fields);
      if (typeof op === 'string') return validation(op);
      this.#options.write(book.profile.tenantId, op);
      written.push(invoice);
    }
    return this.#envelope({ Invoices: written.map((invoice) => renderInvoice(invoice, 'single')) });
  }

  #history(request: SandboxRequest, book: XeroBook, resource: string, id: string): Reply {
    const targetId = historyTarget(book, resource, id);
    if (targetId === null) return notFound();
    if (request.method === 'GET') {
      const records = [...book.historyOf(targetId)].reverse();
      return this.#envelope({ HistoryRecords: records.map(renderHistory) });
    }
    const records = jsonBody(request)?.['HistoryRecords'];
    if (!Array.isArray(records) || records.length === 0) return validation('No HistoryRecords.');
    const details = records.map((record: unknown) =>
      text((record as Record<string, unknown>)['Details']),
    );
    for (const detail of details) {
      if (detail === undefined || detail === '') return validation('Details is required.');
      if (detail.length > this.#options.historyMaxChars) {
        return validation(
          `The field Details must be ${this.#options.historyMaxChars} characters or fewer.`,
        );
      }
    }
    return this.#writeNotes(book, targetId, details as string[]);
  }

  #writeNotes(book: XeroBook, targetId: string, details: string[]): Reply {
    const now = this.#options.now();
    for (const detail of details) {
      this.#options.write(book.profile.tenantId, {
        kind: 'note',
        targetId,
        text: detail,
      });
    }
    return this.#envelope({
      HistoryRecords: details.map((detail) => ({
        DateUTCString: new Date(now).toISOString().slice(0, 19),
        DateUTC: instantOf(now),
        Details: detail,
        ValidationErrors: [],
      })),
    });
  }

  #envelope(content: Record<string, unknown>): Reply {
    return json(200, {
      Id: stableUuid(`answer/${this.#calls}`),
      Status: 'OK',
      ProviderName: 'Duebook sandbox',
      DateTimeUTC: `/Date(${this.#options.now()})/`,
      ...content,
    });
  }
}

function findInvoice(book: XeroBook, idOrNumber: string): XInvoice | undefined {
  const byId = book.invoices.get(idOrNumber.toLowerCase());
  if (byId !== undefined) return byId;
  for (const invoice of book.invoices.values()) {
    if (invoice.number === idOrNumber) return invoice;
  }
  return undefined;
}

function historyTarget(book: XeroBook, resource: string, id: string): string | null {
  const table = {
    Invoices: book.invoices,
    Contacts: book.contacts,
    Payments: book.payments,
    CreditNotes: book.creditNotes,
    Overpayments: book.overpayments,
    Prepayments: book.prepayments,
  }[resource];
  return table?.get(id) === undefined ? null : id;
}

/** A message when Xero would refuse. */
function invoiceWrite(
  invoice: XInvoice,
  fields: Record<string, unknown>,
): Extract<XeroWrite, { kind: 'invoice' }> | string {
  const op: Extract<XeroWrite, { kind: 'invoice' }> = { kind: 'invoice', invoiceId: invoice.id };
  if ('ExpectedPaymentDate' in fields) {
    const on = dayOf(fields['ExpectedPaymentDate']);
    if (on === null) return 'ExpectedPaymentDate is no date.';
    op.expectedOn = on;
  }
  if ('DueDate' in fields) {
    const on = dayOf(fields['DueDate']);
    if (on === null) return 'DueDate is no date.';
    op.dueOn = on;
  }
  if (typeof fields['SentToContact'] === 'boolean') op.sent = fields['SentToContact'];
  const status = fields['Status'];
  if (status === 'VOIDED' || status === 'DELETED') op.status = status;
  if (invoice.status === 'VOIDED' || invoice.status === 'DELETED') {
    return `Invoice ${invoice.number} is ${invoice.status} and cannot be changed.`;
  }
  return op;
}

/** "2026-11-30", "2026-11-30T00:00:00" or "/Date(ms)/". */
function dayOf(value: unknown): Day | null {
  if (typeof value !== 'string') return null;
  const ms = /^\/Date\((-?\d+)/.exec(value)?.[1];
  if (ms !== undefined) return parseDay(new Date(Number(ms)).toISOString().slice(0, 10));
  return parseDay(value.slice(0, 10));
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function linkOf(book: XeroBook, invoice: XInvoice): string {
  return stableUuid(`online/${book.profile.tenantId}/${invoice.id}`).replaceAll('-', '');
}

async function pdfOf(book: XeroBook, invoice: XInvoice, now: number): Promise<Buffer> {
  const money = (minor: number): string =>
    `${invoice.currency} ${minorToDecimal(minor, invoice.currency)}`;
  return invoicePdf(
    {
      seller: book.profile.name,
      customer: invoice.contact.name,
      number: invoice.number,
      issuedOn: formatDay(invoice.issuedOn),
      dueOn: formatDay(invoice.dueOn),
      description: invoice.description,
      total: money(invoice.totalMinor),
      due: money(dueOf(invoice)),
    },
    new Date(now),
  );
}

/** Both forms are met: Xero's own `yyyy-mm-ddThh:mm:ss` without a zone, and what its SDK sends. Whole seconds. */
function modifiedSince(request: SandboxRequest): number | null {
  const value = header(request, 'if-modified-since');
  if (value === undefined) return null;
  const zoned = /(?:Z|GMT|[+-]\d\d:\d\d)$/.test(value) ? value : `${value}Z`;
  const ms = Date.parse(zoned);
  return Number.isNaN(ms) ? null : Math.floor(ms / 1000) * 1000;
}

const SCOPES: Readonly<Record<string, string>> = {
  Invoices: 'accounting.invoices',
  CreditNotes: 'accounting.invoices',
  Payments: 'accounting.payments',
  Overpayments: 'accounting.payments',
  Prepayments: 'accounting.payments',
  Contacts: 'accounting.contacts',
  Organisation: 'accounting.settings',
  Organisations: 'accounting.settings',
  InvoiceReminders: 'accounting.settings',
};

function allowed(request: SandboxRequest, scopes: readonly string[]): boolean {
  const [resource = ''] = request.path.slice(API.length).split('/');
  const scope = SCOPES[resource];
  if (scope === undefined) return true;
  const broad = /invoices|payments/.test(scope) ? 'accounting.transactions' : scope;
  const enough =
    request.method === 'GET' ? [scope, `${scope}.read`, broad, `${broad}.read`] : [scope, broad];
  return enough.some((one) => scopes.includes(one));
}

function unauthorised(why: 'unknown' | 'expired', expiredAt: number): Reply {
  const detail =
    why === 'expired'
      ? `TokenExpired: token expired at ${new Date(expiredAt).toISOString()}`
      : 'AuthenticationUnsuccessful';
  return json(
    401,
    {
      Type: null,
      Title: 'Unauthorized',
      Status: 401,
      Detail: detail,
      Instance: '',
      Extensions: {},
    },
    { 'www-authenticate': 'Bearer error="invalid_token"' },
  );
}

function missingScope(): Reply {
  return json(
    401,
    { Type: null, Title: 'Unauthorized', Status: 401, Detail: 'AuthorizationUnsuccessful' },
    { 'www-authenticate': 'insufficent_scope' },
  );
}

function forbidden(): Reply {
  return json(403, {
    ...{ Type: null, Title: 'Forbidden', Status: 403, Detail: 'AuthenticationUnsuccessful' },
    ...{ Instance: stableUuid('forbidden'), Extensions: {} },
  });
}

function notFound(): Reply {
  return {
    status: 404,
    headers: { 'content-type': 'text/html' },
    body: "The resource you're looking for cannot be found",
  };
}

export function tooMany(problem: string, retryAfter: number | null): Reply {
  return {
    status: 429,
    headers: {
      'content-type': 'text/html',
      'x-rate-limit-problem': problem,
      ...(retryAfter === null ? {} : { 'retry-after': String(retryAfter) }),
    },
    body: '',
  };
}

function validation(message: string): Reply {
  return json(400, {
    ErrorNumber: 10,
    Type: 'ValidationException',
    Message: 'A validation exception occurred',
    Elements: [{ ValidationErrors: [{ Message: message }] }],
  });
}
