/**
 * ESCALATE: a dated run over one book. Customers are walked in the order of their ids, some hundreds
 * at a time; each such chunk is read, decided and written in one transaction, so a run that dies in
 * the middle has done its first chunks fully and the others not at all, and running again is harmless.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { type Day, formatDay, fromDate, instantAt, toDate } from '../domain/day.ts';
import { decide, whyWithdrawn } from '../domain/dunning.ts';
import type {
  DunningContext,
  InvoiceDecision,
  Outcome,
  Proposal,
  Reason,
} from '../domain/dunning-case.ts';
import { groupBy } from '../domain/group-by.ts';
import type { BookId, CustomerId, InvoiceId } from '../domain/receivables.ts';
import { UsageError } from '../errors.ts';
import { publicHolidays, yearOf } from '../holidays.ts';
import type { Log } from '../log.ts';
import {
  type BookRow,
  getBook,
  lockBook,
  nextCustomerIds,
  readFamilies,
} from '../store/book-facts.ts';
import type { Db, Tx } from '../store/db.ts';
import {
  closeFinished,
  lockUnsent,
  type NewAction,
  type NewDecision,
  readDigests,
  type Withdrawal,
  withdrawActions,
  writeActions,
  writeDecisions,
} from '../store/decisions.ts';
import { ensureDefaultPolicy } from './default-policy.ts';
import { bookGate } from './gate.ts';
import { PoliciesInForce, type PolicyInForce } from './policies-in-force.ts';
import { invoiceIdsOf, pendingOf, type ReadCase, readCases } from './read-cases.ts';
import { withdrawalReason } from '../domain/withdrawal.ts';

const CUSTOMERS_PER_CHUNK = 300;
/** Holidays beyond this do not move any step: the longest offset is two years, and a plan that far out will be decided again. */
const HOLIDAY_YEARS_AHEAD = 2;

export interface EscalateDeps {
  db: Db;
  clock: Clock;
  log: Log;
  freshnessHours: number;
}

export interface EscalateOptions {
  asOn: Day;
  /** Decides and tells, but writes nothing. */
  dryRun?: boolean;
  onProgress?: (line: string) => void;
  /** Told of every message and task that should exist, also of those that do already. */
  onProposal?: (proposal: Proposal) => void;
  customersPerChunk?: number;
}

export interface RunReport {
  runId: number | null;
  mode: 'shadow' | 'approve' | 'automatic';
  heldReason: string | null;
  /** Open invoices by outcome. */
  decisions: Partial<Record<Outcome, number>>;
  /** New rows in the outbox. */
  actions: number;
  /** Taken back because they were paid, held or replaced. */
  withdrawn: number;
  /** Decisions that differ from the one that stood before. */
  changed: number;
  /** Debtors with something open. */
  customers: number;
}

interface RunPlan {
  runId: number | null;
  book: BookRow;
  asOn: Day;
  gate: Reason | null;
  bookPolicy: PolicyInForce;
  policies: PoliciesInForce;
  families: Map<CustomerId, CustomerId>;
  childrenOf: Map<CustomerId, CustomerId[]>;
  holidays: ReadonlySet<Day>;
}

export async function escalateBook(
  deps: EscalateDeps,
  bookId: BookId,
  options: EscalateOptions,
): Promise<RunReport> {
  const plan = await deps.db.tx((tx) => beginRun(deps, tx, bookId, options));
  const report: RunReport = {
    runId: plan.runId,
    mode: plan.book.mode,
    heldReason: plan.gate?.text ?? null,
    decisions: {},
    actions: 0,
    withdrawn: 0,
    changed: 0,
    customers: 0,
  };
  try {
    await walk(deps, plan, options, report);
    await endRun(deps, plan, report);
  } catch (err) {
    await failRun(deps, plan);
    throw err;
  }
  return report;
}

async function beginRun(
  deps: EscalateDeps,
  tx: Tx,
  bookId: BookId,
  options: EscalateOptions,
): Promise<RunPlan> {
  const { asOn } = options;
  const now = deps.clock.now();
  await lockBook(tx, bookId);
  const book = await getBook(tx, bookId);
  await refuseThePast(tx, book, asOn);
  const libraryId =
    options.dryRun === true ? null : await ensureDefaultPolicy(tx, { now, on: asOn });
  const policies = await PoliciesInForce.open(tx, asOn, { libraryId, bookPolicyId: book.policyId });
  const bookPolicy = await policies.forBook(tx);
  const gate = bookGate(book, now, bookPolicy.policy.freshnessHours ?? deps.freshnessHours);
  const families = await readFamilies(tx, bookId);
  if (options.dryRun !== true) await closeUnfinished(tx, bookId, now);
  const run =
    options.dryRun === true
      ? null
      : await tx.run.create({
          data: {
            bookId,
            asOn: toDate(asOn),
            mode: book.mode,
            state: 'running',
            policyVersionId: bookPolicy.versionId,
            heldReason: gate?.text ?? null,
            startedAt: now,
          },
        });
  const year = yearOf(asOn);
  return {
    runId: run?.id ?? null,
    book,
    asOn,
    gate,
    bookPolicy,
    policies,
    families,
    childrenOf: childrenByDebtor(families),
    holidays: publicHolidays(book.country, year, year + HOLIDAY_YEARS_AHEAD),
  };
}

