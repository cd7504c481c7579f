/** The decision ledger and the outbox, as the daily run reads and writes them: in sets, never row by row. */
import type { Day } from '../domain/day.ts';
import type { Currency, Minor } from '../domain/money.ts';
import type { Channel } from '../domain/policy.ts';
import type { BookId, CustomerId, InvoiceId } from '../domain/receivables.ts';
import type { Tx } from './db.ts';
import { dateFrom, dayOf, documents, documentsFrom, idsFrom, jsonRows } from './json-rows.ts';

export interface ActionHistoryRow {
  id: string;
  customerId: CustomerId;
  currency: Currency;
  key: string;
  channel: Channel;
  step: string;
  template: string;
  state: string;
  stateReason: string | null;
  isApproved: boolean;
  /** The gate that makes it wait for a person; null: none. */
  stoppedBy: string | null;
  plannedOn: Day;
  /** The day in the book's zone on which the message was handed over; null: it was not. */
  handedOn: Day | null;
  to: string[] | null;
  /** The day in the book's zone on which a person said what came of it; null: nobody did. */
  doneOn: Day | null;
  /** The day to which a letter gives time. */
  deadlineOn: Day | null;
  /** The day that stands on the letter: of its issue, else the one it was planned for. */
  datedOn: Day;
  /** The day on which what was handed over was taken back. */
  returnedOn: Day | null;
  invoices: { invoiceId: InvoiceId; dueOn: Day; step: string | null; isTrigger: boolean }[];
}

// Longer than any spacing a policy may ask for, so that the last message is always known.
const RECENT_DAYS = 60;

/**
 * Keeps unsent actions of these customers as they are until the transaction ends: a message taken
 * back here must not leave in the same moment.
 */
export async function lockUnsent(
  tx: Tx,
  bookId: BookId,
  ids: readonly CustomerId[],
): Promise<void> {
  await tx.$queryRawUnsafe(
    `select action.id from ${wanted('$2')}
       join action on action.customer_id = wanted.id
      where action.book_id = $1::int and action.state in ('proposed', 'planned', 'deferred', 'todo')
      order by action.id for update of action`,
    bookId,
    JSON.stringify(ids),
  );
}

/** Actions of these customers that are recent, unfinished, or about an invoice that is still open. */
export async function readActionHistory(
  tx: Tx,
  bookId: BookId,
  ids: readonly CustomerId[],
  asOn: Day,
  timeZone: string,
): Promise<ActionHistoryRow[]> {
  return jsonRows<ActionHistoryRow>(
    tx,
    `select a.id, a.customer_id as "customerId", a.currency, a.key, a.channel, a.step, a.template,
            a.state, a.state_reason as "stateReason", a.approved_at is not null as "isApproved",
            a.stopped_by as "stoppedBy",
            ${dayOf('a.planned_on')} as "plannedOn",
            ${dayOf(`(coalesce(m.accepted_at, m.handed_over_at) at time zone $4::text)::date`)} as "handedOn",
            m.to_addresses as "to",
            ${dayOf('(a.outcome_at at time zone $4::text)::date')} as "doneOn",
            coalesce((select ${dayOf('min((x.created_at at time zone $4::text)::date)')} from document x
                       where x.action_id = a.id and x.kind = 'letter'), ${dayOf('a.planned_on')}) as "datedOn",
            ${dayOf('a.deadline_on')} as "deadlineOn", ${dayOf('h.returned_on')} as "returnedOn",
            (select coalesce(json_agg(json_build_object('invoiceId', ai.invoice_id,
                      'dueOn', ${dayOf('ai.due_on')}, 'step', ai.step, 'isTrigger', ai.is_trigger)
                      order by ai.invoice_id), '[]')
               from action_invoice ai where ai.action_id = a.id and ai.is_trigger) as invoices
       from action a
       left join message m on m.action_id = a.id
       left join hand_over h on h.action_id = a.id
      where a.book_id = $1::int and a.customer_id = any(${idsFrom('$2')})
        and (${dayOf('a.planned_on')} > $3::int - ${RECENT_DAYS}
             or a.state in ('proposed', 'planned', 'deferred', 'claimed', 'handing_over', 'todo')
             or exists (select 1 from action_invoice x
                          join invoice i on i.book_id = x.book_id and i.id = x.invoice_id
                         where x.action_id = a.id and i.status = 'open'))
      order by a.key`,
    bookId,
    JSON.stringify(ids),
    asOn,
    timeZone,
  );
}

