import { describe, expect, test } from 'vitest';
import type { BookId, CustomerId } from '../../src/domain/receivables.ts';
import { markChanged } from '../../src/store/chase-state.ts';
import { useDatabase } from '../support/database.ts';
import { World } from '../stories/world.ts';

const db = useDatabase();

async function noted(bookId: BookId): Promise<(string | null)[]> {
  const rows = await db().prisma.factChange.findMany({ where: { bookId } });
  await db().prisma.factChange.deleteMany({ where: { bookId } });
  return [...new Set(rows.map((row) => row.customerId))].sort();
}

async function ranOnce(options: { isNew?: boolean } = {}): Promise<World> {
  const world = await World.open(db(), '2026-06-03', options);
  await world.customer({ id: 'kiwi' });
  await world.customer({ id: 'moa' });
  await world.invoice({ id: 'k1', customer: 'kiwi', due: '2026-05-01' });
  return world;
}

describe('facts that change', () => {
  test('are not noted before a book has finished a run: the first runs look at everybody', async () => {
    const world = await ranOnce({ isNew: true });
    expect(await noted(world.bookId)).toEqual([]);
  });

  test('note their customer, whichever table they are in and whoever writes them', async () => {
    const world = await ranOnce();
    const { bookId } = world;
    await world.run('2026-06-03');
    await noted(bookId);
    const { prisma } = db();
    const at = world.clock.now();

    await prisma.customer.updateMany({ where: { bookId, id: 'moa' }, data: { name: 'Moa' } });
    expect(await noted(bookId)).toEqual(['moa']);
    await prisma.invoice.updateMany({ where: { bookId, id: 'k1' }, data: { openMinor: 5 } });
    expect(await noted(bookId)).toEqual(['kiwi']);
    await prisma.credit.create({
      data: {
        bookId,
        id: 'c',
        kind: 'credit_note',
        customerId: 'moa',
        status: 'open',
        issuedOn: at,
        currency: 'NZD',
        totalMinor: 1,
        remainingMinor: 1,
        hash: '',
      },
    });
    expect(await noted(bookId)).toEqual(['moa']);
    await prisma.payment.create({
      data: {
        bookId,
        id: 'p',
        kind: 'receipt',
        customerId: 'kiwi',
        status: 'received',
        paidOn: at,
        currency: 'NZD',
        amountMinor: 1,
        unappliedMinor: 1,
        hash: '',
      },
    });
    expect(await noted(bookId)).toEqual(['kiwi']);
    await prisma.customerSetting.create({ data: { bookId, customerId: 'moa' } });
    expect(await noted(bookId)).toEqual(['moa']);
    await prisma.customerSetting.deleteMany({ where: { bookId } });
    expect(await noted(bookId)).toEqual(['moa']);
    await prisma.action.updateMany({ where: { bookId }, data: { state: 'sent' } });
    expect(await noted(bookId)).toEqual(['kiwi']);
    await prisma.action.updateMany({ where: { bookId }, data: { attempts: 3 } });
    expect(await noted(bookId)).toEqual([]);
  });

  test('note both customers when an invoice moves, and both parents when a sub-customer does', async () => {
    const world = await ranOnce();
    const { bookId } = world;
    await world.customer({ id: 'emu' });
    await world.run('2026-06-03');
    await noted(bookId);
    const { prisma } = db();
    await prisma.invoice.updateMany({ where: { bookId }, data: { customerId: 'moa' } });
    expect(await noted(bookId)).toEqual(['kiwi', 'moa']);
    await prisma.customer.updateMany({
      where: { bookId, id: 'emu' },
      data: { parentId: 'moa', billWithParent: true },
    });
    expect(await noted(bookId)).toEqual(['emu', 'moa']);
    await prisma.customer.updateMany({ where: { bookId, id: 'emu' }, data: { parentId: 'kiwi' } });
    expect(await noted(bookId)).toEqual(['emu', 'kiwi', 'moa']);
  });

  test('are marked by hand where no trigger looks, for some customers or for the whole book', async () => {
    const world = await ranOnce();
    await db().tx((tx) => markChanged(tx, world.bookId, ['kiwi', 'moa'] as CustomerId[]));
    expect(await noted(world.bookId)).toEqual(['kiwi', 'moa']);
    await db().tx((tx) => markChanged(tx, world.bookId, []));
    await db().tx((tx) => markChanged(tx, world.bookId, 'all'));
    expect(await noted(world.bookId)).toEqual([null]);
  });
});
