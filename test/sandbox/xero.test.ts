import type { webcrypto } from 'node:crypto';
import { AccountingApi } from 'xero-node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../connectors/sandbox/index.ts';
import { dueOf, isLive } from '../../connectors/sandbox/xero/book.ts';
import { ManualClock } from '../../src/clock.ts';
import { day } from '../../src/domain/day.ts';
import {
  call,
  challengeOf,
  REDIRECT,
  signInToXero,
  XERO_SCOPES,
  xeroConsent,
  type XeroSession,
  xeroToken,
} from './support.ts';

const START = '2026-11-22T22:00:00Z';
const MINUTE = 60_000;

let clock: ManualClock;
let sandbox: Sandbox;
let session: XeroSession;

beforeAll(async () => {
  clock = new ManualClock(START);
  sandbox = await startSandbox({ clock, invoices: 120, books: { xero: 2, quickbooks: false } });
  session = await signInToXero(sandbox);
});

afterAll(() => sandbox.close());

beforeEach(async () => {
  sandbox.xero.forgetLimits();
  sandbox.xero.faults.clear();
  if (session.tokens.access_token === '' || clock.now().getTime() > Date.parse(START)) {
    session = await signInToXero(sandbox);
  }
});

describe('Xero sign-in', () => {
  it('gives a code once, for the address and the verifier it was asked with', async () => {
    const challenge = { code_challenge: challengeOf('right'), code_challenge_method: 'S256' };
    const exchange = async (form: Record<string, string>): Promise<number> => {
      const code = (await xeroConsent(sandbox, challenge)).searchParams.get('code') ?? '';
      const full = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, ...form };
      const first = await xeroToken(sandbox, full);
      if (first.status === 200)
        expect((await xeroToken(sandbox, full)).body.error).toBe('invalid_grant');
      return first.status;
    };
    expect(await exchange({ code_verifier: 'right' })).toBe(200);
    expect(await exchange({ code_verifier: 'wrong' })).toBe(400);
    expect(await exchange({})).toBe(400);
    expect(await exchange({ code_verifier: 'right', redirect_uri: 'http://localhost/x' })).toBe(
      400,
    );
  });

  it('sends a refusal back without a code', async () => {
    const callback = await xeroConsent(sandbox, {}, { deny: true });
    expect(Object.fromEntries(callback.searchParams)).toEqual({
      error: 'access_denied',
      state: 'state',
    });
  });

  it('rotates refresh tokens and lets the last one work for thirty minutes more', async () => {
    const refresh = (token: string) =>
      xeroToken(sandbox, { grant_type: 'refresh_token', refresh_token: token });
    const old = session.tokens.refresh_token;
    const next = await refresh(old);
    expect(next.body.refresh_token).not.toBe(old);
    clock.advance(29 * MINUTE);
    expect((await refresh(old)).status).toBe(200);
    clock.advance(2 * MINUTE);
    expect((await refresh(old)).body).toEqual({ error: 'invalid_grant' });
  });

  it('ends access after half an hour, and says so in the vendor’s shape', async () => {
    clock.advance(31 * MINUTE);
    const { status, body } = await session.get('Organisation');
    expect(status).toBe(401);
    expect(body.Detail).toMatch(/^TokenExpired: token expired at /);
  });

  it('knows the tenants of the consent, dated without a zone', async () => {
    const { body } = await call<{ createdDateUtc: string }[]>(`${sandbox.xero.url}/connections`, {
      headers: { authorization: `Bearer ${session.tokens.access_token}` },
    });
    expect(body).toHaveLength(2);
    expect(body[0]?.createdDateUtc).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}$/);
    const stranger = await session.get('Organisation', { 'xero-tenant-id': 'nobody' });
    expect([stranger.status, stranger.body.Detail]).toEqual([403, 'AuthenticationUnsuccessful']);
  });

  it('refuses a call outside the scopes with the misspelt header', async () => {
    const narrow = await signInToXero(sandbox, XERO_SCOPES.replace('accounting.contacts', ''));
    const { status, headers } = await narrow.get('Contacts?page=1');
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'insufficent_scope']);
  });

  it('signs an id token with a published key when openid is asked for', async () => {
    const callback = await xeroConsent(sandbox, { scope: `openid ${XERO_SCOPES}` });
    const code = callback.searchParams.get('code') ?? '';
    const form = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT };
    const { body } = await xeroToken(sandbox, form);
    const [head = '', claims = '', mark = ''] = body.id_token.split('.');
    const keys = await call<{ keys: webcrypto.JsonWebKey[] }>(
      `${sandbox.xero.url}/.well-known/openid-configuration/jwks`,
    );
    const key = await crypto.subtle.importKey(
      'jwk',
      keys.body.keys[0] ?? {},
      { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
      false,
      ['verify'],
    );
    const signed = Buffer.from(`${head}.${claims}`);
    const ok = await crypto.subtle.verify(
      'RSASSA-PKCS1-v1_5',
      key,
      Buffer.from(mark, 'base64url'),
      signed,
    );
    expect(ok).toBe(true);
  });
});

