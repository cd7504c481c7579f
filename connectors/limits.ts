/**
 * Who may call a ledger, and when. One limiter per book: bottleneck holds the number of calls in
 * flight and lets people go before background work; rolling windows keep the calls per second and
 * minute; a day's budget is counted and corrected by what the platform says is left.
 * A short "try again" waits here. A day limit never does: it parks the book with an error that
 * names the time. No book waits for another.
 */
import Bottleneck from 'bottleneck';
import { Redis } from 'ioredis';
import type { Clock } from '../src/clock.ts';
import type { Platform } from '../src/domain/receivables.ts';
import { LedgerError } from '../src/errors.ts';

export type Priority = 'interactive' | 'background';
export type RateProblem = 'minute' | 'day' | 'concurrent' | 'appminute' | 'unknown';

export interface RateReport {
  dayRemaining?: number;
  minuteRemaining?: number;
  retryAfterMs?: number;
  problem?: RateProblem;
}

export interface BookLimiter {
  /** Throws LedgerError `rate_limited` with retryAfterMs when the day's budget is gone or the book is parked. */
  run<T>(priority: Priority, call: () => Promise<T>): Promise<T>;
  observe(report: RateReport): void;
}

export interface Limits {
  forBook(platform: Platform, key: string): BookLimiter;
  close(): Promise<void>;
}

interface WindowRule {
  calls: number;
  ms: number;
}

interface PlatformRule {
  inFlight: number;
  windows: readonly WindowRule[];
}

// Xero: 5 in flight and 60 a minute per organisation. Intuit: 10 in flight, 10 a second, 500 a
// minute per company, of which some is left for other apps and for clocks that disagree.
const RULES: Readonly<Record<Platform, PlatformRule>> = {
  xero: { inFlight: 5, windows: [{ calls: 60, ms: 60_000 }] },
  quickbooks: {
    inFlight: 8,
    windows: [
      { calls: 8, ms: 1_000 },
      { calls: 450, ms: 60_000 },
    ],
  },
};

/** The longest "try again" that is waited for; anything longer parks the book. */
const WAIT_MS_MAX = 60_000;
/** Without a Retry-After: Xero names none for these, Intuit asks for a minute. */
const PAUSE_MS: Readonly<Record<RateProblem, number>> = {
  concurrent: 1_000,
  minute: 60_000,
  appminute: 15_000,
  unknown: 60_000,
  day: 3_600_000,
};
const JITTER_MS_MAX = 1_000;
const REDIS_MS_MAX = 10_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** The part of a day's budget that only people may use. */
const KEPT_FOR_PEOPLE = 0.1;

export interface LimitsOptions {
  clock: Clock;
  redisUrl: string | null;
  xeroDayLimit: number;
  /** The vendors' calls per second and minute are kept; false only where the vendor is our own sandbox. */
  keepPace?: boolean;
}

export function createLimits(options: LimitsOptions): Limits {
  const books = new Map<string, OneBook>();
  const connection = options.redisUrl === null ? null : openRedis(options.redisUrl);
  return {
    forBook(platform, key) {
      const name = `${platform}:${key}`;
      const known = books.get(name);
      if (known !== undefined) return known;
      const book = new OneBook(name, platform, options, connection);
      books.set(name, book);
      return book;
    },
    async close() {
      await Promise.all([...books.values()].map((book) => book.close()));
      books.clear();
      await connection?.disconnect(false);
    },
  };
}

/** Bottleneck's own clustering: several machines then share a book's calls in flight and its minute. */
function openRedis(url: string): Bottleneck.IORedisConnection {
  const connection = new Bottleneck.IORedisConnection({ client: new Redis(url) });
  // Without a listener a lost Redis would end the process; the calls that need it fail by themselves.
  connection.on('error', () => undefined);
  return connection;
}

class OneBook implements BookLimiter {
  readonly #clock: Clock;
  readonly #queue: Bottleneck;
  readonly #isShared: boolean;
  readonly #windows: RollingWindow[];
  readonly #day: DayBudget | null;
  readonly #closing = new AbortController();
  #pausedUntil = 0;
  #parkedUntil = 0;

