/**
 * When this database was in use. A stretch it knows nothing of means that the machine slept, or that
 * this is a back-up which was brought back: then others of its kind may have sent and noted meanwhile.
 * Both look the same from inside, so both are met alike: for a while the ledger is asked first.
 */
import type { Clock } from '../clock.ts';
import type { Db, Tx } from './db.ts';

const MINUTE_MS = 60_000;
/** A worker says every minute that it is there; this long without a word is a gap. */
const GAP_MS = 10 * MINUTE_MS;
/** What fell due in the gap may be held up and proposed days later: a week off, a budget, an approval. */
const CAUTION_MS = 30 * 24 * 60 * MINUTE_MS;

interface Deps {
  db: Db;
  clock: Clock;
}

/** Call when a process starts, and every minute while one works. */
export async function sayAlive({ db, clock }: Deps): Promise<void> {
  const now = clock.now();
  await db.tx(async (tx) => {
    // Two processes that start at once must not both see the gap as theirs to write down.
    await tx.$executeRawUnsafe('lock table alive_span in share row exclusive mode');
    const last = await tx.aliveSpan.findFirst({ orderBy: { id: 'desc' } });
    const isGap = last === null || now.getTime() - last.untilAt.getTime() > GAP_MS;
    if (isGap) await beginSpan(tx, now);
    else await tx.aliveSpan.update({ where: { id: last.id }, data: { untilAt: now } });
  });
}

/** A person says that a back-up was brought back, however fresh it was. */
export async function sayRestored({ db, clock }: Deps): Promise<void> {
  const now = clock.now();
  await db.tx(async (tx) => {
    // The very first span has no gap before it, so a young database gets two.
    if ((await tx.aliveSpan.count()) === 0) await beginSpan(tx, now);
    await beginSpan(tx, now);
    await tx.audit.create({
      data: { at: now, actor: 'command line', action: 'database.restored', subject: 'database' },
    });
  });
}

async function beginSpan(tx: Tx, now: Date): Promise<void> {
  await tx.aliveSpan.create({ data: { fromAt: now, untilAt: now } });
}

/** Whether something may have been sent or noted that is not remembered here. */
export async function mayHaveForgotten({ db, clock }: Deps): Promise<boolean> {
  const since = new Date(clock.now().getTime() - CAUTION_MS);
  const first = await db.prisma.aliveSpan.findFirst({ orderBy: { id: 'asc' } });
  if (first === null) return false;
  const later = await db.prisma.aliveSpan.findFirst({
    where: { id: { not: first.id }, fromAt: { gt: since } },
  });
  return later !== null;
}
