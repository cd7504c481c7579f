/**
 * Policies as people keep them: saved as versions that never change, compared, and assigned to a book,
 * a segment, a customer or an invoice. What the lint calls an error is refused; each change is audited.
 */
import type { Clock } from '../clock.ts';
import { type Day, dayIn, formatDay, toDate } from '../domain/day.ts';
import { parsePolicy } from '../domain/policy.ts';
import { SCOPES, type Scope } from '../domain/policy-choice.ts';
import { type Finding, hasErrors, type LintContext, lintPolicy } from '../domain/policy-lint.ts';
import { diffPolicies } from '../domain/policy-words.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import { SEGMENTS } from '../domain/segments.ts';
import { AccessError, UsageError } from '../errors.ts';
import { getBook } from '../store/book-facts.ts';
import { markChanged } from '../store/chase-state.ts';
import type { Db, Tx } from '../store/db.ts';
import {
  addPolicyVersion,
  findPolicy,
  findPolicyVersion,
  lockLibrary,
  type PolicyVersionRow,
  readPolicies,
  readVersions,
} from '../store/policies.ts';
import { deleteAssignment, readAssignments, writeAssignment } from '../store/policy-assignments.ts';
import { ensureLibraryPolicy, shippedPolicies, textDigest } from './default-policy.ts';

interface PolicyDeps {
  db: Db;
  clock: Clock;
}

export interface SaveRequest {
  text: string;
  /** null: into the library. */
  bookId: BookId | null;
  author: string;
  reason: string;
  /** Left out: from today. */
  effectiveOn?: Day;
  /** The library's policy it is made from; left out: the one its last version was, or one of the same name. */
  from?: string;
  templates: LintContext['templates'];
}

export interface Saved {
  name: string;
  /** null: refused. */
  version: number | null;
  /** The text is that of the version before: nothing was written. */
  isSame: boolean;
  findings: Finding[];
}

const REASON_MAX = 500;

export async function savePolicy(deps: PolicyDeps, request: SaveRequest): Promise<Saved> {
  const { text, bookId } = request;
  const reason = request.reason.trim();
  if (reason === '' || reason.length > REASON_MAX) {
    throw new UsageError(`a version needs a reason of at most ${REASON_MAX} characters`);
  }
  const now = deps.clock.now();
  return deps.db.tx(async (tx) => {
    const book = bookId === null ? null : await getBook(tx, bookId);
    const country = book?.country ?? null;
    const findings = lintPolicy(text, { templates: request.templates, country });
    if (hasErrors(findings)) return { name: '', version: null, isSame: false, findings };
    const { name } = parsePolicy(text);
    await lockLibrary(tx);
    const today = dayIn(book?.timeZone ?? 'UTC', now);
    if (bookId === null) await ensureLibraryPolicy(tx, name, { now, on: today });
    const known = await findPolicy(tx, bookId, name);
    const last = known === null ? undefined : (await readVersions(tx, known.id)).at(-1);
    const digest = textDigest(text);
    if (last?.digest === digest) return { name, version: last.number, isSame: true, findings };
    const effectiveOn = request.effectiveOn ?? today;
    if (last !== undefined && effectiveOn < last.effectiveOn) {
      throw new UsageError(
        `version ${last.number} is in effect from ${formatDay(last.effectiveOn)}: a later version cannot begin on ${formatDay(effectiveOn)}`,
      );
    }
    const basedOnId =
      bookId === null ? null : await baseOf(tx, request.from, last ?? null, name, now, today);
    const added = await addPolicyVersion(
      tx,
      { bookId, name },
      {
        text,
        digest,
        author: request.author,
        reason,
        effectiveOn: toDate(effectiveOn),
        createdAt: now,
        basedOnId,
      },
    );
    await tx.audit.create({
      data: {
        bookId,
        at: now,
        actor: request.author,
        action: 'policy.saved',
        subject: `policy ${added.policyId}`,
        detail: { name, version: added.number, reason, effectiveOn: formatDay(effectiveOn) },
      },
    });
    return { name, version: added.number, isSame: false, findings };
  });
}

