/**
 * A hold as a person types it, in a form or on a command line, turned into a request: invoices by
 * number, amounts and days as text. What cannot be read is refused by its field's name.
 */
import { type Day, parseDay } from '../domain/day.ts';
import {
  isCurrency,
  type Currency,
  minorToDecimal,
  parseMinor,
  type Minor,
} from '../domain/money.ts';
import { HOLD_KINDS, type HoldKind, PROMISE_SOURCES } from '../domain/holds.ts';
import { isReasonCode } from '../domain/reasons.ts';
import { DISPUTE_CODES } from '../domain/dispute.ts';
import type { BookId, CustomerId, InvoiceId } from '../domain/receivables.ts';
import { UsageError } from '../errors.ts';
import type { Db } from '../store/db.ts';
import { type HoldRequest, openInvoicesOf } from './hold-request.ts';

export interface HoldText {
  kind: string;
  /** Numbers or ids. */
  invoices?: readonly string[];
  currency?: string;
  amount?: string;
  /** The day promised, settled by, or moved to. */
  on?: string;
  source?: string;
  quote?: string;
  /** Why it is disputed, a code. */
  about?: string;
  /** "2026-07-01 300.00" each. */
  instalments?: readonly string[];
  graceDays?: string;
  reason: string;
  owner: string;
  until?: string;
  approvedBy?: string;
}

export async function holdFromText(
  db: Db,
  bookId: BookId,
  customerId: CustomerId,
  text: HoldText,
  today: Day,
): Promise<HoldRequest> {
  const kind = oneOf('kind', text.kind, HOLD_KINDS);
  const invoices = await findInvoices(db, bookId, filled(text.invoices));
  const common = {
    customerId,
    invoiceIds: invoices.map((invoice) => invoice.id),
    reason: text.reason,
    owner: text.owner,
    fromOn: today,
    untilOn: optionalDay('until', text.until),
    approvedBy: blankToNull(text.approvedBy),
  };
  const owed = () => owedIn(db, bookId, customerId, invoices, text.currency);
  return { ...common, ...(await termsOf(kind, text, invoices, owed)) };
}

interface Found {
  id: InvoiceId;
  currency: Currency;
  openMinor: Minor;
}

interface Owed {
  currency: Currency;
  openMinor: Minor;
}

async function termsOf(
  kind: HoldKind,
  text: HoldText,
  invoices: readonly Found[],
  owed: () => Promise<Owed>,
) {
  switch (kind) {
    case 'promise': {
      const { currency, openMinor } = await owed();
      const terms = {
        currency,
        amountMinor: optionalAmount('amount', text.amount, currency) ?? openMinor,
        payOn: aDay('on', text.on),
        source: oneOf('source', text.source ?? 'phone', PROMISE_SOURCES),
        quote: blankToNull(text.quote),
      };
      return { kind, terms };
    }
    case 'dispute':
      return { kind, terms: disputeOf(text, invoices) };
    case 'plan': {
      const { currency } = await owed();
      const instalments = filled(text.instalments).map((line) => instalmentOf(line, currency));
      return { kind, terms: { currency, instalments, graceDays: graceOf(text.graceDays) } };
    }
    case 'settlement': {
      const { currency, openMinor: owedMinor } = await owed();
      const acceptMinor = optionalAmount('amount', text.amount, currency);
      if (acceptMinor === null) throw new UsageError('amount: say how much is accepted');
      return { kind, terms: { currency, owedMinor, acceptMinor, payBy: aDay('on', text.on) } };
    }
    case 'extension':
      return { kind, terms: { dueOn: aDay('on', text.on) } };
    case 'reply':
      return { kind, terms: { source: oneOf('source', text.source ?? 'email', PROMISE_SOURCES) } };
    case 'manual':
      return { kind, terms: null };
  }
}

function disputeOf(text: HoldText, invoices: readonly Found[]) {
  const about = text.about ?? 'other_dispute';
  if (!isReasonCode(about)) {
    throw new UsageError(`about ${about}: should be one of ${DISPUTE_CODES.join(', ')}`);
  }
  const [invoice] = invoices;
  if (blankToNull(text.amount) === null) return { reason: about, part: null, resolution: null };
  if (invoice === undefined) throw new UsageError('a part is disputed of one invoice: name it');
  const { currency, openMinor } = invoice;
  const amountMinor = optionalAmount('amount', text.amount, currency) ?? openMinor;
  return { reason: about, part: { currency, amountMinor }, resolution: null };
}

