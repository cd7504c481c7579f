/** What a running Duebook is made of. `main.ts` builds one; everything above the stages is handed it. */
import type { LedgerPlatform } from '../connectors/ledger.ts';
import type { Limits } from '../connectors/limits.ts';
import type { Mailer } from './act/mailer.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import type { Platform } from './domain/receivables.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Db } from './store/db.ts';
import type { Vault } from './store/vault.ts';

export interface App {
  config: Config;
  clock: Clock;
  log: Log;
  db: Db;
  vault: Vault;
  limits: Limits;
  metrics: Metrics;
  /** Only those whose OAuth app is configured. */
  platforms: Partial<Record<Platform, LedgerPlatform>>;
  /** null: no SMTP server is configured; actions wait and say so. */
  mailer: Mailer | null;
  close(): Promise<void>;
}
