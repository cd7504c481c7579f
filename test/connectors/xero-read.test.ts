import nock from 'nock';
import { afterEach, describe, expect, it } from 'vitest';
import { day } from '../../src/domain/day.ts';
import type { InvoiceId } from '../../src/domain/receivables.ts';
import { API, api, invoiceJson, list, openXero, XERO_CONFIG } from './xero-support.ts';
import { useNock } from '../support/nock.ts';

const ID = 'a1' as InvoiceId;

useNock();
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
});

const get = (path: string) => nock(API).get(`/api.xro/2.0/${path}`);

describe('the organisation', () => {
  const organisation = (changes: Record<string, unknown> = {}) => ({
    Organisations: [
      {
        Name: 'Kererū Ltd',
        LegalName: 'Kererū Limited',
        CountryCode: 'NZ',
        BaseCurrency: 'NZD',
        Timezone: 'NEWZEALANDSTANDARDTIME',
        ShortCode: '!mBdtL',
        ...changes,
      },
    ],
  });

  it('is described in our words', async () => {
    get('Organisation').reply(200, organisation());
    get('InvoiceReminders/Settings').reply(200, { InvoiceReminders: [{ Enabled: true }] });
    expect(await openXero().ledger.organisation()).toEqual({
      name: 'Kererū Ltd',
      legalName: 'Kererū Limited',
      country: 'NZ',
      baseCurrency: 'NZD',
      timeZone: 'Pacific/Auckland',
      shortCode: '!mBdtL',
      platformRemindersOn: true,
    });
  });

  it.each([404, 400])(
    'is described without its reminders when Xero will not say (%i)',
    async (status) => {
      get('Organisation').reply(200, organisation());
      get('InvoiceReminders/Settings').reply(status, {});
      expect(await openXero().ledger.organisation()).toMatchObject({ platformRemindersOn: null });
    },
  );

  it('in a time zone or currency nobody knows is an error that names the field', async () => {
    for (const [field, value] of [
      ['Timezone', 'MARSSTANDARDTIME'],
      ['BaseCurrency', 'XQZ'],
      ['CountryCode', ''],
    ] as const) {
      get('Organisation').reply(200, organisation({ [field]: value }));
      await expect(openXero().ledger.organisation()).rejects.toMatchObject({
        kind: 'unexpected_shape',
        facts: { field },
      });
    }
  });
});

describe('one invoice', () => {
  it('costs one call', async () => {
    get(`Invoices/${ID}`).reply(200, list('Invoices', [invoiceJson()]));
    expect(await openXero().ledger.readInvoice(ID)).toMatchObject({ openMinor: 10_010 });
  });

  it('that is unknown, or a supplier’s bill, is null', async () => {
    get(`Invoices/${ID}`).reply(404, {});
    expect(await openXero().ledger.readInvoice(ID)).toBeNull();
    get(`Invoices/${ID}`).reply(200, list('Invoices', [{ Type: 'ACCPAY' }]));
    expect(await openXero().ledger.readInvoice(ID)).toBeNull();
  });

  it('that does not fit is an error that names the field', async () => {
    get(`Invoices/${ID}`).reply(200, list('Invoices', [invoiceJson({ AmountDue: null })]));
    await expect(openXero().ledger.readInvoice(ID)).rejects.toMatchObject({
      kind: 'unexpected_shape',
      facts: { field: 'AmountDue' },
    });
  });

  it('has a PDF only when the bytes are one', async () => {
    const pdf = Buffer.from('%PDF-1.7 …');
    nock(API, { reqheaders: { accept: 'application/pdf' } })
      .get(`/api.xro/2.0/Invoices/${ID}`)
      .reply(200, pdf, { 'content-type': 'application/pdf' });
    expect(await openXero().ledger.invoicePdf(ID)).toEqual(pdf);
    get(`Invoices/${ID}`).reply(200, '<html>');
    await expect(openXero().ledger.invoicePdf(ID)).rejects.toMatchObject({
      kind: 'unexpected_shape',
    });
  });
});

describe('the page to pay on', () => {
  const path = `Invoices/${ID}/OnlineInvoice`;
  const online = (url: unknown) => ({ OnlineInvoices: [{ OnlineInvoiceUrl: url }] });

  it('is Xero’s own address', async () => {
    get(path).reply(200, online('https://in.xero.com/bCWCCfytGd'));
    expect(await openXero().ledger.payLink(ID)).toBe('https://in.xero.com/bCWCCfytGd');
  });

  it.each<[string, number, object]>([
    ['an unknown invoice', 404, {}],
    ['a draft', 400, { ErrorNumber: 10 }],
    ['an empty list', 200, { OnlineInvoices: [] }],
    ['an empty address', 200, online('')],
  ])('is null for %s', async (_what, status, body) => {
    get(path).reply(status, body);
    expect(await openXero().ledger.payLink(ID)).toBeNull();
  });

  it.each(['javascript:alert(1)', 'http://in.xero.com/x', 'https://a:b@in.xero.com/x'])(
    'is never %s',
    async (url) => {
      get(path).reply(200, online(url));
      await expect(openXero().ledger.payLink(ID)).rejects.toMatchObject({
        kind: 'unexpected_shape',
        facts: { field: 'OnlineInvoiceUrl' },
      });
    },
  );
});

