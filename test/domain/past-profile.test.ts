import { expect, test } from 'vitest';
import { addDays, day } from '../../src/domain/day.ts';
import { parsePolicy } from '../../src/domain/policy.ts';
import {
  isGuessed,
  type PastProfile,
  profileDays,
  profileOn,
} from '../../src/domain/replay/past-profile.ts';

const MARCH = day('2026-03-01');
const MAY = day('2026-05-01');
const JUNE = day('2026-06-01');
const PAST: PastProfile = {
  today: { flags: ['disputed'], score: 60, segment: 'erratic' },
  flags: [
    { code: 'over_limit', openedOn: MARCH, closedOn: MAY },
    { code: 'disputed', openedOn: MAY, closedOn: null },
  ],
  flagsSince: MARCH,
  riskSince: MAY,
};
const flagsOn = (on: typeof MARCH, past = PAST) => profileOn(past, on).flags;
const policy = (conditions: string) =>
  parsePolicy(
    `name: P\nsteps: [{ key: s, name: S, at: on due, channel: call${conditions === '' ? '' : `, ${conditions}`} }]`,
  );

test('flags are those that were open on the day; before any were looked for, today’s stand in', () => {
  expect(flagsOn(addDays(MARCH, -1))).toEqual(['disputed']);
  expect(flagsOn(MARCH)).toEqual(['over_limit']);
  expect(flagsOn(addDays(MAY, -1))).toEqual(['over_limit']);
  expect(flagsOn(MAY)).toEqual(['disputed']);
  expect(flagsOn(JUNE, { ...PAST, flagsSince: null })).toEqual(['disputed']);
  expect(profileDays(PAST)).toEqual([MARCH, MAY, MAY, MARCH]);
});

test.each([
  ['', [false, false, false]],
  ['when: { flags: [over_limit] }', [true, false, false]],
  ['when: { score: { below: 50 } }', [true, true, false]],
  ['unless: { segment: [punctual] }', [true, true, false]],
  ['when: { age: { atLeast: 3 } }', [false, false, false]],
])('a day is guessed only where the policy asks for what is not on record: %s', (text, guessed) => {
  const days = [addDays(MARCH, -1), addDays(MAY, -1), MAY];
  expect(days.map((on) => isGuessed(PAST, policy(text), on))).toEqual(guessed);
  const never = { ...PAST, flagsSince: null, riskSince: null };
  expect(isGuessed(never, policy(text), JUNE)).toBe(guessed[0]);
});
