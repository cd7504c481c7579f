import { beforeEach, describe, expect, inject, test } from 'vitest';
import { ManualClock } from '../../src/clock.ts';
import type { ConnectDeps } from '../../src/connect/deps.ts';
import { grantTokenSource } from '../../src/connect/tokens.ts';
import { openLedger } from '../../src/connect/open-ledger.ts';
import type { BookId } from '../../src/domain/receivables.ts';
import { LedgerError } from '../../src/errors.ts';
import { syncBook } from '../../src/sync/sync-book.ts';
import { connect, connectDeps, emptyDatabase } from '../support/connect.ts';
import { openDatabase } from '../../src/store/db.ts';
import { useDatabase } from '../support/database.ts';
import { withDatabaseName } from '../support/postgres.ts';
import { FakePlatform, standingClock } from '../support/fake-platform.ts';

const db = useDatabase();
const START = '2026-11-20T09:00:00Z';
/** The first token has died. */
const LATER = '2026-11-20T10:00:00Z';
const AFTER_LEASE = '2026-11-20T10:00:31Z';

let clock: ManualClock;
let xero: FakePlatform;

beforeEach(async () => {
  await emptyDatabase(db());
  clock = new ManualClock(START);
  xero = new FakePlatform('xero', clock);
});

/** A connected book whose access token has expired, seen by `count` processes. */
async function expiredBook(
  count: number,
  time = LATER,
): Promise<{ bookId: BookId; grantId: string; processes: ConnectDeps[] }> {
  const [book] = await connect(connectDeps(db(), clock, xero), xero);
  const { id: grantId } = await db().prisma.grant.findFirstOrThrow();
  clock.set(time);
  const processes = Array.from({ length: count }, () =>
    // A copy of the handle is another process to everything in memory.
    connectDeps({ ...db() }, standingClock(time), xero),
  );
  return { bookId: book?.id as BookId, grantId, processes };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('refresh', () => {
  test('50 calls in each of 3 processes with an expired token: exactly one refresh, no invalid grant', async () => {
    const { bookId, processes } = await expiredBook(3);
    xero.beforeAnswer = async () => {
      for (let i = 0; i < 20; i += 1) await turn();
    };
    const calls = processes.flatMap((deps) =>
      Array.from({ length: 50 }, async () => (await openLedger(deps, bookId)).organisation()),
    );
    await Promise.all(calls);
    expect(xero.refreshes).toBe(1);
    expect(xero.invalidGrants).toBe(0);
  });

  test('the new pair is in the database before any call uses it', async () => {
    const { bookId, grantId, processes } = await expiredBook(1);
    const [deps] = processes as [ConnectDeps];
    const open = xero.open.bind(xero);
    const versions: number[] = [];
    xero.open = (session) => {
      const current = async (): Promise<string> => {
        const token = await session.tokens.current();
        const row = await db().prisma.grant.findUniqueOrThrow({ where: { id: grantId } });
        versions.push(row.version);
        expect(deps.vault.open(row.accessSealed, `grant|${grantId}|access`)).toBe(token);
        return token;
      };
      return open({ ...session, tokens: { ...session.tokens, current } });
    };
    await (await openLedger(deps, bookId)).organisation();
    expect(versions).toEqual([2]);
  });

  test('a token the platform refuses early is replaced once for everybody', async () => {
    const { grantId, processes } = await expiredBook(2, '2026-11-20T09:05:00Z');
    const sources = processes.map((deps) => grantTokenSource(deps, grantId));
    const [rejected = ''] = await Promise.all(sources.map((source) => source.current()));
    const fresh = await Promise.all(
      [...sources, ...sources].map((source) => source.replace(rejected)),
    );
    expect(new Set(fresh).size).toBe(1);
    expect(fresh[0]).not.toBe(rejected);
    expect(xero.refreshes).toBe(1);
  });

  test('crash between the answer and the store: after the lease the old token is tried again, within its grace', async () => {
    const { grantId, processes } = await expiredBook(1);
    const [crashing] = processes as [ConnectDeps];
    xero.hasGrace = true;
    // The process dies in the middle: nothing after the answer ever runs.
    let answered: () => void = () => undefined;
    const dead = new Promise<void>((resolve) => (answered = resolve));
    xero.beforeAnswer = () => {
      answered();
      return new Promise(() => undefined);
    };
    // Long after this test its patience with the platform ends, and there is no database any more.
    grantTokenSource(crashing, grantId)
      .current()
      .catch(() => undefined);
    await dead;
    xero.beforeAnswer = () => Promise.resolve();

    const impatient = standingClock(LATER);
    let waits = 0;
    impatient.sleep = () => {
      waits += 1;
      return waits < 3 ? Promise.resolve() : Promise.reject(new Error('still waiting'));
    };
    await expect(
      grantTokenSource(connectDeps({ ...db() }, impatient, xero), grantId).current(),
      'while the lease runs nobody else refreshes',
    ).rejects.toThrow('still waiting');
    expect(xero.refreshes).toBe(1);

    const restarted = connectDeps({ ...db() }, standingClock(AFTER_LEASE), xero);
    await grantTokenSource(restarted, grantId).current();
    expect(xero.refreshes).toBe(2);
    expect(await db().prisma.grant.findFirstOrThrow()).toMatchObject({
      status: 'connected',
      version: 2,
      refreshAttempt: null,
      refreshLeaseUntil: null,
    });
  });

  test('the same crash without grace: disconnected, the person told, and no loop', async () => {
    const { bookId, grantId, processes } = await expiredBook(1);
    const [deps] = processes as [ConnectDeps];
    xero.forgetEverything();
    for (let i = 0; i < 3; i += 1) {
      await expect(grantTokenSource(deps, grantId).current()).rejects.toMatchObject({
        kind: 'disconnected',
        userMessage: 'Xero ended this connection; connect again to go on.',
      });
    }
    expect(xero.refreshes, 'one call learns it, the others read it').toBe(1);
    expect(await db().prisma.grant.findFirstOrThrow()).toMatchObject({ status: 'disconnected' });
    expect(await db().prisma.book.findUnique({ where: { id: bookId } })).toMatchObject({
      status: 'disconnected',
      statusReason: 'Xero ended this connection; connect again to go on.',
    });
    expect(await db().prisma.audit.count({ where: { action: 'book.disconnected' } })).toBe(1);
  });

  test('no answer: the same token once more, and not a third time', async () => {
    const { grantId, processes } = await expiredBook(1);
    const [deps] = processes as [ConnectDeps];
    const tried: string[] = [];
    xero.refresh = (token) => {
      tried.push(token);
      return Promise.reject(new LedgerError('outcome_unknown', 'timeout'));
    };
    await expect(grantTokenSource(deps, grantId).current()).rejects.toMatchObject({
      kind: 'outcome_unknown',
    });
    expect(tried).toHaveLength(2);
    expect(new Set(tried).size).toBe(1);
    expect(await db().prisma.grant.findFirstOrThrow()).toMatchObject({
      status: 'connected',
      refreshLeaseUntil: null,
    });
  });

  test('the token server is down: the lease is given back and the next call tries again', async () => {
    const { grantId, processes } = await expiredBook(1);
    const [deps] = processes as [ConnectDeps];
    const refresh = xero.refresh.bind(xero);
    xero.refresh = () => Promise.reject(new LedgerError('unavailable', '503'));
    await expect(grantTokenSource(deps, grantId).current()).rejects.toThrow('503');
    xero.refresh = refresh;
    await grantTokenSource(deps, grantId).current();
    expect(xero.refreshes).toBe(1);
  });

  test('an invalid grant for a pair that somebody replaced meanwhile disconnects nothing', async () => {
    const { grantId, processes } = await expiredBook(2);
    const [slow, fast] = processes as [ConnectDeps, ConnectDeps];
    const refresh = xero.refresh.bind(xero);
    xero.refresh = async () => {
      // The slow process loses its lease while it waits, and another refreshes.
      xero.refresh = refresh;
      const late = { ...fast, clock: standingClock(AFTER_LEASE) };
      await grantTokenSource(late, grantId).current();
      throw new LedgerError('disconnected', 'invalid_grant');
    };
    const token = await grantTokenSource(slow, grantId).current();
    expect(token).toMatch(/^access-/);
    expect(await db().prisma.grant.findFirstOrThrow()).toMatchObject({ status: 'connected' });
  });

  test('a user who disconnects at the platform: one sync learns it, the next makes no call', async () => {
    const { bookId, processes } = await expiredBook(1, '2026-11-20T09:05:00Z');
    const [deps] = processes as [ConnectDeps];
    const sync = () =>
      syncBook({ ...deps, openLedger: (id, priority) => openLedger(deps, id, priority) }, bookId);
    xero.forgetEverything();
    await expect(sync()).rejects.toMatchObject({ kind: 'disconnected' });
    const { calls, refreshes } = xero;
    await expect(sync()).rejects.toMatchObject({ kind: 'disconnected' });
    expect({ calls, refreshes }).toEqual({ calls: xero.calls, refreshes: xero.refreshes });
    expect(await db().prisma.audit.count({ where: { action: 'book.disconnected' } })).toBe(1);
  });
});

test.runIf(inject('database').kind === 'postgres')(
  'PostgreSQL: two processes with connections of their own, 50 calls each, one refresh',
  async () => {
    const { bookId } = await expiredBook(0);
    const name = await db().executeSql('select current_database() as name');
    const { url } = inject('database') as { url: string };
    const other = await openDatabase({
      kind: 'postgres',
      url: withDatabaseName(url, (name.rows[0] as { name: string }).name),
    });
    try {
      xero.beforeAnswer = () => new Promise((resolve) => setTimeout(resolve, 50));
      const processes = [db(), other].map((one) => connectDeps(one, standingClock(LATER), xero));
      await Promise.all(
        processes.flatMap((deps) =>
          Array.from({ length: 50 }, async () => (await openLedger(deps, bookId)).organisation()),
        ),
      );
      expect(xero.refreshes).toBe(1);
      expect(xero.invalidGrants).toBe(0);
    } finally {
      await other.close();
    }
  },
);
