import { describe, expect, test } from 'vitest';
import { addDays } from '../../../src/domain/day.ts';
import {
  type DelayLearning,
  type DelayModel,
  expectedDelay,
  fitDelay,
} from '../../../src/domain/predict/delay-model.ts';
import { DELAY_FACTORS, DELAY_WIDTH } from '../../../src/domain/predict/factors.ts';
import { arrangeHistory } from '../../../src/domain/predict/history.ts';
import { learnPredictor } from '../../../src/domain/predict/predictor.ts';
import { FIRST, sixDigits, yearOfEighty } from './histories.ts';

interface Row {
  /** Days the customer usually takes, and a size that may or may not matter. */
  usual: number;
  size?: number;
  delay: number;
  isOpen?: 1;
  scale?: number;
  earliest?: number;
  watched?: number;
  recency?: number;
  run?: { delay: number; trust: number };
}

function factorsOf({ usual, size }: Pick<Row, 'usual' | 'size'>): Float64Array {
  const known: Partial<Record<string, number>> = { constant: 1, usual_delay: usual, size };
  return Float64Array.from(DELAY_FACTORS, (name) => known[name] ?? 0);
}

function learningOf(rows: readonly Row[]): DelayLearning {
  const column = (read: (row: Row) => number) => Float64Array.from(rows, read);
  return {
    x: Float64Array.from(rows.flatMap((row) => [...factorsOf(row)])),
    rows: Int32Array.from(rows, (_, place) => place),
    delay: column(({ delay }) => delay),
    isOpen: Uint8Array.from(rows, ({ isOpen }) => isOpen ?? 0),
    scale: column(({ scale }) => scale ?? 2),
    earliest: column(({ earliest }) => earliest ?? -30),
    watched: column(({ watched }) => watched ?? 999),
    recency: column(({ recency }) => recency ?? 1),
    runDelay: column(({ run }) => run?.delay ?? 0),
    runTrust: column(({ run }) => run?.trust ?? 0),
  };
}

/** The first rows are learnt from to predict the others, and all of them in the end. */
function learnt(first: readonly Row[], others: readonly Row[] = []): DelayModel {
  const data = learningOf([...first, ...others]);
  const blocks = [
    { learn: data.rows.subarray(0, first.length), predict: data.rows.subarray(first.length) },
  ];
  return fitDelay(data, others.length === 0 ? [] : blocks);
}

function expected(
  model: DelayModel,
  row: Pick<Row, 'usual' | 'size'>,
  run = { delay: 0, trust: 0 },
): number {
  const x = new Float64Array(2 * DELAY_WIDTH);
  x.set(factorsOf(row), DELAY_WIDTH);
  return expectedDelay(model, x, DELAY_WIDTH, run);
}

const many = (count: number, row: (i: number) => Row): Row[] =>
  Array.from({ length: count }, (_, i) => row(i));
/** Everybody takes its usual days. */
const asUsual = many(100, (i) => ({ usual: i % 10, delay: i % 10 }));
const sign = (i: number) => (i % 2 === 0 ? 1 : -1);
/** Large invoices take eight days longer than the usual ten, small ones eight days less. */
const bySize = many(200, (i) => ({ usual: 10, size: sign(i), delay: 10 + 8 * sign(i) }));

describe('the expected delay', () => {
  test('where everybody pays as usual is the usual one', () => {
    const model = learnt(asUsual);
    expect(expected(model, { usual: 4 })).toBeCloseTo(4, 9);
    expect(expected(model, { usual: 25 })).toBeCloseTo(25, 9);
  });

  test('where all are alike is theirs', () => {
    const model = learnt(many(100, () => ({ usual: 7, delay: 7 })));
    expect(expected(model, { usual: 7 })).toBeCloseTo(7, 9);
    // What never varied says nothing.
    expect(expected(model, { usual: 30 })).toBeCloseTo(7, 9);
  });

  test('moves to a pay run as far as that is trusted', () => {
    const model = learnt(asUsual);
    const withRun = (trust: number) => expected(model, { usual: 4 }, { delay: 12, trust });
    expect([0.5, 0.6, 0.7, 1].map(withRun).map((days) => Math.round(1e6 * days) / 1e6)).toEqual([
      4, 8, 12, 12,
    ]);
  });

  test('leans on the usual one where there is no past to try anything out on', () => {
    const model = learnt(bySize);
    expect(model.strength).toBe(100);
    // 200 rows against a pull that is worth 100: two thirds of the eight days.
    expect(expected(model, { usual: 10, size: 1 })).toBeCloseTo(10 + (8 * 200) / 300, 2);
  });
});

