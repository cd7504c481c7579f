import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DRILL_ROWS_MAX, TopRows, WeightedSum } from '../../../src/domain/metrics/collect.ts';
import type { DrillRow } from '../../../src/domain/metrics/metric.ts';

const row = (contribution: number, more: Partial<DrillRow> = {}): DrillRow => ({
  ...{ customerId: 'x', customerName: 'X', invoiceId: 'i', label: 'I', unit: 'money' },
  contribution,
  ...more,
});

function listOf(rows: readonly DrillRow[]) {
  const top = new TopRows();
  for (const each of rows) top.add(each);
  return top.list;
}

describe('the rows behind a figure', () => {
  const shuffled = fc.shuffledSubarray(
    Array.from({ length: 3 * DRILL_ROWS_MAX }, (_, index) => index + 1),
    { minLength: 3 * DRILL_ROWS_MAX },
  );

  test('are the 200 heaviest, heaviest first, whatever order they come in; all are counted', () => {
    fc.assert(
      fc.property(shuffled, (weights) => {
        const { rows, rowCount } = listOf(weights.map((weight) => row(weight)));
        expect(rowCount).toBe(600);
        expect(rows.map(({ contribution }) => contribution)).toEqual(
          Array.from({ length: 200 }, (_, index) => 600 - index),
        );
      }),
      { numRuns: 20 },
    );
  });

  test('weigh as much below zero as above, and nothing at zero', () => {
    const { rows, rowCount } = listOf([row(5), row(0), row(-7), row(6)]);
    expect(rows.map(({ contribution }) => contribution)).toEqual([-7, 6, 5]);
    expect(rowCount).toBe(3);
  });

  test('of one weight stand by customer, then invoice, then label', () => {
    const inOrder = [
      row(1, { customerId: 'a', invoiceId: null, label: 'a call' }),
      row(1, { customerId: 'a', invoiceId: null, label: 'b call' }),
      row(1, { customerId: 'a', invoiceId: 'i1', label: 'INV-9' }),
      row(1, { customerId: 'a', invoiceId: 'i2', label: 'INV-8' }),
      row(1, { customerId: 'b', invoiceId: 'i0', label: 'INV-7' }),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(inOrder, { minLength: inOrder.length }), (rows) => {
        expect(listOf(rows).rows).toEqual(inOrder);
      }),
    );
  });
});

describe('a weighted mean', () => {
  const meanOf = (...parts: [weight: number, value: number][]) => {
    const sum = new WeightedSum();
    for (const [weight, value] of parts) sum.add(weight, value);
    return sum.mean;
  };

  test('of nothing, or of what weighs nothing, is none', () => {
    expect(meanOf()).toBeNull();
    expect(meanOf([0, 30])).toBeNull();
  });

  test('stays exact where amounts times days outgrow a number', () => {
    const most = Number.MAX_SAFE_INTEGER;
    expect(meanOf([100, 10], [300, 30])).toBe(25);
    expect(meanOf([most, 365], [1, 1], [most, -365], [1, 1])).toBe(2 / (2 * most + 2));
  });
});
