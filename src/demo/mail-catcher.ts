/**
 * An SMTP server on loopback that accepts every message and delivers none: the demo's mailbox, and
 * the judge of "sent once" in the tests. With a folder it keeps what it accepted over a restart.
 */
import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import type { AddressInfo, Socket } from 'node:net';
import path from 'node:path';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { type Clock, systemClock } from '../clock.ts';

export interface CaughtMail {
  /** Counted from 1 over the life of the folder. */
  id: number;
  envelope: { from: string; to: string[] };
  messageId: string;
  from: string;
  to: string[];
  subject: string;
  text: string;
  html: string | null;
  attachments: string[];
  receivedAt: Date;
  raw: string;
}

/** A moment of a session at which a script may answer otherwise. `content` comes with the first byte of the message. */
export type Moment =
  | { at: 'connect' }
  | { at: 'sign-in'; user: string }
  | { at: 'mail'; address: string }
  | { at: 'rcpt'; address: string }
  | { at: 'content' }
  | { at: 'received'; mail: CaughtMail }
  | { at: 'stored'; mail: CaughtMail };

/** An SMTP reply, a cut connection, or silence. */
export type Answer = { code: number; text: string } | 'drop' | 'hang';

type Script = (moment: Moment) => Answer | undefined | Promise<Answer | undefined>;

export interface MailCatcherOptions {
  port?: number;
  /** Keeps the accepted mail as .eml files, and reads them back on start. */
  folder?: string;
  clock?: Clock;
  script?: Script;
}

