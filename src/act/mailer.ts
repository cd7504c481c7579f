/**
 * Hands one message to the SMTP server, and says for certain what became of it, or that nobody can
 * say. One connection per message: a reminder a minute does not need a pool, and a fresh session
 * leaves nothing behind to be unsure of.
 */
import { Readable } from 'node:stream';
import MailComposer from 'nodemailer/lib/mail-composer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Clock } from '../clock.ts';
import type { SmtpConfig } from '../config.ts';
import { checkAddress } from '../domain/recipients.ts';
import type { DocumentKind } from '../store/documents.ts';
import { classify, type MailResult, serverWords, type SmtpFailure } from './smtp-answer.ts';

export type { MailResult } from './smtp-answer.ts';

export interface Attachment {
  filename: string;
  contentType: string;
  content: Buffer;
  /** A paper of our own: what leaves is kept. */
  keepAs?: DocumentKind;
}

export interface OutgoingMail {
  /** With its angle brackets. The same on every attempt, so that a duplicate would be visible. */
  messageId: string;
  from: { name: string | null; address: string };
  to: string[];
  replyTo: string | null;
  subject: string;
  text: string;
  html: string;
  attachments: Attachment[];
  /** Nobody released this very message: says so to the vacation responders of the world (RFC 3834). */
  isAutomatic: boolean;
}

interface SendHooks {
  /**
   * Awaited after the server has asked for the content (354) and before its first byte leaves. When
   * it throws, nothing was sent, and `send` throws the same error.
   */
  beforeContent(): Promise<void>;
}

export interface Mailer {
  send(mail: OutgoingMail, hooks: SendHooks): Promise<MailResult>;
  /** null when a session can be opened, otherwise what is wrong. */
  verify(): Promise<string | null>;
  /** Ends every session under way; each `send` then says what became of its message. Nothing is sent any more. */
  close(): Promise<void>;
}

export interface MailTimeouts {
  /** Name look-up, connecting, TLS. */
  connectMs: number;
  /** Silence of the server in the middle of a session. */
  replyMs: number;
  /** Everything; shorter than the lease of a claimed action. */
  totalMs: number;
}

const TIMEOUTS: MailTimeouts = { connectMs: 20_000, replyMs: 75_000, totalMs: 100_000 };
const GOODBYE_MS = 2_000;
const SUBMISSION_PORT = 587;

const STOPPED: SmtpFailure = { code: 'ESTOPPED' };

interface Session {
  connection: SMTPConnection;
  /** Rejects when the connection fails or the time is up; never resolves. */
  failed: Promise<never>;
}

export function createMailer(
  smtp: SmtpConfig,
  deps: { clock: Clock; timeouts?: Partial<MailTimeouts> },
): Mailer {
  const timeouts = { ...TIMEOUTS, ...deps.timeouts };
  /** The sessions under way, each with what ends it. */
  const open = new Map<SMTPConnection, (err: Error) => void>();
  let isClosed = false;

  /** Opens a session, works, and closes it whatever happens. */
  async function inSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const connection = new SMTPConnection(connectionOptions(smtp, timeouts));
    let timer: NodeJS.Timeout | undefined;
    const failed = new Promise<never>((_, reject) => {
      // The listener stays for the life of the connection: an 'error' nobody hears ends the process.
      connection.on('error', reject);
      open.set(connection, reject);
      timer = setTimeout(() => reject(timeIsUp()), timeouts.totalMs);
    });
    failed.catch(() => undefined);
    try {
      await Promise.race([connect(connection, smtp), failed]);
      const result = await work({ connection, failed });
      sayGoodbye(connection);
      return result;
    } catch (err) {
      connection.close();
      throw err;
    } finally {
      clearTimeout(timer);
      open.delete(connection);
    }
  }

  return {
    async send(mail, hooks) {
      const problem = problemWith(mail);
      if (problem !== null) return problem;
      if (isClosed) return classify(STOPPED, false, smtp);
      const content = await compose(mail, deps.clock);
      const endsAt = deps.clock.now().getTime() + timeouts.totalMs;
      const handover = new Handover(content, hooks, () => deps.clock.now().getTime() >= endsAt);
      try {
        return await inSession((session) => handOver(session, mail, handover, smtp));
      } catch (err) {
        // A hook still running must end before anybody is told how things stand.
        await handover.settled();
        if (handover.hookError !== null) throw handover.hookError.cause;
        return classify(asFailure(err), handover.contentBegan, smtp);
      }
    },
    async verify() {
      try {
        await inSession(() => Promise.resolve());
        return null;
      } catch (err) {
        const result = classify(asFailure(err), false, smtp);
        return result.outcome === 'accepted' ? null : result.reason;
      }
    },
    close() {
      isClosed = true;
      for (const [connection, fail] of open) {
        fail(Object.assign(new Error('the process is ending'), STOPPED));
        connection.close();
      }
      return Promise.resolve();
    },
  };
}

function timeIsUp(): Error {
  return Object.assign(new Error('time is up'), { code: 'ETIMEDOUT' });
}

