import { describe, expect, test } from 'vitest';
import { addDays } from '../../../src/domain/day.ts';
import { LATE_FACTORS, LATE_WIDTH } from '../../../src/domain/predict/factors.ts';
import { arrangeHistory } from '../../../src/domain/predict/history.ts';
import {
  fitLate,
  lateLogit,
  type LateModel,
  type LateRows,
} from '../../../src/domain/predict/late-model.ts';
import { logitOf, sigmoid } from '../../../src/domain/predict/numbers.ts';
import { learnPredictor } from '../../../src/domain/predict/predictor.ts';
import { FIRST, sixDigits, yearOfEighty } from './histories.ts';

interface Row {
  /** The customer's own late rate, and a size that may or may not matter. */
  rate: number;
  size?: number;
  late: boolean;
  weight?: number;
  recency?: number;
}

function factorsOf({ rate, size }: Pick<Row, 'rate' | 'size'>): Float64Array {
  const known: Partial<Record<string, number>> = { constant: 1, own_rate: logitOf(rate), size };
  return Float64Array.from(LATE_FACTORS, (name) => known[name] ?? 0);
}

function rowsOf(rows: readonly Row[]): LateRows {
  return {
    x: Float64Array.from(rows.flatMap((row) => [...factorsOf(row)])),
    rows: Int32Array.from(rows, (_, place) => place),
    y: Float64Array.from(rows, ({ late }) => (late ? 1 : 0)),
    weight: Float64Array.from(rows, ({ weight }) => weight ?? 1),
    recency: Float64Array.from(rows, ({ recency }) => recency ?? 1),
  };
}

/** The first rows are learnt from to predict the others, and all of them in the end. */
function learnt(first: readonly Row[], others: readonly Row[] = []): LateModel {
  const data = rowsOf([...first, ...others]);
  const blocks = [
    { learn: data.rows.subarray(0, first.length), predict: data.rows.subarray(first.length) },
  ];
  return fitLate(data, others.length === 0 ? [] : blocks);
}

function chance(model: LateModel, row: Pick<Row, 'rate' | 'size'>): number {
  const x = new Float64Array(2 * LATE_WIDTH);
  x.set(factorsOf(row), LATE_WIDTH);
  return sigmoid(lateLogit(model, x, LATE_WIDTH));
}

const many = (count: number, row: (i: number) => Row): Row[] =>
  Array.from({ length: count }, (_, i) => row(i));
const sign = (i: number) => (i % 2 === 0 ? 1 : -1);
/** Customers late in two, five and eight of ten, as their rates say. */
const asRated = (count: number) =>
  many(count, (i) => {
    const tenths = [2, 5, 8][i % 3] ?? 0;
    return { rate: tenths / 10, late: (Math.floor(i / 3) * 7) % 10 < tenths };
  });
/** All customers alike; of large invoices nine in ten are late, of small ones one. */
const bySize = (count: number) =>
  many(count, (i) => {
    const late = Math.floor(i / 2) % 10 === 0 ? -sign(i) : sign(i);
    return { rate: 0.5, size: sign(i), late: late > 0 };
  });

describe('the chance of being late', () => {
  test("where customers stay as they are is each one's own rate", () => {
    const model = learnt(asRated(300));
    for (const rate of [0.2, 0.5, 0.8]) expect(chance(model, { rate })).toBeCloseTo(rate, 3);
    expect(chance(model, { rate: 0.95 })).toBeCloseTo(0.95, 2);
  });

  test('follows the book where that has become later than its customers were', () => {
    const model = learnt(many(200, (i) => ({ rate: 0.5, late: i % 10 !== 0 })));
    expect(chance(model, { rate: 0.5 })).toBeCloseTo(0.9, 3);
  });

  test('leans on the own rate where there is no past to try anything out on', () => {
    const model = learnt(bySize(200));
    expect(model.strength).toBe(200);
    expect(model.curve).toEqual({ shift: 0, slope: 1, knots: [], bends: [] });
    const large = chance(model, { rate: 0.5, size: 1 });
    expect(large).toBeGreaterThan(0.55);
    expect(large).toBeLessThan(0.75);
    expect(chance(model, { rate: 0.5, size: -1 })).toBeCloseTo(1 - large, 6);
  });

  test('a weight counts like so many invoices', () => {
    const heavy = learnt([...bySize(200).map((row) => ({ ...row, weight: 2 }))]);
    const twice = learnt([...bySize(200), ...bySize(200)]);
    expect(chance(heavy, { rate: 0.5, size: 1 })).toBeCloseTo(
      chance(twice, { rate: 0.5, size: 1 }),
      6,
    );
  });
});

