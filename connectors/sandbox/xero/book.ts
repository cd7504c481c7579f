/**
 * One Xero organisation: its records, and what each happening does to them. Stamps move as Xero's do:
 * a due date changed on a part-paid invoice and a contact's balance leave UpdatedDateUTC alone.
 */
import type { Day } from '../../../src/domain/day.ts';
import type { Currency, Minor } from '../../../src/domain/money.ts';
import type { ContactPlan, Event, Happening, Terms } from '../generator/plan.ts';
import { stableUuid } from '../generator/random.ts';
import { Table } from '../table.ts';

export interface XContact {
  id: string;
  updatedAt: number;
  name: string;
  email: string | null;
  persons: ContactPlan[];
  phone: string | null;
  currency: Currency | null;
  terms: Terms | null;
  status: 'ACTIVE' | 'ARCHIVED';
  mergedInto: string | null;
  isSupplier: boolean;
  invoices: XInvoice[];
}

export type XInvoiceStatus = 'DRAFT' | 'SUBMITTED' | 'AUTHORISED' | 'PAID' | 'VOIDED' | 'DELETED';

export interface XInvoice {
  id: string;
  createdAt: number;
  updatedAt: number;
  type: 'ACCREC' | 'ACCPAY';
  number: string;
  reference: string;
  contact: XContact;
  currency: Currency;
  rate: number;
  totalMinor: Minor;
  issuedOn: Day;
  dueOn: Day;
  status: XInvoiceStatus;
  sent: boolean;
  expectedOn: Day | null;
  description: string;
  payments: XPayment[];
  allocations: { credit: XCredit; allocation: XAllocation }[];
}

export interface XPayment {
  id: string;
  updatedAt: number;
  invoice: XInvoice | null;
  credit: XCredit | null;
  amountMinor: Minor;
  on: Day;
  reference: string;
  status: 'AUTHORISED' | 'DELETED';
  rate: number;
}

interface XAllocation {
  id: string;
  invoice: XInvoice;
  amountMinor: Minor;
  on: Day;
}

export interface XCredit {
  id: string;
  updatedAt: number;
  kind: 'credit_note' | 'overpayment' | 'prepayment';
  number: string;
  reference: string;
  contact: XContact;
  currency: Currency;
  rate: number;
  totalMinor: Minor;
  issuedOn: Day;
  status: 'AUTHORISED' | 'PAID' | 'VOIDED';
  allocations: XAllocation[];
  refunds: XPayment[];
}

export interface XHistory {
  at: number;
  changes: string;
  details: string;
  id: string | null;
}

export interface XProfile {
  tenantId: string;
  name: string;
  country: string;
  baseCurrency: Currency;
  timeZone: string;
  /** Xero's own name of the zone. */
  timezoneName: string;
  shortCode: string;
}

export interface Change {
  category: 'INVOICE' | 'CONTACT' | 'CREDITNOTE' | 'PAYMENT' | 'PREPAYMENT';
  id: string;
  type: 'CREATE' | 'UPDATE';
  at: number;
}

