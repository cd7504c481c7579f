/** The Xero stand-in: its organisations, its servers, and the handles tests hold it by. */
import type { Day } from '../../../src/domain/day.ts';
import type { Minor } from '../../../src/domain/money.ts';
import { Faults } from '../faults.ts';
import { generateBook } from '../generator/index.ts';
import type { CustomerPlan, GeneratedTruth } from '../generator/plan.ts';
import { stableUuid } from '../generator/random.ts';
import {
  type CallLog,
  header,
  Listener,
  type Reply,
  type SandboxRequest,
  type Vendor,
} from '../http.ts';
import type { Deliveries } from '../webhooks.ts';
import { tooMany, XeroApi, type XeroWrite } from './api.ts';
import { dueOf, Refused, XeroBook, type XInvoice, type XProfile } from './book.ts';
import { XeroIdentity } from './oauth.ts';

/** A note Duebook wrote, as a person would find it. */
export interface SandboxNote {
  id: string;
  targetKind: 'invoice' | 'customer';
  targetId: string;
  text: string;
  bookId: string;
}

export interface NewInvoice {
  customerId: string;
  amountMinor: Minor;
  issuedOn: Day;
  dueOn: Day;
  currency?: string;
  number?: string;
  reference?: string;
  /** Xero only: not approved yet. */
  draft?: boolean;
}

type XeroMutation =
  | { kind: 'pay'; invoiceId: string; amountMinor: Minor; on: Day }
  | { kind: 'void' | 'delete'; invoiceId: string }
  | { kind: 'due'; invoiceId: string; dueOn: Day }
  | { kind: 'merge'; fromId: string; intoId: string }
  | { kind: 'archive'; customerId: string }
  | { kind: 'email'; customerId: string; email: string | null }
  | { kind: 'add'; invoice: NewInvoice }
  | { kind: 'unpay'; paymentId: string }
  | { kind: 'credit'; customerId: string; amountMinor: Minor; on: Day; currency: string }
  | { kind: 'apply'; creditId: string; invoiceId: string; amountMinor: Minor }
  | { kind: 'reminders'; on: boolean };

export interface XeroSetup {
  now: () => number;
  seed: number;
  invoices: number;
  books: number;
  bornOn: (timeZone: string) => Day;
  futureDays: (invoices: number) => number;
  openShare: number | null;
  enforceLimits: boolean;
  dayLimit: number;
  historyMaxChars: number;
  latencyMs: number;
  journal: (scope: string, op: unknown) => void;
  deliveries: Deliveries;
}

const PROFILES: readonly Omit<XProfile, 'tenantId' | 'shortCode'>[] = [
  {
    name: 'Kererū Trading Co',
    country: 'NZ',
    baseCurrency: 'NZD',
    timeZone: 'Pacific/Auckland',
    timezoneName: 'NEWZEALANDSTANDARDTIME',
  },
  {
    name: 'Wattle & Co Wholesale',
    country: 'AU',
    baseCurrency: 'AUD',
    timeZone: 'Australia/Sydney',
    timezoneName: 'AUSEASTERNSTANDARDTIME',
  },
  {
    name: 'Tui Street Workshop',
    country: 'NZ',
    baseCurrency: 'NZD',
    timeZone: 'Pacific/Auckland',
    timezoneName: 'NEWZEALANDSTANDARDTIME',
  },
];

export class XeroSandbox implements Vendor {
  readonly faults = new Faults();
  readonly #setup: XeroSetup;
  readonly #books = new Map<string, XeroBook>();
  readonly #customers = new Map<string, CustomerPlan[]>();
  readonly #identity: XeroIdentity;
  readonly #api: XeroApi;
  readonly #listener: Listener;
  #base = '';