async function baseOf(
  tx: Tx,
  wanted: string | undefined,
  last: { basedOnId: number | null } | null,
  name: string,
  now: Date,
  today: Day,
): Promise<number | null> {
  if (wanted === undefined && last !== null && last.basedOnId !== null) return last.basedOnId;
  const policyId = await ensureLibraryPolicy(tx, wanted ?? name, { now, on: today });
  if (policyId === null) {
    if (wanted === undefined) return null;
    throw new UsageError(`the library has no policy "${wanted}"`);
  }
  return (await readVersions(tx, policyId)).at(-1)?.id ?? null;
}

export interface ListedPolicy {
  name: string;
  bookId: BookId | null;
  /** 0: comes with Duebook and was not needed yet. */
  version: number;
  author: string;
  reason: string;
  effectiveOn: string;
  /** "book", "segment punctual", "customer 17" … */
  assignedTo: string[];
}

/** The library, and the book's own policies. */
export async function listPolicies(db: Db, bookId: BookId | null): Promise<ListedPolicy[]> {
  const { prisma } = db;
  const assignments = bookId === null ? [] : await readAssignments(prisma, bookId);
  const saved = (await readPolicies(prisma, bookId)).map((row): ListedPolicy => {
    const { id, name, number, author, reason, effectiveOn } = row;
    const own = assignments.filter((entry) => entry.policyId === id);
    return {
      name,
      bookId: row.bookId,
      version: number,
      author,
      reason,
      effectiveOn: formatDay(effectiveOn),
      assignedTo: own.map(({ scope, scopeId }) => `${scope} ${scopeId}`.trim()),
    };
  });
  const isSaved = new Set(saved.filter((row) => row.bookId === null).map((row) => row.name));
  const unsaved = (await shippedPolicies()).filter(({ name }) => !isSaved.has(name));
  return [
    ...saved,
    ...unsaved.map(({ name }) => ({
      name,
      bookId: null,
      version: 0,
      author: 'duebook',
      reason: 'comes with Duebook',
      effectiveOn: '',
      assignedTo: [],
    })),
  ];
}

export interface PolicyText {
  name: string;
  version: number;
  text: string;
}

/** The book's own policy of that name, else the library's; the latest version unless one is named. */
export async function policyText(
  tx: Tx,
  bookId: BookId | null,
  name: string,
  version?: number,
): Promise<PolicyText> {
  const own = bookId === null ? null : await findPolicy(tx, bookId, name);
  const found = own ?? (await findPolicy(tx, null, name));
  if (found === null) {
    const shipped = (await shippedPolicies()).find((policy) => policy.name === name);
    if (shipped !== undefined) return { ...shipped, version: 0 };
    throw new AccessError('not_found', `no policy is called "${name}"`);
  }
  const versions = await readVersions(tx, found.id);
  const wanted =
    version === undefined ? versions.at(-1) : versions.find((row) => row.number === version);
  if (wanted === undefined) {
    throw new AccessError('not_found', `policy "${name}" has no version ${version ?? 1}`);
  }
  return { name, version: wanted.number, text: wanted.text };
}

export interface Drift {
  name: string;
  version: number;
  base: { name: string; version: number; latest: number };
  /** What the book's policy says differently from the latest version of its base. */
  differences: string[];
  /** What the library changed since. */
  sinceThen: string[];
}

/** The book's own policies beside what the library has by now. */
export async function driftOf(db: Db, bookId: BookId): Promise<Drift[]> {
  const { prisma } = db;
  const drifts: Drift[] = [];
  for (const row of await readPolicies(prisma, bookId)) {
    if (row.bookId === null || row.basedOnId === null) continue;
    const base = await prisma.policyVersion.findUnique({ where: { id: row.basedOnId } });
    if (base === null) continue;
    const versions = await readVersions(prisma, base.policyId);
    const [then, latest] = [versions.find(({ id }) => id === base.id), versions.at(-1)];
    if (then === undefined || latest === undefined) continue;
    const [own, was, is] = [row, then, latest].map(({ text }) => parsePolicy(text));
    if (own === undefined || was === undefined || is === undefined) continue;
    drifts.push({
      name: row.name,
      version: row.number,
      base: { name: is.name, version: then.number, latest: latest.number },
      differences: diffPolicies(is, own),
      sinceThen: diffPolicies(was, is),
    });
  }
  return drifts;
}

