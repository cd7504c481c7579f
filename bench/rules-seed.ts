/**
 * A book in its stride: ten open invoices per customer, made by the database itself; half of the
 * customers are overdue and were reminded the day before, one in forty has a step due on each of the
 * next three days, the others fall due later. What stands for each is decided by the rule itself.
 */
import { day } from '../src/domain/day.ts';
import { decide } from '../src/domain/dunning.ts';
import type { DunningContext } from '../src/domain/dunning-case.ts';
import type { BookId } from '../src/domain/receivables.ts';
import { digestOfAll, newDecision, shortDigest } from '../src/escalate/answers.ts';
import { ensureDefaultPolicy } from '../src/escalate/default-policy.ts';
import { PoliciesInForce } from '../src/escalate/policies-in-force.ts';
import { readCases } from '../src/escalate/read-cases.ts';
import { runContext } from '../src/escalate/run-scope.ts';
import { packCase } from '../src/escalate/stored-case.ts';
import { publicHolidays } from '../src/holidays.ts';
import { getBook, nextCustomerIds } from '../src/store/book-facts.ts';
import { writeStates } from '../src/store/chase-state.ts';
import type { Db } from '../src/store/db.ts';
import { type NewDecision, writeDecisions } from '../src/store/decisions.ts';
import type { Progress } from './report.ts';

/** A Tuesday; no day of this week is a holiday in New Zealand. */
export const SEEDED_ON = '2026-06-16';
export const DUE_DAYS = ['2026-06-17', '2026-06-18', '2026-06-19'];
export const SEEDED_AT = new Date('2026-06-16T08:00:00Z');

const CUSTOMERS_PER_CHUNK = 300;

export async function seedBook(
  db: Db,
  options: { invoices: number; progress: Progress },
): Promise<BookId> {
  const { id } = await db.prisma.book.create({
    data: {
      platform: 'xero',
      externalIdSealed: '',
      externalIdHash: 'bench rules',
      name: 'Bench',
      country: 'NZ',
      baseCurrency: 'NZD',
      timeZone: 'UTC',
      mode: 'approve',
      lastSyncedAt: SEEDED_AT,
      createdAt: SEEDED_AT,
      updatedAt: SEEDED_AT,
    },
  });
  await db.executeSql(ledgerSql(id, Math.ceil(options.invoices / 10)));
  await decideAll(db, id as BookId, options.progress);
  // As the server does by itself before the next day.
  await db.executeSql('vacuum analyze');
  return id as BookId;
}

function ledgerSql(bookId: number, customers: number): string {
  const group = (n: string) => `(${n} % 40)`;
  const customer = (n: string) => `md5('c' || ${n})::uuid::text`;
  const due = (n: string) => `case when ${group(n)} < 3 then date '2026-06-14' + ${group(n)}
    when ${group(n)} < 23 then date '2026-06-12' - ${group(n)} else date '2026-07-01' + ${group(n)} end`;
  const isReminded = (n: string) => `${group(n)} between 3 and 22`;
  return `
    insert into customer (book_id, id, name, email_text, hash)
    select ${bookId}, ${customer('n')}, 'Customer ' || n, 'ap@customer' || n || '.example', md5(n::text)
    from generate_series(1, ${customers}) n;
    insert into invoice (book_id, id, kind, number, customer_id, status, issued_on, due_on, currency, total_minor, open_minor, hash)
    select ${bookId}, md5('i' || n || '.' || k)::uuid::text, 'invoice', 'INV-' || n * 10 + k, ${customer('n')}, 'open',
      ${due('n')} - 30, ${due('n')}, 'NZD', 10000 + n % 977 * 113, 10000 + n % 977 * 113, md5(n::text)
    from generate_series(0, 9) k, generate_series(1, ${customers}) n;
    insert into action (id, book_id, customer_id, currency, channel, step, step_name, template, sender, state, key,
      run_id, policy_version_id, planned_on, due_at, created_at, updated_at)
    select md5('a' || n)::uuid, ${bookId}, ${customer('n')}, 'NZD', 'email', 'overdue-friendly', 'Friendly reminder',
      'overdue-friendly', 'collector', 'sent', 'sent ' || n, 0, 0, date '2026-06-15', '2026-06-15', '2026-06-15', '2026-06-15'
    from generate_series(1, ${customers}) n where ${isReminded('n')};
    insert into action_invoice (action_id, book_id, invoice_id, step, is_trigger, due_on, open_minor)
    select md5('a' || n)::uuid, ${bookId}, md5('i' || n || '.' || k)::uuid::text, 'overdue-friendly', true, ${due('n')}, 10000
    from generate_series(0, 9) k, generate_series(1, ${customers}) n where ${isReminded('n')};
    insert into message (action_id, book_id, message_id, from_address, to_addresses, subject, text, html,
      handed_over_at, accepted_at)
    select md5('a' || n)::uuid, ${bookId}, 'a' || n || '@bench.example', 'ar@bench.example',
      array['ap@customer' || n || '.example'], 'Invoices', 'Invoices', 'Invoices', '2026-06-15', '2026-06-15'
    from generate_series(1, ${customers}) n where ${isReminded('n')};
    analyze`;
}

/** What two finished runs would have left. */
async function decideAll(db: Db, bookId: BookId, progress: Progress): Promise<void> {
  const asOn = day(SEEDED_ON);
  const { prisma } = db;
  await db.tx((tx) => ensureDefaultPolicy(tx, { now: SEEDED_AT, on: asOn }));
  const book = await getBook(prisma, bookId);
  const policies = await PoliciesInForce.open(prisma, {
    bookId,
    on: asOn,
    libraryId: null,
    holidays: publicHolidays(book.country, 2026, 2028),
  });
  const rules = policies.forBook();
  const context: DunningContext = {
    asOn,
    mode: book.mode,
    rulesFor: () => rules,
    gate: null,
    messagedElsewhere: () => [],
    digest: shortDigest,
  };
  const run = {
    bookId,
    asOn: SEEDED_AT,
    mode: book.mode,
    state: 'done' as const,
    policyVersionId: rules.versionId,
    context: await runContext(prisma, book, asOn, null, policies.wide),
    startedAt: SEEDED_AT,
  };
  await prisma.run.create({ data: run });
  const { id } = await prisma.run.create({ data: run });
  let after = '';
  for (let seen = 0; ; seen += CUSTOMERS_PER_CHUNK) {
    const ids = await nextCustomerIds(prisma, bookId, after, CUSTOMERS_PER_CHUNK);
    const last = ids.at(-1);
    if (last === undefined) return;
    const cases = await readCases(prisma, book, ids, new Map(), policies, asOn);
    const inForce: NewDecision[] = [];
    const states = cases.map((entry) => {
      const { decisions, nextOn } = decide(entry.case, context);
      inForce.push(...decisions.map(newDecision));
      const outcomes = { remind: 0, task: 0, wait: 0, hold: 0, none: 0 };
      for (const decision of decisions) outcomes[decision.outcome] += 1;
      return {
        customerId: entry.case.debtor.id,
        nextOn,
        digest: digestOfAll(decisions),
        facts: packCase(entry),
        ...outcomes,
      };
    });
    await writeDecisions(prisma, { id, bookId, asOn }, inForce);
    await writeStates(prisma, { id, bookId }, states);
    after = last;
    if (seen % 12_000 === 0) progress(`what stands for ${seen} customers`);
  }
}
