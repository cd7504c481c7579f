import { createRequire } from 'node:module';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../connectors/sandbox/index.ts';
import { openOf, type QCustomer } from '../../connectors/sandbox/quickbooks/book.ts';
import { pacific } from '../../connectors/sandbox/quickbooks/time.ts';
import { ManualClock } from '../../src/clock.ts';
import { day } from '../../src/domain/day.ts';
import {
  type Answer,
  basic,
  call,
  type IntuitBody,
  type QuickBooksSession,
  signInToQuickBooks,
} from './support.ts';

const START = '2026-11-22T22:00:00Z';
const DAY_MS = 86_400_000;
const TODAY = day('2026-11-22');

let clock: ManualClock;
let sandbox: Sandbox;
let session: QuickBooksSession;

beforeAll(async () => {
  clock = new ManualClock(START);
  sandbox = await startSandbox({ clock, invoices: 120, books: { xero: 0 } });
});

afterAll(() => sandbox.close());

beforeEach(async () => {
  sandbox.quickbooks.forgetLimits();
  sandbox.quickbooks.faults.clear();
  session = await signInToQuickBooks(sandbox);
});

/** As much of the SDKs as the test below calls; neither has types that fit. */
type OAuthClientClass = new (options: Record<string, unknown>) => {
  setAuthorizeURLs(urls: Record<string, unknown>): void;
  authorizeUri(request: { scope: string[]; state: string }): string;
  createToken(callback: string): Promise<{ getToken(): { access_token: string; realmId: string } }>;
};
type QuickBooksClass = new (
  ...given: unknown[]
) => Record<string, ((...given: unknown[]) => void) | undefined>;

const code = (answer: Answer<IntuitBody>): string | undefined => answer.body.Fault.Error[0]?.code;
/** The emptiest kind of open invoice: nothing set against it yet. */
const untouched = () =>
  sandbox.quickbooks.openInvoices().find((one) => one.links.length === 0 && one.dueOn !== null)!;

/** Customer.Balance = open invoices − remaining credits − unapplied money ± journals. */
function balancesByIdentity(): Map<QCustomer, number> {
  const book = sandbox.quickbooks.book();
  const sums = new Map<QCustomer, number>([...book.customers.values()].map((one) => [one, 0]));
  const add = (customer: QCustomer, minor: number): void => {
    sums.set(customer, (sums.get(customer) ?? 0) + minor);
  };
  for (const one of book.invoices.values()) add(one.customer, openOf(one));
  for (const one of book.creditMemos.values()) add(one.customer, -one.remainingMinor);
  for (const one of book.payments.values()) add(one.customer, -one.unappliedMinor);
  for (const one of book.journals.values()) {
    add(one.customer, one.posting === 'Debit' ? one.amountMinor : -one.amountMinor);
  }
  return sums;
}

function expectBalanced(): void {
  for (const [customer, minor] of balancesByIdentity()) {
    expect([customer.name, customer.balanceMinor]).toEqual([customer.name, minor]);
  }
}

describe('Intuit sign-in', () => {
  it('keeps the refresh value for a day, then changes it and refuses the old one', async () => {
    const first = session.tokens.refresh_token;
    expect((await session.refresh(first)).body.refresh_token).toBe(first);
    clock.advance(DAY_MS);
    const changed = await session.refresh(first);
    expect(changed.body.refresh_token).not.toBe(first);
    expect(changed.body).toMatchObject({ expires_in: 3600, x_refresh_token_expires_in: 8_726_400 });
    const refused = await session.refresh(first);
    expect([refused.status, refused.body.error]).toEqual([400, 'invalid_grant']);
  });

  it('takes away what a code gave when the code comes back', async () => {
    const authorize = new URL(sandbox.settings['INTUIT_AUTHORIZE_URL'] ?? '');
    authorize.search = new URLSearchParams({
      ...{ response_type: 'code', redirect_uri: 'http://localhost/cb', state: 's', scope: 'x' },
      client_id: sandbox.settings['QUICKBOOKS_CLIENT_ID'] ?? '',
    }).toString();
    const back = new URL(await sandbox.consent(authorize.toString()));
    const exchange = (): Promise<Answer<IntuitBody>> =>
      call(sandbox.settings['INTUIT_TOKEN_URL'] ?? '', {
        method: 'POST',
        headers: {
          authorization: basic(
            sandbox.settings['QUICKBOOKS_CLIENT_ID'] ?? '',
            sandbox.settings['QUICKBOOKS_CLIENT_SECRET'] ?? '',
          ),
        },
        body: new URLSearchParams({
          ...{ grant_type: 'authorization_code', redirect_uri: 'http://localhost/cb' },
          code: back.searchParams.get('code') ?? '',
        }),
      });
    const { body } = await exchange();
    expect((await exchange()).body.error).toBe('invalid_grant');
    expect((await session.refresh(body.refresh_token)).body.error).toBe('invalid_grant');
  });

  it('names a company by 19 digits and stamps every answer with intuit_tid', async () => {
    expect(session.realmId).toMatch(/^\d{19}$/);
    const { headers } = await session.get('preferences');
    expect(headers.get('intuit_tid')).toMatch(/^1-/);
  });

  it('answers an old token in lower case, with the token in the detail', async () => {
    sandbox.quickbooks.expireAccess();
    const { status, body } = await session.get('preferences');
    expect(status).toBe(401);
    expect(body.fault.error[0]?.detail).toContain(session.tokens.access_token);
  });

  it('ends everything when either token is revoked', async () => {
    await call(sandbox.settings['INTUIT_REVOKE_URL'] ?? '', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: basic(
          sandbox.settings['QUICKBOOKS_CLIENT_ID'] ?? '',
          sandbox.settings['QUICKBOOKS_CLIENT_SECRET'] ?? '',
        ),
      },
      body: JSON.stringify({ token: session.tokens.refresh_token }),
    });
    expect((await session.get('preferences')).status).toBe(401);
    expect((await session.refresh(session.tokens.refresh_token)).status).toBe(400);
  });
});

