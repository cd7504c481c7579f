import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type DelayCurve,
  delayAfter,
  delayAt,
  type DelayForecast,
  fitDelayCurve,
  LEVELS,
  paidShareBefore,
  type PastDelays,
} from '../../../src/domain/predict/delay-curve.ts';
import { sixDigits } from './histories.ts';

/** One in a hundred is paid on each of the days 1 to 100, as far as experience goes: to 97.5 %. */
const EVEN: DelayCurve = LEVELS.map((level) => 100 * level);

function forecast(parts: Partial<DelayForecast> = {}): DelayForecast {
  return { middle: 0, scale: 1, earliest: -365, curve: EVEN, ...parts };
}

interface Past {
  middle: number;
  scale: number;
  earliest: number;
  watched: number;
  delay: number;
  recency: number;
}

/** Predictions of the due date itself with a scatter of one day, long ago. */
function pastOf(rows: readonly (Partial<Past> & { delay: number })[]): PastDelays {
  const usual = { middle: 0, scale: 1, earliest: -365, watched: 999, recency: 1 };
  const column = (name: keyof Past) =>
    Float64Array.from(rows, (row) => ({ ...usual, ...row })[name]);
  return {
    middle: column('middle'),
    scale: column('scale'),
    earliest: column('earliest'),
    watched: column('watched'),
    delay: column('delay'),
    recency: column('recency'),
  };
}

const hundred = Array.from({ length: 100 }, (_, i) => ({ delay: i + 1 }));
const UNPAID = Number.NaN;

function reach(past: PastDelays, level: (typeof LEVELS)[number]): number {
  return fitDelayCurve(past)[LEVELS.indexOf(level)] ?? Number.NaN;
}

