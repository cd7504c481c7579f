import { inspect } from 'node:util';
import nock from 'nock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InvoiceId } from '../../src/domain/receivables.ts';
import { LedgerError } from '../../src/errors.ts';
import {
  API,
  connect,
  type Connection,
  fault,
  invoice,
  journal,
  NOW,
  pullAll,
  REALM,
  TOKEN,
} from './quickbooks-support.ts';
import { useNock } from '../support/nock.ts';

const ID = '130' as InvoiceId;
const THROTTLED =
  '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><IntuitResponse time="x" xmlns="http://schema.intuit.com/finance/v3">' +
  '<Fault type="SERVICE"><Error code="3001"><Message>message=ThrottleExceeded; errorCode=003001; statusCode=429</Message>' +
  '<Detail>The request limit was reached.  Try again later</Detail></Error></Fault></IntuitResponse>';

let connection: Connection;

useNock();
beforeEach(() => {
  connection = connect({ timeoutMs: 1_000 });
});
afterEach(() => {
  connection.limits.close();
});

const get = (what: RegExp | string) => nock(API).get(what).query(true);
const getInvoice = () => get(`/v3/company/${REALM}/invoice/130`);
const query = () => get(`/v3/company/${REALM}/query`);

async function failure(work: Promise<unknown>): Promise<LedgerError> {
  const error: unknown = await work.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof LedgerError)) throw error;
  return error;
}

describe('a request', () => {
  it('goes to the configured address as OAuth 2 with the lowest version that counts', async () => {
    getInvoice().reply(function (uri) {
      expect(new URL(uri, API).searchParams.get('minorversion')).toBe('75');
      expect(String(this.req.headers['authorization'])).toBe(`Bearer ${TOKEN}`);
      return [200, { Invoice: invoice('130') }];
    });
    expect((await connection.ledger.readInvoice(ID))?.openMinor).toBe(10000);
    expect(connection.calls).toEqual([{ resource: 'invoice', status: 200 }]);
  });

  it('with an expired token is made once more with a new one', async () => {
    getInvoice().reply(401, { fault: { error: [{ code: '3200', detail: TOKEN }] } });
    nock(API, { reqheaders: { authorization: `Bearer ${TOKEN}-renewed` } })
      .get(`/v3/company/${REALM}/invoice/130`)
      .query(true)
      .reply(200, { Invoice: invoice('130') });
    expect(await connection.ledger.readInvoice(ID)).not.toBeNull();
    expect(connection.replaced).toEqual([TOKEN]);
  });

  it('refused with the new token too is a lost connection, and no loop', async () => {
    getInvoice()
      .times(2)
      .reply(401, { fault: { error: [{ code: '3200' }] } });
    expect((await failure(connection.ledger.readInvoice(ID))).kind).toBe('disconnected');
    expect(connection.calls).toHaveLength(2);
  });

  it('that was throttled, in XML as always, waits its minute and goes again', async () => {
    getInvoice().reply(429, THROTTLED, { 'content-type': 'application/xml' });
    getInvoice().reply(200, { Invoice: invoice('130') });
    const before = connection.clock.now().getTime();
    expect(await connection.ledger.readInvoice(ID)).not.toBeNull();
    expect(connection.clock.now().getTime() - before).toBeGreaterThanOrEqual(60_000);
  });

  it('that is to wait for hours parks the book instead', async () => {
    getInvoice().reply(429, THROTTLED, { 'retry-after': '7200' });
    expect(await failure(connection.ledger.readInvoice(ID))).toMatchObject({
      kind: 'rate_limited',
      retryAfterMs: 7_200_000,
      facts: { status: 429, platformCode: '3001' },
    });
  });

  it.each([
    ['610', 400, 'not_found'],
    ['5010', 400, 'stale'],
    ['6210', 400, 'period_locked'],
    ['6190', 403, 'disconnected'],
    ['120', 400, 'disconnected'],
    ['003100', 403, 'disconnected'],
    ['5020', 403, 'scope_missing'],
    ['3001', 403, 'rate_limited'],
    ['2010', 400, 'rejected'],
    ['6000', 400, 'rejected'],
  ])('answered with code %s and status %s is %s', async (code, status, kind) => {
    get(/invoice\/130\/pdf/)
      .times(6)
      .reply(...fault(status, code));
    const error = await failure(connection.ledger.invoicePdf(ID));
    expect(error.kind).toBe(kind);
    expect(error.facts).toMatchObject({ status, platformCode: code });
  });

  it('that hits a fault inside a 200 fails', async () => {
    getInvoice().reply(...fault(200, '500'));
    expect((await failure(connection.ledger.readInvoice(ID))).kind).toBe('rejected');
    query().reply(...fault(200, '6190'));
    expect((await failure(pullAll(connection.ledger, null))).kind).toBe('disconnected');
    // One without a list of errors gets past the SDK.
    getInvoice().reply(200, { Fault: { type: 'SystemFault' } });
    expect((await failure(connection.ledger.readInvoice(ID))).kind).toBe('rejected');
  });

  it('that nobody answers ends in time', async () => {
    connection = connect({ timeoutMs: 100 });
    getInvoice().delay(3_000).reply(200, {});
    expect((await failure(connection.ledger.readInvoice(ID))).kind).toBe('unavailable');
  });
});

