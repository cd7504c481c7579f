import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../connectors/sandbox/index.ts';
import { signature } from '../../connectors/sandbox/webhooks.ts';
import { ManualClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { addDays, day } from '../../src/domain/day.ts';
import { signInToQuickBooks, signInToXero, xeroToken } from './support.ts';

const START = '2026-11-22T22:00:00Z';
const TODAY = day('2026-11-22');
const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function start(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ clock: new ManualClock(START), invoices: 50, ...options });
  cleanups.push(() => sandbox.close());
  return sandbox;
}

interface Received {
  path: string;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** Something that listens where Duebook would. */
async function listener(answers: number[] = []): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      });
      response.writeHead(answers.shift() ?? 200).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

describe('the sandbox', () => {
  it('gives settings that the product’s own check accepts', async () => {
    const { settings } = await start();
    const config = readConfig(settings);
    expect(config.xero.app?.clientId).toBe(settings['XERO_CLIENT_ID']);
    expect(config.quickbooks.tokenUrl).toBe(settings['INTUIT_TOKEN_URL']);
  });

  it('has the books it is asked for, the further ones smaller', async () => {
    const sandbox = await start({ invoices: 400, books: { xero: 2, quickbooks: 2 } });
    const sizes = sandbox.xero.externalIds.map((id) => sandbox.xero.counts(id)['SalesInvoices']);
    expect(sizes).toEqual([400, 100]);
    expect(sandbox.quickbooks.externalIds).toHaveLength(2);
    const none = await start({ books: { xero: false, quickbooks: true } });
    expect([none.xero.externalIds.length, none.quickbooks.externalIds.length]).toEqual([0, 1]);
  });

  it('knows how its customers really behave', async () => {
    const sandbox = await start();
    const truth = sandbox.truth('xero');
    const bankrupt = truth.customers.find((customer) => customer.behaviour === 'bankrupt');
    const open = sandbox.xero.openInvoices();
    expect(open.some((one) => one.contact.id === bankrupt?.externalId)).toBe(true);
  });

  it('finds its notes, its changes and its tokens again when it is started anew, even the next day', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'duebook-sandbox-'));
    cleanups.push(() => rm(folder, { recursive: true, force: true }));
    const stateFile = path.join(folder, 'state', 'sandbox.jsonl');
    const clock = new ManualClock(START);
    const first = await start({ clock, stateFile, enforceLimits: false });
    const xero = await signInToXero(first);
    const quickbooks = await signInToQuickBooks(first);
    const invoice = first.xero.openInvoices()[0]!;
    const history = { HistoryRecords: [{ Details: 'kept' }] };
    await xero.send('PUT', `Invoices/${invoice.id}/History`, history);
    const expected = { ExpectedPaymentDate: '2026-12-01' };
    await xero.send('POST', `Invoices/${invoice.id}`, expected);
    // A refusal leaves no trace in the journal, and must not shift the ids of what follows either.
    await expect(first.xero.payInvoice(invoice.id, 1e12, TODAY)).rejects.toThrow('owed less');
    const paymentId = await first.xero.payInvoice(invoice.id, 100, TODAY);
    const added = await first.quickbooks.addInvoice({
      ...{ customerId: '1', amountMinor: 12_345, issuedOn: TODAY, dueOn: addDays(TODAY, 7) },
    });
    const note = {
      Note: 'kept',
      AttachableRef: [{ EntityRef: { type: 'Invoice', value: added } }],
    };
    const attached = await quickbooks.post('attachable?requestid=r', note);
    const before = [first.xero.notes(), first.quickbooks.notes(), first.xero.counts()];
    await first.close();

    const again = await start({ clock, stateFile, enforceLimits: false });
    expect([again.xero.notes(), again.quickbooks.notes(), again.xero.counts()]).toEqual(before);
    expect(again.xero.book().invoice(invoice.id).expectedOn).toBe(day('2026-12-01'));
    expect(again.xero.book().payments.get(paymentId)?.amountMinor).toBe(100);
    expect(again.quickbooks.book().invoice(added).totalMinor).toBe(12_345);
    const { refresh_token } = xero.tokens;
    const refreshed = await xeroToken(again, { grant_type: 'refresh_token', refresh_token });
    expect(refreshed.status).toBe(200);
    const base = `${again.quickbooks.url}/v3/company/${quickbooks.realmId}`;
    const replay = await fetch(`${base}/attachable?requestid=r`, {
      method: 'POST',
      headers: { authorization: `Bearer ${quickbooks.tokens.access_token}` },
      body: JSON.stringify(note),
    });
    const replayed = (await replay.json()) as { Attachable: { Id: string } };
    expect(replayed.Attachable.Id).toBe(attached.body.Attachable.Id);
    await again.close();

    clock.advance(86_400_000);
    const nextDay = await start({ clock, stateFile });
    expect(nextDay.xero.notes()).toEqual(before[0]);
    const other = await start({ clock, stateFile, invoices: 60 });
    expect(other.xero.notes()).toEqual([]);
  });
});

