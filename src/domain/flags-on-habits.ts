/**
 * Flags read from how a customer behaves: late as a rule, later than before, promises not kept, bills
 * settled for less than was asked, and what is contested. Habits need a few invoices before they are one.
 * Nine of ten invoices late, by 12 days on average: habitually late. Three of ten paid short: short payer.
 */
import type { CurrencyJudge, CustomerJudge } from './flag-judge.ts';
import { THRESHOLDS } from './flag-thresholds.ts';
import { moneyText, percentText, plural } from './text.ts';

export const habituallyLate: CurrencyJudge = (facts, wasOpen) => {
  const { lateRatio, daysLate, lateCount, maturedCount } = facts.habits;
  const limits = THRESHOLDS.habituallyLate;
  if (lateRatio === null || daysLate === null || maturedCount < limits.maturedMin) return null;
  const stands = wasOpen
    ? lateRatio > limits.close && daysLate > limits.closeDays
    : lateRatio >= limits.open && daysLate >= limits.openDays;
  if (!stands) return null;
  return {
    severity: daysLate >= limits.high ? 'high' : 'medium',
    sentence: `${lateCount} of the last ${plural(maturedCount, 'invoice')} were late, by ${Math.round(daysLate)} days on average by amount.`,
    evidence: { currency: facts.currency, lateCount, maturedCount, lateRatio, daysLate },
  };
};

export const gettingWorse: CustomerJudge = ({ behaviour }, wasOpen) => {
  const { open, close, recentOpen, recentClose } = THRESHOLDS.gettingWorse;
  if (behaviour.trend === null) return null;
  const { recentDays, earlierDays } = behaviour.trend;
  const slide = recentDays - earlierDays;
  const stands = wasOpen
    ? slide > close && recentDays > recentClose
    : slide >= open && recentDays >= recentOpen;
  if (!stands) return null;
  return {
    severity: 'medium',
    sentence: `The latest invoices run ${Math.round(recentDays)} days late, those before them ${Math.round(earlierDays)}.`,
    evidence: { recentDays, earlierDays },
  };
};

export const brokenPromise: CustomerJudge = ({ promises, currencies }, wasOpen) => {
  const { keptCount, partlyKeptCount, brokenCount } = promises;
  const { open, close, highCount } = THRESHOLDS.brokenPromise;
  const dueCount = keptCount + partlyKeptCount + brokenCount;
  if (brokenCount + partlyKeptCount === 0) return null;
  const keptShare = keptCount / dueCount;
  if (wasOpen ? keptShare >= close : keptShare > open) return null;
  const isOverdue = currencies.some((currency) => currency.overdueMinor > 0);
  return {
    severity: isOverdue && brokenCount >= highCount ? 'high' : 'medium',
    sentence: `Of ${plural(dueCount, 'promise')} to pay, ${keptCount} ${keptCount === 1 ? 'was' : 'were'} kept in full, ${partlyKeptCount} in part and ${brokenCount} not at all.`,
    evidence: { keptCount, partlyKeptCount, brokenCount, keptShare },
  };
};

export const shortPayer: CustomerJudge = ({ behaviour }, wasOpen) => {
  const { shortCount, maturedCount } = behaviour;
  const limits = THRESHOLDS.shortPayer;
  if (shortCount < (wasOpen ? limits.close : limits.open)) return null;
  const share = shortCount / maturedCount;
  if (wasOpen ? share <= limits.closeShare : share < limits.openShare) return null;
  return {
    severity: share >= limits.medium ? 'medium' : 'low',
    sentence: `${shortCount} of the last ${plural(maturedCount, 'invoice')} were settled for less than was asked.`,
    evidence: { shortCount, maturedCount, share },
  };
};

/** Opens and closes with the dispute itself: a person decided both. */
export const disputed: CurrencyJudge = (facts, _wasOpen, { disputeCount }) => {
  const { disputedMinor, openMinor, currency } = facts;
  if (disputedMinor <= 0) return null;
  const share = disputedMinor / openMinor;
  return {
    severity: disputeCount >= THRESHOLDS.disputed.medium ? 'medium' : 'low',
    sentence: `${moneyText(disputedMinor, currency)} is contested, ${percentText(share)} of what is open; ${plural(disputeCount, 'invoice')} within a year.`,
    evidence: { currency, disputedMinor, openMinor, disputeCount },
  };
};
