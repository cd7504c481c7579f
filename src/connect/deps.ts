/** What connecting needs of an App. */
import type { LedgerPlatform } from '../../connectors/ledger.ts';
import type { Clock } from '../clock.ts';
import type { Platform } from '../domain/receivables.ts';
import { UsageError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Db } from '../store/db.ts';
import type { Vault } from '../store/vault.ts';

export interface ConnectDeps {
  db: Db;
  clock: Clock;
  log: Log;
  vault: Vault;
  platforms: Partial<Record<Platform, LedgerPlatform>>;
  /** Where calls are counted; without it they are not. */
  metrics?: Metrics;
}

export const PLATFORM_NAMES: Readonly<Record<Platform, string>> = {
  xero: 'Xero',
  quickbooks: 'QuickBooks',
};

export function platformOf(deps: Pick<ConnectDeps, 'platforms'>, name: Platform): LedgerPlatform {
  const platform = deps.platforms[name];
  if (platform === undefined) {
    const prefix = name.toUpperCase();
    throw new UsageError(
      `${prefix}_CLIENT_ID: is missing; ${PLATFORM_NAMES[name]} can be connected once ${prefix}_CLIENT_ID and ${prefix}_CLIENT_SECRET are set`,
    );
  }
  return platform;
}
