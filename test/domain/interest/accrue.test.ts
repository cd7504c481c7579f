import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, type Day, day, formatDay } from '../../../src/domain/day.ts';
import { accrue } from '../../../src/domain/interest/accrue.ts';
import type { Debt } from '../../../src/domain/interest/debts.ts';
import { Exact, roundMinor, ZERO } from '../../../src/domain/interest/exact.ts';
import type { InterestTerms } from '../../../src/domain/interest/terms.ts';
import { debt, paid, terms, yearly } from './support.ts';

function interestOf(owed: Debt, given: InterestTerms, to: string): string {
  return accrue(owed, given, { after: null, to: day(to) })
    .interest.div(100)
    .toFixed(6);
}

/** from, to, days, principal in major units, percent, year. */
function linesOf(owed: Debt, given: InterestTerms, to: string, after: string | null = null) {
  const window = { after: after === null ? null : day(after), to: day(to) };
  return accrue(owed, given, window).lines.map((line) => [
    formatDay(line.from),
    formatDay(line.to),
    line.days,
    line.principal.div(100).toFixed(2),
    line.percentPerYear.toString(),
    line.yearDays,
  ]);
}

describe('worked examples', () => {
  test('gov.uk: 1,000 at 8.5 % for 50 days is 11.64 exact, where a daily amount rounded first gives 11.50', () => {
    const owed = debt(100_000, '2026-01-01');
    const exact = accrue(owed, yearly('8.5'), { after: null, to: day('2026-02-20') }).interest;
    expect(exact.div(100).toFixed(8)).toBe('11.64383562');
    expect(roundMinor(exact)).toBe(1164);
    const dailyRounded = roundMinor(new Exact(100_000).mul('8.5').div(36_500));
    expect(dailyRounded * 50).toBe(1150);
  });

  const paidnice = [
    { owed: 100_000, days: 78 },
    { owed: 50_000, days: 48 },
    { owed: 75_000, days: 43 },
  ];
  const sumOf = (given: InterestTerms) =>
    roundMinor(
      paidnice
        .map(({ owed, days }) => {
          const due = addDays(day('2025-06-30'), -days);
          const late = debt(owed, formatDay(due));
          return accrue(late, given, { after: null, to: day('2025-06-30') }).interest;
        })
        .reduce((sum, part) => sum.plus(part), ZERO),
    );

  test('1,000 for 78 days, 500 for 48 and 750 for 43 at 18 %: 66.21 simple, not the 67.43 that was published', () => {
    expect(sumOf(yearly('18'))).toBe(6621);
  });

  test('the same compounded daily is 67.25', () => {
    expect(sumOf(yearly('18', { compounding: 'daily' }))).toBe(6725);
  });

  test('the same over a year of 360 days is 67.13', () => {
    expect(sumOf(yearly('18', { dayCount: '360' }))).toBe(6713);
  });

  test('1.5 % a month is the same as 18 % a year', () => {
    expect(sumOf(terms({ percent: '1.5', per: 'month' }))).toBe(6621);
  });
});

