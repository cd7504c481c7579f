/** What Xero and the network may answer, and what becomes of it. */
import { inspect } from 'node:util';
import nock from 'nock';
import { afterEach, describe, expect, it } from 'vitest';
import type { Ledger } from '../../connectors/ledger.ts';
import type { InvoiceId } from '../../src/domain/receivables.ts';
import { LedgerError } from '../../src/errors.ts';
import {
  allPages,
  API,
  api,
  invoiceJson,
  list,
  NOW,
  openXero,
  QUIET_CURSOR,
  SECRET,
} from './xero-support.ts';
import { useNock } from '../support/nock.ts';

const ID = 'a1' as InvoiceId;
const NOTE = {
  target: { kind: 'invoice' as const, id: ID },
  text: 'Reminder sent [ref 1]',
  ref: '[ref 1]',
  requestId: 'note-1',
  notAfter: new Date('2100-01-01'),
};

useNock();
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
});

async function failureOf(call: Promise<unknown>): Promise<LedgerError> {
  const error: unknown = await call.then(
    (value) => ({ value }),
    (reason: unknown) => reason,
  );
  if (error instanceof LedgerError) return error;
  throw new Error(`no LedgerError but ${inspect(error)}`);
}

const pull = (ledger: Ledger) => allPages(ledger.pull(QUIET_CURSOR, { now: NOW, sweep: 'never' }));

describe('an answer of status 200 that is not a list is an error and never an empty page', () => {
  it.each<[string, string, string]>([
    ['HTML', '<html><body>Sorry</body></html>', 'body'],
    ['truncated JSON', '{"Contacts":[{"ContactID":"1"', 'body'],
    ['an empty body', '', 'body'],
    ['a bare null', 'null', ''],
    ['a list that is null', '{"Contacts":null}', 'Contacts'],
    ['no list at all', '{"Status":"OK"}', 'Contacts'],
    ['an object for a list', '{"Contacts":{}}', 'Contacts'],
    ['NaN, which is no JSON', '{"Contacts":[{"Total":NaN}]}', 'body'],
    ['paging of another shape', '{"pagination":{"page":"one"},"Contacts":[]}', 'pagination.page'],
  ])('%s', async (_name, body, field) => {
    nock(API).get('/api.xro/2.0/Contacts').query(true).reply(200, body);
    const { ledger } = openXero();
    const error = await failureOf(pull(ledger));
    expect(error).toMatchObject({ kind: 'unexpected_shape', facts: { status: 200, field } });
  });

  it('204 too', async () => {
    nock(API).get('/api.xro/2.0/Contacts').query(true).reply(204);
    const { ledger } = openXero();
    expect(await failureOf(pull(ledger))).toMatchObject({ kind: 'unexpected_shape' });
  });

  it('a body cut off by the network is read again, and fails when it stays cut', async () => {
    nock(API)
      .get('/api.xro/2.0/Contacts')
      .query(true)
      .times(3)
      .replyWithError(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }));
    const { ledger } = openXero();
    expect(await failureOf(pull(ledger))).toMatchObject({ kind: 'unavailable' });
  });

  it('a redirect is not followed: the token stays with Xero', async () => {
    nock(API)
      .get('/api.xro/2.0/Contacts')
      .query(true)
      .reply(302, '', { location: `${API}/x` });
    const { ledger } = openXero();
    expect(await failureOf(pull(ledger))).toMatchObject({ kind: 'unexpected_shape' });
  });

  it('but 304 to a question about changes is an answer: none', async () => {
    for (const path of [
      'Contacts',
      'Invoices',
      'CreditNotes',
      'Overpayments',
      'Prepayments',
      'Payments',
    ]) {
      nock(API).get(`/api.xro/2.0/${path}`).query(true).reply(304);
    }
    const { ledger } = openXero();
    const pages = await pull(ledger);
    expect(pages).toHaveLength(1);
    // Xero's time is not known, so the marks stay where they were.
    expect(JSON.parse(pages[0]?.cursor ?? '')).toMatchObject(JSON.parse(QUIET_CURSOR) as object);
  });
});

