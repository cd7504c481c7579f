/**
 * Reads how a handover ended. Four answers are possible, and the line between the last two is the
 * first byte of the message: before it nothing can have been delivered, after it only the server's
 * own final reply (RFC 5321, 4.2.5) says whether it was.
 */
import type { SmtpConfig } from '../config.ts';

export type MailResult =
  /** The server has taken it over. `refused`: recipients it would not take beside those it did. */
  | { outcome: 'accepted'; response: string; refused: string[] }
  /** For good: trying again would be the same mistake. */
  | { outcome: 'rejected'; reason: string }
  /** Not taken, for certain. `server`: the next message would fare no better now. */
  | { outcome: 'deferred'; reason: string; scope: 'message' | 'server' }
  /** The message, or some of it, was on its way when contact was lost. Never sent again by itself. */
  | { outcome: 'outcome_unknown'; reason: string };

/** What of nodemailer's error is read: codes, never messages. */
export interface SmtpFailure {
  code?: string | undefined;
  originalCode?: string | undefined;
  command?: string | undefined;
  response?: string | undefined;
  responseCode?: number | undefined;
  rejectedErrors?: SmtpFailure[] | undefined;
}

const WORDS_MAX = 200;

export function classify(
  failure: SmtpFailure,
  contentBegan: boolean,
  smtp: SmtpConfig,
): MailResult {
  const isFinalReply = failure.code === 'EMESSAGE' && failure.command === 'DATA';
  if (contentBegan && !(isFinalReply && isRefusal(failure.responseCode))) {
    return {
      outcome: 'outcome_unknown',
      reason: `Contact with the mail server was lost after the message had begun to leave (${technicalCode(failure)}).`,
    };
  }
  if (isRefusal(failure.responseCode)) return refused(failure, smtp);
  if (failure.code === 'EMESSAGE') {
    return { outcome: 'rejected', reason: 'The message is larger than the mail server allows.' };
  }
  return { outcome: 'deferred', scope: 'server', reason: connectionProblem(failure, smtp) };
}

function isRefusal(code: number | undefined): code is number {
  return code !== undefined && code >= 400 && code < 600;
}

function refused(failure: SmtpFailure, smtp: SmtpConfig): MailResult {
  const words = serverWords(failure.response ?? '', smtp);
  const code = failure.responseCode ?? 0;
  const step = stepOf(failure);
  // 421: the server is closing, whatever was asked of it.
  if (code === 421) {
    return { outcome: 'deferred', scope: 'server', reason: `The mail server is busy: ${words}` };
  }
  if (step === 'session') {
    return { outcome: 'deferred', scope: 'server', reason: `${sessionProblem(failure)}: ${words}` };
  }
  // A refused sender is our setting, not this message's fault: the reminder waits until it is mended.
  // 552 at MAIL FROM answers the announced size, which is.
  if (step === 'sender' && code !== 552) {
    return {
      outcome: 'deferred',
      scope: 'server',
      reason: `The mail server does not accept our sender address: ${words}`,
    };
  }
  if (code < 500) {
    return { outcome: 'deferred', scope: 'message', reason: `Not accepted for now: ${words}` };
  }
  return { outcome: 'rejected', reason: `The mail server refused it: ${words}` };
}

function stepOf(failure: SmtpFailure): 'session' | 'sender' | 'message' {
  if (failure.command === 'MAIL FROM') return 'sender';
  if (failure.command === 'RCPT TO' || failure.command === 'DATA') return 'message';
  return 'session';
}

function sessionProblem(failure: SmtpFailure): string {
  return failure.code === 'EAUTH'
    ? 'The mail server refused the sign-in'
    : 'The mail server would not open a session';
}

function connectionProblem(failure: SmtpFailure, smtp: SmtpConfig): string {
  const where = `${smtp.host}:${smtp.port}`;
  if (failure.originalCode === 'ECONNREFUSED') {
    return `No mail server answers at ${where} (connection refused).`;
  }
  const known = CONNECTION_PROBLEMS[failure.code ?? ''];
  return known === undefined
    ? `The connection to the mail server at ${where} failed (${technicalCode(failure)}).`
    : known(where);
}

const CONNECTION_PROBLEMS: Readonly<Record<string, (where: string) => string>> = {
  EDNS: (where) => `The name of the mail server at ${where} cannot be found.`,
  ESTOPPED: () => 'Duebook was stopped before the message left.',
  ETIMEDOUT: (where) => `The mail server at ${where} did not answer in time.`,
  ETLS: (where) => `No secure connection to the mail server at ${where} could be made.`,
  EAUTH: (where) =>
    `The mail server at ${where} offers no sign-in that works with SMTP_USER and SMTP_PASSWORD.`,
};

function technicalCode(failure: SmtpFailure): string {
  return failure.originalCode ?? failure.code ?? 'unknown';
}

/** What the server said, fit to be shown and stored: one line, no control characters, no secret of ours. */
export function serverWords(response: string, smtp: SmtpConfig): string {
  let words = response
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, WORDS_MAX);
  for (const secret of secretsOf(smtp)) words = words.replaceAll(secret, '[hidden]');
  return words === '' ? 'no reason given' : words;
}

function secretsOf(smtp: SmtpConfig): string[] {
  if (smtp.auth === null) return [];
  const { user, pass } = smtp.auth;
  const encoded = Buffer.from(pass).toString('base64');
  const plainLogin = Buffer.from(`\u0000${user}\u0000${pass}`).toString('base64');
  return [plainLogin, encoded, pass].filter((secret) => secret !== '');
}
