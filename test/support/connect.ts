/** Connecting and disconnecting in tests, against a fake platform. */
import { beginConnect } from '../../src/connect/begin.ts';
import { completeConnect, type ConnectedBook } from '../../src/connect/complete.ts';
import type { ConnectDeps } from '../../src/connect/deps.ts';
import type { Clock } from '../../src/clock.ts';
import { createLog } from '../../src/log.ts';
import type { Db } from '../../src/store/db.ts';
import { createVault } from '../../src/store/vault.ts';
import type { FakePlatform } from './fake-platform.ts';

export const KEY = { id: 'k1', key: Buffer.alloc(32, 7) };

export function connectDeps(db: Db, clock: Clock, platform: FakePlatform): ConnectDeps {
  return {
    db,
    clock,
    log: createLog('silent'),
    vault: createVault([KEY]),
    platforms: { [platform.platform]: platform },
  };
}

export async function connect(
  deps: ConnectDeps,
  platform: FakePlatform,
  browser = 'browser-1',
): Promise<ConnectedBook[]> {
  await beginConnect(deps, { platform: platform.platform, browser });
  const query = platform.consent();
  const { books } = await completeConnect(deps, { platform: platform.platform, query, browser });
  return books;
}

/** What connecting and syncing write, emptied for the next test of a file; what hangs on a book goes with it. */
export async function emptyDatabase(db: Db): Promise<void> {
  await db.executeSql(
    `delete from book; delete from "grant"; delete from oauth_state; delete from webhook_event;
     delete from allocation; delete from sync_state; delete from sync_seen; delete from quarantine;
     delete from audit`,
  );
}
