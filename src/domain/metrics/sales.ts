/**
 * What a book sold, month by month, and what it is owed: the figures from which days of sales are
 * reckoned. Sales are what was invoiced less the credit notes of the month; journals are owed and not sold.
 */
import { addDays, type Day, daysBetween } from '../day.ts';
import type { Minor } from '../money.ts';
import type { SalesMonth } from './countback.ts';
import type { CustomerView } from './metric.ts';
import { daysIn, firstDayOf, type Month, monthOf } from './month.ts';
import { type PerCurrency, TopRows, invoiceDrill } from './collect.ts';

export interface SalesTally {
  owedMinor: Minor;
  notDueMinor: Minor;
  owedAtStartMinor: Minor;
  /** Invoiced less credited in the period. */
  periodSalesMinor: Minor;
  byMonth: Map<Month, Minor>;
  rows: TopRows;
}

export const newSalesTally = (): SalesTally => ({
  owedMinor: 0,
  notDueMinor: 0,
  owedAtStartMinor: 0,
  periodSalesMinor: 0,
  byMonth: new Map(),
  rows: new TopRows(),
});

export function addSales(
  tallies: PerCurrency<SalesTally>,
  customer: CustomerView,
  period: { from: Day; asOn: Day },
): void {
  const { from, asOn } = period;
  for (const invoice of customer.invoices) {
    const { row } = invoice;
    const tally = tallies.of(row.currency);
    const openMinor = invoice.openOn(asOn);
    tally.owedMinor += openMinor;
    tally.owedAtStartMinor += invoice.openOn(addDays(from, -1));
    for (const item of invoice.itemsOn(asOn)) {
      if (item.dueOn >= asOn) tally.notDueMinor += item.openMinor;
    }
    tally.rows.add(invoiceDrill(customer, invoice, openMinor, 'money'));
    if (row.kind === 'invoice') sell(tally, row.fromOn, row.totalMinor, from);
  }
  for (const credit of customer.credits) {
    if (credit.kind !== 'credit_note') continue;
    sell(tallies.of(credit.currency), credit.fromOn, -credit.totalMinor, from);
  }
}

function sell(tally: SalesTally, on: Day, amountMinor: Minor, from: Day): void {
  const month = monthOf(on);
  tally.byMonth.set(month, (tally.byMonth.get(month) ?? 0) + amountMinor);
  if (on >= from) tally.periodSalesMinor += amountMinor;
}

/** From the month of `asOn` back to the first with any sale; the month that is not over counts its days so far. */
export function salesMonths(tally: SalesTally, asOn: Day): SalesMonth[] {
  const newest = monthOf(asOn);
  const oldest = Math.min(newest, ...tally.byMonth.keys());
  const months: SalesMonth[] = [];
  for (let month = newest; month >= oldest; month -= 1) {
    const days = month === newest ? daysBetween(firstDayOf(month), asOn) + 1 : daysIn(month);
    months.push({ salesMinor: tally.byMonth.get(month) ?? 0, days });
  }
  return months;
}
