/**
 * The date by which a letter asks for payment. Every formal letter sets a new one, at least fourteen
 * days ahead and on a business day (in Norway a claim may otherwise not be taken further: Inkassoloven
 * § 9), and nobody hands a debt over before it has passed. A letter that was posted late gives the
 * customer as many days as it promised, counted from the day it was posted.
 * Dated Monday 8 June 2026: payable by Monday the 22nd. Posted on the 10th: by the 24th.
 */
import { nextSendDay, type SendCalendar } from './calendar.ts';
import { addDays, type Day, daysBetween, latest } from './day.ts';
import type { StepTaken } from './step-chain.ts';

export const LETTER_DAYS = 14;

/** A step that writes a letter on paper, or an email that carries one. */
export function isLetter(step: { channel: string; template: string }): boolean {
  return isOnPaper(step) || (step.channel === 'email' && step.template.startsWith('letter-'));
}

/** Somebody prints it and posts it. */
export function isOnPaper(step: { channel: string }): boolean {
  return step.channel === 'letter' || step.channel === 'formal_notice';
}

export function deadlineFrom(datedOn: Day, calendar: SendCalendar): Day {
  return nextSendDay(calendar, addDays(datedOn, LETTER_DAYS));
}

/** When the time that a letter gives is over, for one that was posted on `postedOn`. */
export function deadlineOf(letter: { datedOn: Day; deadlineOn: Day; postedOn: Day | null }): Day {
  const lateDays = letter.postedOn === null ? 0 : daysBetween(letter.datedOn, letter.postedOn);
  return addDays(letter.deadlineOn, Math.max(0, lateDays));
}

/** What a hand-over waits for: a letter that is still to be posted, or the last day that a letter gave. */
export function deadlineAhead(taken: readonly Pick<StepTaken, 'state' | 'deadlineOn'>[]): {
  until: Day | null;
  isUnposted: boolean;
} {
  const letters = taken.filter((entry) => entry.deadlineOn !== null && entry.state !== 'skipped');
  return {
    until: latest(...letters.map((entry) => entry.deadlineOn)),
    isUnposted: letters.some((entry) => entry.state === 'todo'),
  };
}
