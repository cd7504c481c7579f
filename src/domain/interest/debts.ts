/**
 * The debts that an invoice is made of. Each part that falls due on a day of its own is a debt with its
 * own start, interest and compensation; what is paid counts against the earliest part first, and so does
 * what is disputed. Money stops interest on the day it was received, a credit on the day of the credit
 * note, even where the ledger set it against the invoice weeks later.
 * 900 in thirds, 400 paid in February: January's 300 ended that day, February's has 200 left, March's 300.
 */
import { type DatedAmount, settlementsOf } from '../as-of.ts';
import type { Day } from '../day.ts';
import { openDueItems } from '../due-items.ts';
import type { Currency, Minor } from '../money.ts';
import type { CustomerId, DueItem, InvoiceId } from '../receivables.ts';

export interface LateInvoice {
  id: InvoiceId;
  number: string;
  customerId: CustomerId;
  currency: Currency;
  issuedOn: Day;
  dueOn: Day;
  schedule: readonly DueItem[] | null;
  totalMinor: Minor;
  openMinor: Minor;
  paidOn: Day | null;
  /** What a live dispute covers. */
  disputedMinor: Minor;
  uses: readonly DatedAmount[];
}

export interface Debt {
  invoiceId: InvoiceId;
  number: string;
  currency: Currency;
  dueOn: Day;
  amountMinor: Minor;
  /** Part of the amount; it bears nothing while the dispute lasts. */
  disputedMinor: Minor;
  reductions: readonly DatedAmount[];
}

/** One debt for each due date, earliest first. */
export function debtsOf(invoice: LateInvoice): Debt[] {
  const { id, number, currency, dueOn, schedule, totalMinor, openMinor } = invoice;
  const reductions = settlementsOf({
    fromOn: invoice.issuedOn,
    totalMinor,
    nowMinor: openMinor,
    settledOn: invoice.paidOn,
    uses: invoice.uses,
  });
  const purse = reductions.map((reduction) => ({ ...reduction }));
  let disputedLeft = invoice.disputedMinor;
  return openDueItems({ dueOn, schedule, openMinor: totalMinor }).map((part) => {
    const disputedMinor = Math.min(disputedLeft, part.openMinor);
    disputedLeft -= disputedMinor;
    return {
      invoiceId: id,
      number,
      currency,
      dueOn: part.dueOn,
      amountMinor: part.openMinor,
      disputedMinor,
      reductions: takeFrom(purse, part.openMinor),
    };
  });
}

/** Takes up to `neededMinor` from the purse, the earliest money first. */
function takeFrom(purse: DatedAmount[], neededMinor: Minor): DatedAmount[] {
  const taken: DatedAmount[] = [];
  let needed = neededMinor;
  for (const coin of purse) {
    const amountMinor = Math.min(needed, coin.amountMinor);
    if (amountMinor <= 0) continue;
    taken.push({ ...coin, amountMinor });
    coin.amountMinor -= amountMinor;
    needed -= amountMinor;
  }
  return taken;
}
