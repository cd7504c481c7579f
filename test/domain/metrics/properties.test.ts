import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, day } from '../../../src/domain/day.ts';
import { countback } from '../../../src/domain/metrics/countback.ts';
import {
  type CustomerRows,
  type Figure,
  type MetricContext,
  viewOf,
} from '../../../src/domain/metrics/metric.ts';
import { METRICS } from '../../../src/domain/metrics/registry.ts';
import { ASON, CONTEXT, credit, customer, figure, figures } from './support.ts';

const start = day('2025-01-01');

const arbitraryInvoice = fc
  .record({
    issued: fc.integer({ min: 0, max: 560 }),
    terms: fc.integer({ min: 0, max: 90 }),
    total: fc.integer({ min: 0, max: 1_000_000 }),
    currency: fc.constantFrom('NZD', 'NZD', 'AUD'),
    kind: fc.constantFrom('invoice' as const, 'invoice' as const, 'journal' as const),
    payments: fc.array(
      fc.record({
        after: fc.integer({ min: 0, max: 300 }),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
        isCredit: fc.boolean(),
      }),
      { maxLength: 3 },
    ),
  })
  .map(({ issued, terms, total, currency, kind, payments }) => {
    let left = total;
    const uses = payments.map(({ after, share, isCredit }) => {
      const amountMinor = Math.floor(left * share);
      left -= amountMinor;
      return { on: addDays(start, issued + after), amountMinor, isCredit };
    });
    const fromOn = addDays(start, issued);
    return {
      ...{ kind, currency, fromOn, dueOn: addDays(fromOn, terms), schedule: null },
      ...{ totalMinor: total, nowMinor: left, settledOn: null, uses },
    };
  });

const arbitraryBook = fc
  .array(
    fc.record({
      invoices: fc.array(arbitraryInvoice, { maxLength: 5 }),
      credits: fc.array(fc.integer({ min: 1, max: 50_000 }), { maxLength: 2 }),
    }),
    { maxLength: 6 },
  )
  .map((customers) =>
    customers.map(({ invoices, credits }, c) =>
      customer(
        `c${c}`,
        invoices.map((row, i) => ({ ...row, id: `c${c}-${i}`, number: `C${c}-${i}` })),
        credits.map((amount, i) => credit(`n${c}-${i}`, amount, '2026-05-05')),
      ),
    ),
  );

const openOf = (book: readonly CustomerRows[], context: MetricContext, currency: string) =>
  book
    .flatMap((rows) => viewOf(rows, context.asOn).invoices)
    .filter((view) => view.row.currency === currency)
    .reduce((sum, view) => sum + view.openOn(context.asOn), 0);

/** Every share lies between 0 and 1, apart from CEI, which falls below 0 when balances grow. */
const inRange = ({ value }: Figure) => value === null || (value >= 0 && value <= 1);

