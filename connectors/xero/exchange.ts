/**
 * One call through xero-node, without what the SDK does to answers. The SDK builds the request and
 * sends it; its public authentication hook, the last thing it runs before sending, lets us set the
 * time limit and take the body as text. The SDK then has nothing left to deserialise: its models
 * cost six to ten times the parse, turn text that begins with `/Date(` into dates, drop fields, and
 * report HTML, truncated or empty bodies of status 200 as success.
 */
// The Accounting API alone: the package's front door loads payroll, files and six more.
import { AccountingApi } from 'xero-node/dist/gen/api/accountingApi.js';
import type { Authentication } from 'xero-node/dist/gen/model/accounting/models.js';
import type { Clock } from '../../src/clock.ts';
import {
  type Answer,
  ExchangeFailed,
  type Exchange,
  type Failure,
  parseCount,
  parseRetryAfter,
  type Transport,
} from '../transport.ts';
import type { RateProblem } from '../call-count.ts';

type SdkRequest = Parameters<Authentication['applyToRequest']>[0];

interface XeroRequest<T> {
  resource: string;
  effect: Exchange<T>['effect'];
  notAfter?: Date;
  /** The SDK's method that makes the one request; what it returns is not looked at. */
  send(api: AccountingApi, tenantId: string): Promise<unknown>;
}

interface JsonRequest<T> extends XeroRequest<T> {
  /** Picks what is wanted from the parsed body; throws ExchangeFailed when it is not there. */
  read(body: unknown): T;
  /** For requests with If-Modified-Since: what 304 stands for. */
  whenUnchanged?: T;
}

export interface XeroCalls {
  json<T>(request: JsonRequest<T>): Promise<T>;
  /** A file: its bytes must begin with `magic`. */
  bytes(request: XeroRequest<Buffer>, magic: string): Promise<Buffer>;
}

export interface XeroCallsDeps {
  transport: Transport;
  clock: Clock;
  apiUrl: string;
  tenantId: string;
}

export function createXeroCalls(deps: XeroCallsDeps): XeroCalls {
  const exchange = <T>(
    request: XeroRequest<T>,
    form: BodyForm,
    read: (received: Received) => T,
  ): Promise<T> =>
    deps.transport.call({
      resource: request.resource,
      effect: request.effect,
      notAfter: request.notAfter,
      async send(accessToken, signal): Promise<Answer<T>> {
        const received = await callOnce(deps, request, { accessToken, signal, form });
        refuseFailure(received, deps.clock.now());
        return { value: read(received), status: received.status, ...leftOf(received) };
      },
    });
  return {
    json: (request) => exchange(request, 'text', (received) => readJson(received, request)),
    bytes: (request, magic) =>
      exchange(request, 'arraybuffer', (received) => readBytes(received, magic)),
  };
}

type BodyForm = 'text' | 'arraybuffer';

interface Received {
  status: number;
  header(name: string): string | undefined;
  body: string | Buffer;
}

async function callOnce(
  deps: XeroCallsDeps,
  request: XeroRequest<unknown>,
  wanted: { accessToken: string; signal: AbortSignal; form: BodyForm },
): Promise<Received> {
  // One object per call: the token and the hook belong to this call alone.
  const api = new AccountingApi(`${deps.apiUrl}/api.xro/2.0`);
  api.accessToken = wanted.accessToken;
  const hook = new Intercept(wanted.signal, wanted.form);
  api.setDefaultAuthentication(hook);
  try {
    await request.send(api, deps.tenantId);
  } catch {
    // The SDK rejects with a text that holds the whole answer; what is needed of it the hook has.
  }
  if (hook.received === null) throw new ExchangeFailed({ cause: 'no_answer' });
  return hook.received;
}

class Intercept implements Authentication {
  received: Received | null = null;
  readonly #signal: AbortSignal;
  readonly #form: BodyForm;

  constructor(signal: AbortSignal, form: BodyForm) {
    this.#signal = signal;
    this.#form = form;
  }

  applyToRequest(request: SdkRequest): void {
    request.signal = this.#signal;
    request.responseType = this.#form;
    request.validateStatus = () => true;
    // A redirect would take the token to an address nobody checked.
    request.maxRedirects = 0;
    // The SDK sends a body of `{}` with every GET.
    if (request.method === 'GET') delete request.data;
    request.transformResponse = (body: unknown, headers, status) => {
      const isBody = typeof body === 'string' || Buffer.isBuffer(body);
      const values: Record<string, unknown> = headers.toJSON();
      this.received = {
        status: status ?? 0,
        header: (name) => (typeof values[name] === 'string' ? values[name] : undefined),
        body: isBody ? body : '',
      };
      return undefined;
    };
  }
}

