import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Account, movementsOf, positionOf } from '../../src/domain/account.ts';
import { addDays, type Day, day, formatDay } from '../../src/domain/day.ts';
import { activity, openItems } from '../../src/domain/statement.ts';
import {
  account,
  allocation,
  anyAccount,
  credit,
  disputes,
  invoice,
  payment,
  START,
} from './account-records.ts';

const anyDay = fc.integer({ min: -20, max: 300 }).map((offset): Day => addDays(START, offset));

const story = account({
  invoices: [
    invoice('a', '2026-04-01', '2026-05-01', 100_000, 70_000, { reference: 'PO 7' }),
    invoice('b', '2026-06-01', '2026-07-01', 20_000, 20_000, { branch: 'Harbour branch' }),
    invoice('c', '2026-01-10', '2026-01-31', 5_000, 0, { paidOn: day('2026-02-03') }),
  ],
  credits: [
    credit('cn', '2026-05-15', 8_000, 5_000),
    credit('over', '2026-05-16', 900, 900, { kind: 'overpayment', number: null }),
  ],
  payments: [
    payment('p', '2026-05-20', { reference: 'Bank 9', unappliedMinor: 400 }),
    payment('q', '2026-02-03'),
  ],
  allocations: [
    allocation('p payment > a invoice', 27_000, '2026-05-20'),
    allocation('cn credit > a invoice', 3_000, '2026-05-18'),
    allocation('q payment > c invoice', 5_000, '2026-02-03'),
  ],
});

describe('an open-item statement', () => {
  test('lists what is open with its age, what was settled, and what we hold, per bucket', () => {
    const statement = openItems(story, day('2026-06-01'));
    expect(statement).toMatchObject({
      kind: 'open-item',
      currency: 'NZD',
      asOn: day('2026-06-01'),
      buckets: { current: 20_000, '1-30': 0, '31-60': 70_000, '61-90': 0, '90+': 0 },
      openMinor: 90_000,
      dueMinor: 70_000,
      notYetDueMinor: 20_000,
      disputedMinor: 0,
      heldMinor: 6_300,
      balanceMinor: 83_700,
    });
    expect(
      statement.rows.map((row) => [
        row.invoice.number,
        row.invoice.branch,
        row.totalMinor,
        row.settledMinor,
        row.openMinor,
        row.parts[0].daysOverdue,
      ]),
    ).toEqual([
      ['A', null, 100_000, 30_000, 70_000, 31],
      ['B', 'Harbour branch', 20_000, 0, 20_000, -30],
    ]);
    expect(statement.held).toEqual([
      { kind: 'credit_note', number: 'CN', on: day('2026-05-15'), amountMinor: 5_000 },
      { kind: 'overpayment', number: null, on: day('2026-05-16'), amountMinor: 900 },
      { kind: 'payment', number: 'Bank 9', on: day('2026-05-20'), amountMinor: 400 },
    ]);
  });

  test('as of a past day shows what stood open then', () => {
    const january = openItems(story, day('2026-01-31'));
    expect(january.rows.map((row) => [row.invoice.number, row.openMinor])).toEqual([['C', 5_000]]);
    expect([january.dueMinor, january.notYetDueMinor, january.heldMinor]).toEqual([5_000, 0, 0]);
    const may = openItems(story, day('2026-05-17'));
    expect(may.rows.map((row) => [row.invoice.number, row.openMinor])).toEqual([['A', 100_000]]);
    expect(may.held.map((row) => row.amountMinor)).toEqual([8_000, 900]);
  });

  test.each([
    ['2026-05-01', 0, 'current', 100_000, 0],
    ['2026-05-02', 1, '1-30', 100_000, 0],
    ['2026-04-30', -1, 'current', 0, 100_000],
  ] as const)('on %s the invoice due 1 May is %i days over: %s', (on, days, bucket, due, later) => {
    const statement = openItems(story, day(on));
    const row = statement.rows.find((entry) => entry.invoice.number === 'A');
    expect(row?.parts[0]).toMatchObject({ daysOverdue: days, bucket });
    expect([statement.dueMinor, statement.notYetDueMinor]).toEqual([due, later]);
  });

  test('instalments age one by one, and what was paid counts against the earliest', () => {
    const parts = [1, 2, 3].map((month) => ({ dueOn: day(`2026-0${month}-01`), amountMinor: 300 }));
    const inParts = account({
      invoices: [invoice('s', '2025-12-01', '2026-01-01', 900, 500, { schedule: parts })],
    });
    const { rows, buckets, dueMinor, notYetDueMinor } = openItems(inParts, day('2026-02-15'));
    expect(rows[0]?.parts).toEqual([
      { dueOn: day('2026-02-01'), daysOverdue: 14, bucket: '1-30', openMinor: 200 },
      { dueOn: day('2026-03-01'), daysOverdue: -14, bucket: 'current', openMinor: 300 },
    ]);
    expect([buckets['1-30'], buckets.current, dueMinor, notYetDueMinor]).toEqual([
      200, 300, 200, 300,
    ]);
  });

  test('an invoice settled with more than its total is shown below zero, not hidden', () => {
    const over = account({ invoices: [invoice('x', '2026-01-01', '2026-01-31', 100, -20)] });
    const statement = openItems(over, day('2026-02-10'));
    expect(statement.rows[0]).toMatchObject({ openMinor: -20, disputedMinor: 0 });
    expect([statement.openMinor, statement.balanceMinor, statement.buckets['1-30']]).toEqual([
      -20, -20, -20,
    ]);
  });

  test.each([
    ['nothing', {}, 0],
    ['a part', { a: 1_500 }, 1_500],
    ['two invoices', { a: 70_000, b: 20_000 }, 90_000],
    ['more than is open', { b: 50_000 }, 20_000],
    ['one that is settled', { c: 5_000 }, 0],
    ['less than nothing', { a: -5 }, 0],
  ])('disputed: %s', (_what, amounts, disputed) => {
    expect(openItems(story, day('2026-06-01'), disputes(amounts)).disputedMinor).toBe(disputed);
  });

  test('equal due dates stand in the order of their numbers', () => {
    const twins = account({
      invoices: ['b', 'a', 'c'].map((id) => invoice(id, '2026-01-01', '2026-01-31', 10, 10)),
      credits: ['z', 'y'].map((id) => credit(id, '2026-01-01', 5, 5)),
    });
    const statement = openItems(twins, day('2026-02-01'));
    expect(statement.rows.map((row) => row.invoice.number)).toEqual(['A', 'B', 'C']);
    expect(statement.held.map((row) => row.number)).toEqual(['Y', 'Z']);
  });
});

