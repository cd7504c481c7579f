/**
 * What promises and disputes say about the customer who made them: how many promises whose day has
 * passed were kept, and how much of what is open is contested today.
 * Two promises kept and one broken; 200.00 of an invoice of 500.00 contested: 2, 0, 1 and 200.00.
 */
import type { DisputeRecord, PromiseRecord } from './customer-facts.ts';
import type { Day } from './day.ts';
import { soonest } from './day.ts';
import { contestedMinor, type DisputeHold, disputeStanding } from './dispute.ts';
import { covers, type HoldRules } from './holds.ts';
import type { Currency, Minor } from './money.ts';
import { type PromiseHold, promiseStanding } from './promise.ts';
import type { CustomerId, InvoiceId } from './receivables.ts';

type UntilOn = { changesOn: Day | null };

export function promiseRecord(
  promises: readonly PromiseHold[],
  rulesOf: (promise: PromiseHold) => HoldRules,
  asOn: Day,
): PromiseRecord & UntilOn {
  const standings = promises.map((promise) => promiseStanding(promise, rulesOf(promise), asOn));
  const countOf = (state: string) => standings.filter((one) => one.state === state).length;
  return {
    keptCount: countOf('kept'),
    partlyKeptCount: countOf('partly_kept'),
    brokenCount: countOf('broken'),
    changesOn: soonest(...standings.map((one) => one.changesOn)),
  };
}

interface OpenInvoice {
  id: InvoiceId;
  customerId: CustomerId;
  currency: Currency;
  openMinor: Minor;
}

/** Several disputes of one invoice contest no more than is open on it. */
export function disputedToday(
  disputes: readonly DisputeHold[],
  invoices: readonly OpenInvoice[],
  debtorId: CustomerId,
  asOn: Day,
): Pick<DisputeRecord, 'disputed'> & UntilOn {
  const disputed = invoices.flatMap((invoice) => {
    const amountMinor = disputes
      .filter((dispute) => covers(dispute, invoice, debtorId))
      .reduce((sum, dispute) => sum + contestedMinor(dispute, invoice, asOn), 0);
    if (amountMinor === 0) return [];
    return [{ currency: invoice.currency, amountMinor: Math.min(invoice.openMinor, amountMinor) }];
  });
  const changes = disputes.map((dispute) => disputeStanding(dispute, asOn).changesOn);
  return { disputed, changesOn: soonest(...changes) };
}
