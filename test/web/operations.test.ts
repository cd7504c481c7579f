import request from 'supertest';
import { beforeAll, describe, expect, test } from 'vitest';
import { createOperationsWeb } from '../../src/web/index.ts';
import { useDatabase } from '../support/database.ts';
import { seedBook, startTestWeb, type TestWeb } from './support.ts';

const db = useDatabase();
const TOKEN = 'scrape-me-0123456789';

let web: TestWeb;
let bookId: number;

beforeAll(async () => {
  web = startTestWeb(db());
  ({ bookId } = await seedBook(web, { bookName: 'Nosy Books Ltd', customerName: 'Shy Debtor' }));
});

const get = (server: TestWeb['server'], headers: Record<string, string> = {}) =>
  request(server)
    .get('/metrics')
    .set({ Host: 'localhost:4000', ...headers });

describe('the metrics', () => {
  test('say how actions, notes and books stand, and how old the oldest waiting email is', async () => {
    const at = web.clock.now();
    await db().prisma.action.updateMany({
      where: { bookId, state: 'planned' },
      data: { dueAt: new Date(at.getTime() - 90_000) },
    });
    const { text } = await get(web.server).expect(200);
    expect(text).toContain('duebook_actions{channel="email",state="proposed"} 1');
    expect(text).toContain('duebook_actions{channel="call",state="todo"} 1');
    expect(text).toContain('duebook_actions_in_doubt 1');
    expect(text).toContain('duebook_oldest_waiting_action_seconds 90');
    expect(text).toContain('duebook_notes{state="written"} 1');
    expect(text).toContain(`duebook_sync_age_seconds{platform="xero",book="${bookId}"} 600`);
    expect(text).toContain(`duebook_book_connected{platform="xero",book="${bookId}"} 1`);
    expect(text).toContain('duebook_records_quarantined 1');
    expect(text).toContain('duebook_nodejs_eventloop_lag_seconds');
  });

  test('forget a state that nothing is in any more', async () => {
    await db().prisma.action.updateMany({
      where: { bookId, state: 'in_doubt' },
      data: { state: 'sent' },
    });
    const { text } = await get(web.server).expect(200);
    expect(text).toContain('duebook_actions_in_doubt 0');
    expect(text).not.toContain('state="in_doubt"');
  });

  test('count the calls to a platform, and what it says is left of the day', async () => {
    const { app } = web;
    app.metrics.onVendorCall({
      platform: 'xero',
      bookId,
      resource: 'invoices',
      status: 200,
      ms: 300,
      dayRemaining: 4711,
    });
    app.metrics.onVendorCall({
      platform: 'xero',
      bookId,
      resource: 'history',
      status: null,
      ms: 60_000,
      dayRemaining: null,
    });
    const { text } = await get(web.server).expect(200);
    expect(text).toContain(
      'duebook_vendor_calls_total{platform="xero",resource="invoices",status="200"} 1',
    );
    expect(text).toContain(
      'duebook_vendor_calls_total{platform="xero",resource="history",status="none"} 1',
    );
    expect(text).toContain(`duebook_vendor_day_calls_left{platform="xero",book="${bookId}"} 4711`);
    expect(text).toContain('duebook_vendor_call_seconds_count{platform="xero"} 2');
  });

  test('name nobody: no book, customer, address, company or invoice', async () => {
    const { text } = await get(web.server).expect(200);
    const book = await db().prisma.book.findUniqueOrThrow({ where: { id: bookId } });
    for (const told of ['Nosy', 'Shy', '.example', '@', 'INV-', book.externalIdHash]) {
      expect(text).not.toContain(told);
    }
  });
});

describe('who may read them', () => {
  test('without a token: this machine, by its own name', async () => {
    await get(web.server).expect(200);
    await get(web.server, { Host: '127.0.0.1:4000' }).expect(200);
    await get(web.server, { Host: 'rebound.example' }).expect(421);
    // A proxy on this machine says for whom it asks.
    await get(web.server, { 'X-Forwarded-For': '203.0.113.9' }).expect(403);
  });

  test('without a token and under a public name: nobody', async () => {
    const open = startTestWeb(db(), { publicUrl: 'https://duebook.example' });
    const refused = await get(open.server, { Host: 'duebook.example' }).expect(403);
    expect(refused.text).toBe('Set METRICS_TOKEN to read the metrics.\n');
  });

  test('with a token: whoever has it, from anywhere, and nobody else', async () => {
    const guarded = startTestWeb(db(), {
      publicUrl: 'https://duebook.example',
      env: { METRICS_TOKEN: TOKEN },
    });
    await get(guarded.server).expect(401);
    await get(guarded.server, { Authorization: `Bearer ${TOKEN}x` }).expect(401);
    await get(guarded.server, { Authorization: TOKEN }).expect(401);
    const given = await get(guarded.server, { Authorization: `Bearer ${TOKEN}` }).expect(200);
    expect(given.headers['cache-control']).toBe('no-store');
    expect(guarded.logged()).not.toContain(TOKEN);
  });
});

test('a worker without pages answers health and metrics, and nothing else', async () => {
  const server = createOperationsWeb(web.app);
  await request(server).get('/healthz').expect(200, 'ok');
  await request(server).get('/readyz').expect(200, 'ok');
  await get(server).expect(200);
  await request(server).get('/').expect(404);
  await request(server).post('/webhooks/xero').expect(404);
});
