/** A small book whose days can be told: facts are put in by hand, the clock is moved, runs are asked for. */
import { randomUUID } from 'node:crypto';
import { assessBook } from '../../src/assess/assess-book.ts';
import { ManualClock } from '../../src/clock.ts';
import { addDays, day, dayIn, formatDay, instantAt, toDate } from '../../src/domain/day.ts';
import { holdState, stateWords } from '../../src/domain/hold-state.ts';
import type { Scope } from '../../src/domain/policy-choice.ts';
import type { BookId, CustomerId, InvoiceId } from '../../src/domain/receivables.ts';
import { escalateBook, type EscalateOptions } from '../../src/escalate/escalate-book.ts';
import { addHold } from '../../src/escalate/holds.ts';
import { holdFromText, type HoldText } from '../../src/escalate/hold-text.ts';
import { createLog } from '../../src/log.ts';
import type { Db } from '../../src/store/db.ts';
import { firstRunBehind } from '../support/books.ts';
import { HoldRulesInForce } from '../../src/store/hold-rules.ts';
import { findHold } from '../../src/store/holds.ts';

let books = 0;

export interface NewCustomer {
  id: string;
  name?: string;
  email?: string | null;
  parentId?: string;
  billWithParent?: boolean;
  currency?: string;
  varianceMinor?: number;
  contacts?: { name: string | null; email: string; includeInEmails: boolean }[];
}

export interface NewInvoice {
  id: string;
  customer: string;
  due: string;
  issued?: string;
  amount?: number;
  open?: number;
  currency?: string;
  status?: 'draft' | 'open' | 'paid' | 'voided' | 'deleted';
  kind?: 'invoice' | 'journal';
  email?: string | null;
  paid?: string;
  schedule?: { due: string; amount: number }[];
}

export class World {
  readonly db: Db;
  readonly clock: ManualClock;
  readonly bookId: BookId;
  readonly zone: string;

  private constructor(db: Db, clock: ManualClock, bookId: BookId, zone: string) {
    this.db = db;
    this.clock = clock;
    this.bookId = bookId;
    this.zone = zone;
  }

  /** A book at eight in the morning of `today`, in its own zone, just synced. */
  static async open(
    db: Db,
    today: string,
    options: {
      mode?: 'shadow' | 'approve' | 'automatic';
      country?: string;
      zone?: string;
      /** Its very first run is still to come. */
      isNew?: boolean;
    } = {},
  ): Promise<World> {
    books += 1;
    const zone = options.zone ?? 'Pacific/Auckland';
    const at = instantAt(zone, day(today), 8 * 60);
    const book = await db.prisma.book.create({
      data: {
        platform: 'xero',
        externalIdSealed: 'sealed',
        externalIdHash: `world ${books} ${Math.random()}`,
        name: 'Kauri Joinery',
        country: options.country ?? 'NZ',
        baseCurrency: 'NZD',
        timeZone: zone,
        mode: options.mode ?? 'automatic',
        lastSyncedAt: at,
        createdAt: at,
        updatedAt: at,
      },
    });
    if (options.isNew !== true) await firstRunBehind(db, book.id as BookId);
    return new World(db, new ManualClock(at), book.id as BookId, zone);
  }

  get deps() {
    return { db: this.db, clock: this.clock, log: createLog('silent'), freshnessHours: 24 };
  }

  /** Moves the clock to eight in the morning of a day; the book is synced then. */
  async goTo(today: string, options: { synced?: boolean } = {}): Promise<void> {
    this.clock.set(instantAt(this.zone, day(today), 8 * 60));
    if (options.synced === false) return;
    await this.db.prisma.book.update({
      where: { id: this.bookId },
      data: { lastSyncedAt: this.clock.now() },
    });
  }

  async setMode(mode: 'shadow' | 'approve' | 'automatic'): Promise<void> {
    await this.db.prisma.book.update({ where: { id: this.bookId }, data: { mode } });
  }

  async customer(customer: NewCustomer): Promise<CustomerId> {
    await this.db.prisma.customer.create({
      data: {
        bookId: this.bookId,
        id: customer.id,
        name: customer.name ?? customer.id,
        emailText: customer.email === undefined ? `ap@${customer.id}.example` : customer.email,
        contacts: customer.contacts ?? [],
        parentId: customer.parentId ?? null,
        billWithParent: customer.billWithParent ?? false,
        currency: customer.currency ?? 'NZD',
        varianceMinor: customer.varianceMinor ?? null,
        hash: 'h',
      },
    });
    return customer.id as CustomerId;
  }

