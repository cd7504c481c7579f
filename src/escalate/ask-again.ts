/**
 * A decision made once more, from the facts, the policy version, the mode and the day that were kept
 * with it, so that it can be asked what would have changed it. Where what comes out is not what was
 * decided then (the rules themselves have changed since), nothing is claimed.
 */
import { AddressBook } from '../domain/address-book.ts';
import { counterfactuals, type Counterfactual } from '../domain/counterfactual.ts';
import { sendCalendar } from '../domain/calendar.ts';
import type { Day } from '../domain/day.ts';
import { decide } from '../domain/dunning.ts';
import type { DunningContext, Outcome, PolicySource, Rules } from '../domain/dunning-case.ts';
import { parsePolicy } from '../domain/policy.ts';
import type { BookId, CustomerId, InvoiceId } from '../domain/receivables.ts';
import { publicHolidays, yearOf } from '../holidays.ts';
import { readFactsOfRun } from '../store/chase-state.ts';
import type { Db } from '../store/db.ts';
import { readRecentContacts } from '../store/recent-contacts.ts';
import { shortDigest } from './answers.ts';
import { unpackCase } from './stored-case.ts';

export interface MadeDecision {
  invoiceId: InvoiceId;
  debtorId: CustomerId;
  runId: number;
  policyVersionId: number;
  policySource: PolicySource;
  outcome: Outcome;
  step: string | null;
  on: Day;
}

export async function whatWouldHaveChanged(
  db: Db,
  bookId: BookId,
  made: MadeDecision,
): Promise<Counterfactual[]> {
  const facts = await readFactsOfRun(db.prisma, bookId, made.debtorId, made.runId);
  const context = await contextOfThen(db, bookId, made);
  if (facts === null || context === null) return [];
  const { case: customer } = unpackCase(facts);
  const again = decide(customer, context).decisions.find((d) => d.invoiceId === made.invoiceId);
  if (again?.outcome !== made.outcome || again.step !== made.step) return [];
  return counterfactuals(made.invoiceId, customer, context);
}

async function contextOfThen(
  db: Db,
  bookId: BookId,
  made: MadeDecision,
): Promise<DunningContext | null> {
  const { prisma } = db;
  const run = await prisma.run.findFirst({
    where: { id: made.runId, bookId },
    include: { book: true },
  });
  const version = await prisma.policyVersion.findUnique({ where: { id: made.policyVersionId } });
  if (run === null || version === null) return null;
  const policy = parsePolicy(version.text);
  const addresses = new AddressBook(
    await readRecentContacts(prisma, bookId, made.on, run.book.timeZone),
  );
  const year = yearOf(made.on);
  // One policy for all of the debtor's invoices; where another spoke for some, the check above decides.
  const rules: Rules = {
    policy,
    versionId: version.id,
    version: version.number,
    source: made.policySource,
    calendar: sendCalendar(policy.calendar, publicHolidays(run.book.country, year, year + 2)),
  };
  return {
    asOn: made.on,
    mode: run.mode,
    rulesFor: () => rules,
    messagedElsewhere: (address, debtorId) => addresses.elsewhere(address, debtorId),
    gate: run.heldReason === null ? null : { code: 'run_held', text: run.heldReason },
    digest: shortDigest,
  };
}
