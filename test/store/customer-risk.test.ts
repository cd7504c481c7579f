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
  const risk = {
    score: 71,
    grade: 'B',
    segment: 'slow_reliable',
    digest: 'd1',
    nextOn: day('2026-07-01'),
  } as const;
  await db().tx(async (tx) => {
    const detail = { factors: [] };
    const rest = { ...risk, detail };
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
    { customerId: 'acme', score: null, grade: null, segment: null, digest: 'd2', nextOn: null },
  ]);
  expect(await db().tx((tx) => readCustomerRisk(tx, book, [bravo]))).toEqual([
    { customerId: 'bravo', ...risk },
  ]);
  expect(await db().tx((tx) => readCustomerRisk(tx, other, [acme, bravo]))).toEqual([]);
  const sinceOn = async () => {
    const row = await db().prisma.customerRisk.findUniqueOrThrow({
      where: { bookId_customerId: { bookId: book, customerId: 'bravo' } },
    });
    return row.asOn.toISOString().slice(0, 10);
  };
  const again = { customerId: bravo, ...risk, detail: {}, nextOn: day('2026-08-01') };
  await db().tx((tx) => writeCustomerRisk(tx, book, day('2026-07-01'), [again]));
  expect(await sinceOn()).toBe('2026-06-15');
  await db().tx((tx) =>
    writeCustomerRisk(tx, book, day('2026-07-02'), [{ ...again, digest: 'd3' }]),
  );
  expect(await sinceOn()).toBe('2026-07-02');
});