  async invoice(invoice: NewInvoice): Promise<InvoiceId> {
    const total = invoice.amount ?? 10_000;
    const status = invoice.status ?? 'open';
    const isOpen = status === 'open' || status === 'draft';
    await this.db.prisma.invoice.create({
      data: {
        bookId: this.bookId,
        id: invoice.id,
        kind: invoice.kind ?? 'invoice',
        number: invoice.id.toUpperCase(),
        customerId: invoice.customer,
        status,
        issuedOn: toDate(day(invoice.issued ?? formatDay(addDays(day(invoice.due), -20)))),
        dueOn: toDate(day(invoice.due)),
        ...(invoice.schedule === undefined
          ? {}
          : {
              schedule: invoice.schedule.map(({ due, amount }) => ({
                dueOn: day(due),
                amountMinor: amount,
              })),
            }),
        currency: invoice.currency ?? 'NZD',
        totalMinor: BigInt(total),
        openMinor: BigInt(isOpen ? (invoice.open ?? total) : 0),
        paidOn: invoice.paid === undefined ? null : toDate(day(invoice.paid)),
        emailText: invoice.email ?? null,
        hash: 'h',
      },
    });
    return invoice.id as InvoiceId;
  }

  async pay(invoiceId: string, on: string): Promise<void> {
    await this.db.prisma.invoice.update({
      where: { bookId_id: { bookId: this.bookId, id: invoiceId } },
      data: { status: 'paid', openMinor: 0n, paidOn: toDate(day(on)) },
    });
  }

  /** A part payment or a credit note arrived: so much is still open. */
  async setOpen(invoiceId: string, openMinor: number): Promise<void> {
    await this.#edit(invoiceId, { openMinor: BigInt(openMinor) });
  }

  async setDue(invoiceId: string, due: string): Promise<void> {
    await this.#edit(invoiceId, { dueOn: toDate(day(due)) });
  }

