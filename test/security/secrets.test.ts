/**
 * The guarantee: tokens, keys, passwords, company ids and what is written to debtors are in no log, no
 * error, no metric; and no secret is in a reply. A whole installation runs at level trace with marked
 * secrets, and meets vendors and a mail server who throw our own secrets back at us.
 */
import { inspect } from 'node:util';
import request from 'supertest';
import { beforeAll, describe, expect, test } from 'vitest';
import { createMailer } from '../../src/act/mailer.ts';
import type { App } from '../../src/app.ts';
import { ManualClock } from '../../src/clock.ts';
import { openBookRef } from '../../src/connect/book-secrets.ts';
import { openTokens } from '../../src/connect/grant-tokens.ts';
import { createLog } from '../../src/log.ts';
import { runPipeline } from '../../src/pipeline.ts';
import { syncBook } from '../../src/sync/sync-book.ts';
import { stageDeps } from '../../src/pipeline.ts';
import { createLoginLink, createWeb } from '../../src/web/index.ts';
import { KEY } from '../support/connect.ts';
import { useDatabase } from '../support/database.ts';
import { openInstallation } from '../support/installation.ts';
import { findSecrets } from './find-secrets.ts';

const db = useDatabase();
const PASSWORD = 'smtp-passw0rd-marked';
const secrets = new Map<string, string>();
/** What people other than a signed-in user may see: logs, errors, metrics. */
const bodies = new Map<string, string>();
const written = new Map<string, string>();
let logged = '';

/** Every secret that the database holds sealed by now. */
async function noteSealed(app: App): Promise<void> {
  for (const grant of await app.db.prisma.grant.findMany()) {
    const tokens = openTokens(app.vault, grant);
    secrets.set(`access token ${tokens.accessToken.slice(-4)}`, tokens.accessToken);
    secrets.set(`refresh token ${tokens.refreshToken.slice(-4)}`, tokens.refreshToken);
  }
  for (const book of await app.db.prisma.book.findMany()) {
    const { externalId, connectionId } = openBookRef(app.vault, book);
    secrets.set(`company id of book ${book.id}`, externalId);
    if (connectionId !== null) secrets.set(`connection of book ${book.id}`, connectionId);
  }
}

beforeAll(async () => {
  const clock = new ManualClock('2026-11-19T20:00:00Z');
  const installation = await openInstallation(db(), clock);
  const { app, sandbox, catcher, bookIds } = installation;
  const errors: unknown[] = [];
  const attempt = (work: Promise<unknown>): Promise<unknown> =>
    work.catch((err: unknown) => errors.push(err));
  app.log = createLog('trace', { write: (line) => void (logged += line) });
  const smtp = {
    host: catcher.host,
    port: catcher.port,
    secure: false,
    auth: { user: 'mailer', pass: PASSWORD },
  };
  app.mailer = createMailer(smtp, { clock });
  secrets.set('SMTP password', PASSWORD);
  secrets.set('encryption key', KEY.key.toString('base64'));
  for (const name of [
    'XERO_CLIENT_SECRET',
    'XERO_WEBHOOK_KEY',
    'QUICKBOOKS_CLIENT_SECRET',
    'QUICKBOOKS_WEBHOOK_TOKEN',
  ]) {
    const secret = sandbox.settings[name];
    if (secret !== undefined) secrets.set(name, secret);
  }
  await noteSealed(app);

  // Vendors that answer with what they were sent.
  const echo = JSON.stringify({
    error: [...secrets.values()],
    message: [...secrets.values()].join(' '),
  });
  for (const status of [400, 401, 403, 404, 500, 503]) {
    for (const vendor of [sandbox.xero, sandbox.quickbooks]) {
      vendor.faults.next({ kind: 'status', status, body: echo, times: 3 });
    }
    for (const bookId of bookIds) await attempt(syncBook(stageDeps(app), bookId));
    await noteSealed(app);
    sandbox.xero.faults.clear();
    sandbox.quickbooks.faults.clear();
    await app.db.prisma.book.updateMany({ data: { status: 'connected', parkedUntil: null } });
    await app.db.prisma.grant.updateMany({ data: { status: 'connected' } });
  }
  // A mail server that repeats the password, once; then everything runs.
  let told = 0;
  catcher.behave((moment) => {
    if (moment.at !== 'sign-in' || told > 0) return undefined;
    told += 1;
    const plain = Buffer.from(`\u0000mailer\u0000${PASSWORD}`).toString('base64');
    return { code: 535, text: `5.7.8 ${PASSWORD} ${plain} is wrong` };
  });
  for (const bookId of bookIds) await attempt(runPipeline(app, bookId));
  clock.advance(10 * 60_000);
  for (const bookId of bookIds) await attempt(runPipeline(app, bookId));
  await noteSealed(app);

  const web = createWeb(app);
  const agent = request.agent(web);
  const link = new URL(await createLoginLink(app));
  secrets.set('sign-in link', link.searchParams.get('token') ?? '');
  const replies: string[] = [];
  const keep = (answer: request.Response) => {
    replies.push(answer.text, JSON.stringify(answer.headers['location'] ?? ''));
    return answer;
  };
  const entered = keep(await agent.get(link.pathname + link.search));
  const cookie = /duebook=([^;]+)/.exec(String(entered.headers['set-cookie']))?.[1] ?? '';
  secrets.set('session', cookie);
  secrets.set('consent code', 'marked-consent-code');
  for (const path of [
    '/',
    ...bookIds.map((id) => `/books/${id}`),
    '/books/999',
    '/callback/xero?code=marked-consent-code&state=marked-state',
    '/connect-failed',
    '/enter?token=x',
  ]) {
    keep(await agent.get(path));
  }
  for (const platform of ['xero', 'quickbooks']) {
    keep(
      await request(web).post(`/webhooks/${platform}`).set('x-xero-signature', 'forged').send('{}'),
    );
    keep(
      await agent.post(`/books/${bookIds[0] ?? 0}/sync`).set('authorization', `Bearer ${PASSWORD}`),
    );
  }
  const metrics = (await agent.get('/metrics').set('Host', 'localhost:4000')).text;

  written.set('log', logged);
  written.set('errors', inspect(errors, { depth: 9, showHidden: true }));
  written.set('metrics', metrics);
  written.set('replies', replies.join('\n'));
  written.set(
    'audit',
    JSON.stringify(await app.db.prisma.audit.findMany(), (_k, v: unknown) =>
      typeof v === 'bigint' ? Number(v) : v,
    ),
  );
  for (const message of await app.db.prisma.message.findMany()) {
    const line = message.text.split('\n').find((text) => text.length > 40);
    if (line !== undefined) bodies.set(`mail ${message.actionId}`, line);
    for (const address of message.toAddresses) bodies.set(`address ${address}`, address);
  }
  expect(errors.length).toBeGreaterThan(4);
  await installation.close();
}, 180_000);

