/** Xero's identity server: consent, PKCE, rotating refresh tokens, connections. */
import {
  createHash,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  randomUUID,
  sign,
} from 'node:crypto';
import { consentPage } from '../consent.ts';
import {
  basicAuth,
  formBody,
  html,
  json,
  redirect,
  type Reply,
  type SandboxRequest,
} from '../http.ts';

export const XERO_CLIENT_ID = 'DUEBOOKSANDBOXXERO00000000000001';
export const XERO_CLIENT_SECRET = 'sandbox-xero-secret-not-a-real-one';

const ACCESS_SECONDS = 1800;
const REFRESH_DAYS = 60;
/** A refresh token that was replaced stays good so long, for the answer that got lost. */
const GRACE_MS = 30 * 60_000;
const CODE_MS = 5 * 60_000;

interface Consent {
  redirectUri: string;
  state: string | null;
  challenge: string | null;
  scopes: string[];
  nonce: string | null;
}

interface Grant {
  id: string;
  scopes: string[];
  authEventId: string;
  refresh: string;
  refreshUsedAt: number;
  previous: { token: string; until: number } | null;
  revoked: boolean;
}

interface Connection {
  id: string;
  tenantId: string;
  authEventId: string;
  createdAt: number;
  updatedAt: number;
}

interface AccessToken {
  grantId: string;
  expiresAt: number;
}

interface Snapshot {
  grants: Grant[];
  connections: Connection[];
  access: [string, AccessToken][];
}

export type TokenCheck =
  | { ok: true; scopes: string[]; grantId: string }
  | { ok: false; why: 'unknown' | 'expired'; expiredAt: number };

export class XeroIdentity {
  readonly #now: () => number;
  readonly #tenants: readonly { id: string; name: string }[];
  readonly #save: (snapshot: unknown) => void;
  readonly #requests = new Map<string, Consent>();
  readonly #codes = new Map<
    string,
    Consent & { tenants: string[]; expiresAt: number; used: boolean }
  >();
  #grants = new Map<string, Grant>();
  #connections = new Map<string, Connection>();
  #access = new Map<string, AccessToken>();
  #keys: { privateKey: KeyObject; publicKey: KeyObject } | null = null;
  #base = '';

  constructor(
    now: () => number,
    tenants: readonly { id: string; name: string }[],
    save: (snapshot: unknown) => void,
  ) {
    this.#now = now;
    this.#tenants = tenants;
    this.#save = save;
  }

  set base(url: string) {
    this.#base = url;
  }

