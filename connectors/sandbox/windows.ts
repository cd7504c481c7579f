/** Counters that start anew after a fixed time, by the sandbox's clock: how both vendors count calls. */
export class FixedWindow {
  readonly limit: number;
  readonly #lengthMs: number;
  #startedAt = Number.NEGATIVE_INFINITY;
  #used = 0;

  constructor(limit: number, lengthMs: number) {
    this.limit = limit;
    this.#lengthMs = lengthMs;
  }

  /** Calls left in this window. */
  left(now: number): number {
    this.#roll(now);
    return this.limit - this.#used;
  }

  take(now: number): void {
    this.#roll(now);
    this.#used += 1;
  }

  /** Whole seconds until the window starts anew, at least one. */
  secondsLeft(now: number): number {
    return Math.max(1, Math.ceil((this.#startedAt + this.#lengthMs - now) / 1000));
  }

  #roll(now: number): void {
    if (now >= this.#startedAt + this.#lengthMs || now < this.#startedAt) {
      this.#startedAt = now;
      this.#used = 0;
    }
  }
}
