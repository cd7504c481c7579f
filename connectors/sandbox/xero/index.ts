/** The Xero stand-in: its organisations, its servers, and the handles tests hold it by. */
import type { Day } from '../../../src/domain/day.ts';
import type { Minor } from '../../../src/domain/money.ts';
import { stableUuid } from '../generator/random.ts';
import { header, type Reply, type SandboxRequest } from '../http.ts';
import {
  type CommonMutation,
  customerOf,
  type NewInvoice,
  type SandboxNote,
  StandIn,
  type StandInSetup,
} from '../stand-in.ts';
import { tooMany, XeroApi, type XeroWrite } from './api.ts';
import { dueOf, Refused, XeroBook, type XInvoice, type XProfile } from './book.ts';
import { XeroIdentity } from './oauth.ts';

type XeroMutation =
  | CommonMutation
  | { kind: 'pay'; invoiceId: string; amountMinor: Minor; on: Day }
  | { kind: 'credit'; customerId: string; amountMinor: Minor; on: Day; currency: string }
  | { kind: 'apply'; creditId: string; invoiceId: string; amountMinor: Minor }
  | { kind: 'reminders'; on: boolean };

export interface XeroSetup extends StandInSetup {
  dayLimit: number;
  historyMaxChars: number;
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

export class XeroSandbox extends StandIn<XeroBook, XeroMutation, XeroWrite, null> {
  protected readonly platform = 'xero';
  protected readonly identity: XeroIdentity;
  protected readonly api: XeroApi;
  readonly #setup: XeroSetup;

  constructor(setup: XeroSetup) {
    super(setup);
    this.#setup = setup;
    for (let index = 0; index < setup.books; index += 1) this.#makeBook(index);
    const tenants = [...this.books.values()].map((book) => ({
      id: book.profile.tenantId,
      name: book.profile.name,
    }));
    this.identity = new XeroIdentity(setup.now, tenants, (snapshot) => {
      setup.journal('xero/identity', snapshot);
    });
    this.api = new XeroApi({
      now: setup.now,
      books: this.books,
      identity: this.identity,
      enforceLimits: setup.enforceLimits,
      latencyMs: setup.latencyMs,
      dayLimit: setup.dayLimit,
      historyMaxChars: setup.historyMaxChars,
      base: () => this.url,
      write: (tenantId, op) => {
        this.perform(tenantId, { write: op });
      },
    });
  }

  override async listen(port: number): Promise<void> {
    await super.listen(port);
    this.identity.base = this.url;
  }

  handle(request: SandboxRequest): Reply | Promise<Reply> {
    return this.identity.handle(request) ?? this.api.handle(request);
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

  // What the books hold, for tests to choose from and compare with.

  /** Notes that were written through the API, oldest first. */
  notes(bookId?: string): SandboxNote[] {
    const books = bookId === undefined ? [...this.books.values()] : [this.book(bookId)];
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

  async payInvoice(id: string, amountMinor: Minor, on: Day): Promise<string> {
    await this.change({ kind: 'pay', invoiceId: id, amountMinor, on });
    return this.lastId;
  }

  async addCredit(
    customerId: string,
    amountMinor: Minor,
    on: Day,
    currency = this.book().profile.baseCurrency,
  ): Promise<string> {
    await this.change({ kind: 'credit', customerId, amountMinor, on, currency });
    return this.lastId;
  }

  applyCredit(creditId: string, invoiceId: string, amountMinor: Minor): Promise<void> {
    return this.change({ kind: 'apply', creditId, invoiceId, amountMinor });
  }

  setReminders(on: boolean): Promise<void> {
    return this.change({ kind: 'reminders', on });
  }

  protected announce(tenantId: string, book: XeroBook): void {
    book.onChange = (change) => {
      this.#setup.deliveries.xero(this.url, tenantId, change);
    };
  }

  protected holds(book: XeroBook, mutation: XeroMutation): boolean {
    if ('invoiceId' in mutation) return book.invoices.get(mutation.invoiceId) !== undefined;
    if ('paymentId' in mutation) return book.payments.get(mutation.paymentId) !== undefined;
    const contactId = customerOf(mutation);
    return contactId === null || book.contacts.get(contactId) !== undefined;
  }

  protected mutate(book: XeroBook, mutation: XeroMutation, at: number): string {
    return mutate(book, mutation, at);
  }

  protected write(book: XeroBook, op: XeroWrite, at: number): null {
    write(book, op, at);
    return null;
  }

  protected customerIdOf(book: XeroBook, n: number): string {
    return book.id('contact', n);
  }

  protected refusal(what: string): Error {
    return new Refused(`the sandbox has no such Xero ${what}`);
  }

  #makeBook(index: number): void {
    const { seed } = this.#setup;
    const profile = PROFILES[index % PROFILES.length] ?? PROFILES[0];
    if (profile === undefined) return;
    const { country, baseCurrency, timeZone } = profile;
    const tenantId = stableUuid(`xero/${seed}/${index}`);
    const where = { platform: this.platform, country, baseCurrency, timeZone } as const;
    const events = this.plan(index, tenantId, where);
    const name = index < PROFILES.length ? profile.name : `${profile.name} ${index + 1}`;
    const full = { ...profile, name, tenantId, shortCode: `!s${index}${tenantId.slice(0, 4)}` };
    this.books.set(tenantId, new XeroBook(`xero/${seed}/${index}`, full, events));
  }
}

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
