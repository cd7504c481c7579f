import { beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../src/clock.ts';
import { beginConnect } from '../../src/connect/begin.ts';
import { completeConnect } from '../../src/connect/complete.ts';
import type { ConnectDeps } from '../../src/connect/deps.ts';
import { disconnectBook } from '../../src/connect/disconnect.ts';
import { openLedger } from '../../src/connect/open-ledger.ts';
import { recordWebhook } from '../../src/connect/webhooks.ts';
import type { BookId } from '../../src/domain/receivables.ts';
import { LedgerError } from '../../src/errors.ts';
import { connect, connectDeps, emptyDatabase } from '../support/connect.ts';
import { useDatabase } from '../support/database.ts';
import { FakePlatform, ORGANISATION } from '../support/fake-platform.ts';

const db = useDatabase();
let clock: ManualClock;
let xero: FakePlatform;
let deps: ConnectDeps;

beforeEach(async () => {
  await emptyDatabase(db());
  clock = new ManualClock('2026-11-20T09:00:00Z');
  xero = new FakePlatform('xero', clock);
  deps = connectDeps(db(), clock, xero);
});

const browser = 'browser-1';
const complete = (query: Record<string, string>, from = browser) =>
  completeConnect(deps, { platform: 'xero', query, browser: from });

async function stored() {
  return { grants: await db().prisma.grant.count(), books: await db().prisma.book.count() };
}

describe('a connection', () => {
  test('stores the grant and its book, in shadow mode, described as the ledger describes it', async () => {
    const [book] = await connect(deps, xero);
    const row = await db().prisma.book.findUniqueOrThrow({ where: { id: book?.id ?? 0 } });
    expect(row).toMatchObject({ ...ORGANISATION, mode: 'shadow', status: 'connected' });
    expect(await db().prisma.audit.findMany()).toMatchObject([{ action: 'book.connected' }]);
  });

  test('covers every organisation of the consent, in one grant; one that cannot be read is left out', async () => {
    xero.companies = ['a', 'b', 'c'].map((id) => ({ externalId: id, connectionId: id, name: id }));
    const open = xero.open.bind(xero);
    xero.open = (session) => {
      const ledger = open(session);
      if (session.externalId !== 'b') return ledger;
      return {
        ...ledger,
        organisation: () => Promise.reject(new LedgerError('unavailable', '503')),
      };
    };
    expect(await connect(deps, xero)).toHaveLength(2);
    expect(await stored()).toEqual({ grants: 1, books: 2 });
  });

  test('made again for the same company keeps its book, id, mode and settings, and drops the old grant', async () => {
    const [first] = await connect(deps, xero);
    await db().prisma.book.update({
      where: { id: first?.id ?? 0 },
      data: { mode: 'automatic', fromEmail: 'ar@kauri.example', status: 'disconnected' },
    });
    const before = await db().prisma.grant.findFirstOrThrow();
    expect(await connect(deps, xero)).toEqual([first]);
    const after = await db().prisma.book.findMany();
    expect(after).toMatchObject([
      { id: first?.id, mode: 'automatic', fromEmail: 'ar@kauri.example', status: 'connected' },
    ]);
    expect(await db().prisma.grant.findMany()).toHaveLength(1);
    expect(after[0]?.grantId).not.toBe(before.id);
  });

  test('keeps an old grant that another book still lives on', async () => {
    const a = { externalId: 'a', connectionId: 'a', name: 'a' };
    const b = { externalId: 'b', connectionId: 'b', name: 'b' };
    xero.companies = [a, b];
    await connect(deps, xero);
    xero.companies = [a];
    await connect(deps, xero);
    expect(await stored()).toEqual({ grants: 2, books: 2 });
  });

  test('two answers at once for one company make one book', async () => {
    const first = await beginConnect(deps, { platform: 'xero', browser }).then(() =>
      xero.consent(),
    );
    const second = await beginConnect(deps, { platform: 'xero', browser }).then(() =>
      xero.consent(),
    );
    const [one, two] = await Promise.all([complete(first), complete(second)]);
    expect(one).toEqual(two);
    expect(await stored()).toEqual({ grants: 1, books: 1 });
  });
});

describe('an answer that is not ours to use stores nothing and says why', () => {
  const begin = async (): Promise<{ state: string; code: string }> => {
    await beginConnect(deps, { platform: 'xero', browser });
    return xero.consent();
  };

  const refusals: [string, RegExp, () => Promise<unknown>][] = [
    [
      'no state',
      /without the code that ties it/,
      async () => complete({ code: (await begin()).code }),
    ],
    [
      'an unknown state',
      /did not ask for this connection/,
      async () => complete({ ...(await begin()), state: 'x'.repeat(43) }),
    ],
    ['another browser', /another browser/, async () => complete(await begin(), 'browser-2')],
    [
      'another platform',
      /another platform/,
      async () => {
        const query = await begin();
        deps.platforms.quickbooks = new FakePlatform('quickbooks', clock);
        return completeConnect(deps, { platform: 'quickbooks', query, browser });
      },
    ],
    [
      'eleven minutes',
      /longer than ten minutes/,
      async () => {
        const query = await begin();
        clock.advance(10 * 60_000);
        return complete(query);
      },
    ],
    [
      'a refused consent',
      /Access was not given at Xero/,
      async () => complete({ state: (await begin()).state, error: 'access_denied' }),
    ],
    [
      'an error nobody should echo',
      /\(unreadable\)/,
      async () => complete({ state: (await begin()).state, error: '<b>x</b>' }),
    ],
    [
      'a code that was used before',
      /did not accept the sign-in code/,
      async () => {
        const { code } = await begin();
        xero.codes.delete(code);
        return complete({ code, state: xero.lastAuthorize?.state ?? '' });
      },
    ],
    [
      'a consent without an organisation',
      /No organisation was chosen/,
      async () => {
        xero.companies = [];
        return complete(await begin());
      },
    ],
  ];

  test.each(refusals)('%s', async (_name, says, attempt) => {
    await expect(attempt()).rejects.toThrow(
      expect.objectContaining({ userMessage: expect.stringMatching(says) as unknown }),
    );
    expect(await stored()).toEqual({ grants: 0, books: 0 });
  });

  test('a state used twice, even at the same moment: one connection', async () => {
    const query = await begin();
    const results = await Promise.allSettled([complete(query), complete(query), complete(query)]);
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    await expect(complete(query)).rejects.toThrow(/was used before/);
    expect(await stored()).toEqual({ grants: 1, books: 1 });
  });

  test('a thief who answers first from another browser does not use up the state', async () => {
    const query = await begin();
    await expect(complete(query, 'thief')).rejects.toThrow(/another browser/);
    expect((await complete(query)).books).toHaveLength(1);
  });
});

describe('disconnecting', () => {
  test('ends one Xero organisation and leaves the others of its grant connected', async () => {
    xero.companies = ['a', 'b'].map((id) => ({
      externalId: id,
      connectionId: `c-${id}`,
      name: id,
    }));
    const [a, b] = await connect(deps, xero);
    await disconnectBook(deps, a?.id as BookId, 'owner');
    expect(xero.ended).toEqual(['c-a']);
    expect(xero.revoked).toBe(0);
    expect(await stored()).toEqual({ grants: 1, books: 2 });
    await expect(openLedger(deps, a?.id as BookId)).rejects.toThrow(/disconnected/);
    await (await openLedger(deps, b?.id as BookId)).organisation();
    await disconnectBook(deps, b?.id as BookId, 'owner');
    expect(await stored(), 'no tokens stay behind').toEqual({ grants: 0, books: 2 });
  });

  test('revokes the consent where a book cannot be ended alone', async () => {
    xero.canEndOneBook = false;
    const [book] = await connect(deps, xero);
    await disconnectBook(deps, book?.id as BookId, 'owner');
    expect(xero.revoked).toBe(1);
    expect(await stored()).toEqual({ grants: 0, books: 1 });
  });

  test('goes through when the platform ended it already, and not when the platform is out of reach', async () => {
    const [book] = await connect(deps, xero);
    xero.disconnectBook = () => Promise.reject(new LedgerError('unavailable', '503'));
    await expect(disconnectBook(deps, book?.id as BookId, 'owner')).rejects.toThrow('503');
    expect(await db().prisma.book.findFirstOrThrow()).toMatchObject({ status: 'connected' });
    xero.disconnectBook = () => Promise.reject(new LedgerError('disconnected', '401'));
    await disconnectBook(deps, book?.id as BookId, 'owner');
    expect(await db().prisma.book.findFirstOrThrow()).toMatchObject({ status: 'disconnected' });
  });
});

describe('an open ledger', () => {
  test('counts its calls', async () => {
    const [book] = await connect(deps, xero);
    const ledger = await openLedger(deps, book?.id as BookId);
    await ledger.organisation();
    await ledger.organisation();
    expect(ledger.calls).toBe(2);
  });

  test('parks the book on a day limit; people may still try', async () => {
    const [book] = await connect(deps, xero);
    const id = book?.id as BookId;
    xero.failAt = {
      index: 0,
      error: new LedgerError('rate_limited', 'day', {}, { retryAfterMs: 73_451_000 }),
    };
    const ledger = await openLedger(deps, id);
    await expect(
      ledger.pull(null, { now: clock.now(), sweep: 'auto' })[Symbol.asyncIterator]().next(),
    ).rejects.toThrow();
    const calls = xero.calls;
    await expect(openLedger(deps, id, 'background')).rejects.toMatchObject({
      kind: 'rate_limited',
      retryAfterMs: 73_451_000,
    });
    expect(xero.calls).toBe(calls);
    await (await openLedger(deps, id, 'interactive')).organisation();
    clock.advance(73_451_000);
    await openLedger(deps, id, 'background');
  });

  test('a scope that only notes need does not disconnect the book', async () => {
    const [book] = await connect(deps, xero);
    const open = xero.open.bind(xero);
    const missing = () => Promise.reject(new LedgerError('scope_missing', 'insufficient_scope'));
    xero.open = (session) => ({ ...open(session), writeNote: missing, organisation: missing });
    const ledger = await openLedger(deps, book?.id as BookId);
    const note = {
      target: { kind: 'invoice', id: '1' },
      text: 't',
      ref: 'r',
      requestId: 'q',
      notAfter: new Date('2100-01-01'),
    } as const;
    await expect(ledger.writeNote(note)).rejects.toThrow();
    expect(await db().prisma.book.findFirstOrThrow()).toMatchObject({ status: 'connected' });
    await expect(ledger.organisation()).rejects.toThrow();
    expect(await db().prisma.book.findFirstOrThrow()).toMatchObject({ status: 'disconnected' });
  });
});

describe('webhook events', () => {
  const hint = (externalId: string, key: string) => ({
    externalId,
    category: 'INVOICE',
    entityId: 'i-1',
    dedupeKey: key,
  });

  test('name their connected book once; a replay, a stranger and a disconnected book name none', async () => {
    const [book] = await connect(deps, xero);
    const record = (...hints: ReturnType<typeof hint>[]) => recordWebhook(deps, 'xero', hints);
    expect(await record(hint('tenant-1', 'e1'), hint('tenant-1', 'e2'))).toEqual([book?.id]);
    expect(await record(hint('tenant-1', 'e1'))).toEqual([]);
    expect(await record(hint('tenant-9', 'e1'))).toEqual([]);
    expect(await record()).toEqual([]);
    expect(await recordWebhook(deps, 'quickbooks', [hint('tenant-1', 'e3')])).toEqual([]);
    await db().prisma.book.updateMany({ data: { status: 'disconnected' } });
    expect(await record(hint('tenant-1', 'e4'))).toEqual([]);
    expect(await db().prisma.webhookEvent.count()).toBe(5);
  });
});
