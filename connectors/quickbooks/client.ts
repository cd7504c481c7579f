/**
 * One request to QuickBooks at a time, through the shared transport. Every body is looked at here:
 * a fault inside a 200, a page of HTML, a cut or an empty body is an error, and never an empty page.
 */
import type { Clock } from '../../src/clock.ts';
import type { BookSession } from '../ledger.ts';
import type { Limits } from '../limits.ts';
import {
  type Answer,
  createTransport,
  type Exchange,
  ExchangeFailed,
  type Transport,
} from '../transport.ts';
import { explain, isRecord, refuseFault } from './fault.ts';
import { type Callback, openSdk, type QuickBooksSdk } from './sdk.ts';

type Send = (sdk: QuickBooksSdk, done: Callback) => void;
export type Row = Record<string, unknown>;

/** The rows of one query page, and when Intuit answered by its own clock. */
export interface QueryPage {
  rows: Row[];
  answeredAt: Date | null;
}

export interface Client {
  /** A query: an object without the entity's list is a true empty page. */
  query(entity: string, send: Send): Promise<QueryPage>;
  /** A single object, e.g. an invoice or the answer of CDC. */
  get(resource: string, send: Send): Promise<Row>;
  bytes(resource: string, send: Send): Promise<Buffer>;
  write(resource: string, notAfter: Date, send: Send): Promise<Row>;
}

export interface ClientDeps {
  clock: Clock;
  limits: Limits;
  apiUrl: string;
  timeoutMs: number;
}

export function createClient(deps: ClientDeps, session: BookSession): Client {
  const transport = createTransport({
    platformName: 'QuickBooks',
    clock: deps.clock,
    limiter: deps.limits.forBook('quickbooks', session.key),
    tokens: session.tokens,
    priority: session.priority ?? 'background',
    waitMsMax: session.waitMsMax,
    observer: session.observer,
    timeoutMs: deps.timeoutMs,
    explain: (error) => explain(error, deps.clock.now()),
  });
  const request = requester(transport, deps.apiUrl, session.externalId);
  return {
    query: (entity, send) =>
      request({ resource: entity, effect: 'read' }, send, (body) => readPage(body, entity)),
    get: (resource, send) => request({ resource, effect: 'read' }, send, readObject),
    bytes: (resource, send) => request({ resource, effect: 'read' }, send, readBytes),
    write: (resource, notAfter, send) =>
      request({ resource, effect: 'write', notAfter }, send, readObject),
  };
}

function requester(transport: Transport, apiUrl: string, realmId: string) {
  return <T>(
    what: Pick<Exchange<T>, 'resource' | 'effect' | 'notAfter'>,
    send: Send,
    read: (body: unknown) => T,
  ): Promise<T> =>
    transport.call({
      ...what,
      send: async (token): Promise<Answer<T>> => {
        const body = await calledBack(openSdk(apiUrl, realmId, token), send);
        refuseFault(body);
        return { value: read(body), status: 200 };
      },
    });
}

/** The only place where the SDK's callbacks become promises. */
function calledBack(sdk: QuickBooksSdk, send: Send): Promise<unknown> {
  return new Promise((resolve, reject) => {
    send(sdk, (error, data) => {
      // Left before anything else runs: the SDK calls a callback that throws a second time.
      setImmediate(() => {
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the transport rebuilds it
        if (error !== null && error !== undefined) reject(error);
        else resolve(data);
      });
    });
  });
}

function readPage(body: unknown, entity: string): QueryPage {
  const response = isRecord(body) ? body['QueryResponse'] : undefined;
  if (!isRecord(body) || !isRecord(response)) throw misshapen('QueryResponse');
  return { rows: rowsOf(response, entity), answeredAt: instantOf(body['time']) };
}

/** `{}` is how Intuit says "none"; a list that is no list, or another entity's, is no answer to the question. */
function rowsOf(response: Row, entity: string): Row[] {
  const rows = response[entity];
  const { maxResults } = response as { maxResults?: unknown };
  const isEmpty = rows === undefined && !Object.values(response).some(Array.isArray);
  if (isEmpty && (maxResults === undefined || maxResults === 0)) return [];
  if (!Array.isArray(rows) || !rows.every(isRecord)) throw misshapen(`QueryResponse.${entity}`);
  return rows;
}

function readObject(body: unknown): Row {
  if (!isRecord(body)) throw misshapen('body');
  return body;
}

function readBytes(body: unknown): Buffer {
  if (!Buffer.isBuffer(body)) throw misshapen('body');
  return body;
}

function misshapen(field: string): ExchangeFailed {
  return new ExchangeFailed({ cause: 'unexpected_shape', status: 200, field });
}

export function instantOf(value: unknown): Date | null {
  if (typeof value !== 'string') return null;
  const instant = new Date(value);
  return Number.isNaN(instant.getTime()) ? null : instant;
}
