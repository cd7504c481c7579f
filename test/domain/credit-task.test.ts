import { describe, expect, test } from 'vitest';
import { day } from '../../src/domain/day.ts';
import type { Hold } from '../../src/domain/holds.ts';
import type { InvoiceId } from '../../src/domain/receivables.ts';
import { ask, invoice } from './cases.ts';
import { policyOf } from './policies.ts';
import { arrival, type Common, held, settlement } from './hold-cases.ts';

const DUE = '2026-06-12';

/** 80.00 accepted for 100.00, and paid on 20 June: 20.00 of the invoice is still open. */
const met = (id: number, invoiceId = 'a', more: Common = {}) => {
  const paid = [arrival('2026-06-20', 8_000, 'payment', invoiceId)];
  return settlement({}, { id, invoices: [held(invoiceId, 2_000)], arrivals: paid, ...more });
};
const rest = (id: string, openMinor = 2_000) => invoice(id, DUE, { openMinor });

const tasks = (
  invoices: ReturnType<typeof rest>[],
  holds: Hold[],
  on = '2026-06-20',
  more: Parameters<typeof ask>[2] = {},
) => ask({ invoices, holds }, on, more).decision.proposals;

describe('a settlement that was paid in time', () => {
  test('leaves one task for a person: to credit what was given up', () => {
    const [task, ...others] = tasks([rest('a')], [met(7)]);
    expect(others).toEqual([]);
    expect(task).toMatchObject({
      key: 'settlement:7',
      step: {
        key: 'credit-the-rest',
        name: 'Credit the rest of a settlement',
        channel: 'task',
      },
      debtorId: 'acme',
      to: [],
      currency: 'NZD',
      invoices: [
        {
          invoiceId: 'a',
          step: 'credit-the-rest',
          isTrigger: true,
          dueOn: day(DUE),
          amountMinor: 2_000,
        },
      ],
      totalMinor: 2_000,
      deadlineOn: null,
      isApproved: false,
    });
  });

  test('is one task for all of its invoices, with their rests together', () => {
    const ids = ['a', 'b'] as InvoiceId[];
    const both = met(7, 'a', { invoiceIds: ids, invoices: [held('a', 2_000), held('b', 1_500)] });
    const found = tasks([rest('a'), rest('b', 1_500), invoice('c', '2026-07-12')], [both]);
    expect(found.map(({ invoices, totalMinor }) => [invoices.length, totalMinor])).toEqual([
      [2, 3_500],
    ]);
  });

  test('is a task apart from that of another settlement', () => {
    const found = tasks([rest('a'), rest('b')], [met(7), met(8, 'b')]);
    expect(found.map(({ key, totalMinor }) => [key, totalMinor])).toEqual([
      ['settlement:7', 2_000],
      ['settlement:8', 2_000],
    ]);
  });

  test.each([
    ['automatic', 'approve'],
    ['approve', 'approve'],
    ['shadow', 'shadow'],
  ] as const)(
    'is as careful as the book and never without a person: book %s, task %s',
    (mode, expected) => {
      expect(tasks([rest('a')], [met(7)], '2026-06-20', { mode })[0]?.mode).toBe(expected);
    },
  );
});

test('a step of the policy that happens to have its key is a step like any other', () => {
  const policy = policyOf(['credit-the-rest: 3 days after due, task']);
  const proposed = (on: string) =>
    tasks([invoice('a', DUE)], [], on, { policy }).map(({ key, step }) => [
      key.startsWith('settlement'),
      step.channel,
    ]);
  expect(proposed('2026-06-14')).toEqual([]);
  expect(proposed('2026-06-15')).toEqual([[false, 'task']]);
});

describe('there is nothing to credit', () => {
  test.each([
    ['while the money is still to come', [invoice('a', DUE)], [settlement()], '2026-06-20'],
    ['the day before it came', [rest('a')], [met(7)], '2026-06-19'],
    ['once a credit note has closed the invoice', [rest('a', 0)], [met(7)], '2026-06-25'],
  ] as [string, ReturnType<typeof rest>[], Hold[], string][])(
    '%s',
    (_when, invoices, holds, on) => {
      expect(tasks(invoices, holds, on)).toEqual([]);
    },
  );
});
