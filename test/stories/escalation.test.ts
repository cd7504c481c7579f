/** What people do between two letters: calls and what comes of them, two signatures, hand-over and return. */
import { describe, expect, test } from 'vitest';
import { approveActions } from '../../src/act/approve.ts';
import { handOver, takeBack } from '../../src/act/hand-over.ts';
import { day, toDate } from '../../src/domain/day.ts';
import type { OutcomeRequest } from '../../src/act/record-outcome.ts';
import type { DecisionFacts } from '../../src/domain/dunning-case.ts';
import { reportReasons } from '../../src/domain/reason-report.ts';
import type { CustomerId } from '../../src/domain/receivables.ts';
import { type BookSender, senderAt } from '../../src/domain/senders.ts';
import { readReasons } from '../../src/store/reasons.ts';
import { readSenders, saveSender } from '../../src/store/senders.ts';
import { readTasks } from '../../src/store/tasks.ts';
import { recordTask } from '../../src/tasks.ts';
import { useDatabase } from '../support/database.ts';
import { World } from './world.ts';

const db = useDatabase();

/** Acme's invoice of NZD 1,200.00 fell due on 1 June 2026, a Monday, and has had two reminders; today a call is due. */
async function dueForACall(): Promise<World> {
  const world = await World.open(db(), '2026-06-22');
  await world.customer({ id: 'acme', name: 'Acme Ltd' });
  await world.invoice({ id: 'inv-7', customer: 'acme', due: '2026-06-01', amount: 120_000 });
  await world.took('inv-7', '2026-06-01', 'overdue-friendly', '2026-06-04');
  await world.took('inv-7', '2026-06-01', 'overdue-second', '2026-06-11');
  await world.run('2026-06-22');
  return world;
}

async function todo(world: World): Promise<string> {
  const [task] = await readTasks(world.db.prisma, world.bookId);
  if (task === undefined) throw new Error('there is nothing to do');
  return task.id;
}

async function says(
  world: World,
  outcome: OutcomeRequest['outcome'],
  more: { on?: string; amount?: number; reason?: OutcomeRequest['reason']; note?: string } = {},
) {
  const request = {
    outcome,
    on: more.on === undefined ? null : day(more.on),
    amountMinor: more.amount ?? null,
    reason: more.reason ?? null,
    note: more.note ?? '',
    invoices: null,
  };
  const { words } = await recordTask(world.deps, world.bookId, await todo(world), request, 'Mia');
  return words;
}

/** "2026-06-22 call: Telephone call, Mia: voicemail" in the order of their days. */
async function tasks(world: World): Promise<string[]> {
  const rows = await world.db.prisma.action.findMany({
    where: { bookId: world.bookId, channel: { not: 'email' } },
    orderBy: [{ plannedOn: 'asc' }, { followsId: { sort: 'asc', nulls: 'first' } }],
  });
  return rows.map((row) => {
    const came =
      row.outcomeCode === null ? row.state : `${row.outcomeBy ?? ''}: ${row.outcomeCode}`;
    return `${row.plannedOn.toISOString().slice(0, 10)} ${row.channel}: ${row.stepName}, ${came}`;
  });
}

async function notes(world: World): Promise<string[]> {
  const rows = await world.db.prisma.note.findMany({
    where: { bookId: world.bookId },
    orderBy: { createdAt: 'asc' },
  });
  return rows.map((row) => `${row.targetId}: ${row.body.replace(/ \[ref [0-9a-f]+\]$/, '')}`);
}

