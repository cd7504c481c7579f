/** What a policy says is done: every key that is not a step, told as what happens to Acme. */
import { describe, expect, test } from 'vitest';
import { approveActions } from '../../src/act/index.ts';
import { day } from '../../src/domain/day.ts';
import { endHold, resolveDispute } from '../../src/escalate/holds.ts';
import { listHolds } from '../../src/store/holds.ts';
import { readReasons } from '../../src/store/reasons.ts';
import { useDatabase } from '../support/database.ts';
import { World } from './world.ts';

const db = useDatabase();

/** Acme owes 500.00 since Friday 12 June 2026. */
async function acme() {
  const world = await World.open(db(), '2026-06-15');
  const id = await world.customer({ id: 'acme' });
  await world.invoice({ id: 'a', customer: 'acme', due: '2026-06-12', amount: 50_000 });
  return { world, id };
}

const THREE = [
  'first, at: 3 days after due',
  'second, at: 20 days after due',
  'third, at: 40 days after due',
];

describe('the policy in force says how long a promise is waited for', () => {
  const PROMISE = { kind: 'promise', on: '2026-06-16', reason: 'with the next run' };

  test('for whoever asks: the run, the list, the assessment and the note', async () => {
    const { world, id } = await acme();
    const birch = await world.customer({ id: 'birch' });
    await world.invoice({ id: 'b', customer: 'birch', due: '2026-06-12', amount: 50_000 });
    await world.follow('onPromise: { graceDays: 0 }', ...THREE);
    await world.followFor('birch', 'onPromise: { graceDays: 10 }', ...THREE);
    const strict = await world.agree(id, PROMISE);
    const patient = await world.agree(birch, PROMISE);
    await world.live('2026-06-17');
    expect(await world.standing(strict)).toMatch(/^broken/);
    expect(await world.standing(patient)).toMatch(/^pending/);
    expect(await world.answer('b')).toBe('hold until 2026-06-27');
    await world.assess('2026-06-17');
    const flags = await db().prisma.flag.findMany({ where: { bookId: world.bookId } });
    expect(
      flags.filter((flag) => flag.code === 'broken_promise').map((flag) => flag.customerId),
    ).toEqual(['acme']);
    expect((await world.notes()).filter((note) => note.includes('broken'))).toEqual([
      expect.stringMatching(/^a: Promise to pay NZD 500\.00 .* broken/),
    ]);
    const holds = await listHolds(db().prisma, world.bookId, null);
    expect(holds.map((hold) => hold.untilOn)).toEqual([day('2026-06-16'), day('2026-06-26')]);
  });
});

describe('two payment plans', () => {
  const plan = (...instalments: string[]) => ({
    kind: 'plan',
    invoices: ['A'],
    instalments,
    reason: 'short of cash',
  });

  test('of one invoice are refused by name; once the first is broken or ended the next may be made', async () => {
    const { world, id } = await acme();
    const first = await world.agree(id, plan('2026-07-01 250.00', '2026-08-03 250.00'));
    const second = () => world.agree(id, plan('2026-09-01 500.00'));
    await expect(second()).rejects.toThrow(
      `A: payment plan ${first} of 2026-06-15 is running for it; end that one first (\`duebook release ${first}\`)`,
    );
    await world.goTo('2026-07-05'); // the first instalment and its three days have passed
    await second();
    await expect(second()).rejects.toThrow('is running for it');
    const holds = await listHolds(db().prisma, world.bookId, null);
    await endHold(world.deps, world.bookId, holds.at(-1)?.id ?? 0, 'Ana');
    await second();
  });
});

test('a dispute that came by post is a reason in the report, with what it contests', async () => {
  const { world, id } = await acme();
  await world.invoice({ id: 'b', customer: 'acme', due: '2026-06-12', amount: 20_000 });
  const letter = { kind: 'dispute', about: 'quality', reason: 'two doors are warped' };
  await world.agree(id, { ...letter, invoices: ['A'], amount: '120.00' });
  await world.agree(id, {
    ...letter,
    invoices: ['B'],
    about: 'invoice_error',
    reason: 'old price',
  });
  const given = await readReasons(db().prisma, world.bookId, day('2026-06-01'), day('2026-06-30'));
  expect(given.map((one) => [one.number, one.code, one.amountMinor, one.by, one.note])).toEqual([
    ['A', 'quality', 12_000, 'Ana', 'two doors are warped'],
    ['B', 'invoice_error', 20_000, 'Ana', 'old price'],
  ]);
});