// The answer for a query that a careless client takes for an empty page.
describe('a 200 with a broken body is an error, never an empty page', () => {
  it.each([
    ['HTML', '<html><body>Sign in</body></html>'],
    ['an empty body', ''],
    ['cut JSON', '{"QueryResponse":{"Customer":[{"Id":"1","Disp'],
    ['null', 'null'],
    ['a number', '5'],
    ['a list', '[]'],
    ['no QueryResponse', '{"time":"2026-11-22T00:00:00Z"}'],
    ['a QueryResponse that is null', '{"QueryResponse":null}'],
    ['a list that is none', '{"QueryResponse":{"Customer":{"Id":"1"}}}'],
    ['rows that are none', '{"QueryResponse":{"Customer":[null]}}'],
    ['rows of something else', '{"QueryResponse":{"Vendor":[{"Id":"1"}]}}'],
    ['a count without rows', '{"QueryResponse":{"startPosition":1,"maxResults":38}}'],
  ])('%s', async (_what, body) => {
    query().reply(200, body, { 'content-type': 'application/json' });
    expect((await failure(pullAll(connection.ledger, null))).kind).toBe('unexpected_shape');
  });

  it('and {} is a true empty page', async () => {
    query().times(5).reply(200, { QueryResponse: {}, time: NOW });
    const { pages } = await pullAll(connection.ledger, null);
    expect(pages.flatMap((page) => page.customers)).toEqual([]);
    expect(pages).toHaveLength(5);
  });
});

describe('a broken connection', () => {
  it('is tried again for a read, and given up after three', async () => {
    const reset = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    getInvoice().times(2).replyWithError(reset);
    getInvoice().reply(200, { Invoice: invoice('130') });
    expect(await connection.ledger.readInvoice(ID)).not.toBeNull();
    getInvoice().times(3).reply(503, '<html>down</html>');
    expect((await failure(connection.ledger.readInvoice(ID))).kind).toBe('unavailable');
  });
});

