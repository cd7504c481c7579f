/** Answers in one voice: a page in its frame, or a plain page that says what went wrong. */
import type { ErrorRequestHandler, Request, Response } from 'express';
import { AppError } from '../errors.ts';
import { type createCsrf, MESSAGE_FRAME_POLICY } from './security.ts';
import type { Frame, Render } from './render.ts';
import { peekSession } from './session.ts';
import type { WebApp } from './web-app.ts';

/** What every route is handed. */
export interface Web {
  app: WebApp;
  render: Render;
  csrf: ReturnType<typeof createCsrf>;
}

export interface PageFrame {
  title: string;
  crumbs?: Frame['crumbs'];
  status?: number;
}

export function showPage(
  web: Web,
  req: Request,
  res: Response,
  page: string,
  model: object,
  frame: PageFrame,
): void {
  const isSignedIn = peekSession(res) !== null;
  const html = web.render(page, model, {
    title: frame.title,
    crumbs: frame.crumbs ?? [],
    csrf: isSignedIn ? web.csrf.generateCsrfToken(req, res) : null,
    hasMail: isSignedIn && web.app.caughtMail !== undefined,
    flash: isSignedIn ? flashOf(req) : null,
    now: web.app.clock.now(),
  });
  res
    .status(frame.status ?? 200)
    .type('html')
    .send(html);
}

/** What the last click did travels as a code and a count in the address: no cookie, nothing a link could forge into words. */
const FLASHES: Readonly<Record<string, (count: number) => string>> = {
  approved: (count) => (count === 1 ? '1 message approved.' : `${count} messages approved.`),
  'approved-once': (count) =>
    `Taken down. ${count === 1 ? 'It waits' : `${count} wait`} for the approval of another person.`,
  'name-needed': () => 'That needs two people: give your name with the approval.',
  nothing: () => 'Nothing was changed: what you chose had moved on meanwhile.',
  cancelled: () => 'Cancelled. It will not be sent.',
  done: () => 'Done. What follows from it is set.',
  mode: () => 'The mode is set.',
  sync: () => 'A sync is queued. Figures follow within a minute or two.',
  run: () => 'A run is queued.',
  disconnected: () => 'Disconnected. The copy kept here was not deleted.',
  connected: (count) =>
    count === 1
      ? 'Connected. The first sync is on its way; nothing is sent until you choose so.'
      : `${count} books connected. Their first sync is on its way; nothing is sent until you choose so.`,
  'handed-over': () => 'Handed over. Nothing is sent from here until you take it back.',
  'taken-back': () => 'Taken back. Chasing goes on with the next run.',
  held: () => 'On hold. Nothing will be sent for what it covers.',
  'hold-ended': () => 'The hold has ended.',
  'marked-sent': () => 'Marked as sent. The ledger gets its note.',
  issued: () => 'The letter is issued and kept as it is. Print it, send it, and mark this as done.',
  resent: () => 'It goes out again, with the same message id.',
};

export type FlashCode =
  | 'approved'
  | 'approved-once'
  | 'name-needed'
  | 'nothing'
  | 'cancelled'
  | 'done'
  | 'mode'
  | 'sync'
  | 'run'
  | 'disconnected'
  | 'connected'
  | 'handed-over'
  | 'taken-back'
  | 'held'
  | 'hold-ended'
  | 'marked-sent'
  | 'issued'
  | 'resent';

function flashOf(req: Request): string | null {
  const { did, n } = req.query;
  if (typeof did !== 'string' || !Object.hasOwn(FLASHES, did)) return null;
  const count = typeof n === 'string' && /^\d{1,6}$/.test(n) ? Number(n) : 1;
  return FLASHES[did]?.(count) ?? null;
}

/** After a form: see the page again, so that a reload does not repeat the click. */
export function backTo(res: Response, path: string, did: FlashCode, count?: number): void {
  const query = count === undefined ? `did=${did}` : `did=${did}&n=${count}`;
  res.redirect(303, `${path}?${query}`);
}

/** A message as its reader sees it, alone in a frame that can do nothing. */
export function sendMessageFrame(res: Response, html: string): void {
  res
    .set('Content-Security-Policy', MESSAGE_FRAME_POLICY)
    .set('X-Frame-Options', 'SAMEORIGIN')
    .type('html')
    .send(html);
}

/** A file to keep. Its name is made of plain letters and digits, so it needs no quoting rules. */
export function sendFile(
  res: Response,
  file: { filename: string; contentType: string; content: Buffer },
): void {
  res
    .set('Content-Disposition', `attachment; filename="${file.filename}"`)
    .type(file.contentType)
    .send(file.content);
}

interface Trouble {
  status: number;
  title: string;
  sentence: string;
}

export function errorHandler(web: Web): ErrorRequestHandler {
  return (err: unknown, req, res, next) => {
    const trouble = describe(err);
    if (trouble.status >= 500) {
      web.app.log.error({ err, method: req.method, path: req.path }, 'a request failed');
    }
    if (res.headersSent) {
      next(err);
      return;
    }
    if (err instanceof AppError && err.retryAfterMs !== undefined) {
      res.set('Retry-After', String(Math.ceil(err.retryAfterMs / 1000)));
    }
    showTrouble(web, req, res, trouble);
  };
}

export function showTrouble(web: Web, req: Request, res: Response, trouble: Trouble): void {
  const crumbs = peekSession(res) === null ? [] : [{ href: '/', name: 'Books' }];
  showPage(
    web,
    req,
    res,
    'trouble',
    { title: trouble.title, sentence: trouble.sentence },
    { title: trouble.title, crumbs, status: trouble.status },
  );
}

export const NOT_FOUND: Trouble = {
  status: 404,
  title: 'There is no such page',
  sentence: 'It does not exist, or it is not yours to see. Go back to the books and follow a link.',
};

const FORBIDDEN: Trouble = {
  status: 403,
  title: 'That click was not accepted',
  sentence:
    'The form was too old or came from elsewhere, so nothing was changed. Go back, reload the page and try again.',
};

function describe(err: unknown): Trouble {
  const status = statusOf(err);
  if (status === 404) return NOT_FOUND;
  if (status === 403) return FORBIDDEN;
  if (err instanceof AppError) {
    return { status, title: 'That did not work', sentence: err.userMessage };
  }
  if (status < 500) {
    return { status, title: 'That could not be read', sentence: 'Nothing was changed.' };
  }
  return {
    status: 500,
    title: 'Something broke here',
    sentence: 'This is a fault in Duebook. The log says where; go back and try again.',
  };
}

const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  'access.unauthenticated': 401,
  'access.forbidden': 403,
  'access.not_found': 404,
  'ledger.not_found': 404,
  'ledger.rate_limited': 503,
  'ledger.unavailable': 503,
  'ledger.disconnected': 409,
  'policy.invalid': 422,
  usage: 400,
};

function statusOf(err: unknown): number {
  if (err instanceof AppError) {
    return STATUS_OF_CODE[err.code] ?? (err.code.startsWith('ledger.') ? 502 : 409);
  }
  // Express, its body parser and csrf-csrf throw http-errors.
  const status = (err as { status?: unknown } | null)?.status;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}
