/**
 * The policies Duebook brings with it: the one a book starts with and some for other customers. Each is
 * a text beside this file, and is written into the library as version 1 the first time it is needed.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Day, toDate } from '../domain/day.ts';
import { parsePolicy } from '../domain/policy.ts';
import { addPolicyVersion, findLibraryPolicy, lockLibrary } from '../store/policies.ts';
import type { Tx } from '../store/db.ts';

const DEFAULT_POLICY_PATH = path.join(import.meta.dirname, 'default-policy.yaml');
const OTHERS = path.join(import.meta.dirname, 'policies');

interface ShippedPolicy {
  name: string;
  text: string;
}

let reading: Promise<string> | undefined;

export function defaultPolicyText(): Promise<string> {
  reading ??= readFile(DEFAULT_POLICY_PATH, 'utf8');
  return reading;
}

/** The default policy first. */
export async function shippedPolicies(): Promise<ShippedPolicy[]> {
  const files = (await readdir(OTHERS)).filter((file) => file.endsWith('.yaml')).sort();
  const others = await Promise.all(files.map((file) => readFile(path.join(OTHERS, file), 'utf8')));
  const texts = [await defaultPolicyText(), ...others];
  return texts.map((text) => ({ name: parsePolicy(text).name, text }));
}

export function textDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export async function ensureDefaultPolicy(tx: Tx, at: { now: Date; on: Day }): Promise<number> {
  const text = await defaultPolicyText();
  return ensureShipped(tx, { name: parsePolicy(text).name, text }, at);
}

/** A policy of the library by its name, written down now if it is one that comes with Duebook. */
export async function ensureLibraryPolicy(
  tx: Tx,
  name: string,
  at: { now: Date; on: Day },
): Promise<number | null> {
  const known = await findLibraryPolicy(tx, name);
  if (known !== null) return known.id;
  const shipped = (await shippedPolicies()).find((policy) => policy.name === name);
  return shipped === undefined ? null : ensureShipped(tx, shipped, at);
}

async function ensureShipped(
  tx: Tx,
  { name, text }: ShippedPolicy,
  at: { now: Date; on: Day },
): Promise<number> {
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
      reason: 'comes with Duebook',
      effectiveOn: toDate(at.on),
      createdAt: at.now,
      basedOnId: null,
    },
  );
  return added.policyId;
}
