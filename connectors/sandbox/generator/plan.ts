/**
 * A book before any platform has seen it: who the customers are, and everything that happens, in
 * order. Each sandbox turns these happenings into its vendor's own records when the clock reaches them.
 */
import type { Day } from '../../../src/domain/day.ts';
import type { Currency, Minor } from '../../../src/domain/money.ts';

export type Behaviour =
  | 'punctual'
  | 'early'
  | 'ten_days_late'
  | 'month_end'
  | 'friday_run'
  | 'deteriorating'
  | 'slow'
  | 'disputing'
  | 'partial'
  | 'promise_breaker'
  | 'bankrupt'
  | 'newcomer'
  | 'dormant';

export type Terms =
  | { kind: 'days'; days: number }
  /** The 20th of the month after the invoice's. */
  | { kind: 'following_month'; dayOfMonth: number }
  /** So many days after the end of the invoice's month. */
  | { kind: 'after_month_end'; days: number };

export interface ContactPlan {
  firstName: string;
  lastName: string;
  email: string;
  includeInEmails: boolean;
}

export interface CustomerPlan {
  n: number;
  name: string;
  /** As somebody typed it: none, one, several, or broken. */
  email: string | null;
  contacts: ContactPlan[];
  phone: string | null;
  behaviour: Behaviour;
  terms: Terms;
  /** First currency is the customer's own; more only where the platform allows it. */
  currencies: Currency[];
  medianMinor: Minor;
  /** Share of the book's invoices, relative to the others'. */
  weight: number;
  firstOn: Day;
  lastOn: Day;
  parent: number | null;
  billWithParent: boolean;
}

export interface InvoicePlan {
  n: number;
  customer: number;
  number: string;
  reference: string | null;
  currency: Currency;
  totalMinor: Minor;
  issuedOn: Day;
  dueOn: Day;
  description: string;
}

interface Applied {
  invoice: number;
  amountMinor: Minor;
}

/** What happens, in the order it happens. `n` numbers each kind of record from zero. */
export type Happening =
  | { kind: 'customer'; customer: CustomerPlan }
  | { kind: 'invoice'; invoice: InvoicePlan; draft: boolean }
  | { kind: 'approve'; invoice: number }
  | { kind: 'void'; invoice: number }
  | { kind: 'delete'; invoice: number }
  | { kind: 'move_due'; invoice: number; dueOn: Day }
  | { kind: 'expect'; invoice: number; on: Day }
  | {
      kind: 'payment';
      payment: number;
      customer: number;
      currency: Currency;
      on: Day;
      applied: Applied[];
      /** Received beyond what was owed; credit `credit` holds it. */
      excessMinor: Minor;
      credit: number | null;
      reference: string;
    }
  | { kind: 'reverse'; payment: number }
  | {
      kind: 'credit';
      credit: number;
      of: 'credit_note' | 'prepayment';
      customer: number;
      currency: Currency;
      number: string;
      on: Day;
      amountMinor: Minor;
    }
  | {
      kind: 'apply';
      payment: number;
      credit: number;
      invoice: number;
      amountMinor: Minor;
      on: Day;
    }
  | { kind: 'refund'; payment: number; credit: number; amountMinor: Minor; on: Day }
  | { kind: 'merge'; from: number; into: number }
  | { kind: 'archive'; customer: number }
  | { kind: 'email'; customer: number; email: string | null }
  | { kind: 'bill'; bill: number; supplier: string; amountMinor: Minor; on: Day; dueOn: Day }
  | {
      kind: 'journal';
      journal: number;
      customer: number;
      posting: 'debit' | 'credit';
      amountMinor: Minor;
      on: Day;
    }
  | { kind: 'refund_receipt'; receipt: number; customer: number; amountMinor: Minor; on: Day };

export interface Event {
  /** When it becomes visible, in milliseconds since 1970. */
  at: number;
  what: Happening;
}

export interface BookPlan {
  customers: CustomerPlan[];
  invoices: InvoicePlan[];
  events: Event[];
}

/** What a test may know and the product may not: how each customer really behaves. */
interface CustomerTruth {
  n: number;
  externalId: string;
  name: string;
  behaviour: Behaviour;
  terms: Terms;
  medianMinor: Minor;
  currencies: Currency[];
}

export interface GeneratedTruth {
  seed: number;
  bornOn: Day;
  customers: CustomerTruth[];
}
