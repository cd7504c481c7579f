/** Days written the way somebody's spreadsheet writes them: M/d/yyyy, dd.MM.yyyy, yyyyMMdd, d-MMM-yy. A time behind one is read over. */
import { addDays, type Day, formatDay, parseDay } from '../domain/day.ts';
import { UsageError } from '../errors.ts';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Longest first: `MM` must not be read as two `M`. */
const TOKENS: readonly [token: string, pattern: string, part: 'year' | 'month' | 'day'][] = [
  ['yyyy', '(\\d{4})', 'year'],
  ['yy', '(\\d{2})', 'year'],
  ['MMM', '([A-Za-z]{3})', 'month'],
  ['MM', '(\\d{2})', 'month'],
  ['M', '(\\d{1,2})', 'month'],
  ['dd', '(\\d{2})', 'day'],
  ['d', '(\\d{1,2})', 'day'],
];

/** 2013-01-26T00:00:00Z, 1/26/2013 0:00, 1/26/2013 12:00 AM; 20130126.0 where a table took it for a number */
const TIME = '(?:\\.0|[ T]\\d{1,2}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?(?: ?[AaPp][Mm])?Z?)?';

/** As POSIX reads two digits: 68 is 2068, 69 is 1969. */
const FIRST_OF_1900S = 69;

export interface DateFormat {
  text: string;
  /** null when the text is no day written this way. */
  parse(text: string): Day | null;
  /** A day written this way, to show what would be right. */
  example: string;
}

/** "M/d/yyyy" for all, or with others for some: "M/d/yyyy,due_date=yyyyMMdd". */
export function dateFormats(text: string): (field: string) => DateFormat {
  const [common = '', ...others] = text.split(/,(?=[a-z]+_date=)/);
  const byField = new Map(
    others.map((other) => {
      const place = other.indexOf('=');
      return [other.slice(0, place), dateFormat(other.slice(place + 1))] as const;
    }),
  );
  const forAll = dateFormat(common);
  return (field) => byField.get(field) ?? forAll;
}

function dateFormat(text: string): DateFormat {
  const parts: ('year' | 'month' | 'day')[] = [];
  let pattern = '^';
  for (let rest = text; rest !== '';) {
    const token = TOKENS.find(([name]) => rest.startsWith(name));
    const literal = rest.charAt(0);
    if (token === undefined && /[A-Za-z]/.test(literal)) throw unknownFormat(text, literal);
    pattern += token === undefined ? literal.replace(/[.*+?^${}()|[\]\\]/, '\\$&') : token[1];
    if (token !== undefined) parts.push(token[2]);
    rest = rest.slice(token === undefined ? 1 : token[0].length);
  }
  if ([...parts].sort().join() !== 'day,month,year') throw unknownFormat(text, null);
  const shape = new RegExp(`${pattern}${TIME}$`);
  return {
    text,
    parse: (value) => {
      const match = shape.exec(value);
      return match === null ? null : dayOf(parts, match.slice(1));
    },
    example: writeDay(text),
  };
}

function dayOf(parts: readonly string[], found: readonly string[]): Day | null {
  const read = (part: string): string => found[parts.indexOf(part)] ?? '';
  const year = read('year');
  const named = MONTHS.indexOf(read('month').toLowerCase());
  const month = named === -1 ? read('month') : String(named + 1);
  const century = year.length !== 2 ? '' : Number(year) < FIRST_OF_1900S ? '20' : '19';
  return parseDay(`${century}${year}-${month.padStart(2, '0')}-${read('day').padStart(2, '0')}`);
}

function writeDay(format: string): string {
  const [year = '', month = '', date = ''] = formatDay(addDays(0 as Day, 15_764)).split('-');
  const values: Record<string, string> = {
    yyyy: year,
    yy: year.slice(2),
    MMM: 'Feb',
    MM: month,
    M: String(Number(month)),
    dd: date,
    d: String(Number(date)),
  };
  return format.replace(/yyyy|yy|MMM|MM|M|dd|d/g, (token) => values[token] ?? token);
}

function unknownFormat(text: string, letter: string | null): UsageError {
  const why =
    letter === null ? 'it needs a year, a month and a day once each' : `"${letter}" is not known`;
  return new UsageError(
    `--date-format ${text}: ${why}; write it with yyyy or yy, M, MM or MMM, d or dd, like M/d/yyyy`,
  );
}
