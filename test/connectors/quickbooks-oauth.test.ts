import { inspect } from 'node:util';
import nock from 'nock';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LedgerPlatform } from '../../connectors/ledger.ts';
import { createQuickBooks } from '../../connectors/quickbooks/index.ts';
import { LedgerError, UsageError } from '../../src/errors.ts';
import { API, config, connect, INTUIT, NOW, REALM } from './quickbooks-support.ts';
import { useNock } from '../support/nock.ts';

const OLD = 'RT1-planted-refresh-token';
const TOKENS = {
  token_type: 'bearer',
  access_token: 'AT2-planted',
  refresh_token: 'RT2-planted',
  expires_in: 3600,
  x_refresh_token_expires_in: 8_726_400,
};

let platform: LedgerPlatform;

useNock();
beforeAll(() => {
  platform = connect().platform;
});

const tokenCall = () => nock(INTUIT).post('/oauth2/v1/tokens/bearer');
const at = (seconds: number) => new Date(Date.parse(NOW) + seconds * 1000);

async function failure(work: Promise<unknown>): Promise<LedgerError> {
  const error: unknown = await work.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof LedgerError)) throw error;
  return error;
}

describe('the way to Intuit', () => {
  it('leads to the configured address with state, scopes and our exact callback', () => {
    const url = new URL(platform.authorizeUrl({ state: 'st-1', codeVerifier: 'unused' }));
    expect(url.origin + url.pathname).toBe(config.authorizeUrl);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'client-id',
      response_type: 'code',
      scope: 'com.intuit.quickbooks.accounting',
      redirect_uri: 'http://localhost:4000/callback/quickbooks',
      state: 'st-1',
    });
  });

  it('does not exist without an app', () => {
    const { clock, limits } = connect();
    expect(() => createQuickBooks({ ...config, app: null }, { clock, limits })).toThrow(UsageError);
  });
});

describe('exchange', () => {
  const exchange = (query: Record<string, string>) =>
    platform.exchange({ query, state: 'st-1', codeVerifier: 'unused' });
  const good = { code: 'code-1', state: 'st-1', realmId: REALM };

  it('gives tokens, their ends and the company, whose id stays text', async () => {
    let form = '';
    let headers: Record<string, string | string[]> = {};
    tokenCall().reply(function (_uri, body) {
      form = body as string;
      headers = this.req.headers;
      return [200, { ...TOKENS, x_refresh_token_hard_expires_in: 157_494_248 }];
    });
    nock(API)
      .get(`/v3/company/${REALM}/companyinfo/${REALM}`)
      .query(true)
      .reply(200, { CompanyInfo: { CompanyName: 'Blue Spruce LLC', Country: 'US' } });
    const { tokens, books } = await exchange(good);
    expect(Object.fromEntries(new URLSearchParams(form))).toEqual({
      grant_type: 'authorization_code',
      code: 'code-1',
      redirect_uri: 'http://localhost:4000/callback/quickbooks',
    });
    expect(headers['x-include-refresh-token-hard-expires-in']).toBe('true');
    expect(tokens).toEqual({
      accessToken: 'AT2-planted',
      refreshToken: 'RT2-planted',
      accessExpiresAt: at(3600),
      refreshExpiresAt: at(8_726_400),
      refreshHardExpiresAt: at(157_494_248),
      scopes: ['com.intuit.quickbooks.accounting'],
    });
    expect(books).toEqual([{ externalId: REALM, connectionId: null, name: 'Blue Spruce LLC' }]);
  });

  it('keeps the tokens when the company cannot be named right now', async () => {
    tokenCall().reply(200, TOKENS);
    nock(API)
      .get(/companyinfo/)
      .query(true)
      .reply(400, 'no');
    const { tokens, books } = await exchange(good);
    expect(tokens.refreshHardExpiresAt).toBeNull();
    expect(books[0]).toMatchObject({ externalId: REALM, name: 'QuickBooks company' });
  });

  it.each([
    ['a refusal', { error: 'access_denied', state: 'st-1' }],
    ['another error', { error: 'invalid_scope', code: 'x', realmId: REALM }],
    ['no code', { state: 'st-1', realmId: REALM }],
    ['no company', { code: 'code-1', state: 'st-1' }],
    ['a company id that is none', { ...good, realmId: '12/../34' }],
  ])('never asks for tokens after %s', async (_what, query) => {
    // No interceptor stands: a request would be an error of another kind.
    expect((await failure(exchange(query as Record<string, string>))).kind).toBe('rejected');
  });

  it('takes its own callback address, whatever the browser adds', async () => {
    let form = '';
    tokenCall().reply((_uri, body) => {
      form = body as string;
      return [200, TOKENS];
    });
    nock(API)
      .get(/companyinfo/)
      .query(true)
      .reply(400, 'no');
    await exchange({ ...good, redirectUri: 'https://evil.test' });
    expect(form).not.toContain('evil');
  });

  it('of a used code is refused', async () => {
    tokenCall().reply(400, { error: 'invalid_grant' });
    expect((await failure(exchange(good))).kind).toBe('rejected');
  });

  it.each([
    ['HTML', '<html></html>'],
    ['no tokens', '{"ok":true}'],
    ['an empty body', ''],
  ])('of a 200 with %s is an unexpected shape', async (_what, body) => {
    tokenCall().reply(200, body);
    expect((await failure(exchange(good))).kind).toBe('unexpected_shape');
  });
});

