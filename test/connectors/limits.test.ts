import { describe, expect, it, vi } from 'vitest';
import type { Priority, RateReport } from '../../connectors/call-count.ts';
import { type BookLimiter, createLimits, type LimitsOptions } from '../../connectors/limits.ts';
import { countsInRedis } from '../../connectors/redis-counts.ts';
import { type Clock, ManualClock, systemClock } from '../../src/clock.ts';
import type { Platform } from '../../src/domain/receivables.ts';
import { LedgerError } from '../../src/errors.ts';
import { countsInDatabase } from '../../src/store/call-counts.ts';
import { useDatabase } from '../support/database.ts';

const HOUR = 3_600_000;
const PATIENCE = { timeout: 20_000, interval: 5 };

function limiter(platform: Platform = 'xero', xeroDayLimit = 1000) {
  const clock = new ManualClock('2026-11-22T20:00:00Z');
  const limits = createLimits({ clock, xeroDayLimit });
  return { clock, limits, book: limits.forBook(platform, 'a') };
}

const nothing = () => Promise.resolve();

/** A person's call whose answer says this about the budget. */
function told(book: BookLimiter, report: RateReport): Promise<void> {
  return book.run('interactive', (hear) => {
    hear(report);
    return Promise.resolve();
  });
}

function openableGate(): { opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

async function refusal(call: Promise<unknown>): Promise<LedgerError> {
  const error: unknown = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof LedgerError))
    throw new Error('the call was not refused', { cause: error });
  return error;
}

/** Makes `count` calls at once and gives the times at which they started. */
async function startTimes(
  book: BookLimiter,
  clock: ManualClock,
  count: number,
  priority: Priority = 'interactive',
): Promise<number[]> {
  const times: number[] = [];
  const call = () => {
    times.push(clock.now().getTime());
    return Promise.resolve();
  };
  await Promise.all(Array.from({ length: count }, () => book.run(priority, call)));
  return times;
}

function mostWithin(times: readonly number[], ms: number): number {
  return Math.max(
    ...times.map((from) => times.filter((at) => at >= from && at < from + ms).length),
  );
}

describe('a book’s calls', () => {
  it.each([
    ['xero', 5],
    ['quickbooks', 8],
  ] as const)('at %s are never more than %i in flight', async (platform, allowed) => {
    const { book } = limiter(platform);
    const gate = openableGate();
    let started = 0;
    const call = async () => {
      started += 1;
      await gate.opened;
    };
    const calls = Array.from({ length: 12 }, () => book.run('interactive', call));
    await vi.waitFor(() => {
      expect(started).toBe(allowed);
    }, PATIENCE);
    // Time for one too many to slip through.
    await systemClock.sleep(50);
    const inFlight = started;
    gate.open();
    await Promise.all(calls);
    expect(inFlight).toBe(allowed);
  });

  it.each([
    ['xero', 200, 60, 60_000],
    ['quickbooks', 60, 8, 1_000],
    ['quickbooks', 470, 450, 60_000],
  ] as const)(
    'at %s: %i of them are never more than %i in any %i ms',
    async (platform, count, allowed, ms) => {
      const { book, clock } = limiter(platform);
      const times = await startTimes(book, clock, count);
      expect(times).toHaveLength(count);
      expect(mostWithin(times, ms)).toBe(allowed);
    },
  );

  it.each([
    ['xero', 4],
    ['quickbooks', 7],
  ] as const)(
    'at %s keep a place for people: %i for background work',
    async (platform, allowed) => {
      const { book } = limiter(platform);
      const gate = openableGate();
      const order: string[] = [];
      const call = (name: string) => async () => {
        order.push(name);
        await gate.opened;
      };
      const work = Array.from({ length: 12 }, () => book.run('background', call('work')));
      await vi.waitFor(() => {
        expect(order).toHaveLength(allowed);
      }, PATIENCE);
      const person = book.run('interactive', call('person'));
      await vi.waitFor(() => {
        expect(order).toHaveLength(allowed + 1);
      }, PATIENCE);
      gate.open();
      await Promise.all([...work, person]);
      expect(order.indexOf('person')).toBe(allowed);
    },
  );

  it('keep a tenth of the minute for people, who do not wait behind background work', async () => {
    const { book, clock } = limiter();
    const began = clock.now().getTime();
    const work = startTimes(book, clock, 55, 'background');
    const waited = vi.waitFor(() => expect(clock.now().getTime()).toBeGreaterThan(began), PATIENCE);
    await Promise.all([work, waited]);
    expect(mostWithin(await work, 60_000)).toBe(54);

    const fresh = limiter();
    await startTimes(fresh.book, fresh.clock, 54, 'background');
    const asked = fresh.clock.now().getTime();
    const people = await startTimes(fresh.book, fresh.clock, 6);
    expect(new Set(people)).toEqual(new Set([asked]));
  });

  it('fail with the time they would have to wait, where nobody waits for so long', async () => {
    const { book, clock } = limiter();
    await startTimes(book, clock, 54, 'background');
    clock.advance(20_000);
    const refused = await refusal(book.run('background', nothing, 39_999));
    expect(refused).toMatchObject({ kind: 'rate_limited', retryAfterMs: 40_000 });
    const before = clock.now().getTime();
    await book.run('background', nothing, 40_000);
    expect(clock.now().getTime() - before).toBe(40_000);
  });

  it('count until a whole window after their answer', async () => {
    const { book, clock } = limiter();
    const slow = () => clock.sleep(10_000);
    const began = clock.now().getTime();
    await Promise.all(Array.from({ length: 60 }, () => book.run('interactive', slow)));
    const [next = 0] = await startTimes(book, clock, 1);
    expect(next - began).toBeGreaterThanOrEqual(70_000);
  });

  it('of another program are counted when the platform says that less is left', async () => {
    const { book, clock } = limiter();
    await book.run('background', nothing);
    await told(book, { minuteRemaining: 10 });
    const times = await startTimes(book, clock, 20);
    const before = times.filter((at) => at < (times[0] ?? 0) + 60_000);
    expect(before).toHaveLength(10);
  });

  it('are not held for hours when the clock is set back', async () => {
    const { book, clock } = limiter();
    await startTimes(book, clock, 60);
    clock.advance(-2 * HOUR);
    const before = clock.now().getTime();
    await book.run('background', nothing);
    expect(clock.now().getTime() - before).toBeLessThanOrEqual(60_000);
  });
});

