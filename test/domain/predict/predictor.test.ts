import { describe, expect, test } from 'vitest';
import { addDays } from '../../../src/domain/day.ts';
import { DELAY_FACTORS, LATE_FACTORS } from '../../../src/domain/predict/factors.ts';
import { FACTS } from '../../../src/domain/predict/facts.ts';
import { arrangeHistory } from '../../../src/domain/predict/history.ts';
import {
  fitPredictor,
  forecastDelay,
  isReadable,
  learnPredictor,
  predict,
  predictLate,
  type Predictor,
} from '../../../src/domain/predict/predictor.ts';
import type { PaymentObservation } from '../../../src/domain/predict/observation.ts';
import { walkHistory } from '../../../src/domain/predict/walk.ts';
import { factsOf, FIRST, invoice, sixDigits, yearOfEighty } from './histories.ts';
import { predictorOf } from './predictors.ts';

const logit = (p: number): number => Math.log(p / (1 - p));

/** Late in three of four, usually 8 days, which scatter by 3: pulled to the book's 30 %, 5 and 6. */
const KNOWN = {
  late: 3,
  matured: 4,
  maturedCount: 4,
  medianDelay: 8,
  medianWeight: 4,
  spread: 3,
  termsDays: 30,
};
const OWN_RATE = (3 + 4 * 0.3) / (4 + 4);
const USUAL = (8 * 4 + 5 * 2) / (4 + 2);
const SCATTER = (3 * 4 + 6 * 3) / (4 + 3);

describe('one invoice predicted', () => {
  test('by the customer’s own figures, where nothing else was learnt', () => {
    const made = predict(predictorOf(), factsOf(KNOWN), 0);
    expect(made.late).toBeCloseTo(OWN_RATE, 12);
    // Ten scatters from nobody to everybody: 80 % are paid three beyond the middle, 90 % four.
    expect(made).toMatchObject({
      expected: Math.round(USUAL),
      p50: Math.round(USUAL),
      p80: Math.round(USUAL + 3 * SCATTER),
      p90: Math.round(USUAL + 4 * SCATTER),
    });
  });

  test('nothing known of the customer: the figures of the book', () => {
    const stranger = factsOf({ medianDelay: Number.NaN, termsDays: 20 });
    const { late, ...days } = predict(predictorOf(), stranger, 0);
    expect(late).toBeCloseTo(0.4, 12);
    expect(days).toEqual({ expected: 5, p50: 5, p80: 5 + 3 * 6, p90: 5 + 4 * 6 });
  });

  test('never paid before it is raised', () => {
    const eager = predictorOf({ delay: { constant: -45 } });
    // 80 % are paid three scatters of 4.29 days after the middle: that is 32 days early.
    expect(predict(eager, factsOf({ ...KNOWN, termsDays: 30 }), 0)).toMatchObject({
      expected: -30,
      p50: -30,
      p80: -30,
      p90: -28,
    });
    expect(predict(eager, factsOf({ ...KNOWN, termsDays: 60 }), 0).expected).toBe(-45);
  });

  test('is read from its own row among many', () => {
    const rows = Float64Array.from([...factsOf({}), ...factsOf(KNOWN), ...factsOf({})]);
    expect(predict(predictorOf(), rows, FACTS)).toEqual(predict(predictorOf(), factsOf(KNOWN), 0));
    expect(predictLate(predictorOf(), rows, FACTS)).toBeCloseTo(OWN_RATE, 12);
  });

  test('what is learnt moves it away from the customer’s own rate', () => {
    const sterner = predictorOf({ late: { constant: 0.5, own_rate: 2, terms: 0.1 } });
    const odds = 0.5 + 2 * logit(OWN_RATE) + 0.1 * Math.log(31);
    expect(predictLate(sterner, factsOf(KNOWN), 0)).toBeCloseTo(1 / (1 + Math.exp(-odds)), 12);
  });

  test('a pay run that is trusted is the expected day', () => {
    const of = (runTrust: number) =>
      forecastDelay(predictorOf(), factsOf({ ...KNOWN, runDelay: 13, runTrust }), 0);
    expect(of(0.9)).toMatchObject({ middle: 13, scale: SCATTER, earliest: -30 });
    expect(of(0.6).middle).toBeCloseTo((13 + USUAL) / 2, 12);
    expect(of(0.5).middle).toBe(USUAL);
  });
});

