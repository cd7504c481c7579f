/**
 * What stops a letter although a step is due: the figures cannot be trusted, the money may already be
 * here, there is nobody to write to, or the last letter is too recent. Each says what would lift it.
 * 500 unapplied against 800 that would be asked for, at a share of one half: held.
 */
import { nextSendDay } from './calendar.ts';
import { addDays, type Day, formatDay } from './day.ts';
import type { CustomerCase, DunningContext, Reason, Rules } from './dunning-case.ts';
import type { Currency, Minor } from './money.ts';
import type { Recipients } from './recipients.ts';
import { isDue, type Standing } from './standing.ts';
import { dayText, moneyText } from './text.ts';

/** A mail server that refused an address for good is not asked again about the same address before this. */
const REJECTION_PAUSE_DAYS = 7;

export interface Obstacle {
  outcome: 'hold' | 'wait';
  reason: Reason;
  nextOn: Day | null;
}

export function offBalance(customer: CustomerCase): Reason | null {
  const [first] = customer.offBalance.toSorted((a, b) => (a.customerId < b.customerId ? -1 : 1));
  if (first === undefined) return null;
  const why = first.reason === null ? '' : ` (${first.reason})`;
  return {
    code: 'off_balance',
    text: `The balance of ${first.name} here and in the ledger differ${why}: not chased until they agree.`,
  };
}

/** Money that has arrived but is set against nothing: asking for the same amount would be wrong. */
export function unappliedCredit(
  group: readonly Standing[],
  currency: Currency,
  customer: CustomerCase,
  context: DunningContext,
): Reason | null {
  const creditMinor = unappliedIn(customer, currency);
  if (creditMinor <= 0) return null;
  const askedMinor = group
    .filter((s) => isDue(s) || (s.isListable && s.dueOn < context.asOn))
    .reduce((sum, s) => sum + s.askedMinor, 0);
  // Of several policies the most careful one speaks.
  const shares = group.filter(isDue).map(({ rules }) => rules.policy.unappliedCreditHoldShare);
  if (creditMinor < askedMinor * Math.min(...shares)) return null;
  return {
    code: 'unapplied_credit',
    text: `${moneyText(creditMinor, currency)} of credit or payment stands unapplied against ${moneyText(askedMinor, currency)} that would be asked for: apply it first.`,
    figures: { creditMinor, askedMinor },
  };
}

export function unappliedIn(customer: CustomerCase, currency: Currency): Minor {
  return customer.unapplied
    .filter((credit) => credit.currency === currency)
    .reduce((sum, credit) => sum + credit.amountMinor, 0);
}

export function unreachable(recipients: Recipients, customer: CustomerCase): Obstacle | null {
  if (recipients.to.length > 0) return null;
  const [first] = recipients.refused;
  const why =
    first === undefined ? 'has no email address' : `has no usable address: ${first.reason}`;
  const text = `${customer.debtor.name} ${why}.`;
  return { outcome: 'hold', reason: { code: 'unreachable', text }, nextOn: null };
}

export function refusedBefore(
  recipients: Recipients,
  currency: Currency,
  customer: CustomerCase,
  context: DunningContext,
): Obstacle | null {
  const same = [...recipients.to].sort().join(',');
  const refusedOn = customer.rejections
    .filter((r) => r.currency === currency && [...r.to].sort().join(',') === same)
    .map((r) => addDays(r.on, REJECTION_PAUSE_DAYS))
    .filter((until) => until > context.asOn);
  if (refusedOn.length === 0) return null;
  const until = Math.max(...refusedOn) as Day;
  return {
    outcome: 'hold',
    reason: {
      code: 'address_refused',
      text: `The mail server refused the last message to this address for good: correct it, or it is tried again on ${dayText(until)}.`,
    },
    nextOn: until,
  };
}

/** Not two messages within the days the policy names. */
export function tooSoon(
  currency: Currency,
  { policy, calendar }: Rules,
  customer: CustomerCase,
  context: DunningContext,
): Obstacle | null {
  const sentOn = customer.messagesSent
    .filter((message) => message.currency === currency)
    .map((message) => message.on);
  if (sentOn.length === 0) return null;
  const latestOn = Math.max(...sentOn) as Day;
  const readyOn = addDays(latestOn, policy.spacing.customerDays);
  if (readyOn <= context.asOn) return null;
  const on = nextSendDay(calendar, readyOn);
  return {
    outcome: 'wait',
    reason: {
      code: 'spacing',
      text: `The last message went out on ${dayText(latestOn)}; the next may follow on ${dayText(on)}.`,
      figures: { latestOn: formatDay(latestOn) },
    },
    nextOn: on,
  };
}
