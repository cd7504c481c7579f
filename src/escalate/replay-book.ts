/**
 * A policy tried on a book's synced past, before it is trusted: what it would have sent to whom, day by
 * day, and beside it another policy on the same past. Debtors are read some hundreds at a time and
 * replayed one by one; nothing is written, and only what is added up is kept.
 */
import { sendCalendar } from '../domain/calendar.ts';
import type { Day } from '../domain/day.ts';
import { decide } from '../domain/dunning.ts';
import type { Rules } from '../domain/dunning-case.ts';
import { groupBy } from '../domain/group-by.ts';
import type { Policy } from '../domain/policy.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import {
  type DifferenceFigures,
  DifferenceTally,
  type ReplayDifference,
} from '../domain/replay/compare.ts';
import {
  type DebtorPast,
  type DecideOn,
  type ReplayedAction,
  replayDebtor,
} from '../domain/replay/replay-debtor.ts';
import { isGuessed } from '../domain/replay/past-profile.ts';
import { type ReplayFigures, ReplayTally } from '../domain/replay/tally.ts';
import { publicHolidays, yearOf } from '../holidays.ts';
import {
  type BookRow,
  getBook,
  nextCustomerIds,
  readCustomers,
  readFamilies,
} from '../store/book-facts.ts';
import type { Db, Tx } from '../store/db.ts';
import { readPastHolds } from '../store/holds.ts';
import { readPastCredits, readPastInvoices } from '../store/past-balances.ts';
import { readPastProfiles } from '../store/debtor-profiles.ts';

const CUSTOMERS_PER_CHUNK = 200;

export interface ReplayRequest {
  policy: Policy;
  /** Another policy on the same past; null: only this one. */
  against: Policy | null;
  /** Both days included. */
  from: Day;
  to: Day;
  /** Every message and task of the policy, debtor by debtor. */
  onAction?: (action: ReplayedAction) => void;
  onDifference?: (difference: ReplayDifference) => void;
  onProgress?: (line: string) => void;
  customersPerChunk?: number;
}

export interface ReplayReport {
  /** Debtors with an invoice. */
  debtors: number;
  /** Those of whom a policy asks for flags, score or segment of days that are not on record: today's stood in. */
  guessed: number;
  policy: ReplayFigures;
  against: ReplayFigures | null;
  difference: DifferenceFigures | null;
}

export async function replayBook(
  deps: { db: Db },
  bookId: BookId,
  request: ReplayRequest,
): Promise<ReplayReport> {
  const { book, families } = await deps.db.tx(async (tx) => ({
    book: await getBook(tx, bookId),
    families: await readFamilies(tx, bookId),
  }));
  const replay = new Replay(book, request);
  const childrenOf = groupBy(families.keys(), (child) => families.get(child));
  for (let after = ''; ;) {
    const size = request.customersPerChunk ?? CUSTOMERS_PER_CHUNK;
    const ids = await nextCustomerIds(deps.db.prisma, bookId, after, size);
    const last = ids.at(-1);
    if (last === undefined) return replay.report();
    const heads = ids.filter((id) => (families.get(id) ?? id) === id);
    for (const past of await deps.db.tx((tx) => readPasts(tx, book, heads, childrenOf))) {
      replay.add(past);
    }
    after = last;
    request.onProgress?.(`replayed ${replay.debtors} customers`);
  }
}

class Replay {
  readonly #request: ReplayRequest;
  readonly #decide: DecideOn;
  readonly #decideAgainst: DecideOn | null;
  readonly #tally = new ReplayTally();
  readonly #tallyAgainst = new ReplayTally();
  readonly #difference = new DifferenceTally();
  #guessed = 0;
  debtors = 0;

  constructor(book: BookRow, request: ReplayRequest) {
    this.#request = request;
    this.#decide = decideUnder(request.policy, book, request);
    this.#decideAgainst =
      request.against === null ? null : decideUnder(request.against, book, request);
  }

  add(past: DebtorPast): void {
    const { from, to, onAction, onDifference } = this.#request;
    this.debtors += 1;
    const { policy, against } = this.#request;
    // What is known stays known: the first day tells.
    const asked = against === null ? [policy] : [policy, against];
    if (asked.some((one) => isGuessed(past.profile, one, from))) this.#guessed += 1;
    const told = replayDebtor(past, this.#decide, from, to);
    this.#tally.add(told);
    for (const action of told.actions) onAction?.(action);
    if (this.#decideAgainst === null) return;
    const other = replayDebtor(past, this.#decideAgainst, from, to);
    this.#tallyAgainst.add(other);
    onDifference?.(this.#difference.add(told, other));
  }

  report(): ReplayReport {
    const { policy, against } = this.#request;
    return {
      debtors: this.debtors,
      guessed: this.#guessed,
      policy: this.#tally.figures(policy.steps, policy.budgets.volumeBreaker),
      against:
        against === null
          ? null
          : this.#tallyAgainst.figures(against.steps, against.budgets.volumeBreaker),
      difference: against === null ? null : this.#difference.figures,
    };
  }
}

/** As a book that runs by itself and whose every letter goes out at once. */
function decideUnder(policy: Policy, book: BookRow, { from, to }: ReplayRequest): DecideOn {
  const holidays = publicHolidays(book.country, yearOf(from), yearOf(to) + 1);
  const calendar = sendCalendar(policy.calendar, holidays);
  const rules: Rules = { policy, versionId: 0, version: 0, source: 'book', calendar };
  return (customer, asOn) =>
    decide(customer, {
      asOn,
      mode: 'automatic',
      rulesFor: () => rules,
      gate: null,
      // Debtors are replayed one by one: what another one was sent is not seen.
      messagedElsewhere: () => [],
      // Keys only tell messages apart here; nothing is stored under them.
      digest: (text) => text,
    });
}

async function readPasts(
  tx: Tx,
  book: BookRow,
  heads: readonly CustomerId[],
  childrenOf: ReadonlyMap<CustomerId | undefined, CustomerId[]>,
): Promise<DebtorPast[]> {
  // A ring of parents has its head among its own children.
  const membersOf = (id: CustomerId) => [...new Set([id, ...(childrenOf.get(id) ?? [])])];
  const members = heads.flatMap(membersOf);
  const customers = new Map((await readCustomers(tx, book.id, heads)).map((row) => [row.id, row]));
  const holds = groupBy(
    await readPastHolds(tx, book.id, members, book.timeZone),
    ({ hold }) => hold.customerId,
  );
  const profiles = await readPastProfiles(tx, book.id, heads);
  const invoices = groupBy(await readPastInvoices(tx, book.id, members), (row) => row.customerId);
  const credits = groupBy(await readPastCredits(tx, book.id, members), (row) => row.customerId);
  return heads.flatMap((id) => {
    const debtor = customers.get(id);
    const own = membersOf(id).flatMap((member) => invoices.get(member) ?? []);
    const profile = profiles.get(id);
    if (debtor === undefined || profile === undefined || own.length === 0) return [];
    return {
      debtor,
      profile,
      invoices: own,
      credits: membersOf(id).flatMap((member) => credits.get(member) ?? []),
      holds: membersOf(id).flatMap((member) => holds.get(member) ?? []),
    };
  });
}