export interface MailCatcher {
  readonly host: string;
  readonly port: number;
  messages(): CaughtMail[];
  /** One Message-ID for each 250 that ended a message, in order: the history a checker reads. */
  accepted(): string[];
  /** Replaces the script; without one everything is accepted. */
  behave(script?: Script): void;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const ACCEPTED_LOG = 'accepted.log';

export async function startMailCatcher(options: MailCatcherOptions = {}): Promise<MailCatcher> {
  const clock = options.clock ?? systemClock;
  const box = await openBox(options.folder ?? null);
  const sockets = new Map<number, Socket>();
  let script: Script | undefined = options.script;

  /** Runs the script for a moment; calls `go` unless the script cut or silenced the session. */
  const ask = (
    session: SMTPServerSession,
    moment: Moment,
    done: (err: Error | null) => void,
  ): void => {
    void Promise.resolve(script?.(moment)).then(
      (answer) => {
        if (answer === undefined) done(null);
        else if (answer === 'drop') sockets.get(session.remotePort)?.destroy();
        else if (answer !== 'hang') done(reply(answer.code, answer.text));
      },
      (err: unknown) => done(reply(451, err instanceof Error ? err.message : 'the script failed')),
    );
  };

  const server = new SMTPServer({
    banner: 'Duebook mail catcher',
    authOptional: true,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    hideSTARTTLS: true,
    closeTimeout: 1000,
    onConnect: (session, done) => ask(session, { at: 'connect' }, done),
    onAuth: (auth, session, done) =>
      ask(session, { at: 'sign-in', user: auth.username ?? '' }, (err) =>
        err === null ? done(null, { user: auth.username ?? '' }) : done(err),
      ),
    onMailFrom: ({ address }, session, done) => ask(session, { at: 'mail', address }, done),
    onRcptTo: ({ address }, session, done) => ask(session, { at: 'rcpt', address }, done),
    onData: (stream, session, done) => {
      void receive(stream, session).catch((err: unknown) =>
        done(reply(451, err instanceof Error ? err.message : 'not received')),
      );

      async function receive(stream: SMTPServerDataStream, session: SMTPServerSession) {
        const raw = await readContent(stream, session);
        if (raw === null) return;
        const mail = await readMail(raw, envelopeOf(session), clock.now());
        const granted = await asked(session, { at: 'received', mail });
        if (granted !== null) {
          done(granted);
          return;
        }
        const kept = await box.keep(mail);
        const closing = await asked(session, { at: 'stored', mail: kept });
        if (closing !== null) {
          done(closing);
          return;
        }
        await box.accept(kept);
        done(null, `OK: queued as ${kept.id}`);
      }
    },
  });

  const asked = (session: SMTPServerSession, moment: Moment): Promise<Error | null> =>
    new Promise((resolve) => ask(session, moment, resolve));

  /** The whole message, or null when the client went away in the middle of it. */
  function readContent(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
  ): Promise<string | null> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let first: Promise<Error | null> | undefined;
      stream.on('data', (chunk: Buffer) => {
        first ??= asked(session, { at: 'content' });
        chunks.push(chunk);
      });
      stream.on('error', () => resolve(null));
      stream.on('close', () => {
        if (!stream.readableEnded) resolve(null);
      });
      stream.on('end', () => {
        void (first ?? Promise.resolve(null)).then((err) => {
          if (err === null) resolve(Buffer.concat(chunks).toString('utf8'));
          else reject(err);
        });
      });
    });
  }

  // A client that is cut off, or cuts off, is an event of the test and no failure of the server.
  server.on('error', () => undefined);
  server.server.on('connection', (socket: Socket) => {
    const port = socket.remotePort ?? 0;
    sockets.set(port, socket);
    socket.on('close', () => sockets.delete(port));
  });
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(options.port ?? 0, HOST, resolve);
  });

  return {
    host: HOST,
    port: (server.server.address() as AddressInfo).port,
    messages: () => [...box.mails],
    accepted: () => [...box.accepted],
    behave(next) {
      script = next;
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets.values()) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function reply(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}

type Envelope = CaughtMail['envelope'];

function envelopeOf(session: SMTPServerSession): Envelope {
  const { mailFrom, rcptTo } = session.envelope;
  return {
    from: mailFrom === false ? '' : mailFrom.address,
    to: rcptTo.map((recipient) => recipient.address),
  };
}

async function readMail(raw: string, envelope: Envelope, receivedAt: Date): Promise<CaughtMail> {
  const parsed = await simpleParser(raw, { skipTextToHtml: true, skipHtmlToText: true });
  return {
    id: 0,
    envelope,
    messageId: parsed.messageId ?? '',
    from: parsed.from?.value[0]?.address ?? '',
    to: addressesOf(parsed),
    subject: parsed.subject ?? '',
    text: parsed.text ?? '',
    html: typeof parsed.html === 'string' ? parsed.html : null,
    attachments: parsed.attachments.map((attachment) => attachment.filename ?? 'unnamed'),
    receivedAt,
    raw,
  };
}

function addressesOf(parsed: ParsedMail): string[] {
  const fields = parsed.to === undefined ? [] : Array.isArray(parsed.to) ? parsed.to : [parsed.to];
  return fields.flatMap((field) => field.value.map((entry) => entry.address ?? ''));
}

interface Box {
  mails: CaughtMail[];
  accepted: string[];
  keep(mail: CaughtMail): Promise<CaughtMail>;
  accept(mail: CaughtMail): Promise<void>;
}

/** Mail is on disk before its 250 leaves, as a real server would have it. */
async function openBox(folder: string | null): Promise<Box> {
  const mails: CaughtMail[] = [];
  const accepted: string[] = [];
  if (folder !== null) {
    await mkdir(folder, { recursive: true });
    const files = (await readdir(folder)).filter((name) => name.endsWith('.eml')).sort();
    for (const name of files) mails.push(await readBack(path.join(folder, name)));
    accepted.push(...(await readLog(path.join(folder, ACCEPTED_LOG))));
  }
  let lastId = Math.max(0, ...mails.map((mail) => mail.id));
  return {
    mails,
    accepted,
    async keep(mail) {
      lastId += 1;
      const kept = { ...mail, id: lastId };
      if (folder !== null) {
        const name = `${String(kept.id).padStart(6, '0')}.eml`;
        await writeFile(path.join(folder, name), withEnvelope(kept));
      }
      mails.push(kept);
      return kept;
    },
    async accept(mail) {
      if (folder !== null) await appendFile(path.join(folder, ACCEPTED_LOG), `${mail.messageId}\n`);
      accepted.push(mail.messageId);
    },
  };
}

const RECEIVED_AT = 'X-Caught-At';
const ENVELOPE = 'X-Caught-Envelope';

// An .eml has no envelope of its own: two lines on top keep it, and mail programs ignore them.
function withEnvelope(mail: CaughtMail): string {
  const lines = [
    `${RECEIVED_AT}: ${mail.receivedAt.toISOString()}`,
    `${ENVELOPE}: ${JSON.stringify(mail.envelope)}`,
  ];
  return `${lines.join('\r\n')}\r\n${mail.raw}`;
}

async function readBack(file: string): Promise<CaughtMail> {
  const [at = '', envelope = '', ...rest] = (await readFile(file, 'utf8')).split('\r\n');
  const mail = await readMail(
    rest.join('\r\n'),
    JSON.parse(envelope.slice(ENVELOPE.length + 1)) as Envelope,
    new Date(at.slice(RECEIVED_AT.length + 2)),
  );
  return { ...mail, id: Number.parseInt(path.basename(file), 10) };
}

async function readLog(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}
