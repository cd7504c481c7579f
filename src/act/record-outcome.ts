/**
 * A person says what came of a task. In one transaction: the task is done, what follows is raised
 * (a promise, a dispute, a pause, another task), the reason is taken down, the log and the ledger's
 * note are written. Nothing of it stands without the rest.
 */
import { randomUUID } from 'node:crypto';
import { type Day, dayIn, formatDay, instantAt, toDate } from '../domain/day.ts';
import type { Currency, Minor } from '../domain/money.ts';
import type { BookId, CustomerId, InvoiceId } from '../domain/receivables.ts';
import { personName } from '../domain/person.ts';
import { type Consequence, consequenceOf, FOLLOW_UPS, type Said } from '../domain/task-outcomes.ts';
import { AccessError, AppError, UsageError } from '../errors.ts';
import { businessCalendar } from '../holidays.ts';
import type { Tx } from '../store/db.ts';
import { addReasons, type NewReason } from '../store/reasons.ts';
import { isActionId, type PeopleDeps } from './approve.ts';
import { planTaskNote } from './note.ts';
import { moveAction } from './states.ts';

/** What another stage has to raise, in the same transaction; src/tasks.ts puts the two together. */
export interface Raise {
  bookId: BookId;
  /** The task in which it was said. */
  actionId: string;
  what: NonNullable<Consequence['raises']>;
  /** Who is written to: the debtor. */
  customerId: CustomerId;
  currency: Currency;
  invoices: TaskInvoice[];
  /** The debtor's words as they were taken down. */
  words: string;
  by: string;
  on: Day;
}

export interface TaskInvoice {
  id: InvoiceId;
  customerId: CustomerId;
  openMinor: Minor;
}

export interface OutcomeDeps extends PeopleDeps {
  raise: (tx: Tx, raise: Raise) => Promise<void>;
}

export interface OutcomeRequest extends Said {
  /** A remark, kept with the task. */
  note: string;
  /** Only these of the task's invoices; null: all that made it due. */
  invoices: readonly string[] | null;
}

const NOTE_MAX = 500;

export async function recordOutcome(
  deps: OutcomeDeps,
  bookId: BookId,
  actionId: string,
  request: OutcomeRequest,
  actor: string,
): Promise<Consequence> {
  const at = deps.clock.now();
  const by = personName(actor);
  const note = request.note.trim();
  if (note.length > NOTE_MAX) {
    throw new UsageError(
      `a remark has at most ${NOTE_MAX} characters; this one has ${note.length}`,
    );
  }
  if (!isActionId(actionId)) throw new AccessError('not_found', `no action ${actionId}`);
  return deps.db.tx(async (tx) => {
    const task = await readTask(tx, bookId, actionId, request.invoices);
    const asOn = dayIn(task.book.timeZone, at);
    const consequence = consequenceOf(request, {
      asOn,
      isCall: task.channel === 'call',
      tries: await countTries(tx, task),
      currency: task.currency,
      invoices: task.concerned.length,
      totalMinor: task.concerned.reduce((sum, invoice) => sum + invoice.openMinor, 0),
      calendar: businessCalendar(task.book.country, asOn),
    });
    const isMoved = await moveAction(tx, {
      bookId,
      actionId,
      from: ['todo'],
      to: 'done',
      at,
      set: {
        outcomeCode: request.outcome,
        outcomeNote: note === '' ? null : note,
        outcomeBy: by,
        outcomeAt: at,
        followUpOn: consequence.followUpOn === null ? null : toDate(consequence.followUpOn),
      },
    });
    if (!isMoved) throw new AppError('act.not_to_do', `task ${actionId} is no longer to do`);
    await follow(tx, task, consequence, { at, asOn });
    await raise(deps, tx, task, consequence, { words: note, by, asOn });
    await addReasons(tx, bookId, reasonsOf(task, consequence, { note, by, asOn }), at);
    // A promise, a dispute or a pause brings a note of its own.
    if (consequence.raises === null)
      await planTaskNote(tx, actionId, { words: consequence.words, by, on: asOn }, at);
    await tx.audit.create({
      data: {
        bookId,
        at,
        actor: by,
        action: 'task.outcome',
        subject: `action ${actionId}`,
        detail: {
          outcome: request.outcome,
          words: consequence.words,
          note,
          followUpOn: consequence.followUpOn === null ? null : formatDay(consequence.followUpOn),
        },
      },
    });
    return consequence;
  });
}

type Task = Awaited<ReturnType<typeof readTask>>;