/**
 * Ids as a table to join. Against a large table whose statistics are not written yet, `= any(list)`
 * is planned as a walk that searches the list for every row; a join never is.
 */
function wanted(parameter: string): string {
  return `json_array_elements_text(${parameter}::json) as wanted(id)`;
}

/**
 * A decision in force, where its invoice is known. Said so that no index answers it: until statistics are
 * written the planner takes all that are in force for a dozen, and reads the whole book's for every chunk.
 */
export const D_IN_FORCE = `coalesce(d.replaced_on, 'infinity') = 'infinity'`;

export interface ShadowStepRow {
  invoiceId: InvoiceId;
  currency: Currency;
  dueOn: Day;
  step: string;
  channel: Channel;
  actionKey: string;
  to: string[] | null;
  decidedOn: Day;
}

/** What earlier runs would have done in shadow mode about invoices that are still open. */
export async function readShadowSteps(
  tx: Tx,
  bookId: BookId,
  invoiceIds: readonly InvoiceId[],
  before: Day,
): Promise<ShadowStepRow[]> {
  return jsonRows<ShadowStepRow>(
    tx,
    `select d.invoice_id as "invoiceId", d.facts->>'currency' as currency,
            ((d.facts->>'dueOn')::date - date '1970-01-01') as "dueOn", d.step,
            d.facts->'message'->>'channel' as channel, d.action_key as "actionKey",
            d.facts->'recipients'->'to' as "to",
            ${dayOf('d.decided_on')} as "decidedOn"
       from ${wanted('$2')}
       join decision d on d.invoice_id = wanted.id
       join run r on r.id = d.run_id
        and (r.mode = 'shadow' or d.facts->'message'->>'mode' = 'shadow')
      where d.book_id = $1::int and d.outcome in ('remind', 'task') and d.step is not null
        and d.facts->'message' is not null and ${dayOf('d.decided_on')} < $3::int
        and (d.replaced_on is null or d.replaced_on > d.decided_on)`,
    bookId,
    JSON.stringify(invoiceIds),
    before,
  );
}

/** Digest of the decision in force, per invoice. */
export async function readDigests(
  tx: Tx,
  bookId: BookId,
  invoiceIds: readonly InvoiceId[],
): Promise<Map<InvoiceId, string>> {
  const rows = await jsonRows<{ id: InvoiceId; digest: string }>(
    tx,
    `select d.invoice_id as id, d.digest
       from ${wanted('$2')} join decision d on d.invoice_id = wanted.id
      where d.book_id = $1::int and ${D_IN_FORCE}`,
    bookId,
    JSON.stringify(invoiceIds),
  );
  return new Map(rows.map((row) => [row.id, row.digest]));
}

export interface NewDecision {
  invoiceId: InvoiceId;
  customerId: CustomerId;
  outcome: string;
  step: string | null;
  because: string;
  actionKey: string | null;
  policyVersionId: number;
  nextOn: Day | null;
  digest: string;
  path: unknown;
  facts: unknown;
}

