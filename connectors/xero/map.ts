/**
 * Xero's records in our words. Each record is read alone: one that does not fit is set aside with
 * the name of its field, the rest of its page is kept. Bills, spent money and supplier credits are
 * no receivables and are passed over.
 */
import { Decimal } from 'decimal.js';
import { z } from 'zod';
import type { Day } from '../../src/domain/day.ts';
import type { Currency } from '../../src/domain/money.ts';
import type {
  Allocation,
  Contact,
  Credit,
  CreditId,
  CreditKind,
  Customer,
  CustomerId,
  Invoice,
  InvoiceId,
  InvoiceStatus,
  Payment,
  PaymentId,
  RecordKind,
} from '../../src/domain/receivables.ts';
import type { QuarantinedRecord } from '../ledger.ts';
import {
  amount,
  BadField,
  calendarDay,
  currency,
  decimal,
  id,
  instant,
  optionalText,
  rate,
  signedAmount,
  text,
  yesNo,
} from './fields.ts';

export interface Mapped<T> {
  records: T[];
  quarantined: QuarantinedRecord[];
}

/** null: not a receivable, passed over. Throws BadField. */
type Mapper<T> = (raw: unknown) => T | null;

export function mapEach<T>(
  raws: readonly unknown[],
  kind: RecordKind,
  idField: string,
  mapOne: Mapper<T>,
): Mapped<T> {
  const mapped: Mapped<T> = { records: [], quarantined: [] };
  raws.forEach((raw, index) => {
    try {
      const record = mapOne(raw);
      if (record !== null) mapped.records.push(record);
    } catch (error) {
      if (!(error instanceof BadField)) throw error;
      const externalId = idOf(raw, idField) ?? `unknown:${index}`;
      mapped.quarantined.push({ kind, externalId, field: error.field, problem: error.message });
    }
  });
  return mapped;
}

function idOf(raw: unknown, idField: string): string | null {
  const parsed = z.looseObject({ [idField]: id }).safeParse(raw);
  return parsed.success ? String(parsed.data[idField]) : null;
}

function read<S extends z.ZodType>(schema: S, raw: unknown): z.output<S> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new BadField(pathOf(issue?.path), issue?.message ?? 'does not fit');
}

function pathOf(path: readonly PropertyKey[] | undefined): string {
  return path === undefined || path.length === 0 ? '(record)' : path.join('.');
}

const stamp = { UpdatedDateUTC: instant.nullish() };

const XeroContact = z.object({
  ContactID: id,
  Name: optionalText,
  FirstName: optionalText,
  LastName: optionalText,
  ContactStatus: z.string().nullish(),
  EmailAddress: text.nullish(),
  ContactPersons: z
    .array(
      z.object({
        FirstName: optionalText,
        LastName: optionalText,
        EmailAddress: text.nullish(),
        IncludeInEmails: yesNo.nullish(),
      }),
    )
    .nullish(),
  Phones: z
    .array(
      z.object({
        PhoneType: z.string().nullish(),
        PhoneNumber: optionalText,
        PhoneAreaCode: optionalText,
        PhoneCountryCode: optionalText,
      }),
    )
    .nullish(),
  DefaultCurrency: z.union([z.literal('').transform(() => null), currency]).nullish(),
  MergedToContactID: z.union([z.literal('').transform(() => null), id]).nullish(),
  Balances: z
    .object({ AccountsReceivable: z.object({ Outstanding: decimal.nullish() }).nullish() })
    .nullish(),
  ...stamp,
});

/**
 * Xero leaves DefaultCurrency out for contacts that use the organisation's own. The outstanding
 * balance is taken over for those only: for the others its currency is not certain.
 */
