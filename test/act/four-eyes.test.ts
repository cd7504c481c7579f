/** A step under four eyes leaves only when two different people have said so, whatever the order or the hurry. */
import { beforeEach, expect, test } from 'vitest';
import { approveActions } from '../../src/act/approve.ts';
import { claimNext } from '../../src/act/claim.ts';
import { UsageError } from '../../src/errors.ts';
import { useDatabase } from '../support/database.ts';
import { Outbox } from '../support/outbox.ts';

const db = useDatabase();
let box: Outbox;

beforeEach(async () => {
  box = await Outbox.open(db(), 'approve');
});

async function underFourEyes(channel = 'email') {
  const { actionId } = await box.reminder({ state: 'proposed', channel });
  await db().prisma.action.update({ where: { id: actionId }, data: { approvalsNeeded: 2 } });
  return actionId;
}

const approve = (actor: string, ids: string[] | 'all' = 'all') =>
  approveActions(box.deps, box.bookId, ids, actor);

test('one approval alone never releases, and a second by the same person is none', async () => {
  const id = await underFourEyes();
  expect(await approve('Mia Tran')).toEqual({ released: 0, waiting: 1, unnamed: 0 });
  for (const again of ['Mia Tran', 'mia tran', ' MIA  TRAN ']) {
    expect(await approve(again, [id])).toEqual({ released: 0, waiting: 0, unnamed: 0 });
  }
  expect(await box.stateOf(id)).toMatchObject({ state: 'proposed', approvedBy: null });
  expect(await db().prisma.actionApproval.count({ where: { actionId: id } })).toBe(1);
  // Even a row that somebody moved on by hand is not taken up by the sender.
  await db().prisma.action.update({ where: { id }, data: { state: 'planned' } });
  expect(await claimNext(box.deps, box.bookId, { onlyApproved: false })).toBeNull();
});

test('the word of another person releases it, under both names and with both in the log', async () => {
  const id = await underFourEyes();
  await approve('Mia Tran', [id]);
  box.clock.advance(3_600_000);
  expect(await approve('Tom Reed', [id.toUpperCase()])).toEqual({
    released: 1,
    waiting: 0,
    unnamed: 0,
  });
  expect(await box.stateOf(id)).toMatchObject({
    state: 'planned',
    approvedBy: 'Mia Tran and Tom Reed',
    approvedAt: box.clock.now(),
  });
  const log = await db().prisma.audit.findMany({
    where: { bookId: box.bookId },
    orderBy: { id: 'asc' },
  });
  expect(log.map(({ actor, action, detail }) => ({ actor, action, detail }))).toEqual([
    { actor: 'Mia Tran', action: 'action.approve', detail: { stillNeeded: true } },
    { actor: 'Tom Reed', action: 'action.approve', detail: {} },
  ]);
});

test('a letter becomes a task, and stays with a person', async () => {
  const id = await underFourEyes('letter');
  await approve('Mia');
  await approve('Tom');
  expect(await box.stateOf(id)).toMatchObject({ state: 'todo', approvedBy: 'Mia and Tom' });
});

test('two people at the same moment release it, once', async () => {
  const id = await underFourEyes();
  const done = await Promise.all([approve('Mia', [id]), approve('Tom', [id])]);
  expect(done.map(({ released }) => released).sort()).toEqual([0, 1]);
  expect((await box.stateOf(id)).state).toBe('planned');
});

test('a console without a name releases what needs one word, and nothing under four eyes', async () => {
  const id = await underFourEyes();
  const plain = await box.reminder({ state: 'proposed' });
  const done = await approveActions(box.deps, box.bookId, 'all', 'command line', {
    isUnnamed: true,
  });
  expect(done).toEqual({ released: 1, waiting: 0, unnamed: 1 });
  expect((await box.stateOf(plain.actionId)).state).toBe('planned');
  expect((await box.stateOf(id)).state).toBe('proposed');
  expect(await db().prisma.actionApproval.count({ where: { actionId: id } })).toBe(0);
});

test.each(['', '  ', 'x'.repeat(81)])('%j is nobody’s name', async (name) => {
  await underFourEyes();
  await expect(approve(name)).rejects.toBeInstanceOf(UsageError);
});