function connectionOptions(smtp: SmtpConfig, timeouts: MailTimeouts) {
  const isLoopback = ['localhost', '127.0.0.1', '::1'].includes(smtp.host);
  // A password or a submission port means the open network: no fall-back to plain text there (RFC 8314).
  const requireTLS =
    !smtp.secure && !isLoopback && (smtp.auth !== null || smtp.port === SUBMISSION_PORT);
  return {
    host: smtp.host,
    port: smtp.port,
    secure: smtp.secure,
    requireTLS,
    ignoreTLS: isLoopback && !smtp.secure,
    tls: { minVersion: 'TLSv1.2' as const },
    connectionTimeout: timeouts.connectMs,
    greetingTimeout: timeouts.connectMs,
    dnsTimeout: timeouts.connectMs,
    socketTimeout: timeouts.replyMs,
    socketCloseTimeout: 0,
    logger: false,
  };
}

async function connect(connection: SMTPConnection, smtp: SmtpConfig): Promise<void> {
  await promised((done) => connection.connect((err) => done(err ?? null)));
  const { auth } = smtp;
  if (auth === null) return;
  await promised((done) => connection.login({ credentials: auth }, (err) => done(err)));
}

/** Waits a moment for the server to say goodbye, then hangs up; nobody waits for it. */
function sayGoodbye(connection: SMTPConnection): void {
  const timer = setTimeout(() => connection.close(), GOODBYE_MS);
  connection.once('end', () => clearTimeout(timer));
  connection.quit();
}

async function handOver(
  session: Session,
  mail: OutgoingMail,
  handover: Handover,
  smtp: SmtpConfig,
): Promise<MailResult> {
  const { connection, failed } = session;
  // Our own envelope, never one that a library read out of header text.
  const envelope = { from: mail.from.address, to: mail.to, size: handover.size };
  const sent = new Promise<MailResult>((resolve, reject) => {
    connection.send(envelope, handover.stream, (err, info) => {
      if (err !== null) {
        reject(err);
        return;
      }
      resolve({
        outcome: 'accepted',
        response: serverWords(info.response, smtp),
        refused: (info.rejectedErrors ?? []).map((refusal) =>
          serverWords(refusal.response ?? '', smtp),
        ),
      });
    });
  });
  sent.catch(() => undefined);
  return Promise.race([sent, failed]);
}

/**
 * The message as a stream whose first read waits for the hook. nodemailer reads it only once the
 * server has answered DATA with 354, so a refused recipient never gets that far.
 */
class Handover {
  readonly stream: Readable;
  readonly size: number;
  contentBegan = false;
  hookError: { cause: unknown } | null = null;
  readonly #isOver: () => boolean;
  #hook: Promise<void> | null = null;

  constructor(content: Buffer, hooks: SendHooks, isOver: () => boolean) {
    this.#isOver = isOver;
    this.size = content.length;
    this.stream = new Readable({
      read: () => {
        this.#hook ??= this.#release(content, hooks);
      },
    });
  }

  async #release(content: Buffer, hooks: SendHooks): Promise<void> {
    try {
      await hooks.beforeContent();
    } catch (cause) {
      this.hookError = { cause };
      this.stream.destroy(new Error('the handover was called off'));
      return;
    }
    // The connection may have died while the hook ran: then no byte leaves.
    if (this.stream.destroyed) return;
    // A process that slept meanwhile hears of this sooner than of its timers, and its lease may have ended.
    if (this.#isOver()) {
      this.stream.destroy(timeIsUp());
      return;
    }
    this.contentBegan = true;
    this.stream.push(content);
    this.stream.push(null);
  }

  async settled(): Promise<void> {
    this.stream.destroy();
    await this.#hook;
  }
}

/** Addresses are checked here once more, however they came: an address that is two would reach a stranger. */
function problemWith(mail: OutgoingMail): MailResult | null {
  if (!isAddrSpec(mail.from.address) || (mail.replyTo !== null && !isAddrSpec(mail.replyTo))) {
    return {
      outcome: 'deferred',
      scope: 'server',
      reason: 'The sender or reply address is not one plain email address.',
    };
  }
  if (mail.to.length === 0 || !mail.to.every(isAddrSpec)) {
    return { outcome: 'rejected', reason: 'A recipient is not one plain email address.' };
  }
  return null;
}

function isAddrSpec(text: string): boolean {
  return 'address' in checkAddress(text);
}

/** The bytes as they will leave. Built before any connection, so that building cannot fail half-way. */
async function compose(mail: OutgoingMail, clock: Clock): Promise<Buffer> {
  const composer = new MailComposer({
    messageId: mail.messageId,
    date: clock.now(),
    from: { name: oneLine(mail.from.name ?? ''), address: mail.from.address },
    to: mail.to.map((address) => ({ name: '', address })),
    ...(mail.replyTo === null ? {} : { replyTo: { name: '', address: mail.replyTo } }),
    subject: oneLine(mail.subject),
    text: mail.text,
    html: mail.html,
    attachments: mail.attachments.map(({ filename, contentType, content }) => ({
      filename: oneLine(filename),
      contentType,
      content,
    })),
    headers: mail.isAutomatic ? { 'Auto-Submitted': 'auto-generated' } : {},
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

function promised(work: (done: (err: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    work((err) => {
      if (err === null) resolve();
      else reject(err);
    });
  });
}

function asFailure(err: unknown): SmtpFailure {
  return typeof err === 'object' && err !== null ? err : {};
}