describe('Xero lists', () => {
  const ids = (rows: { InvoiceID: string }[]): string[] => rows.map((row) => row.InvoiceID);

  it('clamps the page size, counts the pages, and walks every row once', async () => {
    const all = await session.get('Invoices?page=1&pageSize=5000');
    expect(all.body.pagination).toMatchObject({ page: 1, pageSize: 1000, pageCount: 1 });
    const walked: string[] = [];
    for (let page = 1; page <= all.body.pagination.itemCount / 50 + 1; page += 1) {
      walked.push(...ids((await session.get(`Invoices?page=${page}&pageSize=50`)).body.Invoices));
    }
    expect(walked).toEqual(ids(all.body.Invoices));
    expect(new Set(walked).size).toBe(sandbox.xero.counts()['Invoices']);
  });

  it('lists by the time of the last change, deleted and voided ones included', async () => {
    const { body } = await session.get('Invoices?page=1&pageSize=1000');
    const stamps = body.Invoices.map((row: { UpdatedDateUTC: string }) =>
      Number(/\d+/.exec(row.UpdatedDateUTC)?.[0]),
    );
    expect(stamps).toEqual([...stamps].sort((a: number, b: number) => a - b));
    const statuses = new Set(body.Invoices.map((row: { Status: string }) => row.Status));
    expect(statuses).toContain('PAID');
    expect(statuses).toContain('AUTHORISED');
    const types = new Set(body.Invoices.map((row: { Type: string }) => row.Type));
    expect(types).toEqual(new Set(['ACCREC', 'ACCPAY']));
  });

  it('keeps AmountDue = Total - AmountPaid - AmountCredited', async () => {
    const { body } = await session.get('Invoices?page=1&pageSize=1000');
    for (const row of body.Invoices) {
      if (row.Status !== 'AUTHORISED' && row.Status !== 'PAID') continue;
      const due = row.Total - row.AmountPaid - (row.AmountCredited ?? 0);
      expect(row.AmountDue).toBeCloseTo(due, 6);
      const paid = (row.Payments ?? []).reduce(
        (sum: number, one: { Amount: number }) => sum + one.Amount,
        0,
      );
      expect(row.AmountPaid).toBeCloseTo(paid, 6);
      expect(row.Status).toBe(row.AmountDue === 0 ? 'PAID' : 'AUTHORISED');
    }
  });

  it('filters by where, with a plus for a space as the SDK sends it', async () => {
    const { body } = await session.get(
      'Invoices?page=1&pageSize=1000&where=Type%3D%3D%22ACCREC%22+AND+Status%3D%3D%22AUTHORISED%22',
    );
    expect(body.Invoices.length).toBe(sandbox.xero.openInvoices().length);
    const wrong = await session.get('Invoices?page=1&where=Colour%3D%3D%22red%22');
    expect([wrong.status, wrong.body.Type]).toEqual([400, 'ValidationException']);
  });

  it('gives only what changed since, in both spellings of the time', async () => {
    clock.advance(MINUTE);
    const invoice = sandbox.xero.openInvoices().find((one) => !one.payments.some(isLive));
    await sandbox.xero.editDueDate(invoice?.id ?? '', day('2027-01-31'));
    for (const since of [clock.now().toISOString(), clock.now().toISOString().slice(0, 19)]) {
      const { body } = await session.get('Invoices?page=1', { 'If-Modified-Since': since });
      expect(ids(body.Invoices)).toEqual([invoice?.id]);
    }
  });

  it('does not stamp a due date moved on a part-paid invoice, nor a contact whose balance moved', async () => {
    const open = sandbox.xero.openInvoices().filter((one) => one.currency === 'NZD');
    const invoice = open.find((one) => !one.payments.some(isLive) && dueOf(one) > 1_000);
    if (invoice === undefined) throw new Error('no open invoice');
    await sandbox.xero.payInvoice(invoice.id, 500, day('2026-11-22'));
    clock.advance(MINUTE);
    const since = { 'If-Modified-Since': clock.now().toISOString() };
    await sandbox.xero.editDueDate(invoice.id, day('2027-02-28'));
    expect((await session.get('Invoices?page=1', since)).body.Invoices).toEqual([]);
    expect((await session.get('Contacts?page=1', since)).body.Contacts).toEqual([]);
    const { body } = await session.get(`Invoices/${invoice.id}`);
    expect(body.Invoices[0]?.DueDateString).toBe('2027-02-28T00:00:00');
  });

  it('hides archived contacts unless asked, and names who a merged one became', async () => {
    const visible = await session.get('Contacts?page=1&pageSize=1000');
    const all = await session.get('Contacts?page=1&pageSize=1000&includeArchived=true');
    const archived = all.body.Contacts.filter(
      (one: { ContactStatus: string }) => one.ContactStatus === 'ARCHIVED',
    );
    expect(all.body.Contacts.length - visible.body.Contacts.length).toBe(archived.length);
    const merged = archived.filter((one: { MergedToContactID?: string }) => one.MergedToContactID);
    expect(merged).toHaveLength(1);
  });

  it('leaves lines and payments out of a summary, and lines out of an unpaged list', async () => {
    const summary = await session.get('Invoices?summaryOnly=true');
    expect(summary.body.pagination.pageSize).toBe(100);
    expect(summary.body.Invoices[0]).not.toHaveProperty('LineItems');
    expect(summary.body.Invoices[0]).not.toHaveProperty('Payments');
    const unpaged = await session.get('Invoices');
    expect(unpaged.body).not.toHaveProperty('pagination');
    expect(unpaged.body.Invoices[0]?.LineItems).toEqual([]);
  });
});

