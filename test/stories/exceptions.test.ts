import { describe, expect, test } from 'vitest';
import { approveHold, endHold, resolveDispute } from '../../src/escalate/holds.ts';
import { useDatabase } from '../support/database.ts';
import { World } from './world.ts';

const db = useDatabase();

/** Acme owes 500.00 since Friday 12 June 2026; the friendly reminder went on Monday the 15th. */
async function acme() {
  const world = await World.open(db(), '2026-06-15');
  const id = await world.customer({ id: 'acme' });
  await world.invoice({ id: 'a', customer: 'acme', due: '2026-06-12', amount: 50_000 });
  await world.live('2026-06-15');
  await world.goTo('2026-06-16');
  return { world, id };
}

const toldReason = (world: World) => async (invoiceId: string, code: string) =>
  ((await world.decision(invoiceId)).path as { code: string; text: string }[]).find(
    (reason) => reason.code === code,
  )?.text;

describe('a promise', () => {
  const PROMISE = {
    kind: 'promise',
    invoices: ['A'],
    on: '2026-06-24',
    source: 'email',
    quote: 'will go out with the Wednesday run',
    reason: 'waits for their payment run',
  };

  test('kept: silence until the money is there, and no letter after it', async () => {
    const { world, id } = await acme();
    const hold = await world.agree(id, PROMISE);
    await world.live('2026-06-22'); // the second reminder would have gone today
    expect(await world.answer('a')).toBe('hold until 2026-06-27');
    expect(await world.because('a')).toBe(
      'NZD 500.00 promised for 24 Jun 2026 (email, Ana): waits for their payment run. Paused through 26 Jun 2026; nothing of it has arrived.',
    );
    expect(await world.standing(hold)).toBe('pending: NZD 0.00 of NZD 500.00 arrived');
    await world.goTo('2026-06-25');
    await world.receive('a', '2026-06-25', 50_000);
    await world.live('2026-06-25');
    expect(await world.because('a')).toBe('Paid on 25 Jun 2026.');
    expect(await world.standing(hold)).toBe('kept: NZD 500.00 of NZD 500.00 arrived');
    await world.live('2026-07-06');
    expect(await world.actions()).toEqual(['2026-06-15 overdue-friendly acme NZD [a] sent']);
  });

  test('partly kept: the day after the grace the next reminder goes, for the rest', async () => {
    const { world, id } = await acme();
    const hold = await world.agree(id, { ...PROMISE, on: '2026-06-17' });
    await world.goTo('2026-06-18');
    await world.receive('a', '2026-06-18', 20_000);
    await world.live('2026-06-19');
    expect(await world.answer('a')).toBe('hold until 2026-06-20');
    expect(await world.because('a')).toContain('NZD 200.00 of it has arrived.');
    // Saturday the 20th: the promise is over, and nobody is written to on a weekend.
    await world.live('2026-06-20');
    expect(await world.standing(hold)).toBe('partly kept: NZD 200.00 of NZD 500.00 arrived');
    expect(await world.answer('a')).toBe('wait overdue-second until 2026-06-22');
    await world.live('2026-06-22');
    expect(await world.because('a')).toBe(
      'Was due on 12 Jun 2026, NZD 300.00 open: "Second reminder" is due.',
    );
    expect(await toldReason(world)('a', 'promise_partly_kept')).toBe(
      'NZD 500.00 promised for 17 Jun 2026: partly kept, NZD 200.00 of it arrived by 19 Jun 2026.',
    );
  });

  test('broken: the next reminder does not wait for its day, the one after it does', async () => {
    const { world, id } = await acme();
    const hold = await world.agree(id, { ...PROMISE, on: '2026-06-16' });
    await world.live('2026-06-18');
    expect(await world.answer('a')).toBe('hold until 2026-06-19');
    // Without the promise the second reminder would wait for the 22nd.
    await world.live('2026-06-19');
    expect(await world.standing(hold)).toBe('broken: NZD 0.00 of NZD 500.00 arrived');
    expect(await world.actions()).toEqual([
      '2026-06-15 overdue-friendly acme NZD [a] sent',
      '2026-06-19 overdue-second acme NZD [a] sent',
    ]);
    await world.live('2026-06-22');
    expect(await world.answer('a')).toBe('wait call until 2026-07-03');
  });

  test('takes back a reminder that waits for approval, and gives it back when it is broken', async () => {
    const world = await World.open(db(), '2026-06-15', { mode: 'approve' });
    const id = await world.customer({ id: 'acme' });
    await world.invoice({ id: 'a', customer: 'acme', due: '2026-06-12', amount: 50_000 });
    await world.run('2026-06-15');
    await world.agree(id, { ...PROMISE, on: '2026-06-16' });
    expect((await world.run('2026-06-15')).withdrawn).toBe(1);
    await world.goTo('2026-06-19');
    await world.run('2026-06-19');
    expect(await world.actions()).toEqual([
      '2026-06-15 overdue-friendly acme NZD [a] cancelled',
      '2026-06-19 overdue-friendly acme NZD [a] proposed',
    ]);
    const [first] = await db().prisma.action.findMany({
      where: { bookId: world.bookId },
      orderBy: { plannedOn: 'asc' },
    });
    expect(first?.stateReason).toBe(
      'withdrawn: held: NZD 500.00 promised for 16 Jun 2026 (email, Ana): waits for their payment run. Paused through 18 Jun 2026; nothing of it has arrived.',
    );
  });

  test('in two currencies is two promises, each kept or broken by its own money', async () => {
    const { world, id } = await acme();
    await world.invoice({
      id: 'u',
      customer: 'acme',
      due: '2026-06-12',
      amount: 30_000,
      currency: 'USD',
    });
    const all = { kind: 'promise', on: '2026-06-24', reason: 'all of it' };
    await expect(world.agree(id, all)).rejects.toThrow(
      'currency: say which of NZD, USD, one hold for each',
    );
    const nzd = await world.agree(id, { ...all, currency: 'NZD' });
    const usd = await world.agree(id, { ...all, currency: 'USD' });
    await world.receive('u', '2026-06-24', 30_000);
    await world.live('2026-06-29');
    expect(await world.standing(nzd)).toBe('broken: NZD 0.00 of NZD 500.00 arrived');
    expect(await world.standing(usd)).toBe('kept: USD 300.00 of USD 300.00 arrived');
    expect(await world.actions()).toEqual([
      '2026-06-15 overdue-friendly acme NZD [a] sent',
      '2026-06-29 overdue-second acme NZD [a] sent',
    ]);
  });

  test('the third after two broken ones is refused, unless a second person agrees', async () => {
    const { world, id } = await acme();
    await world.agree(id, { ...PROMISE, on: '2026-06-17' });
    await world.goTo('2026-06-22');
    await world.agree(id, { ...PROMISE, on: '2026-06-24' });
    await world.goTo('2026-06-29');
    const third = { ...PROMISE, on: '2026-07-01' };
    await expect(world.agree(id, third)).rejects.toThrow(
      '2 promises of this customer were broken within a year, the last one NZD 500.00 for 24 Jun 2026: a further one needs the approval of a second person',
    );
    await expect(world.agree(id, { ...third, approvedBy: ' ana' })).rejects.toThrow(
      'an approval comes from a second person: name somebody else',
    );
    await world.agree(id, { ...third, approvedBy: 'Ben' });
    await world.live('2026-06-30');
    expect(await world.answer('a')).toBe('hold until 2026-07-04');
  });
});

