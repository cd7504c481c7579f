/** Credit limits and outside ratings, set by people: each is a dated line, and each change is in the audit log. */
import type { Clock } from '../clock.ts';
import { type Day, formatDay, toDate } from '../domain/day.ts';
import { type Currency, isCurrency, type Minor } from '../domain/money.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import { AccessError, UsageError } from '../errors.ts';
import { markChanged } from '../store/chase-state.ts';
import type { Db, Tx } from '../store/db.ts';

interface TermsDeps {
  db: Db;
  clock: Clock;
}

export interface LimitRequest {
  /** null: the book's default for every customer without one in that currency. */
  customerId: CustomerId | null;
  currency: Currency;
  amountMinor: Minor;
  insuredMinor: Minor | null;
  fromOn: Day;
  untilOn: Day | null;
}

export async function setLimit(
  deps: TermsDeps,
  bookId: BookId,
  request: LimitRequest,
  actor: string,
): Promise<void> {
  const { customerId, currency, amountMinor, insuredMinor, fromOn, untilOn } = request;
  if (!isCurrency(currency)) throw new UsageError(`"${currency}" is no currency: say NZD, EUR …`);
  if (amountMinor < 0) throw new UsageError('a limit is zero or more');
  if (insuredMinor !== null && (insuredMinor < 0 || insuredMinor > amountMinor)) {
    throw new UsageError('what is insured is zero or more, and not above the limit itself');
  }
  if (untilOn !== null && untilOn < fromOn) {
    throw new UsageError(
      `a limit from ${formatDay(fromOn)} cannot end on ${formatDay(untilOn)}: --until should be later than --from`,
    );
  }
  const at = deps.clock.now();
  await deps.db.tx(async (tx) => {
    if (customerId !== null) await mustExist(tx, bookId, customerId);
    await tx.creditLimit.create({
      data: {
        bookId,
        customerId,
        currency,
        amountMinor: BigInt(amountMinor),
        insuredMinor: insuredMinor === null ? null : BigInt(insuredMinor),
        fromOn: toDate(fromOn),
        untilOn: untilOn === null ? null : toDate(untilOn),
        setBy: actor,
        createdAt: at,
      },
    });
    await tx.audit.create({
      data: {
        bookId,
        at,
        actor,
        action: 'limit.set',
        subject: customerId === null ? 'every customer' : `customer ${customerId}`,
        detail: {
          currency,
          amountMinor,
          insuredMinor,
          fromOn: formatDay(fromOn),
          untilOn: untilOn === null ? null : formatDay(untilOn),
        },
      },
    });
    await markChanged(tx, bookId, customerId === null ? 'all' : [customerId]);
  });
}

export interface RatingRequest {
  customerId: CustomerId;
  grade: string;
  source: string;
  ratedOn: Day;
}

const TEXT_MAX = 80;

/** The last day on which something can have been rated is today. */
export async function setRating(
  deps: TermsDeps,
  bookId: BookId,
  request: RatingRequest,
  today: Day,
  actor: string,
): Promise<void> {
  const { customerId, ratedOn } = request;
  const grade = words(request.grade, 'a grade: "B+", "4", "low risk"');
  const source = words(request.source, 'whose it is, with --source');
  if (ratedOn > today) {
    throw new UsageError(
      `--on ${formatDay(ratedOn)} has not come: it should be the day of the rating`,
    );
  }
  const at = deps.clock.now();
  await deps.db.tx(async (tx) => {
    await mustExist(tx, bookId, customerId);
    await tx.externalRating.create({
      data: {
        bookId,
        customerId,
        grade,
        source,
        ratedOn: toDate(ratedOn),
        setBy: actor,
        createdAt: at,
      },
    });
    await tx.audit.create({
      data: {
        bookId,
        at,
        actor,
        action: 'rating.set',
        subject: `customer ${customerId}`,
        detail: { grade, source, ratedOn: formatDay(ratedOn) },
      },
    });
    await markChanged(tx, bookId, [customerId]);
  });
}

function words(text: string, what: string): string {
  const trimmed = text.trim();
  if (trimmed !== '' && trimmed.length <= TEXT_MAX) return trimmed;
  throw new UsageError(`a rating needs ${what}, in at most ${TEXT_MAX} characters`);
}

async function mustExist(tx: Tx, bookId: BookId, customerId: CustomerId): Promise<void> {
  const found = await tx.customer.count({ where: { bookId, id: customerId } });
  if (found === 0) throw new AccessError('not_found', `no customer ${customerId}`);
}