describe('Intuit queries', () => {
  it('pages a hundred by default and a thousand at most, each row once', async () => {
    const { body } = await session.query('select * from Invoice');
    expect(body.QueryResponse).toMatchObject({ startPosition: 1, maxResults: 100 });
    const ids: string[] = [];
    for (const from of [1, 51, 101]) {
      const page = await session.query(
        `SELECT * FROM Invoice ORDERBY MetaData.LastUpdatedTime STARTPOSITION ${from} MAXRESULTS 50`,
      );
      ids.push(...page.body.QueryResponse.Invoice.map((row: { Id: string }) => row.Id));
    }
    const count = await session.query('select count(*) from Invoice');
    expect(new Set(ids).size).toBe(count.body.QueryResponse.totalCount);
    expect(ids).toHaveLength(count.body.QueryResponse.totalCount);
  });

  it('gives an empty object, not an empty list, when nothing fits', async () => {
    const { body } = await session.query("select * from Invoice where DocNumber = 'no such'");
    expect(body.QueryResponse).toEqual({});
  });

  it('understands both escapes, and refuses what is not escaped', async () => {
    const find = (name: string) =>
      session.query(`select * from Customer where DisplayName = '${name}'`);
    const quoted = await find(String.raw`O\'Connor & Daughters "The Deli" Ltd`);
    expect(quoted.body.QueryResponse.Customer).toHaveLength(1);
    const slashed = await find(String.raw`Back\\Slash Systems`);
    expect(slashed.body.QueryResponse.Customer).toHaveLength(1);
    expect(code(await find("O'Connor"))).toBe('4000');
    expect(code(await find('ends in a backslash\\'))).toBe('4000');
  });

  it('shows only active names unless Active is spoken of', async () => {
    const usual = await session.query('select * from Customer maxresults 1000');
    const all = await session.query(
      'select * from Customer where Active in (true, false) maxresults 1000',
    );
    const names = all.body.QueryResponse.Customer.map(
      (row: { DisplayName: string }) => row.DisplayName,
    );
    expect(names.filter((name: string) => name.endsWith('(deleted)'))).toHaveLength(1);
    expect(all.body.QueryResponse.maxResults - usual.body.QueryResponse.maxResults).toBe(1);
  });

  it.each([
    ["select * from Invoice where Colour = 'red'", '4001'],
    ['select * from Invoice orderby Id', '4001'],
    ['select * from Nothing', '4001'],
    ['select * from Invoice where Balance > 0', '4000'],
    ["select * from Invoice where Balance != '0'", '4000'],
    ['select * from Invoice where', '4000'],
    ["select * from Invoice where Balance > '0' or Balance < '0'", '4000'],
  ])('answers %s with %s', async (text, wanted) => {
    expect(code(await session.query(text))).toBe(wanted);
  });

  it('compares numbers as numbers and times as instants', async () => {
    const open = await session.query("select * from Invoice where Balance > '9.5' maxresults 1000");
    const expected = sandbox.quickbooks.openInvoices().filter((one) => openOf(one) > 950);
    expect(open.body.QueryResponse.maxResults).toBe(expected.length);
    const since = (text: string) =>
      session.query(`select count(*) from Invoice where MetaData.LastUpdatedTime >= '${text}'`);
    const zoned = await since('2026-11-01T00:00:00Z');
    const pacificTime = await since('2026-10-31T17:00:00-07:00');
    expect(zoned.body).toEqual(pacificTime.body);
    expect(zoned.body.QueryResponse.totalCount).toBeGreaterThan(0);
  });

  it('fails the whole page for one poisoned row', async () => {
    const { id } = untouched();
    sandbox.quickbooks.poisonInvoice(id);
    expect(code(await session.query('select * from Invoice maxresults 1000'))).toBe('4002');
    const one = await session.query(`select * from Invoice where Id = '${id}'`);
    expect(code(one)).toBe('4002');
    sandbox.quickbooks.book().poisoned.clear();
  });
});