describe('a dispute', () => {
  test('of a part: the rest is chased, the part is named and not asked for; rejected, it is again', async () => {
    const { world, id } = await acme();
    const hold = await world.agree(id, {
      kind: 'dispute',
      invoices: ['A'],
      amount: '200.00',
      about: 'quantity_differs',
      reason: 'two pallets short',
    });
    await world.live('2026-06-22');
    expect(await world.because('a')).toBe(
      'Was due on 12 Jun 2026, NZD 300.00 open: "Second reminder" is due.',
    );
    expect(await toldReason(world)('a', 'dispute_part')).toBe(
      'NZD 200.00 of NZD 500.00 is in dispute since 16 Jun 2026 (less was delivered than invoiced; Ana): two pallets short. Not asked for.',
    );
    expect(await world.standing(hold)).toBe('open: open for 6 days');
    // They pay what is not in dispute: nothing is left to ask for.
    await world.receive('a', '2026-06-23', 30_000);
    await world.live('2026-07-03');
    expect(await world.answer('a')).toBe('hold');
    await resolveDispute(world.deps, world.bookId, hold, { outcome: 'rejected' }, 'Ben');
    await world.live('2026-07-03');
    expect(await world.answer('a')).toMatch(/^task call/);
    expect(await world.because('a')).toBe(
      'Was due on 12 Jun 2026, NZD 200.00 open: "Telephone call" is due.',
    );
    expect(await world.notes()).toEqual([
      'a: Dispute of NZD 200.00 (less was delivered than invoiced) for A (Ana): two pallets short',
      'a: Dispute of NZD 200.00 (less was delivered than invoiced) for A: rejected (Ben).',
    ]);
  });

  test('answered with a credit: that much stays out until the credit note is applied', async () => {
    const { world, id } = await acme();
    const hold = await world.agree(id, {
      kind: 'dispute',
      invoices: ['A'],
      amount: '200.00',
      about: 'price_differs',
      reason: 'the old price list',
    });
    const credit = { outcome: 'credit_expected', creditMinor: 15_000 } as const;
    await resolveDispute(world.deps, world.bookId, hold, credit, 'Ben');
    await world.live('2026-06-22');
    expect(await world.because('a')).toContain('NZD 350.00 open');
    await world.receive('a', '2026-06-24', 15_000, 'credit');
    await world.goTo('2026-06-25');
    await world.run('2026-06-25');
    expect(await world.standing(hold)).toBe('settled: was open for 0 days');
    expect((await world.decision('a')).facts).toMatchObject({
      openMinor: 35_000,
      askedMinor: 35_000,
    });
  });

  test('of the whole holds the invoice and leaves the others', async () => {
    const { world, id } = await acme();
    await world.invoice({ id: 'b', customer: 'acme', due: '2026-06-12' });
    const hold = await world.agree(id, {
      kind: 'dispute',
      invoices: ['A'],
      about: 'not_delivered',
      reason: 'never came',
      until: '2026-06-24',
    });
    await world.live('2026-06-22');
    expect(await world.answer('a')).toBe('hold until 2026-06-25');
    expect((await world.actions()).at(-1)).toBe('2026-06-22 overdue-friendly acme NZD [b] sent');
    await world.goTo('2026-06-25');
    expect(await world.standing(hold)).toBe('lapsed: was open for 9 days');
  });
});

