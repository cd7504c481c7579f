/** A whole Duebook in one test: the sandbox, a catching mail server, the real connectors, a test database. */
import type { ConsentChoice } from '../../connectors/sandbox/consent.ts';
import { type Sandbox, startSandbox } from '../../connectors/sandbox/index.ts';
import type { App } from '../../src/app.ts';
import type { Clock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { beginConnect } from '../../src/connect/begin.ts';
import { completeConnect } from '../../src/connect/complete.ts';
import { type MailCatcher, startMailCatcher } from '../../src/demo/mail-catcher.ts';
import type { BookId, Platform } from '../../src/domain/receivables.ts';
import { setBookMode } from '../../src/escalate/book-mode.ts';
import { assemble } from '../../src/main.ts';
import type { Db } from '../../src/store/db.ts';
import { createVault } from '../../src/store/vault.ts';
import { firstRunBehind } from './books.ts';
import { KEY } from './connect.ts';

export interface Installation {
  app: App;
  sandbox: Sandbox;
  catcher: MailCatcher;
  bookIds: BookId[];
  close(): Promise<void>;
}

/** What a Duebook beside these servers is set up with. */
export function settingsBeside(sandbox: Sandbox, catcher: MailCatcher): Record<string, string> {
  return {
    ...sandbox.settings,
    SMTP_HOST: catcher.host,
    SMTP_PORT: String(catcher.port),
    MAIL_FROM: 'accounts@kauri.example',
    LOG_LEVEL: 'silent',
  };
}

/** Through the platform's page of consent, as a person would; in automatic mode from then on. */
export async function connectBooks(
  app: App,
  sandbox: Sandbox,
  platform: Platform,
  choice?: ConsentChoice,
): Promise<BookId[]> {
  const { url } = await beginConnect(app, { platform, browser: platform });
  const callback = new URL(await sandbox.consent(url, choice));
  const query = Object.fromEntries(callback.searchParams);
  const { books } = await completeConnect(app, { platform, query, browser: platform });
  for (const book of books) await setBookMode(app, book.id, 'automatic', 'test');
  return books.map((book) => book.id);
}

/** A book of each platform connected, in automatic mode, nothing synced yet. */
export async function openInstallation(
  db: Db,
  clock: Clock,
  { invoices = 60, platforms = ['xero', 'quickbooks'] as Platform[] } = {},
): Promise<Installation> {
  const sandbox = await startSandbox({ clock, invoices, enforceLimits: false });
  const catcher = await startMailCatcher();
  const config = readConfig(settingsBeside(sandbox, catcher));
  const app = assemble(config, { db, vault: createVault([KEY]) }, { clock, keepPace: false });
  const bookIds: BookId[] = [];
  for (const platform of platforms) {
    for (const bookId of await connectBooks(app, sandbox, platform)) {
      await firstRunBehind(db, bookId);
      bookIds.push(bookId);
    }
  }
  return {
    app,
    sandbox,
    catcher,
    bookIds,
    async close() {
      await app.mailer?.close();
      app.limits.close();
      await catcher.close();
      await sandbox.close();
    },
  };
}
