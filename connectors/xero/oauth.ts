/**
 * Consent, tokens and connections. The token calls go through openid-client, as in xero-node, but
 * with the endpoints from the settings, so that nothing is discovered over the network, and with
 * PKCE, which xero-node does not do. The list of connections is asked for directly: the SDK has its
 * address written into it and no time limit.
 */
import {
  type BaseClient,
  custom,
  errors,
  generators,
  Issuer,
  type TokenSet as Tokens,
} from 'openid-client';
import { z } from 'zod';
import type { Clock } from '../../src/clock.ts';
import type { OAuthApp, XeroConfig } from '../../src/config.ts';
import { LedgerError } from '../../src/errors.ts';
import type { BookRef, CallbackQuery, LedgerConsent, TokenSet } from '../ledger.ts';
import { type Failure, parseRetryAfter, toLedgerError, withTimeout } from '../transport.ts';

/** Unused for this long, a refresh token dies. */
const REFRESH_LIFE_MS = 60 * 86_400_000;
const CLOCK_TOLERANCE_S = 60;
/** Longer than the 3.5 s of the SDK, which lost rotated tokens; short enough for a person who waits. */
const ANSWER_MS_MAX = 10_000;

export function createXeroOAuth(config: XeroConfig, app: OAuthApp, clock: Clock): LedgerConsent {
  const timeoutMs = Math.min(config.timeoutMs, ANSWER_MS_MAX);
  const client = openClient(config, app, timeoutMs);
  const connections = createConnections(config.apiUrl, timeoutMs);
  const tokenCall = <T>(what: TokenCall, call: () => Promise<T>): Promise<T> =>
    withTimeout(timeoutMs, call).catch((error: unknown) => {
      throw tokenError(error, what, clock.now());
    });

  return {
    authorizeUrl: ({ state, codeVerifier }) =>
      client.authorizationUrl({
        redirect_uri: app.redirectUri,
        scope: app.scopes.join(' '),
        state,
        code_challenge: generators.codeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      }),

    async exchange({ query, state, codeVerifier }) {
      refuseBadCallback(query, state);
      const params = { code: query['code'] ?? '', state };
      const checks = { state, code_verifier: codeVerifier };
      const given = await tokenCall('exchange', () =>
        app.scopes.includes('openid')
          ? client.callback(app.redirectUri, params, checks)
          : client.oauthCallback(app.redirectUri, params, checks),
      );
      const tokens = tokenSet(given, app, clock);
      return { tokens, books: await connections.list(tokens.accessToken) };
    },

    async refresh(refreshToken) {
      const given = await tokenCall('refresh', () => client.refresh(refreshToken));
      return tokenSet(given, app, clock);
    },

    async revoke(tokens) {
      try {
        await tokenCall('revoke', () => client.revoke(tokens.refreshToken));
      } catch (error) {
        // Ended already: what was wanted.
        if (!(error instanceof LedgerError && error.kind === 'disconnected')) throw error;
      }
    },

    disconnectBook: (accessToken, book) => connections.remove(accessToken, book),
  };
}

function openClient(config: XeroConfig, app: OAuthApp, timeoutMs: number): BaseClient {
  const { identityUrl } = config;
  const issuer = new Issuer({
    issuer: identityUrl,
    authorization_endpoint: config.authorizeUrl,
    token_endpoint: `${identityUrl}/connect/token`,
    revocation_endpoint: `${identityUrl}/connect/revocation`,
    jwks_uri: `${identityUrl}/.well-known/openid-configuration/jwks`,
  });
  const client = new issuer.Client({
    client_id: app.clientId,
    client_secret: app.clientSecret,
    redirect_uris: [app.redirectUri],
    response_types: ['code'],
  });
  client[custom.http_options] = () => ({ timeout: timeoutMs });
  client[custom.clock_tolerance] = CLOCK_TOLERANCE_S;
  return client;
}

/** The caller compared the state with what it stored; this is the second look. */
function refuseBadCallback(query: CallbackQuery, state: string): void {
  const { error, code } = query;
  if (error !== undefined) {
    const facts = /^\w{1,40}$/.test(error) ? { platformCode: error } : {};
    throw new LedgerError('rejected', 'the consent was refused at Xero', facts, {
      userMessage: 'The connection to Xero was not allowed. Nothing was stored.',
    });
  }
  if (query['state'] !== state || code === undefined || code === '') {
    throw new LedgerError(
      'rejected',
      'the callback does not belong to our question',
      {},
      {
        userMessage: 'This answer does not belong to the connection you began. Please start again.',
      },
    );
  }
}

