/** Records as Xero's API shows them; each list and single read has its own habits, kept here. */
import { type Day, formatDay } from '../../../src/domain/day.ts';
import type { Minor } from '../../../src/domain/money.ts';
import type { Terms } from '../generator/plan.ts';
import { stableUuid } from '../generator/random.ts';
import {
  creditedOf,
  dueOf,
  isLive,
  paidOf,
  remainingOf,
  type XContact,
  type XCredit,
  type XeroBook,
  type XHistory,
  type XInvoice,
  type XPayment,
} from './book.ts';

export type Rendered = Record<string, unknown>;

/** Sandbox books hold currencies with cents only. */
const decimal = (amountMinor: Minor): number => amountMinor / 100;

const dateOf = (on: Day): string => `/Date(${on * 86_400_000}+0000)/`;
const dateString = (on: Day): string => `${formatDay(on)}T00:00:00`;
export const instantOf = (at: number): string => `/Date(${at}+0000)/`;
const instantString = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

export type Detail = 'single' | 'page' | 'unpaged' | 'summary';

export function renderInvoice(invoice: XInvoice, detail: Detail): Rendered {
  const lists = detail === 'summary' ? {} : settlements(invoice, detail);
  return {
    Type: invoice.type,
    InvoiceID: invoice.id,
    InvoiceNumber: invoice.number,
    Reference: invoice.reference,
    ...lists,
    AmountDue: decimal(dueOf(invoice)),
    AmountPaid: decimal(paidOf(invoice)),
    // Unpaid invoices leave out what is not there, as recorded answers do.
    ...(invoice.allocations.length > 0 || invoice.payments.length > 0
      ? { AmountCredited: decimal(creditedOf(invoice)) }
      : {}),
    ...(invoice.type === 'ACCREC' ? { SentToContact: invoice.sent } : {}),
    CurrencyRate: invoice.rate,
    HasErrors: false,
    IsDiscounted: false,
    ...(detail === 'summary' ? {} : { HasAttachments: false }),
    ...(invoice.expectedOn === null
      ? {}
      : {
          ExpectedPaymentDate: dateOf(invoice.expectedOn),
          ExpectedPaymentDateString: dateString(invoice.expectedOn),
        }),
    Contact:
      detail === 'single' ? renderContact(invoice.contact, 'unpaged', null) : stub(invoice.contact),
    DateString: dateString(invoice.issuedOn),
    Date: dateOf(invoice.issuedOn),
    DueDateString: dateString(invoice.dueOn),
    DueDate: dateOf(invoice.dueOn),
    Status: invoice.status,
    LineAmountTypes: 'Exclusive',
    ...(detail === 'summary' ? {} : { LineItems: detail === 'unpaged' ? [] : [line(invoice)] }),
    ...tax(invoice),
    UpdatedDateUTC: instantOf(invoice.updatedAt),
    UpdatedDateUTCString: instantString(invoice.updatedAt),
    CurrencyCode: invoice.currency,
    ...fullyPaid(invoice),
  };
}

function settlements(invoice: XInvoice, detail: Detail): Rendered {
  const payments = invoice.payments.filter(isLive);
  const byKind = (kind: XCredit['kind']) =>
    invoice.allocations.filter((one) => one.credit.kind === kind);
  const creditNotes = byKind('credit_note');
  return {
    ...(payments.length === 0 ? {} : { Payments: payments.map(nestedPayment) }),
    ...(creditNotes.length === 0
      ? {}
      : {
          CreditNotes: creditNotes.map(({ credit, allocation }) => ({
            CreditNoteID: credit.id,
            CreditNoteNumber: credit.number,
            ID: credit.id,
            Total: decimal(credit.totalMinor),
            AppliedAmount: decimal(allocation.amountMinor),
            ...nestedDate(credit, allocation.on, detail),
            LineItems: [],
            Contact: {},
          })),
        }),
    Prepayments: byKind('prepayment').map(({ credit, allocation }) => ({
      PrepaymentID: credit.id,
      ID: credit.id,
      Total: decimal(credit.totalMinor),
      AppliedAmount: decimal(allocation.amountMinor),
      ...nestedDate(credit, allocation.on, detail),
    })),
    Overpayments: byKind('overpayment').map(({ credit, allocation }) => ({
      OverpaymentID: credit.id,
      ID: credit.id,
      Total: decimal(credit.totalMinor),
      AppliedAmount: decimal(allocation.amountMinor),
      ...nestedDate(credit, allocation.on, detail),
    })),
  };
}

