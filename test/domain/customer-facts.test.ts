import { describe, expect, test } from 'vitest';
import { behaviourOf, maturedOn } from '../../src/domain/behaviour.ts';
import { paymentHabits } from '../../src/domain/customer-facts.ts';
import { day } from '../../src/domain/day.ts';
import { ago, asOn, factsOf, limitOf, open, past } from './risk-cases.ts';

describe('facts', () => {
  test('balances, age, exposure, limit use and share, each in its own currency', () => {
    const facts = factsOf(
      {
        invoices: [open(-10, 1000), open(40, 500), open(5, 300), open(100, 50, 'AUD')],
        credits: [{ currency: 'NZD', remainingMinor: 200 }],
        drafts: [{ currency: 'NZD', amountMinor: 70 }],
        limits: [{ ...limitOf(2000), insuredMinor: 1500 }],
        disputes: { disputed: [{ currency: 'NZD', amountMinor: 90 }], invoiceCount: 1 },
      },
      [{ currency: 'NZD', openMinor: 18_000, customers: 9 }],
    );
    expect(facts.currencies).toHaveLength(2);
    expect(facts.currencies[0]).toMatchObject({
      currency: 'AUD',
      overdueMinor: 50,
      limitMinor: null,
      limitUse: null,
      limitSource: null,
      headroomMinor: null,
      breachMinor: 0,
      insuredMinor: null,
      uninsuredMinor: 0,
      oldestDaysOverdue: 100,
      oldestDueOn: ago(100),
      disputedMinor: 0,
      shareOfBook: null,
      bookCustomers: 0,
      bookAverageMinor: null,
    });
    expect(facts.currencies[1]).toMatchObject({
      currency: 'NZD',
      openMinor: 1800,
      overdueMinor: 800,
      notDueMinor: 1000,
      draftMinor: 70,
      openCount: 3,
      overdueCount: 2,
      oldestDaysOverdue: 40,
      oldestDueOn: ago(40),
      unappliedMinor: 200,
      exposureMinor: 1600,
      limitMinor: 2000,
      limitSource: 'book',
      limitUse: 0.8,
      headroomMinor: 400,
      breachMinor: 0,
      insuredMinor: 1500,
      uninsuredMinor: 100,
      disputedMinor: 90,
      shareOfBook: 0.1,
      bookCustomers: 9,
      bookAverageMinor: 2000,
    });
  });

  test('nothing overdue has no oldest day; an amount due today is not overdue', () => {
    expect(factsOf({ invoices: [open(0, 5)] }).currencies[0]).toMatchObject({
      overdueCount: 0,
      oldestDaysOverdue: 0,
      oldestDueOn: null,
    });
    expect(factsOf({ invoices: [open(1, 5)] }).currencies[0]).toMatchObject({
      overdueCount: 1,
      oldestDaysOverdue: 1,
      oldestDueOn: ago(1),
    });
  });

  test('a breach is what is above the limit, and a limit of nil has no use but a breach', () => {
    const over = factsOf({ invoices: [open(1, 900)], limits: [limitOf(700)] }).currencies[0];
    expect(over).toMatchObject({ headroomMinor: -200, breachMinor: 200 });
    const none = factsOf({ invoices: [open(1, 900)], limits: [limitOf(0)] }).currencies[0];
    expect(none).toMatchObject({ limitMinor: 0, limitUse: null, breachMinor: 900 });
  });

  test('no more is disputed than is open', () => {
    const disputes = { disputed: [{ currency: 'NZD', amountMinor: 500 }], invoiceCount: 1 };
    expect(factsOf({ invoices: [open(1, 300)], disputes }).currencies[0]?.disputedMinor).toBe(300);
  });

  test('contradictory invoices are named in the order of their ids and left out of every habit', () => {
    const facts = factsOf({
      history: [
        past(50, 5),
        past(40, -30, { id: 'b', number: 'INV-B' }),
        past(30, null, { id: 'a', number: 'INV-A', issuedOn: ago(20) }),
      ],
    });
    expect(facts.contradictions.map((one) => one.sentence)).toEqual([
      'INV-A fell due on 31 May 2026, before it was issued on 10 Jun 2026.',
      'INV-B was paid on 21 Apr 2026, before it was issued on 1 May 2026.',
    ]);
    expect(facts.contradictionCount).toBe(2);
    expect(facts.behaviour.maturedCount).toBe(1);
    expect(facts.currencies[0]?.habits).toMatchObject({ maturedCount: 1, billedMinor: 100 });
  });

  test('of many contradictions twenty are named and all are counted', () => {
    const history = Array.from({ length: 23 }, (_, i) =>
      past(40, -30, { id: `i${String(i).padStart(2, '0')}` }),
    );
    const facts = factsOf({ history });
    expect(facts.contradictions).toHaveLength(20);
    expect(facts.contradictionCount).toBe(23);
  });
});