describe('one invoice', () => {
  it('that is gone is null', async () => {
    getInvoice().reply(...fault(400, '610'));
    expect(await connection.ledger.readInvoice(ID)).toBeNull();
  });

  it('that does not fit is an error with the field', async () => {
    getInvoice().reply(200, { Invoice: invoice('130', { Balance: null }) });
    expect(await failure(connection.ledger.readInvoice(ID))).toMatchObject({
      kind: 'unexpected_shape',
      facts: { field: 'Balance' },
    });
    getInvoice().reply(200, { Other: 1 });
    expect((await failure(connection.ledger.readInvoice(ID))).kind).toBe('unexpected_shape');
  });

  it('of kind journal is read from its entry', async () => {
    const line = { id: '0', side: 'Debit', account: '84', customer: '1', amount: 5 } as const;
    get(/journalentry\/12/).reply(200, { JournalEntry: journal('12', [line]) });
    query().reply(200, {
      QueryResponse: { Account: [{ Id: '84', AccountType: 'Accounts Receivable' }] },
    });
    const read = await connection.ledger.readInvoice('journal:12:0' as InvoiceId);
    expect(read).toMatchObject({ kind: 'journal', totalMinor: 500, openMinor: null });
    expect(await connection.ledger.payLink('journal:12:0' as InvoiceId)).toBeNull();
  });

  it('has a PDF only when the bytes are one', async () => {
    get(/invoice\/130\/pdf/).reply(200, Buffer.from('%PDF-1.4 …'));
    expect((await connection.ledger.invoicePdf(ID)).toString()).toBe('%PDF-1.4 …');
    get(/invoice\/130\/pdf/).reply(200, '<html>not found</html>');
    expect((await failure(connection.ledger.invoicePdf(ID))).kind).toBe('unexpected_shape');
    get(/invoice\/130\/pdf/).reply(200, '');
    expect((await failure(connection.ledger.invoicePdf(ID))).kind).toBe('unexpected_shape');
  });

  it('has a pay link when Intuit gives one that is safe to send', async () => {
    const link = async (InvoiceLink: unknown) => {
      nock(API)
        .get(`/v3/company/${REALM}/invoice/130`)
        .query((params) => params['include'] === 'invoiceLink')
        .reply(200, { Invoice: invoice('130', { InvoiceLink }) });
      return connection.ledger.payLink(ID);
    };
    expect(await link('https://connect.intuit.test/portal/x?y=1')).toBe(
      'https://connect.intuit.test/portal/x?y=1',
    );
    expect(await link(null)).toBeNull();
    expect(await link('')).toBeNull();
    expect((await failure(link('javascript:alert(1)'))).kind).toBe('unexpected_shape');
    expect((await failure(link('http://pay.test/x'))).kind).toBe('unexpected_shape');
  });

  it('takes no expected pay date, and no call is made to find out', async () => {
    expect(await connection.ledger.setExpectedPayDate(ID, 20_000 as never)).toBe(false);
    expect(connection.calls).toEqual([]);
  });
});

describe('a note', () => {
  const note = {
    target: { kind: 'invoice', id: '130' },
    text: 'Reminder sent to a@b.example. [ref 7f3a9c01]',
    ref: '[ref 7f3a9c01]',
    requestId: 'note-7f3a9c01',
    notAfter: new Date('2100-01-01'),
  } as const;
  const post = () => nock(API).post(`/v3/company/${REALM}/attachable`);

  it('is attached to its invoice, with the same request id on every attempt', async () => {
    const seen: { requestId: string | null; body: unknown }[] = [];
    post()
      .query(true)
      .times(2)
      .reply((uri, body) => {
        seen.push({ requestId: new URL(uri, API).searchParams.get('requestid'), body });
        return seen.length === 1
          ? [401, { fault: { error: [{ code: '3200' }] } }]
          : [200, { Attachable: { Id: '5000000000000503624', Note: note.text } }];
      });
    expect(await connection.ledger.writeNote(note)).toBe('5000000000000503624');
    const body = {
      Note: note.text,
      AttachableRef: [{ EntityRef: { type: 'Invoice', value: '130' }, IncludeOnSend: false }],
    };
    expect(seen).toEqual([
      { requestId: note.requestId, body },
      { requestId: note.requestId, body },
    ]);
  });

  it.each([
    [
      'a lost connection',
      () =>
        post()
          .query(true)
          .replyWithError(Object.assign(new Error('x'), { code: 'ECONNRESET' })),
    ],
    ['a server error', () => post().query(true).reply(502, '<html>')],
    ['a 200 nobody can read', () => post().query(true).reply(200, '<html>')],
    [
      'a 200 without an id',
      () =>
        post()
          .query(true)
          .reply(200, { Attachable: { Note: 'x' } }),
    ],
  ])('whose fate is unknown after %s is not sent again', async (_what, answer) => {
    answer();
    expect((await failure(connection.ledger.writeNote(note))).kind).toBe('outcome_unknown');
    expect(connection.calls).toHaveLength(1);
  });

  it('that QuickBooks refuses is refused', async () => {
    post()
      .query(true)
      .reply(...fault(400, '2500'));
    expect((await failure(connection.ledger.writeNote(note))).kind).toBe('rejected');
  });

  it('is found again by its reference, among many', async () => {
    const texts: string[] = [];
    const rows = (count: number, last: string) =>
      Array.from({ length: count }, (_, index) => ({
        Id: `${index + 1}`,
        Note: index === count - 1 ? last : 'another note',
      }));
    query()
      .times(2)
      .reply((uri) => {
        texts.push(new URL(uri, API).searchParams.get('query') ?? '');
        const list = texts.length === 1 ? rows(1000, 'x') : rows(3, note.text);
        return [200, { QueryResponse: { Attachable: list } }];
      });
    expect(await connection.ledger.findNote(note.target, note.ref)).toBe('3');
    expect(texts).toEqual([
      "select * from attachable where AttachableRef.EntityRef.Type = 'Invoice' and AttachableRef.EntityRef.value = '130' startposition 1 maxresults 1000",
      "select * from attachable where AttachableRef.EntityRef.Type = 'Invoice' and AttachableRef.EntityRef.value = '130' startposition 1001 maxresults 1000",
    ]);
    query().reply(200, { QueryResponse: {} });
    expect(await connection.ledger.findNote({ kind: 'customer', id: '7' }, note.ref)).toBeNull();
  });

  it('on a journal line goes to its entry', async () => {
    let body: unknown;
    post()
      .query(true)
      .reply((_uri, sent) => {
        body = sent;
        return [200, { Attachable: { Id: '1' } }];
      });
    await connection.ledger.writeNote({ ...note, target: { kind: 'invoice', id: 'journal:12:0' } });
    expect(body).toMatchObject({
      AttachableRef: [{ EntityRef: { type: 'JournalEntry', value: '12' } }],
    });
  });
});

