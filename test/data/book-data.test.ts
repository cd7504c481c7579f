/** What is held about a book can be had whole, and goes whole. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LedgerPlatform } from '../../connectors/ledger.ts';
import { exportBook } from '../../src/book-export.ts';
import { sealBookRef } from '../../src/connect/book-secrets.ts';
import type { ConnectDeps } from '../../src/connect/deps.ts';
import { sealTokens } from '../../src/connect/grant-tokens.ts';
import { purgeBook } from '../../src/connect/purge-book.ts';
import type { BookId } from '../../src/domain/receivables.ts';
import { LedgerError } from '../../src/errors.ts';
import { applyRetention, FORGOTTEN } from '../../src/jobs/retention.ts';
import { bookTables } from '../../src/store/book-data.ts';
import { useDatabase } from '../support/database.ts';
import { seedBook, startTestWeb, type TestWeb } from '../web/support.ts';

const db = useDatabase();
let web: TestWeb;
let folder: string;

beforeAll(async () => {
  web = startTestWeb(db());
  folder = await mkdtemp(path.join(tmpdir(), 'duebook-export-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const REALM = 'tenant-5ecre7';
const TOKEN = 'refresh-5ecre7';

/** A seeded book with a grant of its own. */
async function connected(): Promise<{ bookId: BookId; grantId: string }> {
  const { bookId } = await seedBook(web);
  const { vault, clock } = web.app;
  const at = clock.now();
  const grantId = randomUUID();
  const tokens = {
    accessToken: TOKEN,
    refreshToken: TOKEN,
    accessExpiresAt: new Date(at.getTime() + 3_600_000),
    refreshExpiresAt: null,
    refreshHardExpiresAt: null,
    scopes: [],
  };
  await db().prisma.grant.create({
    data: {
      id: grantId,
      platform: 'xero',
      createdAt: at,
      updatedAt: at,
      ...sealTokens(vault, grantId, tokens),
    },
  });
  const ref = sealBookRef(vault, bookId, 'xero', {
    externalId: `${REALM}-${bookId}`,
    connectionId: null,
  });
  await db().prisma.book.update({ where: { id: bookId }, data: { grantId, ...ref } });
  return { bookId, grantId };
}

async function rowsPerTable(bookId: BookId): Promise<Record<string, number>> {
  return db().bulk(async (sql) => {
    const counts: Record<string, number> = {};
    for (const { name, source } of await bookTables(sql)) {
      const { rows } = await sql(`select count(*)::int as n from ${source}`, [bookId]);
      counts[name] = (rows[0] as { n: number }).n;
    }
    return counts;
  });
}

function depsWith(changes: Partial<LedgerPlatform>): ConnectDeps {
  const xero = { ...(web.app.platforms.xero as LedgerPlatform), ...changes };
  return { ...web.app, platforms: { xero } };
}

describe('export', () => {
  test('holds every row of every table, matching its manifest, and no secret', async () => {
    const { bookId } = await connected();
    const file = path.join(folder, 'all.zip');
    const tables = await exportBook(web.app, { id: bookId, name: 'Harbour Supplies' }, file);
    const files = unzipSync(await readFile(file));
    const manifest = JSON.parse(strFromU8(files['manifest.json'] ?? new Uint8Array())) as {
      tables: { file: string; rows: number; sha256: string }[];
    };
    expect(manifest.tables).toEqual(tables);
    const counts = await rowsPerTable(bookId);
    for (const { file: name, rows, sha256 } of manifest.tables) {
      const bytes = files[name] ?? new Uint8Array();
      const lines = strFromU8(bytes).split('\n').slice(0, -1);
      expect([name, lines.length]).toEqual([name, counts[name.replace('.jsonl', '')]]);
      expect(rows).toBe(lines.length);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
      for (const line of lines) JSON.parse(line);
    }
    expect(counts).toMatchObject({
      book: 1,
      customer: 2,
      invoice: 3,
      message: 1,
      policy_version: 1,
    });
    const text = Object.values(files)
      .map((bytes) => strFromU8(bytes))
      .join('');
    expect(text).toContain('Dear Kauri, please pay.');
    for (const secret of [TOKEN, REALM, '_sealed":', '_hash":']) expect(text).not.toContain(secret);
    expect((await stat(file)).mode & 0o077).toBe(0);
  });
});

