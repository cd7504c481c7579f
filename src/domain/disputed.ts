/**
 * What was in dispute on the day of a statement: disputes that had begun and that nobody had ended by
 * then, each for the part it contests. Several of one invoice add up, but never to more than was open.
 * 500.00 open, 200.00 contested since 3 May and ended on 9 May: 200.00 on 8 May, nothing on the 9th.
 */
import type { Day } from './day.ts';
import { contestedMinor } from './dispute.ts';
import { covers, type Hold } from './holds.ts';
import type { CustomerId } from './receivables.ts';
import type { Disputed } from './statement.ts';

export function disputedOn(
  holds: readonly { hold: Hold; endedOn: Day | null }[],
  debtorId: CustomerId,
  asOn: Day,
): Disputed {
  const standing = holds
    .filter(({ endedOn }) => endedOn === null || endedOn > asOn)
    .map(({ hold }) => hold)
    .filter((hold) => hold.kind === 'dispute');
  return (invoice, openMinor) => {
    const { id, customerId } = invoice;
    const total = standing
      .filter((hold) => covers(hold, { id, customerId }, debtorId))
      .reduce((sum, hold) => sum + contestedMinor(hold, { id, openMinor }, asOn), 0);
    return Math.min(openMinor, total);
  };
}
