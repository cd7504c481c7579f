import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { useDatabase } from '../support/database.ts';
import { World } from './world.ts';

const db = useDatabase();

/** Three customers, one invoice of each due for its friendly reminder and one that waits. */
async function smallBook(mode: 'shadow' | 'approve' | 'automatic'): Promise<World> {
  const world = await World.open(db(), '2026-06-15', { mode });
  for (const id of ['acme', 'birch', 'cedar']) {
    await world.customer({ id });
    await world.invoice({ id: `${id}-due`, customer: id, due: '2026-06-12' });
    await world.invoice({ id: `${id}-later`, customer: id, due: '2026-08-12' });
  }
  return world;
}

test('running twice on one day adds nothing, before and after the letters left', async () => {
  const world = await smallBook('automatic');
  const first = await world.run('2026-06-15');
  expect(first).toMatchObject({ actions: 3, changed: 6, decisions: { remind: 3, wait: 3 } });
  const before = await world.countRows();
  expect(await world.run('2026-06-15')).toMatchObject({ actions: 0, changed: 0, withdrawn: 0 });
  expect(await world.countRows()).toEqual({ ...before, runs: 2 });
  await world.deliver();
  await world.run('2026-06-15');
  await world.run('2026-06-15');
  expect(await world.actions()).toHaveLength(3);
  expect(await world.answer('acme-due')).toBe('wait overdue-second until 2026-06-22');
});

test('a quiet day writes a run and nothing else', async () => {
  const world = await smallBook('automatic');
  await world.live('2026-06-15');
  await world.live('2026-06-16');
  const before = await world.countRows();
  await world.live('2026-06-17');
  expect(await world.countRows()).toEqual({ ...before, runs: (before['runs'] ?? 0) + 1 });
});

describe('shadow mode', () => {
  test('shows day by day what would go out, and puts nothing into the outbox', async () => {
    const world = await smallBook('shadow');
    expect((await world.live('2026-06-15')).decisions).toEqual({ remind: 3, wait: 3 });
    expect((await world.live('2026-06-16')).decisions).toEqual({ wait: 6 });
    expect(await world.answer('acme-due')).toBe('wait overdue-second until 2026-06-22');
    await world.live('2026-06-22');
    expect(await world.answer('acme-due')).toBe('remind overdue-second until 2026-06-23');
    expect(await world.actions()).toEqual([]);
  });

  test('running it twice on a day gives the same answers', async () => {
    const world = await smallBook('shadow');
    await world.run('2026-06-15');
    expect(await world.run('2026-06-15')).toMatchObject({ changed: 0, decisions: { remind: 3 } });
  });

  test('what it would have sent counts for nothing once the book is let loose', async () => {
    const world = await smallBook('shadow');
    await world.live('2026-06-15');
    await world.setMode('automatic');
    await world.live('2026-06-22');
    expect(await world.actions()).toEqual([
      '2026-06-22 overdue-friendly acme NZD [acme-due] sent',
      '2026-06-22 overdue-friendly birch NZD [birch-due] sent',
      '2026-06-22 overdue-friendly cedar NZD [cedar-due] sent',
    ]);
  });

  test('going back to it takes back what has not left', async () => {
    const world = await smallBook('approve');
    await world.run('2026-06-15');
    await world.setMode('shadow');
    expect(await world.run('2026-06-15')).toMatchObject({ withdrawn: 3, actions: 0 });
    expect((await world.actions()).every((line) => line.endsWith('cancelled'))).toBe(true);
  });
});

test('a dry run tells everything and writes nothing, not even the default policy', async () => {
  const world = await smallBook('automatic');
  const before = await world.countRows();
  const told: string[] = [];
  const report = await world.run('2026-06-15', {
    dryRun: true,
    onProposal: (proposal) => told.push(`${proposal.debtorId} ${proposal.step.key}`),
  });
  expect(report).toMatchObject({ runId: null, decisions: { remind: 3, wait: 3 }, actions: 0 });
  expect(told).toEqual([
    'acme overdue-friendly',
    'birch overdue-friendly',
    'cedar overdue-friendly',
  ]);
  expect(await world.countRows()).toEqual(before);
});

