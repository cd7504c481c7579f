import { describe, expect, test } from 'vitest';
import type { CustomerFacts } from '../../src/domain/customer-facts.ts';
import { addDays, day, formatDay } from '../../src/domain/day.ts';
import { setLimit } from '../../src/assess/credit-terms.ts';
import { setFlagNotes } from '../../src/assess/flag-notes.ts';
import { addHold } from '../../src/escalate/holds.ts';
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

test('two processes that assess one book at once do so one after the other: each flag opens once', async () => {
  const world = await World.open(db(), '2026-06-15');
  await world.customer({ id: 'acme' });
  await world.invoice({ id: 'a', customer: 'acme', due: '2026-04-15' });
  await Promise.all([1, 2, 3, 4].map(() => world.assess('2026-06-15')));
  expect(await history(world)).toEqual(['acme severely_overdue 2026-06-15–open']);
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

test('how invoices were settled is read from what was set against them', async () => {
  const world = await World.open(db(), '2026-06-15');
  await world.customer({ id: 'acme' });
  const invoice = { customer: 'acme', due: '2026-05-01' };
  for (const id of ['whole', 'parts', 'forgiven', 'over', 'foreign']) {
    await world.invoice({ id, ...invoice });
  }
  await world.invoice({ id: 'early', ...invoice, status: 'paid', paid: '2026-04-01' });
  await world.receive('whole', '2026-05-20', 10_000);
  await world.receive('parts', '2026-05-10', 4_000);
  await world.receive('parts', '2026-05-20', 6_000);
  await world.receive('forgiven', '2026-05-10', 9_000);
  await world.receive('forgiven', '2026-05-20', 1_000, 'credit');
  await world.receive('over', '2026-05-20', 12_000);
  await world.receive('foreign', '2026-05-20', 10_000);
  await db().prisma.payment.updateMany({
    where: { bookId: world.bookId, id: { startsWith: 'payment foreign' } },
    data: { currency: 'AUD' },
  });
  await world.assess('2026-06-15');
  const row = await db().prisma.assessment.findFirstOrThrow({ where: { bookId: world.bookId } });
  const facts = row.facts as unknown as CustomerFacts;
  expect(facts.behaviour).toMatchObject({ maturedCount: 3, partCount: 1, shortCount: 1 });
  expect(facts.contradictions.map((one) => one.sentence)).toEqual([
    'EARLY was paid on 1 Apr 2026, before it was issued on 11 Apr 2026.',
    'FOREIGN is in NZD and was settled in AUD.',
    'OVER shows NZD -20.00 as still open, and has NZD 120.00 set against it and is for NZD 100.00.',
  ]);
  expect(facts.activity).toMatchObject({ lastPaidOn: day('2026-05-20') });
});

test('a quiet day writes nothing, and the day of the next look only moves that day', async () => {
  const world = await World.open(db(), '2026-06-15');
  await world.customer({ id: 'acme' });
  await world.invoice({ id: 'a', customer: 'acme', due: '2026-06-05' });
  await world.invoice({ id: 'b', customer: 'acme', due: '2026-04-10' });
  const told = async () => {
    const where = { bookId: world.bookId };
    const { prisma } = db();
    return JSON.stringify(
      [
        await prisma.flag.findMany({ where, orderBy: { id: 'asc' } }),
        await prisma.assessment.findMany({ where }),
        await prisma.customerRisk.findMany({ where }),
        await prisma.bookHabit.findMany({ where }),
      ],
      (_key, value: unknown) => (typeof value === 'bigint' ? Number(value) : value),
    );
  };
  await world.assess('2026-06-15');
  const before = await told();
  const { nextOn } = await db().prisma.customerRisk.findFirstOrThrow({
    where: { bookId: world.bookId },
  });
  expect(nextOn?.toISOString().slice(0, 10)).toBe('2026-06-16');
  await world.assess('2026-06-15');
  expect(await told()).toBe(before);
});

describe('after the first assessment only those are looked at', () => {
  // Long-standing customers who pay on the day: nobody is measured by the book's average.
  async function assessedOnce(): Promise<World> {
    const world = await World.open(db(), '2026-06-15');
    for (const id of ['one', 'two', 'three', 'four', 'five', 'six']) {
      await world.customer({ id });
      for (const on of ['2026-01-10', '2026-02-10', '2026-03-10', '2026-04-10', '2026-05-10']) {
        const paid = { status: 'paid', issued: '2025-11-01', paid: on } as const;
        await world.invoice({ id: `${id} ${on}`, customer: id, due: on, ...paid });
      }
      await world.invoice({ id: `${id} now`, customer: id, due: '2026-07-01' });
    }
    expect(await world.assess('2026-06-15')).toMatchObject({ customers: 6 });
    expect(await world.assess('2026-06-16')).toMatchObject({ customers: 0 });
    return world;
  }

  test('whose day has come, who changed, and who is billed through one who did', async () => {
    const world = await assessedOnce();
    const { prisma } = db();
    const { bookId } = world;
    const nextOn = new Date('2026-06-17');
    await prisma.customerRisk.updateMany({
      where: { bookId, customerId: 'one' },
      data: { nextOn },
    });
    await world.invoice({ id: 'new', customer: 'two', due: '2026-07-01', amount: 1_000 });
    expect(await world.assess('2026-06-17')).toMatchObject({ customers: 2 });
    const billed = { parentId: 'one', billWithParent: true, emailText: null };
    await prisma.customer.updateMany({ where: { bookId, id: 'three' }, data: billed });
    expect(await world.assess('2026-06-18')).toMatchObject({ customers: 2, flagsOpen: 0 });
    await prisma.customer.updateMany({ where: { bookId, id: 'one' }, data: { emailText: null } });
    expect(await world.assess('2026-06-19')).toMatchObject({ customers: 2, flagsOpened: 2 });
  });

  test('who owes a great share of the book, which what others owe makes and ends', async () => {
    const world = await assessedOnce();
    const { prisma } = db();
    const { bookId } = world;
    const owe = (ids: string[], openMinor: number) =>
      prisma.invoice.updateMany({
        where: { bookId, id: { in: ids.map((id) => `${id} now`) } },
        data: { openMinor },
      });
    // A third of all, and the flag is none of its own doing.
    await owe(['two', 'three', 'four', 'five', 'six'], 4_000);
    expect(await world.assess('2026-06-17')).toMatchObject({ customers: 6, flagsOpened: 1 });
    expect(await openFlags(world)).toEqual(['one concentration medium']);
    expect(await world.assess('2026-06-18')).toMatchObject({ customers: 1 });
    await owe(['two', 'three', 'four', 'five', 'six'], 10_000);
    expect(await world.assess('2026-06-19')).toMatchObject({ customers: 6, flagsClosed: 1 });
  });

  test('everybody, when what all are judged by changed, or for an earlier day', async () => {
    const world = await assessedOnce();
    const limit = { customerId: null, currency: 'NZD', amountMinor: 50_000, insuredMinor: null };
    const dates = { fromOn: day('2020-01-01'), untilOn: null };
    await setLimit(world.deps, world.bookId, { ...limit, ...dates }, 'test');
    expect(await world.assess('2026-06-17')).toMatchObject({ customers: 6 });
    expect(await world.assess('2026-06-17')).toMatchObject({ customers: 0 });
    expect(await world.assess('2026-06-16')).toMatchObject({ customers: 6 });
    await world.follow('graceDays: 1', 'first, at: on due');
    expect(await world.assess('2026-06-17')).toMatchObject({ customers: 6 });
    // The book's habits are read anew each week.
    expect(await world.assess('2026-06-21')).toMatchObject({ customers: 0 });
    expect(await world.assess('2026-06-22')).toMatchObject({ customers: 6 });
  });
});

test('limits are dated: the customer’s goes before the default, and one that ran out gives way', async () => {
  const world = await World.open(db(), '2026-06-15');
  await world.customer({ id: 'acme' });
  await world.invoice({ id: 'a', customer: 'acme', due: '2026-07-01', amount: 90_000 });
  await world.limit({ amount: 50_000 });
  await world.limit({ customer: 'acme', amount: 100_000, from: '2026-06-20' });
  const codes = async (on: string) => {
    await world.assess(on);
    return (await openFlags(world)).map((line) => line.split(' ')[1]);
  };
  expect(await codes('2026-06-19')).toEqual(['over_limit']);
  expect(await codes('2026-06-20')).toEqual(['near_limit']);
});

test('broken promises and disputes come from what people recorded', async () => {
  const world = await World.open(db(), '2026-06-15');
  const customerId = await world.customer({ id: 'acme' });
  const invoiceId = await world.invoice({ id: 'a', customer: 'acme', due: '2026-06-01' });
  const { deps, bookId } = world;
  const common = { customerId, invoiceIds: [invoiceId], owner: 'Ann', fromOn: day('2026-06-02') };
  await addHold(
    deps,
    bookId,
    {
      ...common,
      kind: 'promise',
      reason: 'will pay',
      terms: {
        currency: 'NZD',
        amountMinor: 10_000,
        payOn: day('2026-06-05'),
        source: 'phone',
        quote: null,
      },
    },
    'Ann',
  );
  await addHold(
    deps,
    bookId,
    {
      ...common,
      kind: 'dispute',
      reason: 'short',
      terms: {
        reason: 'quantity_differs',
        part: { currency: 'NZD', amountMinor: 3_000 },
        resolution: null,
      },
    },
    'Ann',
  );
  await world.assess('2026-06-15');
  expect(await openFlags(world)).toEqual(['acme broken_promise medium', 'acme disputed low']);
});

test('where the book asks for it a flag is noted in the ledger when it opens and when it closes, once', async () => {
  const world = await World.open(db(), '2026-06-15');
  await world.customer({ id: 'acme' });
  await world.invoice({ id: 'a', customer: 'acme', due: '2026-04-15' });
  const { deps, bookId } = world;
  await setFlagNotes(deps, bookId, true, 'Ann');
  await world.setMode('shadow');
  await world.assess('2026-06-15');
  await world.pay('a', '2026-06-15');
  await world.assess('2026-06-15');
  expect(await world.notes()).toEqual([]); // in shadow mode nothing leaves
  await world.setMode('automatic');
  await world.invoice({ id: 'b', customer: 'acme', due: '2026-04-16' });
  await world.assess('2026-06-16');
  await world.assess('2026-06-16');
  await world.pay('b', '2026-06-17');
  await world.assess('2026-06-17');
  await setFlagNotes(deps, bookId, false, 'Ann');
  await world.invoice({ id: 'c', customer: 'acme', due: '2026-04-16' });
  await world.assess('2026-06-18');
  expect(await world.notes()).toEqual([
    'acme: Flag "severely overdue" closed on 17 Jun 2026.',
    'acme: Flag "severely overdue" opened on 16 Jun 2026: NZD 100.00 is overdue, the oldest of it since 16 Apr 2026.',
  ]);
  expect(await db().prisma.audit.count({ where: { bookId, action: 'book.flag_notes' } })).toBe(2);
});
