/**
 * Reading an entity page by page while people go on working. A place in the list is the time of the
 * last row's change and how many rows of that very time were read, never a bare row number: a row
 * that changes meanwhile moves to the end, and by numbers the one behind it would be skipped. The end
 * is left open for the same reason: a row that moved there is still met, and not taken for vanished.
 */
import { LedgerError } from '../../src/errors.ts';
import type { QuarantinedRecord } from '../ledger.ts';
import { type Client, instantOf, type QueryPage, type Row } from './client.ts';
import type { Place, Step } from './cursor.ts';
import { FACTS, IS_OPEN } from './entities.ts';
import { criteriaText, instantText, quoted } from './query.ts';

const PAGE_ROWS = 1000;
const UPDATED = 'MetaData.LastUpdatedTime';

export interface EntityPage {
  rows: Row[];
  /** Rows that Intuit cannot return at all. */
  unreadable: QuarantinedRecord[];
  /** null: that was the last page. */
  next: Place | null;
  answeredAt: Date | null;
}

export async function readEntityPage(
  client: Client,
  step: Step,
  place: Place,
): Promise<EntityPage> {
  const where = conditions(step, place);
  const ask = (start: number, count: number): Promise<QueryPage> =>
    client.query(step.entity, (sdk, done) => {
      FACTS[step.entity].find(
        sdk,
        criteriaText({ where, orderBy: UPDATED, startPosition: start, maxResults: count }),
        done,
      );
    });
  const range = await readRange(ask, place.skip + 1, PAGE_ROWS, new Patience());
  const rows = withoutRepeats(range.rows);
  return {
    rows,
    unreadable: range.unreadable.map((position) => describe(step, place, position)),
    next: range.isFull ? nextPlace(rows, range.unreadable.length > 0, place) : null,
    answeredAt: range.answeredAt,
  };
}

function conditions(step: Step, place: Place): string[] {
  const from = place.from ?? step.since;
  return [
    ...FACTS[step.entity].where,
    ...(step.mode === 'open' ? [IS_OPEN] : []),
    ...(from === null ? [] : [`${UPDATED} >= ${quoted(instantText(new Date(from)))}`]),
  ];
}

interface Range {
  rows: Row[];
  /** Positions, counted from one, that fail even when asked for alone. */
  unreadable: number[];
  answeredAt: Date | null;
  isFull: boolean;
}

type Ask = (start: number, count: number) => Promise<QueryPage>;

/**
 * One invoice with a malformed address in it fails its whole page (code 4001 or 4002, known since
 * 2018): halve the page until the row stands alone, and go on without it.
 */
async function readRange(
  ask: Ask,
  start: number,
  count: number,
  patience: Patience,
): Promise<Range> {
  try {
    const { rows, answeredAt } = await ask(start, count);
    return { rows, answeredAt, unreadable: [], isFull: rows.length >= count };
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    patience.spend(error, count === 1);
    if (count === 1) return { rows: [], answeredAt: null, unreadable: [start], isFull: true };
    const half = Math.floor(count / 2);
    const first = await readRange(ask, start, half, patience);
    if (!first.isFull) return first;
    const second = await readRange(ask, start + half, count - half, patience);
    return {
      rows: [...first.rows, ...second.rows],
      unreadable: [...first.unreadable, ...second.unreadable],
      answeredAt: first.answeredAt ?? second.answeredAt,
      isFull: second.isFull,
    };
  }
}

function isUnreadable(error: unknown): error is LedgerError {
  return error instanceof LedgerError && ['4001', '4002'].includes(error.facts.platformCode ?? '');
}

/** A query that is wrong as a whole fails for every row: then it is given up, and not asked a thousand times. */
class Patience {
  #failures = 60;
  #rows = 5;

  spend(error: LedgerError, isSingleRow: boolean): void {
    this.#failures -= 1;
    if (isSingleRow) this.#rows -= 1;
    if (this.#failures < 0 || this.#rows < 0) throw error;
  }
}

/** Stable while the list stands, and different for each: it is the key of what is set aside. */
function describe(step: Step, place: Place, position: number): QuarantinedRecord {
  return {
    kind: FACTS[step.entity].kinds[0] ?? 'invoice',
    externalId: `unreadable ${step.entity} ${place.from ?? 'start'} +${position}`,
    field: '',
    problem:
      'QuickBooks cannot return this record; a malformed email address in it is the usual cause',
  };
}

function nextPlace(rows: readonly Row[], hasHole: boolean, place: Place): Place {
  // Nobody knows the time of a row that cannot be read: count on.
  if (hasHole) return { from: place.from, skip: place.skip + PAGE_ROWS };
  const byNumber = { from: place.from, skip: place.skip + rows.length };
  const times = rows.map(updatedAt);
  const last = times.at(-1) ?? null;
  // Out of order, or a row without a time: the only place left is the row number.
  if (last === null || !isRising(times)) return byNumber;
  const from = instantText(new Date(last));
  const atLast = times.filter((time) => time === last).length;
  return from === place.from ? byNumber : { from, skip: atLast };
}

function updatedAt(row: Row): number | null {
  const meta = row['MetaData'];
  const time =
    typeof meta === 'object' && meta !== null && 'LastUpdatedTime' in meta
      ? instantOf(meta.LastUpdatedTime)
      : null;
  return time?.getTime() ?? null;
}

function isRising(times: readonly (number | null)[]): boolean {
  return times.every((time, index) => {
    const before = times[index - 1];
    return time !== null && (before === undefined || (before !== null && before <= time));
  });
}

/** Intuit sometimes returns one row more than asked for, which then opens the next page as well. */
function withoutRepeats(rows: readonly Row[]): Row[] {
  return [...new Map(rows.map((row, index) => [row['Id'] ?? index, row])).values()];
}