test('a day before the last run is refused', async () => {
  const world = await smallBook('automatic');
  await world.run('2026-06-15');
  await expect(world.run('2026-06-14')).rejects.toThrow(UsageError);
  await expect(world.run('2026-06-14', { dryRun: true })).rejects.toThrow(/2026-06-15 or later/);
});

test('a run whose process was killed does not stay open for ever', async () => {
  const world = await smallBook('automatic');
  await world.run('2026-06-15');
  const where = { bookId: world.bookId };
  await db().prisma.run.updateMany({
    where: { ...where, state: 'done', policyVersionId: { not: 0 } },
    data: { state: 'running', endedAt: null },
  });
  await world.run('2026-06-15');
  const runs = await db().prisma.run.findMany({
    where: { ...where, policyVersionId: { not: 0 } },
    orderBy: { id: 'asc' },
  });
  expect(runs.map((run) => run.state)).toEqual(['failed', 'done']);
});

test('a run that breaks off is told so, and the next one ends where one clean run would', async () => {
  const world = await smallBook('automatic');
  let seen = 0;
  const breakOff = () => {
    seen += 1;
    if (seen === 2) throw new Error('the machine went down');
  };
  await expect(
    world.run('2026-06-15', { customersPerChunk: 1, onProposal: breakOff }),
  ).rejects.toThrow('went down');
  expect(await world.actions()).toHaveLength(1);
  expect(
    (
      await db().prisma.run.findFirstOrThrow({
        where: { bookId: world.bookId, policyVersionId: { not: 0 } },
      })
    ).state,
  ).toBe('failed');
  expect(await world.run('2026-06-15', { customersPerChunk: 2 })).toMatchObject({ actions: 2 });
  expect(await world.actions()).toHaveLength(3);
});

describe('the whole book is held', () => {
  test('when the ledger has not been read for a day; what was planned is taken back, and comes again', async () => {
    const world = await smallBook('automatic');
    await world.run('2026-06-15');
    await world.goTo('2026-06-17', { synced: false });
    const held = await world.run('2026-06-17');
    expect(held).toMatchObject({ withdrawn: 3, actions: 0, decisions: { hold: 3, wait: 3 } });
    expect(held.heldReason).toMatch(/last read at 2026-06-14 20:00 UTC, more than 24 hours ago/);
    await world.goTo('2026-06-18');
    expect(await world.run('2026-06-18')).toMatchObject({ heldReason: null, actions: 3 });
    await world.deliver();
    expect((await world.actions()).filter((line) => line.endsWith('sent'))).toHaveLength(3);
  });

  test('while the platform sends reminders of its own', async () => {
    const world = await smallBook('automatic');
    await db().prisma.book.update({
      where: { id: world.bookId },
      data: { platformRemindersOn: true },
    });
    expect((await world.run('2026-06-15')).heldReason).toMatch(/switch them off first/);
    expect(await world.actions()).toEqual([]);
  });

  test('before the first sync', async () => {
    const world = await smallBook('automatic');
    await db().prisma.book.update({ where: { id: world.bookId }, data: { lastSyncedAt: null } });
    expect((await world.run('2026-06-15')).decisions).toEqual({ hold: 3, wait: 3 });
  });
});

