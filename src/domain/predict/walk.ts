/** Time passes over a history once: every invoice is met on its issue day, with what was known that morning. */
import { FACTS } from './facts.ts';
import type { History } from './history.ts';
import { at } from './numbers.ts';
import { TrackRecords } from './track-record.ts';

export interface Walk {
  records: TrackRecords;
  /** A row of facts for each invoice met so far. */
  facts: Float64Array;
}

/**
 * Calls `onDay` for each day before `until` on which invoices were issued, with the first of them and
 * the first after them. Invoices of one day do not know of each other.
 */
export function walkHistory(
  history: History,
  until: number,
  onDay: (walk: Walk, day: number, from: number, to: number) => void,
): Walk {
  const walk = {
    records: new TrackRecords(history),
    facts: new Float64Array(history.count * FACTS),
  };
  for (let from = 0; from < history.count;) {
    const day = at(history.issuedOn, from);
    if (day >= until) break;
    walk.records.advanceTo(day);
    let to = from;
    for (; to < history.count && at(history.issuedOn, to) === day; to += 1) {
      walk.records.write(to, day, walk.facts, to * FACTS);
    }
    onDay(walk, day, from, to);
    for (let i = from; i < to; i += 1) walk.records.issue(i);
    from = to;
  }
  walk.records.advanceTo(until);
  return walk;
}