describe('a whole installation at level trace', () => {
  test('has met errors, sent mail and logged, so that there was something to leak', () => {
    expect(secrets.size).toBeGreaterThan(12);
    expect(bodies.size).toBeGreaterThan(4);
    expect(logged.split('\n').length).toBeGreaterThan(20);
    expect(written.get('metrics')).toContain('duebook_vendor_calls_total{');
    expect(written.get('replies')).toContain('<!doctype html>');
  });

  test('wrote no secret anywhere', () => {
    expect(findSecrets(secrets, written)).toEqual([]);
  });

  test('wrote nothing of what debtors read, nor their addresses, into log, errors, metrics or audit', () => {
    const elsewhere = new Map([...written].filter(([where]) => where !== 'replies'));
    expect(findSecrets(bodies, elsewhere)).toEqual([]);
  });
});

describe('the search', () => {
  test.each(['as it is', 'base64', 'base64url', 'hex', 'percent-encoded', 'in JSON'])(
    'finds a planted secret %s',
    (spelling) => {
      const secret = 'pl"nted/secret+42?';
      const spelt: Record<string, string> = {
        'as it is': secret,
        base64: Buffer.from(secret).toString('base64'),
        base64url: Buffer.from(secret).toString('base64url'),
        hex: Buffer.from(secret).toString('hex'),
        'percent-encoded': encodeURIComponent(secret),
        'in JSON': JSON.stringify({ secret }),
      };
      const text = `{"level":30,"msg":"${spelt[spelling] ?? ''}"}`;
      const finds = findSecrets(new Map([['planted', secret]]), new Map([['log', text]]));
      expect(finds).toHaveLength(1);
    },
  );

  test('finds one that a careless line puts into the log', () => {
    let careless = '';
    const log = createLog('trace', { write: (line) => void (careless += line) });
    log.info({ config: { deep: { key: PASSWORD } } }, 'starting');
    const finds = findSecrets(new Map([['SMTP password', PASSWORD]]), new Map([['log', careless]]));
    expect(finds).toHaveLength(1);
  });

  test('an error’s cause, request and response stay out of the log', () => {
    let text = '';
    const log = createLog('trace', { write: (line) => void (text += line) });
    const err = Object.assign(new Error('refused', { cause: { token: PASSWORD } }), {
      config: { headers: { authorization: PASSWORD } },
      response: { data: PASSWORD },
    });
    log.error({ err }, 'failed');
    log.error(err);
    expect(text).toContain('refused');
    expect(text).not.toContain(PASSWORD);
  });
});
