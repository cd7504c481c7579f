/** A small HTTP server on loopback: one handler, a log of calls, faults on request. */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Faults } from './faults.ts';

export interface SandboxRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  /** Path and query as they came. */
  target: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

export interface Call {
  method: string;
  path: string;
  /** Invoices, query:Customer, cdc, token … */
  resource: string;
  status: number;
  /** The organisation or company it was about; null: none, as sign-in is. */
  book: string | null;
  /** By the sandbox's clock, in milliseconds since 1970: when it had come in whole, and when its answer left. */
  at: number;
  answeredAt: number;
  /** What a refusal asked for. */
  retryAfterMs: number | null;
  /** Answered by a fault that was ordered. */
  isOrdered: boolean;
}

/** Every call a server answered, oldest first. */
export class CallLog extends Array<Call> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** Calls of the API, sign-in apart; or those whose resource is `match`, or whose "METHOD path" it matches. */
  count(match?: string | RegExp): number {
    return this.filter((call) => {
      if (match === undefined) return !call.resource.startsWith('oauth:');
      if (typeof match === 'string') return call.resource === match;
      return match.test(`${call.method} ${call.path}`);
    }).length;
  }

  reset(): void {
    this.length = 0;
  }
}

export interface Vendor {
  handle(request: SandboxRequest): Reply | Promise<Reply>;
  /** What the call log calls it. */
  resourceOf(request: SandboxRequest): string;
  /** Whose limits the call counts against; null: nobody's. */
  bookOf(request: SandboxRequest): string | null;
  /** This vendor's "too many requests". */
  rateReply(retryAfterSeconds: number): Reply;
  /** This vendor's error body inside a 200. */
  faultBody(): string;
}

export class Listener {
  readonly calls = new CallLog();
  readonly #faults: Faults;
  readonly #vendor: Vendor;
  readonly #now: () => number;
  readonly #server: Server;
  /** Answers that a fault never sends. */
  readonly #hanging = new Set<ServerResponse>();

  constructor(vendor: Vendor, faults: Faults, now: () => number) {
    this.#vendor = vendor;
    this.#now = now;
    this.#faults = faults;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        if (response.headersSent) response.destroy();
        else send(response, { status: 500, body: `sandbox failed: ${String(error)}` });
      });
    });
  }

  async listen(port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    const address = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${address.port}`;
  }

  async close(): Promise<void> {
    for (const response of this.#hanging) response.destroy();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await read(incoming);
    const at = this.#now();
    const book = this.#vendor.bookOf(request);
    const fault = this.#faults.take(`${request.method} ${request.target}`, book);
    const log = ({ status, headers }: Pick<Reply, 'status' | 'headers'>): void => {
      const { method, target: path } = request;
      const resource = this.#vendor.resourceOf(request);
      const seconds = headers?.['retry-after'];
      const retryAfterMs = seconds === undefined ? null : Number(seconds) * 1000;
      const answeredAt = this.#now();
      const times = { at, answeredAt, retryAfterMs, isOrdered: fault !== null };
      this.calls.push({ method, path, resource, status, book, ...times });
    };
    const real = fault === null || fault.after ? await this.#vendor.handle(request) : null;
    if (fault === null) {
      const reply = real ?? { status: 500 };
      log(reply);
      send(response, reply);
      return;
    }
    if (fault.kind === 'reset') {
      log({ status: 0 });
      response.destroy();
      return;
    }
    if (fault.kind === 'hang') {
      log({ status: 0 });
      this.#hanging.add(response);
      response.once('close', () => this.#hanging.delete(response));
      return;
    }
    const reply = this.#faults.reply(fault, this.#vendor, real);
    log(reply);
    send(response, reply);
  }
}

async function read(incoming: IncomingMessage): Promise<SandboxRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const target = incoming.url ?? '/';
  const url = new URL(target, 'http://sandbox.invalid');
  return {
    method: incoming.method ?? 'GET',
    path: decodeURI(url.pathname),
    query: url.searchParams,
    target,
    headers: incoming.headers,
    body: Buffer.concat(chunks),
  };
}

function send(response: ServerResponse, reply: Reply): void {
  const body = reply.body ?? '';
  response.writeHead(reply.status, {
    'content-length': Buffer.byteLength(body),
    ...reply.headers,
  });
  response.end(body);
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  };
}

export function html(status: number, body: string): Reply {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}

export function redirect(to: string): Reply {
  return { status: 302, headers: { location: to } };
}

/** The body as JSON object; an empty or broken one gives null. */
export function jsonBody(request: SandboxRequest): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(request.body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

export function formBody(request: SandboxRequest): URLSearchParams {
  return new URLSearchParams(request.body.toString('utf8'));
}

export function header(request: SandboxRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** User and password of a Basic header. */
export function basicAuth(request: SandboxRequest): { user: string; password: string } | null {
  const match = /^Basic (.+)$/i.exec(header(request, 'authorization') ?? '');
  if (match?.[1] === undefined) return null;
  const [user = '', password = ''] = Buffer.from(match[1], 'base64').toString('utf8').split(':');
  return { user: decodeURIComponent(user), password: decodeURIComponent(password) };
}

export function bearer(request: SandboxRequest): string | null {
  return /^Bearer (.+)$/i.exec(header(request, 'authorization') ?? '')?.[1] ?? null;
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