describe('how much of the data is believed', () => {
  test('what foretold the others well is followed', () => {
    const model = learnt(bySize, bySize.slice(0, 50));
    expect(model.strength).toBe(10);
    expect(expected(model, { usual: 10, size: 1 })).toBeCloseTo(10 + (8 * 250) / 260, 1);
  });

  test('what did not is left alone', () => {
    const model = learnt(
      bySize,
      many(50, (i) => ({ usual: 10, size: sign(i), delay: 10 })),
    );
    expect(model.strength).toBe(1_000);
  });

  test('where all miss alike the customers are believed, not the data', () => {
    expect(
      learnt(
        asUsual,
        many(20, () => ({ usual: 3, delay: 9 })),
      ).strength,
    ).toBe(1_000);
  });

  test('what is gained has to be two in a thousand of the mean miss', () => {
    // What follows the size misses its share of them by less, and all the others by fifty days.
    const gaining = (count: number) =>
      learnt(bySize, [
        ...bySize.slice(0, 2),
        ...many(count, (i) => ({ usual: 10, size: 0, delay: 10 + 50 * sign(i) })),
      ]).strength;
    expect(gaining(20)).toBe(10);
    expect(gaining(2_000)).toBe(1_000);
  });

  test('an unpaid invoice not yet where it was expected is no miss', () => {
    const unpaid = many(20, () => ({ usual: 10, size: 1, delay: 16, isOpen: 1 as const }));
    // Followed, the size expects them on day 17.6, half followed on day 15.3.
    expect(learnt(bySize, unpaid).strength).toBe(10);
    const young = unpaid.map((row) => ({ ...row, delay: 2 }));
    // Neither knows of any miss.
    expect(learnt(bySize, young).strength).toBe(1_000);
  });

  test('an unpaid invoice beyond its day misses by what it is beyond', () => {
    const unpaid = many(20, () => ({ usual: 10, size: -1, delay: 12, isOpen: 1 as const }));
    expect(learnt(bySize, unpaid).strength).toBe(1_000);
  });

  test('the mean miss counts, not how many miss', () => {
    // Half followed, nine unpaid miss by 2.3 days and the paid one by 2.7; else that one by 6.7.
    const unpaid = many(9, () => ({ usual: 10, size: -1, delay: 7, isOpen: 1 as const }));
    expect(learnt(bySize, [...unpaid, { usual: 10, size: 1, delay: 18 }]).strength).toBe(100);
  });
});

describe('the curve around it', () => {
  const onRun = (count: number, row: Partial<Row> = {}) =>
    many(count, (i) => ({
      usual: 5,
      delay: i % 20,
      run: { delay: i % 20, trust: 1 },
      ...row,
    }));

  test('of fewer than 60 predictions is the untried one', () => {
    expect(learnt(asUsual, onRun(59)).curve[10]).toBe(0);
    expect(learnt(asUsual, onRun(60)).curve[10]).not.toBe(0);
  });

  test('is laid through what was foretold of the others, run and all', () => {
    // Every day was met: half a day before it is within reach, a quarter of a scatter of two days.
    for (const reach of learnt(asUsual, onRun(80)).curve) expect(reach).toBeCloseTo(-0.25, 1);
    for (const reach of learnt(asUsual, onRun(80, { scale: 0.5 })).curve) {
      expect(reach).toBeCloseTo(-1, 1);
    }
  });

  test('takes an unpaid one as not covered on any day', () => {
    const { curve } = learnt(asUsual, [...onRun(90), ...onRun(10, { isOpen: 1 })]);
    expect(curve[17]).toBeCloseTo(-0.25, 1);
    expect(curve[19]).toBeCloseTo(300, 1);
  });

  test('leaves out what was not watched long enough and weighs what is old less', () => {
    const young = onRun(60, { isOpen: 1, watched: -31 });
    expect(learnt(asUsual, [...onRun(60), ...young]).curve[19]).toBeCloseTo(-0.25, 1);
    const old = onRun(60, { isOpen: 1, recency: 1 / 9 });
    // Paid are 60 of 66 and two thirds.
    expect(learnt(asUsual, [...onRun(60), ...old]).curve[17]).toBeCloseTo(-0.25, 1);
    expect(learnt(asUsual, [...onRun(60), ...old]).curve[19]).toBeCloseTo(300, 1);
  });

  test('begins where no payment can be earlier', () => {
    const prepaid = onRun(80).map((row) => ({ ...row, earliest: row.delay }));
    expect(learnt(asUsual, prepaid).curve[19]).toBeCloseTo(-60, 1);
  });
});

test('the same history gives the same model of delays: a change here changes the model, and its backtest has to be measured again', () => {
  const model = learnPredictor(arrangeHistory(yearOfEighty()), addDays(FIRST, 400))?.delay;
  expect(model?.strength).toBe(10);
  expect(sixDigits(model?.scaling.mean ?? [])).toEqual([
    0, 1.62464, 0.0875, 0.120494, 0.1375, 0.376785, 0.00581094, 2.92706, -0.281834, 0.0126798,
    0.591202, 0.490973, 0.258892, 0.507299, 0.523385,
  ]);
  expect(sixDigits(model?.beta ?? [])).toEqual([
    2.28267, -0.357247, 0.0505203, 1.17964, 0.374811, 1.03769, 0.226361, 0.426204, 4.97607,
    0.654333, 2.44184, 1.47081, -0.531466, 1.04998, -0.0780608,
  ]);
});
