/**
 * What the stand-ins of both vendors are: a server, the books behind it, and the handles tests hold them
 * by. What is done to a book goes into the journal, so that a later start plays it again.
 */
import type { Day } from '../../src/domain/day.ts';
import type { Minor } from '../../src/domain/money.ts';
import type { Platform } from '../../src/domain/receivables.ts';
import { Faults } from './faults.ts';
import { generateBook } from './generator/index.ts';
import type { CustomerPlan, Event, GeneratedTruth } from './generator/plan.ts';
import { type CallLog, Listener, type Reply, type SandboxRequest, type Vendor } from './http.ts';
import type { Deliveries } from './webhooks.ts';

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

export interface StandInSetup {
  now: () => number;
  seed: number;
  invoices: number;
  books: number;
  bornOn: (timeZone: string) => Day;
  futureDays: (invoices: number) => number;
  openShare: number | null;
  enforceLimits: boolean;
  latencyMs: number;
  journal: (scope: string, op: unknown) => void;
  deliveries: Deliveries;
}

/** What other people do in a book meanwhile, at either vendor. */
export type CommonMutation =
  | { kind: 'void' | 'delete'; invoiceId: string }
  | { kind: 'due'; invoiceId: string; dueOn: Day }
  | { kind: 'merge'; fromId: string; intoId: string }
  | { kind: 'archive'; customerId: string }
  | { kind: 'email'; customerId: string; email: string | null }
  | { kind: 'add'; invoice: NewInvoice }
  | { kind: 'unpay'; paymentId: string };

/** `fresh`: how far ids had been given out, so that a replay gives the same ones. */
export type Op<Mutation, Write> = ({ write: Write } | { mutation: Mutation }) & { fresh?: number };

interface StandInBook {
  readonly profile: { timeZone: string };
  /** How many fresh ids were given out. */
  written: number;
  catchUp(now: number): void;
}

interface Identity {
  expireAccess(): void;
  revokeAll(): void;
  restore(snapshot: unknown): void;
}

/** `Mutation` is all that people can do to a book, `Write` what the API does, `Answer` what the API says to it. */
export abstract class StandIn<
  Book extends StandInBook,
  Mutation extends { kind: string },
  Write,
  Answer,
