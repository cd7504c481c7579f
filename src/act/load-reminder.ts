/** Everything the database knows of one reminder: the action, its invoices, the customer, what is credited and what is held. */
import type { Day } from '../domain/day.ts';
import { dayIn, fromDate } from '../domain/day.ts';
import type { Hold } from '../domain/holds.ts';
import type {
  BookId,
  Contact,
  CreditKind,
  CustomerId,
  DueItem,
  InvoiceId,
} from '../domain/receivables.ts';
import { type BookSender, senderAt } from '../domain/senders.ts';
import type { HeldRow } from '../domain/statement.ts';
import { AccessError } from '../errors.ts';
import type { Book, Tx } from '../store/db.ts';
import { readDeadAddresses } from '../store/bounces.ts';
import { readSenders } from '../store/senders.ts';
import { HoldRulesInForce } from '../store/hold-rules.ts';
import { readHolds } from '../store/holds.ts';
import type { CurrentInvoice, Listed } from './recheck.ts';

interface ReminderCustomer {
  id: CustomerId;
  name: string;
  emailText: string | null;
  contacts: Contact[];
  deadAddresses: string[];
  language: string | null;
  doNotChase: boolean;
  postalAddress: string | null;
  /** A natural person, who has rules of their own in some countries. */
  isIndividual: boolean;
}

export interface LoadedReminder {
  book: Book;
  today: Day;
  /** Of an earlier handover: an attempt after it carries the same. */
  messageId: string | null;
  action: {
    id: string;
    channel: string;
    currency: string;
    step: string;
    stepName: string;
    template: string;
    sender: string;
    attachPdf: boolean;
    attachStatement: boolean;
    state: string;
    reference: string | null;
    deadlineOn: Day | null;
    policyVersionId: number;
    plannedOn: Day;
    approvedBy: string | null;
  };
  customer: ReminderCustomer;
  listed: Listed[];
  /** As the mirror has them; an invoice that is not in the mirror is missing here. */
  mirror: Map<string, CurrentInvoice>;
  /** Names of those whose balance here differs from the ledger's. */
  offBalance: string[];
  holds: Hold[];
  holdRules: HoldRulesInForce;
  /** Money of theirs that we hold, the earliest first. */
  credits: HeldRow[];
  /** Who signs; null: the business as such. */
  sender: BookSender | null;
}

export async function loadReminder(
  tx: Tx,
  bookId: BookId,
  actionId: string,
  now: Date,
): Promise<LoadedReminder> {
  const action = await tx.action.findFirst({
    where: { id: actionId, bookId },
    include: {
      book: true,
      message: { select: { messageId: true } },
      invoices: { orderBy: [{ dueOn: 'asc' }, { invoiceId: 'asc' }] },
    },
  });
  if (action === null) throw new AccessError('not_found', `no action ${actionId}`);
  const today = dayIn(action.book.timeZone, now);
  const customerId = action.customerId as CustomerId;
  const mirror = await readMirror(
    tx,
    bookId,
    action.invoices.map((invoice) => invoice.invoiceId),
  );
  const members = [
    ...new Set([customerId, ...[...mirror.values()].map((invoice) => invoice.customerId)]),
  ];
  const holds = await readHolds(tx, bookId, members, today);
  return {
    book: action.book,
    today,
    messageId: action.message?.messageId ?? null,
    action: {
      ...action,
      plannedOn: fromDate(action.plannedOn),
      deadlineOn: action.deadlineOn === null ? null : fromDate(action.deadlineOn),
    },
    customer: await readCustomer(tx, bookId, customerId),
    listed: action.invoices.map(({ invoiceId, isTrigger, dueOn }) => ({
      invoiceId,
      isTrigger,
      dueOn: fromDate(dueOn),
    })),
    mirror,
    offBalance: await readOffBalance(tx, bookId, members),
    holds,
    holdRules: await HoldRulesInForce.open(tx, bookId, today),
    credits: await readCredits(tx, bookId, members, action.currency),
    sender: senderAt(action.sender, await readSenders(tx, bookId)),
  };
}

async function readMirror(
  tx: Tx,
  bookId: BookId,
  ids: string[],
): Promise<Map<string, CurrentInvoice>> {
  const rows = await tx.invoice.findMany({ where: { bookId, id: { in: ids } } });
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: row.id as InvoiceId,
        kind: row.kind as CurrentInvoice['kind'],
        number: row.number,
        customerId: row.customerId as CustomerId,
        status: row.status as CurrentInvoice['status'],
        issuedOn: fromDate(row.issuedOn),
        dueOn: fromDate(row.dueOn),
        // Written by the sync from parsed records, in this very shape.
        schedule: row.schedule as DueItem[] | null,
        currency: row.currency,
        totalMinor: Number(row.totalMinor),
        openMinor: Number(row.openMinor),
        emailText: row.emailText,
      },
    ]),
  );
}

async function readCustomer(
  tx: Tx,
  bookId: BookId,
  customerId: CustomerId,
): Promise<ReminderCustomer> {
  const row = await tx.customer.findUnique({
    where: { bookId_id: { bookId, id: customerId } },
    include: { setting: true },
  });
  if (row === null) throw new AccessError('not_found', `no customer ${customerId}`);
  return {
    id: customerId,
    name: row.name,
    emailText: row.emailText,
    contacts: row.contacts as unknown as Contact[],
    deadAddresses: await readDeadAddresses(tx, bookId, customerId),
    language: row.setting?.language ?? null,
    doNotChase: row.setting?.doNotChase ?? false,
    postalAddress: row.setting?.postalAddress ?? null,
    isIndividual: row.setting?.legalForm === 'individual',
  };
}

async function readOffBalance(tx: Tx, bookId: BookId, members: string[]): Promise<string[]> {
  const rows = await tx.customer.findMany({
    where: {
      bookId,
      id: { in: members },
      AND: [{ varianceMinor: { not: null } }, { varianceMinor: { not: 0 } }],
    },
    select: { name: true },
  });
  return rows.map((row) => row.name);
}

/** Money of theirs that we hold: a reminder that left it out would ask for too much. */
async function readCredits(
  tx: Tx,
  bookId: BookId,
  members: string[],
  currency: string,
): Promise<LoadedReminder['credits']> {
  const whose = { bookId, customerId: { in: members }, currency };
  const credits = await tx.credit.findMany({
    where: { ...whose, status: 'open', remainingMinor: { gt: 0 } },
    orderBy: [{ issuedOn: 'asc' }, { id: 'asc' }],
  });
  const payments = await tx.payment.findMany({
    where: { ...whose, status: 'received', unappliedMinor: { gt: 0 } },
    orderBy: [{ paidOn: 'asc' }, { id: 'asc' }],
  });
  const held = [
    ...credits.map((credit) => ({
      kind: credit.kind as CreditKind,
      number: credit.number,
      on: fromDate(credit.issuedOn),
      amountMinor: Number(credit.remainingMinor),
    })),
    ...payments.map((payment) => ({
      kind: 'payment' as const,
      number: payment.reference,
      on: fromDate(payment.paidOn),
      amountMinor: Number(payment.unappliedMinor),
    })),
  ];
  return held.sort((a, b) => a.on - b.on);
}