describe('an activity statement', () => {
  const told = (given: Account, from: string, to: string) =>
    activity(given, day(from), day(to)).rows.map((row) =>
      [
        formatDay(row.on),
        row.kind,
        row.document,
        row.invoices.join('+'),
        row.amountMinor,
        row.balanceMinor,
      ].join(' '),
    );

  test('goes from the opening balance through every movement to the closing balance', () => {
    const statement = activity(story, day('2026-04-01'), day('2026-05-31'));
    expect(statement).toMatchObject({
      kind: 'activity',
      currency: 'NZD',
      from: day('2026-04-01'),
      to: day('2026-05-31'),
      openingMinor: 0,
      chargedMinor: 100_000,
      creditedMinor: 36_300,
      closingMinor: 63_700,
      standing: { openMinor: 70_000, heldMinor: 6_300, balanceMinor: 63_700 },
    });
    expect(told(story, '2026-04-01', '2026-05-31')).toEqual([
      '2026-04-01 invoice A  100000 100000',
      '2026-05-15 credit CN  -8000 92000',
      '2026-05-16 credit   -900 91100',
      '2026-05-20 payment Bank 9 A -27400 63700',
    ]);
    expect(activity(story, day('2026-06-01'), day('2026-06-30'))).toMatchObject({
      openingMinor: 63_700,
      closingMinor: 83_700,
    });
  });

  test('both days count, the days beside them do not', () => {
    expect(told(story, '2026-05-15', '2026-05-15')).toEqual(['2026-05-15 credit CN  -8000 92000']);
    expect(told(story, '2026-05-17', '2026-05-19')).toEqual([]);
  });

  test('the disputed part of the closing balance is told', () => {
    expect(
      activity(story, day('2026-05-01'), day('2026-05-31'), disputes({ a: 700 })).standing
        .disputedMinor,
    ).toBe(700);
  });

  test('money given back out of a credit raises the balance; a credit used by a payment of nothing moves nothing', () => {
    const given = account({
      invoices: [invoice('a', '2026-01-01', '2026-01-31', 500, 300)],
      credits: [credit('cn', '2026-01-05', 300, 0)],
      payments: [
        payment('app', '2026-01-06', { kind: 'credit_application' }),
        payment('back', '2026-01-09', { kind: 'refund', reference: 'Cheque 4' }),
      ],
      allocations: [
        allocation('app payment > cn credit', 200, '2026-01-06'),
        allocation('app payment > a invoice', 200, '2026-01-06'),
        allocation('back payment > cn credit', 100, '2026-01-09'),
      ],
    });
    expect(told(given, '2026-01-01', '2026-01-31')).toEqual([
      '2026-01-01 invoice A  500 500',
      '2026-01-05 credit CN  -300 200',
      '2026-01-09 refund Cheque 4  100 300',
    ]);
  });

  test('a payment counts here only for the invoices that are here', () => {
    const given = account({
      invoices: [invoice('a', '2026-01-01', '2026-01-31', 500, 100)],
      payments: [payment('p', '2026-01-20')],
      allocations: [
        allocation('p payment > a invoice', 400, '2026-01-20'),
        allocation('p payment > other invoice', 250, '2026-01-20'),
        allocation('unknown payment > a invoice', 100, '2026-01-20'),
      ],
    });
    expect(told(given, '2026-01-01', '2026-01-31')).toEqual([
      '2026-01-01 invoice A  500 500',
      '2026-01-20 payment  A -400 100',
    ]);
  });

  test('credit that crosses to or from another customer is a movement of its own', () => {
    const given = account({
      invoices: [invoice('a', '2026-01-01', '2026-01-31', 500, 400)],
      credits: [credit('cn', '2026-01-02', 300, 250)],
      allocations: [
        allocation('foreign credit > a invoice', 100, '2026-01-10'),
        allocation('cn credit > foreign invoice', 50, '2026-01-11'),
      ],
    });
    expect(told(given, '2026-01-01', '2026-01-31')).toEqual([
      '2026-01-01 invoice A  500 500',
      '2026-01-02 credit CN  -300 200',
      '2026-01-10 transfer  A -100 100',
      '2026-01-11 transfer CN  50 150',
    ]);
  });

  test('what the ledger settled without an entry is said as that', () => {
    const given = account({
      invoices: [invoice('a', '2026-01-01', '2026-01-31', 500, 0, { paidOn: day('2026-02-02') })],
      credits: [credit('cn', '2026-01-02', 300, 100)],
    });
    expect(told(given, '2026-01-01', '2026-03-01')).toEqual([
      '2026-01-01 invoice A  500 500',
      '2026-01-02 credit CN  -300 200',
      '2026-01-02 other_settlement CN  200 400',
      '2026-02-02 other_settlement A  -500 -100',
    ]);
  });

  test('entries for more than the ledger counts as settled are taken back on their day', () => {
    const given = account({
      invoices: [invoice('a', '2026-01-01', '2026-01-31', 500, 200)],
      payments: [payment('p', '2026-01-09'), payment('q', '2026-01-12')],
      allocations: [
        allocation('p payment > a invoice', 300, '2026-01-09'),
        allocation('q payment > a invoice', 50, '2026-01-12'),
      ],
    });
    expect(told(given, '2026-01-01', '2026-03-01')).toEqual([
      '2026-01-01 invoice A  500 500',
      '2026-01-09 payment  A -300 200',
      '2026-01-12 payment  A -50 150',
      '2026-01-12 other_settlement A  50 200',
    ]);
  });

  test('on one day documents come before what settles them, then by number, then by amount', () => {
    const on = '2026-01-01';
    const given = account({
      invoices: [
        invoice('b', on, on, 10, 0),
        invoice('a', on, on, 10, 10),
        invoice('a2', on, on, 7, 7, { number: 'A' }),
      ],
      credits: [credit('cn', on, 1, 1)],
      payments: [payment('p', on), payment('r', on, { kind: 'refund', unappliedMinor: -3 })],
      allocations: [allocation('p payment > b invoice', 10, on)],
    });
    expect(told(given, on, on).map((line) => line.replace(`${on} `, ''))).toEqual([
      'invoice A  7 7',
      'invoice A  10 17',
      'invoice B  10 27',
      'credit CN  -1 26',
      'payment  B -10 16',
      'refund   3 19',
    ]);
  });

  test('a payment names its invoices in the order in which they fell due', () => {
    const given = account({
      invoices: [
        invoice('late', '2026-01-01', '2026-03-01', 10, 0),
        invoice('early', '2026-01-01', '2026-02-01', 10, 0),
      ],
      payments: [payment('p', '2026-03-02')],
      allocations: [
        allocation('p payment > late invoice', 10, '2026-03-02'),
        allocation('p payment > early invoice', 10, '2026-03-02'),
      ],
    });
    expect(movementsOf(given).at(-1)?.invoices).toEqual(['EARLY', 'LATE']);
  });
});