describe('refusals', () => {
  it.each<[string, number, object, Record<string, string>, string]>([
    ['an unknown invoice when asked for its PDF', 404, {}, {}, 'not_found'],
    [
      'a wrong request',
      400,
      { ErrorNumber: 10, Type: 'ValidationException', Message: SECRET },
      {},
      'rejected',
    ],
    [
      'a tenant that is no longer connected',
      403,
      { Title: 'Forbidden', Detail: 'AuthenticationUnsuccessful' },
      {},
      'disconnected',
    ],
    [
      'a missing scope, in Xero’s spelling',
      401,
      { Title: 'Unauthorized' },
      { 'www-authenticate': 'insufficent_scope' },
      'scope_missing',
    ],
    [
      'a missing scope, spelled right',
      403,
      {},
      { 'WWW-Authenticate': 'Bearer error="insufficient_scope"' },
      'scope_missing',
    ],
    ['a server error', 500, {}, {}, 'unavailable'],
  ])('%s', async (_name, status, body, headers, kind) => {
    nock(API)
      .get(`/api.xro/2.0/Invoices/${ID}`)
      .reply(status, body, { ...headers, 'Xero-Correlation-Id': 'abc-123' });
    const { ledger, replaced } = openXero();
    const error = await failureOf(ledger.invoicePdf(ID));
    expect(error).toMatchObject({ kind, facts: { status, requestId: 'abc-123' } });
    // Only an expired token is replaced: no loop of refreshes over a missing scope.
    expect(replaced).toEqual([]);
  });

  it('an expired token is replaced once', async () => {
    const expired = { Title: 'Unauthorized', Status: 401, Detail: 'TokenExpired: token expired' };
    nock(API, { reqheaders: { authorization: `Bearer ${SECRET}-1` } })
      .get(`/api.xro/2.0/Invoices/${ID}`)
      .reply(401, expired);
    nock(API, { reqheaders: { authorization: `Bearer ${SECRET}-2` } })
      .get(`/api.xro/2.0/Invoices/${ID}`)
      .reply(200, list('Invoices', [invoiceJson()]));
    const { ledger, replaced } = openXero();
    expect(await ledger.readInvoice(ID)).toMatchObject({ number: 'INV-0001' });
    expect(replaced).toEqual([`${SECRET}-1`]);
  });

  it('a second 401 means disconnected, after two calls', async () => {
    nock(API).get(`/api.xro/2.0/Invoices/${ID}`).times(2).reply(401, {});
    const { ledger } = openXero();
    expect(await failureOf(ledger.readInvoice(ID))).toMatchObject({ kind: 'disconnected' });
  });
});

describe('too many calls', () => {
  const refuse = (headers: Record<string, string>) =>
    nock(API).get(`/api.xro/2.0/Invoices/${ID}`).reply(429, '', headers);
  const accept = () =>
    nock(API)
      .get(`/api.xro/2.0/Invoices/${ID}`)
      .reply(200, list('Invoices', [invoiceJson()]));

  it('of the minute: no call before the time Xero names', async () => {
    refuse({ 'X-Rate-Limit-Problem': 'minute', 'Retry-After': '7' });
    accept();
    const { ledger, clock } = openXero();
    const before = clock.now().getTime();
    await ledger.readInvoice(ID);
    expect(clock.now().getTime() - before).toBeGreaterThanOrEqual(7_000);
    expect(clock.now().getTime() - before).toBeLessThan(9_000);
  });

  it('at once, without a time: a second or two', async () => {
    refuse({ 'X-Rate-Limit-Problem': 'concurrent' });
    accept();
    const { ledger, clock } = openXero();
    const before = clock.now().getTime();
    await ledger.readInvoice(ID);
    expect(clock.now().getTime() - before).toBeGreaterThanOrEqual(1_000);
    expect(clock.now().getTime() - before).toBeLessThanOrEqual(2_000);
  });

  it('of all organisations of this app: a while', async () => {
    refuse({ 'X-Rate-Limit-Problem': 'appminute' });
    accept();
    const { ledger, clock } = openXero();
    const before = clock.now().getTime();
    await ledger.readInvoice(ID);
    expect(clock.now().getTime() - before).toBeGreaterThanOrEqual(15_000);
  });

  it('of the day: the caller learns when, and nothing is asked until then', async () => {
    refuse({ 'X-Rate-Limit-Problem': 'day', 'Retry-After': '73451' });
    const { ledger, clock } = openXero();
    const before = clock.now().getTime();
    const first = await failureOf(ledger.readInvoice(ID));
    expect(first).toMatchObject({ kind: 'rate_limited', retryAfterMs: 73_451_000 });
    clock.advance(1_000_000);
    const second = await failureOf(ledger.readInvoice(ID));
    expect(second).toMatchObject({ kind: 'rate_limited', retryAfterMs: 72_451_000 });
    expect(clock.now().getTime() - before).toBe(1_000_000);
  });

  it('is foreseen from X-DayLimit-Remaining: background work stops before the part kept for people', async () => {
    nock(API)
      .get(`/api.xro/2.0/Invoices/${ID}`)
      .reply(200, list('Invoices', [invoiceJson()]), { 'X-DayLimit-Remaining': '100' });
    const { ledger } = openXero();
    await ledger.readInvoice(ID);
    expect(await failureOf(ledger.readInvoice(ID))).toMatchObject({ kind: 'rate_limited' });
  });
});

