/**
 * ASSESS: every customer's facts as of a day, and the flags, score, segment and advice that follow.
 * Most days only customers whose day has come or whose facts changed are looked at (assess-scope.ts),
 * some hundreds at a time, each chunk read, judged and written in one transaction; only what changed is
 * written, so the record grows with change and not with time.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { HISTORY_DAYS } from '../domain/behaviour.ts';
import { type BookShare, customerFacts, type CustomerFacts } from '../domain/customer-facts.ts';
import {
  type BookHabit,
  type CustomerRisk,
  judgeRisk,
  riskDetail,
} from '../domain/customer-risk.ts';
import { addDays, type Day } from '../domain/day.ts';
import { THRESHOLDS } from '../domain/flag-thresholds.ts';
import { groupBy } from '../domain/group-by.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import type { Log } from '../log.ts';
import {
  countOpenFlags,
  type NewAssessment,
  readAssessmentDigests,
  readOpenFlags,
  writeAssessments,
} from '../store/assessments.ts';
import {
  type BookRow,
  getBook,
  lockBook,
  readBookTotals,
  readFamilies,
} from '../store/book-facts.ts';
import { noteAssessed } from '../store/chase-state.ts';
import {
  type NewCustomerRisk,
  readCustomerRisk,
  writeCustomerRisk,
} from '../store/customer-risk.ts';
import type { Db, Tx } from '../store/db.ts';
import { HoldRulesInForce } from '../store/hold-rules.ts';
import { planNotes } from '../store/notes.ts';
import { type BookHabitRow, readBookHabits, refreshBookHabits } from '../store/risk-facts.ts';
import { type AssessScope, customersOf, endAssessment, scopeOf } from './assess-scope.ts';
import { codesOf, FlagChanges } from './flag-changes.ts';
import { flagNotes } from './flag-notes.ts';
import { readRecords } from './read-records.ts';

const CUSTOMERS_PER_CHUNK = 300;
/** The book's behaviour moves slowly; read daily it would move every thin customer's score a little. */
const HABITS_LAST_DAYS = 7;

export interface AssessReport {
  /** Those this assessment looked at; nobody else's answer could have changed. */
  customers: number;
  flagsOpen: number;
  flagsOpened: number;
  flagsClosed: number;
}

export interface AssessDeps {
  db: Db;
  clock: Clock;
  log: Log;
}

interface AssessPlan {
  bookId: BookId;
  asOn: Day;
  totals: BookShare[];
  habits: BookHabit[];
  families: Map<CustomerId, CustomerId>;
  holdRules: HoldRulesInForce;
  /** null: flags are not noted in the ledger. */
  notesAt: Date | null;
  scope: AssessScope;
}

export async function assessBook(
  deps: AssessDeps,
  bookId: BookId,
  options: {
    asOn: Day;
    onProgress?: (line: string) => void;
    customersPerChunk?: number;
  },
): Promise<AssessReport> {
  const plan = await deps.db.tx((tx) => planAssessment(deps, tx, bookId, options.asOn));
  const report: AssessReport = { customers: 0, flagsOpen: 0, flagsOpened: 0, flagsClosed: 0 };
  const size = options.customersPerChunk ?? CUSTOMERS_PER_CHUNK;
  for await (const ids of customersOf(deps.db, bookId, plan.scope, size)) {
    await deps.db.tx((tx) => assessChunk(tx, plan, ids, report));
    options.onProgress?.(`assessed ${report.customers} customers`);
  }
  await deps.db.tx(async (tx) => {
    await endAssessment(tx, bookId, plan.asOn, plan.scope);
    report.flagsOpen = await countOpenFlags(tx, bookId);
  });
  return report;
}

async function planAssessment(
  deps: AssessDeps,
  tx: Tx,
  bookId: BookId,
  asOn: Day,
): Promise<AssessPlan> {
  await lockBook(tx, bookId);
  const book = await getBook(tx, bookId);
  const totals = await readBookTotals(tx, bookId, THRESHOLDS.concentration.close);
  const habits = await freshHabits(tx, bookId, asOn);
  const families = await readFamilies(tx, bookId);
  const holdRules = await HoldRulesInForce.open(tx, bookId, asOn);
  const assessedBy = shortDigest([holdRules.digest, habits.map((habit) => habit.asOn)]);
  const scope = await scopeOf(tx, book, { asOn, assessedBy, totals, families });
  const notesAt = wantsFlagNotes(book) ? deps.clock.now() : null;
  return { bookId, asOn, totals, habits, families, holdRules, notesAt, scope };
}

