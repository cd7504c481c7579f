/** What the customer owes on the day of the pack: the statement as they would be sent it, and the interest line by line. */
import { strToU8 } from 'fflate';
import { makeStatement } from '../act/index.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { dayIn } from '../domain/day.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import { interestText } from '../late-fees/interest-text.ts';
import type { Tx } from '../store/db.ts';
import { readInterest } from '../store/interest.ts';

export async function collectReckoning(
  deps: { tx: Tx; clock: Clock; config: Pick<Config, 'mailFrom'> },
  bookId: BookId,
  customerId: CustomerId,
): Promise<Map<string, Uint8Array>> {
  const statement = async (format: 'pdf' | 'csv') => {
    const request = { kind: 'open-item', format } as const;
    const { content } = await makeStatement(deps, bookId, customerId, request);
    return Uint8Array.from(content);
  };
  return new Map([
    ['statement.pdf', await statement('pdf')],
    ['statement.csv', await statement('csv')],
    ['interest.txt', await interest(deps, bookId, customerId)],
  ]);
}

async function interest(
  { tx, clock }: { tx: Tx; clock: Clock },
  bookId: BookId,
  customerId: CustomerId,
): Promise<Uint8Array> {
  const { timeZone } = await tx.book.findUniqueOrThrow({
    where: { id: bookId },
    select: { timeZone: true },
  });
  const asOn = dayIn(timeZone, clock.now());
  const reading = await readInterest(tx, bookId, { customerId }, asOn);
  return strToU8(`${interestText(reading).join('\n')}\n`);
}
