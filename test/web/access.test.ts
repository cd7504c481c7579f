import request from 'supertest';
import { beforeAll, describe, expect, test } from 'vitest';
import { createLoginLink } from '../../src/web/index.ts';
import { useDatabase } from '../support/database.ts';
import { type Agent, csrfOf, seedBook, signIn, startTestWeb, type TestWeb } from './support.ts';

const db = useDatabase();

async function linkPath(web: TestWeb): Promise<string> {
  const link = new URL(await createLoginLink(web.app));
  return link.pathname + link.search;
}

describe('the one-time link', () => {
  test('lets one browser in, once', async () => {
    const web = startTestWeb(db());
    const path = await linkPath(web);
    const first = await request(web.server).get(path);
    expect([first.status, first.headers['location']]).toEqual([302, '/']);
    const second = await request(web.server).get(path);
    expect(second.status).toBe(401);
    expect(second.headers['set-cookie']).toBeUndefined();
  });

  test('of two browsers that use it at the same moment lets one in', async () => {
    const web = startTestWeb(db());
    const path = await linkPath(web);
    const answers = await Promise.all([1, 2, 3].map(() => request(web.server).get(path)));
    expect(answers.map((answer) => answer.status).sort()).toEqual([302, 401, 401]);
  });

  test('dies after fifteen minutes', async () => {
    const web = startTestWeb(db());
    const path = await linkPath(web);
    web.clock.advance(15 * 60_000);
    await request(web.server).get(path).expect(401);
  });

  test('is not used up by a program that only looks', async () => {
    const web = startTestWeb(db());
    const path = await linkPath(web);
    await request(web.server).head(path);
    await request(web.server).get(path).expect(302);
  });

  test('stands in the database as a digest, like the session it gives', async () => {
    const web = startTestWeb(db());
    const path = await linkPath(web);
    const answer = await request(web.server).get(path);
    const token = path.split('=')[1] ?? '';
    const session = /duebook=([^;]+)/.exec(answer.headers['set-cookie']?.[0] ?? '')?.[1] ?? '';
    const rows = JSON.stringify(await db().prisma.webSession.findMany());
    expect(token).toHaveLength(43);
    expect(session).toHaveLength(43);
    expect(rows).not.toContain(token);
    expect(rows).not.toContain(session);
  });

  test('is no session, and a session is no link', async () => {
    const web = startTestWeb(db());
    const path = await linkPath(web);
    const token = path.split('=')[1] ?? '';
    await request(web.server).get('/').set('Cookie', `duebook=${token}`).expect(401);
    const answer = await request(web.server).get(path);
    const session = /duebook=([^;]+)/.exec(answer.headers['set-cookie']?.[0] ?? '')?.[1] ?? '';
    await request(web.server).get(`/enter?token=${session}`).expect(401);
  });
});

describe('a session', () => {
  test('ends by the button, on the server and not only in the browser', async () => {
    const web = startTestWeb(db());
    const answer = await request(web.server).get(await linkPath(web));
    const cookie = (answer.headers['set-cookie']?.[0] ?? '').split(';')[0] ?? '';
    const page = await request(web.server).get('/').set('Cookie', cookie).expect(200);
    const token = /name="_csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const csrfCookie = (page.headers['set-cookie']?.[0] ?? '').split(';')[0] ?? '';
    await request(web.server)
      .post('/leave')
      .set('Cookie', `${cookie}; ${csrfCookie}`)
      .type('form')
      .send({ _csrf: token })
      .expect(303);
    await request(web.server).get('/').set('Cookie', cookie).expect(401);
  });

  test('ends by itself after a week', async () => {
    const web = startTestWeb(db());
    const agent = await signIn(web);
    web.clock.advance(7 * 86_400_000 - 1);
    await agent.get('/').expect(200);
    web.clock.advance(1);
    await agent.get('/').expect(401);
  });

  test('has a cookie out of reach of scripts, and of other hosts where there is https', async () => {
    const plain = startTestWeb(db());
    const answer = await request(plain.server).get(await linkPath(plain));
    expect(answer.headers['set-cookie']?.[0]).toMatch(
      /^duebook=[^;]+; Max-Age=604800; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/,
    );
    const secure = startTestWeb(db(), { publicUrl: 'https://due.example' });
    const inside = await request(secure.server)
      .get(await linkPath(secure))
      .set('Host', 'due.example');
    const cookie = inside.headers['set-cookie']?.[0] ?? '';
    expect(cookie).toMatch(
      /^__Host-duebook=[^;]+; Max-Age=604800; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$/,
    );
    const page = await request(secure.server)
      .get('/')
      .set('Host', 'due.example')
      .set('Cookie', cookie.split(';')[0] ?? '');
    expect(page.headers['set-cookie']?.[0]).toMatch(/^__Host-duebook-csrf=.*HttpOnly; Secure; /);
    expect(page.headers['strict-transport-security']).toBeDefined();
  });
});

