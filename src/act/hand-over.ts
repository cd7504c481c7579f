/**
 * Giving a customer's overdue invoices to an agency or a lawyer, and taking them back. Handed over,
 * they are left alone: two voices asking for one debt help nobody. Taken back, chasing goes on, with
 * the reason in the log and a note in the ledger either way.
 */
import { randomUUID } from 'node:crypto';
import { type Day, dayIn, formatDay, fromDate, toDate } from '../domain/day.ts';
import { deadlineOf } from '../domain/deadline.ts';
import type { Currency } from '../domain/money.ts';
import { personName } from '../domain/person.ts';
import { openDueItems } from '../domain/due-items.ts';
import type { BookId, CustomerId, DueItem } from '../domain/receivables.ts';
import { dayText, moneyText } from '../domain/text.ts';
import { AccessError, AppError, UsageError } from '../errors.ts';
import { markChanged } from '../store/chase-state.ts';
import type { Tx } from '../store/db.ts';
import type { PeopleDeps } from './approve.ts';
import { planCustomerNote, planTaskNote } from './note.ts';
import { moveAction } from './states.ts';

export interface HandOverRequest {
  customerId: CustomerId;
  /** null: the only currency in which something is overdue. */
  currency: Currency | null;
  agency: string;
  /** Their file number; null: not known yet. */
  reference: string | null;
  by: string;
}

export interface HandedOver {
  id: number;
  amountMinor: number;
  currency: Currency;
  invoices: number;
}

const TEXT_MAX = 120;

export async function handOver(
  deps: PeopleDeps,
  bookId: BookId,
  request: HandOverRequest,
): Promise<HandedOver> {
  const agency = checked(request.agency, 'the agency or lawyer');
  const by = checked(request.by, 'who hands it over');
  const at = deps.clock.now();
  return deps.db.tx(async (tx) => {
    const book = await tx.book.findUniqueOrThrow({ where: { id: bookId } });
    const on = dayIn(book.timeZone, at);
    const id = { bookId, id: request.customerId };
    if ((await tx.customer.count({ where: id })) === 0) {
      throw new AccessError('not_found', `no customer ${request.customerId}`);
    }
    const invoices = await overdueOf(tx, bookId, request, on);
    const currency = invoices[0].currency;
    await refuseBeforeDeadline(
      tx,
      bookId,
      request.customerId,
      invoices.map((invoice) => invoice.id),
      { timeZone: book.timeZone, on },
    );
    const actionId = await doneTask(tx, bookId, request.customerId, currency, invoices, {
      at,
      on,
      by,
      agency,
    });
    const amountMinor = invoices.reduce((sum, invoice) => sum + Number(invoice.openMinor), 0);
    const row = await tx.handOver.create({
      data: {
        bookId,
        customerId: request.customerId,
        actionId,
        currency,
        agency,
        reference: request.reference,
        amountMinor,
        handedOn: toDate(on),
        handedBy: by,
        createdAt: at,
      },
    });
    await markChanged(tx, bookId, [request.customerId]);
    const words = `handed over to ${agency}${request.reference === null ? '' : `, file ${request.reference}`}`;
    await planTaskNote(tx, actionId, { words, by, on }, at);
    await tx.audit.create({
      data: {
        bookId,
        at,
        actor: by,
        action: 'hand_over.made',
        subject: `action ${actionId}`,
        detail: { customerId: request.customerId, agency, currency, amountMinor },
      },
    });
    return { id: row.id, amountMinor, currency, invoices: invoices.length };
  });
}

type Overdue = [OverdueInvoice, ...OverdueInvoice[]];
interface OverdueInvoice {
  id: string;
  currency: Currency;
  dueOn: Date;
  openMinor: bigint;
}

/** What is overdue in the one currency that is meant. */
async function overdueOf(
  tx: Tx,
  bookId: BookId,
  request: Pick<HandOverRequest, 'customerId' | 'currency'>,
  on: Day,
): Promise<Overdue> {
  const { customerId, currency } = request;
  const rows = await tx.invoice.findMany({
    where: {
      bookId,
      customerId,
      status: 'open',
      kind: 'invoice',
      dueOn: { lt: toDate(on) },
      ...(currency === null ? {} : { currency }),
    },
    select: { id: true, currency: true, dueOn: true, openMinor: true, schedule: true },
    orderBy: [{ dueOn: 'asc' }, { id: 'asc' }],
  });
  const currencies = [...new Set(rows.map((row) => row.currency))].sort();
  if (currencies.length > 1) {
    throw new UsageError(`overdue in ${currencies.join(' and ')}: say which currency`);
  }
  const [first, ...more] = rows.map(({ schedule, ...row }) => {
    const parts = { dueOn: fromDate(row.dueOn), schedule: schedule as DueItem[] | null };
    const [item] = openDueItems({ ...parts, openMinor: Number(row.openMinor) });
    return { ...row, dueOn: toDate(item?.dueOn ?? parts.dueOn) };
  });
  if (first === undefined) {
    throw new UsageError(
      `nothing of customer ${customerId} is overdue: there is nothing to hand over`,
    );
  }
  return [first, ...more];
}