  handle(request: SandboxRequest): Reply | null {
    switch (`${request.method} ${request.path}`) {
      case 'GET /identity/connect/authorize':
        return this.#authorize(request);
      case 'POST /identity/connect/decision':
        return this.#decide(request);
      case 'POST /connect/token':
        return this.#token(request);
      case 'POST /connect/revocation':
        return this.#revoke(request);
      case 'GET /.well-known/openid-configuration':
        return json(200, this.#discovery());
      case 'GET /.well-known/openid-configuration/jwks':
        return json(200, { keys: [this.#jwk()] });
      default:
        return null;
    }
  }

  check(token: string): TokenCheck {
    const found = this.#access.get(token);
    const grant = found === undefined ? undefined : this.#grants.get(found.grantId);
    if (found === undefined || grant === undefined) {
      return { ok: false, why: 'unknown', expiredAt: 0 };
    }
    if (found.expiresAt <= this.#now()) {
      return { ok: false, why: 'expired', expiredAt: found.expiresAt };
    }
    return { ok: true, scopes: grant.scopes, grantId: grant.id };
  }

  isConnected(tenantId: string): boolean {
    return this.#connections.has(tenantId);
  }

  connections(authEventId: string | null): Record<string, unknown>[] {
    return [...this.#connections.values()]
      .filter((one) => authEventId === null || one.authEventId === authEventId)
      .map((one) => ({
        id: one.id,
        authEventId: one.authEventId,
        tenantId: one.tenantId,
        tenantType: 'ORGANISATION',
        tenantName: this.#tenants.find((tenant) => tenant.id === one.tenantId)?.name ?? '',
        createdDateUtc: zoneless(one.createdAt),
        updatedDateUtc: zoneless(one.updatedAt),
      }));
  }

  disconnect(connectionId: string): boolean {
    for (const [tenantId, connection] of this.#connections) {
      if (connection.id !== connectionId) continue;
      this.#connections.delete(tenantId);
      this.#remember();
      return true;
    }
    return false;
  }

  expireAccess(): void {
    for (const token of this.#access.values()) token.expiresAt = this.#now();
    this.#remember();
  }

  revokeAll(): void {
    for (const grant of this.#grants.values()) grant.revoked = true;
    this.#connections.clear();
    this.#remember();
  }

  restore(snapshot: unknown): void {
    const { grants, connections, access } = snapshot as Snapshot;
    this.#grants = new Map(grants.map((grant) => [grant.id, grant]));
    this.#connections = new Map(connections.map((one) => [one.tenantId, one]));
    this.#access = new Map(access);
  }

  #remember(): void {
    for (const [token, { expiresAt }] of this.#access) {
      if (expiresAt < this.#now() - 86_400_000) this.#access.delete(token);
    }
    const snapshot: Snapshot = {
      grants: [...this.#grants.values()],
      connections: [...this.#connections.values()],
      access: [...this.#access],
    };
    this.#save(snapshot);
  }

  #authorize(request: SandboxRequest): Reply {
    const { query } = request;
    const redirectUri = query.get('redirect_uri') ?? '';
    if (query.get('client_id') !== XERO_CLIENT_ID)
      return html(400, 'unauthorized_client: unknown client');
    if (!URL.canParse(redirectUri)) return html(400, 'invalid_request: redirect_uri');
    const method = query.get('code_challenge_method');
    if (query.has('code_challenge') && method !== 'S256') {
      return refuse(redirectUri, 'invalid_request', query.get('state'));
    }
    const scopes = (query.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
    const id = randomBytes(12).toString('hex');
    this.#requests.set(id, {
      redirectUri,
      scopes,
      state: query.get('state'),
      challenge: query.get('code_challenge'),
      nonce: query.get('nonce'),
    });
    const page = consentPage({
      vendor: 'Xero (sandbox)',
      action: '/identity/connect/decision',
      request: id,
      books: this.#tenants,
      several: true,
    });
    return html(200, page);
  }

  #decide(request: SandboxRequest): Reply {
    const form = formBody(request);
    const id = form.get('request') ?? '';
    const consent = this.#requests.get(id);
    if (consent === undefined) return html(400, 'This page has been answered already.');
    this.#requests.delete(id);
    const known = new Set(this.#tenants.map((tenant) => tenant.id));
    const tenants = form.getAll('book').filter((book) => known.has(book));
    if (form.get('decision') !== 'allow' || tenants.length === 0) {
      return refuse(consent.redirectUri, 'access_denied', consent.state);
    }
    const code = randomBytes(24).toString('base64url');
    const expiresAt = this.#now() + CODE_MS;
    this.#codes.set(code, { ...consent, tenants, expiresAt, used: false });
    const back = new URL(consent.redirectUri);
    back.searchParams.set('code', code);
    back.searchParams.set('scope', consent.scopes.join(' '));
    if (consent.state !== null) back.searchParams.set('state', consent.state);
    return redirect(back.toString());
  }

  #token(request: SandboxRequest): Reply {
    const form = formBody(request);
    const client = basicAuth(request) ?? {
      user: form.get('client_id') ?? '',
      password: form.get('client_secret') ?? '',
    };
    if (client.user !== XERO_CLIENT_ID || client.password !== XERO_CLIENT_SECRET) {
      return json(401, { error: 'invalid_client' });
    }
    switch (form.get('grant_type') ?? '') {
      case 'authorization_code':
        return this.#exchange(form);
      case 'refresh_token':
        return this.#refresh(form.get('refresh_token') ?? '');
      default:
        return json(400, { error: 'unsupported_grant_type' });
    }
  }

  #exchange(form: URLSearchParams): Reply {
    const code = this.#codes.get(form.get('code') ?? '');
    if (code === undefined || code.used || code.expiresAt <= this.#now()) return invalidGrant();
    code.used = true;
    if (code.redirectUri !== form.get('redirect_uri')) return invalidGrant();
    if (code.challenge !== null) {
      const verifier = form.get('code_verifier') ?? '';
      const challenge = createHash('sha256').update(verifier).digest('base64url');
      if (challenge !== code.challenge) return invalidGrant();
    }
    const grant: Grant = {
      id: randomUUID(),
      scopes: code.scopes,
      authEventId: randomUUID(),
      refresh: randomBytes(32).toString('base64url'),
      refreshUsedAt: this.#now(),
      previous: null,
      revoked: false,
    };
    this.#grants.set(grant.id, grant);
    for (const tenantId of code.tenants) this.#connect(tenantId, grant.authEventId);
    return this.#issue(grant, code.nonce);
  }

  #connect(tenantId: string, authEventId: string): void {
    const at = this.#now();
    const known = this.#connections.get(tenantId);
    this.#connections.set(tenantId, {
      id: known?.id ?? randomUUID(),
      tenantId,
      authEventId,
      createdAt: known?.createdAt ?? at,
      updatedAt: at,
    });
  }

  #refresh(token: string): Reply {
    const now = this.#now();
    for (const grant of this.#grants.values()) {
      if (grant.revoked) continue;
      const isCurrent = grant.refresh === token;
      const inGrace = grant.previous?.token === token && now <= grant.previous.until;
      if (!isCurrent && !inGrace) continue;
      if (now - grant.refreshUsedAt > REFRESH_DAYS * 86_400_000) return invalidGrant();
      if (isCurrent) grant.previous = { token, until: now + GRACE_MS };
      grant.refresh = randomBytes(32).toString('base64url');
      grant.refreshUsedAt = now;
      return this.#issue(grant, null);
    }
    return invalidGrant();
  }

  #issue(grant: Grant, nonce: string | null): Reply {
    const access = randomBytes(48).toString('base64url');
    this.#access.set(access, {
      grantId: grant.id,
      expiresAt: this.#now() + ACCESS_SECONDS * 1000,
    });
    this.#remember();
    return json(
      200,
      {
        ...(grant.scopes.includes('openid') ? { id_token: this.#idToken(nonce) } : {}),
        access_token: access,
        expires_in: ACCESS_SECONDS,
        token_type: 'Bearer',
        // Without offline_access there is nothing to refresh with.
        ...(grant.scopes.includes('offline_access') ? { refresh_token: grant.refresh } : {}),
        scope: grant.scopes.join(' '),
      },
      { 'cache-control': 'no-store' },
    );
  }

  #revoke(request: SandboxRequest): Reply {
    const client = basicAuth(request);
    if (client?.user !== XERO_CLIENT_ID || client.password !== XERO_CLIENT_SECRET) {
      return json(401, { error: 'invalid_client' });
    }
    const token = formBody(request).get('token') ?? '';
    for (const grant of this.#grants.values()) {
      if (grant.refresh !== token && grant.previous?.token !== token) continue;
      grant.revoked = true;
      this.#connections.clear();
      for (const [access, { grantId }] of this.#access) {
        if (grantId === grant.id) this.#access.delete(access);
      }
      this.#remember();
    }
    return { status: 200 };
  }

  #idToken(nonce: string | null): string {
    const seconds = Math.floor(this.#now() / 1000);
    const claims = {
      iss: this.#base,
      aud: XERO_CLIENT_ID,
      iat: seconds,
      nbf: seconds,
      exp: seconds + 300,
      sub: 'sandbox-user',
      xero_userid: '00000000-0000-4000-8000-000000000001',
      email: 'owner@sandbox.example',
      given_name: 'Sandbox',
      family_name: 'Owner',
      ...(nonce === null ? {} : { nonce }),
    };
    const part = (value: unknown): string =>
      Buffer.from(JSON.stringify(value)).toString('base64url');
    const text = `${part({ alg: 'RS256', typ: 'JWT', kid: 'sandbox' })}.${part(claims)}`;
    return `${text}.${sign('sha256', Buffer.from(text), this.#keyPair().privateKey).toString('base64url')}`;
  }

  #jwk(): Record<string, unknown> {
    const key = this.#keyPair().publicKey.export({ format: 'jwk' });
    return { ...key, kid: 'sandbox', use: 'sig', alg: 'RS256' };
  }

  #keyPair(): { privateKey: KeyObject; publicKey: KeyObject } {
    this.#keys ??= generateKeyPairSync('rsa', { modulusLength: 2048 });
    return this.#keys;
  }

  #discovery(): Record<string, unknown> {
    const base = this.#base;
    return {
      issuer: base,
      authorization_endpoint: `${base}/identity/connect/authorize`,
      token_endpoint: `${base}/connect/token`,
      revocation_endpoint: `${base}/connect/revocation`,
      jwks_uri: `${base}/.well-known/openid-configuration/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['S256'],
    };
  }
}

/** 2022-08-26T07:51:30.7975760: UTC, though nothing says so. */
function zoneless(at: number): string {
  return `${new Date(at).toISOString().slice(0, 23)}0000`;
}

function refuse(redirectUri: string, error: string, state: string | null): Reply {
  const back = new URL(redirectUri);
  back.searchParams.set('error', error);
  if (state !== null) back.searchParams.set('state', state);
  return redirect(back.toString());
}

function invalidGrant(): Reply {
  return json(400, { error: 'invalid_grant' });
}
