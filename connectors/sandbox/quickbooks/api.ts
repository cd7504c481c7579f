/** Intuit's Accounting API, as far as receivables need it. */
import { setTimeout as delay } from 'node:timers/promises';
import { formatDay } from '../../../src/domain/day.ts';
import { minorToDecimal } from '../../../src/domain/money.ts';
import { hash128, stableUuid } from '../generator/random.ts';
import {
  bearer,
  escapeHtml,
  html,
  json,
  jsonBody,
  type Reply,
  type SandboxRequest,
} from '../http.ts';
import { invoicePdf } from '../pdf.ts';
import { FixedWindow } from '../windows.ts';
import { openOf, type QInvoice, QRefused, type QuickBooksBook } from './book.ts';
import { changes } from './cdc.ts';
import { entityOf } from './entities.ts';
import { fault, faultOf, throttled, unauthenticated, wrongRealm } from './faults.ts';
import type { IntuitIdentity } from './oauth.ts';
import { parseQuery, QueryParseError } from './query.ts';
import { type Rendered, renderCompanyInfo, renderInvoice, renderPreferences } from './render.ts';
import { QueryProcessingError, select } from './select.ts';
import { pacific } from './time.ts';
import type { QuickBooksWrite } from './write.ts';

const PATH = /^\/v3\/company\/(\d+)\/(.+)$/;

export interface QuickBooksApiOptions {
  now: () => number;
  books: ReadonlyMap<string, QuickBooksBook>;
  identity: IntuitIdentity;
  enforceLimits: boolean;
  /** Machine time each call takes. */
  latencyMs: number;
  base: () => string;
  /** Queries give one row more than they were asked for, as Intuit's sometimes do. */
  extraRow: () => boolean;
  /** Writes go through here, so that they are journalled and announced. */
  write: (realmId: string, op: QuickBooksWrite) => Rendered;
}

class Tenancy {
  readonly second = new FixedWindow(10, 1000);
  readonly minute = new FixedWindow(500, 60_000);
  inFlight = 0;
}

export class QuickBooksApi {
  readonly #options: QuickBooksApiOptions;
  readonly #tenancies = new Map<string, Tenancy>();
  /** First answers by requestid. */
  readonly #answered = new Map<string, Reply>();
  #calls = 0;

  constructor(options: QuickBooksApiOptions) {
    this.#options = options;
  }

  async handle(request: SandboxRequest): Promise<Reply> {
    const page = /^\/pay\/([\w-]+)$/.exec(request.path);
    if (page?.[1] !== undefined) return this.#payPage(page[1]);
    return this.#guarded(request);
  }

  /** Every answer, of the API and of the sign-in alike, carries one. */
  tid(): string {
    this.#calls += 1;
    const [a] = hash128(`tid/${this.#calls}`);
    return `1-${a.toString(16).padStart(8, '0')}-${stableUuid(`tid/${this.#calls}`).replaceAll('-', '').slice(0, 24)}`;
  }

  forgetLimits(): void {
    this.#tenancies.clear();
  }

  /** A write of an earlier run answers its requestid again. */
  remember(realmId: string, requestId: string, answer: Rendered): void {
    this.#answered.set(`${realmId}/${requestId}`, this.#answer(answer));
  }

  async #guarded(request: SandboxRequest): Promise<Reply> {
    const now = this.#options.now();
    const [, realmId = '', rest = ''] = PATH.exec(request.path) ?? [];
    if (realmId === '') return { status: 404, body: 'Not found' };
    const token = bearer(request) ?? '';
    const realm = this.#options.identity.realmOf(token);
    if (realm === null) return unauthenticated(token, now);
    const book = this.#options.books.get(realmId);
    if (realm !== realmId || book === undefined) return wrongRealm(now);
    const tenancy = this.#tenancy(realmId);
    if (this.#options.enforceLimits && isThrottled(tenancy, now)) return throttled(now, null);
    tenancy.second.take(now);
    tenancy.minute.take(now);
    tenancy.inFlight += 1;
    try {
      if (this.#options.latencyMs > 0) await delay(this.#options.latencyMs);
      book.catchUp(now);
      return await this.#route(request, book, rest.split('/'));
    } catch (error) {
      return this.#refused(error);
    } finally {
      setImmediate(() => {
        tenancy.inFlight -= 1;
      });
    }
  }

  #refused(error: unknown): Reply {
    const now = this.#options.now();
    if (error instanceof QRefused) return fault(error.code, error.message, now);
    if (error instanceof QueryParseError) {
      return fault('4000', `QueryParserError: ${error.message}`, now);
    }
    if (error instanceof QueryProcessingError) {
      const kind = error.code === '4001' ? 'QueryValidationError' : 'QueryProcessingError';
      return fault(error.code, `${kind}: ${error.message}`, now);
    }
    throw error;
  }

  #tenancy(realmId: string): Tenancy {
    let tenancy = this.#tenancies.get(realmId);
    if (tenancy === undefined) {
      tenancy = new Tenancy();
      this.#tenancies.set(realmId, tenancy);
    }
    return tenancy;
  }