describe('approval and ending', () => {
  test('a hold that waits for approval is not in force; the same person cannot approve it', async () => {
    const { world, id } = await acme();
    const hold = await world.agree(id, {
      kind: 'extension',
      invoices: ['A'],
      on: '2026-07-10',
      reason: 'long-standing customer',
    });
    await world.goTo('2026-06-22');
    await world.run('2026-06-22', { dryRun: true });
    await expect(approveHold(world.deps, world.bookId, hold, 'ANA')).rejects.toThrow(
      'an approval comes from a second person: name somebody else',
    );
    await approveHold(world.deps, world.bookId, hold, 'Ben');
    await world.run('2026-06-22');
    expect(await world.answer('a')).toBe('wait before-due until 2026-07-06');
    await endHold(world.deps, world.bookId, hold, 'Ben', 'they paid others first');
    await world.run('2026-06-22');
    expect(await world.answer('a')).toBe('remind overdue-second until 2026-06-27');
    expect(await world.notes()).toEqual([
      'a: Due date moved to 10 Jul 2026 for A (Ana, waits for approval): long-standing customer',
      'a: Approved by Ben: Due date moved to 10 Jul 2026 for A.',
      'a: Ended by Ben (they paid others first): Due date moved to 10 Jul 2026 for A.',
    ]);
  });
});