describe('which days count', () => {
  test('none until the day after the due date, and that one', () => {
    const owed = debt(36_500, '2026-03-10');
    expect(linesOf(owed, yearly('10'), '2026-03-09')).toEqual([]);
    expect(linesOf(owed, yearly('10'), '2026-03-10')).toEqual([]);
    expect(linesOf(owed, yearly('10'), '2026-03-11')).toEqual([
      ['2026-03-11', '2026-03-11', 1, '365.00', '10', 365],
    ]);
    expect(interestOf(owed, yearly('10'), '2026-03-11')).toBe('0.100000');
  });

  test('grace days push the first day out', () => {
    const owed = debt(36_500, '2026-03-10');
    const given = yearly('10', { graceDays: 10 });
    expect(linesOf(owed, given, '2026-03-20')).toEqual([]);
    expect(linesOf(owed, given, '2026-03-22')).toEqual([
      ['2026-03-21', '2026-03-22', 2, '365.00', '10', 365],
    ]);
  });

  test('what is paid within the grace days never bears interest', () => {
    const owed = debt(36_500, '2026-03-10', { reductions: [paid('2026-03-20', 6_500)] });
    const given = yearly('10', { graceDays: 10 });
    expect(linesOf(owed, given, '2026-03-22')).toEqual([
      ['2026-03-21', '2026-03-22', 2, '300.00', '10', 365],
    ]);
  });

  test('the day the money arrives still counts, the next one no longer', () => {
    const owed = debt(100_000, '2026-06-01', { reductions: [paid('2026-06-11', 40_000)] });
    expect(linesOf(owed, yearly('18'), '2026-06-21')).toEqual([
      ['2026-06-02', '2026-06-11', 10, '1000.00', '18', 365],
      ['2026-06-12', '2026-06-21', 10, '600.00', '18', 365],
    ]);
    expect(interestOf(owed, yearly('18'), '2026-06-21')).toBe('7.890411');
  });

  test('what was paid before the due date bears nothing, and all of it paid leaves no line and no fee', () => {
    const owed = debt(100_000, '2026-06-01', { reductions: [paid('2026-06-01', 100_000)] });
    const reckoned = accrue(owed, terms({ statute: 'uk' }), { after: null, to: day('2026-08-01') });
    expect(reckoned).toMatchObject({ lines: [], compensationMinor: 0 });
    expect(reckoned.interest.toNumber()).toBe(0);
  });

  test('interest that ran until the payment stays when the principal is paid', () => {
    const owed = debt(36_500, '2026-03-10', { reductions: [paid('2026-03-20', 36_500)] });
    expect(interestOf(owed, yearly('10'), '2026-12-31')).toBe('1.000000');
  });

  test('money beyond the debt earns the debtor nothing', () => {
    const owed = debt(36_500, '2026-03-10', { reductions: [paid('2026-03-20', 99_999)] });
    expect(interestOf(owed, yearly('10'), '2026-12-31')).toBe('1.000000');
  });
});

describe('day counts', () => {
  test('a leap day is a day: 28 February to 1 March 2024 is two days late', () => {
    const owed = debt(36_500, '2024-02-28');
    expect(linesOf(owed, yearly('10'), '2024-03-01')).toEqual([
      ['2024-02-29', '2024-03-01', 2, '365.00', '10', 365],
    ]);
  });

  test('actual days share a leap year by 366 and split at the end of the year', () => {
    const owed = debt(36_600, '2023-12-21');
    const given = yearly('10', { dayCount: 'actual' });
    expect(linesOf(owed, given, '2024-01-10')).toEqual([
      ['2023-12-22', '2023-12-31', 10, '366.00', '10', 365],
      ['2024-01-01', '2024-01-10', 10, '366.00', '10', 366],
    ]);
    expect(interestOf(owed, given, '2024-01-10')).toBe('2.002740');
  });

  test.each([
    ['2000-06-01', 366],
    ['2100-06-01', 365],
    ['2024-06-01', 366],
    ['2025-06-01', 365],
    ['2028-01-01', 366],
    ['2028-12-31', 366],
  ])('of the year of %s there are %i', (on, length) => {
    const owed = debt(100, formatDay(addDays(day(on), -1)));
    const [line] = accrue(owed, yearly('10', { dayCount: 'actual' }), {
      after: null,
      to: day(on),
    }).lines;
    expect(line?.yearDays).toBe(length);
  });

  test('a whole year of 365 days at 10 % is 10 %', () => {
    expect(interestOf(debt(10_000, '2025-01-01'), yearly('10'), '2026-01-01')).toBe('10.000000');
  });
});

describe('limits', () => {
  test.each([
    ['17.99', '17.99', true],
    ['18', '18', false],
    ['18.01', '18', false],
  ])('a highest rate of %s % a year makes 18 %% into %s', (max, used, isCapped) => {
    const owed = debt(10_000, '2026-01-01');
    const given = yearly('18', { maxPercentPerYear: max });
    const [line] = accrue(owed, given, { after: null, to: day('2026-02-01') }).lines;
    expect(line?.percentPerYear.toString()).toBe(used);
    expect(line?.isCapped).toBe(isCapped);
  });

  test('all interest together stops at the share of the debt the terms allow', () => {
    const owed = debt(10_000, '2025-01-01', { reductions: [paid('2025-07-01', 5_000)] });
    const given = yearly('10', { maxPercentOfDebt: '5' });
    // 181 days on 100.00 are 4.96; the rest of the year would bring 2.52 more.
    const { lines, interest } = accrue(owed, given, { after: null, to: day('2026-01-01') });
    expect(interest.toNumber()).toBe(500);
    expect(lines.map((line) => line.isCapped)).toEqual([false, true]);
    expect(interestOf(owed, given, '2025-07-01')).toBe('4.958904');
  });

  test('the share is of what is not disputed', () => {
    const owed = debt(10_000, '2020-01-01', { disputedMinor: 4_000 });
    const given = yearly('10', { maxPercentOfDebt: '5' });
    expect(interestOf(owed, given, '2026-01-01')).toBe('3.000000');
  });
});

