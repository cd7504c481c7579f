/** Records as Intuit's API shows them. Timestamps have whole seconds, money is a plain number, ids are texts. */
import { formatDay } from '../../../src/domain/day.ts';
import type { Minor } from '../../../src/domain/money.ts';
import {
  openOf,
  type QAttachable,
  type QCreditMemo,
  type QCustomer,
  type QInvoice,
  type QJournal,
  type QLine,
  type QPayment,
  type QRecord,
  type QRefundReceipt,
  type QTerm,
  type QuickBooksBook,
} from './book.ts';
import { pacific } from './time.ts';

export type Rendered = Record<string, unknown>;

const decimal = (amountMinor: Minor): number => amountMinor / 100;

const USD = { value: 'USD', name: 'United States Dollar' };

function common(row: QRecord): Rendered {
  return {
    domain: 'QBO',
    sparse: false,
    Id: row.id,
    SyncToken: String(row.syncToken),
    MetaData: {
      CreateTime: pacific(row.createdAt),
      LastUpdatedTime: pacific(row.updatedAt),
    },
  };
}

function customerRef(customer: QCustomer): Rendered {
  return { value: customer.id, name: customer.name };
}

export function fullName(customer: QCustomer): string {
  return customer.parent === null ? customer.name : `${fullName(customer.parent)}:${customer.name}`;
}

export function renderCustomer(customer: QCustomer, book: QuickBooksBook): Rendered {
  return {
    Taxable: false,
    BillAddr: {
      Id: `${customer.id}1`,
      Line1: '1 Invented Street',
      City: 'Bayshore',
      Country: 'USA',
      PostalCode: '00000',
    },
    ...(customer.notes === '' ? {} : { Notes: customer.notes }),
    Job: customer.parent !== null,
    BillWithParent: customer.billWithParent,
    ...(customer.parent === null ? {} : { ParentRef: { value: customer.parent.id }, Level: 1 }),
    Balance: decimal(customer.balanceMinor),
    BalanceWithJobs: decimal(customer.balanceMinor + childBalance(customer, book)),
    CurrencyRef: USD,
    PreferredDeliveryMethod: customer.email === null ? 'Print' : 'Email',
    IsProject: false,
    ...(customer.termId === null ? {} : { SalesTermRef: { value: customer.termId } }),
    ...common(customer),
    FullyQualifiedName: fullName(customer),
    CompanyName: customer.name,
    DisplayName: customer.name,
    PrintOnCheckName: customer.name,
    Active: customer.active,
    ...(customer.phone === null ? {} : { PrimaryPhone: { FreeFormNumber: customer.phone } }),
    ...(customer.email === null ? {} : { PrimaryEmailAddr: { Address: customer.email } }),
  };
}

function childBalance(customer: QCustomer, book: QuickBooksBook): Minor {
  return book.childrenOf(customer).reduce((sum, child) => sum + child.balanceMinor, 0);
}

export function renderInvoice(invoice: QInvoice): Rendered {
  const amount = decimal(invoice.totalMinor);
  return {
    AllowIPNPayment: false,
    AllowOnlinePayment: false,
    AllowOnlineCreditCardPayment: invoice.email !== null,
    AllowOnlineACHPayment: invoice.email !== null,
    ...common(invoice),
    CustomField: [],
    ...(invoice.number === '' ? {} : { DocNumber: invoice.number }),
    TxnDate: formatDay(invoice.issuedOn),
    CurrencyRef: USD,
    ...(invoice.privateNote === '' ? {} : { PrivateNote: invoice.privateNote }),
    LinkedTxn: invoice.links.map((link) => ({ TxnId: link.payment.id, TxnType: 'Payment' })),
    Line: [
      {
        Id: '1',
        LineNum: 1,
        Description: invoice.description,
        Amount: amount,
        DetailType: 'SalesItemLineDetail',
        SalesItemLineDetail: {
          ItemRef: { value: '1', name: 'Services' },
          TaxCodeRef: { value: 'NON' },
        },
      },
      { Amount: amount, DetailType: 'SubTotalLineDetail', SubTotalLineDetail: {} },
    ],
    TxnTaxDetail: { TotalTax: 0 },
    CustomerRef: customerRef(invoice.customer),
    ...(invoice.memo === '' ? {} : { CustomerMemo: { value: invoice.memo } }),
    ...(invoice.customer.termId === null
      ? {}
      : { SalesTermRef: { value: invoice.customer.termId } }),
    ...(invoice.dueOn === null ? {} : { DueDate: formatDay(invoice.dueOn) }),
    TotalAmt: amount,
    ApplyTaxAfterDiscount: false,
    PrintStatus: 'NeedToPrint',
    EmailStatus: invoice.emailed ? 'EmailSent' : 'NotSet',
    ...(invoice.email === null ? {} : { BillEmail: { Address: invoice.email } }),
    Balance: decimal(openOf(invoice)),
  };
}