/** A known fault of Xero's: single reads give the allocation's date, lists the document's own (Xero-OpenAPI #266). */
function nestedDate(credit: XCredit, allocatedOn: Day, detail: Detail): Rendered {
  const on = detail === 'single' ? allocatedOn : credit.issuedOn;
  return { DateString: dateString(on), Date: dateOf(on) };
}

function nestedPayment(payment: XPayment): Rendered {
  return {
    PaymentID: payment.id,
    Date: dateOf(payment.on),
    Amount: decimal(payment.amountMinor),
    Reference: payment.reference,
    CurrencyRate: payment.rate,
    HasAccount: false,
    HasValidationErrors: false,
  };
}

function fullyPaid(invoice: XInvoice): Rendered {
  if (invoice.status !== 'PAID') return {};
  const last = Math.max(
    ...invoice.payments.filter(isLive).map((payment) => payment.on),
    ...invoice.allocations.map(({ allocation }) => allocation.on),
  ) as Day;
  return { FullyPaidOnDate: dateOf(last) };
}

/** New Zealand's GST is 15 %; foreign sales are zero-rated. Tax is rounded to the cent. */
function tax(document: { currency: string; totalMinor: Minor }): Rendered {
  const taxMinor =
    document.currency === 'NZD'
      ? document.totalMinor - Math.round(document.totalMinor / 1.15)
      : document.currency === 'AUD'
        ? document.totalMinor - Math.round(document.totalMinor / 1.1)
        : 0;
  return {
    SubTotal: decimal(document.totalMinor - taxMinor),
    TotalTax: decimal(taxMinor),
    Total: decimal(document.totalMinor),
  };
}

function line(invoice: XInvoice): Rendered {
  const { SubTotal, TotalTax } = tax(invoice);
  return {
    Description: invoice.description,
    UnitAmount: SubTotal,
    TaxType: TotalTax === 0 ? 'ZERORATEDOUTPUT' : 'OUTPUT2',
    TaxAmount: TotalTax,
    LineAmount: SubTotal,
    AccountCode: '200',
    Tracking: [],
    Quantity: 1,
    LineItemID: stableUuid(`line/${invoice.id}`),
    ValidationErrors: [],
  };
}

/** How a listed document names its contact. */
function stub(contact: XContact): Rendered {
  return {
    ContactID: contact.id,
    Name: contact.name,
    Addresses: [],
    Phones: [],
    ContactGroups: [],
    ContactPersons: [],
    HasValidationErrors: false,
  };
}

/** `book` gives the balances, which only full answers carry. */
export function renderContact(contact: XContact, detail: Detail, book: XeroBook | null): Rendered {
  const basics: Rendered = {
    ContactID: contact.id,
    ContactStatus: contact.status,
    Name: contact.name,
    FirstName: '',
    LastName: '',
    EmailAddress: contact.email ?? '',
    BankAccountDetails: '',
    Phones: phones(contact),
    UpdatedDateUTC: instantOf(contact.updatedAt),
    HasValidationErrors: false,
    ...(contact.currency === null ? {} : { DefaultCurrency: contact.currency }),
  };
  if (detail === 'summary') return basics;
  const addresses: Rendered = {
    Addresses: [
      { AddressType: 'STREET', City: '', Region: '', PostalCode: '', Country: '' },
      { AddressType: 'POBOX', City: '', Region: '', PostalCode: '', Country: '' },
    ],
    ContactGroups: [],
    IsSupplier: contact.isSupplier,
    IsCustomer: contact.invoices.some((invoice) => invoice.type === 'ACCREC'),
  };
  if (detail === 'unpaged' || book === null) return { ...basics, ...addresses, ContactPersons: [] };
  return {
    ...basics,
    ...addresses,
    ...(contact.terms === null ? {} : { PaymentTerms: { Sales: terms(contact.terms) } }),
    ...(contact.mergedInto === null ? {} : { MergedToContactID: contact.mergedInto }),
    ContactPersons: contact.persons.map((person) => ({
      FirstName: person.firstName,
      LastName: person.lastName,
      EmailAddress: person.email,
      IncludeInEmails: person.includeInEmails,
    })),
    ...balances(contact, book),
    HasAttachments: false,
  };
}