  constructor(
    name: string,
    platform: Platform,
    options: LimitsOptions,
    connection: Bottleneck.IORedisConnection | null,
  ) {
    const rule = RULES[platform];
    this.#clock = options.clock;
    const windows = options.keepPace === false ? [] : rule.windows;
    this.#windows = windows.map((window) => new RollingWindow(window));
    this.#day = platform === 'xero' ? new DayBudget(options.xeroDayLimit) : null;
    this.#isShared = connection !== null;
    this.#queue = new Bottleneck({
      id: `duebook:${name}`,
      maxConcurrent: rule.inFlight,
      ...(connection === null ? {} : sharedRule(rule, connection)),
    });
    this.#queue.on('error', () => undefined);
  }

  async run<T>(priority: Priority, call: () => Promise<T>): Promise<T> {
    this.#refuseWhenSpent(priority);
    const rank = priority === 'interactive' ? 1 : 5;
    const turn = { began: false };
    try {
      await this.#ready();
      return await this.#queue.schedule({ priority: rank }, async () => {
        turn.began = true;
        await this.#turn(priority);
        return call();
      });
    } catch (error) {
      // What fails before the turn is the queue's own doing: closed, or its Redis is gone.
      if (turn.began) throw error;
      throw new LedgerError('unavailable', 'the call was dropped before it was made');
    }
  }

  /** With Redis: a call fails when it cannot be reached, and does not wait for it for ever. */
  async #ready(): Promise<void> {
    if (!this.#isShared) return;
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error('Redis does not answer'));
      }, REDIS_MS_MAX);
    });
    try {
      await Promise.race([this.#queue.ready(), tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }

  observe(report: RateReport): void {
    const now = this.#now();
    if (report.minuteRemaining !== undefined)
      this.#windows.at(-1)?.atMostLeft(report.minuteRemaining, now);
    if (report.dayRemaining !== undefined) this.#day?.correct(report.dayRemaining, now);
    if (report.problem === undefined && report.retryAfterMs === undefined) return;
    const problem = report.problem ?? 'unknown';
    const waitMs = report.retryAfterMs ?? PAUSE_MS[problem];
    if (problem === 'day' || waitMs > WAIT_MS_MAX) this.#parkedUntil = now + waitMs;
    else this.#pausedUntil = Math.max(this.#pausedUntil, now + waitMs);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    // Resolves when the last running call has ended, and one that hangs would hold up the end of the process.
    void this.#queue.stop({ dropWaitingJobs: true }).catch(() => undefined);
    await this.#queue.disconnect(false);
  }

  /** Waits until the pause is over and every window has room, then takes the place. */
  async #turn(priority: Priority): Promise<void> {
    for (;;) {
      this.#refuseWhenSpent(priority);
      const now = this.#now();
      const waitMs = this.#waitMs(now);
      if (waitMs <= 0) {
        for (const window of this.#windows) window.take(now);
        this.#day?.take(now);
        return;
      }
      await this.#sleep(waitMs);
    }
  }

  #waitMs(now: number): number {
    const pauseMs = Math.min(this.#pausedUntil - now, WAIT_MS_MAX);
    // Jitter, so that calls which were refused together do not come back together.
    const restMs = pauseMs > 0 ? pauseMs + this.#clock.random() * JITTER_MS_MAX : 0;
    return Math.max(restMs, ...this.#windows.map((window) => window.waitMs(now)));
  }

  async #sleep(ms: number): Promise<void> {
    try {
      await this.#clock.sleep(Math.ceil(ms), this.#closing.signal);
    } catch {
      throw new LedgerError('unavailable', 'the limiter was closed while a call waited');
    }
  }

  #refuseWhenSpent(priority: Priority): void {
    const now = this.#now();
    const parkedMs = this.#parkedUntil - now;
    if (parkedMs > 0) throw tooMany('the platform asked this book to wait', parkedMs);
    const spentMs = this.#day?.refusedForMs(priority, now) ?? 0;
    if (spentMs > 0) throw tooMany('the calls of the day for this book are used up', spentMs);
  }

  #now(): number {
    return this.#clock.now().getTime();
  }
}

