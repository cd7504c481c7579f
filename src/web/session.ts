/**
 * Until accounts arrive, a browser is let in by a one-time link printed on the console. Link and
 * session are random tokens; the database holds only their digests, so a dump opens no door.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { CookieOptions, Request, Response } from 'express';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { AccessError } from '../errors.ts';
import type { Db } from '../store/db.ts';

const LINK_MINUTES = 15;
const SESSION_DAYS = 7;
const TOKEN_FORM = /^[A-Za-z0-9_-]{43}$/;

interface SessionDeps {
  config: Config;
  clock: Clock;
  db: Db;
}

/** The digest stands for the session everywhere but in the cookie: CSRF, OAuth state, audit. */
export interface Session {
  hash: string;
  actor: string;
}

/** The address that lets one browser in, once, within fifteen minutes. */
export async function createLoginLink(deps: SessionDeps): Promise<string> {
  const token = await issue(deps, 'link', LINK_MINUTES * 60_000);
  return `${deps.config.web.publicUrl}/enter?token=${token}`;
}

/** Trades a link for a session; null when the link is unknown, used or too old. */
export async function redeemLink(deps: SessionDeps, token: string): Promise<string | null> {
  if (!TOKEN_FORM.test(token)) return null;
  const now = deps.clock.now();
  const used = await deps.db.prisma.webSession.updateMany({
    where: { tokenHash: digest(token), kind: 'link', usedAt: null, expiresAt: { gt: now } },
    data: { usedAt: now },
  });
  if (used.count === 0) return null;
  await deps.db.prisma.webSession.deleteMany({ where: { expiresAt: { lt: now } } });
  return issue(deps, 'session', SESSION_DAYS * 86_400_000);
}

export async function findSession(deps: SessionDeps, req: Request): Promise<Session | null> {
  const token = cookieOf(req, sessionCookie(deps.config).name);
  if (token === null || !TOKEN_FORM.test(token)) return null;
  const hash = digest(token);
  const row = await deps.db.prisma.webSession.findUnique({ where: { tokenHash: hash } });
  if (row?.kind !== 'session' || row.expiresAt <= deps.clock.now()) return null;
  return { hash, actor: `web:${hash.slice(0, 8)}` };
}

export async function endSession(deps: SessionDeps, session: Session): Promise<void> {
  await deps.db.prisma.webSession.deleteMany({ where: { tokenHash: session.hash } });
}

/** Lax, not Strict: the way back from a platform's consent page is a cross-site navigation. */
export function sessionCookie(config: Config): { name: string; options: CookieOptions } {
  return cookie(config, 'duebook', SESSION_DAYS * 86_400_000);
}

export function csrfCookie(config: Config): { name: string; options: CookieOptions } {
  return cookie(config, 'duebook-csrf');
}

/** `__Host-` ties a cookie to this very host over https; a browser refuses the prefix on plain http. */
function cookie(config: Config, name: string, maxAge?: number) {
  const secure = config.web.publicUrl.startsWith('https:');
  const options: CookieOptions = {
    httpOnly: true,
    sameSite: 'lax',
    secure,
    path: '/',
    ...(maxAge === undefined ? {} : { maxAge }),
  };
  return { name: secure ? `__Host-${name}` : name, options };
}

/** The session the gate has found for this request. */
export function sessionOf(res: Response): Session {
  const session = peekSession(res);
  if (session === null) throw new AccessError('unauthenticated', 'no session');
  return session;
}

export function peekSession(res: Response): Session | null {
  const locals = res.locals as { session?: Session };
  return locals.session ?? null;
}

async function issue(deps: SessionDeps, kind: 'link' | 'session', lifeMs: number) {
  const token = randomBytes(32).toString('base64url');
  const now = deps.clock.now();
  await deps.db.prisma.webSession.create({
    data: {
      tokenHash: digest(token),
      kind,
      createdAt: now,
      expiresAt: new Date(now.getTime() + lifeMs),
    },
  });
  return token;
}

function cookieOf(req: Request, name: string): string | null {
  const cookies = req.cookies as Record<string, unknown> | undefined;
  const value = cookies?.[name];
  return typeof value === 'string' ? value : null;
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