describe('webhooks', () => {
  it('are signed as the vendors sign them', () => {
    const body =
      '{"events":[],"firstEventSequence":0,"lastEventSequence":0,"entropy":"S0m3r4Nd0mt3xt"}';
    expect(signature('test-webhook-key', body)).toBe(
      'Rmagmj6jUO+tWCm+ab470p+XpvFKxe3rlSHQVg+BcDk=',
    );
  });

  it('tell of every change, at Xero and at Intuit', async () => {
    const { url, received } = await listener();
    const sandbox = await start({ webhookUrl: url });
    const xeroInvoice = sandbox.xero.openInvoices()[0]!;
    await sandbox.xero.payInvoice(xeroInvoice.id, 100, TODAY);
    const quickBooksInvoice = sandbox.quickbooks.openInvoices()[0]!;
    await sandbox.quickbooks.voidInvoice(quickBooksInvoice.id);
    expect(received.map((one) => one.path)).toEqual(['/webhooks/xero', '/webhooks/quickbooks']);
    const [xero, intuit] = received;
    const key = sandbox.settings['XERO_WEBHOOK_KEY'] ?? '';
    expect(xero?.headers['x-xero-signature']).toBe(signature(key, xero?.body ?? ''));
    const { events } = JSON.parse(xero?.body ?? '') as { events: Record<string, string>[] };
    expect(events.map((event) => event['eventCategory'])).toContain('PAYMENT');
    expect(events.find((event) => event['eventCategory'] === 'INVOICE')?.['resourceId']).toBe(
      xeroInvoice.id,
    );
    expect(intuit?.headers['content-type']).toBe('application/cloudevents+json');
    const token = sandbox.settings['QUICKBOOKS_WEBHOOK_TOKEN'] ?? '';
    expect(intuit?.headers['intuit-signature']).toBe(signature(token, intuit?.body ?? ''));
    const cloud = JSON.parse(intuit?.body ?? '') as Record<string, string>[];
    expect(cloud.map((event) => event['type'])).toContain('qbo.invoice.voided.v1');
    expect(cloud[0]?.['intuitaccountid']).toBe(sandbox.quickbooks.externalIds[0]);
  });

  it('come twice, in the old format, and again after a refusal, when asked to', async () => {
    const { url, received } = await listener([500]);
    const sandbox = await start({
      ...{ webhookUrl: url, intuitWebhookFormat: 'legacy', duplicateWebhooks: true },
    });
    const invoice = sandbox.quickbooks.openInvoices()[0]!;
    await sandbox.quickbooks.editDueDate(invoice.id, addDays(TODAY, 30));
    expect(received).toHaveLength(1);
    await sandbox.tick();
    expect(received).toHaveLength(2);
    await sandbox.quickbooks.editDueDate(invoice.id, addDays(TODAY, 31));
    expect(received).toHaveLength(4);
    expect(received[3]?.body).toBe(received[2]?.body);
    const { eventNotifications } = JSON.parse(received[2]?.body ?? '') as {
      eventNotifications: {
        dataChangeEvent: { entities: { name: string; operation: string }[] };
      }[];
    };
    expect(eventNotifications[0]?.dataChangeEvent.entities[0]).toMatchObject({
      ...{ name: 'Invoice', operation: 'Update' },
    });
  });

  it('tell of what time itself brings, when the sandbox is ticked', async () => {
    const { url, received } = await listener();
    const clock = new ManualClock(START);
    const sandbox = await start({ clock, webhookUrl: url, books: { quickbooks: false } });
    clock.advance(10 * 86_400_000);
    await sandbox.tick();
    const { events } = JSON.parse(received[0]?.body ?? '') as { events: unknown[] };
    expect(events.length).toBeGreaterThan(3);
  });
});
