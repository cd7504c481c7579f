/**
 * What an invoice owes, by the day each part falls due. Most invoices have one part; a schedule of
 * instalments has several, and what has been paid counts against the earliest ones.
 * 900 due in thirds on the 1st of January, February and March with 400 paid leaves
 * nothing for January, 200 for February and 300 for March.
 */
import type { Day } from './day.ts';
import type { Minor } from './money.ts';
import type { DueItem } from './receivables.ts';

export interface OwedInvoice {
  dueOn: Day;
  schedule: readonly DueItem[] | null;
  openMinor: Minor;
}

export interface OpenItem {
  dueOn: Day;
  openMinor: Minor;
}

/** The parts still open, earliest first; they sum to the invoice's open amount. */
export function openDueItems(invoice: OwedInvoice): OpenItem[] {
  if (invoice.openMinor <= 0) return [];
  if (invoice.schedule === null || invoice.schedule.length === 0) {
    return [{ dueOn: invoice.dueOn, openMinor: invoice.openMinor }];
  }
  return scheduledItems(invoice.schedule, invoice.openMinor);
}

function scheduledItems(schedule: readonly DueItem[], openMinor: Minor): OpenItem[] {
  const latestFirst = schedule.toSorted((a, b) => b.dueOn - a.dueOn);
  const items: OpenItem[] = [];
  let left = openMinor;
  for (const part of latestFirst) {
    const openPart = Math.min(left, Math.max(0, part.amountMinor));
    if (openPart > 0) items.push({ dueOn: part.dueOn, openMinor: openPart });
    left -= openPart;
  }
  return withRemainder(items, left, latestFirst.at(-1)?.dueOn).reverse();
}

/** A schedule that adds up to less than is owed: the rest belongs to its first day. */
function withRemainder(items: OpenItem[], left: Minor, firstDueOn: Day | undefined): OpenItem[] {
  if (left <= 0 || firstDueOn === undefined) return items;
  const last = items.at(-1);
  if (last?.dueOn === firstDueOn) last.openMinor += left;
  else items.push({ dueOn: firstDueOn, openMinor: left });
  return items;
}
