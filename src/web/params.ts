/** What a browser sends, parsed. An address that names nothing is a page that does not exist. */
import type { Request } from 'express';
import { z } from 'zod';
import type { BookId, CustomerId, InvoiceId } from '../domain/receivables.ts';
import { AccessError } from '../errors.ts';
import type { Web } from './respond.ts';

const BookNumber = z
  .string()
  .regex(/^[1-9]\d{0,8}$/)
  .transform(Number);
/** A ledger's id is short and printable; PostgreSQL refuses a NUL in a text. */
const LedgerId = z.string().regex(/^\P{Cc}{1,200}$/u);

export function readParam<T>(req: Request, name: string, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(req.params[name]);
  if (!parsed.success) throw new AccessError('not_found', `no such ${name}`);
  return parsed.data;
}

export const customerIdOf = (req: Request) => readParam(req, 'customerId', LedgerId) as CustomerId;
export const invoiceIdOf = (req: Request) => readParam(req, 'invoiceId', LedgerId) as InvoiceId;
export const actionIdOf = (req: Request) => readParam(req, 'actionId', z.uuid());

/** A form that does not parse was not made by our pages. */
export function readForm<T>(req: Request, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(req.body ?? {});
  if (!parsed.success) throw new AccessError('forbidden', 'the form does not fit');
  return parsed.data;
}

/** An address whose query names nothing we have is a page that does not exist. */
export function readQuery<T>(req: Request, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(req.query);
  if (!parsed.success) throw new AccessError('not_found', 'the query does not fit');
  return parsed.data;
}

export type BookRow = Awaited<ReturnType<typeof getBook>>;

/** The book a page is about. One that is not there and one that is not yours look the same. */
export async function getBook(web: Web, req: Request) {
  const id = readParam(req, 'bookId', BookNumber);
  const book = await web.app.db.prisma.book.findUnique({
    where: { id },
    include: { grant: { select: { refreshHardExpiresAt: true } } },
  });
  if (book === null) throw new AccessError('not_found', `no book ${id}`);
  return { ...book, id: book.id as BookId };
}

/** Whole pages of a long list: ?page=2. */
export function pageNumber(req: Request): number {
  const { page } = req.query;
  return typeof page === 'string' && /^[1-9]\d{0,4}$/.test(page) ? Number(page) : 1;
}
