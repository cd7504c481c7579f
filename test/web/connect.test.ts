import request from 'supertest';
import { beforeEach, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import {
  type Agent,
  GOOD_CODE,
  SECRET_TOKEN,
  seedBook,
  signIn,
  startTestWeb,
  submit,
  type TestWeb,
} from './support.ts';

const db = useDatabase();

let web: TestWeb;
let agent: Agent;

beforeEach(async () => {
  await db().prisma.book.deleteMany();
  await db().prisma.grant.deleteMany();
  await db().prisma.oAuthState.deleteMany();
  web = startTestWeb(db());
  agent = await signIn(web);
});

async function begin(browser: Agent, platform = 'xero'): Promise<string> {
  const answer = await submit(browser, `/connect/${platform}`);
  expect(answer.status).toBe(303);
  const url = new URL(answer.headers['location'] ?? '');
  expect(url.origin).toBe(`https://consent.${platform}.example`);
  return url.searchParams.get('state') ?? '';
}

async function stored() {
  const { prisma } = db();
  return { books: await prisma.book.count(), grants: await prisma.grant.count() };
}

/** The way back never shows a page: its address holds a code. */
function expectBareRedirect(answer: request.Response): string {
  expect(answer.status).toBe(302);
  expect(answer.text).toBe('');
  expect(answer.headers['content-type']).toBeUndefined();
  expect(answer.headers['referrer-policy']).toBe('no-referrer');
  expect(answer.headers['cache-control']).toBe('no-store');
  return answer.headers['location'] ?? '';
}

async function expectRefused(
  answer: request.Response,
  reader: Agent,
  words: string,
): Promise<string> {
  const location = expectBareRedirect(answer);
  expect(location).toMatch(/^\/connect-failed\?code=/);
  expect(location).not.toContain(GOOD_CODE);
  const page = await reader.get(location).expect(200);
  expect(page.text).toContain(words);
  expect(page.text).toContain('Nothing was stored');
  expect(await stored()).toEqual({ books: 0, grants: 0 });
  return location;
}

describe('connecting', () => {
  test('ends at the new book, in shadow mode, with a first sync asked for', async () => {
    const state = await begin(agent);
    const answer = await agent.get(`/callback/xero?code=${GOOD_CODE}&state=${state}`);
    const location = expectBareRedirect(answer);
    const book = await db().prisma.book.findFirstOrThrow();
    expect(location).toBe(`/books/${book.id}?did=connected`);
    expect(book.mode).toBe('shadow');
    expect(web.synced).toEqual([book.id]);
    const page = await agent.get(location).expect(200);
    expect(page.text).toContain('Connected. The first sync is on its way');
    expect(page.text + web.logged()).not.toContain(SECRET_TOKEN);
  });

  test('again puts a book that was disconnected back where it was', async () => {
    const first = await begin(agent);
    await agent.get(`/callback/xero?code=${GOOD_CODE}&state=${first}`);
    const book = await db().prisma.book.findFirstOrThrow();
    const gone = await submit(agent, `/books/${book.id}/disconnect`);
    expect(gone.headers['location']).toBe(`/books/${book.id}?did=disconnected`);
    const page = await agent.get(`/books/${book.id}`);
    expect(page.text).toContain('Reconnect Xero. Until then nothing is synced');
    expect(page.text).toContain('<button class="primary">Reconnect Xero</button>');
    const second = await begin(agent);
    await agent.get(`/callback/xero?code=${GOOD_CODE}&state=${second}`);
    const books = await db().prisma.book.findMany();
    expect(books.map(({ id, status }) => [id, status])).toEqual([[book.id, 'connected']]);
  });

  test('begins with a form of ours only', async () => {
    await agent.post('/connect/xero').expect(403);
    expect(await db().prisma.oAuthState.count()).toBe(0);
  });

  test('is not possible for a platform without an app', async () => {
    const bare = startTestWeb(db(), { extras: { platforms: {} } });
    const browser = await signIn(bare);
    expect((await submit(browser, '/connect/xero')).status).toBe(404);
    const page = await browser.get('/');
    expect(page.text).toContain('Set XERO_CLIENT_ID or QUICKBOOKS_CLIENT_ID');
  });
});

describe('the way back', () => {
  test('says when access was not given', async () => {
    const state = await begin(agent);
    const answer = await agent.get(`/callback/xero?error=access_denied&state=${state}`);
    await expectRefused(answer, agent, 'Access was not given at Xero');
  });

  test('refuses an answer without a state, and one we did not ask for', async () => {
    const bare = await agent.get(`/callback/xero?code=${GOOD_CODE}`);
    await expectRefused(bare, agent, 'without the code that ties it to your browser');
    const foreign = await agent.get(`/callback/xero?code=${GOOD_CODE}&state=made-up`);
    await expectRefused(foreign, agent, 'We did not ask for this connection');
  });

  test('refuses a state that comes twice in one address', async () => {
    const state = await begin(agent);
    const answer = await agent.get(
      `/callback/xero?code=${GOOD_CODE}&state=${state}&state=${state}`,
    );
    await expectRefused(answer, agent, 'without the code that ties it to your browser');
  });

  test('refuses a state another browser began, signed in or not', async () => {
    const state = await begin(agent);
    const other = await signIn(web);
    const path = `/callback/xero?code=${GOOD_CODE}&state=${state}`;
    await expectRefused(await other.get(path), other, 'begun in another browser');
    const nobody = request.agent(web.server);
    await expectRefused(await nobody.get(path), nobody, 'not signed in here');
  });

  test('refuses a state of the other platform', async () => {
    const state = await begin(agent, 'quickbooks');
    const answer = await agent.get(`/callback/xero?code=${GOOD_CODE}&state=${state}`);
    await expectRefused(answer, agent, 'begun for another platform');
  });

  test('refuses a state after ten minutes', async () => {
    const state = await begin(agent);
    web.clock.advance(10 * 60_000);
    const answer = await agent.get(`/callback/xero?code=${GOOD_CODE}&state=${state}`);
    await expectRefused(answer, agent, 'longer than ten minutes');
  });

  test('refuses a used answer, and changes nothing by it', async () => {
    const state = await begin(agent);
    const path = `/callback/xero?code=${GOOD_CODE}&state=${state}`;
    await agent.get(path).expect(302);
    const before = await db().prisma.grant.findMany();
    const location = expectBareRedirect(await agent.get(path));
    expect((await agent.get(location)).text).toContain('used before');
    expect(await db().prisma.grant.findMany()).toEqual(before);
  });

  test('says when the platform does not take its own code', async () => {
    const state = await begin(agent);
    const answer = await agent.get(`/callback/xero?code=replayed&state=${state}`);
    await expectRefused(answer, agent, 'Xero did not accept the sign-in code');
  });

  test('is a redirect on every path, even for a platform there is not', async () => {
    await expectRefused(await agent.get('/callback/sage?code=x'), agent, 'no accounting platform');
    const nobody = request.agent(web.server);
    for (const path of [
      '/callback/xero',
      '/callback/quickbooks?error=%00',
      '/callback/xero?x[]=1',
    ]) {
      expectBareRedirect(await nobody.get(path));
      expectBareRedirect(await agent.get(path));
    }
  });

  test('is not undone by a queue that is down: the book is there, its sync comes later', async () => {
    const slow = startTestWeb(db(), {
      extras: { requestSync: () => Promise.reject(new Error('queue down')) },
    });
    const browser = await signIn(slow);
    const state = await begin(browser);
    const answer = await browser.get(`/callback/xero?code=${GOOD_CODE}&state=${state}`);
    expect(expectBareRedirect(answer)).toMatch(/^\/books\/\d+\?did=connected$/);
    expect(slow.logged()).toContain('a sync could not be queued');
  });

  test('survives a fault of ours: a redirect, a line in the log, no inside on the page', async () => {
    const xero = web.app.platforms.xero;
    if (xero === undefined) throw new Error('the test web has Xero');
    const broken = startTestWeb(db(), {
      extras: {
        platforms: {
          xero: { ...xero, exchange: () => Promise.reject(new Error('a bug, secret')) },
        },
      },
    });
    const browser = await signIn(broken);
    const state = await begin(browser);
    const answer = await browser.get(`/callback/xero?code=${GOOD_CODE}&state=${state}`);
    await expectRefused(answer, browser, 'The connection could not be finished');
    expect(answer.headers['location']).not.toContain('secret');
    expect(broken.logged()).toContain('a connection could not be finished');
  });
});

describe('the page that says why', () => {
  test('says nothing but our own sentences', async () => {
    const { text } = await agent.get('/connect-failed?code=<b>x</b>&why=Call+0800+SCAM');
    expect(text).not.toContain('SCAM');
    expect(text).not.toContain('<b>x</b>');
    expect(text).toContain('The connection could not be finished');
  });

  test('shows nothing of the books to somebody without a session', async () => {
    await seedBook(web);
    const { text } = await request(web.server).get('/connect-failed?code=no_session').expect(200);
    expect(text).not.toContain('Harbour');
    expect(text).not.toContain('Sign out');
  });
});
