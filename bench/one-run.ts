/** One run over a book of open invoices: assess and escalate, the first day and the day after. */
import { assessBook } from '../src/assess/assess-book.ts';
import { systemClock } from '../src/clock.ts';
import { addDays, dayIn, formatDay, type Day } from '../src/domain/day.ts';
import type { BookId } from '../src/domain/receivables.ts';
import { escalateBook } from '../src/escalate/escalate-book.ts';
import { createLog } from '../src/log.ts';
import type { Db } from '../src/store/db.ts';
import type { BenchDatabase } from './databases.ts';
import type { Measure, Progress } from './report.ts';

export async function measureRun(
  { db, name }: BenchDatabase,
  options: { invoices: number; progress: Progress },
): Promise<Measure[]> {
  const today = dayIn('UTC', systemClock.now());
  const bookId = await insertOpenBook(db, options.invoices, today);
  const deps = { db, clock: systemClock, log: createLog('error'), freshnessHours: 24 };
  const size = `${options.invoices.toLocaleString('en')} open invoices`;
  const measures: Measure[] = [];
  for (const [label, asOn] of [
    ['first run', today],
    ['run of the next day', addDays(today, 1)],
  ] as const) {
    options.progress(`${name}: ${label} over ${size}`);
    const startedAt = performance.now();
    await assessBook(deps, bookId, { asOn });
    const assessedAt = performance.now();
    const run = await escalateBook(deps, bookId, { asOn });
    const seconds = (performance.now() - startedAt) / 1000;
    measures.push({
      what: `${label} over ${size}`,
      on: name,
      figure: seconds,
      unit: 's',
      goal: null,
      note: `assess ${((assessedAt - startedAt) / 1000).toFixed(1)} s; ${JSON.stringify(run.decisions)}, ${run.actions} actions, ${run.changed} decisions changed`,
    });
  }
  await db.executeSql('delete from book');
  return measures;
}

/** Ten invoices per customer, due from 100 days ago to 40 days ahead, and payments up to yesterday. */
async function insertOpenBook(db: Db, invoices: number, today: Day): Promise<BookId> {
  const at = systemClock.now();
  const { id } = await db.prisma.book.create({
    data: {
      platform: 'xero',
      externalIdSealed: '',
      externalIdHash: 'bench',
      name: 'Bench',
      country: 'NZ',
      baseCurrency: 'NZD',
      timeZone: 'UTC',
      mode: 'approve',
      lastSyncedAt: at,
      createdAt: at,
      updatedAt: at,
    },
  });
  const day = `date '${formatDay(today)}'`;
  const customers = Math.ceil(invoices / 10);
  await db.executeSql(`
    insert into customer (book_id, id, name, email_text, hash)
    select ${id}, 'c' || n, 'Customer ' || n, 'ap@customer' || n || '.example', ''
    from generate_series(1, ${customers}) n;
    insert into invoice (book_id, id, kind, number, customer_id, status, issued_on, due_on, currency, total_minor, open_minor, hash)
    select ${id}, 'i' || n, 'invoice', 'INV-' || n, 'c' || (n % ${customers}) + 1, 'open',
      ${day} + 40 - (n * 7 % 140) - 30, ${day} + 40 - (n * 7 % 140), 'NZD', 10000 + n % 977 * 113, 10000 + n % 977 * 113, ''
    from generate_series(1, ${invoices}) n;
    insert into payment (book_id, id, kind, customer_id, status, paid_on, currency, amount_minor, unapplied_minor, hash)
    select ${id}, 'p' || n, 'receipt', 'c' || n, 'received', ${day} - 1 - n % 300, 'NZD', 10000, 0, ''
    from generate_series(1, ${customers}) n;
    analyze customer; analyze invoice; analyze payment`);
  return id as BookId;
}