export function mapContact(base: Currency): Mapper<Customer> {
  return (raw) => {
    const contact = read(XeroContact, raw);
    const name = contact.Name ?? fullName(contact.FirstName, contact.LastName);
    if (name === null) throw new BadField('Name', 'is missing');
    const ownCurrency = contact.DefaultCurrency ?? base;
    const outstanding = contact.Balances?.AccountsReceivable?.Outstanding ?? null;
    return {
      id: contact.ContactID as CustomerId,
      name,
      emailText: given(contact.EmailAddress),
      contacts: contactPersons(contact.ContactPersons ?? []),
      phone: mainPhone(contact.Phones ?? []),
      isActive: (contact.ContactStatus ?? 'ACTIVE') === 'ACTIVE',
      mergedIntoId: (contact.MergedToContactID ?? null) as CustomerId | null,
      parentId: null,
      billWithParent: false,
      currency: ownCurrency,
      ledgerBalanceMinor:
        outstanding === null || ownCurrency !== base
          ? null
          : signedAmount(outstanding, base, 'Balances.AccountsReceivable.Outstanding'),
      remoteVersion: null,
      remoteUpdatedAt: contact.UpdatedDateUTC ?? null,
    };
  };
}

/** An address is kept exactly as it stands, line breaks included: whoever sends decides what it is worth. */
function given(value: string | null | undefined): string | null {
  return value === null || value === undefined || value.trim() === '' ? null : value;
}

function fullName(first: string | null, last: string | null): string | null {
  const name = [first, last].filter((part) => part !== null).join(' ');
  return name === '' ? null : name;
}

type XeroPersons = NonNullable<z.output<typeof XeroContact>['ContactPersons']>;
type XeroPhones = NonNullable<z.output<typeof XeroContact>['Phones']>;

function contactPersons(persons: XeroPersons): Contact[] {
  return persons.flatMap((person) => {
    const email = given(person.EmailAddress);
    if (email === null) return [];
    return [
      {
        name: fullName(person.FirstName, person.LastName),
        email,
        includeInEmails: person.IncludeInEmails ?? false,
      },
    ];
  });
}

function mainPhone(phones: XeroPhones): string | null {
  const withNumber = phones.filter((phone) => phone.PhoneNumber !== null);
  const phone = withNumber.find((one) => one.PhoneType === 'DEFAULT') ?? withNumber[0];
  if (phone === undefined) return null;
  const country =
    phone.PhoneCountryCode === null ? null : `+${phone.PhoneCountryCode.replace(/^\+/, '')}`;
  return [country, phone.PhoneAreaCode, phone.PhoneNumber]
    .filter((part) => part !== null)
    .join(' ');
}

const INVOICE_STATUS: Readonly<Record<string, InvoiceStatus>> = {
  DRAFT: 'draft',
  SUBMITTED: 'draft',
  AUTHORISED: 'open',
  PAID: 'paid',
  VOIDED: 'voided',
  DELETED: 'deleted',
};

// Everything else the invoice endpoint may list: bills, and documents that have an endpoint of their own.
const NOT_A_SALES_INVOICE = new Set([
  ...['ACCPAY', 'ACCPAYCREDIT', 'APOVERPAYMENT', 'APPREPAYMENT'],
  ...['ACCRECCREDIT', 'AROVERPAYMENT', 'ARPREPAYMENT'],
]);

const typeOnly = z.object({ Type: z.string() });

const XeroInvoice = z.object({
  InvoiceID: id,
  InvoiceNumber: optionalText,
  Reference: optionalText,
  Contact: z.object({ ContactID: id }),
  Status: z.string(),
  Date: calendarDay.nullish(),
  DateString: calendarDay.nullish(),
  DueDate: calendarDay.nullish(),
  DueDateString: calendarDay.nullish(),
  ExpectedPaymentDate: calendarDay.nullish(),
  FullyPaidOnDate: calendarDay.nullish(),
  CurrencyCode: currency,
  CurrencyRate: rate,
  Total: decimal,
  AmountDue: decimal.nullish(),
  SentToContact: yesNo.nullish(),
  ...stamp,
});

