/** What may be asked of a hold, checked against the invoices it is about. */
import { addDays, type Day, formatDay, fromDate } from '../domain/day.ts';
import { DISPUTE_CODES } from '../domain/dispute.ts';
import { HOLD_KINDS, type HoldRules, type HoldTerms } from '../domain/holds.ts';
import type { Currency, Minor } from '../domain/money.ts';
import type { BookId, CustomerId, InvoiceId } from '../domain/receivables.ts';
import { moneyText } from '../domain/text.ts';
import { AccessError, UsageError } from '../errors.ts';
import { readFamilies } from '../store/book-facts.ts';
import type { Invoice, Tx } from '../store/db.ts';

export type HoldRequest = HoldTerms & {
  customerId: CustomerId;
  /** Left out: the whole customer; for what has an amount, all that is open in its currency. */
  invoiceIds?: readonly InvoiceId[] | null;
  reason: string;
  owner: string;
  fromOn: Day;
  /** The last day of a dispute, an extension or a manual hold; left out: until somebody ends it. */
  untilOn?: Day | null;
  /** A second person, where one is asked for. Without it the hold waits for approval. */
  approvedBy?: string | null;
  /** The task in which they said so; left out: it was said elsewhere. */
  toldIn?: string;
};

const REASON_MAX = 500;
const OWNER_MAX = 80;

export function checkWords(request: HoldRequest): void {
  const { kind, fromOn } = request;
  const untilOn = request.untilOn ?? null;
  if (!HOLD_KINDS.includes(kind)) throw new UsageError(`a hold is one of ${HOLD_KINDS.join(', ')}`);
  const reason = request.reason.trim();
  if (reason === '' || reason.length > REASON_MAX) {
    throw new UsageError(`a hold needs a reason of at most ${REASON_MAX} characters`);
  }
  const owner = request.owner.trim();
  if (owner === '' || owner.length > OWNER_MAX) {
    throw new UsageError(`a hold needs an owner, a name of at most ${OWNER_MAX} characters`);
  }
  if (untilOn !== null && untilOn < fromOn) {
    throw new UsageError(`a hold from ${formatDay(fromOn)} cannot end on ${formatDay(untilOn)}`);
  }
}

export interface NamedInvoice {
  id: InvoiceId;
  customerId: CustomerId;
  number: string;
  currency: Currency;
  dueOn: Day;
  openMinor: Minor;
}

/** The invoices named, or those that an agreement about an amount is about; none: whatever is owed. */
export async function invoicesOf(
  tx: Tx,
  bookId: BookId,
  request: HoldRequest,
): Promise<NamedInvoice[]> {
  const members = await membersOf(tx, bookId, request.customerId);
  const named = request.invoiceIds ?? [];
  const currency = currencyOf(request);
  if (named.length === 0 && currency === null) return [];
  const rows = await tx.invoice.findMany({
    where: {
      bookId,
      customerId: { in: members },
      ...(named.length > 0
        ? { id: { in: [...named] } }
        : { currency: currency ?? '', status: 'open' }),
    },
    orderBy: [{ dueOn: 'asc' }, { id: 'asc' }],
  });
  const invoices = rows.map(namedInvoice);
  const missing = named.find((id) => !invoices.some((invoice) => invoice.id === id));
  if (missing !== undefined) {
    throw new AccessError('not_found', `no invoice ${missing} of customer ${request.customerId}`);
  }
  const other = invoices.find((invoice) => currency !== null && invoice.currency !== currency);
  if (other !== undefined) {
    throw new UsageError(
      `${other.number} is in ${other.currency}, not in ${currency ?? ''}: one hold for each currency`,
    );
  }
  return invoices;
}

/** All that the customer owes, and those billed with it. */
export async function openInvoicesOf(
  tx: Tx,
  bookId: BookId,
  customerId: CustomerId,
): Promise<NamedInvoice[]> {
  const members = await membersOf(tx, bookId, customerId);
  const rows = await tx.invoice.findMany({
    where: { bookId, customerId: { in: members }, status: 'open' },
    orderBy: [{ dueOn: 'asc' }, { id: 'asc' }],
  });
  return rows.map(namedInvoice);
}

function namedInvoice(row: Invoice): NamedInvoice {
  return {
    id: row.id as InvoiceId,
    customerId: row.customerId as CustomerId,
    number: row.number,
    currency: row.currency,
    dueOn: fromDate(row.dueOn),
    openMinor: row.status === 'open' ? Number(row.openMinor) : 0,
  };
}

/** The customer and those billed with it. */
export async function membersOf(
  tx: Tx,
  bookId: BookId,
  customerId: CustomerId,
): Promise<CustomerId[]> {
  const customer = await tx.customer.findUnique({
    where: { bookId_id: { bookId, id: customerId } },
    select: { id: true },
  });
  if (customer === null) throw new AccessError('not_found', `no customer ${customerId}`);
  const families = await readFamilies(tx, bookId);
  const children = [...families].filter(([, debtor]) => debtor === customerId);
  return [...new Set([customerId, ...children.map(([child]) => child)])];
}