  async #route(request: SandboxRequest, book: QuickBooksBook, parts: string[]): Promise<Reply> {
    const [resource = '', id, part] = parts;
    switch (resource.toLowerCase()) {
      case 'query':
        return this.#query(request, book);
      case 'cdc':
        return this.#cdc(request, book);
      case 'batch':
        return this.#batch(request, book);
      case 'companyinfo':
        return this.#answer({ CompanyInfo: renderCompanyInfo(book) });
      case 'preferences':
        return this.#answer({ Preferences: renderPreferences() });
      default:
    }
    if (request.method === 'POST') return this.#post(request, book, resource, id, part);
    return this.#read(request, book, resource, id ?? '', part);
  }

  #answer(content: Rendered): Reply {
    return json(200, { ...content, time: pacific(this.#options.now(), true) });
  }

  #query(request: SandboxRequest, book: QuickBooksBook): Reply {
    const text =
      request.method === 'POST' ? request.body.toString('utf8') : request.query.get('query');
    if (text === null || text === '') {
      return fault('2020', 'Required parameter query is missing', this.#options.now(), 'query');
    }
    const response = select(book, parseQuery(text), this.#options.extraRow());
    return this.#answer({ QueryResponse: response });
  }

  #cdc(request: SandboxRequest, book: QuickBooksBook): Reply {
    const now = this.#options.now();
    const entities = (request.query.get('entities') ?? '').split(',').filter((one) => one !== '');
    // A + left unencoded has become a space, and the date is none.
    const since = Date.parse(request.query.get('changedSince') ?? '');
    if (entities.length === 0) return fault('2020', 'Required parameter entities is missing', now);
    if (Number.isNaN(since)) return fault('2010', 'changedSince is not a valid date', now);
    const content = changes(book, entities, since, now);
    if (content === null)
      return fault('2010', 'An entity does not support change data capture', now);
    return this.#answer(content);
  }

  async #read(
    request: SandboxRequest,
    book: QuickBooksBook,
    resource: string,
    id: string,
    part: string | undefined,
  ): Promise<Reply> {
    const now = this.#options.now();
    const entity = entityOf(book, resource);
    if (entity === null) return fault('500', `Operation ${resource} is not supported.`, now);
    if (!/^\d+$/.test(id)) {
      return fault('2030', `Id should be a valid number. Supplied value:${id}`, now, 'Id');
    }
    const row = entity.table.get(id);
    if (row === undefined) {
      return fault(
        '610',
        "Object Not Found : Something you're trying to use has been made inactive. Check the fields with accounts, customers, items, vendors or employees.",
        now,
      );
    }
    if (part === 'pdf' && entity.name === 'Invoice') {
      const body = await pdfOf(book, row as QInvoice, now);
      return { status: 200, headers: { 'content-type': 'application/pdf' }, body };
    }
    if (part !== undefined) return fault('500', `Operation ${part} is not supported.`, now);
    const wantsLink = request.query.get('include') === 'invoiceLink';
    if (wantsLink && entity.name === 'Invoice') return this.#withLink(book, row as QInvoice);
    return this.#answer({ [entity.name]: entity.render(row) });
  }

  /** Filled only where online payment is on and there is an address to send it to. */
  #withLink(book: QuickBooksBook, invoice: QInvoice): Reply {
    const link =
      invoice.email === null || openOf(invoice) === 0
        ? {}
        : { InvoiceLink: `${this.#options.base()}/pay/${linkOf(book, invoice)}` };
    return this.#answer({ Invoice: { ...renderInvoice(invoice), ...link } });
  }

  #payPage(link: string): Reply {
    for (const book of this.#options.books.values()) {
      for (const invoice of book.invoices.values()) {
        if (linkOf(book, invoice) !== link) continue;
        const title = escapeHtml(`Invoice ${invoice.number} from ${book.profile.name}`);
        const due = minorToDecimal(openOf(invoice), 'USD');
        return html(
          200,
          `<!doctype html><title>${title}</title><h1>${title}</h1><p>Balance due $${due}</p>`,
        );
      }
    }
    return html(404, 'No such invoice.');
  }

  #post(
    request: SandboxRequest,
    book: QuickBooksBook,
    resource: string,
    id: string | undefined,
    part: string | undefined,
  ): Reply {
    const requestId = request.query.get('requestid');
    const key = `${book.profile.realmId}/${requestId ?? ''}`;
    const known = requestId === null ? undefined : this.#answered.get(key);
    if (known !== undefined) return known;
    const now = this.#options.now();
    if (requestId !== null && requestId.length > 50) {
      return fault('2050', 'requestid is longer than 50 characters', now);
    }
    const body =
      part === 'send' ? { Id: id, sendTo: request.query.get('sendTo') } : jsonBody(request);
    if (body === null) return fault('2010', 'The request body is not valid JSON', now);
    const operation = part === 'send' ? 'send' : operationOf(request.query, body);
    const op: QuickBooksWrite = { entity: resource, operation, body, requestId };
    const reply = this.#attempt(() => this.#answer(this.#options.write(book.profile.realmId, op)));
    if (requestId !== null) this.#answered.set(key, reply);
    return reply;
  }

  #attempt(work: () => Reply): Reply {
    try {
      return work();
    } catch (error) {
      return this.#refused(error);
    }
  }

  /** Up to thirty items, one after the other; a fault stays with its item and the answer is 200. */
  #batch(request: SandboxRequest, book: QuickBooksBook): Reply {
    const now = this.#options.now();
    const items = jsonBody(request)?.['BatchItemRequest'];
    if (!Array.isArray(items)) return fault('2020', 'BatchItemRequest is missing', now);
    if (items.length > 30) return fault('6000', 'A batch holds at most 30 items', now);
    const answers = items.map((item: unknown) => {
      const fields = item as Record<string, unknown>;
      return { ...this.#batchItem(book, fields), bId: fields['bId'] };
    });
    return this.#answer({ BatchItemResponse: answers });
  }

  #batchItem(book: QuickBooksBook, fields: Record<string, unknown>): Rendered {
    const now = this.#options.now();
    try {
      const { bId: _bId, operation, Query: query, optionsData, ...rest } = fields;
      if (typeof query === 'string') {
        return { QueryResponse: select(book, parseQuery(query), this.#options.extraRow()) };
      }
      const [entity = '', body] = Object.entries(rest)[0] ?? [];
      const named = optionsData === 'void' ? 'void' : operation;
      if (named !== 'create' && named !== 'update' && named !== 'void' && named !== 'delete') {
        return faultOf('2010', 'Unknown operation', now);
      }
      return this.#options.write(book.profile.realmId, {
        ...{ entity, operation: named, requestId: null },
        body: body as Record<string, unknown>,
      });
    } catch (error) {
      if (error instanceof QRefused) return faultOf(error.code, error.message, now);
      if (error instanceof QueryParseError) return faultOf('4000', error.message, now);
      if (error instanceof QueryProcessingError) return faultOf(error.code, error.message, now);
      throw error;
    }
  }
}