function refuseFailure(received: Received, now: Date): void {
  const { status } = received;
  if ((status >= 200 && status < 300) || status === 304) return;
  const code = platformCode(received);
  const requestId = received.header('xero-correlation-id');
  const cause = causeOf(received);
  throw new ExchangeFailed({
    cause,
    status,
    ...(code === undefined ? {} : { platformCode: code }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(cause === 'rate_limited' ? { rate: rateOf(received, now) } : {}),
    left: leftOf(received),
  });
}

function causeOf(received: Received): Failure['cause'] {
  const { status } = received;
  if (lacksScope(received)) return 'scope_missing';
  if (status === 401) return 'token_refused';
  // Xero's answer to a tenant that this grant no longer covers: AuthenticationUnsuccessful.
  if (status === 403) return 'disconnected';
  if (status === 404) return 'not_found';
  if (status === 412) return 'stale';
  if (status === 429) return 'rate_limited';
  if (status >= 500) return 'unavailable';
  return status >= 400 ? 'rejected' : 'unexpected_shape';
}

/** Xero spells it `insufficent_scope`, in a header, and may one day mend it. */
function lacksScope(received: Received): boolean {
  if (received.status !== 401 && received.status !== 403) return false;
  return /insuffici?ent_scope/i.test(received.header('www-authenticate') ?? '');
}

const PROBLEMS: ReadonlySet<string> = new Set(['minute', 'day', 'concurrent', 'appminute']);

function rateOf(received: Received, now: Date): { problem: RateProblem; retryAfterMs?: number } {
  const named = received.header('x-rate-limit-problem')?.trim().toLowerCase() ?? '';
  const problem = PROBLEMS.has(named) ? (named as RateProblem) : 'unknown';
  const retryAfterMs = parseRetryAfter(received.header('retry-after'), now);
  return retryAfterMs === undefined ? { problem } : { problem, retryAfterMs };
}

function leftOf(received: Received): { dayRemaining?: number; minuteRemaining?: number } {
  const dayRemaining = parseCount(received.header('x-daylimit-remaining'));
  const minuteRemaining = parseCount(received.header('x-minlimit-remaining'));
  return {
    ...(dayRemaining === undefined ? {} : { dayRemaining }),
    ...(minuteRemaining === undefined ? {} : { minuteRemaining }),
  };
}

/** Only the number or name Xero gives the error; its texts may quote a record. */
function platformCode(received: Received): string | undefined {
  const parsed = parseObject(received.body);
  const code =
    parsed?.['ErrorNumber'] ?? parsed?.['Type'] ?? parsed?.['Title'] ?? parsed?.['title'];
  return typeof code === 'string' || typeof code === 'number' ? String(code) : undefined;
}

function parseObject(body: string | Buffer): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(body.toString());
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : null;
  } catch {
    return null;
  }
}

function readJson<T>(received: Received, request: JsonRequest<T>): T {
  if (received.status === 304 && request.whenUnchanged !== undefined) return request.whenUnchanged;
  let body: unknown;
  try {
    body = JSON.parse(received.body.toString());
  } catch {
    throw notTheAnswer(received, 'body');
  }
  try {
    return request.read(body);
  } catch (error) {
    if (!(error instanceof UnexpectedShape)) throw error;
    throw notTheAnswer(received, error.field);
  }
}

/** An answer of status 200 that is not what was asked for. */
export class UnexpectedShape extends Error {
  readonly field: string;

  constructor(field: string) {
    super('unexpected shape');
    this.field = field;
  }
}

function readBytes(received: Received, magic: string): Buffer {
  const bytes = Buffer.from(received.body);
  if (!bytes.subarray(0, magic.length).equals(Buffer.from(magic)))
    throw notTheAnswer(received, 'body');
  return bytes;
}

function notTheAnswer(received: Received, field: string): ExchangeFailed {
  const requestId = received.header('xero-correlation-id');
  return new ExchangeFailed({
    cause: 'unexpected_shape',
    status: received.status,
    field,
    ...(requestId === undefined ? {} : { requestId }),
  });
}
