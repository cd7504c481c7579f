/**
 * What both connectors share on the way to a platform: one timeout, one retry rule, one boundary
 * behind which no SDK object, header, body or token remains. A connector says how one request is
 * sent and what its SDK's error means (a Failure, an allow-list); this file decides whether to ask
 * for a new token, wait, try again or give up, and throws LedgerErrors only.
 */
import type { Clock } from '../src/clock.ts';
import { LedgerError, type LedgerErrorFacts, type LedgerErrorKind } from '../src/errors.ts';
import type { Priority, RateProblem, RateReport } from './call-count.ts';
import type { CallObserver, TokenSource } from './ledger.ts';
import type { BookLimiter } from './limits.ts';

export type FailureCause =
  /** 401: the access token is not accepted (any more). */
  | 'token_refused'
  | 'scope_missing'
  /** The person ended the connection, or the company is gone. */
  | 'disconnected'
  | 'rate_limited'
  | 'not_found'
  | 'stale'
  | 'period_locked'
  /** The platform read the request and said no. */
  | 'rejected'
  /** The platform answered that it cannot now: 5xx. */
  | 'unavailable'
  /** The connection broke before the answer was whole. The request may have been carried out. */
  | 'no_answer'
  /** No answer within the time allowed. The request may have been carried out. */
  | 'timed_out'
  /** Sure not to have left this machine: refused connection, unknown host. */
  | 'not_sent'
  /** Its turn came after the moment until which it may be sent: it was not. */
  | 'too_late'
  /** An answer that is not what the platform documents. */
  | 'unexpected_shape';

/** All that is kept of a failed exchange; the SDK's own error is dropped. */
export interface Failure {
  cause: FailureCause;
  status?: number;
  platformCode?: string;
  requestId?: string;
  field?: string;
  rate?: { problem: RateProblem; retryAfterMs?: number };
  /** What the headers of the refusal said is left. */
  left?: Left;
}

/** Thrown inside `send` by a connector that already knows what went wrong. */
export class ExchangeFailed extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.cause);
    this.failure = failure;
  }
}

/** A good answer, with what its headers said about the budget. */
export interface Answer<T> {
  value: T;
  status: number;
  dayRemaining?: number;
  minuteRemaining?: number;
}

export interface Exchange<T> {
  /** For counts and messages: "invoices", "history". */
  resource: string;
  /** A write is never repeated when its outcome is unknown. */
  effect: 'read' | 'write';
  /** Looked at when the turn has come, in the moment before sending. */
  notAfter?: Date | undefined;
  /** Exactly one HTTP request. The signal aborts when the time is over; SDKs that cannot cancel are left behind. */
  send(accessToken: string, signal: AbortSignal): Promise<Answer<T>>;
}

export interface TransportDeps {
  /** For messages: "Xero". */
  platformName: string;
  clock: Clock;
  limiter: BookLimiter;
  tokens: TokenSource;
  priority: Priority;
  waitMsMax?: number | undefined;
  observer?: CallObserver | undefined;
  timeoutMs: number;
  /** Names what the SDK threw, by codes and never by messages, and keeps nothing else of it. */
  explain(error: unknown): Failure;
}

export interface Transport {
  call<T>(exchange: Exchange<T>): Promise<T>;
}

const RETRIES_MAX = 2;
const RATE_WAITS_MAX = 5;
const BACKOFF_MS = [500, 2_000];
/** Longer than this is not waited for in a process: the book is parked. */
const RATE_WAIT_MS_MAX = 60_000;

interface Attempts {
  retries: number;
  waits: number;
  tokenRenewed: boolean;
}

type NextStep = 'renew_token' | 'wait_for_turn' | 'retry' | 'give_up';

/**
 * The one retry rule. A refused token is renewed once. A call that was refused for its rate did
 * nothing, so even a write waits and goes again. Only reads are repeated after a broken connection
 * or a 502, 503 or 504, twice at most: a write may have happened.
 */
function nextStep(failure: Failure, effect: Exchange<unknown>['effect'], made: Attempts): NextStep {
  switch (failure.cause) {
    case 'token_refused':
      return made.tokenRenewed ? 'give_up' : 'renew_token';
    case 'rate_limited':
      return isShortWait(failure) && made.waits < RATE_WAITS_MAX ? 'wait_for_turn' : 'give_up';
    case 'not_sent':
      return made.retries < RETRIES_MAX ? 'retry' : 'give_up';
    case 'no_answer':
    case 'unavailable':
      return effect === 'read' && mayRecover(failure) && made.retries < RETRIES_MAX
        ? 'retry'
        : 'give_up';
    case 'too_late':
    case 'timed_out':
    case 'scope_missing':
    case 'disconnected':
    case 'not_found':
    case 'stale':
    case 'period_locked':
    case 'rejected':
    case 'unexpected_shape':
      return 'give_up';
  }
}

