/**
 * ASSESS: every customer's facts as of a day, and the flags that follow. Customers are walked some
 * hundreds at a time, each chunk read, judged and written in one transaction; only what changed is
 * written, so the record grows with change and not with time.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import {
  type BookShare,
  type CreditLimit,
  type CurrencyFacts,
  customerFacts,
  type CustomerFacts,
  HISTORY_DAYS,
} from '../domain/customer-facts.ts';
import { addDays, type Day } from '../domain/day.ts';
import { FLAG_CODES, type FlagCode, judgeFlags } from '../domain/flags.ts';
import { groupBy } from '../domain/group-by.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import { resolveRecipients } from '../domain/recipients.ts';
import type { Log } from '../log.ts';
import {
  closeFlags,
  type FlagUpdate,
  type NewAssessment,
  type NewFlag,
  openFlags,
  type OpenFlagRow,
  readAssessmentDigests,
  readOpenFlags,
  refreshFlags,
  writeAssessments,
} from '../store/assessments.ts';
import {
  type BookRow,
  type CustomerRow,
  getBook,
  lockBook,
  nextCustomerIds,
  type OpenInvoiceRow,
  readBookTotals,
  readCustomers,
  readFamilies,
  readMatured,
  readOpenInvoices,
  readUnapplied,
} from '../store/book-facts.ts';
import { noteAssessed } from '../store/chase-state.ts';
import type { Db, Tx } from '../store/db.ts';

const CUSTOMERS_PER_CHUNK = 300;

export interface AssessReport {
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
  book: BookRow;
  asOn: Day;
  totals: BookShare[];
  families: Map<CustomerId, CustomerId>;
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
  const plan = await deps.db.tx(async (tx) => ({
    book: await getBook(tx, bookId),
    asOn: options.asOn,
    totals: await readBookTotals(tx, bookId),
    families: await readFamilies(tx, bookId),
  }));
  const report: AssessReport = { customers: 0, flagsOpen: 0, flagsOpened: 0, flagsClosed: 0 };
  const size = options.customersPerChunk ?? CUSTOMERS_PER_CHUNK;
  let after = '';
  for (;;) {
    const ids = await nextCustomerIds(deps.db.prisma, bookId, after, size);
    const last = ids.at(-1);
    if (last === undefined) return report;
    await deps.db.tx((tx) => assessChunk(tx, plan, ids, report));
    after = last;
    options.onProgress?.(`assessed ${report.customers} customers`);
  }
}

async function assessChunk(
  tx: Tx,
  plan: AssessPlan,
  ids: readonly CustomerId[],
  report: AssessReport,
): Promise<void> {
  await lockBook(tx, plan.book.id);
  await noteAssessed(tx, plan.book.id, ids);
  const all = await readFacts(tx, plan, ids);
  const standing = groupBy(await readOpenFlags(tx, plan.book.id, ids), (flag) => flag.customerId);
  const digests = await readAssessmentDigests(tx, plan.book.id, ids);
  const changes = new FlagChanges();
  const assessments: NewAssessment[] = [];
  for (const [id, facts] of all) {
    changes.compare(id, facts, standing.get(id) ?? []);
    const digest = digestOf(facts);
    const known = digests.get(id);
    const isWorthNoting = known !== undefined || facts.currencies.length > 0;
    if (isWorthNoting && known !== digest) assessments.push({ customerId: id, facts, digest });
  }
  await closeFlags(tx, plan.asOn, changes.closed);
  await openFlags(tx, plan.book.id, plan.asOn, changes.opened);
  await refreshFlags(tx, changes.refreshed);
  await writeAssessments(tx, plan.book.id, plan.asOn, assessments);
  report.customers += all.size;
  report.flagsOpen += changes.openCount;
  report.flagsOpened += changes.opened.length;
  report.flagsClosed += changes.closed.length;
}

/** Today's flags against those that stand. */
class FlagChanges {
  readonly opened: NewFlag[] = [];
  readonly closed: number[] = [];
  readonly refreshed: FlagUpdate[] = [];
  openCount = 0;

