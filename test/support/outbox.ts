/** A book with a customer, invoices and released reminders, by the shortest way; and what became of them. */
import { randomUUID } from 'node:crypto';
import { ManualClock } from '../../src/clock.ts';
import { addDays, type Day, day, toDate } from '../../src/domain/day.ts';
import type { BookId, CustomerId, Invoice, InvoiceId } from '../../src/domain/receivables.ts';
import { createLog } from '../../src/log.ts';
import type { ActionState } from '../../src/act/states.ts';
import type { Db } from '../../src/store/db.ts';
import { firstRunBehind, insertBook } from './books.ts';
import { FakeLedger } from './fake-ledger.ts';

/** 23 November 2026 is a Monday; it is 09:00 in Auckland. */
export const TODAY = day('2026-11-23');
const NOW = '2026-11-22T20:00:00Z';
/** The tests that wait for days are about something else. */
const FRESH_FOR_EVER = 24 * 365;
const log = createLog('silent');
export const MAIL_FROM = { name: 'Mia Tran', address: 'accounts@harbour.example' };

export class Outbox {
  readonly db: Db;
  readonly bookId: BookId;
  readonly clock = new ManualClock(NOW);
  readonly ledger = new FakeLedger();
  #count = 0;

  constructor(db: Db, bookId: BookId) {
    this.db = db;
    this.bookId = bookId;
  }

  static async open(db: Db, mode: 'shadow' | 'approve' | 'automatic' = 'automatic') {
    const bookId = await insertBook(db, new Date(NOW));
    await db.prisma.book.update({
      where: { id: bookId },
      data: { mode, name: 'Harbour Joinery', lastSyncedAt: new Date(NOW) },
    });
    await firstRunBehind(db, bookId);
    return new Outbox(db, bookId);
  }

  get deps() {
    const { db, clock, ledger } = this;
    return {
      db,
      clock,
      log,
      mailFrom: MAIL_FROM,
      freshnessHours: FRESH_FOR_EVER,
      openLedger: () => Promise.resolve(ledger),
    };
  }

  async customer(changes: { name?: string; emailText?: string | null; id?: string } = {}) {
    this.#count += 1;
    const id = changes.id ?? `customer-${this.#count}`;
    await this.db.prisma.customer.create({
      data: {
        bookId: this.bookId,
        id,
        name: changes.name ?? `Kauri Builders ${this.#count}`,
        emailText:
          changes.emailText === undefined ? `ap${this.#count}@kauri.example` : changes.emailText,
        hash: 'h',
      },
    });
    return id as CustomerId;
  }

  /** In the mirror and in the ledger alike. */
  async invoice(customerId: CustomerId, changes: Partial<Invoice> = {}): Promise<Invoice> {
    this.#count += 1;
    const invoice: Invoice = {
      id: `invoice-${this.#count}` as InvoiceId,
      kind: 'invoice',
      number: `INV-${1000 + this.#count}`,
      reference: null,
      customerId,
      status: 'open',
      issuedOn: addDays(TODAY, -40),
      dueOn: addDays(TODAY, -10),
      schedule: null,
      expectedPayOn: null,
      currency: 'NZD',
      totalMinor: 120_000,
      openMinor: 120_000,
      baseRate: null,
      paidOn: null,
      emailText: null,
      sentToContact: null,
      remoteVersion: null,
      remoteUpdatedAt: null,
      ...changes,
    };
    const { id, issuedOn, dueOn, totalMinor, openMinor, ...rest } = invoice;
    await this.db.prisma.invoice.create({
      data: {
        bookId: this.bookId,
        id,
        kind: rest.kind,
        number: rest.number,
        customerId,
        status: rest.status,
        issuedOn: toDate(issuedOn),
        dueOn: toDate(dueOn),
        ...(rest.schedule === null ? {} : { schedule: rest.schedule.map((part) => ({ ...part })) }),
        currency: rest.currency,
        totalMinor,
        openMinor: openMinor ?? 0,
        emailText: rest.emailText,
        hash: 'h',
      },
    });
    this.ledger.invoices.set(id, invoice);
    return invoice;
  }

  /** Money of theirs that is set against nothing yet. */
  async credit(customerId: CustomerId, remainingMinor: number): Promise<void> {
    await this.db.prisma.credit.create({
      data: {
        bookId: this.bookId,
        id: `credit ${customerId}`,
        kind: 'credit_note',
        number: 'CN-1',
        customerId,
        status: 'open',
        issuedOn: toDate(addDays(TODAY, -3)),
        currency: 'NZD',
        totalMinor: remainingMinor,
        remainingMinor,
        hash: 'h',
      },
    });
  }

  async action(
    customerId: CustomerId,
    triggers: Invoice[],
    changes: {
      state?: ActionState;
      listed?: Invoice[];
      attachPdf?: boolean;
      template?: string;
      channel?: string;
      plannedOn?: Day;
      approvedBy?: string;
      currency?: string;
    } = {},
  ): Promise<string> {
    const id = randomUUID();
    const now = this.clock.now();
    await this.db.prisma.action.create({
      data: {
        id,
        bookId: this.bookId,
        customerId,
        currency: changes.currency ?? 'NZD',
        channel: changes.channel ?? 'email',
        step: 'overdue-second',
        stepName: 'Second reminder',
        template: changes.template ?? 'overdue-second',
        sender: 'collector',
        attachPdf: changes.attachPdf ?? false,
        state: changes.state ?? 'planned',
        key: id,
        runId: 1,
        policyVersionId: 1,
        plannedOn: toDate(changes.plannedOn ?? TODAY),
        dueAt: now,
        ...(changes.approvedBy === undefined ? {} : { approvedBy: changes.approvedBy }),
        createdAt: now,
        updatedAt: now,
        invoices: {
          create: [...triggers, ...(changes.listed ?? [])].map((invoice) => ({
            bookId: this.bookId,
            invoiceId: invoice.id,
            step: triggers.includes(invoice) ? 'overdue-second' : null,
            isTrigger: triggers.includes(invoice),
            dueOn: toDate(invoice.dueOn),
            openMinor: invoice.openMinor ?? 0,
          })),
        },
      },
    });
    return id;
  }

  /** A customer with one invoice and one released reminder. */
  async reminder(changes: Parameters<Outbox['action']>[2] = {}, invoice: Partial<Invoice> = {}) {
    const customerId = await this.customer();
    const made = await this.invoice(customerId, invoice);
    const actionId = await this.action(customerId, [made], changes);
    return { customerId, invoice: made, actionId };
  }

  /** What the ledger says of an invoice from now on; the mirror does not know yet. */
  change(invoice: Invoice, changes: Partial<Invoice>): void {
    this.ledger.invoices.set(invoice.id, { ...invoice, ...changes });
  }

  async stateOf(actionId: string) {
    const row = await this.db.prisma.action.findUniqueOrThrow({
      where: { id: actionId },
      include: { message: true, invoices: { orderBy: { invoiceId: 'asc' } } },
    });
    const notes = await this.db.prisma.note.findMany({ where: { actionId } });
    return { ...row, notes };
  }
}
