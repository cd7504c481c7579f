/**
 * Invented payment histories whose customers' true habits are known, so that a prediction can be
 * measured against the best that anybody could do. Each regime is a way real books differ: how
 * strongly customers differ, whether they change, pay in runs, dispute, default, or are all new.
 */
import {
  dueBy,
  fridayOnOrAfter,
  monthEndOnOrAfter,
  onWorkday,
} from '../../connectors/sandbox/generator/calendar.ts';
import type { Terms } from '../../connectors/sandbox/generator/plan.ts';
import { Random } from '../../connectors/sandbox/generator/random.ts';
import { addDays, day, type Day } from '../../src/domain/day.ts';
import type { PaymentObservation } from '../../src/domain/predict/observation.ts';

/** An invoice with the chance of being late that its customer really had. */
export interface SimulatedInvoice extends PaymentObservation {
  trueLate: number;
}

export interface Regime {
  customers: number;
  invoices: number;
  days: number;
  /** Days after the due date of one invoice; Infinity: never paid. */
  delay(random: Random, habit: Habit, at: { issuedOn: Day; dueOn: Day; dayNumber: number }): number;
  habit(random: Random, n: number): Habit;
  /** How unevenly invoices fall on customers: 0 evenly, 1 strongly. */
  skew: number;
  terms: readonly Terms[];
  /** Facts are known until this many days after the first invoice; default: until all is paid. */
  knownUntilDay?: number;
}

export interface Habit {
  kind: string;
  /** Usual days after the due date, and their scatter. */
  mean: number;
  scatter: number;
  /** When habits change, and to what. */
  changesOnDay?: number;
  laterMean?: number;
}

const START = day('2023-01-09');
const NET_30: Terms = { kind: 'days', days: 30 };

export function simulate(regime: Regime, seed: number): SimulatedInvoice[] {
  const random = new Random(`payments/${seed}`);
  const chance = new Random(`truth/${seed}`);
  const habits = Array.from({ length: regime.customers }, (_, n) => regime.habit(random, n));
  const weights = habits.map(() => Math.pow(1 - random.next(), -regime.skew));
  const terms = habits.map(() => random.pick(regime.terms));
  const pick = weightedPick(random, weights);
  const knownUntil = regime.knownUntilDay ?? Infinity;
  const invoices: SimulatedInvoice[] = [];
  for (let i = 0; i < regime.invoices; i += 1) {
    const dayNumber = random.int(0, regime.days);
    if (dayNumber > knownUntil) continue;
    const n = pick();
    const issuedOn = addDays(START, dayNumber);
    const dueOn = dueBy(terms[n]!, issuedOn);
    const at = { issuedOn, dueOn, dayNumber };
    const habit = habits[n]!;
    const paidOn = payDay(regime.delay(random, habit, at), at);
    const isKnown = paidOn !== null && paidOn <= START + knownUntil;
    invoices.push({
      customer: `C${n}`,
      issuedOn,
      dueOn,
      paidOn: isKnown ? paidOn : null,
      amountMinor: Math.round(Math.exp(random.normal(Math.log(60_000), 0.7))),
      currency: 'USD',
      trueLate: lateShare(chance, regime, habit, at),
    });
  }
  return invoices;
}

type At = Parameters<Regime['delay']>[2];

function payDay(delay: number, at: At): Day | null {
  return delay === Infinity ? null : (Math.max(at.issuedOn, at.dueOn + Math.round(delay)) as Day);
}

function lateShare(random: Random, regime: Regime, habit: Habit, at: At): number {
  const draws = 100;
  let late = 0;
  for (let i = 0; i < draws; i += 1) {
    const paidOn = payDay(regime.delay(random, habit, at), at);
    if (paidOn === null || paidOn > at.dueOn) late += 1;
  }
  return (late + 0.5) / (draws + 1);
}

