/**
 * The two vendor packages as this connector uses them. Their own types are wrong for ESM (the
 * bundled ones do not construct, error types name fields that do not exist), so both are loaded
 * with createRequire behind the interfaces below, and nothing else in the project touches them.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** node-quickbooks calls back; `response` is there on single requests and missing on find*. */
export type Callback = (error: unknown, data: unknown, response?: unknown) => void;

export interface QuickBooksSdk {
  /** Of this instance alone, with a trailing slash; the class-wide default is Intuit's sandbox. */
  endpoint: string;
  changeDataCapture(entities: string, since: string, done: Callback): void;
  createAttachable(attachable: object, done: Callback): void;
  findAccounts(criteria: string, done: Callback): void;
  findAttachables(criteria: string, done: Callback): void;
  findCreditMemos(criteria: string, done: Callback): void;
  findCustomers(criteria: string, done: Callback): void;
  findInvoices(criteria: string, done: Callback): void;
  findJournalEntries(criteria: string, done: Callback): void;
  findPayments(criteria: string, done: Callback): void;
  findTerms(criteria: string, done: Callback): void;
  getCompanyInfo(id: string, done: Callback): void;
  getInvoice(id: string, done: Callback): void;
  getInvoicePdf(id: string, done: Callback): void;
  getJournalEntry(id: string, done: Callback): void;
  getPreferences(done: Callback): void;
}

type QuickBooksClass = new (
  consumerKey: string,
  consumerSecret: string,
  token: string,
  tokenSecret: false,
  realmId: string,
  useSandbox: boolean,
  debug: boolean,
  minorversion: string,
  oauthversion: '2.0',
  refreshToken: null,
) => QuickBooksSdk;

export interface IntuitAuthResponse {
  json: unknown;
}

export interface IntuitOAuthClient {
  setAuthorizeURLs(urls: {
    authorizeEndpoint: string;
    tokenEndpoint: string;
    revokeEndpoint: string;
    userInfoEndpoint: string;
  }): void;
  authorizeUri(request: { scope: string[]; state: string }): string;
  createToken(callbackUrl: string): Promise<IntuitAuthResponse>;
  refreshUsingToken(refreshToken: string): Promise<IntuitAuthResponse>;
  revoke(token: { refresh_token: string }): Promise<IntuitAuthResponse>;
  /** Sends every token request. */
  loadResponse(request: object): Promise<unknown>;
}

interface IntuitOAuthClass {
  new (config: {
    clientId: string;
    clientSecret: string;
    environment: 'sandbox' | 'production';
    redirectUri: string;
    includeRefreshTokenHardExpiresIn: boolean;
    logging: false;
  }): IntuitOAuthClient;
  retryConfig: { maxRetries: number };
}

const QuickBooks = require('node-quickbooks') as QuickBooksClass;
export const OAuthClient = require('intuit-oauth') as IntuitOAuthClass;

// By default a token call is sent again up to three times; with a refresh token that changes on
// use, a second send can kill the connection. Static: it holds for the process.
OAuthClient.retryConfig.maxRetries = 0;

// The axios both packages call; it has no timeout of its own.
const axios = createRequire(require.resolve('node-quickbooks'))('axios') as {
  defaults: { timeout?: number };
};

/** Frees the socket of a call nobody waits for any more. The wait itself is bounded by each caller. */
export function closeSocketsAfter(timeoutMs: number): void {
  axios.defaults.timeout = Math.max(axios.defaults.timeout ?? 0, timeoutMs);
}

/** The field names follow https://developer.intuit.com, minor version 75: the lowest since August 2025. */
export function openSdk(apiUrl: string, realmId: string, accessToken: string): QuickBooksSdk {
  // No client id, secret or refresh token: calls need none, and an error of the SDK would carry them.
  const sdk = new QuickBooks(
    '',
    '',
    accessToken,
    false,
    encodeURIComponent(realmId),
    false,
    false,
    '75',
    '2.0',
    null,
  );
  sdk.endpoint = `${apiUrl}/v3/company/`;
  return sdk;
}
