/**
 * What went wrong in a call to Intuit, rebuilt from an allow-list: status, code, request id and
 * retry-after. The SDK's error object prints the bearer token, a 401 body repeats it in `detail`,
 * and any body may hold a customer's data, so none of them is kept, not even as a cause.
 */
import { ExchangeFailed, type Failure, type FailureCause, parseRetryAfter } from '../transport.ts';

// These fail before the first byte of the request leaves: nothing can have happened.
const NEVER_SENT = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ERR_INVALID_URL'],
  ...['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN'],
  ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'ERR_TLS_CERT_ALTNAME_INVALID'],
]);

// Intuit's codes that mean something to us; the others are plain refusals.
const BY_CODE: Readonly<Record<string, FailureCause>> = {
  '120': 'disconnected', // whoever connected is no company admin any more
  '610': 'not_found', // deleted or made inactive
  '3001': 'rate_limited',
  '3100': 'disconnected', // keys of the wrong environment, or another company
  '3200': 'token_refused',
  '3201': 'token_refused',
  '3202': 'token_refused',
  '5010': 'stale',
  '5020': 'scope_missing',
  '6190': 'disconnected', // the company's subscription has ended
  '6200': 'period_locked',
  '6210': 'period_locked',
};

/** For the transport: names what the SDK called back with. */
export function explain(error: unknown, now: Date): Failure {
  if (!isRecord(error)) return { cause: 'unexpected_shape' };
  const response = error['response'];
  if (isRecord(response)) return refused(response, now);
  // A fault inside a 200 is handed over as the body itself.
  const code = codeIn(error);
  if (code !== null) return { cause: causeOf(200, code), status: 200, platformCode: code };
  if (error['isAxiosError'] === true) return { cause: causeOfNetwork(error['code']) };
  // The SDK stumbled over an answer it had taken for a good one.
  return { cause: 'unexpected_shape', status: 200 };
}

/** For callers that hold a body of status 200: throws when it is a fault all the same. */
export function refuseFault(body: unknown): void {
  const code = codeIn(body);
  if (code === null) return;
  throw new ExchangeFailed({ cause: causeOf(200, code), status: 200, platformCode: code });
}

/** What a broken connection means, by the operating system's code. */
export function causeOfNetwork(code: unknown): FailureCause {
  if (typeof code !== 'string') return 'no_answer';
  if (NEVER_SENT.has(code)) return 'not_sent';
  return code === 'ECONNABORTED' || code === 'ETIMEDOUT' ? 'timed_out' : 'no_answer';
}

function refused(response: Record<string, unknown>, now: Date): Failure {
  const status = typeof response['status'] === 'number' ? response['status'] : 0;
  const code = codeIn(response['data']);
  const cause = causeOf(status, code);
  const requestId = header(response, 'intuit_tid');
  return {
    cause,
    status,
    ...(code === null ? {} : { platformCode: code }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(cause === 'rate_limited' ? { rate: rateOf(response, now) } : {}),
  };
}

function causeOf(status: number, code: string | null): FailureCause {
  const known = code === null ? undefined : BY_CODE[code.replace(/^0+/, '')];
  if (known !== undefined) return known;
  if (status === 401) return 'token_refused';
  if (status === 403) return 'scope_missing';
  if (status === 404) return 'not_found';
  if (status === 429) return 'rate_limited';
  return status >= 500 || status === 408 ? 'unavailable' : 'rejected';
}

// Without a Retry-After Intuit asks for a minute (limits and throttles, 2025).
function rateOf(response: Record<string, unknown>, now: Date): NonNullable<Failure['rate']> {
  const retryAfterMs = parseRetryAfter(header(response, 'retry-after'), now);
  return { problem: 'minute', retryAfterMs: retryAfterMs ?? 60_000 };
}

/**
 * Code of the first error in `Fault`, in the lower-case `fault` of a 401, in XML (every throttle
 * answer, whatever was asked for), or in bytes of any of them; null when the body is no fault.
 */
export function codeIn(body: unknown): string | null {
  if (Buffer.isBuffer(body)) return codeInText(body.subarray(0, 20_000).toString('utf8'));
  if (typeof body === 'string') return codeInText(body.slice(0, 20_000));
  if (!isRecord(body)) return null;
  const fault = body['Fault'] ?? body['fault'];
  if (!isRecord(fault)) return null;
  const errors = fault['Error'] ?? fault['error'];
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  return (isRecord(first) ? shortWord(first['code']) : null) ?? 'unnamed';
}

function codeInText(text: string): string | null {
  const xml = /<Error\s[^>]*code="(\w{1,20})"/.exec(text);
  if (xml?.[1] !== undefined) return xml[1];
  if (!text.trimStart().startsWith('{')) return null;
  try {
    return codeIn(JSON.parse(text));
  } catch {
    return null;
  }
}

function header(response: Record<string, unknown>, name: string): string | undefined {
  const headers = response['headers'];
  const value = isRecord(headers) ? headers[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

function shortWord(value: unknown): string | null {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && /^\w{1,20}$/.test(text) ? text : null;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
