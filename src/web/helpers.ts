/** How figures, days and names are written on a page. Each returns text that Handlebars escapes, or markup made of numbers alone. */
import Handlebars from 'handlebars';
import { type Day, dayIn, formatDay, parseDay } from '../domain/day.ts';
import { type Currency, type Minor, minorDigits, minorToDecimal } from '../domain/money.ts';

const LOCALE = 'en';
const MINUTE_MS = 60_000;

// Three letters each, which no locale promises: en-GB writes "Sept".
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** The figure alone: the currency stands once, in the heading or beside it. 123450 NZD → "1,234.50" */
export function formatAmount(amountMinor: Minor, currency: Currency): string {
  const digits = minorDigits(currency);
  const text = new Intl.NumberFormat(LOCALE, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(Number(minorToDecimal(amountMinor, currency)));
  return text.replace('-', '−');
}

export function formatDayText(day: Day): string {
  const [year = '', month = '', date = ''] = formatDay(day).split('-');
  return `${Number(date)} ${MONTHS[Number(month) - 1] ?? ''} ${year}`;
}

/** "3 min ago", "in 2 h", "5 days ago". */
function formatAgo(at: Date, now: Date): string {
  const minutes = Math.round((now.getTime() - at.getTime()) / MINUTE_MS);
  const size = Math.abs(minutes);
  if (size < 1) return 'just now';
  const text = size < 60 ? `${size} min` : size < 48 * 60 ? hours(size) : days(size);
  return minutes > 0 ? `${text} ago` : `in ${text}`;
}

const hours = (minutes: number) => `${Math.floor(minutes / 60)} h`;
const days = (minutes: number) => `${Math.floor(minutes / 60 / 24)} days`;

export function plural(count: number, one: string, many: string): string {
  return `${new Intl.NumberFormat(LOCALE).format(count)} ${count === 1 ? one : many}`;
}

function instantText(at: Date, timeZone: string): string {
  const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone }).format(at);
  return `${formatDayText(dayIn(timeZone, at))}, ${clock}`;
}

const time = (machine: string, text: string, title?: string) =>
  new Handlebars.SafeString(
    `<time datetime="${machine}"${title === undefined ? '' : ` title="${title}"`}>${text}</time>`,
  );

export const helpers: Record<string, Handlebars.HelperDelegate> = {
  money: (amountMinor: Minor, currency: Currency) => formatAmount(amountMinor, currency),
  /** A Day, or the same written YYYY-MM-DD. */
  day: (given: Day | string | null) => {
    if (given === null) return '–';
    const day = typeof given === 'string' ? parseDay(given) : given;
    return day === null ? given : time(formatDay(day), formatDayText(day));
  },
  isoDay: (day: Day | null) => (day === null ? '' : formatDay(day)),
  ago: (at: Date | null, options: Handlebars.HelperOptions) => {
    if (at === null) return 'never';
    const data = options.data as { now: Date };
    return time(at.toISOString(), formatAgo(at, data.now), instantText(at, 'UTC') + ' UTC');
  },
  at: (at: Date | null, timeZone: string) =>
    at === null ? '–' : time(at.toISOString(), instantText(at, timeZone)),
  percent: (ratio: number | null) => (ratio === null ? '–' : `${Math.round(ratio * 100)} %`),
  count: (value: number) => new Intl.NumberFormat(LOCALE).format(value),
  /** A count in a table: nothing is a dash. */
  tally: (value: number) => (value === 0 ? '–' : new Intl.NumberFormat(LOCALE).format(value)),
  plural: (count: number, one: string, many: string) => plural(count, one, many),
  /** {{path 'books' 7 'customers' id}} → /books/7/customers/… with every part encoded. */
  path: (...parts: unknown[]) => pathOf(...(parts.slice(0, -1) as (string | number)[])),
  eq: (left: unknown, right: unknown) => left === right,
  any: (list: readonly unknown[]) => list.length > 0,
  more: (count: number) => count > 1,
  fewer: (list: readonly unknown[], total: number) => list.length < total,
  /** A figure in a wide table: nothing is a dash, so that the eye finds what is there. */
  cell: (amountMinor: Minor, currency: Currency) =>
    amountMinor === 0 ? '–' : formatAmount(amountMinor, currency),
};

export function pathOf(...parts: (string | number)[]): string {
  return parts.map((part) => `/${encodeURIComponent(String(part))}`).join('');
}
