/**
 * Payment terms, needed only where an imported invoice has no due date. "Net 30" falls due thirty
 * days after the invoice; "the 15th" falls due on the next 15th, or a month later when that is
 * nearer than the term allows. Net 30 from 2026-01-31 is 2026-03-02.
 */
import { z } from 'zod';
import { addDays, type Day, formatDay, parseDay } from '../../src/domain/day.ts';
import type { Row } from './client.ts';
import { id } from './fields.ts';

const days = z.coerce.number().int().min(0).max(3650);

const TermRow = z.object({
  Id: id,
  DueDays: days.nullish(),
  DayOfMonthDue: z.coerce.number().int().min(1).max(31).nullish(),
  DueNextMonthDays: days.nullish(),
});

export type Term = z.infer<typeof TermRow>;
export type Terms = ReadonlyMap<string, Term>;

/** A term that does not parse is left out: its invoices fall due on their own date. */
export function readTerms(rows: readonly Row[]): Terms {
  const terms = rows.map((row) => TermRow.safeParse(row)).filter((parsed) => parsed.success);
  return new Map(terms.map((parsed) => [parsed.data.Id, parsed.data]));
}

export function dueByTerm(term: Term | undefined, issuedOn: Day): Day {
  if (term?.DayOfMonthDue !== null && term?.DayOfMonthDue !== undefined)
    return dayOfMonthAfter(issuedOn, term.DayOfMonthDue, term.DueNextMonthDays ?? 0);
  return addDays(issuedOn, term?.DueDays ?? 0);
}

/** The next such day of a month that leaves at least `daysAtLeast`. */
function dayOfMonthAfter(from: Day, dayOfMonth: number, daysAtLeast: number): Day {
  const earliest = addDays(from, daysAtLeast);
  const thisMonth = inMonth(earliest, dayOfMonth);
  if (thisMonth >= earliest) return thisMonth;
  // Four days past the 28th is a day of the next month, whichever month this is.
  return inMonth(addDays(inMonth(earliest, 28), 4), dayOfMonth);
}

/** That day of the month `on` lies in; the last day where the month is shorter. */
function inMonth(on: Day, dayOfMonth: number): Day {
  const month = formatDay(on).slice(0, 8);
  for (let candidate = dayOfMonth; candidate > 28; candidate -= 1) {
    const found = parseDay(month + String(candidate));
    if (found !== null) return found;
  }
  return parseDay(month + String(Math.min(dayOfMonth, 28)).padStart(2, '0')) ?? on;
}
