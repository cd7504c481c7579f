/**
 * After an invoice came back from an agency or a lawyer: what was done before is history, and chasing
 * goes on with the last plain reminder before the formal steps, then those again in their order.
 * Handed over on 30 August, taken back on 10 September: the firm reminder, then the letters anew.
 */
import { addDays } from './day.ts';
import type { Policy } from './policy.ts';
import { isFormal, type Resume, type StepTaken } from './step-chain.ts';

/** null: it never came back, or the policy has no reminder to go on with. */
export function resumeAfterReturn(
  policy: Pick<Policy, 'steps'>,
  taken: readonly Pick<StepTaken, 'state' | 'on'>[],
): Resume | null {
  const returned = taken.filter((entry) => entry.state === 'returned');
  const last = returned.toSorted((a, b) => a.on - b.on).at(-1);
  if (last === undefined) return null;
  const formal = policy.steps.findIndex((step) => isFormal(step));
  const plain = policy.steps.slice(0, formal === -1 ? undefined : formal);
  const reminder = plain.findLast((step) => step.channel === 'email');
  return reminder === undefined ? null : { then: reminder.key, on: addDays(last.on, 1) };
}
