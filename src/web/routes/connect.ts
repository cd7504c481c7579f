/** The way to a platform's consent page and back. The address of the way back holds a code, so it never becomes a page. */
import type { Express, Request } from 'express';
import { beginConnect } from '../../connect/begin.ts';
import { completeConnect } from '../../connect/complete.ts';
import type { Platform } from '../../domain/receivables.ts';
import { AccessError, AppError } from '../../errors.ts';
import { requestSyncs } from '../request-syncs.ts';
import { failurePath, readFailure, sealReason } from '../connect-failure.ts';
import { showPage, type Web } from '../respond.ts';
import { limitTo } from '../security.ts';
import { findSession, sessionOf } from '../session.ts';

const PLATFORMS: readonly Platform[] = ['xero', 'quickbooks'];

export function connectRoutes(server: Express, web: Web): void {
  server.post('/connect/:platform', limitTo(20), async (req, res) => {
    const platform = platformOf(req);
    if (platform === undefined || web.app.platforms[platform] === undefined) {
      throw new AccessError('not_found', 'that platform cannot be connected here');
    }
    const { url } = await beginConnect(web.app, { platform, browser: sessionOf(res).hash });
    res.redirect(303, url);
  });
}

export function callbackRoutes(server: Express, web: Web): void {
  server.get('/callback/:platform', async (req, res) => {
    res.set('Referrer-Policy', 'no-referrer');
    res
      .status(302)
      .set('Location', await finishConnect(web, req))
      .end();
  });

  // Readable without a session: whoever lost theirs on the way should still learn what happened.
  server.get('/connect-failed', async (req, res) => {
    const session = await findSession(web.app, req);
    if (session !== null) res.locals['session'] = session;
    const failure = readFailure(web.app.vault, req.query);
    const crumbs = session === null ? [] : [{ href: '/', name: 'Books' }];
    showPage(web, req, res, 'connect-failed', failure, { title: 'Not connected', crumbs });
  });
}

async function finishConnect(web: Web, req: Request): Promise<string> {
  const platform = platformOf(req);
  if (platform === undefined) return failurePath('platform_unknown');
  const session = await findSession(web.app, req);
  if (session === null) return failurePath('no_session');
  try {
    const { books } = await completeConnect(web.app, {
      platform,
      query: singleValues(req.query),
      browser: session.hash,
    });
    await requestSyncs(
      web.app,
      books.map((book) => book.id),
    );
    const [first] = books;
    return first !== undefined && books.length === 1
      ? `/books/${first.id}?did=connected`
      : `/?did=connected&n=${books.length}`;
  } catch (err) {
    if (err instanceof AppError) return failurePath(err.code, sealReason(web.app.vault, err));
    web.app.log.error({ err, platform }, 'a connection could not be finished');
    return failurePath('unknown');
  }
}

function platformOf(req: Request): Platform | undefined {
  return PLATFORMS.find((platform) => platform === req.params['platform']);
}

/** A parameter that came twice is no answer of an honest consent page: it counts as absent. */
function singleValues(query: Request['query']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(query).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}
