/** Change data capture: what changed since, in one answer that holds no more than 1,000 objects. */
import type { Row } from '../table.ts';
import type { QuickBooksBook, Tombstone } from './book.ts';
import { type Entity, entityOf } from './entities.ts';
import type { Rendered } from './render.ts';
import { pacific } from './time.ts';

const LOOK_BACK_MS = 30 * 86_400_000;
const LARGEST_ANSWER = 1000;

/** One block per entity in the order asked, `{}` where nothing changed. Null for an entity without CDC. */
export function changes(
  book: QuickBooksBook,
  entities: readonly string[],
  since: number,
  now: number,
): Rendered | null {
  // An older watermark is no error: the answer is silently partial.
  const from = Math.max(since, now - LOOK_BACK_MS);
  let room = LARGEST_ANSWER;
  const blocks: Rendered[] = [];
  for (const [index, name] of entities.entries()) {
    const entity = entityOf(book, name);
    if (entity === null) return null;
    const rows = changed(book, entity, from).slice(0, room);
    room -= rows.length;
    blocks.push(block(entity.name, rows, index % 2 === 0));
  }
  return { CDCResponse: [{ QueryResponse: blocks }] };
}

function changed(book: QuickBooksBook, entity: Entity<Row>, from: number): Rendered[] {
  const rows = entity.table.ordered();
  const live: Rendered[] = [];
  for (let i = firstSince(rows, from); i < rows.length && live.length < LARGEST_ANSWER; i += 1) {
    const row = rows[i];
    if (row !== undefined) live.push(entity.render(row));
  }
  const gone = book.tombstones.filter((one) => one.entity === entity.name && one.at >= from);
  return [...live, ...gone.map(deleted)];
}

function firstSince(rows: readonly Row[], from: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.updatedAt ?? 0) >= from) high = middle;
    else low = middle + 1;
  }
  return low;
}

function deleted(tombstone: Tombstone): Rendered {
  return {
    domain: 'QBO',
    status: 'Deleted',
    Id: tombstone.id,
    MetaData: { LastUpdatedTime: pacific(tombstone.at) },
  };
}

/** totalCount is missing now and then. */
function block(name: string, rows: readonly Rendered[], counted: boolean): Rendered {
  if (rows.length === 0) return {};
  return {
    [name]: rows,
    startPosition: 1,
    maxResults: rows.length,
    ...(counted ? { totalCount: rows.length } : {}),
  };
}
