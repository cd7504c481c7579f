import { describe, expect, it, vi } from 'vitest';
import { type BookLimiter, createLimits } from '../../connectors/limits.ts';
import { ManualClock, systemClock } from '../../src/clock.ts';
import type { Platform } from '../../src/domain/receivables.ts';
import { LedgerError } from '../../src/errors.ts';

const HOUR = 3_600_000;
const PATIENCE = { timeout: 20_000, interval: 5 };

function limiter(platform: Platform = 'xero', xeroDayLimit = 1000) {
  const clock = new ManualClock('2026-11-22T20:00:00Z');
  const limits = createLimits({ clock, redisUrl: null, xeroDayLimit });
  return { clock, limits, book: limits.forBook(platform, 'a') };
}

const nothing = () => Promise.resolve();

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
async function startTimes(book: BookLimiter, clock: ManualClock, count: number): Promise<number[]> {
  const times: number[] = [];
  const call = () => {
    times.push(clock.now().getTime());
    return Promise.resolve();
  };
  await Promise.all(Array.from({ length: count }, () => book.run('background', call)));
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
    const calls = Array.from({ length: 12 }, () => book.run('background', call));
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

  it('made for a person go before background work that waits', async () => {
    const { book } = limiter();
    const gate = openableGate();
    const order: string[] = [];
    const call = (name: string) => async () => {
      order.push(name);
      await gate.opened;
    };
    const work = Array.from({ length: 7 }, () => book.run('background', call('work')));
    await vi.waitFor(() => {
      expect(order).toHaveLength(5);
    }, PATIENCE);
    const person = book.run('interactive', call('person'));
    await systemClock.sleep(200);
    gate.open();
    await Promise.all([...work, person]);
    expect(order.indexOf('person')).toBe(5);
  });

  it('of another program are counted when the platform says that less is left', async () => {
    const { book, clock } = limiter();
    await book.run('background', nothing);
    book.observe({ minuteRemaining: 10 });
    const times = await startTimes(book, clock, 20);
    const before = times.filter((at) => at < times[0]! + 60_000);
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
    book.observe({ problem: 'minute', retryAfterMs: 7_000 });
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
    book.observe({ problem });
    await book.run('background', nothing);
    expect(clock.now().getTime() - asked).toBeGreaterThanOrEqual(ms);
  });

  it('for longer than a minute is not waited for, whatever the reason', async () => {
    const { book } = limiter();
    book.observe({ problem: 'unknown', retryAfterMs: 61_000 });
    expect(await refusal(book.run('background', nothing))).toMatchObject({
      kind: 'rate_limited',
      retryAfterMs: 61_000,
    });
  });

  it('for the rest of the day parks the book with the time it named, and never sleeps', async () => {
    const { book, limits, clock } = limiter();
    const before = clock.now().getTime();
    book.observe({ problem: 'day', retryAfterMs: 73_451_000 });
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
    book.observe({ dayRemaining: 11 });
    await book.run('background', nothing);
    book.observe({ dayRemaining: 10 });
    const error = await refusal(book.run('background', nothing));
    expect(error).toMatchObject({ kind: 'rate_limited', retryAfterMs: HOUR });
    await book.run('interactive', nothing);
    book.observe({ dayRemaining: 0 });
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
    book.observe({ dayRemaining: 3 });
    await refusal(book.run('background', nothing));
    clock.advance(HOUR);
    await book.run('background', nothing);
    await refusal(book.run('background', nothing));
    book.observe({ dayRemaining: 999 });
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
    const limits = createLimits({ clock: systemClock, redisUrl: null, xeroDayLimit: 1000 });
    const book = limits.forBook('xero', 'a');
    book.observe({ problem: 'minute', retryAfterMs: 50_000 });
    const waiting = refusal(book.run('background', nothing));
    await systemClock.sleep(20);
    await limits.close();
    expect(await waiting).toMatchObject({ kind: 'unavailable' });
    expect(await refusal(book.run('background', nothing))).toMatchObject({ kind: 'unavailable' });
    expect(countTimers()).toBeLessThanOrEqual(timersBefore);
  });
});

function countTimers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
}

const redisUrl = process.env['TEST_REDIS_URL'] ?? null;

describe.skipIf(redisUrl === null)('with Redis', () => {
  it('two processes together keep a book’s calls in flight', async () => {
    const make = () => createLimits({ clock: systemClock, redisUrl, xeroDayLimit: 1000 });
    const both = [make(), make()];
    const key = `test-${process.pid}-${systemClock.random()}`;
    let inFlight = 0;
    let most = 0;
    const call = async () => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await systemClock.sleep(10);
      inFlight -= 1;
    };
    const calls = both.flatMap((limits) =>
      Array.from({ length: 15 }, () => limits.forBook('xero', key).run('background', call)),
    );
    await Promise.all(calls);
    await Promise.all(both.map((limits) => limits.close()));
    expect(most).toBe(5);
  });
});