describe('trust 24, runaway escalation', () => {
  /** So many customers, each with one invoice due for its first reminder on Monday the 22nd. */
  async function crowd(world: World, count: number): Promise<void> {
    for (let n = 1; n <= count; n += 1) {
      const customer = await world.customer({ id: `c${n}` });
      await world.invoice({ id: `i${n}`, customer, due: '2026-06-19' });
    }
  }
  const states = async (world: World) =>
    (await world.actions()).map((line) => line.split(' ').at(-1));
  const stopped = (world: World) =>
    db().prisma.action.findMany({ where: { bookId: world.bookId, stoppedBy: { not: null } } });

  test('the first run of a new book is review only, whatever its size; released, its messages leave', async () => {
    const world = await World.open(db(), '2026-06-22', { isNew: true });
    await crowd(world, 2);
    const report = await world.run('2026-06-22');
    expect(report.stopped).toMatchObject({ by: 'first_run', messages: 2 });
    await world.deliver();
    expect(await states(world)).toEqual(['proposed', 'proposed']);
    for (const action of await stopped(world)) {
      expect(action.stateReason).toBe(
        'The first run of this book: a person looks before anything leaves.',
      );
    }
    await approveActions(world.deps, world.bookId, 'all', 'Ana');
    await world.deliver();
    expect(await states(world)).toEqual(['sent', 'sent']);
    await world.invoice({ id: 'later', customer: 'c1', due: '2026-06-26' });
    await world.live('2026-06-29');
    expect((await world.actions()).filter((line) => line.startsWith('2026-06-29'))).toEqual([
      expect.stringMatching(/later.* sent$/),
      expect.stringMatching(/i2.* sent$/),
    ]);
  });

  test('a message of the first run that another invoice joins still waits for a person', async () => {
    const world = await World.open(db(), '2026-06-22', { isNew: true });
    await crowd(world, 1);
    await world.run('2026-06-22');
    await world.invoice({ id: 'two', customer: 'c1', due: '2026-06-20' });
    await world.live('2026-06-23');
    expect(await world.actions()).toEqual([
      '2026-06-22 overdue-friendly c1 NZD [i1] cancelled',
      '2026-06-23 overdue-friendly c1 NZD [i1 two] proposed',
    ]);
    expect(await stopped(world)).toHaveLength(2);
  });

  test('far more than usual: every message of the run waits, names the breaker, and a person releases it', async () => {
    const { world } = await acme();
    await world.follow('budgets: { volumeBreaker: 2.5 }', ...THREE);
    for (const [n, on] of ['08', '09', '10', '11', '12'].entries()) {
      await world.took('a', '2026-06-01', `step-${n}`, `2026-06-${on}`);
    }
    await crowd(world, 10);
    await world.goTo('2026-06-22');
    const report = await world.run('2026-06-22');
    expect(report.stopped).toEqual({
      by: 'volume_breaker',
      messages: 11,
      reason:
        'The volume breaker: 11 messages today, usually 1, and the policy stops at 2.5 times the usual.',
    });
    await world.deliver();
    expect(await stopped(world)).toHaveLength(11);
    expect(await world.run('2026-06-22')).toMatchObject({ actions: 0, stopped: null });
    const { released } = await approveActions(world.deps, world.bookId, 'all', 'Ana');
    expect(released).toBe(11);
    await world.deliver();
    expect((await states(world)).every((state) => state === 'sent')).toBe(true);
  });

  test('what goes out usually is not stopped', async () => {
    const world = await World.open(db(), '2026-06-22');
    await crowd(world, 10);
    expect((await world.run('2026-06-22')).stopped).toBeNull(); // there is no usual number yet
  });
});

