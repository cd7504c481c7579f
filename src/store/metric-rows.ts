/** What metrics read besides balances: promises with what came of them, steps with what followed, calls. Some customers at a time. */
import type { Day } from '../domain/day.ts';
import type { CallRow, PromiseRow, StepRow } from '../domain/metrics/metric.ts';
import { promiseStanding } from '../domain/promise.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import type { Tx } from './db.ts';
import type { HoldRulesInForce } from './hold-rules.ts';
import { readPromises } from './holds.ts';
import { dateFrom, dayOf, idsFrom, jsonRows } from './json-rows.ts';

/** Promises that are decided: kept, partly kept or broken by their day and the grace. */
export async function readPromiseRows(
  tx: Tx,
  bookId: BookId,
  customers: ReadonlyMap<CustomerId, string>,
  rules: HoldRulesInForce,
  asOn: Day,
): Promise<PromiseRow[]> {
  const promises = await readPromises(tx, bookId, [...customers.keys()]);
  return promises.flatMap((promise) => {
    if (promise.fromOn > asOn) return [];
    const standing = promiseStanding(promise, rules.forHold(promise), asOn);
    const { state, dueMinor, arrivedMinor } = standing;
    if (state === 'pending' || state === 'void') return [];
    return [
      {
        customerId: promise.customerId,
        customerName: customers.get(promise.customerId) ?? promise.customerId,
        currency: promise.terms.currency,
        payOn: promise.terms.payOn,
        promisedMinor: dueMinor,
        arrivedMinor,
      },
    ];
  });
}

const NAME = `coalesce((select c.name from customer c where c.book_id = i.book_id and c.id = i.customer_id), i.customer_id)`;
/** A decision under the hold-out names it in its path. */
const HELD_OUT = `exists (select from decision d where d.book_id = i.book_id and d.invoice_id = i.id
   and d.path @> '[{"code": "hold_out"}]')`;
const PAID_ON = `case when i.status = 'paid' then ${dayOf('i.paid_on')} end`;

/** Invoices of these customers that caused a message or task which was carried out, by the day it was. */
export async function readStepRows(
  tx: Tx,
  bookId: BookId,
  customerIds: readonly CustomerId[],
  period: { from: Day; asOn: Day },
): Promise<StepRow[]> {
  return jsonRows<StepRow>(
    tx,
    `select i.customer_id as "customerId", ${NAME} as "customerName", i.id as "invoiceId",
            i.number, ai.step, ${dayOf('a.planned_on')} as "on", false as "isHeldOut",
            ${PAID_ON} as "paidOn"
       from action a
       join action_invoice ai on ai.action_id = a.id and ai.is_trigger and ai.step is not null
       join invoice i on i.book_id = a.book_id and i.id = ai.invoice_id
      where a.book_id = $1::int and i.customer_id = any(${idsFrom('$2')})
        and a.state in ('sent', 'done') and i.status in ('open', 'paid')
        and a.planned_on between ${dateFrom('$3')} and ${dateFrom('$4')} and not ${HELD_OUT}`,
    bookId,
    JSON.stringify(customerIds),
    period.from,
    period.asOn,
  );
}

export interface StepLag {
  step: string;
  /** Days from the due date to the day the step is usually taken. */
  lagDays: number;
}

export async function readStepLags(tx: Tx, bookId: BookId, asOn: Day): Promise<StepLag[]> {
  return jsonRows<StepLag>(
    tx,
    `select ai.step, percentile_disc(0.5) within group (order by a.planned_on - ai.due_on) as "lagDays"
       from action a
       join action_invoice ai on ai.action_id = a.id and ai.is_trigger and ai.step is not null
      where a.book_id = $1::int and a.state in ('sent', 'done') and a.planned_on <= ${dateFrom('$2')}
      group by ai.step order by ai.step`,
    bookId,
    asOn,
  );
}

/**
 * Invoices of held-out customers on the day each step would usually have come to them, so that both
 * groups are watched from the same place; not for a step they did get.
 */
export async function readHeldOutRows(
  tx: Tx,
  bookId: BookId,
  customerIds: readonly CustomerId[],
  lags: readonly StepLag[],
  asOn: Day,
): Promise<StepRow[]> {
  if (lags.length === 0) return [];
  return jsonRows<StepRow>(
    tx,
    `select i.customer_id as "customerId", ${NAME} as "customerName", i.id as "invoiceId",
            i.number, lag.step, ${dayOf('i.due_on')} + lag."lagDays" as "on", true as "isHeldOut",
            ${PAID_ON} as "paidOn"
       from invoice i
      cross join json_to_recordset($3::json) as lag(step text, "lagDays" int)
      where i.book_id = $1::int and i.customer_id = any(${idsFrom('$2')})
        and i.status in ('open', 'paid') and ${dayOf('i.due_on')} + lag."lagDays" <= $4::int
        and ${HELD_OUT}
        and not exists (select from action a join action_invoice ai on ai.action_id = a.id
          where ai.book_id = i.book_id and ai.invoice_id = i.id and ai.step = lag.step
            and a.state in ('sent', 'done'))`,
    bookId,
    JSON.stringify(customerIds),
    JSON.stringify(lags),
    asOn,
  );
}

/** Calls whose outcome somebody wrote down; a voicemail, no answer or the wrong person reached nobody. */
export async function readCallRows(
  tx: Tx,
  bookId: BookId,
  customers: ReadonlyMap<CustomerId, string>,
): Promise<CallRow[]> {
  const rows = await jsonRows<Omit<CallRow, 'customerName'> & { customerId: CustomerId }>(
    tx,
    `select a.customer_id as "customerId", ${dayOf('a.outcome_at::date')} as "on",
            a.outcome_code not in ('voicemail', 'unreachable', 'wrong_contact') as "reachedPayer"
       from action a
      where a.book_id = $1::int and a.customer_id = any(${idsFrom('$2')})
        and a.channel = 'call' and a.outcome_code is not null and a.outcome_at is not null`,
    bookId,
    JSON.stringify([...customers.keys()]),
  );
  return rows.map((row) => ({
    ...row,
    customerName: customers.get(row.customerId) ?? row.customerId,
  }));
}

/** Names of the next customers after `after`, in the order of their ids; empty at the end. */
export async function nextCustomerNames(
  tx: Tx,
  bookId: BookId,
  after: string,
  limit: number,
): Promise<Map<CustomerId, string>> {
  const rows = await jsonRows<{ id: CustomerId; name: string }>(
    tx,
    `select id, name from customer where book_id = $1::int and id > $2::text
      order by id limit $3::int`,
    bookId,
    after,
    limit,
  );
  return new Map(rows.map((row) => [row.id, row.name]));
}
