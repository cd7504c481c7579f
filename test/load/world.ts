/**
 * What the load stands on: both vendors' APIs and the mail server in this process, a database on a real
 * PostgreSQL, two worker processes and one for the web. Every book is connected through its page of consent.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { type Sandbox, startSandbox } from '../../connectors/sandbox/index.ts';
import type { App } from '../../src/app.ts';
import { type Clock, systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { openBookRef } from '../../src/connect/book-secrets.ts';
import { type MailCatcher, startMailCatcher } from '../../src/demo/mail-catcher.ts';
import type { BookId, Platform } from '../../src/domain/receivables.ts';
import { assemble } from '../../src/main.ts';
import { openDatabase } from '../../src/store/db.ts';
import { createVault } from '../../src/store/vault.ts';
import { firstRunBehind } from '../support/books.ts';
import { Child } from '../support/child.ts';
import { connectBooks, settingsBeside } from '../support/installation.ts';
import { createDatabase } from '../support/postgres.ts';
import { fastClock, type Pace } from './clock.ts';
import type { Told } from './talk.ts';

export interface LoadBook {
  id: BookId;
  platform: Platform;
  externalId: string;
}

export interface World {
  clock: Clock;
  pace: Pace;
  sandbox: Sandbox;
  catcher: MailCatcher;
  /** For looking only: its own calls are never made. */
  app: App;
  books: LoadBook[];
  web: Child<Told>;
  workers: Child<Told>[];
  close(): Promise<void>;
}

export interface WorldOptions {
  /** Where databases may be made. */
  server: string;
  redisUrl: string | null;
  seed: number;
  books: number;
  /** Of the first book of each platform; the others have a quarter. */
  invoices: number;
  speed: number;
  /** Xero's calls for each book and day. */
  dayLimit: number;
  /** The file of a worker process. */
  worker: string;
}

/** Monday afternoon in Los Angeles, Tuesday morning in Auckland: every book may send. */
const BEGINS_AT = '2026-11-16T20:00:00Z';
/** Machine time for each answer of the vendors. */
const LATENCY_MS = 30;
/** After the last minute of every day: a run comes only when it is asked for. */
const NEVER_BY_ITSELF = 24 * 60;
const WEB = path.join(import.meta.dirname, 'web.ts');

export async function openWorld(options: WorldOptions): Promise<World> {
  const { seed, speed, dayLimit } = options;
  const pace = { beginsAt: BEGINS_AT, startedAt: systemClock.now().getTime(), speed };
  const clock = fastClock(pace);
  const port = await freePort();
  const count = { xero: Math.ceil(options.books / 2), quickbooks: Math.floor(options.books / 2) };
  const sandbox = await startSandbox({
    ...{ clock, seed, dayLimit, books: count, invoices: options.invoices },
    ...{ futureDays: 2, latencyMs: LATENCY_MS, duplicateWebhooks: true },
    webhookUrl: `http://127.0.0.1:${port}`,
  });
  const catcher = await startMailCatcher({ clock });
  const { url, drop } = await createDatabase(options.server, 'duebook_load');
  const key = randomBytes(32);
  const settings: Record<string, string> = {
    ...settingsBeside(sandbox, catcher),
    ...{ DATABASE_URL: url, ENCRYPTION_KEYS: `k1:${key.toString('base64')}`, PORT: String(port) },
    XERO_DAY_LIMIT: String(dayLimit),
    ...(options.redisUrl === null ? {} : { REDIS_URL: options.redisUrl }),
  };
  const db = await openDatabase({ kind: 'postgres', url, poolSize: 5 });
  const vault = createVault([{ id: 'k1', key }]);
  const app = assemble(readConfig(settings), { db, vault }, { clock, keepPace: false });
  const books = await connectAll(app, sandbox);
  // What connecting cost is over and forgotten: the ten minutes begin with a fresh count on both sides.
  for (const vendor of [sandbox.xero, sandbox.quickbooks]) {
    vendor.calls.reset();
    vendor.forgetLimits();
  }
  await db.executeSql('delete from call_count');
  const env = {
    ...{ PATH: process.env['PATH'], TZ: 'UTC', ...settings },
    LOAD_PACE: JSON.stringify(pace),
  };
  const web = new Child<Told>(WEB, env, ['--import', 'tsx']);
  const workers = [0, 1].map(() => new Child<Told>(options.worker, env, []));
  return {
    ...{ clock, pace, sandbox, catcher, app, books, web, workers },
    async close() {
      await Promise.all([web, ...workers].map((child) => child.kill()));
      await app.close();
      await catcher.close();
      await sandbox.close();
      await drop();
    },
  };
}

async function connectAll(app: App, sandbox: Sandbox): Promise<LoadBook[]> {
  // Xero's page ticks every organisation; Intuit's takes one company at a time.
  await connectBooks(app, sandbox, 'xero');
  for (const company of sandbox.quickbooks.externalIds) {
    await connectBooks(app, sandbox, 'quickbooks', { companies: [company] });
  }
  await app.db.prisma.book.updateMany({ data: { runAtMinute: NEVER_BY_ITSELF } });
  const rows = await app.db.prisma.book.findMany({ orderBy: { id: 'asc' } });
  for (const { id } of rows) await firstRunBehind(app.db, id as BookId);
  return rows.map((row) => ({
    ...{ id: row.id as BookId, platform: row.platform },
    externalId: openBookRef(app.vault, row).externalId,
  }));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
