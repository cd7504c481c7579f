/** Puts the month's statements into the outbox, some hundreds of customers at a time; asking again adds nothing. */
import type { Rules } from '../domain/dunning-case.ts';
import type { Day } from '../domain/day.ts';
import { groupBy } from '../domain/group-by.ts';
import type { Currency } from '../domain/money.ts';
import { mostCareful } from '../domain/policy.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import {
  isWorthAStatement,
  statementKey,
  statementMonth,
  STATEMENT_TEMPLATE,
} from '../domain/statement-schedule.ts';
import { type BookRow, nextCustomerIds } from '../store/book-facts.ts';
import { actionIdOf } from '../store/action-id.ts';
import type { Db, Tx } from '../store/db.ts';
import { readProfiles } from '../store/debtor-profiles.ts';
import { type NewAction, writeActions } from '../store/decisions.ts';
import { readNarrowAssignments } from '../store/policy-assignments.ts';
import { type CustomerBalance, readCustomerBalances } from '../store/statement-balances.ts';
import type { PoliciesInForce } from './policies-in-force.ts';

const CUSTOMERS_PER_PAGE = 300;

export interface StatementRun {
  runId: number;
  book: BookRow;
  asOn: Day;
  now: Date;
  policies: PoliciesInForce;
  families: ReadonlyMap<CustomerId, CustomerId>;
  childrenOf: ReadonlyMap<CustomerId, CustomerId[]>;
  sendTimeOf: (rules: Rules) => Date;
}

/** Gives how many are new. */
export async function proposeStatements(db: Db, run: StatementRun): Promise<number> {
  if (!run.policies.hasStatements()) return 0;
  let written = 0;
  let after = '';
  for (;;) {
    const ids = await nextCustomerIds(db.prisma, run.book.id, after, CUSTOMERS_PER_PAGE);
    const last = ids.at(-1);
    if (last === undefined) return written;
    after = last;
    const debtors = ids.filter((id) => (run.families.get(id) ?? id) === id);
    if (debtors.length > 0) written += await db.tx((tx) => proposeFor(tx, run, debtors));
  }
}

async function proposeFor(
  tx: Tx,
  run: StatementRun,
  debtors: readonly CustomerId[],
): Promise<number> {
  const bookId: BookId = run.book.id;
  const members = debtors.flatMap((id) => [id, ...(run.childrenOf.get(id) ?? [])]);
  const rows = await readCustomerBalances(tx, bookId, members);
  const byDebtor = groupBy(rows, (row) => run.families.get(row.customerId) ?? row.customerId);
  const profiles = await readProfiles(tx, bookId, debtors);
  const assigned = await readNarrowAssignments(tx, bookId, debtors, []);
  const policyOf = new Map(assigned.map((row) => [row.scopeId, row.policyId]));
  const actions = [...byDebtor].flatMap(([debtorId, balances]) => {
    const own = { invoice: null, customer: policyOf.get(debtorId) ?? null };
    const rules = run.policies.rulesFor(own, profiles.get(debtorId)?.segment ?? null);
    return statementsOf(run, debtorId, balances, rules);
  });
  const { runId: id, asOn, now } = run;
  return writeActions(tx, { id, bookId, asOn }, actions, now);
}

function statementsOf(
  run: StatementRun,
  debtorId: CustomerId,
  balances: readonly CustomerBalance[],
  rules: Rules,
): NewAction[] {
  const { statements } = rules.policy;
  const mode = mostCareful(run.book.mode, rules.policy.mode);
  if (statements === null || mode === 'shadow') return [];
  const month = statementMonth(statements, rules.calendar, run.asOn);
  if (month === null || balances.some(isSilent)) return [];
  const byCurrency = groupBy(balances, (row) => row.currency);
  const worth = [...byCurrency].filter(([currency, rows]) =>
    isWorthAStatement(
      statements,
      currency,
      rows.reduce((sum, row) => sum + row.balanceMinor, 0),
    ),
  );
  return worth.map(([currency]) =>
    newStatement(run.book, debtorId, currency, rules, {
      key: statementKey(debtorId, currency, month),
      step: `statement-${statements.kind.replace('_', '-')}`,
      state: mode === 'automatic' ? 'planned' : 'proposed',
      dueAt: run.sendTimeOf(rules),
    }),
  );
}

/** What must not be chased is not reminded by a statement either. */
function isSilent(row: CustomerBalance): boolean {
  return row.doNotChase || row.isOffBalance || row.isHandedOver;
}

function newStatement(
  book: BookRow,
  customerId: CustomerId,
  currency: Currency,
  rules: Rules,
  made: Pick<NewAction, 'key' | 'step' | 'state' | 'dueAt'>,
): NewAction {
  return {
    ...made,
    id: actionIdOf(book, made.key),
    customerId,
    currency,
    channel: 'email',
    stepName: 'Statement of account',
    template: STATEMENT_TEMPLATE,
    sender: 'collector',
    attachPdf: false,
    attachStatement: true,
    stateReason: null,
    stoppedBy: null,
    approvalsNeeded: 1,
    reference: null,
    deadlineOn: null,
    policyVersionId: rules.versionId,
    invoices: [],
  };
}