/** In shadow mode nothing leaves. */
function wantsFlagNotes({ flagNotes, mode }: BookRow): boolean {
  return flagNotes && mode !== 'shadow';
}

async function freshHabits(tx: Tx, bookId: BookId, asOn: Day): Promise<BookHabitRow[]> {
  const known = await readBookHabits(tx, bookId);
  const [first] = known;
  if (first !== undefined && Math.abs(asOn - first.asOn) < HABITS_LAST_DAYS) return known;
  await refreshBookHabits(tx, bookId, addDays(asOn, -HISTORY_DAYS), asOn);
  return readBookHabits(tx, bookId);
}

async function assessChunk(
  tx: Tx,
  plan: AssessPlan,
  ids: readonly CustomerId[],
  report: AssessReport,
): Promise<void> {
  const { bookId, asOn } = plan;
  await lockBook(tx, bookId);
  await noteAssessed(tx, bookId, ids);
  const all = await readRecords(tx, plan, ids);
  const standing = groupBy(await readOpenFlags(tx, bookId, ids), (flag) => flag.customerId);
  const digests = await readAssessmentDigests(tx, bookId, ids);
  const risks = await readCustomerRisk(tx, bookId, ids);
  const riskOf = new Map(risks.map((risk) => [risk.customerId, risk]));
  const changes = new FlagChanges();
  const assessments: NewAssessment[] = [];
  const judged: NewCustomerRisk[] = [];
  for (const [id, records] of all) {
    const facts = customerFacts(records, plan.totals, asOn);
    const flags = standing.get(id) ?? [];
    const before = riskOf.get(id);
    const stood = { flags: codesOf(flags), segment: before?.segment ?? null };
    const risk = judgeRisk(facts, records, plan.habits, stood);
    const digest = digestOf(facts);
    const isChanged = digests.get(id) !== digest;
    changes.compare(id, risk.flags, flags, isChanged);
    if (!digests.has(id) && isIdle(facts)) continue;
    if (isChanged) assessments.push({ customerId: id, facts, digest });
    const row = riskRow(id, facts, risk, digest);
    // The policy of a new segment may judge holds otherwise.
    if (before !== undefined && before.segment !== row.segment) row.nextOn = addDays(asOn, 1);
    if (before?.digest !== row.digest || before.nextOn !== row.nextOn) judged.push(row);
  }
  await changes.write(tx, bookId, asOn);
  if (plan.notesAt !== null) {
    await planNotes(tx, bookId, flagNotes(changes, bookId, asOn), plan.notesAt);
  }
  await writeAssessments(tx, bookId, asOn, assessments);
  await writeCustomerRisk(tx, bookId, asOn, judged);
  report.customers += all.size;
  report.flagsOpened += changes.opened.length;
  report.flagsClosed += changes.closed.length;
}

/** Somebody who was never invoiced or rated and whose account is empty. */
function isIdle({ currencies, activity, rating, contradictions }: CustomerFacts): boolean {
  return (
    currencies.length === 0 &&
    activity.firstIssuedOn === null &&
    rating === null &&
    contradictions.length === 0
  );
}

/** Without the figures that move every day by themselves: those alone are no change. */
function digestOf(facts: CustomerFacts): string {
  const { behaviour, currencies, ...rest } = facts;
  return shortDigest({
    ...rest,
    asOn: null,
    behaviour: { ...behaviour, recentDays: null, trend: null },
    currencies: currencies.map(({ habits, ...figures }) => ({
      ...figures,
      oldestDaysOverdue: null,
      shareOfBook: null,
      bookCustomers: null,
      bookAverageMinor: null,
      matured: [habits.maturedCount, habits.lateCount, habits.billedMinor],
    })),
  });
}

function riskRow(
  customerId: CustomerId,
  facts: CustomerFacts,
  risk: CustomerRisk,
  factsDigest: string,
): NewCustomerRisk {
  const { score, segment, advice, nextOn } = risk;
  const said = {
    score: score?.score ?? null,
    grade: score?.grade ?? null,
    segment: segment?.segment ?? null,
  };
  return {
    customerId,
    ...said,
    detail: riskDetail(facts, risk),
    digest: shortDigest([
      said,
      score?.factors.map((factor) => factor.points),
      advice.map((one) => [one.code, one.sentence]),
      factsDigest,
    ]),
    nextOn,
  };
}

function shortDigest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22);
}
