import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, day, type Day, formatDay } from '../../../src/domain/day.ts';
import {
  backtest,
  type BacktestFigures,
  backtestHistory,
  type MadePrediction,
  predictForward,
  warmUpEnd,
} from '../../../src/domain/predict/backtest.ts';
import { arrangeHistory } from '../../../src/domain/predict/history.ts';
import type { PaymentObservation } from '../../../src/domain/predict/observation.ts';
import { FIRST, invoice, sixDigits, someHistory, yearOfEighty } from './histories.ts';

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

describe('a book of eighty invoices', () => {
  // By then 78 have fallen due.
  const asOn = addDays(FIRST, 375);

  /** AUC, Brier, log-loss, calibration error, mean and median error in days; then the coverage. */
  const figures = ({ coverage, ...others }: BacktestFigures) =>
    [...Object.values(others), ...Object.values(coverage)].map((value: number | null) =>
      value === null ? null : sixDigits([value])[0],
    );

  test('the same history gives the same figures: a change here changes the model, and its backtest has to be measured again', () => {
    const report = backtest(yearOfEighty(), asOn);
    if (report === null) throw new Error('no report');
    const { model, baselines, table, lateShare, calibrationByChance, ...counts } = report;
    expect(counts).toEqual({
      invoices: 80,
      customers: 7,
      contradicted: [],
      asOn,
      predictedFrom: day('2025-02-27'),
      predicted: 46,
      unpaid: 6,
      highRisk: { count: 23, late: 1 },
      lowRisk: { count: 23, late: 4 / 23 },
    });
    expect(lateShare).toBe(41 / 78);
    expect(sixDigits([calibrationByChance])).toEqual([0.103143]);
    expect(figures(model)).toEqual([
      0.953216, 0.0763462, 0.27147, 0.103871, 4.525, 4, 0.545455, 0.704545, 0.837209,
    ]);
    expect(figures(baselines.shrunken)).toEqual([
      0.962963,
      0.0752786,
      0.261536,
      0.0987414,
      4.65,
      3,
      null,
      null,
      null,
    ]);
    expect(figures(baselines.customerRate)).toEqual([
      0.95809,
      0.0893102,
      0.488228,
      0.0948326,
      null,
      null,
      null,
      null,
      null,
    ]);
    expect(figures(baselines.customerMedian)).toEqual([
      null,
      null,
      null,
      null,
      4.7,
      3,
      0.413043,
      0.6,
      0.72093,
    ]);
    expect(figures(baselines.overall)).toEqual([
      0.468811, 0.253142, 0.699455, 0.114505, 7.85, 8, 0.391304, 0.6, 0.666667,
    ]);
    expect(table.map((row) => [row.count, row.late, ...sixDigits([row.predicted])])).toEqual([
      [4, 0.25, 0.0380566],
      [5, 0, 0.050255],
      [4, 0, 0.057651],
      [5, 0.2, 0.102889],
      [5, 0.4, 0.286493],
      [4, 1, 0.683808],
      [5, 1, 0.917569],
      [4, 1, 0.933299],
      [5, 1, 0.948619],
      [5, 1, 0.961065],
    ]);
  });

  test('and the same predictions', () => {
    const made = said(yearOfEighty(), asOn);
    const told = (place: number) => {
      const { ours, shrunken, plain } = made.get(place) ?? {};
      return [
        [ours?.expected, ours?.p50, ours?.p80, ours?.p90, shrunken?.expected],
        plain?.overallDays,
        plain?.customerDays,
        sixDigits([ours, shrunken].map((one) => one?.late ?? Number.NaN)),
        sixDigits([plain?.overallRate ?? Number.NaN, plain?.customerRate ?? Number.NaN]),
      ];
    };
    expect([...made.keys()]).toEqual(Array.from({ length: 48 }, (_, n) => 32 + n));
    expect(told(32)).toEqual([
      [6, 6, 9, 10, 4],
      [0, 6, 9],
      [4, 7, 7],
      [0.907996, 0.920121],
      [0.464286, 1],
    ]);
    expect(told(55)).toEqual([
      [-2, -2, 6, 11, -3],
      [0, 7, 10],
      [-6, -3, 12],
      [0.377978, 0.395377],
      [0.490196, 0.285714],
    ]);
    expect(told(79)).toEqual([
      [9, 9, 13, 15, 8],
      [0, 8, 12],
      [9, 10, 14],
      [0.965399, 0.960153],
      [0.527027, 1],
    ]);
  });

  test('learns once a month, on the first day of it with an invoice', () => {
    const history = arrangeHistory(yearOfEighty());
    const books = new Map<number, Set<string>>();
    predictForward(history, asOn, (i, { plain }) => {
      const month = Number(formatDay(history.issuedOn[i] as Day).slice(5, 7));
      books.set(month, (books.get(month) ?? new Set()).add(String(plain.overallDays)));
    });
    expect([...books.keys()]).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect([...books.values()].map((said) => said.size)).toEqual(new Array(9).fill(1));
    expect(new Set([...books.values()].flatMap((said) => [...said])).size).toBeGreaterThan(4);
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

  test('the warm-up ends after 40 % of the invoices, rounded down', () => {
    const of = (count: number) =>
      warmUpEnd(arrangeHistory(Array.from({ length: count }, () => invoice('A', FIRST, 1, 1))));
    expect([0, 1, 3, 50, 52].map(of)).toEqual([0, 0, 1, 20, 20]);
  });

  test('of a history taken in page by page it is the same, with what is said to contradict itself', () => {
    const observation = invoice('A', FIRST, 1, -1);
    const contradicted = [{ observation, contradiction: 'paid_before_issue' as const }];
    expect(backtestHistory(arrangeHistory(yearOfEighty()), contradicted)).toEqual({
      ...backtest(yearOfEighty()),
      contradicted,
    });
    expect(backtestHistory(arrangeHistory([]), contradicted)).toBeNull();
  });

  test('an invoice counts for a day of the band once that day has passed', () => {
    // Ever paid on the fifth day after the due date, but for the last, which is still unpaid.
    const steady = Array.from({ length: 51 }, (_, n) =>
      invoice('A', addDays(FIRST, 2 * n), 10, n === 50 ? null : 15),
    );
    const due = addDays(FIRST, 2 * 50 + 10);
    const on = (days: number) => backtest(steady, addDays(due, days))?.baselines.customerMedian;
    // 31 are predicted after the warm-up of 20.
    expect(on(5)?.coverage).toEqual({ p50: 1, p80: 1, p90: 1 });
    expect(on(6)?.coverage).toEqual({ p50: 30 / 31, p80: 30 / 31, p90: 30 / 31 });
    expect(on(6)).toMatchObject({ meanErrorDays: 0, medianErrorDays: 0 });
  });

  test('what is paid on the day it is made is not known yet', () => {
    const asOn = addDays(FIRST, 100);
    const report = (paid: number | null) =>
      backtest(
        Array.from({ length: 60 }, (_, n) =>
          invoice('A', addDays(FIRST, n), 10, n < 50 ? 12 : paid === null ? null : paid - n),
        ),
        asOn,
      );
    expect(report(100)).toEqual(report(null));
    expect(report(null)?.unpaid).toBe(10);
    expect(report(99)?.unpaid).toBe(0);
  });

  test('of a book in which nobody ever paid knows no delay and no low risk', () => {
    const never = Array.from({ length: 60 }, (_, n) => invoice('A', addDays(FIRST, n), 10, null));
    const nothing = {
      meanErrorDays: null,
      medianErrorDays: null,
      coverage: { p50: null, p80: null, p90: null },
    };
    expect(backtest(never, addDays(FIRST, 100))).toMatchObject({
      lateShare: 1,
      predicted: 36,
      unpaid: 36,
      baselines: { overall: nothing, customerMedian: nothing },
      model: { auc: null, meanErrorDays: null, medianErrorDays: null },
      highRisk: { count: 36, late: 1 },
      lowRisk: { count: 0, late: 0 },
    });
  });

  test('an invoice counts as late from the day after its due date', () => {
    const steady = Array.from({ length: 51 }, (_, n) =>
      invoice('A', addDays(FIRST, 2 * n), 10, n === 50 ? null : 10),
    );
    const due = addDays(FIRST, 2 * 50 + 10);
    const on = (days: number) => {
      const report = backtest(steady, addDays(due, days));
      return [report?.predicted, report?.unpaid, report?.lateShare];
    };
    expect(on(0)).toEqual([30, 0, 0]);
    expect(on(1)).toEqual([31, 1, 1 / 51]);
  });

  test('of a year ago to the day still counts as the last twelve months', () => {
    // Fifty on the first fifty days, ten on the days from 395 on, all due after five days.
    const books = Array.from({ length: 60 }, (_, n) =>
      invoice('A', addDays(FIRST, n < 50 ? n : 345 + n), 5, n % 2 === 0 ? 5 : 9),
    );
    const counted = (days: number) => {
      const report = backtest(books, addDays(FIRST, days));
      return (report?.highRisk.count ?? 0) + (report?.lowRisk.count ?? 0);
    };
    expect(counted(365 + 45)).toBe(5 + 10);
    expect(counted(365 + 46)).toBe(4 + 10);
  });
});
