/**
 * The note that an email leaves in the ledger: one sentence a colleague understands, and our reference,
 * by which the note is found again when it is not known whether it was written.
 */
import { randomUUID } from 'node:crypto';
import type { NoteTarget } from '../../connectors/ledger.ts';
import { type Day, daysBetween, fromDate } from '../domain/day.ts';
import type { Currency, Minor } from '../domain/money.ts';
import { dayText, moneyText, plural } from '../domain/text.ts';
import type { BookId } from '../domain/receivables.ts';
import type { Tx } from '../store/db.ts';
import { freeRef, planNotes, refOf } from '../store/notes.ts';
import { shown } from './reminder-view.ts';

const NOTE_MAX = 250;

export interface NoteFacts {
  stepName: string;
  to: readonly string[];
  sentOn: Day;
  numbers: readonly string[];
  totalMinor: Minor;
  currency: Currency;
  oldestDueOn: Day;
}

/** "Friendly reminder emailed to ap@acme.nz on 4 Jun 2026: INV-7, NZD 1,200.00, 3 days overdue. [ref 0a1b2c3d]" */
export function noteText(facts: NoteFacts, ref: string): string {
  const about = facts.numbers.length === 0 ? '' : `: ${aboutText(facts)}`;
  const write = (to: string) =>
    `${shown(facts.stepName)} emailed to ${to} on ${dayText(facts.sentOn)}${about}.`;
  const fits = (sentence: string) => `${sentence} ${ref}`.length <= NOTE_MAX;
  const [first = '', ...others] = facts.to;
  const candidates = [
    write(facts.to.join(', ')),
    write(others.length === 0 ? first : `${first} and ${others.length} more`),
    write('the customer'),
  ];
  const sentence = candidates.find(fits) ?? cut(write('the customer'), NOTE_MAX - ref.length - 1);
  return `${sentence} ${ref}`;
}

/** "Telephone call on 4 Jun 2026 (Mia Tran): left a voicemail, try 1 of 3; again on 8 Jun 2026. INV-7, NZD 1,200.00, 3 days overdue. [ref 0a1b2c3d]" */
export function taskNoteText(
  facts: NoteFacts,
  done: { words: string; by: string },
  ref: string,
): string {
  const said = `${shown(facts.stepName)} on ${dayText(facts.sentOn)} (${shown(done.by)}): ${done.words}. ${aboutText(facts)}.`;
  return `${cut(said, NOTE_MAX - ref.length - 1)} ${ref}`;
}

/** "INV-7 and 2 more, NZD 1,200.00, up to 3 days overdue" */
function aboutText(facts: NoteFacts): string {
  const [number = '', ...more] = facts.numbers.map(shown);
  const which = more.length === 0 ? number : `${number} and ${more.length} more`;
  const late = daysBetween(facts.oldestDueOn, facts.sentOn);
  const age =
    late > 0 ? `, ${more.length === 0 ? '' : 'up to '}${plural(late, 'day')} overdue` : '';
  return `${which}, ${moneyText(facts.totalMinor, facts.currency)}${age}`;
}

function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length - 1)}…`;
}

/** Call in the transaction that marks the action sent: then every sent email has its note, and no other has. */
export async function planNote(tx: Tx, actionId: string, sentOn: Day, at: Date): Promise<void> {
  await planNoteOf(tx, actionId, sentOn, at, noteText);
}

/** Likewise in the transaction that ends a task. */
export async function planTaskNote(
  tx: Tx,
  actionId: string,
  done: { words: string; by: string; on: Day },
  at: Date,
): Promise<void> {
  await planNoteOf(tx, actionId, done.on, at, (facts, ref) => taskNoteText(facts, done, ref));
}

/** A note on the customer beside the one that the action itself has. */
export async function planCustomerNote(
  tx: Tx,
  note: { bookId: BookId; customerId: string; seed: string; words: string },
  at: Date,
): Promise<void> {
  const ref = refOf(note.seed, 16);
  const body = `${cut(shown(note.words), NOTE_MAX - ref.length - 1)} ${ref}`;
  const target = { kind: 'customer', id: note.customerId } as const;
  await planNotes(tx, note.bookId, [{ target, ref, body, expectedPayOn: null }], at);
}

async function planNoteOf(
  tx: Tx,
  actionId: string,
  sentOn: Day,
  at: Date,
  write: (facts: NoteFacts, ref: string) => string,
): Promise<void> {
  const action = await tx.action.findUniqueOrThrow({
    where: { id: actionId },
    include: { message: true, invoices: { orderBy: [{ dueOn: 'asc' }, { invoiceId: 'asc' }] } },
  });
  const { bookId } = action;
  const { target, ordered } = await aboutWhat(tx, action);
  const ref = await freeRef(tx, bookId, actionId);
  await tx.note.create({
    data: {
      id: randomUUID(),
      bookId,
      actionId,
      targetKind: target.kind,
      targetId: target.id,
      ref,
      body: write(
        {
          stepName: action.stepName,
          to: action.message?.toAddresses ?? [],
          sentOn,
          numbers: ordered.map((invoice) => invoice?.number ?? 'an invoice'),
          totalMinor: action.invoices.reduce((sum, line) => sum + Number(line.openMinor), 0),
          currency: action.currency,
          oldestDueOn: fromDate(action.invoices[0]?.dueOn ?? at),
        },
        ref,
      ),
      state: 'planned',
      requestId: `duebook-${actionId.replaceAll('-', '')}`,
      dueAt: at,
      createdAt: at,
    },
  });
}

/** Where the note of an action stands in the ledger, and by which references it may be found. */
export async function noteTargetOf(
  tx: Tx,
  actionId: string,
): Promise<{ target: NoteTarget; refs: string[] }> {
  const action = await tx.action.findUniqueOrThrow({
    where: { id: actionId },
    include: { invoices: { orderBy: [{ dueOn: 'asc' }, { invoiceId: 'asc' }] } },
  });
  const { target } = await aboutWhat(tx, action);
  return { target, refs: [refOf(actionId), refOf(actionId, 16)] };
}

interface AboutWhat {
  bookId: number;
  customerId: string;
  invoices: { invoiceId: string; isTrigger: boolean }[];
}

/** Its invoices, those that caused it first; the note stands at the first that is an invoice to the ledger. */
async function aboutWhat(tx: Tx, action: AboutWhat) {
  const rows = await tx.invoice.findMany({
    where: {
      bookId: action.bookId,
      id: { in: action.invoices.map((invoice) => invoice.invoiceId) },
    },
    select: { id: true, number: true, kind: true },
  });
  const known = new Map(rows.map((row) => [row.id, row]));
  const ordered = action.invoices
    .toSorted((a, b) => Number(b.isTrigger) - Number(a.isTrigger))
    .map((invoice) => known.get(invoice.invoiceId));
  const first = ordered.find((invoice) => invoice?.kind === 'invoice');
  const target: NoteTarget =
    first === undefined
      ? { kind: 'customer', id: action.customerId }
      : { kind: 'invoice', id: first.id };
  return { target, ordered };
}
