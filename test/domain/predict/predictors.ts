/** Predictors written by hand: what each factor is worth stands in the test. */
import { day } from '../../../src/domain/day.ts';
import { LEVELS } from '../../../src/domain/predict/delay-curve.ts';
import { DELAY_FACTORS, LATE_FACTORS } from '../../../src/domain/predict/factors.ts';
import type { Predictor } from '../../../src/domain/predict/predictor.ts';
import type { Recalibration } from '../../../src/domain/predict/recalibration.ts';
import { BOOK } from './histories.ts';

type Worth<Name extends string> = Partial<Record<Name, number>>;

interface Said {
  late?: Worth<(typeof LATE_FACTORS)[number]>;
  delay?: Worth<(typeof DELAY_FACTORS)[number]>;
  recalibration?: Recalibration;
  /** Of the customer's scatters, for each level. */
  reach?: (level: number) => number;
}

/** By default: the customer's own rate and usual delay; ten scatters from nobody to everybody paid. */
export function predictorOf({
  late = { own_rate: 1 },
  delay = { usual_delay: 1 },
  recalibration = { shift: 0, slope: 1, knots: [], bends: [] },
  reach = (level) => 10 * (level - 0.5),
}: Said = {}): Predictor {
  return {
    fittedOn: day('2026-03-01'),
    learntFrom: 80,
    factors: { late: LATE_FACTORS, delay: DELAY_FACTORS },
    book: BOOK,
    late: { ...linear(LATE_FACTORS, late), curve: recalibration },
    delay: { ...linear(DELAY_FACTORS, delay), curve: LEVELS.map(reach) },
  };
}

function linear<Name extends string>(names: readonly Name[], worth: Worth<Name>) {
  return {
    scaling: { mean: names.map(() => 0), perScatter: names.map(() => 1) },
    beta: names.map((name) => worth[name] ?? 0),
    strength: 1,
  };
}