describe('the UK reference rate', () => {
  const late = (due: string) => debt(100_000, due);

  test.each([
    ['2021-12-31', '8.25'],
    ['2022-06-30', '9.25'],
    ['2022-12-31', '11.5'],
    ['2023-06-30', '13'],
    ['2023-12-31', '13.25'],
    ['2024-06-30', '13.25'],
    ['2024-12-31', '12.75'],
    ['2025-06-30', '12.25'],
    ['2025-12-31', '11.75'],
    ['2026-06-30', '11.75'],
  ])('due %s: interest begins the day after, at %s %%', (due, percent) => {
    const first = formatDay(addDays(day(due), 1));
    expect(linesOf(late(due), terms({ statute: 'uk' }), first)[0]?.[4]).toBe(percent);
    // The day before still belongs to the half-year before.
    const earlier = formatDay(addDays(day(due), -1));
    const before = linesOf(late(earlier), terms({ statute: 'uk' }), due)[0]?.[4];
    expect(before).not.toBeUndefined();
  });

  test('is fixed for the debt by the day interest begins, and moves with the half-years when told to', () => {
    const fixed = linesOf(late('2022-06-30'), terms({ statute: 'uk' }), '2023-07-31');
    expect(fixed).toEqual([['2022-07-01', '2023-07-31', 396, '1000.00', '9.25', 365]]);
    const floating = terms({ statute: 'uk', mode: 'floating' });
    expect(linesOf(late('2022-06-30'), floating, '2023-07-31')).toEqual([
      ['2022-07-01', '2022-12-31', 184, '1000.00', '9.25', 365],
      ['2023-01-01', '2023-06-30', 181, '1000.00', '11.5', 365],
      ['2023-07-01', '2023-07-31', 31, '1000.00', '13', 365],
    ]);
  });

  test('stays fixed after a payment in a later half-year', () => {
    const owed = { ...late('2022-06-30'), reductions: [paid('2023-02-28', 40_000)] };
    expect(linesOf(owed, terms({ statute: 'uk' }), '2023-03-31')).toEqual([
      ['2022-07-01', '2023-02-28', 243, '1000.00', '9.25', 365],
      ['2023-03-01', '2023-03-31', 31, '600.00', '9.25', 365],
    ]);
  });

  test('a debt whose interest begins on the last day of a half-year bears its rate for that day', () => {
    const floating = terms({ statute: 'uk', mode: 'floating' });
    expect(linesOf(late('2023-06-29'), floating, '2023-07-31')).toEqual([
      ['2023-06-30', '2023-06-30', 1, '1000.00', '11.5', 365],
      ['2023-07-01', '2023-07-31', 31, '1000.00', '13', 365],
    ]);
  });

  test('is marked where nobody compared it, and where it is carried on beyond the table', () => {
    const lineOf = (due: string, to: string, mode: 'fixedAtStart' | 'floating' = 'fixedAtStart') =>
      accrue(late(due), terms({ statute: 'uk', mode }), { after: null, to: day(to) }).lines.at(-1);
    expect(lineOf('2024-01-31', '2024-03-01')).toMatchObject({
      isVerified: true,
      source:
        '8 % over the Bank of England rate 5.25 % (from 2024-01-01; payontime.co.uk, table of reference rates)',
    });
    expect(lineOf('2026-07-01', '2026-08-01')?.isVerified).toBe(false);
    expect(lineOf('2026-07-01', '2027-03-01', 'floating')).toMatchObject({
      from: day('2027-01-01'),
      isVerified: false,
      source:
        '8 % over the Bank of England rate 3.75 % (from 2026-07-01; usewolfx.com, base rate in June 2026, not compared yet; none is on file for 2027-01-01, the last one is used)',
    });
  });

  test('before the table there is no guess', () => {
    const reckon = () =>
      accrue(late('2016-05-01'), terms({ statute: 'uk' }), { after: null, to: day('2016-06-01') });
    expect(reckon).toThrow(
      expect.objectContaining({
        code: 'interest.no_rate',
        message:
          'the Bank of England rate: no rate is on file for 2016-05-02; add a row to the table of boe',
      }),
    );
  });
});

