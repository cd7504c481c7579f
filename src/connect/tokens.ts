/**
 * Access tokens for calls, refreshed once for everybody. A refresh token is good for one use, and
 * two refreshes at once can cost the connection, so the right to refresh is a lease on the grant's
 * row, taken by one UPDATE; no transaction stays open during the call. The new pair is stored in
 * the statement that frees the lease, before any call uses it. Who finds the lease taken waits for
 * the row's version to move.
 */
import { randomUUID } from 'node:crypto';
import type { LedgerPlatform, TokenSet, TokenSource } from '../../connectors/ledger.ts';
import { LedgerError } from '../errors.ts';
import type { Grant } from '../store/db.ts';
import { markGrantDisconnected } from '../store/connection.ts';
import { type ConnectDeps, PLATFORM_NAMES, platformOf } from './deps.ts';
import { accessContext, refreshContext, sealTokens } from './grant-tokens.ts';

/** A token must outlive the call it is made for. */
const MARGIN_MS = 60_000;
/** After a crash between answer and store nobody refreshes for this long; then the old token is tried again. */
const LEASE_MS = 30_000;
/** Two attempts fit into one lease, so a lease never ends under a refresh that is still under way. */
const ANSWER_MS_MAX = 13_000;
const POLL_MS = 200;
const POLLS_MAX = Math.ceil((3 * LEASE_MS) / POLL_MS);

interface Pair {
  accessToken: string;
  expiresAt: Date;
  version: number;
}

export function grantTokenSource(deps: ConnectDeps, grantId: string): TokenSource {
  let known: Pair | null = null;
  const isGood = (pair: Pair): boolean =>
    pair.expiresAt.getTime() - deps.clock.now().getTime() > MARGIN_MS;

  const currentPair = async (): Promise<Pair> => {
    if (known !== null && isGood(known)) return known;
    const stored = await readPair(deps, grantId);
    return isGood(stored) ? stored : refreshTogether(deps, grantId, stored.version);
  };

  return {
    async current() {
      known = await currentPair();
      return known.accessToken;
    },
    async replace(rejected) {
      const stored = await readPair(deps, grantId);
      known =
        stored.accessToken !== rejected && isGood(stored)
          ? stored
          : await refreshTogether(deps, grantId, stored.version);
      return known.accessToken;
    },
  };
}

async function readGrant(deps: ConnectDeps, grantId: string): Promise<Grant> {
  const grant = await deps.db.prisma.grant.findUnique({ where: { id: grantId } });
  // Not `disconnected`: the book may have been connected anew a moment ago, with another grant.
  if (grant === null) throw new LedgerError('unavailable', 'the grant was replaced or removed');
  if (grant.status === 'connected') return grant;
  const userMessage = grant.statusReason ?? 'This connection has ended; connect again.';
  throw new LedgerError('disconnected', 'the grant is disconnected', {}, { userMessage });
}

async function readPair(deps: ConnectDeps, grantId: string): Promise<Pair> {
  const grant = await readGrant(deps, grantId);
  return {
    accessToken: deps.vault.open(grant.accessSealed, accessContext(grantId)),
    expiresAt: grant.accessExpiresAt,
    version: grant.version,
  };
}

// The calls of one process that need the same refresh share it, and leave the database in peace.
const underWay = new WeakMap<object, Map<string, Promise<Pair>>>();

function refreshTogether(deps: ConnectDeps, grantId: string, version: number): Promise<Pair> {
  const ofDatabase = underWay.get(deps.db) ?? new Map<string, Promise<Pair>>();
  underWay.set(deps.db, ofDatabase);
  const key = `${grantId} ${version}`;
  const running = ofDatabase.get(key);
  if (running !== undefined) return running;
  const started = refreshOrWait(deps, grantId, version).finally(() => ofDatabase.delete(key));
  ofDatabase.set(key, started);
  return started;
}

