/** Whom a command speaks of: a customer by id or name, or an invoice by number or id. */
import type { App } from '../app.ts';
import type { BookId, CustomerId, InvoiceId } from '../domain/receivables.ts';
import { UsageError } from '../errors.ts';

export interface CustomerChoice {
  id: CustomerId;
  name: string;
}

/** By id, by the whole name, or by the beginning of one. */
export async function chooseCustomer(
  app: App,
  bookId: BookId,
  wanted: string,
): Promise<CustomerChoice> {
  const found = await findCustomers(app, bookId, wanted);
  const [first] = found;
  if (first === undefined) throw new UsageError(`no customer is called "${wanted}"`);
  if (found.length === 1) return first;
  const known = found.slice(0, NAMED_MAX).map(({ id, name }) => `${id} (${name})`);
  const more = found.length > NAMED_MAX ? ', …' : '';
  throw new UsageError(
    `"${wanted}" fits several customers: say the id; there is ${known.join(', ')}${more}`,
  );
}

const NAMED_MAX = 5;

async function findCustomers(app: App, bookId: BookId, wanted: string): Promise<CustomerChoice[]> {
  const select = { id: true, name: true };
  const byId = await app.db.prisma.customer.findUnique({
    where: { bookId_id: { bookId, id: wanted } },
    select,
  });
  if (byId !== null) return [{ ...byId, id: byId.id as CustomerId }];
  const rows = await app.db.prisma.customer.findMany({
    where: { bookId, name: { startsWith: escapeLike(wanted), mode: 'insensitive' } },
    orderBy: { id: 'asc' },
    take: 20,
    select,
  });
  const folded = wanted.toLowerCase();
  const whole = rows.filter(({ name }) => name.toLowerCase() === folded);
  return (whole.length > 0 ? whole : rows).map((row) => ({ ...row, id: row.id as CustomerId }));
}

/** `startsWith` is a LIKE. */
function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

export type CustomerOrInvoice =
  | { kind: 'customer'; customer: CustomerChoice }
  | { kind: 'invoice'; id: InvoiceId; number: string };

/** An invoice's number or id goes first: nobody is called INV-0042. */
export async function chooseCustomerOrInvoice(
  app: App,
  bookId: BookId,
  wanted: string,
): Promise<CustomerOrInvoice> {
  const invoices = await app.db.prisma.invoice.findMany({
    where: { bookId, OR: [{ id: wanted }, { number: wanted }] },
    select: { id: true, number: true, status: true },
    take: 20,
  });
  // A number may be used again after a void.
  const invoice =
    invoices.find(({ id }) => id === wanted) ??
    invoices.find(({ status }) => status === 'open') ??
    invoices[0];
  if (invoice !== undefined) {
    return { kind: 'invoice', id: invoice.id as InvoiceId, number: invoice.number };
  }
  return { kind: 'customer', customer: await chooseCustomer(app, bookId, wanted) };
}
