/**
 * The points of each factor by its value, as a scorecard on paper would have them: steps, so that a
 * score stays as it is until something crosses a line. Full points sum to 100; the lower the value the
 * better, except for the length of the history and the share of promises kept.
 * Oldest amount 22 days overdue: 10 of 20 points; 15 days: 14.
 */
export interface Step {
  /** The value at which these points are still given. */
  upTo: number;
  points: number;
}

const steps = (...pairs: [upTo: number, points: number][]): readonly Step[] =>
  pairs.map(([upTo, points]) => ({ upTo, points }));

export const SCORECARD = {
  /** Days. */
  oldest_overdue: steps([0, 20], [7, 17], [15, 14], [30, 10], [60, 5], [90, 2], [Infinity, 0]),
  /** Overdue as a share of what fell due within a year. */
  overdue_weight: steps([0, 10], [0.05, 8], [0.1, 6], [0.25, 3], [Infinity, 0]),
  late_share: steps([0.05, 20], [0.15, 17], [0.3, 13], [0.5, 8], [0.75, 4], [Infinity, 0]),
  /** Days, by amount. */
  days_late: steps([0, 20], [3, 17], [7, 13], [15, 9], [30, 5], [60, 2], [Infinity, 0]),
  /** Days, the latest five invoices. */
  recent_days: steps([0, 10], [5, 8], [10, 6], [20, 3], [45, 1], [Infinity, 0]),
  /** Exposure as a share of the limit. */
  limit_use: steps([0.5, 10], [0.8, 8], [1, 5], [1.25, 2], [Infinity, 0]),
  /** Share of promises not kept in full. */
  promises: steps([0.25, 5], [0.5, 3], [Infinity, 0]),
  /** Invoices short of ten. */
  history: steps([0, 5], [7, 3], [Infinity, 0]),
} as const;

export type FactorCode = keyof typeof SCORECARD;

export interface Placed {
  points: number;
  max: number;
  /** The nearest step with more points. */
  better: Step | null;
}

export function place(code: FactorCode, value: number): Placed {
  const card = SCORECARD[code];
  const at = card.findIndex((step) => value <= step.upTo);
  return {
    points: card[at]?.points ?? 0,
    max: card[0]?.points ?? 0,
    better: card[at - 1] ?? null,
  };
}

export const GRADES = ['A', 'B', 'C', 'D', 'E'] as const;
export type Grade = (typeof GRADES)[number];

const GRADE_FROM: Record<Grade, number> = { A: 85, B: 70, C: 55, D: 40, E: 0 };

export function gradeOf(score: number): Grade {
  return GRADES.find((grade) => score >= GRADE_FROM[grade]) ?? 'E';
}