export class XeroBook {
  readonly profile: XProfile;
  readonly contacts = new Table<XContact>();
  readonly invoices = new Table<XInvoice>();
  readonly payments = new Table<XPayment>();
  readonly creditNotes = new Table<XCredit>();
  readonly overpayments = new Table<XCredit>();
  readonly prepayments = new Table<XCredit>();
  readonly history = new Map<string, XHistory[]>();
  remindersOn = false;
  /** Told of each change once history has been played. */
  onChange: ((change: Change) => void) | null = null;
  readonly #seed: string;
  /** Newest first, so that what has happened can be dropped from the end. */
  readonly #future: Event[];
  /** The generator's records by their number; looking them up by id would cost a hash each time. */
  readonly #byNumber: { contacts: XContact[]; invoices: XInvoice[]; credits: XCredit[] } = {
    contacts: [],
    invoices: [],
    credits: [],
  };
  /** When the clock was last looked at. */
  now = 0;
  /** How many fresh numbers were given out. */
  written = 0;

  constructor(seed: string, profile: XProfile, events: Event[]) {
    this.#seed = seed;
    this.profile = profile;
    this.#future = events.reverse();
  }

  /** The generator's numbers as Xero's ids. */
  id(kind: string, n: number | string): string {
    return stableUuid(`${this.#seed}/${kind}/${n}`);
  }

  catchUp(now: number): void {
    this.now = now;
    for (;;) {
      const event = this.#future.at(-1);
      if (event === undefined || event.at > now) return;
      this.#future.pop();
      try {
        this.apply(event.what, event.at);
      } catch (error) {
        // A test or a person changed the book meanwhile: what was going to happen no longer can.
        if (!(error instanceof Refused)) throw error;
      }
    }
  }

  /** A fresh number for what is written after the book was made. */
  freshNumber(): string {
    this.written += 1;
    return `w${this.written}`;
  }

  contact(id: string): XContact {
    return found(this.contacts.get(id), `contact ${id}`);
  }

  invoice(id: string): XInvoice {
    return found(this.invoices.get(id), `invoice ${id}`);
  }

  credits(kind: XCredit['kind']): Table<XCredit> {
    if (kind === 'credit_note') return this.creditNotes;
    return kind === 'overpayment' ? this.overpayments : this.prepayments;
  }

  apply(what: Happening, at: number): void {
    switch (what.kind) {
      case 'customer':
        this.#addCustomer(what, at);
        return;
      case 'invoice':
        this.#addInvoice(what, at);
        return;
      case 'approve':
        this.#setStatus(this.#planned(what.invoice), 'AUTHORISED', at);
        return;
      case 'void':
        this.voidInvoice(this.#planned(what.invoice), at);
        return;
      case 'delete':
        this.#setStatus(this.#planned(what.invoice), 'DELETED', at);
        return;
      case 'move_due':
        this.setDue(this.#planned(what.invoice), what.dueOn, at);
        return;
      case 'expect':
        this.setExpected(this.#planned(what.invoice), what.on, at);
        return;
      case 'payment':
        this.#receive(what, at);
        return;
      case 'reverse':
        this.#reverse(what.payment, at);
        return;
      case 'credit':
        this.#addCredit(what, at);
        return;
      case 'apply':
        this.#allocate(what, at);
        return;
      case 'refund':
        this.#refund(what, at);
        return;
      case 'merge':
        this.merge(this.#customer(what.from), this.#customer(what.into), at);
        return;
      case 'archive':
        this.archive(this.#customer(what.customer), at);
        return;
      case 'email':
        this.setEmail(this.#customer(what.customer), what.email, at);
        return;
      case 'bill':
        this.#addBill(what, at);
        return;
      case 'journal':
      case 'refund_receipt':
        return;
    }
  }

  #customer(n: number): XContact {
    return found(this.#byNumber.contacts[n], `contact ${n}`);
  }

  #planned(n: number): XInvoice {
    return found(this.#byNumber.invoices[n], `invoice ${n}`);
  }

  #addCustomer({ customer }: Extract<Happening, { kind: 'customer' }>, at: number): void {
    const [currency] = customer.currencies;
    this.#byNumber.contacts[customer.n] = this.addContact(
      {
        id: this.id('contact', customer.n),
        name: customer.name,
        email: customer.email,
        persons: customer.contacts,
        phone: customer.phone,
        currency: currency === this.profile.baseCurrency ? null : (currency ?? null),
        terms: customer.terms,
        isSupplier: false,
      },
      at,
    );
  }

  addContact(
    contact: Omit<XContact, 'updatedAt' | 'status' | 'mergedInto' | 'invoices'>,
    at: number,
  ): XContact {
    const row: XContact = {
      ...contact,
      updatedAt: at,
      status: 'ACTIVE',
      mergedInto: null,
      invoices: [],
    };
    this.contacts.put(row);
    this.#say('CONTACT', row.id, 'CREATE', at);
    return row;
  }

  #addInvoice(what: Extract<Happening, { kind: 'invoice' }>, at: number): void {
    const { invoice } = what;
    this.#byNumber.invoices[invoice.n] = this.addInvoice(
      {
        id: this.id('invoice', invoice.n),
        createdAt: at,
        updatedAt: at,
        type: 'ACCREC',
        number: invoice.number,
        reference: invoice.reference ?? '',
        contact: this.#customer(invoice.customer),
        currency: invoice.currency,
        rate: this.rateOf(invoice.currency),
        totalMinor: invoice.totalMinor,
        issuedOn: invoice.issuedOn,
        dueOn: invoice.dueOn,
        status: what.draft ? 'DRAFT' : 'AUTHORISED',
        sent: !what.draft,
        expectedOn: null,
        description: invoice.description,
        payments: [],
        allocations: [],
      },
      at,
    );
  }

  #addBill(what: Extract<Happening, { kind: 'bill' }>, at: number): void {
    const supplierId = this.id('supplier', what.supplier);
    const supplier =
      this.contacts.get(supplierId) ??
      this.addContact(
        {
          ...{ id: supplierId, name: `${what.supplier} (supplier)`, email: null, persons: [] },
          ...{ phone: null, currency: null, terms: null, isSupplier: true },
        },
        at,
      );
    this.addInvoice(
      {
        id: this.id('bill', what.bill),
        createdAt: at,
        updatedAt: at,
        type: 'ACCPAY',
        number: `B${7000 + what.bill}`,
        reference: '',
        contact: supplier,
        currency: this.profile.baseCurrency,
        rate: 1,
        totalMinor: what.amountMinor,
        issuedOn: what.on,
        dueOn: what.dueOn,
        status: 'AUTHORISED',
        sent: false,
        expectedOn: null,
        description: 'Supplies',
        payments: [],
        allocations: [],
      },
      at,
    );
  }

  addInvoice(row: XInvoice, at: number): XInvoice {
    this.invoices.put(row);
    row.contact.invoices.push(row);
    // IsCustomer turns true without a new stamp; lists that filter by it must notice.
    if (row.contact.invoices.length === 1) {
      this.contacts.touch(row.contact, row.contact.updatedAt);
    }
    this.#say('INVOICE', row.id, 'CREATE', at);
    return row;
  }

  #receive(what: Extract<Happening, { kind: 'payment' }>, at: number): void {
    for (const [index, part] of what.applied.entries()) {
      const id = this.id('payment', `${what.payment}.${index}`);
      const invoice = this.#planned(part.invoice);
      const amountMinor = Math.min(part.amountMinor, dueOf(invoice));
      if (invoice.status !== 'AUTHORISED' || amountMinor <= 0) continue;
      this.pay(invoice, amountMinor, what.on, what.reference, at, id);
    }
    if (what.credit === null) return;
    const first = what.applied[0]?.invoice;
    this.#byNumber.credits[what.credit] = this.addCredit(
      {
        id: this.id('credit', what.credit),
        kind: 'overpayment',
        number: '',
        reference: what.reference,
        contact: first === undefined ? this.#customer(what.customer) : this.#planned(first).contact,
        currency: what.currency,
        rate: this.rateOf(what.currency),
        totalMinor: what.excessMinor,
        issuedOn: what.on,
      },
      at,
    );
  }

  /** At Xero a payment settles one document. */
  pay(
    invoice: XInvoice,
    amountMinor: Minor,
    on: Day,
    reference: string,
    at: number,
    id: string = this.id('payment', this.freshNumber()),
  ): XPayment {
    if (invoice.status !== 'AUTHORISED')
      throw new Refused(`${invoice.number} is ${invoice.status}`);
    if (amountMinor > dueOf(invoice)) throw new Refused(`${invoice.number} is owed less than that`);
    const payment: XPayment = {
      id,
      updatedAt: at,
      invoice,
      credit: null,
      amountMinor,
      on,
      reference,
      status: 'AUTHORISED',
      rate: invoice.rate,
    };
    invoice.payments = [...invoice.payments, payment];
    this.payments.put(payment);
    this.#say('PAYMENT', id, 'CREATE', at);
    this.#settled(invoice, at);
    return payment;
  }

  #reverse(n: number, at: number): void {
    for (let part = 0; ; part += 1) {
      const payment = this.payments.get(this.id('payment', `${n}.${part}`));
      if (payment === undefined) return;
      this.deletePayment(payment, at);
    }
  }

  /** A payment is never changed, only reversed; the invoice is open again. */
  deletePayment(payment: XPayment, at: number): void {
    payment.status = 'DELETED';
    this.payments.touch(payment, at);
    this.#say('PAYMENT', payment.id, 'UPDATE', at);
    if (payment.invoice !== null) this.#settled(payment.invoice, at);
    if (payment.credit !== null) this.#used(payment.credit, at);
  }

  #settled(invoice: XInvoice, at: number): void {
    if (invoice.status === 'AUTHORISED' || invoice.status === 'PAID') {
      invoice.status =
        invoice.totalMinor === paidOf(invoice) + creditedOf(invoice) ? 'PAID' : 'AUTHORISED';
    }
    this.invoices.touch(invoice, at);
    this.#say('INVOICE', invoice.id, 'UPDATE', at);
  }

  #addCredit(what: Extract<Happening, { kind: 'credit' }>, at: number): void {
    this.#byNumber.credits[what.credit] = this.addCredit(
      {
        id: this.id('credit', what.credit),
        kind: what.of,
        number: what.of === 'credit_note' ? what.number : '',
        reference: what.of === 'prepayment' ? what.number : '',
        contact: this.#customer(what.customer),
        currency: what.currency,
        rate: this.rateOf(what.currency),
        totalMinor: what.amountMinor,
        issuedOn: what.on,
      },
      at,
    );
  }

  addCredit(
    credit: Omit<XCredit, 'updatedAt' | 'status' | 'allocations' | 'refunds'>,
    at: number,
  ): XCredit {
    const row: XCredit = {
      ...credit,
      updatedAt: at,
      status: 'AUTHORISED',
      allocations: [],
      refunds: [],
    };
    this.credits(row.kind).put(row);
    if (row.kind === 'credit_note') this.#say('CREDITNOTE', row.id, 'CREATE', at);
    if (row.kind === 'prepayment') this.#say('PREPAYMENT', row.id, 'CREATE', at);
    return row;
  }

  #credit(n: number): XCredit {
    return found(this.#byNumber.credits[n], `credit ${n}`);
  }

  #allocate(what: Extract<Happening, { kind: 'apply' }>, at: number): void {
    const credit = this.#credit(what.credit);
    const invoice = this.#planned(what.invoice);
    // A draft takes no allocation: the bookkeeper approves it first.
    if (invoice.status === 'DRAFT') this.#setStatus(invoice, 'AUTHORISED', at);
    const id = this.id('allocation', what.payment);
    const amountMinor = Math.min(what.amountMinor, dueOf(invoice), remainingOf(credit));
    if (invoice.status !== 'AUTHORISED' || amountMinor <= 0) return;
    this.allocate(credit, invoice, amountMinor, at, id);
  }

  allocate(
    credit: XCredit,
    invoice: XInvoice,
    amountMinor: Minor,
    at: number,
    id: string = this.id('allocation', this.freshNumber()),
  ): void {
    // Xero dates an allocation by the later of the two documents, whenever it was made.
    const on = credit.issuedOn > invoice.issuedOn ? credit.issuedOn : invoice.issuedOn;
    const allocation: XAllocation = { id, invoice, amountMinor, on };
    credit.allocations = [...credit.allocations, allocation];
    invoice.allocations = [...invoice.allocations, { credit, allocation }];
    this.#used(credit, at);
    this.#settled(invoice, at);
  }

  #refund(what: Extract<Happening, { kind: 'refund' }>, at: number): void {
    const credit = this.#credit(what.credit);
    const payment: XPayment = {
      id: this.id('payment', `${what.payment}.0`),
      updatedAt: at,
      invoice: null,
      credit,
      amountMinor: what.amountMinor,
      on: what.on,
      reference: 'Refund',
      status: 'AUTHORISED',
      rate: credit.rate,
    };
    credit.refunds.push(payment);
    this.payments.put(payment);
    this.#used(credit, at);
  }

  #used(credit: XCredit, at: number): void {
    if (credit.status !== 'VOIDED') {
      credit.status = remainingOf(credit) === 0 ? 'PAID' : 'AUTHORISED';
    }
    this.credits(credit.kind).touch(credit, at);
    if (credit.kind === 'credit_note') this.#say('CREDITNOTE', credit.id, 'UPDATE', at);
    if (credit.kind === 'prepayment') this.#say('PREPAYMENT', credit.id, 'UPDATE', at);
  }

  #setStatus(invoice: XInvoice, status: XInvoiceStatus, at: number): void {
    if (invoice.status === status || (status === 'AUTHORISED' && invoice.status !== 'DRAFT'))
      return;
    invoice.status = status;
    if (status === 'AUTHORISED') {
      invoice.sent = true;
      this.note(invoice.id, 'Approved', `Approved for ${invoice.contact.name}`, at);
    }
    this.invoices.touch(invoice, at);
    this.#say('INVOICE', invoice.id, 'UPDATE', at);
  }

  /** Xero refuses while payments or credits stand against it. */
  voidInvoice(invoice: XInvoice, at: number): void {
    if (invoice.payments.some(isLive) || invoice.allocations.length > 0) {
      throw new Refused(`${invoice.number} has payments or credits: remove them first`);
    }
    this.#setStatus(invoice, 'VOIDED', at);
  }

  deleteInvoice(invoice: XInvoice, at: number): void {
    if (invoice.status !== 'DRAFT' && invoice.status !== 'SUBMITTED') {
      throw new Refused(`${invoice.number} is ${invoice.status}: only drafts can be deleted`);
    }
    this.#setStatus(invoice, 'DELETED', at);
  }

  setDue(invoice: XInvoice, dueOn: Day, at: number): void {
    invoice.dueOn = dueOn;
    this.#editedWithoutJournal(invoice, at);
  }

  setExpected(invoice: XInvoice, on: Day | null, at: number): void {
    invoice.expectedOn = on;
    this.#editedWithoutJournal(invoice, at);
  }

  setSent(invoice: XInvoice, sent: boolean, at: number): void {
    invoice.sent = sent;
    this.#editedWithoutJournal(invoice, at);
  }

  /** "changes to partially paid transactions which don't generate a journal" leave no trace in the stamp. */
  #editedWithoutJournal(invoice: XInvoice, at: number): void {
    if (invoice.payments.some(isLive) || invoice.allocations.length > 0) return;
    this.invoices.touch(invoice, at);
    this.#say('INVOICE', invoice.id, 'UPDATE', at);
  }

  /**
   * The loser is archived and points at the winner. Whether Xero stamps the documents that move is not
   * written anywhere; leaving their stamps alone is the harder case for whoever reads the feed.
   */
  merge(from: XContact, into: XContact, at: number): void {
    from.status = 'ARCHIVED';
    from.mergedInto = into.id;
    for (const invoice of from.invoices) {
      invoice.contact = into;
      into.invoices.push(invoice);
      this.invoices.touch(invoice, invoice.updatedAt);
    }
    from.invoices = [];
    for (const kind of ['credit_note', 'overpayment', 'prepayment'] as const) {
      for (const credit of this.credits(kind).values()) {
        if (credit.contact === from) {
          credit.contact = into;
          this.credits(kind).touch(credit, credit.updatedAt);
        }
      }
    }
    this.#contactChanged(from, at);
    this.#contactChanged(into, at);
  }

  archive(contact: XContact, at: number): void {
    contact.status = 'ARCHIVED';
    this.#contactChanged(contact, at);
  }

  setEmail(contact: XContact, email: string | null, at: number): void {
    contact.email = email;
    this.#contactChanged(contact, at);
  }

  #contactChanged(contact: XContact, at: number): void {
    this.contacts.touch(contact, at);
    this.#say('CONTACT', contact.id, 'UPDATE', at);
  }

  note(
    target: string,
    changes: string,
    details: string,
    at: number,
    id: string | null = null,
  ): void {
    const records = this.history.get(target) ?? [];
    records.push({ at, changes, details, id });
    this.history.set(target, records);
  }

  /** What History shows of a record, oldest first. */
  historyOf(target: string): readonly XHistory[] {
    const written = this.history.get(target) ?? [];
    const invoice = this.invoices.get(target);
    if (invoice === undefined) return written;
    const details = `INV ${invoice.number} to ${invoice.contact.name}`;
    return [{ at: invoice.createdAt, changes: 'Created', details, id: null }, ...written];
  }

  /** Foreign units for one unit of the base currency. */
  rateOf(currency: Currency): number {
    if (currency === this.profile.baseCurrency) return 1;
    return RATES[`${this.profile.baseCurrency}/${currency}`] ?? 1;
  }

  #say(category: Change['category'], id: string, type: Change['type'], at: number): void {
    this.onChange?.({ category, id, type, at });
  }
}

