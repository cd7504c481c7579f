/**
 * A customer's account in one currency: documents, payments, and what was set against what. It gives
 * the position on any day (what is open, what stands unapplied) and the movements that lead there, and
 * the two always agree. A credit set against an invoice moves nothing: it lowered the balance when it
 * was issued. Money that pays another customer's invoice counts where the invoice is.
 * 1,000 invoiced 1 May, 300 paid 20 May: movements +1,000 and −300, position 700 open.
 */
import { type Balance, balanceAsOf, type DatedAmount, settlementsOf } from './as-of.ts';
import type { Day } from './day.ts';
import type { Currency, Minor } from './money.ts';
import type { CreditKind, CustomerId, DueItem, InvoiceId } from './receivables.ts';

export interface AccountInvoice {
  id: InvoiceId;
  customerId: CustomerId;
  kind: 'invoice' | 'journal';
  number: string;
  reference: string | null;
  /** The sub-customer it was made out to; null: the customer itself. */
  branch: string | null;
  issuedOn: Day;
  dueOn: Day;
  schedule: readonly DueItem[] | null;
  totalMinor: Minor;
  openMinor: Minor;
  paidOn: Day | null;
}

export interface AccountCredit {
  id: string;
  kind: CreditKind;
  number: string | null;
  issuedOn: Day;
  totalMinor: Minor;
  remainingMinor: Minor;
}

export interface AccountPayment {
  id: string;
  kind: 'receipt' | 'refund' | 'credit_application';
  reference: string | null;
  paidOn: Day;
  /** 0 for a payment of somebody else that settles an invoice here. */
  unappliedMinor: Minor;
}

export interface AccountAllocation {
  sourceKind: 'payment' | 'credit';
  sourceId: string;
  targetKind: 'invoice' | 'credit';
  targetId: string;
  amountMinor: Minor;
  allocatedOn: Day;
}

/** Everything that touches one customer in one currency; an allocation may have its other side elsewhere. */
export interface Account {
  currency: Currency;
  invoices: readonly AccountInvoice[];
  credits: readonly AccountCredit[];
  payments: readonly AccountPayment[];
  allocations: readonly AccountAllocation[];
}

export interface Position {
  invoices: { invoice: AccountInvoice; openMinor: Minor }[];
  credits: { credit: AccountCredit; remainingMinor: Minor }[];
  payments: { payment: AccountPayment; unappliedMinor: Minor }[];
  /** Open invoices less credits and unapplied payments. */
  balanceMinor: Minor;
}

export type MovementKind =
  'invoice' | 'credit' | 'payment' | 'refund' | 'transfer' | 'other_settlement';

export interface Movement {
  on: Day;
  kind: MovementKind;
  /** Number or reference of the document that moved the balance. */
  document: string | null;
  creditKind: CreditKind | null;
  branch: string | null;
  /** Numbers of the invoices it is about, earliest due first. */
  invoices: string[];
  /** Positive: more is owed. */
  amountMinor: Minor;
}

/** What stands open at the end of a day; nothing that is zero. */
export function positionOf(account: Account, on: Day): Position {
  const links = linksOf(account);
  const invoices = account.invoices
    .map((invoice) => ({ invoice, openMinor: balanceAsOf(owed(invoice, links), on) }))
    .filter((entry) => entry.openMinor !== 0);
  const credits = account.credits
    .map((credit) => ({
      credit,
      remainingMinor: balanceAsOf(left(credit, links), on),
    }))
    .filter((entry) => entry.remainingMinor !== 0);
  const payments = account.payments
    .map((payment) => ({ payment, unappliedMinor: unappliedAsOf(payment, links, on) }))
    .filter((entry) => entry.unappliedMinor !== 0);
  return {
    invoices,
    credits,
    payments,
    balanceMinor:
      sum(invoices.map((entry) => entry.openMinor)) -
      sum(credits.map((entry) => entry.remainingMinor)) -
      sum(payments.map((entry) => entry.unappliedMinor)),
  };
}

