/** One action: the message as its reader will see it, or did; or the task a person has to do. */
import type { Express } from 'express';
import { AccessError } from '../../errors.ts';
import { pathOf } from '../helpers.ts';
import { readLetter } from '../letter.ts';
import { actionIdOf, getBook } from '../params.ts';
import { readAction } from '../queries/action.ts';
import { sendMessageFrame, showPage, type Web } from '../respond.ts';
import { actionView } from '../views/action.ts';
import { crumbsTo } from './book.ts';

export function actionRoutes(server: Express, web: Web): void {
  server.get('/books/:bookId/actions/:actionId', async (req, res) => {
    const book = await getBook(web, req);
    const action = await readAction(web.app.db, book.id, actionIdOf(req));
    const letter = action.isEmail ? await readLetter(web.app, book.id, action) : null;
    const view = actionView(book, action, letter, web.app.clock.now());
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
}
