/**
 * ESCALATE: a dated run over one book. The customers it must look at (run-scope.ts) are walked in the
 * order of their ids, some hundreds at a time; each such chunk is read, decided and written in one
 * transaction, so a run that dies in the middle has done its first chunks fully and the others not at
 * all, and running again is harmless.
 */
import type { Clock } from '../clock.ts';
import { type Day, formatDay, fromDate, toDate } from '../domain/day.ts';
import { decide, whyWithdrawn } from '../domain/dunning.ts';
import type {
  CustomerDecision,
  DunningContext,
  InvoiceDecision,
  Outcome,
  Proposal,
  Reason,
  Rules,
} from '../domain/dunning-case.ts';
import { AddressBook } from '../domain/address-book.ts';
import { bookGate } from '../domain/book-gate.ts';
import { groupBy } from '../domain/group-by.ts';
import type { OwnPolicies } from '../domain/policy-choice.ts';
import type { BookId, CustomerId, InvoiceId } from '../domain/receivables.ts';
import { UsageError } from '../errors.ts';
import { publicHolidays, yearOf } from '../holidays.ts';
import type { Log } from '../log.ts';
import { actionIdOf } from '../store/action-id.ts';
import {
  type BookRow,
  getBook,
  lockBook,
  nextCustomerIds,
  readFamilies,
} from '../store/book-facts.ts';
import {
  countStanding,
  type CustomerToSee,
  dropStates,
  forgetBookChanges,
  type NewChaseState,
  nextDue,
  nextStanding,
  readBookChanges,
  readStates,
  takeChanges,
  writeStates,
} from '../store/chase-state.ts';
import type { Db, Tx } from '../store/db.ts';
import { readRecentContacts } from '../store/recent-contacts.ts';
import {
  type ActionHistoryRow,
  closeFinished,
  lockUnsent,
  type NewAction,
  readDigests,
  type Withdrawal,
  withdrawActions,
  writeActions,
  writeDecisions,
} from '../store/decisions.ts';
import { digestOfAll, newDecision, shortDigest } from './answers.ts';
import { announceHolds } from './announce-holds.ts';
import { ensureDefaultPolicy } from './default-policy.ts';
import { PoliciesInForce } from './policies-in-force.ts';
import { invoiceIdsOf, pendingOf, type ReadCase, readCases } from './read-cases.ts';
import { type RunScope, runContext, scopeOf } from './run-scope.ts';
import { packCase, type StoredCase, unpackCase } from './stored-case.ts';
import { withdrawalReason } from '../domain/withdrawal.ts';
import { proposeStatements } from './propose-statements.ts';
import { sendTime } from './send-time.ts';
import { type StoppedRun, stopRun } from './stop-run.ts';

const CUSTOMERS_PER_CHUNK = 300;
/** Ids are cheap: so many of them are asked for at once. */
const IDS_PER_PAGE = 10_000;
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
  /** Messages of this run that wait for a person although they would leave by themselves; null: none. */
  stopped: StoppedRun | null;
  /** Taken back because they were paid, held or replaced. */
  withdrawn: number;
  /** Decisions that differ from the one that stood before. */
  changed: number;
  /** Debtors with something open. */
  customers: number;
  /** Debtors this run decided about anew; nobody else's answer could have changed. */
  decidedFor: number;
}

