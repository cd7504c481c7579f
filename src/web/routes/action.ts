/** One action: the message as its reader will see it, or did; or the task a person has to do. */
import type { Express } from 'express';
import { z } from 'zod';
import { issueLetter, readLetterPdf } from '../../act/index.ts';
import { openLedger } from '../../connect/open-ledger.ts';
import { parseDay } from '../../domain/day.ts';
import { parseMinor } from '../../domain/money.ts';
import { REASON_CODES } from '../../domain/reasons.ts';
import { CALL_OUTCOMES } from '../../domain/task-outcomes.ts';
import { AccessError, UsageError } from '../../errors.ts';
import { readLetterNeeds } from '../../store/addresses.ts';
import { recordTask } from '../../tasks.ts';
import { pathOf } from '../helpers.ts';
import { readLetter } from '../letter.ts';
import { actionIdOf, getBook, readForm } from '../params.ts';
import { readAction } from '../queries/action.ts';
import { backTo, sendFile, sendMessageFrame, showPage, type Web } from '../respond.ts';
import { sessionOf } from '../session.ts';
import { actionView } from '../views/action.ts';
import { crumbsTo, existingAction } from './book.ts';

const OutcomeForm = z.object({
  outcome: z.enum([...CALL_OUTCOMES, 'done']),
  on: z.string().trim().max(10).default(''),
  amount: z.string().trim().max(30).default(''),
  reason: z.union([z.literal(''), z.enum(REASON_CODES)]).default(''),
  invoice: z.string().trim().max(200).default(''),
  note: z.string().trim().max(500).default(''),
  as: z.string().trim().max(80).default(''),
});

export function actionRoutes(server: Express, web: Web): void {
  server.get('/books/:bookId/actions/:actionId', async (req, res) => {
    const book = await getBook(web, req);
    const action = await readAction(web.app.db, book.id, actionIdOf(req));
    const letter = action.isEmail ? await readLetter(web.app, book.id, action) : null;
    const needs = await readLetterNeeds(web.app.db.prisma, book.id, [action.id]);
    const view = {
      ...actionView(book, action, letter, web.app.clock.now()),
      needs: needs.get(action.id) ?? [],
    };
    showPage(web, req, res, 'action', view, {
      title: action.stepName,
      crumbs: [
        ...crumbsTo(book),
        {
          href: pathOf('books', book.id, 'customers', action.customerId),
          name: action.customerName,
        },
      ],
    });
  });

  server.get('/books/:bookId/actions/:actionId/message', async (req, res) => {
    const book = await getBook(web, req);
    const action = await readAction(web.app.db, book.id, actionIdOf(req));
    const found = action.isEmail ? await readLetter(web.app, book.id, action) : null;
    if (found === null || !('letter' in found)) throw new AccessError('not_found', 'no message');
    sendMessageFrame(res, found.letter.html);
  });

  server.get('/books/:bookId/actions/:actionId/letter', async (req, res) => {
    const book = await getBook(web, req);
    sendFile(res, await readLetterPdf(web.app, book.id, actionIdOf(req)));
  });

  server.post('/books/:bookId/actions/:actionId/letter', async (req, res) => {
    const book = await getBook(web, req);
    const actionId = actionIdOf(req);
    const { app } = web;
    const deps = { ...app, openLedger: () => openLedger(app, book.id, 'interactive') };
    await issueLetter(deps, book.id, actionId, sessionOf(res).actor);
    backTo(res, pathOf('books', book.id, 'actions', actionId), 'issued');
  });

  server.post('/books/:bookId/actions/:actionId/outcome', async (req, res) => {
    const book = await getBook(web, req);
    const actionId = await existingAction(web, req, book);
    const form = readForm(req, OutcomeForm);
    const { currency } = await readAction(web.app.db, book.id, actionId);
    const said = {
      outcome: form.outcome,
      on: form.on === '' ? null : parsed(parseDay(form.on), `${form.on} is no day`),
      amountMinor:
        form.amount === ''
          ? null
          : parsed(parseMinor(form.amount, currency), `${form.amount} is no amount in ${currency}`),
      reason: form.reason === '' ? null : form.reason,
      invoices: form.invoice === '' ? null : [form.invoice],
      note: form.note,
    };
    const actor = form.as === '' ? sessionOf(res).actor : form.as;
    await recordTask(web.app, book.id, actionId, said, actor);
    backTo(res, pathOf('books', book.id, 'actions', actionId), 'done');
  });
}

function parsed<T>(value: T | null, problem: string): T {
  if (value === null) throw new UsageError(problem);
  return value;
}