/** Replaces the decisions in force for these invoices. */
export async function writeDecisions(
  tx: Tx,
  run: { id: number; bookId: BookId; asOn: Day },
  decisions: readonly NewDecision[],
): Promise<void> {
  if (decisions.length === 0) return;
  const answers = decisions.map(({ path: _path, facts: _facts, ...answer }) => answer);
  await tx.$executeRawUnsafe(
    `update decision d set replaced_on = ${dateFrom('$3')}
       from ${wanted('$2')}
      where d.book_id = $1::int and d.invoice_id = wanted.id and ${D_IN_FORCE}`,
    run.bookId,
    JSON.stringify(decisions.map((decision) => decision.invoiceId)),
    run.asOn,
  );
  await tx.$executeRawUnsafe(
    `insert into decision (book_id, run_id, decided_on, invoice_id, customer_id, outcome, step,
                           because, path, facts, action_key, policy_version_id, next_on, digest)
     select $1::int, $2::int, ${dateFrom('$3')}, d."invoiceId", d."customerId", d.outcome, d.step,
            d.because, d.path::jsonb, d.facts::jsonb, d."actionKey", d."policyVersionId",
            ${dateFrom('d."nextOn"')}, d.digest
       from rows from (
              json_to_recordset($4::json) as ("invoiceId" text, "customerId" text, outcome text, step text,
                because text, "actionKey" text, "policyVersionId" int, "nextOn" int, digest text),
              ${documentsFrom('$5')},
              ${documentsFrom('$6')}
            ) as d("invoiceId", "customerId", outcome, step, because, "actionKey", "policyVersionId",
                   "nextOn", digest, path, facts)`,
    run.bookId,
    run.id,
    run.asOn,
    JSON.stringify(answers),
    documents(decisions.map(({ path }) => path)),
    documents(decisions.map(({ facts }) => facts)),
  );
}

/**
 * Invoices that are no longer open get a last decision that says what became of them; gives how many.
 * Without a list the whole book is looked through.
 */
export async function closeFinished(
  tx: Tx,
  run: { id: number; bookId: BookId; asOn: Day },
  invoiceIds?: readonly InvoiceId[],
): Promise<number> {
  if (invoiceIds?.length === 0) return 0;
  const [from, inForce] =
    invoiceIds === undefined
      ? ['decision d', 'd.replaced_on is null']
      : [`${wanted('$4')} join decision d on d.invoice_id = wanted.id`, D_IN_FORCE];
  return tx.$executeRawUnsafe(
    `with finished as (
       select d.id, i.id as invoice_id, i.customer_id, d.policy_version_id, i.number, i.currency,
              i.total_minor, i.open_minor, i.issued_on, i.due_on, i.status, i.paid_on,
              case i.status when 'paid' then 'Paid' || coalesce(' on ' || to_char(i.paid_on, 'FMDD Mon YYYY'), '') || '.'
                            when 'voided' then 'Voided in the ledger.'
                            else 'Deleted in the ledger.' end as because
         from ${from}
         join invoice i on i.book_id = d.book_id and i.id = d.invoice_id
        where d.book_id = $1::int and ${inForce} and d.digest not like 'closed:%'
          and i.status in ('paid', 'voided', 'deleted')
     ), replaced as (
       update decision set replaced_on = ${dateFrom('$3')} from finished where decision.id = finished.id
     )
     insert into decision (book_id, run_id, decided_on, invoice_id, customer_id, outcome, step,
                           because, path, facts, action_key, policy_version_id, next_on, digest)
     select $1::int, $2::int, ${dateFrom('$3')}, invoice_id, customer_id, 'none', null, because,
            jsonb_build_array(jsonb_build_object('code', status, 'text', because)),
            jsonb_build_object('number', number, 'currency', currency, 'totalMinor', total_minor,
              'openMinor', open_minor, 'issuedOn', issued_on::text, 'dueOn', due_on::text,
              'customerId', customer_id),
            null, policy_version_id, null, 'closed:' || status
       from finished`,
    run.bookId,
    run.id,
    run.asOn,
    ...(invoiceIds === undefined ? [] : [JSON.stringify(invoiceIds)]),
  );
}

