/**
 * Intuit's OAuth through its own package, with the package's habits taken away: its addresses are
 * static and follow the configuration, a token call is sent once and never again by itself, it ends
 * in time, nothing is logged, and its errors (which carry the client secret) are dropped here.
 */
import { z } from 'zod';
import type { OAuthApp, QuickBooksConfig } from '../../src/config.ts';
import { LedgerError } from '../../src/errors.ts';
import type { BookRef, CallbackQuery, LedgerConsent, TokenSet } from '../ledger.ts';
import { TimedOut, withTimeout } from '../transport.ts';
import { type ClientDeps, createClient } from './client.ts';
import { causeOfNetwork, isRecord } from './fault.ts';
import { parseCompany, readCompany } from './organisation.ts';
import { type IntuitAuthResponse, type IntuitOAuthClient, OAuthClient } from './sdk.ts';

export function createOAuth(
  app: OAuthApp,
  config: QuickBooksConfig,
  deps: ClientDeps,
): LedgerConsent {
  const tokens = (action: Action, send: (client: IntuitOAuthClient) => Promise<unknown>) =>
    callTokenEndpoint(openClient(app, config), config.timeoutMs, action, send);
  return {
    authorizeUrl: ({ state }) => openClient(app, config).authorizeUri({ scope: app.scopes, state }),
    async exchange({ query, state }) {
      const { code, realmId } = readCallback(query);
      const url = `?${new URLSearchParams({ code, state, realmId }).toString()}`;
      const askedAt = deps.clock.now();
      const answer = await tokens('exchange', (client) => client.createToken(url));
      const set = readTokens(answer, app, askedAt);
      if (set === null) throw new LedgerError('unexpected_shape', 'Intuit gave no usable tokens');
      return { tokens: set, books: [await nameBook(deps, realmId, set.accessToken)] };
    },
    async refresh(refreshToken) {
      const askedAt = deps.clock.now();
      const answer = await tokens('refresh', (client) => client.refreshUsingToken(refreshToken));
      const set = readTokens(answer, app, askedAt);
      // The old token may be used up by now; asking again with it is the only way to find out.
      if (set === null) throw new LedgerError('outcome_unknown', 'Intuit gave no usable tokens');
      return set;
    },
    async revoke({ refreshToken }) {
      await tokens('revoke', (client) => client.revoke({ refresh_token: refreshToken }));
    },
    // One grant is one company: ending it is revoke().
    disconnectBook: () => Promise.resolve(false),
  };
}

/** A client of its own for each call: the package keeps the last token in the client. */
function openClient(app: OAuthApp, config: QuickBooksConfig): IntuitOAuthClient {
  const client = new OAuthClient({
    clientId: app.clientId,
    clientSecret: app.clientSecret,
    environment: 'production',
    redirectUri: app.redirectUri,
    includeRefreshTokenHardExpiresIn: true,
    logging: false,
  });
  // Static in the package, whatever the method looks like: set right before they are read.
  client.setAuthorizeURLs({
    authorizeEndpoint: config.authorizeUrl,
    tokenEndpoint: config.tokenUrl,
    revokeEndpoint: config.revokeUrl,
    userInfoEndpoint: config.userInfoUrl,
  });
  return client;
}

/** The package would trade even a refusal for tokens, and never looks whether a code came. */
function readCallback(query: CallbackQuery): { code: string; realmId: string } {
  const { error, code, realmId } = query as Partial<Record<string, string>>;
  if (error === 'access_denied') {
    throw new LedgerError(
      'rejected',
      'the person refused the connection to QuickBooks',
      {},
      {
        userMessage: 'The connection to QuickBooks was not allowed.',
      },
    );
  }
  const isComplete =
    error === undefined &&
    code !== undefined &&
    code !== '' &&
    realmId !== undefined &&
    /^\d{1,32}$/.test(realmId);
  if (!isComplete) {
    throw new LedgerError(
      'rejected',
      'the callback of Intuit named no code or no company',
      {},
      {
        userMessage: 'QuickBooks did not finish the connection. Please try again.',
      },
    );
  }
  return { code, realmId };
}

type Action = 'exchange' | 'refresh' | 'revoke';

async function callTokenEndpoint(
  client: IntuitOAuthClient,
  timeoutMs: number,
  action: Action,
  send: (client: IntuitOAuthClient) => Promise<unknown>,
): Promise<unknown> {
  const network = watchNetwork(client);
  try {
    return await withTimeout(timeoutMs, () => send(client));
  } catch (error) {
    const failure = error instanceof TimedOut ? TIMED_OUT : describe(error, network());
    if (action === 'revoke' && isOver(failure)) return null;
    throw toError(failure, action);
  }
}