describe('habits', () => {
  test('days late are weighted by amount and count what is still open: 17.76', () => {
    const matured = maturedOn(
      [
        past(60, 7, { totalMinor: 140 }),
        past(90, 55, { totalMinor: 85 }),
        past(10, null, { totalMinor: 214 }),
      ],
      asOn,
    );
    const habits = paymentHabits(matured, asOn);
    expect(habits.daysLate).toBeCloseTo((140 * 7 + 85 * 55 + 214 * 10) / 439, 10);
    expect(habits).toMatchObject({
      maturedCount: 3,
      lateCount: 3,
      lateRatio: 1,
      billedMinor: 439,
      billedDays: 100, // issued 110 days ago, the last due 10 days ago
      typicalMinor: 140,
      termsDays: 20,
    });
  });

  test('without a matured invoice nothing is known', () => {
    expect(paymentHabits([], asOn)).toEqual({
      maturedCount: 0,
      lateCount: 0,
      lateRatio: null,
      daysLate: null,
      billedMinor: 0,
      billedDays: 0,
      typicalMinor: null,
      termsDays: null,
    });
  });

  test('an unpaid invoice counts as late, one not yet due does not count, one older than a year neither', () => {
    const all = [past(1, null), past(30, -1), past(0, null), past(365, 0), past(366, 66)];
    const matured = maturedOn(all, asOn);
    expect(matured.map((one) => one.dueOn)).toEqual([ago(365), ago(30), ago(1)]);
    expect(paymentHabits(matured, asOn)).toMatchObject({ lateCount: 1, lateRatio: 1 / 3 });
  });
});

describe('what has matured', () => {
  test('comes in the order of the due days, and of one day in the order of issue', () => {
    const ordered = [
      past(90, 0, { issuedOn: ago(91) }),
      past(60, 0, { issuedOn: ago(120) }),
      past(60, 0, { issuedOn: ago(100) }),
    ];
    expect(maturedOn(ordered, asOn)).toEqual(ordered);
    expect(maturedOn(ordered.toReversed(), asOn)).toEqual(ordered);
  });
});

