/** Signed-in clients for the sandbox's own tests, on plain fetch: what a vendor's server would see. */
import { createHash } from 'node:crypto';
import type { Sandbox } from '../../connectors/sandbox/index.ts';

export const XERO_SCOPES =
  'offline_access accounting.invoices accounting.payments.read accounting.contacts accounting.settings.read';
export const REDIRECT = 'http://localhost:4000/callback';

/** The parts of the vendors' answers that tests look at; which of them came depends on the call. */
export interface XeroBody {
  error: string;
  access_token: string;
  refresh_token: string;
  id_token: string;
  Detail: string;
  Type: string;
  pagination: { page: number; pageSize: number; pageCount: number; itemCount: number };
  Invoices: XeroInvoiceRow[];
  Contacts: { ContactID: string; ContactStatus: string; MergedToContactID?: string }[];
  Payments: { Status: string }[];
  HistoryRecords: { Details: string; Changes: string }[];
  OnlineInvoices: { OnlineInvoiceUrl: string }[];
}

interface XeroInvoiceRow {
  InvoiceID: string;
  Type: string;
  Status: string;
  Total: number;
  AmountDue: number;
  AmountPaid: number;
  AmountCredited?: number;
  Payments?: { Amount: number }[];
  LineItems: unknown[];
  UpdatedDateUTC: string;
  DueDateString: string;
  ExpectedPaymentDateString: string;
}

interface IntuitRow {
  Id: string;
  SyncToken: string;
  status?: string;
  DisplayName: string;
  Note: string;
  PrivateNote: string;
  InvoiceLink: string;
  TotalAmt: number;
  UnappliedAmt: number;
  MetaData: { LastUpdatedTime: string };
  Line?: { Amount: number; LinkedTxn: { TxnType: string }[] }[];
}

interface IntuitRows {
  Invoice: IntuitRow[];
  Customer: IntuitRow[];
  Payment: IntuitRow[];
  Attachable: IntuitRow[];
  startPosition: number;
  maxResults: number;
  totalCount: number;
}

export interface IntuitBody {
  error: string;
  access_token: string;
  refresh_token: string;
  QueryResponse: IntuitRows;
  CDCResponse: { QueryResponse: IntuitRows[] }[];
  BatchItemResponse: { QueryResponse: IntuitRows; Fault: { Error: { code: string }[] } }[];
  Fault: { Error: { code: string }[] };
  fault: { error: { detail: string }[] };
  Invoice: IntuitRow;
  Customer: IntuitRow;
  Attachable: IntuitRow;
}

export interface Answer<Body> {
  status: number;
  headers: Headers;
  text: string;
  body: Body;
}

export async function call<Body = unknown>(
  url: string,
  init: RequestInit = {},
): Promise<Answer<Body>> {
  const response = await fetch(url, init);
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true && text !== '';
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: (isJson ? JSON.parse(text) : null) as Body,
  };
}

export function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}

export async function xeroConsent(
  sandbox: Sandbox,
  extra: Record<string, string> = {},
  choice: Parameters<Sandbox['consent']>[1] = {},
): Promise<URL> {
  const { settings } = sandbox;
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: settings['XERO_CLIENT_ID'] ?? '',
    redirect_uri: REDIRECT,
    scope: XERO_SCOPES,
    state: 'state',
    ...extra,
  });
  const url = `${settings['XERO_AUTHORIZE_URL'] ?? ''}?${query.toString()}`;
  return new URL(await sandbox.consent(url, choice));
}

export function xeroToken(
  sandbox: Sandbox,
  form: Record<string, string>,
): Promise<Answer<XeroBody>> {
  const { settings } = sandbox;
  return call<XeroBody>(`${settings['XERO_IDENTITY_URL'] ?? ''}/connect/token`, {
    method: 'POST',
    headers: {
      authorization: basic(settings['XERO_CLIENT_ID'] ?? '', settings['XERO_CLIENT_SECRET'] ?? ''),
    },
    body: new URLSearchParams(form),
  });
}

export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

export interface XeroSession {
  tokens: { access_token: string; refresh_token: string };
  get(path: string, headers?: Record<string, string>): Promise<Answer<XeroBody>>;
  send(
    method: 'PUT' | 'POST',
    path: string,
    body: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<XeroBody>>;
}

export async function signInToXero(sandbox: Sandbox, scope = XERO_SCOPES): Promise<XeroSession> {
  const callback = await xeroConsent(sandbox, { scope });
  const { body: tokens } = await xeroToken(sandbox, {
    grant_type: 'authorization_code',
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: REDIRECT,
  });
  const base = `${sandbox.settings['XERO_API_URL'] ?? ''}/api.xro/2.0/`;
  const common = {
    authorization: `Bearer ${tokens.access_token}`,
    'xero-tenant-id': sandbox.xero.externalIds[0] ?? '',
    accept: 'application/json',
  };
  return {
    tokens,
    get: (path, headers = {}) =>
      call<XeroBody>(base + path, { headers: { ...common, ...headers } }),
    send: (method, path, body, headers = {}) =>
      call<XeroBody>(base + path, {
        method,
        headers: { ...common, 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
  };
}

export interface QuickBooksSession {
  realmId: string;
  tokens: { access_token: string; refresh_token: string };
  refresh(token: string): Promise<Answer<IntuitBody>>;
  get(path: string): Promise<Answer<IntuitBody>>;
  post(path: string, body: unknown): Promise<Answer<IntuitBody>>;
  query(text: string): Promise<Answer<IntuitBody>>;
}

export async function signInToQuickBooks(sandbox: Sandbox): Promise<QuickBooksSession> {
  const { settings } = sandbox;
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: settings['QUICKBOOKS_CLIENT_ID'] ?? '',
    redirect_uri: REDIRECT,
    scope: 'com.intuit.quickbooks.accounting',
    state: 'state',
  });
  const authorize = `${settings['INTUIT_AUTHORIZE_URL'] ?? ''}?${query.toString()}`;
  const callback = new URL(await sandbox.consent(authorize));
  const token = (form: Record<string, string>): Promise<Answer<IntuitBody>> =>
    call<IntuitBody>(settings['INTUIT_TOKEN_URL'] ?? '', {
      method: 'POST',
      headers: {
        authorization: basic(
          settings['QUICKBOOKS_CLIENT_ID'] ?? '',
          settings['QUICKBOOKS_CLIENT_SECRET'] ?? '',
        ),
      },
      body: new URLSearchParams(form),
    });
  const { body: tokens } = await token({
    grant_type: 'authorization_code',
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: REDIRECT,
  });
  const realmId = callback.searchParams.get('realmId') ?? '';
  const base = `${settings['QUICKBOOKS_API_URL'] ?? ''}/v3/company/${realmId}/`;
  const authorization = `Bearer ${tokens.access_token}`;
  const get = (path: string): Promise<Answer<IntuitBody>> =>
    call<IntuitBody>(base + path, { headers: { authorization } });
  return {
    realmId,
    tokens,
    refresh: (refresh_token) => token({ grant_type: 'refresh_token', refresh_token }),
    get,
    post: (path, body) =>
      call<IntuitBody>(base + path, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    query: (text) => get(`query?query=${encodeURIComponent(text)}&minorversion=75`),
  };
}