describe('Intuit writes', () => {
  it('asks for the current SyncToken', async () => {
    const invoice = untouched();
    const change = (SyncToken: string) =>
      session.post('invoice?operation=update', {
        ...{ Id: invoice.id, SyncToken, sparse: true, PrivateNote: 'hello' },
      });
    const stale = String(invoice.syncToken);
    expect((await change(stale)).body.Invoice.SyncToken).toBe(String(Number(stale) + 1));
    expect(code(await change(stale))).toBe('5010');
  });

  it('keeps a note once per requestid', async () => {
    const { id } = untouched();
    const attach = (Note: string, requestId: string) =>
      session.post(`attachable?requestid=${requestId}`, {
        ...{ Note, AttachableRef: [{ EntityRef: { type: 'Invoice', value: id } }] },
      });
    const first = await attach('note [ref a]', 'a');
    expect((await attach('note [ref a]', 'a')).text).toBe(first.text);
    await attach('note [ref b]', 'b');
    const found = await session.query(
      `select * from Attachable where AttachableRef.EntityRef.Type = 'Invoice' and AttachableRef.EntityRef.Value = '${id}'`,
    );
    expect(found.body.QueryResponse.Attachable.map((one: { Note: string }) => one.Note)).toEqual([
      'note [ref a]',
      'note [ref b]',
    ]);
    expect(sandbox.quickbooks.notes().map((note) => note.text)).toEqual([
      'note [ref a]',
      'note [ref b]',
    ]);
  });

  it('voids as recorded: same id and number, everything zero, "Voided" in the note', async () => {
    const { id, number } = untouched();
    await sandbox.quickbooks.payInvoice(id, 100, TODAY);
    await sandbox.quickbooks.voidInvoice(id);
    const { body } = await session.get(`invoice/${id}`);
    expect(body.Invoice).toMatchObject({
      ...{ Id: id, DocNumber: number, TotalAmt: 0, Balance: 0, LinkedTxn: [] },
    });
    expect(body.Invoice.PrivateNote).toMatch(/^Voided/);
    expectBalanced();
  });

  it('forgets a deleted invoice everywhere but in the change feed', async () => {
    const { id } = untouched();
    await sandbox.quickbooks.deleteInvoice(id);
    expect(code(await session.get(`invoice/${id}`))).toBe('610');
    const query = await session.query(`select * from Invoice where Id = '${id}'`);
    expect(query.body.QueryResponse).toEqual({});
    const { body } = await session.get(
      `cdc?entities=Invoice&changedSince=${encodeURIComponent(clock.now().toISOString())}`,
    );
    const rows: { Id: string; status?: string }[] = body.CDCResponse[0]!.QueryResponse[0]!.Invoice;
    expect(rows.find((row) => row.Id === id)?.status).toBe('Deleted');
    expectBalanced();
  });

  it('keeps the books in balance whatever is done to them', async () => {
    const { quickbooks } = sandbox;
    expectBalanced();
    const [one, two] = quickbooks.openInvoices().filter((invoice) => openOf(invoice) > 5_000);
    if (one === undefined || two === undefined) throw new Error('too few open invoices');
    const paid = await quickbooks.payInvoice(one.id, 2_000, TODAY, 750);
    expectBalanced();
    const credit = await quickbooks.addCredit(two.customer.id, 1_500, TODAY);
    await quickbooks.applyCredit(credit, two.id, 1_200, TODAY);
    expectBalanced();
    const linking = two.links.at(-1)!.payment;
    expect([linking.totalMinor, linking.unappliedMinor]).toEqual([0, 0]);
    await quickbooks.voidInvoice(two.id);
    expectBalanced();
    await quickbooks.deletePayment(paid);
    expectBalanced();
    const [from, into] = [...quickbooks.book().customers.values()].slice(5, 7);
    await quickbooks.mergeCustomers(from?.id ?? '', into?.id ?? '');
    expectBalanced();
    expect(code(await session.get(`customer/${from?.id ?? ''}`))).toBe('610');
  });

  it('shows TotalAmt = charges − credits + UnappliedAmt on every payment', async () => {
    const { body } = await session.query('select * from Payment maxresults 1000');
    for (const payment of body.QueryResponse.Payment) {
      let sum: number = payment.UnappliedAmt;
      for (const line of payment.Line ?? []) {
        sum += line.LinkedTxn[0]?.TxnType === 'CreditMemo' ? -line.Amount : line.Amount;
      }
      expect(payment.TotalAmt).toBeCloseTo(sum, 6);
    }
  });

  it('touches an invoice and its customer when a payment arrives, but no SyncToken', async () => {
    clock.advance(DAY_MS / 24);
    session = await signInToQuickBooks(sandbox);
    const invoice = untouched();
    const before = invoice.syncToken;
    await sandbox.quickbooks.payInvoice(invoice.id, 100, TODAY);
    const { body } = await session.get(`invoice/${invoice.id}`);
    expect(body.Invoice.SyncToken).toBe(String(before));
    expect(body.Invoice.MetaData.LastUpdatedTime).toBe(pacific(clock.now().getTime()));
    const customer = await session.get(`customer/${invoice.customer.id}`);
    expect(customer.body.Customer.MetaData.LastUpdatedTime).toBe(pacific(clock.now().getTime()));
  });

  it('runs a batch item by item, faults beside successes, under one 200', async () => {
    const invoice = untouched();
    const { status, body } = await session.post('batch', {
      BatchItemRequest: [
        { bId: '1', Query: 'select count(*) from Invoice' },
        { bId: '2', operation: 'delete', Invoice: { Id: '99999999', SyncToken: '0' } },
        { bId: '3', operation: 'update', Invoice: { Id: invoice.id, SyncToken: '77' } },
      ],
    });
    expect(status).toBe(200);
    const [one, two, three] = body.BatchItemResponse;
    expect(one?.QueryResponse.totalCount).toBeGreaterThan(0);
    expect(two?.Fault.Error[0]?.code).toBe('610');
    expect(three?.Fault.Error[0]?.code).toBe('5010');
  });
});