const RATES: Readonly<Record<string, number>> = {
  'NZD/AUD': 0.910512,
  'NZD/USD': 0.589733,
  'AUD/NZD': 1.098283,
  'AUD/USD': 0.647694,
};

export function isLive(payment: XPayment): boolean {
  return payment.status === 'AUTHORISED';
}

export function paidOf(invoice: Pick<XInvoice, 'payments'>): Minor {
  return invoice.payments.reduce((sum, one) => sum + (isLive(one) ? one.amountMinor : 0), 0);
}

export function creditedOf(invoice: Pick<XInvoice, 'allocations'>): Minor {
  return invoice.allocations.reduce((sum, one) => sum + one.allocation.amountMinor, 0);
}

/** VOIDED and DELETED keep their total and owe nothing; the rest owe total less payments less credits. */
export function dueOf(
  invoice: Pick<XInvoice, 'status' | 'totalMinor' | 'payments' | 'allocations'>,
): Minor {
  if (invoice.status === 'VOIDED' || invoice.status === 'DELETED') return 0;
  return invoice.totalMinor - paidOf(invoice) - creditedOf(invoice);
}

export function remainingOf(credit: XCredit): Minor {
  if (credit.status === 'VOIDED') return 0;
  const allocated = credit.allocations.reduce((sum, one) => sum + one.amountMinor, 0);
  const refunded = credit.refunds.reduce(
    (sum, one) => sum + (isLive(one) ? one.amountMinor : 0),
    0,
  );
  return credit.totalMinor - allocated - refunded;
}

/** The books do not allow it. */
export class Refused extends Error {}

function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Refused(`the sandbox has no ${what}`);
  return value;
}
