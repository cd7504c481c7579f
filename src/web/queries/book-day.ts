/** A book's day: what leaves and when, what waits for a person, and what is stopped and why. */
import type { Day } from '../../domain/day.ts';
import type { BookId } from '../../domain/receivables.ts';
import type { Db } from '../../store/db.ts';
import { dayView } from '../../escalate/day-view.ts';
import { readBookCounts, readBookMoney } from './portfolio.ts';
import { dayOf, select } from './sql.ts';

/** A first run over a large book proposes thousands; a page shows the first, the counts say the rest. */
export const DAY_ROWS_MAX = 200;

export interface DayAction {
  id: string;
  customerId: string;
  customerName: string;
  channel: string;
  stepName: string;
  state: string;
  stateReason: string | null;
  approvalsNeeded: number;
  currency: string;
  invoices: number;
  amountMinor: number;
  /** The oldest due day among the invoices that made it due. */
  oldestDueOn: Day | null;
  dueAt: Date;
  updatedAt: Date;
}

interface HeldGroup {
  customerId: string;
  customerName: string;
  currency: string;
  because: string;
  invoices: number;
  amountMinor: number;
  nextOn: Day | null;
}

export async function readBookDay(db: Db, bookId: BookId, today: Day) {
  const view = await dayView(db, bookId, { limit: DAY_ROWS_MAX });
  const actions = await readActions(db, bookId, today);
  const inStates = (...states: string[]) => actions.filter((row) => states.includes(row.state));
  return {
    counts: await readBookCounts(db, bookId, today),
    money: await readBookMoney(db, bookId, today),
    run: view.run,
    proposed: inStates('proposed'),
    leaving: inStates('planned', 'deferred', 'claimed', 'handing_over'),
    inDoubt: inStates('in_doubt'),
    tasks: inStates('todo'),
    finished: inStates('sent', 'rejected', 'cancelled', 'done'),
    shadowed: [...view.messages, ...view.tasks].filter((row) => row.state === 'shadow'),
    held: await readHeld(db, bookId),
    heldReasons: view.held,
    waiting: view.counts['wait'] ?? 0,
    nextOn: view.nextOn,
  };
}

export type BookDay = Awaited<ReturnType<typeof readBookDay>>;

/** Everything that is not finished, and what finished today; each state to its limit. */
async function readActions(db: Db, bookId: BookId, today: Day): Promise<DayAction[]> {
  return select<DayAction>(
    db,
    `select a.id::text as "id", a.customer_id as "customerId",
            coalesce(c.name, a.customer_id) as "customerName", a.channel, a.step_name as "stepName",
            a.state::text as "state", a.state_reason as "stateReason",
            a.approvals_needed as "approvalsNeeded", a.currency,
            coalesce(n.invoices, 0)::int as "invoices", coalesce(n.amount, 0)::float8 as "amountMinor",
            n.oldest as "oldestDueOn", a.due_at as "dueAt", a.updated_at as "updatedAt"
       from (
         select *, row_number() over (partition by state order by due_at, id) as place
           from action
          where book_id = $1
            and (state not in ('sent', 'rejected', 'cancelled', 'done')
                 or planned_on - date '1970-01-01' >= $2)
       ) a
       left join customer c on c.book_id = a.book_id and c.id = a.customer_id
       left join lateral (
         select count(*) as invoices, sum(ai.open_minor) as amount,
                min(${dayOf('ai.due_on')}) filter (where ai.is_trigger) as oldest
           from action_invoice ai where ai.action_id = a.id
       ) n on true
      where a.place <= $3
      order by n.amount desc nulls last, c.name, a.id`,
    bookId,
    today,
    DAY_ROWS_MAX,
  );
}

/** Holds in force, one row per customer, currency and reason, the largest first. */
async function readHeld(db: Db, bookId: BookId): Promise<HeldGroup[]> {
  return select<HeldGroup>(
    db,
    `select d.customer_id as "customerId", coalesce(c.name, d.customer_id) as "customerName",
            i.currency, d.because, count(*)::int as "invoices",
            coalesce(sum(i.open_minor), 0)::float8 as "amountMinor",
            min(${dayOf('d.next_on')}) as "nextOn"
       from decision d
       join invoice i on i.book_id = d.book_id and i.id = d.invoice_id
       left join customer c on c.book_id = d.book_id and c.id = d.customer_id
      where d.book_id = $1 and d.replaced_on is null and d.outcome = 'hold'
      group by d.customer_id, c.name, i.currency, d.because
      order by sum(i.open_minor) desc, d.customer_id
      limit $2`,
    bookId,
    DAY_ROWS_MAX,
  );
}
