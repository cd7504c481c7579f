/**
 * Who may call a ledger, and when. Each book's calls are counted in one place for all processes
 * (call-count.ts); here they queue for their turn, people beside background work, so that neither
 * waits behind the other. A short "try again" is waited for. A day limit never is: it parks the book
 * with an error that names the time. No book waits for another.
 */
import { randomUUID } from 'node:crypto';
import Bottleneck from 'bottleneck';
import type { Clock } from '../src/clock.ts';
import type { Platform } from '../src/domain/receivables.ts';
import { LedgerError } from '../src/errors.ts';
import {
  type CallCount,
  type CallRule,
  type CountPlace,
  endCall,
  NO_CALLS,
  type Priority,
  type RateReport,
  takeTurn,
} from './call-count.ts';

export interface BookLimiter {
  /**
   * Makes the call when its turn has come, and hears what its answer says about the budget. Throws
   * LedgerError `rate_limited` with retryAfterMs when the day's budget is gone, the book is parked, or
   * the call would have to wait for longer than `waitMsMax`.
   */
  run<T>(
    priority: Priority,
    call: (hear: (report: RateReport) => void) => Promise<T>,
    waitMsMax?: number,
  ): Promise<T>;
}

export interface Limits {
  forBook(platform: Platform, key: string): BookLimiter;
  close(): void;
}

// Xero: 5 in flight and 60 a minute per organisation. Intuit: 10 in flight, 10 a second, 500 a
// minute per company, of which some is left for other apps.
const RULES: Readonly<Record<Platform, Omit<CallRule, 'dayCalls'>>> = {
  xero: { inFlight: 5, windows: [{ calls: 60, ms: 60_000 }] },
  quickbooks: {
    inFlight: 8,
    windows: [
      { calls: 8, ms: 1_000 },
      { calls: 450, ms: 60_000 },
    ],
  },
};

/** So that calls which were refused together do not come back together. */
const JITTER_MS_MAX = 1_000;
/** How often it is asked whether another process's call has been answered. */
const ASK_AGAIN_MS = 100;

export interface LimitsOptions {
  clock: Clock;
  xeroDayLimit: number;
  /** The vendors' calls per second and minute are kept; false only where the vendor is our own sandbox. */
  keepPace?: boolean;
  /** In memory when not given: right for one process, and for one only. */
  counts?: CountPlace;
}

export function createLimits(options: LimitsOptions): Limits {
  const books = new Map<string, OneBook>();
  return {
    forBook(platform, key) {
      const name = `${platform}:${key}`;
      const known = books.get(name);
      if (known !== undefined) return known;
      const book = new OneBook(name, ruleOf(platform, options), options);
      books.set(name, book);
      return book;
    },
    close() {
      for (const book of books.values()) book.close();
      options.counts?.close();
    },
  };
}

function ruleOf(platform: Platform, options: LimitsOptions): CallRule {
  const { inFlight, windows } = RULES[platform];
  return {
    inFlight,
    windows: options.keepPace === false ? [] : windows,
    dayCalls: platform === 'xero' ? options.xeroDayLimit : null,
  };
}

class OneBook implements BookLimiter {
  readonly #name: string;
  readonly #rule: CallRule;
  readonly #clock: Clock;
  readonly #shared: CountPlace | null;
  /** As it was last met: with others about, it is right only if it can be swapped. */
  #count = NO_CALLS;
  /** One call of each kind looks for its turn; the others wait behind it, in order. */
  readonly #lines: Readonly<Record<Priority, Bottleneck>> = {
    interactive: new Bottleneck({ maxConcurrent: 1 }),
    background: new Bottleneck({ maxConcurrent: 1 }),
  };
  readonly #closing = new AbortController();
  #ownUnderWay = 0;
  /** Told when a call of this process ends. */
  #waiting: (() => void)[] = [];

  constructor(name: string, rule: CallRule, { clock, counts }: LimitsOptions) {
    this.#name = name;
    this.#rule = rule;
    this.#clock = clock;
    this.#shared = counts ?? null;
  }

  async run<T>(
    priority: Priority,
    call: (hear: (report: RateReport) => void) => Promise<T>,
    waitMsMax = Infinity,
  ): Promise<T> {
    const id = randomUUID();
    await this.#lines[priority].schedule(() => this.#turn(priority, id, waitMsMax));
    let report: RateReport = {};
    this.#ownUnderWay += 1;
    try {
      return await call((heard) => {
        report = heard;
      });
    } finally {
      await this.#end(id, report);
    }
  }

  /** Calls that wait fail one after the other; those under way end by themselves. */
  close(): void {
    this.#closing.abort();
    this.#wake();
  }

  /** Waits until the count has room, and takes the place. */
  async #turn(priority: Priority, id: string, waitMsMax: number): Promise<void> {
    for (;;) {
      if (this.#closing.signal.aborted) throw closed();
      const turn = await this.#change((count) =>
        takeTurn(count, this.#rule, { id, priority }, this.#now()),
      );
      if (turn.kind === 'go') return;
      if (turn.kind === 'refused') throw tooMany(turn.why, turn.ms);
      if (turn.for === 'answer') await this.#someAnswer();
      else if (turn.ms > waitMsMax) throw tooMany('the calls of this minute are used up', turn.ms);
      else if (turn.for === 'window') await this.#sleep(turn.ms);
      else await this.#sleep(turn.ms + this.#clock.random() * JITTER_MS_MAX);
    }
  }

  async #end(id: string, report: RateReport): Promise<void> {
    this.#ownUnderWay -= 1;
    try {
      await this.#change((count) => [
        endCall(count, this.#rule, { id, report }, this.#now()),
        null,
      ]);
    } catch {
      // The call was made, whatever becomes of its count: left under way, it runs out by itself.
    }
    this.#wake();
  }

  /** Lets `decide` change the count, with nobody in between. */
  async #change<T>(decide: (count: CallCount) => readonly [CallCount, T]): Promise<T> {
    for (;;) {
      const before = this.#count;
      const [after, result] = decide(before);
      if (this.#shared === null || (await this.#shared.swap(this.#name, before, after))) {
        this.#count = after;
        return result;
      }
      this.#count = await this.#shared.read(this.#name);
    }
  }

  async #someAnswer(): Promise<void> {
    if (this.#ownUnderWay === 0) return this.#sleep(ASK_AGAIN_MS);
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const go of this.#waiting.splice(0)) go();
  }

  async #sleep(ms: number): Promise<void> {
    try {
      await this.#clock.sleep(Math.ceil(ms), this.#closing.signal);
    } catch {
      throw closed();
    }
  }

  #now(): number {
    return this.#clock.now().getTime();
  }
}

function closed(): LedgerError {
  return new LedgerError('unavailable', 'the limiter was closed before the call was made');
}

function tooMany(why: string, retryAfterMs: number): LedgerError {
  return new LedgerError('rate_limited', why, {}, { retryAfterMs: Math.ceil(retryAfterMs) });
}
