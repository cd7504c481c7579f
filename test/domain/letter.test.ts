import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, day } from '../../src/domain/day.ts';
import {
  deadlineOf,
  interestSentence,
  letterDay,
  type LetterFacts,
  type LetterInterest,
  type LetterLine,
  letterWords,
  sumsOf,
} from '../../src/domain/letter.ts';

const line = (number: string, due: string, openMinor: number, disputedMinor = 0): LetterLine => ({
  number,
  issuedOn: day('2026-04-01'),
  dueOn: day(due),
  totalMinor: 100_000,
  openMinor,
  disputedMinor,
});

const held = [
  { kind: 'credit_note' as const, number: 'CN', on: day('2026-05-01'), amountMinor: 10_000 },
];

const facts = (changes: Partial<LetterFacts> = {}): LetterFacts => ({
  kind: 'formal',
  businessName: 'Harbour Joinery',
  customerName: 'Kauri & Sons',
  currency: 'NZD',
  country: 'NZ',
  issuedOn: day('2026-06-01'),
  deadlineOn: null,
  minimumDays: 14,
  lines: [line('B', '2026-05-20', 100_000, 20_000), line('A', '2026-05-01', 50_000)],
  held: [],
  interest: null,
  handsOver: false,
  ...changes,
});

test('asked for is what is open, less what is disputed, less what we hold', () => {
  expect(sumsOf(facts({ held }))).toEqual({
    openMinor: 150_000,
    disputedMinor: 20_000,
    heldMinor: 10_000,
    dueMinor: 120_000,
  });
});

test('never less than nothing is asked for', () => {
  const much = [
    { kind: 'payment' as const, number: null, on: day('2026-05-01'), amountMinor: 1e9 },
  ];
  expect(sumsOf(facts({ held: much })).dueMinor).toBe(0);
});

test('more credit or more dispute never asks for more', () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.nat(100_000), fc.nat(50_000), (open, dispute, more) => {
      const asked = (disputedMinor: number, creditMinor: number) =>
        sumsOf({
          lines: [line('A', '2026-05-01', open, Math.min(open, disputedMinor))],
          held: [
            { kind: 'credit_note', number: null, on: day('2026-05-01'), amountMinor: creditMinor },
          ],
        }).dueMinor;
      expect(asked(dispute + more, 0)).toBeLessThanOrEqual(asked(dispute, 0));
      expect(asked(dispute, more)).toBeLessThanOrEqual(asked(dispute, 0));
    }),
  );
});

describe('the deadline', () => {
  test.each([
    [null, '2026-06-15'],
    ['2026-06-10', '2026-06-15'],
    ['2026-06-15', '2026-06-15'],
    ['2026-06-16', '2026-06-16'],
  ])('set to %s, with 14 days at least, is %s', (set, deadline) => {
    const deadlineOn = set === null ? null : day(set);
    expect(deadlineOf(facts({ deadlineOn }))).toBe(day(deadline));
  });

  test('moves with the date of the letter', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 1, max: 60 }),
        (shift, minimumDays) => {
          const issuedOn = addDays(day('2026-01-01'), shift);
          expect(deadlineOf(facts({ issuedOn, minimumDays }))).toBe(addDays(issuedOn, minimumDays));
        },
      ),
    );
  });
});

test('the words speak of the invoice that is due longest', () => {
  expect(letterWords(facts({ handsOver: true }))).toEqual({
    businessName: 'Harbour Joinery',
    customerName: 'Kauri & Sons',
    amountDue: 'NZD 1,300.00',
    deadline: '15 June 2026',
    isSingle: false,
    invoices: '2 invoices',
    number: 'A',
    dueOn: '1 May 2026',
    oldest: '31 days',
    handsOver: true,
  });
  const one = letterWords(facts({ lines: [line('A', '2026-06-02', 1)] }));
  expect([one.isSingle, one.invoices, one.oldest]).toEqual([true, '1 invoice', '0 days']);
});

test('days read as the country writes them', () => {
  expect(letterDay(day('2026-11-05'), 'US')).toBe('November 5, 2026');
  expect(letterDay(day('2026-11-05'), 'CA')).toBe('5 November 2026');
  const names = Array.from(
    { length: 12 },
    (_, month) =>
      letterDay(day(`2026-${String(month + 1).padStart(2, '0')}-01`), 'GB').split(' ')[1],
  );
  expect(names).toEqual(
    'January February March April May June July August September October November December'.split(
      ' ',
    ),
  );
});

describe('interest', () => {
  const interest = (changes: Partial<LetterInterest> = {}): LetterInterest => ({
    interestMinor: 1_230,
    compensationMinor: 4_000,
    title: 'Late Payment Act',
    isAgreed: false,
    isVerified: true,
    working: ['10 days'],
    ...changes,
  });
  const said = (given: LetterInterest | null) => interestSentence(facts({ interest: given }));
  const WORKING = ' The working is on the last page of the letter.';

  test('that no term was confirmed for is information, and nothing of it is asked for', () => {
    expect(said(interest())).toBe(
      `For information: between businesses, NZD 12.30 of interest up to today and NZD 40.00 of fixed compensation could be claimed for late payment (Late Payment Act). Nothing of it is asked for here.${WORKING}`,
    );
  });

  test('by a term that was confirmed is owed besides, and charged separately', () => {
    expect(said(interest({ isAgreed: true, compensationMinor: 0, title: '18 % a year' }))).toBe(
      `By our terms (18 % a year), NZD 12.30 of interest up to today is owed besides for late payment, not included above and charged separately.${WORKING}`,
    );
    expect(said(interest({ isAgreed: true }))).toContain('are owed besides');
  });

  test('at a rate that nobody compared with its publisher says so', () => {
    expect(said(interest({ isVerified: false }))).toContain(
      'A rate in it has still to be compared with its publisher’s table.',
    );
  });

  test.each([null, interest({ interestMinor: 0, compensationMinor: 0 })])(
    'of nothing is not mentioned: %j',
    (given) => {
      expect(said(given)).toBeNull();
    },
  );

  test('never changes what is asked for', () => {
    expect(letterWords(facts({ interest: interest({ isAgreed: true }) }))).toEqual(
      letterWords(facts()),
    );
  });
});
