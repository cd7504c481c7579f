import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { ageReceivables, type AgingRow } from '../../src/domain/aging.ts';
import { type Day, formatDay, toDate } from '../../src/domain/day.ts';
import type { BookId } from '../../src/domain/receivables.ts';
import { type PortfolioBook, readPortfolio } from '../../src/web/queries/portfolio.ts';
import { useDatabase } from '../support/database.ts';
import { seedBook, startTestWeb, type TestWeb, TODAY } from './support.ts';

const db = useDatabase();

let web: TestWeb;
let bookId: BookId;

beforeAll(async () => {
  web = startTestWeb(db());
  bookId = (await seedBook(web)).bookId;
});

const anyDay = fc.integer({ min: TODAY - 120, max: TODAY + 60 }).map((value) => value as Day);
const anyPart = fc.record({ dueOn: anyDay, amountMinor: fc.integer({ min: 0, max: 5_000 }) });
const anyInvoice = fc.record({
  dueOn: anyDay,
  schedule: fc.option(fc.array(anyPart, { maxLength: 4 })),
  openMinor: fc.integer({ min: -100, max: 10_000 }),
  currency: fc.constantFrom('NZD', 'USD'),
});

test('the aging that pages read from SQL is the aging of the domain, parts and all', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyInvoice, { maxLength: 12 }), async (invoices) => {
      await db().prisma.invoice.deleteMany({ where: { bookId } });
      await db().prisma.invoice.createMany({
        data: invoices.map((invoice, n) => ({
          bookId,
          id: `i${n}`,
          kind: 'invoice',
          number: `I-${n}`,
          customerId: 'c1',
          status: 'open',
          issuedOn: toDate(invoice.dueOn),
          dueOn: toDate(invoice.dueOn),
          ...(invoice.schedule === null ? {} : { schedule: invoice.schedule }),
          currency: invoice.currency,
          totalMinor: 20_000n,
          openMinor: BigInt(invoice.openMinor),
          hash: formatDay(invoice.dueOn),
        })),
      });
      const owed = invoices.filter((invoice) => invoice.openMinor > 0);
      const expected = ageReceivables(owed, [], TODAY).map(inWords);
      const [book] = await readPortfolio(db(), web.clock.now());
      expect((book?.money ?? []).map(inColumns).sort(byCurrency)).toEqual(expected);
    }),
    { numRuns: 40 },
  );
});

interface Columns {
  currency: string;
  open: number;
  buckets: number[];
}

function inWords(row: AgingRow): Columns {
  return { currency: row.currency, open: row.openMinor, buckets: Object.values(row.buckets) };
}

function inColumns(row: PortfolioBook['money'][number]): Columns {
  const { currency, open, current, days30, days60, days90, older } = row;
  expect(row.overdue).toBe(open - current);
  return { currency, open, buckets: [current, days30, days60, days90, older] };
}

const byCurrency = (a: Columns, b: Columns) => (a.currency < b.currency ? -1 : 1);