describe('the curve', () => {
  test('of a hundred paid on the days 1 to 100: day 80 for 80 %, from half a day before it', () => {
    const wanted = LEVELS.map((level) => Math.ceil(100 * level - 1e-9) - 0.5);
    fitDelayCurve(pastOf(hundred)).forEach((value, i) => {
      expect(value).toBeCloseTo(wanted[i] ?? 0, 2);
    });
  });

  test('does not ask in which order the past is told', () => {
    expect(fitDelayCurve(pastOf(hundred.toReversed()))).toEqual(fitDelayCurve(pastOf(hundred)));
  });

  test('counts in scatters beyond the expected day', () => {
    const shifted = hundred.map(({ delay }) => ({ delay: 4 * delay - 30, middle: -30, scale: 4 }));
    // 4 · reach rounds to 320 days.
    expect(reach(pastOf(shifted), 0.8)).toBeCloseTo(319.5 / 4, 2);
  });

  test('leaves out whose day has not come yet', () => {
    const young = hundred.map(() => ({ delay: UNPAID, watched: 10 }));
    const past = pastOf([...hundred, ...young]);
    // Beyond the tenth day only the hundred that were watched long enough are counted.
    expect(reach(past, 0.5)).toBeCloseTo(49.5, 2);
    // By the tenth day 10 of 200 were paid.
    expect(reach(past, 0.05)).toBeCloseTo(9.5, 2);
    expect(reach(past, 0.02)).toBeCloseTo(3.5, 2);
    // On the tenth day itself all are: 10 % are reached on the eleventh.
    expect(reach(past, 0.1)).toBeCloseTo(10.5, 2);
  });

  test('takes the unpaid whose day has come as not covered', () => {
    const lost = hundred.slice(0, 25).map(() => ({ delay: UNPAID }));
    expect(reach(pastOf([...hundred, ...lost]), 0.8)).toBeCloseTo(99.5, 2);
    expect(reach(pastOf([...hundred, ...lost]), 0.4)).toBeCloseTo(49.5, 2);
  });

  test('where more are lost than a level allows goes as far as it can', () => {
    const lost = hundred.map(() => ({ delay: UNPAID }));
    expect(reach(pastOf([...hundred, ...lost]), 0.9)).toBe(300);
  });

  test('what is older counts less', () => {
    const rows = hundred.map(({ delay }) => ({ delay, recency: delay <= 50 ? 0.25 : 1 }));
    // 12.5 of 62.5 came by day 50, and 12.5 more by 62.5: 40 %.
    expect(reach(pastOf(rows), 0.2)).toBeCloseTo(49.5, 2);
    expect(reach(pastOf(rows), 0.4)).toBeCloseTo(62.5, 2);
  });

  test('no payment comes before its invoice: the terms bound it', () => {
    const cash = hundred.map(() => ({ delay: 0, earliest: 0 }));
    expect(reach(pastOf(cash), 0.8)).toBeCloseTo(-60, 1);
    const slow = hundred.map(() => ({ delay: 7, earliest: 0 }));
    expect(reach(pastOf(slow), 0.8)).toBeCloseTo(6.5, 1);
  });

  test('where nothing has come to its day yet all is within reach', () => {
    const unwatched = hundred.map(() => ({ delay: UNPAID, watched: -70, middle: 0 }));
    expect(reach(pastOf(unwatched), 0.5)).toBeCloseTo(-60, 1);
  });

  test('of fewer than 60 predictions is a bell with a heavier upper side', () => {
    const bell = fitDelayCurve(pastOf(hundred.slice(0, 59)));
    LEVELS.forEach((level, i) => {
      const logit = Math.log(level / (1 - level));
      expect(bell[i]).toBeCloseTo((level < 0.5 ? 0.9 : 1.1) * logit, 12);
    });
    expect(reach(pastOf(hundred.slice(0, 60)), 0.5)).toBeCloseTo(29.5, 2);
  });

  test('never falls', () => {
    const rows = fc.record({
      delay: fc.oneof(fc.integer({ min: -30, max: 90 }), fc.constant(UNPAID)),
      watched: fc.integer({ min: 0, max: 200 }),
      middle: fc.integer({ min: -10, max: 30 }),
      scale: fc.integer({ min: 1, max: 9 }),
      recency: fc.constantFrom(0.25, 0.5, 1),
    });
    fc.assert(
      fc.property(fc.array(rows, { minLength: 60, maxLength: 70 }), (past) => {
        const curve = fitDelayCurve(pastOf(past));
        expect(curve).toEqual(curve.toSorted((a, b) => a - b));
      }),
      { numRuns: 10 },
    );
  });

  test('the same past gives the same figures: a change here changes the model, and its backtest has to be measured again', () => {
    const rows = Array.from({ length: 120 }, (_, i) => ({
      middle: (i % 9) - 2,
      scale: 1 + (i % 4),
      earliest: -14,
      watched: 120 - i,
      delay: i % 10 === 3 ? UNPAID : ((i * i) % 37) - 9,
      recency: Math.pow(0.5, (120 - i) / 60),
    }));
    expect(sixDigits(fitDelayCurve(pastOf(rows)))).toEqual([
      -10.4997, -6.4998, -3.1664, -2.62458, -2.24997, -1.62447, -0.749437, -0.499906, 0.500255,
      1.75015, 2.83384, 4.87545, 5.75021, 6.16721, 7.5005, 9.37504, 15.5003, 18.5, 23.5003, 41.7504,
      52.7505,
    ]);
  });
});

describe('the day by which a share is paid', () => {
  test.each([
    // Between two levels in proportion; below the lowest and up to the highest as known.
    [0.5, 50],
    [0.53, 53],
    [0.03, 3],
    [0.01, 2],
    [0.96, 96],
    [0.975, 98],
    // Beyond it from 97.5 days on: from 90 to 97.5 % the unpaid halve twice, once in 3.75 days.
    [0.9875, 101],
    [0.99375, 105],
    [1 - 0.025 / 8, 109],
  ])('%d: %d days', (level, days) => {
    expect(delayAt(forecast(), level)).toBe(days);
  });

  test('lies so many scatters beyond the expected day, but not before the invoice', () => {
    expect(delayAt(forecast({ middle: -40, scale: 0.5 }), 0.5)).toBe(-15);
    expect(delayAt(forecast({ middle: -40, scale: 0.5, earliest: -14 }), 0.5)).toBe(-14);
    expect(delayAt(forecast({ middle: 3.3, scale: 0.1 }), 0.5)).toBe(8);
  });

  test('beyond experience takes at least a quarter of a scatter for each halving', () => {
    const flat = LEVELS.map(() => 10);
    expect(delayAt(forecast({ curve: flat, scale: 8 }), 0.5)).toBe(80);
    expect(delayAt(forecast({ curve: flat, scale: 8 }), 0.9875)).toBe(82);
  });
});

