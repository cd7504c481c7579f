import { randomUUID } from 'node:crypto';
import type { Express } from 'express';
import request from 'supertest';
import { beforeAll, describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { caughtMail } from './caught-mail.ts';
import { seedBook, signIn, startTestWeb, submit, type Agent, type TestWeb } from './support.ts';

const db = useDatabase();

type Door = 'open' | 'signature' | 'session';

interface Expectation {
  door: Door;
  /** Addresses on this route that name something that does not exist. `BOOK` stands for a real book. */
  unknown?: string[];
  /** A form that would do something if the thing existed. */
  form?: Record<string, string>;
}

const ghost = randomUUID();

/** Every route there is. A new one fails the first test until it is written down here. */
const ROUTES: Record<string, Expectation> = {
  'GET /healthz': { door: 'open' },
  'GET /readyz': { door: 'open' },
  // To this machine, or to whoever has the token: test/web/operations.test.ts.
  'GET /metrics': { door: 'open' },
  'POST /webhooks/xero': { door: 'signature' },
  'POST /webhooks/quickbooks': { door: 'signature' },
  'GET /enter': { door: 'open' },
  'GET /callback/:platform': { door: 'open' },
  'GET /connect-failed': { door: 'open' },
  'POST /leave': { door: 'session' },
  'GET /': { door: 'session' },
  'POST /connect/:platform': { door: 'session', unknown: ['/connect/sage'] },
  'GET /books/:bookId': { door: 'session', unknown: books('') },
  'GET /books/:bookId/quarantine': { door: 'session', unknown: books('/quarantine') },
  'POST /books/:bookId/approve': {
    door: 'session',
    unknown: books('/approve'),
    form: { all: '1' },
  },
  'POST /books/:bookId/actions/:actionId/cancel': {
    door: 'session',
    unknown: [...inBook('/actions/GHOST/cancel'), '/books/BOOK/actions/7/cancel'],
  },
  'POST /books/:bookId/actions/:actionId/outcome': {
    door: 'session',
    unknown: inBook('/actions/GHOST/outcome'),
    form: { outcome: 'done', as: 'Ana' },
  },
  'GET /books/:bookId/actions/:actionId/letter': {
    door: 'session',
    unknown: inBook('/actions/GHOST/letter'),
  },
  'POST /books/:bookId/actions/:actionId/letter': {
    door: 'session',
    unknown: inBook('/actions/GHOST/letter'),
  },
  'POST /books/:bookId/actions/:actionId/resolve': {
    door: 'session',
    unknown: inBook('/actions/GHOST/resolve'),
    form: { resolution: 'resend' },
  },
  'POST /books/:bookId/mode': {
    door: 'session',
    unknown: books('/mode'),
    form: { mode: 'automatic' },
  },
  'POST /books/:bookId/sync': { door: 'session', unknown: books('/sync') },
  'POST /books/:bookId/run': { door: 'session', unknown: books('/run') },
  'POST /books/:bookId/disconnect': { door: 'session', unknown: books('/disconnect') },
  'GET /books/:bookId/customers': { door: 'session', unknown: books('/customers') },
  'GET /books/:bookId/customers/:customerId': {
    door: 'session',
    unknown: [...inBook('/customers/nobody'), '/books/BOOK/customers/%00'],
  },
  'POST /books/:bookId/customers/:customerId/holds': {
    door: 'session',
    unknown: inBook('/customers/nobody/holds'),
    form: { kind: 'manual', reason: 'x', owner: 'x', until: '' },
  },
  'POST /books/:bookId/customers/:customerId/holds/:holdId/end': {
    door: 'session',
    unknown: [
      ...inBook('/customers/nobody/holds/1/end'),
      '/books/BOOK/customers/c1/holds/999999/end',
    ],
  },
  'POST /books/:bookId/customers/:customerId/holds/:holdId/approve': {
    door: 'session',
    unknown: [
      ...inBook('/customers/nobody/holds/1/approve'),
      '/books/BOOK/customers/c1/holds/999999/approve',
    ],
    form: { by: 'Ben' },
  },
  'POST /books/:bookId/customers/:customerId/holds/:holdId/answer': {
    door: 'session',
    unknown: [
      ...inBook('/customers/nobody/holds/1/answer'),
      '/books/BOOK/customers/c1/holds/999999/answer',
    ],
    form: { outcome: 'rejected' },
  },
  'GET /books/:bookId/customers/:customerId/statement': {
    door: 'session',
    unknown: inBook('/customers/nobody/statement?kind=open-item&format=csv'),
  },
  'POST /books/:bookId/customers/:customerId/hand-over': {
    door: 'session',
    unknown: inBook('/customers/nobody/hand-over'),
    form: { agency: 'Nordic Collect', as: 'Ana' },
  },
  'POST /books/:bookId/customers/:customerId/take-back': {
    door: 'session',
    unknown: inBook('/customers/nobody/take-back'),
    form: { reason: 'agreed with them', as: 'Ana' },
  },
  'GET /books/:bookId/metrics/:metric': {
    door: 'session',
    unknown: ['/books/999999/metrics/aging_due', '/books/BOOK/metrics/nothing'],
  },
  'GET /books/:bookId/invoices/:invoiceId': { door: 'session', unknown: inBook('/invoices/none') },
  'GET /books/:bookId/actions/:actionId': {
    door: 'session',
    unknown: [...inBook('/actions/GHOST'), '/books/BOOK/actions/not-a-uuid'],
  },
  'GET /books/:bookId/actions/:actionId/message': {
    door: 'session',
    unknown: inBook('/actions/GHOST/message'),
  },
  'GET /mail': { door: 'session' },
  'GET /mail/:mailId': { door: 'session', unknown: ['/mail/999', '/mail/x'] },
  'GET /mail/:mailId/html': { door: 'session', unknown: ['/mail/999/html'] },
};

function books(rest: string): string[] {
  return ['999999', '0', '9999999999', '%00'].map((id) => `/books/${id}${rest}`);
}

function inBook(rest: string): string[] {
  const path = rest.replace('GHOST', ghost);
  return [`/books/999999${path}`, `/books/BOOK${path}`];
}

function routesOf(server: Express): string[] {
  const { stack } = server.router as unknown as {
    stack: { route?: { path: string; methods: Record<string, boolean> } }[];
  };
  return stack.flatMap(({ route }) =>
    route === undefined
      ? []
      : Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${route.path}`),
  );
}

describe('every route', () => {
  let web: TestWeb;
  let agent: Agent;
  let bookId: number;

  beforeAll(async () => {
    web = startTestWeb(db(), { extras: { caughtMail } });
    agent = await signIn(web);
    bookId = (await seedBook(web)).bookId;
  });

  test('is known to this test', () => {
    expect(routesOf(web.server).sort()).toEqual(Object.keys(ROUTES).sort());
  });

  test('that needs a session answers 401 without one, with no word about what is behind', async () => {
    const paths = Object.entries(ROUTES).filter(([, route]) => route.door === 'session');
    for (const [name] of paths) {
      const [method, path] = methodAndPath(name, bookId);
      const answer = await request(web.server)[method](path);
      expect([name, answer.status]).toEqual([name, 401]);
      expect(answer.text).toContain('Open the link printed on the console');
      expect(answer.text).not.toContain('Harbour');
      expect(answer.headers['location']).toBeUndefined();
    }
  });

  test('answers 404 for what does not exist, and changes nothing', async () => {
    const before = await contents();
    for (const [name, route] of Object.entries(ROUTES)) {
      for (const template of route.unknown ?? []) {
        const path = template.replace('BOOK', String(bookId));
        const answer = name.startsWith('GET ')
          ? await agent.get(path)
          : await submit(agent, path, route.form);
        expect([name, path, answer.status]).toEqual([name, path, 404]);
      }
    }
    expect(await contents()).toEqual(before);
    expect(web.synced).toEqual([]);
    expect(web.ran).toEqual([]);
  });

  test('of a book refuses what belongs to another book, as if it were not there', async () => {
    const other = await seedBook(web, { bookName: 'Somebody Else', customerName: 'Elsewhere' });
    const proposed = other.actions['proposed'] ?? '';
    await db().prisma.customer.update({
      where: { bookId_id: { bookId: other.bookId, id: 'c1' } },
      data: { id: 'only-there' },
    });
    await db().prisma.invoice.update({
      where: { bookId_id: { bookId: other.bookId, id: 'i2' } },
      data: { id: 'only-there' },
    });
    const hold = await db().prisma.hold.findFirstOrThrow({ where: { bookId: other.bookId } });
    const reads = [
      `/books/${bookId}/customers/only-there`,
      `/books/${bookId}/invoices/only-there`,
      `/books/${bookId}/actions/${proposed}`,
      `/books/${bookId}/actions/${proposed}/message`,
    ];
    for (const path of reads) await agent.get(path).expect(404);
    const writes = [
      `/books/${bookId}/actions/${proposed}/cancel`,
      `/books/${bookId}/actions/${other.actions['todo'] ?? ''}/done`,
      `/books/${bookId}/customers/c2/holds/${hold.id}/end`,
    ];
    const before = await contents();
    for (const path of writes)
      expect([path, (await submit(agent, path)).status]).toEqual([path, 404]);
    await submit(agent, `/books/${bookId}/approve`, { action: proposed });
    expect(await contents()).toEqual(before);
  });

  async function contents() {
    const { prisma } = db();
    return {
      books: await prisma.book.findMany({ orderBy: { id: 'asc' } }),
      actions: await prisma.action.findMany({ orderBy: { id: 'asc' } }),
      holds: await prisma.hold.findMany({ orderBy: { id: 'asc' } }),
      audit: await prisma.audit.count(),
      states: await prisma.oAuthState.count(),
    };
  }
});

function methodAndPath(name: string, bookId: number): ['get' | 'post', string] {
  const [method, path = ''] = name.split(' ');
  const filled = path
    .replace(':bookId', String(bookId))
    .replace(':platform', 'xero')
    .replace(':customerId', 'c1')
    .replace(':invoiceId', 'i1')
    .replace(/:\w+Id/g, '1');
  return [method === 'GET' ? 'get' : 'post', filled];
}
