import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, day, type Day, formatDay } from '../../src/domain/day.ts';
import { decide } from '../../src/domain/dunning.ts';
import type { HoldOf } from '../../src/domain/holds.ts';
import type { CustomerId, InvoiceId } from '../../src/domain/receivables.ts';
import { compareReplays, DifferenceTally } from '../../src/domain/replay/compare.ts';
import {
  type DebtorPast,
  type PastInvoice,
  type ReplayedDebtor,
  replayDebtor,
} from '../../src/domain/replay/replay-debtor.ts';
import { breakerDays, ReplayTally } from '../../src/domain/replay/tally.ts';
import { aCase, context, DEFAULT_POLICY } from './cases.ts';
import { arrival, held, settlement } from './hold-cases.ts';

function invoice(id: string, due: string, more: Partial<PastInvoice> = {}): PastInvoice {
  return {
    id: id as InvoiceId,
    number: id.toUpperCase(),
    kind: 'invoice',
    customerId: 'acme' as CustomerId,
    currency: 'NZD',
    fromOn: addDays(day(due), -20),
    dueOn: day(due),
    schedule: null,
    totalMinor: 10_000,
    nowMinor: 10_000,
    settledOn: null,
    uses: [],
    emailText: null,
    ...more,
  };
}

function paidOn(on: string): Partial<PastInvoice> {
  return { nowMinor: 0, settledOn: day(on), uses: [{ on: day(on), amountMinor: 10_000 }] };
}

function past(more: Partial<DebtorPast>): DebtorPast {
  return {
    debtor: aCase().debtor,
    profile: { today: aCase().profile, flags: [], flagsSince: null, riskSince: null },
    invoices: [],
    credits: [],
    holds: [],
    ...more,
  };
}

function replay(given: Partial<DebtorPast>, from: string, to: string): ReplayedDebtor {
  return replayDebtor(
    past(given),
    (customer, asOn) => decide(customer, context(asOn)),
    day(from),
    day(to),
  );
}

const TERMS = {
  currency: 'NZD',
  amountMinor: 10_000,
  payOn: day('2026-07-31'),
  source: 'phone' as const,
  quote: null,
};

function hold(more: Partial<HoldOf<'promise'>> = {}): HoldOf<'promise'> {
  return {
    id: 1,
    kind: 'promise',
    terms: TERMS,
    customerId: 'acme' as CustomerId,
    invoiceIds: ['a' as InvoiceId],
    reason: 'will pay',
    owner: 'accounts',
    fromOn: day('2026-06-03'),
    untilOn: day('2026-07-31'),
    approvedBy: null,
    invoices: [
      {
        id: 'a' as InvoiceId,
        number: 'A',
        currency: 'NZD',
        dueOn: day('2026-06-01'),
        openMinor: 10_000,
      },
    ],
    arrivals: [],
    ...more,
  };
}

/** "2026-06-04 overdue-friendly NZD [A B*] 200.00", with ! when everybody it was about paid at once. */
function lines({ actions }: ReplayedDebtor): string[] {
  return actions.map((action) => {
    const about = action.invoices.map((line) => line.number + (line.isTrigger ? '' : '*'));
    const amount = (action.totalMinor / 100).toFixed(2);
    const needless = action.isNeedless ? ' !' : '';
    return `${formatDay(action.on)} ${action.step} ${action.currency} [${about.join(' ')}] ${amount}${needless}`;
  });
}