function phones(contact: XContact): Rendered[] {
  return ['DDI', 'DEFAULT', 'FAX', 'MOBILE'].map((type) => ({
    PhoneType: type,
    PhoneNumber: type === 'DEFAULT' ? (contact.phone ?? '') : '',
    PhoneAreaCode: '',
    PhoneCountryCode: '',
  }));
}

function terms(value: Terms): Rendered {
  switch (value.kind) {
    case 'days':
      return { Day: value.days, Type: 'DAYSAFTERBILLDATE' };
    case 'following_month':
      return { Day: value.dayOfMonth, Type: 'OFFOLLOWINGMONTH' };
    case 'after_month_end':
      return { Day: value.days, Type: 'DAYSAFTERBILLMONTH' };
  }
}

/** In the base currency, by the invoices alone: why Xero's own figure is not for money. */
function balances(contact: XContact, book: XeroBook): Rendered {
  const today = Math.floor(Math.max(contact.updatedAt, book.now) / 86_400_000);
  let outstanding = 0;
  let overdue = 0;
  for (const invoice of contact.invoices) {
    if (invoice.type !== 'ACCREC' || invoice.status !== 'AUTHORISED') continue;
    const base = Math.round(dueOf(invoice) / invoice.rate);
    outstanding += base;
    if (invoice.dueOn < today) overdue += base;
  }
  if (outstanding === 0) return {};
  return {
    Balances: {
      AccountsReceivable: { Outstanding: decimal(outstanding), Overdue: decimal(overdue) },
      AccountsPayable: { Outstanding: 0, Overdue: 0 },
    },
  };
}

const CREDIT_TYPES = {
  credit_note: 'ACCRECCREDIT',
  overpayment: 'RECEIVE-OVERPAYMENT',
  prepayment: 'RECEIVE-PREPAYMENT',
};

export function renderCredit(credit: XCredit): Rendered {
  const names = {
    credit_note: { CreditNoteID: credit.id, CreditNoteNumber: credit.number },
    overpayment: { OverpaymentID: credit.id },
    prepayment: { PrepaymentID: credit.id, InvoiceNumber: credit.reference },
  };
  return {
    ...names[credit.kind],
    ID: credit.id,
    Payments: credit.refunds.filter(isLive).map(nestedPayment),
    CurrencyRate: credit.rate,
    Type: CREDIT_TYPES[credit.kind],
    Reference: credit.reference,
    RemainingCredit: decimal(remainingOf(credit)),
    Allocations: credit.allocations.map((allocation) => ({
      AllocationID: allocation.id,
      Amount: decimal(allocation.amountMinor),
      Date: dateOf(allocation.on),
      Invoice: {
        InvoiceID: allocation.invoice.id,
        InvoiceNumber: allocation.invoice.number,
        Payments: [],
        CreditNotes: [],
        Prepayments: [],
        Overpayments: [],
        HasErrors: false,
        IsDiscounted: false,
        LineItems: [],
      },
      IsDeleted: false,
    })),
    HasAttachments: false,
    Contact: stub(credit.contact),
    DateString: dateString(credit.issuedOn),
    Date: dateOf(credit.issuedOn),
    Status: credit.status,
    LineAmountTypes: credit.kind === 'overpayment' ? 'NoTax' : 'Exclusive',
    LineItems: [],
    ...(credit.kind === 'overpayment'
      ? {
          SubTotal: decimal(credit.totalMinor),
          TotalTax: 0,
          Total: decimal(credit.totalMinor),
        }
      : tax(credit)),
    UpdatedDateUTC: instantOf(credit.updatedAt),
    UpdatedDateUTCString: instantString(credit.updatedAt),
    CurrencyCode: credit.currency,
  };
}

