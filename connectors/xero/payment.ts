/** Payments of invoices, and money given back out of credits. */
import { z } from 'zod';
import type { Currency } from '../../src/domain/money.ts';
import type {
  Allocation,
  CreditId,
  CustomerId,
  InvoiceId,
  Payment,
  PaymentId,
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
} from './fields.ts';
import { type Mapper, read, required, stamp } from './map.ts';

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
