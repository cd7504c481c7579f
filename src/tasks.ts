/** Where a call meets what it leads to: the outcome is written by `act`, what it raises by `escalate`, in one transaction. */
import { type OutcomeRequest, type Raise, recordOutcome } from './act/index.ts';
import type { Clock } from './clock.ts';
import type { BookId } from './domain/receivables.ts';
import type { Consequence } from './domain/task-outcomes.ts';
import type { HoldRequest } from './escalate/hold-request.ts';
import { addHold } from './escalate/holds.ts';
import type { Db, Tx } from './store/db.ts';

export async function recordTask(
  deps: { db: Db; clock: Clock },
  bookId: BookId,
  actionId: string,
  request: OutcomeRequest,
  actor: string,
): Promise<Consequence> {
  const { db, clock } = deps;
  const raise = async (tx: Tx, raised: Raise): Promise<void> => {
    await addHold({ db: within(tx), clock }, bookId, holdOf(raised), raised.by);
  };
  return recordOutcome({ db, clock, raise }, bookId, actionId, request, actor);
}

/** What is asked of it happens in the transaction that is open. */
function within(tx: Tx): Pick<Db, 'tx'> {
  return { tx: (work) => work(tx) };
}

function holdOf({
  what,
  actionId,
  customerId,
  currency,
  invoices,
  words,
  by,
  on,
}: Raise): HoldRequest {
  const common = {
    customerId,
    invoiceIds: invoices.map((invoice) => invoice.id),
    reason: words,
    owner: by,
    fromOn: on,
    toldIn: actionId,
  };
  switch (what.kind) {
    case 'promise': {
      const openMinor = invoices.reduce((sum, invoice) => sum + invoice.openMinor, 0);
      const amountMinor = what.amountMinor ?? openMinor;
      const terms = {
        currency,
        amountMinor,
        payOn: what.on,
        source: 'phone',
        quote: words,
      } as const;
      return { ...common, kind: 'promise', terms };
    }
    case 'dispute': {
      const part = what.amountMinor === null ? null : { currency, amountMinor: what.amountMinor };
      return { ...common, kind: 'dispute', terms: { reason: what.reason, part, resolution: null } };
    }
    case 'pause':
      return { ...common, kind: 'manual', terms: null, untilOn: what.untilOn };
  }
}
