/**
 * One QuickBooks company: its records, and what each happening does to them. A payment or credit that
 * touches an invoice moves that invoice's LastUpdatedTime, and its customer's, but no SyncToken: those
 * count edits of the record itself (recorded answers show customers like that).
 */
import type { Day } from '../../../src/domain/day.ts';
import type { Minor } from '../../../src/domain/money.ts';
import type { Event, Happening, Terms } from '../generator/plan.ts';
import { type Row, Table } from '../table.ts';

export interface QRecord extends Row {
  syncToken: number;
  createdAt: number;
}

export interface QCustomer extends QRecord {
  name: string;
  email: string | null;
  phone: string | null;
  active: boolean;
  parent: QCustomer | null;
  billWithParent: boolean;
  termId: string | null;
  notes: string;
  /** Kept current with every change of what it is made of. */
  balanceMinor: Minor;
}

export interface QInvoice extends QRecord {
  number: string;
  customer: QCustomer;
  totalMinor: Minor;
  issuedOn: Day;
  /** Imported rows may lack it. */
  dueOn: Day | null;
  email: string | null;
  emailed: boolean;
  description: string;
  privateNote: string;
  memo: string;
  voided: boolean;
  links: { payment: QPayment; amountMinor: Minor }[];
}

export interface QLine {
  amountMinor: Minor;
  to:
    | { type: 'Invoice'; record: QInvoice }
    | { type: 'CreditMemo'; record: QCreditMemo }
    | { type: 'JournalEntry'; record: QJournal };
}

export interface QPayment extends QRecord {
  customer: QCustomer;
  totalMinor: Minor;
  unappliedMinor: Minor;
  on: Day;
  reference: string;
  lines: QLine[];
  privateNote: string;
}

export interface QCreditMemo extends QRecord {
  number: string;
  customer: QCustomer;
  totalMinor: Minor;
  remainingMinor: Minor;
  issuedOn: Day;
  privateNote: string;
}

export interface QJournal extends QRecord {
  number: string;
  on: Day;
  customer: QCustomer;
  posting: 'Debit' | 'Credit';
  amountMinor: Minor;
}

export interface QRefundReceipt extends QRecord {
  number: string;
  customer: QCustomer;
  on: Day;
  amountMinor: Minor;
}

export interface QTerm extends QRecord {
  name: string;
  terms: Terms;
}

export interface QAttachable extends QRecord {
  entityType: string;
  entityId: string;
  note: string;
  fileName: string | null;
}

export type EntityName =
  | 'Customer'
  | 'Invoice'
  | 'Payment'
  | 'CreditMemo'
  | 'JournalEntry'
  | 'RefundReceipt'
  | 'Term'
  | 'Attachable';

export interface Tombstone {
  entity: EntityName;
  id: string;
  at: number;
}

export interface QProfile {
  realmId: string;
  name: string;
  country: string;
  timeZone: string;
}

export interface QChange {
  entity: EntityName;
  id: string;
  operation: 'Create' | 'Update' | 'Delete' | 'Void' | 'Merge' | 'Emailed';
  at: number;
}

/** The books do not allow it; `code` as Intuit numbers it. */
export class QRefused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const TERMS: readonly { name: string; terms: Terms }[] = [
  { name: 'Net 7', terms: { kind: 'days', days: 7 } },
  { name: 'Net 14', terms: { kind: 'days', days: 14 } },
  { name: 'Net 30', terms: { kind: 'days', days: 30 } },
  { name: '20th of next month', terms: { kind: 'following_month', dayOfMonth: 20 } },
];

/** Records the generator numbers; `unapplied` are payments that hold money beyond what they paid. */
type Numbered =
  'customer' | 'invoice' | 'payment' | 'credit' | 'prepayment' | 'journal' | 'refund' | 'unapplied';

