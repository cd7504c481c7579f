/** How far a customer has been taken, what is with an agency, and how its contact stands. */
import { type Day, fromDate, parseDay } from '../../domain/day.ts';
import {
  accountEscalation,
  type Escalation,
  escalationLater,
  type EscalationState,
} from '../../domain/escalation-state.ts';
import type { BookId, CustomerId } from '../../domain/receivables.ts';
import type { Db } from '../../store/db.ts';
import { readContacts } from '../../store/tasks.ts';
import { select } from './sql.ts';

export async function readEscalation(db: Db, bookId: BookId, id: CustomerId, today: Day) {
  const handOvers = await db.prisma.handOver.findMany({
    where: { bookId, customerId: id, returnedOn: null },
    orderBy: { id: 'asc' },
  });
  const contacts = await readContacts(db.prisma, bookId, [id]);
  return {
    account: accountEscalation(await readInvoices(db, bookId, id, today)),
    contact: contacts.get(id) ?? null,
    handOvers: handOvers.map(({ agency, reference, currency, amountMinor, handedOn }) => ({
      agency,
      reference,
      currency,
      amountMinor: Number(amountMinor),
      handedOn: fromDate(handedOn),
    })),
  };
}

/** As decided, and by time alone since: what was not due then may be overdue today. */
async function readInvoices(
  db: Db,
  bookId: BookId,
  id: CustomerId,
  today: Day,
): Promise<Escalation[]> {
  const rows = await select<{
    dueOn: string;
    state: EscalationState;
    since: string | null;
    suspendedBy: string | null;
  }>(
    db,
    `select d.facts->>'dueOn' as "dueOn", d.facts->'escalation'->>'state' as "state",
            d.facts->'escalation'->>'since' as "since",
            d.facts->'escalation'->>'suspendedBy' as "suspendedBy"
       from decision d
       join invoice i on i.book_id = d.book_id and i.id = d.invoice_id and i.status = 'open'
      where d.book_id = $1 and d.customer_id = $2 and d.replaced_on is null
        and d.facts->'escalation' is not null`,
    bookId,
    id,
  );
  return rows.flatMap(({ dueOn, since, ...rest }) => {
    const due = parseDay(dueOn);
    const stands = { ...rest, since: since === null ? null : parseDay(since) };
    return due === null ? [] : [escalationLater(stands, due, today)];
  });
}
