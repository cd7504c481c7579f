import { DEFAULT_POLICY } from './cases.ts';
import { describe, expect, test } from 'vitest';
import { day } from '../../src/domain/day.ts';
import { disputedToday, promiseRecord } from '../../src/domain/exception-record.ts';
import type { CustomerId, InvoiceId } from '../../src/domain/receivables.ts';
import { arrival, dispute, held, promise } from './hold-cases.ts';

const acme = promise().customerId;
const on = day('2026-06-30');

describe('promises of 100.00 for 18 June', () => {
  const kept = promise({}, { arrivals: [arrival('2026-06-17', 10_000)], invoices: [held('a', 0)] });
  const partly = promise(
    {},
    { arrivals: [arrival('2026-06-17', 4_000)], invoices: [held('a', 6_000)] },
  );

  test('are counted by what became of them', () => {
    expect(promiseRecord([kept, partly, promise(), promise()], () => DEFAULT_POLICY, on)).toEqual({
      keptCount: 1,
      partlyKeptCount: 1,
      brokenCount: 2,
      changesOn: null,
    });
    expect(promiseRecord([], () => DEFAULT_POLICY, on)).toEqual({
      keptCount: 0,
      partlyKeptCount: 0,
      brokenCount: 0,
      changesOn: null,
    });
  });

  test('whose day has not come count as nothing, and say when they will', () => {
    expect(promiseRecord([promise()], () => DEFAULT_POLICY, day('2026-06-18'))).toEqual({
      keptCount: 0,
      partlyKeptCount: 0,
      brokenCount: 0,
      changesOn: day('2026-06-21'),
    });
  });
});

describe('what is contested today', () => {
  const invoice = (id: string, openMinor: number) => ({
    id: id as InvoiceId,
    customerId: acme,
    currency: 'NZD',
    openMinor,
  });
  const part = (amountMinor: number) =>
    dispute({ part: { currency: 'NZD', amountMinor } }, { invoices: [held('a', 50_000)] });

  test('is the contested part, never more than is open, and nothing of other invoices', () => {
    const invoices = [invoice('a', 50_000), invoice('b', 700)];
    expect(disputedToday([part(20_000)], invoices, acme, on).disputed).toEqual([
      { currency: 'NZD', amountMinor: 20_000 },
    ]);
    expect(disputedToday([part(20_000), part(40_000)], invoices, acme, on).disputed).toEqual([
      { currency: 'NZD', amountMinor: 50_000 },
    ]);
    expect(disputedToday([], invoices, acme, on)).toEqual({ disputed: [], changesOn: null });
    const other = { ...invoice('a', 5), customerId: 'x' as CustomerId, id: 'z' as InvoiceId };
    expect(disputedToday([part(1)], [other], acme, on).disputed).toEqual([]);
  });

  test('says when a dispute ends by itself', () => {
    const ending = dispute({}, { untilOn: day('2026-07-05') });
    expect(disputedToday([ending], [invoice('a', 100)], acme, on).changesOn).toBe(
      day('2026-07-06'),
    );
  });
});
