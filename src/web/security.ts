/** What every answer carries and every request must show before a route sees it. */
import { doubleCsrf } from 'csrf-csrf';
import type { Request, RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import type { Config } from '../config.ts';
import { AccessError } from '../errors.ts';
import type { Vault } from '../store/vault.ts';
import { csrfCookie, peekSession } from './session.ts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

export function isLoopbackName(name: string): boolean {
  return LOOPBACK.has(name);
}

export function secureHeaders(config: Config): RequestHandler {
  const https = config.web.publicUrl.startsWith('https:');
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        frameSrc: ["'self'"],
        formAction: ["'self'", ...consentSources(config)],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    // With no-referrer a browser sends `Origin: null` on our own forms, and the check below would refuse them.
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: https,
    xFrameOptions: { action: 'deny' },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
  });
}

/** Chrome applies form-action to redirects too, and the connect form is redirected to the platform's consent pages. */
function consentSources(config: Config): string[] {
  return [config.xero, config.quickbooks].flatMap((platform) => {
    if (platform.app === null) return [];
    const url = new URL(platform.authorizeUrl);
    const domain = url.hostname.split('.').slice(-2).join('.');
    return url.protocol === 'https:' ? [url.origin, `https://*.${domain}`] : [url.origin];
  });
}

/** For a message shown inside a page: no scripts, no requests, its own origin, and inline styles because mail has no others. */
export const MESSAGE_FRAME_POLICY =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; form-action 'none'; base-uri 'none'";

export const knownMethods: RequestHandler = (req, res, next) => {
  if (['GET', 'HEAD', 'POST'].includes(req.method)) {
    next();
    return;
  }
  res.status(405).set('Allow', 'GET, HEAD, POST').end();
};

/** A page of another site whose name was made to point here (DNS rebinding) still sends its own name. */
export function knownHost(config: Config): RequestHandler {
  const own = new URL(config.web.publicUrl);
  return (req, res, next) => {
    const host = req.headers.host ?? '';
    const name = host.replace(/:\d+$/, '');
    if (host === own.host || (isLoopbackName(own.hostname) && isLoopbackName(name))) {
      next();
      return;
    }
    res
      .status(421)
      .type('text/plain')
      .send(`This Duebook answers at ${own.host}. If that is wrong, set PUBLIC_URL.\n`);
  };
}

export const noStore: RequestHandler = (_req, res, next) => {
  res.set('Cache-Control', 'no-store');
  next();
};

/** A form can only come from our own page. Browsers say where it came from; old ones are caught by the token. */
export const sameOriginForms: RequestHandler = (req, _res, next) => {
  if (req.method === 'GET' || req.method === 'HEAD' || cameFromHere(req)) {
    next();
    return;
  }
  throw new AccessError('forbidden', 'The form did not come from this site.');
};

function cameFromHere(req: Request): boolean {
  const site = req.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const { origin, host } = req.headers;
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

export function createCsrf(config: Config, vault: Vault) {
  const { name, options } = csrfCookie(config);
  const secrets = vault.keyedHashes('web:csrf');
  return doubleCsrf({
    getSecret: () => secrets,
    getSessionIdentifier: sessionIdentifier,
    cookieName: name,
    cookieOptions: options,
    getCsrfTokenFromRequest: (req) => {
      const token = (req.body as Record<string, unknown> | undefined)?.['_csrf'];
      return typeof token === 'string' ? token : undefined;
    },
  });
}

function sessionIdentifier(req: Request): string {
  const session = req.res === undefined ? null : peekSession(req.res);
  return session?.hash ?? '';
}

export function limitTo(perMinute: number): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    message: 'Too many attempts. Wait a minute.\n',
  });
}