/** Without the organisation's currency only the rate of its own currency stays untold. */
export function mapInvoice(base: Currency | null): Mapper<Invoice> {
  return (raw) => {
    const type = read(typeOnly, raw).Type;
    if (NOT_A_SALES_INVOICE.has(type)) return null;
    if (type !== 'ACCREC') throw new BadField('Type', 'is not a type we know');
    const invoice = read(XeroInvoice, raw);
    const status = known(INVOICE_STATUS, invoice.Status, 'Status');
    const issuedOn = required(invoice.Date ?? invoice.DateString, 'Date');
    return {
      id: invoice.InvoiceID as InvoiceId,
      kind: 'invoice',
      number: invoice.InvoiceNumber ?? '',
      reference: invoice.Reference,
      customerId: invoice.Contact.ContactID as CustomerId,
      status,
      issuedOn,
      dueOn: dueDay(invoice, status, issuedOn),
      schedule: null,
      expectedPayOn: invoice.ExpectedPaymentDate ?? null,
      currency: invoice.CurrencyCode,
      totalMinor: amount(invoice.Total, invoice.CurrencyCode, 'Total'),
      openMinor: openAmount(invoice, status),
      baseRate: baseRate(invoice.CurrencyCode, base, invoice.CurrencyRate),
      paidOn: status === 'paid' ? (invoice.FullyPaidOnDate ?? null) : null,
      emailText: null,
      sentToContact: invoice.SentToContact ?? null,
      remoteVersion: null,
      remoteUpdatedAt: invoice.UpdatedDateUTC ?? null,
    };
  };
}

/** A draft may lack its due date, and nothing is asked for by one; an approved invoice may not. */
function dueDay(invoice: z.output<typeof XeroInvoice>, status: InvoiceStatus, issuedOn: Day): Day {
  const dueOn = invoice.DueDate ?? invoice.DueDateString;
  return status === 'open' ? required(dueOn, 'DueDate') : (dueOn ?? issuedOn);
}

/** A voided invoice keeps its total but owes nothing. */
function openAmount(invoice: z.output<typeof XeroInvoice>, status: InvoiceStatus): number {
  if (status === 'voided' || status === 'deleted') return 0;
  if (status === 'paid' && (invoice.AmountDue ?? null) === null) return 0;
  return amount(required(invoice.AmountDue, 'AmountDue'), invoice.CurrencyCode, 'AmountDue');
}

/**
 * Xero's rate counts foreign units for one base unit; ours counts base units for one foreign unit.
 * Some rows carry a rate of zero: no rate then.
 */
function baseRate(code: Currency, base: Currency | null, xeroRate: string | null): string | null {
  if (code === base) return '1';
  return xeroRate === null ? null : new Decimal(1).div(xeroRate).toDecimalPlaces(10).toFixed();
}

const XeroAllocation = z.object({
  Amount: decimal,
  Date: calendarDay.nullish(),
  IsDeleted: yesNo.nullish(),
  Invoice: z.object({ InvoiceID: id }),
});

const XeroCredit = z.object({
  Type: z.string(),
  Contact: z.object({ ContactID: id }),
  Status: z.string(),
  Date: calendarDay.nullish(),
  DateString: calendarDay.nullish(),
  CurrencyCode: currency,
  Total: decimal,
  RemainingCredit: decimal.nullish(),
  Allocations: z.array(XeroAllocation).nullish(),
  ...stamp,
});

interface CreditSource {
  kind: CreditKind;
  idField: string;
  numberField: string | null;
  /** Types that lower what customers owe. */
  ours: readonly string[];
  /** Types that concern suppliers. */
  theirs: readonly string[];
}

