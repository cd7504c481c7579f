import { describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { World } from './world.ts';

const db = useDatabase();

test('paying the oldest invoice calms the account: the next letter is as mild as what is left', async () => {
  const world = await World.open(db(), '2026-06-15');
  await world.customer({ id: 'acme' });
  await world.invoice({ id: 'old', customer: 'acme', due: '2026-06-05' });
  await world.invoice({ id: 'new', customer: 'acme', due: '2026-06-19' });
  await world.live('2026-06-15'); // ten days late, nothing said yet: the friendly one comes first, and mentions what falls due
  await world.live('2026-06-22'); // the second reminder for the old one, with the new one three days late
  await world.pay('old', '2026-06-24');
  await world.live('2026-06-29'); // the new one is ten days late
  expect(await world.actions()).toEqual([
    '2026-06-15 overdue-friendly acme NZD [new old] sent',
    '2026-06-22 overdue-second acme NZD [new old] sent',
    '2026-06-29 overdue-second acme NZD [new] sent',
  ]);
  expect(await world.answer('old')).toBe('none');
  expect((await world.decision('old')).because).toBe('Paid on 24 Jun 2026.');
});

test('Easter: what falls on Good Friday goes out on the Tuesday after', async () => {
  const world = await World.open(db(), '2026-04-03');
  await world.customer({ id: 'acme' });
  // The second reminder of an invoice due on 24 March falls on Good Friday, 3 April.
  await world.invoice({ id: 'a', customer: 'acme', due: '2026-03-24' });
  await world.live('2026-03-27');
  for (const on of ['2026-04-03', '2026-04-04', '2026-04-06']) {
    await world.live(on);
    expect(await world.answer('a')).toBe('wait overdue-second until 2026-04-07');
  }
  await world.live('2026-04-07');
  expect(await world.actions()).toEqual([
    '2026-03-27 overdue-friendly acme NZD [a] sent',
    '2026-04-07 overdue-second acme NZD [a] sent',
  ]);
});

test('sub-customers billed with their parent are chased there, in one message', async () => {
  const world = await World.open(db(), '2026-06-15');
  await world.customer({ id: 'parent', email: 'ap@parent.example' });
  await world.customer({ id: 'branch', email: null, parentId: 'parent', billWithParent: true });
  await world.customer({ id: 'desk', email: null, parentId: 'branch', billWithParent: true });
  await world.customer({ id: 'own', parentId: 'parent', billWithParent: false });
  for (const customer of ['parent', 'branch', 'desk', 'own']) {
    await world.invoice({ id: `of-${customer}`, customer, due: '2026-06-12' });
  }
  const report = await world.run('2026-06-15', { customersPerChunk: 1 });
  expect(report).toMatchObject({ customers: 2, actions: 2, decisions: { remind: 4 } });
  expect(await world.actions()).toEqual([
    '2026-06-15 overdue-friendly own NZD [of-own] planned',
    '2026-06-15 overdue-friendly parent NZD [of-branch of-desk of-parent] planned',
  ]);
  expect((await world.decision('of-desk')).facts).toMatchObject({
    customerId: 'desk',
    debtorId: 'parent',
    recipients: { to: ['ap@parent.example'] },
  });
});

test('two customers who are each other’s parent are still chased, once', async () => {
  const world = await World.open(db(), '2026-06-15');
  await world.customer({ id: 'a', parentId: 'b', billWithParent: true });
  await world.customer({ id: 'b', parentId: 'a', billWithParent: true });
  await world.invoice({ id: 'of-a', customer: 'a', due: '2026-06-12' });
  await world.invoice({ id: 'of-b', customer: 'b', due: '2026-06-12' });
  await world.run('2026-06-15');
  expect(await world.actions()).toEqual(['2026-06-15 overdue-friendly a NZD [of-a of-b] planned']);
});

test('a customer in two currencies gets a message for each, and each keeps its own pace', async () => {
  const world = await World.open(db(), '2026-06-15');
  await world.customer({ id: 'acme' });
  await world.invoice({ id: 'nzd', customer: 'acme', due: '2026-06-12' });
  await world.invoice({ id: 'aud', customer: 'acme', due: '2026-06-21', currency: 'AUD' });
  await world.live('2026-06-15');
  await world.live('2026-06-16');
  expect(await world.actions()).toEqual([
    '2026-06-15 overdue-friendly acme NZD [nzd] sent',
    '2026-06-16 before-due acme AUD [aud] sent',
  ]);
});

test('credit on account that could pay half of it holds the letter until it is applied', async () => {
  const world = await World.open(db(), '2026-06-15');
  await world.customer({ id: 'acme' });
  await world.invoice({ id: 'a', customer: 'acme', due: '2026-06-12', amount: 10_000 });
  await world.credit('acme', 5_000);
  await world.run('2026-06-15');
  // Until Saturday: on a day of rest no step is due.
  expect(await world.answer('a')).toBe('hold overdue-friendly until 2026-06-20');
  expect((await world.decision('a')).because).toBe(
    'NZD 50.00 of credit or payment stands unapplied against NZD 100.00 that would be asked for: apply it first.',
  );
  await db().prisma.credit.updateMany({
    where: { bookId: world.bookId },
    data: { remainingMinor: 4_999n },
  });
  await world.run('2026-06-15');
  expect(await world.actions()).toEqual(['2026-06-15 overdue-friendly acme NZD [a] planned']);
});

test('a letter that a person cancelled is not proposed again: the next step follows in its time', async () => {
  const world = await World.open(db(), '2026-06-15', { mode: 'approve' });
  await world.customer({ id: 'acme' });
  await world.invoice({ id: 'a', customer: 'acme', due: '2026-06-12' });
  await world.run('2026-06-15');
  await db().prisma.action.updateMany({
    where: { bookId: world.bookId },
    data: { state: 'cancelled', stateReason: 'I called them' },
  });
  await world.goTo('2026-06-16');
  await world.run('2026-06-16');
  expect(await world.answer('a')).toBe('wait overdue-second until 2026-06-22');
  expect(await world.actions()).toHaveLength(1);
});

test('a call whose invoice has been paid is taken off the list', async () => {
  const world = await World.open(db(), '2026-06-15');
  await world.customer({ id: 'acme' });
  await world.invoice({ id: 'a', customer: 'acme', due: '2026-05-25' });
  await world.live('2026-06-15');
  await world.live('2026-06-22');
  await world.live('2026-06-29');
  expect(await world.answer('a')).toMatch(/^task call/);
  await world.pay('a', '2026-06-29');
  await world.goTo('2026-06-30');
  await world.run('2026-06-30');
  expect((await world.actions()).at(-1)).toBe('2026-06-29 call acme NZD [a] cancelled');
});

test('a customer’s own policy wins over the book’s, and the reason names it', async () => {
  const world = await World.open(db(), '2026-06-15');
  await world.customer({ id: 'acme' });
  await world.customer({ id: 'key' });
  await world.invoice({ id: 'a', customer: 'acme', due: '2026-06-12' });
  await world.invoice({ id: 'k', customer: 'key', due: '2026-06-12' });
  const patient = await world.policy('Key accounts', 'at: 20 days after due');
  const ofBook = await world.policy('House rules', 'at: 3 days after due');
  await world.assign('book', '', ofBook);
  await world.assign('customer', 'key', patient);
  await world.run('2026-06-15');
  expect(await world.actions()).toEqual(['2026-06-15 only acme NZD [a] planned']);
  expect(await world.answer('k')).toBe('wait only until 2026-07-02');
  const texts = async (id: string) =>
    ((await world.decision(id)).path as { text: string }[]).map((reason) => reason.text)[0];
  expect(await texts('k')).toBe('Policy "Key accounts" version 1, set for this customer.');
  expect(await texts('a')).toBe('Policy "House rules" version 1, set for this book.');
});

describe('one invoice that nobody pays', () => {
  test('walks the whole policy, each step once, none on a weekend or holiday', async () => {
    // Due on Friday 12 June 2026, New Zealand.
    const world = await World.open(db(), '2026-06-01');
    await world.customer({ id: 'acme' });
    await world.invoice({ id: 'a', customer: 'acme', due: '2026-06-12' });
    // Only on the days the rule names: on all others its answer stands.
    for (let on: string | null = '2026-06-02'; on !== null; on = await world.nextOn('a')) {
      await world.live(on);
      await world.finishTasks();
      await world.run(on); // what has gone is a new fact
    }
    expect(await world.actions()).toEqual([
      '2026-06-08 before-due acme NZD [a] sent', // Sunday the 7th moves to Monday
      '2026-06-12 due-today acme NZD [a] sent',
      '2026-06-15 overdue-friendly acme NZD [a] sent',
      '2026-06-22 overdue-second acme NZD [a] sent',
      '2026-07-03 call acme NZD [a] done',
      '2026-07-13 overdue-firm acme NZD [a] sent', // Sunday the 12th
      '2026-07-27 letter-formal acme NZD [a] done',
      '2026-08-11 letter-final acme NZD [a] done',
      '2026-09-10 hand-over acme NZD [a] done',
    ]);
    expect(await world.answer('a')).toBe('hold hand-over');
  });
});
