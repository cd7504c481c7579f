/** The QuickBooks stand-in: its companies, its server, and the handle tests hold it by. */
import type { Day } from '../../../src/domain/day.ts';
import type { Minor } from '../../../src/domain/money.ts';
import { hash128 } from '../generator/random.ts';
import type { Reply, SandboxRequest } from '../http.ts';
import {
  type CommonMutation,
  customerOf,
  type NewInvoice,
  type Op,
  type SandboxNote,
  StandIn,
  type StandInSetup,
} from '../stand-in.ts';
import { QuickBooksApi } from './api.ts';
import { openOf, type QInvoice, QRefused, type QProfile, QuickBooksBook, record } from './book.ts';
import { faultOf, throttled } from './faults.ts';
import { IntuitIdentity } from './oauth.ts';
import type { Rendered } from './render.ts';
import { type QuickBooksWrite, write } from './write.ts';

type QuickBooksMutation =
  | CommonMutation
  | { kind: 'pay'; invoiceId: string; amountMinor: Minor; on: Day; extraMinor: Minor }
  | { kind: 'void_payment'; paymentId: string }
  | { kind: 'credit'; customerId: string; amountMinor: Minor; on: Day }
  | { kind: 'apply'; creditId: string; invoiceId: string; amountMinor: Minor; on: Day };

export interface QuickBooksSetup extends StandInSetup {
  rotateSeconds: number;
}

const NAMES = ['Bayshore Supply Co.', 'Fox Hollow Landscapes', 'Granite Peak Studios'];
const TIME_ZONE = 'America/Los_Angeles';

export class QuickBooksSandbox extends StandIn<
  QuickBooksBook,
  QuickBooksMutation,
  QuickBooksWrite,
  Rendered
> {
  protected readonly platform = 'quickbooks';
  /** Quirks that are off until a test asks for them. */
  readonly quirks = { extraRow: false };
  protected readonly identity: IntuitIdentity;
  protected readonly api: QuickBooksApi;
  readonly #setup: QuickBooksSetup;

  constructor(setup: QuickBooksSetup) {
    super(setup);
    this.#setup = setup;
    for (let index = 0; index < setup.books; index += 1) this.#makeBook(index);
    this.identity = new IntuitIdentity({
      now: setup.now,
      companies: [...this.books.values()].map(({ profile }) => ({
        id: profile.realmId,
        name: profile.name,
      })),
      save: (snapshot) => {
        setup.journal('quickbooks/identity', snapshot);
      },
      rotateSeconds: setup.rotateSeconds,
    });
    this.api = new QuickBooksApi({
      now: setup.now,
      books: this.books,
      identity: this.identity,
      enforceLimits: setup.enforceLimits,
      latencyMs: setup.latencyMs,
      base: () => this.url,
      extraRow: () => this.quirks.extraRow,
      write: (realmId, op) => this.perform(realmId, { write: op }) ?? {},
    });
  }

  async handle(request: SandboxRequest): Promise<Reply> {
    const reply = this.identity.handle(request) ?? (await this.api.handle(request));
    return { ...reply, headers: { ...reply.headers, intuit_tid: this.api.tid() } };
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

  /** Notes that were written through the API, oldest first. */
  notes(bookId?: string): SandboxNote[] {
    const books = bookId === undefined ? [...this.books.values()] : [this.book(bookId)];
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

  /** `extraMinor` is received beyond what is applied, and stays unapplied. */
  async payInvoice(
    id: string,
    amountMinor: Minor,
    on: Day,
    extraMinor: Minor = 0,
  ): Promise<string> {
    await this.change({ kind: 'pay', invoiceId: id, amountMinor, on, extraMinor });
    return this.lastId;
  }

  voidPayment(id: string): Promise<void> {
    return this.change({ kind: 'void_payment', paymentId: id });
  }

  async addCredit(customerId: string, amountMinor: Minor, on: Day): Promise<string> {
    await this.change({ kind: 'credit', customerId, amountMinor, on });
    return this.lastId;
  }

  /** Links a credit memo to an invoice with a payment of zero. */
  applyCredit(creditId: string, invoiceId: string, amountMinor: Minor, on: Day): Promise<void> {
    return this.change({ kind: 'apply', creditId, invoiceId, amountMinor, on });
  }

  /** From now on every query page that holds this invoice fails with 4002. */
  poisonInvoice(id: string): void {
    this.book().poisoned.add(id);
  }

  protected announce(realmId: string, book: QuickBooksBook): void {
    book.onChange = (change) => {
      this.#setup.deliveries.quickbooks(realmId, change);
    };
  }

  protected holds(book: QuickBooksBook, mutation: QuickBooksMutation): boolean {
    if ('invoiceId' in mutation) return book.invoices.get(mutation.invoiceId) !== undefined;
    if ('paymentId' in mutation) return book.payments.get(mutation.paymentId) !== undefined;
    return book.customers.get(customerOf(mutation) ?? '') !== undefined;
  }

  protected mutate(book: QuickBooksBook, mutation: QuickBooksMutation, at: number): string {
    return mutate(book, mutation, at);
  }

  protected write(book: QuickBooksBook, op: QuickBooksWrite, at: number): Rendered {
    return write(book, op, at);
  }

  /** Intuit answers a request id it knows as it did the first time, also after a new start. */
  protected override replayed(
    realmId: string,
    op: Op<QuickBooksMutation, QuickBooksWrite>,
    answer: Rendered | null,
  ): void {
    if (!('write' in op) || op.write.requestId === null || answer === null) return;
    this.api.remember(realmId, op.write.requestId, answer);
  }

  protected customerIdOf(book: QuickBooksBook, n: number): string {
    return book.id('customer', n);
  }

  protected refusal(what: string): Error {
    return new QRefused('610', `the sandbox has no such QuickBooks ${what}`);
  }

  #makeBook(index: number): void {
    const profile: QProfile = {
      realmId: realmIdOf(this.#setup.seed, index),
      name: NAMES[index] ?? `${NAMES[0] ?? ''} ${index + 1}`,
      country: 'US',
      timeZone: TIME_ZONE,
    };
    const where = { platform: this.platform, country: 'US', baseCurrency: 'USD' } as const;
    const events = this.plan(index, profile.realmId, { ...where, timeZone: TIME_ZONE });
    this.books.set(profile.realmId, new QuickBooksBook(profile, events));
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
