/**
 * Server-side requests go to the two platforms, the mail server, the mailbox and Redis, all named by
 * whoever runs the installation in its environment. Nothing that a ledger, a customer or a template
 * says is ever fetched: no logo, no image, no link, no attachment by address.
 */
import { readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createMailer } from '../../src/act/mailer.ts';
import { safeLink } from '../../src/act/reminder-view.ts';
import { ManualClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { startMailCatcher } from '../../src/demo/mail-catcher.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** Addresses that lead inside, in every spelling. */
const INSIDE = [
  'http://127.0.0.1/',
  'http://[::1]/',
  'http://169.254.169.254/latest/meta-data/',
  'http://[fe80::1]/',
  'http://[::ffff:169.254.169.254]/',
  'http://[64:ff9b::a9fe:a9fe]/',
  'http://[2002:a9fe:a9fe::]/',
  'http://[2001:0:a9fe:a9fe::]/',
  'http://2852039166/',
  'http://0251.0376.0251.0376/',
  'http://0xa9fea9fe/',
  'http://metadata.google.internal/',
  'file:///etc/passwd',
  'gopher://127.0.0.1:25/',
];

afterEach(() => vi.restoreAllMocks());

describe('no request leaves for what data says', () => {
  test('only these files may open a connection', () => {
    const opens = /\bfetch\(|from '(node:)?(http|https|net|tls|dgram|http2|undici|axios)'/;
    const found: string[] = [];
    for (const folder of ['src', 'connectors']) {
      for (const file of readdirSync(path.join(ROOT, folder), { recursive: true })) {
        const name = path.join(folder, String(file));
        if (!name.endsWith('.ts') || /generated|^connectors\/sandbox\/|^src\/demo\//.test(name))
          continue;
        if (opens.test(readFileSync(path.join(ROOT, name), 'utf8'))) found.push(name);
      }
    }
    // Types and agents of the connectors, and the web app's own listener: none takes an address from data.
    expect(found.filter((name) => !ALLOWED.has(name))).toEqual([]);
  });

  test('a message full of inside addresses makes one connection: to the mail server', async () => {
    const catcher = await startMailCatcher();
    const opened: unknown[] = [];
    const connect = Reflect.get(net.Socket.prototype, 'connect') as () => net.Socket;
    vi.spyOn(net.Socket.prototype, 'connect').mockImplementation(function (
      this: net.Socket,
      ...args: unknown[]
    ) {
      opened.push((args.flat()[0] as { port?: unknown }).port);
      return Reflect.apply(connect, this, args as []);
    });
    const mailer = createMailer(
      { host: catcher.host, port: catcher.port, secure: false, auth: null },
      { clock: new ManualClock('2026-11-23T09:00:00Z') },
    );
    const urls = INSIDE.map((url) => `<img src="${url}"><a href="${url}">x</a>`).join('');
    const result = await mailer.send(
      {
        messageId: '<ssrf@harbour.example>',
        from: { name: INSIDE[2] ?? '', address: 'accounts@harbour.example' },
        to: ['ap@acme.example'],
        replyTo: null,
        subject: INSIDE.join(' '),
        text: INSIDE.join('\n'),
        html: urls,
        attachments: [
          { filename: 'file:///etc/passwd', contentType: 'text/html', content: Buffer.from(urls) },
        ],
        isAutomatic: true,
      },
      { beforeContent: () => Promise.resolve() },
    );
    expect(result.outcome).toBe('accepted');
    expect(opened).toEqual([catcher.port]);
    vi.restoreAllMocks();
    await catcher.close();
  });

  test('an inside address that is not https, or not this machine’s sandbox, is no link either', () => {
    const leads = INSIDE.filter((url) => safeLink(url) !== null);
    expect(leads).toEqual(['http://127.0.0.1/', 'http://[::1]/']);
  });

  test('the platforms’ addresses are https, or this machine; nothing of a book changes them', () => {
    for (const url of INSIDE.slice(2)) {
      expect(() => readConfig({ XERO_API_URL: url })).toThrow('should be an https URL');
      expect(() => readConfig({ QUICKBOOKS_API_URL: url })).toThrow('should be an https URL');
    }
  });
});

const ALLOWED = new Set([
  'src/cli/connect.ts',
  'src/cli/start.ts',
  'src/store/folder-lock.ts',
  'connectors/xero/oauth.ts',
]);