interface RunPlan {
  runId: number | null;
  scope: RunScope;
  /** Changes of the whole book that this run takes in. */
  bookChanges: number[];
  book: BookRow;
  asOn: Day;
  gate: Reason | null;
  policies: PoliciesInForce;
  addresses: AddressBook;
  families: Map<CustomerId, CustomerId>;
  childrenOf: Map<CustomerId, CustomerId[]>;
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
    stopped: null,
    withdrawn: 0,
    changed: 0,
    customers: 0,
    decidedFor: 0,
  };
  try {
    await walk(deps, plan, options, report);
    report.actions += await monthlyStatements(deps, plan);
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
  const year = yearOf(asOn);
  const holidays = publicHolidays(book.country, year, year + HOLIDAY_YEARS_AHEAD);
  const policies = await PoliciesInForce.open(tx, { bookId, on: asOn, libraryId, holidays });
  const bookPolicy = policies.forBook();
  const gate = bookGate(book, now, bookPolicy.policy.freshnessHours ?? deps.freshnessHours);
  const families = await readFamilies(tx, bookId);
  if (options.dryRun !== true) await closeUnfinished(tx, bookId, now);
  const context = await runContext(tx, book, asOn, gate, policies.wide);
  const bookChanges = await readBookChanges(tx, bookId);
  const scope = await scopeOf(tx, book, context, bookChanges.length > 0);
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
            context,
            heldReason: gate?.text ?? null,
            startedAt: now,
          },
        });
  return {
    runId: run?.id ?? null,
    // A dry run tells what would go out, also what is in the outbox already.
    scope: run === null ? 'everybody' : scope,
    bookChanges,
    book,
    asOn,
    gate,
    policies,
    addresses: new AddressBook(await readRecentContacts(tx, bookId, asOn, book.timeZone)),
    families,
    childrenOf: childrenByDebtor(families),
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
    const page = await nextPage(deps.db.prisma, plan, after);
    for (let from = 0; from < page.length; from += size) {
      const chunk = page.slice(from, from + size);
      const debtors = await debtorsToDecide(deps, plan, chunk);
      if (debtors.length > 0) {
        await deps.db.tx((tx) => decideChunk(deps, tx, plan, debtors, options, report));
      }
      seen += chunk.length;
      options.onProgress?.(`decided for ${seen} customers`);
    }
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

async function nextPage(tx: Tx, plan: RunPlan, after: string): Promise<CustomerToSee[]> {
  const bookId = plan.book.id;
  if (plan.scope === 'due') return nextDue(tx, bookId, plan.asOn, after, IDS_PER_PAGE);
  if (plan.scope === 'standing') return nextStanding(tx, bookId, plan.asOn, after, IDS_PER_PAGE);
  const ids = await nextCustomerIds(tx, bookId, after, IDS_PER_PAGE);
  return ids.map((id) => ({ id, isDue: true }));
}

/** Those who are due, as the debtors who answer for them, and those whose answer would now be another. */
async function debtorsToDecide(
  deps: EscalateDeps,
  plan: RunPlan,
  chunk: readonly CustomerToSee[],
): Promise<CustomerId[]> {
  // Someone billed through another one since has no answer of its own: what stood for it is dropped.
  const due = chunk
    .filter(({ isDue }) => isDue)
    .flatMap(({ id }) => [id, plan.families.get(id) ?? id]);
  const others = chunk.filter(({ isDue }) => !isDue).map(({ id }) => id);
  return [...new Set([...due, ...(await answersThatChange(deps.db.prisma, plan, others))])];
}

async function answersThatChange(
  tx: Tx,
  plan: RunPlan,
  ids: readonly CustomerId[],
): Promise<CustomerId[]> {
  if (ids.length === 0) return [];
  const changed: CustomerId[] = [];
  // In shadow mode yesterday's answer is today's history, which the kept facts do not have.
  const isShadow = plan.book.mode === 'shadow' || plan.policies.hasShadow();
  for (const { customerId, digest, facts, isAsked } of await readStates(tx, plan.book.id, ids)) {
    const isHistory = isShadow && isAsked;
    if (isHistory || digestNow(plan, unpackCase(facts)) !== digest) changed.push(customerId);
  }
  return changed;
}

function digestNow(plan: RunPlan, entry: StoredCase): string {
  return digestOfAll(decide(entry.case, contextOf(plan, entry)).decisions);
}

async function decideChunk(
  deps: EscalateDeps,
  tx: Tx,
  plan: RunPlan,
  ids: readonly CustomerId[],
  options: EscalateOptions,
  report: RunReport,
): Promise<void> {
  const debtors = ids.filter((id) => (plan.families.get(id) ?? id) === id);
  if (plan.runId !== null) {
    const members = debtors.flatMap((id) => [id, ...(plan.childrenOf.get(id) ?? [])]);
    await lockBook(tx, plan.book.id);
    await lockUnsent(tx, plan.book.id, members);
    await takeChanges(tx, plan.book.id, [...new Set([...ids, ...members])]);
  }
  const cases = await readCases(tx, plan.book, debtors, plan.childrenOf, plan.policies, plan.asOn);
  const now = deps.clock.now();
  const timeOf = (rules: Rules) => sendTime(rules, plan.book.timeZone, plan.asOn, now);
  const results = new ChunkResults(plan.book, ids, timeOf);
  for (const entry of cases) {
    if (entry.case.invoices.length === 0 && entry.unsent.length + entry.openTasks.length === 0) {
      continue;
    }
    const context = contextOf(plan, entry);
    const decision = decide(entry.case, context);
    plan.addresses.decided(entry.case.debtor.id, decision.proposals, plan.asOn);
    for (const proposal of decision.proposals) options.onProposal?.(proposal);
    results.add(entry, decision, context);
  }
  count(report, results);
  if (plan.runId === null) return;
  await writeChunk(deps, tx, plan, plan.runId, cases, results, report);
}

/** What a chunk comes to, before it is written. */
class ChunkResults {
  readonly decisions: InvoiceDecision[] = [];
  readonly actions: NewAction[] = [];
  readonly withdrawals: Withdrawal[] = [];
  readonly states: NewChaseState[] = [];
  /** For whom nothing stands any more. */
  readonly finished: Set<CustomerId>;
  debtors = 0;
  readonly #book: BookRow;
  readonly #sendTime: (rules: Rules) => Date;

  constructor(book: BookRow, ids: readonly CustomerId[], sendTimeOf: (rules: Rules) => Date) {
    this.#book = book;
    this.finished = new Set(ids);
    this.#sendTime = sendTimeOf;
  }

  add(
    entry: ReadCase,
    { decisions, proposals, nextOn }: CustomerDecision,
    context: DunningContext,
  ): void {
    if (decisions.length > 0) {
      this.debtors += 1;
      const { id: customerId } = entry.case.debtor;
      this.finished.delete(customerId);
      const digest = digestOfAll(decisions);
      const facts = packCase(entry);
      this.states.push({ customerId, nextOn, digest, facts, ...countOutcomes(decisions) });
    }
    this.decisions.push(...decisions);
    this.withdrawals.push(...withdrawalsOf(entry, decisions, proposals, context));
    for (const proposal of proposals) {
      if (proposal.mode === 'shadow') continue;
      const due = this.#sendTime(proposal.rules);
      this.actions.push({
        ...newAction(this.#book, proposal, due),
        ...stillStopped(proposal, entry),
      });
    }
  }
}

function countOutcomes(decisions: readonly InvoiceDecision[]): Record<Outcome, number> {
  const counts = { remind: 0, task: 0, wait: 0, hold: 0, none: 0 };
  for (const { outcome } of decisions) counts[outcome] += 1;
  return counts;
}

function count(report: RunReport, results: ChunkResults): void {
  report.customers += results.debtors;
  report.decidedFor += results.debtors;
  for (const decision of results.decisions) {
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
  const before = await readStates(tx, run.bookId, [
    ...results.finished,
    ...cases.map((entry) => entry.case.debtor.id),
  ]);
  const stood = new Set(before.map((state) => state.customerId));
  const open = invoiceIdsOf(cases);
  const standing = await readDigests(tx, run.bookId, open);
  const changed = results.decisions
    .map(newDecision)
    .filter((decision) => standing.get(decision.invoiceId) !== decision.digest);
  await writeDecisions(tx, run, changed);
  report.changed += changed.length;
  report.changed += await closeFinished(tx, run, noLongerOpen(before, new Set(open)));
  report.withdrawn += await withdrawActions(tx, run.bookId, results.withdrawals, now);
  report.actions += await writeActions(tx, run, results.actions, now);
  await writeStates(tx, run, results.states);
  await dropStates(
    tx,
    run.bookId,
    [...results.finished].filter((id) => stood.has(id)),
  );
}

/** Invoices that were decided about and are not among the open ones any more. */
function noLongerOpen(
  before: Iterable<{ facts: string }>,
  open: ReadonlySet<InvoiceId>,
): InvoiceId[] {
  const gone: InvoiceId[] = [];
  for (const { facts } of before) {
    for (const { id } of unpackCase(facts).case.invoices) if (!open.has(id)) gone.push(id);
  }
  return gone;
}

function contextOf(plan: RunPlan, { case: { profile }, assigned }: StoredCase): DunningContext {
  const { policies } = plan;
  const usual = policies.rulesFor(NOTHING_ASSIGNED, profile.segment);
  // Most debtors have nothing of their own: looking up each invoice all the same took a fifth of a run.
  const isUsual = Object.keys(assigned).length === 0;
  const ownRules = (own: OwnPolicies | undefined) =>
    own === undefined ? null : policies.rulesFor(own, profile.segment);
  return {
    asOn: plan.asOn,
    mode: plan.book.mode,
    rulesFor: isUsual ? () => usual : ({ id }) => ownRules(assigned[id]) ?? usual,
    gate: plan.gate,
    messagedElsewhere: (address, debtorId) => plan.addresses.elsewhere(address, debtorId),
    digest: shortDigest,
  };
}

const NOTHING_ASSIGNED = { invoice: null, customer: null };

function newAction(book: BookRow, proposal: Proposal, dueAt: Date): NewAction {
  const { step, rules } = proposal;
  return {
    id: actionIdOf(book, proposal.key),
    customerId: proposal.debtorId,
    currency: proposal.currency,
    channel: step.channel,
    step: step.key,
    stepName: step.name,
    template: step.template,
    sender: step.sender,
    attachPdf: step.attachPdf,
    attachStatement: step.attachStatement,
    state: firstState(proposal),
    stateReason: null,
    stoppedBy: null,
    approvalsNeeded: step.fourEyes ? 2 : 1,
    reference: proposal.deadlineOn === null ? null : referenceOf(proposal),
    deadlineOn: proposal.deadlineOn,
    key: proposal.key,
    policyVersionId: rules.versionId,
    dueAt,
    invoices: proposal.invoices,
  };
}

/** What replaces a message that waits for a person waits for the same reason: more invoices do not let it out. */
function stillStopped(
  { step, mode, currency }: Proposal,
  { unsent }: ReadCase,
): Pick<NewAction, 'state' | 'stateReason' | 'stoppedBy'> | null {
  if (step.channel !== 'email' || mode !== 'automatic') return null;
  const before = unsent.find(
    (action) =>
      action.stoppedBy !== null && action.state === 'proposed' && action.currency === currency,
  );
  if (before === undefined) return null;
  const { stateReason, stoppedBy } = before;
  return { state: 'proposed', stateReason, stoppedBy };
}

const REFERENCE_LENGTH = 10;

/** By this a customer and an agency name the letter; the same letter always has the same. */
function referenceOf({ key }: Proposal): string {
  return shortDigest(key)
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, REFERENCE_LENGTH)
    .toUpperCase();
}

/** Whether a person looks first. */
function firstState({ step, mode }: Proposal): NewAction['state'] {
  if (step.fourEyes) return 'proposed';
  if (step.channel !== 'email') return 'todo';
  return mode === 'automatic' ? 'planned' : 'proposed';
}

function withdrawalsOf(
  entry: ReadCase,
  decisions: readonly InvoiceDecision[],
  proposals: readonly Proposal[],
  context: DunningContext,
): Withdrawal[] {
  const wanted = new Set(proposals.filter((p) => p.mode !== 'shadow').map((p) => p.key));
  const byInvoice = new Map(decisions.map((decision) => [decision.invoiceId, decision]));
  const unreleased = entry.unsent
    .filter((action) => !wanted.has(action.key))
    .map((action) => ({
      id: action.id,
      reason: withdrawalReason(whyWithdrawn(pendingOf(action), byInvoice, context.mode)),
    }));
  const tasks = entry.openTasks
    .filter((task) => task.invoices.every((line) => isOver(line, byInvoice)))
    .map((task) => ({
      id: task.id,
      reason: withdrawalReason(whyWithdrawn(pendingOf(task), byInvoice, context.mode)),
    }));
  return [...unreleased, ...tasks];
}

/** A hold takes back a step of the policy, but not what a call led to: the copy is still to be sent. */
function isOver(
  line: ActionHistoryRow['invoices'][number],
  decisions: ReadonlyMap<InvoiceId, InvoiceDecision>,
): boolean {
  const outcome = decisions.get(line.invoiceId)?.outcome;
  if (outcome === undefined || outcome === 'none') return true;
  return outcome === 'hold' && line.step !== null;
}

async function monthlyStatements(deps: EscalateDeps, plan: RunPlan): Promise<number> {
  const { runId, gate, book, asOn, policies, families, childrenOf } = plan;
  if (runId === null || gate !== null) return 0;
  const now = deps.clock.now();
  const sendTimeOf = (rules: Rules) => sendTime(rules, book.timeZone, asOn, now);
  const run = { runId, book, asOn, now, policies, families, childrenOf, sendTimeOf };
  return proposeStatements(deps.db, run);
}

async function endRun(deps: EscalateDeps, plan: RunPlan, report: RunReport): Promise<void> {
  if (plan.runId === null) return;
  const { runId: id, book, asOn } = plan;
  await deps.db.tx(async (tx) => {
    await lockBook(tx, book.id);
    if (plan.scope === 'everybody') {
      report.changed += await closeFinished(tx, { id, bookId: book.id, asOn });
    }
    await announceHolds(tx, book.id, asOn, deps.clock.now());
    report.stopped = await stopRun(
      tx,
      { id, bookId: book.id, asOn },
      plan.policies.forBook().policy,
      deps.clock.now(),
    );
    await forgetBookChanges(tx, plan.bookChanges);
    const { customers: standing, ...outcomes } = await countStanding(tx, book.id);
    report.customers = standing;
    report.decisions = Object.fromEntries(
      Object.entries(outcomes).filter(([, invoices]) => invoices > 0),
    );
    const { decisions, actions, withdrawn, changed, customers, decidedFor } = report;
    const stopped = report.stopped?.messages ?? 0;
    await tx.run.update({
      where: { id },
      data: {
        state: 'done',
        endedAt: deps.clock.now(),
        counts: { decisions, actions, stopped, withdrawn, changed, customers, decidedFor },
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
