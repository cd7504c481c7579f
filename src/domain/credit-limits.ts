/**
 * Credit limits. Each is a dated line: an amount in a currency, from a day on, perhaps until a day, and
 * how much of it a credit insurer covers. A customer's own limit goes before the book's default for the
 * same currency, the later line before the earlier one, and a line that has run out gives way to the one
 * beneath it. An amount of zero means: no credit.
 * Own 5,000 from January, 8,000 from March until June, book 2,000: 8,000 in May, 5,000 in July.
 */
import { addDays, type Day, soonest } from './day.ts';
import type { Currency, Minor } from './money.ts';

export interface LimitLine {
  /** Lines are numbered in the order in which they were set. */
  id: number;
  currency: Currency;
  amountMinor: Minor;
  /** What a credit insurer would pay; null: not insured. */
  insuredMinor: Minor | null;
  fromOn: Day;
  /** The last day; null: until another is set. */
  untilOn: Day | null;
  source: 'customer' | 'book';
}

/** The limits in force on a day, one per currency, in the order of the currencies. */
export function limitsOn(lines: readonly LimitLine[], asOn: Day): LimitLine[] {
  const standing = new Map<Currency, LimitLine>();
  for (const line of lines.filter((candidate) => isInForce(candidate, asOn))) {
    const known = standing.get(line.currency);
    if (known === undefined || goesBefore(line, known)) standing.set(line.currency, line);
  }
  return [...standing.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1));
}

/** The first later day on which a line begins or has run out; null: none does. */
export function limitsChangeOn(lines: readonly LimitLine[], asOn: Day): Day | null {
  const edges = lines.flatMap(({ fromOn, untilOn }) =>
    untilOn === null ? [fromOn] : [fromOn, addDays(untilOn, 1)],
  );
  return soonest(...edges.filter((on) => on > asOn));
}

function isInForce({ fromOn, untilOn }: LimitLine, asOn: Day): boolean {
  return fromOn <= asOn && (untilOn === null || asOn <= untilOn);
}

function goesBefore(line: LimitLine, known: LimitLine): boolean {
  if (line.source !== known.source) return line.source === 'customer';
  return line.fromOn === known.fromOn ? line.id > known.id : line.fromOn > known.fromOn;
}