describe('approval', () => {
  test('emails of a book under approval are proposed; work for people is simply to do', async () => {
    const world = await smallBook('approve');
    await world.invoice({ id: 'x', customer: 'acme', due: '2026-05-20' });
    await world.took('x', '2026-05-20', 'overdue-second', '2026-05-30');
    await world.run('2026-06-15');
    expect((await world.actions()).slice(1)).toEqual([
      '2026-06-15 call acme NZD [acme-due* x] todo',
      '2026-06-15 overdue-friendly acme NZD [acme-due x*] proposed',
      '2026-06-15 overdue-friendly birch NZD [birch-due] proposed',
      '2026-06-15 overdue-friendly cedar NZD [cedar-due] proposed',
    ]);
  });

  test('a step that asks for a look is proposed even where the book runs by itself', async () => {
    const world = await smallBook('automatic');
    const policyId = await world.policy('Careful', 'at: 3 days after due\n    mode: approve');
    await world.assign('book', '', policyId);
    await world.run('2026-06-15');
    expect((await world.actions())[0]).toBe('2026-06-15 only acme NZD [acme-due] proposed');
  });

  test('a proposal that another invoice joins is replaced; one that is leaving is not touched', async () => {
    const world = await smallBook('approve');
    await world.run('2026-06-15');
    await db().prisma.action.updateMany({
      where: { bookId: world.bookId, customerId: 'birch' },
      data: { state: 'claimed' },
    });
    for (const id of ['acme', 'birch']) {
      await world.invoice({ id: `${id}-two`, customer: id, due: '2026-06-13' });
    }
    await world.goTo('2026-06-16');
    expect(await world.run('2026-06-16')).toMatchObject({ withdrawn: 1, actions: 1 });
    expect(await world.actions()).toEqual([
      '2026-06-15 overdue-friendly acme NZD [acme-due] cancelled',
      '2026-06-15 overdue-friendly birch NZD [birch-due] claimed',
      '2026-06-15 overdue-friendly cedar NZD [cedar-due] proposed',
      '2026-06-16 overdue-friendly acme NZD [acme-due acme-two] proposed',
    ]);
    expect(await world.answer('birch-two')).toBe('wait overdue-friendly until 2026-06-18');
  });

  test('one that a person approved and that has not left yet stays', async () => {
    const world = await smallBook('approve');
    await world.run('2026-06-15');
    await db().prisma.action.updateMany({
      where: { bookId: world.bookId, customerId: 'acme' },
      data: { state: 'planned', approvedAt: world.clock.now(), approvedBy: 'Ana' },
    });
    await world.invoice({ id: 'acme-two', customer: 'acme', due: '2026-06-13' });
    await world.goTo('2026-06-16');
    expect(await world.run('2026-06-16')).toMatchObject({ withdrawn: 0, actions: 0 });
    expect(await world.reasonCode('acme-two')).toBe('behind_approved');
  });
});

test('a book’s day is its own: on Monday morning in Auckland it is still Sunday in London', async () => {
  const world = await World.open(db(), '2026-06-15', { zone: 'Pacific/Auckland' });
  await world.customer({ id: 'acme' });
  await world.invoice({ id: 'a', customer: 'acme', due: '2026-06-12' });
  await world.run('2026-06-15');
  const [action] = await db().prisma.action.findMany({ where: { bookId: world.bookId } });
  expect(action?.dueAt.toISOString()).toBe('2026-06-14T20:00:00.000Z');
  // A run for a day that has not begun there waits for it.
  await world.invoice({ id: 'b', customer: 'acme', due: '2026-06-19', currency: 'AUD' });
  await world.run('2026-06-22');
  const later = await db().prisma.action.findFirst({
    where: { bookId: world.bookId, plannedOn: new Date('2026-06-22'), currency: 'AUD' },
  });
  expect(later?.dueAt.toISOString()).toBe('2026-06-21T12:00:00.000Z');
});

test('the walk does not depend on how many customers are taken at a time', async () => {
  const one = await smallBook('automatic');
  const many = await smallBook('automatic');
  await one.run('2026-06-15', { customersPerChunk: 1 });
  await many.run('2026-06-15', { customersPerChunk: 500 });
  expect(await one.actions()).toEqual(await many.actions());
});