describe('Intuit change data capture', () => {
  const cdc = (entities: string, since: Date) =>
    session.get(`cdc?entities=${entities}&changedSince=${encodeURIComponent(since.toISOString())}`);

  it('answers in the order asked, with an empty object where nothing changed', async () => {
    clock.advance(60_000);
    session = await signInToQuickBooks(sandbox);
    const { id } = untouched();
    const since = clock.now();
    await sandbox.quickbooks.payInvoice(id, 100, TODAY);
    const { body } = await cdc('CreditMemo,Invoice,Payment', since);
    const [credits, invoices, payments] = body.CDCResponse[0]!.QueryResponse;
    expect(credits).toEqual({});
    expect(invoices?.Invoice.map((row: { Id: string }) => row.Id)).toEqual([id]);
    expect(payments?.Payment).toHaveLength(1);
    expect(invoices).not.toHaveProperty('totalCount');
    expect(payments?.totalCount).toBe(1);
  });

  it('never looks back more than thirty days, and never says so', async () => {
    const { body } = await cdc('Invoice', new Date('2011-01-01T00:00:00Z'));
    const oldest = Math.min(
      ...body.CDCResponse[0]!.QueryResponse[0]!.Invoice.map(
        (row: { MetaData: { LastUpdatedTime: string } }) =>
          Date.parse(row.MetaData.LastUpdatedTime),
      ),
    );
    expect(oldest).toBeGreaterThanOrEqual(clock.now().getTime() - 30 * DAY_MS - 1000);
  });

  it('holds a thousand objects over all entities together', async () => {
    const big = await startSandbox({
      ...{ clock: new ManualClock(START), invoices: 8_000, books: { xero: 0 }, futureDays: 1 },
    });
    try {
      const own = await signInToQuickBooks(big);
      const { body } = await own.get(
        'cdc?entities=Customer,Invoice,Payment&changedSince=2026-10-25T00:00:00Z',
      );
      const sizes = body.CDCResponse[0]!.QueryResponse.map(
        (block: { maxResults?: number }) => block.maxResults ?? 0,
      );
      expect(sizes.reduce((sum: number, size: number) => sum + size, 0)).toBe(1000);
    } finally {
      await big.close();
    }
  });

  it('refuses a time whose plus sign became a space', async () => {
    const { status } = await session.get(
      'cdc?entities=Invoice&changedSince=2026-11-01T00:00:00+01:00',
    );
    expect(status).toBe(400);
  });
});