describe('the EU, Germany and France', () => {
  const owed = debt(100_000, '2026-06-20', { currency: 'EUR' });

  test.each([
    ['eu', '10.15', '10.4'],
    ['de', '10.27', '10.27'],
    ['fr', '12.15', '12.4'],
  ])('%s: the rate moves at the half-year', (statute, first, second) => {
    const lines = linesOf(owed, terms({ statute }), '2026-07-10');
    expect(lines).toEqual([
      ['2026-06-21', '2026-06-30', 10, '1000.00', first, 365],
      ['2026-07-01', '2026-07-10', 10, '1000.00', second, 365],
    ]);
  });

  test('a negative base rate lowers the margin', () => {
    const old = debt(100_000, '2022-03-01', { currency: 'EUR' });
    expect(linesOf(old, terms({ statute: 'de' }), '2022-03-02')[0]?.[4]).toBe('8.12');
  });
});

describe('fixed compensation', () => {
  const compensationOf = (owed: Debt, statute: string, to = '2026-05-01') =>
    accrue(owed, terms({ statute }), { after: null, to: day(to) }).compensationMinor;

  test.each([
    [1, 4_000],
    [99_999, 4_000],
    [100_000, 7_000],
    [999_999, 7_000],
    [1_000_000, 10_000],
  ])('UK: a debt of %i pence gives %i', (amount, expected) => {
    expect(compensationOf(debt(amount, '2026-02-01'), 'uk')).toBe(expected);
  });

  test.each(['eu', 'de', 'fr'])('%s: 40 euros whatever the size', (statute) => {
    const late = (amount: number) => debt(amount, '2026-02-01', { currency: 'EUR' });
    expect(compensationOf(late(1), statute)).toBe(4_000);
    expect(compensationOf(late(5_000_000), statute)).toBe(4_000);
  });

  test('is of what was still owed and not disputed when interest began', () => {
    const part = [paid('2026-01-31', 1)];
    expect(compensationOf(debt(100_000, '2026-02-01', { reductions: part }), 'uk')).toBe(4_000);
    expect(compensationOf(debt(100_000, '2026-02-01', { disputedMinor: 1 }), 'uk')).toBe(4_000);
    const later = [paid('2026-02-02', 1)];
    expect(compensationOf(debt(100_000, '2026-02-01', { reductions: later }), 'uk')).toBe(7_000);
  });

  test('comes with the first day of interest, not before', () => {
    expect(compensationOf(debt(100_000, '2026-02-01'), 'uk', '2026-02-01')).toBe(0);
    expect(compensationOf(debt(100_000, '2026-02-01'), 'uk', '2026-02-02')).toBe(7_000);
  });

  test('is not added to a debt in another currency', () => {
    expect(compensationOf(debt(100_000, '2026-02-01', { currency: 'USD' }), 'uk')).toBe(0);
  });

  test('a contract may name a fee of its own', () => {
    const given = yearly('18', { fee: { currency: 'GBP', amountMinor: 2_500 } });
    const reckon = (owed: Debt) =>
      accrue(owed, given, { after: null, to: day('2026-03-01') }).compensationMinor;
    expect(reckon(debt(500, '2026-02-01'))).toBe(2_500);
    expect(reckon(debt(0, '2026-02-01'))).toBe(0);
  });
});

