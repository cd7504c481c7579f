/** A connector on invented addresses, for tests that answer its requests with nock. */
import nock from 'nock';
import { createLimits } from '../../connectors/limits.ts';
import type { Ledger, LedgerPage, LedgerPlatform, TokenSource } from '../../connectors/ledger.ts';
import { createXero } from '../../connectors/xero/index.ts';
import { ManualClock } from '../../src/clock.ts';
import type { XeroConfig } from '../../src/config.ts';

export const API = 'https://api.xero.test';
export const IDENTITY = 'https://identity.xero.test';
const TENANT = '7a1c2b9e-0000-4000-8000-000000000001';
export const NOW = new Date('2026-11-22T20:00:00Z');
/** Planted where secrets travel, to prove that they stay there. */
export const SECRET = 'secret-that-must-not-leak';

export const XERO_CONFIG: XeroConfig = {
  app: {
    clientId: 'client-id',
    clientSecret: `${SECRET}-client`,
    scopes: ['offline_access', 'accounting.invoices'],
    redirectUri: 'http://localhost:4000/callback/xero',
  },
  webhookKey: 'test-webhook-key',
  dayLimit: 1000,
  apiUrl: API,
  identityUrl: IDENTITY,
  authorizeUrl: 'https://login.xero.test/identity/connect/authorize',
  timeoutMs: 2_000,
};

export interface Opened {
  platform: LedgerPlatform;
  ledger: Ledger;
  clock: ManualClock;
  /** Tokens that were refused and replaced. */
  replaced: string[];
}

export function openXero(
  options: { config?: Partial<XeroConfig>; tokens?: TokenSource } = {},
): Opened {
  const clock = new ManualClock(NOW);
  const limits = createLimits({ clock, xeroDayLimit: 1000 });
  const platform = createXero({ ...XERO_CONFIG, ...options.config }, { clock, limits });
  const replaced: string[] = [];
  let token = `${SECRET}-1`;
  const tokens: TokenSource = options.tokens ?? {
    current: () => Promise.resolve(token),
    replace(rejected) {
      replaced.push(rejected);
      token = `${SECRET}-2`;
      return Promise.resolve(token);
    },
  };
  const ledger = platform.open({ key: 'book', externalId: TENANT, tokens });
  return { platform, ledger, clock, replaced };
}

export async function allPages(pages: AsyncIterable<LedgerPage>): Promise<LedgerPage[]> {
  const collected: LedgerPage[] = [];
  for await (const page of pages) collected.push(page);
  return collected;
}

/** A cursor after a first walk, from which a pull asks each resource for its changes. */
export const QUIET_CURSOR = JSON.stringify({
  v: 1,
  base: 'NZD',
  since: Object.fromEntries(
    ['contacts', 'invoices', 'creditNotes', 'overpayments', 'prepayments', 'payments'].map(
      (resource) => [resource, '2026-11-22T10:00:00.000Z'],
    ),
  ),
  sweptAt: '2026-11-22T10:00:00.000Z',
  walk: null,
});

export function api(): nock.Scope {
  return nock(API).matchHeader('xero-tenant-id', TENANT).matchHeader('accept', 'application/json');
}

export function invoiceJson(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    Type: 'ACCREC',
    InvoiceID: '11111111-0000-4000-8000-000000000001',
    InvoiceNumber: 'INV-0001',
    Reference: 'PO 7',
    Contact: { ContactID: '22222222-0000-4000-8000-000000000001', Name: 'Barney' },
    Status: 'AUTHORISED',
    Date: '/Date(1541116800000+0000)/',
    DueDate: '/Date(1541548800000+0000)/',
    Total: 115,
    AmountDue: 100.1,
    CurrencyCode: 'NZD',
    CurrencyRate: 1,
    UpdatedDateUTC: '/Date(1541176648927+0000)/',
    ...changes,
  };
}

export function list(key: string, records: unknown[]): Record<string, unknown> {
  const count = records.length;
  const pagination = { page: 1, pageSize: 1000, pageCount: count === 0 ? 0 : 1, itemCount: count };
  return { Status: 'OK', DateTimeUTC: '/Date(1795377600000)/', pagination, [key]: records };
}