interface TokenFailure {
  status: number | null;
  /** `error` of the body, e.g. invalid_grant. */
  word: string | null;
  requestId: string | null;
  wasSent: boolean;
}

const TIMED_OUT: TokenFailure = { status: null, word: null, requestId: null, wasSent: true };

/** The package drops the operating system's code, the only thing that tells whether anything was sent. */
function watchNetwork(client: IntuitOAuthClient): () => unknown {
  let code: unknown;
  const load = client.loadResponse.bind(client);
  client.loadResponse = (request) =>
    load(request).catch((error: unknown) => {
      code = isRecord(error) ? error['code'] : undefined;
      throw error;
    });
  return () => code;
}

function describe(error: unknown, networkCode: unknown): TokenFailure {
  const answer = isRecord(error) ? error['authResponse'] : undefined;
  const response = isRecord(answer) ? answer['response'] : undefined;
  const status =
    isRecord(response) && typeof response['status'] === 'number' ? response['status'] : null;
  const headers = isRecord(response) ? response['headers'] : undefined;
  return {
    status,
    word: shortWord(
      isRecord(response) && isRecord(response['data']) ? response['data']['error'] : null,
    ),
    requestId: shortWord(isRecord(headers) ? headers['intuit_tid'] : null),
    wasSent: status !== null || causeOfNetwork(networkCode) !== 'not_sent',
  };
}

function shortWord(value: unknown): string | null {
  return typeof value === 'string' && /^[\w.-]{1,64}$/.test(value) ? value : null;
}

/** A grant that ended elsewhere is as ended as one we end. */
function isOver(failure: TokenFailure): boolean {
  return failure.status === 400 && failure.word !== 'invalid_client';
}

function toError(failure: TokenFailure, action: Action): LedgerError {
  const { status, word } = failure;
  const facts = {
    ...(status === null ? {} : { status }),
    ...(word === null ? {} : { platformCode: word }),
    ...(failure.requestId === null ? {} : { requestId: failure.requestId }),
  };
  const say = (kind: LedgerError['kind'], what: string, forPeople: string) =>
    new LedgerError(kind, `Intuit, ${action} of tokens: ${what}`, facts, {
      userMessage: forPeople,
      ...(kind === 'rate_limited' ? { retryAfterMs: 60_000 } : {}),
    });
  if (word === 'invalid_grant' && action === 'refresh')
    return say(
      'disconnected',
      'the grant has ended',
      'QuickBooks no longer accepts our connection. Please reconnect.',
    );
  if (status === 429)
    return say('rate_limited', 'too many requests', 'Intuit asks us to wait before the next call.');
  if (status !== null && status >= 400 && status < 500 && status !== 408)
    return say('rejected', 'refused', 'Intuit refused the request.');
  // With a refresh token that changes on use, "no answer" is not "not done".
  if (action === 'refresh' && failure.wasSent)
    return say(
      'outcome_unknown',
      'no usable answer',
      'We lost contact with Intuit before it confirmed.',
    );
  return say('unavailable', 'no usable answer', 'Intuit cannot be reached at the moment.');
}

const seconds = z.coerce.number().positive().max(1e10);

const TokenBody = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  expires_in: seconds,
  x_refresh_token_expires_in: seconds.nullish(),
  x_refresh_token_hard_expires_in: seconds.nullish(),
});

function readTokens(answer: unknown, app: OAuthApp, askedAt: Date): TokenSet | null {
  const parsed = TokenBody.safeParse((answer as Partial<IntuitAuthResponse> | null)?.json);
  if (!parsed.success) return null;
  const body = parsed.data;
  const at = (count: number | null | undefined): Date | null =>
    count === null || count === undefined ? null : new Date(askedAt.getTime() + count * 1000);
  return {
    accessToken: body.access_token,
    refreshToken: body.refresh_token,
    accessExpiresAt: new Date(askedAt.getTime() + body.expires_in * 1000),
    refreshExpiresAt: at(body.x_refresh_token_expires_in),
    refreshHardExpiresAt: at(body.x_refresh_token_hard_expires_in),
    scopes: app.scopes,
  };
}

/** A code is good once, so a company that cannot be named now must not cost the connection. */
async function nameBook(deps: ClientDeps, realmId: string, accessToken: string): Promise<BookRef> {
  const client = createClient(deps, {
    key: 'exchange',
    externalId: realmId,
    tokens: {
      current: () => Promise.resolve(accessToken),
      replace: () =>
        Promise.reject(new LedgerError('disconnected', 'a token just given was refused')),
    },
    priority: 'interactive',
  });
  const book = { externalId: realmId, connectionId: null };
  try {
    return { ...book, name: parseCompany(await readCompany(client, realmId)).name };
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    return { ...book, name: 'QuickBooks company' };
  }
}
