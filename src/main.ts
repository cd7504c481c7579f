/** Composes everything. The only file that knows which connectors exist, and the only one that builds services. */
import path from 'node:path';
import type { CountPlace } from '../connectors/call-count.ts';
import { createLimits } from '../connectors/limits.ts';
import { createQuickBooks } from '../connectors/quickbooks/index.ts';
import { countsInRedis } from '../connectors/redis-counts.ts';
import { createXero } from '../connectors/xero/index.ts';
import { createMailer } from './act/index.ts';
import type { App } from './app.ts';
import { type Clock, systemClock } from './clock.ts';
import { type Config, readConfig } from './config.ts';
import { UsageError } from './errors.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { sayAlive } from './store/alive.ts';
import { countsInDatabase } from './store/call-counts.ts';
import { type Db, openDatabase } from './store/db.ts';
import { createVault, loadOrCreateKeyFile } from './store/vault.ts';
import { runCli } from './cli/index.ts';

export interface ComposeOptions {
  clock?: Clock;
  /** false: calls go out as fast as they come, for a sandbox on this machine. */
  keepPace?: boolean;
}

/** Opens the database, applies migrations, and puts the parts together. Call `close()` when done. */
export async function compose(config: Config, options: ComposeOptions = {}): Promise<App> {
  const keys = await encryptionKeys(config);
  const vault = createVault(keys);
  const db = await openDatabase(
    config.databaseUrl === null
      ? { kind: 'pglite', folder: config.dataDir }
      : { kind: 'postgres', url: config.databaseUrl },
  );
  const app = assemble(config, { db, vault }, options);
  await sayAlive(app);
  return app;
}

/** An App over an open database. */
export function assemble(
  config: Config,
  { db, vault }: Pick<App, 'db' | 'vault'>,
  options: ComposeOptions = {},
): App {
  const clock = options.clock ?? systemClock;
  const limits = createLimits({
    clock,
    xeroDayLimit: config.xero.dayLimit,
    keepPace: options.keepPace ?? true,
    ...sharedCounts(config, db, clock),
  });
  const mailer = config.smtp === null ? null : createMailer(config.smtp, { clock });
  const { xero, quickbooks } = config;
  const deps = { clock, limits };
  return {
    config,
    clock,
    log: createLog(config.logLevel),
    db,
    vault,
    limits,
    metrics: createMetrics(),
    platforms: {
      ...(xero.app === null ? {} : { xero: createXero(xero, deps) }),
      ...(quickbooks.app === null ? {} : { quickbooks: createQuickBooks(quickbooks, deps) }),
    },
    mailer,
    async close() {
      await mailer?.close();
      limits.close();
      await db.close();
    },
  };
}

/** Several processes may work on one PostgreSQL, so the calls of a book are counted there, or in Redis. */
function sharedCounts(config: Config, db: Db, clock: Clock): { counts?: CountPlace } {
  if (config.redisUrl !== null) return { counts: countsInRedis(config.redisUrl) };
  return db.kind === 'postgres' ? { counts: countsInDatabase(db, clock) } : {};
}

async function encryptionKeys(config: Config) {
  if (config.encryptionKeys.length > 0) return config.encryptionKeys;
  if (config.databaseUrl !== null) {
    throw new UsageError(
      'ENCRYPTION_KEYS: is missing; with DATABASE_URL every process needs the same keys, `npm run duebook -- keys new` prints one',
    );
  }
  return loadOrCreateKeyFile(path.resolve(config.dataDir));
}

export function main(argv: string[]): Promise<number> {
  return runCli(argv, { compose, readConfig, clock: systemClock });
}
