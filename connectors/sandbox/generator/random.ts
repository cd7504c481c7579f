/** Chance that can be repeated: sfc32, seeded from a text. The same seed gives the same books on every machine. */
import type { Day } from '../../../src/domain/day.ts';

export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: string) {
    [this.#a, this.#b, this.#c] = hash128(seed);
    for (let i = 0; i < 12; i += 1) this.next();
  }

  /** 0 ≤ x < 1. */
  next(): number {
    const t = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + t) | 0;
    return (t >>> 0) / 4_294_967_296;
  }

  /** A whole number from `min` to `max`, both possible. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.int(0, items.length - 1)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }

  /** Bell curve around `mean`. */
  normal(mean: number, deviation: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return mean + deviation * radius * Math.cos(2 * Math.PI * this.next());
  }

  days(mean: number, deviation: number): number {
    return Math.round(this.normal(mean, deviation));
  }

  dayBetween(from: Day, to: Day): Day {
    return this.int(from, to) as Day;
  }
}

/** Four well-mixed 32-bit numbers of a text (the finaliser of MurmurHash3). */
export function hash128(text: string): [number, number, number, number] {
  const state: [number, number, number, number] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x6a09e667];
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    for (let lane = 0; lane < 4; lane += 1) {
      const mixed = Math.imul((state[lane] ?? 0) ^ (code + lane), 0x5bd1e995 + 2 * lane);
      state[lane] = mixed ^ (mixed >>> 15);
    }
  }
  return state.map(finalise) as [number, number, number, number];
}

function finalise(value: number, lane: number): number {
  let mixed = value ^ (lane * 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** A stable id in the form of a random UUID. */
export function stableUuid(text: string): string {
  const hex = hash128(text)
    .map((part) => part.toString(16).padStart(8, '0'))
    .join('');
  const variant = '89ab'[parseInt(hex.slice(16, 17), 16) % 4] ?? '8';
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-');
}
