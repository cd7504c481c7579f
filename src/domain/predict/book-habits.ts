/**
 * What to expect of a customer before knowing much of it: the book's own habits. The late rates of all
 * customers are taken as drawn from one bell of rates (a beta distribution fitted on the book); a thin
 * history is pulled towards its middle, a long one stands for itself. With a middle of 30 % worth four
 * invoices, a customer late once in one stands at (0.3 · 4 + 1) / (4 + 1) = 44 %.
 */
import { at, clamp, digamma } from './numbers.ts';
import { decay } from './recent-delays.ts';
import type { TrackRecords } from './track-record.ts';

export interface BookHabits {
  /** The middle of the customers' late rates, and how many invoices it is worth. */
  lateRate: number;
  lateWorth: number;
  /** Late rate of customers' first invoices. */
  newLateRate: number;
  /** The middle of the customers' mean delays, and how many invoices it is worth. */
  delay: number;
  delayWorth: number;
  /** The usual distance of a delay from its customer's own usual one. */
  spread: number;
  /** How far apart delays of the whole book lie. */
  width: number;
}

/** More customers than this tell nothing new about the book. */
const MAX_CUSTOMERS = 2_000;

export function bookHabits(records: TrackRecords, day: number): BookHabits {
  const sample = sampleCustomers(records, day);
  const { lateRate, lateWorth } = fitLateRates(sample.late, sample.matured);
  return {
    lateRate,
    lateWorth,
    newLateRate: (records.firstLate + 10 * lateRate) / (records.firstMatured + 10),
    ...fitDelays(sample),
  };
}

interface Sample {
  late: number[];
  matured: number[];
  /** Each customer's latest delays, not decayed. */
  delays: number[][];
}

function sampleCustomers(records: TrackRecords, day: number): Sample {
  const sample: Sample = { late: [], matured: [], delays: [] };
  const known = records.customers.filter((record) => record.maturedCount > 0);
  const step = Math.max(1, Math.ceil(known.length / MAX_CUSTOMERS));
  for (let c = 0; c < known.length; c += step) {
    const record = known[c];
    if (record === undefined) continue;
    const mature = decay(day - record.maturedOn);
    sample.late.push(record.late * mature);
    sample.matured.push(record.matured * mature);
    sample.delays.push(Array.from(record.recent.delay.subarray(0, record.recent.count)));
  }
  return sample;
}

/**
 * Minka's fixed point for the beta-binomial ("Estimating a Dirichlet distribution", 2000). One imagined
 * customer of either extreme keeps it finite where all customers behave alike.
 */
export function fitLateRates(
  late: readonly number[],
  matured: readonly number[],
): { lateRate: number; lateWorth: number } {
  let alpha = 1;
  let beta = 1;
  for (let round = 0; round < 60; round += 1) {
    let [up, down, all] = [0, 0, 0];
    for (let c = -2; c < late.length; c += 1) {
      const n = c < 0 ? 1 : at(matured, c);
      const y = c < 0 ? (c === -1 ? 0.75 : 0.25) : at(late, c);
      up += digamma(y + alpha) - digamma(alpha);
      down += digamma(n - y + beta) - digamma(beta);
      all += digamma(n + alpha + beta) - digamma(alpha + beta);
    }
    const [nextAlpha, nextBeta] = [(alpha * up) / all, (beta * down) / all];
    const moved = Math.abs(nextAlpha - alpha) + Math.abs(nextBeta - beta);
    alpha = clamp(nextAlpha, 0.01, 1_000);
    beta = clamp(nextBeta, 0.01, 1_000);
    if (moved < 1e-4 * (alpha + beta)) break;
  }
  return {
    lateRate: alpha / (alpha + beta),
    lateWorth: clamp(alpha + beta, 0.5, 200),
  };
}

/** Middle and worth by comparing how much delays differ within customers and between them. */
function fitDelays(sample: Sample): Pick<BookHabits, 'delay' | 'delayWorth' | 'spread' | 'width'> {
  const all = sample.delays.flat();
  if (all.length < 5) return { delay: 0, delayWorth: 4, spread: 7, width: 10 };
  const middle = medianOf(all);
  const width = Math.max(1, 1.4826 * medianOf(all.map((delay) => Math.abs(delay - middle))));
  const reach = 4 * width;
  const means: number[] = [];
  const within: number[] = [];
  const distances: number[] = [];
  for (const delays of sample.delays) {
    if (delays.length < 2) continue;
    const kept = delays.map((delay) => clamp(delay, middle - reach, middle + reach));
    const mean = sum(kept) / kept.length;
    const own = medianOf(kept);
    means.push(mean);
    within.push(sum(kept.map((delay) => (delay - mean) ** 2)) / (kept.length - 1));
    distances.push(sum(kept.map((delay) => Math.abs(delay - own))) / (kept.length - 1));
  }
  if (means.length < 3) return { delay: middle, delayWorth: 4, spread: width, width };
  const noise = sum(within) / within.length;
  const centre = medianOf(means);
  const counts = sample.delays.filter((delays) => delays.length > 1).map((delays) => delays.length);
  const perMean = noise * (sum(counts.map((count) => 1 / count)) / counts.length);
  const between = sum(means.map((mean) => (mean - centre) ** 2)) / means.length - perMean;
  return {
    delay: centre,
    delayWorth: clamp(noise / Math.max(between, 1e-6), 0.5, 50),
    spread: Math.max(0.5, medianOf(distances)),
    width,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? at(sorted, half) : (at(sorted, half - 1) + at(sorted, half)) / 2;
}