describe('Xero writes', () => {
  const first = () => sandbox.xero.openInvoices()[0]!;

  it('keeps a note in the history, refuses a long one, and never edits any', async () => {
    const { id } = first();
    const put = (details: string) =>
      session.send('PUT', `Invoices/${id}/History`, { HistoryRecords: [{ Details: details }] });
    expect((await put('Reminder sent [ref 1]')).body.HistoryRecords[0]?.Details).toBe(
      'Reminder sent [ref 1]',
    );
    expect((await put('x'.repeat(251))).status).toBe(400);
    const { body } = await session.get(`Invoices/${id}/History`);
    expect(body.HistoryRecords[0]?.Details).toBe('Reminder sent [ref 1]');
    expect(body.HistoryRecords.at(-1)?.Changes).toBe('Created');
    expect(sandbox.xero.notes().filter((note) => note.targetId === id)).toHaveLength(1);
  });

  it('answers an Idempotency-Key again for six minutes and refuses another body under it', async () => {
    const { id } = first();
    const put = (details: string) =>
      session.send(
        'PUT',
        `Invoices/${id}/History`,
        { HistoryRecords: [{ Details: details }] },
        { 'Idempotency-Key': 'key-1' },
      );
    const count = () => sandbox.xero.notes().filter((note) => note.text.startsWith('once')).length;
    const answer = await put('once');
    expect(await put('once')).toMatchObject({ status: 200, text: answer.text });
    expect(count()).toBe(1);
    expect((await put('once, but other')).status).toBe(400);
    clock.advance(6 * MINUTE);
    session = await signInToXero(sandbox);
    await put('once');
    expect(count()).toBe(2);
  });

  it('takes an expected payment date', async () => {
    const { id } = first();
    const body = { InvoiceID: id, ExpectedPaymentDate: '2026-12-24' };
    const answer = await session.send('POST', `Invoices/${id}`, body);
    expect(answer.body.Invoices[0]?.ExpectedPaymentDateString).toBe('2026-12-24T00:00:00');
    expect(first().expectedOn).toBe(day('2026-12-24'));
  });

  it('gives a real PDF, an online invoice for what is open, and neither for what is not there', async () => {
    const { id } = first();
    const pdf = await session.get(`Invoices/${id}`, { accept: 'application/pdf' });
    expect(pdf.text.slice(0, 5)).toBe('%PDF-');
    const online = await session.get(`Invoices/${id}/OnlineInvoice`);
    const page = await call(online.body.OnlineInvoices[0]!.OnlineInvoiceUrl);
    expect(page.text).toContain('Amount due');
    expect((await session.get('Invoices/00000000-0000-0000-0000-000000000000')).status).toBe(404);
  });

  it('reopens an invoice when its payment is reversed, and refuses to void one that was paid', async () => {
    const invoice = first();
    const owed = dueOf(invoice);
    const paymentId = await sandbox.xero.payInvoice(invoice.id, owed, day('2026-11-22'));
    expect(invoice.status).toBe('PAID');
    await expect(sandbox.xero.voidInvoice(invoice.id)).rejects.toThrow('payments or credits');
    await sandbox.xero.deletePayment(paymentId);
    expect([invoice.status, dueOf(invoice)]).toEqual(['AUTHORISED', owed]);
    const { body } = await session.get(`Payments/${paymentId}`);
    expect(body.Payments[0]?.Status).toBe('DELETED');
  });
});

