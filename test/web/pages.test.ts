import { beforeAll, describe, expect, test } from 'vitest';
import { day, toDate } from '../../src/domain/day.ts';
import type { BookId } from '../../src/domain/receivables.ts';
import { useDatabase } from '../support/database.ts';
import { caughtMail } from './caught-mail.ts';
import { type Agent, seedBook, signIn, startTestWeb, submit, type TestWeb } from './support.ts';

const db = useDatabase();

let web: TestWeb;
let agent: Agent;
let bookId: BookId;
let actions: Record<string, string>;

beforeAll(async () => {
  web = startTestWeb(db(), { extras: { caughtMail } });
  agent = await signIn(web);
  ({ bookId, actions } = await seedBook(web));
});

/** What a reader sees: no tags, no runs of space. */
async function read(path: string): Promise<string> {
  const page = await agent.get(path).expect(200);
  return page.text
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('&amp;', '&')
    .replaceAll('&#x27;', "'")
    .replace(/\s+/g, ' ');
}

describe('a page', () => {
  test('of all books shows balances per currency and what waits, and says what to do', async () => {
    const text = await read('/');
    expect(text).toContain(
      'Decide about 1 message in doubt, approve 1 message, see to 1 task and look at 1 record',
    );
    expect(text).toContain('Harbour Supplies Xero · Approve connected synced 10 min ago');
    expect(text).toContain('NZD 1,734.50 USD 77.00 NZD 1,234.50 USD 77.00');
  });

  test('of a book shows what goes out, what waits for a person, and what is held and why', async () => {
    const text = await read(`/books/${bookId}`);
    expect(text).toContain('Decide about 1 message in doubt');
    expect(text).toContain('today is 23 Nov 2026 in Pacific/Auckland');
    expect(text).toMatch(/To approve 1 .*Kauri & Sons Firm reminder 1 30 Sep 2026 NZD 1,234.50/);
    expect(text).toMatch(/Tasks 1 .*Call: Call the debtor/);
    expect(text).toMatch(/Goes out 1 .*will be sent/);
    expect(text).toMatch(/Finished today .*sent/);
    expect(text).toMatch(/Held 1 .*Quiet Ltd On hold: dispute\. 1 1 Dec 2026 USD 77.00/);
  });

  test('of the customers shows aging, the own currency first', async () => {
    const text = await read(`/books/${bookId}/customers`);
    expect(text).toContain(
      '2 balances are late. Begin with Kauri & Sons: NZD 1,234.50 is overdue.',
    );
    expect(text).toContain(
      'Kauri & Sons severely overdue – NZD 500.00 – 1,234.50 – – 1,234.50 1,734.50 54 d',
    );
    expect(text.indexOf('Kauri & Sons severely')).toBeLessThan(text.indexOf('Quiet Ltd on hold'));
  });

  test('of the customers finds a name, and takes % and _ as they stand', async () => {
    expect(await read(`/books/${bookId}/customers?q=quiet`)).not.toContain('Kauri');
    expect(await read(`/books/${bookId}/customers?q=%25`)).toContain('is called “%”');
    expect(await read(`/books/${bookId}/customers?q=_auri`)).toContain('is called “_auri”');
  });

  test('of one customer tells the whole story', async () => {
    const text = await read(`/books/${bookId}/customers/c1`);
    expect(text).toContain('Overdue: NZD 1,234.50 on 1 invoice.');
    expect(text).toContain('severely overdue NZD 1,234.50 is 54 days late.');
    expect(text).toMatch(/INV-001 30 Sep 2026 54 days late NZD 1,334.50 1,234.50 reminder/);
    expect(text).toMatch(/CN-1 credit note 1 Oct 2026 NZD 50.00 40.00/);
    expect(text).toMatch(/5 Oct 2026 Bank 77 INV-001 NZD 100.00/);
    expect(text).toContain('Note in the ledger written Reminder sent [ref 1234abcd]');
    expect(text).toContain('Quiet Ltd billed here');
  });

  test('of a customer says "not chased" when its balance differs, not when it was never compared', async () => {
    const { prisma } = db();
    const where = { bookId_id: { bookId, id: 'c1' } };
    const set = (varianceMinor: bigint | null, varianceReason: string | null) =>
      prisma.customer.update({ where, data: { varianceMinor, varianceReason } });
    try {
      await set(null, 'not compared: the ledger gives no balance');
      expect(await read(`/books/${bookId}/customers/c1`)).not.toContain('Not chased');
      await set(500n, 'unknown');
      expect(await read(`/books/${bookId}/customers/c1`)).toContain('Not chased: what we hold');
    } finally {
      await set(null, null);
    }
  });

  test('of one invoice says why, by which policy, and what was sent', async () => {
    const text = await read(`/books/${bookId}/invoices/i1`);
    expect(text).toContain('54 days late: the firm reminder is due.');
    expect(text).toContain('Step “firm” is reached 30 days after the due date. step_due');
    expect(text).toContain('Policy Standard, version 1');
    expect(text).toMatch(/5 Oct 2026 receipt Bank 77 100.00/);
    expect(text).toContain('ap@kauri.example');
  });

  test('of an invoice no run has met says so', async () => {
    expect(await read(`/books/${bookId}/invoices/i2`)).toContain(
      'No run has looked at this invoice yet.',
    );
  });

  test('of a message shows it in a frame that can do nothing', async () => {
    for (const state of ['proposed', 'sent']) {
      const path = `/books/${bookId}/actions/${actions[state] ?? ''}`;
      const page = await agent.get(path).expect(200);
      expect(page.text).toContain(
        `<iframe class="letter" sandbox title="The message as its reader`,
      );
      const frame = await agent.get(`${path}/message`).expect(200);
      expect(frame.headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'; /);
      expect(frame.headers['x-frame-options']).toBe('SAMEORIGIN');
      expect(frame.headers['cache-control']).toBe('no-store');
      expect(frame.text).toContain('Kauri');
    }
    expect(await read(`/books/${bookId}/actions/${actions['sent'] ?? ''}`)).toContain('250 OK');
  });

  test('of a call asks what came of it and shows no message', async () => {
    const page = await agent.get(`/books/${bookId}/actions/${actions['todo'] ?? ''}`).expect(200);
    expect(page.text).toContain('What came of it');
    expect(page.text).not.toContain('<iframe');
    await agent.get(`/books/${bookId}/actions/${actions['todo'] ?? ''}/message`).expect(404);
  });

  test('of the quarantine names record, field and problem', async () => {
    expect(await read(`/books/${bookId}/quarantine`)).toContain(
      'invoice bad-1 TotalAmt is not a number',
    );
  });

  test('of caught mail is there in the demo only', async () => {
    expect(await read('/mail')).toContain('1 message, the latest first');
    expect(await read('/mail/1')).toContain('INV-001.pdf');
    const frame = await agent.get('/mail/1/html').expect(200);
    expect(frame.headers['content-security-policy']).toMatch(/^sandbox; /);
    const real = startTestWeb(db());
    const browser = await signIn(real);
    for (const path of ['/mail', '/mail/1', '/mail/1/html']) await browser.get(path).expect(404);
    expect((await browser.get('/')).text).not.toContain('Caught mail');
  });

  test('of a book that is parked, lost or never synced says which and what follows', async () => {
    const { prisma } = db();
    const where = { id: bookId };
    const set = (data: object) => prisma.book.update({ where, data });
    await set({
      parkedUntil: new Date('2026-11-23T01:00:00Z'),
      parkedReason: 'The day’s calls are used up.',
    });
    expect(await read('/')).toContain(
      'parked synced 10 min ago The day’s calls are used up. until in 4 h',
    );
    await set({ parkedUntil: null, status: 'disconnected', statusReason: 'Access was withdrawn.' });
    expect(await read('/')).toContain(
      'Reconnect Harbour Supplies: it is neither synced nor chased',
    );
    expect(await read(`/books/${bookId}`)).toContain('Access was withdrawn.');
    await set({ status: 'connected', statusReason: null, lastSyncError: 'Xero answered 503.' });
    expect(await read('/')).toContain('last sync failed synced 10 min ago Xero answered 503.');
    await set({ lastSyncError: null });
  });

  test('asks the database as often for three books as for one', async () => {
    const countQueries = async () => {
      let count = 0;
      const prisma = db().prisma.$extends({
        query: {
          $allOperations({ args, query }) {
            count += 1;
            return query(args);
          },
        },
      });
      const counting = startTestWeb(db(), {
        extras: { db: { ...db(), prisma: prisma as unknown as ReturnType<typeof db>['prisma'] } },
      });
      const browser = await signIn(counting);
      count = 0;
      await browser.get('/').expect(200);
      return count;
    };
    const one = await countQueries();
    const more = [await seedBook(web), await seedBook(web)];
    expect(await countQueries()).toBe(one);
    expect(one).toBeLessThanOrEqual(5);
    await db().prisma.book.deleteMany({ where: { id: { in: more.map((book) => book.bookId) } } });
  });
});

describe('a click', () => {
  let own: Awaited<ReturnType<typeof seedBook>>;

  beforeAll(async () => {
    own = await seedBook(web, { bookName: 'Clicked' });
  });

  const stateOf = async (name: string) =>
    (await db().prisma.action.findUniqueOrThrow({ where: { id: own.actions[name] ?? '' } })).state;

  test('on approve with nothing chosen changes nothing and says so', async () => {
    const answer = await submit(agent, `/books/${own.bookId}/approve`);
    expect(answer.headers['location']).toBe(`/books/${own.bookId}?did=nothing`);
    expect(await stateOf('proposed')).toBe('proposed');
  });

  test('on approve releases what was chosen, in the name of the session', async () => {
    const answer = await submit(agent, `/books/${own.bookId}/approve`, {
      action: own.actions['proposed'] ?? '',
    });
    expect(answer.status).toBe(303);
    expect(await read(answer.headers['location'] ?? '')).toContain('1 message approved.');
    const action = await db().prisma.action.findUniqueOrThrow({
      where: { id: own.actions['proposed'] ?? '' },
    });
    expect(action.state).toBe('planned');
    expect(action.approvedBy).toMatch(/^web:[0-9a-f]{8}$/);
  });

  test('on cancel, the outcome of a call and resolve does that, and tells when it is too late', async () => {
    const at = (name: string, verb: string) =>
      `/books/${own.bookId}/actions/${own.actions[name] ?? ''}/${verb}`;
    await submit(agent, at('planned', 'cancel'));
    expect(await stateOf('planned')).toBe('cancelled');
    const late = await submit(agent, at('sent', 'cancel'));
    expect([late.status, late.text.includes('It is too late to cancel this')]).toEqual([409, true]);
    const call = { outcome: 'reached', reason: 'no_funds', note: 'on Friday', as: 'Mia Tran' };
    expect((await submit(agent, at('todo', 'outcome'), call)).status).toBe(303);
    expect(await stateOf('todo')).toBe('done');
    const done = await read(at('todo', '').slice(0, -1));
    expect(done).toContain('Spoke to them, nothing agreed');
    expect(done).toContain('on Friday');
    expect((await submit(agent, at('todo', 'outcome'), call)).status).toBe(409);
    await submit(agent, at('in_doubt', 'resolve'), { resolution: 'resend' });
    expect(await stateOf('in_doubt')).toBe('planned');
  });

  test('on mode sets it and leaves a line in the audit log', async () => {
    await submit(agent, `/books/${own.bookId}/mode`, { mode: 'automatic' });
    const book = await db().prisma.book.findUniqueOrThrow({ where: { id: own.bookId } });
    expect(book.mode).toBe('automatic');
    const line = await db().prisma.audit.findFirst({
      where: { bookId: own.bookId, action: 'book.mode' },
    });
    expect(line?.actor).toMatch(/^web:/);
  });

  test('on sync and run asks the queue, and is not there without one', async () => {
    await submit(agent, `/books/${own.bookId}/sync`);
    await submit(agent, `/books/${own.bookId}/run`);
    expect([web.synced.at(-1), web.ran.at(-1)]).toEqual([own.bookId, own.bookId]);
    const { requestSync: _sync, requestRun: _run, ...bare } = web.app;
    const browser = await signIn({ ...web, app: bare, server: startBare() });
    expect((await submit(browser, `/books/${own.bookId}/sync`)).status).toBe(404);
    expect((await browser.get(`/books/${own.bookId}`)).text).not.toContain('Sync now');
  });

  function startBare() {
    const { server, app } = startTestWeb(db(), { extras: { vault: web.app.vault } });
    delete app.requestSync;
    delete app.requestRun;
    return server;
  }

  test('on hold keeps its reason, owner and last day, and ends by another click', async () => {
    const path = `/books/${own.bookId}/customers/c1`;
    await submit(agent, `${path}/holds`, {
      kind: 'manual',
      reason: 'Pays on Friday',
      owner: 'Ana',
      until: '2026-11-27',
    });
    const hold = await db().prisma.hold.findFirstOrThrow({
      where: { bookId: own.bookId, customerId: 'c1' },
    });
    expect(hold).toMatchObject({
      kind: 'manual',
      owner: 'Ana',
      fromOn: toDate(day('2026-11-23')),
      untilOn: toDate(day('2026-11-27')),
    });
    expect(await read(path)).toContain('On hold: Pays on Friday');
    await submit(agent, `${path}/holds/${hold.id}/end`);
    expect(await read(path)).not.toContain('On hold: Pays on Friday');
  });

  test('a promise of one invoice stands in the list with its figures, and a wrong word is refused', async () => {
    const path = `/books/${own.bookId}/customers/c1`;
    const invoice = await db().prisma.invoice.findFirstOrThrow({
      where: { bookId: own.bookId, customerId: 'c1', status: 'open', kind: 'invoice' },
    });
    const form = {
      kind: 'promise',
      reason: 'Waits for approval',
      owner: 'Ana',
      invoices: invoice.number,
      on: '2026-11-30',
      source: 'email',
      quote: 'Monday at the latest',
    };
    const wrong = await submit(agent, `${path}/holds`, { ...form, amount: 'all' });
    expect([wrong.status, wrong.text.includes('amount all: should be an amount like')]).toEqual([
      400,
      true,
    ]);
    await submit(agent, `${path}/holds`, form);
    const hold = await db().prisma.hold.findFirstOrThrow({
      where: { bookId: own.bookId, customerId: 'c1', kind: 'promise' },
    });
    const shown = await read(path);
    expect(shown).toMatch(/Promise to pay \S+ \S+ on 30 Nov 2026 \(email\) for /);
    expect(shown).toMatch(/“Monday at the latest” pending \S+ 0\.00 of \S+ \S+ arrived 2 Dec 2026/);
    await submit(agent, `${path}/holds/${hold.id}/end`);
    expect(await read(path)).not.toContain('Monday at the latest');
  });

  test('on hold without a reason, or into the past, is refused', async () => {
    const path = `/books/${own.bookId}/customers/c2/holds`;
    const form = { kind: 'manual', reason: 'x', owner: 'Ana', until: '' };
    expect((await submit(agent, path, { ...form, reason: ' ' })).status).toBe(403);
    expect((await submit(agent, path, { ...form, until: '2026-02-30' })).status).toBe(400);
    const past = await submit(agent, path, { ...form, until: '2026-11-01' });
    expect([past.status, past.text.includes('cannot end on 2026-11-01')]).toEqual([400, true]);
  });
});

describe('a name made to do harm', () => {
  const NAME = [
    `"><img src=x onerror=alert(1)>`,
    `</td><script>alert(1)</script>`,
    `{{constructor}} {{{body}}}`,
    `' onmouseover='alert(1)`,
  ].join('');

  test('is only ever text, on every page that shows it', async () => {
    const seeded = await seedBook(web, { bookName: `B ${NAME}`, customerName: `C ${NAME}` });
    const { prisma } = db();
    const where = { bookId: seeded.bookId };
    await prisma.invoice.updateMany({
      where: { ...where, id: 'i1' },
      data: { number: `I ${NAME}`, reference: NAME, emailText: NAME },
    });
    await prisma.quarantine.updateMany({ where, data: { problem: NAME, field: NAME } });
    await prisma.decision.updateMany({ where, data: { because: NAME } });
    await prisma.flag.updateMany({ where, data: { sentence: NAME } });
    await prisma.hold.updateMany({ where, data: { reason: NAME, owner: NAME } });
    const base = `/books/${seeded.bookId}`;
    const paths = [
      '/',
      base,
      `${base}/customers`,
      `${base}/customers?q=${encodeURIComponent(NAME)}`,
      `${base}/customers/c1`,
      `${base}/customers/c2`,
      `${base}/invoices/i1`,
      `${base}/quarantine`,
      ...Object.values(seeded.actions).map((id) => `${base}/actions/${id}`),
      `${base}/actions/${seeded.actions['proposed'] ?? ''}/message`,
      '/mail/1',
    ];
    for (const path of paths) {
      const { text } = await agent.get(path).expect(200);
      expect(text).not.toMatch(/<img|<script|<[^>"]*("[^"]*"[^>"]*)* on(error|mouseover)=/i);
      if (path !== '/mail/1') expect([path, text.includes('alert(1)')]).toEqual([path, true]);
    }
    await prisma.book.delete({ where: { id: seeded.bookId } });
  });

  test('cannot turn round the words beside it: every name stands isolated', async () => {
    const name = '\u202Egnihton\u202C';
    const seeded = await seedBook(web, { bookName: name, customerName: name });
    for (const path of ['/', `/books/${seeded.bookId}`, `/books/${seeded.bookId}/customers`]) {
      const { text } = await agent.get(path).expect(200);
      const shown = text.replace(/<title>.*<\/title>/, '').replace(/aria-label="[^"]*"/g, '');
      expect(shown.split(`<bdi>${name}</bdi>`).join('').split(name).length - 1).toBeLessThanOrEqual(
        // The one sentence on top may name it; it stands on a line of its own.
        1,
      );
    }
  });
});