describe('a platform that asks to wait', () => {
  it('is obeyed to the second when the wait is short', async () => {
    const { book, clock } = limiter();
    const asked = clock.now().getTime();
    await told(book, { problem: 'minute', retryAfterMs: 7_000 });
    const times = await startTimes(book, clock, 3);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(asked + 7_000);
    expect(Math.min(...times)).toBeLessThan(asked + 9_000);
  });

  it.each([
    ['concurrent', 1_000],
    ['minute', 60_000],
    ['unknown', 60_000],
  ] as const)('without naming a time (%s) is given %i ms', async (problem, ms) => {
    const { book, clock } = limiter();
    const asked = clock.now().getTime();
    await told(book, { problem });
    await book.run('background', nothing);
    expect(clock.now().getTime() - asked).toBeGreaterThanOrEqual(ms);
  });

  it('for longer than a minute is not waited for, whatever the reason', async () => {
    const { book } = limiter();
    await told(book, { problem: 'unknown', retryAfterMs: 61_000 });
    expect(await refusal(book.run('background', nothing))).toMatchObject({
      kind: 'rate_limited',
      retryAfterMs: 61_000,
    });
  });

  it('for the rest of the day parks the book with the time it named, and never sleeps', async () => {
    const { book, limits, clock } = limiter();
    const before = clock.now().getTime();
    await told(book, { problem: 'day', retryAfterMs: 73_451_000 });
    const error = await refusal(book.run('interactive', nothing));
    expect(error).toMatchObject({ kind: 'rate_limited', retryAfterMs: 73_451_000 });
    expect(clock.now().getTime()).toBe(before);

    await limits.forBook('xero', 'another').run('background', nothing);

    clock.advance(73_451_000);
    await book.run('background', nothing);
  });
});

describe('the day’s budget at Xero', () => {
  it('keeps its last tenth for people', async () => {
    const { book } = limiter('xero', 100);
    await told(book, { dayRemaining: 11 });
    await book.run('background', nothing);
    await told(book, { dayRemaining: 10 });
    const error = await refusal(book.run('background', nothing));
    expect(error).toMatchObject({ kind: 'rate_limited', retryAfterMs: HOUR });
    await book.run('interactive', nothing);
    await told(book, { dayRemaining: 0 });
    expect(await refusal(book.run('interactive', nothing))).toMatchObject({ kind: 'rate_limited' });
  });

  it('is kept even when the platform never says what is left', async () => {
    const { book, clock } = limiter('xero', 50);
    await startTimes(book, clock, 45);
    const error = await refusal(book.run('background', nothing));
    expect(error.retryAfterMs).toBe(24 * HOUR);
    clock.advance(24 * HOUR);
    await book.run('background', nothing);
  });

  it('lets one call an hour look whether the platform’s day began anew', async () => {
    const { book, clock } = limiter();
    await told(book, { dayRemaining: 3 });
    await refusal(book.run('background', nothing));
    clock.advance(HOUR);
    await book.run('background', nothing);
    await refusal(book.run('background', nothing));
    await told(book, { dayRemaining: 999 });
    await book.run('background', nothing);
  });

  it('does not bind QuickBooks, which meters by the minute', async () => {
    const { book, clock } = limiter('quickbooks', 50);
    expect(await startTimes(book, clock, 120)).toHaveLength(120);
  });
});

