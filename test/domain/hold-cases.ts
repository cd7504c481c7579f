/** Holds for the rules, told in few words. */
import { day } from '../../src/domain/day.ts';
import type {
  Arrival,
  DisputeTerms,
  HeldInvoice,
  Hold,
  HoldOf,
  HoldRules,
  PlanTerms,
  PromiseTerms,
  SettlementTerms,
} from '../../src/domain/holds.ts';
import type { CustomerId, InvoiceId } from '../../src/domain/receivables.ts';
import { DEFAULT_POLICY } from './cases.ts';

/** As a policy has it that leaves these keys out. */
export const HOLD_RULES: HoldRules = DEFAULT_POLICY;

export type Common = Partial<
  Pick<Hold, 'id' | 'customerId' | 'invoiceIds' | 'fromOn' | 'untilOn'>
> &
  Partial<Pick<Hold, 'reason' | 'owner' | 'approvedBy' | 'invoices' | 'arrivals'>>;

function common(more: Common) {
  return {
    id: 1,
    customerId: 'acme' as CustomerId,
    invoiceIds: more.invoices?.map((invoice) => invoice.id) ?? null,
    reason: 'they said so',
    owner: 'Ana',
    fromOn: day('2026-06-01'),
    untilOn: null,
    approvedBy: null,
    invoices: [],
    arrivals: [],
    ...more,
  };
}

export function held(id: string, openMinor: number, more: Partial<HeldInvoice> = {}): HeldInvoice {
  return {
    id: id as InvoiceId,
    number: id.toUpperCase(),
    currency: 'NZD',
    dueOn: day('2026-06-12'),
    openMinor,
    ...more,
  };
}

export function arrival(
  on: string,
  amountMinor: number,
  by: Arrival['by'] = 'payment',
  invoiceId = 'a',
): Arrival {
  return { on: day(on), amountMinor, by, invoiceId: invoiceId as InvoiceId };
}

/** 100.00 promised for 18 June, of an invoice with 100.00 open. */
export function promise(terms: Partial<PromiseTerms> = {}, more: Common = {}): HoldOf<'promise'> {
  return {
    kind: 'promise',
    terms: {
      currency: 'NZD',
      amountMinor: 10_000,
      payOn: day('2026-06-18'),
      source: 'phone',
      quote: null,
      ...terms,
    },
    ...common({ invoices: [held('a', 10_000)], ...more }),
  };
}

export function dispute(terms: Partial<DisputeTerms> = {}, more: Common = {}): HoldOf<'dispute'> {
  return {
    kind: 'dispute',
    terms: { reason: 'quantity_differs', part: null, resolution: null, ...terms },
    ...common(more),
  };
}

/** 90.00 in three monthly instalments from 1 July. */
export function plan(terms: Partial<PlanTerms> = {}, more: Common = {}): HoldOf<'plan'> {
  return {
    kind: 'plan',
    terms: {
      currency: 'NZD',
      instalments: ['2026-07-01', '2026-08-01', '2026-09-01'].map((on) => ({
        dueOn: day(on),
        amountMinor: 3_000,
      })),
      graceDays: 5,
      ...terms,
    },
    ...common({ invoices: [held('a', 9_000)], ...more }),
  };
}

/** 80.00 accepted for 100.00 by 30 June. */
export function settlement(
  terms: Partial<SettlementTerms> = {},
  more: Common = {},
): HoldOf<'settlement'> {
  return {
    kind: 'settlement',
    terms: {
      currency: 'NZD',
      owedMinor: 10_000,
      acceptMinor: 8_000,
      payBy: day('2026-06-30'),
      ...terms,
    },
    ...common({ invoices: [held('a', 10_000)], approvedBy: 'Ben', ...more }),
  };
}

export function extension(dueOn: string, more: Common = {}): HoldOf<'extension'> {
  return {
    kind: 'extension',
    terms: { dueOn: day(dueOn) },
    ...common({ approvedBy: 'Ben', ...more }),
  };
}

export function reply(more: Common = {}): HoldOf<'reply'> {
  return { kind: 'reply', terms: { source: 'email' }, ...common(more) };
}

export function manual(more: Common = {}): HoldOf<'manual'> {
  return { kind: 'manual', terms: null, ...common(more) };
}
