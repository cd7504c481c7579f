import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  createMailer,
  type MailResult,
  type MailTimeouts,
  type OutgoingMail,
} from '../../src/act/mailer.ts';
import { ManualClock } from '../../src/clock.ts';
import type { SmtpConfig } from '../../src/config.ts';
import {
  type Answer,
  type MailCatcher,
  type Moment,
  startMailCatcher,
} from '../../src/demo/mail-catcher.ts';

const clock = new ManualClock('2026-11-23T09:00:00Z');
let catcher: MailCatcher;

beforeAll(async () => {
  catcher = await startMailCatcher({ clock });
});
afterAll(() => catcher.close());
beforeEach(() => catcher.behave());

const toCatcher = (): SmtpConfig => ({
  host: catcher.host,
  port: catcher.port,
  secure: false,
  auth: null,
});

let counter = 0;
function mail(changes: Partial<OutgoingMail> = {}): OutgoingMail {
  counter += 1;
  return {
    messageId: `<reminder-${counter}@harbour.example>`,
    from: { name: 'Harbour Joinery', address: 'accounts@harbour.example' },
    to: ['ap@acme.example'],
    replyTo: null,
    subject: 'Invoice INV-1',
    text: 'Hello',
    html: '<p>Hello</p>',
    attachments: [],
    isAutomatic: true,
    ...changes,
  };
}

/** Answers one moment of the session and lets everything else through. */
function answering(at: Moment['at'], answer: Answer, address?: string) {
  return (moment: Moment): Answer | undefined =>
    moment.at === at &&
    (address === undefined || ('address' in moment && moment.address === address))
      ? answer
      : undefined;
}

interface Trial {
  result: MailResult;
  hookRan: boolean;
}

async function trySend(
  changes: Partial<OutgoingMail> = {},
  smtp: SmtpConfig = toCatcher(),
  timeouts: Partial<MailTimeouts> = {},
): Promise<Trial> {
  let hookRan = false;
  const mailer = createMailer(smtp, { clock, timeouts });
  const result = await mailer.send(mail(changes), {
    beforeContent: () => {
      hookRan = true;
      return Promise.resolve();
    },
  });
  return { result, hookRan };
}

