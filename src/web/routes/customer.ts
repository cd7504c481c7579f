/** Who owes, how much and since when; and one customer's whole story. */
import type { Express, Request } from 'express';
import { z } from 'zod';
import { makeStatement } from '../../act/index.ts';
import { dayIn } from '../../domain/day.ts';
import { DISPUTE_OUTCOMES, HOLD_KINDS } from '../../domain/holds.ts';
import { AccessError } from '../../errors.ts';
import { holdFromText } from '../../escalate/hold-text.ts';
import { addHold, approveHold, endHold, resolveDispute } from '../../escalate/holds.ts';
import { pathOf } from '../helpers.ts';
import { customerIdOf, getBook, pageNumber, readForm, readParam, readQuery } from '../params.ts';
import { readCustomer } from '../queries/customer.ts';
import { CUSTOMERS_PER_PAGE, readCustomers } from '../queries/customers.ts';
import { backTo, sendFile, showPage, type Web } from '../respond.ts';
import { sessionOf } from '../session.ts';
import { customersView, customerView } from '../views/customer.ts';
import { crumbsTo } from './book.ts';

const line = z.string().trim().max(300).default('');
const HoldForm = z.object({
  kind: z.enum(HOLD_KINDS),
  reason: z.string().trim().min(1).max(300),
  owner: z.string().trim().min(1).max(80),
  invoices: z.string().max(500).default(''),
  amount: line,
  currency: line,
  on: line,
  source: line,
  quote: line,
  about: line,
  instalments: z.string().max(2000).default(''),
  until: line,
  approvedBy: line,
});

/** What the links on the customer's page ask for. */
const StatementQuery = z.object({
  kind: z.enum(['open-item', 'activity']),
  format: z.enum(['pdf', 'csv']),
});

const ApprovalForm = z.object({ by: z.string().trim().min(1).max(80) });
const AnswerForm = z.object({ outcome: z.enum(DISPUTE_OUTCOMES) });

export function customerRoutes(server: Express, web: Web): void {
  const { app } = web;

  server.get('/books/:bookId/customers', async (req, res) => {
    const book = await getBook(web, req);
    const today = dayIn(book.timeZone, app.clock.now());
    const search = {
      name: searchText(req),
      page: pageNumber(req),
      baseCurrency: book.baseCurrency,
    };
    const found = await readCustomers(app.db, book.id, today, search);
    const view = customersView(book, found, search, CUSTOMERS_PER_PAGE, app.clock.now());
    showPage(web, req, res, 'customers', view, { title: 'Customers', crumbs: crumbsTo(book) });
  });

  server.get('/books/:bookId/customers/:customerId', async (req, res) => {
    const book = await getBook(web, req);
    const today = dayIn(book.timeZone, app.clock.now());
    const found = await readCustomer(app.db, book.id, customerIdOf(req), today);
    showPage(web, req, res, 'customer', customerView(book, found, today, app.clock.now()), {
      title: found.customer.name,
      crumbs: [
        ...crumbsTo(book),
        { href: pathOf('books', book.id, 'customers'), name: 'Customers' },
      ],
    });
  });

  server.get('/books/:bookId/customers/:customerId/statement', async (req, res) => {
    const book = await getBook(web, req);
    const request = readQuery(req, StatementQuery);
    const deps = { tx: app.db.prisma, clock: app.clock, config: app.config };
    const file = await makeStatement(deps, book.id, customerIdOf(req), request);
    sendFile(res, file);
  });

  server.post('/books/:bookId/customers/:customerId/holds', async (req, res) => {
    const book = await getBook(web, req);
    const customerId = await existingCustomer(web, req, book.id);
    const form = readForm(req, HoldForm);
    const today = dayIn(book.timeZone, app.clock.now());
    const text = {
      ...form,
      invoices: form.invoices.split(/[\s,;]+/),
      instalments: form.instalments.split('\n'),
    };
    const request = await holdFromText(app.db, book.id, customerId, text, today);
    await addHold(app, book.id, request, sessionOf(res).actor);
    backTo(res, pathOf('books', book.id, 'customers', customerId), 'held');
  });

  server.post('/books/:bookId/customers/:customerId/holds/:holdId/end', async (req, res) => {
    const { book, customerId, holdId } = await existingHold(web, req);
    await endHold(app, book.id, holdId, sessionOf(res).actor);
    backTo(res, pathOf('books', book.id, 'customers', customerId), 'hold-ended');
  });

  server.post('/books/:bookId/customers/:customerId/holds/:holdId/approve', async (req, res) => {
    const { book, customerId, holdId } = await existingHold(web, req);
    await approveHold(app, book.id, holdId, readForm(req, ApprovalForm).by);
    backTo(res, pathOf('books', book.id, 'customers', customerId), 'held');
  });

  server.post('/books/:bookId/customers/:customerId/holds/:holdId/answer', async (req, res) => {
    const { book, customerId, holdId } = await existingHold(web, req);
    const answer = readForm(req, AnswerForm);
    await resolveDispute(app, book.id, holdId, answer, sessionOf(res).actor);
    backTo(res, pathOf('books', book.id, 'customers', customerId), 'held');
  });
}

const HoldNumber = z
  .string()
  .regex(/^[1-9]\d{0,8}$/)
  .transform(Number);

async function existingHold(web: Web, req: Request) {
  const book = await getBook(web, req);
  const customerId = await existingCustomer(web, req, book.id);
  const holdId = readParam(req, 'holdId', HoldNumber);
  const found = await web.app.db.prisma.hold.count({
    where: { id: holdId, bookId: book.id, customerId },
  });
  if (found === 0) throw new AccessError('not_found', 'no such hold on this customer');
  return { book, customerId, holdId };
}

async function existingCustomer(web: Web, req: Request, bookId: number) {
  const id = customerIdOf(req);
  const found = await web.app.db.prisma.customer.count({ where: { bookId, id } });
  if (found === 0) throw new AccessError('not_found', 'no such customer in this book');
  return id;
}

function searchText(req: Request): string {
  const { q } = req.query;
  return typeof q === 'string' ? q.trim().slice(0, 100) : '';
}
