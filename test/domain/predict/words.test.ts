import { describe, expect, test } from 'vitest';
import { day } from '../../../src/domain/day.ts';
import { type MadeForInvoice, predictionWords } from '../../../src/domain/predict/words.ts';
import { factsOf, type NamedFacts, THREE_OF_FOUR_LATE } from './histories.ts';
import { predictorOf } from './predictors.ts';

const predictor = predictorOf({
  late: { constant: -1, own_rate: 1, overdue_count: 0.5, size: -0.5 },
  delay: { constant: 4.04, usual_delay: 0.5, overdue_count: 1, size: -2 },
});

const FACTS: Partial<NamedFacts> = {
  ...THREE_OF_FOUR_LATE,
  overdueCount: 1,
  overdueShare: 0.25,
  overdueDays: 12,
  sizeRatio: Math.log(2),
  termsDays: 30,
  bookLate: 3,
  bookMatured: 10,
  dueOn: day('2026-03-10'),
};

function words(made: Partial<MadeForInvoice>, facts: Partial<NamedFacts> = {}) {
  return predictionWords({
    late: 0.5,
    expectedOn: day('2026-03-14'),
    p50On: day('2026-03-15'),
    p80On: day('2026-03-22'),
    p90On: day('2026-04-01'),
    isBeyondExperience: false,
    asOn: day('2026-03-02'),
    predictor,
    facts: factsOf({ ...FACTS, ...facts }),
    ...made,
  });
}

const DAYS =
  'Expected on 14 Mar 2026; of ten like it five are paid by 15 Mar 2026, eight by 22 Mar 2026, nine by 1 Apr 2026.';
const HISTORY =
  'Of 4 invoices that fell due, older ones counting less, 75 % were late, 2 of the last 3; usually paid 8 days after the due date.';
const OTHERS = [
  '1 other invoice overdue, by 12 days on average: 25 % of what else is owed.',
  '2.0 times the usual amount, due after 30 days.',
  'Lately 30 % of the whole book was late.',
  'No fixed pay run is known.',
] as const;

describe('a prediction in words', () => {
  test('before the due date: the chance, the days, and what multiplies the odds', () => {
    // 0.525 to 0.475 by its history, √2 by the other one overdue, √½ by its size: 1.11 / e.
    const plain = 1 / (1 + Math.E * (0.475 / 0.525));
    expect(words({ late: plain })).toEqual({
      sentence: `The chance of being late is 29 %. ${DAYS}`,
      average: 'An average invoice of this book is late with 27 %.',
      reasons: [
        { text: OTHERS[0], effect: 'odds × 1.41' },
        { text: OTHERS[1], effect: 'odds × 0.71' },
        { text: HISTORY, effect: 'odds × 1.11' },
        { text: OTHERS[2], effect: 'odds × 1.00' },
        { text: OTHERS[3], effect: 'odds × 1.00' },
      ],
    });
  });

  test('the waiting is among the reasons', () => {
    expect(words({ late: 0.6 }).sentence).toBe(`The chance of being late is 60 %. ${DAYS}`);
    // From odds of 1.105 / e to odds of 1.5.
    expect(words({ late: 0.6 }).reasons[0]).toEqual({
      text: 'Still unpaid: the punctual ones of its like begin to have paid by now.',
      effect: 'odds × 3.69',
    });
  });

  test('after the due date: how late, and what adds to the days or takes from them', () => {
    expect(words({ late: 1, asOn: day('2026-03-12') })).toEqual({
      sentence: `Late already, by 2 days. ${DAYS}`,
      average: 'An average invoice of this book is paid 4.0 days after its due date.',
      reasons: [
        { text: HISTORY, effect: '+ 3.5 days' },
        { text: OTHERS[1], effect: '− 1.4 days' },
        { text: OTHERS[0], effect: '+ 0.7 days' },
        { text: OTHERS[3], effect: '+ 0.0 days' },
        { text: OTHERS[2], effect: '+ 0.0 days' },
      ],
    });
    expect(words({ late: 1, asOn: day('2026-03-11') }).sentence).toBe(
      `Late already, by 1 day. ${DAYS}`,
    );
  });

  test('that of a customer without a history says whose figures they are', () => {
    expect(words({}, { maturedCount: 0 }).sentence).toBe(
      `The chance of being late is 50 %. ${DAYS} This customer has no history yet: the figures are those of new customers of this book, of whom 40 % pay their first invoice late.`,
    );
  });

  test('that of one unpaid beyond all experience says it is a guess', () => {
    expect(words({ late: 1, isBeyondExperience: true, asOn: day('2026-09-10') }).sentence).toBe(
      `Late already, by 184 days. ${DAYS} It is unpaid longer than nearly all of its like ever were: the days are little more than a guess.`,
    );
  });

  test('both when both are so', () => {
    expect(
      words({ late: 1, isBeyondExperience: true }, { maturedCount: 0 }).sentence.split('. ').at(-1),
    ).toBe(
      'It is unpaid longer than nearly all of its like ever were: the days are little more than a guess.',
    );
  });
});