describe('whatever the book', () => {
  test('aging buckets sum to the open balance, by due and by invoice date', () => {
    fc.assert(
      fc.property(arbitraryBook, fc.integer({ min: -400, max: 60 }), (book, shift) => {
        const context = { ...CONTEXT, asOn: addDays(ASON, shift) };
        for (const id of ['aging-due', 'aging-issued']) {
          for (const one of figures(id, book, context)) {
            const buckets = one.parts.filter(({ name }) => name !== 'unused credits');
            const sum = buckets.reduce((total, { value }) => total + (value ?? 0), 0);
            expect(sum).toBe(one.value);
            expect(sum).toBe(openOf(book, context, one.currency ?? ''));
            // So do the rows behind it.
            expect(one.rows.reduce((total, row) => total + row.contribution, 0)).toBe(sum);
          }
        }
      }),
    );
  });

  test('the order of customers, invoices and credits changes no figure', () => {
    const shuffled = arbitraryBook.chain((book) =>
      fc
        .tuple(
          fc.shuffledSubarray(book, { minLength: book.length, maxLength: book.length }),
          fc.boolean(),
        )
        .map(([other, flip]): [CustomerRows[], CustomerRows[]] => [
          book,
          other.map((rows) =>
            flip
              ? {
                  ...rows,
                  invoices: rows.invoices
                    .toReversed()
                    .map((row) => ({ ...row, uses: row.uses.toReversed() })),
                  credits: rows.credits.toReversed(),
                }
              : rows,
          ),
        ]),
    );
    fc.assert(
      fc.property(shuffled, ([book, other]) => {
        for (const { id } of METRICS) expect(figures(id, other)).toEqual(figures(id, book));
      }),
      { numRuns: 40 },
    );
  });

  test('shares are shares, days to pay are not negative, best possible is never above DSO', () => {
    fc.assert(
      fc.property(arbitraryBook, (book) => {
        for (const id of [
          'past-due-amount',
          'past-due-customers',
          'at-risk',
          'collection-rate',
          'roll-rates',
        ]) {
          expect(figures(id, book).every(inRange)).toBe(true);
        }
        for (const id of [
          'days-to-pay',
          'days-to-pay-weighted',
          'dso-true',
          'add-simple',
          'add-countback',
        ]) {
          for (const { value } of figures(id, book)) expect(value ?? 0).toBeGreaterThanOrEqual(0);
        }
        for (const { value } of figures('cei', book))
          expect(value ?? 0).toBeLessThanOrEqual(1 + 1e-9);
        for (const { value } of figures('concentration', book)) {
          expect(value).toBeGreaterThan(0);
          expect(value).toBeLessThanOrEqual(10_000 + 1e-6);
        }
      }),
    );
  });

  test('what is dated after the day changes nothing as of the day', () => {
    fc.assert(
      fc.property(arbitraryBook, fc.integer({ min: 0, max: 500 }), (book, shift) => {
        const asOn = addDays(start, shift);
        const context = { ...CONTEXT, asOn, from: addDays(asOn, -89) };
        const known = book.map((rows) => ({
          ...rows,
          invoices: rows.invoices
            .filter((row) => row.fromOn <= asOn)
            .map((row) => {
              const uses = row.uses.filter((use) => use.on <= asOn);
              const used = uses.reduce((sum, use) => sum + use.amountMinor, 0);
              return { ...row, uses, nowMinor: row.totalMinor - used };
            }),
          credits: rows.credits.filter((row) => row.fromOn <= asOn),
        }));
        for (const { id } of METRICS) {
          expect(figures(id, known, context)).toEqual(figures(id, book, context));
        }
      }),
      { numRuns: 100 },
    );
  });

  test('paying more never raises what is open, late, or needed as a provision', () => {
    const lossPercents = [1, 2, 4, 8, 16];
    fc.assert(
      fc.property(arbitraryBook, fc.nat(), (book, pick) => {
        const open = book.flatMap((rows) => rows.invoices).filter((row) => row.nowMinor > 0);
        const target = open[pick % Math.max(1, open.length)];
        if (target === undefined) return;
        const paid = book.map((rows) => ({
          ...rows,
          invoices: rows.invoices.map((row) =>
            row === target
              ? {
                  ...row,
                  nowMinor: 0,
                  uses: [...row.uses, { on: row.dueOn, amountMinor: row.nowMinor }],
                }
              : row,
          ),
        }));
        const context = { ...CONTEXT, lossPercents };
        const valueOf = (id: string, of: readonly CustomerRows[]) =>
          figures(id, of, context).find((one) => one.currency === target.currency)?.value ?? 0;
        for (const id of ['aging-due', 'provision', 'dso-countback']) {
          expect(valueOf(id, paid)).toBeLessThanOrEqual(valueOf(id, book));
        }
      }),
    );
  });
});

describe('constant sales on constant terms', () => {
  /** One sale a day for a year and a half, each paid on its due date. */
  function steadyBook(amountMinor: number, terms: number, asOn = ASON): CustomerRows[] {
    const invoices = Array.from({ length: 550 }, (_, index) => {
      const fromOn = addDays(asOn, -index);
      const dueOn = addDays(fromOn, terms);
      const isPaid = dueOn <= asOn;
      return {
        ...{ id: `i${index}`, number: `I${index}`, kind: 'invoice' as const, currency: 'NZD' },
        ...{ fromOn, dueOn, schedule: null, totalMinor: amountMinor, settledOn: null },
        nowMinor: isPaid ? 0 : amountMinor,
        uses: isPaid ? [{ on: dueOn, amountMinor }] : [],
      };
    });
    return [customer('steady', invoices)];
  }

  test('countback DSO equals the terms, and so do best possible and simple; nothing is delinquent', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 0, max: 60 }),
        (terms, amount, shift) => {
          const asOn = addDays(ASON, shift);
          const book = steadyBook(amount, terms, asOn);
          const context = { ...CONTEXT, asOn, from: addDays(asOn, -89) };
          expect(figure('dso-countback', book, context).value).toBeCloseTo(terms, 8);
          expect(figure('bpdso-countback', book, context).value).toBeCloseTo(terms, 8);
          expect(figure('dso-simple', book, context).value).toBeCloseTo(terms, 8);
          expect(figure('add-countback', book, context).value).toBeCloseTo(0, 8);
          expect(figure('days-to-pay', book, context).value).toBe(terms);
          expect(figure('days-late', book, context).value).toBe(0);
        },
      ),
      { numRuns: 15 },
    );
  });
});

test('more owed is never fewer days', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -100, max: 1_000 }), { maxLength: 8 }),
      fc.integer({ min: 0, max: 5_000 }),
      (sales, owed) => {
        const months = sales.map((salesMinor) => ({ salesMinor, days: 30 }));
        expect(countback(owed + 1, months).days).toBeGreaterThanOrEqual(
          countback(owed, months).days,
        );
      },
    ),
  );
});