  compare(customerId: CustomerId, facts: CustomerFacts, standing: readonly OpenFlagRow[]): void {
    const openCodes = new Set(standing.map((flag) => flag.code).filter(isFlagCode));
    const flags = judgeFlags(facts, openCodes);
    this.openCount += flags.length;
    for (const flag of flags) {
      const { code, severity, sentence, evidence } = flag;
      const known = standing.find((row) => row.code === code);
      if (known === undefined) {
        this.opened.push({ customerId, code, severity, sentence, evidence });
      } else if (known.severity !== severity || known.sentence !== sentence) {
        this.refreshed.push({ id: known.id, severity, sentence, evidence });
      }
    }
    const stands = new Set<string>(flags.map((flag) => flag.code));
    this.closed.push(...standing.filter((row) => !stands.has(row.code)).map((row) => row.id));
  }
}

function isFlagCode(code: string): code is FlagCode {
  return (FLAG_CODES as readonly string[]).includes(code);
}

async function readFacts(
  tx: Tx,
  plan: AssessPlan,
  ids: readonly CustomerId[],
): Promise<Map<CustomerId, CustomerFacts>> {
  const { book, asOn } = plan;
  const debtorOf = (id: CustomerId): CustomerId => plan.families.get(id) ?? id;
  const customers = await readCustomers(tx, book.id, [...new Set([...ids, ...ids.map(debtorOf)])]);
  const invoices = await readOpenInvoices(tx, book.id, ids);
  const unapplied = await readUnapplied(tx, book.id, ids);
  const matured = await readMatured(
    tx,
    book.id,
    ids,
    addDays(asOn, -HISTORY_DAYS),
    addDays(asOn, -1),
  );
  const customerById = new Map(customers.map((customer) => [customer.id, customer]));
  const invoicesOf = groupBy(invoices, (invoice) => invoice.customerId);
  const unappliedOf = groupBy(unapplied, (row) => row.customerId);
  const maturedOf = groupBy(matured, (row) => row.customerId);
  const facts = new Map<CustomerId, CustomerFacts>();
  for (const id of ids) {
    const customer = customerById.get(id);
    if (customer === undefined) continue;
    const open = (invoicesOf.get(id) ?? []).filter((invoice) => invoice.status === 'open');
    const records = {
      customerId: id,
      invoices: open,
      credits: (unappliedOf.get(id) ?? []).map(({ currency, amountMinor }) => ({
        currency,
        remainingMinor: amountMinor,
      })),
      matured: maturedOf.get(id) ?? [],
      limit: limitOf(customer, book),
      isReachable: isReachable(customerById.get(debtorOf(id)) ?? customer, open),
      varianceMinor: customer.varianceMinor,
      varianceReason: customer.varianceReason,
    };
    facts.set(id, customerFacts(records, plan.totals, asOn));
  }
  return facts;
}

/** The customer's own limit is in the customer's currency, the book's default in the book's. */
function limitOf(customer: CustomerRow, book: BookRow): CreditLimit | null {
  if (customer.creditLimitMinor !== null) {
    const currency = customer.currency ?? book.baseCurrency;
    return { currency, amountMinor: customer.creditLimitMinor, source: 'customer' };
  }
  if (book.defaultLimitMinor === null) return null;
  return { currency: book.baseCurrency, amountMinor: book.defaultLimitMinor, source: 'book' };
}

/** By the customer's own addresses, or by one on every open invoice. */
function isReachable(debtor: CustomerRow, open: readonly OpenInvoiceRow[]): boolean {
  const own = { customer: debtor.emailText, contacts: debtor.contacts };
  if (resolveRecipients({ invoices: [], ...own }).to.length > 0) return true;
  return (
    open.length > 0 &&
    open.every(
      ({ emailText }) =>
        resolveRecipients({ invoices: [emailText], customer: null, contacts: [] }).to.length > 0,
    )
  );
}

/** Without the figures that move every day by themselves: those alone are no change. */
function digestOf(facts: CustomerFacts): string {
  const lasting = {
    ...facts,
    currencies: facts.currencies.map(({ habits, ...rest }: CurrencyFacts) => ({
      ...rest,
      oldestDaysOverdue: null,
      shareOfBook: null,
      bookCustomers: null,
      matured: [habits.maturedCount, habits.lateCount],
    })),
  };
  return createHash('sha256').update(JSON.stringify(lasting)).digest('base64url').slice(0, 22);
}