describe('costs, then interest, then principal (§ 367 BGB)', () => {
  const given = terms({ statute: 'de', appropriation: 'costs_interest_principal' });
  const owed = debt(365_000, '2024-01-01', {
    currency: 'EUR',
    reductions: [paid('2024-01-11', 100_000)],
  });

  test('a payment goes to the 40 euros and the interest so far before the principal', () => {
    // 12.62 % of 3,650.00 is 1.262 a day; ten days are 12.62, and 40.00 of costs.
    expect(linesOf(owed, given, '2024-01-21')).toEqual([
      ['2024-01-02', '2024-01-11', 10, '3650.00', '12.62', 365],
      ['2024-01-12', '2024-01-21', 10, '2702.62', '12.62', 365],
    ]);
  });

  test('a payment smaller than the costs leaves the principal whole', () => {
    const small = { ...owed, reductions: [paid('2024-01-11', 4_000)] };
    expect(linesOf(small, given, '2024-01-21')[1]?.[3]).toBe('3650.00');
    const both = { ...owed, reductions: [paid('2024-01-11', 4_000), paid('2024-01-11', 1_262)] };
    expect(linesOf(both, given, '2024-01-21')[1]?.[3]).toBe('3650.00');
    const more = { ...owed, reductions: [paid('2024-01-11', 5_263)] };
    expect(linesOf(more, given, '2024-01-21')[1]?.[3]).toBe('3649.99');
  });

  test('interest that was paid is not paid again', () => {
    const twice = { ...owed, reductions: [paid('2024-01-11', 5_262), paid('2024-01-21', 10_000)] };
    // 12.62 more by the 21st: 87.38 of the second payment reaches the principal.
    expect(linesOf(twice, given, '2024-01-22')[2]?.[3]).toBe('3562.62');
  });

  test('a credit note lowers the principal: no money came', () => {
    const credit = { ...paid('2024-01-11', 100_000), isCredit: true };
    const lines = linesOf({ ...owed, reductions: [credit] }, given, '2024-01-21');
    expect(lines[1]?.[3]).toBe('2650.00');
  });

  test('by default a payment lowers the principal, as the ledger has it', () => {
    expect(linesOf(owed, terms({ statute: 'de' }), '2024-01-21')[1]?.[3]).toBe('2650.00');
  });

  test('compounding takes what was paid of the interest off what bears it', () => {
    const compound = yearly('36.5', {
      compounding: 'daily',
      appropriation: 'costs_interest_principal',
    });
    const late = debt(100_000, '2026-01-01', { reductions: [paid('2026-01-02', 100)] });
    // The first day's 1.00 is paid by the 1.00, so the second day bears on 1,000.00 again.
    expect(linesOf(late, compound, '2026-01-03').map((line) => line[3])).toEqual([
      '1000.00',
      '1000.00',
    ]);
  });
});

describe('compounding', () => {
  test('is daily on what has been borne, and stops with the principal', () => {
    const given = yearly('36.5', { compounding: 'daily' });
    const late = debt(100_000, '2026-01-01', { reductions: [paid('2026-01-03', 100_000)] });
    // 1,000.00 × 1.001² − 1,000.00
    expect(interestOf(late, given, '2026-06-01')).toBe('2.001000');
  });

  test('a stretch begins with what the one before has borne', () => {
    const given = yearly('36.5', { compounding: 'daily' });
    const late = debt(100_000, '2026-01-01', { reductions: [paid('2026-01-02', 50_000)] });
    const { lines } = accrue(late, given, { after: null, to: day('2026-01-03') });
    expect(lines.map((line) => line.principal.toNumber())).toEqual([100_000, 50_100]);
  });
});

