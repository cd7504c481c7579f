/**
 * The hold-out: a share of the customers that hears nothing before a certain step, so that what the
 * earlier steps achieve can be told from what would have been paid anyway. Who is in it follows from
 * the policy's name and the customer alone: the same people every day, others under another policy.
 * With a share of 0.1 about one customer in ten is held out.
 */
import type { Policy } from './policy.ts';
import type { CustomerId } from './receivables.ts';

export function isHeldOut(policy: Policy, debtorId: CustomerId): boolean {
  return policy.holdOut !== null && unitOf(`${policy.name}\n${debtorId}`) < policy.holdOut.share;
}

/** A number from 0 to below 1, spread evenly over texts: FNV-1a and the finisher of MurmurHash3. */
function unitOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
