/**
 * The guarantee: a back-up that is brought back resends nothing that was sent since it was made, and
 * notes nothing twice. The judges are the mail server and the ledgers, who remember everything.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../connectors/sandbox/index.ts';
import type { App } from '../../src/app.ts';
import { ManualClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { readFigures } from '../../src/demo/figures.ts';
import { type MailCatcher, startMailCatcher } from '../../src/demo/mail-catcher.ts';
import type { BookId, Platform } from '../../src/domain/receivables.ts';
import { assemble } from '../../src/main.ts';
import { runPipeline } from '../../src/pipeline.ts';
import { mayHaveForgotten, sayAlive, sayRestored } from '../../src/store/alive.ts';
import { openDatabase } from '../../src/store/db.ts';
import { createVault } from '../../src/store/vault.ts';
import { firstRunBehind } from '../support/books.ts';
import { KEY } from '../support/connect.ts';
import { useDatabase } from '../support/database.ts';
import { connectBooks, settingsBeside } from '../support/installation.ts';
import { migratedFolder } from '../support/snapshot.ts';

const clock = new ManualClock('2026-11-19T20:00:00Z');
let folder: string;
let sandbox: Sandbox;
let catcher: MailCatcher;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'duebook-restore-'));
  await migratedFolder(data());
  sandbox = await startSandbox({ clock, invoices: 60, enforceLimits: false });
  catcher = await startMailCatcher();
});
afterAll(async () => {
  await catcher.close();
  await sandbox.close();
  await rm(folder, { recursive: true, force: true });
});

const data = () => path.join(folder, 'data');
const backup = () => path.join(folder, 'backup');

/** A process over the data as it lies there: opened, told that it lives, and closed. */
async function inProcess<T>(work: (app: App) => Promise<T>): Promise<T> {
  const db = await openDatabase({ kind: 'pglite', folder: data() });
  const config = readConfig(settingsBeside(sandbox, catcher));
  const app = assemble(config, { db, vault: createVault([KEY]) }, { clock, keepPace: false });
  try {
    await sayAlive(app);
    return await work(app);
  } finally {
    await app.close();
  }
}

async function connect(app: App, platform: Platform): Promise<void> {
  for (const bookId of await connectBooks(app, sandbox, platform)) {
    await firstRunBehind(app.db, bookId);
  }
}

async function runAll(app: App) {
  const books = await app.db.prisma.book.findMany({ orderBy: { id: 'asc' } });
  for (const book of books) await runPipeline(app, book.id as BookId);
  return readFigures(app, sandbox, catcher);
}

test('a back-up brought back sends nothing again, and says why', async () => {
  await inProcess(async (app) => {
    for (const platform of ['xero', 'quickbooks'] satisfies Platform[])
      await connect(app, platform);
  });
  // As docs/operations.md says: stopped, and the folder copied.
  await cp(data(), backup(), { recursive: true });

  const before = await inProcess(runAll);
  const accepted = catcher.accepted();
  expect(before.actionsSent).toBeGreaterThan(4);
  expect(accepted).toHaveLength(before.actionsSent);

  await rm(data(), { recursive: true });
  await cp(backup(), data(), { recursive: true });
  clock.advance(3 * 60 * 60_000);
  const after = await inProcess(async (app) => {
    expect(await app.db.prisma.action.count()).toBe(0);
    const figures = await runAll(app);
    const sent = await app.db.prisma.action.findMany({ where: { state: 'sent' } });
    expect(sent).toHaveLength(before.actionsSent);
    for (const { stateReason } of sent) expect(stateReason).toContain('It was sent before');
    return figures;
  });
  expect(catcher.accepted()).toEqual(accepted);
  expect(after.notesHeld).toBe(before.notesHeld);
}, 180_000);

const db = useDatabase();

test('a gap is a stretch of more than ten minutes without a word, or what a person says', async () => {
  const deps = { db: db(), clock: new ManualClock('2026-11-19T20:00:00Z') };
  await sayAlive(deps);
  for (let minute = 0; minute < 3; minute += 1) {
    deps.clock.advance(10 * 60_000);
    await sayAlive(deps);
  }
  expect(await mayHaveForgotten(deps)).toBe(false);
  deps.clock.advance(10 * 60_000 + 1);
  await sayAlive(deps);
  expect(await mayHaveForgotten(deps)).toBe(true);
  deps.clock.advance(31 * 86_400_000);
  expect(await mayHaveForgotten(deps)).toBe(false);
  await sayRestored(deps);
  expect(await mayHaveForgotten(deps)).toBe(true);
});