describe('one debtor’s past', () => {
  test('is walked step by step until it is paid, and says which reminder was needless', () => {
    const told = replay(
      { invoices: [invoice('a', '2026-06-01', paidOn('2026-06-14'))] },
      '2026-05-01',
      '2026-12-31',
    );
    expect(lines(told)).toEqual([
      '2026-05-27 before-due NZD [A] 100.00',
      '2026-06-01 due-today NZD [A] 100.00',
      '2026-06-04 overdue-friendly NZD [A] 100.00',
      '2026-06-11 overdue-second NZD [A] 100.00 !',
    ]);
    expect(told.reached).toEqual([
      { invoiceId: 'a', step: 'before-due', daysPastDue: -5 },
      { invoiceId: 'a', step: 'due-today', daysPastDue: 0 },
      { invoiceId: 'a', step: 'overdue-friendly', daysPastDue: 3 },
      { invoiceId: 'a', step: 'overdue-second', daysPastDue: 10 },
    ]);
  });

  test.each([
    ['2026-06-14', true],
    ['2026-06-15', false],
  ])('who pays on %s after a letter of the 11th would have paid anyway: %s', (on, needless) => {
    const told = replay(
      { invoices: [invoice('a', '2026-06-01', paidOn(on))] },
      '2026-06-11',
      '2026-06-11',
    );
    expect(told.actions.map((action) => action.isNeedless)).toEqual([needless]);
  });

  test('knows in the morning what was in the books the evening before, and nothing later', () => {
    const told = (on: string) =>
      lines(
        replay({ invoices: [invoice('a', '2026-06-01', paidOn(on))] }, '2026-06-04', '2026-06-05'),
      );
    expect(told('2026-06-03')).toEqual([]);
    expect(told('2026-06-04')).toEqual(['2026-06-04 overdue-friendly NZD [A] 100.00 !']);
  });

  test('asks for what was open on that day', () => {
    const part = { nowMinor: 4_000, uses: [{ on: day('2026-06-07'), amountMinor: 6_000 }] };
    const told = replay(
      { invoices: [invoice('a', '2026-06-01', part)] },
      '2026-06-04',
      '2026-06-15',
    );
    expect(lines(told)).toEqual([
      '2026-06-04 overdue-friendly NZD [A] 100.00',
      '2026-06-11 overdue-second NZD [A] 40.00',
    ]);
  });

  test('lists what is overdue beside what caused the message, once', () => {
    const invoices = [invoice('a', '2026-06-01'), invoice('b', '2026-06-08')];
    const told = replay({ invoices }, '2026-06-11', '2026-06-11');
    expect(lines(told)).toEqual(['2026-06-11 overdue-friendly NZD [A B] 200.00']);
  });

  test('holds while a credit stands unapplied, and says so', () => {
    const credit = {
      currency: 'NZD',
      fromOn: day('2026-05-01'),
      totalMinor: 9_000,
      nowMinor: 0,
      settledOn: null,
      uses: [{ on: day('2026-06-20'), amountMinor: 9_000 }],
    };
    const told = replay(
      { invoices: [invoice('a', '2026-06-01')], credits: [credit] },
      '2026-06-04',
      '2026-06-21',
    );
    expect(lines(told)).toEqual(['2026-06-21 overdue-friendly NZD [A] 100.00']);
    expect(told.stopped[0]).toEqual({ on: day('2026-06-04'), code: 'unapplied_credit' });
  });

  test('asks once for the rest of a settlement to be credited, however often it looks', () => {
    const paid = [{ on: day('2026-06-03'), amountMinor: 8_000 }];
    const met = settlement(
      { payBy: day('2026-06-05') },
      {
        ...{ fromOn: day('2026-06-02'), invoiceIds: ['a' as InvoiceId] },
        invoices: [held('a', 2_000)],
        arrivals: [arrival('2026-06-03', 8_000, 'payment', 'a')],
      },
    );
    const told = replay(
      {
        invoices: [
          invoice('a', '2026-06-01', { nowMinor: 2_000, uses: paid }),
          invoice('b', '2026-06-01'),
        ],
        holds: [{ hold: met, endedOn: null }],
      },
      '2026-06-04',
      '2026-07-31',
    );
    const credits = told.actions.filter(({ step }) => step === 'credit-the-rest');
    expect(credits.map(({ on }) => formatDay(on))).toEqual(['2026-06-04']);
    expect(told.actions.length).toBeGreaterThan(3);
  });

  test('leaves alone what was promised', () => {
    const promise = hold({ terms: { ...TERMS, payOn: day('2026-06-30') } });
    const told = replay(
      { invoices: [invoice('a', '2026-06-01')], holds: [{ hold: promise, endedOn: null }] },
      '2026-06-03',
      '2026-06-30',
    );
    expect(told.actions).toEqual([]);
  });

  test('knows of a promise from the day it was given until the day it was taken back', () => {
    const told = replay(
      {
        invoices: [invoice('a', '2026-06-01')],
        holds: [{ hold: hold({ fromOn: day('2026-06-10') }), endedOn: day('2026-06-20') }],
      },
      '2026-06-04',
      '2026-06-22',
    );
    expect(lines(told)).toEqual([
      '2026-06-04 overdue-friendly NZD [A] 100.00',
      '2026-06-20 overdue-second NZD [A] 100.00',
    ]);
  });

  test('is silent about an invoice that was not yet in the books, or is settled', () => {
    const later = invoice('a', '2026-06-01', { fromOn: day('2026-06-10') });
    expect(lines(replay({ invoices: [later] }, '2026-06-01', '2026-06-10'))).toEqual([]);
    expect(lines(replay({ invoices: [later] }, '2026-06-01', '2026-06-11'))).toHaveLength(1);
  });
});