describe('Xero limits and faults', () => {
  it('stops after sixty calls a minute and says how long to wait', async () => {
    for (let i = 0; i < 60; i += 1) expect((await session.get('Organisation')).status).toBe(200);
    const refused = await session.get('Organisation');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('x-rate-limit-problem')).toBe('minute');
    expect(refused.headers.get('retry-after')).toBe('60');
    clock.advance(MINUTE);
    session = await signInToXero(sandbox);
    expect((await session.get('Organisation')).headers.get('x-minlimit-remaining')).toBe('59');
  });

  it('parks the day when its calls are gone', async () => {
    const small = await startSandbox({
      clock,
      invoices: 50,
      dayLimit: 3,
      books: { quickbooks: 0 },
    });
    try {
      const own = await signInToXero(small);
      for (let i = 0; i < 3; i += 1) await own.get('Organisation');
      const refused = await own.get('Organisation');
      expect(refused.headers.get('x-rate-limit-problem')).toBe('day');
      expect(Number(refused.headers.get('retry-after'))).toBe(86_400);
      expect(refused.headers.get('x-daylimit-remaining')).toBe('0');
    } finally {
      await small.close();
    }
  });

  it('takes five calls at a time', async () => {
    const slow = await startSandbox({
      clock,
      invoices: 50,
      latencyMs: 250,
      books: { quickbooks: 0 },
    });
    try {
      const own = await signInToXero(slow);
      const answers = await Promise.all(Array.from({ length: 9 }, () => own.get('Organisation')));
      expect(answers.filter((one) => one.status === 200).length).toBeGreaterThanOrEqual(5);
      const refused = answers.filter((one) => one.status === 429);
      expect(refused.length).toBeGreaterThan(0);
      for (const one of refused) expect(one.headers.get('x-rate-limit-problem')).toBe('concurrent');
    } finally {
      await slow.close();
    }
  });

  it('breaks the next call in every way a test may ask for', async () => {
    const { faults } = sandbox.xero;
    const ask = () => session.get('Organisation');
    faults.next({ kind: 'status', status: 500, body: '{"x":1}' });
    expect((await ask()).status).toBe(500);
    faults.next({ kind: 'html' });
    expect((await ask()).text).toContain('<html>');
    faults.next({ kind: 'truncated' });
    const response = await fetch(`${sandbox.xero.url}/api.xro/2.0/Organisation`, {
      headers: {
        authorization: `Bearer ${session.tokens.access_token}`,
        'xero-tenant-id': sandbox.xero.externalIds[0] ?? '',
        accept: 'application/json',
      },
    });
    await expect(response.json()).rejects.toThrow();
    faults.next({ kind: 'empty' });
    expect(await ask()).toMatchObject({ status: 200, text: '' });
    faults.next({ kind: 'rate', retryAfter: 7 });
    expect((await ask()).headers.get('retry-after')).toBe('7');
    faults.next({ kind: 'reset' });
    await expect(ask()).rejects.toThrow();
    faults.next({ kind: 'fault200' });
    expect((await ask()).body.Type).toBe('InternalException');
    faults.next({ kind: 'reset', match: /Payments/ });
    expect((await ask()).status).toBe(200);
  });

  it('can lose the answer to a write that happened', async () => {
    const { id } = sandbox.xero.openInvoices()[0]!;
    sandbox.xero.faults.next({ kind: 'reset', after: true, match: /History/ });
    const body = { HistoryRecords: [{ Details: 'written, answer lost' }] };
    await expect(session.send('PUT', `Invoices/${id}/History`, body)).rejects.toThrow();
    expect(sandbox.xero.notes().some((note) => note.text === 'written, answer lost')).toBe(true);
  });

  it('forgets a grant that was revoked', async () => {
    sandbox.xero.revokeAll();
    expect((await session.get('Organisation')).status).toBe(403);
    const refresh = await xeroToken(sandbox, {
      grant_type: 'refresh_token',
      refresh_token: session.tokens.refresh_token,
    });
    expect(refresh.body).toEqual({ error: 'invalid_grant' });
    session = await signInToXero(sandbox);
    expect((await session.get('Organisation')).status).toBe(200);
  });
});

