/** One invoice, with the answer to "why is it chased, or not?". */
import type { Express } from 'express';
import { dayIn } from '../../domain/day.ts';
import { explainInvoice } from '../../escalate/explain.ts';
import { readInterest } from '../../store/interest.ts';
import { pathOf } from '../helpers.ts';
import { getBook, invoiceIdOf } from '../params.ts';
import { readInvoice } from '../queries/invoice.ts';
import { showPage, type Web } from '../respond.ts';
import { interestView } from '../views/interest.ts';
import { invoiceView } from '../views/invoice.ts';
import { crumbsTo } from './book.ts';

export function invoiceRoutes(server: Express, web: Web): void {
  server.get('/books/:bookId/invoices/:invoiceId', async (req, res) => {
    const book = await getBook(web, req);
    const invoice = await readInvoice(web.app.db, book.id, invoiceIdOf(req));
    const explanation = await explainInvoice(web.app.db, book.id, invoice.id);
    const now = web.app.clock.now();
    const today = dayIn(book.timeZone, now);
    const interest = await web.app.db.tx((tx) =>
      readInterest(tx, book.id, { invoiceId: invoice.id }, today),
    );
    const view = {
      ...invoiceView(book, invoice, explanation, today, now),
      interest: interestView(interest),
    };
    showPage(web, req, res, 'invoice', view, {
      title: `Invoice ${invoice.number}`,
      crumbs: [
        ...crumbsTo(book),
        {
          href: pathOf('books', book.id, 'customers', invoice.customer.id),
          name: invoice.customer.name,
        },
      ],
    });
  });
}