describe('how much of the data is believed', () => {
  test('what foretold the others well is followed', () => {
    const model = learnt(bySize(200), bySize(100));
    expect(model.strength).toBe(5);
    expect(chance(model, { rate: 0.5, size: 1 })).toBeGreaterThan(0.85);
  });

  test('a single one foretold better speaks for the data already', () => {
    expect(learnt(bySize(200), [{ rate: 0.5, size: 1, late: true }]).strength).toBe(5);
    expect(learnt(bySize(200), [{ rate: 0.5, size: 1, late: false }]).strength).toBe(4_000);
  });

  test('what did not is left alone', () => {
    const turned = bySize(100).map((row) => ({ ...row, late: !row.late }));
    expect(learnt(bySize(200), turned).strength).toBe(4_000);
  });

  test('where all fare alike the customers are believed, not the data', () => {
    expect(
      learnt(
        asRated(300),
        bySize(100).map((row) => ({ ...row, size: 0 })),
      ).strength,
    ).toBe(4_000);
  });
});

const tooSure = (count: number) =>
  many(count, (i) => {
    const called = [1, 3, 7, 9][i % 4] ?? 0;
    const late = [3, 4, 6, 7][i % 4] ?? 0;
    return { rate: called / 10, late: (Math.floor(i / 4) * 7) % 10 < late };
  });

describe('the curve through what was foretold', () => {
  test('sounds less sure where it was too sure, from 400 predictions on', () => {
    // Called 10, 30, 70 and 90 %, of which 30, 40, 60 and 70 % were late.
    expect(learnt(asRated(90), tooSure(399)).curve.knots).toEqual([]);
    const { slope, knots } = learnt(asRated(90), tooSure(400)).curve;
    expect(knots).toHaveLength(7);
    expect(slope).toBeLessThan(0.8);
  });

  test('leans on what was foretold lately', () => {
    const old = asRated(600).map((row) => ({ ...row, recency: 1e-4 }));
    const { slope } = learnt(asRated(90), [...old, ...tooSure(400)]).curve;
    expect(slope).toBeLessThan(0.8);
    expect(learnt(asRated(90), asRated(600)).curve.slope).toBeCloseTo(1, 1);
  });
});

test('the same history gives the same model of lateness: a change here changes the model, and its backtest has to be measured again', () => {
  const model = learnPredictor(arrangeHistory(yearOfEighty()), addDays(FIRST, 400))?.late;
  expect(model?.strength).toBe(80);
  expect(sixDigits(model?.scaling.mean ?? [])).toEqual([
    0, 1.62464, 0.0875, 0.120494, 0.1375, 0.376785, 0.00581094, 2.92706, 0.122685, 0.0610591,
    0.0395279, 0.0361004, 0.0111858, 0.0941557, 0.058233, 0.2625, 0.1375,
  ]);
  expect(sixDigits(model?.beta ?? [])).toEqual([
    0.309512, 0.0359871, 0.00124196, 0.0215831, 0.00549278, 0.0368651, -0.0162471, -0.0614248,
    2.28678, 0.0421837, 0.0622193, 0.0672653, 0.0160656, -0.0314135, 0.0103962, 0.011065, 0.0424558,
  ]);
});