export function renderPayment(payment: QPayment): Rendered {
  return {
    CustomerRef: customerRef(payment.customer),
    DepositToAccountRef: { value: '4' },
    ...(payment.reference === '' ? {} : { PaymentRefNum: payment.reference }),
    ...(payment.privateNote === '' ? {} : { PrivateNote: payment.privateNote }),
    TotalAmt: decimal(payment.totalMinor),
    UnappliedAmt: decimal(payment.unappliedMinor),
    ProcessPayment: false,
    ...common(payment),
    TxnDate: formatDay(payment.on),
    CurrencyRef: USD,
    ...(payment.lines.length === 0 ? {} : { Line: payment.lines.map(paymentLine) }),
  };
}

function paymentLine(line: QLine): Rendered {
  const { type, record } = line.to;
  const number = record.number;
  return {
    Amount: decimal(line.amountMinor),
    LinkedTxn: [{ TxnId: record.id, TxnType: type }],
    LineEx: {
      any: [
        nameValue('txnId', record.id),
        ...(number === '' ? [] : [nameValue('txnReferenceNumber', number)]),
      ],
    },
  };
}

function nameValue(name: string, value: string): Rendered {
  return {
    name: '{http://schema.intuit.com/finance/v3}NameValue',
    declaredType: 'com.intuit.schema.finance.v3.NameValue',
    scope: 'javax.xml.bind.JAXBElement$GlobalScope',
    value: { Name: name, Value: value },
    nil: false,
    globalScope: true,
    typeSubstituted: false,
  };
}

export function renderCreditMemo(memo: QCreditMemo): Rendered {
  return {
    RemainingCredit: decimal(memo.remainingMinor),
    ...common(memo),
    CustomField: [],
    DocNumber: memo.number,
    TxnDate: formatDay(memo.issuedOn),
    CurrencyRef: USD,
    ...(memo.privateNote === '' ? {} : { PrivateNote: memo.privateNote }),
    Line: [
      {
        Amount: decimal(memo.totalMinor),
        DetailType: 'SubTotalLineDetail',
        SubTotalLineDetail: {},
      },
    ],
    CustomerRef: customerRef(memo.customer),
    TotalAmt: decimal(memo.totalMinor),
    ApplyTaxAfterDiscount: false,
    PrintStatus: 'NeedToPrint',
    EmailStatus: 'NotSet',
    Balance: decimal(memo.remainingMinor),
  };
}

/** TotalAmt is 0 in every recorded answer. */
export function renderJournal(journal: QJournal): Rendered {
  const other = journal.posting === 'Debit' ? 'Credit' : 'Debit';
  return {
    Adjustment: false,
    TotalAmt: 0,
    ...common(journal),
    DocNumber: journal.number,
    TxnDate: formatDay(journal.on),
    CurrencyRef: USD,
    Line: [
      {
        Id: '0',
        Description: 'Correction',
        Amount: decimal(journal.amountMinor),
        DetailType: 'JournalEntryLineDetail',
        JournalEntryLineDetail: {
          PostingType: journal.posting,
          Entity: { Type: 'Customer', EntityRef: customerRef(journal.customer) },
          AccountRef: { value: '84', name: 'Accounts Receivable (A/R)' },
        },
      },
      {
        Id: '1',
        Description: 'Correction',
        Amount: decimal(journal.amountMinor),
        DetailType: 'JournalEntryLineDetail',
        JournalEntryLineDetail: {
          PostingType: other,
          AccountRef: { value: '79', name: 'Sales' },
        },
      },
    ],
    TxnTaxDetail: {},
  };
}

