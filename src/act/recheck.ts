/**
 * Is an invoice still owed as it was when the reminder was planned? Asked for each listed invoice just
 * before the message leaves, of the freshest figures there are. What no longer stands is dropped from
 * the list; when nothing is left that caused the message, the message is not sent.
 * Planned: 1,200.00 due 1 June. Now: 300.00 still open: stays, with 300.00. Now: paid: dropped.
 */
import type { Day } from '../domain/day.ts';
import { askedMinor, holdEffect } from '../domain/hold-effect.ts';
import { covers, type Hold, type HoldRules } from '../domain/holds.ts';
import type { Currency, Minor } from '../domain/money.ts';
import type { CustomerId, Invoice } from '../domain/receivables.ts';
import { dayText } from '../domain/text.ts';

export type CurrentInvoice = Pick<
  Invoice,
  | 'id'
  | 'kind'
  | 'number'
  | 'customerId'
  | 'status'
  | 'issuedOn'
  | 'dueOn'
  | 'schedule'
  | 'currency'
  | 'totalMinor'
  | 'emailText'
> & { openMinor: Minor };

/** As the action lists it. */
export interface Listed {
  invoiceId: string;
  isTrigger: boolean;
  dueOn: Day;
}

export interface StandingLine extends Listed {
  invoice: CurrentInvoice;
  askedMinor: Minor;
  /** Not asked for, because it is in dispute. */
  contestedMinor: Minor;
}

export type Verdict = { stands: true; line: StandingLine } | { stands: false; because: string };

export interface RecheckContext {
  today: Day;
  /** The day on which the reminder was decided. */
  plannedOn: Day;
  currency: Currency;
  /** Who is written to. */
  debtorId: CustomerId;
  debtorOf: (customerId: CustomerId) => CustomerId;
  holds: readonly Hold[];
  /** What the policies in force say of holds. */
  holdRules: { forInvoice: (invoice: Pick<Invoice, 'id' | 'customerId'>) => HoldRules };
}

export function recheck(
  listed: Listed,
  current: CurrentInvoice | null,
  context: RecheckContext,
): Verdict {
  if (current === null) return gone(`invoice ${listed.invoiceId} is no longer in the ledger`);
  const because = notOwed(current) ?? notTheirs(current, context);
  if (because !== null) return gone(because);
  const covering = context.holds
    .filter((hold) => covers(hold, current, context.debtorId))
    .map((hold) => withFreshAmount(hold, current));
  const effect = holdEffect(
    covering,
    current,
    context.holdRules.forInvoice(current),
    context.today,
  );
  if (effect.held !== null) {
    return gone(`${current.number} is on hold: ${effect.held.reason.text}`);
  }
  const dueOn = effect.items[0]?.dueOn ?? current.dueOn;
  const moved = movedOn(listed, current, dueOn, context);
  if (moved !== null) return gone(moved);
  const horizon = Math.max(context.today, dueOn) as Day;
  const line = {
    ...listed,
    dueOn,
    invoice: current,
    askedMinor: askedMinor(effect, current.openMinor, horizon),
    contestedMinor: effect.contestedMinor,
  };
  return { stands: true, line };
}

/** The hold was read with the mirror's figure; the invoice itself may have been read live since. */
function withFreshAmount(hold: Hold, current: CurrentInvoice): Hold {
  const invoices = hold.invoices.map((invoice) =>
    invoice.id === current.id ? { ...invoice, openMinor: current.openMinor } : invoice,
  );
  return { ...hold, invoices };
}

function gone(because: string): Verdict {
  return { stands: false, because };
}

function notOwed({ number, status, openMinor }: CurrentInvoice): string | null {
  switch (status) {
    case 'paid':
      return `${number} has been paid`;
    case 'voided':
      return `${number} has been voided`;
    case 'deleted':
      return `${number} has been deleted`;
    case 'draft':
      return `${number} is a draft again`;
    case 'open':
      return openMinor > 0 ? null : `${number} has been paid`;
  }
}

function notTheirs(invoice: CurrentInvoice, context: RecheckContext): string | null {
  if (context.debtorOf(invoice.customerId) !== context.debtorId) {
    return `${invoice.number} now belongs to another customer`;
  }
  return invoice.currency === context.currency
    ? null
    : `${invoice.number} is now in ${invoice.currency}`;
}

function movedOn(
  listed: Listed,
  current: CurrentInvoice,
  dueOn: Day,
  context: RecheckContext,
): string | null {
  const isOverdue = dueOn < context.today;
  if (!listed.isTrigger) {
    return isOverdue ? null : `${current.number} now falls due on ${dayText(dueOn)}`;
  }
  if (dueOn > listed.dueOn) return `${current.number} now falls due on ${dayText(dueOn)}`;
  // A notice before the due date that was kept waiting past it would say what is no longer true.
  const wasNotice = listed.dueOn >= context.plannedOn;
  return wasNotice && isOverdue ? `${current.number} has fallen due meanwhile` : null;
}
