/** Xero behind the Ledger interface. */
import type { Clock } from '../../src/clock.ts';
import type { XeroConfig } from '../../src/config.ts';
import type { Currency } from '../../src/domain/money.ts';
import { UsageError } from '../../src/errors.ts';
import type { BookSession, Ledger, LedgerPlatform } from '../ledger.ts';
import type { Limits } from '../limits.ts';
import { createTransport } from '../transport.ts';
import { createXeroCalls } from './exchange.ts';
import { findNote, setExpectedPayDate, writeNote } from './notes.ts';
import { createXeroOAuth } from './oauth.ts';
import { pullPages } from './pull.ts';
import { baseCurrency, invoicePdf, organisation, payLink, readInvoice } from './read.ts';
import { verifyWebhook, webhookHints } from './webhook.ts';

export interface XeroDeps {
  clock: Clock;
  limits: Limits;
}

export function createXero(config: XeroConfig, deps: XeroDeps): LedgerPlatform {
  if (config.app === null) {
    throw new UsageError('XERO_CLIENT_ID and XERO_CLIENT_SECRET: are missing');
  }
  const oauth = createXeroOAuth(config, config.app, deps.clock);
  return {
    platform: 'xero',
    ...oauth,
    open: (session) => openBook(config, deps, session),
    verifyWebhook: (rawBody, signature) => verifyWebhook(config.webhookKey, rawBody, signature),
    webhookHints,
  };
}

function openBook(config: XeroConfig, deps: XeroDeps, session: BookSession): Ledger {
  const transport = createTransport({
    platformName: 'Xero',
    clock: deps.clock,
    limiter: deps.limits.forBook('xero', session.key),
    tokens: session.tokens,
    priority: session.priority ?? 'background',
    waitMsMax: session.waitMsMax,
    observer: session.observer,
    timeoutMs: config.timeoutMs,
    // What the SDK throws is dropped where it is caught, and replaced by an ExchangeFailed.
    explain: () => ({ cause: 'no_answer' }),
  });
  const calls = createXeroCalls({
    transport,
    clock: deps.clock,
    apiUrl: config.apiUrl,
    tenantId: session.externalId,
  });

  // Asked for once at most: Xero does not let an organisation change its currency.
  let known: Currency | null = null;
  const base = async (): Promise<Currency> => (known ??= await baseCurrency(calls));

  return {
    platform: 'xero',
    async organisation() {
      const found = await organisation(calls);
      known = found.baseCurrency;
      return found;
    },
    pull: (cursor, options) => pullPages({ calls, baseCurrency: base }, cursor, options),
    readInvoice: (id) => readInvoice(calls, known, id),
    invoicePdf: (id) => invoicePdf(calls, id),
    payLink: (id) => payLink(calls, id),
    findNote: (target, ref) => findNote(calls, target, ref),
    writeNote: (note) => writeNote(calls, note),
    setExpectedPayDate: (id, on) => setExpectedPayDate(calls, id, on),
  };
}
