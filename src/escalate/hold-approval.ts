/** When a hold needs a second person: to give something away, or to believe once more. */
import { addDays } from '../domain/day.ts';
import { promiseStanding } from '../domain/promise.ts';
import type { BookId } from '../domain/receivables.ts';
import { dayText, moneyText, plural } from '../domain/text.ts';
import { UsageError } from '../errors.ts';
import type { Tx } from '../store/db.ts';
import type { HoldRulesInForce } from '../store/hold-rules.ts';
import { readPromises } from '../store/holds.ts';
import type { HoldRequest } from './hold-request.ts';

/** Two broken promises are a habit. */
const BROKEN_MAX = 2;
const BROKEN_WITHIN_DAYS = 365;

/** Whether a second person has to agree; a promise after too many broken ones is refused without one. */
export async function checkApproval(
  tx: Tx,
  bookId: BookId,
  request: HoldRequest,
  rules: HoldRulesInForce,
  actor: string,
): Promise<boolean> {
  const approver = request.approvedBy ?? null;
  if (approver !== null) refuseSamePerson(approver, [actor, request.owner]);
  if (request.kind === 'settlement' || request.kind === 'extension') return true;
  if (request.kind !== 'promise') return false;
  const broken = await brokenPromises(tx, bookId, request, rules);
  if (broken.length < BROKEN_MAX) return false;
  if (approver !== null) return true;
  const last = broken.at(-1)?.terms;
  const which =
    last === undefined
      ? ''
      : `, the last one ${moneyText(last.amountMinor, last.currency)} for ${dayText(last.payOn)}`;
  throw new UsageError(
    `${plural(broken.length, 'promise')} of this customer ${broken.length === 1 ? 'was' : 'were'} broken within a year${which}: a further one needs the approval of a second person`,
  );
}

async function brokenPromises(
  tx: Tx,
  bookId: BookId,
  request: HoldRequest,
  rules: HoldRulesInForce,
) {
  const { customerId, fromOn } = request;
  const promises = await readPromises(tx, bookId, [customerId]);
  return promises.filter((promise) => {
    if (promise.fromOn < addDays(fromOn, -BROKEN_WITHIN_DAYS)) return false;
    const { state } = promiseStanding(promise, rules.forHold(promise), fromOn);
    return state === 'broken' || state === 'partly_kept';
  });
}

export function refuseSamePerson(approver: string, others: readonly string[]): void {
  const fold = (name: string) => name.trim().toLowerCase();
  if (fold(approver) !== '' && !others.some((other) => fold(other) === fold(approver))) return;
  throw new UsageError('an approval comes from a second person: name somebody else');
}
