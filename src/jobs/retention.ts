/**
 * Once a day: what was to be kept for so long only is forgotten. Of a message the words go; that it
 * was sent, when, to whom and what the server answered stays, because rules and proofs stand on it.
 */
import type { App } from '../app.ts';
import { forgetOldEvents } from '../connect/webhooks.ts';
import { forgetOldCounts } from '../store/call-counts.ts';

export interface Forgotten {
  messages: number;
  auditLines: number;
}

/** What stands where the words were. */
export const FORGOTTEN = 'No longer kept.';
const DAY_MS = 86_400_000;
/** Deleted in pieces, so that nobody waits long for a lock. */
const AT_ONCE = 5_000;

export async function applyRetention(
  app: Pick<App, 'db' | 'clock' | 'config'>,
): Promise<Forgotten> {
  const { messageDays, auditDays } = app.config.retention;
  const before = (days: number) => new Date(app.clock.now().getTime() - days * DAY_MS);
  await forgetOldEvents(app.db);
  await forgetOldCounts(app.db, app.clock);
  return {
    messages: messageDays === null ? 0 : await forgetWords(app, before(messageDays)),
    auditLines: auditDays === null ? 0 : await forgetAudit(app, before(auditDays)),
  };
}

/** An email that has not ended may still be needed word for word. */
async function forgetWords({ db }: Pick<App, 'db'>, before: Date): Promise<number> {
  const { count } = await db.prisma.message.updateMany({
    where: {
      text: { not: FORGOTTEN },
      action: {
        state: { in: ['sent', 'rejected', 'cancelled', 'done'] },
        updatedAt: { lt: before },
      },
    },
    data: { text: FORGOTTEN, html: FORGOTTEN },
  });
  return count;
}

async function forgetAudit({ db }: Pick<App, 'db'>, before: Date): Promise<number> {
  let total = 0;
  for (;;) {
    const count = await db.prisma.$executeRawUnsafe(
      `delete from audit where id in (select id from audit where at < $1::timestamptz order by id limit ${AT_ONCE})`,
      before.toISOString(),
    );
    total += count;
    if (count < AT_ONCE) return total;
  }
}
