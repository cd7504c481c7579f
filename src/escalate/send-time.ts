/** When what was decided may leave: at once, or within the hours the policy names, on a day it sends. */
import { isSendDay, nextSendDay } from '../domain/calendar.ts';
import { addDays, type Day, dayIn, instantAt } from '../domain/day.ts';
import type { Rules } from '../domain/dunning-case.ts';

export function sendTime(rules: Rules, timeZone: string, asOn: Day, now: Date): Date {
  const dayBegins = instantAt(timeZone, asOn, 0);
  const earliest = dayBegins > now ? dayBegins : now;
  const { hours } = rules.policy.calendar;
  if (hours === null) return earliest;
  const today = dayIn(timeZone, earliest);
  const isOver = earliest >= instantAt(timeZone, today, hours.until);
  const isToday = isSendDay(rules.calendar, today) && !isOver;
  const on = isToday ? today : nextSendDay(rules.calendar, addDays(today, 1));
  const opens = instantAt(timeZone, on, hours.from);
  return opens > earliest ? opens : earliest;
}
