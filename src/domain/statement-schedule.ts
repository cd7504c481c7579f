/**
 * Statements by the calendar: one email for each customer, currency and month, from the day of the month
 * that the policy names, to those whose balance is worth one. A month that is too short has it on its last
 * day; a day on which nothing is sent, or on which nobody ran, is made up for later in the same month.
 * dayOfMonth 31: on 28 February, on 30 April, on 31 May. Balance 80.00 with minBalance 100.00: none.
 */
import { type SendCalendar, isSendDay } from './calendar.ts';
import { amountIn } from './conditions.ts';
import { addDays, type Day, day, formatDay } from './day.ts';
import type { Currency, Minor } from './money.ts';
import type { StatementSchedule } from './policy.ts';
import type { CustomerId } from './receivables.ts';

/** Messages with this template are statements, and not reminders. */
export const STATEMENT_TEMPLATE = 'statement';

/** The month (YYYY-MM) whose statements may go out on a day; null: not yet, or not on this day. */
export function statementMonth(
  { dayOfMonth }: StatementSchedule,
  calendar: SendCalendar,
  asOn: Day,
): string | null {
  const text = formatDay(asOn);
  const month = text.slice(0, 7);
  const begins = Math.min(dayOfMonth, daysIn(month));
  return Number(text.slice(8)) >= begins && isSendDay(calendar, asOn) ? month : null;
}

function daysIn(month: string): number {
  const nextMonth = formatDay(addDays(day(`${month}-01`), 31)).slice(0, 7);
  return day(`${nextMonth}-01`) - day(`${month}-01`);
}

/** Less than the least balance, nothing, or credit: no statement. */
export function isWorthAStatement(
  schedule: StatementSchedule,
  currency: Currency,
  balanceMinor: Minor,
): boolean {
  const least = amountIn(schedule.minBalance, currency) ?? 0;
  return balanceMinor > 0 && balanceMinor >= least;
}

/** The month is part of it, so there is one of them. */
export function statementKey(debtorId: CustomerId, currency: Currency, month: string): string {
  return `statement:${debtorId}:${currency}:${month}`;
}