export class QuickBooksBook {
  readonly profile: QProfile;
  readonly customers = new Table<QCustomer>();
  readonly invoices = new Table<QInvoice>();
  readonly payments = new Table<QPayment>();
  readonly creditMemos = new Table<QCreditMemo>();
  readonly journals = new Table<QJournal>();
  readonly refundReceipts = new Table<QRefundReceipt>();
  readonly terms = new Table<QTerm>();
  readonly attachables = new Table<QAttachable>();
  readonly tombstones: Tombstone[] = [];
  /** Invoices whose stored email breaks every query that would show them. */
  readonly poisoned = new Set<string>();
  now = 0;
  /** How many fresh ids were given out. */
  written = 0;
  onChange: ((change: QChange) => void) | null = null;
  /** Newest first, so that what has happened can be dropped from the end. */
  readonly #future: Event[];
  #happened = 0;
  readonly #children = new Map<QCustomer, QCustomer[]>();
  /** The generator's numbers as ids. */
  readonly #ids: Record<Numbered, string[]> = {
    ...{ customer: [], invoice: [], payment: [], credit: [], prepayment: [] },
    ...{ journal: [], refund: [], unapplied: [] },
  };

  constructor(profile: QProfile, events: Event[]) {
    this.profile = profile;
    const [first] = events;
    this.#future = events.reverse();
    for (const [index, { name, terms }] of TERMS.entries()) {
      const at = first?.at ?? 0;
      this.terms.put({ ...record(String(index + 1), at), name, terms });
    }
  }

  /** The id of the generator's n-th record of a kind; empty while it does not exist yet. */
  id(kind: Numbered, n: number): string {
    return this.#ids[kind][n] ?? '';
  }

  /** Ids count up with the order of things, customers and transactions apart, as the company's own do. */
  #newId(kind: Numbered, n: number): string {
    const id = kind === 'customer' ? String(n + 1) : String(100 + this.#happened);
    this.#ids[kind][n] = id;
    return id;
  }

  freshId(): string {
    this.written += 1;
    return String(9_000_000 + this.written);
  }

  catchUp(now: number): void {
    this.now = now;
    for (;;) {
      const event = this.#future.at(-1);
      if (event === undefined || event.at > now) return;
      this.#future.pop();
      this.#happened += 1;
      try {
        this.apply(event.what, event.at);
      } catch (error) {
        // A test or a person changed the book meanwhile: what was going to happen no longer can.
        if (!(error instanceof QRefused)) throw error;
      }
    }
  }

  customer(id: string): QCustomer {
    return found(this.customers.get(id));
  }

  invoice(id: string): QInvoice {
    return found(this.invoices.get(id));
  }

  childrenOf(customer: QCustomer): readonly QCustomer[] {
    return this.#children.get(customer) ?? [];
  }

  apply(what: Happening, at: number): void {
    switch (what.kind) {
      case 'customer':
        this.#addCustomer(what, at);
        return;
      case 'invoice':
        this.#addInvoice(what, at);
        return;
      case 'void':
        this.voidInvoice(this.#planned(what.invoice), at);
        return;
      case 'delete':
        this.deleteInvoice(this.#planned(what.invoice), at);
        return;
      case 'move_due':
        this.edit(this.invoices, 'Invoice', this.#planned(what.invoice), at, (invoice) => {
          invoice.dueOn = what.dueOn;
        });
        return;
      case 'payment':
        this.#receive(what, at);
        return;
      case 'reverse':
        this.deletePayment(found(this.payments.get(this.id('payment', what.payment))), at);
        return;
      case 'credit':
        this.#addCredit(what, at);
        return;
      case 'apply':
        this.#applyCredit(what, at);
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
      case 'journal':
        this.#addJournal(what, at);
        return;
      case 'refund_receipt':
        this.#addRefundReceipt(what, at);
        return;
      // QuickBooks has no drafts, no expected dates and keeps purchases in lists of their own.
      case 'approve':
      case 'expect':
      case 'refund':
      case 'bill':
        return;
    }
  }

  #customer(n: number): QCustomer {
    return this.customer(this.id('customer', n));
  }

  #planned(n: number): QInvoice {
    return this.invoice(this.id('invoice', n));
  }

  #addCustomer({ customer }: Extract<Happening, { kind: 'customer' }>, at: number): void {
    const term = TERMS.findIndex(
      ({ terms }) => JSON.stringify(terms) === JSON.stringify(customer.terms),
    );
    this.addCustomer(
      {
        ...record(this.#newId('customer', customer.n), at),
        name: customer.name,
        email: customer.email,
        phone: customer.phone,
        parent: customer.parent === null ? null : this.#customer(customer.parent),
        billWithParent: customer.billWithParent,
        termId: term === -1 ? null : String(term + 1),
      },
      at,
    );
  }

  addCustomer(
    customer: Omit<QCustomer, 'active' | 'notes' | 'balanceMinor'>,
    at: number,
  ): QCustomer {
    const row = { ...customer, active: true, notes: '', balanceMinor: 0 };
    this.customers.put(row);
    if (row.parent !== null) {
      this.#children.set(row.parent, [...this.childrenOf(row.parent), row]);
    }
    this.#say('Customer', row.id, 'Create', at);
    return row;
  }

  #addInvoice({ invoice }: Extract<Happening, { kind: 'invoice' }>, at: number): void {
    const customer = this.#customer(invoice.customer);
    // Written out in full: copying from object to object is what takes the time in a large book.
    this.addInvoice(
      {
        id: this.#newId('invoice', invoice.n),
        syncToken: 0,
        createdAt: at,
        updatedAt: at,
        // A few rows came from an import: without a number, or without a due date.
        number: invoice.n % 211 === 17 ? '' : invoice.number,
        customer,
        totalMinor: invoice.totalMinor,
        issuedOn: invoice.issuedOn,
        dueOn: invoice.n % 197 === 11 ? null : invoice.dueOn,
        email: firstAddress(customer.email ?? customer.parent?.email ?? null),
        emailed: invoice.n % 5 !== 0,
        description: invoice.description,
        memo: invoice.reference ?? '',
        privateNote: '',
        voided: false,
        links: [],
      },
      at,
    );
  }

  addInvoice(row: QInvoice, at: number): QInvoice {
    this.invoices.put(row);
    this.#owes(row.customer, row.totalMinor, at);
    this.#say('Invoice', row.id, 'Create', at);
    return row;
  }

  #receive(what: Extract<Happening, { kind: 'payment' }>, at: number): void {
    const lines: QLine[] = [];
    let applied = 0;
    for (const part of what.applied) {
      const invoice = this.invoices.get(this.id('invoice', part.invoice));
      const amountMinor = Math.min(part.amountMinor, invoice === undefined ? 0 : openOf(invoice));
      if (invoice === undefined || amountMinor <= 0) continue;
      applied += amountMinor;
      lines.push({ amountMinor, to: { type: 'Invoice', record: invoice } });
    }
    if (applied + what.excessMinor === 0) return;
    const first = lines[0]?.to.record;
    const payment = this.addPayment(
      {
        id: this.#newId('payment', what.payment),
        syncToken: 0,
        createdAt: at,
        updatedAt: at,
        customer: first?.customer ?? this.#customer(what.customer),
        totalMinor: applied + what.excessMinor,
        on: what.on,
        reference: what.reference,
        lines: lines.slice(),
        unappliedMinor: 0,
        privateNote: '',
      },
      at,
    );
    if (what.credit !== null) {
      this.#ids.unapplied[what.credit] = payment.id;
    }
  }

  /** What is not applied is worked out here. */
  addPayment(row: QPayment, at: number): QPayment {
    const net = row.lines.reduce((sum, line) => sum + signOf(line) * line.amountMinor, 0);
    row.unappliedMinor = row.totalMinor - net;
    if (row.unappliedMinor < 0) throw new QRefused('6070', 'Amount received is less than applied.');
    this.payments.put(row);
    for (const line of row.lines) this.#link(row, line, 1, at);
    this.#owes(row.customer, -row.unappliedMinor, at);
    this.#say('Payment', row.id, 'Create', at);
    return row;
  }

  /** `direction` 1 sets a line against its document, -1 takes it off again. */
  #link(payment: QPayment, line: QLine, direction: 1 | -1, at: number): void {
    const { to, amountMinor } = line;
    switch (to.type) {
      case 'Invoice':
        // A new array of just the right length: pushing reserves room for seventeen.
        if (direction === 1) to.record.links = [...to.record.links, { payment, amountMinor }];
        else to.record.links = to.record.links.filter((link) => link.payment !== payment);
        this.invoices.touch(to.record, at);
        this.#owes(to.record.customer, -direction * amountMinor, at);
        this.#say('Invoice', to.record.id, 'Update', at);
        return;
      case 'CreditMemo':
        to.record.remainingMinor -= direction * amountMinor;
        this.creditMemos.touch(to.record, at);
        this.#owes(to.record.customer, direction * amountMinor, at);
        this.#say('CreditMemo', to.record.id, 'Update', at);
        return;
      case 'JournalEntry':
        this.journals.touch(to.record, at);
        this.#owes(to.record.customer, -signOf(line) * direction * amountMinor, at);
    }
  }

  #addCredit(what: Extract<Happening, { kind: 'credit' }>, at: number): void {
    const customer = this.#customer(what.customer);
    if (what.of === 'prepayment') {
      const payment = this.addPayment(
        {
          ...record(this.#newId('prepayment', what.credit), at),
          ...{ customer, totalMinor: what.amountMinor, on: what.on, reference: '', lines: [] },
          ...{ unappliedMinor: 0, privateNote: '' },
        },
        at,
      );
      this.#ids.unapplied[what.credit] = payment.id;
      return;
    }
    this.addCreditMemo(
      {
        ...record(this.#newId('credit', what.credit), at),
        ...{ number: what.number, customer, totalMinor: what.amountMinor, issuedOn: what.on },
      },
      at,
    );
  }

  addCreditMemo(
    memo: Omit<QCreditMemo, 'remainingMinor' | 'privateNote'>,
    at: number,
  ): QCreditMemo {
    const row = { ...memo, remainingMinor: memo.totalMinor, privateNote: '' };
    this.creditMemos.put(row);
    this.#owes(row.customer, -row.totalMinor, at);
    this.#say('CreditMemo', row.id, 'Create', at);
    return row;
  }

  #applyCredit(what: Extract<Happening, { kind: 'apply' }>, at: number): void {
    const invoice = this.#planned(what.invoice);
    const unapplied = this.payments.get(this.id('unapplied', what.credit));
    if (unapplied !== undefined) {
      this.applyUnapplied(unapplied, invoice, what.amountMinor, at);
      return;
    }
    const memo = found(this.creditMemos.get(this.id('credit', what.credit)));
    const amountMinor = Math.min(what.amountMinor, memo.remainingMinor, openOf(invoice));
    if (amountMinor <= 0) return;
    this.linkCredit(this.#newId('payment', what.payment), memo, invoice, amountMinor, what.on, at);
  }

  /** Money that was lying there gets a line: the payment itself is edited. */
  applyUnapplied(payment: QPayment, invoice: QInvoice, wantedMinor: Minor, at: number): void {
    const amountMinor = Math.min(wantedMinor, payment.unappliedMinor, openOf(invoice));
    if (amountMinor <= 0) return;
    const line: QLine = { amountMinor, to: { type: 'Invoice', record: invoice } };
    payment.lines.push(line);
    payment.unappliedMinor -= amountMinor;
    this.#owes(payment.customer, amountMinor, at);
    this.#link(payment, line, 1, at);
    this.#edited(this.payments, 'Payment', payment, at);
  }

  /** "Created by QB Online to link credits to charges.": a payment that moves no money. */
  linkCredit(
    id: string,
    memo: QCreditMemo,
    invoice: QInvoice,
    amountMinor: Minor,
    on: Day,
    at: number,
  ): QPayment {
    return this.addPayment(
      {
        ...record(id, at),
        customer: invoice.customer,
        totalMinor: 0,
        on,
        reference: '',
        lines: [
          { amountMinor, to: { type: 'Invoice', record: invoice } },
          { amountMinor, to: { type: 'CreditMemo', record: memo } },
        ],
        unappliedMinor: 0,
        privateNote: 'Created by QB Online to link credits to charges.',
      },
      at,
    );
  }

  #addJournal(what: Extract<Happening, { kind: 'journal' }>, at: number): void {
    const row: QJournal = {
      ...record(this.#newId('journal', what.journal), at),
      number: `JE${what.journal + 1}`,
      on: what.on,
      customer: this.#customer(what.customer),
      posting: what.posting === 'debit' ? 'Debit' : 'Credit',
      amountMinor: what.amountMinor,
    };
    this.journals.put(row);
    this.#owes(row.customer, row.posting === 'Debit' ? row.amountMinor : -row.amountMinor, at);
    this.#say('JournalEntry', row.id, 'Create', at);
  }

  #addRefundReceipt(what: Extract<Happening, { kind: 'refund_receipt' }>, at: number): void {
    const row: QRefundReceipt = {
      ...record(this.#newId('refund', what.receipt), at),
      number: `R${what.receipt + 1}`,
      customer: this.#customer(what.customer),
      on: what.on,
      amountMinor: what.amountMinor,
    };
    this.refundReceipts.put(row);
    this.#say('RefundReceipt', row.id, 'Create', at);
  }

  /** As recorded: same id and number, every amount zero, "Voided" in the note; payments become unapplied. */
  voidInvoice(invoice: QInvoice, at: number): void {
    for (const link of [...invoice.links]) this.#takeOff(link.payment, invoice, at);
    this.#owes(invoice.customer, -invoice.totalMinor, at);
    invoice.totalMinor = 0;
    invoice.voided = true;
    invoice.privateNote = voidedNote(invoice.privateNote);
    this.#edited(this.invoices, 'Invoice', invoice, at, 'Void');
  }

  deleteInvoice(invoice: QInvoice, at: number): void {
    for (const link of [...invoice.links]) this.#takeOff(link.payment, invoice, at);
    this.#owes(invoice.customer, -invoice.totalMinor, at);
    this.invoices.remove(invoice.id);
    this.#buried('Invoice', invoice.id, at);
  }

  #takeOff(payment: QPayment, invoice: QInvoice, at: number): void {
    const gone = payment.lines.filter((line) => line.to.record === invoice);
    payment.lines = payment.lines.filter((line) => line.to.record !== invoice);
    for (const line of gone) {
      this.#link(payment, line, -1, at);
      payment.unappliedMinor += line.amountMinor;
      this.#owes(payment.customer, -line.amountMinor, at);
    }
    // A payment that only linked a credit has nothing left to say once its charge is gone.
    if (payment.totalMinor === 0 && payment.lines.length > 0) this.deletePayment(payment, at);
    else this.#edited(this.payments, 'Payment', payment, at);
  }

  #unlink(payment: QPayment, at: number): void {
    const lines = payment.lines;
    payment.lines = [];
    for (const line of lines) this.#link(payment, line, -1, at);
    this.#owes(payment.customer, payment.unappliedMinor, at);
  }

  deletePayment(payment: QPayment, at: number): void {
    this.#unlink(payment, at);
    this.payments.remove(payment.id);
    this.#buried('Payment', payment.id, at);
  }

  voidPayment(payment: QPayment, at: number): void {
    this.#unlink(payment, at);
    payment.totalMinor = 0;
    payment.unappliedMinor = 0;
    payment.privateNote = voidedNote(payment.privateNote);
    this.#edited(this.payments, 'Payment', payment, at, 'Void');
  }

  /** One of the two disappears; its documents now name the other. */
  merge(from: QCustomer, into: QCustomer, at: number): void {
    for (const table of [
      this.invoices,
      this.payments,
      this.creditMemos,
      this.journals,
      this.refundReceipts,
    ] as Table<QRecord & { customer: QCustomer }>[]) {
      for (const row of table.values()) {
        if (row.customer !== from) continue;
        row.customer = into;
        table.touch(row, at);
      }
    }
    this.#owes(into, from.balanceMinor, at);
    this.customers.remove(from.id);
    this.tombstones.push({ entity: 'Customer', id: from.id, at });
    this.#edited(this.customers, 'Customer', into, at, 'Merge');
  }

  archive(customer: QCustomer, at: number): void {
    customer.active = false;
    customer.name = `${customer.name} (deleted)`;
    this.#edited(this.customers, 'Customer', customer, at);
  }

  setEmail(customer: QCustomer, email: string | null, at: number): void {
    this.edit(this.customers, 'Customer', customer, at, (row) => {
      row.email = email;
    });
  }

  edit<T extends QRecord>(
    table: Table<T>,
    entity: EntityName,
    row: T,
    at: number,
    change: (row: T) => void,
  ): void {
    change(row);
    this.#edited(table, entity, row, at);
  }

  attach(attachable: Omit<QAttachable, 'syncToken' | 'createdAt' | 'updatedAt'>, at: number): void {
    this.attachables.put({ ...attachable, ...record(attachable.id, at) });
  }

  #edited<T extends QRecord>(
    table: Table<T>,
    entity: EntityName,
    row: T,
    at: number,
    operation: QChange['operation'] = 'Update',
  ): void {
    row.syncToken += 1;
    table.touch(row, at);
    this.#say(entity, row.id, operation, at);
  }

  #owes(customer: QCustomer, moreMinor: Minor, at: number): void {
    customer.balanceMinor += moreMinor;
    if (moreMinor !== 0 && this.customers.get(customer.id) !== undefined) {
      this.customers.touch(customer, at);
    }
  }

  #buried(entity: EntityName, id: string, at: number): void {
    this.tombstones.push({ entity, id, at });
    this.#say(entity, id, 'Delete', at);
  }

  #say(entity: EntityName, id: string, operation: QChange['operation'], at: number): void {
    this.onChange?.({ entity, id, operation, at });
  }
}

export function record(id: string, at: number): QRecord {
  return { id, syncToken: 0, createdAt: at, updatedAt: at };
}

/** Balance = TotalAmt less every payment line linked to it. */
export function openOf(invoice: QInvoice): Minor {
  return invoice.totalMinor - invoice.links.reduce((sum, link) => sum + link.amountMinor, 0);
}

/** Lines are positive; what they do follows from what they point at. */
function signOf(line: QLine): 1 | -1 {
  if (line.to.type === 'Invoice') return 1;
  if (line.to.type === 'CreditMemo') return -1;
  return line.to.record.posting === 'Debit' ? 1 : -1;
}

function voidedNote(note: string): string {
  return note === '' ? 'Voided' : `Voided - ${note}`;
}

/** An invoice holds what was on the customer when it was made, cut to Intuit's 100 characters. */
function firstAddress(email: string | null): string | null {
  return email === null ? null : email.slice(0, 100);
}

function found<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new QRefused(
      '610',
      "Object Not Found : Something you're trying to use has been made inactive.",
    );
  }
  return value;
}
