import { expect, test } from 'vitest';
import { addDays, day } from '../../src/domain/day.ts';
import { replyStanding } from '../../src/domain/reply.ts';

const ON = day('2026-06-03');
const standing = (pauseDays: number, after: number) =>
  replyStanding({ fromOn: ON }, { onReply: { pauseDays } }, addDays(ON, after));

test('chasing rests from the day of the answer through the last day of the pause', () => {
  const lastOn = addDays(ON, 5);
  const rest = { rests: true, lastOn, changesOn: addDays(lastOn, 1) };
  expect([0, 5].map((after) => standing(5, after))).toEqual([rest, rest]);
  expect([-1, 6].map((after) => standing(5, after).rests)).toEqual([false, false]);
  expect(standing(5, 6).changesOn).toBeNull();
});

test('a pause of no days is none, not even on the day itself', () => {
  expect(standing(0, 0)).toEqual({ rests: false, lastOn: ON, changesOn: null });
});