export interface NewAction {
  id: string;
  customerId: CustomerId;
  currency: Currency;
  channel: string;
  step: string;
  stepName: string;
  template: string;
  sender: string;
  attachPdf: boolean;
  attachStatement: boolean;
  state: 'proposed' | 'planned' | 'todo';
  stateReason: string | null;
  stoppedBy: string | null;
  /** Different people whose word it takes to release it. */
  approvalsNeeded: number;
  /** A letter's own; null for anything else. */
  reference: string | null;
  deadlineOn: Day | null;
  key: string;
  policyVersionId: number;
  /** When it may leave. */
  dueAt: Date;
  invoices: {
    invoiceId: InvoiceId;
    step: string | null;
    isTrigger: boolean;
    dueOn: Day;
    amountMinor: Minor;
  }[];
}

/** Puts actions into the outbox; one whose key is there already is left as it is. Gives how many are new. */
export async function writeActions(
  tx: Tx,
  run: { id: number; bookId: BookId; asOn: Day },
  actions: readonly NewAction[],
  now: Date,
): Promise<number> {
  if (actions.length === 0) return 0;
  const heads = actions.map(({ invoices: _invoices, ...head }) => head);
  const lines = actions.flatMap(({ id, invoices }) => invoices.map((line) => ({ id, ...line })));
  const [written] = await tx.$queryRawUnsafe<{ count: number }[]>(
    `with added as (
       insert into action (id, book_id, customer_id, currency, channel, step, step_name, template, sender,
                           attach_pdf, attach_statement, state, state_reason, stopped_by, approvals_needed, reference,
                           deadline_on, key, run_id, policy_version_id, planned_on, due_at,
                           created_at, updated_at)
       select a.id::uuid, $1::int, a."customerId", a.currency, a.channel, a.step, a."stepName", a.template,
              a.sender, a."attachPdf", a."attachStatement", a.state::action_state, a."stateReason", a."stoppedBy", a."approvalsNeeded", a.reference,
              ${dateFrom('a."deadlineOn"')}, a.key, $2::int, a."policyVersionId",
              ${dateFrom('$3')}, a."dueAt", $5::timestamptz, $5::timestamptz
         from json_to_recordset($4::json) as a(
              id text, "customerId" text, currency text, channel text, step text, "stepName" text,
              template text, sender text, "attachPdf" boolean, "attachStatement" boolean, state text, "stateReason" text, "stoppedBy" text, "approvalsNeeded" int, reference text,
              "deadlineOn" int, key text, "policyVersionId" int,
              "dueAt" timestamptz)
       on conflict (book_id, key) do nothing
       returning id
     ), listed as (
       insert into action_invoice (action_id, book_id, invoice_id, step, is_trigger, due_on, open_minor)
       select added.id, $1::int, l."invoiceId", l.step, l."isTrigger", ${dateFrom('l."dueOn"')}, l."amountMinor"
         from json_to_recordset($6::json) as l(
              id text, "invoiceId" text, step text, "isTrigger" boolean, "dueOn" int, "amountMinor" bigint)
         join added on added.id = l.id::uuid
     )
     select count(*)::int as count from added`,
    run.bookId,
    run.id,
    run.asOn,
    JSON.stringify(heads),
    now.toISOString(),
    JSON.stringify(lines),
  );
  return written?.count ?? 0;
}

export interface Withdrawal {
  id: string;
  reason: string;
}

/** Takes back actions that have not left; one that is leaving right now is not touched. */
export async function withdrawActions(
  tx: Tx,
  bookId: BookId,
  withdrawals: readonly Withdrawal[],
  at: Date,
): Promise<number> {
  if (withdrawals.length === 0) return 0;
  return tx.$executeRawUnsafe(
    `update action set state = 'cancelled', state_reason = w.reason, updated_at = $3::timestamptz
       from json_to_recordset($2::json) as w(id text, reason text)
      where action.book_id = $1::int and action.id = w.id::uuid
        and action.state in ('proposed', 'planned', 'deferred', 'todo')`,
    bookId,
    JSON.stringify(withdrawals),
    at.toISOString(),
  );
}