describe('a predictor that was kept', () => {
  const factors = { late: LATE_FACTORS, delay: DELAY_FACTORS };

  test('can be read while the factors are those of this release, in their order', () => {
    expect(isReadable({ factors })).toBe(true);
    expect(isReadable(JSON.parse(JSON.stringify({ factors })) as { factors: typeof factors })).toBe(
      true,
    );
    expect(isReadable({})).toBe(false);
    expect(isReadable({ factors: { ...factors, late: LATE_FACTORS.slice(1) } })).toBe(false);
    expect(isReadable({ factors: { ...factors, delay: DELAY_FACTORS.toReversed() } })).toBe(false);
  });
});

/** Nine such books, each a day after the other, a seventh of it paid another 11 days later. */
function nineBooks(): PaymentObservation[] {
  return Array.from({ length: 9 }, (_, book) =>
    yearOfEighty().map((one, i) => ({
      ...one,
      customer: `${one.customer}${book}`,
      issuedOn: addDays(one.issuedOn, book),
      dueOn: addDays(one.dueOn, book),
      paidOn:
        one.paidOn === null
          ? null
          : addDays(one.paidOn, book + ((i * 5 + book * 3) % 7 === 0 ? 11 : 0)),
    })),
  ).flat();
}

describe('learning from a book', () => {
  const asOn = addDays(FIRST, 380);
  const learned = (observations: readonly PaymentObservation[]): Predictor => {
    const learnt = learnPredictor(arrangeHistory(observations), asOn);
    if (learnt === null) throw new Error('nothing was learnt');
    return learnt;
  };

  test('the same history gives the same figures: a change here changes the model, and its backtest has to be measured again', () => {
    const { book, late, delay, ...learnt } = learned(yearOfEighty());
    expect(learnt).toEqual({
      fittedOn: asOn,
      learntFrom: 78,
      factors: { late: LATE_FACTORS, delay: DELAY_FACTORS },
    });
    expect(sixDigits(Object.values(book))).toEqual([
      0.548007, 0.573056, 0.557651, -1.72727, 0.873825, 2.45455, 8.8956,
    ]);
    expect([late.strength, delay.strength]).toEqual([80, 100]);
    expect(sixDigits(late.beta)).toEqual([
      0.314001, 0.0365685, 0.00115428, 0.021593, 0.00559852, 0.0367187, -0.0154447, -0.0608628,
      2.26117, 0.0413851, 0.0616244, 0.0667955, 0.0155653, -0.031226, 0.0102726, 0.0108942,
      0.0420956,
    ]);
    expect(sixDigits(delay.beta)).toEqual([
      1.31978, -0.0862681, 0.0369983, 0.310111, 0.288583, 0.337629, 0.0408889, 0.100193, 5.19099,
      0.266312, 0.366748, 0.328398, 0.214287, 0.377218, 0.00323891,
    ]);
  });

  test('and so does a larger one, from which bands and a correction of the chance are learnt', () => {
    const { learntFrom, book, late, delay } = learned(nineBooks());
    expect(learntFrom).toBe(701);
    expect(sixDigits(Object.values(book))).toEqual([
      0.605886, 0.5, 0.617245, 1.75, 0.684527, 2.45455, 10.3782,
    ]);
    expect([late.strength, delay.strength]).toEqual([400, 10]);
    expect(sixDigits(late.beta)).toEqual([
      0.735898, 0.0582925, -0.00287161, 0.0274269, 0.0041632, 0.0526137, -0.0148061, -0.0822617,
      2.33944, 0.0472297, 0.0854758, 0.0806978, 0.0188802, -0.0634319, 0.0132802, 0.0259605,
      0.023491,
    ]);
    const { shift, slope, knots, bends } = late.curve;
    expect(sixDigits([shift, slope])).toEqual([0.0803645, 0.87619]);
    expect(sixDigits(knots)).toEqual([
      -3.1603, -2.91361, -1.35801, 1.16352, 2.74679, 3.0282, 3.38956,
    ]);
    expect(sixDigits(bends)).toEqual([
      0.11122, 0.0968603, 0.192249, 0.0320021, 0.0175639, 0.00872235, 0.00316569,
    ]);
    expect(sixDigits(delay.beta)).toEqual([
      4.12514, 0.0121848, 0.137632, -0.00636658, -0.363213, 2.68261, 0.442346, 0.625442, 5.2125,
      0.868105, 3.80674, 2.30709, -1.22791, 1.6183, -0.0454088,
    ]);
    expect(sixDigits(delay.curve)).toEqual([
      -3.62434, -3.07244, -2.30882, -2.04935, -0.915556, -0.498868, -0.282788, -0.261024, -0.218071,
      -0.0365505, 0.0830548, 0.358781, 0.569101, 1.29842, 1.52004, 1.75403, 2.21594, 2.77881,
      4.88656, 20.859, 30.8014,
    ]);
  });

  test('begins with the first day on which thirty invoices are past their due date', () => {
    const daily = arrangeHistory(
      Array.from({ length: 40 }, (_, n) =>
        invoice('A', addDays(FIRST, n), 10, n % 3 === 0 ? 9 : 14),
      ),
    );
    expect(learnPredictor(daily, addDays(FIRST, 39))).toBeNull();
    expect(learnPredictor(daily, addDays(FIRST, 40))?.learntFrom).toBe(30);
  });

  test('what is paid on that day or later is not known', () => {
    const told = (later: number | null) =>
      learnPredictor(
        arrangeHistory(
          yearOfEighty().map((one) =>
            one.paidOn === null || one.paidOn < asOn - 150
              ? one
              : { ...one, paidOn: later === null ? null : addDays(asOn, later - 150) },
          ),
        ),
        addDays(asOn, -150),
      );
    expect(told(0)).toEqual(told(null));
    expect(told(90)).toEqual(told(null));
  });

  test('what is paid today counts this morning as not paid yet', () => {
    // Ever ten days late: the last twenty are not paid yet, or all on the day itself.
    const told = (isPaidToday: boolean) =>
      learnPredictor(
        arrangeHistory(
          Array.from({ length: 60 }, (_, n) =>
            invoice('A', addDays(FIRST, n), 10, n < 40 ? 20 : isPaidToday ? 60 - n : null),
          ),
        ),
        addDays(FIRST, 60),
      );
    expect(told(true)).toEqual(told(false));
  });

  test('an unpaid invoice counts as late, and with the days until the evening before', () => {
    const book = (paid: number | null) =>
      Array.from({ length: 60 }, (_, n) =>
        invoice('A', addDays(FIRST, n), 10, n % 2 === 0 ? 10 : paid),
      );
    const learnt = (paid: number | null) =>
      learnPredictor(arrangeHistory(book(paid)), addDays(FIRST, 110));
    expect(learnt(null)?.book.lateRate).toBe(learnt(30)?.book.lateRate);
    expect(learnt(null)?.late.beta).not.toEqual(learnt(9)?.late.beta);
  });

  test('the rows of facts it is given are left as they were', () => {
    const history = arrangeHistory(yearOfEighty());
    const { facts, records } = walkHistory(history, asOn, () => undefined);
    const before = facts.slice();
    fitPredictor(history, facts, records, asOn);
    expect(facts).toEqual(before);
  });
});
