/**
 * The mailbox to which undelivered messages return, read over IMAP. Nothing of it is kept but what a
 * delivery report says about a message of ours; a mail that was looked at gets a keyword, and where the
 * server keeps none it is read again and changes nothing.
 */
import type { ImapFlow } from 'imapflow';
import type { Clock } from '../clock.ts';
import type { ImapConfig } from '../config.ts';
import { AppError } from '../errors.ts';
import type { Db } from '../store/db.ts';
import { readReport } from './read-report.ts';
import { recordReport } from './record-report.ts';

export interface MailboxReport {
  looked: number;
  reports: number;
  bounces: number;
}

const KEYWORD = 'DuebookRead';
const DAYS_BACK = 14;
const DAY_MS = 86_400_000;
/** A report with the message it returns; what is larger is none of ours. */
const BYTES_MAX = 1_000_000;
const MAILS_MAX = 500;
const ANSWER_MS = 30_000;

export async function readMailbox(
  imap: ImapConfig,
  deps: { db: Db; clock: Clock },
): Promise<MailboxReport> {
  const client = await newClient(imap);
  // Without a listener a lost connection would end the process; the command under way fails by itself.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const lock = await client.getMailboxLock(imap.mailbox);
    try {
      return await readNew(client, deps);
    } finally {
      lock.release();
    }
  } catch (err) {
    if (err instanceof AppError) throw err;
    throw new AppError('bounces.mailbox', `the bounce mailbox could not be read (${codeOf(err)})`, {
      retry: 'later',
    });
  } finally {
    client.close();
  }
}

/** Loaded here: few installations read a mailbox, and every command would wait for it. */
async function newClient(imap: ImapConfig): Promise<ImapFlow> {
  const { ImapFlow: Client } = await import('imapflow');
  return new Client({
    host: imap.host,
    port: imap.port,
    secure: imap.secure,
    // A password never crosses the open network: without TLS from the first byte, STARTTLS or nothing.
    doSTARTTLS: !imap.secure && !isLoopback(imap.host),
    auth: { user: imap.user, pass: imap.password },
    tls: { minVersion: 'TLSv1.2' },
    logger: false,
    connectionTimeout: ANSWER_MS,
    greetingTimeout: ANSWER_MS,
    socketTimeout: ANSWER_MS,
  });
}

async function readNew(client: ImapFlow, deps: { db: Db; clock: Clock }): Promise<MailboxReport> {
  const total: MailboxReport = { looked: 0, reports: 0, bounces: 0 };
  const since = new Date(deps.clock.now().getTime() - DAYS_BACK * DAY_MS);
  const found = await client.search(
    { since, unKeyword: KEYWORD, smaller: BYTES_MAX },
    { uid: true },
  );
  const uids = found === false ? [] : (found ?? []);
  for (const uid of uids.slice(0, MAILS_MAX)) {
    const mail = await client.fetchOne(String(uid), { source: true }, { uid: true });
    total.looked += 1;
    if (mail !== false && mail.source !== undefined) {
      const report = await readReport(mail.source);
      if (report !== null) {
        total.reports += 1;
        total.bounces += (await recordReport(deps, report)).bounces;
      }
    }
    await client.messageFlagsAdd(String(uid), [KEYWORD], { uid: true });
  }
  return total;
}

function isLoopback(host: string): boolean {
  return ['localhost', '127.0.0.1', '::1'].includes(host);
}

/** Its words may hold the account's name. */
function codeOf(err: unknown): string {
  const { code, authenticationFailed } = err as { code?: unknown; authenticationFailed?: unknown };
  if (authenticationFailed === true) return 'the sign-in was refused';
  return typeof code === 'string' && /^\w{1,40}$/.test(code) ? code : 'no answer that helps';
}