describe('every answer of a mail server has one meaning', () => {
  test('250 after the content: accepted, and the server holds exactly what was sent', async () => {
    const { result } = await trySend({
      messageId: '<kept@harbour.example>',
      to: ['ap@acme.example', 'owner@acme.example'],
      replyTo: 'mia@harbour.example',
      subject: 'Rechnung für Café Müller – 12,50 €',
      attachments: [
        {
          filename: 'Invoice INV-1.pdf',
          contentType: 'application/pdf',
          content: Buffer.from('%PDF-1.4'),
        },
      ],
    });
    expect(result).toEqual({
      outcome: 'accepted',
      response: expect.stringMatching(/^250 .*queued/) as string,
      refused: [],
    });
    const caught = catcher.messages().at(-1);
    expect(caught).toMatchObject({
      messageId: '<kept@harbour.example>',
      envelope: { from: 'accounts@harbour.example', to: ['ap@acme.example', 'owner@acme.example'] },
      from: 'accounts@harbour.example',
      to: ['ap@acme.example', 'owner@acme.example'],
      subject: 'Rechnung für Café Müller – 12,50 €',
      attachments: ['Invoice INV-1.pdf'],
    });
    expect(caught?.raw).toMatch(/^Reply-To: mia@harbour.example\r$/m);
    expect(caught?.raw).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(caught?.raw).toMatch(/^Date: Mon, 23 Nov 2026 09:00:00 \+0000\r$/m);
    expect(caught?.raw).not.toMatch(/^(List-Unsubscribe|X-Mailer|Bcc)/im);
    expect(catcher.accepted().filter((id) => id === '<kept@harbour.example>')).toHaveLength(1);
  });

  test.each<[string, Moment['at'], Answer, Partial<MailResult>, boolean]>([
    [
      'no session (554)',
      'connect',
      { code: 554, text: 'go away' },
      { outcome: 'deferred', scope: 'server' },
      false,
    ],
    [
      'busy (421)',
      'connect',
      { code: 421, text: 'later' },
      { outcome: 'deferred', scope: 'server' },
      false,
    ],
    ['cut before anything', 'connect', 'drop', { outcome: 'deferred', scope: 'server' }, false],
    [
      'sender refused (550)',
      'mail',
      { code: 550, text: 'not your address' },
      { outcome: 'deferred', scope: 'server' },
      false,
    ],
    ['too large (552)', 'mail', { code: 552, text: 'too big' }, { outcome: 'rejected' }, false],
    [
      'recipient unknown (550)',
      'rcpt',
      { code: 550, text: 'no such user' },
      { outcome: 'rejected' },
      false,
    ],
    [
      'recipient greylisted (451)',
      'rcpt',
      { code: 451, text: 'try later' },
      { outcome: 'deferred', scope: 'message' },
      false,
    ],
    [
      'closing at the recipient (421)',
      'rcpt',
      { code: 421, text: 'closing' },
      { outcome: 'deferred', scope: 'server' },
      false,
    ],
    ['cut at the recipient', 'rcpt', 'drop', { outcome: 'deferred', scope: 'server' }, false],
    [
      'content refused (554)',
      'received',
      { code: 554, text: 'spam' },
      { outcome: 'rejected' },
      true,
    ],
    [
      'content not taken now (452)',
      'received',
      { code: 452, text: 'disk full' },
      { outcome: 'deferred', scope: 'message' },
      true,
    ],
    [
      'closing after the content (421)',
      'received',
      { code: 421, text: 'closing' },
      { outcome: 'deferred', scope: 'server' },
      true,
    ],
    ['cut in the content', 'content', 'drop', { outcome: 'outcome_unknown' }, true],
    ['cut after the content, unstored', 'received', 'drop', { outcome: 'outcome_unknown' }, true],
    ['cut after the content, stored', 'stored', 'drop', { outcome: 'outcome_unknown' }, true],
  ])('%s', async (_name, at, answer, expected, hookRan) => {
    const before = catcher.accepted().length;
    catcher.behave(answering(at, answer));
    const trial = await trySend();
    expect(trial.result).toMatchObject(expected);
    expect(trial.hookRan).toBe(hookRan);
    expect(catcher.accepted()).toHaveLength(before);
  });

  test('nobody listens: deferred, and the sentence names the server', async () => {
    const port = await closedPort();
    const { result } = await trySend({}, { ...toCatcher(), port });
    expect(result).toEqual({
      outcome: 'deferred',
      scope: 'server',
      reason: `No mail server answers at 127.0.0.1:${port} (connection refused).`,
    });
  });

  test('one of two recipients refused: accepted, with the refusal told', async () => {
    catcher.behave(answering('rcpt', { code: 550, text: 'left the company' }, 'gone@acme.example'));
    const { result } = await trySend({ to: ['ap@acme.example', 'gone@acme.example'] });
    expect(result).toMatchObject({
      outcome: 'accepted',
      refused: [expect.stringContaining('left the company')],
    });
    expect(catcher.messages().at(-1)?.envelope.to).toEqual(['ap@acme.example']);
  });

  test('both refused, one of them only for now: deferred, not lost', async () => {
    catcher.behave((moment) =>
      moment.at !== 'rcpt'
        ? undefined
        : moment.address.startsWith('gone')
          ? { code: 550, text: 'unknown' }
          : { code: 450, text: 'greylisted' },
    );
    const { result } = await trySend({ to: ['ap@acme.example', 'gone@acme.example'] });
    expect(result).toMatchObject({ outcome: 'deferred', scope: 'message' });
  });

  test('silence ends the wait, at any moment of a session', async () => {
    const silentAt = async (at: Moment['at']): Promise<Trial> => {
      const silent = await startMailCatcher({ script: answering(at, 'hang') });
      try {
        const timeouts = { connectMs: 1500, replyMs: 1500 };
        return await trySend({}, { ...toCatcher(), port: silent.port }, timeouts);
      } finally {
        await silent.close();
      }
    };
    const [connect, rcpt, stored] = await Promise.all([
      silentAt('connect'),
      silentAt('rcpt'),
      silentAt('stored'),
    ]);
    expect(connect.result).toMatchObject({ outcome: 'deferred', scope: 'server' });
    expect(rcpt.result).toMatchObject({ outcome: 'deferred', scope: 'server' });
    expect(rcpt.hookRan).toBe(false);
    expect(stored.result).toMatchObject({ outcome: 'outcome_unknown' });
  });

  test('a server that drips a line a moment is cut off by the total time', async () => {
    const dripping = await startDripServer();
    try {
      const smtp = { ...toCatcher(), port: dripping.port };
      const { result } = await trySend({}, smtp, { totalMs: 700 });
      expect(result).toMatchObject({ outcome: 'deferred', scope: 'server' });
    } finally {
      dripping.stop();
    }
  });
});

