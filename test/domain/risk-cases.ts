/** Customers for the rules of risk, as short as a case can be told. */
import fc from 'fast-check';
import {
  type CustomerRecords,
  type HistoryInvoice,
  customerFacts,
} from '../../src/domain/customer-facts.ts';
import { addDays, day, type Day } from '../../src/domain/day.ts';
import { type FlagCode, judgeFlags } from '../../src/domain/flags.ts';

export const asOn = day('2026-06-30');
export const ago = (days: number): Day => addDays(asOn, -days);

export const NOTHING: CustomerRecords = {
  customerId: 'acme',
  invoices: [],
  drafts: [],
  credits: [],
  history: [],
  limits: [],
  rating: null,
  promises: { keptCount: 0, partlyKeptCount: 0, brokenCount: 0 },
  disputes: { disputed: [], invoiceCount: 0 },
  activity: { firstIssuedOn: null, lastIssuedOn: null, lastPaidOn: null },
  changesOn: null,
  isReachable: true,
  varianceMinor: null,
  varianceReason: null,
};

export const open = (daysPastDue: number, openMinor: number, currency = 'NZD') => ({
  currency,
  dueOn: ago(daysPastDue),
  schedule: null,
  openMinor,
});

/** Due `daysAgo`, paid `late` days after that (null: still open), on terms of 20 days. */
export function past(
  daysAgo: number,
  late: number | null,
  rest: Partial<HistoryInvoice> = {},
): HistoryInvoice {
  const dueOn = ago(daysAgo);
  const totalMinor = rest.totalMinor ?? 100;
  return {
    id: `due-${daysAgo}`,
    number: `INV-${daysAgo}`,
    currency: 'NZD',
    issuedOn: addDays(dueOn, -20),
    dueOn,
    paidOn: late === null ? null : addDays(dueOn, late),
    totalMinor,
    openMinor: late === null ? totalMinor : 0,
    parts: 0,
    lastPartOn: null,
    forgivenMinor: 0,
    allocatedMinor: 0,
    settledIn: [],
    ...rest,
  };
}

export const limitOf = (amountMinor: number, currency = 'NZD') => ({
  id: 1,
  currency,
  amountMinor,
  insuredMinor: null,
  fromOn: ago(1000),
  untilOn: null,
  source: 'book' as const,
});

export const factsOf = (
  records: Partial<CustomerRecords>,
  book: Parameters<typeof customerFacts>[1] = [],
  on: Day = asOn,
) => customerFacts({ ...NOTHING, ...records }, book, on);

export const flagsOf = (
  records: Partial<CustomerRecords>,
  standing: readonly FlagCode[] = [],
  book: Parameters<typeof customerFacts>[1] = [],
) => judgeFlags(factsOf(records, book), new Set(standing));

export const codesOf = (...args: Parameters<typeof flagsOf>): FlagCode[] =>
  flagsOf(...args).map((flag) => flag.code);

/** Any customer whose open invoices and past agree with each other; due days up to 400 days back. */
export const anyRecords: fc.Arbitrary<CustomerRecords> = fc
  .record({
    invoices: fc.array(
      fc.record({
        currency: fc.constantFrom('NZD', 'AUD'),
        due: fc.integer({ min: -60, max: 400 }),
        terms: fc.integer({ min: 0, max: 60 }),
        /** null: open */
        late: fc.option(fc.integer({ min: -20, max: 90 }), { freq: 1 }),
        totalMinor: fc.integer({ min: 1, max: 20_000 }),
        paidShare: fc.constantFrom(0, 0, 0, 0.3, 0.9),
        partDaysAgo: fc.integer({ min: 0, max: 50 }),
        forgiven: fc.constantFrom(0, 0, 0, 10),
      }),
      { maxLength: 14 },
    ),
    drafts: fc.array(
      fc.record({ currency: fc.constant('NZD'), amountMinor: fc.integer({ min: 1, max: 9000 }) }),
      { maxLength: 2 },
    ),
    credits: fc.array(
      fc.record({ currency: fc.constant('NZD'), remainingMinor: fc.integer({ min: 1, max: 900 }) }),
      { maxLength: 2 },
    ),
    limits: fc.array(
      fc.record({
        id: fc.integer({ min: 1, max: 9 }),
        currency: fc.constantFrom('NZD', 'AUD'),
        amountMinor: fc.integer({ min: 0, max: 40_000 }),
        insuredMinor: fc.option(fc.integer({ min: 0, max: 20_000 })),
        fromOn: fc.integer({ min: -100, max: 40 }).map((days) => ago(-days)),
        untilOn: fc.option(fc.integer({ min: 41, max: 120 }).map((days) => ago(-days))),
        source: fc.constantFrom('customer' as const, 'book' as const),
      }),
      { maxLength: 3 },
    ),
    promises: fc.record({
      keptCount: fc.integer({ min: 0, max: 3 }),
      partlyKeptCount: fc.integer({ min: 0, max: 2 }),
      brokenCount: fc.integer({ min: 0, max: 3 }),
    }),
    disputedMinor: fc.constantFrom(0, 0, 500),
    disputeCount: fc.integer({ min: 0, max: 4 }),
    firstDaysAgo: fc.integer({ min: 0, max: 900 }),
  })
  .map((told) => {
    const history = told.invoices.map((one, i): HistoryInvoice => {
      const isPaid = one.late !== null && one.due - one.late >= 0 && one.late >= -one.terms;
      const openMinor = isPaid ? 0 : one.totalMinor - Math.floor(one.totalMinor * one.paidShare);
      const hasPart = !isPaid && one.paidShare > 0;
      return past(one.due, isPaid ? one.late : null, {
        id: `i${i}`,
        currency: one.currency,
        issuedOn: ago(one.due + one.terms),
        totalMinor: one.totalMinor,
        openMinor,
        parts: isPaid ? 1 : Number(hasPart),
        lastPartOn: hasPart ? ago(one.partDaysAgo) : null,
        forgivenMinor: isPaid ? one.forgiven : 0,
      });
    });
    const paid = history.flatMap((one) => one.paidOn ?? one.lastPartOn ?? []);
    const issued = [ago(told.firstDaysAgo), ...history.map((one) => one.issuedOn)];
    return {
      ...NOTHING,
      invoices: history
        .filter((one) => one.openMinor > 0)
        .map(({ currency, dueOn, openMinor }) => ({ currency, dueOn, openMinor, schedule: null })),
      history,
      drafts: told.drafts,
      credits: told.credits,
      limits: told.limits,
      promises: told.promises,
      disputes: {
        disputed: [{ currency: 'NZD', amountMinor: told.disputedMinor }],
        invoiceCount: told.disputeCount,
      },
      activity: {
        firstIssuedOn: Math.min(...issued) as Day,
        lastIssuedOn: Math.max(...issued) as Day,
        lastPaidOn: paid.length === 0 ? null : (Math.max(...paid) as Day),
      },
    };
  });
