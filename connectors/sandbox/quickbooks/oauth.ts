/** Intuit's OAuth server: one company per consent, access tokens of an hour, a refresh value that changes daily. */
import { createHash, randomBytes } from 'node:crypto';
import { consentPage } from '../consent.ts';
import {
  basicAuth,
  bearer,
  formBody,
  header,
  html,
  json,
  jsonBody,
  redirect,
  type Reply,
  type SandboxRequest,
} from '../http.ts';

export const QUICKBOOKS_CLIENT_ID = 'ABsandboxDuebookQuickBooksClientId00000000000000001';
export const QUICKBOOKS_CLIENT_SECRET = 'sandboxQuickBooksSecretNotARealOne000001';

const ACCESS_SECONDS = 3600;
/** 101 days, counted anew with every refresh. */
const REFRESH_SECONDS = 8_726_400;
/** Five years, counted from the consent. */
const HARD_SECONDS = 157_680_000;
const CODE_MS = 5 * 60_000;

interface Consent {
  redirectUri: string;
  state: string | null;
  scopes: string[];
}

interface Grant {
  id: string;
  realmId: string;
  scopes: string[];
  consentedAt: number;
  refresh: string;
  rotatedAt: number;
  usedAt: number;
  revoked: boolean;
}

interface AccessToken {
  grantId: string;
  expiresAt: number;
}

interface Snapshot {
  grants: Grant[];
  access: [string, AccessToken][];
}

export interface IntuitIdentityOptions {
  now: () => number;
  companies: readonly { id: string; name: string }[];
  save: (snapshot: unknown) => void;
  /** After so many seconds a refresh brings a new value. */
  rotateSeconds: number;
}

export class IntuitIdentity {
  readonly #options: IntuitIdentityOptions;
  readonly #requests = new Map<string, Consent>();
  readonly #codes = new Map<
    string,
    Consent & { realmId: string; expiresAt: number; grantId: string | null }
  >();
  #grants = new Map<string, Grant>();
  #access = new Map<string, AccessToken>();

  constructor(options: IntuitIdentityOptions) {
    this.#options = options;
  }

  handle(request: SandboxRequest): Reply | null {
    switch (`${request.method} ${request.path}`) {
      case 'GET /connect/oauth2':
        return this.#authorize(request);
      case 'POST /connect/decision':
        return this.#decide(request);
      case 'POST /oauth2/v1/tokens/bearer':
        return this.#token(request);
      case 'POST /v2/oauth2/tokens/revoke':
        return this.#revoke(request);
      case 'GET /v1/openid_connect/userinfo':
        return this.#userInfo(request);
      default:
        return null;
    }
  }

  /** The company an access token opens; null when it opens nothing now. */
  realmOf(token: string): string | null {
    const access = this.#access.get(token);
    const grant = access === undefined ? undefined : this.#grants.get(access.grantId);
    if (access === undefined || grant === undefined || grant.revoked) return null;
    return access.expiresAt > this.#options.now() ? grant.realmId : null;
  }

  expireAccess(): void {
    for (const token of this.#access.values()) token.expiresAt = this.#options.now();
    this.#remember();
  }

  revokeAll(): void {
    for (const grant of this.#grants.values()) grant.revoked = true;
    this.#remember();
  }

  restore(snapshot: unknown): void {
    const { grants, access } = snapshot as Snapshot;
    this.#grants = new Map(grants.map((grant) => [grant.id, grant]));
    this.#access = new Map(access);
  }

  #remember(): void {
    for (const [token, { expiresAt }] of this.#access) {
      if (expiresAt < this.#options.now() - 86_400_000) this.#access.delete(token);
    }
    const snapshot: Snapshot = { grants: [...this.#grants.values()], access: [...this.#access] };
    this.#options.save(snapshot);
  }

  #authorize(request: SandboxRequest): Reply {
    const { query } = request;
    const redirectUri = query.get('redirect_uri') ?? '';
    if (query.get('client_id') !== QUICKBOOKS_CLIENT_ID) return html(400, 'Unknown client_id');
    if (!URL.canParse(redirectUri)) return html(400, 'The redirect_uri query parameter is invalid');
    if (query.get('response_type') !== 'code') return html(400, 'response_type must be code');
    const id = randomBytes(12).toString('hex');
    this.#requests.set(id, {
      redirectUri,
      state: query.get('state'),
      scopes: (query.get('scope') ?? '').split(' ').filter((scope) => scope !== ''),
    });
    const page = consentPage({
      vendor: 'QuickBooks (sandbox)',
      action: '/connect/decision',
      request: id,
      books: this.#options.companies,
      several: false,
    });
    return html(200, page);
  }

  #decide(request: SandboxRequest): Reply {
    const form = formBody(request);
    const id = form.get('request') ?? '';
    const consent = this.#requests.get(id);
    if (consent === undefined) return html(400, 'This page has been answered already.');
    this.#requests.delete(id);
    const realmId = form.get('book') ?? '';
    const back = new URL(consent.redirectUri);
    if (consent.state !== null) back.searchParams.set('state', consent.state);
    const known = this.#options.companies.some((company) => company.id === realmId);
    if (form.get('decision') !== 'allow' || !known) {
      back.searchParams.set('error', 'access_denied');
      return redirect(back.toString());
    }
    const code = `XAB${randomBytes(24).toString('hex')}`;
    const expiresAt = this.#options.now() + CODE_MS;
    this.#codes.set(code, { ...consent, realmId, expiresAt, grantId: null });
    back.searchParams.set('code', code);
    back.searchParams.set('realmId', realmId);
    return redirect(back.toString());
  }

