/** Answers a parsed query from the company's records. */
import type { Row } from '../table.ts';
import type { QuickBooksBook } from './book.ts';
import { type Entity, entityOf, type FieldValue } from './entities.ts';
import type { Condition, Query } from './query.ts';
import { type Rendered, renderCompanyInfo, renderPreferences } from './render.ts';

/** 4001: a field that cannot filter or sort, an entity nobody knows. 4002: a record the server trips over. */
export class QueryProcessingError extends Error {
  readonly code: '4001' | '4002';

  constructor(code: '4001' | '4002', message: string) {
    super(message);
    this.code = code;
  }
}

const LARGEST_PAGE = 1000;

export function select(book: QuickBooksBook, query: Query, extraRow: boolean): Rendered {
  const singles: Readonly<Record<string, () => Rendered>> = {
    companyinfo: () => ({ CompanyInfo: [renderCompanyInfo(book)] }),
    preferences: () => ({ Preferences: [renderPreferences()] }),
  };
  const single = singles[query.entity.toLowerCase()];
  if (single !== undefined) return { ...single(), startPosition: 1, maxResults: 1 };
  const entity = entityOf(book, query.entity);
  if (entity === null) throw new QueryProcessingError('4001', `Unknown entity ${query.entity}`);
  const rows = matching(entity, query);
  if (query.select === 'count') return { totalCount: rows.length };
  const size = Math.min(LARGEST_PAGE, query.maxResults) + (extraRow ? 1 : 0);
  const from = Math.max(1, query.startPosition);
  const page = rows.slice(from - 1, from - 1 + size);
  if (page.length === 0) return {};
  if (entity.name === 'Invoice' && page.some((row) => book.poisoned.has(row.id))) {
    throw new QueryProcessingError('4002', 'To email address entered is invalid');
  }
  return {
    [entity.name]: page.map((row) => project(entity.render(row), query.select)),
    startPosition: from,
    maxResults: page.length,
  };
}

function project(row: Rendered, fields: Query['select']): Rendered {
  if (!Array.isArray(fields)) return row;
  const wanted = new Set(fields.map((field) => (field.split('.')[0] ?? '').toLowerCase()));
  return Object.fromEntries(
    Object.entries(row).filter(
      ([name]) => wanted.has(name.toLowerCase()) || name === 'domain' || name === 'sparse',
    ),
  );
}

function matching(entity: Entity<Row>, query: Query): readonly Row[] {
  const tests = query.where.map((condition) => test(entity, condition));
  const saysActive = query.where.some(({ field }) => field.toLowerCase() === 'active');
  const { isActive } = entity;
  if (isActive !== null && !saysActive) tests.push(isActive);
  const order = query.orderBy.map(({ field, descending }) => {
    // Intuit announced in November 2025 that Id stops being sortable; here it already has.
    if (field.toLowerCase() === 'id') throw notAllowed(field, 'sortable');
    return { of: fieldOf(entity, field, 'sortable'), sign: descending ? -1 : 1 };
  });
  const key = JSON.stringify([query.where, query.orderBy]);
  const rows = entity.table.select(key, (row) => tests.every((passes) => passes(row)));
  if (order.length === 0) return byCreation(rows);
  return inOrder(rows, order);
}

const sorted = new WeakMap<readonly Row[], readonly Row[]>();

/** Oldest first when nothing is asked: a walk cut short loses the newest. */
function byCreation(rows: readonly Row[]): readonly Row[] {
  return once(rows, () =>
    [...rows].sort((a, b) => a.id.length - b.id.length || (a.id < b.id ? -1 : 1)),
  );
}

function inOrder(
  rows: readonly Row[],
  order: readonly { of: (row: Row) => FieldValue; sign: number }[],
): readonly Row[] {
  return once(rows, () =>
    [...rows].sort((a, b) => {
      for (const { of, sign } of order) {
        const difference = compare(of(a), of(b));
        if (difference !== 0) return sign * difference;
      }
      return a.id.length - b.id.length || (a.id < b.id ? -1 : 1);
    }),
  );
}

/** Paging asks for the same order many times; the table gives the same array until something changes. */
function once(rows: readonly Row[], sort: () => readonly Row[]): readonly Row[] {
  let known = sorted.get(rows);
  if (known === undefined) {
    known = sort();
    sorted.set(rows, known);
  }
  return known;
}

function compare(left: FieldValue, right: FieldValue): number {
  if (left === right) return 0;
  if (left === null) return -1;
  if (right === null) return 1;
  return left < right ? -1 : 1;
}

function fieldOf(
  entity: Entity<Row>,
  field: string,
  use: 'filterable' | 'sortable',
): (row: Row) => FieldValue {
  const of = entity.fields[field.toLowerCase()];
  if (of === undefined) throw notAllowed(field, use);
  return of;
}

function notAllowed(field: string, use: string): QueryProcessingError {
  return new QueryProcessingError('4001', `property '${field}' is not ${use}`);
}

function test(entity: Entity<Row>, condition: Condition): (row: Row) => boolean {
  const of = fieldOf(entity, condition.field, 'filterable');
  const isTime = condition.field.toLowerCase().startsWith('metadata.');
  const isType = condition.field.toLowerCase().endsWith('entityref.type');
  const values = condition.values.map((value) =>
    isTime ? instant(value) : isType && typeof value === 'string' ? value.toLowerCase() : value,
  );
  const [first = ''] = values;
  switch (condition.operator) {
    case 'IN':
      return (row) => values.some((value) => same(of(row), value));
    case '=':
      return (row) => same(of(row), first);
    case 'LIKE': {
      const pattern = like(String(first));
      return (row) => pattern.test(String(of(row) ?? ''));
    }
    case '<':
      return (row) => ordered(of(row), first, (difference) => difference < 0);
    case '<=':
      return (row) => ordered(of(row), first, (difference) => difference <= 0);
    case '>':
      return (row) => ordered(of(row), first, (difference) => difference > 0);
    case '>=':
      return (row) => ordered(of(row), first, (difference) => difference >= 0);
  }
}

function same(actual: FieldValue, wanted: string | number | boolean): boolean {
  return typeof actual === 'number' ? actual === Number(wanted) : actual === wanted;
}

function ordered(
  actual: FieldValue,
  wanted: string | number | boolean,
  passes: (difference: number) => boolean,
): boolean {
  if (actual === null) return false;
  if (typeof actual === 'number') return passes(actual - Number(wanted));
  return passes(compare(actual, wanted));
}

function instant(value: string | boolean): number {
  const ms = Date.parse(String(value));
  // An offset whose + became a space on the way, and anything else that is no instant.
  if (Number.isNaN(ms)) throw new QueryProcessingError('4001', `invalid date: ${String(value)}`);
  return ms;
}

function like(pattern: string): RegExp {
  const escaped = pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('%', '.*');
  return new RegExp(`^${escaped}$`, 'is');
}
