/** Policies and their immutable versions. */
import { type Day, fromDate } from '../domain/day.ts';
import type { BookId } from '../domain/receivables.ts';
import type { Tx } from './db.ts';

/** In the library: it speaks wherever nothing else is assigned. */
export const DEFAULT_POLICY_NAME = 'Standard';

export interface PolicyVersionRow {
  id: number;
  policyId: number;
  policyName: string;
  number: number;
  text: string;
  digest: string;
  author: string;
  reason: string;
  effectiveOn: Day;
  /** The version of the library's policy it was made from. */
  basedOnId: number | null;
}

/** All versions of a policy, the first one first. */
export async function readVersions(tx: Tx, policyId: number): Promise<PolicyVersionRow[]> {
  const versions = await tx.policyVersion.findMany({
    where: { policyId },
    include: { policy: { select: { name: true } } },
    orderBy: { number: 'asc' },
  });
  return versions.map(({ policy, effectiveOn, ...row }) => ({
    ...row,
    policyName: policy.name,
    effectiveOn: fromDate(effectiveOn),
  }));
}

/** The version in effect on a day: the latest one that had begun, else the first there is. */
export async function findPolicyVersion(
  tx: Tx,
  policyId: number,
  on: Day,
): Promise<PolicyVersionRow | null> {
  const versions = await readVersions(tx, policyId);
  return versions.findLast((version) => version.effectiveOn <= on) ?? versions[0] ?? null;
}

export interface PolicyHead extends Omit<PolicyVersionRow, 'policyId' | 'policyName'> {
  /** Of the policy. */
  id: number;
  name: string;
  /** null: in the library. */
  bookId: BookId | null;
}

/** The latest version of every policy of the library, and of the book's own. */
export async function readPolicies(tx: Tx, bookId: BookId | null): Promise<PolicyHead[]> {
  const policies = await tx.policy.findMany({
    where: { OR: [{ bookId: null }, ...(bookId === null ? [] : [{ bookId }])] },
    include: { versions: { orderBy: { number: 'desc' }, take: 1 } },
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
  });
  return policies.flatMap(({ id, name, bookId: owner, versions }) =>
    versions.map((version) => ({
      ...version,
      id,
      name,
      bookId: owner as BookId | null,
      effectiveOn: fromDate(version.effectiveOn),
    })),
  );
}

/** Any 64-bit number will do, as long as every Duebook process uses the same. */
const LIBRARY_LOCK = 7_230_581_946;

/** Takes turns on the library until the transaction ends: two must not both write the next version of a policy. */
export async function lockLibrary(tx: Tx): Promise<void> {
  await tx.$executeRawUnsafe('select pg_advisory_xact_lock($1::bigint)', LIBRARY_LOCK);
}

export function findLibraryPolicy(tx: Tx, name: string): Promise<{ id: number } | null> {
  return findPolicy(tx, null, name);
}

/** bookId null: of the library. */
export async function findPolicy(
  tx: Tx,
  bookId: BookId | null,
  name: string,
): Promise<{ id: number } | null> {
  return tx.policy.findFirst({
    where: { bookId, name },
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
  basedOnId: number | null;
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
