/**
 * Flags read from what is owed today: against the limit, by age, beside the rest of the book, and what
 * lies about unapplied or untouched. Each currency is judged by itself.
 * Limit 10,000 and exposure 8,600: near the limit. Nothing invoiced or paid for 180 days: dormant.
 */
import type { CustomerFacts } from './customer-facts.ts';
import type { CurrencyJudge } from './flag-judge.ts';
import { type Day, daysBetween } from './day.ts';
import { THRESHOLDS } from './flag-thresholds.ts';
import { dayText, moneyText, percentText, plural } from './text.ts';

export const overLimit: CurrencyJudge = (facts, wasOpen) => {
  const { limitUse, limitMinor, exposureMinor, breachMinor, currency } = facts;
  const { open, close, high } = THRESHOLDS.overLimit;
  if (limitMinor === null) return null;
  const evidence = { currency, exposureMinor, limitMinor, limitUse, breachMinor };
  const exposure = `Exposure of ${moneyText(exposureMinor, currency)}`;
  if (limitUse === null) {
    if (exposureMinor <= 0) return null;
    return {
      severity: 'high',
      sentence: `${exposure} without any credit: the limit is nil.`,
      evidence,
    };
  }
  if (limitUse <= (wasOpen ? close : open)) return null;
  return {
    severity: limitUse >= high ? 'high' : 'medium',
    sentence: `${exposure} is ${percentText(limitUse)} of the limit of ${moneyText(limitMinor, currency)}.`,
    evidence,
  };
};

/** Drafts count here: once they are approved the limit is exceeded. */
export const nearLimit: CurrencyJudge = (facts, wasOpen) => {
  const { limitUse, limitMinor, exposureMinor, draftMinor, currency } = facts;
  const { open, close } = THRESHOLDS.nearLimit;
  if (limitMinor === null || limitUse === null || limitUse > THRESHOLDS.overLimit.open) return null;
  const withDrafts = (exposureMinor + draftMinor) / limitMinor;
  const evidence = { currency, exposureMinor, draftMinor, limitMinor, limitUse };
  const limit = `the limit of ${moneyText(limitMinor, currency)}`;
  if (withDrafts > THRESHOLDS.overLimit.open) {
    return {
      severity: 'low',
      sentence: `Drafts of ${moneyText(draftMinor, currency)} on top of ${moneyText(exposureMinor, currency)} would exceed ${limit}.`,
      evidence,
    };
  }
  if (wasOpen ? limitUse <= close : limitUse < open) return null;
  return {
    severity: 'low',
    sentence: `Exposure of ${moneyText(exposureMinor, currency)} is ${percentText(limitUse)} of ${limit}.`,
    evidence,
  };
};

export const severelyOverdue: CurrencyJudge = (facts, wasOpen) => {
  const { oldestDaysOverdue: days, oldestDueOn, overdueMinor, currency } = facts;
  const { open, close, high } = THRESHOLDS.severelyOverdue;
  if (oldestDueOn === null || days <= (wasOpen ? close : open)) return null;
  return {
    severity: days > high ? 'high' : 'medium',
    sentence: `${moneyText(overdueMinor, currency)} is overdue, the oldest of it since ${dayText(oldestDueOn)}.`,
    evidence: { currency, oldestDaysOverdue: days, overdueMinor },
  };
};

export const concentration: CurrencyJudge = (facts, wasOpen) => {
  const { shareOfBook, openMinor, currency, bookCustomers } = facts;
  const { open, close, high, customersMin } = THRESHOLDS.concentration;
  if (shareOfBook === null || bookCustomers < customersMin) return null;
  if (wasOpen ? shareOfBook <= close : shareOfBook < open) return null;
  return {
    severity: shareOfBook >= high ? 'high' : 'medium',
    sentence: `${moneyText(openMinor, currency)} is ${percentText(shareOfBook)} of all that is owed to the business in ${currency}.`,
    evidence: { currency, openMinor, shareOfBook, bookCustomers },
  };
};

export const newWithExposure: CurrencyJudge = (facts, wasOpen, customer) => {
  const { exposureMinor, bookAverageMinor, bookCustomers, currency } = facts;
  const limits = THRESHOLDS.newWithExposure;
  const { maturedCount } = customer.behaviour;
  const { firstIssuedOn } = customer.activity;
  if (bookAverageMinor === null || firstIssuedOn === null) return null;
  if (bookCustomers < limits.customersMin) return null;
  if (!isNew(customer, wasOpen)) return null;
  const multiple = exposureMinor / bookAverageMinor;
  if (wasOpen ? multiple <= limits.close : multiple < limits.open) return null;
  return {
    severity: 'medium',
    sentence: `A customer since ${dayText(firstIssuedOn)} with ${plural(maturedCount, 'invoice')} fallen due so far, and ${moneyText(exposureMinor, currency)} of exposure, ${multiple.toFixed(1)} times what a customer owes on average.`,
    evidence: { currency, exposureMinor, bookAverageMinor, maturedCount },
  };
};

/** Somebody whose exposure is measured in averages of the book, for which every other customer counts. */
export function isNew({ behaviour, activity, asOn }: CustomerFacts, wasOpen: boolean): boolean {
  const { openCount, closeCount, days } = THRESHOLDS.newWithExposure;
  const { firstIssuedOn } = activity;
  if (firstIssuedOn === null || daysBetween(firstIssuedOn, asOn) >= days) return false;
  return behaviour.maturedCount < (wasOpen ? closeCount : openCount);
}

export const unappliedCredit: CurrencyJudge = (facts, wasOpen) => {
  const { unappliedMinor, overdueMinor, currency } = facts;
  const { open, close } = THRESHOLDS.unappliedCredit;
  if (unappliedMinor <= 0 || overdueMinor <= 0) return null;
  if (unappliedMinor < overdueMinor * (wasOpen ? close : open)) return null;
  return {
    severity: 'info',
    sentence: `${moneyText(unappliedMinor, currency)} of credit or payment is not set against anything while ${moneyText(overdueMinor, currency)} is overdue.`,
    evidence: { currency, unappliedMinor, overdueMinor },
  };
};

export const dormantBalance: CurrencyJudge = (facts, wasOpen, customer) => {
  const { openMinor, unappliedMinor, currency } = facts;
  const { open, close } = THRESHOLDS.dormantBalance;
  const lastOn = lastActiveOn(customer.activity);
  if (lastOn === null || (openMinor <= 0 && unappliedMinor <= 0)) return null;
  if (daysBetween(lastOn, customer.asOn) < (wasOpen ? close : open)) return null;
  const what =
    openMinor > 0
      ? `${moneyText(openMinor, currency)} is open`
      : `${moneyText(unappliedMinor, currency)} of credit stands`;
  return {
    severity: openMinor > 0 ? 'low' : 'info',
    sentence: `${what}, and nothing was invoiced or paid since ${dayText(lastOn)}.`,
    evidence: { currency, openMinor, unappliedMinor },
  };
};

/** The day of the latest invoice or payment. */
export function lastActiveOn(activity: {
  lastIssuedOn: Day | null;
  lastPaidOn: Day | null;
}): Day | null {
  const { lastIssuedOn, lastPaidOn } = activity;
  if (lastIssuedOn === null || lastPaidOn === null) return lastIssuedOn ?? lastPaidOn;
  return lastIssuedOn > lastPaidOn ? lastIssuedOn : lastPaidOn;
}
