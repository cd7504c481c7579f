/**
 * What holds say about the money to come: a promise whose day is still ahead and the open instalments of
 * a running plan name days and amounts, an open dispute takes its part out. A promise over several
 * invoices fills the one that fell due first. 500.00 promised against 300.00 and 400.00: 300.00 and 200.00.
 */
import type { Day } from './day.ts';
import type { AgreedPayment, ForecastAgreements } from './forecast.ts';
import { type Hold, type HoldOf, type HoldRules, isWithin } from './holds.ts';
import { planItems, planStanding } from './payment-plan.ts';
import { promiseStanding } from './promise.ts';

/** `rulesOf`: what the policy in force says of a hold; `reliability`: the chance that its customer does what it said. */
export function agreementsOf(
  holds: readonly Hold[],
  asOn: Day,
  rulesOf: (hold: Hold) => HoldRules,
  reliability: (hold: Hold) => number,
): ForecastAgreements {
  const agreements = {
    promises: [] as AgreedPayment[],
    plans: [] as AgreedPayment[],
    disputes: [] as { invoiceId: AgreedPayment['invoiceId']; amountMinor: number | null }[],
  };
  for (const hold of holds) {
    if (hold.kind === 'promise') {
      agreements.promises.push(...promisedParts(hold, asOn, rulesOf(hold), reliability(hold)));
    } else if (hold.kind === 'plan') {
      agreements.plans.push(...instalments(hold, asOn, rulesOf(hold), reliability(hold)));
    } else if (hold.kind === 'dispute' && isWithin(hold, asOn) && hold.terms.resolution === null) {
      const amountMinor = hold.terms.part?.amountMinor ?? null;
      agreements.disputes.push(...hold.invoices.map(({ id }) => ({ invoiceId: id, amountMinor })));
    }
  }
  return agreements;
}

function promisedParts(
  hold: HoldOf<'promise'>,
  asOn: Day,
  rules: HoldRules,
  reliability: number,
): AgreedPayment[] {
  const { state, dueMinor, arrivedMinor } = promiseStanding(hold, rules, asOn);
  if (state !== 'pending') return [];
  let left = dueMinor - arrivedMinor;
  const parts: AgreedPayment[] = [];
  for (const { id, openMinor } of hold.invoices.toSorted(byDue)) {
    const amountMinor = Math.min(left, openMinor);
    if (amountMinor <= 0) continue;
    left -= amountMinor;
    parts.push({ invoiceId: id, amountMinor, on: hold.terms.payOn, reliability });
  }
  return parts;
}

function byDue(a: Hold['invoices'][number], b: Hold['invoices'][number]): number {
  return a.dueOn - b.dueOn || (a.id < b.id ? -1 : 1);
}

function instalments(
  hold: HoldOf<'plan'>,
  asOn: Day,
  rules: HoldRules,
  reliability: number,
): AgreedPayment[] {
  if (planStanding(hold, rules, asOn).state !== 'running') return [];
  return [...planItems(hold)].flatMap(([invoiceId, items]) =>
    items.map(({ dueOn, openMinor }) => ({
      invoiceId,
      amountMinor: openMinor,
      on: dueOn,
      reliability,
    })),
  );
}
