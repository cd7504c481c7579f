import { beforeAll, describe, expect, test } from 'vitest';
import { forecastBook } from '../../src/assess/forecast-book.ts';
import { predictBook } from '../../src/assess/predict-book.ts';
import { day, formatDay, fromDate } from '../../src/domain/day.ts';
import type { InvoiceId } from '../../src/domain/receivables.ts';
import { explainInvoice, formatExplanation } from '../../src/escalate/explain.ts';
import { findPrediction } from '../../src/store/predictions.ts';
import { World } from '../stories/world.ts';
import { useDatabase } from '../support/database.ts';
import { REGIMES, simulate } from '../support/payment-simulator.ts';

const db = useDatabase();
const asOn = day('2023-11-20');
let world: World;

/** A book of some hundred invoices as it stood on the morning of `asOn`. */
beforeAll(async () => {
  world = await World.open(db(), formatDay(asOn));
  const known = simulate({ ...REGIMES.short, customers: 25, invoices: 500, days: 320 }, 8)
    .filter((one) => one.issuedOn < asOn)
    .map((one, n) => ({ ...one, id: `i${n}` }));
  const { prisma } = db();
  const customers = [...new Set([...known.map((one) => one.customer), 'C2', 'new', 'child'])];
  for (const id of customers) {
    await world.customer(id === 'child' ? { id, parentId: 'C1', billWithParent: true } : { id });
  }
  await prisma.invoice.createMany({
    data: known.map((one) => {
      const isPaid = one.paidOn !== null && one.paidOn < asOn;
      return {
        bookId: world.bookId,
        id: one.id,
        kind: 'invoice',
        number: one.id.toUpperCase(),
        customerId: one.customer,
        status: isPaid ? 'paid' : 'open',
        issuedOn: new Date(one.issuedOn * 86_400_000),
        dueOn: new Date(one.dueOn * 86_400_000),
        paidOn: isPaid && one.paidOn !== null ? new Date(one.paidOn * 86_400_000) : null,
        currency: 'NZD',
        totalMinor: BigInt(one.amountMinor ?? 0),
        openMinor: BigInt(isPaid ? 0 : (one.amountMinor ?? 0)),
        hash: 'h',
      };
    }),
  });
  await world.invoice({ id: 'fresh', customer: 'new', issued: '2023-11-20', due: '2023-12-20' });
  await world.invoice({ id: 'sub', customer: 'child', issued: '2023-11-01', due: '2023-12-01' });
  await world.invoice({ id: 'old', customer: 'C2', issued: '2019-11-01', due: '2019-12-01' });
  await world.invoice({ id: 'odd', customer: 'C2', issued: '2023-11-01', due: '2023-10-01' });
  await world.invoice({ id: 'draft', customer: 'C2', due: '2023-12-01', status: 'draft' });
}, 60_000);

const rows = () =>
  db().prisma.prediction.findMany({
    where: { bookId: world.bookId },
    orderBy: { invoiceId: 'asc' },
  });
const openIds = async () =>
  (await db().prisma.invoice.findMany({ where: { bookId: world.bookId, status: 'open' } })).map(
    (row) => row.id,
  );

