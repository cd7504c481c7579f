/**
 * Taking one action for oneself. The claim is a single statement that names the state and the time
 * it expects and sets an attempt and a lease, so two workers can never hold the same reminder; and
 * every later write names that attempt.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { BookId } from '../domain/receivables.ts';
import type { Db } from '../store/db.ts';

/** Longer than any single call to a ledger or a mail server; renewed between them. */
export const LEASE_MS = 120_000;
const RENEW_BELOW_MS = 90_000;

export interface Claim {
  bookId: BookId;
  actionId: string;
  attemptId: string;
  /** This one included. */
  attempts: number;
  leaseUntil: Date;
}

/** Somebody else has the action now: whatever we were about to do with it must not be done. */
export class LostClaim extends Error {
  override readonly name = 'LostClaim';
}

export interface ClaimDeps {
  db: Db;
  clock: Clock;
}

export interface ClaimOptions {
  /** Only what a person has released: the book was put under approval after it was planned. */
  onlyApproved: boolean;
}

/** The email that has been due longest, or null when there is none that nobody holds. */
export async function claimNext(
  deps: ClaimDeps,
  bookId: BookId,
  options: ClaimOptions,
): Promise<Claim | null> {
  const now = deps.clock.now();
  const leaseUntil = new Date(now.getTime() + LEASE_MS);
  const attemptId = randomUUID();
  const [row] = await deps.db.prisma.$queryRawUnsafe<{ id: string; attempts: number }[]>(
    CLAIM,
    bookId,
    now.toISOString(),
    leaseUntil.toISOString(),
    attemptId,
    options.onlyApproved,
  );
  if (row === undefined) return null;
  return { bookId, actionId: row.id, attemptId, attempts: row.attempts, leaseUntil };
}

// What a run planned leaves by itself once a run has come to its end: only there is it seen whether
// they are far too many. The outer conditions repeat the inner ones: between choosing and taking, another may have taken it.
const CLAIM = `
  update action
     set state = 'claimed', attempt_id = $4::uuid, lease_until = $3::timestamptz,
         attempts = attempts + 1, updated_at = $2::timestamptz
   where id = (
           select id from action
            where book_id = $1::int and channel = 'email' and state in ('planned', 'deferred')
              and due_at <= $2::timestamptz
              and (approved_by is not null
                   or ($5::boolean is false and approvals_needed < 2
                       and exists (select from run where run.book_id = action.book_id
                                      and run.id >= action.run_id and run.state = 'done')))
            order by due_at, id limit 1
            for update skip locked)
     and state in ('planned', 'deferred') and due_at <= $2::timestamptz
  returning id::text as id, attempts`;

/** Holds on to the claim for another while; throws LostClaim when it is gone. */
export async function keepClaim(deps: ClaimDeps, claim: Claim): Promise<void> {
  const now = deps.clock.now();
  if (claim.leaseUntil.getTime() - now.getTime() >= RENEW_BELOW_MS) return;
  const leaseUntil = new Date(now.getTime() + LEASE_MS);
  const { count } = await deps.db.prisma.action.updateMany({
    where: { id: claim.actionId, state: 'claimed', attemptId: claim.attemptId },
    data: { leaseUntil, updatedAt: now },
  });
  if (count === 0) throw new LostClaim('the lease ran out and the action was taken back');
  claim.leaseUntil = leaseUntil;
}
