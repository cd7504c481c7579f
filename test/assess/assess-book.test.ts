import { expect, test } from 'vitest';
import { addDays, day, formatDay } from '../../src/domain/day.ts';
import { useDatabase } from '../support/database.ts';
import { World } from '../stories/world.ts';

const db = useDatabase();

async function openFlags(world: World): Promise<string[]> {
  const rows = await db().prisma.flag.findMany({
    where: { bookId: world.bookId, closedOn: null },
    orderBy: [{ customerId: 'asc' }, { code: 'asc' }],
  });
  return rows.map((row) => `${row.customerId} ${row.code} ${row.severity}`);
}

async function history(world: World): Promise<string[]> {
  const rows = await db().prisma.flag.findMany({
    where: { bookId: world.bookId },
    orderBy: { id: 'asc' },
  });
  const text = (at: Date | null) => at?.toISOString().slice(0, 10) ?? 'open';
  return rows.map(
    (row) => `${row.customerId} ${row.code} ${text(row.openedOn)}–${text(row.closedOn)}`,
  );
}

test('every flag is found from rows, with its figures', async () => {
  const world = await World.open(db(), '2026-06-15');
  const { prisma } = db();
  await world.limit({ amount: 500_000 });
  await world.customer({ id: 'big' });
  await world.invoice({ id: 'b1', customer: 'big', due: '2026-07-01', amount: 600_000 });
  await world.customer({ id: 'late' });
  for (let i = 0; i < 5; i += 1) {
    const due = addDays(day('2026-01-10'), i * 10);
    await world.invoice({
      id: `l${i}`,
      customer: 'late',
      due: formatDay(due),
      status: 'paid',
      paid: formatDay(addDays(due, 20)),
    });
  }
  await world.customer({ id: 'lost', email: 'lost\n@example.com' });
  await world.invoice({ id: 'o1', customer: 'lost', due: '2026-04-01' });
  await world.customer({ id: 'credit' });
  await world.invoice({ id: 'c1', customer: 'credit', due: '2026-06-01' });
  await world.credit('credit', 5_000);
  await world.customer({ id: 'off', varianceMinor: 1 });
  await world.invoice({ id: 'f1', customer: 'off', due: '2026-07-01' });
  await world.customer({ id: 'fine' });
  await world.invoice({ id: 'g1', customer: 'fine', due: '2026-07-01' });
  const report = await world.assess('2026-06-15');
  expect(await openFlags(world)).toEqual([
    'big concentration high',
    'big new_with_exposure medium',
    'big over_limit medium',
    'credit unapplied_credit info',
    'late habitually_late medium',
    'lost severely_overdue medium',
    'lost unreachable medium',
    'off off_balance high',
  ]);
  expect(report).toEqual({ customers: 6, flagsOpen: 8, flagsOpened: 8, flagsClosed: 0 });
  const assessed = await prisma.assessment.findFirstOrThrow({
    where: { bookId: world.bookId, customerId: 'late' },
  });
  expect(assessed.facts).toMatchObject({
    currencies: [{ habits: { maturedCount: 5, lateCount: 5, lateRatio: 1, daysLate: 20 } }],
  });
});

test('a flag opens once, stays while its gentler threshold holds, and closes with its day', async () => {
  const world = await World.open(db(), '2026-06-15');
  await world.customer({ id: 'acme' });
  await world.invoice({ id: 'a', customer: 'acme', due: '2026-04-15' }); // 61 days
  expect(await world.assess('2026-06-15')).toMatchObject({ flagsOpen: 1, flagsOpened: 1 });
  expect(await world.assess('2026-06-16')).toMatchObject({
    flagsOpen: 1,
    flagsOpened: 0,
    flagsClosed: 0,
  });
  // The oldest is paid; what is left is 47 days old: above 45, so it stays open.
  await world.invoice({ id: 'b', customer: 'acme', due: '2026-05-01' });
  await world.pay('a', '2026-06-17');
  expect(await world.assess('2026-06-17')).toMatchObject({ flagsOpen: 1, flagsClosed: 0 });
  await world.pay('b', '2026-06-18');
  expect(await world.assess('2026-06-18')).toMatchObject({ flagsOpen: 0, flagsClosed: 1 });
  expect(await history(world)).toEqual(['acme severely_overdue 2026-06-15–2026-06-18']);
});

test('an assessment is kept when its facts change, not for every day that passes', async () => {
  const world = await World.open(db(), '2026-06-15');
  await world.customer({ id: 'acme' });
  await world.customer({ id: 'idle' });
  await world.invoice({ id: 'a', customer: 'acme', due: '2026-06-01' });
  for (const on of ['2026-06-15', '2026-06-15', '2026-06-16', '2026-06-17']) await world.assess(on);
  await world.pay('a', '2026-06-18');
  await world.assess('2026-06-18');
  const rows = await db().prisma.assessment.findMany({
    where: { bookId: world.bookId },
    orderBy: { asOn: 'asc' },
  });
  expect(rows.map((row) => `${row.customerId} ${row.asOn.toISOString().slice(0, 10)}`)).toEqual([
    'acme 2026-06-15',
    'acme 2026-06-18',
  ]);
});

test('a sub-customer without an address is reachable through the parent it is billed with', async () => {
  const world = await World.open(db(), '2026-06-15');
  await world.customer({ id: 'parent' });
  await world.customer({ id: 'child', email: null, parentId: 'parent', billWithParent: true });
  await world.customer({ id: 'alone', email: null, parentId: 'parent' });
  await world.customer({ id: 'billed', email: null });
  await world.invoice({ id: 'c', customer: 'child', due: '2026-07-01' });
  await world.invoice({ id: 'a', customer: 'alone', due: '2026-07-01' });
  await world.invoice({
    id: 'b',
    customer: 'billed',
    due: '2026-07-01',
    email: 'ap@billed.example',
  });
  await world.assess('2026-06-15');
  expect(await openFlags(world)).toEqual(['alone unreachable medium']);
});