describe('a payment plan', () => {
  const PLAN = {
    kind: 'plan',
    invoices: ['A'],
    instalments: ['2026-07-01 200.00', '2026-08-03 200.00', '2026-09-01 100.00'],
    reason: 'a lost contract',
  };

  test('broken at the second instalment: reminders went by the instalments, then the whole is due', async () => {
    const { world, id } = await acme();
    const hold = await world.agree(id, PLAN);
    await world.live('2026-06-22'); // no second reminder: the first instalment is not due yet
    expect(await world.answer('a')).toBe('wait before-due until 2026-06-26');
    await world.live('2026-06-26');
    expect((await world.decision('a')).facts).toMatchObject({
      dueOn: '2026-07-01',
      askedMinor: 20_000,
      openMinor: 50_000,
    });
    await world.receive('a', '2026-07-01', 20_000);
    await world.live('2026-07-02');
    expect(await world.standing(hold)).toBe(
      'running: 1 of 3 instalments paid, NZD 200.00 of NZD 500.00 in all',
    );
    expect(await toldReason(world)('a', 'plan_running')).toBe(
      'Plan of 3 instalments (Ana): NZD 200.00 of NZD 500.00 paid, the next NZD 200.00 falls due on 3 Aug 2026.',
    );
    await world.live('2026-08-06');
    await world.live('2026-08-07'); // three days after the second instalment, the plan is broken
    expect(await world.standing(hold)).toBe(
      'broken: 1 of 3 instalments paid, NZD 200.00 of NZD 500.00 in all; broke on 7 Aug 2026',
    );
    expect(await toldReason(world)('a', 'plan_broken')).toBe(
      'Plan of 3 instalments broken on 7 Aug 2026: NZD 200.00 of the instalment of 3 Aug 2026 was still open 3 days after it. The whole is due again.',
    );
    expect((await world.decision('a')).facts).toMatchObject({
      dueOn: '2026-06-12',
      askedMinor: 30_000,
    });
    expect((await world.notes()).at(-1)).toBe(
      'a: Payment plan of 3 instalments from 1 Jul 2026, NZD 500.00 in all, for A: broken, 1 of 3 instalments paid, NZD 200.00 of NZD 500.00 in all; broke on 7 Aug 2026.',
    );
  });

  test('paid in full it ends by itself', async () => {
    const { world, id } = await acme();
    const hold = await world.agree(id, PLAN);
    await world.receive('a', '2026-06-30', 50_000);
    await world.live('2026-07-01');
    expect(await world.standing(hold)).toBe(
      'finished: 3 of 3 instalments paid, NZD 500.00 of NZD 500.00 in all',
    );
    expect(await world.because('a')).toBe('Paid on 30 Jun 2026.');
  });

  test('whose instalments do not come to what is open is refused with both sums', async () => {
    const { world, id } = await acme();
    const short = { ...PLAN, instalments: PLAN.instalments.slice(0, 2) };
    await expect(world.agree(id, short)).rejects.toThrow(
      'the instalments come to NZD 400.00, and NZD 500.00 is open: they should be the same',
    );
    const wrong = { ...PLAN, instalments: ['1 July'] };
    await expect(world.agree(id, wrong)).rejects.toThrow(
      'instalment "1 July": should be a day and an amount, like 2026-07-01 300.00',
    );
  });
});

