/** The QuickBooks stand-in: its companies, its server, and the handle tests hold it by. */
import type { Day } from '../../../src/domain/day.ts';
import type { Minor } from '../../../src/domain/money.ts';
import { Faults } from '../faults.ts';
import { generateBook } from '../generator/index.ts';
import type { CustomerPlan, GeneratedTruth } from '../generator/plan.ts';
import { hash128 } from '../generator/random.ts';
import { type CallLog, Listener, type Reply, type SandboxRequest, type Vendor } from '../http.ts';
import type { Deliveries } from '../webhooks.ts';
import type { NewInvoice, SandboxNote } from '../xero/index.ts';
import { QuickBooksApi } from './api.ts';
import { openOf, type QInvoice, QRefused, type QProfile, QuickBooksBook, record } from './book.ts';
import { faultOf, throttled } from './faults.ts';
import { IntuitIdentity } from './oauth.ts';
import type { Rendered } from './render.ts';
import { type QuickBooksWrite, write } from './write.ts';

type QuickBooksMutation =
  | { kind: 'pay'; invoiceId: string; amountMinor: Minor; on: Day; extraMinor: Minor }
  | { kind: 'void' | 'delete'; invoiceId: string }
  | { kind: 'due'; invoiceId: string; dueOn: Day }
  | { kind: 'merge'; fromId: string; intoId: string }
  | { kind: 'archive'; customerId: string }
  | { kind: 'email'; customerId: string; email: string | null }
  | { kind: 'add'; invoice: NewInvoice }
  | { kind: 'unpay' | 'void_payment'; paymentId: string }
  | { kind: 'credit'; customerId: string; amountMinor: Minor; on: Day }
  | { kind: 'apply'; creditId: string; invoiceId: string; amountMinor: Minor; on: Day };

/** `fresh`: how far ids had been given out, so that a replay gives the same ones. */
type QuickBooksOp = ({ write: QuickBooksWrite } | { mutation: QuickBooksMutation }) & {
  fresh?: number;
};

export interface QuickBooksSetup {
  now: () => number;
  seed: number;
  invoices: number;
  books: number;
  bornOn: (timeZone: string) => Day;
  futureDays: (invoices: number) => number;
  openShare: number | null;
  enforceLimits: boolean;
  rotateSeconds: number;
  latencyMs: number;
  journal: (scope: string, op: unknown) => void;
  deliveries: Deliveries;
}

const NAMES = ['Bayshore Supply Co.', 'Fox Hollow Landscapes', 'Granite Peak Studios'];
const TIME_ZONE = 'America/Los_Angeles';

export class QuickBooksSandbox implements Vendor {
  readonly faults = new Faults();
  /** Quirks that are off until a test asks for them. */
  readonly quirks = { extraRow: false };
  readonly #setup: QuickBooksSetup;
  readonly #books = new Map<string, QuickBooksBook>();
  readonly #customers = new Map<string, CustomerPlan[]>();
  readonly #identity: IntuitIdentity;
  readonly #api: QuickBooksApi;
  readonly #listener: Listener;
  #base = '';
  #lastId = '';