describe('refresh', () => {
  it('sends the token it was given, once, and gives the new pair', async () => {
    let form = '';
    tokenCall().reply((_uri, body) => {
      form = body as string;
      return [200, TOKENS];
    });
    const tokens = await platform.refresh(OLD);
    expect(Object.fromEntries(new URLSearchParams(form))).toEqual({
      ...{ grant_type: 'refresh_token', refresh_token: OLD },
    });
    expect(tokens).toMatchObject({ accessToken: 'AT2-planted', refreshToken: 'RT2-planted' });
  });

  it.each([
    ['an ended grant', 400, { error: 'invalid_grant' }, 'disconnected'],
    ['a wrong client secret', 401, { error: 'invalid_client' }, 'rejected'],
    ['a broken request', 400, 'nonsense', 'rejected'],
    ['too many requests', 429, { error: 'throttled' }, 'rate_limited'],
    ['a server that failed after taking it', 503, '<html>down</html>', 'outcome_unknown'],
    ['a 200 without tokens', 200, { hello: 'there' }, 'outcome_unknown'],
    ['a 200 that is HTML', 200, '<html>maintenance</html>', 'outcome_unknown'],
  ])('after %s is told as such', async (_what, status, body, kind) => {
    tokenCall().reply(status, body);
    expect((await failure(platform.refresh(OLD))).kind).toBe(kind);
  });

  it('is sent once, even when the answer is lost: a second send could end the grant', async () => {
    let sent = 0;
    nock(INTUIT)
      .persist()
      .post('/oauth2/v1/tokens/bearer')
      .reply(() => {
        sent += 1;
        return [500, 'oops'];
      });
    expect((await failure(platform.refresh(OLD))).kind).toBe('outcome_unknown');
    expect(sent).toBe(1);
  });

  it.each([
    ['ECONNREFUSED', 'unavailable'],
    ['ENOTFOUND', 'unavailable'],
    ['ECONNRESET', 'outcome_unknown'],
  ])('that meets %s is %s', async (code, kind) => {
    tokenCall().replyWithError(Object.assign(new Error(`connect ${OLD}`), { code }));
    expect((await failure(platform.refresh(OLD))).kind).toBe(kind);
  });

  it('ends in time when nobody answers', async () => {
    tokenCall().delay(2_000).reply(200, TOKENS);
    const impatient = connect({ timeoutMs: 50 }).platform;
    expect((await failure(impatient.refresh(OLD))).kind).toBe('outcome_unknown');
    nock.abortPendingRequests();
  });

  it('tells nobody a token or the client secret, however it fails', async () => {
    const answers: [number, string][] = [
      [400, JSON.stringify({ error: 'invalid_grant', error_description: `token ${OLD}` })],
      [400, JSON.stringify({ error: `bad ${OLD}` })],
      [401, `secret ${OLD}`],
      [500, `<p>${OLD}</p>`],
      [200, JSON.stringify({ access_token: 'AT2-planted' })],
    ];
    for (const [status, body] of answers) {
      tokenCall().reply(status, body, { intuit_tid: `tid ${OLD}` });
      const error = await failure(platform.refresh(OLD));
      const shown = [error.message, error.stack, error.userMessage, JSON.stringify(error)];
      const text = [...shown, inspect(error, { depth: 20, showHidden: true })].join('\n');
      expect(text).not.toMatch(/planted/);
      expect(text).not.toContain(Buffer.from('client-id:CS').toString('base64').slice(0, 12));
    }
  });
});

describe('revoke', () => {
  const revoke = () =>
    platform.revoke({
      accessToken: 'AT',
      refreshToken: OLD,
      accessExpiresAt: at(0),
      refreshExpiresAt: null,
      refreshHardExpiresAt: null,
      scopes: [],
    });
  const revokeCall = () => nock(INTUIT).post('/v2/oauth2/tokens/revoke', { token: OLD });

  it('ends the grant by its refresh token', async () => {
    revokeCall().reply(200, '');
    await expect(revoke()).resolves.toBeUndefined();
  });

  it('of a grant that has ended already is fine', async () => {
    revokeCall().reply(400, { error: 'invalid_token' });
    await expect(revoke()).resolves.toBeUndefined();
  });

  it('that could not be sent says so', async () => {
    revokeCall().reply(503, 'down');
    expect((await failure(revoke())).kind).toBe('unavailable');
  });

  it('is the only way to end a book', async () => {
    const book = { externalId: REALM, connectionId: null, name: 'x' };
    expect(await platform.disconnectBook('AT', book)).toBe(false);
  });
});
