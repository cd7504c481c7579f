/**
 * A payment plan: what is owed, in instalments with days of their own. While it runs, each instalment
 * is what falls due and is reminded of; payments fill the earliest first, whichever invoice they were
 * set against. An instalment still open some days after its day breaks the plan for good: the original
 * due dates return and the whole is due again. When all has been paid it ends by itself.
 * 900.00 in three monthly instalments from 1 July, 5 days' grace: 300.00 by 6 July keeps it running;
 * with 299.99 it is broken on the 7th.
 */
import { addDays, type Day, soonest } from './day.ts';
import { type OpenItem, openDueItems } from './due-items.ts';
import { arrivedBy, arrivedOn, type HoldOf, type HoldRules, openAtStart } from './holds.ts';
import type { Minor } from './money.ts';
import type { DueItem, InvoiceId } from './receivables.ts';

export type PlanState = 'running' | 'broken' | 'finished';
export type PlanHold = HoldOf<'plan'>;

export interface PlanStanding {
  state: PlanState;
  owedMinor: Minor;
  paidMinor: Minor;
  /** Instalments paid in full. */
  paidCount: number;
  /** The next instalment with anything open; null when none is. */
  next: OpenItem | null;
  /** The instalment that broke it, what was missing, and the day it broke. */
  broken: { instalment: DueItem; missingMinor: Minor; graceDays: number; on: Day } | null;
  changesOn: Day | null;
}

export function planStanding(
  hold: Pick<PlanHold, 'terms' | 'fromOn' | 'arrivals' | 'invoices'>,
  rules: Pick<HoldRules, 'onPlan'>,
  asOn: Day,
): PlanStanding {
  const { instalments } = hold.terms;
  const owedMinor = Math.min(totalOf(instalments), openAtStart(hold));
  const paidMinor = Math.min(owedMinor, arrivedBy(hold, asOn));
  const open = openDueItems(asInvoice(instalments, owedMinor - paidMinor));
  const standing = { owedMinor, paidMinor, paidCount: instalments.length - open.length };
  const next = open[0] ?? null;
  const graceDays = hold.terms.graceDays ?? rules.onPlan.graceDays;
  const failure = failureOf(hold, owedMinor, graceDays);
  if (failure !== null && failure.on <= asOn) {
    return { ...standing, next, state: 'broken', broken: failure, changesOn: null };
  }
  if (next === null) return { ...standing, next, state: 'finished', broken: null, changesOn: null };
  const paidOn = arrivedOn(hold, owedMinor);
  const changesOn = soonest(failure?.on ?? null, paidOn);
  return { ...standing, next, state: 'running', broken: null, changesOn };
}

function asInvoice(instalments: readonly DueItem[], openMinor: Minor) {
  return { dueOn: instalments[0]?.dueOn ?? (0 as Day), schedule: instalments, openMinor };
}

function totalOf(instalments: readonly DueItem[]): Minor {
  return instalments.reduce((sum, instalment) => sum + instalment.amountMinor, 0);
}

/** The first instalment that was not covered in time, from what is known to have arrived. */
function failureOf(
  hold: Pick<PlanHold, 'terms' | 'fromOn' | 'arrivals'>,
  owedMinor: Minor,
  graceDays: number,
): PlanStanding['broken'] {
  const { instalments } = hold.terms;
  // What is no longer owed for another reason (a payment entered late) fills the earliest, like all that comes.
  let dueMinor = owedMinor - totalOf(instalments);
  for (const instalment of instalments) {
    dueMinor += instalment.amountMinor;
    const lastOn = addDays(instalment.dueOn, graceDays);
    const missingMinor = dueMinor - arrivedBy(hold, lastOn);
    if (missingMinor > 0) return { instalment, missingMinor, graceDays, on: addDays(lastOn, 1) };
  }
  return null;
}

/**
 * What each invoice of a running plan owes and when: the open instalments, handed out to the open
 * invoices in the order of their due dates. The parts of an invoice sum to what is open on it.
 */
export function planItems(
  hold: Pick<PlanHold, 'terms' | 'invoices'>,
): ReadonlyMap<InvoiceId, OpenItem[]> {
  const invoices = hold.invoices
    .filter((invoice) => invoice.openMinor > 0)
    .toSorted((a, b) => a.dueOn - b.dueOn || (a.id < b.id ? -1 : 1));
  const openMinor = invoices.reduce((sum, invoice) => sum + invoice.openMinor, 0);
  const open = openDueItems(asInvoice(hold.terms.instalments, openMinor));
  const items = new Map<InvoiceId, OpenItem[]>();
  let at = 0;
  let left = open[0]?.openMinor ?? 0;
  for (const invoice of invoices) {
    const own: OpenItem[] = [];
    for (let needed = invoice.openMinor; needed > 0 && at < open.length;) {
      const taken = Math.min(needed, left);
      own.push({ dueOn: open[at]?.dueOn ?? invoice.dueOn, openMinor: taken });
      needed -= taken;
      left -= taken;
      if (left > 0) continue;
      at += 1;
      left = open[at]?.openMinor ?? 0;
    }
    items.set(invoice.id, own);
  }
  return items;
}