/** A pair newer than `version`: made here when the lease is free, awaited when another process makes it. */
async function refreshOrWait(deps: ConnectDeps, grantId: string, version: number): Promise<Pair> {
  for (let poll = 0; poll < POLLS_MAX; poll += 1) {
    const attempt = randomUUID();
    const claimed = await claim(deps, grantId, version, attempt);
    if (claimed !== null) await refresh(deps, claimed, attempt);
    const pair = await readPair(deps, grantId);
    if (pair.version > version) return pair;
    await deps.clock.sleep(POLL_MS * (1 + deps.clock.random()));
  }
  throw new LedgerError('unavailable', 'another process holds the token refresh for too long');
}

/** The grant when the lease is now ours; null when another holds it or the pair has moved on. */
async function claim(
  deps: ConnectDeps,
  grantId: string,
  version: number,
  attempt: string,
): Promise<Grant | null> {
  const now = deps.clock.now();
  const [grant] = await deps.db.prisma.grant.updateManyAndReturn({
    where: {
      id: grantId,
      version,
      status: 'connected',
      OR: [{ refreshLeaseUntil: null }, { refreshLeaseUntil: { lte: now } }],
    },
    data: { refreshAttempt: attempt, refreshLeaseUntil: new Date(now.getTime() + LEASE_MS) },
  });
  return grant ?? null;
}

async function refresh(deps: ConnectDeps, grant: Grant, attempt: string): Promise<void> {
  const platform = platformOf(deps, grant.platform);
  const refreshToken = deps.vault.open(grant.refreshSealed, refreshContext(grant.id));
  let tokens: TokenSet;
  try {
    tokens = await askTwice(platform, refreshToken);
  } catch (err) {
    await refreshFailed(deps, grant, attempt, err);
    return;
  }
  // Guarded by the version alone: had our lease run out, a stored pair is still better than a lost one.
  await deps.db.prisma.grant.updateMany({
    where: { id: grant.id, version: grant.version },
    data: {
      ...sealTokens(deps.vault, grant.id, tokens),
      version: { increment: 1 },
      refreshAttempt: null,
      refreshLeaseUntil: null,
      updatedAt: deps.clock.now(),
    },
  });
  deps.log.debug({ grant: grant.id, version: grant.version + 1 }, 'token pair stored');
}

/**
 * No answer may mean that the pair was made and lost on the way. Xero takes the old token for
 * another 30 minutes, Intuit usually for a while: it is tried once more, and not again.
 */
async function askTwice(platform: LedgerPlatform, refreshToken: string): Promise<TokenSet> {
  try {
    return await ask(platform, refreshToken);
  } catch (err) {
    if (!(err instanceof LedgerError) || err.kind !== 'outcome_unknown') throw err;
    return ask(platform, refreshToken);
  }
}

async function ask(platform: LedgerPlatform, refreshToken: string): Promise<TokenSet> {
  const late = AbortSignal.timeout(ANSWER_MS_MAX);
  let onLate: (() => void) | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    onLate = () => {
      reject(new LedgerError('outcome_unknown', 'the token server did not answer in time'));
    };
    late.addEventListener('abort', onLate);
  });
  try {
    return await Promise.race([platform.refresh(refreshToken), deadline]);
  } finally {
    if (onLate !== undefined) late.removeEventListener('abort', onLate);
  }
}

async function refreshFailed(
  deps: ConnectDeps,
  grant: Grant,
  attempt: string,
  err: unknown,
): Promise<void> {
  if (err instanceof LedgerError && err.kind === 'disconnected') {
    const reason = `${PLATFORM_NAMES[grant.platform]} ended this connection; connect again to go on.`;
    // When the version moved, another process holds a good pair and ours was simply late.
    await markGrantDisconnected(deps, grant.id, grant.version, reason);
    return;
  }
  await deps.db.prisma.grant.updateMany({
    where: { id: grant.id, refreshAttempt: attempt },
    data: { refreshAttempt: null, refreshLeaseUntil: null },
  });
  throw err;
}
