import { createHmac } from 'node:crypto';
import request from 'supertest';
import { beforeAll, describe, expect, test } from 'vitest';
import { externalIdHashes } from '../../src/connect/book-secrets.ts';
import { useDatabase } from '../support/database.ts';
import { QUICKBOOKS_TOKEN, seedBook, startTestWeb, type TestWeb, XERO_KEY } from './support.ts';

const db = useDatabase();

const sign = (key: string, body: string | Buffer) =>
  createHmac('sha256', key).update(body).digest('base64');

let web: TestWeb;
let xeroBook: number;
let quickBooksBook: number;

beforeAll(async () => {
  web = startTestWeb(db());
  xeroBook = await bookWithId('xero', 'tenant-1');
  quickBooksBook = await bookWithId('quickbooks', '310687');
});

async function bookWithId(platform: 'xero' | 'quickbooks', externalId: string): Promise<number> {
  const { bookId } = await seedBook(web);
  const [externalIdHash = ''] = externalIdHashes(web.app.vault, platform, externalId);
  await db().prisma.book.update({ where: { id: bookId }, data: { platform, externalIdHash } });
  return bookId;
}

function xeroBody(resourceId: string, tenantId = 'tenant-1'): string {
  return JSON.stringify({
    events: [
      {
        resourceUrl: `https://api.xero.com/api.xro/2.0/Invoices/${resourceId}`,
        resourceId,
        tenantId,
        tenantType: 'ORGANISATION',
        eventCategory: 'INVOICE',
        eventType: 'UPDATE',
        eventDateUtc: '2026-11-22T20:59:00.000',
      },
    ],
    firstEventSequence: 1,
    lastEventSequence: 1,
    entropy: 'ABC',
  });
}

function deliver(
  platform: 'xero' | 'quickbooks',
  body: string | Buffer,
  headers: Record<string, string | string[]>,
) {
  const call = request(web.server)
    .post(`/webhooks/${platform}`)
    .set('Content-Type', 'application/json');
  for (const [name, value] of Object.entries(headers)) call.set(name, value as string);
  return call.serialize((sent: unknown) => sent as string).send(body as string);
}

const xero = (body: string, signature = sign(XERO_KEY, body)) =>
  deliver('xero', body, { 'x-xero-signature': signature });

function expectSilent(answer: request.Response, status: number): void {
  expect([answer.status, answer.text]).toEqual([status, '']);
  expect(answer.headers['set-cookie']).toBeUndefined();
}

async function events(): Promise<number> {
  return db().prisma.webhookEvent.count();
}