const aDay = fc.integer({ min: 0, max: 150 }).map((offset) => addDays(day('2026-01-01'), offset));
const anInvoice = fc
  .record({
    due: aDay,
    paid: fc.option(fc.integer({ min: -20, max: 120 }), { nil: null }),
    part: fc.integer({ min: 0, max: 9_999 }),
    partOn: aDay,
    currency: fc.constantFrom('NZD', 'USD'),
  })
  .map(({ due, paid, part, partOn, currency }) => {
    const uses = part === 0 ? [] : [{ on: partOn, amountMinor: part }];
    if (paid === null) return { due, currency, rest: { nowMinor: 10_000 - part, uses } };
    const on = addDays(due, paid);
    return {
      due,
      currency,
      rest: {
        nowMinor: 0,
        settledOn: on,
        uses: [...uses, { on, amountMinor: 10_000 - part }],
      },
    };
  });
const invoices = fc
  .array(anInvoice, { maxLength: 5 })
  .map((drawn) =>
    drawn.map(({ due, currency, rest }, index) =>
      invoice(`i${index}`, formatDay(due), { currency, ...rest }),
    ),
  );

/** The slow way: every morning is asked. */
function everyMorning(given: Partial<DebtorPast>, from: Day, to: Day): string[] {
  // An event every day makes the replay visit every day.
  const daily = Array.from({ length: to - from + 1 }, (_, index) => ({
    currency: 'XXX',
    fromOn: addDays(from, index - 1),
    totalMinor: 1,
    nowMinor: 1,
    settledOn: null,
    uses: [],
  }));
  return lines(replay({ ...given, credits: daily }, formatDay(from), formatDay(to)));
}

test('visiting only the mornings that matter tells the same story as visiting all of them', () => {
  const [from, to] = [day('2026-01-05'), day('2026-07-31')];
  fc.assert(
    fc.property(invoices, (drawn) => {
      const told = lines(replay({ invoices: drawn }, formatDay(from), formatDay(to)));
      expect(told).toEqual(everyMorning({ invoices: drawn }, from, to));
    }),
    { numRuns: 25 },
  );
});

test('the order of the invoices changes nothing', () => {
  fc.assert(
    fc.property(invoices, (drawn) => {
      const there = lines(replay({ invoices: drawn }, '2026-01-05', '2026-07-31'));
      const back = lines(replay({ invoices: drawn.toReversed() }, '2026-01-05', '2026-07-31'));
      expect(back).toEqual(there);
    }),
    { numRuns: 15 },
  );
});

