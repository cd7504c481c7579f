import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { runCli } from '../../src/cli/index.ts';
import { readConfig } from '../../src/config.ts';
import { day, toDate } from '../../src/domain/day.ts';
import { METRICS } from '../../src/domain/metrics/registry.ts';
import { contextOf, measureBook } from '../../src/measure/measure-book.ts';
import { credit, receive } from '../late-fees/support.ts';
import { World } from '../stories/world.ts';
import { useDatabase } from '../support/database.ts';

const db = useDatabase();
let world: World;

const invoice = (id: string, customer: string, amount: number, issued: string, due: string) =>
  world.invoice({ id, customer, amount, issued, due, currency: 'GBP' });

beforeAll(async () => {
  world = await World.open(db(), '2026-06-30', { country: 'GB', zone: 'Europe/London' });
  for (const id of ['a', 'b', 'c'])
    await world.customer({ id, name: `Customer ${id}`, currency: 'GBP' });
  await invoice('a1', 'a', 10_000, '2026-06-01', '2026-06-20');
  await invoice('a2', 'a', 5_000, '2026-04-20', '2026-05-20');
  await invoice('b1', 'b', 30_000, '2026-05-15', '2026-07-15');
  await invoice('b2', 'b', 8_000, '2026-02-01', '2026-03-01');
  await invoice('c1', 'c', 4_000, '2026-04-01', '2026-05-01');
  await receive(db(), world.bookId, {
    customer: 'a',
    invoice: 'a2',
    amount: 5_000,
    on: '2026-06-09',
  });
  await receive(db(), world.bookId, {
    customer: 'b',
    invoice: 'b2',
    amount: 2_000,
    on: '2026-06-10',
  });
  await credit(db(), world.bookId, {
    customer: 'b',
    invoice: 'b2',
    amount: 1_000,
    on: '2026-06-11',
  });
});

async function step(invoiceId: string, on: string): Promise<void> {
  const row = await db().prisma.invoice.findUniqueOrThrow({
    where: { bookId_id: { bookId: world.bookId, id: invoiceId } },
  });
  const key = { bookId: world.bookId, invoiceId };
  await db().prisma.action.create({
    data: {
      ...{ id: randomUUID(), bookId: world.bookId, customerId: row.customerId, currency: 'GBP' },
      ...{ channel: 'email', step: 'friendly', stepName: 'Friendly', template: 't' },
      ...{ sender: 'collector', state: 'sent', key: randomUUID(), runId: 1, policyVersionId: 1 },
      ...{ plannedOn: toDate(day(on)), dueAt: toDate(day(on)) },
      ...{ createdAt: toDate(day(on)), updatedAt: toDate(day(on)) },
      invoices: {
        create: { ...key, step: 'friendly', isTrigger: true, dueOn: row.dueOn, openMinor: 1n },
      },
    },
  });
}

async function figure(id: string, asOn = '2026-06-30') {
  const metrics = METRICS.filter((metric) => metric.id === id);
  const [one] = await measureBook(db(), world.bookId, contextOf(day(asOn)), metrics, 2);
  const [first] = one?.figures ?? [];
  return {
    ...first,
    parts: Object.fromEntries((first?.parts ?? []).map((p) => [p.name, p.value])),
  };
}

