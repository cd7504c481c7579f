/**
 * Journal entries as far as they change what a customer owes: lines on an Accounts Receivable
 * account that name a customer. A debit raises what is owed (an invoice of kind journal), a credit
 * lowers it (a credit of kind journal). QuickBooks tells no open part of either.
 *
 * All lines of one entry for one customer on one side are one record, named after the first of
 * them: payments name the entry and rarely the line, so two lines could not be told apart. Lines of
 * 100.00 and 50.00 to the debit of Acme in entry 12 become `journal:12:0` over 150.00.
 */
import { z } from 'zod';
import type { Currency, Minor } from '../../src/domain/money.ts';
import type {
  Credit,
  CreditId,
  CustomerId,
  Invoice,
  InvoiceId,
  RemoteStamp,
} from '../../src/domain/receivables.ts';
import type { Day } from '../../src/domain/day.ts';
import type { GoneRecord } from '../ledger.ts';
import type { Row } from './client.ts';
import { isRecord } from './fault.ts';
import {
  amount,
  currencyOf,
  dayOf,
  id,
  isVoidNote,
  optionalAmount,
  optionalRef,
  parseRow,
  positiveMinorOf,
  rateText,
  ref,
  stamped,
  stampOf,
  text,
  textOf,
} from './fields.ts';
import type { Company } from './map.ts';

/** What one entry does to one customer on one side. */
export interface JournalSide {
  recordId: string;
  kind: 'invoice' | 'credit';
  customerId: CustomerId;
  amountMinor: Minor;
  lineIds: string[];
}

export interface JournalRecords {
  journalId: string;
  sides: JournalSide[];
  invoices: Invoice[];
  credits: Credit[];
}

const PREFIX = 'journal:';

/** `journal:12:0` → `12`; null for the id of anything else. */
export function journalOf(recordId: string): string | null {
  return recordId.startsWith(PREFIX) ? (recordId.slice(PREFIX.length).split(':')[0] ?? null) : null;
}

function journalRecordId(journalId: string, lineId: string): string {
  return `${PREFIX}${journalId}:${lineId}`;
}

export interface AccountNamed {
  id: string;
  /** Intuit's own name for receivables, which needs no look-up: other currencies add " - EUR". */
  isReceivableByName: boolean;
}

/** Accounts that the entry's customer lines post to: the entry matters when one of them is receivable. */
export function customerAccounts(row: Row): AccountNamed[] {
  return linesOf(row)
    .filter(namesCustomer)
    .map((line) => detailOf(line)['AccountRef'])
    .filter(isRecord)
    .map(({ value, name }) => ({
      id: typeof value === 'string' ? value : '',
      isReceivableByName: typeof name === 'string' && name.startsWith('Accounts Receivable (A/R)'),
    }))
    .filter(({ id }) => id !== '');
}

function linesOf(row: Row): Row[] {
  const lines = row['Line'];
  return Array.isArray(lines) ? lines.filter(isRecord) : [];
}

function detailOf(line: Row): Row {
  const detail = line['JournalEntryLineDetail'];
  return isRecord(detail) ? detail : {};
}

function namesCustomer(line: Row): boolean {
  const entity = detailOf(line)['Entity'];
  return isRecord(entity) && entity['Type'] === 'Customer';
}

const HeadRow = z.object({
  ...stamped,
  DocNumber: text,
  TxnDate: z.string(),
  CurrencyRef: optionalRef,
  ExchangeRate: optionalAmount,
  PrivateNote: text,
});

const LineRow = z.object({
  Id: id,
  Amount: amount,
  JournalEntryLineDetail: z.object({
    PostingType: z.enum(['Debit', 'Credit'], { error: 'is neither Debit nor Credit' }),
    AccountRef: ref,
    Entity: z.object({ EntityRef: ref }),
  }),
});

