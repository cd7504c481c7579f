/** Policies and their immutable versions. */
import type { Day } from '../domain/day.ts';
import { fromDate } from '../domain/day.ts';
import type { Tx } from './db.ts';

export interface PolicyVersionRow {
  id: number;
  policyId: number;
  policyName: string;
  number: number;
  text: string;
  digest: string;
}

/** The version in effect on a day: the latest one that had begun, else the first there is. */
export async function findPolicyVersion(
  tx: Tx,
  policyId: number,
  on: Day,
): Promise<PolicyVersionRow | null> {
  const versions = await tx.policyVersion.findMany({
    where: { policyId },
    include: { policy: true },
    orderBy: { number: 'asc' },
  });
  const begun = versions.filter((version) => fromDate(version.effectiveOn) <= on);
  const version = begun.at(-1) ?? versions[0];
  if (version === undefined) return null;
  const { id, number, text, digest } = version;
  return { id, policyId, policyName: version.policy.name, number, text, digest };
}

/** Any 64-bit number will do, as long as every Duebook process uses the same. */
const LIBRARY_LOCK = 7_230_581_946;

/** Takes turns on the library until the transaction ends: the first runs of two books must not both write its first policy. */
export async function lockLibrary(tx: Tx): Promise<void> {
  await tx.$executeRawUnsafe('select pg_advisory_xact_lock($1::bigint)', LIBRARY_LOCK);
}

export async function findLibraryPolicy(tx: Tx, name: string): Promise<{ id: number } | null> {
  return tx.policy.findFirst({
    where: { bookId: null, name },
    orderBy: { id: 'asc' },
    select: { id: true },
  });
}

export interface NewPolicyVersion {
  text: string;
  digest: string;
  author: string;
  reason: string;
  effectiveOn: Date;
  createdAt: Date;
}

/** Adds the policy when it is new, and a version. */
export async function addPolicyVersion(
  tx: Tx,
  policy: { bookId: number | null; name: string },
  version: NewPolicyVersion,
): Promise<{ policyId: number; versionId: number; number: number }> {
  const known = await tx.policy.findFirst({ where: policy, select: { id: true } });
  const { id: policyId } = known ?? (await tx.policy.create({ data: policy }));
  const last = await tx.policyVersion.aggregate({ where: { policyId }, _max: { number: true } });
  const number = (last._max.number ?? 0) + 1;
  const created = await tx.policyVersion.create({ data: { policyId, number, ...version } });
  return { policyId, versionId: created.id, number };
}