function mayRecover(failure: Failure): boolean {
  return failure.status === undefined || [502, 503, 504].includes(failure.status);
}

function isShortWait(failure: Failure): boolean {
  const { problem, retryAfterMs } = failure.rate ?? { problem: 'unknown' as const };
  return problem !== 'day' && (retryAfterMs ?? 0) <= RATE_WAIT_MS_MAX;
}

export function createTransport(deps: TransportDeps): Transport {
  return { call: (exchange) => callUntilSettled(deps, exchange) };
}

async function callUntilSettled<T>(deps: TransportDeps, exchange: Exchange<T>): Promise<T> {
  const made: Attempts = { retries: 0, waits: 0, tokenRenewed: false };
  let renewed: string | null = null;
  for (;;) {
    const given: string | null = renewed;
    renewed = null;
    const tried = await attemptOnce(deps, exchange, given);
    if (tried.failure === null) return tried.value;
    switch (nextStep(tried.failure, exchange.effect, made)) {
      case 'renew_token':
        made.tokenRenewed = true;
        renewed = await deps.tokens.replace(tried.token);
        break;
      case 'wait_for_turn':
        // The limiter heard of the refusal and lets nobody of this book through before its time.
        made.waits += 1;
        break;
      case 'retry':
        await deps.clock.sleep(backoffMs(made.retries, deps.clock));
        made.retries += 1;
        break;
      case 'give_up':
        throw toLedgerError(tried.failure, exchange, deps.platformName);
    }
  }
}

function backoffMs(retriesMade: number, clock: Clock): number {
  return (BACKOFF_MS[retriesMade] ?? 2_000) * (0.5 + clock.random());
}

type Attempt<T> = { failure: null; value: T } | { failure: Failure; token: string };

function attemptOnce<T>(
  deps: TransportDeps,
  exchange: Exchange<T>,
  renewedToken: string | null,
): Promise<Attempt<T>> {
  const { limiter, priority, waitMsMax } = deps;
  return limiter.run(priority, (hear) => attempt(deps, exchange, renewedToken, hear), waitMsMax);
}

async function attempt<T>(
  deps: TransportDeps,
  exchange: Exchange<T>,
  renewedToken: string | null,
  hear: (report: RateReport) => void,
): Promise<Attempt<T>> {
  // Asked for only now: the turn may have come minutes after the call was wanted.
  const token = renewedToken ?? (await deps.tokens.current());
  const startedAt = deps.clock.now().getTime();
  if (startedAt >= (exchange.notAfter?.getTime() ?? Infinity)) {
    return { failure: { cause: 'too_late' }, token };
  }
  try {
    const answer = await withTimeout(deps.timeoutMs, (signal) => exchange.send(token, signal));
    hear(reportOf(answer));
    observe(deps, exchange, startedAt, answer.status, answer);
    return { failure: null, value: answer.value };
  } catch (error) {
    const failure = failureOf(error, deps);
    hear(reportOf(failure.left ?? {}, failure.rate));
    observe(deps, exchange, startedAt, failure.status ?? null, failure.left ?? {});
    return { failure, token };
  }
}

function failureOf(error: unknown, deps: TransportDeps): Failure {
  if (error instanceof TimedOut) return { cause: 'timed_out' };
  if (error instanceof ExchangeFailed) return error.failure;
  return deps.explain(error);
}

type Left = Pick<RateReport, 'dayRemaining' | 'minuteRemaining'>;

function reportOf(left: Left, rate?: Failure['rate']): RateReport {
  return {
    ...(left.dayRemaining === undefined ? {} : { dayRemaining: left.dayRemaining }),
    ...(left.minuteRemaining === undefined ? {} : { minuteRemaining: left.minuteRemaining }),
    ...rate,
  };
}

function observe(
  deps: TransportDeps,
  exchange: Exchange<unknown>,
  startedAt: number,
  status: number | null,
  left: Left,
): void {
  deps.observer?.onCall({
    resource: exchange.resource,
    status,
    ms: deps.clock.now().getTime() - startedAt,
    dayRemaining: left.dayRemaining ?? null,
  });
}

