/** Figures for people and for scripts. */
export interface Measure {
  what: string;
  /** Which database. */
  on: string;
  figure: number;
  unit: string;
  /** The figure aimed at, or less; null: only told. */
  goal: number | null;
  /** Medians behind a ratio. */
  oursMs?: number;
  floorMs?: number;
  /** More to know, in a few words. */
  note?: string;
}

export type Progress = (line: string) => void;

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

export function table(measures: readonly Measure[]): string {
  const rows = measures.map((measure) => [
    measure.what,
    measure.on,
    `${measure.figure.toFixed(2)} ${measure.unit}`,
    measure.goal === null ? '' : `≤ ${measure.goal.toFixed(1)}`,
    measure.goal === null ? '' : measure.figure <= measure.goal ? 'met' : 'missed',
    detail(measure),
  ]);
  const all = [['measure', 'on', 'figure', 'goal', '', ''], ...rows];
  const widths = all[0]?.map((_, column) =>
    Math.max(...all.map((row) => row[column]?.length ?? 0)),
  );
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function detail(measure: Measure): string {
  if (measure.oursMs === undefined || measure.floorMs === undefined) return measure.note ?? '';
  return `${measure.oursMs.toFixed(0)} ms / ${measure.floorMs.toFixed(0)} ms`;
}
