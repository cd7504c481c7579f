/** The sandbox's invented book as a payment history, each invoice with the chance of being late that its customer really had. */
import { payIntent } from '../../connectors/sandbox/generator/behaviour.ts';
import { generateBook } from '../../connectors/sandbox/generator/index.ts';
import type {
  BookPlan,
  CustomerPlan,
  InvoicePlan,
} from '../../connectors/sandbox/generator/plan.ts';
import { Random } from '../../connectors/sandbox/generator/random.ts';
import { day, type Day, fromDate } from '../../src/domain/day.ts';
import type { SimulatedInvoice } from './payment-simulator.ts';

const BORN_ON = day('2026-11-16');
/** The generator forgets so many of the last 330 days' invoices for ever, whoever the customer is. */
const FORGOTTEN = { share: 0.045, days: 330 };

/** What was known at the end of the day before the book was born. */
export function sandboxHistory(seed: number, invoices: number): SimulatedInvoice[] {
  const plan = generateBook({
    platform: 'xero',
    seed,
    index: 0,
    invoices,
    bornOn: BORN_ON,
    futureDays: 1,
    country: 'NZ',
    baseCurrency: 'NZD',
    timeZone: 'UTC',
    openShare: null,
  });
  const paidOn = paidDays(plan);
  const random = new Random(`oracle/${seed}`);
  const gone = goneInvoices(plan);
  return plan.invoices
    .filter((invoice) => invoice.issuedOn < BORN_ON && !gone.has(invoice.n))
    .map((invoice) => {
      const customer = plan.customers[invoice.customer]!;
      return {
        customer: `C${customer.n}`,
        issuedOn: invoice.issuedOn,
        dueOn: invoice.dueOn,
        paidOn: paidOn.get(invoice.n) ?? null,
        amountMinor: invoice.totalMinor,
        currency: invoice.currency,
        trueLate: lateShare(random, customer, invoice),
      };
    });
}

/** Drafts, and what was deleted or voided: never asked for. */
function goneInvoices(plan: BookPlan): Set<number> {
  const gone = new Set<number>();
  for (const { what } of plan.events) {
    if (what.kind === 'invoice' && what.draft) gone.add(what.invoice.n);
    if (what.kind === 'approve') gone.delete(what.invoice);
    if (what.kind === 'void' || what.kind === 'delete') gone.add(what.invoice);
  }
  return gone;
}

/** The day nothing was owed any more. */
function paidDays(plan: BookPlan): Map<number, Day> {
  const owed = new Map(plan.invoices.map((invoice) => [invoice.n, invoice.totalMinor]));
  const paid = new Map<number, Day>();
  const settle = (invoice: number, amountMinor: number, on: Day): void => {
    const left = (owed.get(invoice) ?? 0) - amountMinor;
    owed.set(invoice, left);
    if (left <= 0) paid.set(invoice, on);
  };
  const payments = new Map<number, { invoice: number; amountMinor: number }[]>();
  for (const { at, what } of plan.events) {
    if (fromDate(new Date(at)) >= BORN_ON) break;
    if (what.kind === 'payment') {
      payments.set(what.payment, what.applied);
      for (const part of what.applied) settle(part.invoice, part.amountMinor, what.on);
    }
    if (what.kind === 'apply') settle(what.invoice, what.amountMinor, what.on);
    if (what.kind === 'reverse') {
      for (const part of payments.get(what.payment) ?? []) {
        owed.set(part.invoice, (owed.get(part.invoice) ?? 0) + part.amountMinor);
        paid.delete(part.invoice);
      }
    }
  }
  return paid;
}

function lateShare(random: Random, customer: CustomerPlan, invoice: InvoicePlan): number {
  const draws = 100;
  let late = 0;
  for (let i = 0; i < draws; i += 1) {
    const intent = payIntent(random, customer, invoice, 1_000, BORN_ON);
    const paid = intent.pieces.reduce((sum, piece) => sum + piece.amountMinor, 0);
    const last = intent.pieces.at(-1);
    if (last === undefined || paid < 1_000 || last.on > invoice.dueOn) late += 1;
  }
  const share = (late + 0.5) / (draws + 1);
  const forgotten = BORN_ON - invoice.issuedOn < FORGOTTEN.days ? FORGOTTEN.share : 0;
  return forgotten + (1 - forgotten) * share;
}
