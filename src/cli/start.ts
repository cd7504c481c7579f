import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { UsageError } from '../errors.ts';
import { startWorker, type Worker } from '../jobs/worker.ts';
import { createLoginLink, createOperationsWeb, createWeb, type WebApp } from '../web/index.ts';
import { type CliContext, withApp } from './context.ts';
import { endInTime, untilStopped } from './stopping.ts';

const HANG_UP_MS = 3_000;

const ROLES = ['web', 'worker'] as const;
type Role = (typeof ROLES)[number];

export function startCommand(program: Command, context: CliContext) {
  program
    .command('start [role]')
    .description('the web app and the background worker; `web` or `worker` alone with PostgreSQL')
    .action(async (text: string | undefined) => {
      const role = ROLES.find((candidate) => candidate === text);
      if (text !== undefined && role === undefined) {
        throw new UsageError(`"${text}" is no role: say web, worker, or nothing for both`);
      }
      await withApp(context, async (app) => {
        if (role !== undefined && app.db.kind === 'pglite') {
          throw new UsageError(
            `DATABASE_URL: is missing; \`start ${role}\` shares its work with other processes, which takes PostgreSQL`,
          );
        }
        warnOfWhatIsMissing(app, context);
        await serve(app, context, role);
      });
    });
}

function warnOfWhatIsMissing(app: App, context: CliContext): void {
  if (Object.keys(app.platforms).length === 0) {
    context.note(
      'No platform can be connected yet: set XERO_CLIENT_ID or QUICKBOOKS_CLIENT_ID and their secrets.',
    );
  }
  if (app.mailer === null) {
    context.note('No mail leaves yet: set SMTP_HOST. Actions wait until then and say so.');
  }
}

async function serve(app: App, context: CliContext, role: Role | undefined): Promise<void> {
  const worker = await startWorker(app, { work: role !== 'web' });
  const web = role === 'worker' ? await listenForOperations(app) : await listen(app, worker);
  if (role !== 'worker' && web !== null) {
    context.print(`Duebook is at ${web.url}`);
    context.print(`Sign in once with ${await createLoginLink(app)}`);
  }
  context.note('Stop with Ctrl-C.');
  await untilStopped();
  endInTime(context);
  await Promise.all([web?.close(), worker.stop()]);
}

export interface RunningWeb {
  url: string;
  close(): Promise<void>;
}

/** Starts the web app where HOST and PORT say. */
export async function listen(
  app: App,
  worker: Worker,
  extras: Pick<WebApp, 'caughtMail'> = {},
): Promise<RunningWeb> {
  const web = createWeb({
    ...app,
    ...extras,
    async requestSync(bookId) {
      await app.db.prisma.book.update({
        where: { id: bookId },
        data: { syncRequestedAt: app.clock.now() },
      });
      await worker.requestTend(bookId);
    },
    async requestRun(bookId) {
      await app.db.prisma.book.update({
        where: { id: bookId },
        data: { runRequestedAt: app.clock.now() },
      });
      await worker.requestTend(bookId);
    },
  });
  return listenOn(web, app, app.config.web.port, 'PORT');
}

/** A worker has no pages, but whatever watches it may ask how it is, at WORKER_PORT. */
async function listenForOperations(app: App): Promise<RunningWeb | null> {
  const { workerPort } = app.config.web;
  if (workerPort === null) return null;
  return listenOn(createOperationsWeb(app), app, workerPort, 'WORKER_PORT');
}

async function listenOn(
  web: ReturnType<typeof createWeb>,
  app: App,
  port: number,
  setting: string,
): Promise<RunningWeb> {
  const { host } = app.config.web;
  const server: Server = web.listen(port, host);
  await Promise.race([
    once(server, 'listening'),
    once(server, 'error').then(([err]: unknown[]) => {
      throw (err as NodeJS.ErrnoException).code === 'EADDRINUSE'
        ? new UsageError(`${setting}: ${port} is already in use on ${host}; choose another`)
        : (err as Error);
    }),
  ]);
  const address = server.address() as AddressInfo;
  return {
    url: port === 0 ? `http://localhost:${address.port}` : app.config.web.publicUrl,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        // A reader that never hangs up must not keep the process.
        setTimeout(() => server.closeAllConnections(), HANG_UP_MS).unref();
      }),
  };
}