describe('an answer of the debtor', () => {
  const ANSWER = { kind: 'reply', source: 'email', reason: 'asks for the delivery note' };

  test('lets chasing rest for the days of the policy, in words that say so; then it goes on', async () => {
    const { world, id } = await acme();
    await world.follow('onReply: { pauseDays: 4 }', ...THREE);
    const reply = await world.agree(id, ANSWER);
    await world.live('2026-06-15');
    expect(await world.answer('a')).toBe('hold until 2026-06-20');
    expect(await world.because('a')).toBe(
      'They answered on 15 Jun 2026 (email, Ana): asks for the delivery note. Paused through 19 Jun 2026.',
    );
    expect(await world.standing(reply)).toBe('in force: until 19 Jun 2026');
    await world.live('2026-06-19');
    expect(await world.actions()).toEqual([]);
    await world.live('2026-06-22');
    expect(await world.actions()).toEqual(['2026-06-22 first acme NZD [a] sent']);
    expect((await world.notes())[0]).toMatch(
      /^acme: Answer of theirs \(email\) for everything owed/,
    );
  });

  test('is only written down where the policy names no days', async () => {
    const { world, id } = await acme();
    await world.follow('onReply: { pauseDays: 0 }', ...THREE);
    await world.agree(id, ANSWER);
    await world.live('2026-06-15');
    expect(await world.actions()).toEqual(['2026-06-15 first acme NZD [a] sent']);
  });
});

describe('messages to one person', () => {
  /** Two companies whose bills one bookkeeper pays. */
  async function twoOfOneBookkeeper() {
    const world = await World.open(db(), '2026-06-15');
    await world.follow('budgets: { personPer7Days: 1 }', ...THREE);
    for (const id of ['acme', 'birch']) {
      await world.customer({ id, email: id === 'acme' ? 'Jo@books.example' : 'jo@BOOKS.example' });
      await world.invoice({ id: `${id}-1`, customer: id, due: '2026-06-12' });
    }
    return world;
  }

  test('are counted over all customers of the book, in one run', async () => {
    const world = await twoOfOneBookkeeper();
    await world.run('2026-06-15');
    expect(await world.answer('acme-1')).toMatch(/^remind first/);
    expect(await world.answer('birch-1')).toMatch(/^wait first/);
    expect(await world.because('birch-1')).toBe(
      'The policy allows 1 message to jo@books.example in 7 days: the next may follow on 22 Jun 2026.',
    );
    expect(await world.run('2026-06-15')).toMatchObject({ changed: 0, actions: 0, withdrawn: 0 });
  });

  test('and from one run to the next, by what has left', async () => {
    const world = await twoOfOneBookkeeper();
    await world.run('2026-06-15');
    await world.deliver('jo@books.example');
    await world.customer({ id: 'cedar', email: 'jo@books.example' });
    await world.invoice({ id: 'cedar-1', customer: 'cedar', due: '2026-06-13' });
    await world.goTo('2026-06-17');
    await world.run('2026-06-17');
    expect(await world.because('cedar-1')).toContain('follow on 22 Jun 2026');
    await world.goTo('2026-06-22');
    await world.run('2026-06-22');
    expect(await world.answer('birch-1')).toMatch(/^remind first/);
    expect(await world.because('cedar-1')).toContain('follow on 29 Jun 2026');
  });
});

describe('how chasing goes on', () => {
  const STEPS = [...THREE, 'fourth, at: 60 days after due'];

  test('after a rejected dispute: at once, or with the step the policy names', async () => {
    for (const [then, expected] of [
      ['at_once', 'second'],
      ['third', 'third'],
      ['in_time', null],
    ] as const) {
      const { world, id } = await acme();
      await world.follow(`onDispute: { then: ${then} }`, ...STEPS);
      await world.live('2026-06-15'); // the first step
      const dispute = await world.agree(id, { kind: 'dispute', invoices: ['A'], reason: 'faulty' });
      await world.live('2026-06-22');
      expect(await world.answer('a')).toMatch(/^hold/);
      await resolveDispute(world.deps, world.bookId, dispute, { outcome: 'rejected' }, 'Ana');
      await world.live('2026-06-23');
      expect((await world.actions()).slice(1)).toEqual(
        expected === null ? [] : [`2026-06-23 ${expected} acme NZD [a] sent`],
      );
    }
  });

  test('after a broken plan: at once, or with the step the policy names', async () => {
    for (const [then, expected] of [
      ['at_once', 'second'],
      ['third', 'third'],
      ['in_time', null],
    ] as const) {
      const { world, id } = await acme();
      await world.follow(`onPlan: { graceDays: 0, then: ${then} }`, ...STEPS);
      await world.live('2026-06-15');
      const instalments = ['2026-06-22 250.00', '2026-08-03 250.00'];
      await world.agree(id, {
        kind: 'plan',
        invoices: ['A'],
        instalments,
        reason: 'short of cash',
      });
      await world.live('2026-06-23');
      expect((await world.actions()).slice(1)).toEqual(
        expected === null ? [] : [`2026-06-23 ${expected} acme NZD [a] sent`],
      );
    }
  });
});