export const CREDIT_SOURCES = {
  creditNotes: {
    kind: 'credit_note',
    idField: 'CreditNoteID',
    numberField: 'CreditNoteNumber',
    ours: ['ACCRECCREDIT'],
    theirs: ['ACCPAYCREDIT'],
  },
  overpayments: {
    kind: 'overpayment',
    idField: 'OverpaymentID',
    numberField: null,
    ours: ['RECEIVE-OVERPAYMENT', 'AROVERPAYMENT'],
    theirs: ['SPEND-OVERPAYMENT', 'APOVERPAYMENT'],
  },
  prepayments: {
    kind: 'prepayment',
    idField: 'PrepaymentID',
    // Xero gives what people typed as the reference of a prepayment under both names.
    numberField: 'InvoiceNumber',
    ours: ['RECEIVE-PREPAYMENT', 'ARPREPAYMENT'],
    theirs: ['SPEND-PREPAYMENT', 'APPREPAYMENT'],
  },
} as const satisfies Record<string, CreditSource>;

const CREDIT_STATUS: Readonly<Record<string, Credit['status']>> = {
  DRAFT: 'draft',
  SUBMITTED: 'draft',
  AUTHORISED: 'open',
  PAID: 'used',
  VOIDED: 'voided',
  DELETED: 'deleted',
};

export function mapCredit(source: CreditSource): Mapper<Credit> {
  const Identity = z.object({
    [source.idField]: id,
    ...(source.numberField === null ? {} : { [source.numberField]: optionalText }),
  });
  return (raw) => {
    const type = read(typeOnly, raw).Type;
    if (source.theirs.includes(type)) return null;
    if (!source.ours.includes(type)) throw new BadField('Type', 'is not a type we know');
    const identity: Record<string, string | null | undefined> = read(Identity, raw);
    const credit = read(XeroCredit, raw);
    const status = known(CREDIT_STATUS, credit.Status, 'Status');
    const issuedOn = required(credit.Date ?? credit.DateString, 'Date');
    const isGone = status === 'voided' || status === 'deleted';
    return {
      id: identity[source.idField] as CreditId,
      kind: source.kind,
      number: source.numberField === null ? null : (identity[source.numberField] ?? null),
      customerId: credit.Contact.ContactID as CustomerId,
      status,
      issuedOn,
      currency: credit.CurrencyCode,
      totalMinor: amount(credit.Total, credit.CurrencyCode, 'Total'),
      remainingMinor: isGone ? 0 : remainingAmount(credit, status),
      allocations: isGone ? [] : creditAllocations(credit, issuedOn),
      remoteVersion: null,
      remoteUpdatedAt: credit.UpdatedDateUTC ?? null,
    };
  };
}

function remainingAmount(credit: z.output<typeof XeroCredit>, status: Credit['status']): number {
  if (status === 'used' && (credit.RemainingCredit ?? null) === null) return 0;
  const remaining = required(credit.RemainingCredit, 'RemainingCredit');
  return amount(remaining, credit.CurrencyCode, 'RemainingCredit');
}

function creditAllocations(credit: z.output<typeof XeroCredit>, issuedOn: Day): Allocation[] {
  return (credit.Allocations ?? []).flatMap((allocation, index) => {
    const field = `Allocations.${index}.Amount`;
    const amountMinor = amount(allocation.Amount, credit.CurrencyCode, field);
    if (allocation.IsDeleted === true || amountMinor === 0) return [];
    return [
      {
        targetKind: 'invoice' as const,
        targetId: allocation.Invoice.InvoiceID as InvoiceId,
        amountMinor,
        allocatedOn: allocation.Date ?? issuedOn,
      },
    ];
  });
}

const stub = {
  CurrencyCode: currency.nullish(),
  Contact: z.object({ ContactID: id.nullish() }).nullish(),
};

const XeroPayment = z.object({
  PaymentID: id,
  Date: calendarDay,
  Amount: decimal,
  Status: z.string().nullish(),
  Reference: optionalText,
  CurrencyRate: rate,
  Invoice: z.object({ InvoiceID: id.nullish(), ...stub }).nullish(),
  CreditNote: z.object({ CreditNoteID: id.nullish(), ...stub }).nullish(),
  Overpayment: z.object({ OverpaymentID: id.nullish(), ...stub }).nullish(),
  Prepayment: z.object({ PrepaymentID: id.nullish(), ...stub }).nullish(),
  ...stamp,
});

