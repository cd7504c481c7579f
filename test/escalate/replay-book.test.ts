import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { day, formatDay, toDate } from '../../src/domain/day.ts';
import { parsePolicy } from '../../src/domain/policy.ts';
import { type ReplayRequest, replayBook } from '../../src/escalate/replay-book.ts';
import { World } from '../stories/world.ts';
import { useDatabase } from '../support/database.ts';

const db = useDatabase();
const STANDARD = parsePolicy(readFileSync('src/escalate/default-policy.yaml', 'utf8'));
const LATE_ONLY = parsePolicy(
  `name: Late only\nsteps:\n  - key: only\n    name: Only\n    at: 20 days after due\n    channel: email\n    template: overdue-friendly\n`,
);
let world: World;

beforeAll(async () => {
  world = await World.open(db(), '2026-10-01', { country: 'XX' });
  for (const id of ['acme', 'birch', 'cedar', 'quiet']) await world.customer({ id });
  await world.customer({ id: 'branch', parentId: 'birch', billWithParent: true });
  await world.invoice({
    id: 'a',
    customer: 'acme',
    due: '2026-06-01',
    status: 'paid',
    paid: '2026-06-12',
  });
  await world.invoice({
    id: 'b',
    customer: 'branch',
    due: '2026-06-01',
    status: 'paid',
    paid: '2026-08-03',
  });
  await world.invoice({
    id: 'c',
    customer: 'cedar',
    due: '2026-06-10',
    status: 'paid',
    paid: '2026-06-01',
  });
  await world.invoice({ id: 'v', customer: 'cedar', due: '2026-06-01', status: 'voided' });
}, 60_000);

async function replay(more: Partial<ReplayRequest> = {}) {
  const told: string[] = [];
  const report = await replayBook({ db: db() }, world.bookId, {
    policy: STANDARD,
    against: null,
    from: day('2026-06-01'),
    to: day('2026-06-30'),
    onAction: (action) =>
      told.push(
        `${formatDay(action.on)} ${action.step} ${action.debtorId}${action.isNeedless ? ' !' : ''}`,
      ),
    ...more,
  });
  return { report, told };
}

describe('a policy on a synced past', () => {
  test('tells what would have gone to whom, and who would have paid anyway', async () => {
    const { report, told } = await replay();
    expect(told).toEqual([
      '2026-06-01 due-today acme',
      '2026-06-04 overdue-friendly acme',
      '2026-06-11 overdue-second acme !',
      '2026-06-01 due-today birch',
      '2026-06-04 overdue-friendly birch',
      '2026-06-11 overdue-second birch',
      '2026-06-22 call birch',
    ]);
    expect(report).toMatchObject({
      debtors: 3,
      policy: { messages: 6, tasks: 1, customers: 2, needless: 1 },
      against: null,
      difference: null,
    });
  });

  test('gives the same answer twice, whatever number of customers is read at a time', async () => {
    const whole = await replay();
    expect(await replay()).toEqual(whole);
    expect(await replay({ customersPerChunk: 1 })).toEqual(whole);
  });

  test('writes nothing', async () => {
    const before = await world.countRows();
    await replay();
    expect(await world.countRows()).toEqual(before);
  });

  test('beside another policy says what only one of them would have sent', async () => {
    const only: string[] = [];
    const { report } = await replay({
      against: LATE_ONLY,
      onDifference: ({ onlyFirst, onlySecond }) => {
        only.push(...onlyFirst.map((action) => `- ${formatDay(action.on)} ${action.debtorId}`));
        only.push(...onlySecond.map((action) => `+ ${formatDay(action.on)} ${action.debtorId}`));
      },
    });
    expect(report.against).toMatchObject({ messages: 1, customers: 1, needless: 0 });
    expect(report.difference).toEqual({
      onlyFirst: 6,
      onlySecond: 1,
      customersOnlyFirst: 1,
      customersOnlySecond: 0,
    });
    expect(only.filter((line) => line.startsWith('+'))).toEqual(['+ 2026-06-22 birch']);
  });

  test('asks for the flags of the day, and says for how many customers they are not on record', async () => {
    const { bookId } = world;
    const policy = parsePolicy(
      'name: Flagged\nsteps: [{ key: only, name: Only, at: 3 days after due, channel: email, template: t, when: { flags: [over_limit] } }]',
    );
    const on = (text: string) => toDate(day(text));
    const flag = { bookId, code: 'over_limit', severity: 'high', sentence: 's', evidence: {} };
    for (const customerId of ['acme', 'birch']) {
      const assessed = { bookId, customerId, facts: {}, digest: 'd' };
      await db().prisma.assessment.create({ data: { ...assessed, asOn: on('2026-05-01') } });
    }
    const known = { ...flag, openedOn: on('2026-05-20') };
    // Acme's was open on its day and is closed today; Birch's opened long after.
    await db().prisma.flag.create({
      data: { ...known, customerId: 'acme', closedOn: on('2026-06-05') },
    });
    await db().prisma.flag.create({
      data: { ...flag, customerId: 'birch', openedOn: on('2026-09-01') },
    });
    const { report, told } = await replay({ policy });
    expect(told).toEqual(['2026-06-04 only acme']);
    expect(report.guessed).toBe(1); // cedar was never assessed
  });
});
