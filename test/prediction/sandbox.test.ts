/**
 * The sandbox's own books, whose customers' true chances are known: how much of what could be known at
 * all is known. Skill is the log-loss of the overall rate less ours, over the overall rate's less the
 * truth's, on invoices of customers with so many matured ones.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Day } from '../../src/domain/day.ts';
import { predictForward } from '../../src/domain/predict/backtest.ts';
import { arrangeHistory, lastDayOf } from '../../src/domain/predict/history.ts';
import { scoreLate } from '../../src/domain/predict/scores.ts';
import type { SimulatedInvoice } from '../support/payment-simulator.ts';
import { sandboxHistory } from '../support/sandbox-history.ts';

const SEEDS = [101, 102, 103];
const INVOICES = 6_000;

interface Judged {
  late: 0 | 1;
  ours: number;
  truth: number;
  /** Of the same customer, on the day of the invoice. */
  matured: number;
  overall: number;
  isWithinP80: boolean | null;
}

const judged: Judged[] = [];
beforeAll(() => {
  for (const seed of SEEDS) judged.push(...judge(sandboxHistory(seed, INVOICES)));
}, 120_000);

function judge(invoices: readonly SimulatedInvoice[]): Judged[] {
  const history = arrangeHistory(invoices);
  const until = (lastDayOf(history) ?? 0) + 1;
  const dueDays = dueDaysByCustomer(invoices);
  const found: Judged[] = [];
  predictForward(history, until, (i, { ours, plain }) => {
    const invoice = invoices[history.source[i] ?? -1];
    if (invoice === undefined) throw new RangeError('no such invoice');
    const { dueOn, paidOn, issuedOn, customer, trueLate } = invoice;
    const p80On = dueOn + ours.p80;
    const isPaidBy = paidOn !== null && paidOn <= p80On;
    if (dueOn >= until) return;
    found.push({
      late: paidOn !== null && paidOn <= dueOn ? 0 : 1,
      ours: ours.late,
      truth: trueLate,
      matured: (dueDays.get(customer) ?? []).filter((due) => due < issuedOn).length,
      overall: plain.overallRate,
      isWithinP80: p80On < until ? isPaidBy : null,
    });
  });
  return found;
}

function dueDaysByCustomer(invoices: readonly SimulatedInvoice[]): Map<string, Day[]> {
  const days = new Map<string, Day[]>();
  for (const { customer, dueOn } of invoices) {
    days.set(customer, [...(days.get(customer) ?? []), dueOn]);
  }
  return days;
}

const logLoss = (list: readonly Judged[], chance: (one: Judged) => number): number =>
  list.reduce((sum, one) => sum - Math.log(one.late === 1 ? chance(one) : 1 - chance(one)), 0) /
  list.length;

function skill(list: readonly Judged[]): number {
  const overall = logLoss(list, (one) => one.overall);
  return (
    (overall - logLoss(list, (one) => one.ours)) / (overall - logLoss(list, (one) => one.truth))
  );
}

describe('the share of the achievable skill', () => {
  test('is at least 85 % for customers with more than ten matured invoices', () => {
    const known = judged.filter((one) => one.matured > 10);
    expect(known.length).toBeGreaterThan(4_000);
    expect(skill(known)).toBeGreaterThan(0.85);
    expect(skill(known)).toBeLessThan(1.01);
  });

  test('is at least 50 % for customers with three to five', () => {
    const young = judged.filter((one) => one.matured >= 3 && one.matured <= 5);
    expect(young.length).toBeGreaterThan(400);
    expect(skill(young)).toBeGreaterThan(0.5);
  });
});

test('the calibration error is below 0.03', () => {
  const scores = scoreLate(
    judged.map((one) => one.ours),
    judged.map((one) => one.late),
  );
  expect(scores?.calibrationError).toBeLessThan(0.03);
});

test('P80 covers 77 to 83 %', () => {
  const counted = judged.filter((one) => one.isWithinP80 !== null);
  const covered = counted.filter((one) => one.isWithinP80 === true).length / counted.length;
  expect(covered).toBeGreaterThan(0.77);
  expect(covered).toBeLessThan(0.83);
});
