import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, day, formatDay } from '../../src/domain/day.ts';
import { planItems, planStanding } from '../../src/domain/payment-plan.ts';
import { HOLD_RULES, arrival, type Common, held, plan } from './hold-cases.ts';

/** 90.00 in three parts from 1 July, 5 days' grace. */
function stands(on: string, more: Common = {}, graceDays: number | null = 5): string {
  const { state, paidCount, paidMinor, owedMinor, next, broken, changesOn } = planStanding(
    plan({ graceDays }, more),
    HOLD_RULES,
    day(on),
  );
  const money = (minor: number) => (minor / 100).toFixed(2);
  const due = next === null ? 'none' : `${money(next.openMinor)} on ${formatDay(next.dueOn)}`;
  const failed =
    broken === null
      ? ''
      : `, broken on ${formatDay(broken.on)} by ${money(broken.missingMinor)} of ${formatDay(broken.instalment.dueOn)}`;
  const until = changesOn === null ? '' : ` until ${formatDay(changesOn)}`;
  return `${state} ${paidCount} ${money(paidMinor)}/${money(owedMinor)}, next ${due}${failed}${until}`;
}

const paid = (...parts: [on: string, amount: number][]): Common => ({
  arrivals: parts.map(([on, amount]) => arrival(on, amount)),
  invoices: [held('a', 9_000 - parts.reduce((sum, [, amount]) => sum + amount, 0))],
});

describe('a plan of 90.00 in three, with five days’ grace', () => {
  test.each([
    ['2026-06-02', 'running 0 0.00/90.00, next 30.00 on 2026-07-01 until 2026-07-07'],
    ['2026-07-06', 'running 0 0.00/90.00, next 30.00 on 2026-07-01 until 2026-07-07'],
    [
      '2026-07-07',
      'broken 0 0.00/90.00, next 30.00 on 2026-07-01, broken on 2026-07-07 by 30.00 of 2026-07-01',
    ],
  ])('with nothing paid, on %s: %s', (on, expected) => {
    expect(stands(on)).toBe(expected);
  });

  test.each([
    ['2026-07-06', 3_000, 'running 1 30.00/90.00, next 30.00 on 2026-08-01 until 2026-08-07'],
    [
      '2026-07-06',
      2_999,
      'broken 0 29.99/90.00, next 0.01 on 2026-07-01, broken on 2026-07-07 by 0.01 of 2026-07-01',
    ],
    [
      '2026-07-07',
      3_000,
      'broken 1 30.00/90.00, next 30.00 on 2026-08-01, broken on 2026-07-07 by 30.00 of 2026-07-01',
    ],
  ])('the first paid on %s with %i, seen on 8 July: %s', (on, amount, expected) => {
    expect(stands('2026-07-08', paid([on, amount]))).toBe(expected);
  });

  test('broken at the second: paid in full later it stays broken', () => {
    const more = paid(['2026-07-01', 3_000], ['2026-08-20', 3_000]);
    expect(stands('2026-08-06', more)).toBe(
      'running 1 30.00/90.00, next 30.00 on 2026-08-01 until 2026-08-07',
    );
    expect(stands('2026-09-01', more)).toBe(
      'broken 2 60.00/90.00, next 30.00 on 2026-09-01, broken on 2026-08-07 by 30.00 of 2026-08-01',
    );
  });

  test('paid early it is finished, and never broken', () => {
    const more = paid(['2026-06-20', 9_000]);
    expect(stands('2026-06-19', more)).toBe(
      'running 0 0.00/90.00, next 30.00 on 2026-07-01 until 2026-06-20',
    );
    expect(stands('2026-06-20', more)).toBe('finished 3 90.00/90.00, next none');
    expect(stands('2027-01-01', more)).toBe('finished 3 90.00/90.00, next none');
  });

  test('without a grace of its own it has the policy’s', () => {
    expect(stands('2026-06-02', {}, null)).toBe(
      'running 0 0.00/90.00, next 30.00 on 2026-07-01 until 2026-07-05',
    );
    expect(stands('2026-07-02', {}, 0)).toContain('broken on 2026-07-02');
  });

  test('what came before the plan fills the earliest instalments too', () => {
    const more = { invoices: [held('a', 5_000)] };
    expect(stands('2026-06-02', more)).toBe(
      'running 1 0.00/50.00, next 20.00 on 2026-08-01 until 2026-08-07',
    );
  });
});

describe('the parts of each invoice', () => {
  const items = (...open: [id: string, openMinor: number, due: string][]) => {
    const invoices = open.map(([id, openMinor, due]) => held(id, openMinor, { dueOn: day(due) }));
    const found = planItems(plan({}, { invoices }));
    return [...found].map(
      ([id, own]) =>
        `${id}: ${own.map((item) => `${item.openMinor} ${formatDay(item.dueOn)}`).join(', ')}`,
    );
  };

  test('instalments go to the invoices in the order of their due dates', () => {
    expect(items(['b', 5_000, '2026-06-02'], ['a', 4_000, '2026-06-12'])).toEqual([
      'b: 3000 2026-07-01, 2000 2026-08-01',
      'a: 1000 2026-08-01, 3000 2026-09-01',
    ]);
  });

  test('due on the same day they go by id, and a paid invoice has none', () => {
    expect(
      items(['c', 3_000, '2026-06-12'], ['b', 3_000, '2026-06-12'], ['a', 0, '2026-06-12']),
    ).toEqual(['b: 3000 2026-08-01', 'c: 3000 2026-09-01']);
  });

  test('sum to what is open, whatever was paid and in whatever order', () => {
    const anyInvoices = fc.uniqueArray(
      fc.record({
        id: fc.constantFrom('a', 'b', 'c', 'd'),
        openMinor: fc.nat(4_000),
        due: fc.nat(9),
      }),
      { selector: (invoice) => invoice.id, minLength: 1 },
    );
    fc.assert(
      fc.property(anyInvoices, (given) => {
        const invoices = given.map(({ id, openMinor, due }) =>
          held(id, openMinor, { dueOn: addDays(day('2026-06-01'), due) }),
        );
        const found = planItems(plan({}, { invoices }));
        for (const invoice of invoices) {
          const own = found.get(invoice.id) ?? [];
          expect(own.reduce((sum, item) => sum + item.openMinor, 0)).toBe(invoice.openMinor);
          expect(own.every((item) => item.openMinor > 0)).toBe(true);
        }
        expect(planItems(plan({}, { invoices: invoices.toReversed() }))).toEqual(found);
      }),
    );
  });
});

test('the state stands unchanged until the day named, and differs on it', () => {
  const START = day('2026-06-01');
  const anyPayments = fc.array(
    fc.record({
      after: fc.integer({ min: 0, max: 110 }),
      amountMinor: fc.integer({ min: 1, max: 4_000 }),
    }),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(anyPayments, fc.nat(9_000), (given, openMinor) => {
      const hold = plan(
        {},
        {
          invoices: [held('a', openMinor)],
          arrivals: given.map(({ after, amountMinor }) =>
            arrival(formatDay(addDays(START, after)), amountMinor),
          ),
        },
      );
      const states = Array.from({ length: 120 }, (_, i) => {
        const on = addDays(START, i);
        return { on, ...planStanding(hold, HOLD_RULES, on) };
      });
      for (const { on, state, changesOn } of states) {
        const differs = states.find((other) => other.on > on && other.state !== state);
        expect(changesOn).toBe(differs?.on ?? null);
      }
    }),
  );
});
