/** How everything stands, over all books: for the metrics. */
import type { OperationFigures } from '../metrics.ts';
import type { Db } from './db.ts';

export async function readOperationFigures(db: Db, now: Date): Promise<OperationFigures> {
  const { prisma } = db;
  const actions = await prisma.action.groupBy({ by: ['channel', 'state'], _count: true });
  const notes = await prisma.note.groupBy({ by: ['state'], _count: true });
  const books = await prisma.book.findMany({
    select: { id: true, platform: true, status: true, parkedUntil: true, lastSyncedAt: true },
  });
  const oldest = await prisma.action.findFirst({
    where: {
      channel: 'email',
      state: { in: ['planned', 'deferred', 'claimed', 'handing_over'] },
      dueAt: { lte: now },
    },
    orderBy: { dueAt: 'asc' },
    select: { dueAt: true },
  });
  return {
    actions: actions.map(({ channel, state, _count }) => ({ channel, state, count: _count })),
    notes: notes.map(({ state, _count }) => ({ state, count: _count })),
    books: books.map(({ id, platform, status, parkedUntil, lastSyncedAt }) => ({
      id,
      platform,
      isConnected: status === 'connected',
      isParked: parkedUntil !== null && parkedUntil > now,
      lastSyncedAt,
    })),
    oldestDueAt: oldest?.dueAt ?? null,
    quarantined: await prisma.quarantine.count(),
  };
}