describe('a form', () => {
  let web: TestWeb;
  let agent: Agent;
  let bookId: number;
  let token: string;

  beforeAll(async () => {
    web = startTestWeb(db());
    agent = await signIn(web);
    bookId = (await seedBook(web)).bookId;
    token = await csrfOf(agent);
  });

  const setMode = (headers: Record<string, string>, fields: Record<string, string>) =>
    agent
      .post(`/books/${bookId}/mode`)
      .set(headers)
      .type('form')
      .send({ mode: 'automatic', ...fields });

  const mode = async () =>
    (await db().prisma.book.findUniqueOrThrow({ where: { id: bookId } })).mode;

  test('from our own page is accepted', async () => {
    await setMode({ 'Sec-Fetch-Site': 'same-origin' }, { _csrf: token }).expect(303);
    expect(await mode()).toBe('automatic');
    await db().prisma.book.update({ where: { id: bookId }, data: { mode: 'approve' } });
  });

  test('without our token is refused', async () => {
    await setMode({}, {}).expect(403);
    await setMode({}, { _csrf: 'x' }).expect(403);
    await setMode({}, { _csrf: `${token}x` }).expect(403);
    expect(await mode()).toBe('approve');
  });

  test('with the token of another session is refused', async () => {
    const stranger = await signIn(web);
    const theirs = await csrfOf(stranger);
    await setMode({}, { _csrf: theirs }).expect(403);
    expect(await mode()).toBe('approve');
  });

  test('sent by another site is refused, token or not', async () => {
    for (const headers of [
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
      { Origin: 'https://evil.example' },
      { Origin: 'null' },
      { Origin: 'http://localhost.evil.example' },
    ] as Record<string, string>[]) {
      const answer = await setMode(headers, { _csrf: token });
      expect([headers, answer.status]).toEqual([headers, 403]);
    }
    expect(await mode()).toBe('approve');
  });

  test('with a field that is not one of ours is refused', async () => {
    await agent
      .post(`/books/${bookId}/mode`)
      .type('form')
      .send({ _csrf: token, mode: 'reckless' })
      .expect(403);
    expect(await mode()).toBe('approve');
  });

  test('larger than any of ours is refused', async () => {
    await setMode({}, { _csrf: token, more: 'x'.repeat(2_000_000) }).expect(413);
  });
});

describe('every answer', () => {
  let web: TestWeb;
  let agent: Agent;

  beforeAll(async () => {
    web = startTestWeb(db());
    agent = await signIn(web);
  });

  test('of a signed-in page is kept by no cache and runs nothing', async () => {
    const { headers } = await agent.get('/').expect(200);
    expect(headers['cache-control']).toBe('no-store');
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe-inline');
    expect(policy).not.toContain('script-src');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['referrer-policy']).toBe('same-origin');
    expect(headers['x-powered-by']).toBeUndefined();
  });

  test('lets the connect form go to the consent pages and nowhere else', async () => {
    const { headers } = await agent.get('/');
    const action = /form-action ([^;]+)/.exec(headers['content-security-policy'] ?? '')?.[1];
    expect(action?.split(' ').sort()).toEqual([
      "'self'",
      'https://*.intuit.com',
      'https://*.xero.com',
      'https://appcenter.intuit.com',
      'https://login.xero.com',
    ]);
  });

  test('has no script and no inline style in it', async () => {
    const { bookId } = await seedBook(web);
    for (const path of ['/', `/books/${bookId}`, `/books/${bookId}/customers/c1`]) {
      const { text } = await agent.get(path).expect(200);
      expect(text).not.toMatch(/<script|<style| style=| on\w+=/i);
    }
  });

  test('to a method nobody needs is 405', async () => {
    for (const method of ['put', 'delete', 'patch', 'options', 'trace'] as const) {
      await agent[method]('/').expect(405);
    }
  });

  test('to a name that is not ours is 421, so that a rebound name reads nothing', async () => {
    const answer = await agent.get('/').set('Host', 'evil.example').expect(421);
    expect(answer.text).toContain('set PUBLIC_URL');
    await request(startTestWeb(db(), { publicUrl: 'https://due.example' }).server)
      .get('/')
      .set('Host', '127.0.0.1')
      .expect(421);
  });

  test('about something that broke says so, logs it, and shows no inside', async () => {
    const broken = startTestWeb(db(), {
      extras: { requestSync: () => Promise.reject(new Error('connection string secret')) },
    });
    const browser = await signIn(broken);
    const { bookId } = await seedBook(broken);
    const token = await csrfOf(browser);
    const answer = await browser
      .post(`/books/${bookId}/sync`)
      .type('form')
      .send({ _csrf: token })
      .expect(500);
    expect(answer.text).toContain('Something broke here');
    expect(answer.text).not.toContain('secret');
    expect(broken.logged()).toContain('a request failed');
  });
});

test('the log holds no token, cookie, code or query', async () => {
  const web = startTestWeb(db());
  const path = await linkPath(web);
  const answer = await request(web.server).get(path);
  const cookie = (answer.headers['set-cookie']?.[0] ?? '').split(';')[0] ?? '';
  await request(web.server).get('/').set('Cookie', cookie).expect(200);
  await request(web.server).get('/callback/xero?code=secret-code&state=secret-state');
  const log = web.logged();
  expect(log).toContain('"path":"/enter"');
  expect(log).not.toContain(path.split('=')[1]);
  expect(log).not.toContain(cookie.split('=')[1]);
  expect(log).not.toMatch(/secret|cookie/i);
});

describe('health', () => {
  test('needs no session and no known name', async () => {
    const web = startTestWeb(db());
    await request(web.server).get('/healthz').set('Host', '10.0.0.7').expect(200, 'ok');
    await request(web.server).get('/readyz').set('Host', '10.0.0.7').expect(200, 'ok');
  });

  test('tells alive from ready when the database does not answer', async () => {
    const gone = { $queryRaw: () => Promise.reject(new Error('gone')) };
    const web = startTestWeb(db(), {
      extras: { db: { ...db(), prisma: gone as unknown as ReturnType<typeof db>['prisma'] } },
    });
    await request(web.server).get('/healthz').expect(200);
    await request(web.server).get('/readyz').expect(503);
  });
});
