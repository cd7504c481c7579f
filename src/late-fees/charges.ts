/**
 * A charge is interest and compensation put together as a document of its own: proposed from a term
 * that a person confirmed, then confirmed or cancelled by a person. It changes no invoice and is not
 * written into the ledger; whoever confirms it raises it there.
 */
import type { Clock } from '../clock.ts';
import { type Day, formatDay, fromDate, toDate } from '../domain/day.ts';
import type { InterestClaim } from '../domain/interest/claim.ts';
import { interestWorking } from '../domain/interest/interest-working.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import { UsageError } from '../errors.ts';
import { lockBook } from '../store/book-facts.ts';
import type { Db, Tx } from '../store/db.ts';
import { readInterest } from '../store/interest.ts';
import type { ChargeLine } from '../store/late-fee-terms.ts';
import { noteChange } from './audit.ts';

export type ChargeState = 'proposed' | 'confirmed' | 'cancelled';

export interface Charge {
  id: number;
  customerId: string;
  currency: string;
  state: ChargeState;
  stateReason: string | null;
  asOn: string;
  interestMinor: number;
  compensationMinor: number;
  totalMinor: number;
  working: string[];
  proposedBy: string;
  decidedBy: string | null;
}

interface Deps {
  db: Db;
  clock: Clock;
}

/** One proposal for each currency in which anything is owed. */
export async function proposeCharges(
  deps: Deps,
  bookId: BookId,
  customerId: CustomerId,
  asOn: Day,
  actor: string,
): Promise<Charge[]> {
  const at = deps.clock.now();
  return deps.db.tx(async (tx) => {
    await lockBook(tx, bookId);
    await refuseSecondProposal(tx, bookId, customerId);
    const reading = await readInterest(tx, bookId, { customerId }, asOn);
    if (reading.confirmed === null) {
      throw new UsageError(
        'nobody has confirmed a term for this customer: `duebook charge-terms` says which one holds',
      );
    }
    const { id: termsId } = reading.confirmed;
    const charges: Charge[] = [];
    for (const claim of reading.claims.filter(({ totalMinor }) => totalMinor > 0)) {
      const row = await tx.charge.create({
        data: {
          ...{ bookId, customerId, termsId, currency: claim.currency, state: 'proposed' },
          asOn: toDate(asOn),
          interestMinor: BigInt(claim.interestMinor),
          compensationMinor: BigInt(claim.compensationMinor),
          totalMinor: BigInt(claim.totalMinor),
          lines: linesOf(claim).map((line) => ({ ...line })),
          working: interestWorking(claim),
          proposedBy: actor,
          proposedAt: at,
        },
      });
      await noteChange(tx, { bookId, at, actor }, 'charge.propose', `charge ${row.id}`, {
        totalMinor: claim.totalMinor,
      });
      charges.push(chargeOf(row));
    }
    return charges;
  });
}

async function refuseSecondProposal(tx: Tx, bookId: BookId, customerId: CustomerId): Promise<void> {
  const waiting = await tx.charge.findFirst({ where: { bookId, customerId, state: 'proposed' } });
  if (waiting === null) return;
  throw new UsageError(
    `charge ${waiting.id} of ${formatDay(fromDate(waiting.asOn))} still waits: confirm or cancel it first`,
  );
}

function linesOf(claim: InterestClaim): ChargeLine[] {
  return claim.debts.map(({ debt, interest, compensationMinor }) => ({
    invoiceId: debt.invoiceId,
    number: debt.number,
    dueOn: debt.dueOn,
    until: claim.asOn,
    interest: interest.toString(),
    compensationMinor,
  }));
}

/** Ends a proposal one way or the other; a charge that was decided stays as it is, unless it is cancelled. */
export async function decideCharge(
  deps: Deps,
  bookId: BookId,
  id: number,
  decision: { state: 'confirmed' | 'cancelled'; reason: string | null },
  actor: string,
): Promise<Charge> {
  const at = deps.clock.now();
  return deps.db.tx(async (tx) => {
    await lockBook(tx, bookId);
    const row = await tx.charge.findFirst({ where: { id, bookId } });
    if (row === null) throw new UsageError(`this book has no charge ${id}`);
    const isOpen = row.state === 'proposed';
    if (!isOpen && !(row.state === 'confirmed' && decision.state === 'cancelled')) {
      throw new UsageError(`charge ${id} is ${row.state} already`);
    }
    const changed = await tx.charge.update({
      where: { id },
      data: {
        state: decision.state,
        stateReason: decision.reason,
        decidedBy: actor,
        decidedAt: at,
      },
    });
    await noteChange(tx, { bookId, at, actor }, `charge.${decision.state}`, `charge ${id}`, {
      reason: decision.reason,
    });
    return chargeOf(changed);
  });
}

/** A charge with all that its paper needs. */
export async function readCharge(tx: Tx, bookId: BookId, id: number) {
  const row = await tx.charge.findFirst({ where: { id, bookId } });
  if (row === null) throw new UsageError(`this book has no charge ${id}`);
  const { decidedAt } = row;
  return { ...chargeOf(row), decidedAt, lines: row.lines as unknown as ChargeLine[] };
}

export async function listCharges(
  db: Db,
  bookId: BookId,
  customerId?: CustomerId,
): Promise<Charge[]> {
  const rows = await db.prisma.charge.findMany({
    where: { bookId, ...(customerId === undefined ? {} : { customerId }) },
    orderBy: { id: 'desc' },
    take: 200,
  });
  return rows.map(chargeOf);
}

type ChargeRow = Awaited<ReturnType<Tx['charge']['create']>>;

function chargeOf(row: ChargeRow): Charge {
  const { id, customerId, currency, stateReason, working, proposedBy, decidedBy } = row;
  return {
    ...{ id, customerId, currency, stateReason, working, proposedBy, decidedBy },
    state: row.state as ChargeState,
    asOn: formatDay(fromDate(row.asOn)),
    interestMinor: Number(row.interestMinor),
    compensationMinor: Number(row.compensationMinor),
    totalMinor: Number(row.totalMinor),
  };
}
