import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { day, formatDay } from '../../../src/domain/day.ts';
import { debtsOf, type LateInvoice } from '../../../src/domain/interest/debts.ts';
import type { CustomerId, InvoiceId } from '../../../src/domain/receivables.ts';
import { paid } from './support.ts';

function invoice(more: Partial<LateInvoice> = {}): LateInvoice {
  return {
    id: 'i1' as InvoiceId,
    number: 'INV-1',
    customerId: 'c1' as CustomerId,
    currency: 'GBP',
    issuedOn: day('2026-01-01'),
    dueOn: day('2026-01-31'),
    schedule: null,
    totalMinor: 90_000,
    openMinor: 90_000,
    paidOn: null,
    disputedMinor: 0,
    uses: [],
    ...more,
  };
}

const thirds = [
  { dueOn: day('2026-01-31'), amountMinor: 30_000 },
  { dueOn: day('2026-02-28'), amountMinor: 30_000 },
  { dueOn: day('2026-03-31'), amountMinor: 30_000 },
];

const short = (given: LateInvoice) =>
  debtsOf(given).map((debt) => [
    formatDay(debt.dueOn),
    debt.amountMinor,
    debt.disputedMinor,
    debt.reductions.map((r) => `${formatDay(r.on)} ${r.amountMinor}`),
  ]);

describe('the debts of an invoice', () => {
  test('one on the due date, with what was set against it', () => {
    const given = invoice({ openMinor: 50_000, uses: [paid('2026-02-10', 40_000)] });
    expect(short(given)).toEqual([['2026-01-31', 90_000, 0, ['2026-02-10 40000']]]);
    expect(debtsOf(given)[0]).toMatchObject({ invoiceId: 'i1', number: 'INV-1', currency: 'GBP' });
  });

  test('instalments are debts of their own; money goes to the earliest', () => {
    const given = invoice({
      schedule: thirds,
      openMinor: 40_000,
      uses: [paid('2026-02-10', 40_000), paid('2026-03-05', 10_000)],
    });
    expect(short(given)).toEqual([
      ['2026-01-31', 30_000, 0, ['2026-02-10 30000']],
      ['2026-02-28', 30_000, 0, ['2026-02-10 10000', '2026-03-05 10000']],
      ['2026-03-31', 30_000, 0, []],
    ]);
  });

  test('a disputed part is left out of the earliest instalments first', () => {
    const given = invoice({ schedule: thirds, disputedMinor: 40_000 });
    expect(short(given).map((debt) => debt[2])).toEqual([30_000, 10_000, 0]);
  });

  test('a settlement the ledger does not explain counts on the day it was paid', () => {
    const given = invoice({ openMinor: 0, paidOn: day('2026-04-01') });
    expect(short(given)).toEqual([['2026-01-31', 90_000, 0, ['2026-04-01 90000']]]);
  });

  test('a credit note stays known as one', () => {
    const credit = { ...paid('2026-02-10', 40_000), isCredit: true };
    const [debt] = debtsOf(invoice({ openMinor: 50_000, uses: [credit] }));
    expect(debt?.reductions).toEqual([credit]);
  });

  test('the debts sum to the total and take exactly what was set against it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 50_000 }), { minLength: 1, maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 30_000 }), { maxLength: 5 }),
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 0, max: 100_000 }),
        (parts, amounts, totalMinor, disputed) => {
          let left = totalMinor;
          const uses = amounts.map((amount, index) => {
            const amountMinor = Math.min(amount, left);
            left -= amountMinor;
            return { on: day(`2026-0${(index % 5) + 2}-10`), amountMinor };
          });
          const schedule = parts.map((amountMinor, index) => ({
            dueOn: day(`2026-0${index + 1}-15`),
            amountMinor,
          }));
          const disputedMinor = Math.min(disputed, totalMinor);
          const debts = debtsOf(
            invoice({ totalMinor, openMinor: left, schedule, uses, disputedMinor }),
          );
          const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
          expect(sum(debts.map((debt) => debt.amountMinor))).toBe(totalMinor);
          expect(sum(debts.map((debt) => debt.disputedMinor))).toBe(disputedMinor);
          const taken = debts.flatMap((debt) => debt.reductions.map((r) => r.amountMinor));
          expect(sum(taken)).toBe(totalMinor - left);
          for (const debt of debts) {
            expect(sum(debt.reductions.map((r) => r.amountMinor))).toBeLessThanOrEqual(
              debt.amountMinor,
            );
          }
        },
      ),
    );
  });
});
