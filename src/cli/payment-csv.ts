/** A payment history from anybody's CSV file: checked line by line, and taken whole or not at all. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import type { Day } from '../domain/day.ts';
import type { Currency, Minor } from '../domain/money.ts';
import type { PaymentObservation } from '../domain/predict/observation.ts';
import { UsageError } from '../errors.ts';
import type { DateFormat } from './date-format.ts';

export const CSV_FIELDS = [
  'customer',
  'invoice_date',
  'due_date',
  'paid_date',
  'amount',
  'currency',
  'number',
] as const;
export type CsvField = (typeof CSV_FIELDS)[number];
const OPTIONAL: ReadonlySet<CsvField> = new Set(['amount', 'currency', 'number']);

/** Field → the file's own column. */
export type CsvMap = ReadonlyMap<CsvField, string>;

export interface CsvObservation extends PaymentObservation {
  line: number;
}

export interface PaymentCsv {
  observations: CsvObservation[];
  /**
   * Lines that say in every column read what an earlier one said. With a column for the number of the
   * invoice they are the same invoice and left out; without one each may be an invoice of its own.
   */
  repeated: { lines: number[]; areLeftOut: boolean };
}

/** What an empty paid date is written as. */
const UNPAID = new Set([
  '',
  '-',
  'null',
  'na',
  'n/a',
  'nan',
  'nat',
  'none',
  'open',
  'unpaid',
  '0000-00-00',
]);
/** Thousands by comma, apostrophe or space, then a point: 1234.5, 1,234.50, 1'234.50. */
const WITH_POINT = /^(\d+|\d{1,3}([,'’ \u00A0\u202F]\d{3})+)(\.\d+)?$/;
/** A comma before one or two last digits can only be the decimal one: 1.234,50, 99,5. */
const WITH_COMMA = /^(\d+|\d{1,3}([.'’ \u00A0\u202F]\d{3})+),\d{1,2}$/;
/** $, €, USD, kr. before or behind; its own sign or brackets for less than nothing. */
const DRESSED =
  /^(\(?-?)\s*(?:\p{Sc}|[A-Z]{2,3}\$?|kr\.?)?\s*(-?[\d.,'’ \u00A0\u202F]*\d)\s*(?:\p{Sc}|[A-Z]{3}|kr\.?)?(\)?)$/u;
const LARGEST = Number.MAX_SAFE_INTEGER / 100;

/** "customer=customerID,invoice_date=InvoiceDate,…" */
export function parseCsvMap(text: string): CsvMap {
  const map = new Map<CsvField, string>();
  for (const pair of text.split(',')) {
    const [name = '', column = ''] = splitOnce(pair.trim(), '=');
    const field = CSV_FIELDS.find((known) => known === name);
    if (field === undefined || column === '') {
      throw new UsageError(
        `--map ${pair.trim()}: should be field=column, the field one of ${CSV_FIELDS.join(', ')}`,
      );
    }
    if (map.has(field)) throw new UsageError(`--map: ${field} is named twice`);
    map.set(field, column);
  }
  const missing = CSV_FIELDS.filter((field) => !map.has(field) && !OPTIONAL.has(field));
  if (missing.length > 0) {
    throw new UsageError(
      `--map: ${missing.join(' and ')} missing; add ${missing.map((field) => `${field}=COLUMN`).join(',')}`,
    );
  }
  return map;
}

function splitOnce(text: string, at: string): string[] {
  const place = text.indexOf(at);
  return place === -1 ? [text] : [text.slice(0, place), text.slice(place + 1)];
}

/** Throws a UsageError naming file, line, what is wrong and what would be right. */
export async function readPaymentCsv(
  file: string,
  map: CsvMap,
  format: (field: CsvField) => DateFormat,
): Promise<PaymentCsv> {
  const observations: CsvObservation[] = [];
  const repeated = { lines: [] as number[], areLeftOut: map.has('number') };
  const seen = new Set<string>();
  const numbers = new Map<string, number>();
  let columns: ReadonlyMap<CsvField, number> | null = null;
  try {
    for await (const { record, line } of linesOf(file)) {
      if (columns === null) {
        columns = findColumns(file, record, map);
        continue;
      }
      const reader = new LineReader(file, line, record, columns, map, format);
      const observation = reader.read();
      const said = JSON.stringify([...columns.values()].map((place) => record[place]));
      const isRepeated = seen.has(said);
      seen.add(said);
      if (isRepeated) repeated.lines.push(line);
      if (isRepeated && repeated.areLeftOut) continue;
      reader.claimNumber(numbers);
      observations.push(observation);
    }
  } catch (err) {
    throw asUsageError(file, err);
  }
  if (columns === null)
    throw new UsageError(`${file}: is empty; the first line should name the columns`);
  return { observations, repeated };
}

interface CsvLine {
  record: string[];
  line: number;
}

async function* linesOf(file: string): AsyncGenerator<CsvLine> {
  const delimiter = await delimiterOf(file);
  const parser = parse({ bom: true, delimiter, info: true, trim: true, skip_empty_lines: true });
  // Unlike pipe() this carries an error of the file over to the parser, where the loop meets it.
  pipeline(createReadStream(file), parser, () => undefined);
  const source = parser as unknown as AsyncIterable<{ record: string[]; info: { lines: number } }>;
  for await (const { record, info } of source) yield { record, line: info.lines };
}

const HEADER_BYTES = 65_536;

/** What the first line holds most of, outside quotes: comma, semicolon or tab. */
async function delimiterOf(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    const [header = ''] = buffer.toString('utf8', 0, bytesRead).split(/\r?\n|\r/);
    const bare = header.replace(/"[^"]*"/g, '');
    const countOf = (one: string): number => bare.split(one).length;
    return [',', ';', '\t'].reduce((most, one) => (countOf(one) > countOf(most) ? one : most));
  } finally {
    await handle.close();
  }
}

function asUsageError(file: string, err: unknown): unknown {
  if (err instanceof CsvError) {
    const line = (err as unknown as { lines?: number }).lines;
    return new UsageError(
      `${file}${line === undefined ? '' : `, line ${line}`}: ${err.message}; every line should have as many cells as the first, quotes closed`,
    );
  }
  const code = (err as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return new UsageError(`${file}: there is no such file`);
  if (code === 'EISDIR') return new UsageError(`${file}: is a folder; name a CSV file`);
  if (code === 'EACCES') return new UsageError(`${file}: may not be read`);
  return err;
}

function findColumns(
  file: string,
  header: readonly string[],
  map: CsvMap,
): ReadonlyMap<CsvField, number> {
  const columns = new Map<CsvField, number>();
  for (const [field, column] of map) {
    const place = header.indexOf(column);
    if (place === -1) {
      throw new UsageError(
        `${file}, line 1: there is no column "${column}" for ${field}; there is ${header.join(', ')}`,
      );
    }
    columns.set(field, place);
  }
  return columns;
}

class LineReader {
  readonly #file: string;
  readonly #line: number;
  readonly #record: readonly string[];
  readonly #columns: ReadonlyMap<CsvField, number>;
  readonly #map: CsvMap;
  readonly #format: (field: CsvField) => DateFormat;

  constructor(
    file: string,
    line: number,
    record: readonly string[],
    columns: ReadonlyMap<CsvField, number>,
    map: CsvMap,
    format: (field: CsvField) => DateFormat,
  ) {
    this.#file = file;
    this.#line = line;
    this.#record = record;
    this.#columns = columns;
    this.#map = map;
    this.#format = format;
  }

  read(): CsvObservation {
    const customer = this.#cell('customer');
    if (customer === '') this.#refuse('customer', 'is empty; every invoice needs its customer');
    return {
      line: this.#line,
      customer,
      issuedOn: this.#day('invoice_date'),
      dueOn: this.#day('due_date'),
      paidOn: UNPAID.has(this.#cell('paid_date').toLowerCase()) ? null : this.#day('paid_date'),
      amountMinor: this.#amount(),
      currency: this.#currency(),
    };
  }

  /** Refuses a number that stood on an earlier line with other facts. */
  claimNumber(numbers: Map<string, number>): void {
    const number = this.#cell('number');
    if (number === '') return;
    const before = numbers.get(number);
    if (before !== undefined) {
      this.#refuse(
        'number',
        `"${number}" was on line ${before} already, with other facts; every invoice should have one line`,
      );
    }
    numbers.set(number, this.#line);
  }

  #cell(field: CsvField): string {
    const place = this.#columns.get(field);
    return place === undefined ? '' : (this.#record[place] ?? '');
  }

  #day(field: CsvField): Day {
    const text = this.#cell(field);
    const format = this.#format(field);
    return (
      format.parse(text) ??
      this.#refuse(field, `"${text}" is no day written ${format.text}, like ${format.example}`)
    );
  }

  /** In hundredths: only its size beside the customer's other invoices counts. */
  #amount(): Minor | null {
    if (!this.#columns.has('amount')) return null;
    const text = this.#cell('amount');
    const amount = amountIn(text);
    if (Math.abs(amount) < LARGEST) return Math.round(amount * 100);
    return this.#refuse('amount', `"${text}" is no amount, like 1234.50, 1,234.50 or 1.234,50`);
  }

  /** Without a column all amounts are taken to be in one currency. */
  #currency(): Currency {
    return this.#cell('currency').toUpperCase() || 'XXX';
  }

  #refuse(field: CsvField, what: string): never {
    throw new UsageError(
      `${this.#file}, line ${this.#line}: ${this.#map.get(field) ?? field} ${what}`,
    );
  }
}

/** NaN where it is none. */
function amountIn(text: string): number {
  const [, before = '', figure = '', after = ''] = DRESSED.exec(text) ?? [];
  if (before.startsWith('(') !== (after === ')')) return Number.NaN;
  const isNegative = before !== '' || figure.startsWith('-');
  const bare = figure.replace(/^-/, '');
  const plain = WITH_POINT.test(bare)
    ? bare.replace(/[^\d.]/g, '')
    : WITH_COMMA.test(bare)
      ? bare.replace(/[^\d,]/g, '').replace(',', '.')
      : 'none';
  return isNegative ? -Number(plain) : Number(plain);
}