function currencyOf(request: HoldTerms): Currency | null {
  switch (request.kind) {
    case 'promise':
    case 'plan':
    case 'settlement':
      return request.terms.currency;
    case 'dispute':
      return request.terms.part?.currency ?? null;
    case 'extension':
    case 'reply':
    case 'manual':
      return null;
  }
}

/** `rules`: of the policy in force for what it is about. */
export function lastDayOf(request: HoldRequest, rules: HoldRules): Day | null {
  switch (request.kind) {
    case 'promise':
      return addDays(request.terms.payOn, rules.onPromise.graceDays);
    case 'plan': {
      const last = request.terms.instalments.at(-1)?.dueOn ?? request.fromOn;
      return addDays(last, request.terms.graceDays ?? rules.onPlan.graceDays);
    }
    case 'settlement':
      return request.terms.payBy;
    case 'reply':
      return addDays(request.fromOn, rules.onReply.pauseDays);
    case 'dispute':
    case 'extension':
    case 'manual':
      return request.untilOn ?? null;
  }
}

export function checkTerms(request: HoldRequest, invoices: readonly NamedInvoice[]): void {
  const openMinor = invoices.reduce((sum, invoice) => sum + invoice.openMinor, 0);
  switch (request.kind) {
    case 'promise': {
      const { amountMinor, currency, payOn } = request.terms;
      notPast(payOn, request.fromOn, 'a promise');
      atMost(amountMinor, openMinor, currency, 'promised');
      return;
    }
    case 'dispute': {
      checkDispute(request.terms, invoices);
      return;
    }
    case 'plan': {
      checkPlan(request.terms, request.fromOn, openMinor);
      return;
    }
    case 'settlement': {
      const { currency, owedMinor, acceptMinor, payBy } = request.terms;
      notPast(payBy, request.fromOn, 'a settlement');
      if (owedMinor !== openMinor) {
        throw new UsageError(
          `${moneyText(openMinor, currency)} is open on these invoices, not ${moneyText(owedMinor, currency)}`,
        );
      }
      if (acceptMinor < openMinor) return;
      throw new UsageError(
        `a settlement accepts less than the ${moneyText(openMinor, currency)} that is open`,
      );
    }
    case 'extension': {
      const { dueOn } = request.terms;
      const latest = invoices.find((invoice) => invoice.dueOn >= dueOn);
      if (invoices.length === 0) throw new UsageError('an extension names its invoices');
      if (latest === undefined) return;
      throw new UsageError(
        `${latest.number} is due on ${formatDay(latest.dueOn)}: the new day should be later than that`,
      );
    }
    case 'reply':
    case 'manual':
      return;
  }
}

function notPast(on: Day, fromOn: Day, what: string): void {
  if (on >= fromOn) return;
  throw new UsageError(
    `${what} made on ${formatDay(fromOn)} cannot be for ${formatDay(on)}: say that day or a later one`,
  );
}

function atMost(amountMinor: Minor, openMinor: Minor, currency: Currency, verb: string): void {
  if (amountMinor > 0 && amountMinor <= openMinor) return;
  throw new UsageError(
    `${moneyText(amountMinor, currency)} cannot be ${verb}: ${moneyText(openMinor, currency)} is open`,
  );
}

function checkDispute(
  terms: Extract<HoldTerms, { kind: 'dispute' }>['terms'],
  invoices: readonly NamedInvoice[],
): void {
  if (!DISPUTE_CODES.includes(terms.reason)) {
    throw new UsageError(`a dispute is about one of ${DISPUTE_CODES.join(', ')}`);
  }
  if (terms.part === null) return;
  const [invoice, ...more] = invoices;
  if (invoice === undefined || more.length > 0) {
    throw new UsageError('a part is disputed of one invoice: name it');
  }
  atMost(terms.part.amountMinor, invoice.openMinor, terms.part.currency, 'disputed');
}

function checkPlan(
  { currency, instalments }: Extract<HoldTerms, { kind: 'plan' }>['terms'],
  fromOn: Day,
  openMinor: Minor,
): void {
  const [first] = instalments;
  if (first === undefined) throw new UsageError('a plan has at least one instalment');
  notPast(first.dueOn, fromOn, 'a plan');
  instalments.forEach((part, index) => {
    const before = instalments[index - 1];
    if (part.amountMinor <= 0) throw new UsageError('every instalment is more than nothing');
    if (before === undefined || before.dueOn < part.dueOn) return;
    throw new UsageError(
      `the instalment of ${formatDay(part.dueOn)} follows that of ${formatDay(before.dueOn)}: they stand in the order of their days`,
    );
  });
  const total = instalments.reduce((sum, part) => sum + part.amountMinor, 0);
  if (total === openMinor) return;
  throw new UsageError(
    `the instalments come to ${moneyText(total, currency)}, and ${moneyText(openMinor, currency)} is open: they should be the same`,
  );
}
