/** The counts of calls to the ledgers, shared by all processes of one PostgreSQL: one row per company. */
import { type CallCount, type CountPlace, NO_CALLS } from '../../connectors/call-count.ts';
import type { Clock } from '../clock.ts';
import type { Db } from './db.ts';

/** A day is the longest that is counted. */
const KEPT_MS = 2 * 86_400_000;

export function countsInDatabase(db: Db, clock: Clock): CountPlace {
  return {
    async read(key) {
      const { rows } = await db.executeSql('select count from call_count where key = $1', [key]);
      const [row] = rows as { count: CallCount }[];
      return row?.count ?? NO_CALLS;
    },
    async swap(key, before, after) {
      const now = clock.now().toISOString();
      const values = [key, JSON.stringify(before), JSON.stringify(after), now];
      const { rows } = await db.executeSql(SWAP, values);
      return rows.length === 1;
    },
    close: () => undefined,
  };
}

// One statement, for every call makes two. A row that is not there is made. Nobody waits for the
// disk: a server that crashes forgets less than its restart takes.
const SWAP = `
  insert into call_count (key, count, updated_at) values ($1, $3::jsonb, $4::timestamptz)
  on conflict (key) do update set count = excluded.count, updated_at = excluded.updated_at
    where call_count.count = $2::jsonb
  returning set_config('synchronous_commit', 'off', true)`;

/** For the daily clean-up. */
export async function forgetOldCounts(db: Db, clock: Clock): Promise<void> {
  const before = new Date(clock.now().getTime() - KEPT_MS);
  await db.prisma.callCount.deleteMany({ where: { updatedAt: { lt: before } } });
}