  #token(request: SandboxRequest): Reply {
    const client = basicAuth(request);
    if (client?.user !== QUICKBOOKS_CLIENT_ID || client.password !== QUICKBOOKS_CLIENT_SECRET) {
      return json(401, { error: 'invalid_client' });
    }
    const form = formBody(request);
    const wantsHard = header(request, 'x-include-refresh-token-hard-expires-in') === 'true';
    switch (form.get('grant_type') ?? '') {
      case 'authorization_code':
        return this.#exchange(form, wantsHard);
      case 'refresh_token':
        return this.#refresh(form.get('refresh_token') ?? '', wantsHard);
      default:
        return json(400, { error: 'unsupported_grant_type' });
    }
  }

  #exchange(form: URLSearchParams, wantsHard: boolean): Reply {
    const now = this.#options.now();
    const code = this.#codes.get(form.get('code') ?? '');
    if (code === undefined || code.expiresAt <= now)
      return invalidGrant('Incorrect or invalid code');
    if (code.grantId !== null) {
      // A code that comes back may have been stolen: what it gave is taken away.
      const given = this.#grants.get(code.grantId);
      if (given !== undefined) given.revoked = true;
      this.#remember();
      return invalidGrant('Authorization code has already been used');
    }
    if (code.redirectUri !== form.get('redirect_uri')) {
      return invalidGrant('Redirect URI does not match');
    }
    const grant: Grant = {
      id: randomBytes(8).toString('hex'),
      realmId: code.realmId,
      scopes: code.scopes,
      consentedAt: now,
      refresh: newRefresh(),
      rotatedAt: now,
      usedAt: now,
      revoked: false,
    };
    code.grantId = grant.id;
    this.#grants.set(grant.id, grant);
    return this.#issue(grant, wantsHard);
  }

  #refresh(token: string, wantsHard: boolean): Reply {
    const now = this.#options.now();
    for (const grant of this.#grants.values()) {
      if (grant.refresh !== token || grant.revoked) continue;
      if (now > grant.usedAt + REFRESH_SECONDS * 1000) break;
      if (now > grant.consentedAt + HARD_SECONDS * 1000) break;
      if (now >= grant.rotatedAt + this.#options.rotateSeconds * 1000) {
        grant.refresh = newRefresh();
        grant.rotatedAt = now;
      }
      grant.usedAt = now;
      return this.#issue(grant, wantsHard);
    }
    return invalidGrant('Incorrect or invalid refresh token');
  }

  #issue(grant: Grant, wantsHard: boolean): Reply {
    const now = this.#options.now();
    const access = `eyJ${randomBytes(60).toString('base64url')}`;
    this.#access.set(access, { grantId: grant.id, expiresAt: now + ACCESS_SECONDS * 1000 });
    this.#remember();
    const hardLeft = Math.floor((grant.consentedAt + HARD_SECONDS * 1000 - now) / 1000);
    return json(200, {
      token_type: 'bearer',
      access_token: access,
      expires_in: ACCESS_SECONDS,
      refresh_token: grant.refresh,
      x_refresh_token_expires_in: Math.min(REFRESH_SECONDS, hardLeft),
      ...(wantsHard ? { x_refresh_token_hard_expires_in: hardLeft } : {}),
    });
  }

  #revoke(request: SandboxRequest): Reply {
    const client = basicAuth(request);
    if (client?.user !== QUICKBOOKS_CLIENT_ID || client.password !== QUICKBOOKS_CLIENT_SECRET) {
      return json(401, { error: 'invalid_client' });
    }
    const token = jsonBody(request)?.['token'];
    if (typeof token !== 'string') return json(400, { error: 'invalid_request' });
    const byAccess = this.#access.get(token)?.grantId;
    for (const grant of this.#grants.values()) {
      if (grant.refresh === token || grant.id === byAccess) {
        grant.revoked = true;
        this.#remember();
        return { status: 200 };
      }
    }
    return json(400, { error: 'invalid_request', error_description: 'Token is not valid' });
  }

  #userInfo(request: SandboxRequest): Reply {
    const realmId = this.realmOf(bearer(request) ?? '');
    if (realmId === null) return json(401, { error: 'invalid_token' });
    const sub = createHash('sha256').update('sandbox user').digest('hex').slice(0, 32);
    return json(200, {
      ...{ sub, email: 'owner@sandbox.example', emailVerified: true },
      ...{ givenName: 'Sandbox', familyName: 'Owner' },
    });
  }
}

function newRefresh(): string {
  return `RT1-${randomBytes(24).toString('hex')}`;
}

function invalidGrant(description: string): Reply {
  return json(400, { error: 'invalid_grant', error_description: description });
}
