/**
 * QuickBooks payments. Every line has a positive amount and names what it is set against; the sign
 * follows from what that is: an invoice takes money, a credit memo gives it, a journal entry either.
 * A payment of nothing that links the two moved no money and is no sign of how a customer pays:
 * 100.00 of credit memo 73 on invoice 71 arrives as a payment of 0.00 with two lines of 100.00.
 */
import { z } from 'zod';
import type { Minor } from '../../src/domain/money.ts';
import type {
  Allocation,
  CreditId,
  CustomerId,
  InvoiceId,
  Payment,
  PaymentId,
} from '../../src/domain/receivables.ts';
import type { Day } from '../../src/domain/day.ts';
import type { Row } from './client.ts';
import { isRecord } from './fault.ts';
import {
  amount,
  currencyOf,
  dayOf,
  id,
  isVoidNote,
  Misfit,
  optionalAmount,
  optionalRef,
  parseRow,
  positiveMinorOf,
  ref,
  stamped,
  stampOf,
  text,
  textOf,
} from './fields.ts';
import type { JournalSide } from './journal.ts';
import type { Company } from './map.ts';

/** What the entries that payments name do to customers, by the entry's id. */
export type JournalIndex = ReadonlyMap<string, readonly JournalSide[]>;

const Link = z.object({ TxnId: id, TxnType: z.string(), TxnLineId: text });
type Link = z.infer<typeof Link>;

const PaymentRow = z.object({
  ...stamped,
  TxnDate: z.string(),
  CustomerRef: ref,
  CurrencyRef: optionalRef,
  TotalAmt: amount,
  UnappliedAmt: optionalAmount,
  PaymentRefNum: text,
  PrivateNote: text,
  Line: z.array(z.object({ Amount: optionalAmount, LinkedTxn: z.array(Link).nullish() })).nullish(),
});
type PaymentRow = z.infer<typeof PaymentRow>;

export function mapPayment(row: unknown, company: Company, journals: JournalIndex): Payment {
  const payment = parseRow(PaymentRow, row);
  const currency = currencyOf(payment.CurrencyRef, company.homeCurrency);
  const amountMinor = positiveMinorOf(payment.TotalAmt, currency, 'TotalAmt');
  const unappliedMinor = positiveMinorOf(payment.UnappliedAmt ?? 0, currency, 'UnappliedAmt');
  const paidOn = dayOf(payment.TxnDate, 'TxnDate');
  const customerId = payment.CustomerRef.value as CustomerId;
  const parts = partsOf(payment, currency);
  const allocations = allocate(parts, journals, customerId, amountMinor - unappliedMinor, paidOn);
  const drewOnCredit = allocations.some((allocation) => allocation.targetKind === 'credit');
  return {
    id: payment.Id as PaymentId,
    kind: amountMinor === 0 && drewOnCredit ? 'credit_application' : 'receipt',
    reference: textOf(payment.PaymentRefNum),
    customerId,
    status: amountMinor === 0 && isVoidNote(payment.PrivateNote) ? 'voided' : 'received',
    paidOn,
    currency,
    amountMinor,
    unappliedMinor,
    allocations,
    ...stampOf(payment),
  };
}

/** Journal entries that payments of these rows are set against. */
export function journalsNamed(rows: readonly Row[]): string[] {
  return rows
    .flatMap((row) => asList(row['Line']))
    .flatMap((line) => asList(line['LinkedTxn']))
    .filter((link) => link['TxnType'] === 'JournalEntry')
    .map((link) => link['TxnId'])
    .filter((journalId) => typeof journalId === 'string');
}

function asList(value: unknown): Row[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

interface Part {
  link: Link;
  amountMinor: Minor;
}

function partsOf(payment: PaymentRow, currency: string): Part[] {
  return (payment.Line ?? []).flatMap((line, index) => {
    const links = line.LinkedTxn ?? [];
    const [link] = links;
    if (link === undefined) return [];
    // The schema allows it, no recording shows it, and nothing says how the amount would divide.
    if (links.length > 1) throw new Misfit(`Line.${index}.LinkedTxn`, 'names several for one sum');
    const amountMinor = positiveMinorOf(line.Amount ?? 0, currency, `Line.${index}.Amount`);
    return amountMinor === 0 ? [] : [{ link, amountMinor }];
  });
}

interface Target {
  kind: 'invoice' | 'credit';
  id: string;
}

/**
 * Journal entries that could be either side are placed last, so that the sum comes out right:
 * money + credits = invoices + unapplied. Refund cheques, expenses and deposits are no records of
 * ours; their lines are left out, and the credit they use up says so by its own remaining amount.
 */
function allocate(
  parts: readonly Part[],
  journals: JournalIndex,
  customerId: CustomerId,
  moneyMinor: Minor,
  allocatedOn: Day,
): Allocation[] {
  const placed: Allocation[] = [];
  const open: { part: Part; candidates: JournalSide[] }[] = [];
  let balanceMinor = moneyMinor;
  const place = ({ kind, id: targetId }: Target, { amountMinor }: Part) => {
    balanceMinor += kind === 'credit' ? amountMinor : -amountMinor;
    placed.push({
      targetKind: kind,
      targetId: targetId as InvoiceId | CreditId,
      amountMinor,
      allocatedOn,
    });
  };
  for (const part of parts) {
    const { TxnType: type, TxnId: txnId } = part.link;
    if (type === 'Invoice') place({ kind: 'invoice', id: txnId }, part);
    else if (type === 'CreditMemo') place({ kind: 'credit', id: txnId }, part);
    else if (type === 'JournalEntry')
      open.push({ part, candidates: candidatesOf(part.link, journals, customerId) });
  }
  for (const { part, candidates } of open) {
    const side = choose(candidates, part.amountMinor, balanceMinor);
    if (side !== undefined) place({ kind: side.kind, id: side.recordId }, part);
  }
  return placed;
}

function candidatesOf(link: Link, journals: JournalIndex, customerId: CustomerId): JournalSide[] {
  const sides = [...(journals.get(link.TxnId) ?? [])];
  const lineId = link.TxnLineId;
  const named = sides.filter((side) => lineId != null && side.lineIds.includes(lineId));
  if (named.length > 0) return named;
  const own = sides.filter((side) => side.customerId === customerId);
  // A parent may pay what was booked on its sub-customer.
  return own.length > 0 ? own : sides;
}

/** What is still to be covered tells the side; then an equal amount; then a debit, the common case. */
function choose(
  candidates: readonly JournalSide[],
  amountMinor: Minor,
  balanceMinor: Minor,
): JournalSide | undefined {
  if (candidates.length <= 1) return candidates[0];
  const wanted = balanceMinor < 0 ? 'credit' : 'invoice';
  const rank = (side: JournalSide) =>
    (side.kind === wanted ? 2 : 0) + (side.amountMinor === amountMinor ? 1 : 0);
  return candidates.reduce((best, side) => (rank(side) > rank(best) ? side : best));
}
