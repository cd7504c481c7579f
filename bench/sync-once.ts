/**
 * A process that connects one Xero organisation of a sandbox, syncs it once from nothing, and prints
 * how much memory that took at most. Started by memory.ts; its settings come as JSON.
 */
import { randomBytes } from 'node:crypto';
import { createLimits } from '../connectors/limits.ts';
import { actPerson } from '../connectors/sandbox/consent.ts';
import { createXero } from '../connectors/xero/index.ts';
import { type Clock, systemClock } from '../src/clock.ts';
import { readConfig } from '../src/config.ts';
import { beginConnect } from '../src/connect/begin.ts';
import { completeConnect } from '../src/connect/complete.ts';
import { openLedger } from '../src/connect/open-ledger.ts';
import { createLog } from '../src/log.ts';
import { type DatabaseSetting, openDatabase } from '../src/store/db.ts';
import { createVault } from '../src/store/vault.ts';
import { syncBook } from '../src/sync/sync-book.ts';

interface Given {
  settings: Record<string, string>;
  database: DatabaseSetting;
}

/** Time for the limiter: it passes when somebody waits, so that 60 calls a minute take no minute. */
function hurried(base: Clock): Clock {
  let aheadMs = 0;
  return {
    now: () => new Date(base.now().getTime() + aheadMs),
    sleep: (ms) => {
      aheadMs += ms;
      return Promise.resolve();
    },
    random: () => 0,
  };
}

const { settings, database } = JSON.parse(process.argv[2] ?? '{}') as Given;
const config = readConfig(settings);
const db = await openDatabase(database);
const limits = createLimits({
  clock: hurried(systemClock),
  xeroDayLimit: config.xero.dayLimit,
});
const deps = {
  db,
  clock: systemClock,
  log: createLog('error'),
  vault: createVault([{ id: 'bench', key: randomBytes(32) }]),
  platforms: { xero: createXero(config.xero, { clock: systemClock, limits }) },
};
const { url } = await beginConnect(deps, { platform: 'xero', browser: 'bench' });
const callback = new URL(await actPerson(url));
const query = Object.fromEntries(callback.searchParams);
const { books } = await completeConnect(deps, { platform: 'xero', query, browser: 'bench' });
const [book] = books;
if (book === undefined) throw new Error('the sandbox gave no book');
const report = await syncBook(
  { ...deps, openLedger: (id, priority) => openLedger(deps, id, priority) },
  book.id,
  { onProgress: (line) => void process.stderr.write(`  ${line}\n`) },
);
limits.close();
await db.close();
const peakMb = process.resourceUsage().maxRSS / 1024;
process.stdout.write(`${JSON.stringify({ ...report, peakMb })}\n`);
