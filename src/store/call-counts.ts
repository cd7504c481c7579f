/** The counts of calls to the ledgers, shared by all processes of one PostgreSQL: one row per company, locked while it changes. */
import { type CallCount, type CallCounts, NO_CALLS } from '../../connectors/call-count.ts';
import type { Clock } from '../clock.ts';
import type { Db, Sql } from './db.ts';

/** A day is the longest that is counted. */
const KEPT_MS = 2 * 86_400_000;

export function countsInDatabase(db: Db, clock: Clock): CallCounts {
  return {
    change: (key, decide) =>
      db.bulk(async (sql) => {
        const now = clock.now().toISOString();
        const before = await lockCount(sql, key, now);
        const [count, result] = decide(before);
        await sql('update call_count set count = $2::jsonb, updated_at = $3 where key = $1', [
          key,
          JSON.stringify(count),
          now,
        ]);
        return result;
      }),
    close: () => Promise.resolve(),
  };
}

/** Nobody waits for the disk: a server that crashes forgets less than its restart takes. */
async function lockCount(sql: Sql, key: string, now: string): Promise<CallCount> {
  const { rows } = await sql(
    `insert into call_count (key, count, updated_at) values ($1, $2::jsonb, $3)
     on conflict (key) do update set updated_at = excluded.updated_at
     returning count, set_config('synchronous_commit', 'off', true)`,
    [key, JSON.stringify(NO_CALLS), now],
  );
  const [row] = rows as { count: CallCount }[];
  return row?.count ?? NO_CALLS;
}

/** For the daily clean-up. */
export async function forgetOldCounts(db: Db, clock: Clock): Promise<void> {
  const before = new Date(clock.now().getTime() - KEPT_MS);
  await db.prisma.callCount.deleteMany({ where: { updatedAt: { lt: before } } });
}
