/** A book's day and everything a person does with it. */
import type { Express, Request } from 'express';
import { z } from 'zod';
import { approveActions, cancelAction, resolveInDoubt } from '../../act/index.ts';
import { disconnectBook } from '../../connect/disconnect.ts';
import { dayIn } from '../../domain/day.ts';
import { AccessError } from '../../errors.ts';
import { setBookMode } from '../../escalate/book-mode.ts';
import { actionIdOf, type BookRow, getBook, readForm } from '../params.ts';
import { readBookDay } from '../queries/book-day.ts';
import { readQuarantine } from '../queries/quarantine.ts';
import { backTo, showPage, type Web } from '../respond.ts';
import { sessionOf } from '../session.ts';
import { lintTemplates } from '../../act/template-facts.ts';
import { readLetterNeeds } from '../../store/addresses.ts';
import { policyInForce } from '../../escalate/policy-library.ts';
import { policyView } from '../views/policy.ts';
import { bookDayView, bookHead, withNeeds } from '../views/book-day.ts';
import { bookPaper } from '../views/paper.ts';
import { bookForecast } from '../views/forecast.ts';
import { headlines } from '../views/metrics.ts';

const ModeForm = z.object({ mode: z.enum(['shadow', 'approve', 'automatic']) });

const ResolveForm = z.object({ resolution: z.enum(['mark_sent', 'resend']) });

/** One box ticked arrives as a text, several as a list, none not at all. */
const ApproveForm = z.object({
  all: z.literal('1').optional(),
  action: z.union([z.uuid().transform((id) => [id]), z.array(z.uuid())]).optional(),
  as: z.string().trim().max(80).default(''),
});

export function bookRoutes(server: Express, web: Web): void {
  const { app } = web;

  server.get('/books/:bookId', async (req, res) => {
    const book = await getBook(web, req);
    const now = app.clock.now();
    const today = dayIn(book.timeZone, now);
    const day = await readBookDay(app.db, book.id, today);
    const view = bookDayView(book, day, today, now, {
      canSync: app.requestSync !== undefined,
      canRun: app.requestRun !== undefined,
      canConnect: app.platforms[book.platform] !== undefined,
    });
    const needs = await readLetterNeeds(app.db.prisma, book.id);
    const metrics = await headlines(app.db, book.id, today);
    const forecast = await bookForecast(app.db, book.id, today);
    const policy = await policyInForce(app.db, book.id, today, lintTemplates());
    showPage(
      web,
      req,
      res,
      'book',
      {
        ...withNeeds(view, needs),
        ...bookPaper(book),
        metrics,
        forecast,
        policy: policyView(policy),
      },
      { title: book.name, crumbs: BOOKS },
    );
  });

  server.get('/books/:bookId/quarantine', async (req, res) => {
    const book = await getBook(web, req);
    const view = {
      ...bookHead(book, app.clock.now()),
      records: await readQuarantine(app.db, book.id),
    };
    showPage(web, req, res, 'quarantine', view, { title: 'Quarantine', crumbs: crumbsTo(book) });
  });

  server.post('/books/:bookId/approve', async (req, res) => {
    const book = await getBook(web, req);
    const form = readForm(req, ApproveForm);
    const chosen = form.all === '1' ? 'all' : (form.action ?? []);
    const isUnnamed = form.as === '';
    const actor = isUnnamed ? sessionOf(res).actor : form.as;
    const done = await approveActions(app, book.id, chosen, actor, { isUnnamed });
    if (done.released > 0) backTo(res, dayPath(book), 'approved', done.released);
    else if (done.waiting > 0) backTo(res, dayPath(book), 'approved-once', done.waiting);
    else backTo(res, dayPath(book), done.unnamed > 0 ? 'name-needed' : 'nothing');
  });

  server.post('/books/:bookId/actions/:actionId/cancel', async (req, res) => {
    const book = await getBook(web, req);
    const actionId = await existingAction(web, req, book);
    const { actor } = sessionOf(res);
    await cancelAction(app, book.id, actionId, actor, 'cancelled by a person');
    backTo(res, dayPath(book), 'cancelled');
  });

  server.post('/books/:bookId/actions/:actionId/resolve', async (req, res) => {
    const book = await getBook(web, req);
    const actionId = await existingAction(web, req, book);
    const { resolution } = readForm(req, ResolveForm);
    await resolveInDoubt(app, book.id, actionId, resolution, sessionOf(res).actor);
    backTo(res, dayPath(book), resolution === 'resend' ? 'resent' : 'marked-sent');
  });

  server.post('/books/:bookId/mode', async (req, res) => {
    const book = await getBook(web, req);
    const { mode } = readForm(req, ModeForm);
    await setBookMode(app, book.id, mode, sessionOf(res).actor);
    backTo(res, dayPath(book), 'mode');
  });

  server.post('/books/:bookId/sync', async (req, res) => {
    const book = await getBook(web, req);
    if (app.requestSync === undefined) throw new AccessError('not_found', 'no jobs here');
    await app.requestSync(book.id);
    backTo(res, dayPath(book), 'sync');
  });

  server.post('/books/:bookId/run', async (req, res) => {
    const book = await getBook(web, req);
    if (app.requestRun === undefined) throw new AccessError('not_found', 'no jobs here');
    await app.requestRun(book.id);
    backTo(res, dayPath(book), 'run');
  });

  server.post('/books/:bookId/disconnect', async (req, res) => {
    const book = await getBook(web, req);
    await disconnectBook(app, book.id, sessionOf(res).actor);
    backTo(res, dayPath(book), 'disconnected');
  });
}

export async function existingAction(web: Web, req: Request, book: BookRow): Promise<string> {
  const id = actionIdOf(req);
  const found = await web.app.db.prisma.action.count({ where: { id, bookId: book.id } });
  if (found === 0) throw new AccessError('not_found', 'no such action in this book');
  return id;
}

const dayPath = (book: BookRow) => `/books/${book.id}`;

const BOOKS = [{ href: '/', name: 'Books' }];

export const crumbsTo = (book: BookRow) => [...BOOKS, { href: dayPath(book), name: book.name }];
