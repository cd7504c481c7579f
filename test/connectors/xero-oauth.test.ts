import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import nock from 'nock';
import { afterEach, describe, expect, it } from 'vitest';
import { createXero } from '../../connectors/xero/index.ts';
import { createLimits } from '../../connectors/limits.ts';
import { ManualClock } from '../../src/clock.ts';
import { LedgerError, UsageError } from '../../src/errors.ts';
import { API, IDENTITY, NOW, openXero, SECRET, XERO_CONFIG } from './xero-support.ts';
import { useNock } from '../support/nock.ts';

useNock();
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
});

const TOKENS = {
  access_token: `${SECRET}-access`,
  refresh_token: `${SECRET}-refresh`,
  expires_in: 1800,
  token_type: 'Bearer',
  scope: 'offline_access accounting.invoices',
};

const CONNECTIONS = [
  { id: 'c1', tenantId: 't1', tenantType: 'ORGANISATION', tenantName: 'Kererū Ltd' },
  { id: 'c2', tenantId: 't2', tenantType: 'PRACTICE', tenantName: 'The accountants' },
  { id: 'c3', tenantId: 't3', tenantType: 'ORGANISATION', tenantName: null },
];

const tokenCall = () => nock(IDENTITY).post('/connect/token');
const CALLBACK = { query: { code: 'abc', state: 's1' }, state: 's1', codeVerifier: 'v'.repeat(43) };

async function failureOf(call: Promise<unknown>): Promise<LedgerError> {
  const error: unknown = await call.then(
    (value) => ({ value }),
    (reason: unknown) => reason,
  );
  if (!(error instanceof LedgerError)) throw new Error(`no LedgerError but ${inspect(error)}`);
  expect(inspect(error, { depth: 12, showHidden: true })).not.toContain(SECRET);
  return error;
}

describe('consent', () => {
  it('asks at the configured address with state and an S256 challenge, and discovers nothing', () => {
    const { platform } = openXero();
    const url = new URL(platform.authorizeUrl({ state: 's1', codeVerifier: 'a-verifier' }));
    const challenge = createHash('sha256').update('a-verifier').digest('base64url');
    expect(url.origin + url.pathname).toBe('https://login.xero.test/identity/connect/authorize');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'client-id',
      response_type: 'code',
      redirect_uri: 'http://localhost:4000/callback/xero',
      scope: 'offline_access accounting.invoices',
      state: 's1',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    });
  });

  it('gives tokens and every organisation of the grant', async () => {
    let sent = '';
    const basic = `Basic ${Buffer.from(`client-id:${SECRET}-client`).toString('base64')}`;
    nock(IDENTITY, { reqheaders: { authorization: basic } })
      .post('/connect/token')
      .reply(200, (_uri, body) => {
        sent = typeof body === 'string' ? body : JSON.stringify(body);
        return TOKENS;
      });
    nock(API, { reqheaders: { authorization: `Bearer ${SECRET}-access` } })
      .get('/connections')
      .reply(200, CONNECTIONS);
    const { platform, clock } = openXero();
    const { tokens, books } = await platform.exchange(CALLBACK);
    expect(Object.fromEntries(new URLSearchParams(sent))).toMatchObject({
      grant_type: 'authorization_code',
      code: 'abc',
      code_verifier: 'v'.repeat(43),
      redirect_uri: 'http://localhost:4000/callback/xero',
    });
    expect(tokens).toEqual({
      accessToken: `${SECRET}-access`,
      refreshToken: `${SECRET}-refresh`,
      accessExpiresAt: new Date(NOW.getTime() + 1_800_000),
      refreshExpiresAt: new Date(NOW.getTime() + 60 * 86_400_000),
      refreshHardExpiresAt: null,
      scopes: ['offline_access', 'accounting.invoices'],
    });
    expect(clock.now()).toEqual(NOW);
    expect(books).toEqual([
      { externalId: 't1', connectionId: 'c1', name: 'Kererū Ltd' },
      { externalId: 't3', connectionId: 'c3', name: 't3' },
    ]);
  });

  it.each<[string, Record<string, string>]>([
    ['refused by the person', { error: 'access_denied', state: 's1' }],
    ['without a code', { state: 's1' }],
    ['with another state', { code: 'abc', state: 'other' }],
    ['without a state', { code: 'abc' }],
  ])('%s is rejected before anything is asked', async (_name, query) => {
    const { platform } = openXero();
    const error = await failureOf(platform.exchange({ ...CALLBACK, query }));
    expect(error.kind).toBe('rejected');
  });

  it('with a used code is rejected, not disconnected: nothing was connected', async () => {
    tokenCall().reply(400, { error: 'invalid_grant', error_description: SECRET });
    const { platform } = openXero();
    expect(await failureOf(platform.exchange(CALLBACK))).toMatchObject({
      kind: 'rejected',
      facts: { platformCode: 'invalid_grant', status: 400 },
    });
  });

  it('without offline_access says which permission is missing', async () => {
    tokenCall().reply(200, { ...TOKENS, refresh_token: undefined });
    const { platform } = openXero();
    expect(await failureOf(platform.exchange(CALLBACK))).toMatchObject({ kind: 'scope_missing' });
  });

  it('whose list of organisations cannot be read fails with a type', async () => {
    for (const [status, body, kind] of [
      [200, '<html>', 'unexpected_shape'],
      [200, '{}', 'unexpected_shape'],
      [401, '{}', 'disconnected'],
      [503, '', 'unavailable'],
    ] as const) {
      tokenCall().reply(200, TOKENS);
      nock(API).get('/connections').reply(status, body);
      const { platform } = openXero();
      expect(await failureOf(platform.exchange(CALLBACK))).toMatchObject({ kind });
    }
  });
});