describe('what it comes to', () => {
  const told = [
    replay(
      { invoices: [invoice('a', '2026-06-01', paidOn('2026-06-14'))] },
      '2026-06-02',
      '2026-06-30',
    ),
    replay({ invoices: [invoice('b', '2026-05-01')] }, '2026-06-02', '2026-06-30'),
    replay({}, '2026-06-02', '2026-06-30'),
  ];
  const tally = new ReplayTally();
  for (const debtor of told) tally.add(debtor);
  const figures = tally.figures(DEFAULT_POLICY.steps, 3);

  test('messages, tasks, customers and those who would have paid anyway', () => {
    expect(figures).toMatchObject({ messages: 6, tasks: 3, customers: 2, needless: 1 });
    expect(figures.needlessShare).toBeCloseTo(1 / 6);
    expect(new ReplayTally().figures(DEFAULT_POLICY.steps, 3).needlessShare).toBeNull();
  });

  test('a row for each step of the policy, with how late it was reached', () => {
    const friendly = figures.steps.find((row) => row.step === 'overdue-friendly');
    expect(friendly).toEqual({
      step: 'overdue-friendly',
      name: 'Friendly reminder',
      channel: 'email',
      actions: 2,
      needless: 0,
      invoices: 2,
      medianDaysPastDue: 4,
    });
    expect(figures.steps.map((row) => row.step)).toEqual(
      DEFAULT_POLICY.steps.map((step) => step.key),
    );
    expect(figures.steps.find((row) => row.step === 'hand-over')).toMatchObject({
      invoices: 0,
      medianDaysPastDue: null,
    });
  });

  test('the volume breaker names the days far above the usual number', () => {
    const byDay = (counts: number[]) =>
      new Map(counts.map((count, index) => [addDays(day('2026-06-01'), index), count]));
    expect(breakerDays(byDay([4, 4, 5, 4, 4, 13]), 3)).toEqual([
      { on: '2026-06-06', messages: 13, usual: 4 },
    ]);
    expect(breakerDays(byDay([4, 4, 5, 4, 4, 12]), 3)).toEqual([]);
    expect(breakerDays(byDay([4, 4, 5, 4, 13]), 3)).toEqual([]);
    expect(breakerDays(byDay([1, 1, 1, 1, 1, 9]), 3)).toEqual([]);
    expect(breakerDays(byDay([1, 1, 1, 1, 1, 10]), 3)).toHaveLength(1);
  });
});

describe('two policies on one past', () => {
  const first = replay({ invoices: [invoice('a', '2026-06-01')] }, '2026-06-04', '2026-06-12');
  const second = replay({ invoices: [invoice('a', '2026-06-02')] }, '2026-06-05', '2026-06-12');

  test('differ where only one of them would have written that day', () => {
    const { onlyFirst, onlySecond } = compareReplays(first, second);
    expect(onlyFirst.map((action) => formatDay(action.on))).toEqual(['2026-06-04', '2026-06-11']);
    expect(onlySecond.map((action) => formatDay(action.on))).toEqual(['2026-06-05', '2026-06-12']);
    expect(compareReplays(first, first)).toEqual({ onlyFirst: [], onlySecond: [] });
  });

  test('a call is no message, and another currency is another message', () => {
    const [message] = first.actions;
    if (message === undefined) throw new Error('nothing replayed');
    const told = (more: object): ReplayedDebtor => ({
      actions: [{ ...message, ...more }],
      reached: [],
      stopped: [],
    });
    expect(compareReplays(told({ channel: 'call' }), told({})).onlySecond).toHaveLength(1);
    expect(compareReplays(told({ currency: 'USD' }), told({})).onlyFirst).toHaveLength(1);
    expect(compareReplays(told({ step: 'other' }), told({})).onlyFirst).toHaveLength(0);
  });

  test('are counted by messages and by the customers only one of them would have written to', () => {
    const silent = replay({}, '2026-06-02', '2026-06-12');
    const tally = new DifferenceTally();
    tally.add(first, second);
    tally.add(first, silent);
    tally.add(silent, second);
    tally.add(silent, silent);
    expect(tally.figures).toEqual({
      onlyFirst: 4,
      onlySecond: 4,
      customersOnlyFirst: 1,
      customersOnlySecond: 1,
    });
  });
});
