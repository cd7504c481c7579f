/** The first half of a connection: an authorization address whose answer only this browser can use, once, soon. */
import { createHash, randomBytes } from 'node:crypto';
import type { Platform } from '../domain/receivables.ts';
import { AccessError } from '../errors.ts';
import { type ConnectDeps, platformOf } from './deps.ts';

/** RFC 6749 §10.12 leaves the length of a state's life to us; Xero's and Intuit's consent takes a minute or two. */
const STATE_LIFE_MS = 10 * 60_000;

export async function beginConnect(
  deps: ConnectDeps,
  request: { platform: Platform; browser: string },
): Promise<{ url: string }> {
  const platform = platformOf(deps, request.platform);
  if (request.browser === '') {
    throw new AccessError('forbidden', 'This browser cannot be told apart: allow cookies first.');
  }
  const state = randomBytes(32).toString('base64url');
  const codeVerifier = randomBytes(48).toString('base64url');
  const stateHash = hashOf(state);
  const createdAt = deps.clock.now();
  await forgetOldStates(deps, createdAt);
  await deps.db.prisma.oAuthState.create({
    data: {
      stateHash,
      platform: request.platform,
      browserHash: hashOf(request.browser),
      verifierSealed: deps.vault.seal(codeVerifier, verifierContext(stateHash)),
      createdAt,
      expiresAt: new Date(createdAt.getTime() + STATE_LIFE_MS),
    },
  });
  return { url: platform.authorizeUrl({ state, codeVerifier }) };
}

/** Kept for a day after they die, so that a late answer hears why it is refused. */
async function forgetOldStates(deps: ConnectDeps, now: Date): Promise<void> {
  const yesterday = new Date(now.getTime() - 24 * 60 * 60_000);
  await deps.db.prisma.oAuthState.deleteMany({ where: { expiresAt: { lt: yesterday } } });
}

/** A plain digest is enough for what is 256 random bits long. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('base64url');
}

export function verifierContext(stateHash: string): string {
  return `oauth_state|${stateHash}|verifier`;
}
