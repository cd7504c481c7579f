/**
 * What asking brings: promises kept, calls that reached the person who pays, and what happens after a
 * step of the policy. An effect can only be told against customers who were left alone by chance, so
 * without a hold-out there is no comparison, however soon they paid.
 * 62 of 100 paid within a week of the reminder and 55 of 100 in the hold-out: 7 points more, and the
 * intervals (52–71 and 45–64) overlap, so it may be chance.
 */
import { daysBetween } from '../day.ts';
import { customerDrill, PerCurrency, shareOf, TopRows } from './collect.ts';
import type { Accumulator, Figure, Metric, MetricContext, Part } from './metric.ts';

function beginPromises({ from, asOn }: MetricContext): Accumulator {
  const tallies = new PerCurrency(() => ({
    ...{ due: 0, kept: 0, partly: 0, broken: 0, dueMinor: 0, keptMinor: 0 },
    rows: new TopRows(),
  }));
  return {
    promise(row) {
      if (row.payOn < from || row.payOn >= asOn || row.promisedMinor <= 0) return;
      const tally = tallies.of(row.currency);
      const isKept = row.arrivedMinor >= row.promisedMinor;
      tally.due += 1;
      tally.dueMinor += row.promisedMinor;
      if (isKept) {
        tally.kept += 1;
        tally.keptMinor += row.promisedMinor;
      } else if (row.arrivedMinor > 0) tally.partly += 1;
      else tally.broken += 1;
      const who = { id: row.customerId, name: row.customerName };
      const missing = Math.max(0, row.promisedMinor - row.arrivedMinor);
      tally.rows.add(customerDrill(who, missing, 'money'));
    },
    figures: () =>
      tallies.figures(({ due, kept, partly, broken, dueMinor, keptMinor, rows }) => ({
        value: shareOf(kept, due),
        note: null,
        parts: [
          { name: 'by value', value: shareOf(keptMinor, dueMinor), unit: 'share' },
          { name: 'kept', value: kept, unit: 'count' },
          { name: 'partly kept', value: partly, unit: 'count' },
          { name: 'broken', value: broken, unit: 'count' },
        ],
        ...rows.list,
      })),
  };
}

function beginCalls({ from, asOn }: MetricContext): Accumulator {
  let made = 0;
  let reached = 0;
  const rows = new TopRows();
  return {
    call(row) {
      if (row.on < from || row.on > asOn) return;
      made += 1;
      if (row.reachedPayer) reached += 1;
      const who = { id: row.customerId, name: row.customerName };
      rows.add(customerDrill(who, row.reachedPayer ? 1 : 0, 'count'));
    },
    figures: () =>
      made === 0
        ? []
        : [
            {
              currency: null,
              value: reached / made,
              note: null,
              parts: [
                { name: 'calls', value: made, unit: 'count' },
                { name: 'reached', value: reached, unit: 'count' },
              ],
              ...rows.list,
            },
          ],
  };
}

/** Payment within a week is laid at the step's door. */
const WEEK = 7;
/** Waiting longer than this is counted as this; it only bounds what is kept. */
const WAIT_MAX = 730;

interface Group {
  /** Payments by the days they took after the step. */
  paidAfter: number[];
  /** Those that were followed for the whole week. */
  followed: number;
  paidInWeek: number;
  count: number;
}

const newGroup = (): Group => ({ paidAfter: [], followed: 0, paidInWeek: 0, count: 0 });

function beginSteps({ from, asOn }: MetricContext): Accumulator {
  const steps = new Map<string, { treated: Group; heldOut: Group; rows: TopRows }>();
  return {
    step(row) {
      if (row.on < from || row.on > asOn) return;
      if (row.paidOn !== null && row.paidOn < row.on) return;
      const known = steps.get(row.step);
      const step = known ?? { treated: newGroup(), heldOut: newGroup(), rows: new TopRows() };
      if (known === undefined) steps.set(row.step, step);
      const paidOn = row.paidOn !== null && row.paidOn <= asOn ? row.paidOn : null;
      addToGroup(row.isHeldOut ? step.heldOut : step.treated, daysBetween(row.on, asOn), {
        after: paidOn === null ? null : daysBetween(row.on, paidOn),
      });
      const waited = daysBetween(row.on, paidOn ?? asOn);
      step.rows.add({
        ...{ customerId: row.customerId, customerName: row.customerName },
        ...{ invoiceId: row.invoiceId, label: row.number, contribution: waited, unit: 'days' },
      });
    },
    figures: () =>
      [...steps.entries()]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([step, groups]) => stepFigure(step, groups)),
  };
}