> implements Vendor {
  readonly faults = new Faults();
  protected abstract readonly platform: Platform;
  protected abstract readonly identity: Identity;
  protected abstract readonly api: { forgetLimits(): void };
  protected readonly books = new Map<string, Book>();
  /** Of what was brought about last: the id of what came into being, or of what was changed. */
  protected lastId = '';
  readonly #setup: StandInSetup;
  readonly #customers = new Map<string, CustomerPlan[]>();
  readonly #listener: Listener;
  #base = '';

  constructor(setup: StandInSetup) {
    this.#setup = setup;
    this.#listener = new Listener(this, this.faults, setup.now);
  }

  abstract handle(request: SandboxRequest): Reply | Promise<Reply>;
  abstract resourceOf(request: SandboxRequest): string;
  abstract bookOf(request: SandboxRequest): string | null;
  abstract rateReply(retryAfterSeconds: number): Reply;
  abstract faultBody(): string;

  /** From here on changes of this book are announced. */
  protected abstract announce(bookId: string, book: Book): void;
  protected abstract mutate(book: Book, mutation: Mutation | CommonMutation, at: number): string;
  protected abstract write(book: Book, write: Write, at: number): Answer;
  /** Whether the record that a mutation is about is in this book. */
  protected abstract holds(book: Book, mutation: Mutation | CommonMutation): boolean;
  protected abstract customerIdOf(book: Book, n: number): string;
  protected abstract refusal(what: string): Error;

  /** Loopback address, without a slash at the end. */
  get url(): string {
    return this.#base;
  }

  get calls(): CallLog {
    return this.#listener.calls;
  }

  /** The vendor's own ids of the books, the main one first. */
  get externalIds(): string[] {
    return [...this.books.keys()];
  }

  async listen(port: number): Promise<void> {
    this.#base = await this.#listener.listen(port);
  }

  close(): Promise<void> {
    return this.#listener.close();
  }

  /** Plays history up to now; from here on changes are announced. */
  open(): void {
    for (const [bookId, book] of this.books) {
      book.catchUp(this.#setup.now());
      this.announce(bookId, book);
    }
  }

  /** What an earlier run wrote, in its order. */
  replay(scope: string, op: unknown, at: number): void {
    const bookId = scope.slice(this.platform.length + 1);
    if (bookId === 'identity') {
      this.identity.restore(op);
      return;
    }
    const known = op as Op<Mutation, Write>;
    this.replayed(bookId, known, this.#apply(bookId, known, at));
  }

  /** Told of what was played again, and of what the API had said to it. */
  protected replayed(_bookId: string, _op: Op<Mutation, Write>, _answer: Answer | null): void {}

  /** Every access token is stale from now on; refreshing still works. */
  expireAccess(): void {
    this.identity.expireAccess();
  }

  /** The user removed the app: nothing it holds is good any more. */
  revokeAll(): void {
    this.identity.revokeAll();
  }

  forgetLimits(): void {
    this.api.forgetLimits();
  }

  book(bookId?: string): Book {
    const book = this.books.get(bookId ?? this.externalIds[0] ?? '');
    if (book === undefined) throw this.refusal('book');
    book.catchUp(this.#setup.now());
    return book;
  }

  /** As the generator meant it: an oracle for tests, never for the product. */
  truth(bookId: string = this.externalIds[0] ?? ''): GeneratedTruth {
    const book = this.book(bookId);
    return {
      seed: this.#setup.seed,
      bornOn: this.#setup.bornOn(book.profile.timeZone),
      customers: (this.#customers.get(bookId) ?? []).map((customer) => ({
        n: customer.n,
        externalId: this.customerIdOf(book, customer.n),
        name: customer.name,
        behaviour: customer.behaviour,
        terms: customer.terms,
        medianMinor: customer.medianMinor,
        currencies: customer.currencies,
      })),
    };
  }

  // What other people do in the books meanwhile. Each resolves once the webhook was delivered, if any.

  voidInvoice(id: string): Promise<void> {
    return this.change({ kind: 'void', invoiceId: id });
  }

  deleteInvoice(id: string): Promise<void> {
    return this.change({ kind: 'delete', invoiceId: id });
  }

  editDueDate(id: string, dueOn: Day): Promise<void> {
    return this.change({ kind: 'due', invoiceId: id, dueOn });
  }

  mergeCustomers(fromId: string, intoId: string): Promise<void> {
    return this.change({ kind: 'merge', fromId, intoId });
  }

  archiveCustomer(id: string): Promise<void> {
    return this.change({ kind: 'archive', customerId: id });
  }

  setCustomerEmail(id: string, email: string | null): Promise<void> {
    return this.change({ kind: 'email', customerId: id, email });
  }

  async addInvoice(invoice: NewInvoice): Promise<string> {
    await this.change({ kind: 'add', invoice });
    return this.lastId;
  }

  deletePayment(id: string): Promise<void> {
    return this.change({ kind: 'unpay', paymentId: id });
  }

  /** Lets what the clock has reached happen, and delivers what is to be told. */
  async tick(): Promise<void> {
    for (const book of this.books.values()) book.catchUp(this.#setup.now());
    await this.#setup.deliveries.flush();
  }

  protected async change(mutation: Mutation | CommonMutation): Promise<void> {
    this.perform(this.#whereIs(mutation), { mutation: mutation as Mutation });
    await this.#setup.deliveries.flush();
  }

  /** Ids may repeat from book to book: the first that has the record is meant. */
  #whereIs(mutation: Mutation | CommonMutation): string {
    for (const [bookId, book] of this.books) {
      book.catchUp(this.#setup.now());
      if (this.holds(book, mutation)) return bookId;
    }
    throw this.refusal('record');
  }

  protected perform(bookId: string, op: Op<Mutation, Write>): Answer | null {
    const fresh = this.books.get(bookId)?.written ?? 0;
    const answer = this.#apply(bookId, op, this.#setup.now());
    this.#setup.journal(`${this.platform}/${bookId}`, { ...op, fresh });
    return answer;
  }

  #apply(bookId: string, op: Op<Mutation, Write>, at: number): Answer | null {
    const book = this.books.get(bookId);
    if (book === undefined) return null;
    book.catchUp(at);
    book.written = op.fresh ?? book.written;
    if ('write' in op) return this.write(book, op.write, at);
    this.lastId = this.mutate(book, op.mutation, at);
    return null;
  }

  /** What is going to happen in the book of this number: the first is the main one, the others are a quarter of it. */
  protected plan(
    index: number,
    bookId: string,
    where: { platform: Platform; country: string; baseCurrency: string; timeZone: string },
  ): Event[] {
    const { seed, invoices, bornOn, futureDays, openShare } = this.#setup;
    const count = index === 0 ? invoices : Math.max(50, Math.round(invoices / 4));
    const { events, customers } = generateBook({
      ...where,
      seed,
      index,
      invoices: count,
      bornOn: bornOn(where.timeZone),
      futureDays: futureDays(count),
      openShare,
    });
    this.#customers.set(bookId, customers);
    return events;
  }
}

/** Whom a mutation is about that names no invoice and no payment; null: the book itself. */
export function customerOf(
  mutation: CommonMutation | { kind: string; customerId?: string },
): string | null {
  if ('fromId' in mutation) return mutation.fromId;
  if ('invoice' in mutation) return mutation.invoice.customerId;
  return 'customerId' in mutation ? (mutation.customerId ?? null) : null;
}
