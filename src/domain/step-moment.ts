/**
 * When a step comes, as the policy says it: so many days before or after the due date, the invoice
 * date, the end of either month, or the step before. The words are the notation, so that a policy can
 * be read aloud. "10 days after end of due month" for an invoice due 31 January is 10 February.
 */
import { addDays, type Day, endOfMonth } from './day.ts';
import { plural } from './text.ts';

export const ANCHORS = [
  'due',
  'issue',
  'end of due month',
  'end of issue month',
  'previous',
] as const;
export type Anchor = (typeof ANCHORS)[number];

export interface StepMoment {
  from: Anchor;
  /** Negative: before it. */
  days: number;
}

export interface InvoiceDates {
  dueOn: Day;
  issuedOn: Day;
}

export const DAYS_BEFORE_MAX = 60;
export const DAYS_AFTER_MAX = 730;

const WORDS = new RegExp(`^(?:on|(\\d{1,3}) days? (before|after)) (${ANCHORS.join('|')})$`);

/** null: not such a text, or a moment that cannot be. */
export function parseMoment(text: string): StepMoment | null {
  const match = WORDS.exec(text);
  if (match === null) return null;
  const [, count = '0', side] = match;
  const from = ANCHORS.find((anchor) => anchor === match[3]) ?? 'due';
  const days = Number(count) * (side === 'before' ? -1 : 1);
  if (from === 'previous' && days <= 0) return null;
  if (days < -DAYS_BEFORE_MAX || days > DAYS_AFTER_MAX) return null;
  return { from, days: days === 0 ? 0 : days };
}

const ANCHOR_WORDS: Record<Anchor, string> = {
  due: 'the due date',
  issue: 'the invoice date',
  'end of due month': 'the end of the month it falls due in',
  'end of issue month': 'the end of the month of the invoice',
  previous: 'the step before',
};

/** For a sentence: "3 days after the due date"; on the day itself only "the due date". */
export function momentText({ from, days }: StepMoment): string {
  if (days === 0) return ANCHOR_WORDS[from];
  return `${plural(Math.abs(days), 'day')} ${days < 0 ? 'before' : 'after'} ${ANCHOR_WORDS[from]}`;
}

/** The day a moment falls on; `previousOn` is the day of the step before. */
export function momentDay(moment: StepMoment, dates: InvoiceDates, previousOn: Day): Day {
  return addDays(anchorDay(moment.from, dates, previousOn), moment.days);
}

function anchorDay(from: Anchor, dates: InvoiceDates, previousOn: Day): Day {
  switch (from) {
    case 'due':
      return dates.dueOn;
    case 'issue':
      return dates.issuedOn;
    case 'end of due month':
      return endOfMonth(dates.dueOn);
    case 'end of issue month':
      return endOfMonth(dates.issuedOn);
    case 'previous':
      return previousOn;
  }
}
