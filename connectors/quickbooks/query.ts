/**
 * Query text for Intuit's query language. The SDK's own builder misses one of the two escapes, drops
 * filters and pages wrongly, so the whole text after `select * from X` is made here.
 */

// A tab or line break would be dropped from the URL on its way, and the query would ask something else.
const UNSENDABLE = /[\p{Cc}\p{Cs}]/u;

/** 'text' with both escapes, the backslash first: the other way round is injectable. */
export function quoted(text: string): string {
  if (UNSENDABLE.test(text)) throw new RangeError('a query value holds a control character');
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

export function inList(values: readonly string[]): string {
  return `(${values.map(quoted).join(', ')})`;
}

export interface Criteria {
  where: readonly string[];
  orderBy?: string;
  /** Counted from one. */
  startPosition: number;
  maxResults: number;
}

/** ` where … orderby … startposition … maxresults …` */
export function criteriaText(criteria: Criteria): string {
  const where = criteria.where.length === 0 ? '' : ` where ${criteria.where.join(' and ')}`;
  const order = criteria.orderBy === undefined ? '' : ` orderby ${criteria.orderBy} asc`;
  return `${where}${order} startposition ${criteria.startPosition} maxresults ${criteria.maxResults}`;
}

/** UTC and never an offset: a `+` in an offset would arrive as a space. */
export function instantText(instant: Date): string {
  return instant.toISOString().replace('.000Z', 'Z');
}