  constructor(setup: XeroSetup) {
    this.#setup = setup;
    for (let index = 0; index < setup.books; index += 1) this.#makeBook(index);
    const tenants = [...this.#books.values()].map((book) => ({
      id: book.profile.tenantId,
      name: book.profile.name,
    }));
    this.#identity = new XeroIdentity(setup.now, tenants, (snapshot) => {
      setup.journal('xero/identity', snapshot);
    });
    this.#api = new XeroApi({
      now: setup.now,
      books: this.#books,
      identity: this.#identity,
      enforceLimits: setup.enforceLimits,
      latencyMs: setup.latencyMs,
      dayLimit: setup.dayLimit,
      historyMaxChars: setup.historyMaxChars,
      base: () => this.#base,
      write: (tenantId, op) => {
        this.#perform(tenantId, { write: op });
      },
    });
    this.#listener = new Listener(this, this.faults, setup.now);
  }

  /** Loopback address, without a slash at the end. */
  get url(): string {
    return this.#base;
  }

  get calls(): CallLog {
    return this.#listener.calls;
  }

  /** Tenant ids, the main organisation first. */
  get externalIds(): string[] {
    return [...this.#books.keys()];
  }

  async listen(port: number): Promise<void> {
    this.#base = await this.#listener.listen(port);
    this.#identity.base = this.#base;
  }

  close(): Promise<void> {
    return this.#listener.close();
  }

  /** Plays history up to now; from here on changes are announced. */
  open(): void {
    for (const [tenantId, book] of this.#books) {
      book.catchUp(this.#setup.now());
      book.onChange = (change) => {
        this.#setup.deliveries.xero(this.#base, tenantId, change);
      };
    }
  }

  /** What an earlier run wrote, in its order. */
  replay(scope: string, op: unknown, at: number): void {
    if (scope === 'xero/identity') this.#identity.restore(op);
    else this.#apply(scope.slice('xero/'.length), op as XeroOp, at);
  }

  handle(request: SandboxRequest): Reply | Promise<Reply> {
    return this.#identity.handle(request) ?? this.#api.handle(request);
  }

  resourceOf(request: SandboxRequest): string {
    if (request.path.startsWith('/api.xro/2.0/')) {
      const [resource = '', id, part] = request.path.slice('/api.xro/2.0/'.length).split('/');
      if (resource === 'InvoiceReminders') return 'InvoiceReminders';
      return part !== undefined
        ? `${resource}/${part}`
        : id !== undefined
          ? `${resource}/id`
          : resource;
    }
    return request.path.startsWith('/connections') ? 'connections' : `oauth:${request.path}`;
  }

  bookOf(request: SandboxRequest): string | null {
    if (!request.path.startsWith('/api.xro/')) return null;
    return header(request, 'xero-tenant-id') ?? null;
  }

  rateReply(retryAfterSeconds: number): Reply {
    return tooMany('minute', retryAfterSeconds);
  }

  faultBody(): string {
    return JSON.stringify({
      ErrorNumber: 500,
      Type: 'InternalException',
      Message: 'An error occurred',
    });
  }

  /** Every access token is stale from now on; refreshing still works. */
  expireAccess(): void {
    this.#identity.expireAccess();
  }

  /** The user removed the app: refresh tokens are dead, connections gone. */
  revokeAll(): void {
    this.#identity.revokeAll();
  }

  forgetLimits(): void {
    this.#api.forgetLimits();
  }

  // What the books hold, for tests to choose from and compare with.

  book(bookId?: string): XeroBook {
    const book = this.#books.get(bookId ?? this.externalIds[0] ?? '');
    if (book === undefined) throw new Refused('the sandbox has no such Xero book');
    book.catchUp(this.#setup.now());
    return book;
  }

  /** Notes that were written through the API, oldest first. */
  notes(bookId?: string): SandboxNote[] {
    const books = bookId === undefined ? [...this.#books.values()] : [this.book(bookId)];
    return books.flatMap((book) =>
      [...book.history].flatMap(([targetId, records]) =>
        records.flatMap((record) =>
          record.id === null
            ? []
            : [
                {
                  id: record.id,
                  targetKind:
                    book.contacts.get(targetId) === undefined
                      ? ('invoice' as const)
                      : ('customer' as const),
                  targetId,
                  text: record.details,
                  bookId: book.profile.tenantId,
                },
              ],
        ),
      ),
    );
  }

  /** Sales invoices something is owed on, as of now, oldest due first. */
  openInvoices(bookId?: string): XInvoice[] {
    return [...this.book(bookId).invoices.values()]
      .filter((one) => one.type === 'ACCREC' && one.status === 'AUTHORISED' && dueOf(one) > 0)
      .sort((a, b) => a.dueOn - b.dueOn);
  }

  /** How many records each list holds now. Invoices include purchases; Contacts include archived ones. */
  counts(bookId?: string): Record<string, number> {
    const book = this.book(bookId);
    return {
      Invoices: book.invoices.size,
      SalesInvoices: [...book.invoices.values()].filter((one) => one.type === 'ACCREC').length,
      Contacts: book.contacts.size,
      Payments: book.payments.size,
      CreditNotes: book.creditNotes.size,
      Overpayments: book.overpayments.size,
      Prepayments: book.prepayments.size,
    };
  }

  truth(bookId?: string): GeneratedTruth {
    const book = this.book(bookId);
    return {
      seed: this.#setup.seed,
      bornOn: this.#setup.bornOn(book.profile.timeZone),
      customers: (this.#customers.get(book.profile.tenantId) ?? []).map((customer) => ({
        n: customer.n,
        externalId: book.id('contact', customer.n),
        name: customer.name,
        behaviour: customer.behaviour,
        terms: customer.terms,
        medianMinor: customer.medianMinor,
        currencies: customer.currencies,
      })),
    };
  }

  // What other people do in the books meanwhile. Each resolves once the webhook was delivered, if any.

  async payInvoice(id: string, amountMinor: Minor, on: Day): Promise<string> {
    await this.#change({ kind: 'pay', invoiceId: id, amountMinor, on });
    return this.#lastId;
  }

  voidInvoice(id: string): Promise<void> {
    return this.#change({ kind: 'void', invoiceId: id });
  }

  deleteInvoice(id: string): Promise<void> {
    return this.#change({ kind: 'delete', invoiceId: id });
  }

  editDueDate(id: string, dueOn: Day): Promise<void> {
    return this.#change({ kind: 'due', invoiceId: id, dueOn });
  }

  mergeCustomers(fromId: string, intoId: string): Promise<void> {
    return this.#change({ kind: 'merge', fromId, intoId });
  }

  archiveCustomer(id: string): Promise<void> {
    return this.#change({ kind: 'archive', customerId: id });
  }

  setCustomerEmail(id: string, email: string | null): Promise<void> {
    return this.#change({ kind: 'email', customerId: id, email });
  }

  async addInvoice(invoice: NewInvoice): Promise<string> {
    await this.#change({ kind: 'add', invoice });
    return this.#lastId;
  }

  deletePayment(id: string): Promise<void> {
    return this.#change({ kind: 'unpay', paymentId: id });
  }

  async addCredit(
    customerId: string,
    amountMinor: Minor,
    on: Day,
    currency = this.book().profile.baseCurrency,
  ): Promise<string> {
    await this.#change({ kind: 'credit', customerId, amountMinor, on, currency });
    return this.#lastId;
  }

  applyCredit(creditId: string, invoiceId: string, amountMinor: Minor): Promise<void> {
    return this.#change({ kind: 'apply', creditId, invoiceId, amountMinor });
  }

  setReminders(on: boolean): Promise<void> {
    return this.#change({ kind: 'reminders', on });
  }

  /** Lets what the clock has reached happen, and delivers what is to be told. */
  async tick(): Promise<void> {
    for (const book of this.#books.values()) book.catchUp(this.#setup.now());
    await this.#setup.deliveries.flush();
  }

  #lastId = '';

  async #change(mutation: XeroMutation): Promise<void> {
    this.#perform(this.#bookOf(mutation), { mutation });
    await this.#setup.deliveries.flush();
  }

  #bookOf(mutation: XeroMutation): string {
    const id =
      'invoiceId' in mutation
        ? mutation.invoiceId
        : 'customerId' in mutation
          ? mutation.customerId
          : 'fromId' in mutation
            ? mutation.fromId
            : 'paymentId' in mutation
              ? mutation.paymentId
              : 'invoice' in mutation
                ? mutation.invoice.customerId
                : null;
    for (const [tenantId, book] of this.#books) {
      book.catchUp(this.#setup.now());
      if (
        id === null ||
        book.invoices.get(id) !== undefined ||
        book.contacts.get(id) !== undefined ||
        book.payments.get(id) !== undefined
      ) {
        return tenantId;
      }
    }
    throw new Refused(`the sandbox has no Xero record ${id ?? ''}`);
  }

  #perform(tenantId: string, op: XeroOp): void {
    const fresh = this.#books.get(tenantId)?.written ?? 0;
    this.#apply(tenantId, op, this.#setup.now());
    this.#setup.journal(`xero/${tenantId}`, { ...op, fresh });
  }

  #apply(tenantId: string, op: XeroOp, at: number): void {
    const book = this.#books.get(tenantId);
    if (book === undefined) return;
    book.catchUp(at);
    book.written = op.fresh ?? book.written;
    if ('write' in op) write(book, op.write, at);
    else this.#lastId = mutate(book, op.mutation, at);
  }

  #makeBook(index: number): void {
    const { seed, invoices } = this.#setup;
    const profile = PROFILES[index % PROFILES.length] ?? PROFILES[0];
    if (profile === undefined) return;
    const count = index === 0 ? invoices : Math.max(50, Math.round(invoices / 4));
    const tenantId = stableUuid(`xero/${seed}/${index}`);
    const plan = generateBook({
      platform: 'xero',
      seed,
      index,
      invoices: count,
      bornOn: this.#setup.bornOn(profile.timeZone),
      futureDays: this.#setup.futureDays(count),
      country: profile.country,
      baseCurrency: profile.baseCurrency,
      timeZone: profile.timeZone,
      openShare: this.#setup.openShare,
    });
    const name = index < PROFILES.length ? profile.name : `${profile.name} ${index + 1}`;
    const full = { ...profile, name, tenantId, shortCode: `!s${index}${tenantId.slice(0, 4)}` };
    this.#books.set(tenantId, new XeroBook(`xero/${seed}/${index}`, full, plan.events));
    this.#customers.set(tenantId, plan.customers);
  }
}

