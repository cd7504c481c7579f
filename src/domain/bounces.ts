/**
 * What it means that a message came back. A server that says "no such mailbox" (5.1.x), "disabled"
 * (5.2.1) or simply "failed for good" has spoken about the address: nothing more is written to it
 * until a person says it works. A full mailbox, a message too large, a suspected spam or a server that
 * is away speak about that day: three of them within 30 days speak about the address as well.
 * 5.1.1 once: not written to again. 4.2.2 on 1, 8 and 20 June: likewise.
 */
import type { Day } from './day.ts';

export type BounceKind = 'hard' | 'soft';

export interface Bounce {
  address: string;
  kind: BounceKind;
  on: Day;
}

const SOFT_MAX = 2;
const SOFT_DAYS = 30;

/** Permanent by its first digit, and yet not about the address (RFC 3463): full, too large, system, network, policy. */
const NOT_THE_ADDRESS = /^5\.(2\.[23]|3\.\d+|4\.\d+|5\.\d+|6\.\d+|7\.\d+)$/;

/** null: it says nothing that counts; it is only late, or has arrived. */
export function bounceKind(report: { action: string; status: string | null }): BounceKind | null {
  if (report.action !== 'failed') return null;
  const { status } = report;
  if (status === null) return 'soft';
  if (!status.startsWith('5.')) return status.startsWith('2.') ? null : 'soft';
  return NOT_THE_ADDRESS.test(status) ? 'soft' : 'hard';
}

/** Addresses not to write to, lower case. */
export function deadAddresses(bounces: readonly Bounce[]): string[] {
  const dead = new Set<string>();
  for (const { address, kind, on } of bounces) {
    const recent = bounces.filter(
      (other) => other.address === address && other.on <= on && on - other.on < SOFT_DAYS,
    );
    if (kind === 'hard' || recent.length > SOFT_MAX) dead.add(address);
  }
  return [...dead].sort();
}
