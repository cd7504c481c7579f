/**
 * A statement of account, one per customer and currency. An open-item statement lists what is still
 * owed on a day, how old it is, what of it is disputed, and what we hold of theirs; an activity
 * statement shows how the balance came about between two days. Credits stand beside the invoices and
 * are never netted into a bucket; opening balance and movements always give the closing balance.
 * 1,000 due 1 May less 300 paid, 200 due 1 July, credit 50, as of 1 June: due 700, not yet due 200,
 * credit 50, balance 850.
 */
import {
  type Account,
  type AccountInvoice,
  type Movement,
  movementsOf,
  positionOf,
} from './account.ts';
import { bucketOf, type Bucket, type Buckets, emptyBuckets } from './aging.ts';
import { addDays, type Day, daysBetween } from './day.ts';
import { openDueItems } from './due-items.ts';
import type { Currency, Minor } from './money.ts';
import type { CreditKind } from './receivables.ts';

export type StatementKind = 'open-item' | 'activity';

/** What of an invoice, of which so much was open, the customer objects to. */
export type Disputed = (invoice: AccountInvoice, openMinor: Minor) => Minor;

const UNDISPUTED: Disputed = () => 0;

/** A part of an invoice that falls due on its own day. */
export interface OpenPart {
  dueOn: Day;
  /** Below zero: so many days until it falls due. */
  daysOverdue: number;
  bucket: Bucket;
  openMinor: Minor;
}

export interface OpenRow {
  invoice: AccountInvoice;
  totalMinor: Minor;
  /** Paid or credited so far. */
  settledMinor: Minor;
  openMinor: Minor;
  disputedMinor: Minor;
  /** Earliest first; they sum to `openMinor`. */
  parts: [OpenPart, ...OpenPart[]];
}

/** Money of theirs that is set against nothing yet. */
export interface HeldRow {
  kind: CreditKind | 'payment';
  number: string | null;
  on: Day;
  amountMinor: Minor;
}

export interface Standing {
  buckets: Buckets;
  /** Sum of the buckets. */
  openMinor: Minor;
  /** Due on or before the day of the statement. */
  dueMinor: Minor;
  notYetDueMinor: Minor;
  disputedMinor: Minor;
  heldMinor: Minor;
  /** Open less what we hold. */
  balanceMinor: Minor;
}

export interface OpenItemStatement extends Standing {
  kind: 'open-item';
  currency: Currency;
  asOn: Day;
  /** The longest due first. */
  rows: OpenRow[];
  held: HeldRow[];
}

export interface ActivityRow extends Movement {
  balanceMinor: Minor;
}

export interface ActivityStatement {
  kind: 'activity';
  currency: Currency;
  from: Day;
  to: Day;
  openingMinor: Minor;
  rows: ActivityRow[];
  chargedMinor: Minor;
  creditedMinor: Minor;
  closingMinor: Minor;
  /** What the closing balance is made of. */
  standing: Standing;
}

export type Statement = OpenItemStatement | ActivityStatement;

export function openItems(
  account: Account,
  asOn: Day,
  disputed: Disputed = UNDISPUTED,
): OpenItemStatement {
  const position = positionOf(account, asOn);
  const rows = position.invoices
    .map(({ invoice, openMinor }): OpenRow => ({
      invoice,
      totalMinor: invoice.totalMinor,
      settledMinor: invoice.totalMinor - openMinor,
      openMinor,
      disputedMinor: Math.max(0, Math.min(openMinor, disputed(invoice, openMinor))),
      parts: partsOf(invoice, openMinor, asOn),
    }))
    .sort(oldestFirst);
  const held = [
    ...position.credits.map(({ credit, remainingMinor }): HeldRow => ({
      kind: credit.kind,
      number: credit.number,
      on: credit.issuedOn,
      amountMinor: remainingMinor,
    })),
    ...position.payments.map(({ payment, unappliedMinor }): HeldRow => ({
      kind: 'payment',
      number: payment.reference,
      on: payment.paidOn,
      amountMinor: unappliedMinor,
    })),
  ].sort((a, b) => a.on - b.on || compare(a.number ?? '', b.number ?? ''));
  return {
    kind: 'open-item',
    currency: account.currency,
    asOn,
    rows,
    held,
    ...standingOf(rows, held),
    balanceMinor: position.balanceMinor,
  };
}

export function activity(
  account: Account,
  from: Day,
  to: Day,
  disputed: Disputed = UNDISPUTED,
): ActivityStatement {
  const within = movementsOf(account).filter(({ on }) => on >= from && on <= to);
  const openingMinor = positionOf(account, addDays(from, -1)).balanceMinor;
  let balanceMinor = openingMinor;
  const rows = within.map((movement): ActivityRow => {
    balanceMinor += movement.amountMinor;
    return { ...movement, balanceMinor };
  });
  const amounts = within.map((movement) => movement.amountMinor);
  return {
    kind: 'activity',
    currency: account.currency,
    from,
    to,
    openingMinor,
    rows,
    chargedMinor: sum(amounts.filter((minor) => minor > 0)),
    creditedMinor: -sum(amounts.filter((minor) => minor < 0)),
    closingMinor: balanceMinor,
    standing: openItems(account, to, disputed),
  };
}

function standingOf(
  rows: readonly OpenRow[],
  held: readonly HeldRow[],
): Omit<Standing, 'balanceMinor'> {
  const buckets = emptyBuckets();
  const parts = rows.flatMap((row) => row.parts);
  for (const part of parts) buckets[part.bucket] += part.openMinor;
  const isDue = (part: OpenPart) => part.daysOverdue >= 0;
  return {
    buckets,
    openMinor: sum(parts.map((part) => part.openMinor)),
    dueMinor: sum(parts.filter(isDue).map((part) => part.openMinor)),
    notYetDueMinor: sum(parts.filter((part) => !isDue(part)).map((part) => part.openMinor)),
    disputedMinor: sum(rows.map((row) => row.disputedMinor)),
    heldMinor: sum(held.map((row) => row.amountMinor)),
  };
}

function partsOf(invoice: AccountInvoice, openMinor: Minor, asOn: Day): OpenRow['parts'] {
  const { dueOn, schedule } = invoice;
  const [first, ...rest] = openDueItems({ dueOn, schedule, openMinor }).map((item) =>
    openPart(item.dueOn, item.openMinor, asOn),
  );
  // An invoice settled with more than its total is due to nobody, but belongs in the balance.
  return first === undefined ? [openPart(dueOn, openMinor, asOn)] : [first, ...rest];
}

function openPart(dueOn: Day, openMinor: Minor, asOn: Day): OpenPart {
  const daysOverdue = daysBetween(dueOn, asOn);
  return { dueOn, daysOverdue, bucket: bucketOf(daysOverdue), openMinor };
}

function oldestFirst(a: OpenRow, b: OpenRow): number {
  return a.parts[0].dueOn - b.parts[0].dueOn || compare(a.invoice.number, b.invoice.number);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function sum(amounts: readonly Minor[]): Minor {
  return amounts.reduce((total, minor) => total + minor, 0);
}
