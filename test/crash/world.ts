/**
 * What outlives every process of a trial: both vendors' APIs and the mail server, in this process, and
 * the database, on disk. Their logs are the history that is judged.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Sandbox, startSandbox } from '../../connectors/sandbox/index.ts';
import { ManualClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { type MailCatcher, startMailCatcher } from '../../src/demo/mail-catcher.ts';
import { assemble } from '../../src/main.ts';
import { type DatabaseSetting, openDatabase } from '../../src/store/db.ts';
import { createVault } from '../../src/store/vault.ts';
import { connectBooks, settingsBeside } from '../support/installation.ts';
import { createDatabase } from '../support/postgres.ts';
import { fromSnapshot } from '../support/snapshot.ts';

export type DbKind = 'pglite' | 'postgres';

export interface World {
  clock: ManualClock;
  /** The vendors' books stand still between two weeks: what differs from a clean run is then our doing. */
  vendorClock: ManualClock;
  sandbox: Sandbox;
  catcher: MailCatcher;
  /** The environment of a process of this trial. */
  env: NodeJS.ProcessEnv;
  close(): Promise<void>;
}

/** Monday afternoon in New York, Tuesday morning in Auckland: both books may send. */
const BEGINS_AT = '2026-11-16T20:00:00Z';
/** Each of the two books; together they bill some fifty customers. */
const INVOICES = 60;

interface Place {
  setting: DatabaseSetting;
  env: NodeJS.ProcessEnv;
  remove(): Promise<void>;
}

export async function openWorld(seed: number, kind: DbKind): Promise<World> {
  const clock = new ManualClock(BEGINS_AT);
  const vendorClock = new ManualClock(BEGINS_AT);
  const sandbox = await startSandbox({
    ...{ clock: vendorClock, seed, invoices: INVOICES, enforceLimits: false },
  });
  const catcher = await startMailCatcher({ clock });
  const place = kind === 'pglite' ? await inFolder() : await onPostgres();
  const key = randomBytes(32);
  const settings = {
    ...settingsBeside(sandbox, catcher),
    ENCRYPTION_KEYS: `k1:${key.toString('base64')}`,
  };
  await connectBoth(sandbox, clock, settings, place.setting, key);
  return {
    clock,
    vendorClock,
    sandbox,
    catcher,
    env: { PATH: process.env['PATH'], TZ: 'UTC', ...settings, ...place.env },
    async close() {
      await catcher.close();
      await sandbox.close();
      await place.remove();
    },
  };
}

async function inFolder(): Promise<Place> {
  const folder = await mkdtemp(path.join(tmpdir(), 'duebook-crash-'));
  return {
    setting: await fromSnapshot(folder),
    env: { DATA_DIR: folder },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function onPostgres(): Promise<Place> {
  const { url, drop } = await createDatabase(
    process.env['TEST_DATABASE_URL'] ?? '',
    'duebook_crash',
  );
  return {
    setting: { kind: 'postgres', url, poolSize: 3 },
    env: { DATABASE_URL: url },
    remove: drop,
  };
}

async function connectBoth(
  sandbox: Sandbox,
  clock: ManualClock,
  settings: Record<string, string>,
  setting: DatabaseSetting,
  key: Buffer,
): Promise<void> {
  const db = await openDatabase(setting);
  const vault = createVault([{ id: 'k1', key }]);
  const app = assemble(readConfig(settings), { db, vault }, { clock, keepPace: false });
  try {
    for (const platform of ['xero', 'quickbooks'] as const) {
      await connectBooks(app, sandbox, platform);
    }
  } finally {
    await app.close();
  }
}