/** `fresh`: how far ids had been given out, so that a replay gives the same ones. */
type XeroOp = ({ write: XeroWrite } | { mutation: XeroMutation }) & { fresh?: number };

function write(book: XeroBook, op: XeroWrite, at: number): void {
  if (op.kind === 'note') {
    book.note(op.targetId, 'Note', op.text, at, book.id('note', book.freshNumber()));
    return;
  }
  const invoice = book.invoice(op.invoiceId);
  if (op.status === 'VOIDED') book.voidInvoice(invoice, at);
  if (op.status === 'DELETED') book.deleteInvoice(invoice, at);
  if (op.dueOn !== undefined) book.setDue(invoice, op.dueOn, at);
  if (op.sent !== undefined) book.setSent(invoice, op.sent, at);
  if (op.expectedOn !== undefined) book.setExpected(invoice, op.expectedOn, at);
}

/** The id of what came into being, or of what was changed. */
function mutate(book: XeroBook, mutation: XeroMutation, at: number): string {
  switch (mutation.kind) {
    case 'pay': {
      const { invoiceId, amountMinor, on } = mutation;
      return book.pay(book.invoice(invoiceId), amountMinor, on, 'Direct credit', at).id;
    }
    case 'void':
      book.voidInvoice(book.invoice(mutation.invoiceId), at);
      return mutation.invoiceId;
    case 'delete':
      book.deleteInvoice(book.invoice(mutation.invoiceId), at);
      return mutation.invoiceId;
    case 'due':
      book.setDue(book.invoice(mutation.invoiceId), mutation.dueOn, at);
      return mutation.invoiceId;
    case 'merge':
      book.merge(book.contact(mutation.fromId), book.contact(mutation.intoId), at);
      return mutation.intoId;
    case 'archive':
      book.archive(book.contact(mutation.customerId), at);
      return mutation.customerId;
    case 'email':
      book.setEmail(book.contact(mutation.customerId), mutation.email, at);
      return mutation.customerId;
    case 'add':
      return addInvoice(book, mutation.invoice, at);
    case 'unpay': {
      const payment = book.payments.get(mutation.paymentId);
      if (payment === undefined) throw new Refused('no such payment');
      book.deletePayment(payment, at);
      return payment.id;
    }
    case 'credit': {
      const { customerId, amountMinor, on, currency } = mutation;
      const number = `CN-${book.freshNumber()}`;
      const id = book.id('credit', number);
      return book.addCredit(
        {
          ...{ id, kind: 'credit_note', number, reference: '', contact: book.contact(customerId) },
          ...{ currency, rate: book.rateOf(currency), totalMinor: amountMinor, issuedOn: on },
        },
        at,
      ).id;
    }
    case 'apply': {
      const credit = book.creditNotes.get(mutation.creditId);
      if (credit === undefined) throw new Refused('no such credit note');
      book.allocate(credit, book.invoice(mutation.invoiceId), mutation.amountMinor, at);
      return credit.id;
    }
    case 'reminders':
      book.remindersOn = mutation.on;
      return '';
  }
}

function addInvoice(book: XeroBook, invoice: NewInvoice, at: number): string {
  const fresh = book.freshNumber();
  const contact = book.contact(invoice.customerId);
  const currency = invoice.currency ?? contact.currency ?? book.profile.baseCurrency;
  return book.addInvoice(
    {
      id: book.id('invoice', fresh),
      createdAt: at,
      updatedAt: at,
      type: 'ACCREC',
      number: invoice.number ?? `INV-${fresh.toUpperCase()}`,
      reference: invoice.reference ?? '',
      contact,
      currency,
      rate: book.rateOf(currency),
      totalMinor: invoice.amountMinor,
      issuedOn: invoice.issuedOn,
      dueOn: invoice.dueOn,
      status: invoice.draft === true ? 'DRAFT' : 'AUTHORISED',
      sent: invoice.draft !== true,
      expectedOn: null,
      description: 'As agreed',
      payments: [],
      allocations: [],
    },
    at,
  ).id;
}
