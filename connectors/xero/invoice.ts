/** Sales invoices out of a list that also holds bills and other documents. */
import { Decimal } from 'decimal.js';
import { z } from 'zod';
import type { Day } from '../../src/domain/day.ts';
import type { Currency } from '../../src/domain/money.ts';
import type {
  CustomerId,
  Invoice,
  InvoiceId,
  InvoiceStatus,
} from '../../src/domain/receivables.ts';
import {
  amount,
  BadField,
  calendarDay,
  currency,
  decimal,
  id,
  optionalText,
  rate,
  yesNo,
} from './fields.ts';
import { known, type Mapper, read, required, stamp, typeOnly } from './map.ts';

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