describe('writing', () => {
  it('a note sends its text once, with the request id as idempotency key', async () => {
    let body: unknown;
    const written = {
      Details: 'Hello [ref 1]',
      DateUTC: '/Date(1550899400362)/',
      ValidationErrors: [],
    };
    api()
      .matchHeader('idempotency-key', 'note-1')
      .put('/api.xro/2.0/Contacts/c1/History')
      .reply(200, (_uri, sent) => {
        body = sent;
        return { HistoryRecords: [written] };
      });
    const target = { kind: 'customer' as const, id: 'c1' };
    const note = {
      ...{ target, text: 'Hello [ref 1]', ref: '[ref 1]', requestId: 'note-1' },
      notAfter: new Date('2100-01-01'),
    };
    const { ledger } = openXero();
    const id = await ledger.writeNote(note);
    expect(body).toEqual({ HistoryRecords: [{ Details: 'Hello [ref 1]' }] });

    get('Contacts/c1/History').reply(200, { HistoryRecords: [{ Details: 'other' }, written] });
    expect(await ledger.findNote(target, '[ref 1]')).toBe(id);
    get('Contacts/c1/History').reply(200, { HistoryRecords: [] });
    expect(await ledger.findNote(target, '[ref 1]')).toBeNull();
  });

  it('a note Xero finds fault with is rejected, not lost', async () => {
    const faulty = { Details: 'x', ValidationErrors: [{ Message: 'too long' }] };
    nock(API)
      .put('/api.xro/2.0/Invoices/a1/History')
      .reply(200, { HistoryRecords: [faulty] });
    const note = {
      target: { kind: 'invoice' as const, id: ID },
      text: 'x [ref 1]',
      ref: '[ref 1]',
      requestId: 'note-2',
      notAfter: new Date('2100-01-01'),
    };
    await expect(openXero().ledger.writeNote(note)).rejects.toMatchObject({ kind: 'rejected' });
  });

  it('an expected pay date sends that date and nothing else', async () => {
    let body: unknown;
    nock(API)
      .post(`/api.xro/2.0/Invoices/${ID}`)
      .reply(200, (_uri, sent) => {
        body = sent;
        return list('Invoices', [
          invoiceJson({ ExpectedPaymentDate: '/Date(1798070400000+0000)/' }),
        ]);
      });
    expect(await openXero().ledger.setExpectedPayDate(ID, day('2026-12-24'))).toBe(true);
    expect(body).toEqual({ Invoices: [{ InvoiceID: ID, ExpectedPaymentDate: '2026-12-24' }] });
  });

  it('an expected pay date that Xero drops without a word is not taken for set', async () => {
    nock(API)
      .post(`/api.xro/2.0/Invoices/${ID}`)
      .reply(200, list('Invoices', [invoiceJson()]));
    expect(await openXero().ledger.setExpectedPayDate(ID, day('2026-12-24'))).toBe(false);
  });
});

describe('webhooks', () => {
  const body = Buffer.from(
    '{"events":[],"firstEventSequence":0,"lastEventSequence":0,"entropy":"S0m3r4Nd0mt3xt"}',
  );
  // Computed with two other implementations of HMAC-SHA256.
  const signature = 'Rmagmj6jUO+tWCm+ab470p+XpvFKxe3rlSHQVg+BcDk=';

  it('are signed with the app’s key over the raw bytes', () => {
    const { platform } = openXero();
    expect(platform.verifyWebhook(body, signature)).toBe(true);
    expect(platform.verifyWebhook(Buffer.concat([body, Buffer.from(' ')]), signature)).toBe(false);
    expect(platform.verifyWebhook(body, signature.slice(0, -1))).toBe(false);
    const other = openXero({ config: { webhookKey: 'another-key' } }).platform;
    expect(other.verifyWebhook(body, signature)).toBe(false);
  });

  it('are never accepted without a key', () => {
    const { platform } = openXero({ config: { ...XERO_CONFIG, webhookKey: null } });
    expect(platform.verifyWebhook(body, signature)).toBe(false);
  });

  it('hint at organisations and records, unknown categories included, rubbish not', () => {
    const event = {
      resourceId: 'i1',
      tenantId: 't1',
      eventCategory: 'INVOICE',
      eventType: 'UPDATE',
      eventDateUtc: '2025-12-02T00:44:09.923',
    };
    const events = [
      event,
      event,
      { ...event, tenantId: 't2', eventCategory: 'NOVELTY' },
      null,
      { tenantId: 5 },
    ];
    const hints = openXero().platform.webhookHints(Buffer.from(JSON.stringify({ events })));
    expect(
      hints.map(({ externalId, category, entityId }) => [externalId, category, entityId]),
    ).toEqual([
      ['t1', 'INVOICE', 'i1'],
      ['t1', 'INVOICE', 'i1'],
      ['t2', 'NOVELTY', 'i1'],
    ]);
    expect(hints[0]?.dedupeKey).toBe(hints[1]?.dedupeKey);
    expect(hints[0]?.dedupeKey).not.toBe(hints[2]?.dedupeKey);
    for (const rubbish of ['', 'x', 'null', '[]', '{"events":5}']) {
      expect(openXero().platform.webhookHints(Buffer.from(rubbish))).toEqual([]);
    }
  });
});
