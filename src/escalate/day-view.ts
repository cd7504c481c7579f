/** A book's day in figures: what goes out or would, what waits for people, what is held and why. */
import { type Day, formatDay, fromDate } from '../domain/day.ts';
import type { BookId } from '../domain/receivables.ts';
import type { Db } from '../store/db.ts';
import {
  type DayMessage,
  readDayActions,
  readHeldReasons,
  readShadowMessages,
} from '../store/day.ts';

interface DayRun {
  id: number;
  asOn: string;
  mode: 'shadow' | 'approve' | 'automatic';
  state: string;
  heldReason: string | null;
}

interface HeldReason {
  code: string;
  /** One of the sentences, as an example. */
  because: string;
  invoices: number;
  customers: number;
  nextOn: string | null;
}

export interface DayView {
  mode: 'shadow' | 'approve' | 'automatic';
  /** null: there has been no run. */
  run: DayRun | null;
  /** Messages that go out, or in shadow mode would. The largest first. */
  messages: DayMessage[];
  tasks: DayMessage[];
  held: HeldReason[];
  /** Decisions in force, by outcome. */
  counts: Record<string, number>;
  /** The next day on which something that waits comes due. */
  nextOn: string | null;
}

export interface DayViewOptions {
  /** A first run over a large book proposes thousands: the largest of them. */
  limit?: number;
}

const MESSAGES_MAX = 200;

export async function dayView(
  db: Db,
  bookId: BookId,
  options: DayViewOptions = {},
): Promise<DayView> {
  const limit = options.limit ?? MESSAGES_MAX;
  const { prisma } = db;
  const book = await prisma.book.findUniqueOrThrow({ where: { id: bookId } });
  const run = await prisma.run.findFirst({ where: { bookId }, orderBy: { id: 'desc' } });
  const actions = await readDayActions(prisma, bookId, limit);
  const isShadow = book.mode === 'shadow';
  const shadowed =
    isShadow && run !== null
      ? await readShadowMessages(prisma, bookId, fromDate(run.asOn), limit)
      : [];
  const held = await readHeldReasons(prisma, bookId);
  const outcomes = await prisma.decision.groupBy({
    by: ['outcome'],
    where: { bookId, replacedOn: null },
    _count: true,
    _min: { nextOn: true },
  });
  const waiting = outcomes.find((row) => row.outcome === 'wait')?._min.nextOn ?? null;
  return {
    mode: book.mode,
    run:
      run === null
        ? null
        : {
            id: run.id,
            asOn: formatDay(fromDate(run.asOn)),
            mode: run.mode,
            state: run.state,
            heldReason: run.heldReason,
          },
    messages: [...actions, ...shadowed].filter((message) => message.channel === 'email'),
    tasks: [...actions, ...shadowed].filter((message) => message.channel !== 'email'),
    held: held.map(({ nextOn, ...rest }) => ({ ...rest, nextOn: dayOrNull(nextOn) })),
    counts: Object.fromEntries(outcomes.map((row) => [row.outcome, row._count])),
    nextOn: waiting === null ? null : formatDay(fromDate(waiting)),
  };
}

function dayOrNull(on: Day | null): string | null {
  return on === null ? null : formatDay(on);
}