describe('for any account', () => {
  test('opening balance + movements = closing balance = open − held, on any two days', () => {
    fc.assert(
      fc.property(anyAccount, anyDay, anyDay, (given, a, b) => {
        const [from, to] = a <= b ? [a, b] : [b, a];
        const statement = activity(given, from, to);
        const moved = statement.rows.reduce((total, row) => total + row.amountMinor, 0);
        expect(statement.openingMinor + moved).toBe(statement.closingMinor);
        expect(statement.openingMinor + statement.chargedMinor - statement.creditedMinor).toBe(
          statement.closingMinor,
        );
        expect(statement.rows.at(-1)?.balanceMinor ?? statement.openingMinor).toBe(
          statement.closingMinor,
        );
        const { openMinor, heldMinor, balanceMinor } = statement.standing;
        expect(openMinor - heldMinor).toBe(balanceMinor);
        expect(statement.closingMinor).toBe(balanceMinor);
      }),
      { numRuns: 500 },
    );
  });

  test('a statement of two periods in a row is the statement of both', () => {
    fc.assert(
      fc.property(
        anyAccount,
        anyDay,
        fc.nat({ max: 60 }),
        fc.nat({ max: 60 }),
        (given, from, x, y) => {
          const middle = addDays(from, x);
          const to = addDays(middle, y + 1);
          const first = activity(given, from, middle);
          const second = activity(given, addDays(middle, 1), to);
          const whole = activity(given, from, to);
          expect(first.closingMinor).toBe(second.openingMinor);
          expect([...first.rows, ...second.rows]).toEqual(whole.rows);
        },
      ),
    );
  });

  test('buckets sum to what is open, due and not yet due do too, and parts to their invoice', () => {
    fc.assert(
      fc.property(anyAccount, anyDay, (given, on) => {
        const statement = openItems(given, on);
        const inBuckets = Object.values(statement.buckets).reduce(
          (total, minor) => total + minor,
          0,
        );
        expect(inBuckets).toBe(statement.openMinor);
        expect(statement.dueMinor + statement.notYetDueMinor).toBe(statement.openMinor);
        for (const row of statement.rows) {
          expect(row.parts.reduce((total, part) => total + part.openMinor, 0)).toBe(row.openMinor);
          expect(row.settledMinor + row.openMinor).toBe(row.totalMinor);
        }
      }),
    );
  });

  test('the position after the last entry is what the ledger says now', () => {
    fc.assert(
      fc.property(anyAccount, (given) => {
        const now = positionOf(given, addDays(START, 400));
        const open = given.invoices.reduce((total, entry) => total + entry.openMinor, 0);
        const left = given.credits.reduce((total, entry) => total + entry.remainingMinor, 0);
        const unapplied = given.payments.reduce((total, entry) => total + entry.unappliedMinor, 0);
        expect(now.balanceMinor).toBe(open - left - unapplied);
      }),
    );
  });

  test('the order of the rows read changes nothing', () => {
    fc.assert(
      fc.property(anyAccount, anyDay, (given, on) => {
        const turned: Account = {
          ...given,
          invoices: given.invoices.toReversed(),
          credits: given.credits.toReversed(),
          payments: given.payments.toReversed(),
          allocations: given.allocations.toReversed(),
        };
        const { rows: _rows, held: _held, ...sums } = openItems(given, on);
        expect(openItems(turned, on)).toMatchObject(sums);
        expect(activity(turned, START, on).closingMinor).toBe(
          activity(given, START, on).closingMinor,
        );
      }),
    );
  });
});
