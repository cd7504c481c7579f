import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, day, type Day } from '../../../src/domain/day.ts';
import {
  backtest,
  type MadePrediction,
  predictForward,
} from '../../../src/domain/predict/backtest.ts';
import { arrangeHistory } from '../../../src/domain/predict/history.ts';
import type { PaymentObservation } from '../../../src/domain/predict/observation.ts';
import { invoice, someHistory } from './histories.ts';

/** What was said of each invoice, by its place among the observations. */
function said(
  observations: readonly PaymentObservation[],
  until: Day = day('2030-01-01'),
): Map<number, MadePrediction> {
  const history = arrangeHistory(observations);
  const made = new Map<number, MadePrediction>();
  predictForward(history, until, (i, prediction) => {
    made.set(history.source[i] ?? -1, prediction);
  });
  return made;
}

describe('walking forward', () => {
  const history = someHistory(1);
  const byIssue = history.toSorted((a, b) => a.issuedOn - b.issuedOn);
  const middle = byIssue[280]?.issuedOn ?? day('2023-01-01');

  test('begins after the first 40 % of the invoices and predicts every one from there', () => {
    expect(said(byIssue).size).toBe(240);
    expect(Math.min(...said(byIssue).keys())).toBe(160);
  });

  test('the past does not know the future: whatever happens later, what was said before stays', () => {
    const before = said(byIssue);
    const changed = said(
      byIssue.map((one) => ({
        ...one,
        paidOn: one.paidOn !== null && one.paidOn < middle ? one.paidOn : addDays(middle, 200),
        ...(one.issuedOn >= middle ? { dueOn: addDays(one.issuedOn, 3), amountMinor: 7 } : {}),
      })),
    );
    let compared = 0;
    for (const [place, prediction] of before) {
      if ((byIssue[place]?.issuedOn ?? middle) > middle) continue;
      if (byIssue[place]?.issuedOn === middle) continue;
      expect(changed.get(place)).toEqual(prediction);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(100);
    expect(changed).not.toEqual(before);
  });

  test('what is paid on the day of an invoice is not known that morning, what was paid the day before is', () => {
    const on = byIssue[300]?.issuedOn ?? middle;
    const place = 300;
    const customer = byIssue[place]?.customer;
    const paidOn = (offset: number) =>
      said(
        byIssue.map((one, i) =>
          one.customer === customer && i < 200 && one.paidOn !== null && one.paidOn < on - 1
            ? { ...one, paidOn: addDays(on, offset) }
            : one,
        ),
      ).get(place);
    expect(paidOn(0)).toEqual(paidOn(50));
    expect(paidOn(-1)).not.toEqual(paidOn(0));
  });

  test('the order in which the invoices arrive changes nothing', () => {
    const report = backtest(history);
    fc.assert(
      fc.property(
        fc.shuffledSubarray(history, { minLength: history.length, maxLength: history.length }),
        (shuffled) => {
          expect(backtest(shuffled)).toEqual(report);
        },
      ),
      { numRuns: 3 },
    );
  });

  test('the year does not matter: 400 years later, with the same weekdays and months, the figures are the same', () => {
    const moved = history.map((one) => ({
      ...one,
      issuedOn: addDays(one.issuedOn, 146_097),
      dueOn: addDays(one.dueOn, 146_097),
      paidOn: one.paidOn === null ? null : addDays(one.paidOn, 146_097),
    }));
    const rounded = (report: unknown) =>
      JSON.stringify(report, (_, value: unknown) =>
        typeof value === 'number' ? value.toFixed(9) : value,
      );
    expect(rounded(backtest(moved)?.model)).toBe(rounded(backtest(history)?.model));
  });

  test('names do not matter, only who is the same', () => {
    const renamed = history.map((one) => ({ ...one, customer: `customer ${one.customer}` }));
    expect(backtest(renamed)?.model).toEqual(backtest(history)?.model);
  });
});

describe('the unpaid', () => {
  // One customer in five stopped paying in the second half.
  const history = someHistory(2, 600).map((one) =>
    Number(one.customer.slice(1)) % 5 === 0 && one.issuedOn > day('2023-05-01')
      ? { ...one, paidOn: null }
      : one,
  );
  const asOn = day('2024-02-01');

  test('count as late, in the share and in the test', () => {
    const report = backtest(history, asOn);
    const paidOnly = backtest(
      history.filter((one) => one.paidOn !== null),
      asOn,
    );
    expect(report?.unpaid).toBeGreaterThan(20);
    expect(paidOnly?.unpaid).toBe(0);
    expect(report?.lateShare).toBeGreaterThan((paidOnly?.lateShare ?? 1) + 0.03);
  });

  test('whoever learns from the paid ones only thinks better of those who do not pay', () => {
    const known = said(history);
    const survivors = history.map((one) => ({ ...one }));
    const withoutUnpaid = survivors.filter(
      (one) => one.paidOn !== null || one.issuedOn > day('2023-08-15'),
    );
    const blind = said(withoutUnpaid);
    const mean = (made: Map<number, MadePrediction>, of: PaymentObservation[]) => {
      const chances = of.flatMap((one, i) =>
        one.paidOn === null && one.issuedOn > day('2023-09-01') ? [made.get(i)?.ours.late] : [],
      );
      const kept = chances.filter((chance) => chance !== undefined);
      expect(kept.length).toBeGreaterThan(10);
      return kept.reduce((sum, chance) => sum + chance, 0) / kept.length;
    };
    expect(mean(known, history)).toBeGreaterThan(mean(blind, withoutUnpaid) + 0.1);
  });

  test('are outside every band and not in the error in days', () => {
    const bulk = Array.from({ length: 100 }, (_, n) =>
      invoice(`C${n % 5}`, addDays(day('2025-01-01'), n), 10, n % 2 === 0 ? 10 : null),
    );
    const report = backtest(bulk, day('2026-01-01'));
    expect(report?.predicted).toBe(60);
    expect(report?.unpaid).toBe(30);
    expect(report?.lateShare).toBe(0.5);
    expect(report?.model.meanErrorDays).not.toBeNull();
    expect(report?.baselines.customerMedian).toMatchObject({
      meanErrorDays: 0,
      coverage: { p50: 0.5, p80: 0.5, p90: 0.5 },
    });
  });
});

describe('the report', () => {
  test('counts only what fell due before the day it is made', () => {
    const steady = Array.from({ length: 100 }, (_, n) =>
      invoice(`C${n % 4}`, addDays(day('2025-01-01'), n), 10, 10),
    );
    // Issued on 10 April at the latest and due on 20 April: nine are not known to be late or not.
    expect(backtest(steady, day('2025-04-11'))).toMatchObject({ invoices: 100, predicted: 50 });
    expect(backtest(steady, day('2025-04-21'))).toMatchObject({ invoices: 100, predicted: 60 });
  });

  test('without a day given the last one on which anything happened ends it', () => {
    const steady = Array.from({ length: 100 }, (_, n) =>
      invoice(`C${n % 4}`, addDays(day('2025-01-01'), n), 10, 12),
    );
    expect(backtest(steady)?.asOn).toBe(day('2025-04-23'));
  });

  test('too little to test on is no report: 49 invoices, or none due after the warm-up', () => {
    const steady = Array.from({ length: 50 }, (_, n) =>
      invoice(`C${n % 4}`, addDays(day('2025-01-01'), n), 10, 10),
    );
    expect(backtest(steady)).not.toBeNull();
    expect(backtest(steady.slice(1))).toBeNull();
    expect(backtest([])).toBeNull();
    expect(backtest(steady, day('2025-01-31'))).toBeNull();
  });

  test('invoices that contradict themselves are named and left out of every figure', () => {
    const good = someHistory(3);
    const paidBeforeIssue = invoice('C1', '2023-03-01', 30, -1);
    const dueBeforeIssue = invoice('C1', '2023-03-01', -1, 5);
    const nothing = invoice('C1', '2023-03-01', 30, 5, 0);
    const report = backtest([paidBeforeIssue, ...good, dueBeforeIssue, nothing]);
    expect(report?.contradicted).toEqual([
      { observation: paidBeforeIssue, contradiction: 'paid_before_issue' },
      { observation: dueBeforeIssue, contradiction: 'due_before_issue' },
      { observation: nothing, contradiction: 'no_amount' },
    ]);
    expect({ ...report, contradicted: [] }).toEqual(backtest(good));
  });

  test('paid or due on the issue date, and one cent, are no contradictions', () => {
    const report = backtest([
      ...someHistory(3),
      invoice('C1', '2023-03-01', 30, 0),
      invoice('C1', '2023-03-01', 0, 5),
      invoice('C1', '2023-03-01', 30, 5, 1),
      invoice('C1', '2023-03-01', 30, 5, null),
    ]);
    expect(report?.contradicted).toEqual([]);
  });

  test('high risk is 50 % and more, over the last twelve months', () => {
    const twoKinds = Array.from({ length: 1000 }, (_, n) =>
      invoice(`C${n % 10}`, addDays(day('2023-01-01'), n), 10, n % 10 < 3 ? 15 : 5),
    );
    const report = backtest(twoKinds);
    expect(report?.highRisk.late).toBe(1);
    expect(report?.lowRisk.late).toBe(0);
    // The last payment comes on day 1,007: days 643 to 997 were issued in the last year and fell due.
    expect((report?.highRisk.count ?? 0) + (report?.lowRisk.count ?? 0)).toBe(355);
    expect(report?.model.auc).toBe(1);
  });
});