function sharedRule(
  rule: PlatformRule,
  connection: Bottleneck.IORedisConnection,
): Bottleneck.ConstructorOptions {
  const perMinute = rule.windows.find((window) => window.ms === 60_000);
  const perSecond = rule.windows.find((window) => window.ms === 1_000);
  return {
    connection,
    // A book nobody calls any more leaves nothing behind in Redis.
    timeout: HOUR_MS,
    ...(perSecond === undefined ? {} : { minTime: perSecond.ms / perSecond.calls }),
    ...(perMinute === undefined
      ? {}
      : {
          reservoir: perMinute.calls,
          reservoirRefreshAmount: perMinute.calls,
          reservoirRefreshInterval: perMinute.ms,
        }),
  };
}

function tooMany(why: string, retryAfterMs: number): LedgerError {
  return new LedgerError('rate_limited', why, {}, { retryAfterMs: Math.ceil(retryAfterMs) });
}

/**
 * No more than `calls` in any stretch of `ms`. Xero's minute is a fixed window that begins at a
 * moment nobody is told, so only a rolling count is safe against every one of them.
 */
class RollingWindow {
  readonly #rule: WindowRule;
  #takenAt: number[] = [];

  constructor(rule: WindowRule) {
    this.#rule = rule;
  }

  waitMs(now: number): number {
    this.#forget(now);
    const oldest = this.#takenAt[this.#takenAt.length - this.#rule.calls];
    return oldest === undefined ? 0 : oldest + this.#rule.ms - now;
  }

  take(now: number): void {
    this.#takenAt.push(now);
  }

  /** The platform counts more than we did: another program calls this book too. Its calls are taken as made now. */
  atMostLeft(left: number, now: number): void {
    this.#forget(now);
    const unseen = this.#rule.calls - left - this.#takenAt.length;
    for (let count = 0; count < unseen; count += 1) this.#takenAt.push(now);
  }

  /** A stamp of the future means the clock was set back; it must not hold calls for hours. */
  #forget(now: number): void {
    const { ms } = this.#rule;
    this.#takenAt = this.#takenAt.filter((at) => at > now - ms && at <= now);
  }
}

/**
 * The day's calls. The platform's window begins at an hour it does not tell, so the own count runs
 * 24 hours from the first call, and what the platform says is left is believed for an hour: then
 * one call may look again.
 */
class DayBudget {
  readonly #limit: number;
  readonly #kept: number;
  #used = 0;
  #countedSince: number | null = null;
  #told: { left: number; at: number } | null = null;

  constructor(limit: number) {
    this.#limit = limit;
    this.#kept = Math.floor(limit * KEPT_FOR_PEOPLE);
  }

  take(now: number): void {
    this.#startOver(now);
    this.#countedSince ??= now;
    this.#used += 1;
    // The one call that looks again: until it answers, the old figure holds for the others.
    if (this.#told !== null && this.#isStale(now)) this.#told.at = now;
  }

  correct(left: number, now: number): void {
    // Much more left than before (answers may overtake each other a little): the platform's day began anew.
    if (this.#told !== null && left > this.#told.left + 10) this.#restart(now);
    this.#told = { left, at: now };
  }

  /** 0 when a call may go now. */
  refusedForMs(priority: Priority, now: number): number {
    this.#startOver(now);
    const floor = priority === 'interactive' ? 0 : this.#kept;
    if (this.#limit - this.#used <= floor) return (this.#countedSince ?? now) + DAY_MS - now;
    if (this.#told === null || this.#isStale(now) || this.#told.left > floor) return 0;
    return this.#told.at + HOUR_MS - now;
  }

  #isStale(now: number): boolean {
    return this.#told !== null && (now - this.#told.at >= HOUR_MS || now < this.#told.at);
  }

  #startOver(now: number): void {
    const since = this.#countedSince;
    if (since !== null && (now - since >= DAY_MS || now < since)) this.#restart(now);
  }

  #restart(now: number): void {
    this.#used = 0;
    this.#countedSince = now;
  }
}
