/**
 * What the assessment said of a debtor on a past day: flags by the days they were open, score and
 * segment from the day since when they are as they are today. Where nothing was written down for a day,
 * today's stand in, and the replay says for how many customers.
 * Assessed since March, in today's segment since May: of April the flags are known, the segment is not.
 */
import type { Day } from '../day.ts';
import type { DebtorProfile } from '../dunning-case.ts';
import type { Conditions } from '../conditions.ts';
import type { Policy } from '../policy.ts';

export interface PastProfile {
  today: DebtorProfile;
  flags: readonly { code: string; openedOn: Day; closedOn: Day | null }[];
  /** The first day on which flags were looked for; null: never. */
  flagsSince: Day | null;
  /** The first day of today's score and segment; null: never assessed. */
  riskSince: Day | null;
}

export function profileOn(past: PastProfile, on: Day): DebtorProfile {
  return areFlagsKnown(past, on) ? { ...past.today, flags: flagsOn(past, on) } : past.today;
}

function flagsOn({ flags }: PastProfile, on: Day): string[] {
  const open = flags.filter(
    ({ openedOn, closedOn }) => openedOn <= on && (closedOn === null || on < closedOn),
  );
  return open.map(({ code }) => code).sort();
}

function areFlagsKnown({ flagsSince }: PastProfile, on: Day): boolean {
  return flagsSince !== null && flagsSince <= on;
}

/** Whether today's had to stand in for something this policy asks for. */
export function isGuessed(past: PastProfile, policy: Policy, on: Day): boolean {
  const asked = [policy, ...policy.steps].flatMap(({ when, unless }) => [when, unless]);
  const asksFor = (of: (conditions: Conditions) => boolean) =>
    asked.some((conditions) => conditions !== null && of(conditions));
  const isRiskKnown = past.riskSince !== null && past.riskSince <= on;
  return (
    (!areFlagsKnown(past, on) && asksFor(({ flags }) => flags.length > 0)) ||
    (!isRiskKnown && asksFor(({ score, segment }) => score !== null || segment.length > 0))
  );
}

/** The days on which it differs from the day before. */
export function profileDays({ flags, flagsSince }: PastProfile): Day[] {
  const changes = flags.flatMap(({ openedOn, closedOn }) => [openedOn, closedOn]);
  return [...changes, flagsSince].filter((on) => on !== null);
}