function isThrottled(tenancy: Tenancy, now: number): boolean {
  return tenancy.second.left(now) <= 0 || tenancy.minute.left(now) <= 0 || tenancy.inFlight >= 10;
}

function operationOf(
  query: URLSearchParams,
  body: Record<string, unknown>,
): QuickBooksWrite['operation'] {
  const operation = query.get('operation');
  if (query.get('include') === 'void' || operation === 'void') return 'void';
  if (operation === 'delete') return 'delete';
  return body['Id'] === undefined ? 'create' : 'update';
}

function linkOf(book: QuickBooksBook, invoice: QInvoice): string {
  return `scs-v1-${stableUuid(`pay/${book.profile.realmId}/${invoice.id}`).replaceAll('-', '')}`;
}

async function pdfOf(book: QuickBooksBook, invoice: QInvoice, now: number): Promise<Buffer> {
  return invoicePdf(
    {
      seller: book.profile.name,
      customer: invoice.customer.name,
      number: invoice.number,
      issuedOn: formatDay(invoice.issuedOn),
      dueOn: invoice.dueOn === null ? '' : formatDay(invoice.dueOn),
      description: invoice.description,
      total: `USD ${minorToDecimal(invoice.totalMinor, 'USD')}`,
      due: `USD ${minorToDecimal(openOf(invoice), 'USD')}`,
    },
    new Date(now),
  );
}
