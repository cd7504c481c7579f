/**
 * QuickBooks customers, invoices and credit memos as the canonical records. Unknown fields are
 * ignored, since Intuit adds them without a new version; a field we rely on must fit exactly.
 */
import { z } from 'zod';
import type { Currency } from '../../src/domain/money.ts';
import type {
  Credit,
  CreditId,
  Customer,
  CustomerId,
  Invoice,
  InvoiceId,
  InvoiceStatus,
} from '../../src/domain/receivables.ts';
import {
  amount,
  currencyOf,
  dayOf,
  email,
  isVoidNote,
  minorOf,
  Misfit,
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
import { dueByTerm, type Terms } from './terms.ts';

/** What a row does not say itself. */
export interface Company {
  /** null until somebody had to ask for it. */
  homeCurrency: Currency | null;
  terms: Terms;
}

const phone = z.object({ FreeFormNumber: text }).nullish();

const CustomerRow = z.object({
  ...stamped,
  DisplayName: text,
  FullyQualifiedName: text,
  CompanyName: text,
  PrimaryEmailAddr: email,
  PrimaryPhone: phone,
  Mobile: phone,
  Active: z.boolean().nullish(),
  ParentRef: optionalRef,
  BillWithParent: z.boolean().nullish(),
  CurrencyRef: optionalRef,
  Balance: optionalAmount,
});

export function mapCustomer(row: unknown, company: Company): Customer {
  const customer = parseRow(CustomerRow, row);
  const isActive = customer.Active ?? true;
  const currency = currencyOf(customer.CurrencyRef, company.homeCurrency);
  const balance = customer.Balance ?? null;
  return {
    id: customer.Id as CustomerId,
    name: nameOf(customer, isActive),
    emailText: textOf(customer.PrimaryEmailAddr?.Address),
    contacts: [],
    phone: textOf(customer.PrimaryPhone?.FreeFormNumber) ?? textOf(customer.Mobile?.FreeFormNumber),
    isActive,
    mergedIntoId: null,
    parentId: (customer.ParentRef?.value ?? null) as CustomerId | null,
    billWithParent: customer.BillWithParent ?? false,
    currency,
    // BalanceWithJobs would count the sub-customers twice.
    ledgerBalanceMinor: balance === null ? null : minorOf(balance, currency, 'Balance'),
    ...stampOf(customer),
  };
}

/** QuickBooks cannot delete a customer: it makes it inactive and adds " (deleted)" to the name. */
function nameOf(customer: z.infer<typeof CustomerRow>, isActive: boolean): string {
  const name =
    textOf(customer.DisplayName) ??
    textOf(customer.FullyQualifiedName) ??
    textOf(customer.CompanyName);
  if (name === null) throw new Misfit('DisplayName', 'is missing');
  return isActive ? name : name.replace(/ \(deleted[^)]*\)$/, '');
}

const InvoiceRow = z.object({
  ...stamped,
  DocNumber: text,
  PONumber: text,
  TxnDate: z.string(),
  DueDate: text,
  CustomerRef: ref,
  CurrencyRef: optionalRef,
  ExchangeRate: optionalAmount,
  TotalAmt: amount,
  Balance: amount,
  SalesTermRef: optionalRef,
  BillEmail: email,
  EmailStatus: text,
  PrivateNote: text,
});

export function mapInvoice(row: unknown, company: Company): Invoice {
  const invoice = parseRow(InvoiceRow, row);
  const currency = currencyOf(invoice.CurrencyRef, company.homeCurrency);
  const totalMinor = positiveMinorOf(invoice.TotalAmt, currency, 'TotalAmt');
  const openMinor = positiveMinorOf(invoice.Balance, currency, 'Balance');
  const issuedOn = dayOf(invoice.TxnDate, 'TxnDate');
  const due = textOf(invoice.DueDate);
  return {
    id: invoice.Id as InvoiceId,
    kind: 'invoice',
    number: textOf(invoice.DocNumber) ?? `#${invoice.Id}`,
    reference: textOf(invoice.PONumber),
    customerId: invoice.CustomerRef.value as CustomerId,
    status: invoiceStatus(totalMinor, openMinor, invoice.PrivateNote),
    issuedOn,
    dueOn:
      due === null
        ? dueByTerm(company.terms.get(invoice.SalesTermRef?.value ?? ''), issuedOn)
        : dayOf(due, 'DueDate'),
    schedule: null,
    expectedPayOn: null,
    currency,
    totalMinor,
    openMinor,
    baseRate: rateText(invoice.ExchangeRate),
    paidOn: null,
    emailText: textOf(invoice.BillEmail?.Address),
    sentToContact: wasSent(invoice.EmailStatus),
    ...stampOf(invoice),
  };
}

/** QuickBooks returns no status. An invoice for nothing without the note is just that: nothing is owed. */
function invoiceStatus(
  totalMinor: number,
  openMinor: number,
  note: string | null | undefined,
): InvoiceStatus {
  if (openMinor > 0) return 'open';
  return totalMinor === 0 && isVoidNote(note) ? 'voided' : 'paid';
}

function wasSent(status: string | null | undefined): boolean | null {
  if (status === 'EmailSent') return true;
  return status === 'NotSet' || status === 'NeedToSend' ? false : null;
}

const CreditMemoRow = z.object({
  ...stamped,
  DocNumber: text,
  TxnDate: z.string(),
  CustomerRef: ref,
  CurrencyRef: optionalRef,
  TotalAmt: amount,
  RemainingCredit: optionalAmount,
  Balance: optionalAmount,
  PrivateNote: text,
});

export function mapCreditMemo(row: unknown, company: Company): Credit {
  const memo = parseRow(CreditMemoRow, row);
  const currency = currencyOf(memo.CurrencyRef, company.homeCurrency);
  const totalMinor = positiveMinorOf(memo.TotalAmt, currency, 'TotalAmt');
  // The two are the same figure; old answers have only one of them.
  const remaining = memo.RemainingCredit ?? memo.Balance ?? null;
  if (remaining === null) throw new Misfit('RemainingCredit', 'is missing');
  const remainingMinor = positiveMinorOf(remaining, currency, 'RemainingCredit');
  return {
    id: memo.Id as CreditId,
    kind: 'credit_note',
    number: textOf(memo.DocNumber),
    customerId: memo.CustomerRef.value as CustomerId,
    status: creditStatus(totalMinor, remainingMinor, memo.PrivateNote),
    issuedOn: dayOf(memo.TxnDate, 'TxnDate'),
    currency,
    totalMinor,
    remainingMinor,
    allocations: [],
    ...stampOf(memo),
  };
}

function creditStatus(
  totalMinor: number,
  remainingMinor: number,
  note: string | null | undefined,
): Credit['status'] {
  if (remainingMinor > 0) return 'open';
  return totalMinor === 0 && isVoidNote(note) ? 'voided' : 'used';
}
