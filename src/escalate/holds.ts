/**
 * Making, approving, answering and ending holds. Each change is somebody's word: it goes to the audit
 * log and, as one note, to the ledger.
 */
import type { Clock } from '../clock.ts';
import { type Day, dayIn, formatDay, toDate } from '../domain/day.ts';
import type { DisputeOutcome, Hold } from '../domain/holds.ts';
import type { Minor } from '../domain/money.ts';
import { planStanding } from '../domain/payment-plan.ts';
import type { BookId } from '../domain/receivables.ts';
import { moneyText } from '../domain/text.ts';
import { AccessError, UsageError } from '../errors.ts';
import { getBook } from '../store/book-facts.ts';
import type { Db, Tx } from '../store/db.ts';
import { storableTerms } from '../store/hold-terms.ts';
import { addReasons } from '../store/reasons.ts';
import { HoldRulesInForce } from '../store/hold-rules.ts';
import { findHold, readPlansOf } from '../store/holds.ts';
import { checkApproval, refuseSamePerson } from './hold-approval.ts';
import {
  checkTerms,
  checkWords,
  type HoldRequest,
  invoicesOf,
  lastDayOf,
  openInvoicesOf,
  type NamedInvoice,
} from './hold-request.ts';
import { type Change, expectPayment, lineOf, tell } from './tell-hold.ts';

interface HoldDeps {
  db: Pick<Db, 'tx'>;
  clock: Clock;
}

export async function addHold(
  deps: HoldDeps,
  bookId: BookId,
  request: HoldRequest,
  actor: string,
): Promise<number> {
  checkWords(request);
  const at = deps.clock.now();
  return deps.db.tx(async (tx) => {
    const invoices = await invoicesOf(tx, bookId, request);
    checkTerms(request, invoices);
    const rules = await HoldRulesInForce.open(tx, bookId, request.fromOn);
    if (request.kind === 'plan')
      await refuseSecondPlan(tx, bookId, invoices, rules, request.fromOn);
    const needsApproval = await checkApproval(tx, bookId, request, rules, actor);
    const approvedBy = needsApproval ? (request.approvedBy ?? null) : null;
    const { customerId, kind, owner, fromOn } = request;
    const untilOn = lastDayOf(request, rules.forHold({ customerId, invoices }));
    const hold = await tx.hold.create({
      data: {
        bookId,
        customerId,
        invoiceIds: invoices.map((invoice) => invoice.id),
        kind,
        terms: storableTerms(request),
        reason: request.reason.trim(),
        owner,
        fromOn: toDate(fromOn),
        untilOn: untilOn === null ? null : toDate(untilOn),
        createdAt: at,
        createdBy: actor,
        needsApproval,
        approvedBy,
        approvedAt: approvedBy === null ? null : at,
      },
    });
    if (request.kind === 'dispute') await takeDownReason(tx, bookId, request, invoices, at);
    const change = { bookId, holdId: hold.id, customerId, invoices, at, actor };
    const waits = needsApproval && approvedBy === null;
    await tell(tx, change, 'added', {
      sentence: `${lineOf({ ...request, untilOn }, invoices)} (${owner}${waits ? ', waits for approval' : ''}): ${request.reason.trim()}`,
      detail: {
        kind,
        fromOn: formatDay(fromOn),
        untilOn: untilOn === null ? null : formatDay(untilOn),
      },
    });
    if (!waits) await expectPayment(tx, change, request);
    return hold.id;
  });
}

/** Why it is not paid, for the report of reasons: on each invoice that is contested, with what is. */
async function takeDownReason(
  tx: Tx,
  bookId: BookId,
  request: Extract<HoldRequest, { kind: 'dispute' }>,
  invoices: readonly NamedInvoice[],
  at: Date,
): Promise<void> {
  const { terms, owner, fromOn, reason, toldIn = null } = request;
  const contested =
    invoices.length > 0 ? invoices : await openInvoicesOf(tx, bookId, request.customerId);
  const reasons = contested.map((invoice) => ({
    customerId: invoice.customerId,
    invoiceId: invoice.id,
    code: terms.reason,
    amountMinor: terms.part?.amountMinor ?? invoice.openMinor,
    currency: invoice.currency,
    note: reason.trim(),
    by: owner,
    givenOn: fromOn,
    actionId: toldIn,
  }));
  await addReasons(tx, bookId, reasons, at);
}