describe('a book is measured from its rows', () => {
  test('aging as of today and as of a past day, by replaying what was set against each invoice', async () => {
    expect((await figure('aging-due')).parts).toMatchObject({
      ...{ current: 30_000, '1–30': 10_000, '31–60': 4_000, '61–90': 0, 'over 90': 5_000 },
    });
    expect((await figure('aging-due', '2026-06-08')).parts).toMatchObject({
      ...{ current: 40_000, '1–30': 5_000, '31–60': 4_000, '61–90': 0, 'over 90': 8_000 },
    });
  });

  test('a credit note lowers what is open and is no collection', async () => {
    expect(await figure('collection-rate')).toMatchObject({
      value: 2_000 / 12_000,
      parts: { collected: 2_000, 'open at the start': 12_000 },
    });
  });

  test('a credit memo that QuickBooks sets against an invoice by a payment of nothing is none either', async () => {
    const set = (kind: string) =>
      db().prisma.payment.updateMany({
        where: { bookId: world.bookId, amountMinor: 2_000n },
        data: { kind },
      });
    await set('credit_application');
    expect(await figure('collection-rate')).toMatchObject({ value: 0, parts: { collected: 0 } });
    await set('receipt');
  });

  test('chunks of customers make no difference', async () => {
    const context = contextOf(day('2026-06-30'));
    const [one, other] = [
      await measureBook(db(), world.bookId, context, METRICS, 1),
      await measureBook(db(), world.bookId, context, METRICS),
    ];
    expect(one.map(({ figures }) => figures)).toEqual(other.map(({ figures }) => figures));
  });

  test('promises count once they are decided: kept, partly kept, broken; one still in its grace does not', async () => {
    const promise = (invoiceId: string, customerId: string, amountMinor: number, payOn: string) =>
      db().prisma.hold.create({
        data: {
          ...{ bookId: world.bookId, customerId, invoiceIds: [invoiceId], kind: 'promise' },
          ...{ reason: 'said so', owner: 'ann', createdAt: world.clock.now() },
          fromOn: toDate(day('2026-06-01')),
          terms: { currency: 'GBP', amountMinor, payOn, source: 'phone', quote: null },
        },
      });
    await promise('a2', 'a', 5_000, '2026-06-09');
    await promise('b2', 'b', 8_000, '2026-06-15');
    await promise('c1', 'c', 4_000, '2026-06-20');
    await promise('a1', 'a', 10_000, '2026-06-29');
    expect(await figure('promise-kept')).toMatchObject({
      value: 1 / 3,
      parts: { kept: 1, 'partly kept': 1, broken: 1 },
    });
  });

  test('calls with an outcome are contacts; a voicemail reached nobody', async () => {
    for (const outcomeCode of ['will_pay_on', 'voicemail', null]) {
      const at = toDate(day('2026-06-15'));
      await db().prisma.action.create({
        data: {
          ...{ id: randomUUID(), bookId: world.bookId, customerId: 'a', currency: 'GBP' },
          ...{ channel: 'call', step: 'call', stepName: 'Call', template: '', sender: 'collector' },
          ...{ state: 'done', key: randomUUID(), runId: 1, policyVersionId: 1, outcomeCode },
          ...{ plannedOn: at, dueAt: at, createdAt: at, updatedAt: at, outcomeAt: at },
        },
      });
    }
    expect(await figure('right-party')).toMatchObject({ value: 0.5, parts: { calls: 2 } });
  });

  test('a step is told against the held-out, watched from the day it would have come', async () => {
    await step('a2', '2026-06-05');
    await step('b2', '2026-03-17');
    expect(await figure('step-effect')).toMatchObject({
      value: 1,
      note: 'friendly: no customer was held out, so what would have come in without it cannot be told.',
    });
    await db().prisma.decision.create({
      data: {
        ...{ bookId: world.bookId, invoiceId: 'c1', customerId: 'c', runId: 1, outcome: 'wait' },
        ...{ decidedOn: toDate(day('2026-05-02')), because: 'x', facts: {}, policyVersionId: 1 },
        ...{ path: [{ code: 'hold_out', text: 'x' }], digest: 'x' },
      },
    });
    // Due 1 May, and the step usually comes 16 days after: the hold-out is watched from 17 May.
    const told = await figure('step-effect');
    expect(told.parts).toMatchObject({
      'after the step: invoices': 1,
      'hold-out: invoices': 1,
      'hold-out: paid within 7 days': 0,
    });
    expect(told.note).toContain('+100 points against the hold-out');
    const held = told.rows?.find((row) => row.invoiceId === 'c1');
    expect(held?.contribution).toBe(44);
  });
});