describe('the company', () => {
  it('is described by two calls', async () => {
    get(/companyinfo/).reply(200, {
      CompanyInfo: { CompanyName: 'Blue Spruce LLC', LegalName: 'Blue Spruce', Country: 'USA' },
    });
    get(/preferences/).reply(200, {
      Preferences: { CurrencyPrefs: { HomeCurrency: { value: 'USD' } } },
    });
    expect(await connection.ledger.organisation()).toEqual({
      name: 'Blue Spruce LLC',
      legalName: 'Blue Spruce',
      country: 'US',
      baseCurrency: 'USD',
      timeZone: 'America/New_York',
      shortCode: null,
      platformRemindersOn: null,
    });
  });

  it('without a home currency is an error', async () => {
    get(/companyinfo/).reply(200, { CompanyInfo: { CompanyName: 'X', Country: 'US' } });
    get(/preferences/).reply(200, { Preferences: { CurrencyPrefs: {} } });
    expect(await failure(connection.ledger.organisation())).toMatchObject({
      facts: { field: 'CurrencyPrefs.HomeCurrency' },
    });
  });
});

describe('an error', () => {
  it('carries no token, header or body, wherever one looks', async () => {
    const answers: [number, string | Record<string, unknown>][] = [
      fault(400, '2010'),
      fault(200, '2010'),
      [401, { fault: { error: [{ code: '3200', detail: `Token expired: ${TOKEN}` }] } }],
      [403, `<html>${TOKEN}</html>`],
      [400, { Fault: { Error: [{ code: TOKEN, Message: TOKEN, Detail: 'Smith owes 5' }] } }],
      [500, { error: TOKEN }],
      [200, `${TOKEN} is not JSON`],
      [200, { Invoice: { Id: '130', TxnDate: TOKEN } }],
    ];
    for (const [status, body] of answers) {
      nock.cleanAll();
      getInvoice()
        .times(3)
        .reply(status, body, { intuit_tid: `tid ${TOKEN}` });
      const error = await failure(connection.ledger.readInvoice(ID));
      const shown = [error.message, error.stack, error.userMessage, JSON.stringify(error)];
      const text = [...shown, inspect(error, { depth: 20, showHidden: true })].join('\n');
      expect(text).not.toContain('planted');
      expect(text).not.toContain('Smith');
      expect(error.cause).toBeUndefined();
    }
  });

  it('keeps the request id that Intuit’s support asks for', async () => {
    getInvoice().reply(...fault(400, '2010'), {
      intuit_tid: '1-5f733c5a-55d0ff60812923e8b22c622b',
    });
    expect((await failure(connection.ledger.readInvoice(ID))).facts.requestId).toBe(
      '1-5f733c5a-55d0ff60812923e8b22c622b',
    );
  });
});