describe('behaviour', () => {
  const behaviour = (...invoices: ReturnType<typeof past>[]) =>
    behaviourOf(maturedOn(invoices, asOn), asOn);

  test('of nobody', () => {
    expect(behaviour()).toEqual({
      maturedCount: 0,
      lateCount: 0,
      promptCount: 0,
      recentDays: null,
      recentCount: 0,
      trend: null,
      paidCount: 0,
      monthEndCount: 0,
      typicalDays: null,
      spreadDays: null,
      steadyCount: 0,
      partCount: 0,
      shortCount: 0,
      unpaidRun: 0,
      unpaidSinceOn: null,
    });
  });

  test('late from the first day, prompt to the third', () => {
    expect(behaviour(past(90, 0), past(80, 1), past(70, 3), past(60, 4))).toMatchObject({
      maturedCount: 4,
      lateCount: 3,
      promptCount: 3,
    });
  });

  test('the trend sets the latest three to five against those before', () => {
    const six = [200, 180, 160, 90, 80, 70].map((at, i) => past(at, i < 3 ? 2 : 20));
    expect(behaviour(...six.slice(1)).trend).toBeNull();
    const trend = { earlierDays: 2, recentDays: 20, recentCount: 3 };
    expect(behaviour(...six).trend).toEqual(trend);
    expect(behaviour(...six.toReversed()).trend).toEqual(trend);
    const nine = [300, 290, 280, 270, 90, 80, 70, 60, 50].map((at) => past(at, at > 100 ? 1 : 9));
    expect(behaviour(...nine).trend).toEqual({ earlierDays: 1, recentDays: 9, recentCount: 5 });
    const better = [past(95, 4), ...nine.filter((one) => one.dueOn !== ago(90))];
    expect(behaviour(...better).trend).toEqual({ earlierDays: 1, recentDays: 8, recentCount: 5 });
  });

  test('the latest five, counting what is open', () => {
    const six = [past(99, 90), past(60, 1), past(50, 2), past(40, 3), past(30, 4), past(10, null)];
    expect(behaviour(...six)).toMatchObject({ recentCount: 5, recentDays: 4 });
    expect(behaviour(past(9, 6))).toMatchObject({ recentCount: 1, recentDays: 6 });
  });

  test('the typical delay is the middle of what was paid, the spread the middle distance from it', () => {
    const five = [past(99, 2), past(90, 10), past(80, 12), past(70, 13), past(60, 40)];
    expect(behaviour(...five)).toMatchObject({ typicalDays: 12, spreadDays: 2, paidCount: 5 });
    expect(behaviour(past(99, 10), past(90, 13), past(80, null))).toMatchObject({
      typicalDays: 11.5,
      spreadDays: 1.5,
      paidCount: 2,
    });
  });

  test('steady is within ten days of the typical, an open one as long as it is not beyond', () => {
    const three = [past(99, 12), past(98, 12), past(97, 12)];
    const steady = (...more: ReturnType<typeof past>[]) =>
      behaviour(...three, ...more).steadyCount - 3;
    expect(steady(past(90, 22))).toBe(1);
    expect(steady(past(90, 23))).toBe(0);
    expect(steady(past(90, 2))).toBe(1);
    expect(steady(past(90, 1))).toBe(0);
    expect(steady(past(1, null))).toBe(1);
    expect(steady(past(22, null))).toBe(1);
    expect(steady(past(23, null))).toBe(0);
    expect(behaviour(past(1, null), past(2, null)).steadyCount).toBe(0); // nothing is usual yet
  });

  test('a payment on the last four days of a month is one of a month-end run', () => {
    const paidOn = (date: string) => past(60, 0, { paidOn: day(date) });
    const count = (...dates: string[]) => behaviour(...dates.map(paidOn)).monthEndCount;
    expect(count('2026-05-27', '2026-06-01')).toBe(0);
    expect(count('2026-05-28', '2026-05-31', '2026-02-25')).toBe(3);
    expect(count('2026-02-24')).toBe(0);
  });

  test('parts are several payments; short is forgiven, or a small rest left for a month', () => {
    expect(behaviour(past(60, 9, { parts: 2 }), past(50, 9, { parts: 1 })).partCount).toBe(1);
    const short = (rest: Parameters<typeof past>[2], late: number | null = null) =>
      behaviour(past(60, late, rest)).shortCount;
    expect(short({ forgivenMinor: 1 }, 9)).toBe(1);
    expect(short({ forgivenMinor: 0 }, 9)).toBe(0);
    expect(short({ openMinor: 50, lastPartOn: ago(30) })).toBe(1);
    expect(short({ openMinor: 50, lastPartOn: ago(29) })).toBe(0);
    expect(short({ openMinor: 51, lastPartOn: ago(30) })).toBe(0);
    expect(short({ openMinor: 50, lastPartOn: null })).toBe(0);
  });

  test('the run of the latest unpaid ones', () => {
    expect(behaviour(past(90, null), past(80, 3), past(70, null), past(60, null))).toMatchObject({
      unpaidRun: 2,
      unpaidSinceOn: ago(70),
    });
    expect(behaviour(past(90, null), past(80, 3))).toMatchObject({
      unpaidRun: 0,
      unpaidSinceOn: null,
    });
  });
});