function weightedPick(random: Random, weights: readonly number[]): () => number {
  const cumulative: number[] = [];
  let total = 0;
  for (const weight of weights) cumulative.push((total += weight));
  return () => {
    const value = random.next() * total;
    let [low, high] = [0, cumulative.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle]! > value) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

function meanAt(habit: Habit, dayNumber: number): number {
  return habit.changesOnDay !== undefined && dayNumber >= habit.changesOnDay
    ? (habit.laterMean ?? habit.mean)
    : habit.mean;
}

/** A fixed habit with a bell curve around it; one invoice in five is disputed and takes longer. */
function disputed(random: Random, habit: Habit, at: At): number {
  const dispute = random.chance(0.22) ? random.normal(8, 3) : 0;
  return meanAt(habit, at.dayNumber) + random.normal(0, habit.scatter) + dispute;
}

/** Mostly near the habit, now and then very much later. */
function heavyTailed(random: Random, habit: Habit, at: At): number {
  const tail = random.chance(0.15) ? Math.exp(random.normal(3.2, 0.9)) : 0;
  return meanAt(habit, at.dayNumber) + random.normal(0, habit.scatter) + tail;
}

function inRuns(random: Random, habit: Habit, at: At): number {
  const { dueOn } = at;
  switch (habit.kind) {
    case 'month_end':
      return monthEndOnOrAfter(addDays(dueOn, habit.mean)) - dueOn;
    case 'friday':
      return fridayOnOrAfter(addDays(dueOn, habit.mean)) - dueOn;
    default:
      return (
        onWorkday(addDays(dueOn, Math.round(habit.mean + random.normal(0, habit.scatter)))) - dueOn
      );
  }
}

/** Every regime a prediction has to stand up to. */
export const REGIMES = {
  /** About 2,500 invoices of 100 customers over two years, fixed terms, a third late. */
  steady: {
    customers: 100,
    invoices: 2500,
    days: 700,
    skew: 0.15,
    terms: [NET_30],
    habit: (random) => {
      const mean = random.normal(-4, 9);
      return {
        kind: 'bell',
        mean,
        scatter: 4.5 + 2 * random.next(),
        changesOnDay: random.int(0, 1000),
        laterMean: mean - 6,
      };
    },
    delay: disputed,
  },
  /** Seven in ten late, long delays, uneven customers, terms of every length, habits that move. */
  heavilyLate: {
    customers: 420,
    invoices: 7000,
    days: 900,
    skew: 0.7,
    terms: [
      { kind: 'days', days: 14 },
      NET_30,
      { kind: 'days', days: 45 },
      { kind: 'days', days: 60 },
    ],
    habit: (random) => {
      const mean = random.normal(9, 17);
      return {
        kind: 'bell',
        mean,
        scatter: 4 + 14 * random.next(),
        changesOnDay: random.int(0, 1400),
        laterMean: mean + random.normal(6, 12),
      };
    },
    delay: heavyTailed,
  },
  payRuns: {
    customers: 150,
    invoices: 4000,
    days: 720,
    skew: 0.4,
    terms: [
      { kind: 'days', days: 14 },
      NET_30,
      { kind: 'following_month', dayOfMonth: 20 },
      { kind: 'after_month_end', days: 30 },
    ],
    habit: (random) => {
      const draw = random.next();
      if (draw < 0.35) return { kind: 'month_end', mean: random.int(-3, 3), scatter: 0 };
      if (draw < 0.7) return { kind: 'friday', mean: random.int(-4, 4), scatter: 0 };
      return { kind: 'bell', mean: random.normal(-2, 6), scatter: 4 };
    },
    delay: inRuns,
  },
  /** Every customer changes habits somewhere on the way. */
  drifting: {
    customers: 120,
    invoices: 4000,
    days: 800,
    skew: 0.3,
    terms: [NET_30],
    habit: (random) => ({
      kind: 'bell',
      mean: random.normal(-2, 10),
      scatter: 5,
      changesOnDay: random.int(50, 750),
      laterMean: random.normal(2, 10),
    }),
    delay: disputed,
  },
  /** Most customers have one to five invoices. */
  manyNew: {
    customers: 2200,
    invoices: 5000,
    days: 730,
    skew: 0.35,
    terms: [{ kind: 'days', days: 7 }, { kind: 'days', days: 14 }, NET_30],
    habit: (random) => ({ kind: 'bell', mean: random.normal(-2, 8), scatter: 6 }),
    delay: heavyTailed,
  },
  /** Less than a year of history. */
  short: {
    customers: 50,
    invoices: 700,
    days: 220,
    skew: 0.4,
    terms: [NET_30, { kind: 'days', days: 14 }],
    habit: (random) => ({ kind: 'bell', mean: random.normal(0, 9), scatter: 6 }),
    delay: disputed,
  },
  /** A small book with little in it: an invoice a day and less, most customers seen a few times. */
  sparse: {
    customers: 130,
    invoices: 700,
    days: 900,
    skew: 0.6,
    terms: [NET_30, { kind: 'days', days: 14 }],
    habit: (random) => ({ kind: 'bell', mean: random.normal(1, 10), scatter: 7 }),
    delay: heavyTailed,
  },
  /** A distributor: two large customers of very many, most pay within days of the due date, the last fifth is open. */
  distributor: {
    customers: 1_500,
    invoices: 50_000,
    days: 480,
    skew: 0.75,
    terms: [
      { kind: 'days', days: 15 },
      { kind: 'days', days: 15 },
      { kind: 'days', days: 20 },
      NET_30,
    ],
    knownUntilDay: 420,
    habit: (random) => ({
      kind: random.chance(0.1) ? 'loose' : 'exact',
      mean: random.normal(-1.5, 2.5),
      scatter: Math.exp(random.normal(0.6, 0.7)),
      changesOnDay: random.int(0, 900),
      laterMean: random.normal(-1, 3),
    }),
    delay: (random, habit, at) =>
      habit.kind === 'loose'
        ? heavyTailed(random, habit, at)
        : meanAt(habit, at.dayNumber) +
          random.normal(0, habit.scatter) +
          (random.chance(0.06) ? Math.exp(random.normal(2.7, 0.9)) : 0),
  },
  /** Some never pay, some stop paying, and the history ends in the middle of things. */
  defaults: {
    customers: 160,
    invoices: 5000,
    days: 760,
    skew: 0.4,
    terms: [{ kind: 'days', days: 14 }, NET_30],
    knownUntilDay: 700,
    habit: (random) => ({
      kind: random.chance(0.1) ? 'fails' : 'pays',
      mean: random.normal(1, 10),
      scatter: 6,
      changesOnDay: random.int(100, 900),
    }),
    delay: (random, habit, at) => {
      const failed = habit.kind === 'fails' && at.dayNumber > (habit.changesOnDay ?? 0);
      return failed || random.chance(0.03)
        ? Infinity
        : heavyTailed(random, { ...habit, laterMean: habit.mean }, at);
    },
  },
  /** One in twenty late: little to find, much to get wrong. */
  punctual: {
    customers: 120,
    invoices: 4000,
    days: 700,
    skew: 0.4,
    terms: [NET_30],
    habit: (random) => ({ kind: 'bell', mean: random.normal(-9, 3), scatter: 4 }),
    delay: (random, habit, at) => meanAt(habit, at.dayNumber) + random.normal(0, habit.scatter),
  },
  /** Nobody differs from anybody: there is nothing to learn but the rate. */
  noSignal: {
    customers: 100,
    invoices: 2500,
    days: 700,
    skew: 0.3,
    terms: [NET_30],
    habit: () => ({ kind: 'bell', mean: -3, scatter: 8 }),
    delay: (random, habit) => random.normal(habit.mean, habit.scatter),
  },
} satisfies Record<string, Regime>;
