import { describe, expect, test } from 'vitest';
import { day } from '../../../src/domain/day.ts';
import { claimsOf } from '../../../src/domain/interest/claim.ts';
import type { LateInvoice } from '../../../src/domain/interest/debts.ts';
import { interestWorking } from '../../../src/domain/interest/interest-working.ts';
import type { CustomerId, InvoiceId } from '../../../src/domain/receivables.ts';
import { paid, terms, yearly } from './support.ts';

function invoice(
  id: string,
  amount: number,
  due: string,
  more: Partial<LateInvoice> = {},
): LateInvoice {
  return {
    id: id as InvoiceId,
    number: id.toUpperCase(),
    customerId: 'c1' as CustomerId,
    currency: 'GBP',
    issuedOn: day('2020-01-01'),
    dueOn: day(due),
    schedule: null,
    totalMinor: amount,
    openMinor: amount,
    paidOn: null,
    disputedMinor: 0,
    uses: [],
    ...more,
  };
}

const asOn = day('2026-06-30');

describe('a claim', () => {
  test('adds exactly and rounds once: three thirds of a cent each are one cent', () => {
    // 10 days of 12.17 at 10 % are 0.033342…: rounded one by one they would be 0.09.
    const each = ['a', 'b', 'c'].map((id) => invoice(id, 1217, '2026-06-20'));
    const [claim] = claimsOf(each, yearly('10'), asOn);
    expect(claim?.interest.div(100).toFixed(6)).toBe('0.100027');
    expect(claim).toMatchObject({ interestMinor: 10, compensationMinor: 0, totalMinor: 10 });
  });

  test('stands apart for each currency, in the order of the codes, the earliest due first', () => {
    const claims = claimsOf(
      [
        invoice('u', 36_500, '2026-06-20', { currency: 'USD' }),
        invoice('b', 36_500, '2026-06-20'),
        invoice('c', 36_500, '2026-06-10'),
        invoice('a', 36_500, '2026-06-20'),
      ],
      yearly('10'),
      asOn,
    );
    expect(
      claims.map((claim) => [
        claim.currency,
        claim.totalMinor,
        claim.debts.map((debt) => debt.debt.number),
      ]),
    ).toEqual([
      ['GBP', 400, ['C', 'A', 'B']],
      ['USD', 100, ['U']],
    ]);
  });

  test('there is none while nothing is late', () => {
    expect(claimsOf([invoice('a', 100, '2026-06-30')], yearly('10'), asOn)).toEqual([]);
  });

  test('keeps the interest that ran until the principal was paid', () => {
    const settled = invoice('a', 36_500, '2026-03-10', {
      openMinor: 0,
      paidOn: day('2026-03-20'),
      uses: [paid('2026-03-20', 36_500)],
    });
    expect(claimsOf([settled], yearly('10'), asOn)[0]?.totalMinor).toBe(100);
  });

  test('leaves out what was charged before, and does not ask for the compensation twice', () => {
    const late = invoice('a', 100_000, '2026-05-31');
    const uk = terms({ statute: 'uk' });
    const entry = (until: string) => ({
      invoiceId: 'a',
      dueOn: day('2026-05-31'),
      until: day(until),
    });
    const charged = [entry('2026-06-20'), entry('2026-06-10')];
    const [rest] = claimsOf([late], uk, asOn, charged);
    expect(rest?.debts[0]?.lines[0]?.from).toBe(day('2026-06-21'));
    expect(rest).toMatchObject({ interestMinor: 322, compensationMinor: 0 });
    expect(claimsOf([late], uk, asOn, [entry('2026-06-30')])).toEqual([]);
    const others = [
      { ...entry('2026-06-20'), invoiceId: 'b' },
      { ...entry('2026-06-20'), dueOn: day('2026-05-30') },
    ];
    expect(claimsOf([late], uk, asOn, others)[0]).toMatchObject({
      interestMinor: 966,
      compensationMinor: 7_000,
      totalMinor: 7_966,
      isVerified: false,
    });
  });

  test('is verified when every rate in it is', () => {
    const old = invoice('a', 100_000, '2024-01-31', { openMinor: 0, paidOn: day('2024-02-10') });
    const uk = terms({ statute: 'uk' });
    expect(claimsOf([old], uk, asOn)[0]?.isVerified).toBe(true);
    expect(claimsOf([old, invoice('b', 1, '2026-01-31')], uk, asOn)[0]?.isVerified).toBe(false);
  });
});

