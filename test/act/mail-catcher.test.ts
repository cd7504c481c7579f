import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMailer } from '../../src/act/mailer.ts';
import { ManualClock } from '../../src/clock.ts';
import { type MailCatcher, startMailCatcher } from '../../src/demo/mail-catcher.ts';

let folder: string;
const clock = new ManualClock('2026-11-23T09:00:00Z');

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'duebook-mail-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function send(catcher: MailCatcher, messageId: string) {
  const smtp = { host: catcher.host, port: catcher.port, secure: false, auth: null };
  return createMailer(smtp, { clock }).send(
    {
      messageId,
      from: { name: 'Harbour', address: 'accounts@harbour.example' },
      to: ['ap@kauri.example', 'owner@kauri.example'],
      replyTo: null,
      subject: 'Grüße',
      text: 'Grüße aus Auckland\n.\nein Punkt allein',
      html: '<p>Grüße</p>',
      attachments: [
        { filename: 'a.pdf', contentType: 'application/pdf', content: Buffer.from('%PDF') },
      ],
      isAutomatic: false,
    },
    { beforeContent: () => Promise.resolve() },
  );
}

test('mail outlives a restart, as it was, and the log names each accepted one once', async () => {
  const first = await startMailCatcher({ folder, clock });
  await send(first, '<one@harbour.example>');
  first.behave((m) => (m.at === 'received' ? { code: 554, text: 'no' } : undefined));
  await send(first, '<refused@harbour.example>');
  const before = first.messages();
  await first.close();

  const second = await startMailCatcher({ folder, clock });
  try {
    expect(second.messages()).toEqual(before);
    await send(second, '<two@harbour.example>');
    expect(second.messages().map(({ id, messageId, subject }) => [id, messageId, subject])).toEqual(
      [
        [1, '<one@harbour.example>', 'Grüße'],
        [2, '<two@harbour.example>', 'Grüße'],
      ],
    );
    expect(second.messages()[1]).toMatchObject({
      envelope: {
        from: 'accounts@harbour.example',
        to: ['ap@kauri.example', 'owner@kauri.example'],
      },
      attachments: ['a.pdf'],
      receivedAt: clock.now(),
    });
    expect(second.messages()[1]?.text.trim()).toBe('Grüße aus Auckland\n.\nein Punkt allein');
    expect(second.accepted()).toEqual(['<one@harbour.example>', '<two@harbour.example>']);
    const log = await readFile(path.join(folder, 'accepted.log'), 'utf8');
    expect(log).toBe('<one@harbour.example>\n<two@harbour.example>\n');
  } finally {
    await second.close();
  }
});

test('listens on loopback only, and on the port it is given', async () => {
  const catcher = await startMailCatcher();
  const { port } = catcher;
  expect(catcher.host).toBe('127.0.0.1');
  await expect(startMailCatcher({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await catcher.close();
});
