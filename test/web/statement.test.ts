import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../src/cli/index.ts';
import { day, toDate } from '../../src/domain/day.ts';
import { useDatabase } from '../support/database.ts';
import { readPdf } from '../support/pdf-text.ts';
import { type Agent, seedBook, signIn, startTestWeb, type TestWeb } from './support.ts';

const db = useDatabase();
let web: TestWeb;
let agent: Agent;
let own: Awaited<ReturnType<typeof seedBook>>;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'duebook-statements-'));
  web = startTestWeb(db());
  own = await seedBook(web);
  agent = await signIn(web);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (customer: string, query: string) =>
  `/books/${own.bookId}/customers/${customer}/statement?${query}`;

async function download(url: string) {
  return agent
    .get(url)
    .buffer(true)
    .parse((res, done) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('end', () => done(null, Buffer.concat(chunks)));
    });
}

const linesOf = async (bytes: unknown) =>
  (await readPdf(bytes as Buffer)).flatMap((page) => page.lines);

describe('the customer’s page', () => {
  test('offers statements that download under a name of plain letters', async () => {
    const { text } = await agent.get(`/books/${own.bookId}/customers/c1`).expect(200);
    const links = [...text.matchAll(/href="([^"]*\/statement[^"]*)"/g)].map(([, link]) =>
      (link ?? '').replaceAll('&amp;', '&').replaceAll('&#x3D;', '='),
    );
    expect(links).toHaveLength(4);
    for (const link of links) {
      const answer = await download(link);
      expect(answer.status).toBe(200);
      expect(answer.headers['content-disposition']).toMatch(
        /^attachment; filename="Statement Kauri Sons 2026-11-23\.(pdf|csv)"$/,
      );
    }
  });

  test('a statement shows every currency, credit held, payments, and sub-customers billed here', async () => {
    const lines = await linesOf((await download(at('c1', 'kind=open-item&format=pdf'))).body);
    expect(lines).toContain(
      'INV-001 | 1 Sep 2026 | 30 Sep 2026 | 54 days overdue | 1,334.50 | 100.00 | 1,234.50',
    );
    expect(lines).toContain('Credit note CN-1 | 1 Oct 2026 | 40.00');
    expect(lines).toContain('Balance | 1,694.50');
    expect(lines).toContain('Open items as of 23 Nov 2026, amounts in USD');
    expect(lines.join('\n')).toMatch(/INV-003 .* 77\.00\nQuiet Ltd \| 77\.00 disputed/);
  });

  test('a sub-customer billed with its parent has the parent’s statement', async () => {
    const lines = await linesOf((await download(at('c2', 'kind=open-item&format=pdf'))).body);
    expect(lines).toContain('Kauri & Sons');
    expect(lines.join('\n')).toContain('INV-001');
  });

  test('activity ends at the same balance as the open items', async () => {
    const answer = await download(at('c1', 'kind=activity&format=csv'));
    const rows = (answer.body as Buffer).toString('utf8').trim().split('\r\n');
    expect(rows.filter((row) => row.includes(',NZD,')).at(-1)).toBe(
      'Kauri & Sons,NZD,2026-11-23,closing balance,,,,,1694.5',
    );
    expect(
      rows.some((row) => row.includes('2026-10-05,payment,Payment Bank 77,for INV-001,,100')),
    ).toBe(true);
  });

  test.each([
    ['a kind that is not there', 'kind=all&format=pdf'],
    ['a format that is not there', 'kind=open-item&format=exe'],
    ['no query', ''],
  ])('%s: no such page', async (_what, query) => {
    expect((await agent.get(at('c1', query))).status).toBe(404);
  });

  test('a customer of another book, or of none, has no statement here', async () => {
    const other = await seedBook(web, { bookName: 'Other' });
    const query = 'kind=open-item&format=csv';
    expect((await agent.get(at('nobody', query))).status).toBe(404);
    await db().prisma.customer.create({
      data: { bookId: other.bookId, id: 'theirs', name: 'Theirs', hash: 'h' },
    });
    expect((await agent.get(at('theirs', query))).status).toBe(404);
    await db().prisma.book.delete({ where: { id: other.bookId } });
  });
});