describe('whatever the debt', () => {
  const start = day('2023-10-01');
  const arbitraryDebt = fc
    .record({
      amount: fc.integer({ min: 1, max: 5_000_000 }),
      disputed: fc.integer({ min: 0, max: 5_000_000 }),
      due: fc.integer({ min: 0, max: 400 }),
      payments: fc.array(
        fc.record({
          on: fc.integer({ min: -30, max: 900 }),
          amount: fc.integer({ min: 1, max: 900_000 }),
        }),
        { maxLength: 6 },
      ),
    })
    .map(({ amount, disputed, due, payments }) => {
      const dueOn = addDays(start, due);
      return debt(amount, formatDay(dueOn), {
        disputedMinor: Math.min(amount, disputed),
        reductions: payments.map((p) => ({ on: addDays(dueOn, p.on), amountMinor: p.amount })),
      });
    });
  const arbitraryTerms = fc.constantFrom(
    yearly('18'),
    yearly('7.25', { dayCount: 'actual' }),
    terms({ percent: '1.5', per: 'month', dayCount: '360', graceDays: 14 }),
    terms({ statute: 'uk' }),
    terms({ statute: 'uk', mode: 'floating' }),
    terms({ statute: 'de', appropriation: 'costs_interest_principal' }),
    yearly('18', { maxPercentOfDebt: '4' }),
  );
  const reckon = (owed: Debt, given: InterestTerms, after: Day | null, to: Day) =>
    accrue(owed, given, { after, to });

  test('the interest of split periods is that of the whole, to the last digit', () => {
    fc.assert(
      fc.property(
        arbitraryDebt,
        arbitraryTerms,
        fc.integer({ min: -20, max: 900 }),
        fc.integer({ min: 0, max: 900 }),
        (owed, given, first, more) => {
          const cut = addDays(owed.dueOn, first);
          const to = addDays(cut, more);
          const whole = reckon(owed, given, null, to);
          const before = reckon(owed, given, null, cut);
          const after = reckon(owed, given, cut, to);
          const sum = before.interest.plus(after.interest);
          // Sixty digits are kept; § 367 divides before it multiplies.
          expect(sum.minus(whole.interest).abs().lt('1e-40')).toBe(true);
          expect(before.compensationMinor + after.compensationMinor).toBe(whole.compensationMinor);
        },
      ),
    );
  });

  test('the order in which payments are told changes nothing', () => {
    fc.assert(
      fc.property(arbitraryDebt, arbitraryTerms, fc.integer(), (owed, given, seed) => {
        const shuffled = owed.reductions.toSorted(
          (a, b) => ((a.amountMinor * 31 + seed) % 7) - ((b.amountMinor * 31 + seed) % 7),
        );
        const to = addDays(owed.dueOn, 700);
        const one = reckon(owed, given, null, to);
        const other = reckon({ ...owed, reductions: shuffled }, given, null, to);
        expect(other.interest.minus(one.interest).abs().lt('1e-40')).toBe(true);
      }),
    );
  });

  test('leaving a disputed part out is the same as a smaller debt', () => {
    fc.assert(
      fc.property(arbitraryDebt, arbitraryTerms, (owed, given) => {
        const to = addDays(owed.dueOn, 700);
        const smaller = {
          ...owed,
          amountMinor: owed.amountMinor - owed.disputedMinor,
          disputedMinor: 0,
        };
        const [one, other] = [owed, smaller].map((each) => reckon(each, given, null, to));
        expect(one?.interest.toString()).toBe(other?.interest.toString());
        expect(one?.compensationMinor).toBe(other?.compensationMinor);
      }),
    );
  });

  test('more payment never raises the interest, and a later day never lowers it', () => {
    fc.assert(
      fc.property(
        arbitraryDebt,
        arbitraryTerms,
        fc.integer({ min: 0, max: 600 }),
        (owed, given, on) => {
          const to = addDays(owed.dueOn, 700);
          const more = {
            ...owed,
            reductions: [...owed.reductions, { on: addDays(owed.dueOn, on), amountMinor: 1_000 }],
          };
          const plain = reckon(owed, given, null, to).interest;
          expect(reckon(more, given, null, to).interest.lte(plain.plus('1e-40'))).toBe(true);
          expect(reckon(owed, given, null, addDays(to, 1)).interest.gte(plain)).toBe(true);
        },
      ),
    );
  });

  test('moving every date by the same days changes no amount at a fixed rate', () => {
    fc.assert(
      fc.property(arbitraryDebt, fc.integer({ min: -500, max: 500 }), (owed, shift) => {
        const moved = {
          ...owed,
          dueOn: addDays(owed.dueOn, shift),
          reductions: owed.reductions.map((r) => ({ ...r, on: addDays(r.on, shift) })),
        };
        const to = addDays(owed.dueOn, 400);
        expect(reckon(moved, yearly('18'), null, addDays(to, shift)).interest.toString()).toBe(
          reckon(owed, yearly('18'), null, to).interest.toString(),
        );
      }),
    );
  });
});