function instalmentOf(line: string, currency: Currency) {
  const [on = '', amount = '', ...more] = line.trim().split(/[\s=:]+/);
  const dueOn = parseDay(on);
  const amountMinor = parseMinor(amount, currency);
  if (dueOn === null || amountMinor === null || more.length > 0) {
    throw new UsageError(
      `instalment "${line.trim()}": should be a day and an amount, like 2026-07-01 ${minorToDecimal(30_000, currency)}`,
    );
  }
  return { dueOn, amountMinor };
}

function graceOf(text: string | undefined): number | null {
  const given = blankToNull(text);
  if (given === null) return null;
  if (/^\d{1,2}$/.test(given)) return Number(given);
  throw new UsageError(`grace ${given}: should be a number of days from 0 to 99`);
}

async function findInvoices(db: Db, bookId: BookId, wanted: readonly string[]): Promise<Found[]> {
  if (wanted.length === 0) return [];
  const rows = await db.prisma.invoice.findMany({
    where: { bookId, OR: [{ id: { in: [...wanted] } }, { number: { in: [...wanted] } }] },
    orderBy: { id: 'asc' },
  });
  return wanted.map((text) => {
    // An id says exactly which; a number may be used again after a void.
    const row =
      rows.find((one) => one.id === text) ??
      rows.find((one) => one.number === text && one.status === 'open') ??
      rows.find((one) => one.number === text);
    if (row === undefined) throw new UsageError(`no invoice has the number or id "${text}"`);
    const openMinor = row.status === 'open' ? Number(row.openMinor) : 0;
    return { id: row.id as InvoiceId, currency: row.currency, openMinor };
  });
}

/** What an amount can be about: the invoices named, or all that is open in the one currency there is. */
async function owedIn(
  db: Db,
  bookId: BookId,
  customerId: CustomerId,
  invoices: readonly Found[],
  currency: string | undefined,
): Promise<Owed> {
  const given = blankToNull(currency);
  if (given !== null && !isCurrency(given)) {
    throw new UsageError(`currency ${given}: should be a code like NZD`);
  }
  const open: readonly Found[] =
    invoices.length > 0 ? invoices : await openInvoicesOf(db.prisma, bookId, customerId);
  const currencies = [...new Set(open.map((invoice) => invoice.currency))].sort();
  const [only, ...others] = given === null ? currencies : [given];
  if (only === undefined) throw new UsageError('nothing is open: there is no amount to agree on');
  if (others.length > 0) {
    throw new UsageError(`currency: say which of ${currencies.join(', ')}, one hold for each`);
  }
  const own = open.filter((invoice) => invoice.currency === only);
  return { currency: only, openMinor: own.reduce((sum, one) => sum + one.openMinor, 0) };
}

function filled(texts: readonly string[] | undefined): string[] {
  return (texts ?? []).map((text) => text.trim()).filter((text) => text !== '');
}

function blankToNull(text: string | undefined): string | null {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? null : trimmed;
}

function oneOf<const T extends string>(field: string, text: string, known: readonly T[]): T {
  const found = known.find((one) => one === text);
  if (found !== undefined) return found;
  throw new UsageError(`${field} ${text}: should be one of ${known.join(', ')}`);
}

function optionalDay(field: string, text: string | undefined): Day | null {
  const given = blankToNull(text);
  return given === null ? null : aDay(field, given);
}

function aDay(field: string, text: string | undefined): Day {
  const parsed = parseDay(text?.trim() ?? '');
  if (parsed !== null) return parsed;
  throw new UsageError(`${field} ${text ?? ''}: should be a day written YYYY-MM-DD`);
}

function optionalAmount(field: string, text: string | undefined, currency: Currency): Minor | null {
  const given = blankToNull(text);
  if (given === null) return null;
  const amountMinor = parseMinor(given, currency);
  if (amountMinor !== null && amountMinor > 0) return amountMinor;
  throw new UsageError(
    `${field} ${given}: should be an amount like ${minorToDecimal(123_450, currency)} in ${currency}`,
  );
}
