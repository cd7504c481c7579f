/** A process that runs one book once as of a day, and prints how long that took and its peak memory. Started by rules.ts. */
import { ManualClock } from '../src/clock.ts';
import { day } from '../src/domain/day.ts';
import type { BookId } from '../src/domain/receivables.ts';
import { escalateBook } from '../src/escalate/escalate-book.ts';
import { createLog } from '../src/log.ts';
import { markChanged, noteBookAssessed, readUnassessed } from '../src/store/chase-state.ts';
import { type DatabaseSetting, openDatabase } from '../src/store/db.ts';
import { SEEDED_AT } from './rules-seed.ts';

interface Given {
  database: DatabaseSetting;
  bookId: BookId;
  asOn: string;
  /** Something changed that concerns everybody. */
  isFull: boolean;
}

const { database, bookId, asOn, isFull } = JSON.parse(process.argv[2] ?? '{}') as Given;
const db = await openDatabase(database);
if (isFull) {
  await markChanged(db.prisma, bookId, 'all');
  await noteBookAssessed(db.prisma, await readUnassessed(db.prisma, bookId));
}
const deps = {
  db,
  clock: new ManualClock(SEEDED_AT),
  log: createLog('error'),
  freshnessHours: 24,
};
const startedAt = performance.now();
const { decidedFor, changed, actions, decisions } = await escalateBook(deps, bookId, {
  asOn: day(asOn),
});
const ms = performance.now() - startedAt;
await db.close();
const peakMb = process.resourceUsage().maxRSS / 1024;
process.stdout.write(
  `${JSON.stringify({ ms, peakMb, decidedFor, changed, actions, decisions })}\n`,
);