function unappliedAsOf(payment: AccountPayment, links: Links, on: Day): Minor {
  if (payment.paidOn > on) return 0;
  const stillToCome = (entries: readonly DatedAmount[]) =>
    sum(entries.filter((entry) => entry.on > on).map((entry) => entry.amountMinor));
  const { toInvoices, fromCredits } = links.ofPayment(payment.id);
  return payment.unappliedMinor + stillToCome(toInvoices) - stillToCome(fromCredits);
}

/** Every change of the balance in the order of its day, documents before what settles them. */
export function movementsOf(account: Account): Movement[] {
  const links = linksOf(account);
  return [
    ...account.invoices.map((invoice) => invoiceMovement(invoice)),
    ...account.credits.map((credit) => creditMovement(credit)),
    ...account.payments.map((payment) => paymentMovement(payment, links)),
    ...links.transfers,
    ...account.invoices.flatMap((invoice) =>
      unexplained(owed(invoice, links)).map(({ on, amountMinor }) => ({
        ...otherSettlement(invoice.number),
        on,
        amountMinor: -amountMinor,
      })),
    ),
    ...account.credits.flatMap((credit) =>
      unexplained(left(credit, links)).map((rest) => ({
        ...otherSettlement(credit.number),
        ...rest,
      })),
    ),
  ]
    .filter((movement) => movement.amountMinor !== 0)
    .sort(inOrder);
}

const ORDER: readonly MovementKind[] = [
  'invoice',
  'credit',
  'payment',
  'refund',
  'transfer',
  'other_settlement',
];

function inOrder(a: Movement, b: Movement): number {
  if (a.on !== b.on) return a.on - b.on;
  const ranks = ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind);
  if (ranks !== 0) return ranks;
  const [nameA, nameB] = [a.document ?? '', b.document ?? ''];
  if (nameA !== nameB) return nameA < nameB ? -1 : 1;
  return a.amountMinor - b.amountMinor;
}

const BLANK = { document: null, creditKind: null, branch: null, invoices: [] };

function invoiceMovement(invoice: AccountInvoice): Movement {
  const { issuedOn: on, number: document, branch, totalMinor: amountMinor } = invoice;
  return { ...BLANK, on, kind: 'invoice', document, branch, amountMinor };
}

function creditMovement(credit: AccountCredit): Movement {
  const { issuedOn: on, number: document, kind: creditKind, totalMinor } = credit;
  return { ...BLANK, on, kind: 'credit', document, creditKind, amountMinor: -totalMinor };
}

function paymentMovement(payment: AccountPayment, links: Links): Movement {
  const { toInvoices, fromCredits, numbers } = links.ofPayment(payment.id);
  const received =
    sum(toInvoices.map((entry) => entry.amountMinor)) +
    payment.unappliedMinor -
    sum(fromCredits.map((entry) => entry.amountMinor));
  return {
    ...BLANK,
    on: payment.paidOn,
    kind: payment.kind === 'refund' ? 'refund' : 'payment',
    document: payment.reference,
    invoices: numbers,
    amountMinor: received === 0 ? 0 : -received,
  };
}

function otherSettlement(document: string | null) {
  return { ...BLANK, kind: 'other_settlement' as const, document };
}

interface PaymentLinks {
  toInvoices: DatedAmount[];
  fromCredits: DatedAmount[];
  numbers: string[];
}

interface Links {
  toInvoice(id: string): readonly DatedAmount[];
  ofCredit(id: string): readonly DatedAmount[];
  ofPayment(id: string): PaymentLinks;
  /** Credit given to, or taken from, another customer's account. */
  transfers: Movement[];
}