describe('the hook stands between the envelope and the first byte', () => {
  test('the server has seen the recipient and no content while the hook runs', async () => {
    const history: string[] = [];
    catcher.behave((moment) => {
      history.push(moment.at);
      return undefined;
    });
    const mailer = createMailer(toCatcher(), { clock });
    await mailer.send(mail(), {
      beforeContent: async () => {
        history.push('hook begins');
        // Long enough for a byte sent too early to arrive.
        await new Promise((resolve) => setTimeout(resolve, 50));
        history.push('hook ends');
      },
    });
    expect(history.filter((at) => at !== 'connect')).toEqual([
      'mail',
      'rcpt',
      'hook begins',
      'hook ends',
      'content',
      'received',
      'stored',
    ]);
  });

  test('a hook that throws stops the message, and its own error comes out', async () => {
    const before = catcher.messages().length;
    const moments: string[] = [];
    catcher.behave((moment) => {
      moments.push(moment.at);
      return undefined;
    });
    const mailer = createMailer(toCatcher(), { clock });
    const lost = new Error('somebody else has it');
    await expect(mailer.send(mail(), { beforeContent: () => Promise.reject(lost) })).rejects.toBe(
      lost,
    );
    expect(moments).not.toContain('content');
    expect(catcher.messages()).toHaveLength(before);
  });

  test('a process that slept past its time while it handed over sends no byte when it wakes', async () => {
    const before = catcher.messages().length;
    const slept = new ManualClock(clock.now());
    const mailer = createMailer(toCatcher(), { clock: slept, timeouts: { totalMs: 100_000 } });
    const awake = (ms: number) =>
      mailer.send(mail(), {
        beforeContent: () => slept.sleep(ms),
      });
    expect(await awake(100_000)).toMatchObject({ outcome: 'deferred', scope: 'server' });
    expect(catcher.messages()).toHaveLength(before);
    expect(await awake(99_999)).toMatchObject({ outcome: 'accepted' });
  });

  test('a connection that dies while the hook runs sends no byte afterwards: deferred, not in doubt', async () => {
    const server = await startDataThenHangUp();
    try {
      const mailer = createMailer({ ...toCatcher(), port: server.port }, { clock });
      const result = await mailer.send(mail(), {
        beforeContent: async () => {
          server.hangUp();
          await new Promise((resolve) => setTimeout(resolve, 50));
        },
      });
      expect(result).toMatchObject({ outcome: 'deferred', scope: 'server' });
      expect(server.contentBytes()).toBe(0);
    } finally {
      server.stop();
    }
  });
});

describe('nothing is sent to anybody but the stored recipients', () => {
  test.each([
    'b@y.example, evil@z.example',
    'b@y.example\r\nBcc: evil@z.example',
    'b@y.example\nRCPT TO:<evil@z.example>',
    'Bob <b@y.example>',
    '"evil@z.example" <b@y.example>',
    '<b@y.example>',
    'b@y.example>',
    'b@y.example;evil@z.example',
    'b@y.example evil@z.example',
    'b@y.example\u0000',
    'b@y.example\u2028evil@z.example',
    'b@evil.example\u202e',
    '@relay.example:b@y.example',
    'b%y.example@relay.example',
    'y.example!b@relay.example',
    'b@[127.0.0.1]',
    'b@y',
    'b@@y.example',
    '',
    ' ',
    'b @y.example',
    'b@y.example SIZE=1',
    '-oQ/tmp@y.example',
  ])('%j is refused before any connection', async (address) => {
    let connected = false;
    catcher.behave(() => {
      connected = true;
      return undefined;
    });
    const asRecipient = await trySend({ to: ['ap@acme.example', address] });
    expect(asRecipient.result.outcome).toBe('rejected');
    const asSender = await trySend({ from: { name: null, address } });
    expect(asSender.result.outcome).toBe('deferred');
    const asReplyTo = await trySend({ replyTo: address });
    expect(asReplyTo.result.outcome).toBe('deferred');
    expect(connected).toBe(false);
  });

  test('line breaks in a subject, a sender name or a file name stay in their own field', async () => {
    await trySend({
      subject: 'Invoice\r\nBcc: evil@z.example\r\n\r\n<script>',
      from: { name: 'Harbour\r\nBcc: evil@z.example', address: 'accounts@harbour.example' },
      attachments: [
        {
          filename: 'a\r\nX-Evil: 1.pdf',
          contentType: 'application/pdf',
          content: Buffer.from('%PDF'),
        },
      ],
    });
    const caught = catcher.messages().at(-1);
    const headers = caught?.raw.split('\r\n\r\n')[0] ?? '';
    expect(headers).not.toMatch(/^Bcc:/im);
    expect(caught?.raw).not.toMatch(/^X-Evil:/im);
    expect(caught?.envelope.to).toEqual(['ap@acme.example']);
    expect(caught?.subject).toBe('Invoice Bcc: evil@z.example <script>');
  });
});