describe('the working', () => {
  test('says every line of a statutory claim and its one rounding', () => {
    const [claim] = claimsOf(
      [
        invoice('a', 100_000, '2024-01-31', {
          openMinor: 0,
          uses: [paid('2024-02-10', 40_000), paid('2024-02-15', 60_000)],
        }),
        invoice('b', 50_000, '2024-02-05', {
          disputedMinor: 10_000,
          openMinor: 0,
          uses: [paid('2024-02-06', 50_000)],
        }),
      ],
      terms({ statute: 'uk' }),
      asOn,
    );
    const source =
      '8 % over the Bank of England rate 5.25 % (from 2024-01-01; payontime.co.uk, table of reference rates)';
    expect(claim === undefined ? [] : interestWorking(claim)).toEqual([
      'Late Payment of Commercial Debts (Interest) Act 1998, as of 30 Jun 2026.',
      'Simple interest; a day is 1/365 of a year; from the day after the due date; the reference rate is that of the half-year in which interest begins.',
      'Invoice A: GBP 1,000.00 due 31 Jan 2024',
      `  1 Feb 2024 to 10 Feb 2024: 10 days × GBP 1,000.00 × 13.25 % ÷ 365 = 3.630136 (${source})`,
      `  11 Feb 2024 to 15 Feb 2024: 5 days × GBP 600.00 × 13.25 % ÷ 365 = 1.089041 (${source})`,
      '  Sum 4.719178',
      '  Fixed compensation GBP 70.00 (s. 5A of the Act, gov.uk/late-commercial-payments-interest-debt-recovery)',
      'Invoice B: GBP 500.00 due 5 Feb 2024, GBP 100.00 of it disputed and left out',
      `  6 Feb 2024 to 6 Feb 2024: 1 day × GBP 400.00 × 13.25 % ÷ 365 = 0.145205 (${source})`,
      '  Fixed compensation GBP 40.00 (s. 5A of the Act, gov.uk/late-commercial-payments-interest-debt-recovery)',
      'Interest: 4.864383, rounded once to GBP 4.86.',
      'Fixed compensation: GBP 110.00.',
      'Total: GBP 114.86.',
    ]);
  });

  test('says grace, caps, compounding, leap years, the order of payments and what is not verified', () => {
    const workingOf = (given: Parameters<typeof claimsOf>[1], due: string) => {
      const [claim] = claimsOf([invoice('a', 100_000, due, { currency: 'EUR' })], given, asOn);
      return claim === undefined ? [] : interestWorking(claim);
    };
    const contract = yearly('30', {
      graceDays: 1,
      dayCount: 'actual',
      compounding: 'daily',
      maxPercentPerYear: '24',
      maxPercentOfDebt: '50',
    });
    expect(workingOf(contract, '2026-06-28')).toEqual([
      '30 % a year by contract, as of 30 Jun 2026.',
      'Interest compounds daily; a day is 1/365 of a year, 1/366 in leap years; from the day after 1 day of grace; no more than 24 % a year; no more than 50 % of a debt.',
      'Invoice A: EUR 1,000.00 due 28 Jun 2026',
      '  30 Jun 2026 to 30 Jun 2026: 1 day × EUR 1,000.00 × 24 % ÷ 365 = 0.657534, compounded daily, cut to what the terms allow (contract: 30 % a year)',
      'Interest: 0.657534, rounded once to EUR 0.66.',
      'Total: EUR 0.66.',
    ]);
    const german = workingOf(
      terms({ statute: 'de', appropriation: 'costs_interest_principal' }),
      '2026-06-29',
    );
    expect(german[1]).toBe(
      'Simple interest; a day is 1/365 of a year; from the day after the due date; the reference rate moves with the half-years; payments go to costs, then interest, then principal.',
    );
    expect(german[3]).toBe(
      '  30 Jun 2026 to 30 Jun 2026: 1 day × EUR 1,000.00 × 10.27 % ÷ 365 = 0.281369 (9 % over the German base rate 1.27 % (from 2026-01-01; Deutsche Bundesbank, Basiszinssatz, not compared yet), not verified)',
    );
    expect(german.at(-1)).toBe(
      'A rate marked "not verified" has still to be compared with its publisher’s table.',
    );
    expect(workingOf(terms({ percent: '1.5', per: 'month' }), '2026-06-29')[3]).toContain(
      '(contract: 1.5 % a month, twelve times that a year)',
    );
  });

  test('shows a principal that holds interest to its fractions', () => {
    const late = invoice('a', 365_000, '2024-01-01', {
      currency: 'EUR',
      openMinor: 359_737,
      uses: [paid('2024-01-11', 1_000), paid('2024-01-12', 4_263)],
    });
    const given = yearly('36.5', { appropriation: 'costs_interest_principal', dayCount: 'actual' });
    const [claim] = claimsOf([late], given, day('2024-01-13'));
    expect(claim === undefined ? '' : interestWorking(claim)[5]).toBe(
      '  13 Jan 2024 to 13 Jan 2024: 1 day × EUR 3637.410300 × 36.5 % ÷ 366 = 3.627472 (contract: 36.5 % a year)',
    );
  });
});