describe('duebook metrics', () => {
  async function duebook(...args: string[]) {
    const out: string[] = [];
    const notes: string[] = [];
    const app = { db: db(), clock: world.clock, close: () => Promise.resolve() } as unknown as App;
    const code = await runCli(
      args,
      { compose: () => Promise.resolve(app), readConfig: () => readConfig({}), clock: world.clock },
      { print: (line) => void out.push(line), note: (line) => void notes.push(line) },
    );
    return { code, out: out.join('\n'), notes: notes.join('\n') };
  }
  const book = () => String(world.bookId);

  test('prints every metric of a book', async () => {
    const { code, out } = await duebook('metrics', book());
    expect(code).toBe(0);
    expect(out).toContain('Kauri Joinery as of 2026-06-30; periods from 2026-04-02 to that day');
    expect(out).toContain('Aging by due date (aging-due): GBP 490.00');
    expect(out).toContain('Share past due, by amount (past-due-amount): GBP 38.8 %');
    for (const { id } of METRICS) expect(out).toContain(`(${id})`);
  });

  test('opens one metric to its formula, what it includes, and its rows', async () => {
    const { out } = await duebook('metrics', book(), '--metric', 'past-due-amount', '--drill');
    expect(out.split('\n').slice(1)).toEqual([
      'Share past due, by amount (past-due-amount): GBP 38.8 %',
      '  Open amounts past their due date ÷ all open amounts.',
      '  Includes: Open invoices and journals, disputed ones too; unused credits are not netted.',
      '  late: GBP 190.00',
      '  open: GBP 490.00',
      '  3 of 3 rows behind it',
      '  GBP 100.00  Customer a  A1',
      '  GBP 50.00  Customer b  B2',
      '  GBP 40.00  Customer c  C1',
    ]);
  });

  test('takes buckets, losses and a period of one’s own, as JSON for a script', async () => {
    const { out } = await duebook(
      'metrics',
      book(),
      '--metric',
      'provision',
      '--bounds',
      '45',
      '--loss',
      '0,10,50',
      '--days',
      '30',
      '--as-of',
      '2026-06-30',
      '--json',
    );
    expect(JSON.parse(out)).toMatchObject({
      ...{ asOf: '2026-06-30', from: '2026-06-01' },
      metrics: [{ id: 'provision', figures: [{ currency: 'GBP', value: 5_500 }] }],
    });
    expect(out).not.toContain('rows":[');
  });

  test('sets books beside each other', async () => {
    const other = await World.open(db(), '2026-06-30');
    await other.customer({ id: 'k' });
    await other.invoice({ id: 'k1', customer: 'k', due: '2026-06-20', amount: 700 });
    const { out } = await duebook('metrics', '--all', '--metric', 'aging-due');
    expect(out).toBe(
      'Aging by due date (aging-due)\n  GBP 490.00  Kauri Joinery\n  NZD 7.00  Kauri Joinery',
    );
    expect((await duebook('metrics', '--all', '--json')).out.split('\n')).toHaveLength(2);
    await db().prisma.book.delete({ where: { id: other.bookId } });
  });

  test.each<[string[], string]>([
    [['--as-of', 'x'], '--as-of x: should be a day written YYYY-MM-DD'],
    [['--days', '0'], '--days 0: should be a whole number from 1 to 3660'],
    [['--bounds', '30,30'], '--bounds 30,30: should be rising whole days such as 30,60,90'],
    [['--bounds', '30,x'], '--bounds 30,x: should be rising whole days such as 30,60,90'],
    [
      ['--loss', '1,2'],
      '--loss 1,2: should be 5 percentages, current first, such as 0.3,1.5,3.4,7.1,10.8',
    ],
    [['--drill'], '--drill: say which figure to open with --metric'],
    [['--all'], '--all: is of every book; leave the book out'],
  ])('%j is refused in one line', async (args, message) => {
    expect(await duebook('metrics', book(), ...args)).toEqual({ code: 2, out: '', notes: message });
  });

  test('an unknown metric is refused with those there are', async () => {
    const { code, notes } = await duebook('metrics', book(), '--metric', 'x');
    expect(code).toBe(2);
    expect(notes).toContain('--metric x: should be one of aging-due, aging-issued, dso-simple');
  });
});
