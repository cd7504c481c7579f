import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { beginConnect } from '../connect/begin.ts';
import { completeConnect } from '../connect/complete.ts';
import type { Platform } from '../domain/receivables.ts';
import { AppError, UsageError } from '../errors.ts';
import { type CliContext, withApp } from './context.ts';

const PLATFORMS: readonly Platform[] = ['xero', 'quickbooks'];

export function connectCommand(program: Command, context: CliContext) {
  program
    .command('connect <platform>')
    .description('print the consent URL of xero or quickbooks and wait for the answer')
    .action(async (text: string) => {
      const platform = PLATFORMS.find((candidate) => candidate === text);
      if (platform === undefined)
        throw new UsageError(`"${text}" is no platform: say ${PLATFORMS.join(' or ')}`);
      await withApp(context, async (app) => {
        // The consent belongs to this process: only it knows the secret that the state is bound to.
        const browser = randomBytes(32).toString('base64url');
        const { url } = await beginConnect(app, { platform, browser });
        context.note('Open this address, choose the organisation and allow access:');
        context.print(url);
        const books = await waitForCallback(app, platform, browser);
        for (const book of books) context.print(`connected: ${book.id} ${book.name}`);
      });
    });
}

/** Listens where the redirect URI points until one callback has been answered. */
function waitForCallback(app: App, platform: Platform, browser: string) {
  const redirect = new URL(`${app.config.web.publicUrl}/callback/${platform}`);
  return new Promise<{ id: number; name: string }[]>((resolve, reject) => {
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', redirect);
      if (url.pathname !== redirect.pathname) {
        response.writeHead(404).end();
        return;
      }
      completeConnect(app, { platform, query: Object.fromEntries(url.searchParams), browser })
        .then(
          (done) => {
            answer('Connected. You can close this page.');
            resolve(done.books);
          },
          (err: unknown) => {
            answer(
              err instanceof AppError ? err.userMessage : 'Something went wrong; see the console.',
            );
            reject(err instanceof Error ? err : new Error('connect failed'));
          },
        )
        .finally(() => server.close());
      const answer = (text: string): void => {
        // Plain text and no referrer: the address of this page holds the code.
        response
          .writeHead(200, {
            'content-type': 'text/plain; charset=utf-8',
            'referrer-policy': 'no-referrer',
            'cache-control': 'no-store',
            connection: 'close',
          })
          .end(text);
      };
    });
    server.once('error', (err: NodeJS.ErrnoException) => {
      reject(
        err.code === 'EADDRINUSE'
          ? new UsageError(
              `PORT: ${app.config.web.port} is in use; connect in the web app that runs there, or set another port in PORT and in the redirect URI`,
            )
          : err,
      );
    });
    server.listen(app.config.web.port, app.config.web.host);
  });
}