  async #edit(id: string, data: { openMinor?: bigint; dueOn?: Date }): Promise<void> {
    await this.db.prisma.invoice.update({
      where: { bookId_id: { bookId: this.bookId, id } },
      data,
    });
  }

  async merge(customerId: string, into: string): Promise<void> {
    await this.db.prisma.customer.update({
      where: { bookId_id: { bookId: this.bookId, id: customerId } },
      data: { mergedIntoId: into, isActive: false },
    });
  }

  /** A payment (or a credit note of ours) set against an invoice, dated; the invoice is paid when nothing is left. */
  async receive(
    invoiceId: string,
    on: string,
    amount: number,
    by: 'payment' | 'credit' = 'payment',
  ): Promise<void> {
    const { bookId } = this;
    const where = { bookId_id: { bookId, id: invoiceId } };
    const invoice = await this.db.prisma.invoice.findUniqueOrThrow({ where });
    const sourceId = `${by} ${invoiceId} ${on} ${amount}`;
    const common = { bookId, id: sourceId, customerId: invoice.customerId, hash: 'h' };
    const { currency } = invoice;
    if (by === 'payment') {
      await this.db.prisma.payment.create({
        data: {
          ...common,
          kind: 'receipt',
          status: 'received',
          paidOn: toDate(day(on)),
          currency,
          amountMinor: BigInt(amount),
          unappliedMinor: 0n,
        },
      });
    } else {
      await this.db.prisma.credit.create({
        data: {
          ...common,
          kind: 'credit_note',
          status: 'used',
          issuedOn: toDate(day(on)),
          currency,
          totalMinor: BigInt(amount),
          remainingMinor: 0n,
        },
      });
    }
    await this.db.prisma.allocation.create({
      data: {
        bookId,
        sourceKind: by,
        sourceId,
        seq: 0,
        targetKind: 'invoice',
        targetId: invoiceId,
        amountMinor: BigInt(amount),
        allocatedOn: toDate(day(on)),
      },
    });
    const openMinor = invoice.openMinor - BigInt(amount);
    const isPaid = openMinor === 0n;
    await this.db.prisma.invoice.update({
      where,
      data: { openMinor, ...(isPaid ? { status: 'paid', paidOn: toDate(day(on)) } : {}) },
    });
  }

  /** Something agreed on the day it is, in the words of the command line. */
  async agree(customerId: CustomerId, text: Omit<HoldText, 'owner'> & { owner?: string }) {
    const today = dayIn(this.zone, this.clock.now());
    const words = { owner: 'Ana', ...text };
    const request = await holdFromText(this.db, this.bookId, customerId, words, today);
    return addHold(this.deps, this.bookId, request, words.owner);
  }

  /** "kept: NZD 100.00 of NZD 100.00 arrived" on the day it is. */
  async standing(holdId: number): Promise<string> {
    const hold = await findHold(this.db.prisma, this.bookId, holdId);
    if (hold === null) throw new Error(`no hold ${holdId}`);
    const today = dayIn(this.zone, this.clock.now());
    const rules = await HoldRulesInForce.open(this.db.prisma, this.bookId, today);
    const { state, detail } = holdState(hold, rules.forHold(hold), today);
    return `${stateWords(state)}: ${detail}`;
  }

  /** Notes for the ledger in the order they were planned, without their references. */
  async notes(): Promise<string[]> {
    const rows = await this.db.prisma.note.findMany({
      where: { bookId: this.bookId, expectedPayOn: null },
      orderBy: [{ createdAt: 'asc' }, { body: 'asc' }],
    });
    return rows.map((row) => `${row.targetId}: ${row.body.replace(` ${row.ref}`, '')}`);
  }

  async because(invoiceId: string): Promise<string> {
    return (await this.decision(invoiceId)).because;
  }

  async credit(customer: string, amount: number, currency = 'NZD'): Promise<void> {
    await this.db.prisma.credit.create({
      data: {
        bookId: this.bookId,
        id: `credit ${customer} ${amount} ${currency}`,
        kind: 'credit_note',
        customerId: customer,
        status: 'open',
        issuedOn: toDate(day('2026-01-01')),
        currency,
        totalMinor: BigInt(amount),
        remainingMinor: BigInt(amount),
        hash: 'h',
      },
    });
  }

  /** A credit limit of a customer, or without one the book's default. */
  async limit(limit: { customer?: string; amount: number; insured?: number; from?: string }) {
    await this.db.prisma.creditLimit.create({
      data: {
        bookId: this.bookId,
        customerId: limit.customer ?? null,
        currency: 'NZD',
        amountMinor: BigInt(limit.amount),
        insuredMinor: limit.insured === undefined ? null : BigInt(limit.insured),
        fromOn: toDate(day(limit.from ?? '2020-01-01')),
        setBy: 'test',
        createdAt: this.clock.now(),
      },
    });
  }

  /** A policy of the library with one email step, its moment given as YAML. */
  async policy(name: string, at: string): Promise<number> {
    return this.#savePolicy(
      name,
      `name: ${name}\nsteps:\n  - key: only\n    name: Only\n    ${at}\n    channel: email\n    template: overdue-friendly\n`,
    );
  }

  /** The book follows this text, whose steps are emails unless they say otherwise. */
  async follow(head: string, ...steps: string[]): Promise<void> {
    await this.assign('book', '', await this.#policyOf('Own', head, steps));
  }

  /** One customer follows a text of its own. */
  async followFor(customerId: string, head: string, ...steps: string[]): Promise<void> {
    const policyId = await this.#policyOf(`Of ${customerId}`, head, steps);
    await this.assign('customer', customerId, policyId);
  }

  #policyOf(name: string, head: string, steps: readonly string[]): Promise<number> {
    const list = steps.map((step) => {
      const [key = '', ...rest] = step.split(', ');
      const channel = rest.some((part) => part.startsWith('channel:'))
        ? []
        : ['channel: email', 'template: overdue-friendly'];
      return `  - { key: ${[key, `name: ${key}`, ...rest, ...channel].join(', ')} }`;
    });
    return this.#savePolicy(name, `name: ${name}\n${head}\nsteps:\n${list.join('\n')}\n`);
  }

  async #savePolicy(name: string, text: string): Promise<number> {
    const policy = await this.db.prisma.policy.create({
      data: {
        bookId: this.bookId,
        name,
        versions: {
          create: {
            number: 1,
            text,
            digest: name,
            author: 'test',
            reason: 'test',
            effectiveOn: toDate(day('2020-01-01')),
            createdAt: this.clock.now(),
          },
        },
      },
    });
    return policy.id;
  }

  async assign(scope: Scope, scopeId: string, policyId: number): Promise<void> {
    const at = this.clock.now();
    await this.db.prisma.policyAssignment.create({
      data: { bookId: this.bookId, scope, scopeId, policyId, author: 'test', at },
    });
  }

  /** History: a step that an invoice had some days ago. */
  async took(invoiceId: string, due: string, step: string, on: string): Promise<void> {
    const invoice = await this.db.prisma.invoice.findUniqueOrThrow({
      where: { bookId_id: { bookId: this.bookId, id: invoiceId } },
    });
    await this.db.prisma.action.create({
      data: {
        id: randomUUID(),
        bookId: this.bookId,
        customerId: invoice.customerId,
        currency: invoice.currency,
        channel: 'email',
        step,
        stepName: step,
        template: step,
        sender: 'collector',
        state: 'sent',
        key: `history ${invoiceId} ${step}`,
        runId: 0,
        policyVersionId: 0,
        plannedOn: toDate(day(on)),
        dueAt: toDate(day(on)),
        createdAt: toDate(day(on)),
        updatedAt: toDate(day(on)),
        invoices: {
          create: {
            bookId: this.bookId,
            invoiceId,
            step,
            isTrigger: true,
            dueOn: toDate(day(due)),
            openMinor: invoice.openMinor,
          },
        },
      },
    });
  }

  assess(on: string) {
    return assessBook(this.deps, this.bookId, { asOn: day(on) });
  }

  run(on: string, options: Omit<EscalateOptions, 'asOn'> = {}) {
    return escalateBook(this.deps, this.bookId, { asOn: day(on), ...options });
  }

  /** Goes to the day, runs, and lets every planned email be accepted by the mail server. */
  async live(on: string) {
    await this.goTo(on);
    const report = await this.run(on);
    await this.deliver();
    return report;
  }

  /** Stands in for the sending stage: what is planned is accepted now. */
  async deliver(to = 'somebody@example.com'): Promise<void> {
    const at = this.clock.now();
    const planned = await this.db.prisma.action.findMany({
      where: { bookId: this.bookId, state: { in: ['planned', 'deferred'] }, channel: 'email' },
    });
    for (const action of planned) {
      await this.db.prisma.action.update({
        where: { id: action.id },
        data: {
          state: 'sent',
          message: {
            create: {
              bookId: this.bookId,
              messageId: `<${action.id}@test>`,
              fromAddress: 'us@kauri.example',
              toAddresses: [to],
              subject: 's',
              text: 't',
              html: 'h',
              handedOverAt: at,
              acceptedAt: at,
            },
          },
        },
      });
    }
  }

  /** Every action so far in the order of its day: "2026-06-04 overdue-friendly acme NZD [a b*] sent"; * did not cause it. */
  async actions(): Promise<string[]> {
    const rows = await this.db.prisma.action.findMany({
      where: { bookId: this.bookId },
      include: { invoices: true },
    });
    return rows
      .map((row) => {
        const invoices = row.invoices
          .toSorted((a, b) => (a.invoiceId < b.invoiceId ? -1 : 1))
          .map((line) => line.invoiceId + (line.isTrigger ? '' : '*'));
        const on = row.plannedOn.toISOString().slice(0, 10);
        return `${on} ${row.step} ${row.customerId} ${row.currency} [${invoices.join(' ')}] ${row.state}`;
      })
      .sort();
  }

  /** What each message asked for: "2026-06-04 overdue-friendly a 900.00". */
  async askedFor(): Promise<string[]> {
    const rows = await this.db.prisma.actionInvoice.findMany({
      where: { bookId: this.bookId },
      include: { action: true },
    });
    return rows
      .map(({ action, invoiceId, openMinor }) => {
        const on = action.plannedOn.toISOString().slice(0, 10);
        return `${on} ${action.step} ${invoiceId} ${(Number(openMinor) / 100).toFixed(2)}`;
      })
      .sort();
  }

  async decision(invoiceId: string) {
    return this.db.prisma.decision.findFirstOrThrow({
      where: { bookId: this.bookId, invoiceId, replacedOn: null },
    });
  }

  /** "wait overdue-second until 2026-06-12" */
  async answer(invoiceId: string): Promise<string> {
    const row = await this.decision(invoiceId);
    const until = row.nextOn === null ? '' : ` until ${row.nextOn.toISOString().slice(0, 10)}`;
    return `${row.outcome}${row.step === null ? '' : ` ${row.step}`}${until}`;
  }

  async nextOn(invoiceId: string): Promise<string | null> {
    return (await this.decision(invoiceId)).nextOn?.toISOString().slice(0, 10) ?? null;
  }

  /** People do their calls and letters. */
  async finishTasks(): Promise<void> {
    await this.db.prisma.action.updateMany({
      where: { bookId: this.bookId, state: 'todo' },
      data: { state: 'done' },
    });
  }

  async reasonCode(invoiceId: string): Promise<string | undefined> {
    const row = await this.decision(invoiceId);
    return (row.path as { code: string }[]).at(-1)?.code;
  }

  async countRows(): Promise<Record<string, number>> {
    const { prisma } = this.db;
    const where = { bookId: this.bookId };
    return {
      runs: await prisma.run.count({ where: { ...where, policyVersionId: { not: 0 } } }),
      decisions: await prisma.decision.count({ where }),
      actions: await prisma.action.count({ where }),
      policies: await prisma.policyVersion.count(),
    };
  }
}