/** Only lines that touch receivables are read strictly: a payroll journal may look as it likes. */
export function mapJournal(
  row: Row,
  company: Company,
  receivableAccounts: ReadonlySet<string>,
): JournalRecords {
  const head = parseRow(HeadRow, row);
  const currency = currencyOf(head.CurrencyRef, company.homeCurrency);
  const touching = linesOf(row)
    .filter(namesCustomer)
    .map((line) => parseRow(LineRow, line))
    .filter((line) => receivableAccounts.has(line.JournalEntryLineDetail.AccountRef.value));
  const sides = sidesOf(head.Id, touching, currency);
  const common = {
    issuedOn: dayOf(head.TxnDate, 'TxnDate'),
    currency,
    isVoided: isVoidNote(head.PrivateNote),
    number: textOf(head.DocNumber),
    baseRate: rateText(head.ExchangeRate),
    stamp: stampOf(head),
  };
  return {
    journalId: head.Id,
    sides,
    invoices: sides.filter((side) => side.kind === 'invoice').map((s) => asInvoice(s, common)),
    credits: sides.filter((side) => side.kind === 'credit').map((side) => asCredit(side, common)),
  };
}

function sidesOf(
  journalId: string,
  lines: z.infer<typeof LineRow>[],
  currency: Currency,
): JournalSide[] {
  const sides = new Map<string, JournalSide>();
  for (const line of lines) {
    const detail = line.JournalEntryLineDetail;
    const amountMinor = positiveMinorOf(line.Amount, currency, 'Line.Amount');
    const customerId = detail.Entity.EntityRef.value as CustomerId;
    const key = `${detail.PostingType} ${customerId}`;
    const side = sides.get(key);
    if (side === undefined) {
      sides.set(key, {
        recordId: journalRecordId(journalId, line.Id),
        kind: detail.PostingType === 'Debit' ? 'invoice' : 'credit',
        customerId,
        amountMinor,
        lineIds: [line.Id],
      });
    } else {
      side.amountMinor += amountMinor;
      side.lineIds.push(line.Id);
    }
  }
  return [...sides.values()];
}

interface Common {
  issuedOn: Day;
  currency: Currency;
  isVoided: boolean;
  number: string | null;
  baseRate: string | null;
  stamp: RemoteStamp;
}

/** A journal has no due date: it is due on its own day. */
function asInvoice(side: JournalSide, common: Common): Invoice {
  return {
    id: side.recordId as InvoiceId,
    kind: 'journal',
    number: common.number ?? `#${journalOf(side.recordId) ?? ''}`,
    reference: null,
    customerId: side.customerId,
    status: common.isVoided && side.amountMinor === 0 ? 'voided' : 'open',
    issuedOn: common.issuedOn,
    dueOn: common.issuedOn,
    schedule: null,
    expectedPayOn: null,
    currency: common.currency,
    totalMinor: side.amountMinor,
    openMinor: null,
    baseRate: common.baseRate,
    paidOn: null,
    emailText: null,
    sentToContact: null,
    ...common.stamp,
  };
}

function asCredit(side: JournalSide, common: Common): Credit {
  return {
    id: side.recordId as CreditId,
    kind: 'journal',
    number: common.number,
    customerId: side.customerId,
    status: common.isVoided && side.amountMinor === 0 ? 'voided' : 'open',
    issuedOn: common.issuedOn,
    currency: common.currency,
    totalMinor: side.amountMinor,
    remainingMinor: null,
    allocations: [],
    ...common.stamp,
  };
}

/** Lines are numbered from 0; longer entries that lose a line are put right by the next full walk. */
const LINES_MAX = 100;

/**
 * An edit may have moved a line to another account, customer or side, and a deleted entry comes
 * without its lines: every line it may have had and has no more is reported.
 */
export function goneLines(journalId: string, sides: readonly JournalSide[]): GoneRecord[] {
  const kept = new Set(sides.map((side) => `${side.kind} ${side.recordId}`));
  return Array.from({ length: LINES_MAX }, (_, line) => journalRecordId(journalId, String(line)))
    .flatMap((recordId): GoneRecord[] => [
      { kind: 'invoice', id: recordId },
      { kind: 'credit', id: recordId },
    ])
    .filter((record) => !kept.has(`${record.kind} ${record.id}`));
}
