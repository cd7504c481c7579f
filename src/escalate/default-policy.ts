/** The policy a book starts with: the text beside this file, kept in the library as a versioned policy. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Day } from '../domain/day.ts';
import { toDate } from '../domain/day.ts';
import { parsePolicy } from '../domain/policy.ts';
import { addPolicyVersion, findLibraryPolicy, lockLibrary } from '../store/policies.ts';
import type { Tx } from '../store/db.ts';

const DEFAULT_POLICY_PATH = path.join(import.meta.dirname, 'default-policy.yaml');

let reading: Promise<string> | undefined;

export function defaultPolicyText(): Promise<string> {
  reading ??= readFile(DEFAULT_POLICY_PATH, 'utf8');
  return reading;
}

function textDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The library's default policy, written down as version 1 the first time anybody needs it. */
export async function ensureDefaultPolicy(tx: Tx, at: { now: Date; on: Day }): Promise<number> {
  const text = await defaultPolicyText();
  const { name } = parsePolicy(text);
  const known = await findLibraryPolicy(tx, name);
  if (known !== null) return known.id;
  await lockLibrary(tx);
  const written = await findLibraryPolicy(tx, name);
  if (written !== null) return written.id;
  const added = await addPolicyVersion(
    tx,
    { bookId: null, name },
    {
      text,
      digest: textDigest(text),
      author: 'duebook',
      reason: 'the policy every book starts with',
      effectiveOn: toDate(at.on),
      createdAt: at.now,
    },
  );
  return added.policyId;
}