describe('purge', () => {
  test('takes the consent back, leaves no row of the book, and every row of others', async () => {
    const { bookId, grantId } = await connected();
    const other = await connected();
    const before = await rowsPerTable(other.bookId);
    const ended: string[] = [];
    const purged = await purgeBook(
      depsWith({
        disconnectBook: (_token, book) => Promise.resolve(ended.push(book.externalId) > 0),
      }),
      bookId,
      'test',
    );
    expect(purged.isRevoked).toBe(true);
    expect(ended).toEqual([`${REALM}-${bookId}`]);
    expect(Object.values(await rowsPerTable(bookId)).filter((n) => n > 0)).toEqual([]);
    expect(await db().prisma.grant.count({ where: { id: grantId } })).toBe(0);
    expect(await rowsPerTable(other.bookId)).toEqual(before);
    expect(await db().prisma.grant.count({ where: { id: other.grantId } })).toBe(1);
    const [line] = await db().prisma.audit.findMany({ where: { action: 'book.purged' } });
    expect(line).toMatchObject({ bookId: null, subject: `book ${bookId}`, detail: {} });
  });

  test('removes nothing while the platform cannot be asked, unless a person takes that on', async () => {
    const { bookId } = await connected();
    const away = depsWith({
      disconnectBook: () => Promise.reject(new LedgerError('unavailable', 'down')),
    });
    const before = await rowsPerTable(bookId);
    await expect(purgeBook(away, bookId, 'test')).rejects.toThrow('could not be revoked');
    expect(await rowsPerTable(bookId)).toEqual(before);
    expect(await purgeBook(away, bookId, 'test', { evenUnrevoked: true })).toMatchObject({
      isRevoked: false,
    });
    expect((await rowsPerTable(bookId))['book']).toBe(0);
  });

  test('waits for a message that is leaving', async () => {
    const { bookId } = await connected();
    const leaseUntil = new Date(web.clock.now().getTime() + 60_000);
    await db().prisma.action.updateMany({
      where: { bookId, state: 'planned' },
      data: { state: 'handing_over', leaseUntil },
    });
    await expect(purgeBook(web.app, bookId, 'test')).rejects.toThrow('are leaving');
    expect((await rowsPerTable(bookId))['message']).toBe(1);
  });
});

describe('retention', () => {
  const withDays = (messageDays: number | null, auditDays: number | null) => ({
    ...web.app,
    config: { ...web.app.config, retention: { messageDays, auditDays } },
  });

  test('forgets the words of ended messages and old audit lines, and only those', async () => {
    const { bookId, actions } = await seedBook(web);
    const now = web.clock.now().getTime();
    const daysAgo = (days: number) => new Date(now - days * 86_400_000);
    const audit = { bookId, actor: 'test', action: 'x', subject: 'y' };
    await db().prisma.audit.createMany({
      data: [
        { ...audit, at: daysAgo(401) },
        { ...audit, at: daysAgo(399) },
      ],
    });
    const message = () =>
      db().prisma.message.findUniqueOrThrow({ where: { actionId: actions['sent'] ?? '' } });
    const setUpdated = (at: Date) =>
      db().prisma.action.update({ where: { id: actions['sent'] ?? '' }, data: { updatedAt: at } });

    await setUpdated(daysAgo(89));
    expect(await applyRetention(withDays(90, 400))).toEqual({ messages: 0, auditLines: 1 });
    expect((await message()).text).toBe('Dear Kauri, please pay.');
    await setUpdated(daysAgo(91));
    expect(await applyRetention(withDays(90, 400))).toEqual({ messages: 1, auditLines: 0 });
    expect(await message()).toMatchObject({
      text: FORGOTTEN,
      html: FORGOTTEN,
      toAddresses: ['ap@kauri.example'],
      smtpResponse: '250 OK',
    });
    expect(await applyRetention(withDays(90, 400))).toEqual({ messages: 0, auditLines: 0 });
  });

  test('without the settings forgets nothing', async () => {
    const { bookId } = await seedBook(web);
    const at = new Date('2001-01-01T00:00:00Z');
    await db().prisma.audit.create({ data: { bookId, at, actor: 'a', action: 'b', subject: 'c' } });
    expect(await applyRetention(withDays(null, null))).toEqual({ messages: 0, auditLines: 0 });
  });
});