/** The task with the invoices that are concerned: those named, or all that made it due. */
async function readTask(tx: Tx, bookId: BookId, actionId: string, named: readonly string[] | null) {
  const action = await tx.action.findFirst({
    where: { id: actionId, bookId },
    include: {
      book: { select: { timeZone: true, country: true } },
      invoices: { where: { isTrigger: true }, orderBy: [{ dueOn: 'asc' }, { invoiceId: 'asc' }] },
    },
  });
  if (action === null) throw new AccessError('not_found', `no action ${actionId}`);
  if (action.channel === 'email') throw new UsageError('an email is no task: it has no outcome');
  if (action.channel === 'hand_over') {
    throw new UsageError('say to whom it was handed over: `duebook hand-over`');
  }
  const rows = await tx.invoice.findMany({
    where: { bookId, id: { in: action.invoices.map((line) => line.invoiceId) } },
    select: { id: true, number: true, customerId: true, openMinor: true },
  });
  const isNamed = (row: { id: string; number: string }) =>
    named?.some((text) => text === row.id || text === row.number) ?? true;
  const missing = named?.find(
    (text) => !rows.some((row) => row.id === text || row.number === text),
  );
  if (missing !== undefined) {
    throw new UsageError(
      `"${missing}" is not an invoice of this task: there is ${rows.map((row) => row.number).join(', ')}`,
    );
  }
  return {
    ...action,
    bookId,
    concerned: rows.filter(isNamed).map((row): TaskInvoice => ({
      id: row.id as InvoiceId,
      customerId: row.customerId as CustomerId,
      openMinor: Number(row.openMinor),
    })),
  };
}

/** How often this call has been made, with this time: the chain of tries is walked back, nothing is counted up. */
async function countTries(tx: Tx, task: Pick<Task, 'id'>): Promise<number> {
  const [row] = await tx.$queryRawUnsafe<{ tries: number }[]>(
    `with recursive tries as (
       select id, follows_id from action where id = $1::uuid
       union all
       select a.id, a.follows_id from tries t join action a on a.id = t.follows_id and a.channel = 'call')
     select count(*)::int as tries from tries`,
    task.id,
  );
  return row?.tries ?? 1;
}

/** The next piece of work: to do from its day on, for the same invoices, and no step of the policy. */
async function follow(
  tx: Tx,
  task: Task,
  { follow: next }: Consequence,
  now: { at: Date; asOn: Day },
): Promise<void> {
  if (next === null) return;
  const { channel, name } = FOLLOW_UPS[next.kind];
  await tx.action.create({
    data: {
      id: randomUUID(),
      bookId: task.bookId,
      customerId: task.customerId,
      currency: task.currency,
      channel,
      step: next.kind,
      stepName: name,
      template: '',
      sender: task.sender,
      state: 'todo',
      key: `${task.id}:${next.kind}`,
      runId: task.runId,
      policyVersionId: task.policyVersionId,
      followsId: task.id,
      plannedOn: toDate(next.on),
      dueAt: instantAt(task.book.timeZone, next.on, 0),
      createdAt: now.at,
      updatedAt: now.at,
      invoices: {
        create: task.concerned.map((invoice) => {
          const line = task.invoices.find((other) => other.invoiceId === invoice.id);
          return {
            bookId: task.bookId,
            invoiceId: invoice.id,
            step: null,
            isTrigger: true,
            dueOn: line?.dueOn ?? toDate(now.asOn),
            openMinor: invoice.openMinor,
          };
        }),
      },
    },
  });
}

async function raise(
  deps: OutcomeDeps,
  tx: Tx,
  task: Task,
  { raises, words }: Consequence,
  said: { words: string; by: string; asOn: Day },
): Promise<void> {
  if (raises === null) return;
  await deps.raise(tx, {
    bookId: task.bookId,
    actionId: task.id,
    what: raises,
    customerId: task.customerId as CustomerId,
    currency: task.currency,
    invoices: task.concerned,
    words: said.words === '' ? words : said.words,
    by: said.by,
    on: said.asOn,
  });
}

function reasonsOf(
  task: Task,
  { reason, raises }: Consequence,
  given: { note: string; by: string; asOn: Day },
): NewReason[] {
  // A dispute takes its reason down itself.
  if (reason === null || raises?.kind === 'dispute') return [];
  return task.concerned.map((invoice) => ({
    customerId: invoice.customerId,
    invoiceId: invoice.id,
    code: reason,
    amountMinor: invoice.openMinor,
    currency: task.currency,
    note: given.note === '' ? null : given.note,
    by: given.by,
    givenOn: given.asOn,
    actionId: task.id,
  }));
}