/** What falls due of an invoice, and when, is said by one plan. One that is broken or paid says nothing any more. */
async function refuseSecondPlan(
  tx: Tx,
  bookId: BookId,
  invoices: readonly NamedInvoice[],
  rules: HoldRulesInForce,
  on: Day,
): Promise<void> {
  const ids = invoices.map((invoice) => invoice.id);
  const plans = await readPlansOf(tx, bookId, ids);
  const running = plans.find(
    (plan) => planStanding(plan, rules.forHold(plan), on).state === 'running',
  );
  if (running === undefined) return;
  const both = running.invoices.filter((invoice) => ids.includes(invoice.id));
  throw new UsageError(
    `${both.map((invoice) => invoice.number).join(', ')}: payment plan ${running.id} of ${formatDay(running.fromOn)} is running for it; end that one first (\`duebook release ${running.id}\`), then make the new one`,
  );
}

/** Ending one that has ended changes nothing. */
export async function endHold(
  deps: HoldDeps,
  bookId: BookId,
  holdId: number,
  actor: string,
  because = 'ended by a person',
): Promise<void> {
  const at = deps.clock.now();
  await deps.db.tx(async (tx) => {
    const hold = await mustFind(tx, bookId, holdId);
    const { count } = await tx.hold.updateMany({
      where: { id: holdId, bookId, endedAt: null },
      data: { endedAt: at, endedBy: actor, endedBecause: because },
    });
    if (count === 0) return;
    const sentence = `Ended by ${actor} (${because}): ${lineOf(hold, hold.invoices)}.`;
    await tell(tx, changeOf(bookId, hold, at, actor), 'ended', { sentence });
  });
}

/** A second person agrees; agreeing to one that needs nobody's word, or has it, changes nothing. */
export async function approveHold(
  deps: HoldDeps,
  bookId: BookId,
  holdId: number,
  approver: string,
): Promise<void> {
  const at = deps.clock.now();
  await deps.db.tx(async (tx) => {
    const hold = await mustFind(tx, bookId, holdId);
    const { createdBy } = await tx.hold.findUniqueOrThrow({ where: { id: holdId } });
    refuseSamePerson(approver, [createdBy, hold.owner]);
    const { count } = await tx.hold.updateMany({
      where: { id: holdId, bookId, endedAt: null, needsApproval: true, approvedAt: null },
      data: { approvedAt: at, approvedBy: approver },
    });
    if (count === 0) return;
    const change = changeOf(bookId, hold, at, approver);
    const sentence = `Approved by ${approver}: ${lineOf(hold, hold.invoices)}.`;
    await tell(tx, change, 'approved', { sentence });
    await expectPayment(tx, change, hold);
  });
}

export interface Answer {
  outcome: DisputeOutcome;
  /** Of a credit that was agreed; left out: all that was contested. */
  creditMinor?: Minor | null;
}

/** What came of a dispute: rejected, it is asked for again; else that much stays out until its credit has come. */
export async function resolveDispute(
  deps: HoldDeps,
  bookId: BookId,
  holdId: number,
  answer: Answer,
  actor: string,
): Promise<void> {
  const at = deps.clock.now();
  await deps.db.tx(async (tx) => {
    const hold = await mustFind(tx, bookId, holdId);
    if (hold.kind !== 'dispute') throw new UsageError(`hold ${holdId} is no dispute`);
    const creditMinor = answer.creditMinor ?? null;
    const [invoice, ...more] = hold.invoices;
    if (creditMinor !== null && (invoice === undefined || more.length > 0)) {
      throw new UsageError('a credit of an amount belongs to a dispute of one invoice');
    }
    const on = dayIn((await getBook(tx, bookId)).timeZone, at);
    const resolution = { outcome: answer.outcome, on, creditMinor };
    const terms = { ...hold.terms, resolution };
    await tx.hold.update({
      where: { id: holdId },
      data: { terms: storableTerms({ kind: 'dispute', terms }) },
    });
    const amount =
      creditMinor === null || invoice === undefined
        ? ''
        : ` of ${moneyText(creditMinor, invoice.currency)}`;
    const words = `${answer.outcome.replaceAll('_', ' ')}${amount}`;
    await tell(tx, changeOf(bookId, hold, at, actor), 'answered', {
      sentence: `${lineOf(hold, hold.invoices)}: ${words} (${actor}).`,
      detail: { outcome: answer.outcome, on: formatDay(on) },
    });
  });
}

async function mustFind(tx: Tx, bookId: BookId, holdId: number): Promise<Hold> {
  const hold = await findHold(tx, bookId, holdId);
  if (hold === null) throw new AccessError('not_found', `no hold ${holdId}`);
  return hold;
}

function changeOf(bookId: BookId, hold: Hold, at: Date, actor: string): Change {
  const { id: holdId, customerId, invoices } = hold;
  return { bookId, holdId, customerId, invoices, at, actor };
}
