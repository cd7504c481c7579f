/**
 * Clocks that are wrong and processes that live elsewhere: no reminder twice, none skipped, and the
 * same answer whatever zone the machine believes to be in.
 */
import { afterEach, describe, expect, test } from 'vitest';
import type { Mailer, OutgoingMail } from '../../src/act/mailer.ts';
import { sendDue } from '../../src/act/send-due.ts';
import { addDays, day, dayIn, formatDay, instantAt, toDate } from '../../src/domain/day.ts';
import { dueRunDay } from '../../src/jobs/schedule.ts';
import { acceptingMailer } from '../support/accepting-mailer.ts';
import { useDatabase } from '../support/database.ts';
import { Outbox } from '../support/outbox.ts';
import { World } from './world.ts';

const db = useDatabase();
const DUE = '2026-05-29';
const after = (days: number): string => formatDay(addDays(day(DUE), days));

async function bookDueAt(due: string, zone = 'Pacific/Auckland'): Promise<World> {
  // A country without holidays, so that only the clock is in question.
  const world = await World.open(db(), due, { zone, country: 'XX' });
  await world.customer({ id: 'acme' });
  await world.invoice({ id: 'a', customer: 'acme', due });
  return world;
}

/** The steps so far in their order, without their days. */
async function steps(world: World): Promise<string[]> {
  return (await world.actions()).map((line) => line.split(' ')[1] ?? '');
}

/** What the worker would do at this moment: a run of the day, if one is owed. */
async function wake(world: World): Promise<string> {
  const book = await db().prisma.book.findUniqueOrThrow({ where: { id: world.bookId } });
  const last = await db().prisma.run.findFirst({
    where: { bookId: world.bookId, state: 'done' },
    orderBy: { startedAt: 'desc' },
  });
  const lastRun =
    last === null
      ? null
      : { asOn: day(last.asOn.toISOString().slice(0, 10)), startedAt: last.startedAt };
  const now = world.clock.now();
  const owed = dueRunDay(book, lastRun, now);
  await db().prisma.book.update({ where: { id: world.bookId }, data: { lastSyncedAt: now } });
  if (owed === null) return 'nothing owed';
  await world.run(formatDay(owed));
  await world.deliver();
  return formatDay(owed);
}

async function wakeDaily(world: World, from: number, to: number): Promise<void> {
  for (let days = from; days <= to; days += 1) {
    world.clock.set(instantAt(world.zone, day(after(days)), 9 * 60));
    await wake(world);
  }
}

const USUAL = ['due-today', 'overdue-friendly', 'overdue-second'];

describe('a clock that is wrong', () => {
  test('set back two hours, before and after the run: the day is run once, each step goes once', async () => {
    const world = await bookDueAt(DUE);
    for (let days = 0; days <= 13; days += 1) {
      world.clock.set(instantAt(world.zone, day(after(days)), 9 * 60));
      await wake(world);
      world.clock.advance(-2 * 3_600_000);
      expect(await wake(world)).toBe('nothing owed');
      world.clock.advance(2 * 3_600_000);
      expect(await wake(world)).toBe('nothing owed');
    }
    expect(await steps(world)).toEqual(USUAL);
  });

  test('set back over midnight: yesterday is not run again', async () => {
    const world = await bookDueAt(DUE);
    world.clock.set(instantAt(world.zone, day(after(1)), 8 * 60 + 1));
    expect(await wake(world)).toBe(after(1));
    world.clock.advance(-9 * 3_600_000);
    expect(await wake(world)).toBe('nothing owed');
  });

  test('three days ahead for an hour, then right again: nothing twice, and nothing is left out', async () => {
    const world = await bookDueAt(DUE);
    await wakeDaily(world, 0, 2);
    world.clock.set(instantAt(world.zone, day(after(5)), 9 * 60));
    expect(await wake(world)).toBe(after(5));
    world.clock.advance(-3 * 86_400_000 + 3_600_000);
    expect(await wake(world)).toBe('nothing owed');
    await wakeDaily(world, 3, 14);
    expect(await steps(world)).toEqual(USUAL);
  });

  test('a message that waits is sent once, however the clock moves meanwhile', async () => {
    const box = await Outbox.open(db());
    const { actionId } = await box.reminder();
    const accepted: OutgoingMail[] = [];
    const mailer = acceptingMailer(accepted);
    const busy: Mailer = {
      ...mailer,
      send: () => Promise.resolve({ outcome: 'deferred', scope: 'message', reason: 'busy' }),
    };
    const hour = 3_600_000;
    await sendDue({ ...box.deps, mailer: busy }, box.bookId);
    for (const moved of [-2 * hour, hour, 72 * hour, -72 * hour, -2 * hour, 72 * hour]) {
      box.clock.advance(moved);
      await box.db.prisma.book.update({
        where: { id: box.bookId },
        data: { lastSyncedAt: box.clock.now() },
      });
      await sendDue({ ...box.deps, mailer }, box.bookId);
    }
    expect(accepted).toHaveLength(1);
    expect((await box.stateOf(actionId)).state).toBe('sent');
  });
});

describe('the end of a month', () => {
  test.each(['2027-01-31', '2028-02-29', '2026-12-31'])(
    'due on %s: each step once, in its order, none left out',
    async (due) => {
      const world = await bookDueAt(due);
      for (let days = 0; days <= 16; days += 1) {
        world.clock.set(instantAt(world.zone, addDays(day(due), days), 9 * 60));
        await wake(world);
      }
      const sent = await steps(world);
      // A due date on a weekend has no reminder of its own: the friendly one follows anyway.
      expect(sent.filter((step) => step !== 'due-today')).toEqual(USUAL.slice(1));
      expect(new Set(sent).size).toBe(sent.length);
    },
  );
});

describe('the zone of the process', () => {
  const before = process.env['TZ'];
  afterEach(() => {
    process.env['TZ'] = before;
  });

  const ZONES = ['UTC', 'America/Los_Angeles', 'Australia/Lord_Howe'];

  test('changes no day, no decision and no bucket', async () => {
    const seen: string[] = [];
    for (const zone of ZONES) {
      process.env['TZ'] = zone;
      const offset = new Date('2026-07-01T00:00:00Z').getTimezoneOffset();
      expect([zone, offset === 0]).toEqual([zone, zone === 'UTC']);
      const world = await bookDueAt('2026-04-02', 'Australia/Lord_Howe');
      for (let days = 0; days <= 12; days += 1) {
        await world.live(formatDay(addDays(day('2026-04-02'), days)));
      }
      const facts = await db().executeSql(
        `select a.facts::text as facts from assessment a where a.book_id = ${world.bookId} order by a.as_on`,
      );
      const stored = await db().prisma.invoice.findFirstOrThrow({
        where: { bookId: world.bookId, id: 'a' },
      });
      const days = ['2026-04-05T13:29:59Z', '2026-04-05T13:30:00Z'].map((at) =>
        formatDay(dayIn('Australia/Lord_Howe', new Date(at))),
      );
      seen.push(
        JSON.stringify([
          await world.actions(),
          await world.answer('a'),
          facts.rows,
          stored.dueOn.toISOString(),
          toDate(day('2026-04-02')).toISOString(),
          days,
        ]),
      );
    }
    expect(new Set(seen).size).toBe(1);
    expect(seen[0]).toContain('overdue-second');
    expect(seen[0]).toContain('["2026-04-05","2026-04-06"]');
  });
});