/** An older day would be decided with what happened since: a letter that has gone cannot be decided again. */
async function refuseThePast(tx: Tx, book: BookRow, asOn: Day): Promise<void> {
  const last = await tx.run.aggregate({ where: { bookId: book.id }, _max: { asOn: true } });
  const lastOn = last._max.asOn === null ? null : fromDate(last._max.asOn);
  if (lastOn !== null && asOn < lastOn) {
    throw new UsageError(
      `${book.name} was last run as of ${formatDay(lastOn)}: a run as of ${formatDay(asOn)} would be older; use ${formatDay(lastOn)} or later`,
    );
  }
}

/** Runs whose process was killed: one job works on a book at a time, so they are over. */
async function closeUnfinished(tx: Tx, bookId: BookId, now: Date): Promise<void> {
  await tx.run.updateMany({
    where: { bookId, state: 'running' },
    data: { state: 'failed', endedAt: now },
  });
}

function childrenByDebtor(
  families: ReadonlyMap<CustomerId, CustomerId>,
): Map<CustomerId, CustomerId[]> {
  const pairs = [...families].filter(([child, debtor]) => child !== debtor);
  const grouped = groupBy(pairs, ([, debtor]) => debtor);
  return new Map([...grouped].map(([debtor, rows]) => [debtor, rows.map(([child]) => child)]));
}

async function walk(
  deps: EscalateDeps,
  plan: RunPlan,
  options: EscalateOptions,
  report: RunReport,
): Promise<void> {
  const size = options.customersPerChunk ?? CUSTOMERS_PER_CHUNK;
  let after = '';
  let seen = 0;
  for (;;) {
    const ids = await nextCustomerIds(deps.db.prisma, plan.book.id, after, size);
    const last = ids.at(-1);
    if (last === undefined) return;
    const debtors = ids.filter((id) => (plan.families.get(id) ?? id) === id);
    if (debtors.length > 0) {
      await deps.db.tx((tx) => decideChunk(deps, tx, plan, debtors, options, report));
    }
    after = last;
    seen += ids.length;
    options.onProgress?.(`decided for ${seen} customers`);
  }
}

async function decideChunk(
  deps: EscalateDeps,
  tx: Tx,
  plan: RunPlan,
  debtors: readonly CustomerId[],
  options: EscalateOptions,
  report: RunReport,
): Promise<void> {
  if (plan.runId !== null) {
    await lockBook(tx, plan.book.id);
    await lockUnsent(
      tx,
      plan.book.id,
      debtors.flatMap((id) => [id, ...(plan.childrenOf.get(id) ?? [])]),
    );
  }
  const cases = await readCases(tx, plan.book, debtors, plan.childrenOf, plan.asOn);
  const results = new ChunkResults();
  for (const entry of cases) {
    if (entry.case.invoices.length === 0 && entry.unsent.length + entry.openTasks.length === 0) {
      continue;
    }
    const inForce = await plan.policies.forCustomer(tx, entry.policyId);
    const context = contextOf(plan, inForce);
    const { decisions, proposals } = decide(entry.case, context);
    for (const proposal of proposals) options.onProposal?.(proposal);
    results.add(entry, decisions, proposals, inForce, context);
  }
  count(report, results);
  if (plan.runId === null) return;
  await writeChunk(deps, tx, plan, plan.runId, cases, results, report);
}

/** What a chunk comes to, before it is written. */
class ChunkResults {
  readonly decisions: { decision: InvoiceDecision; versionId: number }[] = [];
  readonly actions: NewAction[] = [];
  readonly withdrawals: Withdrawal[] = [];
  debtors = 0;

  add(
    entry: ReadCase,
    decisions: readonly InvoiceDecision[],
    proposals: readonly Proposal[],
    inForce: PolicyInForce,
    context: DunningContext,
  ): void {
    if (decisions.length > 0) this.debtors += 1;
    for (const decision of decisions) {
      this.decisions.push({ decision, versionId: inForce.versionId });
    }
    this.withdrawals.push(...withdrawalsOf(entry, decisions, proposals, context));
    if (context.mode === 'shadow') return;
    for (const proposal of proposals) this.actions.push(newAction(proposal, context, inForce));
  }
}

function count(report: RunReport, results: ChunkResults): void {
  report.customers += results.debtors;
  for (const { decision } of results.decisions) {
    report.decisions[decision.outcome] = (report.decisions[decision.outcome] ?? 0) + 1;
  }
}