/** Each allocation on the day it takes effect: when both sides are there. */
function linksOf(account: Account): Links {
  const invoiceById = new Map<string, AccountInvoice>(
    account.invoices.map((invoice) => [invoice.id, invoice]),
  );
  const creditById = new Map(account.credits.map((credit) => [credit.id, credit]));
  const paymentById = new Map(account.payments.map((payment) => [payment.id, payment]));
  const toInvoice = new Map<string, DatedAmount[]>();
  const ofCredit = new Map<string, DatedAmount[]>();
  const ofPayment = new Map<string, PaymentLinks>();
  const transfers: Movement[] = [];

  const inOrderOfDue = account.allocations.toSorted(
    (a, b) => dueOf(a.targetId) - dueOf(b.targetId) || (a.targetId < b.targetId ? -1 : 1),
  );
  function dueOf(id: string): number {
    return invoiceById.get(id)?.dueOn ?? 0;
  }

  for (const allocation of inOrderOfDue) {
    const { sourceKind, sourceId, targetKind, targetId, amountMinor } = allocation;
    const invoice = targetKind === 'invoice' ? invoiceById.get(targetId) : undefined;
    const drawnOn = targetKind === 'credit' ? creditById.get(targetId) : undefined;
    const given = sourceKind === 'credit' ? creditById.get(sourceId) : undefined;
    const payment = sourceKind === 'payment' ? paymentById.get(sourceId) : undefined;
    if (sourceKind === 'payment' && payment === undefined) continue;
    const on = latest([
      allocation.allocatedOn,
      invoice?.issuedOn,
      drawnOn?.issuedOn,
      given?.issuedOn,
      payment?.paidOn,
    ]);
    const settled: DatedAmount = { amountMinor, on };
    if (invoice !== undefined) push(toInvoice, invoice.id, settled);
    if (drawnOn !== undefined) push(ofCredit, drawnOn.id, settled);
    if (given !== undefined) push(ofCredit, given.id, settled);
    if (payment !== undefined) addToPayment(ofPayment, payment.id, settled, invoice, drawnOn);
    const isTransfer = sourceKind === 'credit' && (invoice === undefined) !== (given === undefined);
    if (isTransfer) transfers.push(transferOf(settled, invoice, given));
  }
  return {
    toInvoice: (id) => toInvoice.get(id) ?? [],
    ofCredit: (id) => ofCredit.get(id) ?? [],
    ofPayment: (id) => ofPayment.get(id) ?? { toInvoices: [], fromCredits: [], numbers: [] },
    transfers,
  };
}

function addToPayment(
  all: Map<string, PaymentLinks>,
  id: string,
  settled: DatedAmount,
  invoice: AccountInvoice | undefined,
  credit: AccountCredit | undefined,
): void {
  const links = all.get(id) ?? { toInvoices: [], fromCredits: [], numbers: [] };
  all.set(id, links);
  if (invoice !== undefined) {
    links.toInvoices.push(settled);
    links.numbers.push(invoice.number);
  }
  if (credit !== undefined) links.fromCredits.push(settled);
}

function transferOf(
  { on, amountMinor }: DatedAmount,
  invoice: AccountInvoice | undefined,
  credit: AccountCredit | undefined,
): Movement {
  const isReceived = credit === undefined;
  return {
    ...BLANK,
    on,
    kind: 'transfer',
    document: credit?.number ?? null,
    invoices: invoice === undefined ? [] : [invoice.number],
    amountMinor: isReceived ? -amountMinor : amountMinor,
  };
}

function owed(invoice: AccountInvoice, links: Links): Balance {
  const { issuedOn: fromOn, totalMinor, openMinor: nowMinor, paidOn: settledOn } = invoice;
  return { fromOn, totalMinor, nowMinor, settledOn, uses: links.toInvoice(invoice.id) };
}

function left(credit: AccountCredit, links: Links): Balance {
  const { issuedOn: fromOn, totalMinor, remainingMinor: nowMinor } = credit;
  return { fromOn, totalMinor, nowMinor, settledOn: null, uses: links.ofCredit(credit.id) };
}

/** Where the ledger's balance went down by more, or less, than the entries say: the difference by day. */
function unexplained(balance: Balance): DatedAmount[] {
  const byDay = new Map<Day, Minor>();
  const add = (on: Day, amountMinor: Minor) => byDay.set(on, (byDay.get(on) ?? 0) + amountMinor);
  for (const { on, amountMinor } of settlementsOf(balance)) add(on, amountMinor);
  for (const { on, amountMinor } of balance.uses) add(on, -amountMinor);
  return [...byDay].map(([on, amountMinor]) => ({ on, amountMinor }));
}

function latest(days: readonly (Day | undefined)[]): Day {
  return Math.max(...days.filter((on) => on !== undefined)) as Day;
}

function push<T>(groups: Map<string, T[]>, key: string, value: T): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [value]);
  else group.push(value);
}

function sum(amounts: readonly Minor[]): Minor {
  return amounts.reduce((total, minor) => total + minor, 0);
}
