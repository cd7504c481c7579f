import { describe, expect, test } from 'vitest';
import { day } from '../../../src/domain/day.ts';
import { earlyPayment, parseEarlyPayment } from '../../../src/domain/interest/early-payment.ts';
import {
  parseAmount,
  parsePercent,
  parseRate,
  PLAIN_CHOICE,
  termsOf,
} from '../../../src/domain/interest/terms.ts';
import { STATUTES } from './support.ts';

describe('a rate as people write it', () => {
  test.each([
    ['1.5 % a month', { percent: '1.5', per: 'month' }],
    ['18% per year', { percent: '18', per: 'year' }],
    ['12 %/year', { percent: '12', per: 'year' }],
    ['  2 a MONTH ', { percent: '2', per: 'month' }],
    ['100 % a year', { percent: '100', per: 'year' }],
  ])('"%s" is read', (text, rate) => {
    expect(parseRate(text)).toEqual(rate);
  });

  test.each([
    '18 %',
    '0 % a year',
    '100.1 % a year',
    '-3 % a year',
    '1,5 % a month',
    '18 % a week',
    'x 18 % a year',
    '18 % a year!',
    '',
  ])('"%s" is not', (text) => {
    expect(parseRate(text)).toBeNull();
  });

  test.each([
    ['24 %', '24'],
    ['24', '24'],
    ['100', '100'],
    ['0.1%', '0.1'],
    ['0', null],
    ['100.01', null],
    ['a', null],
    ['24 % x', null],
  ])('a percentage %s is %s', (text, percent) => {
    expect(parsePercent(text)).toBe(percent);
  });

  test.each([
    ['25.00 NZD', { currency: 'NZD', amountMinor: 2_500 }],
    [' 25  JPY ', { currency: 'JPY', amountMinor: 25 }],
    ['25.001 NZD', null],
    ['25', null],
    ['0 NZD', null],
    ['25 XQQ', null],
    ['25 NZD more', null],
  ])('an amount %s is %o', (text, amount) => {
    expect(parseAmount(text)).toEqual(amount);
  });
});

describe('terms', () => {
  test('of a contract: its own rate, 365 days, simple, principal first, no fee', () => {
    expect(termsOf({ ...PLAIN_CHOICE, percent: '1.5', per: 'month' }, STATUTES)).toEqual({
      title: '1.5 % a month by contract',
      rate: { kind: 'contract', percent: '1.5', per: 'month' },
      dayCount: '365',
      graceDays: 0,
      compounding: 'none',
      maxPercentPerYear: null,
      maxPercentOfDebt: null,
      compensation: null,
      appropriation: 'principal',
    });
  });

  test('of a contract with everything it may say', () => {
    const given = {
      ...PLAIN_CHOICE,
      percent: '18',
      per: 'year' as const,
      dayCount: '360' as const,
      appropriation: 'costs_interest_principal' as const,
      fee: { currency: 'NZD', amountMinor: 2_500 },
    };
    expect(termsOf(given, STATUTES)).toMatchObject({
      dayCount: '360',
      appropriation: 'costs_interest_principal',
      compensation: {
        currency: 'NZD',
        source: 'contract',
        bands: [{ belowMinor: null, amountMinor: 2_500 }],
      },
    });
  });

  test('of a law: its own data, and what the user changed', () => {
    const uk = { ...PLAIN_CHOICE, statute: 'uk' };
    expect(termsOf(uk, STATUTES)).toMatchObject({
      title: 'Late Payment of Commercial Debts (Interest) Act 1998',
      rate: { kind: 'statutory', marginPercent: '8', mode: 'fixedAtStart' },
      dayCount: '365',
      appropriation: 'principal',
      compensation: { currency: 'GBP' },
    });
    const changed = {
      ...uk,
      mode: 'floating' as const,
      dayCount: 'actual' as const,
      appropriation: 'costs_interest_principal' as const,
      graceDays: 3,
    };
    expect(termsOf(changed, STATUTES)).toMatchObject({
      rate: { mode: 'floating' },
      dayCount: 'actual',
      appropriation: 'costs_interest_principal',
      graceDays: 3,
    });
  });

  test('there are none without a rate, or of a law that is not on file', () => {
    expect(termsOf(PLAIN_CHOICE, STATUTES)).toBeNull();
    expect(termsOf({ ...PLAIN_CHOICE, percent: '5' }, STATUTES)).toBeNull();
    expect(
      termsOf({ ...PLAIN_CHOICE, statute: 'xx', percent: '5', per: 'year' }, STATUTES),
    ).toBeNull();
  });
});

describe('a discount for paying early', () => {
  test('2/10 net 30 on 1,000.00: 980.00 within ten days, and not taking it costs 37.24 % a year', () => {
    const terms = parseEarlyPayment('2/10 net 30');
    expect(terms).toEqual({ percent: '2', withinDays: 10, netDays: 30 });
    if (terms === null) return;
    const offer = earlyPayment({ totalMinor: 100_000, issuedOn: day('2026-06-01') }, terms);
    expect(offer).toMatchObject({
      discountMinor: 2_000,
      payMinor: 98_000,
      lastOn: day('2026-06-11'),
      dueOn: day('2026-07-01'),
    });
    expect(offer.costPercentPerYear.toFixed(2)).toBe('37.24');
  });

  test('is rounded to whole cents, half of one up', () => {
    const terms = { percent: '2.5', withinDays: 10, netDays: 30 };
    const discount = (totalMinor: number) =>
      earlyPayment({ totalMinor, issuedOn: day('2026-06-01') }, terms).discountMinor;
    expect([discount(19), discount(20), discount(59), discount(60)]).toEqual([0, 1, 1, 2]);
  });

  test.each([
    ['1.5%/7, n/30', { percent: '1.5', withinDays: 7, netDays: 30 }],
    ['2 / 0 NET 14', { percent: '2', withinDays: 0, netDays: 14 }],
    ['2/29 net 30', { percent: '2', withinDays: 29, netDays: 30 }],
    ['2/30 net 30', null],
    ['0/10 net 30', null],
    ['100/10 net 30', null],
    ['2/10', null],
    ['net 30', null],
    ['a 2/10 net 30', null],
    ['2/10 net 30 days', null],
  ])('%s is read as %o', (text, terms) => {
    expect(parseEarlyPayment(text)).toEqual(terms);
  });
});
