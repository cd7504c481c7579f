/**
 * Flags on the account as a whole: nobody to write to, two sets of books that disagree, and the advice
 * to deliver nothing more on credit. Stopping supply is a hard word, so it takes two grounds, or one
 * debt that is older than four months; a trifle below a hundredth of a year's business is none.
 * 95 days overdue and over the limit: stop. It ends when neither is so any more.
 */
import type { CurrencyFacts, CustomerFacts } from './customer-facts.ts';
import type { CurrencyJudge, CustomerJudge } from './flag-judge.ts';
import { THRESHOLDS } from './flag-thresholds.ts';
import { dayText, moneyText, percentText } from './text.ts';

export const unreachable: CustomerJudge = (facts) => {
  const open = facts.currencies.filter((currency) => currency.openMinor > 0);
  if (facts.isReachable || open.length === 0) return null;
  const amounts = open.map(({ openMinor, currency }) => moneyText(openMinor, currency)).join(', ');
  return {
    severity: 'medium',
    sentence: `There is no usable email address, and ${amounts} is open.`,
    evidence: { openInvoices: open.reduce((sum, currency) => sum + currency.openCount, 0) },
  };
};

export const offBalance: CustomerJudge = ({ varianceMinor, varianceReason }) => {
  if (varianceMinor === null || varianceMinor === 0) return null;
  return {
    severity: 'high',
    sentence:
      'Our copy of what this customer owes and the ledger’s own figure differ; nothing is asked for until they agree.',
    evidence: { varianceMinor, varianceReason },
  };
};

export const stopRecommended: CurrencyJudge = (facts, wasOpen, customer) => {
  const grounds = groundsToStop(facts, customer, wasOpen);
  const isOldEnough = isMaterial(facts) && facts.oldestDaysOverdue > THRESHOLDS.stop.aloneDays;
  if (!wasOpen && grounds.length < THRESHOLDS.stop.grounds && !isOldEnough) return null;
  if (grounds.length === 0) return null;
  const { currency, exposureMinor, overdueMinor, oldestDaysOverdue } = facts;
  return {
    severity: 'high',
    sentence: `Deliver nothing more on credit: ${grounds.join(', and ')}.`,
    evidence: { currency, exposureMinor, overdueMinor, oldestDaysOverdue, grounds: grounds.length },
  };
};

function groundsToStop(facts: CurrencyFacts, customer: CustomerFacts, wasOpen: boolean): string[] {
  const { days, closeDays, use, closeUse, broken } = THRESHOLDS.stop;
  const { oldestDueOn, overdueMinor, limitUse, limitMinor, exposureMinor, currency } = facts;
  const { brokenCount } = customer.promises;
  const grounds: string[] = [];
  if (
    oldestDueOn !== null &&
    facts.oldestDaysOverdue > (wasOpen ? closeDays : days) &&
    isMaterial(facts)
  ) {
    const since = dayText(oldestDueOn);
    grounds.push(
      `${moneyText(overdueMinor, currency)} is overdue, the oldest of it since ${since}`,
    );
  }
  if (limitUse !== null && limitUse > (wasOpen ? closeUse : use)) {
    grounds.push(`exposure stands at ${percentText(limitUse)} of the limit`);
  } else if (limitMinor === 0 && exposureMinor > 0) {
    grounds.push('there is no credit limit to deliver under');
  }
  if (brokenCount >= broken && overdueMinor > 0) {
    grounds.push(`${brokenCount} promises to pay were broken`);
  }
  return grounds;
}

/** By what fell due within a year; what is owed from before that is never a trifle. */
function isMaterial({ overdueMinor, habits }: CurrencyFacts): boolean {
  return overdueMinor >= habits.billedMinor * THRESHOLDS.stop.materialShare;
}