/** The answer in time, or TimedOut: an SDK that cannot cancel is left to finish alone. */
export async function withTimeout<T>(
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new TimedOut());
      controller.abort();
    }, timeoutMs);
  });
  try {
    return await Promise.race([work(controller.signal), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

export class TimedOut extends Error {
  constructor() {
    super('no answer in time');
  }
}

const KINDS: Readonly<Record<FailureCause, LedgerErrorKind>> = {
  token_refused: 'disconnected',
  scope_missing: 'scope_missing',
  disconnected: 'disconnected',
  rate_limited: 'rate_limited',
  not_found: 'not_found',
  stale: 'stale',
  period_locked: 'period_locked',
  rejected: 'rejected',
  unavailable: 'unavailable',
  no_answer: 'unavailable',
  timed_out: 'unavailable',
  not_sent: 'unavailable',
  too_late: 'unavailable',
  unexpected_shape: 'unexpected_shape',
};

/** After these a write may have been carried out, whatever the status says. */
const UNSURE: ReadonlySet<FailureCause> = new Set([
  'unavailable',
  'no_answer',
  'timed_out',
  'unexpected_shape',
]);

export function toLedgerError(
  failure: Failure,
  exchange: { resource: string; effect: 'read' | 'write' },
  platformName: string,
): LedgerError {
  const isUnsure = exchange.effect === 'write' && UNSURE.has(failure.cause);
  const kind = isUnsure ? 'outcome_unknown' : KINDS[failure.cause];
  const status = failure.status === undefined ? 'no answer' : `HTTP ${failure.status}`;
  return new LedgerError(
    kind,
    `${platformName} ${exchange.resource}: ${failure.cause} (${status})`,
    factsOf(failure),
    {
      userMessage: USER_MESSAGES[kind](platformName),
      ...(kind === 'rate_limited' ? { retryAfterMs: failure.rate?.retryAfterMs ?? 60_000 } : {}),
    },
  );
}

const USER_MESSAGES: Readonly<Record<LedgerErrorKind, (platform: string) => string>> = {
  disconnected: (platform) => `${platform} no longer accepts our connection. Please reconnect.`,
  scope_missing: (platform) =>
    `The connection to ${platform} lacks a permission. Please reconnect and accept all of them.`,
  rate_limited: (platform) => `${platform} asks us to wait before the next call.`,
  stale: (platform) => `The record was changed in ${platform} at the same time.`,
  period_locked: (platform) => `The accounting period is closed in ${platform}.`,
  rejected: (platform) => `${platform} refused the request.`,
  not_found: (platform) => `${platform} does not know this record.`,
  unavailable: (platform) => `${platform} cannot be reached at the moment.`,
  outcome_unknown: (platform) => `We lost contact with ${platform} before it confirmed.`,
  unexpected_shape: (platform) => `${platform} sent an answer we do not understand.`,
};

/** A vendor's code or request id is a short word; anything else could carry data and is dropped. */
const SHORT_WORD = /^[\w.:-]{1,64}$/;

function factsOf(failure: Failure): LedgerErrorFacts {
  const { status, platformCode, requestId, field } = failure;
  return {
    ...(status === undefined ? {} : { status }),
    ...(platformCode !== undefined && SHORT_WORD.test(platformCode) ? { platformCode } : {}),
    ...(requestId !== undefined && SHORT_WORD.test(requestId) ? { requestId } : {}),
    ...(field === undefined ? {} : { field }),
  };
}

/** Milliseconds of a Retry-After header: seconds, or an HTTP date. */
export function parseRetryAfter(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}

/** A whole number of a header such as X-DayLimit-Remaining; undefined when absent or something else. */
export function parseCount(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,9}$/.test(header.trim()) ? Number(header) : undefined;
}

const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * A link that will stand in an email: https, or http on this machine (the sandbox); no name and
 * password before the host. Throws `unexpected_shape` for anything else, `javascript:` included.
 */
export function checkLink(text: string, field: string): string {
  const url = text.length <= 2_000 && URL.canParse(text) ? new URL(text) : null;
  const isSafe =
    url !== null &&
    (url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK_HOSTS.has(url.hostname))) &&
    url.username === '' &&
    url.password === '';
  if (!isSafe) throw new LedgerError('unexpected_shape', 'not a link we would send', { field });
  return url.href;
}
