/** Intuit stamps everything with the offset of its own clock, in California: 2026-04-07T12:51:28-07:00. */
const HOUR_MS = 3_600_000;

/** Daylight saving in the United States: second Sunday of March to first Sunday of November, 2 a.m. */
function offsetHours(at: number): number {
  const year = new Date(at).getUTCFullYear();
  const begins = nthSunday(year, 2, 2) + 10 * HOUR_MS;
  const ends = nthSunday(year, 10, 1) + 9 * HOUR_MS;
  return at >= begins && at < ends ? -7 : -8;
}

function nthSunday(year: number, month: number, nth: number): number {
  const first = new Date(Date.UTC(year, month, 1)).getUTCDay();
  return Date.UTC(year, month, 1 + ((7 - first) % 7) + (nth - 1) * 7);
}

export function pacific(at: number, milliseconds = false): string {
  const offset = offsetHours(at);
  const local = new Date(at + offset * HOUR_MS).toISOString();
  return `${local.slice(0, milliseconds ? 23 : 19)}-0${-offset}:00`;
}