describe('a settlement', () => {
  const SETTLE = {
    kind: 'settlement',
    invoices: ['A'],
    amount: '400.00',
    on: '2026-06-30',
    reason: 'closing the branch',
    approvedBy: 'Ben',
  };

  test('paid by its day: the rest is a task to credit, and nobody is chased for it', async () => {
    const { world, id } = await acme();
    const hold = await world.agree(id, SETTLE);
    await world.live('2026-06-22');
    expect(await world.answer('a')).toBe('hold until 2026-07-01');
    await world.receive('a', '2026-06-30', 40_000);
    await world.live('2026-06-30');
    expect(await world.standing(hold)).toBe(
      'met: NZD 400.00 of NZD 400.00 paid, NZD 100.00 to be credited',
    );
    expect(await world.because('a')).toBe(
      'NZD 400.00 paid by 30 Jun 2026 as settled: credit the remaining NZD 100.00.',
    );
    await world.live('2026-07-20');
    expect(await world.actions()).toEqual([
      '2026-06-15 overdue-friendly acme NZD [a] sent',
      '2026-06-30 credit-the-rest acme NZD [a] todo',
    ]);
    await world.receive('a', '2026-07-21', 10_000, 'credit');
    await world.live('2026-07-21');
    expect((await world.actions()).at(-1)).toBe(
      '2026-06-30 credit-the-rest acme NZD [a] cancelled',
    );
  });

  test('not paid by its day: void, and the whole is chased again', async () => {
    const { world, id } = await acme();
    const hold = await world.agree(id, SETTLE);
    await world.receive('a', '2026-06-30', 39_999);
    await world.live('2026-07-01');
    expect(await world.standing(hold)).toBe('void: NZD 399.99 of NZD 400.00 paid');
    expect(await world.because('a')).toBe(
      'Was due on 12 Jun 2026, NZD 100.01 open: "Second reminder" is due.',
    );
  });
});

test('a manual hold: announced before it ends, told when it ended, and chasing goes on', async () => {
  const { world, id } = await acme();
  await world.agree(id, {
    kind: 'manual',
    reason: 'the owner is in hospital',
    until: '2026-06-24',
  });
  await world.live('2026-06-19');
  await world.live('2026-06-22'); // two days before its end
  expect(await world.answer('a')).toBe('hold until 2026-06-25');
  await world.live('2026-06-25');
  expect((await world.actions()).at(-1)).toBe('2026-06-25 overdue-second acme NZD [a] sent');
  await world.live('2026-06-26');
  const audit = await db().prisma.audit.findMany({
    where: { bookId: world.bookId },
    orderBy: { id: 'asc' },
  });
  expect(audit.map((row) => `${row.actor} ${row.action}`)).toEqual([
    'Ana hold.added',
    'system hold.ending',
    'system hold.expired',
  ]);
  expect(await world.notes()).toEqual([
    'acme: On hold until 24 Jun 2026 for everything owed (Ana): the owner is in hospital',
    'acme: On hold until 24 Jun 2026 for everything owed: expired, ended on 24 Jun 2026.',
  ]);
});

test('a hold on the parent covers the sub-customer that is billed with it', async () => {
  const world = await World.open(db(), '2026-06-15');
  const parent = await world.customer({ id: 'parent' });
  await world.customer({ id: 'branch', parentId: 'parent', billWithParent: true });
  await world.customer({ id: 'own', parentId: 'parent', billWithParent: false });
  for (const customer of ['parent', 'branch', 'own']) {
    await world.invoice({ id: `of-${customer}`, customer, due: '2026-06-12' });
  }
  const hold = await world.agree(parent, {
    kind: 'promise',
    on: '2026-06-24',
    reason: 'pays for all branches',
  });
  await world.live('2026-06-15');
  expect(await world.answer('of-branch')).toBe('hold until 2026-06-27');
  expect(await world.answer('of-parent')).toBe('hold until 2026-06-27');
  expect(await world.actions()).toEqual(['2026-06-15 overdue-friendly own NZD [of-own] sent']);
  await world.receive('of-branch', '2026-06-23', 10_000);
  await world.goTo('2026-06-23');
  expect(await world.standing(hold)).toBe('pending: NZD 100.00 of NZD 200.00 arrived');
});
