/** How good predictions are on histories of many shapes: a model that is worse than a plain rule anywhere is not worth its words. */
import { describe, expect, test } from 'vitest';
import { backtest, type BacktestReport } from '../../src/domain/predict/backtest.ts';
import { REGIMES, simulate } from '../support/payment-simulator.ts';

const reports = new Map<string, BacktestReport>();
function tested(name: keyof typeof REGIMES): BacktestReport {
  const regime = REGIMES[name];
  const known = reports.get(name);
  if (known !== undefined) return known;
  const report = backtest(
    simulate(
      { ...regime, invoices: Math.min(regime.invoices, name === 'distributor' ? 12_000 : 4_000) },
      11,
    ),
  );
  if (report === null) throw new Error(`${name}: nothing to test`);
  reports.set(name, report);
  return report;
}

const names = Object.keys(REGIMES) as (keyof typeof REGIMES)[];
/** What chance does to the figures of one history; a few hundred predictions are shaken more. */
const SLACK: Partial<Record<keyof typeof REGIMES, number>> = { short: 0.008, noSignal: 0.004 };

/** Runs make days coarse: the first one that covers 80 % may cover more. Few predictions scatter. */
function mostCovered(name: keyof typeof REGIMES): number {
  return { payRuns: 0.86, short: 0.92, noSignal: 0.84 }[name as string] ?? 0.83;
}

describe.each(names)('%s', (name) => {
  const slack = SLACK[name] ?? 0.002;
  // One in thirty late, or nothing to rank by: the ranks of a few decide.
  const aucSlack = name === 'punctual' || name === 'noSignal' ? 0.03 : 0.01;

  test('late: no worse than the best plain rate by any score', () => {
    const { model, baselines } = tested(name);
    for (const plain of [baselines.overall, baselines.customerRate, baselines.shrunken]) {
      expect(model.auc).toBeGreaterThan((plain.auc ?? 0) - aucSlack);
      expect(model.brier).toBeLessThan((plain.brier ?? 0) + slack);
      expect(model.logLoss).toBeLessThan((plain.logLoss ?? 0) + 2 * slack);
    }
  });

  test('days: no worse than the best plain middle by more than a hundredth', () => {
    const { model, baselines } = tested(name);
    for (const plain of [baselines.overall, baselines.customerMedian, baselines.shrunken]) {
      expect(model.meanErrorDays).toBeLessThan((plain.meanErrorDays ?? 0) * 1.01 + 0.05);
    }
  });

  test('bands hold what they say', () => {
    const { coverage } = tested(name).model;
    expect(coverage.p50).toBeGreaterThan(0.43);
    expect(coverage.p50).toBeLessThan(0.57);
    expect(coverage.p80).toBeGreaterThan(0.77);
    expect(coverage.p80).toBeLessThan(mostCovered(name));
    expect(coverage.p90).toBeGreaterThan(0.87);
    expect(coverage.p90).toBeLessThan(0.97);
  });
});