describe('with the real SDK and a clock that moves', () => {
  it('is read by xero-node, dates and money intact', async () => {
    const api = new AccountingApi(`${sandbox.xero.url}/api.xro/2.0`);
    api.accessToken = session.tokens.access_token;
    const tenant = sandbox.xero.externalIds[0] ?? '';
    const { body } = await api.getInvoices(
      ...[tenant, undefined, 'Type=="ACCREC" AND Status=="AUTHORISED"'],
      ...[undefined, undefined, undefined, undefined, undefined, 1],
    );
    const invoices = body.invoices ?? [];
    expect(invoices).toHaveLength(sandbox.xero.openInvoices().length);
    const [open] = sandbox.xero.openInvoices();
    const same = invoices.find((one) => one.invoiceID === open?.id);
    expect(same?.amountDue).toBe(dueOf(open!) / 100);
    // Typed as text, a Date when it runs.
    expect(new Date(String(same?.dueDate)).getTime()).toBe((open?.dueOn ?? 0) * 86_400_000);
    const pages = await api.getContacts(
      ...[tenant, undefined, undefined, undefined],
      ...[sandbox.xero.openInvoices().map((one) => one.contact.id), 1],
    );
    expect(pages.body.contacts?.length).toBeGreaterThan(1);
  });

  it('shows new invoices and payments as time passes', () => {
    const before = sandbox.xero.counts();
    clock.set(addedDays(START, 45));
    const after = sandbox.xero.counts();
    expect(after['Invoices']).toBeGreaterThan(before['Invoices']!);
    expect(after['Payments']).toBeGreaterThan(before['Payments']!);
  });
});

function addedDays(instant: string, days: number): Date {
  return new Date(Date.parse(instant) + days * 86_400_000);
}
