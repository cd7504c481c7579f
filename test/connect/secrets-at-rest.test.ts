import { beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../src/clock.ts';
import { beginConnect } from '../../src/connect/begin.ts';
import { completeConnect } from '../../src/connect/complete.ts';
import type { ConnectDeps } from '../../src/connect/deps.ts';
import { openLedger } from '../../src/connect/open-ledger.ts';
import { rotateKeys } from '../../src/connect/rotate-keys.ts';
import { recordWebhook } from '../../src/connect/webhooks.ts';
import type { BookId } from '../../src/domain/receivables.ts';
import type { Db } from '../../src/store/db.ts';
import { createVault } from '../../src/store/vault.ts';
import { connect, connectDeps, emptyDatabase, KEY } from '../support/connect.ts';
import { useDatabase } from '../support/database.ts';
import { FakePlatform } from '../support/fake-platform.ts';

const db = useDatabase();
const NEW_KEY = { id: 'k2', key: Buffer.alloc(32, 8) };
let clock: ManualClock;
let xero: FakePlatform;
let deps: ConnectDeps;

beforeEach(async () => {
  await emptyDatabase(db());
  clock = new ManualClock('2026-11-20T09:00:00Z');
  xero = new FakePlatform('xero', clock);
  deps = connectDeps(db(), clock, xero);
});

const withKeys = (...keys: (typeof KEY)[]): ConnectDeps => ({ ...deps, vault: createVault(keys) });

async function connectBooks(count: number): Promise<BookId[]> {
  const ids: BookId[] = [];
  for (let i = 0; i < count; i += 1) {
    xero.companies = [{ externalId: `tenant-${i}`, connectionId: `conn-${i}`, name: `b${i}` }];
    ids.push(...(await connect(deps, xero)).map((book) => book.id));
  }
  return ids;
}

async function wholeDatabase(): Promise<string> {
  const tables = ['grant', 'book', 'oauth_state', 'webhook_event', 'audit'];
  const sql = tables.map((table) => `select to_jsonb(t)::text as row from "${table}" t`);
  return JSON.stringify((await db().executeSql(sql.join(' union all '))).rows);
}

test('the database holds no token, company id, connection id, state or verifier in clear', async () => {
  const secrets: string[] = [];
  const issue = xero.issue.bind(xero);
  xero.issue = () => {
    const tokens = issue();
    secrets.push(tokens.accessToken, tokens.refreshToken);
    return tokens;
  };
  await connectBooks(1);
  await beginConnect(deps, { platform: 'xero', browser: 'browser-secret' });
  const hint = { externalId: 'tenant-0', category: 'c', entityId: 'e', dedupeKey: 'tenant-0 e' };
  await recordWebhook(deps, 'xero', [hint]);
  const { state = '', codeVerifier = '' } = xero.lastAuthorize ?? {};
  secrets.push('tenant-0', 'conn-0', 'browser-secret', state, codeVerifier);
  const dump = await wholeDatabase();
  expect(secrets).toHaveLength(7);
  expect(secrets.filter((secret) => dump.includes(secret))).toEqual([]);
});

test('a row that holds another row’s secrets does not open', async () => {
  const [first, second] = await connectBooks(2);
  const grants = await db().prisma.grant.findMany({ include: { books: true } });
  const [a, b] = [first, second].map((id) => grants.find((grant) => grant.books[0]?.id === id));
  const { accessSealed, refreshSealed } = b ?? {};
  await db().prisma.grant.update({
    where: { id: a?.id ?? '' },
    data: { accessSealed: accessSealed ?? '', refreshSealed: refreshSealed ?? '' },
  });
  const ledger = await openLedger(deps, first as BookId);
  await expect(ledger.organisation()).rejects.toMatchObject({ code: 'vault.unreadable' });

  const other = await db().prisma.book.findUniqueOrThrow({ where: { id: first as BookId } });
  await db().prisma.book.update({
    where: { id: second as BookId },
    data: { externalIdSealed: other.externalIdSealed },
  });
  await expect(openLedger(deps, second as BookId)).rejects.toMatchObject({
    code: 'vault.unreadable',
  });
});

test('rotation: afterwards the new key alone opens everything, finds every book and ends every consent begun', async () => {
  const ids = await connectBooks(3);
  await beginConnect(deps, { platform: 'xero', browser: 'b' });
  const query = xero.consent();
  // Three grants, three books, four states.
  expect(await rotateKeys(withKeys(NEW_KEY, KEY))).toEqual({ resealed: 10 });
  expect(await rotateKeys(withKeys(NEW_KEY, KEY)), 'nothing is left').toEqual({ resealed: 0 });

  const after = withKeys(NEW_KEY);
  for (const id of ids) await (await openLedger(after, id)).organisation();
  const hint = { externalId: 'tenant-1', category: 'c', entityId: 'e', dedupeKey: 'd' };
  expect(await recordWebhook(after, 'xero', [hint])).toEqual([ids[1]]);
  const again = await completeConnect(after, { platform: 'xero', query, browser: 'b' });
  expect(again.books[0]?.id, 'the same company is the same book').toBe(ids[2]);
});

test('between the new key and the rotation, companies are found and connected under their old hash', async () => {
  const [id] = await connectBooks(1);
  const both = withKeys(NEW_KEY, KEY);
  const hint = { externalId: 'tenant-0', category: 'c', entityId: 'e', dedupeKey: 'd' };
  expect(await recordWebhook(both, 'xero', [hint])).toEqual([id]);
  expect((await connect(both, xero))[0]?.id).toBe(id);
  expect(await db().prisma.book.count()).toBe(1);
});

test('rotation while tokens are being refreshed loses no connection', async () => {
  const ids = await connectBooks(8);
  clock.advance(60 * 60_000);
  const both = withKeys(NEW_KEY, KEY);
  // Each refresh comes in the middle of a rotation, so that the pair it stores is newer than what rotation read.
  xero.beforeAnswer = async () => {
    await rotateKeys(both);
  };
  const calls = ids.map(async (id) => (await openLedger(both, id)).organisation());
  await Promise.all([rotateKeys(both), ...calls, rotateKeys(both)]);
  expect(xero.invalidGrants).toBe(0);
  await rotateKeys(both);
  clock.advance(60 * 60_000);
  xero.beforeAnswer = () => Promise.resolve();
  for (const id of ids) await (await openLedger(withKeys(NEW_KEY), id)).organisation();
  expect(await db().prisma.grant.count({ where: { status: 'connected' } })).toBe(8);
});

test('a pair that is stored between rotation’s read and its write is not put back', async () => {
  const [id] = await connectBooks(1);
  clock.advance(60 * 60_000);
  const both = withKeys(NEW_KEY, KEY);
  const call = async () => (await openLedger(both, id as BookId)).organisation();
  const prisma = db().prisma.$extends({
    query: {
      grant: {
        async findMany({ args, query }) {
          const rows = await query(args);
          await call();
          return rows;
        },
      },
    },
  });
  await rotateKeys({ ...both, db: { ...db(), prisma: prisma as unknown as Db['prisma'] } });
  clock.advance(60 * 60_000);
  await call();
  expect({ refreshes: xero.refreshes, invalid: xero.invalidGrants }).toEqual({
    refreshes: 2,
    invalid: 0,
  });
});

test('a process that still seals with the old key stops the rotation with advice, not in a circle', async () => {
  await connectBooks(1);
  const stubborn = createVault([NEW_KEY, KEY]);
  const vault = { ...stubborn, isCurrent: () => false };
  await expect(rotateKeys({ ...deps, vault })).rejects.toMatchObject({
    code: 'vault.rotation_unfinished',
  });
});