export function renderRefundReceipt(receipt: QRefundReceipt): Rendered {
  return {
    ...common(receipt),
    DocNumber: receipt.number,
    TxnDate: formatDay(receipt.on),
    CurrencyRef: USD,
    Line: [
      {
        Amount: decimal(receipt.amountMinor),
        DetailType: 'SubTotalLineDetail',
        SubTotalLineDetail: {},
      },
    ],
    CustomerRef: customerRef(receipt.customer),
    TotalAmt: decimal(receipt.amountMinor),
    Balance: 0,
    DepositToAccountRef: { value: '35', name: 'Checking' },
  };
}

export function renderTerm(term: QTerm): Rendered {
  const { terms } = term;
  const shape =
    terms.kind === 'days'
      ? { Type: 'STANDARD', DueDays: terms.days, DiscountDays: 0, DiscountPercent: 0 }
      : {
          Type: 'DATE_DRIVEN',
          DayOfMonthDue: terms.kind === 'following_month' ? terms.dayOfMonth : 30,
          DueNextMonthDays: 31,
          DiscountDayOfMonth: 0,
          DiscountPercent: 0,
        };
  return { Name: term.name, Active: true, ...shape, ...common(term) };
}

export function renderAttachable(attachable: QAttachable): Rendered {
  return {
    ...(attachable.note === '' ? {} : { Note: attachable.note }),
    ...(attachable.fileName === null ? {} : { FileName: attachable.fileName }),
    ...common(attachable),
    AttachableRef: [
      {
        EntityRef: { value: attachable.entityId, type: attachable.entityType },
        IncludeOnSend: false,
      },
    ],
  };
}

export function renderCompanyInfo(book: QuickBooksBook): Rendered {
  const { profile } = book;
  const address = {
    Id: '1',
    Line1: '1 Invented Street',
    City: 'Bayshore',
    Country: 'USA',
    CountrySubDivisionCode: 'CA',
    PostalCode: '00000',
  };
  return {
    CompanyName: profile.name,
    LegalName: `${profile.name} LLC`,
    CompanyAddr: address,
    CustomerCommunicationAddr: address,
    LegalAddr: address,
    PrimaryPhone: {},
    CompanyStartDate: '2024-01-01',
    FiscalYearStartMonth: 'January',
    Country: profile.country,
    Email: { Address: 'owner@sandbox.example' },
    WebAddr: {},
    SupportedLanguages: 'en',
    DefaultTimeZone: profile.timeZone,
    NameValue: [
      { Name: 'NeoEnabled', Value: 'true' },
      { Name: 'OfferingSku', Value: 'QuickBooks Online Plus' },
    ],
    domain: 'QBO',
    sparse: false,
    Id: '1',
    SyncToken: '4',
    MetaData: {
      CreateTime: '2024-01-01T09:00:00-08:00',
      LastUpdatedTime: '2024-01-01T09:00:00-08:00',
    },
  };
}

export function renderPreferences(): Rendered {
  return {
    AccountingInfoPrefs: { FirstMonthOfFiscalYear: 'January', CustomerTerminology: 'Customers' },
    SalesFormsPrefs: {
      AllowDeposit: true,
      AutoApplyCredit: false,
      AutoApplyPayments: false,
      CustomTxnNumbers: false,
      ETransactionPaymentEnabled: true,
      ETransactionEnabledStatus: 'Enabled',
      EmailCopyToCompany: false,
      DefaultTerms: { value: '3' },
      UsingProgressInvoicing: false,
    },
    CurrencyPrefs: { MultiCurrencyEnabled: false, HomeCurrency: { value: 'USD' } },
    OtherPrefs: { NameValue: [{ Name: 'SalesFormsPrefs.DefaultCustomerMessage', Value: '' }] },
    domain: 'QBO',
    sparse: false,
    Id: '1',
    SyncToken: '2',
    MetaData: {
      CreateTime: '2024-01-01T09:00:00-08:00',
      LastUpdatedTime: '2024-01-01T09:00:00-08:00',
    },
  };
}