function tokenSet(given: Tokens, app: OAuthApp, clock: Clock): TokenSet {
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds } = given;
  if (accessToken === undefined || seconds === undefined) {
    throw new LedgerError('outcome_unknown', 'Xero token: the answer holds no token', {
      field: 'access_token',
    });
  }
  if (refreshToken === undefined) {
    throw new LedgerError('scope_missing', 'Xero gave no refresh token: offline_access is missing');
  }
  const now = clock.now().getTime();
  return {
    accessToken,
    refreshToken,
    accessExpiresAt: new Date(now + seconds * 1000),
    refreshExpiresAt: new Date(now + REFRESH_LIFE_MS),
    refreshHardExpiresAt: null,
    scopes: given.scope?.split(' ') ?? app.scopes,
  };
}

type TokenCall = 'exchange' | 'refresh' | 'revoke';

/**
 * Only invalid_grant ends a connection. A refresh whose answer was lost may have rotated the token:
 * outcome unknown, and Xero takes the same token again for 30 minutes.
 */
function tokenError(error: unknown, what: TokenCall, now: Date): LedgerError {
  const failure = tokenFailure(error, what, now);
  const effect = what === 'refresh' ? 'write' : 'read';
  return toLedgerError(failure, { resource: what, effect }, 'Xero');
}

function tokenFailure(error: unknown, what: TokenCall, now: Date): Failure {
  if (!(error instanceof errors.OPError)) return { cause: 'no_answer' };
  const { response, error: code } = error;
  const status = response?.statusCode;
  const facts = {
    ...(code === undefined ? {} : { platformCode: code }),
    ...(status === undefined ? {} : { status }),
  };
  if (code === 'invalid_grant' || code === 'invalid_token') {
    // A used or foreign code ends nothing: there is no connection yet.
    return { cause: what === 'exchange' ? 'rejected' : 'disconnected', ...facts };
  }
  if (code === 'invalid_scope') return { cause: 'scope_missing', ...facts };
  if (status === 429) {
    const retryAfterMs = parseRetryAfter(response?.headers['retry-after'], now) ?? 60_000;
    return { cause: 'rate_limited', ...facts, rate: { problem: 'unknown', retryAfterMs } };
  }
  const isTheirFault = status !== undefined && (status >= 500 || status < 400);
  return { cause: isTheirFault ? 'unavailable' : 'rejected', ...facts };
}

const Connection = z.object({
  id: z.string().min(1),
  tenantId: z.string().min(1),
  tenantType: z.string(),
  tenantName: z.string().nullish(),
});

interface Connections {
  list(accessToken: string): Promise<BookRef[]>;
  remove(accessToken: string, book: BookRef): Promise<boolean>;
}

function createConnections(apiUrl: string, timeoutMs: number): Connections {
  const call = async (accessToken: string, method: string, path: string): Promise<Response> => {
    try {
      return await withTimeout(timeoutMs, (signal) =>
        fetch(`${apiUrl}/connections${path}`, {
          method,
          headers: { authorization: `Bearer ${accessToken}`, accept: 'application/json' },
          redirect: 'error',
          signal,
        }),
      );
    } catch {
      throw connectionsError({ cause: 'no_answer' });
    }
  };

  const list = async (accessToken: string): Promise<BookRef[]> => {
    const response = await call(accessToken, 'GET', '');
    if (!response.ok) throw connectionsError(refusal(response));
    const body: unknown = await response.json().catch(() => null);
    const parsed = z.array(Connection).safeParse(body);
    if (!parsed.success) throw connectionsError({ cause: 'unexpected_shape', status: 200 });
    return parsed.data
      .filter((connection) => connection.tenantType === 'ORGANISATION')
      .map((connection) => ({
        externalId: connection.tenantId,
        connectionId: connection.id,
        name: connection.tenantName ?? connection.tenantId,
      }));
  };

  return {
    list,
    async remove(accessToken, book) {
      const known = book.connectionId ?? (await findConnection(list, accessToken, book));
      if (known === null) return true;
      const response = await call(accessToken, 'DELETE', `/${encodeURIComponent(known)}`);
      await response.body?.cancel();
      if (!response.ok && response.status !== 404) throw connectionsError(refusal(response));
      return true;
    },
  };
}

async function findConnection(
  list: Connections['list'],
  accessToken: string,
  book: BookRef,
): Promise<string | null> {
  const books = await list(accessToken);
  return books.find((one) => one.externalId === book.externalId)?.connectionId ?? null;
}

function refusal(response: Response): Failure {
  const { status } = response;
  if (status === 401 || status === 403) return { cause: 'disconnected', status };
  if (status === 429) return { cause: 'rate_limited', status };
  return { cause: status >= 500 ? 'unavailable' : 'rejected', status };
}

/** A repeated DELETE does no harm, so neither call leaves an outcome to find out. */
function connectionsError(failure: Failure): LedgerError {
  return toLedgerError(failure, { resource: 'connections', effect: 'read' }, 'Xero');
}
