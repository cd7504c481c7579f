/**
 * Whose doing it was that money came late: the last reason given for each invoice, counted by reason
 * and by fault. Amounts stand by currency and are never added across; the share is of invoices, which
 * can be counted together.
 * Four invoices, one lost in the mail, two without money, one faulty delivery: ours 25 %, the
 * customer's 50 %, contested 25 %.
 */
import type { Day } from './day.ts';
import { groupBy } from './group-by.ts';
import type { Currency, Minor } from './money.ts';
import { type Fault, FAULTS, REASON_CODES, type ReasonCode, REASONS } from './reasons.ts';
import type { CustomerId, InvoiceId } from './receivables.ts';

export interface GivenReason {
  invoiceId: InvoiceId;
  number: string;
  customerId: CustomerId;
  customerName: string;
  code: ReasonCode;
  currency: Currency;
  amountMinor: Minor;
  givenOn: Day;
  by: string;
  note: string | null;
}

export interface AmountIn {
  currency: Currency;
  amountMinor: Minor;
}

export interface ReasonLine {
  code: ReasonCode;
  words: string;
  fault: Fault;
  count: number;
  amounts: AmountIn[];
  /** The largest first, by currency. */
  invoices: GivenReason[];
}

export interface FaultLine {
  fault: Fault;
  count: number;
  /** Of all invoices that have a reason; 0 when none has. */
  share: number;
  amounts: AmountIn[];
}

export interface ReasonReport {
  count: number;
  /** Every fault, also one with nothing to answer for. */
  faults: FaultLine[];
  /** The most frequent first. */
  reasons: ReasonLine[];
}

export function reportReasons(given: readonly GivenReason[]): ReasonReport {
  const byCode = groupBy(given, (reason) => reason.code);
  const reasons = REASON_CODES.flatMap((code): ReasonLine[] => {
    const invoices = byCode.get(code) ?? [];
    if (invoices.length === 0) return [];
    const { words, fault } = REASONS[code];
    return [
      {
        code,
        words,
        fault,
        count: invoices.length,
        amounts: amountsOf(invoices),
        invoices: invoices.toSorted(largestFirst),
      },
    ];
  });
  const faults = FAULTS.map((fault): FaultLine => {
    const invoices = given.filter((reason) => REASONS[reason.code].fault === fault);
    const share = given.length === 0 ? 0 : invoices.length / given.length;
    return { fault, count: invoices.length, share, amounts: amountsOf(invoices) };
  });
  return { count: given.length, faults, reasons: reasons.sort((a, b) => b.count - a.count) };
}

function amountsOf(invoices: readonly GivenReason[]): AmountIn[] {
  return [...groupBy(invoices, (reason) => reason.currency)]
    .map(([currency, rows]) => ({
      currency,
      amountMinor: rows.reduce((sum, row) => sum + row.amountMinor, 0),
    }))
    .sort((a, b) => (a.currency < b.currency ? -1 : 1));
}

function largestFirst(a: GivenReason, b: GivenReason): number {
  if (a.currency !== b.currency) return a.currency < b.currency ? -1 : 1;
  return b.amountMinor - a.amountMinor || (a.invoiceId < b.invoiceId ? -1 : 1);
}
