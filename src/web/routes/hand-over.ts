/** Giving a customer's overdue invoices to an agency or a lawyer, and taking them back. */
import type { Express } from 'express';
import { z } from 'zod';
import { handOver, takeBack } from '../../act/index.ts';
import { isCurrency } from '../../domain/money.ts';
import { pathOf } from '../helpers.ts';
import { customerIdOf, getBook, readForm } from '../params.ts';
import { backTo, type Web } from '../respond.ts';

const name = z.string().trim().min(1).max(80);
const HandOverForm = z.object({
  agency: name,
  reference: z.string().trim().max(80).default(''),
  currency: z.string().trim().default(''),
  as: name,
});
const ReturnForm = z.object({ reason: z.string().trim().min(1).max(120), as: name });

export function handOverRoutes(server: Express, web: Web): void {
  const { app } = web;

  server.post('/books/:bookId/customers/:customerId/hand-over', async (req, res) => {
    const book = await getBook(web, req);
    const customerId = customerIdOf(req);
    const form = readForm(req, HandOverForm);
    await handOver(app, book.id, {
      customerId,
      currency: isCurrency(form.currency) ? form.currency : null,
      agency: form.agency,
      reference: form.reference === '' ? null : form.reference,
      by: form.as,
    });
    backTo(res, pathOf('books', book.id, 'customers', customerId), 'handed-over');
  });

  server.post('/books/:bookId/customers/:customerId/take-back', async (req, res) => {
    const book = await getBook(web, req);
    const customerId = customerIdOf(req);
    const { reason, as: by } = readForm(req, ReturnForm);
    await takeBack(app, book.id, customerId, { reason, by });
    backTo(res, pathOf('books', book.id, 'customers', customerId), 'taken-back');
  });
}