describe('a call', () => {
  test('ends in voicemail three times: two days apart, then the firm reminder takes over', async () => {
    const world = await dueForACall();
    expect(await says(world, 'voicemail')).toBe(
      'left a voicemail, try 1 of 3; again on 24 Jun 2026',
    );
    await world.live('2026-06-24');
    expect(await says(world, 'voicemail')).toBe(
      'left a voicemail, try 2 of 3; again on 26 Jun 2026',
    );
    await world.live('2026-06-26');
    expect(await says(world, 'voicemail')).toBe('left a voicemail, try 3 of 3; no further try');
    expect(await tasks(world)).toEqual([
      '2026-06-22 call: Telephone call, Mia: voicemail',
      '2026-06-24 call: Call again, Mia: voicemail',
      '2026-06-26 call: Call again, Mia: voicemail',
    ]);
    expect(await notes(world)).toEqual([
      'inv-7: Telephone call on 22 Jun 2026 (Mia): left a voicemail, try 1 of 3; again on 24 Jun 2026. INV-7, NZD 1,200.00, 21 days overdue.',
      'inv-7: Call again on 24 Jun 2026 (Mia): left a voicemail, try 2 of 3; again on 26 Jun 2026. INV-7, NZD 1,200.00, 23 days overdue.',
      'inv-7: Call again on 26 Jun 2026 (Mia): left a voicemail, try 3 of 3; no further try. INV-7, NZD 1,200.00, 25 days overdue.',
    ]);
    await world.live('2026-07-01');
    expect((await world.actions()).at(-1)).toBe('2026-07-01 overdue-firm acme NZD [inv-7] sent');
  });

  test('finds that the invoice never arrived: a copy is to be sent, and chasing rests meanwhile', async () => {
    const world = await dueForACall();
    await says(world, 'invoice_not_received', { note: 'We never saw it' });
    await world.live('2026-06-23');
    expect(await world.answer('inv-7')).toMatch(/^hold/);
    expect(await tasks(world)).toEqual([
      '2026-06-22 call: Telephone call, Mia: invoice_not_received',
      '2026-06-22 task: Send a copy of the invoice, todo',
    ]);
    expect(await says(world, 'done')).toBe('done');
    await world.live('2026-07-01');
    expect((await world.actions()).at(-1)).toBe('2026-07-01 overdue-firm acme NZD [inv-7] sent');
  });

  test('brings a promise: nothing is sent before its day', async () => {
    const world = await dueForACall();
    expect(await says(world, 'will_pay_on', { on: '2026-07-03', note: 'Friday week' })).toBe(
      'they will pay on 3 Jul 2026',
    );
    await world.live('2026-07-02');
    expect(await world.answer('inv-7')).toMatch(/^hold/);
    expect(await world.reasonCode('inv-7')).toBe('hold_promise');
    expect(await world.actions()).toHaveLength(3);
  });

  test('meets a dispute: the reason is kept, and the report says whose doing it was', async () => {
    const world = await dueForACall();
    await says(world, 'dispute', { reason: 'quality', note: 'Two doors are warped' });
    await world.live('2026-06-23');
    expect(await world.reasonCode('inv-7')).toBe('hold_dispute');
    const given = await readReasons(
      db().prisma,
      world.bookId,
      day('2026-06-01'),
      day('2026-06-30'),
    );
    expect(reportReasons(given).reasons).toMatchObject([
      {
        code: 'quality',
        fault: 'dispute',
        amounts: [{ currency: 'NZD', amountMinor: 120_000 }],
        invoices: [{ number: 'INV-7', customerName: 'Acme Ltd', note: 'Two doors are warped' }],
      },
    ]);
    const before = await readReasons(
      db().prisma,
      world.bookId,
      day('2026-06-01'),
      day('2026-06-21'),
    );
    expect(before).toEqual([]);
  });

  test('reaches nobody: the contact is flagged until somebody is reached', async () => {
    const world = await dueForACall();
    await says(world, 'wrong_contact');
    const [task] = await readTasks(db().prisma, world.bookId);
    expect(task).toMatchObject({
      stepName: 'Find the right person to talk to',
      contact: 'wrong_contact',
    });
  });

  test('paid while the copy was still to be sent: the errand is taken back', async () => {
    const world = await dueForACall();
    await says(world, 'paid_already');
    await world.pay('inv-7', '2026-06-22');
    await world.live('2026-06-23');
    expect(await tasks(world)).toEqual([
      '2026-06-22 call: Telephone call, Mia: paid_already',
      '2026-06-22 task: Ask for the remittance advice, cancelled',
    ]);
  });

  test('is taken down whole or not at all, and once', async () => {
    const world = await dueForACall();
    const id = await todo(world);
    const wrong = { outcome: 'will_pay_on' as const, on: null, amountMinor: null, reason: null };
    const request = { ...wrong, note: '', invoices: null };
    await expect(recordTask(world.deps, world.bookId, id, request, 'Mia')).rejects.toThrow(
      'will_pay_on: say on which day',
    );
    expect(await tasks(world)).toEqual(['2026-06-22 call: Telephone call, todo']);
    expect(await notes(world)).toEqual([]);
    await says(world, 'paid_already');
    const again = { ...request, outcome: 'reached' as const };
    await expect(recordTask(world.deps, world.bookId, id, again, 'Tom')).rejects.toMatchObject({
      code: 'act.not_to_do',
    });
    const log = await db().prisma.audit.findMany({
      where: { bookId: world.bookId, action: 'task.outcome' },
    });
    expect(log.map((row) => [row.actor, row.detail])).toEqual([
      [
        'Mia',
        {
          outcome: 'paid_already',
          words: 'they say it is paid; left alone to 29 Jun 2026',
          note: '',
          followUpOn: '2026-06-29',
        },
      ],
    ]);
  });
});

