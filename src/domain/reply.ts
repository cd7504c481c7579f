/**
 * An answer of the debtor that is no promise and no dispute: whoever kept on reminding somebody who has
 * just written back would lose a customer. Chasing rests for the days the policy names, so that a person
 * can see to it; with none named the answer is written down and nothing rests.
 * Answered on the 3rd, five days: silence through the 8th.
 */
import { addDays, type Day } from './day.ts';
import type { HoldOf, HoldRules } from './holds.ts';

export interface ReplyStanding {
  rests: boolean;
  /** The last day on which it lets chasing rest. */
  lastOn: Day;
  changesOn: Day | null;
}

export function replyStanding(
  { fromOn }: Pick<HoldOf<'reply'>, 'fromOn'>,
  { onReply }: Pick<HoldRules, 'onReply'>,
  asOn: Day,
): ReplyStanding {
  const lastOn = addDays(fromOn, onReply.pauseDays);
  const rests = onReply.pauseDays > 0 && fromOn <= asOn && asOn <= lastOn;
  return { rests, lastOn, changesOn: rests ? addDays(lastOn, 1) : null };
}