function addToGroup(group: Group, followedDays: number, paid: { after: number | null }): void {
  group.count += 1;
  const { after } = paid;
  if (after !== null) {
    const days = Math.min(after, WAIT_MAX);
    group.paidAfter[days] = (group.paidAfter[days] ?? 0) + 1;
  }
  if (followedDays < WEEK) return;
  group.followed += 1;
  if (after !== null && after <= WEEK) group.paidInWeek += 1;
}

function stepFigure(
  step: string,
  { treated, heldOut, rows }: { treated: Group; heldOut: Group; rows: TopRows },
): Figure {
  const value = shareOf(treated.paidInWeek, treated.followed);
  const base = shareOf(heldOut.paidInWeek, heldOut.followed);
  return {
    currency: null,
    value,
    note: `${step}: ${comparison(treated, heldOut, value, base)}`,
    parts: [...groupParts('after the step', treated), ...groupParts('hold-out', heldOut)],
    ...rows.list,
  };
}

function comparison(
  treated: Group,
  heldOut: Group,
  value: number | null,
  base: number | null,
): string {
  if (base === null) {
    return 'no customer was held out, so what would have come in without it cannot be told.';
  }
  if (value === null) return 'nobody was followed for a week after it yet.';
  const points = Math.round((value - base) * 100);
  const [low, high] = wilson(treated.paidInWeek, treated.followed);
  const [baseLow, baseHigh] = wilson(heldOut.paidInWeek, heldOut.followed);
  const verdict =
    low <= baseHigh && baseLow <= high
      ? 'the intervals overlap, so it may be chance'
      : 'more than chance would do';
  return `${points >= 0 ? '+' : '−'}${Math.abs(points)} points against the hold-out; ${verdict}.`;
}

function groupParts(name: string, group: Group): Part[] {
  if (group.count === 0) return [];
  const [low, high] = wilson(group.paidInWeek, group.followed);
  const isFollowed = group.followed > 0;
  return [
    { name: `${name}: invoices`, value: group.count, unit: 'count' },
    {
      name: `${name}: paid within 7 days`,
      value: shareOf(group.paidInWeek, group.followed),
      unit: 'share',
    },
    { name: `${name}: at least`, value: isFollowed ? low : null, unit: 'share' },
    { name: `${name}: at most`, value: isFollowed ? high : null, unit: 'share' },
    ...medianParts(name, group),
  ];
}

/** Half of all had paid by then; null while fewer than half have. With its 95 % interval by ranks. */
function medianParts(name: string, group: Group): Part[] {
  const spread = 0.98 * Math.sqrt(group.count);
  const half = group.count / 2;
  return [
    { name: `${name}: median days to payment`, value: dayOfRank(group, half), unit: 'days' },
    {
      name: `${name}: median at least`,
      value: dayOfRank(group, Math.max(1, half - spread)),
      unit: 'days',
    },
    { name: `${name}: median at most`, value: dayOfRank(group, half + spread), unit: 'days' },
  ];
}

function dayOfRank(group: Group, rank: number): number | null {
  let paid = 0;
  for (let days = 0; days < group.paidAfter.length; days += 1) {
    paid += group.paidAfter[days] ?? 0;
    if (paid >= rank) return days;
  }
  return null;
}

const Z = 1.96;

/** Wilson's 95 % interval of a share: honest for small numbers. 0 of 10 is 0 to 28 %. */
export function wilson(hits: number, count: number): [number, number] {
  if (count === 0) return [0, 1];
  const share = hits / count;
  const z2 = Z * Z;
  const centre = share + z2 / (2 * count);
  const spread = Z * Math.sqrt((share * (1 - share)) / count + z2 / (4 * count * count));
  const scale = 1 + z2 / count;
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)];
}

export const CONTACT_METRICS: readonly Metric[] = [
  {
    id: 'promise-kept',
    name: 'Promise-kept rate',
    formula:
      'Promises paid in full by their day and the grace ÷ promises that fell due in the period; also by value.',
    includes:
      'Promises whose day lies in the period and has passed; partly kept and broken ones apart.',
    unit: 'share',
    begin: beginPromises,
  },
  {
    id: 'right-party',
    name: 'Right-party contact rate',
    formula: 'Calls that reached the person who pays ÷ calls made.',
    includes: 'Calls with an outcome in the period.',
    unit: 'share',
    begin: beginCalls,
  },
  {
    id: 'step-effect',
    name: 'Effectiveness of steps',
    formula:
      'Invoices paid within 7 days after a step ÷ invoices followed for 7 days after it, beside the same for customers held out by chance.',
    includes:
      'Invoices that caused a message or task in the period; those paid before it are left out. Intervals are of 95 %.',
    unit: 'share',
    begin: beginSteps,
  },
];