describe('closing', () => {
  it('ends calls that wait and leaves nothing running', async () => {
    const timersBefore = countTimers();
    const limits = createLimits({ clock: systemClock, xeroDayLimit: 1000 });
    const book = limits.forBook('xero', 'a');
    await told(book, { problem: 'minute', retryAfterMs: 50_000 });
    const waiting = refusal(book.run('background', nothing));
    await systemClock.sleep(20);
    limits.close();
    expect(await waiting).toMatchObject({ kind: 'unavailable' });
    expect(await refusal(book.run('background', nothing))).toMatchObject({ kind: 'unavailable' });
    expect(countTimers()).toBeLessThanOrEqual(timersBefore);
  });
});

function countTimers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
}

const redisUrl = process.env['TEST_REDIS_URL'] ?? null;
const database = useDatabase();

/** The counts of two processes: each opens its own way to the place where they are kept. */
const PLACES = [
  ['the database', (clock: Clock) => countsInDatabase(database(), clock)],
  ...(redisUrl === null ? [] : [['Redis', () => countsInRedis(redisUrl)] as const]),
] as const;

describe.each(PLACES)('two processes that count in %s', (_place, counts) => {
  async function both<T>(
    clock: Clock,
    work: (books: [BookLimiter, BookLimiter]) => Promise<T>,
    platform: Platform = 'xero',
  ): Promise<T> {
    const options = (): LimitsOptions => ({ clock, xeroDayLimit: 100, counts: counts(clock) });
    const [one, other] = [createLimits(options()), createLimits(options())];
    const key = `test-${process.pid}-${systemClock.random()}`;
    try {
      return await work([one.forBook(platform, key), other.forBook(platform, key)]);
    } finally {
      one.close();
      other.close();
    }
  }

  it('together keep a book’s calls in flight', async () => {
    const gate = openableGate();
    let started = 0;
    const call = async () => {
      started += 1;
      await gate.opened;
    };
    await both(systemClock, async (books) => {
      const calls = books.flatMap((book) =>
        Array.from({ length: 6 }, () => book.run('interactive', call)),
      );
      await vi.waitFor(() => expect(started).toBe(5), PATIENCE);
      // Time for one too many to slip through.
      await systemClock.sleep(300);
      const inFlight = started;
      gate.open();
      await Promise.all(calls);
      expect(inFlight).toBe(5);
    });
    expect(started).toBe(12);
  });

  it.each([
    ['xero', 40, 60, 60_000],
    ['quickbooks', 20, 8, 1_000],
  ] as const)(
    'together keep the window at %s: %i calls each, %i in any %i ms',
    async (platform, count, allowed, ms) => {
      const clock = new ManualClock('2026-11-22T20:00:00Z');
      const times = await both(
        clock,
        (books) => Promise.all(books.map((book) => startTimes(book, clock, count))),
        platform,
      );
      expect(times.flat()).toHaveLength(2 * count);
      expect(mostWithin(times.flat(), ms)).toBeLessThanOrEqual(allowed);
    },
  );

  it('both wait when one was told to, and both stop when the day is spent', async () => {
    const clock = new ManualClock('2026-11-22T20:00:00Z');
    await both(clock, async ([one, other]) => {
      const asked = clock.now().getTime();
      await told(one, { problem: 'minute', retryAfterMs: 7_000 });
      await other.run('background', nothing);
      expect(clock.now().getTime() - asked).toBeGreaterThanOrEqual(7_000);
      await told(one, { dayRemaining: 10 });
      expect(await refusal(other.run('background', nothing))).toMatchObject({
        kind: 'rate_limited',
        retryAfterMs: HOUR,
      });
    });
  });

  it('are not held up for ever by one that died in its calls', async () => {
    const clock = new ManualClock('2026-11-22T20:00:00Z');
    await both(clock, async ([dead, other]) => {
      let left = 0;
      for (let call = 0; call < 5; call += 1) {
        void dead.run('interactive', () => {
          left += 1;
          return new Promise(() => undefined);
        });
      }
      await vi.waitFor(() => expect(left).toBe(5), PATIENCE);
      await other.run('interactive', nothing);
      expect(clock.now().getTime() - Date.parse('2026-11-22T20:00:00Z')).toBe(120_000);
    });
  });
});