export interface AssignRequest {
  scope: Scope;
  /** Empty for the book. */
  scopeId: string;
  /** null: what is assigned there is taken away. */
  policy: string | null;
}

export async function assignPolicy(
  deps: PolicyDeps,
  bookId: BookId,
  { scope, scopeId, policy }: AssignRequest,
  author: string,
): Promise<void> {
  if (!SCOPES.includes(scope)) throw new UsageError(`a scope is one of ${SCOPES.join(', ')}`);
  const now = deps.clock.now();
  await deps.db.tx(async (tx) => {
    const book = await getBook(tx, bookId);
    const customerId = await mustExist(tx, bookId, scope, scopeId);
    if (policy === null) {
      const was = await deleteAssignment(tx, bookId, scope, scopeId);
      if (!was) throw new UsageError(`nothing is assigned to ${`${scope} ${scopeId}`.trim()}`);
    } else {
      const today = dayIn(book.timeZone, now);
      const own = await findPolicy(tx, bookId, policy);
      const policyId = own?.id ?? (await ensureLibraryPolicy(tx, policy, { now, on: today }));
      if (policyId === null) throw new AccessError('not_found', `no policy is called "${policy}"`);
      await writeAssignment(tx, bookId, { scope, scopeId, policyId }, { author, at: now });
    }
    await markChanged(tx, bookId, customerId === null ? 'all' : [customerId]);
    await tx.audit.create({
      data: {
        bookId,
        at: now,
        actor: author,
        action: 'policy.assigned',
        subject: `${scope} ${scopeId}`.trim(),
        detail: { policy },
      },
    });
  });
}

/** Gives the customer whose answers change; null: many. */
async function mustExist(
  tx: Tx,
  bookId: BookId,
  scope: Scope,
  scopeId: string,
): Promise<CustomerId | null> {
  switch (scope) {
    case 'book':
      return null;
    case 'segment': {
      if ((SEGMENTS as readonly string[]).includes(scopeId)) return null;
      throw new UsageError(`"${scopeId}" is no segment: say one of ${SEGMENTS.join(', ')}`);
    }
    case 'customer': {
      const where = { bookId_id: { bookId, id: scopeId } };
      const customer = await tx.customer.findUnique({ where, select: { id: true } });
      if (customer === null) throw new AccessError('not_found', `no customer ${scopeId}`);
      return customer.id as CustomerId;
    }
    case 'invoice': {
      const where = { bookId_id: { bookId, id: scopeId } };
      const invoice = await tx.invoice.findUnique({ where, select: { customerId: true } });
      if (invoice === null) throw new AccessError('not_found', `no invoice ${scopeId}`);
      return invoice.customerId as CustomerId;
    }
  }
}

export interface InForce {
  name: string;
  version: number;
  effectiveOn: string;
  author: string;
  /** The book has a policy of its own, or goes by the library's. */
  source: 'book' | 'library';
  /** How many customers, invoices and segments follow another one. */
  exceptions: number;
  findings: Finding[];
}

/** What the book goes by on a day, with what the lint says of it. */
export async function policyInForce(
  db: Db,
  bookId: BookId,
  on: Day,
  templates: LintContext['templates'],
): Promise<InForce> {
  const { prisma } = db;
  const { country } = await getBook(prisma, bookId);
  const assignments = await readAssignments(prisma, bookId);
  const ofBook = assignments.find((row) => row.scope === 'book');
  const [standard] = await shippedPolicies();
  const policyId = ofBook?.policyId ?? (await findPolicy(prisma, null, standard?.name ?? ''))?.id;
  const row = policyId === undefined ? null : await findPolicyVersion(prisma, policyId, on);
  return {
    ...headOf(row, standard?.name ?? '', on),
    source: ofBook === undefined ? 'library' : 'book',
    exceptions: assignments.filter((entry) => entry.scope !== 'book').length,
    findings: lintPolicy(row?.text ?? standard?.text ?? '', { templates, country }),
  };
}

function headOf(row: PolicyVersionRow | null, name: string, on: Day) {
  if (row === null) return { name, version: 1, effectiveOn: formatDay(on), author: 'duebook' };
  const { policyName, number, author, effectiveOn } = row;
  return { name: policyName, version: number, effectiveOn: formatDay(effectiveOn), author };
}
