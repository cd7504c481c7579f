/** In by a one-time link, out by a button. */
import type { Express, RequestHandler } from 'express';
import { showPage, type Web } from '../respond.ts';
import { limitTo } from '../security.ts';
import { endSession, findSession, redeemLink, sessionCookie, sessionOf } from '../session.ts';

export function enterRoutes(server: Express, web: Web): void {
  server.get('/enter', limitTo(20), async (req, res) => {
    res.set('Referrer-Policy', 'no-referrer');
    // A program that only looks at the link must not use it up.
    const token = req.method === 'GET' ? req.query['token'] : undefined;
    const session = typeof token === 'string' ? await redeemLink(web.app, token) : null;
    if (session === null) {
      showPage(web, req, res, 'enter', { wasTried: true }, { title: 'Sign in', status: 401 });
      return;
    }
    const { name, options } = sessionCookie(web.app.config);
    res.cookie(name, session, options).redirect('/');
  });
}

export function leaveRoutes(server: Express, web: Web): void {
  server.post('/leave', async (_req, res) => {
    await endSession(web.app, sessionOf(res));
    const { name, options } = sessionCookie(web.app.config);
    res.clearCookie(name, { ...options, maxAge: 0 }).redirect(303, '/');
  });
}

export function requireSession(web: Web): RequestHandler {
  return async (req, res, next) => {
    const session = await findSession(web.app, req);
    if (session === null) {
      showPage(web, req, res, 'enter', { wasTried: false }, { title: 'Sign in', status: 401 });
      return;
    }
    res.locals['session'] = session;
    next();
  };
}
