/**
 * The words on a statement: what a line is called, so that its reader finds it in their own books.
 * Credit note CN-7 · Payment received 20 May 2026, reference Bank 9 · Payment for INV-1, INV-2.
 */
import type { MovementKind } from './account.ts';
import type { Bucket } from './aging.ts';
import { type Currency, type Minor, minorToDecimal } from './money.ts';
import type { CreditKind } from './receivables.ts';
import type { ActivityRow, HeldRow } from './statement.ts';
import { dayText, plural } from './text.ts';

const CREDIT_WORDS: Readonly<Record<CreditKind, string>> = {
  credit_note: 'Credit note',
  overpayment: 'Overpayment',
  prepayment: 'Prepayment',
  journal: 'Credit',
};

/** A credit by its number, or by its day where it has none; a payment by the day it came. */
export function heldLabel({ kind, number, on }: Omit<HeldRow, 'amountMinor'>): string {
  if (kind !== 'payment') return `${CREDIT_WORDS[kind]} ${number ?? `of ${dayText(on)}`}`;
  const received = `Payment received ${dayText(on)}`;
  return number === null ? received : `${received}, reference ${number}`;
}

const MOVEMENT_WORDS: Readonly<Record<Exclude<MovementKind, 'credit'>, string>> = {
  invoice: 'Invoice',
  payment: 'Payment',
  refund: 'Refund',
  transfer: 'Credit transferred',
  other_settlement: 'Settled in the ledger',
};

export function movementLabel(row: Pick<ActivityRow, 'kind' | 'creditKind' | 'document'>): string {
  const { kind, creditKind, document } = row;
  const word = kind === 'credit' ? CREDIT_WORDS[creditKind ?? 'credit_note'] : MOVEMENT_WORDS[kind];
  return document === null ? word : `${word} ${document}`;
}

const NAMED_MAX = 4;

/** What a movement was for: "for INV-1, INV-2, INV-3, INV-4 and 2 more", or the branch. */
export function movementDetail({
  invoices,
  branch,
}: Pick<ActivityRow, 'invoices' | 'branch'>): string {
  if (branch !== null) return branch;
  if (invoices.length === 0) return '';
  const named = invoices.slice(0, NAMED_MAX).join(', ');
  const more = invoices.length - NAMED_MAX;
  return more > 0 ? `for ${named} and ${more} more` : `for ${named}`;
}

/** "31 days overdue", "due today", "due in 5 days" */
export function ageText(daysOverdue: number): string {
  if (daysOverdue === 0) return 'due today';
  return daysOverdue > 0
    ? `${plural(daysOverdue, 'day')} overdue`
    : `due in ${plural(-daysOverdue, 'day')}`;
}

export const BUCKET_WORDS: Readonly<Record<Bucket, string>> = {
  current: 'Not overdue',
  '1-30': '1–30 days',
  '31-60': '31–60 days',
  '61-90': '61–90 days',
  '90+': 'Over 90 days',
};

/** The figure alone, for a column that names its currency: 123450 NZD is "1,234.50", less is "−1,234.50". */
export function amountText(amountMinor: Minor, currency: Currency): string {
  const [whole = '', fraction] = minorToDecimal(Math.abs(amountMinor), currency).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const text = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  return amountMinor < 0 ? `−${text}` : text;
}
