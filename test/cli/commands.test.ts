import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../src/cli/index.ts';
import { ManualClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { openLedger } from '../../src/connect/open-ledger.ts';
import { day, toDate } from '../../src/domain/day.ts';
import type { BookId, InvoiceId } from '../../src/domain/receivables.ts';
import { useDatabase } from '../support/database.ts';
import { type Installation, openInstallation } from '../support/installation.ts';

const db = useDatabase();
const clock = new ManualClock('2026-11-19T20:00:00Z');
let installation: Installation;

beforeAll(async () => {
  installation = await openInstallation(db(), clock);
}, 60_000);
afterAll(() => installation.close());

interface Ended {
  code: number;
  out: string[];
  notes: string[];
}

/** One command line against the open installation; closing is left to the test. */
async function duebook(args: string[], onPrint?: (line: string) => void): Promise<Ended> {
  const out: string[] = [];
  const notes: string[] = [];
  const app = { ...installation.app, close: () => Promise.resolve() };
  const code = await runCli(
    args,
    { compose: () => Promise.resolve(app), readConfig: () => readConfig({}), clock },
    {
      print: (line) => {
        out.push(line);
        onPrint?.(line);
      },
      note: (line) => void notes.push(line),
    },
  );
  return { code, out, notes };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('a morning on the command line', () => {
  test('sync pulls both books and says what it did, as JSON for a script', async () => {
    const ended = await duebook(['sync', '--json']);
    expect(ended.code).toBe(0);
    const reports = ended.out.map(
      (line) => JSON.parse(line) as { invoices: number; quarantined: number },
    );
    expect(reports).toHaveLength(2);
    for (const report of reports) {
      expect(report.invoices).toBeGreaterThanOrEqual(60);
      expect(report.quarantined).toBe(0);
    }
  });

  test('a dry run shows the plan and writes nothing', async () => {
    const { prisma } = installation.app.db;
    const runsBefore = await prisma.run.count();
    const ended = await duebook(['run', '--dry-run', '--as-of', '2026-11-20', '--json']);
    expect(ended.code).toBe(0);
    const [report] = ended.out.map(
      (line) => JSON.parse(line) as { plan: unknown[]; runId: number | null },
    );
    expect(report?.plan.length).toBeGreaterThan(0);
    expect(report?.runId).toBeNull();
    expect(await prisma.run.count()).toBe(runsBefore);
    expect(await prisma.decision.count()).toBe(0);
    expect(await prisma.action.count()).toBe(0);
  });

  test('mode, run, approve, send: nothing leaves before a person released it', async () => {
    const { prisma } = installation.app.db;
    expect((await duebook(['mode', '1', 'approve'])).out).toEqual([
      expect.stringMatching(/: approve$/),
    ]);
    expect((await duebook(['run', '1', '--as-of', '2026-11-20'])).code).toBe(0);
    const proposed = await prisma.action.count({ where: { bookId: 1, state: 'proposed' } });
    expect(proposed).toBeGreaterThan(0);

    await duebook(['send', '1']);
    expect(installation.catcher.messages()).toHaveLength(0);

    expect((await duebook(['approve', '1', '--all'])).out[0]).toMatch(
      new RegExp(`: ${proposed} approved`),
    );
    const sent = await duebook(['send', '1', '--json']);
    const report = JSON.parse(sent.out[0] ?? '') as {
      mail: { sent: number };
      notes: { written: number };
    };
    expect(report.mail.sent).toBe(proposed);
    expect(report.notes.written).toBe(proposed);
    expect(installation.catcher.messages()).toHaveLength(proposed);
  });

  test('explain tells the decision, its facts and the policy version of any open invoice', async () => {
    const invoice = await installation.app.db.prisma.invoice.findFirstOrThrow({
      where: { bookId: 1, status: 'open', dueOn: { lt: toDate(day('2026-11-20')) } },
    });
    const ended = await duebook(['explain', invoice.number, '--book', '1']);
    expect(ended.code).toBe(0);
    const [text = ''] = ended.out;
    expect(text).toContain(`Invoice ${invoice.number}`);
    expect(text).toMatch(/Policy "Standard" version 1/);
    expect(text).toContain('Facts it used');
    expect(await duebook(['explain', 'NO-SUCH'])).toMatchObject({
      code: 2,
      notes: ['no invoice has the number or id "NO-SUCH"'],
    });
  });

  test.each([
    [1, 'xero', 'written', '2026-12-01'],
    [2, 'quickbooks', 'cancelled', null],
  ] as const)(
    'in book %i (%s) a promise is noted, listed and released, and its date set where there is a field for it',
    async (bookId, platform, dateState, expectedOn) => {
      const { prisma } = installation.app.db;
      const book = await prisma.book.findUniqueOrThrow({ where: { id: bookId } });
      expect(book.platform).toBe(platform);
      const invoice = await prisma.invoice.findFirstOrThrow({
        where: { bookId, status: 'open', kind: 'invoice' },
        orderBy: { id: 'asc' },
      });
      const about = ['--book', String(bookId), '--invoice', invoice.id, '--reason', 'said so'];
      const promised = await duebook([
        ...['promise', invoice.customerId, '--on', '2026-12-01', '--json'],
        ...[...about, '--owner', 'Ana'],
      ]);
      expect([promised.code, promised.notes]).toEqual([0, []]);
      const { hold } = JSON.parse(promised.out[0] ?? '') as { hold: number };
      const listed = await duebook(['holds', String(bookId), '--json']);
      expect(JSON.parse(listed.out[0] ?? '')).toMatchObject({
        holds: [{ id: hold, kind: 'promise', state: 'pending', owner: 'Ana', reason: 'said so' }],
      });
      await duebook(['send', String(bookId)]);
      const notes = await prisma.note.findMany({
        where: { bookId, targetId: invoice.id, actionId: null },
        orderBy: { expectedPayOn: { sort: 'asc', nulls: 'first' } },
      });
      expect(notes.map((note) => note.state)).toEqual(['written', dateState]);
      expect(notes[0]?.body).toMatch(
        /^Promise to pay .* on 1 Dec 2026 \(phone\) for .* \(Ana\): said so \[ref /,
      );
      const ledger = await openLedger(installation.app, bookId as BookId);
      const now = await ledger.readInvoice(invoice.id as InvoiceId);
      expect(now?.expectedPayOn ?? null).toBe(expectedOn === null ? null : day(expectedOn));
      expect((await duebook(['release', String(hold)])).out).toEqual([`Hold ${hold} released`]);
      expect((await duebook(['holds', String(bookId)])).out).toEqual([`${book.name}: 0 holds`]);
    },
  );

  test('what was typed wrong is refused with what would be right', async () => {
    const { customerId } = await installation.app.db.prisma.invoice.findFirstOrThrow({
      where: { bookId: 1, status: 'open' },
    });
    const refused = async (...args: string[]) => {
      const all = [...args, '--book', '1', '--reason', 'r', '--owner', 'Ana'];
      const { code, notes } = await duebook(all);
      return [code, ...notes];
    };
    expect(await refused('promise', customerId, '--on', 'Friday')).toEqual([
      2,
      'on Friday: should be a day written YYYY-MM-DD',
    ]);
    expect(await refused('dispute', customerId, '--about', 'whim')).toEqual([
      2,
      expect.stringMatching(/^about whim: should be one of invoice_not_received, /),
    ]);
    expect(await refused('hold', 'Nobody & Sons')).toEqual([
      2,
      'no customer has the name or id "Nobody & Sons"',
    ]);
    expect((await duebook(['release', '999999'])).notes).toEqual(['there is no hold 999999']);
    expect((await duebook(['answer', '1', 'perhaps'])).notes).toEqual([
      'perhaps: should be one of upheld, rejected, credit_expected',
    ]);
  });

  test('forecast shows the weeks of every currency, backtest how good a book’s own predictions would have been', async () => {
    const forecast = await duebook(['forecast', '1', '--weeks', '4', '--json']);
    expect(forecast.code).toBe(0);
    expect(forecast.out).toHaveLength(1);
    const { currencies } = JSON.parse(forecast.out[0] ?? '') as {
      currencies: { currency: string; openMinor: number; weeks: { expectedMinor: number }[] }[];
    };
    const nzd = currencies.find(({ currency }) => currency === 'NZD');
    expect(nzd?.weeks).toHaveLength(4);
    expect(nzd?.openMinor).toBeGreaterThan(0);
    const [words = ''] = (await duebook(['forecast', '1', '--weeks', '4'])).out;
    expect(words).toMatch(/, as of 20 Nov 2026\n\nAUD|, as of 20 Nov 2026\n\nNZD/);
    expect(words).toMatch(/^20 Nov 2026 – 22 Nov +NZD [\d,.]+ +NZD [\d,.]+ +NZD [\d,.]+ +–$/m);
    for (const weeks of ['0', '53', 'many']) {
      const refused = await duebook(['forecast', '1', '--weeks', weeks]);
      expect(refused.code).toBe(2);
    }
    const tried = await duebook(['forecast', '1', '--backtest', '--json']);
    expect(tried.notes).toEqual([]);
    const report = JSON.parse(tried.out[0] ?? '') as Record<string, unknown>;
    expect(report).toMatchObject({
      weeks: expect.any(Number) as number,
      error: { model: expect.any(Number) as number, dueDate: expect.any(Number) as number },
    });
    expect(report['withinBand']).toBeGreaterThan(0);
    expect((await duebook(['forecast', '1', '--backtest'])).out[0]).toMatch(
      /: \d+ forecast weeks that have passed\nMissed, of every 100 that came in:\n {2}this forecast +\d+\n {2}all paid on the due date +\d+\n {2}as late as the customer usually +\d+\nWhat came in lay within the band in \d+ % of the weeks; 60 % should\.$/,
    );
    const backtest = await duebook(['backtest', '1', '--json']);
    expect(JSON.parse(backtest.out[0] ?? '')).toMatchObject({
      invoices: expect.any(Number) as number,
      model: { brier: expect.any(Number) as number },
    });
  });

  test('status ends with 3 when a book waits for a person', async () => {
    expect((await duebook(['status', '1'])).code).toBe(0);
    await installation.app.db.prisma.book.update({
      where: { id: 1 },
      data: { lastSyncError: 'the ledger did not answer' },
    });
    const ended = await duebook(['status', '1']);
    expect(ended.code).toBe(3);
    expect(ended.out[0]).toContain('the ledger did not answer');
  });

  test('connect prints the consent URL, waits for the answer at the redirect URI, and keeps the book it knows', async () => {
    const port = await freePort();
    const { app, sandbox } = installation;
    const { config } = app;
    const known = () =>
      app.db.prisma.book.findMany({ select: { id: true, name: true }, orderBy: { id: 'asc' } });
    const before = await known();
    const publicUrl = `http://localhost:${port}`;
    const web = { ...config.web, host: '127.0.0.1', port, publicUrl };
    installation.app.config = { ...config, web };
    try {
      let answered: Promise<string> | undefined;
      const ended = await duebook(['connect', 'quickbooks'], (line) => {
        if (!line.startsWith('http')) return;
        answered = (async () => {
          const callback = new URL(await sandbox.consent(line));
          // The App's redirect URI was fixed when it was built; only the port of this test's listener differs.
          callback.host = `127.0.0.1:${port}`;
          return (await fetch(callback)).text();
        })();
      });
      expect(ended.code).toBe(0);
      expect(await answered).toBe('Connected. You can close this page.');
      expect(ended.out.at(-1)).toMatch(/^connected: 2 /);
      expect(await known()).toEqual(before);
    } finally {
      installation.app.config = config;
    }
  });
});
