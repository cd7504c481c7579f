/** Every book with its figures, in as many statements whether there are two books or two hundred. */
import { consentEndsSoon } from '../../connect/consent-end.ts';
import { type Day, dayIn } from '../../domain/day.ts';
import type { Platform } from '../../domain/receivables.ts';
import type { Db } from '../../store/db.ts';
import { type AgingInCurrency, agingSums, dayOf, owed, select } from './sql.ts';

export interface PortfolioBook {
  id: number;
  name: string;
  platform: Platform;
  mode: 'shadow' | 'approve' | 'automatic';
  status: 'connected' | 'disconnected';
  statusReason: string | null;
  /** Told when it is near. */
  consentEndsAt: Date | null;
  parkedUntil: Date | null;
  parkedReason: string | null;
  lastSyncedAt: Date | null;
  lastSyncError: string | null;
  heldReason: string | null;
  lastRunOn: Day | null;
  today: Day;
  money: AgingInCurrency[];
  counts: BookCounts;
}

export interface BookCounts {
  /** Messages waiting for a person's yes. */
  proposed: number;
  /** Messages that will leave. */
  leaving: number;
  /** Messages the server took today. */
  sentToday: number;
  rejectedToday: number;
  inDoubt: number;
  tasks: number;
  /** Messages that shadow mode shows and does not send. */
  shadowed: number;
  /** Invoices that something stops. */
  held: number;
  quarantined: number;
}

const NO_COUNTS: BookCounts = {
  proposed: 0,
  leaving: 0,
  sentToday: 0,
  rejectedToday: 0,
  inDoubt: 0,
  tasks: 0,
  shadowed: 0,
  held: 0,
  quarantined: 0,
};

export async function readPortfolio(db: Db, now: Date): Promise<PortfolioBook[]> {
  const books = await db.prisma.book.findMany({
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
    include: { grant: { select: { refreshHardExpiresAt: true } } },
  });
  const today = new Map(books.map((book) => [book.id, dayIn(book.timeZone, now)]));
  const [money, counts, runs] = [
    await readMoney(db, today),
    await readCounts(db, today),
    await readLastRuns(db),
  ];
  return books.map((book) => ({
    id: book.id,
    name: book.name,
    platform: book.platform,
    mode: book.mode,
    status: book.status,
    statusReason: book.statusReason,
    consentEndsAt: consentEndsSoon(book.grant, now),
    parkedUntil: book.parkedUntil !== null && book.parkedUntil > now ? book.parkedUntil : null,
    parkedReason: book.parkedReason,
    lastSyncedAt: book.lastSyncedAt,
    lastSyncError: book.lastSyncError,
    heldReason: runs.get(book.id)?.heldReason ?? null,
    lastRunOn: runs.get(book.id)?.asOn ?? null,
    today: today.get(book.id) ?? dayIn(book.timeZone, now),
    money: money.get(book.id) ?? [],
    counts: counts.get(book.id) ?? NO_COUNTS,
  }));
}

/** One book's row, for the head of its own page. */
export async function readBookCounts(db: Db, bookId: number, today: Day): Promise<BookCounts> {
  const counts = await readCounts(db, new Map([[bookId, today]]));
  return counts.get(bookId) ?? NO_COUNTS;
}

type Days = ReadonlyMap<number, Day>;

/** `b(book_id, today)`: each book lives in its own zone. */
const BOOKS = `(select * from unnest($1::int[], $2::int[]) as t(book_id, today)) b`;
const lists = (days: Days) => [[...days.keys()], [...days.values()]] as const;

async function readMoney(db: Db, days: Days): Promise<Map<number, AgingInCurrency[]>> {
  const rows = await select<AgingInCurrency & { bookId: number }>(
    db,
    `select o.book_id as "bookId", o.currency, ${agingSums('b.today')}
       from (${owed('i.book_id = any($1::int[])')}) o
       join ${BOOKS} on b.book_id = o.book_id
      group by o.book_id, o.currency
      order by sum(o.amount) desc, o.currency`,
    ...lists(days),
  );
  return groupByBook(rows);
}

export async function readBookMoney(db: Db, bookId: number, today: Day) {
  const money = await readMoney(db, new Map([[bookId, today]]));
  return money.get(bookId) ?? [];
}

async function readCounts(db: Db, days: Days): Promise<Map<number, BookCounts>> {
  const rows = await select<BookCounts & { bookId: number }>(
    db,
    `select b.book_id as "bookId",
            coalesce(a.proposed, 0)::int as "proposed",
            coalesce(a.leaving, 0)::int as "leaving",
            coalesce(a.sent_today, 0)::int as "sentToday",
            coalesce(a.rejected_today, 0)::int as "rejectedToday",
            coalesce(a.in_doubt, 0)::int as "inDoubt",
            coalesce(a.tasks, 0)::int as "tasks",
            coalesce(d.shadowed, 0)::int as "shadowed",
            coalesce(d.held, 0)::int as "held",
            coalesce(q.quarantined, 0)::int as "quarantined"
       from ${BOOKS}
       left join (
         select a.book_id,
                count(*) filter (where a.state = 'proposed') as proposed,
                count(*) filter (where a.state in ('planned', 'deferred', 'claimed', 'handing_over')) as leaving,
                count(*) filter (where a.state = 'sent' and a.planned_on - date '1970-01-01' >= b.today) as sent_today,
                count(*) filter (where a.state = 'rejected' and a.planned_on - date '1970-01-01' >= b.today) as rejected_today,
                count(*) filter (where a.state = 'in_doubt') as in_doubt,
                count(*) filter (where a.state = 'todo') as tasks
           from action a join ${BOOKS} on b.book_id = a.book_id
          group by a.book_id) a on a.book_id = b.book_id
       left join (
         select d.book_id,
                count(distinct d.action_key) filter (
                  where d.outcome = 'remind' and k.mode = 'shadow' and d.decided_on = r.as_on) as shadowed,
                count(*) filter (where d.outcome = 'hold') as held
           from decision d
           join book k on k.id = d.book_id
           left join (select distinct on (book_id) book_id, as_on from run
                       order by book_id, id desc) r on r.book_id = d.book_id
          where d.book_id = any($1::int[]) and d.replaced_on is null and d.outcome in ('remind', 'hold')
          group by d.book_id) d on d.book_id = b.book_id
       left join (
         select book_id, count(*) as quarantined from quarantine
          where book_id = any($1::int[]) group by book_id) q on q.book_id = b.book_id`,
    ...lists(days),
  );
  return new Map(rows.map((row) => [row.bookId, row]));
}

async function readLastRuns(db: Db): Promise<Map<number, LastRun>> {
  const rows = await select<LastRun & { bookId: number }>(
    db,
    `select distinct on (book_id) book_id as "bookId", ${dayOf('as_on')} as "asOn",
            held_reason as "heldReason"
       from run where state = 'done' order by book_id, id desc`,
  );
  return new Map(rows.map((row) => [row.bookId, row]));
}

interface LastRun {
  asOn: Day;
  heldReason: string | null;
}

function groupByBook<Row extends { bookId: number }>(rows: Row[]): Map<number, Row[]> {
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.bookId);
    if (group === undefined) groups.set(row.bookId, [row]);
    else group.push(row);
  }
  return groups;
}