export function paymentType(payment: XPayment): string {
  if (payment.invoice !== null) return `${payment.invoice.type}PAYMENT`;
  if (payment.credit?.kind === 'overpayment') return 'AROVERPAYMENTPAYMENT';
  return payment.credit?.kind === 'prepayment' ? 'ARPREPAYMENTPAYMENT' : 'ARCREDITPAYMENT';
}

export function renderPayment(payment: XPayment): Rendered {
  return {
    PaymentID: payment.id,
    Date: dateOf(payment.on),
    BankAmount: decimal(Math.round(payment.amountMinor / payment.rate)),
    Amount: decimal(payment.amountMinor),
    Reference: payment.reference,
    CurrencyRate: payment.rate,
    PaymentType: paymentType(payment),
    Status: payment.status,
    UpdatedDateUTC: instantOf(payment.updatedAt),
    UpdatedDateUTCString: instantString(payment.updatedAt),
    HasAccount: true,
    IsReconciled: payment.status === 'AUTHORISED',
    Account: { AccountID: ACCOUNT_ID, Code: '090' },
    ...(payment.invoice === null ? {} : { Invoice: paidInvoice(payment.invoice) }),
    ...refundedDocument(payment),
    HasValidationErrors: false,
  };
}

const ACCOUNT_ID = stableUuid('bank account');

function paidInvoice(invoice: XInvoice): Rendered {
  return {
    Type: invoice.type,
    InvoiceID: invoice.id,
    InvoiceNumber: invoice.number,
    Payments: [],
    CreditNotes: [],
    Prepayments: [],
    Overpayments: [],
    HasErrors: false,
    IsDiscounted: false,
    Contact: {
      ContactID: invoice.contact.id,
      Name: invoice.contact.name,
      ContactPersons: [],
      HasValidationErrors: false,
    },
    LineItems: [],
    CurrencyCode: invoice.currency,
  };
}

function refundedDocument(payment: XPayment): Rendered {
  const { credit } = payment;
  if (credit === null) return {};
  const contact = { ContactID: credit.contact.id, Name: credit.contact.name };
  if (credit.kind === 'overpayment') {
    return {
      Overpayment: { OverpaymentID: credit.id, Contact: contact, CurrencyCode: credit.currency },
    };
  }
  if (credit.kind === 'prepayment') {
    return {
      Prepayment: { PrepaymentID: credit.id, Contact: contact, CurrencyCode: credit.currency },
    };
  }
  return {
    CreditNote: {
      ...{ CreditNoteID: credit.id, CreditNoteNumber: credit.number, ID: credit.id },
      ...{ Contact: contact, CurrencyCode: credit.currency, LineItems: [] },
    },
  };
}

export function renderHistory(record: XHistory): Rendered {
  return {
    Changes: record.changes,
    DateUTCString: new Date(record.at).toISOString().slice(0, 19),
    DateUTC: instantOf(record.at),
    User: 'System Generated',
    Details: record.details,
  };
}

export function renderOrganisation(book: XeroBook): Rendered {
  const { profile } = book;
  return {
    Name: profile.name,
    LegalName: `${profile.name} Limited`,
    PaysTax: true,
    Version: profile.country,
    OrganisationType: 'COMPANY',
    BaseCurrency: profile.baseCurrency,
    CountryCode: profile.country,
    IsDemoCompany: false,
    OrganisationStatus: 'ACTIVE',
    FinancialYearEndDay: 31,
    FinancialYearEndMonth: 3,
    SalesTaxBasis: 'PAYMENTS',
    SalesTaxPeriod: 'TWOMONTHS',
    DefaultSalesTax: 'Tax Exclusive',
    DefaultPurchasesTax: 'Tax Exclusive',
    CreatedDateUTC: '/Date(1455827393000)/',
    OrganisationEntityType: 'COMPANY',
    Timezone: profile.timezoneName,
    ShortCode: profile.shortCode,
    OrganisationID: profile.tenantId,
    Edition: 'BUSINESS',
    Class: 'PREMIUM',
    Addresses: [],
    Phones: [],
    ExternalLinks: [],
    PaymentTerms: {},
  };
}