/** A letter that gave the customer time is kept to. */
async function refuseBeforeDeadline(
  tx: Tx,
  bookId: BookId,
  customerId: CustomerId,
  invoiceIds: string[],
  when: { timeZone: string; on: Day },
): Promise<void> {
  const { timeZone, on } = when;
  const letters = await tx.action.findMany({
    where: {
      bookId,
      customerId,
      deadlineOn: { not: null },
      // An emailed letter is sent, or may have been.
      state: { in: ['todo', 'done', 'sent', 'in_doubt'] },
      invoices: { some: { isTrigger: true, invoiceId: { in: invoiceIds } } },
    },
    include: {
      documents: {
        where: { kind: 'letter' },
        orderBy: { createdAt: 'asc' },
        take: 1,
        select: { createdAt: true },
      },
    },
  });
  for (const letter of letters) {
    if (letter.deadlineOn === null) continue;
    const [issued] = letter.documents;
    const until = deadlineOf({
      datedOn:
        issued === undefined ? fromDate(letter.plannedOn) : dayIn(timeZone, issued.createdAt),
      deadlineOn: fromDate(letter.deadlineOn),
      postedOn: letter.outcomeAt === null ? null : dayIn(timeZone, letter.outcomeAt),
    });
    if (until >= on) {
      throw new UsageError(
        `"${letter.stepName}" gives time to ${formatDay(until)}: hand it over after that`,
      );
    }
  }
}

/** The task the policy set, or one made now for what a person decided on their own. */
async function doneTask(
  tx: Tx,
  bookId: BookId,
  customerId: CustomerId,
  currency: Currency,
  invoices: Overdue,
  done: { at: Date; on: Day; by: string; agency: string },
): Promise<string> {
  const { at, on, by, agency } = done;
  const outcome = { outcomeCode: 'done', outcomeNote: agency, outcomeBy: by, outcomeAt: at };
  const open = await tx.action.findFirst({
    where: {
      bookId,
      customerId,
      currency,
      channel: 'hand_over',
      state: { in: ['todo', 'proposed'] },
    },
    orderBy: { createdAt: 'asc' },
  });
  if (open?.state === 'proposed') {
    throw new AppError('act.not_approved', `the hand-over of ${customerId} waits for approval`);
  }
  const id = open?.id ?? randomUUID();
  if (open === null) {
    await tx.action.create({
      data: {
        id,
        bookId,
        customerId,
        currency,
        channel: 'hand_over',
        step: 'hand-over',
        stepName: 'Hand-over to an agency or lawyer',
        template: '',
        sender: 'director',
        state: 'done',
        key: `by hand:${id}`,
        runId: 0,
        policyVersionId: 0,
        plannedOn: toDate(on),
        dueAt: at,
        createdAt: at,
        updatedAt: at,
        ...outcome,
      },
    });
  } else {
    await moveAction(tx, { bookId, actionId: id, from: ['todo'], to: 'done', at, set: outcome });
  }
  await tx.actionInvoice.deleteMany({ where: { actionId: id } });
  await tx.actionInvoice.createMany({
    data: invoices.map((invoice) => ({
      actionId: id,
      bookId,
      invoiceId: invoice.id,
      step: open?.step ?? 'hand-over',
      isTrigger: true,
      dueOn: invoice.dueOn,
      openMinor: invoice.openMinor,
    })),
  });
  return id;
}

/** Gives the day from which chasing may go on; throws when nothing is handed over. */
export async function takeBack(
  deps: PeopleDeps,
  bookId: BookId,
  customerId: CustomerId,
  given: { reason: string; by: string },
): Promise<number> {
  const reason = checked(given.reason, 'why it is taken back');
  const by = checked(given.by, 'who takes it back');
  const at = deps.clock.now();
  return deps.db.tx(async (tx) => {
    const book = await tx.book.findUniqueOrThrow({ where: { id: bookId } });
    const on = dayIn(book.timeZone, at);
    const returned = await tx.handOver.updateManyAndReturn({
      where: { bookId, customerId, returnedOn: null },
      data: { returnedOn: toDate(on), returnedBy: by, returnReason: reason },
    });
    if (returned.length === 0) {
      throw new AccessError('not_found', `nothing of customer ${customerId} is handed over`);
    }
    await markChanged(tx, bookId, [customerId]);
    for (const { id, actionId, agency, currency, amountMinor } of returned) {
      const words = `Taken back from ${agency} on ${dayText(on)} (${by}): ${reason}. ${moneyText(Number(amountMinor), currency)} had been handed over.`;
      const seed = `hand-over ${bookId} ${id} returned`;
      await planCustomerNote(tx, { bookId, customerId, seed, words }, at);
      await tx.audit.create({
        data: {
          bookId,
          at,
          actor: by,
          action: 'hand_over.returned',
          subject: `action ${actionId}`,
          detail: { customerId, agency, reason },
        },
      });
    }
    return returned.length;
  });
}

function checked(text: string, what: string): string {
  const clean = personName(text);
  if (clean !== '' && clean.length <= TEXT_MAX) return clean;
  throw new UsageError(`say ${what}, in at most ${TEXT_MAX} characters`);
}
