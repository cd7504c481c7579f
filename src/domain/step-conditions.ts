/**
 * Whether a policy, or one of its steps, is meant for an invoice on a day. The facts are those of that
 * day if nothing else happens: how old the invoice is by then and what will be overdue.
 * A call for two overdue invoices or more, and only one is: the call is passed over until the second
 * falls due.
 */
import { conditionDays, type Conditions, standsInTheWay } from './conditions.ts';
import { type Day, daysBetween, soonest } from './day.ts';
import { openDueItems } from './due-items.ts';
import type { ChaseInvoice, CustomerCase } from './dunning-case.ts';
import { isHeldOut } from './hold-out.ts';
import type { OverdueTimeline } from './overdue-timeline.ts';
import type { Policy } from './policy.ts';
import { isFormal, type Passes, type Passing } from './step-chain.ts';
import { percentText } from './text.ts';

export interface Subject {
  invoice: ChaseInvoice;
  /** When the earliest part that is open falls due. */
  dueOn: Day;
  customer: CustomerCase;
  timeline: OverdueTimeline;
}

export function policyPasses(policy: Policy, subject: Subject, on: Day): Passing {
  const { why, changesOn } = judgeOn(policy, subject, on);
  if (why === null) return { why, changesOn };
  const text = `Policy "${policy.name}" is not for it: ${why}.`;
  return { why: { code: 'policy_condition', text, figures: { needs: why } }, changesOn };
}

export function stepPasses(policy: Policy, subject: Subject): Passes {
  const heldOut = holdOutOf(policy, subject);
  return (step, index, on) => {
    if (heldOut !== null && index < heldOut.before && !isFormal(step)) {
      return { why: heldOut.why, changesOn: null };
    }
    const { why, changesOn } = judgeOn(step, subject, on);
    if (why === null) return { why, changesOn };
    const text = `"${step.name}" is passed over: ${why}.`;
    return { why: { code: `passed:${step.key}`, text, figures: { needs: why } }, changesOn };
  };
}

function holdOutOf(policy: Policy, { customer }: Subject) {
  const { debtor } = customer;
  if (policy.holdOut === null || !isHeldOut(policy, debtor.id)) return null;
  const { share, before } = policy.holdOut;
  const index = policy.steps.findIndex((step) => step.key === before);
  const text = `${debtor.name} is in the hold-out of ${percentText(share)}: no reminder before "${policy.steps[index]?.name ?? before}".`;
  return { before: index, why: { code: 'hold_out', text } };
}

interface Limited {
  when: Conditions | null;
  unless: Conditions | null;
}

function judgeOn(
  { when, unless }: Limited,
  { invoice, dueOn, customer, timeline }: Subject,
  on: Day,
): { why: string | null; changesOn: Day | null } {
  if (when === null && unless === null) return { why: null, changesOn: null };
  const { currency } = invoice;
  const parts = openDueItems(invoice).filter((part) => part.dueOn > dueOn);
  const notYet = parts.filter((part) => part.dueOn > on);
  const facts = {
    ...customer.profile,
    currency,
    amountMinor: notYet.reduce((sum, part) => sum - part.openMinor, invoice.openMinor),
    overdueMinor: timeline.sumOn(currency, on),
    age: daysBetween(dueOn, on),
    overdueCount: timeline.countOn(on),
  };
  const clock = {
    dueOn,
    amountChangesOn: soonest(...notYet.map((part) => part.dueOn)),
    overdueChangesOn: timeline.changesOn(currency, on),
  };
  return {
    why: standsInTheWay(when, unless, facts),
    changesOn: soonest(...conditionDays(when, clock, on), ...conditionDays(unless, clock, on)),
  };
}
