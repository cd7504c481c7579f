/** How many messages a book's runs caused, day by day, and those that wait for a person because of it. */
import type { Day } from '../domain/day.ts';
import type { BookId } from '../domain/receivables.ts';
import { STATEMENT_TEMPLATE } from '../domain/statement-schedule.ts';
import type { Tx } from './db.ts';
import { dateFrom, dayOf } from './json-rows.ts';

/** The gate that made a message wait for a person where it would have left by itself. */
export type StoppedBy = 'first_run' | 'volume_breaker';

// Statements go by the calendar, all on one day, and ask for nothing.
const MESSAGE = `channel = 'email' and template <> '${STATEMENT_TEMPLATE}'`;

/** A run of this book has been finished that decided by itself, in whatever mode: somebody could look at it. */
export async function hasEarlierRun(tx: Tx, bookId: BookId, before: number): Promise<boolean> {
  const earlier = await tx.run.findFirst({
    where: { bookId, state: 'done', heldReason: null, id: { lt: before } },
    select: { id: true },
  });
  return earlier !== null;
}

/** Messages of the latest days before `on` on which any left, at most so many days. */
export async function readVolumes(
  tx: Tx,
  bookId: BookId,
  on: Day,
  days: number,
): Promise<number[]> {
  const rows = await tx.$queryRawUnsafe<{ count: number }[]>(
    `select count(*)::int as count from action
      where book_id = $1::int and ${MESSAGE} and ${dayOf('planned_on')} < $2::int
        and state in ('sent', 'in_doubt', 'rejected')
      group by planned_on order by planned_on desc limit $3::int`,
    bookId,
    on,
    days,
  );
  return rows.map((row) => row.count);
}

/** Messages of a day's runs that nobody has released and that leave, or would have left, by themselves. */
export async function countUnreleased(tx: Tx, bookId: BookId, on: Day): Promise<number> {
  const [row] = await tx.$queryRawUnsafe<{ count: number }[]>(
    `select count(*)::int as count from action
      where book_id = $1::int and ${MESSAGE} and planned_on = ${dateFrom('$2')}
        and approved_by is null and state <> 'cancelled'
        and (state <> 'proposed' or stopped_by is not null)`,
    bookId,
    on,
  );
  return row?.count ?? 0;
}

/** What runs of the day planned and has not left waits for a person instead. Gives how many. */
export async function stopMessages(
  tx: Tx,
  bookId: BookId,
  on: Day,
  stop: { by: StoppedBy; reason: string; at: Date },
): Promise<number> {
  return tx.$executeRawUnsafe(
    `update action set state = 'proposed', state_reason = $4::text, stopped_by = $3::text,
                       updated_at = $5::timestamptz
      where book_id = $1::int and ${MESSAGE} and planned_on = ${dateFrom('$2')}
        and approved_by is null and state in ('planned', 'deferred')`,
    bookId,
    on,
    stop.by,
    stop.reason,
    stop.at.toISOString(),
  );
}