describe('a note whose answer is lost', () => {
  const path = `/api.xro/2.0/Invoices/${ID}/History`;
  const put = () => nock(API).put(path);

  it.each<[string, () => nock.Scope]>([
    ['timeout', () => put().delay(500).reply(200, {})],
    ['reset', () => put().replyWithError(Object.assign(new Error('x'), { code: 'ECONNRESET' }))],
    ['500', () => put().reply(500, {})],
    ['503', () => put().reply(503, '<html>')],
    ['an unreadable answer', () => put().reply(200, '<html>')],
    ['an answer without the note', () => put().reply(200, { HistoryRecords: [] })],
  ])('has an unknown outcome and is written no second time: %s', async (_name, arrange) => {
    arrange();
    const { ledger } = openXero({ config: { timeoutMs: 100 } });
    expect(await failureOf(ledger.writeNote(NOTE))).toMatchObject({ kind: 'outcome_unknown' });
  });

  it('is known not to be written when Xero refuses it', async () => {
    put().reply(400, { ErrorNumber: 10 });
    const { ledger } = openXero();
    expect(await failureOf(ledger.writeNote(NOTE))).toMatchObject({
      kind: 'rejected',
      facts: { platformCode: '10' },
    });
  });
});

describe('secrets', () => {
  it('are in no error, whatever the failure', async () => {
    const answers: ((scope: nock.Interceptor) => nock.Scope)[] = [
      (get) => get.reply(400, { Message: SECRET, Elements: [{ Token: SECRET }] }),
      (get) => get.reply(403, SECRET, { 'x-secret': SECRET }),
      (get) => get.reply(500, SECRET, { 'xero-correlation-id': `${SECRET} in a sentence` }),
      (get) => get.reply(200, SECRET),
      (get) => get.reply(200, { Invoices: [{ Type: 'ACCREC', InvoiceID: { [SECRET]: 1 } }] }),
      (get) =>
        get.times(3).replyWithError(Object.assign(new Error(SECRET), { code: 'ECONNRESET' })),
      (get) => get.delay(300).reply(200, {}),
    ];
    for (const answer of answers) {
      answer(nock(API).get(`/api.xro/2.0/Invoices/${ID}`));
      const { ledger } = openXero({ config: { timeoutMs: 100 } });
      const error = await failureOf(ledger.readInvoice(ID));
      const shown = [
        inspect(error, { depth: 12, showHidden: true, getters: true }),
        JSON.stringify(error),
        JSON.stringify(error, Object.getOwnPropertyNames(error)),
        String(error.stack),
      ].join('\n');
      expect(shown).not.toContain(SECRET);
      expect(error.cause).toBeUndefined();
    }
  });

  it('are sent only to Xero: the token, the tenant, and no body with a GET', async () => {
    let body: unknown = 'nothing';
    api()
      .matchHeader('authorization', `Bearer ${SECRET}-1`)
      .get(`/api.xro/2.0/Invoices/${ID}`)
      .reply(200, (_uri, sent) => {
        body = sent;
        return list('Invoices', [invoiceJson()]);
      });
    const { ledger } = openXero();
    await ledger.readInvoice(ID);
    expect(body).toBe('');
  });
});