  constructor(setup: QuickBooksSetup) {
    this.#setup = setup;
    for (let index = 0; index < setup.books; index += 1) this.#makeBook(index);
    this.#identity = new IntuitIdentity({
      now: setup.now,
      companies: [...this.#books.values()].map(({ profile }) => ({
        id: profile.realmId,
        name: profile.name,
      })),
      save: (snapshot) => {
        setup.journal('quickbooks/identity', snapshot);
      },
      rotateSeconds: setup.rotateSeconds,
    });
    this.#api = new QuickBooksApi({
      now: setup.now,
      books: this.#books,
      identity: this.#identity,
      enforceLimits: setup.enforceLimits,
      latencyMs: setup.latencyMs,
      base: () => this.#base,
      extraRow: () => this.quirks.extraRow,
      write: (realmId, op) => this.#perform(realmId, { write: op }),
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

  /** Realm ids, 19 digits each. */
  get externalIds(): string[] {
    return [...this.#books.keys()];
  }

  async listen(port: number): Promise<void> {
    this.#base = await this.#listener.listen(port);
  }

  close(): Promise<void> {
    return this.#listener.close();
  }

  /** Plays history up to now; from here on changes are announced. */
  open(): void {
    for (const [realmId, book] of this.#books) {
      book.catchUp(this.#setup.now());
      book.onChange = (change) => {
        this.#setup.deliveries.quickbooks(realmId, change);
      };
    }
  }

  /** What an earlier run wrote, in its order. */
  replay(scope: string, op: unknown, at: number): void {
    if (scope === 'quickbooks/identity') {
      this.#identity.restore(op);
      return;
    }
    const realmId = scope.slice('quickbooks/'.length);
    const known = op as QuickBooksOp;
    const answer = this.#apply(realmId, known, at);
    if ('write' in known && known.write.requestId !== null) {
      this.#api.remember(realmId, known.write.requestId, answer);
    }
  }

  async handle(request: SandboxRequest): Promise<Reply> {
    const reply = this.#identity.handle(request) ?? (await this.#api.handle(request));
    return { ...reply, headers: { ...reply.headers, intuit_tid: this.#api.tid() } };
  }

  /** `query:Invoice`, `cdc`, `invoice/id`, `attachable` … */
  resourceOf(request: SandboxRequest): string {
    const rest = /^\/v3\/company\/\d+\/(.+)$/.exec(request.path)?.[1];
    if (rest === undefined) return `oauth:${request.path}`;
    const [resource = '', id, part] = rest.split('/');
    if (resource === 'query') {
      const entity = /\bfrom\s+(\w+)/i.exec(request.query.get('query') ?? request.body.toString());
      return `query:${(entity?.[1] ?? '?').toLowerCase()}`;
    }
    if (part !== undefined) return `${resource}/${part}`;
    return id === undefined ? resource : `${resource}/id`;
  }

  bookOf(request: SandboxRequest): string | null {
    return /^\/v3\/company\/(\d+)\//.exec(request.path)?.[1] ?? null;
  }

  rateReply(retryAfterSeconds: number): Reply {
    return throttled(this.#setup.now(), retryAfterSeconds);
  }

  faultBody(): string {
    return JSON.stringify(faultOf('6000', 'Business Validation Error', this.#setup.now()));
  }

  expireAccess(): void {
    this.#identity.expireAccess();
  }

  /** The user removed the app: both tokens are dead. */
  revokeAll(): void {
    this.#identity.revokeAll();
  }

  forgetLimits(): void {
    this.#api.forgetLimits();
  }

  book(bookId?: string): QuickBooksBook {
    const book = this.#books.get(bookId ?? this.externalIds[0] ?? '');
    if (book === undefined) throw new QRefused('610', 'the sandbox has no such company');
    book.catchUp(this.#setup.now());
    return book;
  }

  /** Notes that were written through the API, oldest first. */
  notes(bookId?: string): SandboxNote[] {
    const books = bookId === undefined ? [...this.#books.values()] : [this.book(bookId)];
    return books.flatMap((book) =>
      [...book.attachables.values()].map((one) => ({
        id: one.id,
        targetKind: one.entityType === 'Customer' ? ('customer' as const) : ('invoice' as const),
        targetId: one.entityId,
        text: one.note,
        bookId: book.profile.realmId,
      })),
    );
  }

  /** Invoices something is owed on, as of now, oldest due first. */
  openInvoices(bookId?: string): QInvoice[] {
    return [...this.book(bookId).invoices.values()]
      .filter((one) => openOf(one) > 0)
      .sort((a, b) => (a.dueOn ?? a.issuedOn) - (b.dueOn ?? b.issuedOn));
  }

  counts(bookId?: string): Record<string, number> {
    const book = this.book(bookId);
    return {
      Invoice: book.invoices.size,
      Customer: book.customers.size,
      Payment: book.payments.size,
      CreditMemo: book.creditMemos.size,
      JournalEntry: book.journals.size,
      RefundReceipt: book.refundReceipts.size,
      Attachable: book.attachables.size,
    };
  }

  truth(bookId?: string): GeneratedTruth {
    const book = this.book(bookId);
    return {
      seed: this.#setup.seed,
      bornOn: this.#setup.bornOn(book.profile.timeZone),
      customers: (this.#customers.get(book.profile.realmId) ?? []).map((customer) => ({
        n: customer.n,
        externalId: book.id('customer', customer.n),
        name: customer.name,
        behaviour: customer.behaviour,
        terms: customer.terms,
        medianMinor: customer.medianMinor,
        currencies: customer.currencies,
      })),
    };
  }

  /** `extraMinor` is received beyond what is applied, and stays unapplied. */
  async payInvoice(
    id: string,
    amountMinor: Minor,
    on: Day,
    extraMinor: Minor = 0,
  ): Promise<string> {
    await this.#change({ kind: 'pay', invoiceId: id, amountMinor, on, extraMinor });
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

  voidPayment(id: string): Promise<void> {
    return this.#change({ kind: 'void_payment', paymentId: id });
  }

  async addCredit(customerId: string, amountMinor: Minor, on: Day): Promise<string> {
    await this.#change({ kind: 'credit', customerId, amountMinor, on });
    return this.#lastId;
  }

  /** Links a credit memo to an invoice with a payment of zero. */
  applyCredit(creditId: string, invoiceId: string, amountMinor: Minor, on: Day): Promise<void> {
    return this.#change({ kind: 'apply', creditId, invoiceId, amountMinor, on });
  }

  /** From now on every query page that holds this invoice fails with 4002. */
  poisonInvoice(id: string): void {
    this.book().poisoned.add(id);
  }

  /** Lets what the clock has reached happen, and delivers what is to be told. */
  async tick(): Promise<void> {
    for (const book of this.#books.values()) book.catchUp(this.#setup.now());
    await this.#setup.deliveries.flush();
  }

  async #change(mutation: QuickBooksMutation): Promise<void> {
    this.#perform(this.#bookOf(mutation), { mutation });
    await this.#setup.deliveries.flush();
  }

  /** Ids repeat from company to company: the first that has the record is meant. */
  #bookOf(mutation: QuickBooksMutation): string {
    for (const [realmId, book] of this.#books) {
      book.catchUp(this.#setup.now());
      const has =
        'invoiceId' in mutation
          ? book.invoices.get(mutation.invoiceId)
          : 'paymentId' in mutation
            ? book.payments.get(mutation.paymentId)
            : book.customers.get(
                'fromId' in mutation
                  ? mutation.fromId
                  : 'invoice' in mutation
                    ? mutation.invoice.customerId
                    : mutation.customerId,
              );
      if (has !== undefined) return realmId;
    }
    throw new QRefused('610', 'the sandbox has no such QuickBooks record');
  }

  #perform(realmId: string, op: QuickBooksOp): Rendered {
    const fresh = this.#books.get(realmId)?.written ?? 0;
    const answer = this.#apply(realmId, op, this.#setup.now());
    this.#setup.journal(`quickbooks/${realmId}`, { ...op, fresh });
    return answer;
  }

  #apply(realmId: string, op: QuickBooksOp, at: number): Rendered {
    const book = this.#books.get(realmId);
    if (book === undefined) return {};
    book.catchUp(at);
    book.written = op.fresh ?? book.written;
    if ('write' in op) return write(book, op.write, at);
    this.#lastId = mutate(book, op.mutation, at);
    return {};
  }

  #makeBook(index: number): void {
    const { seed, invoices } = this.#setup;
    const count = index === 0 ? invoices : Math.max(50, Math.round(invoices / 4));
    const profile: QProfile = {
      realmId: realmIdOf(seed, index),
      name: NAMES[index] ?? `${NAMES[0] ?? ''} ${index + 1}`,
      country: 'US',
      timeZone: TIME_ZONE,
    };
    const plan = generateBook({
      platform: 'quickbooks',
      seed,
      index,
      invoices: count,
      bornOn: this.#setup.bornOn(TIME_ZONE),
      futureDays: this.#setup.futureDays(count),
      country: 'US',
      baseCurrency: 'USD',
      timeZone: TIME_ZONE,
      openShare: this.#setup.openShare,
    });
    this.#books.set(profile.realmId, new QuickBooksBook(profile, plan.events));
    this.#customers.set(profile.realmId, plan.customers);
  }
}

/** 19 digits: more than a number can hold exactly. */
function realmIdOf(seed: number, index: number): string {
  const [a, b] = hash128(`quickbooks/${seed}/${index}`);
  return `9130${String(a).padStart(10, '0').slice(0, 10)}${String(b % 100_000).padStart(5, '0')}`;
}

/** The id of what came into being, or of what was changed. */
function mutate(book: QuickBooksBook, mutation: QuickBooksMutation, at: number): string {
  switch (mutation.kind) {
    case 'pay': {
      const invoice = book.invoice(mutation.invoiceId);
      const { amountMinor, extraMinor, on } = mutation;
      if (amountMinor > openOf(invoice)) throw new QRefused('6070', 'That is more than is owed.');
      const payment = book.addPayment(
        {
          ...record(book.freshId(), at),
          customer: invoice.customer,
          totalMinor: amountMinor + extraMinor,
          on,
          reference: 'ACH',
          lines: [{ amountMinor, to: { type: 'Invoice', record: invoice } }],
          unappliedMinor: 0,
          privateNote: '',
        },
        at,
      );
      return payment.id;
    }
    case 'void':
      book.voidInvoice(book.invoice(mutation.invoiceId), at);
      return mutation.invoiceId;
    case 'delete':
      book.deleteInvoice(book.invoice(mutation.invoiceId), at);
      return mutation.invoiceId;
    case 'due':
      book.edit(book.invoices, 'Invoice', book.invoice(mutation.invoiceId), at, (invoice) => {
        invoice.dueOn = mutation.dueOn;
      });
      return mutation.invoiceId;
    case 'merge':
      book.merge(book.customer(mutation.fromId), book.customer(mutation.intoId), at);
      return mutation.intoId;
    case 'archive':
      book.archive(book.customer(mutation.customerId), at);
      return mutation.customerId;
    case 'email':
      book.setEmail(book.customer(mutation.customerId), mutation.email, at);
      return mutation.customerId;
    case 'add':
      return addInvoice(book, mutation.invoice, at);
    case 'unpay':
    case 'void_payment': {
      const payment = book.payments.get(mutation.paymentId);
      if (payment === undefined) throw new QRefused('610', 'Object Not Found');
      if (mutation.kind === 'unpay') book.deletePayment(payment, at);
      else book.voidPayment(payment, at);
      return payment.id;
    }
    case 'credit': {
      const { customerId, amountMinor, on } = mutation;
      const id = book.freshId();
      const customer = book.customer(customerId);
      return book.addCreditMemo(
        {
          ...record(id, at),
          ...{ number: `CM${id}`, customer, totalMinor: amountMinor, issuedOn: on },
        },
        at,
      ).id;
    }
    case 'apply': {
      const memo = book.creditMemos.get(mutation.creditId);
      if (memo === undefined) throw new QRefused('610', 'Object Not Found');
      const invoice = book.invoice(mutation.invoiceId);
      return book.linkCredit(book.freshId(), memo, invoice, mutation.amountMinor, mutation.on, at)
        .id;
    }
  }
}

function addInvoice(book: QuickBooksBook, invoice: NewInvoice, at: number): string {
  const id = book.freshId();
  const customer = book.customer(invoice.customerId);
  return book.addInvoice(
    {
      ...record(id, at),
      number: invoice.number ?? id,
      customer,
      totalMinor: invoice.amountMinor,
      issuedOn: invoice.issuedOn,
      dueOn: invoice.dueOn,
      email: customer.email,
      emailed: true,
      description: 'As agreed',
      memo: invoice.reference ?? '',
      privateNote: '',
      voided: false,
      links: [],
    },
    at,
  ).id;
}
