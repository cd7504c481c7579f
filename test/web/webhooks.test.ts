import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
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

  test('is not believed about any other byte than it signed', async () => {
    web.synced.length = 0;
    const body = cloudEvents('other');
    const good = sign(QUICKBOOKS_TOKEN, body);
    const forgeries: [string, string, Record<string, string | string[]>][] = [
      ['wrong key', body, { 'intuit-signature': sign(XERO_KEY, body) }],
      ['one byte changed', body.replace('1234', '1235'), { 'intuit-signature': good }],
      ['truncated', body.slice(0, -1), { 'intuit-signature': good }],
      ['written again', JSON.stringify(JSON.parse(body), null, 1), { 'intuit-signature': good }],
      ['no signature', body, {}],
      ['the other vendor’s header', body, { 'x-xero-signature': good }],
      ['two signatures', body, { 'intuit-signature': [good, good] }],
    ];
    for (const [name, sent, headers] of forgeries) {
      const answer = await deliver('quickbooks', sent, headers);
      expect([name, answer.status, answer.text]).toEqual([name, 401, '']);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
    expect(web.synced).toEqual([]);
  });

  test('said again, in either form, changes nothing; companies and kinds nobody knows are ignored', async () => {
    const strange = JSON.stringify({
      eventNotifications: [
        { realmId: '999', dataChangeEvent: { entities: [{ name: 'Invoice', id: '1' }] } },
        { realmId: '310687', dataChangeEvent: { entities: [{ name: 'Hologram', id: '1' }] } },
        { nonsense: true },
      ],
    });
    web.synced.length = 0;
    for (const body of [strange, strange, cloudEvents('88cd52aa'), legacy]) {
      const signed = { 'intuit-signature': sign(QUICKBOOKS_TOKEN, body) };
      expectSilent(await deliver('quickbooks', body, signed), 200);
    }
    expect(web.synced).toEqual([quickBooksBook]);
  });
});

describe('disorder', () => {
  const event = (resourceId: string, changes: Record<string, unknown> = {}) => ({
    resourceId,
    tenantId: 'tenant-1',
    eventCategory: 'INVOICE',
    eventType: 'UPDATE',
    eventDateUtc: '2026-11-22T20:59:00.000',
    ...changes,
  });
  const bodyOf = (list: object[]) => JSON.stringify({ events: list, entropy: 'X' });

  test('an older event after a newer one asks for the same sync, and carries nothing else', async () => {
    web.synced.length = 0;
    const newer = bodyOf([event('late-1', { eventDateUtc: '2026-11-22T21:05:00.000' })]);
    const older = bodyOf([event('late-1', { eventDateUtc: '2026-11-22T20:05:00.000' })]);
    const before = await db().prisma.invoice.findMany({ orderBy: { id: 'asc' } });
    for (const body of [newer, older, newer, older]) expectSilent(await xero(body), 200);
    expect(web.synced).toEqual([xeroBook, xeroBook]);
    expect(await db().prisma.invoice.findMany({ orderBy: { id: 'asc' } })).toEqual(before);
  });

  test('the same event twice in one delivery, and in five at the same moment, is one event', async () => {
    web.synced.length = 0;
    const before = await events();
    const body = bodyOf([event('twice-1'), event('twice-1')]);
    const answers = await Promise.all(Array.from({ length: 5 }, () => xero(body)));
    for (const answer of answers) expectSilent(answer, 200);
    expect(web.synced).toEqual([xeroBook]);
    expect(await events()).toBe(before + 1);
  });

  test('a category nobody has heard of is taken; one bad event does not lose its neighbours', async () => {
    web.synced.length = 0;
    const body = bodyOf([
      event('odd-1', { eventCategory: 'HOLOGRAM', eventType: 'TELEPORTED' }),
      { resourceId: 5 },
      event('odd-2', { tenantId: 'somebody-else' }),
    ]);
    expectSilent(await xero(body), 200);
    expect(web.synced).toEqual([xeroBook]);
  });

  test('a book that is disconnected is not synced', async () => {
    web.synced.length = 0;
    const away = await bookWithId('xero', 'tenant-away');
    await db().prisma.book.update({ where: { id: away }, data: { status: 'disconnected' } });
    expectSilent(await xero(xeroBody('away-1', 'tenant-away')), 200);
    expect(web.synced).toEqual([]);
  });

  test('bytes that are no UTF-8 are judged as bytes', async () => {
    const body = Buffer.concat([
      Buffer.from('{"events":[],"entropy":"'),
      Buffer.from([0xff, 0xfe]),
    ]);
    const signed = { 'x-xero-signature': sign(XERO_KEY, body) };
    expectSilent(await deliver('xero', body, signed), 200);
    // The same text after a trip through a string is other bytes.
    const respelt = Buffer.from(body.toString('utf8'));
    expectSilent(await deliver('xero', respelt, signed), 401);
  });

  test('a body full of events, just inside the limit, is kept whole', async () => {
    const before = await events();
    const list = Array.from({ length: 5_000 }, (_, i) => event(`mass-${i}`));
    const body = bodyOf(list).replaceAll(
      '"eventDateUtc":"2026-11-22T20:59:00.000"',
      '"eventDateUtc":"x"',
    );
    expect(Buffer.byteLength(body)).toBeLessThan(1024 * 1024);
    expectSilent(await xero(body), 200);
    expect(await events()).toBe(before + list.length);
  });
});

describe('under load', () => {
  let burst = 0;

  // Wall time, so a machine that is busy with something else gets another try.
  test(
    'sixty deliveries at once are each answered within three seconds, and each event is kept once',
    { retry: 2 },
    async () => {
      burst += 1;
      const server = web.server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const before = await events();
      const waits = await Promise.all(
        Array.from({ length: 60 }, async (_, i) => {
          const body = xeroBody(`burst-${burst}-${i % 45}`);
          const startedAt = performance.now();
          const answer = await fetch(`http://127.0.0.1:${port}/webhooks/xero`, {
            method: 'POST',
            headers: { 'x-xero-signature': sign(XERO_KEY, body) },
            body,
          });
          expect([answer.status, await answer.text()]).toEqual([200, '']);
          return performance.now() - startedAt;
        }),
      );
      server.close();
      expect(Math.max(...waits)).toBeLessThan(3_000);
      expect(await events()).toBe(before + 45);
    },
  );
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