describe('a refresh', () => {
  it('gives the new pair', async () => {
    let sent = '';
    tokenCall().reply(200, (_uri, body) => {
      sent = typeof body === 'string' ? body : JSON.stringify(body);
      return TOKENS;
    });
    const { platform } = openXero();
    const tokens = await platform.refresh('old-refresh');
    expect(Object.fromEntries(new URLSearchParams(sent))).toMatchObject({
      grant_type: 'refresh_token',
      refresh_token: 'old-refresh',
    });
    expect(tokens.refreshToken).toBe(`${SECRET}-refresh`);
  });

  it('answered with invalid_grant is final', async () => {
    tokenCall().reply(400, { error: 'invalid_grant' });
    const { platform } = openXero();
    const error = await failureOf(platform.refresh(`${SECRET}-old`));
    expect(error).toMatchObject({ kind: 'disconnected', retry: 'no' });
  });

  it.each<[string, () => nock.Scope]>([
    ['timeout', () => tokenCall().delay(500).reply(200, TOKENS)],
    [
      'reset',
      () => tokenCall().replyWithError(Object.assign(new Error(SECRET), { code: 'ECONNRESET' })),
    ],
    ['500', () => tokenCall().reply(500, SECRET)],
    ['HTML', () => tokenCall().reply(200, '<html>')],
    ['an answer without a token', () => tokenCall().reply(200, {})],
  ])(
    'whose answer is lost (%s) may have rotated the token: outcome unknown',
    async (_name, arrange) => {
      arrange();
      const { platform } = openXero({ config: { timeoutMs: 100 } });
      const error = await failureOf(platform.refresh(`${SECRET}-old`));
      expect(error.kind).toBe('outcome_unknown');
    },
  );

  it('with a wrong client secret does not end the connection', async () => {
    tokenCall().reply(401, { error: 'invalid_client' });
    const { platform } = openXero();
    expect(await failureOf(platform.refresh('x'))).toMatchObject({
      kind: 'rejected',
      facts: { platformCode: 'invalid_client' },
    });
  });

  it('refused for its rate says when', async () => {
    tokenCall().reply(429, '', { 'Retry-After': '9' });
    const { platform } = openXero();
    expect(await failureOf(platform.refresh('x'))).toMatchObject({
      kind: 'rate_limited',
      retryAfterMs: 9_000,
    });
  });
});

describe('the end of a connection', () => {
  const tokens = {
    accessToken: 'a',
    refreshToken: 'r',
    accessExpiresAt: NOW,
    refreshExpiresAt: null,
    refreshHardExpiresAt: null,
    scopes: [],
  };
  const book = { externalId: 't1', connectionId: 'c1', name: 'Kererū Ltd' };

  it('revokes the grant, and a grant that has ended is fine', async () => {
    const { platform } = openXero();
    nock(IDENTITY)
      .post('/connect/revocation', /token=r/)
      .reply(200);
    await platform.revoke(tokens);
    nock(IDENTITY).post('/connect/revocation').reply(400, { error: 'invalid_grant' });
    await platform.revoke(tokens);
  });

  it('can be of one organisation alone', async () => {
    const { platform } = openXero();
    nock(API).delete('/connections/c1').reply(204);
    expect(await platform.disconnectBook('a', book)).toBe(true);
    nock(API).delete('/connections/c1').reply(404);
    expect(await platform.disconnectBook('a', book)).toBe(true);
  });

  it('finds the connection when its id was not kept', async () => {
    const { platform } = openXero();
    nock(API).get('/connections').reply(200, CONNECTIONS);
    nock(API).delete('/connections/c1').reply(204);
    expect(await platform.disconnectBook('a', { ...book, connectionId: null })).toBe(true);
  });
});

it('without an app configured there is no platform', () => {
  const clock = new ManualClock(NOW);
  const limits = createLimits({ clock, xeroDayLimit: 1000 });
  expect(() => createXero({ ...XERO_CONFIG, app: null }, { clock, limits })).toThrow(UsageError);
});