describe('the day by which a share of those is paid that are unpaid so far', () => {
  test('half of them: half of what the rest of the curve holds', () => {
    // 50 % are paid by day 50, half of the others by day 75.
    expect(delayAfter(forecast(), 50, 0.5, 0.5)).toBe(75);
    expect(delayAfter(forecast(), 50, 0.5, 0.2)).toBe(60);
    expect(delayAfter(forecast(), 0, 0, 0.8)).toBe(80);
  });

  test('does not lie in the past', () => {
    expect(delayAfter(forecast(), 80, 0.5, 0.5)).toBe(80);
  });

  test('beyond all experience half of them take half as long again', () => {
    expect(delayAfter(forecast(), 100, 0.975, 0.5)).toBe(150);
    expect(delayAfter(forecast(), 100, 0.99, 0.75)).toBe(200);
  });

  test('or as long as the last halvings took, where that is longer', () => {
    expect(delayAfter(forecast({ scale: 20 }), 100, 0.975, 0.5)).toBe(175);
    const flat = LEVELS.map(() => 10);
    expect(delayAfter(forecast({ curve: flat, scale: 40 }), 0, 0.99, 0.5)).toBe(10);
  });

  test('up to the last of experience the curve speaks', () => {
    expect(delayAfter(forecast(), 97, 0.97, 0.5)).toBe(100);
  });
});

describe('the share that is paid before a day', () => {
  test.each([
    // Half a day short of day 51 falls on day 50.
    [51, 0.505],
    [4, 0.035],
    [97, 0.965],
    [2, 0],
    [-20, 0],
    // 3.75 days beyond the last of experience the unpaid have halved, and so on.
    [101.75, 1 - 0.0125],
    [98 + 7.5, 1 - 0.00625],
    [98, 0.975],
  ])('day %d: %d', (days, share) => {
    expect(paidShareBefore(forecast(), days)).toBeCloseTo(share, 12);
  });

  test('counts in scatters beyond the expected day', () => {
    expect(paidShareBefore(forecast({ middle: -10, scale: 2 }), 51)).toBeCloseTo(0.3025, 12);
  });

  test('nothing is paid before its invoice, nor at the least of experience', () => {
    const early = forecast({ middle: -60, earliest: -30 });
    expect(paidShareBefore(early, -30)).toBe(0);
    expect(paidShareBefore(early, -29)).toBeCloseTo(0.305, 12);
    expect(paidShareBefore(forecast({ middle: 0.5 }), 3)).toBe(0);
    expect(paidShareBefore(forecast({ middle: 0.5 }), 3.1)).toBeCloseTo(0.021, 12);
  });

  test('where many are paid on one day all of them are paid before the next', () => {
    const monthEnd = LEVELS.map((level) => (level > 0.3 && level <= 0.7 ? 40 : 100 * level));
    expect(paidShareBefore(forecast({ curve: monthEnd, middle: 0.5 }), 41)).toBeCloseTo(0.7, 12);
  });

  test('a day by which a level is paid has that share before the next day', () => {
    const forecasts = fc.record({
      middle: fc.double({ min: -20, max: 60, noNaN: true }),
      scale: fc.double({ min: 0.5, max: 20, noNaN: true }),
    });
    fc.assert(
      fc.property(forecasts, fc.double({ min: 0.02, max: 0.999, noNaN: true }), (parts, level) => {
        const curve = fitDelayCurve(pastOf([]));
        const one = forecast({ ...parts, curve });
        const paid = paidShareBefore(one, delayAt(one, level) + 1);
        expect(paid).toBeGreaterThanOrEqual(level - 1e-9);
        expect(paidShareBefore(one, delayAt(one, level) - 1)).toBeLessThanOrEqual(level + 1e-9);
      }),
      { numRuns: 100 },
    );
  });
});
