/**
 * The sandbox: stand-ins on loopback for the HTTP APIs and sign-in servers of Xero and Intuit, filled
 * with believable invented books. The real SDKs talk to it in the demo, the tests and the bench.
 */
import { type Day, dayIn, formatDay } from '../../src/domain/day.ts';
import { actPerson, type ConsentChoice } from './consent.ts';
import type { GeneratedTruth } from './generator/plan.ts';
import { Journal } from './journal.ts';
import type { SandboxOptions } from './options.ts';
import { QuickBooksSandbox } from './quickbooks/index.ts';
import { QUICKBOOKS_CLIENT_ID, QUICKBOOKS_CLIENT_SECRET } from './quickbooks/oauth.ts';
import { Deliveries, QUICKBOOKS_WEBHOOK_TOKEN, XERO_WEBHOOK_KEY } from './webhooks.ts';
import { XeroSandbox } from './xero/index.ts';
import { XERO_CLIENT_ID, XERO_CLIENT_SECRET } from './xero/oauth.ts';

export type { SandboxOptions } from './options.ts';

export interface Sandbox {
  /** Environment for readConfig: every URL and key of both platforms. */
  settings: Record<string, string>;
  /** Acts the person in the browser: opens the page, presses Allow, gives the callback URL, unvisited. */
  consent(authorizeUrl: string, choice?: ConsentChoice): Promise<string>;
  xero: XeroSandbox;
  quickbooks: QuickBooksSandbox;
  /** Webhook deliveries, and flush() to try the unanswered ones again. */
  deliveries: Deliveries;
  /** The platform's first book as its generator meant it: an oracle for tests, never for the product. */
  truth(platform: 'xero' | 'quickbooks'): GeneratedTruth;
  /** Lets the events happen that the clock has reached, and delivers their webhooks. */
  tick(): Promise<void>;
  close(): Promise<void>;
}

const DEFAULT_INVOICES = 400;
const FULL_FUTURE_UP_TO = 5_000;

export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const seed = options.seed ?? 1;
  const invoices = options.invoices ?? DEFAULT_INVOICES;
  const books = {
    xero: countOf(options.books?.xero),
    quickbooks: countOf(options.books?.quickbooks),
  };
  const now = (): number => options.clock.now().getTime();
  const stateFile = options.stateFile ?? null;
  const born = birthday(options, stateFile);
  const { journal, entries } = Journal.open(stateFile, {
    ...{ seed, born: born.text, invoices, ...books },
  });
  const deliveries = new Deliveries({
    webhookUrl: options.webhookUrl?.replace(/\/+$/, '') ?? null,
    intuitFormat: options.intuitWebhookFormat ?? 'cloudevents',
    duplicates: options.duplicateWebhooks ?? false,
  });
  const common = {
    now,
    seed,
    invoices,
    bornOn: born.day,
    futureDays: (count: number) => options.futureDays ?? (count > FULL_FUTURE_UP_TO ? 30 : 365),
    openShare: options.openShare ?? null,
    enforceLimits: options.enforceLimits ?? true,
    latencyMs: options.latencyMs ?? 0,
    journal: (scope: string, op: unknown) => {
      journal.write({ at: now(), scope, op });
    },
    deliveries,
  };
  const xero = new XeroSandbox({
    ...common,
    books: books.xero,
    dayLimit: options.dayLimit ?? 1000,
    historyMaxChars: options.historyMaxChars ?? 250,
  });
  const quickbooks = new QuickBooksSandbox({
    ...common,
    books: books.quickbooks,
    rotateSeconds: options.quickbooksRotateSeconds ?? 86_400,
  });
  journal.replaying(() => {
    for (const entry of entries) {
      const vendor = entry.scope.startsWith('xero/') ? xero : quickbooks;
      vendor.replay(entry.scope, entry.op, entry.at);
    }
  });
  xero.open();
  quickbooks.open();
  await xero.listen(options.xeroPort ?? 0);
  await quickbooks.listen(options.quickbooksPort ?? 0);
  return {
    settings: settingsOf(xero.url, quickbooks.url),
    consent: actPerson,
    xero,
    quickbooks,
    deliveries,
    truth: (platform) => (platform === 'xero' ? xero.truth() : quickbooks.truth()),
    tick: async () => {
      await xero.tick();
      await quickbooks.tick();
    },
    close: async () => {
      await Promise.all([xero.close(), quickbooks.close()]);
    },
  };
}

function countOf(books: boolean | number | undefined): number {
  return books === undefined ? 1 : Number(books);
}

/** Without a given day each book is born on the day it is where it lives, when it is first started. */
function birthday(
  options: SandboxOptions,
  stateFile: string | null,
): { text: string; day: (timeZone: string) => Day } {
  const given = options.bornOn;
  if (given !== undefined) return { text: formatDay(given), day: () => given };
  const at = Journal.bornAt(stateFile) ?? options.clock.now();
  return { text: at.toISOString(), day: (timeZone) => dayIn(timeZone, at) };
}

function settingsOf(xero: string, quickbooks: string): Record<string, string> {
  return {
    XERO_CLIENT_ID,
    XERO_CLIENT_SECRET,
    XERO_WEBHOOK_KEY,
    XERO_API_URL: xero,
    XERO_IDENTITY_URL: xero,
    XERO_AUTHORIZE_URL: `${xero}/identity/connect/authorize`,
    QUICKBOOKS_CLIENT_ID,
    QUICKBOOKS_CLIENT_SECRET,
    QUICKBOOKS_WEBHOOK_TOKEN,
    QUICKBOOKS_API_URL: quickbooks,
    INTUIT_AUTHORIZE_URL: `${quickbooks}/connect/oauth2`,
    INTUIT_TOKEN_URL: `${quickbooks}/oauth2/v1/tokens/bearer`,
    INTUIT_REVOKE_URL: `${quickbooks}/v2/oauth2/tokens/revoke`,
    INTUIT_USERINFO_URL: `${quickbooks}/v1/openid_connect/userinfo`,
  };
}
