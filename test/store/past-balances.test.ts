import { beforeAll, describe, expect, test } from 'vitest';
import { balanceAsOf } from '../../src/domain/as-of.ts';
import { day, toDate } from '../../src/domain/day.ts';
import type { CustomerId } from '../../src/domain/receivables.ts';
import { readPastCredits, readPastInvoices } from '../../src/store/past-balances.ts';
import { World } from '../stories/world.ts';
import { useDatabase } from '../support/database.ts';

const db = useDatabase();
const ACME = ['acme' as CustomerId];
let world: World;

interface Use {
  source: ['payment' | 'credit', string];
  target: ['invoice' | 'credit', string];
  amount: number;
  on: string;
}

async function allocate(uses: Use[]): Promise<void> {
  await db().prisma.allocation.createMany({
    data: uses.map(({ source, target, amount, on }, seq) => ({
      bookId: world.bookId,
      sourceKind: source[0],
      sourceId: source[1],
      seq,
      targetKind: target[0],
      targetId: target[1],
      amountMinor: BigInt(amount),
      allocatedOn: toDate(day(on)),
    })),
  });
}

beforeAll(async () => {
  world = await World.open(db(), '2026-06-15');
  await world.customer({ id: 'acme' });
  await world.customer({ id: 'birch' });
  await world.invoice({
    id: 'part',
    customer: 'acme',
    due: '2026-05-20',
    issued: '2026-05-01',
    amount: 900,
    open: 200,
  });
  await world.invoice({ id: 'void', customer: 'acme', due: '2026-05-20', status: 'voided' });
  await world.invoice({ id: 'other', customer: 'birch', due: '2026-05-20' });
  await world.credit('acme', 300);
  const [credit] = await db().prisma.credit.findMany({ where: { bookId: world.bookId } });
  await db().prisma.payment.create({
    data: {
      bookId: world.bookId,
      id: 'receipt',
      kind: 'receipt',
      customerId: 'acme',
      status: 'received',
      paidOn: toDate(day('2026-05-25')),
      currency: 'NZD',
      amountMinor: 400n,
      unappliedMinor: 0n,
      hash: 'h',
    },
  });
  await db().prisma.credit.updateMany({ data: { remainingMinor: 0n, status: 'used' } });
  await allocate([
    {
      source: ['payment', 'receipt'],
      target: ['credit', credit?.id ?? ''],
      amount: 300,
      on: '2026-05-25',
    },
    { source: ['payment', 'receipt'], target: ['invoice', 'part'], amount: 600, on: '2026-05-25' },
    { source: ['payment', 'receipt'], target: ['invoice', 'part'], amount: 100, on: '2026-06-02' },
  ]);
});

describe('the books of a past day', () => {
  test('an invoice with what was set against it, and only of the customers asked for', async () => {
    const invoices = await readPastInvoices(db().prisma, world.bookId, ACME);
    expect(invoices.map((invoice) => invoice.id)).toEqual(['part']);
    const [part] = invoices;
    if (part === undefined) throw new Error('not read');
    const balances = ['2026-04-30', '2026-05-24', '2026-05-25', '2026-06-02'];
    expect(balances.map((on) => balanceAsOf(part, day(on)))).toEqual([0, 900, 300, 200]);
  });

  test('a credit until it was drawn on, and a receipt until it was all set against something', async () => {
    const credits = await readPastCredits(db().prisma, world.bookId, ACME);
    const left = (on: string) =>
      Object.fromEntries(credits.map((credit) => [credit.kind, balanceAsOf(credit, day(on))]));
    expect(left('2026-05-24')).toEqual({ credit_note: 300, on_account: 0 });
    expect(left('2026-05-25')).toEqual({ credit_note: 0, on_account: 100 });
    expect(left('2026-06-02')).toEqual({ credit_note: 0, on_account: 0 });
  });
});