const FOUR_EYES = `
name: Careful
steps:
  - { key: letter, name: Final demand, at: 30 days after due, channel: letter, template: letter-final, sender: director, fourEyes: true }
`;

async function underPolicy(world: World, text: string): Promise<void> {
  const policy = await db().prisma.policy.create({
    data: {
      bookId: world.bookId,
      name: 'Careful',
      versions: {
        create: {
          number: 1,
          text,
          digest: 'careful',
          author: 'test',
          reason: 'test',
          effectiveOn: toDate(day('2020-01-01')),
          createdAt: world.clock.now(),
        },
      },
    },
  });
  await world.assign('book', '', policy.id);
}

describe('four eyes', () => {
  test('a final demand waits for two people even in automatic mode, and is taken back when paid', async () => {
    const world = await World.open(db(), '2026-07-01');
    await underPolicy(world, FOUR_EYES);
    for (const id of ['acme', 'birch']) {
      await world.customer({ id });
      await world.invoice({ id: `${id}-1`, customer: id, due: '2026-06-01' });
    }
    await world.live('2026-07-01');
    expect(await world.actions()).toEqual([
      '2026-07-01 letter acme NZD [acme-1] proposed',
      '2026-07-01 letter birch NZD [birch-1] proposed',
    ]);
    await approveActions(world.deps, world.bookId, 'all', 'Mia');
    await world.live('2026-07-02');
    expect(await world.actions()).toEqual([
      '2026-07-01 letter acme NZD [acme-1] proposed',
      '2026-07-01 letter birch NZD [birch-1] proposed',
    ]);
    await world.pay('birch-1', '2026-07-02');
    await world.live('2026-07-03');
    await approveActions(world.deps, world.bookId, 'all', 'Tom');
    await world.live('2026-07-06');
    expect(await world.actions()).toEqual([
      '2026-07-01 letter acme NZD [acme-1] todo',
      '2026-07-01 letter birch NZD [birch-1] cancelled',
    ]);
  });
});

const LADDER = `
name: Ladder
steps:
  - { key: firm, name: Firm reminder, at: 10 days after due, channel: email, template: overdue-firm, sender: finance_lead }
  - { key: letter, name: Final demand, at: 20 days after due, channel: letter, template: letter-final, sender: director }
  - { key: hand-over, name: Hand-over, at: 30 days after due, channel: hand_over, sender: director }
`;

/** Due Friday 15 May 2026; the final demand is due on Thursday 4 June. */
async function ladder(): Promise<World> {
  const world = await World.open(db(), '2026-05-25');
  await underPolicy(world, LADDER);
  await world.customer({ id: 'acme', name: 'Acme Ltd' });
  await world.invoice({ id: 'inv-7', customer: 'acme', due: '2026-05-15', amount: 120_000 });
  await world.live('2026-05-25');
  await world.live('2026-06-04');
  return world;
}

async function finalDemand(world: World) {
  return db().prisma.action.findFirstOrThrow({
    where: { bookId: world.bookId, channel: 'letter' },
  });
}

describe('a final demand', () => {
  test('has a reference and a date to pay by, fourteen days ahead and on a business day', async () => {
    const world = await World.open(db(), '2026-05-25');
    await underPolicy(world, LADDER);
    await world.customer({ id: 'acme' });
    // 26 June + 14 days is 10 July 2026, Matariki, a Friday: Monday the 13th.
    await world.invoice({ id: 'inv-8', customer: 'acme', due: '2026-06-06' });
    await world.took('inv-8', '2026-06-06', 'firm', '2026-06-16');
    await world.live('2026-06-26');
    const letter = await finalDemand(world);
    expect(letter.reference).toMatch(/^[A-Z0-9]{8,10}$/);
    expect(letter.deadlineOn).toEqual(toDate(day('2026-07-13')));
  });

  test('is kept to: nothing is handed over before its last day, counted from when it was posted', async () => {
    const world = await ladder();
    expect((await finalDemand(world)).deadlineOn).toEqual(toDate(day('2026-06-18')));
    // Nobody has posted it yet: the hand-over is not even proposed.
    await world.live('2026-06-30');
    expect((await tasks(world)).map((line) => line.slice(11))).toEqual([
      'letter: Final demand, todo',
    ]);
    await says(world, 'done');
    const request = { currency: null, agency: 'Baycorp', reference: null, by: 'Mia' };
    const give = () =>
      handOver(world.deps, world.bookId, { customerId: 'acme' as CustomerId, ...request });
    await expect(give()).rejects.toThrow('"Final demand" gives time to 2026-07-14');
    await world.live('2026-07-14');
    expect(await tasks(world)).toHaveLength(1);
    await world.live('2026-07-15');
    expect((await tasks(world)).at(-1)).toBe('2026-07-15 hand_over: Hand-over, todo');
  });
});

