import { expect, test } from 'vitest';
import { day } from '../../src/domain/day.ts';
import type { CustomerId } from '../../src/domain/receivables.ts';
import { readCustomerRisk, writeCustomerRisk } from '../../src/store/customer-risk.ts';
import { insertBook } from '../support/books.ts';
import { useDatabase } from '../support/database.ts';

const db = useDatabase();
const acme = 'acme' as CustomerId;
const bravo = 'bravo' as CustomerId;

test('what was written last is read back, for the customers asked for and no other book', async () => {
  const at = new Date('2026-06-15T00:00:00Z');
  const book = await insertBook(db(), at);
  const other = await insertBook(db(), at);
  const risk = { score: 71, grade: 'B', segment: 'slow_reliable', digest: 'd1' } as const;
  await db().tx(async (tx) => {
    const detail = { factors: [] };
    const rest = { ...risk, detail, nextOn: day('2026-07-01') };
    await writeCustomerRisk(tx, book, day('2026-06-15'), [
      { customerId: acme, ...rest },
      { customerId: bravo, ...rest },
    ]);
    await writeCustomerRisk(tx, book, day('2026-06-16'), [
      {
        customerId: acme,
        score: null,
        grade: null,
        segment: null,
        digest: 'd2',
        detail,
        nextOn: null,
      },
    ]);
    await writeCustomerRisk(tx, other, day('2026-06-16'), []);
  });
  expect(await db().tx((tx) => readCustomerRisk(tx, book, [acme]))).toEqual([
    { customerId: 'acme', score: null, grade: null, segment: null, digest: 'd2' },
  ]);
  expect(await db().tx((tx) => readCustomerRisk(tx, book, [bravo]))).toEqual([
    { customerId: 'bravo', ...risk },
  ]);
  expect(await db().tx((tx) => readCustomerRisk(tx, other, [acme, bravo]))).toEqual([]);
  const row = await db().prisma.customerRisk.findUniqueOrThrow({
    where: { bookId_customerId: { bookId: book, customerId: 'bravo' } },
  });
  expect(row.nextOn?.toISOString().slice(0, 10)).toBe('2026-07-01');
});