describe('predicting a book', () => {
  test('gives every open invoice one prediction, but not one that contradicts itself', async () => {
    const report = await predictBook({ db: db() }, world.bookId, { asOn });
    const predicted = (await rows()).map((row) => row.invoiceId);
    expect(predicted).toEqual((await openIds()).filter((id) => id !== 'odd').sort());
    expect(predicted).toContain('old');
    expect(predicted).toContain('fresh');
    expect(report).toEqual({ predicted: predicted.length, isRefit: true });
  });

  test('a sub-customer billed with its parent is judged by what the parent did', async () => {
    const sub = await findPrediction(db().prisma, world.bookId, 'sub' as InvoiceId);
    expect(sub?.facts[2]).toBeGreaterThan(5);
    const fresh = await findPrediction(db().prisma, world.bookId, 'fresh' as InvoiceId);
    expect(fresh?.facts[2]).toBe(0);
    expect(fresh?.facts[7]).toBeNaN();
  });

  test('again the same day, one customer at a time: nothing is learnt anew and nothing differs', async () => {
    const before = await rows();
    const report = await predictBook({ db: db() }, world.bookId, { asOn, customersPerChunk: 1 });
    expect(await rows()).toEqual(before);
    expect(report.predicted).toBe(before.length);
    expect(await db().prisma.predictionModel.count()).toBe(1);
  });

  test('`duebook explain` says when it will be paid and why; what is paid has nothing to say', async () => {
    const fresh = formatExplanation(await explainInvoice(db(), world.bookId, 'fresh'));
    expect(fresh).toMatch(/When it will be paid\n {2}The chance of being late is \d+ %\./);
    expect(fresh).toContain('This customer has no history yet');
    expect(fresh).toMatch(/\n {2}odds × \d+\.\d\d: /);
    const paid = await db().prisma.invoice.findFirstOrThrow({
      where: { bookId: world.bookId, status: 'paid' },
    });
    expect((await explainInvoice(db(), world.bookId, paid.id)).prediction).toBeNull();
  });

  test('the cash forecast counts all that is predicted, and a promise by how far its giver is trusted', async () => {
    const open = await db().prisma.invoice.aggregate({
      where: { bookId: world.bookId, status: 'open', id: { not: 'odd' } },
      _sum: { openMinor: true },
    });
    const read = async () => {
      const report = await forecastBook({ db: db() }, world.bookId, { asOn, weeks: 8 });
      return report?.find((one) => one.currency === 'NZD');
    };
    const plain = await read();
    expect(plain?.openMinor).toBe(Number(open._sum.openMinor));
    expect(plain?.weeks).toHaveLength(8);
    expect(plain?.weeks.every((week) => week.agreedMinor === 0)).toBe(true);
    await db().prisma.hold.create({
      data: {
        bookId: world.bookId,
        customerId: 'new',
        invoiceIds: ['fresh'],
        kind: 'promise',
        terms: {
          currency: 'NZD',
          amountMinor: 10_000,
          payOn: '2023-11-22',
          source: 'email',
          quote: null,
        },
        reason: 'said so',
        owner: 'test',
        fromOn: new Date('2023-11-20'),
        createdAt: world.clock.now(),
      },
    });
    // Nobody has promised anything before: seven of ten are kept, as is usual.
    expect((await read())?.weeks[0]?.agreedMinor).toBe(7_000);
    await db().prisma.hold.deleteMany({ where: { bookId: world.bookId } });
  });

  test('the next day keeps the model and drops what was paid; the next month learns anew', async () => {
    const { prisma } = db();
    await prisma.invoice.update({
      where: { bookId_id: { bookId: world.bookId, id: 'fresh' } },
      data: { status: 'paid', openMinor: 0n, paidOn: new Date('2023-11-20') },
    });
    const next = await predictBook({ db: db() }, world.bookId, { asOn: day('2023-11-30') });
    expect(next.isRefit).toBe(false);
    const after = await rows();
    expect(after.map((row) => row.invoiceId)).not.toContain('fresh');
    expect(new Set(after.map((row) => formatDay(fromDate(row.asOn))))).toEqual(
      new Set(['2023-11-30']),
    );
    const later = await predictBook({ db: db() }, world.bookId, { asOn: day('2023-12-01') });
    expect(later.isRefit).toBe(true);
    expect(await prisma.predictionModel.count()).toBe(2);
    expect(new Set((await rows()).map((row) => formatDay(fromDate(row.modelOn))))).toEqual(
      new Set(['2023-12-01']),
    );
  });

  test('a book with hardly any past gets no prediction', async () => {
    const young = await World.open(db(), '2026-06-15');
    await young.customer({ id: 'a' });
    await young.invoice({ id: 'a1', customer: 'a', due: '2026-06-01' });
    expect(await predictBook({ db: db() }, young.bookId, { asOn: day('2026-06-15') })).toEqual({
      predicted: 0,
      isRefit: false,
    });
    expect(await db().prisma.prediction.count({ where: { bookId: young.bookId } })).toBe(0);
  });
});