describe('a hand-over', () => {
  test('stops chasing with a note; taken back, the firm reminder comes again after some days', async () => {
    const world = await ladder();
    await says(world, 'done');
    await world.live('2026-06-19');
    const handed = await handOver(world.deps, world.bookId, {
      customerId: 'acme' as CustomerId,
      currency: null,
      agency: 'Baycorp',
      reference: 'B-77',
      by: 'Mia',
    });
    expect(handed).toMatchObject({ amountMinor: 120_000, currency: 'NZD', invoices: 1 });
    await world.live('2026-07-20');
    expect(await world.reasonCode('inv-7')).toBe('handed_over');
    expect(await state(world)).toBe('handed_over');
    await world.goTo('2026-07-21');
    await takeBack(world.deps, world.bookId, 'acme' as CustomerId, {
      reason: 'They pay us directly again',
      by: 'Tom',
    });
    await world.live('2026-07-22');
    expect(await world.answer('inv-7')).toMatch(/^wait firm/);
    await world.live('2026-07-24');
    expect((await world.actions()).at(-1)).not.toMatch(/firm/);
    expect(await state(world)).toBe('formal');
    await world.live('2026-07-27');
    expect((await world.actions()).at(-1)).toBe('2026-07-27 firm acme NZD [inv-7] sent');
    const taken = (await notes(world)).filter((note) => note.includes('Baycorp'));
    expect(taken).toEqual([
      'inv-7: Hand-over on 19 Jun 2026 (Mia): handed over to Baycorp, file B-77. INV-7, NZD 1,200.00, 35 days overdue.',
      'acme: Taken back from Baycorp on 21 Jul 2026 (Tom): They pay us directly again. NZD 1,200.00 had been handed over.',
    ]);
  });
});

async function state(world: World): Promise<string> {
  const { facts } = await world.decision('inv-7');
  return (facts as unknown as DecisionFacts).escalation.state;
}

describe('the account', () => {
  test('calms when the oldest invoice is paid: the next is where it stood by itself', async () => {
    const world = await World.open(db(), '2026-07-01');
    await world.customer({ id: 'acme' });
    await world.invoice({ id: 'old', customer: 'acme', due: '2026-06-01' });
    await world.invoice({ id: 'new', customer: 'acme', due: '2026-06-29' });
    for (const [step, on] of [
      ['overdue-friendly', '2026-06-04'],
      ['overdue-second', '2026-06-11'],
      ['call', '2026-06-22'],
    ] as const) {
      await world.took('old', '2026-06-01', step, on);
    }
    const stateAt = async (id: string) =>
      ((await world.decision(id)).facts as unknown as DecisionFacts).accountState;
    await world.live('2026-07-01');
    await world.live('2026-07-02');
    expect(await stateAt('old')).toBe('escalated');
    await world.pay('old', '2026-07-02');
    await world.live('2026-07-09');
    expect((await world.actions()).at(-1)).toBe('2026-07-09 overdue-friendly acme NZD [new] sent');
    await world.live('2026-07-13');
    expect(await stateAt('new')).toBe('overdue_reminded');
  });
});

test('each level has its own signature: the level below signs when nobody is entered, never one above', async () => {
  const world = await World.open(db(), '2026-06-22');
  const change = { at: world.clock.now(), actor: 'test' };
  await db().prisma.book.update({
    where: { id: world.bookId },
    data: { fromEmail: 'accounts@kauri.example' },
  });
  const person = { title: null, email: null, signature: null };
  const save = (sender: BookSender) => saveSender(world.db, world.bookId, sender, null, change);
  await save({ level: 'account_owner', name: 'Mia Tran', ...person, email: 'mia@kauri.example' });
  await save({ level: 'director', name: 'Ana Reed', ...person, title: 'Owner' });
  await expect(
    save({ level: 'collector', name: 'Bo', ...person, email: 'bo@gmail.example' }),
  ).rejects.toThrow('bo@gmail.example is not of the business’s own domain');
  const senders = await readSenders(db().prisma, world.bookId);
  expect(
    ['collector', 'account_owner', 'finance_lead', 'director'].map(
      (level) => senderAt(level, senders)?.name ?? 'the business',
    ),
  ).toEqual(['the business', 'Mia Tran', 'Mia Tran', 'Ana Reed']);
});
