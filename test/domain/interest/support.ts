import { readFileSync } from 'node:fs';
import type { Debt } from '../../../src/domain/interest/debts.ts';
import { day } from '../../../src/domain/day.ts';
import { parseReferenceRate, parseStatutes } from '../../../src/domain/interest/statute-text.ts';
import {
  type InterestTerms,
  PLAIN_CHOICE,
  type Statute,
  type TermsChoice,
  termsOf,
} from '../../../src/domain/interest/terms.ts';
import type { InvoiceId } from '../../../src/domain/receivables.ts';

const table = (file: string) => readFileSync(`src/legal-rates/${file}`, 'utf8');

const references = ['boe.yaml', 'ecb.yaml', 'bundesbank.yaml'].map((file) =>
  parseReferenceRate(file, table(file)),
);

/** The tables that are shipped. */
export const STATUTES: Statute[] = parseStatutes(
  'statutes.yaml',
  table('statutes.yaml'),
  references,
);

export function terms(choice: Partial<TermsChoice>): InterestTerms {
  const made = termsOf({ ...PLAIN_CHOICE, ...choice }, STATUTES);
  if (made === null) throw new Error('no such terms');
  return made;
}

export const yearly = (percent: string, more: Partial<TermsChoice> = {}) =>
  terms({ percent, per: 'year', ...more });

export function debt(amountMinor: number, due: string, more: Partial<Debt> = {}): Debt {
  return {
    invoiceId: 'i1' as InvoiceId,
    number: 'INV-1',
    currency: 'GBP',
    dueOn: day(due),
    amountMinor,
    disputedMinor: 0,
    reductions: [],
    ...more,
  };
}

export const paid = (on: string, amountMinor: number) => ({ on: day(on), amountMinor });