test('a refused sign-in waits, and no word of it holds the password', async () => {
  const auth = { user: 'mailer', pass: 'hunter2-secret' };
  const encoded = Buffer.from('\u0000mailer\u0000hunter2-secret').toString('base64');
  catcher.behave(answering('sign-in', { code: 535, text: `bad login ${encoded} hunter2-secret` }));
  const { result, hookRan } = await trySend({}, { ...toCatcher(), auth });
  expect(result).toMatchObject({ outcome: 'deferred', scope: 'server' });
  expect(JSON.stringify(result)).toContain('refused the sign-in');
  expect(JSON.stringify(result)).not.toContain('hunter2');
  expect(JSON.stringify(result)).not.toContain(encoded);
  expect(hookRan).toBe(false);
});

test('verify tells whether a session can be opened', async () => {
  const mailer = createMailer(toCatcher(), { clock });
  expect(await mailer.verify()).toBeNull();
  catcher.behave(answering('connect', { code: 554, text: 'closed for today' }));
  expect(await mailer.verify()).toContain('closed for today');
});

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await listen(server);
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Greets for ever, one harmless line at a time. */
async function startDripServer() {
  const sockets = new Set<Socket>();
  const timers: NodeJS.Timeout[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.write('220 hello\r\n');
    timers.push(setInterval(() => socket.write('250-still here\r\n'), 100));
  });
  await listen(server);
  return {
    port: portOf(server),
    stop() {
      for (const timer of timers) clearInterval(timer);
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Plays along until DATA, then hangs up when told and counts what came after. */
async function startDataThenHangUp() {
  let current: Socket | undefined;
  let contentBytes = 0;
  let inData = false;
  const server = createServer((socket) => {
    current = socket;
    socket.on('error', () => undefined);
    socket.write('220 hello\r\n');
    socket.on('data', (chunk) => {
      if (inData) {
        contentBytes += chunk.length;
        return;
      }
      for (const line of chunk.toString().split('\r\n')) {
        if (line.startsWith('DATA')) {
          inData = true;
          socket.write('354 go on\r\n');
        } else if (line !== '') socket.write('250 ok\r\n');
      }
    });
  });
  await listen(server);
  return {
    port: portOf(server),
    contentBytes: () => contentBytes,
    hangUp: () => current?.destroy(),
    stop() {
      current?.destroy();
      server.close();
    },
  };
}

describe('closing ends what is under way, and says what became of it', () => {
  test.each([
    ['before the content', 'rcpt', 'deferred'],
    ['while the content is on its way', 'received', 'outcome_unknown'],
  ] as const)('%s', async (_when, at, outcome) => {
    let reached: () => void = () => undefined;
    const isThere = new Promise<void>((resolve) => (reached = resolve));
    catcher.behave((moment) => {
      if (moment.at !== at) return undefined;
      reached();
      return 'hang';
    });
    const mailer = createMailer(toCatcher(), { clock });
    const sending = mailer.send(mail(), { beforeContent: () => Promise.resolve() });
    await isThere;
    await mailer.close();
    expect(await sending).toMatchObject({ outcome });
    expect(await mailer.send(mail(), { beforeContent: () => Promise.reject(new Error()) })).toEqual(
      {
        outcome: 'deferred',
        scope: 'server',
        reason: 'Duebook was stopped before the message left.',
      },
    );
  });
});