type RawPayment = z.output<typeof XeroPayment>;

const RECEIPT = 'ACCRECPAYMENT';
/** Money given back to a customer out of a credit. */
const REFUNDS = new Set(['ARCREDITPAYMENT', 'AROVERPAYMENTPAYMENT', 'ARPREPAYMENTPAYMENT']);
const paymentTypeOnly = z.object({ PaymentType: z.string() });

export function mapPayment(base: Currency): Mapper<Payment> {
  return (raw) => {
    const type = read(paymentTypeOnly, raw).PaymentType;
    if (/^(ACCPAY|AP)/.test(type)) return null;
    if (type !== RECEIPT && !REFUNDS.has(type)) {
      throw new BadField('PaymentType', 'is not a type we know');
    }
    const payment = read(XeroPayment, raw);
    const code = paymentCurrency(payment, base);
    const amountMinor = amount(payment.Amount, code, 'Amount');
    const isDeleted = deleted(payment.Status ?? 'AUTHORISED');
    const target = type === RECEIPT ? invoiceTarget(payment) : creditTarget(payment);
    return {
      id: payment.PaymentID as PaymentId,
      kind: type === RECEIPT ? 'receipt' : 'refund',
      reference: payment.Reference,
      customerId: (documentOf(payment)?.Contact?.ContactID ?? null) as CustomerId | null,
      status: isDeleted ? 'deleted' : 'received',
      paidOn: payment.Date,
      currency: code,
      amountMinor,
      unappliedMinor: 0,
      allocations:
        isDeleted || amountMinor === 0
          ? []
          : [{ ...required(target, 'Invoice.InvoiceID'), amountMinor, allocatedOn: payment.Date }],
      remoteVersion: null,
      remoteUpdatedAt: payment.UpdatedDateUTC ?? null,
    };
  };
}

/** The document a payment belongs to; refunds of credits come with an `Invoice` that is the credit. */
function documentOf(payment: RawPayment): z.output<z.ZodObject<typeof stub>> | null {
  return payment.Invoice ?? payment.CreditNote ?? payment.Overpayment ?? payment.Prepayment ?? null;
}

type Target = Pick<Allocation, 'targetKind' | 'targetId'>;

function invoiceTarget(payment: RawPayment): Target | null {
  const invoiceId = payment.Invoice?.InvoiceID ?? null;
  return invoiceId === null ? null : { targetKind: 'invoice', targetId: invoiceId as InvoiceId };
}

function creditTarget(payment: RawPayment): Target | null {
  const creditId =
    payment.CreditNote?.CreditNoteID ??
    payment.Overpayment?.OverpaymentID ??
    payment.Prepayment?.PrepaymentID ??
    payment.Invoice?.InvoiceID ??
    null;
  return creditId === null ? null : { targetKind: 'credit', targetId: creditId as CreditId };
}

/**
 * A payment is in the currency of its document, whose stub mostly names it. Where it does not, a
 * rate of one or none means the organisation's own currency; with another rate we cannot know.
 */
function paymentCurrency(payment: RawPayment, base: Currency): Currency {
  const named = documentOf(payment)?.CurrencyCode ?? null;
  if (named !== null) return named;
  const { CurrencyRate: paidRate } = payment;
  if (paidRate === null || Number(paidRate) === 1) return base;
  throw new BadField('Invoice.CurrencyCode', 'is missing and the payment has a rate');
}

function deleted(status: string): boolean {
  if (status === 'DELETED') return true;
  if (status === 'AUTHORISED' || status === 'PAID') return false;
  throw new BadField('Status', 'is not a status we know');
}

function known<T>(table: Readonly<Record<string, T>>, value: string, field: string): T {
  const found = Object.hasOwn(table, value) ? table[value] : undefined;
  if (found === undefined) throw new BadField(field, 'is not a status we know');
  return found;
}

function required<T>(value: T | null | undefined, field: string): T {
  if (value === null || value === undefined) throw new BadField(field, 'is missing');
  return value;
}