describe('duebook statement', () => {
  async function duebook(...args: string[]) {
    const out: string[] = [];
    const notes: string[] = [];
    const code = await runCli(
      args,
      {
        compose: () => Promise.resolve(web.app),
        readConfig: () => web.app.config,
        clock: web.clock,
      },
      { print: (line) => void out.push(line), note: (line) => void notes.push(line) },
    );
    return { code, out, notes };
  }
  const book = () => String(own.bookId);
  const file = (name: string) => path.join(folder, name);

  test('writes the file and prints its name', async () => {
    const ended = await duebook('statement', book(), 'Kauri', '--out', file('a.pdf'));
    expect(ended).toEqual({ code: 0, out: [file('a.pdf')], notes: [] });
    expect(await linesOf(readFileSync(file('a.pdf')))).toContain('Balance | 1,694.50');
  });

  test('as of a past day it shows what stood open then', async () => {
    await duebook(
      'statement',
      book(),
      'c1',
      '--as-of',
      '2026-10-04',
      '--out',
      file('b.pdf'),
      '--currency',
      'nzd',
    );
    const lines = await linesOf(readFileSync(file('b.pdf')));
    expect(lines).toContain(
      'INV-001 | 1 Sep 2026 | 30 Sep 2026 | 4 days overdue | 1,334.50 | – | 1,334.50',
    );
    expect(lines.join()).not.toContain('USD');
  });

  test('says when the statement is the parent’s', async () => {
    const ended = await duebook('statement', book(), 'Quiet Ltd', '--out', file('c.pdf'));
    expect(ended.notes).toEqual(['billed with Kauri & Sons: the statement is theirs']);
  });

  test('activity takes its two days', async () => {
    const days = ['--from', '2026-10-01', '--to', '2026-10-05'];
    await duebook(
      'statement',
      book(),
      'c1',
      '--kind',
      'activity',
      ...days,
      '--format',
      'csv',
      '--out',
      file('d.csv'),
    );
    const rows = readFileSync(file('d.csv'), 'utf8').trim().split('\r\n').slice(1);
    expect(
      rows.filter((row) => row.includes(',NZD,')).map((row) => row.split(',').slice(2).join(',')),
    ).toEqual([
      '2026-10-01,opening balance,,,,,1834.5',
      '2026-10-01,credit,Credit note CN-1,,,50,1784.5',
      '2026-10-01,other_settlement,Settled in the ledger CN-1,,10,,1794.5',
      '2026-10-05,payment,Payment Bank 77,for INV-001,,100,1694.5',
      '2026-10-05,closing balance,,,,,1694.5',
    ]);
  });

  test.each([
    [['nobody'], 'no customer is called "nobody"'],
    [['c1', '--as-of', '2026-13-01'], '--as-of 2026-13-01: should be a day written YYYY-MM-DD'],
    [
      ['c1', '--as-of', '2026-11-24'],
      '2026-11-24 is still to come: a statement ends today, 2026-11-23, or earlier',
    ],
    [
      ['c1', '--from', '2026-11-01'],
      '--from and --to belong to --kind activity; open items take --as-of',
    ],
    [
      ['c1', '--kind', 'activity', '--as-of', '2026-11-01'],
      '--as-of belongs to --kind open-item; activity takes --from and --to',
    ],
    [
      ['c1', '--kind', 'activity', '--from', '2026-11-03', '--to', '2026-11-02'],
      'the period begins on 2026-11-03, after it ends on 2026-11-02',
    ],
  ])('%j is refused in words', async (args, message) => {
    const ended = await duebook('statement', book(), ...args, '--out', file('never'));
    expect(ended).toEqual({ code: 2, out: [], notes: [message] });
    expect(() => readFileSync(file('never'))).toThrow();
  });

  test('a name that fits several customers is asked for again', async () => {
    await db().prisma.customer.create({
      data: { bookId: own.bookId, id: 'c9', name: 'Kauri Builders', hash: 'h' },
    });
    const ended = await duebook('statement', book(), 'kauri', '--out', file('never'));
    expect(ended.notes).toEqual([
      '"kauri" fits several customers: say the id; there is c1 (Kauri & Sons), c9 (Kauri Builders)',
    ]);
  });
});

test('a dispute that was over by then, or had not begun, is not in the statement', async () => {
  const disputed = async (asOf: string, changes: object) => {
    await db().prisma.hold.updateMany({ where: { bookId: own.bookId }, data: changes });
    const { makeStatement } = await import('../../src/act/index.ts');
    const deps = { tx: db().prisma, clock: web.clock, config: web.app.config };
    const request = { kind: 'open-item', format: 'csv', to: day(asOf), currency: 'USD' } as const;
    const { statements } = await makeStatement(deps, own.bookId, 'c1' as never, request);
    return statements.map((statement) => 'disputedMinor' in statement && statement.disputedMinor);
  };
  expect(await disputed('2026-11-19', {})).toEqual([0]);
  expect(await disputed('2026-11-20', {})).toEqual([7_700]);
  expect(await disputed('2026-11-23', { untilOn: toDate(day('2026-11-22')) })).toEqual([0]);
  expect(await disputed('2026-11-22', { untilOn: toDate(day('2026-11-22')) })).toEqual([7_700]);
  expect(await disputed('2026-11-21', { endedAt: toDate(day('2026-11-22')) })).toEqual([7_700]);
  expect(await disputed('2026-11-22', { endedAt: toDate(day('2026-11-22')) })).toEqual([0]);
});