describe('Intuit limits and links', () => {
  it('throttles in XML after ten calls in a second', async () => {
    for (let i = 0; i < 10; i += 1) expect((await session.get('preferences')).status).toBe(200);
    const refused = await session.get('preferences');
    expect([refused.status, refused.headers.get('content-type')]).toEqual([429, 'application/xml']);
    expect(refused.text).toContain('errorCode=003001');
    clock.advance(1000);
    expect((await session.get('preferences')).status).toBe(200);
  });

  it('puts its error into a 200 when asked to', async () => {
    sandbox.quickbooks.faults.next({ kind: 'fault200' });
    const answer = await session.get('preferences');
    expect([answer.status, code(answer)]).toEqual([200, '6000']);
  });

  it('gives the pay link only with include=invoiceLink, and only where there is an address', async () => {
    const { id } = sandbox.quickbooks.openInvoices().find((one) => one.email !== null)!;
    expect((await session.get(`invoice/${id}`)).body.Invoice).not.toHaveProperty('InvoiceLink');
    const { body } = await session.get(`invoice/${id}?include=invoiceLink`);
    expect((await call(body.Invoice.InvoiceLink)).text).toContain('Balance due');
    const silent = sandbox.quickbooks.openInvoices().find((one) => one.email === null)!;
    const without = await session.get(`invoice/${silent.id}?include=invoiceLink`);
    expect(without.body.Invoice).not.toHaveProperty('InvoiceLink');
  });

  it('tells Pacific time through both changes of the clock', () => {
    expect(pacific(Date.parse('2026-03-08T09:59:59Z'))).toBe('2026-03-08T01:59:59-08:00');
    expect(pacific(Date.parse('2026-03-08T10:00:00Z'))).toBe('2026-03-08T03:00:00-07:00');
    expect(pacific(Date.parse('2026-11-01T08:59:59Z'))).toBe('2026-11-01T01:59:59-07:00');
    expect(pacific(Date.parse('2026-11-01T09:00:00Z'))).toBe('2026-11-01T01:00:00-08:00');
  });
});

describe('with the real SDKs', () => {
  it('signs in with intuit-oauth and reads, voids and fetches a PDF with node-quickbooks', async () => {
    const load = createRequire(import.meta.url);
    const OAuthClient = load('intuit-oauth') as OAuthClientClass;
    const QuickBooks = load('node-quickbooks') as QuickBooksClass;
    const { settings, quickbooks } = sandbox;
    const client = new OAuthClient({
      ...{ clientId: settings['QUICKBOOKS_CLIENT_ID'], environment: 'sandbox' },
      clientSecret: settings['QUICKBOOKS_CLIENT_SECRET'],
      redirectUri: 'http://localhost:4000/callback',
    });
    client.setAuthorizeURLs({
      authorizeEndpoint: settings['INTUIT_AUTHORIZE_URL'],
      tokenEndpoint: settings['INTUIT_TOKEN_URL'],
      revokeEndpoint: settings['INTUIT_REVOKE_URL'],
      userInfoEndpoint: settings['INTUIT_USERINFO_URL'],
    });
    const uri = client.authorizeUri({ scope: ['com.intuit.quickbooks.accounting'], state: 'x' });
    const token = (await client.createToken(await sandbox.consent(uri))).getToken();
    const qbo = new QuickBooks(
      ...['id', 'secret', token.access_token, false, token.realmId, true, false, '75', '2.0'],
    );
    Object.assign(qbo, { endpoint: `${quickbooks.url}/v3/company/` });
    const ask = <T>(method: string, ...given: unknown[]): Promise<T> =>
      new Promise((resolve, reject) => {
        qbo[method]?.(...given, (error: unknown, data: T) => {
          if (error === null) resolve(data);
          else reject(new Error('refused'));
        });
      });
    const open = await ask<IntuitBody>('findInvoices', "where Balance > '0' maxresults 1000");
    expect(open.QueryResponse.Invoice).toHaveLength(quickbooks.openInvoices().length);
    const { id } = untouched();
    expect((await ask<Buffer>('getInvoicePdf', id)).subarray(0, 5).toString()).toBe('%PDF-');
    expect((await ask<IntuitBody>('voidInvoice', id)).Invoice.PrivateNote).toBe('Voided');
    await expect(ask('updateInvoice', { Id: id, SyncToken: '0' })).rejects.toThrow('refused');
  });
});