describe('Xero', () => {
  test('gets its intent to receive: 200 for the right key, 401 for a wrong one, both empty', async () => {
    const body =
      '{"events":[],"firstEventSequence":0,"lastEventSequence":0,"entropy":"S0m3r4Nd0mt3xt"}';
    expectSilent(await xero(body, 'Rmagmj6jUO+tWCm+ab470p+XpvFKxe3rlSHQVg+BcDk='), 200);
    expectSilent(await xero(body, sign('another-key', body)), 401);
  });

  test('makes the book it names be synced, once however often it says so', async () => {
    web.synced.length = 0;
    const body = xeroBody('invoice-1');
    const before = await events();
    expectSilent(await xero(body), 200);
    expectSilent(await xero(body), 200);
    expect(web.synced).toEqual([xeroBook]);
    expect(await events()).toBe(before + 1);
  });

  test('is believed about no other byte than it signed', async () => {
    web.synced.length = 0;
    const before = await events();
    const body = xeroBody('invoice-2');
    const good = sign(XERO_KEY, body);
    const forgeries: [string, string, string][] = [
      ['wrong key', body, sign(QUICKBOOKS_TOKEN, body)],
      ['one byte changed', body.replace('invoice-2', 'invoice-3'), good],
      ['truncated', body.slice(0, -1), good],
      ['read and written again', JSON.stringify(JSON.parse(body), null, 1), good],
      ['empty body', '', good],
      ['empty signature', body, ''],
      ['signature of another length', body, `${good}=`],
      ['signature in hex', body, Buffer.from(good, 'base64').toString('hex')],
    ];
    for (const [name, sent, signature] of forgeries) {
      const answer = await xero(sent, signature);
      expect([name, answer.status, answer.text]).toEqual([name, 401, '']);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
    expectSilent(await deliver('xero', body, {}), 401);
    expectSilent(await deliver('xero', body, { 'intuit-signature': good }), 401);
    expectSilent(await deliver('xero', body, { 'x-xero-signature': [good, good] }), 401);
    expect(web.synced).toEqual([]);
    expect(await events()).toBe(before);
  });

  test('may speak of an organisation nobody connected here: taken and ignored', async () => {
    web.synced.length = 0;
    expectSilent(await xero(xeroBody('invoice-9', 'tenant-unknown')), 200);
    expect(web.synced).toEqual([]);
  });

  test('may send rubbish under a good signature: taken and ignored', async () => {
    web.synced.length = 0;
    for (const body of ['not json', '[]', 'null', '{"events":[{"tenantId":5}]}']) {
      expectSilent(await xero(body), 200);
    }
    expect(web.synced).toEqual([]);
  });
});

describe('Intuit', () => {
  const cloudEvents = (id: string) =>
    JSON.stringify([
      {
        specversion: '1.0',
        id,
        source: 'intuit.x=',
        type: 'qbo.invoice.updated.v1',
        time: '2026-11-22T21:00:00.179851517Z',
        intuitentityid: '1234',
        intuitaccountid: '310687',
        data: {},
      },
    ]);
  const legacy = JSON.stringify({
    eventNotifications: [
      {
        realmId: '310687',
        dataChangeEvent: {
          entities: [
            { name: 'Invoice', id: '1', operation: 'Update', lastUpdated: '2026-11-22T21:00:00Z' },
          ],
        },
      },
    ],
  });

  test('is heard in the old form and in CloudEvents, under any content type', async () => {
    web.synced.length = 0;
    const body = cloudEvents('88cd52aa');
    expectSilent(
      await deliver('quickbooks', body, {
        'intuit-signature': sign(QUICKBOOKS_TOKEN, body),
        'content-type': 'application/cloudevents+json',
      }),
      200,
    );
    expectSilent(
      await deliver('quickbooks', legacy, { 'intuit-signature': sign(QUICKBOOKS_TOKEN, legacy) }),
      200,
    );
    expect(web.synced).toEqual([quickBooksBook, quickBooksBook]);
  });

  test('is not believed with a wrong signature', async () => {
    const body = cloudEvents('other');
    expectSilent(
      await deliver('quickbooks', body, { 'intuit-signature': sign(XERO_KEY, body) }),
      401,
    );
  });
});

describe('a delivery', () => {
  test('of ten megabytes is refused before it is read whole', async () => {
    const body = Buffer.alloc(10_000_000, 0x20);
    const answer = await deliver('xero', body, {
      'x-xero-signature': sign(XERO_KEY, body),
    });
    expectSilent(answer, 413);
  });

  test('that comes packed is refused: nobody signs a packed body', async () => {
    const body = xeroBody('invoice-5');
    const answer = await deliver('xero', body, {
      'x-xero-signature': sign(XERO_KEY, body),
      'content-encoding': 'gzip',
    });
    expectSilent(answer, 415);
  });

  test('is answered even when the sync cannot be queued: the next regular sync finds it', async () => {
    const failing = startTestWeb(db(), {
      extras: {
        vault: web.app.vault,
        requestSync: () => Promise.reject(new Error('queue down')),
      },
    });
    const body = xeroBody('invoice-6');
    const answer = await request(failing.server)
      .post('/webhooks/xero')
      .set('x-xero-signature', sign(XERO_KEY, body))
      .type('json')
      .send(body);
    expectSilent(answer, 200);
    await expect.poll(() => failing.logged()).toContain('a sync could not be queued');
  });

  test('for a platform that is not configured is 404', async () => {
    const bare = startTestWeb(db(), { extras: { platforms: {} } });
    expectSilent(await request(bare.server).post('/webhooks/xero').send('{}'), 404);
  });
});
