/** Credit notes, overpayments and prepayments: one shape, three endpoints. */
import { z } from 'zod';
import type { Day } from '../../src/domain/day.ts';
import type {
  Allocation,
  Credit,
  CreditId,
  CreditKind,
  CustomerId,
  InvoiceId,
} from '../../src/domain/receivables.ts';
import {
  amount,
  BadField,
  calendarDay,
  currency,
  decimal,
  id,
  optionalText,
  yesNo,
} from './fields.ts';
import { known, type Mapper, read, required, stamp, typeOnly } from './map.ts';

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