async function writeChunk(
  deps: EscalateDeps,
  tx: Tx,
  plan: RunPlan,
  runId: number,
  cases: readonly ReadCase[],
  results: ChunkResults,
  report: RunReport,
): Promise<void> {
  const run = { id: runId, bookId: plan.book.id, asOn: plan.asOn };
  const now = deps.clock.now();
  const standing = await readDigests(tx, run.bookId, invoiceIdsOf(cases));
  const changed = results.decisions
    .map(({ decision, versionId }) => newDecision(decision, versionId))
    .filter((decision) => standing.get(decision.invoiceId) !== decision.digest);
  await writeDecisions(tx, run, changed);
  report.changed += changed.length;
  report.withdrawn += await withdrawActions(tx, run.bookId, results.withdrawals, now);
  const dayBegins = instantAt(plan.book.timeZone, plan.asOn, 0);
  const dueAt = dayBegins > now ? dayBegins : now;
  report.actions += await writeActions(tx, run, results.actions, { now, dueAt });
}

function contextOf(plan: RunPlan, inForce: PolicyInForce): DunningContext {
  const { policy } = inForce;
  return {
    asOn: plan.asOn,
    mode: plan.book.mode,
    policy,
    policyVersion: inForce.version,
    policySource: inForce.source,
    calendar: {
      sendDays: policy.calendar.sendDays,
      holidays: policy.calendar.holidays ? plan.holidays : NO_HOLIDAYS,
    },
    gate: plan.gate,
    digest: shortDigest,
  };
}

const NO_HOLIDAYS: ReadonlySet<Day> = new Set();

function shortDigest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** The answer without the figures that move every day: a decision is stored when this changes. */
function newDecision(decision: InvoiceDecision, policyVersionId: number): NewDecision {
  const { outcome, step, actionKey, nextOn, path } = decision;
  const codes = path.map((reason) => reason.code);
  return {
    ...decision,
    policyVersionId,
    digest: shortDigest(JSON.stringify([outcome, step, actionKey, nextOn, policyVersionId, codes])),
  };
}

function newAction(proposal: Proposal, context: DunningContext, inForce: PolicyInForce): NewAction {
  const { step } = proposal;
  return {
    id: randomUUID(),
    customerId: proposal.debtorId,
    currency: proposal.currency,
    channel: step.channel,
    step: step.key,
    stepName: step.name,
    template: step.template,
    sender: step.sender,
    attachPdf: step.attachPdf,
    state: firstState(proposal, context),
    approvalsNeeded: step.fourEyes ? 2 : 1,
    key: proposal.key,
    policyVersionId: inForce.versionId,
    invoices: proposal.invoices,
  };
}

/** The more careful of the book and the step decides whether a person looks first. */
function firstState({ step }: Proposal, context: DunningContext): NewAction['state'] {
  if (step.fourEyes) return 'proposed';
  if (step.channel !== 'email') return 'todo';
  const isReleased = context.mode === 'automatic' && step.mode === 'automatic';
  return isReleased ? 'planned' : 'proposed';
}

function withdrawalsOf(
  entry: ReadCase,
  decisions: readonly InvoiceDecision[],
  proposals: readonly Proposal[],
  context: DunningContext,
): Withdrawal[] {
  const wanted = new Set(context.mode === 'shadow' ? [] : proposals.map((p) => p.key));
  const byInvoice = new Map(decisions.map((decision) => [decision.invoiceId, decision]));
  const unreleased = entry.unsent
    .filter((action) => !wanted.has(action.key))
    .map((action) => ({
      id: action.id,
      reason: withdrawalReason(whyWithdrawn(pendingOf(action), byInvoice, context.mode)),
    }));
  const tasks = entry.openTasks
    .filter((task) => task.invoices.every((line) => isStopped(line.invoiceId, byInvoice)))
    .map((task) => ({
      id: task.id,
      reason: withdrawalReason(whyWithdrawn(pendingOf(task), byInvoice, context.mode)),
    }));
  return [...unreleased, ...tasks];
}

function isStopped(
  invoiceId: InvoiceId,
  decisions: ReadonlyMap<InvoiceId, InvoiceDecision>,
): boolean {
  const outcome = decisions.get(invoiceId)?.outcome;
  return outcome === undefined || outcome === 'hold' || outcome === 'none';
}

async function endRun(deps: EscalateDeps, plan: RunPlan, report: RunReport): Promise<void> {
  if (plan.runId === null) return;
  const { runId: id, book, asOn } = plan;
  await deps.db.tx(async (tx) => {
    await lockBook(tx, book.id);
    report.changed += await closeFinished(tx, { id, bookId: book.id, asOn });
    const { decisions, actions, withdrawn, changed, customers } = report;
    await tx.run.update({
      where: { id },
      data: {
        state: 'done',
        endedAt: deps.clock.now(),
        counts: { decisions, actions, withdrawn, changed, customers },
      },
    });
  });
}

/** A database that is gone cannot be told; the next run finds this one unfinished. */
async function failRun(deps: EscalateDeps, plan: RunPlan): Promise<void> {
  if (plan.runId === null) return;
  try {
    await deps.db.prisma.run.update({
      where: { id: plan.runId },
      data: { state: 'failed', endedAt: deps.clock.now() },
    });
  } catch (err) {
    deps.log.warn({ err, run: plan.runId }, 'the failed run could not be marked');
  }
}
