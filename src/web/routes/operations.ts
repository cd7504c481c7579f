/**
 * For whatever watches the process: is it alive, can it work, and how do things stand. The first two
 * say yes or no and nothing else, to anybody. The figures name nobody, and yet tell how much business
 * there is: they go to whoever knows METRICS_TOKEN, and without one to this machine alone.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Express, Request, RequestHandler } from 'express';
import type { App } from '../../app.ts';
import { readOperationFigures } from '../../store/operation-figures.ts';
import { isLoopbackName, knownHost } from '../security.ts';

const ANSWER_WITHIN_MS = 3000;
const LOOPBACK_ADDRESS = /^(127(\.\d{1,3}){3}|::1|::ffff:127(\.\d{1,3}){3})$/;

export function operationRoutes(server: Express, app: App): void {
  server.get('/healthz', (_req, res) => {
    res.type('text/plain').send('ok');
  });
  server.get('/readyz', async (_req, res) => {
    const isReady = await databaseAnswers(app);
    res
      .status(isReady ? 200 : 503)
      .type('text/plain')
      .send(isReady ? 'ok' : 'the database does not answer');
  });
  server.get('/metrics', mayReadMetrics(app), async (_req, res) => {
    const now = app.clock.now();
    const page = await app.metrics.page(await readOperationFigures(app.db, now), now);
    res.set('Cache-Control', 'no-store').set('Content-Type', page.contentType).send(page.text);
  });
}

/**
 * Behind a proxy on this machine every visitor may look local, so an installation with a public name
 * needs the token. Without one the host name is checked too: a page of the web whose name was made to
 * point here would send its own.
 */
function mayReadMetrics(app: App): RequestHandler {
  const { metricsToken, publicUrl } = app.config.web;
  if (metricsToken !== null) {
    return (req, res, next) => {
      if (isSameSecret(bearerOf(req), metricsToken)) next();
      else res.status(401).set('WWW-Authenticate', 'Bearer').end();
    };
  }
  const isLocal = isLoopbackName(new URL(publicUrl).hostname);
  const host = knownHost(app.config);
  return (req, res, next) => {
    if (isLocal && LOOPBACK_ADDRESS.test(req.ip ?? '')) host(req, res, next);
    else res.status(403).type('text/plain').send('Set METRICS_TOKEN to read the metrics.\n');
  };
}

function bearerOf(req: Request): string {
  return /^Bearer (\S+)$/i.exec(req.headers.authorization ?? '')?.[1] ?? '';
}

/** Digests have one length whatever was sent, so the comparison tells nothing by its time. */
function isSameSecret(given: string, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}

/** Real seconds, not the Clock's: whoever asks is waiting in real time. */
async function databaseAnswers(app: App): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ANSWER_WITHIN_MS);
  });
  const answer = app.db.prisma.$queryRaw`select 1`.then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
