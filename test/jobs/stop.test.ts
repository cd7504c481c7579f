/**
 * The guarantee: `duebook start` and `duebook send`, told to stop, end within ten seconds and leave no
 * claim behind, even while a ledger and a mail server keep them waiting. A real process and a real SIGTERM.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type Sandbox, startSandbox } from '../../connectors/sandbox/index.ts';
import type { App } from '../../src/app.ts';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { type MailCatcher, startMailCatcher } from '../../src/demo/mail-catcher.ts';
import { toDate } from '../../src/domain/day.ts';
import type { Platform } from '../../src/domain/receivables.ts';
import { compose } from '../../src/main.ts';
import { stageDeps, todayOf } from '../../src/pipeline.ts';
import { syncBook } from '../../src/sync/sync-book.ts';
import { connectBooks, settingsBeside } from '../support/installation.ts';
import { migratedFolder } from '../support/snapshot.ts';

let folder: string;
let sandbox: Sandbox;
let catcher: MailCatcher;
let env: Record<string, string>;

beforeEach(() => {
  catcher.behave();
  sandbox.quickbooks.faults.clear();
});
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'duebook-stop-'));
  await migratedFolder(folder);
  sandbox = await startSandbox({ clock: systemClock, invoices: 60, enforceLimits: false });
  catcher = await startMailCatcher();
  env = {
    ...settingsBeside(sandbox, catcher),
    DATA_DIR: folder,
    PORT: '0',
    LOG_LEVEL: 'warn',
  };
});
afterAll(async () => {
  await catcher.close();
  await sandbox.close();
  await rm(folder, { recursive: true, force: true });
});

async function withApp<T>(work: (app: App) => Promise<T>): Promise<T> {
  const app = await compose(readConfig(env), { keepPace: false });
  try {
    return await work(app);
  } finally {
    await app.close();
  }
}

/** A synced book whose run of today is done, and one reminder of it that is due now. */
async function bookWithReminder(app: App, platform: Platform): Promise<string> {
  const [bookId] = await connectBooks(app, sandbox, platform);
  if (bookId === undefined) throw new Error('no book');
  await syncBook(stageDeps(app), bookId);
  const { prisma } = app.db;
  const now = app.clock.now();
  const policy = await prisma.policyVersion.findFirst();
  const policyVersionId = policy?.id ?? 1;
  const asOn = toDate(await todayOf(app, bookId));
  const run = await prisma.run.create({
    data: { bookId, asOn, mode: 'automatic', state: 'done', policyVersionId, startedAt: now },
  });
  await prisma.book.update({ where: { id: bookId }, data: { platformRemindersOn: false } });
  const invoice = await prisma.invoice.findFirstOrThrow({
    where: { bookId, status: 'open', kind: 'invoice', dueOn: { lt: asOn } },
    orderBy: { dueOn: 'asc' },
  });
  await prisma.customer.update({
    where: { bookId_id: { bookId, id: invoice.customerId } },
    data: { emailText: 'ap@debtor.example' },
  });
  const id = randomUUID();
  await prisma.action.create({
    data: {
      id,
      bookId,
      customerId: invoice.customerId,
      currency: invoice.currency,
      channel: 'email',
      step: 'overdue-second',
      stepName: 'Second reminder',
      template: 'overdue-second',
      sender: 'collector',
      state: 'planned',
      key: id,
      runId: run.id,
      policyVersionId,
      plannedOn: asOn,
      dueAt: now,
      createdAt: now,
      updatedAt: now,
      invoices: {
        create: {
          bookId,
          invoiceId: invoice.id,
          step: 'overdue-second',
          isTrigger: true,
          dueOn: invoice.dueOn,
          openMinor: invoice.openMinor,
        },
      },
    },
  });
  return id;
}

function duebook(command: string): { child: ChildProcess; said: () => string } {
  const child = spawn(process.execPath, ['src/cli/bin.js', command], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return { child, said: () => said };
}

/** Takes every message whole, and then says nothing. */
function hangingServer(): { isWaiting: () => boolean } {
  let isWaiting = false;
  catcher.behave((moment) => {
    if (moment.at !== 'received') return undefined;
    isWaiting = true;
    return 'hang';
  });
  return { isWaiting: () => isWaiting };
}

/** The exit code of a process that was told to stop as soon as it was kept waiting. */
async function stopped(command: string, isWaiting: () => boolean): Promise<number | null> {
  const { child, said } = duebook(command);
  const ended = once(child, 'exit');
  await vi.waitFor(() => expect(isWaiting(), said()).toBe(true), {
    timeout: 120_000,
    interval: 100,
  });
  const signalledAt = Date.now();
  child.kill('SIGTERM');
  const [code] = (await ended) as [number | null];
  expect(said()).toContain('Stopping: what runs is finished or handed back.');
  expect((Date.now() - signalledAt) / 1000, said()).toBeLessThan(10);
  return code;
}

test('SIGTERM while a mail server and a ledger hang: over within ten seconds, no claim left', async () => {
  const actions = await withApp(async (app) => ({
    atServer: await bookWithReminder(app, 'xero'),
    atLedger: await bookWithReminder(app, 'quickbooks'),
  }));
  const server = hangingServer();
  sandbox.quickbooks.faults.next({ kind: 'hang', times: 100 });

  expect(await stopped('start', server.isWaiting)).toBe(0);
  await withApp(async ({ db }) => {
    const rows = await db.prisma.action.findMany();
    const stateOf = (id: string) => rows.find((row) => row.id === id);
    // Its content had begun to leave: only a person can say.
    expect(stateOf(actions.atServer)?.state).toBe('in_doubt');
    const returned = stateOf(actions.atLedger);
    expect(['planned', 'deferred']).toContain(returned?.state);
    expect([returned?.attemptId, returned?.leaseUntil]).toEqual([null, null]);
    expect(rows.filter((row) => ['claimed', 'handing_over'].includes(row.state))).toEqual([]);
    expect(await db.prisma.note.count({ where: { state: { in: ['claimed', 'writing'] } } })).toBe(
      0,
    );
  });
}, 200_000);

test('SIGTERM during `send`: the message at the server is in doubt, the one at the ledger waits again', async () => {
  const atServer = await withApp(async (app) => {
    await app.db.prisma.action.deleteMany();
    await bookWithReminder(app, 'quickbooks');
    return bookWithReminder(app, 'xero');
  });
  const actions = () => withApp(({ db }) => db.prisma.action.findMany());

  const server = hangingServer();
  expect(await stopped('send', server.isWaiting)).toBe(1);
  expect((await actions()).find(({ id }) => id === atServer)).toMatchObject({
    ...{ state: 'in_doubt', leaseUntil: null },
  });

  sandbox.quickbooks.faults.next({ kind: 'hang', times: 100 });
  const before = sandbox.quickbooks.calls.count();
  expect(await stopped('send', () => sandbox.quickbooks.calls.count() > before)).toBe(1);
  expect((await actions()).find(({ id }) => id !== atServer)).toMatchObject({
    ...{ state: 'deferred', attemptId: null, leaseUntil: null },
    stateReason: 'Duebook was stopped meanwhile; it goes on at the next start.',
  });
}, 400_000);
